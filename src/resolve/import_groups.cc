// How imports are merged.
//
// Imports are sorted by version, newest first, and each joins the first group of its name and track
// whose types agree with its own, so a group is named by its first member. Agreement is checked name
// by name against the union of the members so far: a name that only one side has does not conflict. An
// import that agrees with no group starts one, and the first difference is kept for the note about
// it. Resources in the same place of two members are tied, since one import has one resource. Stubs
// have no name outside of the composition, so those that cannot be one stay apart without a word.
#include "resolve/import_groups.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/candidates.h"
#include "types/difference.h"

namespace tenon::resolve {

namespace {

using Binding = CompositionImport::Binding;

// Orders imports: those with an interface first, then the newest version, then by unit and position.
bool is_named_before(const Draft& draft, std::uint32_t a, std::uint32_t b) {
  const types::ItemName* const interface_a = interface_of(draft.imports[a].names);
  const types::ItemName* const interface_b = interface_of(draft.imports[b].names);
  if (interface_a == nullptr || interface_b == nullptr)
    return (interface_a != nullptr) != (interface_b != nullptr) ? interface_a != nullptr : a < b;
  const std::optional<Version>& version_a = interface_a->version;
  const std::optional<Version>& version_b = interface_b->version;
  if (version_a && version_b) {
    const std::strong_ordering order = compare_versions(*version_a, *version_b);
    if (order != 0) return order > 0;
  }
  return a < b;
}

// Imports with equal keys can become one. A stub only joins stubs. Plain names mean nothing outside
// of their unit, so they are merged only if one wire covers both; value types have no such meaning to
// confuse and are merged if they are equal, also when they are all that is kept of an import.
std::string group_key(const Draft& draft, std::uint32_t position, Binding binding) {
  const DraftImport& import = draft.imports[position];
  const types::ItemName& name = import.names.front();
  std::string key = track_key(name);
  if (binding == Binding::Trap) key += import.is_optional ? " optional" : " trap";
  const bool is_value_types =
      import.kind == ImportKind::ValueTypes ||
      (binding == Binding::Open && draft.imports_of_types.contains(position));
  if (name.kind == types::NameKind::Interface || is_value_types) return key;
  const Wire* wire = import.leader ? draft.imports[*import.leader].wire : import.wire;
  // All open imports were meant to be imports of the composition, by their names.
  if (draft.inputs.policy.unresolved == Policy::Unresolved::Outside) return key;
  if (wire == nullptr) return key + fmt::format(" of {}", import.at.unit);
  return key + fmt::format(" by {}", wire - draft.inputs.policy.wires.data());
}

// The items that an import asks for: the exports of its instance, or itself under the empty name.
std::vector<types::NamedItem> parts_of(const Draft& draft, std::uint32_t position,
                                       Binding binding) {
  const types::Item& item = item_in_group(draft, position, binding);
  if (const types::InstanceId* id = std::get_if<types::InstanceId>(&item))
    return draft.inputs.types.instances[*id].exports;
  return {{"", item}};
}

// The result of comparing an import with a group.
struct GroupFit {
  std::vector<Tie> ties;
  std::optional<ImportGroup::Mismatch> mismatch;
};

// Compares the items of an import with those of the same name in a group.
GroupFit compare_with_group(Draft& draft, std::uint32_t position, const ImportGroup& group) {
  GroupFit group_fit;
  const types::Item& item = item_in_group(draft, position, group.binding);
  const types::Item& first = item_in_group(draft, group.members.front(), group.binding);
  if (item.index() != first.index()) {
    types::Verdict verdict = draft.relation.compare(item, first);
    group_fit.mismatch = {position, group.members.front(), std::move(verdict.differences.front())};
    return group_fit;
  }
  for (const types::NamedItem& part : parts_of(draft, position, group.binding)) {
    const auto same = group.parts.find(part.name);
    if (same == group.parts.end()) continue;
    types::Verdict verdict = draft.relation.compare(part.item, same->second.item);
    // Either of two nested instances can ask for less than the other.
    if (!verdict.fits() && std::holds_alternative<types::InstanceId>(part.item)) {
      types::Verdict reversed = draft.relation.compare(same->second.item, part.item);
      if (reversed.fits()) verdict = std::move(reversed);
    }
    if (!verdict.fits()) {
      types::Difference difference = std::move(verdict.differences.front());
      if (!part.name.empty()) difference.item_path.insert(difference.item_path.begin(), part.name);
      group_fit.mismatch = {position, same->second.import, std::move(difference)};
      return group_fit;
    }
    group_fit.ties.insert(group_fit.ties.end(), verdict.ties.begin(), verdict.ties.end());
  }
  return group_fit;
}

Diagnostic make_merge_problem(const Draft& draft, std::uint32_t a, std::uint32_t b,
                              const std::string& why) {
  const DraftImport& first = draft.imports[a];
  const DraftImport& second = draft.imports[b];
  Diagnostic problem =
      make_diagnostic(Code::ResolveMerge,
                      "`{}` imports `{}`, `{}` imports `{}`, and one import cannot meet both: {}",
                      draft.unit_name(first.at.unit), shown_name(first),
                      draft.unit_name(second.at.unit), shown_name(second), why);
  problem.where = where_of(draft, first.at);
  problem.notes.push_back(
      {.text = fmt::format("`{}` imports it here", draft.unit_name(second.at.unit)),
       .excerpt = {},
       .related = where_of(draft, second.at)});
  problem.hints.push_back(fmt::format("give one of `{}` and `{}` a provider",
                                      draft.unit_name(first.at.unit),
                                      draft.unit_name(second.at.unit)));
  return problem;
}

void report_mismatch(Draft& draft, const ImportGroup::Mismatch& mismatch) {
  const std::string path = mismatch.difference.path();
  Diagnostic problem = make_merge_problem(
      draft, mismatch.import, mismatch.other,
      path.empty() ? "their types differ" : fmt::format("their types differ at `{}`", path));
  problem.excerpt = types::show_difference(
      draft.inputs.types, mismatch.difference,
      fmt::format("{} expects", draft.unit_name(draft.imports[mismatch.import].at.unit)),
      fmt::format("{} expects", draft.unit_name(draft.imports[mismatch.other].at.unit)));
  draft.problems.push_back(std::move(problem));
}

std::string name_of_resource(const Draft& draft, ResourceId id) {
  const std::string& name = draft.inputs.types.resources[id].name;
  return name.empty() ? std::string("a resource") : fmt::format("`{}`", name);
}

// Whether it was reported that both must be one resource: other problems only follow from that.
bool is_reported(const Draft& draft, const SplitPair& split) {
  return draft.split_definitions.contains(split.first) &&
         draft.split_definitions.contains(split.second);
}

void join(Draft& draft, std::uint32_t position, std::uint32_t group_index,
          const GroupFit& group_fit) {
  ImportGroup& group = draft.groups[group_index];
  const std::uint32_t first = group.members.front();
  group.members.push_back(position);
  draft.group_of[position] = group_index;
  for (const types::NamedItem& part : parts_of(draft, position, group.binding))
    group.parts.emplace(part.name, ImportGroup::Part{part.item, position});
  for (const Tie& tie : group_fit.ties) {
    const TieCause cause{TieCause::Kind::Merge, position};
    if (const std::optional<SplitPair> split = draft.classes->tie(tie, cause)) {
      if (is_reported(draft, *split)) continue;
      draft.problems.push_back(
          make_merge_problem(draft, position, first,
                             fmt::format("{} is a different resource in each",
                                         name_of_resource(draft, tie.expected))));
      return;
    }
  }
}

void start_group(Draft& draft, const std::string& key, std::uint32_t position, Binding binding,
                 std::optional<ImportGroup::Mismatch> mismatch) {
  const std::uint32_t index = static_cast<std::uint32_t>(draft.groups.size());
  draft.groups_by_key[key].push_back(index);
  ImportGroup group;
  group.members = {position};
  group.binding = binding;
  group.mismatch = std::move(mismatch);
  for (const types::NamedItem& part : parts_of(draft, position, group.binding))
    group.parts.emplace(part.name, ImportGroup::Part{part.item, position});
  draft.groups.push_back(std::move(group));
  draft.group_of[position] = index;
}

// Whether a stub can join others by these ties. It must not get a resource of a unit or an open
// import, and depend on it, only by joining them.
bool can_join_stub(const Draft& draft, const std::vector<Tie>& ties) {
  if (draft.classes->find_split(ties)) return false;
  return std::ranges::all_of(ties, [&](const Tie& tie) {
    const std::optional<ResourceId> one = draft.classes->find_definition(tie.expected);
    const std::optional<ResourceId> other = draft.classes->find_definition(tie.actual);
    return one == other || is_made_by_stub(draft, one ? *one : *other);
  });
}

void add_to_group(Draft& draft, std::uint32_t position, Binding binding) {
  const std::string key = group_key(draft, position, binding);
  const bool is_stub = binding == Binding::Trap;
  std::optional<ImportGroup::Mismatch> mismatch;
  for (const std::uint32_t index : draft.groups_by_key[key]) {
    const DraftImport& first = draft.imports[draft.groups[index].members.front()];
    if (have_other_interfaces(draft.imports[position].names, first.names)) {
      if (is_stub) continue;
      draft.problems.push_back(make_merge_problem(draft, position,
                                                  draft.groups[index].members.front(),
                                                  "they implement different interfaces"));
      draft.group_of[position] = index;  // reported once
      return;
    }
    GroupFit group_fit = compare_with_group(draft, position, draft.groups[index]);
    if (is_stub && !can_join_stub(draft, group_fit.ties)) continue;
    if (!group_fit.mismatch) {
      // If WASI meets one member, it meets the import, and so all members.
      if (binding == Binding::Wasi) draft.groups[index].binding = binding;
      join(draft, position, index, group_fit);
      return;
    }
    const DraftImport& naming = get_naming_member(draft, draft.groups[index]);
    if (!is_stub && shown_name(naming) == shown_name(draft.imports[position])) {
      report_mismatch(draft, *group_fit.mismatch);
      draft.group_of[position] = index;  // reported once
      return;
    }
    mismatch = std::move(group_fit.mismatch);
  }
  start_group(draft, key, position, binding, std::move(mismatch));
}

// Whether no other import of the unit has introduced a resource of this one.
bool introduces(Draft& draft, UnitImport at, ResourceId resource) {
  const types::UseIndex::Origin* origin = draft.uses_of(at.unit).find_origin(resource);
  return origin == nullptr || origin->item == types::RootRef{types::Side::Import, at.index};
}

// Ties an open import to the resources of WASI if WASI has the interface, so that it shares them
// with imports that WASI meets. Returns false if WASI does not have it.
bool tie_to_wasi(Draft& draft, std::uint32_t position) {
  const DraftImport& import = draft.imports[position];
  if (!draft.wasi) return false;
  for (const types::ItemName& name : import.names) {
    for (const UnitExport from : draft.exports.find_matches(name)) {
      if (from.unit != *draft.wasi) continue;
      const Fit fit = check_fit(draft, import, from);
      if (fit.fitness != Fitness::Fits) continue;
      for (const Tie& tie : fit.ties)
        if (draft.classes->tie(tie, {TieCause::Kind::Merge, position})) return false;
      return true;
    }
  }
  return false;
}

}  // namespace

const types::Item& item_in_group(const Draft& draft, std::uint32_t position, Binding binding) {
  const auto types = draft.imports_of_types.find(position);
  return types == draft.imports_of_types.end() || binding == Binding::Trap
             ? draft.item(draft.imports[position].at).item
             : types->second;
}

const DraftImport& get_naming_member(const Draft& draft, const ImportGroup& group) {
  return draft.imports[*std::min_element(
      group.members.begin(), group.members.end(),
      [&](std::uint32_t a, std::uint32_t b) { return is_named_before(draft, a, b); })];
}

void group_imports(Draft& draft, std::vector<std::uint32_t> imports, Binding binding) {
  std::sort(imports.begin(), imports.end(),
            [&](std::uint32_t a, std::uint32_t b) { return is_named_before(draft, a, b); });
  for (const std::uint32_t position : imports)
    if (draft.group_of[position] == UINT32_MAX) add_to_group(draft, position, binding);
}

void define_open_resources(Draft& draft, const std::vector<std::uint32_t>& imports) {
  for (const std::uint32_t position : imports) {
    const DraftImport& import = draft.imports[position];
    const std::uint32_t group = draft.group_of[position];
    if (group == UINT32_MAX) continue;
    const types::RootItem& item = draft.item(import.at);
    for (const types::Slot& slot :
         types::resource_slots(draft.inputs.types, item.name, item.item)) {
      if (!introduces(draft, import.at, slot.resource)) continue;
      const std::optional<ResourceId> other = draft.classes->define(slot.resource);
      if (!other) {
        draft.open_definitions.emplace(slot.resource, group);
        continue;
      }
      const auto known = draft.open_definitions.find(*other);
      if (known == draft.open_definitions.end() || known->second == group) continue;
      const std::optional<ImportGroup::Mismatch>& mismatch = draft.groups[group].mismatch;
      if (mismatch) {
        report_mismatch(draft, *mismatch);
      } else {
        draft.problems.push_back(
            make_merge_problem(draft, position, draft.groups[known->second].members.front(),
                               fmt::format("{} of both must be one resource",
                                           name_of_resource(draft, slot.resource))));
      }
    }
  }
}

void group_open_imports(Draft& draft) {
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < draft.imports.size(); ++i)
    if (draft.imports[i].outcome == Outcome::Open) open.push_back(i);
  group_imports(draft, open, Binding::Open);
  std::erase_if(open, [&](std::uint32_t position) { return tie_to_wasi(draft, position); });
  define_open_resources(draft, open);
}

void group_stubs(Draft& draft, StubResources defined) {
  std::vector<std::uint32_t> stubs;
  for (std::uint32_t i = 0; i < draft.imports.size(); ++i)
    if (draft.imports[i].outcome == Outcome::Trap) stubs.push_back(i);
  group_imports(draft, stubs, Binding::Trap);
  for (const std::uint32_t position : stubs) {
    const UnitImport at = draft.imports[position].at;
    const types::RootItem& item = draft.item(at);
    for (const types::Slot& slot :
         types::resource_slots(draft.inputs.types, item.name, item.item)) {
      if (defined == StubResources::Introduced && !introduces(draft, at, slot.resource)) continue;
      if (!draft.classes->define(slot.resource))
        draft.open_definitions.emplace(slot.resource, draft.group_of[position]);
    }
  }
}

bool is_made_by_stub(const Draft& draft, ResourceId definition) {
  const auto introduced = draft.open_definitions.find(definition);
  return introduced != draft.open_definitions.end() &&
         draft.groups[introduced->second].binding == Binding::Trap;
}

void note_unmerged(Draft& draft) {
  for (const ImportGroup& group : draft.groups) {
    if (!group.mismatch || group.binding == Binding::Trap) continue;
    const DraftImport& import = draft.imports[group.mismatch->import];
    const DraftImport& other = draft.imports[group.mismatch->other];
    Diagnostic note = make_diagnostic(
        Code::NoteUnmergedVersions,
        "`{}` of `{}` and `{}` of `{}` stay two imports: their types differ at `{}`",
        shown_name(other), draft.unit_name(other.at.unit), shown_name(import),
        draft.unit_name(import.at.unit), group.mismatch->difference.path());
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
  }
}

}  // namespace tenon::resolve
