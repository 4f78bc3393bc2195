#include "link/running.h"

#include <algorithm>
#include <utility>

#include "link/compose_link.h"
#include "link/domain_settings.h"
#include "link/link.h"
#include "support/check.h"

namespace tenon::link {

namespace {

PlanRecord plan_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was composed before.
  Result<ComposedLink> link = compose_link(request, RealFiles(), clock);
  TENON_CHECK(link);
  PlanRecord plan_record = make_plan_record(*std::move(link));
  plan_record.drop_domain_links();
  return plan_record;
}

}  // namespace

PlanRecord make_plan_record(ComposedLink link) {
  KnownUnits units = known_units_of(link.planned);
  PlanRecord plan_record{std::move(link.planned.plan),
                         std::move(link.planned.foreign),
                         std::move(units),
                         std::move(link.split),
                         {}};
  for (compose::Composed& composed : link.composed)
    plan_record.spans.push_back({std::move(composed.units), std::move(composed.stubs)});
  return plan_record;
}

std::optional<std::chrono::milliseconds> run_timeout(const Running& running) {
  return settings_of(running.request, running.facts.domain, running.facts.domain).timeout;
}

const PlanRecord& get_plan_record(Running& running) {
  if (!running.plan_record) {
    running.plan_record = plan_again(running.request);
    // Planning again loses the notes of the compilation.
    running.plan_record->plan.shown.notes = running.notes;
  }
  return *running.plan_record;
}

void trim(Running& running) {
  const std::lock_guard tables(running.tables);
  // A unit that was read from a pipe cannot be read again, so its plan is kept.
  const bool is_kept = std::ranges::all_of(running.request.units, [](const UnitRequest& unit) {
    return unit.bytes != nullptr || unit.running != nullptr;
  });
  if (!is_kept) return;
  running.calls.reset();
  running.plan_record.reset();
}

runtime::Domain& command_domain(Running& running) {
  // A known link has no plan, but it records the domain of its command.
  if (!running.plan_record) return *running.domains[running.facts.command_domain];
  const auto& exports = get_plan_record(running).split.exports;
  const auto found = std::ranges::find(exports, running.facts.command, &resolve::SplitExport::name);
  TENON_CHECK(found != exports.end());
  return *running.domains[found->domain];
}

CallTable& call_table(Running& running) {
  if (!running.calls) {
    const PlanRecord& plan_record = get_plan_record(running);
    running.calls.emplace(plan_record.plan, plan_record.split, plan_record.foreign,
                          plan_record.units, running.host, running.kinds, running.domains);
  }
  return *running.calls;
}

}  // namespace tenon::link
