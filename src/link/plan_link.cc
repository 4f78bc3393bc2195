#include "link/plan_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "link/domain_settings.h"
#include "link/lock_file.h"
#include "resolve/plan.h"
#include "support/diagnostics.h"
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
    if (unit_request.pool > kMostInPool)
      problems.push_back(
          refuse_pool(unit_request, fmt::format("it has at most {} instances", kMostInPool)));
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

}  // namespace

Result<PlannedLink> resolve_link(const Request& request, Inputs inputs) {
  PlannedLink planned;
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
    problems.insert(problems.end(), request.notes.begin(), request.notes.end());
    std::ranges::move(inputs.notes, std::back_inserter(problems));
    return problems;
  }
  planned.plan = *std::move(resolved);
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

}  // namespace tenon::link
