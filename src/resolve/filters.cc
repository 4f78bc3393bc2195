#include "resolve/filters.h"

#include <fmt/core.h>

#include "resolve/draft.h"
#include "resolve/name_pattern.h"
#include "support/glob.h"
#include "support/near_miss.h"

namespace tenon::resolve {

namespace {

bool is_flag(const Filter& filter) {
  return filter.where.file.empty() && !filter.where.item.empty();
}

// The filter as the user wrote it: `hide = "item"` in a manifest, or a flag.
std::string print_filter(const Filter& filter) {
  if (is_flag(filter)) return filter.where.item;
  return fmt::format("{} = \"{}\"", filter.kind == Filter::Kind::Hide ? "hide" : "expose",
                     filter.item);
}

// The names by which a filter may mean a function of an export: `iface.func`, `iface.resource.f`,
// with and without version, and as the binary writes them.
std::vector<std::string> function_names(const types::ItemName& item, const std::string& function) {
  std::vector<std::string> inner = {function};
  Result<types::ItemName> name = types::parse_item_name(function);
  if (name && name->kind == types::NameKind::Constructor)
    inner.push_back(name->resource + ".constructor");
  else if (name && name->is_resource_function())
    inner.push_back(name->resource + "." + name->function);
  std::vector<std::string> names;
  for (const std::string& text : inner) {
    names.push_back(unversioned_name(item) + "." + text);
    if (item.version) names.push_back(item.full_text() + "." + text);
  }
  return names;
}

const types::Instance* find_instance(const Draft& draft, UnitExport from) {
  const types::InstanceId* id = std::get_if<types::InstanceId>(&draft.item(from).item);
  return id == nullptr ? nullptr : &draft.inputs.types.instances[*id];
}

std::vector<std::string> functions_of(const Draft& draft, UnitExport from) {
  std::vector<std::string> functions;
  if (const types::Instance* instance = find_instance(draft, from)) {
    for (const types::NamedItem& item : instance->exports)
      if (std::holds_alternative<types::FunctionId>(item.item)) functions.push_back(item.name);
  }
  return functions;
}

// What one filter means: whole exports, and functions of exports.
struct Reach {
  std::unordered_set<std::uint32_t> whole;
  std::map<std::uint32_t, std::unordered_set<std::string>> functions;

  [[nodiscard]] bool is_empty() const { return whole.empty() && functions.empty(); }
};

Reach find_reach(const Draft& draft, UnitIndex unit, const Filter& filter) {
  Reach reach;
  const Result<NamePattern, VersionError> pattern = parse_name_pattern(filter.item);
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    for (const types::ItemName& name : draft.export_names[unit][e]) {
      if (pattern && matches_name(*pattern, name)) reach.whole.insert(e);
      for (const std::string& function : functions_of(draft, {unit, e}))
        for (const std::string& text : function_names(name, function))
          if (matches_glob(filter.item, text)) reach.functions[e].insert(function);
    }
  }
  return reach;
}

void report_unused(Draft& draft, const Filter& filter, std::optional<UnitIndex> unit) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveFilterUnused, "`{}`{} matches nothing: {}", print_filter(filter),
                      is_flag(filter) ? std::string() : fmt::format(" of `{}`", filter.unit),
                      unit ? fmt::format("`{}` has no such export or function", filter.unit)
                           : fmt::format("there is no unit `{}`", filter.unit));
  problem.where = filter.where;
  std::vector<std::string> near;
  if (unit) {
    for (const ItemNames& names : draft.export_names[*unit])
      for (const types::ItemName& name : names) near.push_back(unversioned_name(name));
    for (std::uint32_t e = 0; e < draft.export_names[*unit].size(); ++e)
      for (const std::string& function : functions_of(draft, {*unit, e}))
        for (std::string& text : function_names(draft.export_names[*unit][e].front(), function))
          near.push_back(std::move(text));
  } else {
    for (const Unit& other : draft.inputs.units) near.push_back(other.name);
  }
  problem.hints.push_back(
      suggest_name(unit ? filter.item : filter.unit, std::move(near),
                   unit ? fmt::format("exports of `{}`", filter.unit) : std::string("units")));
  draft.problems.push_back(std::move(problem));
}

void hide(Draft& draft, UnitIndex unit, const Filter& filter, const Reach& reach) {
  for (const std::uint32_t e : reach.whole) draft.visibility.hide({unit, e}, print_filter(filter));
  for (const auto& [e, functions] : reach.functions)
    for (const std::string& function : functions)
      draft.visibility.hide({unit, e}, function, print_filter(filter));
}

// With any `expose`, whatever no `expose` reaches is hidden.
void hide_unexposed(Draft& draft, UnitIndex unit, const std::vector<Reach>& exposed) {
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    bool is_whole = false;
    std::unordered_set<std::string> kept;
    for (const Reach& reach : exposed) {
      is_whole |= reach.whole.contains(e);
      const auto functions = reach.functions.find(e);
      if (functions != reach.functions.end())
        kept.insert(functions->second.begin(), functions->second.end());
    }
    if (is_whole) continue;
    const std::string filter = "expose";  // of other items
    if (kept.empty()) draft.visibility.hide({unit, e}, filter);
    for (const std::string& function : functions_of(draft, {unit, e}))
      if (!kept.contains(function)) draft.visibility.hide({unit, e}, function, filter);
  }
}

}  // namespace

std::string Visibility::who_hides(UnitExport from) const {
  const auto found = whole_.find(from);
  return found == whole_.end() ? std::string() : found->second;
}

std::string Visibility::who_hides(UnitExport from, const std::string& function) const {
  const auto found = functions_.find(from);
  if (found == functions_.end()) return {};
  const auto filter = found->second.find(function);
  return filter == found->second.end() ? std::string() : filter->second;
}

std::vector<std::string> Visibility::hidden_functions(UnitExport from) const {
  std::vector<std::string> hidden;
  const auto found = functions_.find(from);
  if (found == functions_.end()) return hidden;
  for (const auto& [function, filter] : found->second) hidden.push_back(function);
  return hidden;
}

void apply_filters(Draft& draft) {
  std::map<UnitIndex, std::vector<Reach>> exposed;
  for (const Filter& filter : draft.inputs.policy.filters) {
    const std::optional<UnitIndex> unit = draft.find_unit(filter.unit);
    Reach reach;
    if (unit) reach = find_reach(draft, *unit, filter);
    if (reach.is_empty()) {
      // An `expose` that is misspelt hides nothing: what it would hide is not the mistake.
      report_unused(draft, filter, unit);
      continue;
    }
    if (filter.kind == Filter::Kind::Hide)
      hide(draft, *unit, filter, reach);
    else
      exposed[*unit].push_back(std::move(reach));
  }
  for (const auto& [unit, reaches] : exposed) hide_unexposed(draft, unit, reaches);
}

}  // namespace tenon::resolve
