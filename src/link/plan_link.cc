#include "link/plan_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "http/router.h"
#include "link/domain_settings.h"
#include "link/lock_file.h"
#include "resolve/plan.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "types/uses.h"
#include "wac/target.h"

namespace tenon::link {

namespace {

Diagnostic refuse_pool(const UnitRequest& request, std::string why) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "`{}` cannot have a `pool`: {}",
                                       request.name, std::move(why));
  if (request.where) problem.where = *request.where;
  problem.hints.emplace_back("leave out `pool`, or isolate the unit instead: `isolated = true`");
  return problem;
}

// A resource that a unit exports, and that is not that of an import.
std::optional<std::string> find_own_resource(const resolve::LinkPlan& plan,
                                             const resolve::Unit& unit) {
  const auto class_of = [&](types::ResourceId id) { return (*plan.resource_class)[id.index]; };
  std::set<types::ResourceId> imported;
  for (const types::RootItem& item : unit.type.imports)
    for (const types::ResourceId id : types::mentioned_resources(*plan.types, item.item))
      imported.insert(class_of(id));
  for (const types::RootItem& item : unit.type.exports)
    for (const types::Slot& slot : types::resource_slots(*plan.types, item.name, item.item))
      if (!imported.contains(class_of(slot.resource))) return slot.path;
  return std::nullopt;
}

// An export with a stream or a future, which could outlive the call.
std::optional<std::string> find_stream(const resolve::LinkPlan& plan, const resolve::Unit& unit) {
  for (const types::RootItem& item : unit.type.exports)
    for (const types::TypeId id : types::mentioned_types(*plan.types, item.item)) {
      const auto& kind = plan.types->types[id].kind;
      if (std::holds_alternative<types::Stream>(kind) ||
          std::holds_alternative<types::Future>(kind))
        return item.name;
    }
  return std::nullopt;
}

// The instance of a pool ends with its call, so nothing of it may be used later.
Diagnostics check_pools(const Request& request, const resolve::LinkPlan& plan) {
  Diagnostics problems;
  for (const UnitRequest& unit_request : request.units) {
    if (unit_request.pool == 0) continue;
    const auto unit = std::ranges::find(plan.units, unit_request.name, &resolve::Unit::name);
    if (unit == plan.units.end()) continue;
    if (unit_request.pool > limits::kInstances)
      problems.push_back(refuse_pool(
          unit_request, fmt::format("it has at most {} instances", limits::kInstances)));
    else if (unit->domain != unit->name)
      problems.push_back(refuse_pool(
          unit_request,
          fmt::format("it is placed in the domain `{}`, and a pool has its own", unit->domain)));
    else if (unit->kind != UnitKind::Component)
      problems.push_back(refuse_pool(unit_request, "it is not a component"));
    else if (const auto resource = find_own_resource(plan, *unit))
      problems.push_back(refuse_pool(
          unit_request,
          fmt::format("it makes the resource `{}`, which would end with the call", *resource)));
    else if (const auto item = find_stream(plan, *unit))
      problems.push_back(refuse_pool(
          unit_request,
          fmt::format("functions of `{}` pass streams, which would end with the call", *item)));
  }
  return problems;
}

// The classes of resources that are made outside of all domains.
std::set<types::ResourceId> find_outside_resources(const resolve::LinkPlan& plan) {
  std::set<types::ResourceId> resources;
  for (const resolve::Unit& unit : plan.units)
    if (!has_domain(unit))
      for (const types::ResourceId defined : unit.type.defined)
        resources.insert(plan.resource_class->at(defined.index));
  return resources;
}

// A unit that a component cannot contain.
bool is_outside_unit(const UnitRequest& unit) {
  return unit.as<RunningUnit>() != nullptr || resolve::is_outside(unit.kind);
}

// Imports without an edge that mention resources which are made outside.
std::vector<resolve::UnitImport> find_outside_types(const resolve::LinkPlan& plan) {
  const std::set<types::ResourceId> outside = find_outside_resources(plan);
  std::vector<resolve::UnitImport> unit_imports;
  for (resolve::UnitIndex u = 0; u < plan.arguments.size(); ++u) {
    const std::vector<types::RootItem>& imports = plan.units[u].type.imports;
    for (std::uint32_t i = 0; i < plan.arguments[u].size(); ++i) {
      if (!std::holds_alternative<resolve::FromTypes>(plan.arguments[u][i])) continue;
      const auto named = types::mentioned_resources(*plan.types, imports[i].item);
      if (std::ranges::any_of(named, [&](types::ResourceId resource) {
            return outside.contains(plan.resource_class->at(resource.index));
          }))
        unit_imports.push_back({u, i});
    }
  }
  return unit_imports;
}

}  // namespace

namespace {

// The routes as the plan shows them.
std::vector<PlanRoute> show_routes(const http::Router& router, const resolve::LinkPlan& plan) {
  std::vector<PlanRoute> routes;
  for (const HttpRoute& route : router.routes()) {
    PlanRoute& shown = routes.emplace_back(PlanRoute{.host = route.host,
                                                     .path = route.path,
                                                     .methods = route.methods,
                                                     .unit = route.unit,
                                                     .folder = route.folder,
                                                     .precompressed = route.precompressed,
                                                     .handler = {},
                                                     .is_of_program = route.handler != nullptr});
    for (const resolve::UnitExport from : plan.handlers)
      if (const resolve::Unit& unit = plan.units[from.unit]; unit.name == route.unit)
        shown.handler = unit.type.exports[from.index].name;
  }
  return routes;
}

}  // namespace

Result<PlannedLink> resolve_link(const Request& request, Inputs inputs) {
  PlannedLink planned;
  Result<http::Router> router = http::Router::make(request.http_routes);
  planned.foreign = std::move(inputs.foreign);
  planned.binaries = std::move(inputs.binaries);
  planned.running_packages = std::move(inputs.running_packages);
  planned.taken_offers = std::move(inputs.taken_offers);
  planned.looks_at_offers = inputs.looks_at_offers;
  for (const auto& [name, binary] : planned.binaries)
    if (binary.concurrency == Concurrency::Yes) planned.concurrency = Concurrency::Yes;
  Result<resolve::LinkPlan> resolved = resolve::resolve_units(std::move(inputs.units));
  if (!resolved) {
    // A part that no unit imports may have been meant for an import without a provider, and an item that
    // a gate leaves out for a function that is missing.
    Diagnostics problems = std::move(resolved).error();
    if (!router) std::ranges::move(router.error(), std::back_inserter(problems));
    problems.insert(problems.end(), request.notes.begin(), request.notes.end());
    std::ranges::move(inputs.notes, std::back_inserter(problems));
    return problems;
  }
  planned.plan = *std::move(resolved);
  if (!router) return std::move(router).error();
  planned.plan.shown.routes = show_routes(*router, planned.plan);
  Diagnostics& notes = planned.plan.shown.notes;
  notes.insert(notes.begin(), request.notes.begin(), request.notes.end());
  std::ranges::move(inputs.notes, std::back_inserter(notes));
  TENON_TRY_VOID(check_settings(request, planned.plan.shown));
  show_settings(request, planned.plan.shown);
  if (Diagnostics problems = check_pools(request, planned.plan); !problems.empty()) return problems;
  if (request.target != nullptr) TENON_TRY_VOID(wac::check_target(*request.target, planned.plan));
  if (request.lock != nullptr) {
    TENON_TRY(const LockFile found, make_lock(planned, request.lock->file));
    TENON_TRY_VOID(check_lock(*request.lock, found));
  }
  return planned;
}

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
