// The pipeline: what was asked for becomes a plan, a component, a running composition.
//
// Each phase takes the product of the one before; none looks back. `link.cc` is the page to read
// first.
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

// Notes what each phase took, for `-v`.
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
  // Host bundles of files that are units of it, and whether what these files say decides.
  std::vector<UnitRequest> taken_offers;
  bool looks_at_offers = false;
};

// Reads the units and decides who provides what. Compiles and runs nothing.
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

// Why the engine refuses a composed component, given what it found. It holds its units whole, so
// one validation judges all of them and what compose wrote; only if it fails is each looked at.
[[nodiscard]] Diagnostics explain_invalid(const PlannedLink& planned, const resolve::LinkPlan& part,
                                          const Diagnostics& found);

// What can be told about a running composition.
struct Told {
  resolve::LinkPlan plan;
  ForeignKinds foreign;      // of `plan`
  KnownUnits units;          // of `plan`
  resolve::SplitPlan split;  // of `plan`
  std::vector<Spans> spans;  // by domain

  // What was only needed to make the components of domains.
  void forget_parts() {
    for (resolve::DomainPlan& domain : split.domains) domain.link.reset();
  }
};

// What a running composition consists of.
struct Running : std::enable_shared_from_this<Running> {
  Running(Request asked, KnownLink known, Engines made)
      : request(std::move(asked)),
        facts(std::move(known)),
        engines(std::move(made)),
        host(request.host) {
    shared.composition = request.name;
  }

  // Of what is looked up, for threads that are not in the composition: `request`, `told`, `kinds`
  // and `calls`. It is locked for a moment, after all else, and no guest runs meanwhile.
  std::mutex tables;
  Request request;
  KnownLink facts;
  Engines engines;
  std::optional<Told> told;  // none if the link was known, or nobody asks; see `tell`
  Diagnostics notes;         // of the plan
  runtime::Shared shared;
  HostTable host;  // of `request`
  ResourceKinds kinds;
  HostInstances hosts;
  std::unique_ptr<runtime::Trace> trace;                  // null: calls are not traced
  std::vector<std::unique_ptr<runtime::Domain>> domains;  // in order of start
  std::optional<CallTable> calls;                         // see `call_table`
  std::vector<std::weak_ptr<const RunningUnit>> lent;     // that are units of other compositions
  std::atomic<bool> is_swapping = false;
  const runtime::Domain* in_swap = nullptr;  // gets another life now: its exports may be others
};

// Plans, composes, loads and starts; or only loads and starts what ran before (known_link.h). Open
// imports trap when they are called.
// Errors: as plan_link, compose_link, run-.
[[nodiscard]] Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                                        const BuildOptions& options,
                                                        PhaseClock& clock);

// All of that but the start: keeps the code in `cache_dir`. Errors: as plan_link, compose_link,
// run-.
[[nodiscard]] Result<void> prepare_link(Request request, const Files& files,
                                        const BuildOptions& options, PhaseClock& clock);

// Gives a unit that has a domain of its own another component. Nothing is changed on errors. Is in
// the composition for the swap itself alone, when all is planned and compiled.
// Errors: as plan_link, compose_link, run-; run-swap.
Result<void> swap_unit(Running& running, UnitRequest unit, SwapHandles handles, const Files& files,
                       const BuildOptions& options);

// Forgets what `tell` and `call_table` make again when they are asked.
void trim(Running& running);

// The plan of a running composition, and where its units stand. REQUIRES: `tables` is locked; so
// for all that follow
[[nodiscard]] const Told& tell(Running& running);

// What a run of it may take: `timeout` of the root's domain.
[[nodiscard]] std::optional<std::chrono::milliseconds> run_timeout(const Running& running);

// The domain that exports `facts.command`.
[[nodiscard]] runtime::Domain& command_domain(Running& running);

// What calls need. Lifetime: the composition's.
[[nodiscard]] CallTable& call_table(Running& running);

}  // namespace tenon::linker
