// How filters are applied.
//
// Each line is matched against whole exports and against single functions, by several spellings of
// their names. `hide` lines hide what they match. `expose` lines of one unit are collected first,
// since together they say what stays visible. Every hidden item remembers the line that hid it, so
// that an importer that needs it is shown this line.
#include "resolve/filters.h"

#include <fmt/core.h>

#include <unordered_set>

#include "resolve/draft.h"
#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "support/names.h"

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

// The names of a function that a filter can match: `iface.func` and `iface.resource.f`, each with
// and without version, and the name in the binary, such as `iface.[method]resource.f`.
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

// The items that one filter matches: whole exports, and functions of exports.
struct FilterMatches {
  std::unordered_set<std::uint32_t> whole;
  std::map<std::uint32_t, std::unordered_set<std::string>> functions;

  [[nodiscard]] bool is_empty() const { return whole.empty() && functions.empty(); }
};

FilterMatches find_filtered(const Draft& draft, UnitIndex unit, const Filter& filter) {
  FilterMatches matches;
  const Result<NamePattern, VersionError> pattern = parse_name_pattern(filter.item);
  const std::string glob = types::strip_escapes(filter.item);
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    for (const types::ItemName& name : draft.export_names[unit][e]) {
      if (pattern && matches_name(*pattern, name)) matches.whole.insert(e);
      for (const std::string& function : functions_of(draft, {unit, e}))
        for (const std::string& text : function_names(name, function))
          if (matches_glob(glob, text)) matches.functions[e].insert(function);
    }
  }
  return matches;
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

// Hides an export with its functions, as the composition can still export it for its types.
void hide_whole(Draft& draft, UnitExport from, const std::string& filter) {
  draft.visibility.hide(from, filter);
  for (const std::string& function : functions_of(draft, from))
    draft.visibility.hide(from, function, filter);
}

void hide(Draft& draft, UnitIndex unit, const Filter& filter, const FilterMatches& matches) {
  for (const std::uint32_t e : matches.whole) hide_whole(draft, {unit, e}, print_filter(filter));
  for (const auto& [e, functions] : matches.functions)
    for (const std::string& function : functions)
      draft.visibility.hide({unit, e}, function, print_filter(filter));
}

// Hides everything of a unit that none of its `expose` filters matches.
void hide_unexposed(Draft& draft, UnitIndex unit, const std::vector<FilterMatches>& exposed) {
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    bool is_whole = false;
    std::unordered_set<std::string> kept;
    for (const FilterMatches& matches : exposed) {
      is_whole |= matches.whole.contains(e);
      const auto functions = matches.functions.find(e);
      if (functions != matches.functions.end())
        kept.insert(functions->second.begin(), functions->second.end());
    }
    if (is_whole) continue;
    const std::string filter = "expose";  // no single line hides it: the lack of one does
    if (kept.empty()) hide_whole(draft, {unit, e}, filter);
    for (const std::string& function : functions_of(draft, {unit, e}))
      if (!kept.contains(function)) draft.visibility.hide({unit, e}, function, filter);
  }
}

}  // namespace

std::string Visibility::find_filter(UnitExport from) const {
  const auto filter = whole_.find(from);
  return filter == whole_.end() ? std::string() : filter->second;
}

std::string Visibility::find_filter(UnitExport from, const std::string& function) const {
  const auto filters = functions_.find(from);
  if (filters == functions_.end()) return {};
  const auto filter = filters->second.find(function);
  return filter == filters->second.end() ? std::string() : filter->second;
}

std::vector<std::string> Visibility::hidden_functions(UnitExport from) const {
  std::vector<std::string> hidden;
  const auto filters = functions_.find(from);
  if (filters == functions_.end()) return hidden;
  for (const auto& [function, filter] : filters->second) hidden.push_back(function);
  return hidden;
}

std::map<UnitExport, HiddenExport> Visibility::list_hidden() const {
  std::map<UnitExport, HiddenExport> listed;
  for (const auto& [from, filter] : whole_) listed[from].is_whole = true;
  for (const auto& [from, functions] : functions_) listed[from].functions = hidden_functions(from);
  return listed;
}

void apply_filters(Draft& draft) {
  std::map<UnitIndex, std::vector<FilterMatches>> exposed;
  for (const Filter& filter : draft.inputs.policy.filters) {
    const std::optional<UnitIndex> unit = draft.find_unit(filter.unit);
    FilterMatches matches;
    if (unit) matches = find_filtered(draft, *unit, filter);
    if (matches.is_empty()) {
      // A misspelt `expose` hides nothing: the unmet imports that it would cause are not
      // reported on their own.
      report_unused(draft, filter, unit);
      continue;
    }
    if (filter.kind == Filter::Kind::Hide)
      hide(draft, *unit, filter, matches);
    else
      exposed[*unit].push_back(std::move(matches));
  }
  for (const auto& [unit, matches] : exposed) hide_unexposed(draft, unit, matches);
}

}  // namespace tenon::resolve
