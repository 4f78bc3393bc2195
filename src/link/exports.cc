#include "link/exports.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "link/start_plan.h"
#include "resolve/hints.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "types/interface_name.h"

namespace tenon::link {

namespace {

// The most functions of the same name that a message lists.
constexpr std::size_t kMostNamed = 3;

bool is_hidden(const resolve::CompositionExport& item, const std::string& name) {
  return std::ranges::binary_search(item.hidden_functions, name);
}

std::string implemented(const types::RootItem& item) {
  return item.implements ? *item.implements : std::string();
}

// How well the name of an interface matches the requested one; smaller is better.
std::optional<int> rank_name(std::string_view exported, std::string_view requested) {
  if (exported == requested) return 0;
  const Result<types::ItemName> name = types::parse_item_name(exported);
  if (!name || name->kind != types::NameKind::Interface) return std::nullopt;
  if (name->interface == requested) return 2;
  const auto pattern = resolve::parse_name_pattern(requested);
  if (pattern && resolve::matches_name(*pattern, *name)) return 1;
  return std::nullopt;
}

// The same for an export. Its own name is better than the interface that it implements.
constexpr int kImplementedRank = 3;
std::optional<int> rank_interface(const ExportedItem& item, std::string_view requested) {
  if (const std::optional<int> own = rank_name(item.interface, requested)) return own;
  if (item.implements.empty()) return std::nullopt;
  const std::optional<int> rank = rank_name(item.implements, requested);
  return rank ? std::optional(*rank + kImplementedRank) : std::nullopt;
}

std::string call_name(const ExportedItem& item) {
  return print_call_name(item.interface, item.name);
}

std::string written_name(const WaveCall& call) {
  return print_call_name(call.interface, call.functions.front());
}

// The functions that match one of the call's names with the best rank.
std::vector<std::size_t> find_all(const std::vector<ExportedItem>& items,
                                  std::string_view interface, std::string_view name) {
  std::vector<std::size_t> matches;
  int best = 2 * kImplementedRank;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].name != name) continue;
    const bool is_root = items[i].interface.empty();
    std::optional<int> rank;
    if (interface.empty())
      rank = is_root ? 0 : (items[i].is_implied ? 2 : 1);
    else if (!is_root)
      rank = rank_interface(items[i], interface);
    if (!rank || *rank > best) continue;
    if (*rank < best) matches.clear();
    best = *rank;
    matches.push_back(i);
  }
  return matches;
}

// A suggestion for an unknown name: the same name in another interface, else a function of the
// named interface, else a similar name, else any exported function.
Hint suggest(const std::vector<ExportedItem>& items, const WaveCall& call) {
  std::vector<std::string> same_name;
  std::vector<std::string> same_interface;
  std::vector<std::string> plain;
  std::vector<std::string> all;
  for (const ExportedItem& item : items) {
    all.push_back(call_name(item));
    plain.push_back(print_call_name("", item.name));
    if (std::ranges::find(call.functions, item.name) != call.functions.end())
      same_name.push_back(all.back());
    if (!item.interface.empty() && rank_interface(item, call.interface))
      same_interface.push_back(print_call_name(call.interface, item.name));
  }
  if (!same_name.empty() && same_name.size() <= kMostNamed) {
    const std::vector<std::string_view> names(same_name.begin(), same_name.end());
    return did_you_mean(names);
  }
  const std::string written = written_name(call);
  if (!same_interface.empty())
    return suggest_name(written, std::move(same_interface), "interface's functions");
  const auto near = near_function_names(written, std::span<const std::string>(plain));
  if (!near.empty()) return did_you_mean(near);
  if (all.empty())
    return {"export the functions of every unit",
            {.program = "`export_all`", .command = "--export-all", .manifest = {}}};
  // Names without the interface, if they are unique.
  const std::set<std::string_view> different(plain.begin(), plain.end());
  return suggest_name(written, different.size() == plain.size() ? std::move(plain) : std::move(all),
                      "exported functions");
}

// Adds the functions of one export. exported: complete except for the function and its name.
void list_functions(const resolve::LinkPlan& plan, ExportedItem exported,
                    std::vector<ExportedItem>& items) {
  const types::Item& item = plan.units[exported.from.unit].type.exports[exported.from.index].item;
  if (const auto* function = std::get_if<types::FunctionId>(&item)) {
    exported.name = std::exchange(exported.interface, {});
    exported.function = *function;
    items.push_back(std::move(exported));
  } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    for (const types::NamedItem& part : plan.types->instances[*instance].exports) {
      const auto* const inner = std::get_if<types::FunctionId>(&part.item);
      if (inner == nullptr) continue;
      exported.name = part.name;
      exported.function = *inner;
      items.push_back(exported);
    }
  }
}

// Adds the functions of an export of a unit. component_export: empty: that of another domain.
void list_functions(const resolve::LinkPlan& plan, resolve::UnitExport from,
                    std::string component_export, std::vector<ExportedItem>& items) {
  const types::RootItem& exported = plan.units[from.unit].type.exports[from.index];
  list_functions(plan,
                 {.interface = exported.name,
                  .name = {},
                  .function = {},
                  .from = from,
                  .is_implied = false,
                  .is_of_unit = true,
                  .component_export = std::move(component_export),
                  .implements = implemented(exported)},
                 items);
}

}  // namespace

std::vector<ExportedItem> list_exported_functions(const resolve::LinkPlan& plan) {
  std::vector<ExportedItem> items;
  for (const resolve::CompositionExport& exported : plan.exports) {
    ExportedItem function{.interface = exported.name,
                          .name = {},
                          .function = {},
                          .from = exported.from,
                          .is_implied = exported.is_implied,
                          .is_of_unit = false,
                          .component_export = exported.name,
                          .implements = exported.implements ? *exported.implements : std::string()};
    list_functions(plan, std::move(function), items);
    std::erase_if(items, [&](const ExportedItem& item) {
      return item.from == exported.from && !item.interface.empty() &&
             is_hidden(exported, item.name);
    });
  }
  return items;
}

std::vector<ExportedItem> list_unit_functions(const resolve::LinkPlan& plan,
                                              const DomainRow& domain, resolve::UnitIndex unit) {
  std::vector<ExportedItem> items;
  const std::vector<types::RootItem>& exports = plan.units[unit].type.exports;
  for (std::uint32_t i = 0; i < exports.size(); ++i) {
    if (const std::string* const name = find_export_name(domain, {unit, i}))
      list_functions(plan, {unit, i}, *name, items);
  }
  return items;
}

Result<std::size_t> find_exported_function(const std::vector<ExportedItem>& items,
                                           std::string_view composition, const WaveCall& call) {
  std::vector<std::size_t> matches;
  for (const std::string& name : call.functions)
    if (matches.empty()) matches = find_all(items, call.interface, name);
  if (matches.size() == 1) return matches.front();
  Diagnostic problem =
      matches.empty()
          ? make_diagnostic(Code::RunNoFunction, "`{}` exports no function `{}`", composition,
                            sanitize_text(written_name(call)))
          : make_diagnostic(Code::RunAmbiguousFunction, "`{}` exports {} functions `{}`",
                            composition, matches.size(), written_name(call));
  for (const std::size_t i : matches)
    problem.hints.push_back(fmt::format("call `{}`", call_name(items[i])));
  if (matches.empty()) problem.hints.push_back(suggest(items, call));
  return problem;
}

void hint_at_units(const resolve::LinkPlan& plan, const WaveCall& call, Diagnostic& problem) {
  std::vector<Hint> hints;
  const auto is_exported = [&](const resolve::UnitExport& unit_export) {
    return std::ranges::any_of(plan.exports,
                               [&](const auto& item) { return item.from == unit_export; });
  };
  for (resolve::UnitIndex unit = 0; unit < plan.units.size(); ++unit) {
    if (!has_domain(plan.units[unit]) || !resolve::runs_in_domain(plan.units[unit].kind)) continue;
    const std::vector<types::RootItem>& exports = plan.units[unit].type.exports;
    for (std::uint32_t i = 0; i < exports.size(); ++i) {
      std::vector<ExportedItem> items;
      list_functions(plan, {unit, i}, {}, items);
      const bool is_meant = std::ranges::any_of(call.functions, [&](const std::string& name) {
        return !find_all(items, call.interface, name).empty();
      });
      if (!is_meant || is_exported({unit, i})) continue;
      const std::string& name = plan.units[unit].name;
      hints.push_back(resolve::hint_at_export(fmt::format("export that of `{}`", name), name,
                                              sanitize_text(exports[i].name)));
    }
  }
  if (hints.size() <= kMostNamed)
    problem.hints.insert(problem.hints.begin(), hints.begin(), hints.end());
}

}  // namespace tenon::link
