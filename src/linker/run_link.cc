// From the plan to a running composition.
#include <algorithm>
#include <mutex>
#include <utility>

#include "engine/code_cache.h"
#include "linker/bridge_domain.h"
#include "linker/domain_settings.h"
#include "linker/host_offers.h"
#include "linker/known_link.h"
#include "linker/link.h"
#include "linker/load_link.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::linker {

namespace {

std::string program_name(const resolve::LinkPlan& plan) {
  for (const resolve::Unit& unit : plan.units)
    if (unit.name == plan.shown.root && !unit.file.empty())
      return unit.file.substr(unit.file.find_last_of('/') + 1);
  return plan.shown.name;
}

std::string command_name(const Plan& plan) {
  const auto found = std::ranges::find_if(
      plan.exports, [](const PlanExport& item) { return item.name.starts_with("wasi:cli/run@"); });
  return found == plan.exports.end() ? std::string() : found->name;
}

// What starting needs to know of a plan. Of several domains, `concurrency`, `needs_wasi` and
// `code_key` are told by each.
KnownLink facts_of(const PlannedLink& planned) {
  KnownLink facts;
  facts.program = program_name(planned.plan);
  facts.command = command_name(planned.plan.shown);
  facts.domain = find_root_domain(planned.plan.shown);
  return facts;
}

// Domains that nothing but lazy edges leads to: they start when they are called.
std::vector<bool> find_lazy_domains(const resolve::SplitPlan& split) {
  std::vector<bool> is_used(split.domains.size());
  std::vector<bool> is_eager(split.domains.size());
  for (const resolve::DomainPlan& domain : split.domains)
    for (const resolve::BridgedImport& import : domain.imports)
      if (import.provider != resolve::kOutside)
        (import.lazy ? is_used : is_eager)[import.provider] = true;
  std::vector<bool> lazy;
  for (std::size_t i = 0; i < is_used.size(); ++i) lazy.push_back(is_used[i] && !is_eager[i]);
  return lazy;
}

// A function of the program that a guest calls may let go of the composition that it is called in.
struct Retire {
  void operator()(Running* running) const {
    const std::shared_ptr<runtime::OwnerLock> lock = running->shared.lock;
    lock->run_when_left([running] { delete running; });
  }
};

// From here nothing is compiled.
Result<std::shared_ptr<Running>> start(Request request, KnownLink facts, std::optional<Told> told,
                                       std::vector<Loaded> loaded, Engines engines,
                                       const BuildOptions& options, PhaseClock& clock) {
  const std::shared_ptr<Running> running(
      new Running(std::move(request), std::move(facts), std::move(engines)), Retire());
  if (options.trace_calls)
    running->trace =
        std::make_unique<Trace>(options.trace_calls, running->shared, running->domains);
  running->told = std::move(told);
  if (running->told) running->notes = running->told->plan.shown.notes;
  // It calls into those that lend it units; their threads may call into it.
  if (std::ranges::any_of(running->request.units,
                          [](const UnitRequest& unit) { return unit.running != nullptr; }))
    running->shared.lock->share(running->request.name);
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const std::string& name =
        running->told ? running->told->split.domains[i].name : running->facts.domain;
    running->domains.push_back(std::make_unique<runtime::Domain>(running->shared, name));
  }
  std::vector<bool> starts_at_call(loaded.size());
  for (resolve::DomainIndex i = 0; i < loaded.size(); ++i) {
    // A link that was known has one domain, and nothing of the program.
    const Told* const told_of = running->told ? &*running->told : nullptr;
    TENON_TRY(auto body, make_body(*running, loaded[i], told_of ? &told_of->split : nullptr, i,
                                   told_of ? &call_table(*running) : nullptr));
    TENON_TRY(runtime::DomainParts parts,
              make_parts(*running, std::move(loaded[i]), std::move(body),
                         [&of = *running, i](const engine::Failure& failure) {
                           const std::lock_guard tables(of.tables);
                           return describe_failure(failure, tell(of).spans[i]);
                         }));
    running->domains[i]->prepare(std::move(parts));
  }
  if (running->told) {
    starts_at_call = find_lazy_domains(running->told->split);
    running->told->forget_parts();
  }
  for (std::size_t i = 0; i < running->domains.size(); ++i)
    if (!starts_at_call[i]) TENON_TRY_VOID(running->domains[i]->start());
  clock.end_phase("instantiate");
  return running;
}

Told tell_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was composed before.
  Result<ComposedLink> link = compose_domains(request, RealFiles(), clock);
  TENON_CHECK(link);
  Told told = tell_of(*std::move(link));
  told.forget_parts();
  return told;
}

// A link with the code of all its domains.
struct LoadedLink {
  ComposedLink link;
  KnownLink facts;
  std::vector<Loaded> domains;
};

Result<LoadedLink> load_link(const Request& request, const std::optional<std::string>& key,
                             const Files& files, Engines& engines, const BuildOptions& options,
                             PhaseClock& clock) {
  LoadedLink made;
  TENON_TRY(made.link, compose_domains(request, files, clock));
  made.facts = facts_of(made.link.planned);
  for (std::size_t i = 0; i < made.link.split.domains.size(); ++i) {
    TENON_TRY(Loaded one, load_domain(made.link, i, made.domains, request, made.facts.domain,
                                      engines, options, made.facts));
    made.domains.push_back(std::move(one));
  }
  clock.end_phase("load");
  // Of several domains, starting needs the plan: its bridges are made of types.
  const bool is_one = made.domains.size() == 1;
  // Other offers would be another plan.
  if (is_one && key && !made.link.planned.looks_at_offers &&
      made.link.planned.plan.shown.notes.empty() && !made.facts.code_key.empty())
    keep_known_link(options.cache_dir, *key, made.facts);
  return made;
}

}  // namespace

Result<void> prepare_link(Request request, const Files& files, const BuildOptions& options,
                          PhaseClock& clock) {
  load_units(request, files);
  Engines engines(request);
  const auto loaded = load_link(request, make_link_key(request), files, engines, options, clock);
  if (!loaded) return loaded.error();
  return {};
}

Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                          const BuildOptions& options, PhaseClock& clock) {
  load_units(request, files);
  Engines engines(request);
  const std::optional<std::string> key = make_link_key(request);
  if (const auto known = key ? find_known_link(options.cache_dir, *key) : std::nullopt) {
    DomainSettings settings = settings_of(request, known->domain, known->domain);
    TENON_TRY(auto engine, engines.open(known->concurrency, settings));
    if (auto code = engine::find_code(*engine, options.cache_dir, known->code_key)) {
      clock.end_phase("load");
      std::vector<Loaded> loaded;
      loaded.push_back({std::move(settings), std::move(engine),
                        std::make_shared<const engine::CompiledComponent>(*std::move(code)),
                        nullptr, known->needs_wasi});
      return start(std::move(request), *known, std::nullopt, std::move(loaded), std::move(engines),
                   options, clock);
    }
  }
  TENON_TRY(LoadedLink loaded, load_link(request, key, files, engines, options, clock));
  adopt_offers(std::move(loaded.link.planned.taken_offers), request);
  Told told = tell_of(std::move(loaded.link));
  return start(std::move(request), std::move(loaded.facts), std::move(told),
               std::move(loaded.domains), std::move(engines), options, clock);
}

std::optional<std::chrono::milliseconds> run_timeout(const Running& running) {
  return settings_of(running.request, running.facts.domain, running.facts.domain).timeout;
}

const Told& tell(Running& running) {
  if (!running.told) {
    running.told = tell_again(running.request);
    // Compiling had notes, too.
    running.told->plan.shown.notes = running.notes;
  }
  return *running.told;
}

void trim(Running& running) {
  const std::lock_guard tables(running.tables);
  // What was read from a pipe cannot be planned again.
  const bool is_kept = std::ranges::all_of(running.request.units, [](const UnitRequest& unit) {
    return unit.bytes != nullptr || unit.running != nullptr;
  });
  if (!is_kept) return;
  running.calls.reset();
  running.told.reset();
}

runtime::Domain& command_domain(Running& running) {
  // Of one domain, nothing has to be told.
  if (running.domains.size() == 1) return *running.domains.front();
  const auto& exports = tell(running).split.exports;
  const auto found = std::ranges::find(exports, running.facts.command, &resolve::SplitExport::name);
  TENON_CHECK(found != exports.end());
  return *running.domains[found->domain];
}

CallTable& call_table(Running& running) {
  if (!running.calls) {
    const Told& told = tell(running);
    running.calls.emplace(told.plan, told.split, told.foreign, told.units, running.host,
                          running.kinds, running.domains);
  }
  return *running.calls;
}

}  // namespace tenon::linker
