// A running composition: the state that link.h makes, and what calls, reports and swaps ask of it.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/bundle_unit.h"
#include "link/call_failure.h"
#include "link/call_table.h"
#include "link/engines.h"
#include "link/request.h"
#include "link/resource_kinds.h"
#include "link/services.h"
#include "link/start_plan.h"
#include "packr/buffers.h"
#include "program/buffer_budget.h"
#include "program/program_unit.h"
#include "remote/remotes.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "runtime/domain.h"
#include "runtime/instance_pool.h"
#include "runtime/trace.h"

namespace tenon::link {

struct ComposedLink;
struct DomainCode;

// The plan of a running composition and the facts that belong to it: for reports, failure messages
// and calls from the program. Starting needs none of it.
struct PlanRecord {
  resolve::LinkPlan plan;     // without `shown`; its types are those of the domains, too
  std::optional<Plan> shown;  // of `plan`, made when needed; see `get_shown_plan`
  ForeignKinds foreign;       // of `plan`
  KnownUnits units;           // of `plan`
  std::vector<Spans> spans;   // by domain; see `find_spans`
};

// A function that units of one domain call in another, or outside of all domains.
struct EdgeName {
  std::string consumer;
  std::string provider;
  std::string function;  // "acme:tax/lib@1.0.0.rate"

  auto operator<=>(const EdgeName&) const = default;
};

// How often the functions of edges were called. Thread: any.
class EdgeCounts final {
 public:
  using Count = std::atomic<std::uint64_t>;

  // Lifetime: that of this object.
  Count& get(EdgeName name) {
    const std::lock_guard lock(mutex_);
    return counts_[std::move(name)];
  }
  // Calls `visit` with each name and number.
  template <class Visit>
  void visit(const Visit& visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, count] : counts_) visit(name, count.load(std::memory_order_relaxed));
  }

 private:
  mutable std::mutex mutex_;
  std::map<EdgeName, Count> counts_;
};

// The state of a running composition.
struct Running final : runtime::Owner, std::enable_shared_from_this<Running> {
  Running(Request link_request, StartPlan plan, Engines opened)
      : request(std::move(link_request)),
        start(std::make_shared<const StartPlan>(std::move(plan))),
        notes(start->notes),
        engines(std::move(opened)),
        host(program::with_built_in(request.host, make_services(*this))) {
    shared.composition = request.name;
    shared.lock->set_name(request.name);
  }
  runtime::Shared& get_shared() override { return shared; }
  void end_program_waits() override;

  // Guards `request`, `start`, `plan_record`, `buffer_budgets`, `kinds`, `calls` and `codes`, which threads read
  // without entering the composition. It is the last lock to be taken, held briefly, and never while a guest runs.
  std::mutex tables;
  Request request;
  std::shared_ptr<const StartPlan> start;  // never null
  Diagnostics notes;                       // of the plan
  Engines engines;
  std::optional<PlanRecord> plan_record;  // made when needed; see `get_plan_record`
  runtime::Shared shared;
  std::function<void(std::string_view line)> on_log;  // of BuildOptions
  program::HostTable host;                            // of `request`, and what tenon provides
  packr::BufferTable program_buffers;
  // By domain, once a guest of it has written to a buffer; null: the domain has no limit.
  std::map<std::string, std::shared_ptr<program::BufferBudget>> buffer_budgets;
  ResourceKinds kinds;
  host::HostInstances hosts;
  remote::Remotes remotes;
  middleware::Table middleware;                           // of `request`
  std::unique_ptr<runtime::Trace> trace;                  // null: calls are not traced
  std::vector<std::unique_ptr<runtime::Domain>> domains;  // in order of start
  std::vector<std::unique_ptr<runtime::InstancePool>> pools;
  // By domain; null for a package, and for a lazy domain that is not loaded.
  std::vector<std::shared_ptr<DomainCode>> codes;
  std::optional<CallTypes> edge_types;                         // of `start`; see `edge_types`
  std::optional<CallTable> calls;                              // see `call_table`
  std::vector<std::weak_ptr<const RunningUnit>> shared_units;  // used by other compositions
  EdgeCounts edge_counts;                                      // if requests of HTTP are answered
  std::atomic<bool> is_swapping = false;
  std::vector<const runtime::Domain*> in_swap;  // being swapped; their exports can change
  runtime::Posting retire;                      // ends it
};

// The domain, and the others of its pool.
[[nodiscard]] std::vector<runtime::Domain*> list_pool(runtime::Domain& domain);
// All domains, with those of pools.
[[nodiscard]] std::vector<runtime::Domain*> list_domains(const Running& running);

// Frees memory: drops the plan for users, a third of the plan record, if it can be made again.
void drop_shown_plan(Running& running);

// Drops the plans of the domains, which only composing their components needs.
[[nodiscard]] PlanRecord make_plan_record(ComposedLink link);

// Plans and composes the request of a running composition again. The result is the same as before.
// Errors: as compose_link, if files of host bundles or remote units have changed.
[[nodiscard]] Result<ComposedLink> compose_again(const Request& request);

// The positions of units in the code of a domain, in one of its forms. Errors: compose-.
[[nodiscard]] Result<Spans> make_spans(ComposedLink& link, resolve::DomainIndex domain,
                                       compose::Form form);

// The plan record of a running composition; plans again if it was dropped. REQUIRES, here and for
// all functions below: `tables` is locked
[[nodiscard]] const PlanRecord& get_plan_record(Running& running);

// The plan for users; plans again if it was dropped. Lifetime: until a swap.
[[nodiscard]] const Plan& get_shown_plan(Running& running);

// The positions of units in the code of a domain, which may have to be composed again for them. Empty
// if that fails.
// form: of the code.
[[nodiscard]] const Spans& find_spans(Running& running, resolve::DomainIndex domain,
                                      compose::Form form);

// The time limit of a run: `timeout` of the root's domain.
[[nodiscard]] std::optional<std::chrono::milliseconds> run_timeout(const Running& running);

// The types of the edges of a start plan. Lifetime: refers to both arguments.
[[nodiscard]] CallTypes make_edge_types(Running& running, const StartPlan& start);
// Those of `running.start`. Lifetime: until a swap.
[[nodiscard]] CallTypes& edge_types(Running& running);

// The table with which calls find their callees. Lifetime: until a swap.
[[nodiscard]] CallTable& call_table(Running& running);

}  // namespace tenon::link
