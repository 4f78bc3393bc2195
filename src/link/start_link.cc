#include "link/start_link.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "engine/linker.h"
#include "engine/store.h"
#include "link/callees.h"
#include "link/code_jobs.h"
#include "link/domain_settings.h"
#include "link/embed_later.h"
#include "runtime/channel.h"
#include "runtime/domain.h"
#include "runtime/posting.h"
#include "runtime/waits.h"
#include "support/try.h"

namespace tenon::link {

namespace {

runtime::RestartPolicy restart_of(const DomainSettings& settings) {
  runtime::RestartPolicy policy;
  if (!settings.restart) return policy;
  policy.max = settings.restart->max;
  policy.window = settings.restart->within;
  return policy;
}

std::unique_ptr<const engine::StoreLimits> limits_of(const DomainSettings& settings) {
  engine::StoreLimits limits;
  limits.memory_bytes = settings.memory;
  limits.table_elements = settings.tables;
  limits.instances = settings.instances;
  if (settings.fuel != 0) limits.fuel = settings.fuel;
  if (limits == engine::StoreLimits()) return nullptr;
  return std::make_unique<const engine::StoreLimits>(limits);
}

runtime::CallsOfLife calls_of_life(const Request& request, const DomainRow& row) {
  if (count_instances(request, row) == 0) return {};
  if (!answers_http(request, row)) return {.most = 1, .outlasts_them = row.serves_requests};
  const HttpInstances& use = request.http_use;
  return {.most = std::max(use.reuse, 1u), .at_once = std::max(use.share, 1u)};
}

std::size_t count_threads(const Request& request) {
  return request.threads != 0 ? request.threads : count_processors();
}

// Ends the threads of the pool, and what runs on them.
void stop_threads(Running& running) {
  runtime::Shared& shared = running.shared;
  if (!shared.scheduler.pool().has_threads()) return;
  shared.is_ending.store(true);
  // The ticker's thread may not run, and perhaps cannot be started.
  const runtime::OwnerLock::Released released(*shared.lock);
  shared.scheduler.pool().stop([&shared] { shared.ticker.tick(); });
}

// Calls that have ended say so, although nobody lets the composition run any more.
void report_ends(runtime::Scheduler& scheduler) {
  for (bool is_done = false; !is_done;) {
    try {
      (void)scheduler.run_posted();
      is_done = true;
    } catch (...) {
      // A continuation of the program has thrown, and there is nobody to report it to.
    }
  }
}

void retire(Running* running) {
  stop_threads(*running);
  report_ends(running->shared.scheduler);
  // While the domains can still drop resources.
  running->shared.channels->end();
  running->shared.inbox->close();
  delete running;
}

// The program may destroy a composition in a function that one of its guests is calling.
struct Retire {
  void operator()(Running* running) const {
    const std::shared_ptr<runtime::OwnerLock> lock = running->shared.lock;
    // Nothing runs after the destructor of a composition, unless it is called by one of its guests.
    if (!lock->is_in()) stop_threads(*running);
    lock->run_when_left(std::move(running->retire));
  }
};

std::shared_ptr<Running> make_running(Request request, StartPlan start, Engines engines) {
  auto running =
      std::make_unique<Running>(std::move(request), std::move(start), std::move(engines));
  running->retire = runtime::Posting([of = running.get()] { retire(of); });
  return {running.release(), Retire()};
}

// Limits name look-ups of guests to the granted names. `*` grants all names.
Result<void> limit_names(engine::Linker& linker, const std::vector<std::string>& net,
                         const engine::Denials& denials) {
  std::vector<std::string> names;
  for (const std::string& text : net) {
    Result<engine::NetworkGrant> grant = parse_network_grant(text);
    if (!grant) return std::move(grant).error();
    if (grant->host == "*") return {};
    names.push_back(std::move(grant->host));
  }
  return linker.limit_names(names, net.empty() ? &denials : nullptr);
}

// A linker with the core modules of the units and the imports that the engine provides.
Result<engine::Linker> make_linker(const Loaded& loaded, const DomainRow& row) {
  engine::Linker linker = engine::Linker::make(*loaded.engine);
  for (std::size_t i = 0; i < loaded.code->modules.size(); ++i)
    TENON_TRY_VOID(linker.add_module(compose::module_import_name(i), *loaded.code->modules[i]));
  if (loaded.denials == nullptr) return linker;
  TENON_TRY_VOID(linker.add_wasi());
  if (row.needs_http) TENON_TRY_VOID(linker.add_http());
  const Grants& grants = loaded.settings.grants;
  TENON_TRY_VOID(linker.watch(
      *loaded.denials, {.environment = grants.env.empty(), .file_system = grants.dirs.empty()}));
  TENON_TRY_VOID(limit_names(linker, grants.net, *loaded.denials));
  return linker;
}

using Prepared = runtime::ComponentBody::Prepared;

}  // namespace

// Domains of equal code that import nothing share what is prepared; those of a pool also if they import
// WASI.
Result<std::unique_ptr<runtime::Body>> make_body(Running& running, Loaded& loaded,
                                                 const DomainRow& row, runtime::Domain& domain,
                                                 CallTypes& types) {
  if (loaded.module != nullptr)
    return make_package_body(running, loaded.module, row, loaded.settings.memory, domain, types);
  DomainCode& code = *loaded.code;
  std::shared_ptr<const Prepared>& shared =
      loaded.denials == nullptr ? code.prepared : loaded.prepared;
  std::shared_ptr<const Prepared> prepared = row.imports.empty() ? shared : nullptr;
  if (prepared == nullptr) {
    TENON_TRY(engine::Linker linker, make_linker(loaded, row));
    TENON_TRY_VOID(define_imports(linker, row, domain, types, running));
    prepared = std::make_shared<const Prepared>(linker.prepare(*code.component));
    if (row.imports.empty()) shared = prepared;
  }
  return std::unique_ptr<runtime::Body>(
      std::make_unique<runtime::ComponentBody>(std::move(prepared)));
}

std::vector<std::uintptr_t> module_addresses(const DomainCode& code) {
  std::vector<std::uintptr_t> addresses;
  for (const auto& module : code.modules) addresses.push_back(module->address());
  return addresses;
}

Result<runtime::DomainParts> make_parts(const Running& running, const DomainRow& row, Loaded loaded,
                                        std::unique_ptr<runtime::Body> body,
                                        runtime::DescribeFailure describe) {
  std::unique_ptr<const engine::Grants> granted;
  if (loaded.denials != nullptr || !is_empty(loaded.settings.grants)) {
    TENON_TRY(engine::Grants grants, engine_grants(loaded.settings.grants, running.start->program,
                                                   running.request.folders));
    grants.denials = std::move(loaded.denials);
    grants.has_http = row.needs_http;
    grants.http_client = std::move(loaded.http_client);
    // An instance that answers one request at a time sets it.
    if (answers_http(running.request, row))
      grants.label = std::make_shared<const engine::OutputLabel>();
    granted = std::make_unique<const engine::Grants>(std::move(grants));
  }
  return runtime::DomainParts{.engine = std::move(loaded.engine),
                              .body = std::move(body),
                              .late_body = {},
                              .grants = std::move(granted),
                              .limits = limits_of(loaded.settings),
                              .restart = restart_of(loaded.settings),
                              .call_limit = loaded.call_limit,
                              .calls = calls_of_life(running.request, row),
                              .describe = std::move(describe)};
}

namespace {

// REQUIRES: as `edge_types`
Result<std::unique_ptr<runtime::Body>> make_body_of(Running& running, Loaded& loaded,
                                                    resolve::DomainIndex index,
                                                    runtime::Domain& domain) {
  return make_body(running, loaded, running.start->domains[index], domain, edge_types(running));
}

// A domain whose first call loads its code.
class LateDomain final : public runtime::LateBody {
 public:
  LateDomain(Running& running, resolve::DomainIndex index, runtime::Domain& domain,
             const Loaded& loaded, const BuildOptions& options)
      : running_(running),
        index_(index),
        domain_(domain),
        loaded_(loaded),
        cache_dir_(options.cache_dir),
        form_(options.link_form),
        on_compile_(options.on_compile) {}

  Result<void> load() override {
    {
      // Another domain of the pool may have loaded it.
      const std::lock_guard tables(running_.tables);
      loaded_.code = running_.codes[index_];
    }
    if (loaded_.code != nullptr) return {};
    const engine::CodeCache cache(cache_dir_);
    Request request;
    const CodeSource source{request, cache, form_, on_compile_};
    if (!find_code(loaded_, source)) {
      {
        const std::lock_guard tables(running_.tables);
        request = running_.request;
      }
      TENON_TRY(ComposedLink link, compose_again(request));
      TENON_TRY_VOID(compile_code(loaded_, link, index_, source));
      if (form_ == LinkForm::Auto && cache.folder() != nullptr) embed(link);
    }
    return {};
  }
  Result<std::unique_ptr<runtime::Body>> make() override {
    const std::lock_guard tables(running_.tables);
    running_.codes[index_] = loaded_.code;
    return make_body_of(running_, loaded_, index_, domain_);
  }

 private:
  void embed(ComposedLink& link) {
    std::vector<WantedCode> wanted = list_wanted({&loaded_, 1});
    for (WantedCode& code : wanted) code.domain = index_;
    embed_later(std::move(wanted), link.planned.binaries, link.split, cache_dir_);
  }

  Running& running_;
  resolve::DomainIndex index_;
  runtime::Domain& domain_;
  Loaded loaded_;
  std::string cache_dir_;
  LinkForm form_;
  std::function<void(const CompileStep&)> on_compile_;
};

// The failure with the units of its frames.
CallFailure explain_failure(Running& running, resolve::DomainIndex index,
                            const engine::Failure& failure) {
  const std::lock_guard tables(running.tables);
  const DomainCode* const code = running.codes[index].get();
  if (code == nullptr)
    return describe_failure(failure, find_spans(running, index, compose::Form::Embedded));
  return describe_failure(failure, find_spans(running, index, code->form), module_addresses(*code));
}

// Gives a domain its parts. The imports of a domain that is not the first of its pool are defined at its
// first call.
Result<void> prepare_domain(Running& running, resolve::DomainIndex index, runtime::Domain& domain,
                            Loaded& loaded, const BuildOptions& options) {
  const bool is_first = &domain == running.domains[index].get();
  std::unique_ptr<runtime::Body> body;
  std::unique_ptr<runtime::LateBody> late_body;
  const bool is_late = !is_first && !running.start->domains[index].imports.empty();
  if (loaded.module == nullptr && (loaded.code == nullptr || is_late)) {
    late_body = std::make_unique<LateDomain>(running, index, domain, loaded, options);
  } else {
    TENON_TRY(body, make_body_of(running, loaded, index, domain));
  }
  TENON_TRY(runtime::DomainParts parts,
            make_parts(running, running.start->domains[index], loaded, std::move(body),
                       [&of = running, index](const engine::Failure& failure) {
                         if (failure.frames.empty()) return describe_failure(failure, {});
                         try {
                           return explain_failure(of, index, failure);
                         } catch (const std::bad_alloc&) {
                           // Without the names of units, for which the link may be planned again.
                           return describe_failure(failure, {});
                         }
                       }));
  parts.late_body = std::move(late_body);
  domain.prepare(std::move(parts));
  return {};
}

}  // namespace

// Creates the domains of compiled code and starts those that are not started by their first call.
Result<std::shared_ptr<Running>> start_link(Request request, StartPlan start,
                                            std::optional<PlanRecord> record,
                                            std::vector<Loaded> loaded, Engines engines,
                                            const BuildOptions& options) {
  const std::shared_ptr<Running> running =
      make_running(std::move(request), std::move(start), std::move(engines));
  // A plan that is made again later, to load or to explain code, has no deadline.
  const auto deadline = std::exchange(running->request.deadline, std::nullopt);
  if (const auto timeout = run_timeout(*running))
    running->shared.run_limit = runtime::RunLimit{*timeout, deadline, running->start->domain};
  if (running->request.can_interrupt)
    running->shared.interrupts = std::make_shared<std::atomic<std::uint64_t>>(0);
  running->shared.stream_buffer = running->request.stream_buffer;
  running->shared.owner = running;
  running->shared.scheduler.set_describe_waits(
      [&of = *running] { return runtime::list_waits(list_domains(of), *of.shared.channels); });
  if (options.trace_calls || options.trace_streams)
    running->trace = std::make_unique<runtime::Trace>(options, running->shared, running->domains);
  running->on_log = options.on_log;
  TENON_TRY(running->middleware, middleware::make_all(running->request.middleware, options.on_log));
  running->plan_record = std::move(record);
  // The compositions whose units it uses can call into it on their threads.
  const bool uses_others = std::ranges::any_of(running->request.units, [](const UnitRequest& unit) {
    return unit.as<RunningUnit>() != nullptr;
  });
  if (uses_others)
    running->shared.lock->share();
  else if (const std::size_t threads = count_threads(running->request); threads > 1)
    running->shared.scheduler.pool().set_size(threads);
  if (running->request.threads > 1 || running->request.is_shared) running->shared.lock->share();
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  for (const DomainRow& domain : running->start->domains)
    running->domains.push_back(std::make_unique<runtime::Domain>(running->shared, domain.name));
  for (resolve::DomainIndex i = 0; i < running->domains.size(); ++i) {
    const DomainRow& row = running->start->domains[i];
    const auto pool = count_instances(running->request, row);
    if (pool > 1 || answers_http(running->request, row))
      running->pools.push_back(std::make_unique<runtime::InstancePool>(*running->domains[i], pool));
  }
  for (resolve::DomainIndex i = 0; i < loaded.size(); ++i) {
    running->codes.push_back(loaded[i].code);
    for (runtime::Domain* const domain : list_pool(*running->domains[i])) {
      if (loaded[i].settings.owns_thread && !uses_others) domain->place().own_thread();
      TENON_TRY_VOID(prepare_domain(*running, i, *domain, loaded[i], options));
    }
  }
  const std::vector<bool> starts_at_call = find_lazy_domains(running->start->domains);
  for (std::size_t i = 0; i < running->domains.size(); ++i)
    if (!starts_at_call[i]) TENON_TRY_VOID(running->domains[i]->start());
  // The deadline of the link holds for its guests only if the caller said when the run began.
  if (running->shared.run_limit && !running->request.start) running->shared.run_limit->end.reset();
  return running;
}

}  // namespace tenon::link
