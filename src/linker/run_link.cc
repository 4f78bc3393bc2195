// From the plan to a running composition.
#include <algorithm>
#include <iterator>
#include <mutex>
#include <span>
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
#include "support/near_miss.h"
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

runtime::RestartPolicy restart_of(const DomainSettings& settings) {
  runtime::RestartPolicy policy;
  if (!settings.restart) return policy;
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

using SpansPtr = std::shared_ptr<const Spans>;

// spans: of the component; null: they are told when something fails.
Result<runtime::DomainParts> make_parts(Running& running, std::size_t domain, Loaded loaded,
                                        SpansPtr spans) {
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
      .describe = [&running, domain, spans](const engine::Failure& failure) {
        if (spans) return describe_failure(failure, *spans);
        const std::lock_guard lock(running.tables);
        return describe_failure(failure, *tell(running).spans[domain]);
      }};
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

// From here nothing is compiled.
Result<std::shared_ptr<Running>> start(Request request, KnownLink facts, std::optional<Told> told,
                                       std::vector<Loaded> loaded, Engines engines,
                                       const BuildOptions& options, PhaseClock& clock) {
  auto running =
      std::make_shared<Running>(std::move(request), std::move(facts), std::move(engines));
  if (options.trace_calls)
    running->trace =
        std::make_unique<Trace>(options.trace_calls, running->shared, running->domains);
  running->told = std::move(told);
  // It calls into those that lend it units; their threads may call into it.
  if (std::ranges::any_of(running->request.units,
                          [](const UnitRequest& unit) { return unit.running != nullptr; }))
    running->shared.lock.share(running->request.name);
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const std::string& name =
        running->told ? running->told->split.domains[i].name : running->facts.domain;
    running->domains.push_back(std::make_unique<runtime::Domain>(running->shared, name));
  }
  std::vector<bool> starts_at_call(loaded.size());
  for (resolve::DomainIndex i = 0; i < loaded.size(); ++i) {
    TENON_TRY(runtime::DomainParts parts,
              make_parts(*running, i, std::move(loaded[i]),
                         running->told ? running->told->spans[i] : nullptr));
    // A link that was known has one domain, and nothing of the program.
    if (running->told)
      TENON_TRY_VOID(
          define_bridges(parts.linker, running->told->split, i, call_table(*running), *running));
    running->domains[i]->prepare(std::move(parts));
  }
  if (running->told) starts_at_call = find_lazy_domains(running->told->split);
  for (std::size_t i = 0; i < running->domains.size(); ++i)
    if (!starts_at_call[i]) TENON_TRY_VOID(running->domains[i]->start());
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

SpansPtr spans_of(compose::Composed& composed) {
  return std::make_shared<const Spans>(Spans{std::move(composed.units), std::move(composed.stubs)});
}

// A plan and the component of each of its domains.
struct ComposedLink {
  PlannedLink planned;
  resolve::SplitPlan split;
  std::vector<compose::Composed> composed;  // by domain
};

Result<ComposedLink> compose_domains(const Request& request, const Files& files,
                                     PhaseClock& clock) {
  ComposedLink link;
  TENON_TRY(link.planned, plan_link(request, files, clock));
  stub_open_imports(link.planned.plan);
  link.split = resolve::split_domains(link.planned.plan);
  // Domains of equal units have one component.
  compose::EmbedOptions options;
  if (link.split.domains.size() > 1) options.sections = compose::Sections::KeepUnits;
  for (const resolve::DomainPlan& domain : link.split.domains) {
    TENON_TRY(compose::Composed made, embed_part(link.planned, domain.link, options));
    link.composed.push_back(std::move(made));
  }
  clock.end_phase("compose");
  return link;
}

Told tell_of(ComposedLink link) {
  Told told{std::move(link.planned.plan), std::move(link.split), {}};
  for (compose::Composed& made : link.composed) told.spans.push_back(spans_of(made));
  return told;
}

Told tell_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was composed before.
  Result<ComposedLink> link = compose_domains(request, RealFiles(), clock);
  TENON_CHECK(link);
  return tell_of(*std::move(link));
}

// Compiles the component of one domain. before: the domains before it; what is the same component
// is compiled and kept once.
Result<Loaded> load_domain(ComposedLink& link, std::size_t i, std::span<const Loaded> before,
                           const Request& request, const std::string& root_domain, Engines& engines,
                           const BuildOptions& options, KnownLink& facts) {
  const resolve::DomainPlan& domain = link.split.domains[i];
  Loaded loaded;
  loaded.settings = settings_of(request, domain.name, root_domain);
  facts.concurrency = concurrency_of(link.planned, domain.link);
  facts.needs_wasi = std::ranges::any_of(domain.link.imports,
                                         [](const auto& one) { return one.met == Met::Wasi; });
  loaded.needs_wasi = facts.needs_wasi;
  TENON_TRY(loaded.engine, engines.open(facts.concurrency, loaded.settings));
  for (std::size_t k = 0; k < before.size(); ++k) {
    if (before[k].engine != loaded.engine || link.composed[k].bytes != link.composed[i].bytes)
      continue;
    loaded.code = before[k].code;
    return loaded;
  }
  TENON_TRY(engine::CachedCode code,
            load_code(link.planned, domain.link, link.composed[i], *loaded.engine, options));
  facts.code_key = code.key;
  loaded.code = std::make_shared<const engine::CompiledComponent>(std::move(code.code));
  return loaded;
}

Diagnostic swap_problem(const std::string& unit, std::string why) {
  return make_diagnostic(Code::RunSwap, "`{}` cannot be swapped: {}", unit, why);
}

// As its unit calls it.
const std::string& name_of(const resolve::LinkPlan& plan, resolve::UnitExport item) {
  return plan.units[item.unit].type.exports[item.index].name;
}

// Bridges stay as they are: what they call in the swapped domain has to be what they called.
std::optional<Diagnostic> compare_bridges(const ComposedLink& before, const ComposedLink& after,
                                          const std::string& unit, std::size_t domain) {
  for (std::size_t i = 0; i < before.split.domains.size(); ++i) {
    if (i == domain) continue;
    const auto& was = before.split.domains[i].imports;
    const auto& is = after.split.domains[i].imports;
    const auto same = [&](const resolve::BridgedImport& a, const resolve::BridgedImport& b) {
      return a.name == b.name && a.provider == b.provider && a.export_name == b.export_name &&
             (a.provider != resolve::kOutside ||
              (before.planned.plan.units[a.from.unit].name ==
                   after.planned.plan.units[b.from.unit].name &&
               name_of(before.planned.plan, a.from) == name_of(after.planned.plan, b.from)));
    };
    const auto [a, b] = std::ranges::mismatch(was, is, same);
    if (a == was.end() && b == is.end()) continue;
    std::string why = fmt::format("what `{}` calls would change", before.split.domains[i].name);
    if (a != was.end() && b != is.end())
      why +=
          fmt::format(": from the place of `{}` among the exports in use to that of `{}`",
                      name_of(before.planned.plan, a->from), name_of(after.planned.plan, b->from));
    return swap_problem(unit, std::move(why));
  }
  return std::nullopt;
}

// What calls from outside need of a plan: its types, and the functions that are called.
struct Callables {
  CallTable& calls;
  const std::vector<ExportedItem>& functions;
};

// Functions that are held outside of the composition: they stay what they are.
std::optional<Diagnostic> compare_functions(const Callables& before, const Callables& after,
                                            const std::string& unit) {
  const value::SameResource same = [&](types::ResourceId a, types::ResourceId b) {
    const runtime::ResourceKind& was = before.calls.kind_of(a);
    const runtime::ResourceKind& is = after.calls.kind_of(b);
    // Of those that no unit makes, nothing but the name is known.
    return was.home == nullptr && is.home == nullptr ? was.name == is.name : &was == &is;
  };
  for (const ExportedItem& was : before.functions) {
    const auto is = std::ranges::find_if(after.functions, [&](const ExportedItem& one) {
      return one.interface == was.interface && one.name == was.name;
    });
    const std::string name = shown_name(was.interface, was.name);
    if (is == after.functions.end())
      return swap_problem(unit, fmt::format("it would not export `{}`", name));
    const FunctionType old_type = value::make_function_type(before.calls.graph(), was.function);
    const FunctionType new_type = value::make_function_type(after.calls.graph(), is->function);
    if (value::is_same_function(old_type, new_type, same)) {
      if (is->component_export == was.component_export) continue;
      return swap_problem(unit, fmt::format("`{}` would have another place among its exports, and "
                                            "another composition uses the unit",
                                            name));
    }
    Diagnostic problem = swap_problem(unit, fmt::format("`{}` would be of another type", name));
    problem.notes.push_back({fmt::format("it is `{}`", old_type.wit("")), {}, {}});
    problem.notes.push_back({fmt::format("it would be `{}`", new_type.wit("")), {}, {}});
    return problem;
  }
  return std::nullopt;
}

// Whether another composition uses the unit.
bool is_lent(const Running& running, const std::string& unit) {
  return std::ranges::any_of(running.lent, [&](const std::weak_ptr<const RunningUnit>& one) {
    const auto lent = one.lock();
    return lent != nullptr && lent->name == unit;
  });
}

resolve::UnitIndex index_of(const CallTable& calls, const std::string& unit) {
  const auto found = std::ranges::find(calls.plan().units, unit, &resolve::Unit::name);
  return static_cast<resolve::UnitIndex>(found - calls.plan().units.begin());
}

// Whether two plans of one composition differ in the component of a domain alone.
std::optional<Diagnostic> compare_links(const ComposedLink& before, const ComposedLink& after,
                                        const std::string& unit, std::size_t domain) {
  const auto names = [](const auto& items) {
    std::vector<std::string> found;
    for (const auto& item : items) found.push_back(item.name);
    return found;
  };
  if (names(before.split.domains) != names(after.split.domains))
    return swap_problem(unit, "the domains of the composition would change");
  for (std::size_t i = 0; i < before.composed.size(); ++i) {
    if (i == domain || before.composed[i].bytes == after.composed[i].bytes) continue;
    return swap_problem(unit, fmt::format("the links of the domain `{}` would change",
                                          before.split.domains[i].name));
  }
  if (names(before.split.domains[domain].exports) != names(after.split.domains[domain].exports) ||
      names(before.split.exports) != names(after.split.exports))
    return swap_problem(unit, "it would export other items than those in use");
  return compare_bridges(before, after, unit, domain);
}

// One swap of a composition at a time: nobody else changes what it is.
class SwapTurn final {
 public:
  explicit SwapTurn(Running& running)
      : running_(running), has_begun_(!running.is_swapping.exchange(true)) {}
  SwapTurn(const SwapTurn&) = delete;
  SwapTurn& operator=(const SwapTurn&) = delete;
  ~SwapTurn() {
    if (has_begun_) running_.is_swapping.store(false);
  }

  [[nodiscard]] bool has_begun() const { return has_begun_; }

 private:
  Running& running_;
  bool has_begun_;
};

// Position of the domain that holds the unit and no other.
std::optional<std::size_t> find_own_domain(const resolve::SplitPlan& split,
                                           const std::string& unit) {
  for (std::size_t i = 0; i < split.domains.size(); ++i) {
    const auto& units = split.domains[i].link.units;
    if (units.size() == 1 && units.front().name == unit) return i;
  }
  return std::nullopt;
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
      return start(std::move(request), *known, std::nullopt, std::move(loaded), std::move(engines),
                   options, clock);
    }
  }
  TENON_TRY(ComposedLink link, compose_domains(request, files, clock));
  KnownLink facts = facts_of(link.planned);
  std::vector<Loaded> loaded;
  for (std::size_t i = 0; i < link.split.domains.size(); ++i) {
    TENON_TRY(Loaded one,
              load_domain(link, i, loaded, request, facts.domain, engines, options, facts));
    loaded.push_back(std::move(one));
  }
  clock.end_phase("load");
  // Of several domains, starting needs the plan: its bridges are made of types.
  const bool is_one = link.split.domains.size() == 1;
  if (is_one && key && link.planned.plan.shown.notes.empty() && !facts.code_key.empty())
    keep_known_link(options.cache_dir, *key, facts);
  Told told = tell_of(std::move(link));
  return start(std::move(request), std::move(facts), std::move(told), std::move(loaded),
               std::move(engines), options, clock);
}

Result<void> swap_unit(Running& running, UnitRequest unit, SwapHandles handles, const Files& files,
                       const BuildOptions& options) {
  const SwapTurn turn(running);
  if (!turn.has_begun())
    return swap_problem(unit.name, "another swap of its composition is in progress");
  Request request = running.request;
  const auto found = std::ranges::find(request.units, unit.name, &UnitRequest::name);
  if (found == request.units.end()) {
    std::vector<std::string> names;
    for (const UnitRequest& one : request.units) names.push_back(one.name);
    Diagnostic problem = swap_problem(unit.name, "there is no such unit");
    problem.hints.push_back(suggest_name(unit.name, std::move(names), "units"));
    return problem;
  }
  if (found->running != nullptr)
    return swap_problem(unit.name, "it is of another composition, which can swap it");
  found->path = std::move(unit.path);
  found->bytes = std::move(unit.bytes);
  found->digest.clear();
  found->sha256.reset();
  load_units(request, files);
  PhaseClock clock;
  TENON_TRY(ComposedLink after, compose_domains(request, files, clock));
  TENON_TRY(const ComposedLink before, compose_domains(running.request, files, clock));
  const auto domain = find_own_domain(before.split, unit.name);
  if (!domain) {
    Diagnostic problem = swap_problem(unit.name, "it shares its domain with other units");
    problem.hints.push_back(
        fmt::format("isolate it: `isolated = true`, or `--isolate={}`", unit.name));
    return problem;
  }
  if (const auto problem = compare_links(before, after, unit.name, *domain)) return *problem;
  KnownLink facts = running.facts;
  TENON_TRY(Loaded loaded, load_domain(after, *domain, {}, request, facts.domain, running.engines,
                                       options, facts));
  // Up to here its units were called. From here nothing is compiled.
  const runtime::OwnerLock::Entry entry(running.shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  std::unique_lock tables(running.tables);
  {
    CallTable was(before.planned.plan, before.split, running.host, running.kinds, running.domains);
    CallTable is(after.planned.plan, after.split, running.host, running.kinds, running.domains);
    if (const auto problem =
            compare_functions({was, was.functions()}, {is, is.functions()}, unit.name))
      return *problem;
    if (is_lent(running, unit.name)) {
      const auto problem =
          compare_functions({was, was.functions_of(index_of(was, unit.name))},
                            {is, is.functions_of(index_of(is, unit.name))}, unit.name);
      if (problem) return *problem;
    }
  }
  runtime::Domain& swapped = *running.domains[*domain];
  if (swapped.is_running()) return swap_problem(unit.name, "a call of it is in progress");
  const std::size_t live = running.shared.resources.count_made_by(swapped, swapped.life());
  if (live != 0 && handles == SwapHandles::Refuse) {
    Diagnostic problem =
        swap_problem(unit.name, fmt::format("{} resources that it made are in use", live));
    problem.hints.push_back("drop them first, or let them become stale: `SwapHandles::MakeStale`");
    return problem;
  }
  Told told = tell_of(std::move(after));
  CallTable calls(told.plan, told.split, running.host, running.kinds, running.domains);
  TENON_TRY(runtime::DomainParts parts,
            make_parts(running, *domain, std::move(loaded), told.spans[*domain]));
  TENON_TRY_VOID(define_bridges(parts.linker, told.split,
                                static_cast<resolve::DomainIndex>(*domain), calls, running));
  tables.unlock();
  TENON_TRY_VOID(swapped.swap(std::move(parts)));
  tables.lock();
  running.request = std::move(request);
  running.calls.reset();
  running.told = std::move(told);
  return {};
}

std::optional<std::chrono::milliseconds> run_timeout(const Running& running) {
  return settings_of(running.request, running.facts.domain, running.facts.domain).timeout;
}

const Told& tell(Running& running) {
  if (!running.told) running.told = tell_again(running.request);
  return *running.told;
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
    running.calls.emplace(told.plan, told.split, running.host, running.kinds, running.domains);
  }
  return *running.calls;
}

}  // namespace tenon::linker
