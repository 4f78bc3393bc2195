// From the plan to a running composition.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/code_cache.h"
#include "engine/linker.h"
#include "linker/bridge_domain.h"
#include "linker/domain_settings.h"
#include "linker/grants.h"
#include "linker/known_link.h"
#include "linker/link.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/uses.h"

namespace tenon::linker {

namespace {

using Met = resolve::CompositionImport::Met;

// In a run, what is left open traps when it is called: compose writes the stubs.
void stub_open_imports(resolve::LinkPlan& plan) {
  for (resolve::CompositionImport& import : plan.imports)
    if (import.met == Met::Open && !types::is_types_only(*plan.types, import.item))
      import.met = Met::Trap;
}

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

// One domain on its way.
struct Loaded {
  DomainSettings settings;
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<const engine::CompiledComponent> code;
  bool needs_wasi = false;
};

// The engines of one composition: one for each configuration.
class Engines final {
 public:
  explicit Engines(const Request& request) {
    has_deadlines_ = request.limits.timeout || request.limits.call_timeout;
    for (const auto& [name, settings] : request.domains)
      if (settings.timeout || settings.call_timeout) has_deadlines_ = true;
  }

  Result<std::shared_ptr<const engine::Engine>> open(Concurrency concurrency,
                                                     const DomainSettings& settings) {
    engine::EngineConfig config;
    if (concurrency == Concurrency::Yes) config.concurrency = engine::Concurrency::Yes;
    if (settings.fuel != 0) config.metering = engine::Metering::Yes;
    // A call is interrupted at its deadline alone, which may be that of its caller: Ctrl-C ends the
    // process itself. Epoch checks cost five times what an inlined call costs
    // (docs/adr/0006-interruption.md).
    config.interruption = has_deadlines_ ? engine::Interruption::Yes : engine::Interruption::No;
    for (const auto& engine : engines_)
      if (engine->config() == config) return engine;
    TENON_TRY(engine::Engine made, engine::Engine::open(config));
    engines_.push_back(std::make_shared<const engine::Engine>(std::move(made)));
    return engines_.back();
  }

 private:
  bool has_deadlines_ = false;
  std::vector<std::shared_ptr<const engine::Engine>> engines_;
};

runtime::RestartPolicy restart_of(const DomainSettings& settings) {
  runtime::RestartPolicy policy;
  if (!settings.restart || !settings.restart->on_trap) return policy;
  policy.max = settings.restart->max;
  policy.window = settings.restart->within;
  return policy;
}

engine::StoreLimits limits_of(const DomainSettings& settings) {
  engine::StoreLimits limits;
  limits.memory_bytes = settings.memory;
  limits.table_elements = settings.tables;
  limits.instances = settings.instances;
  if (settings.fuel != 0) limits.fuel = settings.fuel;
  return limits;
}

Result<runtime::DomainParts> make_parts(Running& running, std::size_t domain, Loaded loaded) {
  TENON_TRY(engine::Grants granted, engine_grants(loaded.settings.grants, running.facts.program));
  engine::Linker linker = engine::Linker::make(*loaded.engine);
  if (loaded.needs_wasi) TENON_TRY_VOID(linker.add_wasi());
  return runtime::DomainParts{
      .engine = std::move(loaded.engine),
      .code = std::move(loaded.code),
      .linker = std::move(linker),
      .grants = std::move(granted),
      .limits = limits_of(loaded.settings),
      .restart = restart_of(loaded.settings),
      .call_timeout = loaded.settings.call_timeout,
      .describe = [&running, domain](const engine::Failure& failure) {
        return describe_failure(failure, tell(running).spans[domain]);
      }};
}

// From here nothing is compiled.
Result<std::shared_ptr<Running>> start(Request request, KnownLink facts, std::optional<Told> told,
                                       std::vector<Loaded> loaded, const BuildOptions& options,
                                       PhaseClock& clock) {
  auto running = std::make_shared<Running>(std::move(request), std::move(facts));
  if (options.trace_calls)
    running->trace =
        std::make_unique<Trace>(options.trace_calls, running->shared, running->domains);
  running->told = std::move(told);
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const std::string& name =
        running->told ? running->told->split.domains[i].name : running->facts.domain;
    running->domains.push_back(std::make_unique<runtime::Domain>(running->shared, name));
  }
  for (resolve::DomainIndex i = 0; i < loaded.size(); ++i) {
    runtime::Domain& domain = *running->domains[i];
    TENON_TRY(runtime::DomainParts parts, make_parts(*running, i, std::move(loaded[i])));
    if (running->domains.size() > 1) {
      TENON_TRY_VOID(define_bridges(parts.linker, running->told->split, i, call_table(*running),
                                    running->domains, running->request.policy.wires,
                                    running->trace.get()));
    }
    TENON_TRY_VOID(domain.start(std::move(parts)));
  }
  clock.end_phase("instantiate");
  return running;
}

// Compiling validates. Warnings of the cache become notes of the plan.
Result<engine::CachedCode> load_code(PlannedLink& planned, const resolve::LinkPlan& part,
                                     const compose::Composed& composed,
                                     const engine::Engine& engine, const BuildOptions& options) {
  Result<engine::CachedCode> made =
      engine::load_or_compile(engine, composed.bytes, options.cache_dir);
  if (!made) {
    const bool is_invalid = made.error().front().code == code_text(Code::ReadInvalid);
    return is_invalid ? explain_invalid(planned, part, made.error()) : std::move(made).error();
  }
  std::ranges::move(made->warnings, std::back_inserter(planned.plan.shown.notes));
  return made;
}

Concurrency concurrency_of(const PlannedLink& planned, const resolve::LinkPlan& part) {
  const bool is_concurrent = std::ranges::any_of(part.units, [&](const resolve::Unit& unit) {
    return planned.binaries.find(unit.name)->second.concurrency == Concurrency::Yes;
  });
  return is_concurrent ? Concurrency::Yes : Concurrency::No;
}

Spans spans_of(compose::Composed& composed) {
  return {std::move(composed.units), std::move(composed.stubs)};
}

Told tell_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was planned before.
  Result<PlannedLink> planned = plan_link(request, RealFiles(), clock);
  TENON_CHECK(planned);
  stub_open_imports(planned->plan);
  Result<compose::Composed> composed = embed_part(*planned, planned->plan, {});
  TENON_CHECK(composed);
  resolve::SplitPlan split = resolve::split_domains(planned->plan);
  return {std::move(planned->plan), std::move(split), {spans_of(*composed)}};
}

}  // namespace

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
                        known->needs_wasi});
      return start(std::move(request), *known, std::nullopt, std::move(loaded), options,
                   clock);
    }
  }
  TENON_TRY(PlannedLink planned, plan_link(request, files, clock));
  stub_open_imports(planned.plan);
  resolve::SplitPlan split = resolve::split_domains(planned.plan);
  KnownLink facts = facts_of(planned);
  std::vector<compose::Composed> composed;
  for (const resolve::DomainPlan& domain : split.domains) {
    TENON_TRY(compose::Composed made, embed_part(planned, domain.link, {}));
    composed.push_back(std::move(made));
  }
  clock.end_phase("compose");
  std::vector<Loaded> loaded;
  for (std::size_t i = 0; i < split.domains.size(); ++i) {
    const resolve::DomainPlan& domain = split.domains[i];
    DomainSettings settings = settings_of(request, domain.name, facts.domain);
    facts.concurrency = concurrency_of(planned, domain.link);
    facts.needs_wasi = std::ranges::any_of(domain.link.imports,
                                           [](const auto& one) { return one.met == Met::Wasi; });
    TENON_TRY(auto engine, engines.open(facts.concurrency, settings));
    TENON_TRY(engine::CachedCode code,
              load_code(planned, domain.link, composed[i], *engine, options));
    facts.code_key = code.key;
    loaded.push_back({std::move(settings), std::move(engine),
                      std::make_shared<const engine::CompiledComponent>(std::move(code.code)),
                      facts.needs_wasi});
  }
  clock.end_phase("load");
  // Of several domains, starting needs the plan: its bridges are made of types.
  const bool is_one = split.domains.size() == 1;
  if (is_one && key && planned.plan.shown.notes.empty() && !facts.code_key.empty())
    keep_known_link(options.cache_dir, *key, facts);
  std::vector<Spans> spans;
  for (compose::Composed& made : composed) spans.push_back(spans_of(made));
  Told told{std::move(planned.plan), std::move(split), std::move(spans)};
  return start(std::move(request), std::move(facts), std::move(told), std::move(loaded), options,
               clock);
}

const Told& tell(Running& running) {
  if (!running.told) running.told = tell_again(running.request);
  return *running.told;
}

CallTable& call_table(Running& running) {
  if (!running.calls) {
    const Told& told = tell(running);
    std::vector<runtime::Domain*> domain_of(told.plan.units.size());
    for (std::size_t i = 0; i < told.split.domains.size(); ++i)
      for (const resolve::UnitIndex unit : told.split.domains[i].units)
        domain_of[unit] = running.domains[i].get();
    running.calls.emplace(told.plan, told.split, std::move(domain_of));
  }
  return *running.calls;
}

}  // namespace tenon::linker
