#include "linker/exports.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "types/interface_name.h"

namespace tenon::linker {

namespace {

bool is_hidden(const resolve::CompositionExport& item, const std::string& name) {
  return std::ranges::binary_search(item.hidden_functions, name);
}

// How well an interface's name meets what was asked for; smaller is better.
std::optional<int> rank_interface(std::string_view found, std::string_view wanted) {
  if (found == wanted) return 0;
  const Result<types::ItemName> name = types::parse_item_name(found);
  if (!name || name->kind != types::NameKind::Interface) return std::nullopt;
  if (name->interface == wanted) return 2;
  const auto pattern = resolve::parse_name_pattern(wanted);
  if (pattern && resolve::matches_name(*pattern, *name)) return 1;
  return std::nullopt;
}

// "acme:tax/lib@1.0.0.rate", as a call is written.
std::string call_name(const ExportedItem& item) {
  std::string name = item.name;
  if (name.starts_with('[')) {
    const Result<types::ItemName> parsed = types::parse_item_name(name);
    if (parsed)
      name = parsed->function.empty() ? fmt::format("[{}]", parsed->resource)
                                      : fmt::format("[{}.{}]", parsed->resource, parsed->function);
  }
  return item.interface.empty() ? name : fmt::format("{}.{}", item.interface, name);
}

Diagnostic describe_missing(const std::vector<ExportedItem>& items, std::string_view composition,
                            std::string_view interface, std::string_view name) {
  const std::string wanted =
      interface.empty() ? std::string(name) : fmt::format("{}.{}", interface, name);
  Diagnostic problem =
      make_diagnostic(Code::RunNoFunction, "`{}` exports no function `{}`", composition, wanted);
  std::vector<std::string> names;
  std::vector<std::string> plain;
  for (const ExportedItem& item : items) {
    names.push_back(call_name(item));
    plain.push_back(item.name);
  }
  // A name without its interface is near those that have one.
  const auto near = near_misses(name, std::span<const std::string>(plain));
  std::vector<std::string> hints;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (std::ranges::find(near, plain[i]) != near.end() && hints.size() < 3)
      hints.push_back(fmt::format("did you mean `{}`?", names[i]));
  }
  if (hints.empty()) hints.push_back(suggest_name(wanted, names, "functions"));
  problem.hints = std::move(hints);
  return problem;
}

}  // namespace

std::vector<ExportedItem> list_exported_functions(const resolve::LinkPlan& plan) {
  std::vector<ExportedItem> items;
  for (std::size_t i = 0; i < plan.exports.size(); ++i) {
    const resolve::CompositionExport& exported = plan.exports[i];
    const bool is_implied = plan.shown.exports[i].implied;
    const types::Item& item = plan.units[exported.from.unit].type.exports[exported.from.index].item;
    if (const auto* function = std::get_if<types::FunctionId>(&item)) {
      items.push_back({"", exported.name, *function, exported.from, is_implied});
    } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      for (const types::NamedItem& part : plan.types->instances[*instance].exports) {
        const auto* inner = std::get_if<types::FunctionId>(&part.item);
        if (inner != nullptr && !is_hidden(exported, part.name))
          items.push_back({exported.name, part.name, *inner, exported.from, is_implied});
      }
    }
  }
  return items;
}

Result<std::vector<std::size_t>> find_exported_functions(const std::vector<ExportedItem>& items,
                                                         std::string_view composition,
                                                         std::string_view interface,
                                                         std::string_view name) {
  std::vector<std::size_t> found;
  int best = 3;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].name != name) continue;
    const bool is_root = items[i].interface.empty();
    const std::optional<int> rank =
        !interface.empty() ? (is_root ? std::nullopt : rank_interface(items[i].interface, interface))
        : is_root          ? 0
                           : (items[i].is_implied ? 2 : 1);
    if (!rank || *rank > best) continue;
    if (*rank < best) found.clear();
    best = *rank;
    found.push_back(i);
  }
  if (found.empty()) return describe_missing(items, composition, interface, name);
  return found;
}

}  // namespace tenon::linker
