#include "link/running.h"

#include <algorithm>
#include <utility>

#include "link/compose_link.h"
#include "link/domain_settings.h"
#include "link/link.h"
#include "support/check.h"
#include "support/try.h"

namespace tenon::link {

ComposedLink compose_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was composed before.
  Result<ComposedLink> link = compose_link(request, RealFiles(), clock);
  TENON_CHECK(link);
  return *std::move(link);
}

PlanRecord make_plan_record(ComposedLink link) {
  KnownUnits units = known_units_of(link.planned);
  PlanRecord plan_record{std::move(link.planned.plan), std::move(link.planned.foreign),
                         std::move(units), std::move(link.split)};
  return plan_record;
}

std::optional<std::chrono::milliseconds> run_timeout(const Running& running) {
  return settings_of(running.request, running.facts.domain, running.facts.domain).timeout;
}

const PlanRecord& get_plan_record(Running& running) {
  if (!running.plan_record) {
    running.plan_record = make_plan_record(compose_again(running.request));
    running.plan_record->drop_domain_links();
    // Planning again loses the notes of the compilation.
    running.plan_record->plan.shown.notes = running.notes;
  }
  return *running.plan_record;
}

const Spans& find_spans(Running& running, resolve::DomainIndex domain, compose::Form form) {
  const auto [spans, is_new] = running.spans.try_emplace(domain);
  if (is_new) {
    const ComposedLink link = compose_again(running.request);
    const Result<Spans> found = make_spans(link, domain, form);
    TENON_CHECK(found);
    spans->second = *found;
  }
  return spans->second;
}

Result<Spans> make_spans(const ComposedLink& link, resolve::DomainIndex domain,
                         compose::Form form) {
  const compose::Composed& composed = link.composed[domain];
  if (composed.form == form) return Spans{composed.units, composed.stubs, composed.unit_modules};
  TENON_TRY(compose::Composed embedded, embed_domain(link, domain));
  return Spans{std::move(embedded.units), std::move(embedded.stubs)};
}

void trim(Running& running) {
  const std::lock_guard tables(running.tables);
  running.spans.clear();
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
