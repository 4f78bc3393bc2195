// Turns a plan into a running composition.
#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "engine/code_cache.h"
#include "host/process_env.h"
#include "linker/callees.h"
#include "linker/domain_settings.h"
#include "linker/host_offers.h"
#include "linker/known_link.h"
#include "linker/link.h"
#include "linker/load_link.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/uses.h"

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

// The part of a plan that starting needs, without its domains.
KnownLink facts_of(const PlannedLink& planned) {
  KnownLink facts;
  facts.program = program_name(planned.plan);
  facts.command = command_name(planned.plan.shown);
  facts.domain = find_root_domain(planned.plan.shown);
  return facts;
}

// Domains that only lazy edges lead to. They start at their first call.
std::vector<bool> find_lazy_domains(const std::vector<KnownDomain>& domains) {
  std::vector<bool> is_used(domains.size());
  std::vector<bool> is_eager(domains.size());
  for (const KnownDomain& domain : domains)
    for (const KnownImport& import : domain.imports)
      if (import.provider != resolve::kOutside)
        (import.lazy ? is_used : is_eager)[import.provider] = true;
  std::vector<bool> lazy;
  for (std::size_t i = 0; i < is_used.size(); ++i) lazy.push_back(is_used[i] && !is_eager[i]);
  return lazy;
}

// Registers the resource types of the bridges under the keys by which a plan finds them later.
void add_kinds(const KnownLink& link, Running& running) {
  for (const auto& [resource, known] : link.kinds) {
    const auto [kind, is_new] = running.kinds.try_emplace(known.key);
    if (!is_new) continue;
    kind->second.number = static_cast<std::uint32_t>(running.kinds.size());
    kind->second.name = known.name;
    kind->second.home = running.domains[known.home].get();
  }
}

// Empty if the resource belongs to another composition or to native code.
std::optional<KnownKind> find_known_kind(const runtime::ResourceKind& kind,
                                         const Running& running) {
  const auto home =
      std::ranges::find(running.domains, kind.home, &std::unique_ptr<runtime::Domain>::get);
  const auto named = std::ranges::find_if(
      running.kinds, [&](const auto& entry) { return &entry.second == &kind; });
  if (kind.home == nullptr || kind.origin != nullptr || home == running.domains.end() ||
      named == running.kinds.end())
    return std::nullopt;
  return KnownKind{named->first, kind.name,
                   static_cast<std::uint32_t>(home - running.domains.begin())};
}

// The facts with which this link can be started again without a plan. Empty if a domain has no
// cached code, or if an import is not provided by one of the domains.
std::optional<KnownLink> make_known_link(Running& running) {
  const PlanRecord& plan_record = *running.plan_record;
  KnownLink link = running.facts;
  for (const KnownDomain& domain : link.domains)
    if (domain.code_key.empty() ||
        std::ranges::any_of(domain.imports, [](const KnownImport& import) {
          return import.provider == resolve::kOutside;
        }))
      return std::nullopt;
  link.types = plan_record.split.types;
  link.notes = running.notes;
  const auto command =
      std::ranges::find(plan_record.split.exports, link.command, &resolve::SplitExport::name);
  if (command != plan_record.split.exports.end()) link.command_domain = command->domain;
  if (link.domains.size() == 1) return link;
  CallTable& calls = call_table(running);
  for (const KnownDomain& domain : link.domains)
    for (const KnownImport& import : domain.imports)
      for (const types::ResourceId id : types::mentioned_resources(*link.types, import.item)) {
        std::optional<KnownKind> kind = find_known_kind(calls.kind_of(id), running);
        if (!kind) return std::nullopt;
        link.kinds.emplace(id, *std::move(kind));
      }
  return link;
}

// The program may destroy a composition in a function that one of its guests is calling.
struct Retire {
  void operator()(Running* running) const {
    const std::shared_ptr<runtime::OwnerLock> lock = running->shared.lock;
    lock->run_when_left([running] { delete running; });
  }
};

// Creates the domains of compiled code and starts those that are not started by their first call.
Result<std::shared_ptr<Running>> start(Request request, KnownLink facts,
                                       std::optional<PlanRecord> plan_record,
                                       std::vector<Loaded> loaded, Engines engines,
                                       const BuildOptions& options, PhaseClock& clock) {
  const std::shared_ptr<Running> running(
      new Running(std::move(request), std::move(facts), std::move(engines)), Retire());
  // A plan that is made again later, to explain a failure, has no deadline.
  const auto deadline = std::exchange(running->request.deadline, std::nullopt);
  if (const auto timeout = run_timeout(*running))
    running->shared.run_limit = runtime::RunLimit{*timeout, deadline, running->facts.domain};
  if (running->request.can_interrupt) running->shared.interrupts.emplace(0);
  if (options.trace_calls)
    running->trace =
        std::make_unique<runtime::Trace>(options.trace_calls, running->shared, running->domains);
  running->plan_record = std::move(plan_record);
  if (running->plan_record) running->notes = running->plan_record->plan.shown.notes;
  // The compositions whose units it uses can call into it on their threads.
  if (std::ranges::any_of(running->request.units,
                          [](const UnitRequest& unit) { return unit.running != nullptr; }))
    running->shared.lock->share(running->request.name);
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  for (const KnownDomain& domain : running->facts.domains)
    running->domains.push_back(std::make_unique<runtime::Domain>(running->shared, domain.name));
  if (!running->plan_record) {
    running->notes = running->facts.notes;
    add_kinds(running->facts, *running);
  }
  ShapeTable known_shapes(*running->facts.types, [&](types::ResourceId resource) -> const auto& {
    return running->kinds.at(running->facts.kinds.at(resource).key);
  });
  for (resolve::DomainIndex i = 0; i < loaded.size(); ++i) {
    TENON_TRY(auto body, running->plan_record
                             ? make_body(*running, loaded[i], running->plan_record->split, i,
                                         call_table(*running))
                             : make_known_body(*running, loaded[i], i, known_shapes));
    TENON_TRY(runtime::DomainParts parts,
              make_parts(*running, std::move(loaded[i]), std::move(body),
                         [&of = *running, i](const engine::Failure& failure) {
                           const std::lock_guard tables(of.tables);
                           return describe_failure(failure, get_plan_record(of).spans[i]);
                         }));
    running->domains[i]->prepare(std::move(parts));
  }
  const std::vector<bool> starts_at_call = find_lazy_domains(running->facts.domains);
  if (running->plan_record) running->plan_record->drop_domain_links();
  for (std::size_t i = 0; i < running->domains.size(); ++i)
    if (!starts_at_call[i]) TENON_TRY_VOID(running->domains[i]->start());
  // The deadline of the link holds for its guests only if the caller said when the run began.
  if (running->shared.run_limit && !running->request.start) running->shared.run_limit->end.reset();
  clock.end_phase("instantiate");
  return running;
}

PlanRecord plan_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was composed before.
  Result<ComposedLink> link = compose_domains(request, RealFiles(), clock);
  TENON_CHECK(link);
  PlanRecord plan_record = make_plan_record(*std::move(link));
  plan_record.drop_domain_links();
  return plan_record;
}

// A link with the code of all its domains.
struct LoadedLink {
  ComposedLink link;
  KnownLink facts;
  std::vector<Loaded> domains;
};

// Runs before anything is compiled, because compiling starts threads.
Result<void> set_process_env(const PlannedLink& planned, const Request& request) {
  const auto access =
      request.hosts.may_setenv ? host::EnvAccess::MayChange : host::EnvAccess::ReadOnly;
  Diagnostics problems;
  for (const auto& [name, binary] : planned.binaries) {
    if (binary.bundle == nullptr) continue;
    const Result<void> set =
        host::set_process_env(name, binary.bundle->manifest, binary.bundle->config, access);
    if (!set) std::ranges::copy(set.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  return {};
}

Result<LoadedLink> load_link(ComposedLink link, const Request& request, Engines& engines,
                             const engine::CodeCache& cache, PhaseClock& clock) {
  LoadedLink loaded{.link = std::move(link), .facts = {}, .domains = {}};
  loaded.facts = facts_of(loaded.link.planned);
  for (std::size_t i = 0; i < loaded.link.split.domains.size(); ++i) {
    TENON_TRY_VOID(check_deadline(request));
    TENON_TRY(Loaded domain_code, load_domain(loaded.link, i, loaded.domains, request,
                                              loaded.facts.domain, engines, cache));
    const resolve::DomainPlan& domain = loaded.link.split.domains[i];
    KnownDomain known{
        .name = domain.name,
        .code_key = domain_code.code_key,
        .concurrency = domain_code.engine->config().concurrency == engine::Concurrency::Yes
                           ? Concurrency::Yes
                           : Concurrency::No,
        .needs_wasi = domain_code.denials != nullptr};
    for (const resolve::BridgedImport& import : domain.imports)
      known.imports.push_back(make_known_import(import, loaded.link.planned.plan));
    loaded.facts.domains.push_back(std::move(known));
    loaded.domains.push_back(std::move(domain_code));
  }
  clock.end_phase("load");
  return loaded;
}

// Empty if the code of a domain is no longer in the cache.
Result<std::optional<std::vector<Loaded>>> load_known(const KnownLink& known,
                                                      const Request& request, Engines& engines,
                                                      const engine::CodeCache& cache) {
  std::vector<Loaded> loaded;
  for (const KnownDomain& domain : known.domains) {
    TENON_TRY_VOID(check_deadline(request));
    TENON_TRY(std::optional<Loaded> domain_code,
              load_known_domain(domain, loaded, request, known.domain, engines, cache));
    if (!domain_code) return std::optional<std::vector<Loaded>>();
    loaded.push_back(*std::move(domain_code));
  }
  return std::optional(std::move(loaded));
}

}  // namespace

Result<void> prepare_link(Request request, const Files& files, const BuildOptions& options,
                          PhaseClock& clock) {
  load_units(request, files);
  Engines engines(request);
  TENON_TRY(ComposedLink link, compose_domains(request, files, clock));
  const auto loaded =
      load_link(std::move(link), request, engines, engine::CodeCache(options.cache_dir), clock);
  if (!loaded) return loaded.error();
  return {};
}

Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                          const BuildOptions& options, PhaseClock& clock) {
  load_units(request, files);
  Engines engines(request);
  const engine::CodeCache cache(options.cache_dir);
  // Traces show names from the plan, which a known link does not have.
  const std::optional<std::string> key =
      options.trace_calls ? std::nullopt : make_link_key(request);
  if (auto known = key ? find_known_link(cache.folder(), *key) : std::nullopt) {
    TENON_TRY(auto loaded, load_known(*known, request, engines, cache));
    if (loaded) {
      clock.end_phase("load");
      return start(std::move(request), *std::move(known), std::nullopt, *std::move(loaded),
                   std::move(engines), options, clock);
    }
  }
  TENON_TRY(ComposedLink composed, compose_domains(request, files, clock));
  TENON_TRY_VOID(set_process_env(composed.planned, request));
  TENON_TRY(LoadedLink loaded, load_link(std::move(composed), request, engines, cache, clock));
  // A plan that depends on offers is not stored: they may be others next time.
  const bool can_be_known = key && !loaded.link.planned.looks_at_offers;
  adopt_offers(std::move(loaded.link.planned.taken_offers), request);
  PlanRecord plan_record = make_plan_record(std::move(loaded.link));
  TENON_TRY(const std::shared_ptr<Running> running,
            start(std::move(request), std::move(loaded.facts), std::move(plan_record),
                  std::move(loaded.domains), std::move(engines), options, clock));
  if (can_be_known)
    if (const std::optional<KnownLink> link = make_known_link(*running))
      keep_known_link(cache.folder(), *key, *link);
  return running;
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

}  // namespace tenon::linker
