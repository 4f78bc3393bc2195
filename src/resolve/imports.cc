// The imports of the composition.
//
// Three sets of imports stay: those that WASI meets, those that are open, and imports of value
// types that these (or an export) use, because their types must have a name. If an import that a unit
// provides has such a type, the composition imports its types and nothing else of it. Imports of one
// interface and track become one (import_groups.h). An import must be written after the ones whose
// types it uses, so the groups are sorted topologically, with ties by name to keep the bytes
// independent of ids.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "resolve/choose.h"
#include "resolve/component_types.h"
#include "resolve/graph.h"
#include "resolve/import_groups.h"
#include "resolve/passes.h"
#include "resolve/wires.h"

namespace tenon::resolve {

namespace {

using Binding = CompositionImport::Binding;

bool is_met_by_wasi(const Draft& draft, const DraftImport& import) {
  return import.outcome == Outcome::Provided && draft.wasi &&
         import.choice->from.unit == *draft.wasi;
}

bool has_wasi_export(const Draft& draft, const DraftImport& import) {
  const std::span<const UnitExport> all = draft.exports.find_matches(import.names.front());
  return draft.wasi && !all.empty() && all.back().unit == *draft.wasi;
}

// Whether the composition imports it, or can import it: no unit inside provides it.
bool can_be_kept(const Draft& draft, const DraftImport& import) {
  if (import.outcome == Outcome::Provided) return import.choice->from.unit >= draft.linked;
  return import.outcome == Outcome::Open || import.kind == ImportKind::ValueTypes;
}

// The types that an import uses from other imports of its unit. A bare function refers to the
// interface that its types come from, or, if that is not an import of the composition, to root
// types.
std::vector<types::Use> uses_of_import(Draft& draft, UnitImport at) {
  const types::UseIndex& index = draft.uses_of(at.unit);
  std::vector<types::Use> uses = index.uses_of({types::Side::Import, at.index});
  if (!std::holds_alternative<types::FunctionId>(draft.item(at).item)) return uses;
  const types::ComponentType& type = draft.unit(at.unit).type;
  std::set<types::TypeId> mentioned;
  for (const types::TypeId id : types::mentioned_types(draft.inputs.types, draft.item(at).item))
    mentioned.insert(id);
  for (std::uint32_t i = 0; i < at.index; ++i) {
    const types::TypeBound* bound = std::get_if<types::TypeBound>(&type.imports[i].item);
    const types::TypeId* id = bound == nullptr ? nullptr : std::get_if<types::TypeId>(&bound->type);
    if (id == nullptr || !mentioned.contains(*id)) continue;
    const types::UseIndex::Origin* origin = index.find_origin(*id);
    if (origin != nullptr && can_be_kept(draft, draft.import_at({at.unit, origin->item.position})))
      continue;
    uses.push_back({{types::Side::Import, i}, type.imports[i].name, "", *id});
  }
  return uses;
}

// The instance with its value types that are in `kept`, and nothing else. Instances can contain
// instances; evaluation bounds their depth.
types::InstanceId select_types(types::Types& types, types::InstanceId id,
                               const std::set<types::TypeId>& kept) {
  types::Instance selected;
  const std::vector<types::NamedItem> exports = types.instances[id].exports;
  for (const types::NamedItem& part : exports) {
    if (const auto* inner = std::get_if<types::InstanceId>(&part.item)) {
      const types::InstanceId selected_inner = select_types(types, *inner, kept);
      if (!types.instances[selected_inner].exports.empty())
        selected.add_export(part.name, selected_inner);
    }
    const auto* bound = std::get_if<types::TypeBound>(&part.item);
    const auto* type = bound == nullptr ? nullptr : std::get_if<types::TypeId>(&bound->type);
    if (type != nullptr && kept.contains(*type)) selected.add_export(part.name, part.item);
  }
  return types.instances.add(std::move(selected));
}

// Keeps what kept imports use, transitively: imports of value types, and the types of other imports, if
// one of these needs a name.
void add_used_imports(Draft& draft, std::vector<std::uint32_t> kept) {
  std::set<std::uint32_t> named(draft.named_imports.begin(), draft.named_imports.end());
  std::map<std::uint32_t, std::set<types::TypeId>> parts;
  while (!kept.empty()) {
    const UnitImport at = draft.imports[kept.back()].at;
    kept.pop_back();
    const std::vector<types::TypeId> list =
        find_unnamed_types(draft.inputs.types, draft.item(at).item);
    const std::set<types::TypeId> unnamed(list.begin(), list.end());
    std::map<std::uint32_t, std::set<types::TypeId>> provided;  // what it uses of other imports
    for (const types::Use& use : uses_of_import(draft, at)) {
      if (use.from.side != types::Side::Import) continue;
      const std::uint32_t used = draft.first_import[at.unit] + use.from.position;
      const DraftImport& import = draft.imports[used];
      if (import.kind == ImportKind::ValueTypes && named.insert(used).second) kept.push_back(used);
      const types::TypeId* type = std::get_if<types::TypeId>(&use.type);
      if (type != nullptr && !can_be_kept(draft, import)) provided[used].insert(*type);
    }
    const auto is_unnamed = [&](types::TypeId type) { return unnamed.contains(type); };
    for (auto& [position, types] : provided)
      if (std::ranges::any_of(types, is_unnamed)) parts[position].merge(types);
  }
  draft.named_imports.assign(named.begin(), named.end());
  for (const auto& [position, types] : parts) {
    const types::Item& item = draft.item(draft.imports[position].at).item;
    const auto* const instance = std::get_if<types::InstanceId>(&item);
    draft.imports_of_types.emplace(
        position, instance == nullptr
                      ? item
                      : types::Item(select_types(draft.inputs.types, *instance, types)));
  }
}

// An import of the composition cannot use a resource that is made inside: at the point where it is
// written, no instance exists yet.
void check_resources_of_open(Draft& draft, std::uint32_t position, SplitReport& makers) {
  const DraftImport& import = draft.imports[position];
  for (const ResourceId resource :
       types::mentioned_resources(draft.inputs.types, draft.item(import.at).item)) {
    const std::optional<ResourceId> definition = draft.classes->find_definition(resource);
    const std::optional<UnitIndex> maker =
        definition ? draft.find_maker(*definition) : std::nullopt;
    const bool is_of_stub = definition && is_made_by_stub(draft, *definition);
    if (!is_of_stub && (!maker || *maker == draft.wasi)) continue;
    Diagnostic problem = make_diagnostic(Code::ResolveResourceSplit,
                                         "the import `{1}` of `{0}` is open, but it uses the "
                                         "resource `{2}`, which is made inside the "
                                         "composition by {3}",
                                         draft.unit_name(import.at.unit), shown_name(import),
                                         draft.inputs.types.resources[resource].name,
                                         makers.describe_definition(*definition));
    problem.where = where_of(draft, import.at);
    problem.notes.push_back(
        {.text = "an import of the composition cannot use a resource that the composition makes",
         .excerpt = {},
         .related = {}});
    const types::UseIndex::Origin* origin = draft.uses_of(import.at.unit).find_origin(resource);
    const DraftImport& used =
        origin == nullptr ? import : draft.import_at({import.at.unit, origin->item.position});
    problem.hints.push_back(used.at == import.at
                                ? fmt::format("give `{}` a provider", shown_name(import))
                                : fmt::format("leave `{}` open too, or give `{}` a provider",
                                              shown_name(used), shown_name(import)));
    draft.problems.push_back(std::move(problem));
    return;
  }
}

std::string group_name(const Draft& draft, std::uint32_t group) {
  return shown_name(get_naming_member(draft, draft.groups[group]));
}

void check_name_clashes(Draft& draft) {
  std::map<std::string, std::vector<std::uint32_t>> by_key;
  for (std::uint32_t g = 0; g < draft.groups.size(); ++g) {
    if (draft.groups[g].binding == Binding::Trap) continue;
    const DraftImport& naming = get_naming_member(draft, draft.groups[g]);
    by_key[types::uniqueness_key(naming.names.front())].push_back(g);
  }
  for (const auto& [key, groups] : by_key) {
    if (groups.size() < 2) continue;
    std::vector<std::uint32_t> members;
    for (const std::uint32_t g : groups)
      members.insert(members.end(), draft.groups[g].members.begin(), draft.groups[g].members.end());
    std::sort(members.begin(), members.end());
    const DraftImport& first = draft.imports[members.front()];
    Diagnostic problem = make_diagnostic(
        Code::ResolveNameClash,
        "{} imports called `{}` are left open, but the composition can have only one",
        members.size(), shown_name(first));
    problem.where = where_of(draft, first.at);
    for (const std::uint32_t member : members) {
      const DraftImport& import = draft.imports[member];
      problem.notes.push_back(
          {.text = fmt::format("`{}` imports `{}`", draft.unit_name(import.at.unit),
                               shown_name(import)),
           .excerpt = {},
           .related = where_of(draft, import.at)});
    }
    problem.hints.push_back(
        fmt::format("if they are the same, merge them: [[wire]] with import = \"{}\" and open = "
                    "true; otherwise "
                    "rename one",
                    shown_name(first)));
    draft.problems.push_back(std::move(problem));
  }
}

// The group that introduces each class of resources: one of its members is the first import of its
// unit that names the resource.
std::unordered_map<ResourceId, std::uint32_t> find_owners(Draft& draft) {
  std::unordered_map<ResourceId, std::uint32_t> owners;
  for (std::uint32_t g = 0; g < draft.groups.size(); ++g) {
    for (const std::uint32_t member : draft.groups[g].members) {
      const UnitImport at = draft.imports[member].at;
      for (const types::Slot& slot :
           types::resource_slots(draft.inputs.types, draft.item(at).name,
                                 item_in_group(draft, member, draft.groups[g].binding))) {
        const types::UseIndex::Origin* origin = draft.uses_of(at.unit).find_origin(slot.resource);
        if (origin != nullptr && origin->item == types::RootRef{types::Side::Import, at.index})
          owners.emplace(draft.classes->find_class(slot.resource), g);
      }
    }
  }
  return owners;
}

// The groups whose types each group uses, with repeats.
Graph find_used_groups(Draft& draft) {
  const std::unordered_map<ResourceId, std::uint32_t> owners = find_owners(draft);
  Graph used(draft.groups.size());
  for (std::uint32_t g = 0; g < draft.groups.size(); ++g) {
    for (const std::uint32_t member : draft.groups[g].members) {
      const UnitImport at = draft.imports[member].at;
      for (const types::Use& use : uses_of_import(draft, at)) {
        std::uint32_t other = UINT32_MAX;
        if (const ResourceId* resource = std::get_if<ResourceId>(&use.type)) {
          const auto owner = owners.find(draft.classes->find_class(*resource));
          if (owner != owners.end()) other = owner->second;
        } else if (use.from.side == types::Side::Import) {
          other = draft.group_of[draft.first_import[at.unit] + use.from.position];
        }
        if (other != UINT32_MAX && other != g) used[g].push_back(other);
      }
    }
  }
  return used;
}

// written: the groups that can be written.
void report_use_cycle(Draft& draft, const std::vector<std::uint32_t>& written) {
  std::vector<std::string> stuck;
  std::uint32_t first = UINT32_MAX;
  for (std::uint32_t g = 0; g < draft.groups.size(); ++g) {
    if (std::ranges::find(written, g) != written.end()) continue;
    first = std::min(first, draft.groups[g].members.front());
    stuck.push_back(group_name(draft, g));
  }
  std::sort(stuck.begin(), stuck.end());
  Diagnostic problem = make_diagnostic(Code::ResolveMerge,
                                       "the merged imports use each other's types in a cycle: `{}`",
                                       fmt::join(stuck, "`, `"));
  problem.where = where_of(draft, draft.imports[first].at);
  problem.hints.push_back("give one of them a provider");
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void plan_imports(Draft& draft) {
  std::vector<std::uint32_t> wasi;
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < draft.imports.size(); ++i) {
    const DraftImport& import = draft.imports[i];
    if (is_met_by_wasi(draft, import)) wasi.push_back(i);
    if (import.outcome == Outcome::Open) open.push_back(i);
  }
  SplitReport makers(draft);
  for (const std::uint32_t i : open) check_resources_of_open(draft, i, makers);
  std::vector<std::uint32_t> kept = wasi;
  kept.insert(kept.end(), open.begin(), open.end());
  kept.insert(kept.end(), draft.named_imports.begin(), draft.named_imports.end());
  add_used_imports(draft, kept);
  group_imports(draft, wasi, Binding::Wasi);
  group_imports(draft, open, Binding::Open);
  std::vector<std::uint32_t> values;
  std::vector<std::uint32_t> values_of_wasi;
  for (const std::uint32_t i : draft.named_imports) {
    const DraftImport& import = draft.imports[i];
    // A failed one was reported: the unit that its wire names has other types.
    if (import.outcome != Outcome::Failed)
      (has_wasi_export(draft, import) ? values_of_wasi : values).push_back(i);
  }
  group_imports(draft, values_of_wasi, Binding::Wasi);
  group_imports(draft, values, Binding::Open);
  std::vector<std::uint32_t> types_alone;
  for (const auto& [position, item] : draft.imports_of_types) {
    draft.group_of[position] = UINT32_MAX;  // of a stub
    types_alone.push_back(position);
  }
  group_imports(draft, types_alone, Binding::Open);
  check_name_clashes(draft);
  note_unmerged(draft);
}

std::vector<std::uint32_t> order_groups(Draft& draft) {
  const Graph used = find_used_groups(draft);
  // Nodes are groups by name, because order_nodes breaks ties by number.
  std::vector<std::pair<std::string, std::uint32_t>> nodes;
  for (std::uint32_t g = 0; g < used.size(); ++g) nodes.emplace_back(group_name(draft, g), g);
  std::ranges::sort(nodes);
  std::vector<std::uint32_t> node_of(used.size());
  for (std::uint32_t node = 0; node < nodes.size(); ++node) node_of[nodes[node].second] = node;
  Graph graph(used.size());
  for (std::uint32_t g = 0; g < used.size(); ++g)
    for (const std::uint32_t other : used[g]) graph[node_of[g]].push_back(node_of[other]);
  sort_edges(graph);
  std::vector<std::uint32_t> order;
  for (const std::uint32_t node : order_nodes(graph)) order.push_back(nodes[node].second);
  if (order.size() != used.size()) report_use_cycle(draft, order);
  return order;
}

std::vector<CompositionImport> make_imports(Draft& draft, const std::vector<std::uint32_t>& order) {
  UnionTypes types(draft.inputs.types,
                   [&](ResourceId resource) { return draft.classes->find_class(resource); });
  std::vector<CompositionImport> imports;
  for (const std::uint32_t g : order) {
    ImportGroup& group = draft.groups[g];
    const DraftImport& naming = get_naming_member(draft, group);
    CompositionImport import;
    import.name = shown_name(naming);
    std::vector<types::Item> items;
    for (const std::uint32_t member : group.members)
      items.push_back(item_in_group(draft, member, group.binding));
    import.item = types.unite(items);
    import.implements = draft.item(naming.at).implements;
    import.binding = group.binding;
    std::sort(group.members.begin(), group.members.end());
    for (const std::uint32_t member : group.members) {
      const DraftImport& importer = draft.imports[member];
      if (group.binding == Binding::Trap || !draft.imports_of_types.contains(member))
        import.importers.push_back(importer.at);
      if (importer.wire != nullptr && importer.wire->target == Wire::Target::Trap &&
          !importer.is_optional)
        import.trap_wires.push_back(
            {draft.unit_name(importer.at.unit), print_wire(*importer.wire)});
    }
    imports.push_back(std::move(import));
  }
  return imports;
}

}  // namespace tenon::resolve
