// The root of the composition, and its exports.
//
// An export takes along the interfaces whose types it uses, each from the unit that makes them, and
// all of them must be written before it. So the exports form a graph over all units, and they are
// written in depth-first order: what an export uses first, then the export. The stack is explicit,
// because uses can lead from unit to unit as deep as the input goes. If nothing exports a type that
// is used, the interface becomes an import of the composition, which only gives the type a name.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "resolve/candidates.h"
#include "resolve/choose.h"
#include "resolve/hints.h"
#include "resolve/import_groups.h"
#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "support/check.h"
#include "support/names.h"

namespace tenon::resolve {

namespace {

bool can_be_root(const Unit& unit) { return !unit.is_running && runs_in_domain(unit.kind); }

void take_named_root(Draft& draft) {
  const std::string& name = *draft.inputs.policy.root;
  const std::optional<UnitIndex> unit = draft.find_unit(name);
  if (unit && can_be_root(draft.unit(*unit))) {
    draft.root = unit;
    return;
  }
  Diagnostic problem =
      make_diagnostic(Code::ResolveRoot, "`{}` cannot be the root: {}", name,
                      !unit ? "there is no unit of this name"
                      : draft.unit(*unit).is_running
                          ? "it runs in another composition, which exports it"
                          : "only a component, a composition or a package can be the root");
  problem.where = draft.inputs.policy.root_where;
  std::vector<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (can_be_root(draft.unit(u))) names.push_back(draft.unit_name(u));
  problem.hints.push_back(suggest_name(name, std::move(names), "units"));
  draft.problems.push_back(std::move(problem));
}

std::string print_request(const ExportRequest& request) {
  return fmt::format("{}:{}{}", request.unit, request.item,
                     request.as ? "=" + *request.as : std::string());
}

void fail(Draft& draft, Code code, const ExportRequest& request, const std::string& why,
          const std::string& hint) {
  Diagnostic problem =
      make_diagnostic(code, "the export `{}` cannot be made: {}", print_request(request), why);
  problem.where = request.where;
  problem.hints.push_back(hint);
  draft.problems.push_back(std::move(problem));
}

// The unit of a requested export; absent, with a problem, if it cannot have one.
std::optional<UnitIndex> find_exporter(Draft& draft, const ExportRequest& request) {
  const std::optional<UnitIndex> unit = draft.find_unit(request.unit);
  if (unit && draft.is_inside(*unit)) return unit;
  std::vector<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (draft.is_inside(u)) names.push_back(draft.unit_name(u));
  fail(draft, Code::ResolveExportMissing, request,
       unit ? fmt::format("`{}` does not run in a domain", request.unit)
            : fmt::format("there is no unit `{}`", request.unit),
       suggest_name(request.unit, std::move(names), "units"));
  return std::nullopt;
}

// Whether the program or clients of HTTP can call the exports of a unit, root or not.
bool is_callable(const Draft& draft, UnitIndex index) {
  const Unit& unit = draft.unit(index);
  return unit.is_reachable || unit.is_isolated || has_packr_types(unit.kind) ||
         std::ranges::find(draft.handlers, index, &UnitExport::unit) != draft.handlers.end();
}

}  // namespace

void check_named_units(Draft& draft) {
  if (draft.inputs.policy.root) take_named_root(draft);
  for (const ExportRequest& request : draft.inputs.policy.exports)
    (void)find_exporter(draft, request);
}

void find_root(Draft& draft) {
  if (draft.inputs.policy.root) return;
  std::vector<bool> is_imported(draft.inputs.units.size());
  // A failed import, a broken wire, a cycle or a route without a handler must be fixed first. The root can be
  // clear then, so an error about it would only distract.
  bool is_unclear =
      std::any_of(draft.problems.begin(), draft.problems.end(), [](const auto& problem) {
        return problem.code.starts_with("resolve-wire") || problem.code == "resolve-chain" ||
               problem.code == "resolve-cycle" || problem.code == code_text(Code::HttpHandler);
      });
  for (const DraftImport& import : draft.imports) {
    is_unclear |= import.outcome == Outcome::Failed;
    if (import.outcome == Outcome::Provided) is_imported[import.choice->from.unit] = true;
  }
  for (const UnitIndex unit : draft.agreeing_units) is_imported[unit] = true;
  std::vector<std::string> choices;
  std::vector<std::string> all;
  std::optional<UnitIndex> only;
  bool are_all_callable = true;
  bool are_choices_callable = true;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    if (!can_be_root(draft.unit(u))) continue;
    all.push_back(draft.unit_name(u));
    are_all_callable &= is_callable(draft, u);
    if (is_imported[u]) continue;
    are_choices_callable &= is_callable(draft, u);
    only = u;
    choices.push_back(draft.unit_name(u));
  }
  if (choices.size() == 1) {
    draft.root = only;
    return;
  }
  if (is_unclear || draft.inputs.policy.export_mode == Policy::Exports::All) return;
  // The program calls each of them by its name.
  if (choices.empty() ? are_all_callable && !all.empty() : are_choices_callable) return;
  Diagnostic problem =
      choices.empty()
          ? make_diagnostic(Code::ResolveRoot, "the composition has no root: {}",
                            all.empty() ? "no unit is a component, a composition or a package"
                                        : "every unit is imported from")
          : make_diagnostic(Code::ResolveRoot,
                            "the composition has no single root: no unit imports from `{}`",
                            fmt::join(choices, "`, `"));
  for (const std::string& name : choices) problem.hints.push_back(hint_at_root(name));
  if (choices.empty())
    problem.hints.push_back(all.empty() ? Hint("add a component") : hint_at_root(all.front()));
  draft.problems.push_back(std::move(problem));
}

namespace {

// The reason why the composition exports an item.
enum class ExportReason : std::uint8_t {
  Requested,  // the root exports it, or the policy names it
  All,        // `--export-all`: it can be passed over if its name clashes
  Implied,    // another export uses its types
};

struct RequestedExport {
  std::string name;
  UnitExport from;
  ExportReason reason = ExportReason::Requested;
  Location where;
};

bool is_instance(const Draft& draft, UnitExport from) {
  return std::holds_alternative<types::InstanceId>(draft.item(from).item);
}

// The reason why an item cannot be exported under a name. Empty: it can.
std::string check_new_name(const Draft& draft, UnitExport from, const std::string& as) {
  const Result<types::ItemName> name = types::parse_item_name(as);
  if (!name) return fmt::format("`{}` is not a valid export name", as);
  switch (name->kind) {
    case types::NameKind::Label:
      return {};
    case types::NameKind::Interface:
      return is_instance(draft, from)
                 ? std::string()
                 : fmt::format("`{}` names an interface, but the item is not an instance", as);
    case types::NameKind::Constructor:
    case types::NameKind::Method:
    case types::NameKind::Static:
    case types::NameKind::NestedName:
    case types::NameKind::Dependency:
    case types::NameKind::Url:
    case types::NameKind::Integrity:
      return fmt::format("`{}` is neither a plain name nor an interface name", as);
  }
  return {};
}

void note_unsupported(Draft& draft, UnitExport from) {
  Diagnostic note = make_diagnostic(
      Code::NoteExportPassedOver,
      "the composition does not export `{}` of `{}`: tenon does not link {}", draft.item(from).name,
      draft.unit_name(from.unit), describe_unsupported(draft.unit(from.unit), draft.item(from)));
  note.where = where_of(draft, from);
  draft.notes.push_back(std::move(note));
}

void add_request(Draft& draft, const ExportRequest& request,
                 std::vector<RequestedExport>& requested) {
  const std::optional<UnitIndex> unit = draft.find_unit(request.unit);
  TENON_CHECK(unit);  // check_named_units
  std::vector<std::string> names;
  const Result<NamePattern, VersionError> pattern = parse_name_pattern(request.item);
  std::optional<std::string> as = request.as;
  if (as) as = types::strip_escapes(*as);
  for (const ItemNames& exported : draft.export_names[*unit])
    for (const types::ItemName& name : exported) names.push_back(unversioned_name(name));
  const std::vector<UnitExport> matches =
      pattern ? find_named_exports(draft, *unit, *pattern) : std::vector<UnitExport>();
  const types::RootItem* const unsupported = find_unsupported(draft, *unit, request.item);
  if (matches.empty() && unsupported != nullptr && request.is_one_of_all) {
    const types::RootItem* const first = draft.unit(*unit).type.exports.data();
    return note_unsupported(draft, {*unit, static_cast<std::uint32_t>(unsupported - first)});
  }
  if (matches.empty() && unsupported != nullptr)
    return fail(draft, Code::ResolveUnsupportedItem, request,
                fmt::format("tenon does not link {}",
                            describe_unsupported(draft.unit(*unit), *unsupported)),
                "remove the export");
  if (matches.empty())
    return fail(
        draft, Code::ResolveExportMissing, request,
        fmt::format("`{}` has no export `{}`", request.unit, request.item),
        suggest_name(request.item, std::move(names), fmt::format("exports of `{}`", request.unit)));
  if (request.as && matches.size() > 1)
    return fail(draft, Code::ResolveExportMissing, request,
                fmt::format("`{}` matches {} exports, but there is only one new name", request.item,
                            matches.size()),
                fmt::format("name one of them, such as `{}`", shown_name(draft, matches.front())));
  for (const UnitExport from : matches) {
    const std::string filter = draft.visibility.find_filter(from);
    if (!filter.empty())
      return fail(draft, Code::ResolveHidden, request,
                  fmt::format("`{}` hides `{}`", filter, shown_name(draft, from)),
                  "remove the filter or the export");
    const std::string why = as ? check_new_name(draft, from, *as) : std::string();
    if (!why.empty())
      return fail(draft, Code::ResolveExportMissing, request, why,
                  "give it a plain name, such as `tax-lib`");
    requested.push_back({.name = as.value_or(shown_name(draft, from)),
                         .from = from,
                         .reason = ExportReason::Requested,
                         .where = request.where});
  }
}

std::string key_of(const std::string& name) {
  const Result<types::ItemName> parsed = types::parse_item_name(name);
  return parsed ? types::uniqueness_key(*parsed) : name;
}

void note_export_passed_over(Draft& draft, const RequestedExport& requested, UnitIndex other) {
  Diagnostic note = make_diagnostic(
      Code::NoteExportPassedOver, "`{}` of `{}` is not exported: `{}` exports the same name",
      requested.name, draft.unit_name(requested.from.unit), draft.unit_name(other));
  note.where = where_of(draft, requested.from);
  draft.notes.push_back(std::move(note));
}

// Removes the exports that have the name of a listed one, which the policy names explicitly. If
// another export uses the types of a removed one, ExportPlan adds it again, and reports the clash.
void give_way_to_listed(Draft& draft, const std::vector<RequestedExport>& listed,
                        std::vector<RequestedExport>& requested) {
  std::set<UnitExport> is_listed;
  std::map<std::string, UnitIndex> units;
  for (const RequestedExport& request : listed) {
    is_listed.insert(request.from);
    units.emplace(key_of(request.name), request.from.unit);
  }
  std::erase_if(requested, [&](const RequestedExport& request) {
    const auto unit = units.find(key_of(request.name));
    if (unit == units.end() || is_listed.contains(request.from)) return false;
    note_export_passed_over(draft, request, unit->second);
    return true;
  });
}

// Adds every visible export of a unit, except those in `passed_over`.
void add_unit(Draft& draft, UnitIndex unit, const std::set<UnitExport>& passed_over,
              ExportReason reason, std::vector<RequestedExport>& requested) {
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    const UnitExport from{unit, e};
    if (passed_over.contains(from)) continue;
    if (draft.export_names[unit][e].empty()) {
      note_unsupported(draft, from);
      continue;
    }
    if (!draft.visibility.find_filter(from).empty()) continue;
    requested.push_back({.name = shown_name(draft, from),
                         .from = from,
                         .reason = reason,
                         .where = where_of(draft, from)});
  }
}

// The exports that the root has, that the policy names and that `--export-all` adds, in this order.
// A line of the policy for an export of the root replaces it, so that it can rename it. With
// `--export-all`, the exports that the policy names win over all others of their names.
std::vector<RequestedExport> collect_requested_exports(Draft& draft) {
  std::vector<RequestedExport> listed;
  for (const ExportRequest& request : draft.inputs.policy.exports)
    add_request(draft, request, listed);
  const std::vector<RequestedExport> all_listed = listed;
  std::set<UnitExport> taken;
  for (const RequestedExport& request : listed) taken.insert(request.from);

  std::vector<RequestedExport> requested;
  if (draft.root && draft.inputs.policy.export_mode != Policy::Exports::Listed) {
    add_unit(draft, *draft.root, {}, ExportReason::Requested, requested);
    for (RequestedExport& own : requested) {
      const auto request =
          std::find_if(listed.begin(), listed.end(),
                       [&](const RequestedExport& other) { return other.from == own.from; });
      if (request == listed.end()) continue;
      own = *request;
      listed.erase(request);
    }
    for (const RequestedExport& own : requested) taken.insert(own.from);
  }
  requested.insert(requested.end(), listed.begin(), listed.end());
  if (draft.inputs.policy.export_mode == Policy::Exports::All) {
    for (const DraftImport& import : draft.imports)
      if (import.outcome == Outcome::Provided) taken.insert(import.choice->from);
    for (UnitIndex u = 0; u < draft.linked; ++u)
      if (u != draft.root && draft.is_inside(u))
        add_unit(draft, u, taken, ExportReason::All, requested);
    give_way_to_listed(draft, all_listed, requested);
  }
  return requested;
}

// A function of each root resource that is exported with functions, by unit and name of the resource.
using ResourceFunctions = std::map<std::pair<UnitIndex, std::string>, std::string>;

ResourceFunctions find_resource_functions(const Draft& draft,
                                          const std::vector<RequestedExport>& requested) {
  ResourceFunctions functions;
  for (const RequestedExport& item : requested) {
    const types::ItemName& name = draft.export_names[item.from.unit][item.from.index].front();
    if (name.is_resource_function())
      functions.emplace(std::pair(item.from.unit, name.resource), item.name);
  }
  return functions;
}

// The names of functions of a root resource contain its name, so it must keep it beside them.
void check_renamed_resources(Draft& draft, const std::vector<RequestedExport>& requested,
                             const ResourceFunctions& functions) {
  for (const RequestedExport& item : requested) {
    const std::string own_name = shown_name(draft, item.from);
    const auto function = functions.find({item.from.unit, own_name});
    if (item.name == own_name || function == functions.end()) continue;
    const std::string& unit = draft.unit_name(item.from.unit);
    Diagnostic problem = make_diagnostic(
        Code::ResolveExportMissing,
        "`{}` of `{}` cannot be exported as `{}`: the name of its function `{}`, which is exported "
        "too, must contain the name of the resource",
        own_name, unit, item.name, function->second);
    problem.where = item.where;
    problem.hints.push_back(hint_at_export("let it keep its name", unit, own_name));
    draft.problems.push_back(std::move(problem));
  }
}

class ExportPlan final {
 public:
  explicit ExportPlan(Draft& draft) : draft_(draft) {}

  void run() {
    const std::vector<RequestedExport> requested = collect_requested_exports(draft_);
    functions_ = find_resource_functions(draft_, requested);
    check_renamed_resources(draft_, requested, functions_);
    for (const RequestedExport& item : requested) requested_.emplace(item.from, item);
    for (const RequestedExport& item : requested) write_with_uses(item);
  }

 private:
  struct UsedExport {
    UnitExport from;
    // Whether the export that uses it also exports every type that it takes from it.
    bool is_named_here = true;
  };
  struct PendingExport {
    RequestedExport item;
    std::vector<UsedExport> uses;
    std::size_t next = 0;
  };

  // Writes an export after everything that it uses.
  void write_with_uses(const RequestedExport& requested) {
    std::vector<PendingExport> stack;
    push(stack, requested);
    while (!stack.empty()) {
      PendingExport& pending = stack.back();
      if (pending.next < pending.uses.size()) {
        const UsedExport used = pending.uses[pending.next++];
        if (!used.is_named_here) require_written(used.from, pending.item.where);
        if (states_[used.from] != State::New) continue;
        const auto known = requested_.find(used.from);
        push(stack,
             known != requested_.end() ? known->second : imply(used.from, pending.item.where));
        continue;
      }
      write(pending.item);
      states_[pending.item.from] = State::Written;
      stack.pop_back();
    }
  }

  RequestedExport imply(UnitExport from, const Location& where) const {
    return {.name = shown_name(draft_, from),
            .from = from,
            .reason = ExportReason::Implied,
            .where = where};
  }

  void push(std::vector<PendingExport>& stack, RequestedExport item) {
    states_[item.from] = State::Begun;
    std::vector<UsedExport> uses = find_uses(item.from);
    stack.push_back({std::move(item), std::move(uses), 0});
  }

  // The exports, of any unit, whose types an export uses.
  std::vector<UsedExport> find_uses(UnitExport from) {
    std::vector<UsedExport> uses;
    for (const types::Use& use :
         draft_.uses_of(from.unit).uses_of({types::Side::Export, from.index})) {
      if (use.from.side == types::Side::Import && names_passed(from, use)) continue;
      const std::optional<UnitExport> used = find_used(from.unit, use);
      if (!used) continue;
      auto known = std::ranges::find(uses, *used, &UsedExport::from);
      if (known == uses.end()) known = uses.insert(uses.end(), UsedExport{*used});
      known->is_named_here &= !use.name.empty();
    }
    return uses;
  }

  // If an export uses a type without exporting it, the composition must export the interface that names
  // the type, so that this cannot be passed over.
  void require_written(UnitExport used, const Location& where) {
    const auto skipped = passed_over_.find(used);
    if (skipped == passed_over_.end()) return;
    report_clash(imply(used, where), draft_.composition_exports[skipped->second]);
    passed_over_.erase(skipped);
  }

  std::optional<UnitExport> find_used(UnitIndex unit, const types::Use& use) {
    if (use.from.side == types::Side::Export) return UnitExport{unit, use.from.position};
    if (const std::optional<UnitExport> own = find_passing_export(unit, use)) return own;
    if (const ResourceId* resource = std::get_if<ResourceId>(&use.type))
      return find_maker(*resource);
    DraftImport& import = draft_.import_at({unit, use.from.position});
    switch (import.outcome) {
      case Outcome::Provided:
        if (draft_.is_inside(import.choice->from.unit)) return follow_passing(import.choice->from);
        return std::nullopt;
      case Outcome::Types:
        import.named_by = find_exporter_of_types(import);
        return import.named_by;
      case Outcome::Undecided:
      case Outcome::Open:
      case Outcome::Trap:
      case Outcome::Failed:
        return std::nullopt;
    }
    return std::nullopt;
  }

  // The requested export of the unit that passes the import on from which a type is taken, and so names
  // the type. The export of the provider would have the same name.
  std::optional<UnitExport> find_passing_export(UnitIndex unit, const types::Use& use) const {
    for (auto known = requested_.lower_bound({unit, 0});
         known != requested_.end() && known->first.unit == unit; ++known)
      if (names_passed(known->first, use)) return known->first;
    return std::nullopt;
  }

  // The first export of a chain of units that pass an interface on, so that all users of its types
  // imply the same one.
  UnitExport follow_passing(UnitExport from) {
    const auto [end, is_new] = ends_.emplace(from, from);
    if (is_new)
      for (UnitIndex left = draft_.linked; left > 0 && !requested_.contains(end->second); --left) {
        const std::optional<UnitExport> next = find_passed(end->second);
        if (!next) break;
        end->second = *next;
      }
    return end->second;
  }

  // The export of a unit of the composition that an export passes on, if it adds nothing to it.
  std::optional<UnitExport> find_passed(UnitExport from) {
    for (const types::Use& use :
         draft_.uses_of(from.unit).uses_of({types::Side::Export, from.index})) {
      if (use.from.side != types::Side::Import || !names_passed(from, use)) continue;
      const DraftImport& import = draft_.import_at({from.unit, use.from.position});
      if (import.outcome != Outcome::Provided || !draft_.is_inside(import.choice->from.unit) ||
          !draft_.relation.compare(draft_.item(from).item, draft_.item(import.choice->from).item)
               .fits())
        return std::nullopt;
      return import.choice->from;
    }
    return std::nullopt;
  }

  // Whether an export passes the import of its unit on from which a type is taken, and names the type.
  bool names_passed(UnitExport from, const types::Use& use) const {
    const types::RootItem& item = draft_.item(from);
    return passes_on(item, {from.unit, use.from.position}) &&
           types::names_type(draft_.inputs.types, item.item, use.type);
  }

  // Whether an export that has a type of an import passes the import on. Of types alone, there is nothing
  // else to pass. An interface of value types has no provider that passes it.
  bool passes_on(const types::RootItem& exported, UnitImport import) const {
    const types::Types& types = draft_.inputs.types;
    const types::Item& imported = draft_.item(import).item;
    if (std::holds_alternative<types::TypeBound>(exported.item))
      return std::holds_alternative<types::TypeBound>(imported);
    if (types::is_types_only(types, exported.item))
      return std::holds_alternative<types::InstanceId>(imported) &&
             types::is_types_only(types, imported) && !types::is_value_types_only(types, imported);
    if (!exported.passed_imports) return false;
    const std::vector<std::uint32_t>& passed = *exported.passed_imports;
    return std::ranges::find(passed, import.index) != passed.end();
  }

  // The export by which the unit that makes a resource names the resource.
  std::optional<UnitExport> find_maker(ResourceId resource) {
    const std::optional<ResourceId> definition = draft_.classes->find_definition(resource);
    if (!definition) return std::nullopt;
    const std::optional<UnitIndex> maker = draft_.find_maker(*definition);
    if (!maker || !draft_.is_inside(*maker)) return std::nullopt;
    const types::UseIndex::Origin* origin = draft_.uses_of(*maker).find_origin(*definition);
    if (origin == nullptr || origin->item.side != types::Side::Export) return std::nullopt;
    return UnitExport{*maker, origin->item.position};
  }

  // Whether a unit of the composition, or a stub, makes a resource that an item mentions.
  [[nodiscard]] bool has_inner_resource(const types::Item& item) const {
    return std::ranges::any_of(types::mentioned_resources(draft_.inputs.types, item),
                               [&](ResourceId resource) {
                                 const auto definition = draft_.classes->find_definition(resource);
                                 if (!definition) return false;
                                 if (is_made_by_stub(draft_, *definition)) return true;
                                 const auto maker = draft_.find_maker(*definition);
                                 return maker && draft_.is_inside(*maker);
                               });
  }

  // The export that names the types of an import of value types. Absent: the import gets a name of
  // its own. Exports that consist of types only are equal, so any of them will do; one that also
  // has functions must be the only one, since exporting it makes its functions callable.
  std::optional<UnitExport> find_exporter_of_types(const DraftImport& import) {
    std::vector<UnitExport> types_only;
    std::vector<UnitExport> others;
    for (const types::ItemName& name : import.names) {
      for (const UnitExport from : draft_.exports.find_matches(name)) {
        if (!draft_.is_inside(from.unit) || !match_names(draft_, import, from).is_match()) continue;
        const types::Item& item = draft_.item(from).item;
        if (!draft_.relation.compare(draft_.item(import.at).item, item).fits()) continue;
        const bool is_types = types::is_value_types_only(draft_.inputs.types, item);
        (is_types ? types_only : others).push_back(from);
      }
    }
    if (!types_only.empty())
      return *std::min_element(
          types_only.begin(), types_only.end(),
          [&](UnitExport a, UnitExport b) { return is_better(draft_, import, a, b); });
    if (others.size() == 1) return others.front();
    // An import cannot mention a resource that is made inside: such types are exported by themselves.
    if (has_inner_resource(draft_.item(import.at).item)) return std::nullopt;
    draft_.named_imports.push_back(draft_.first_import[import.at.unit] + import.at.index);
    return std::nullopt;
  }

  void write(const RequestedExport& requested) {
    const bool implied = requested.reason == ExportReason::Implied;
    const auto [at, is_first] =
        by_key_.emplace(key_of(requested.name), draft_.composition_exports.size());
    if (is_first) {
      draft_.composition_exports.push_back({requested.name, requested.from, implied});
      return;
    }
    DraftExport& other = draft_.composition_exports[at->second];
    if (other.from == requested.from && other.name == requested.name) {
      other.implied = other.implied && implied;
      return;
    }
    if (other.name == requested.name && are_same_values(other.from, requested.from)) {
      if (std::ranges::find(other.same_types, requested.from) == other.same_types.end())
        other.same_types.push_back(requested.from);
      return;
    }
    if (requested.reason == ExportReason::All && can_pass_over(requested)) {
      passed_over_.emplace(requested.from, at->second);
      return note_export_passed_over(draft_, requested, other.from.unit);
    }
    report_clash(requested, other);
  }

  bool are_same_values(UnitExport a, UnitExport b) {
    const types::Item& item_a = draft_.item(a).item;
    const types::Item& item_b = draft_.item(b).item;
    return types::is_value_types_only(draft_.inputs.types, item_a) &&
           types::is_value_types_only(draft_.inputs.types, item_b) &&
           draft_.relation.compare(item_a, item_b).fits() &&
           draft_.relation.compare(item_b, item_a).fits();
  }

  // Some toolchains leave an instance with a plain name such as `exports` behind, and an interface
  // of value types has nothing to call. Neither is missed.
  bool can_pass_over(const RequestedExport& requested) const {
    const types::Item& item = draft_.item(requested.from).item;
    const bool is_plain =
        draft_.export_names[requested.from.unit][requested.from.index].front().kind ==
        types::NameKind::Label;
    return (is_plain && std::holds_alternative<types::InstanceId>(item)) ||
           types::is_value_types_only(draft_.inputs.types, item);
  }

  void report_clash(const RequestedExport& requested, const DraftExport& other) {
    Diagnostic problem = make_diagnostic(
        Code::ResolveExportClash,
        "the composition would export `{}` twice: from `{}` and from `{}`", requested.name,
        draft_.unit_name(other.from.unit), draft_.unit_name(requested.from.unit));
    problem.where = requested.where;
    for (const auto& [from, is_implied] :
         {std::pair(other.from, other.implied),
          std::pair(requested.from, requested.reason == ExportReason::Implied)}) {
      problem.notes.push_back(
          {.text = fmt::format("`{}` exports `{}`{}", draft_.unit_name(from.unit),
                               shown_name(draft_, from),
                               is_implied ? ", and another export uses its types" : ""),
           .excerpt = {},
           .related = where_of(draft_, from)});
      if (is_implied) continue;
      if (must_keep_name(from))
        problem.hints.push_back(
            hint_at_hiding(draft_.unit_name(from.unit), shown_name(draft_, from)));
      else
        problem.hints.push_back(hint_at_export(
            fmt::format("export that of `{}` by another name", draft_.unit_name(from.unit)),
            draft_.unit_name(from.unit), shown_name(draft_, from), propose_name(from)));
    }
    draft_.problems.push_back(std::move(problem));
  }

  // Whether an export is a function of a root resource, or a resource with such functions.
  bool must_keep_name(UnitExport from) const {
    const types::ItemName& name = draft_.export_names[from.unit][from.index].front();
    return name.is_resource_function() || functions_.contains({from.unit, name.text});
  }

  // A label with the name of the unit: "kv-store".
  std::string propose_name(UnitExport from) const {
    const types::ItemName& name = draft_.export_names[from.unit][from.index].front();
    return fmt::format("{}-{}", draft_.unit_name(from.unit),
                       name.kind == types::NameKind::Interface ? name.interface : name.text);
  }

  enum class State : std::uint8_t { New, Begun, Written };

  Draft& draft_;
  std::map<UnitExport, RequestedExport> requested_;
  ResourceFunctions functions_;
  std::map<UnitExport, State> states_;
  std::map<UnitExport, UnitExport> ends_;      // see `follow_passing`
  std::map<std::string, std::size_t> by_key_;  // positions in Draft::composition_exports
  // By export that was passed over: the one that has its name, a position in the same list.
  std::map<UnitExport, std::size_t> passed_over_;
};

}  // namespace

void plan_exports(Draft& draft) { ExportPlan(draft).run(); }

}  // namespace tenon::resolve
