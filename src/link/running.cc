#include "link/running.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "link/compose_link.h"
#include "link/domain_settings.h"
#include "link/link.h"
#include "support/check.h"
#include "support/try.h"

namespace tenon::link {

Result<ComposedLink> compose_again(const Request& request) {
  PhaseClock clock;
  return compose_link(request, RealFiles(), clock);
}

namespace {

Spans take_spans(compose::Composed composed) {
  return {std::move(composed.units), std::move(composed.stubs), std::move(composed.unit_modules),
          composed.form};
}

}  // namespace

PlanRecord make_plan_record(ComposedLink link) {
  KnownUnits units = known_units_of(link.planned);
  std::optional<Plan> shown = std::exchange(link.planned.plan.shown, {});
  PlanRecord plan_record{std::move(link.planned.plan),
                         std::move(shown),
                         std::move(link.planned.foreign),
                         std::move(units),
                         {}};
  for (compose::Composed& composed : link.composed)
    plan_record.spans.push_back(take_spans(std::move(composed)));
  // The split only added types to those of the plan.
  plan_record.plan.types = std::move(link.split.types);
  return plan_record;
}

std::vector<runtime::Domain*> list_pool(runtime::Domain& domain) {
  runtime::InstancePool* const pool = domain.pool();
  if (pool == nullptr) return {&domain};
  std::vector<runtime::Domain*> domains;
  for (std::size_t i = 0; i < pool->size(); ++i) domains.push_back(&pool->at(i));
  return domains;
}

std::vector<runtime::Domain*> list_domains(const Running& running) {
  std::vector<runtime::Domain*> all;
  for (const auto& domain : running.domains)
    std::ranges::copy(list_pool(*domain), std::back_inserter(all));
  return all;
}

void Running::end_program_waits() {
  const CallFailure failure = shared.scheduler.deadlock_failure();
  for (runtime::Domain* const domain : list_domains(*this))
    domain->calls().end_program_waits(failure);
  shared.scheduler.run_due();
}

std::optional<std::chrono::milliseconds> run_timeout(const Running& running) {
  return settings_of(running.request, running.start->domain, running.start->domain).timeout;
}

const PlanRecord& get_plan_record(Running& running) {
  if (!running.plan_record) {
    Result<ComposedLink> link = compose_again(running.request);
    TENON_CHECK(link);
    PlanRecord made = make_plan_record(*std::move(link));
    // Planning again loses the notes of the compilation.
    made.shown->notes = running.notes;
    running.plan_record = std::move(made);
  }
  return *running.plan_record;
}

const Plan& get_shown_plan(Running& running) {
  (void)get_plan_record(running);
  std::optional<Plan>& shown = running.plan_record->shown;
  if (!shown) {
    PhaseClock clock;
    Result<PlannedLink> planned = plan_link(running.request, RealFiles(), clock);
    TENON_CHECK(planned);
    planned->plan.shown.notes = running.notes;
    shown = std::move(planned->plan.shown);
  }
  return *shown;
}

const Spans& find_spans(Running& running, resolve::DomainIndex domain, compose::Form form) {
  (void)get_plan_record(running);
  Spans& spans = running.plan_record->spans[domain];
  if (spans.form != form) {
    // The embedded code came from the cache, so the domain was composed only by reference.
    Result<ComposedLink> link = compose_again(running.request);
    Result<Spans> found = link ? make_spans(*link, domain, form) : std::move(link).error();
    spans = found ? *std::move(found) : Spans();
    spans.form = form;
  }
  if (!spans.calls) spans.calls = list_direct_calls(running.plan_record->plan);
  return spans;
}

Result<Spans> make_spans(ComposedLink& link, resolve::DomainIndex domain, compose::Form form) {
  Spans spans;
  if (link.composed[domain].form == form) {
    spans = take_spans(link.composed[domain]);
  } else {
    TENON_TRY(compose::Composed embedded, embed_domain(link, domain));
    spans = take_spans(std::move(embedded));
  }
  spans.calls = list_direct_calls(link.planned.plan);
  return spans;
}

void drop_shown_plan(Running& running) {
  const std::lock_guard tables(running.tables);
  if (running.plan_record && can_plan_again(running.request)) running.plan_record->shown.reset();
}

CallTypes make_edge_types(Running& running, const StartPlan& start) {
  return {start.types, start.names,
          [&running, &start](types::ResourceId resource) -> const runtime::ResourceKind& {
            return add_kind(running.kinds, start.kinds.at(resource), running.domains);
          },
          [&start] {
            value::ResourceOrigins origins;
            for (const auto& [resource, row] : start.kinds)
              origins.emplace(resource, value::ResourceOrigin{row.name, row.unit});
            return origins;
          }};
}

CallTypes& edge_types(Running& running) {
  if (!running.edge_types) running.edge_types.emplace(make_edge_types(running, *running.start));
  return *running.edge_types;
}

CallTable& call_table(Running& running) {
  if (!running.calls) {
    const PlanRecord& plan_record = get_plan_record(running);
    running.calls.emplace(plan_record.plan, *running.start, plan_record.foreign, plan_record.units,
                          running.host, running.kinds, running.domains);
  }
  return *running.calls;
}

}  // namespace tenon::link
