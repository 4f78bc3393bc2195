#include "link/outside.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "types/uses.h"

namespace tenon::link {

using types::ResourceId;
using types::RootItem;

namespace {

// The classes of resources that are made outside of all domains.
std::set<ResourceId> find_outside_resources(const resolve::LinkPlan& plan) {
  std::set<ResourceId> resources;
  for (const resolve::Unit& unit : plan.units)
    if (!has_domain(unit))
      for (const ResourceId defined : unit.type.defined)
        resources.insert(plan.resource_class->at(defined.index));
  return resources;
}

// A unit that a component cannot contain.
bool is_outside_unit(const UnitRequest& unit) {
  return unit.as<RunningUnit>() != nullptr || resolve::is_outside(unit.kind);
}

// Imports without an edge that mention resources which are made outside.
std::vector<resolve::UnitImport> find_outside_types(const resolve::LinkPlan& plan) {
  const std::set<ResourceId> outside = find_outside_resources(plan);
  std::vector<resolve::UnitImport> unit_imports;
  for (resolve::UnitIndex u = 0; u < plan.arguments.size(); ++u) {
    const std::vector<RootItem>& imports = plan.units[u].type.imports;
    for (std::uint32_t i = 0; i < plan.arguments[u].size(); ++i) {
      if (!std::holds_alternative<resolve::FromTypes>(plan.arguments[u][i])) continue;
      const auto named = types::mentioned_resources(*plan.types, imports[i].item);
      if (std::ranges::any_of(named, [&](ResourceId resource) {
            return outside.contains(plan.resource_class->at(resource.index));
          }))
        unit_imports.push_back({u, i});
    }
  }
  return unit_imports;
}

}  // namespace

bool has_outside(const Request& request, const resolve::LinkPlan& plan) {
  const auto is_program = [](const resolve::Unit& unit) {
    return unit.kind == UnitKind::HostFunctions;
  };
  return std::ranges::any_of(plan.units, is_program) ||
         std::ranges::any_of(request.units, is_outside_unit);
}

Request leave_outside_out(Request request, const resolve::LinkPlan& plan) {
  const auto is_outside = [&](std::string_view unit) {
    if (unit == program::kUnitName && (!request.host.empty() || request.has_built_in)) return true;
    const auto unit_request = std::ranges::find(request.units, unit, &UnitRequest::name);
    return unit_request != request.units.end() && is_outside_unit(*unit_request);
  };
  const auto leads_outside = [&](const Wire& wire) {
    return !wire.provider.empty() && is_outside(wire.provider);
  };
  // A wire through other units stays: it leads from the last of them to an open import.
  std::erase_if(request.policy.wires,
                [&](const Wire& wire) { return leads_outside(wire) && wire.via.empty(); });
  for (Wire& wire : request.policy.wires)
    if (leads_outside(wire))
      wire = {.consumer = std::move(wire.consumer),
              .import = std::move(wire.import),
              .via = std::move(wire.via),
              .target = Wire::Target::Open,
              .where = std::move(wire.where)};
  std::erase_if(request.policy.filters,
                [&](const resolve::Filter& filter) { return is_outside(filter.unit); });
  const auto leave_open = [&](const std::string& consumer, const std::string& import) {
    request.policy.wires.push_back(
        {.consumer = consumer, .import = import, .target = Wire::Target::Open});
  };
  for (const PlanEdge& edge : plan.shown.edges)
    if (is_outside(edge.provider)) leave_open(edge.consumer, edge.import);
  for (const resolve::UnitImport at : find_outside_types(plan))
    leave_open(plan.units[at.unit].name, plan.units[at.unit].type.imports[at.index].name);
  request.host = {};
  request.has_built_in = false;
  // The remaining plan differs from the locked one, which was already checked.
  request.lock = nullptr;
  std::erase_if(request.units, is_outside_unit);
  return request;
}

}  // namespace tenon::link
