// The pipeline: turns a request into a plan, a plan into a component, or into a running composition.
//
// Each phase takes the result of the phase before it and nothing older. Read `link.cc` first.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compose/embed.h"
#include "linker/call_failure.h"
#include "linker/call_table.h"
#include "linker/engines.h"
#include "linker/host_table.h"
#include "linker/inputs.h"
#include "linker/known_link.h"
#include "linker/request.h"
#include "linker/running_unit.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "runtime/domain.h"
#include "runtime/trace.h"
#include "tenon/composition.h"

namespace tenon::linker {

// Measures the duration of each phase, for `-v`.
class PhaseClock final {
 public:
  // Ends the phase that began at construction or at the last call.
  void end_phase(std::string_view phase);
  [[nodiscard]] const std::vector<PhaseTime>& times() const { return times_; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<PhaseTime> times_;
};

struct PlannedLink {
  resolve::LinkPlan plan;
  ForeignKinds foreign;  // of its types
  std::map<std::string, UnitBinary, std::less<>> binaries;
  Concurrency concurrency = Concurrency::No;
  // Host bundles from hosts files that became units, and whether the plan depends on these files.
  std::vector<UnitRequest> taken_offers;
  bool looks_at_offers = false;
};

// Reads the units and chooses a provider for each import. Compiles and runs nothing.
// Errors: read-, type-, config-, resolve-.
[[nodiscard]] Result<PlannedLink> plan_link(const Request& request, const Files& files,
                                            PhaseClock& clock);

// The plan as one component.
// Errors: read-invalid (a unit that the engine refuses), compose-.
[[nodiscard]] Result<compose::Composed> compose_link(const PlannedLink& planned,
                                                     const ComposeOptions& options,
                                                     PhaseClock& clock);

// A part of the plan, or all of it, as one component. Errors: those of invalid units first;
// compose-.
[[nodiscard]] Result<compose::Composed> embed_part(const PlannedLink& planned,
                                                   const resolve::LinkPlan& part,
                                                   const compose::EmbedOptions& options);

// Explains why the engine rejected a composed component. The component contains its units
// unchanged, so one validation covers all of them and the output of compose. The units are
// validated one by one only after that validation failed.
[[nodiscard]] Diagnostics explain_invalid(const PlannedLink& planned, const resolve::LinkPlan& part,
                                          const Diagnostics& found);

// The plan of a running composition and the facts that belong to it: for reports, failure messages
// and new calls. It can be dropped and made again from the request.
struct PlanRecord {
  resolve::LinkPlan plan;
  ForeignKinds foreign;      // of `plan`
  KnownUnits units;          // of `plan`
  resolve::SplitPlan split;  // of `plan`
  std::vector<Spans> spans;  // by domain

  // Drops the links of the domains, which only composing their components needs.
  void drop_domain_links() {
    for (resolve::DomainPlan& domain : split.domains) domain.link.reset();
  }
};

// The state of a running composition.
struct Running : std::enable_shared_from_this<Running> {
  Running(Request asked, KnownLink known, Engines made)
      : request(std::move(asked)),
        facts(std::move(known)),
        engines(std::move(made)),
        host(request.host) {
    shared.composition = request.name;
  }

  // Guards `request`, `plan_record`, `kinds` and `calls`, which threads read without entering the
  // composition. It is the last lock to be taken, held briefly, and never while a guest runs.
  std::mutex tables;
  Request request;
  KnownLink facts;
  Engines engines;
  std::optional<PlanRecord> plan_record;  // made when needed; see `get_plan_record`
  Diagnostics notes;                      // of the plan
  runtime::Shared shared;
  HostTable host;  // of `request`
  ResourceKinds kinds;
  HostInstances hosts;
  std::unique_ptr<runtime::Trace> trace;                       // null: calls are not traced
  std::vector<std::unique_ptr<runtime::Domain>> domains;       // in order of start
  std::optional<CallTable> calls;                              // see `call_table`
  std::vector<std::weak_ptr<const RunningUnit>> shared_units;  // used by other compositions
  std::atomic<bool> is_swapping = false;
  const runtime::Domain* in_swap = nullptr;  // being swapped; its exports can change
};

// Plans, composes, loads and starts. A link that ran before is only loaded and started
// (known_link.h). Open imports trap when they are called.
// Errors: as plan_link, compose_link, run-.
[[nodiscard]] Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                                        const BuildOptions& options,
                                                        PhaseClock& clock);

// Like run_link, without the start: stores the compiled code in `cache_dir`. Errors: as plan_link, compose_link,
// run-.
[[nodiscard]] Result<void> prepare_link(Request request, const Files& files,
                                        const BuildOptions& options, PhaseClock& clock);

// Replaces the component of a unit that has a domain of its own. Changes nothing on errors. Locks
// the composition only for the swap itself, after planning and compiling.
// Errors: as plan_link, compose_link, run-; run-swap.
Result<void> swap_unit(Running& running, UnitRequest unit, SwapHandles handles, const Files& files,
                       const BuildOptions& options);

// Frees memory: drops the plan record and the call table, which are made again when needed.
void trim(Running& running);

// The plan record of a running composition; plans again if it was dropped. REQUIRES, here and for
// all functions below: `tables` is locked
[[nodiscard]] const PlanRecord& get_plan_record(Running& running);

// The time limit of a run: `timeout` of the root's domain.
[[nodiscard]] std::optional<std::chrono::milliseconds> run_timeout(const Running& running);

// The domain that exports `facts.command`.
[[nodiscard]] runtime::Domain& command_domain(Running& running);

// The table with which calls find their callees. Lifetime: until `trim` or a swap.
[[nodiscard]] CallTable& call_table(Running& running);

}  // namespace tenon::linker
