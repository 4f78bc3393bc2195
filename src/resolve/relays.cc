#include "resolve/relays.h"

#include <algorithm>
#include <set>

#include "types/uses.h"

namespace tenon::resolve {

namespace {

bool mentions_borrow(const types::Types& types, types::TypeId type) {
  return std::ranges::any_of(types::mentioned_types(types, types::TypeBound{type}),
                             [&](types::TypeId part) {
                               return std::holds_alternative<types::Borrow>(types.types[part].kind);
                             });
}

// A relay makes a blocking call, and drops each borrowed handle afterwards.
std::optional<std::string> judge_relay(const types::Types& types, const types::Function& function) {
  if (function.is_async)
    return "it is `async`, and calls that are passed on would wait for each other";
  for (const types::Field& param : function.params) {
    if (std::holds_alternative<types::Borrow>(types.types[param.type].kind)) continue;
    if (mentions_borrow(types, param.type))
      return "its parameter `" + param.label + "` contains a borrowed handle";
  }
  return std::nullopt;
}

}  // namespace

std::vector<const DraftImport*> find_passed_imports(Draft& draft, UnitExport from) {
  std::vector<const DraftImport*> entering;
  std::set<UnitExport> seen{from};
  std::vector<UnitExport> pending{from};
  while (!pending.empty()) {
    const UnitExport exported = pending.back();
    pending.pop_back();
    const auto& passed = draft.item(exported).passed_imports;
    if (!passed) continue;
    for (const std::uint32_t position : *passed) {
      const DraftImport& import = draft.import_at({exported.unit, position});
      if (import.outcome != Outcome::Provided) {
        if (import.outcome == Outcome::Open) entering.push_back(&import);
        continue;
      }
      const UnitExport source = import.choice->from;
      if (source.unit >= draft.linked || is_bridged(draft, import) || is_outside(draft, import))
        entering.push_back(&import);
      else if (seen.insert(source).second)
        pending.push_back(source);
    }
  }
  return entering;
}

std::optional<RelayObstacle> find_relay_obstacle(const types::Types& types, const types::Item& item,
                                                 const std::vector<std::string>& hidden) {
  if (const auto* function = std::get_if<types::FunctionId>(&item)) {
    if (std::optional<std::string> why = judge_relay(types, types.functions[*function]))
      return RelayObstacle{{}, *std::move(why)};
    return std::nullopt;
  }
  const auto* instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return std::nullopt;
  for (const types::NamedItem& part : types.instances[*instance].exports) {
    if (std::holds_alternative<types::InstanceId>(part.item))
      return RelayObstacle{{}, "it contains the instance `" + part.name + "`"};
    const auto* function = std::get_if<types::FunctionId>(&part.item);
    if (function == nullptr || std::ranges::binary_search(hidden, part.name)) continue;
    if (std::optional<std::string> why = judge_relay(types, types.functions[*function]))
      return RelayObstacle{part.name, *std::move(why)};
  }
  return std::nullopt;
}

}  // namespace tenon::resolve
