// The pipeline: a request becomes a plan, a component for each domain, compiled code and a running
// composition.
//
// Read link.cc first. Each step takes the result of the step before it and nothing older:
//
//   Request -read_inputs-> Inputs -resolve_link-> PlannedLink -compose_domains-> ComposedLink
//           -make_start_plan-> StartPlan -load_domains-> Loaded -start_link-> Running
#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

#include "link/compose_link.h"
#include "link/request.h"
#include "link/running.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::link {

// Measures the duration of each phase, and takes those of single units, for `-v` and `--timing`.
class PhaseClock final {
 public:
  void add(std::vector<UnitTime> times) {
    std::ranges::move(times, std::back_inserter(unit_times_));
  }
  [[nodiscard]] const std::vector<UnitTime>& unit_times() const { return unit_times_; }
  // Ends the phase that began at construction or at the last call.
  void end_phase(std::string_view phase);
  [[nodiscard]] const std::vector<PhaseTime>& times() const { return times_; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<PhaseTime> times_;
  std::vector<UnitTime> unit_times_;
};

// Reads the units and chooses a provider for each import. Compiles and runs nothing.
// Errors: read-, type-, config-, resolve-; run-deadline.
[[nodiscard]] Result<PlannedLink> plan_link(const Request& request, const Files& files,
                                            PhaseClock& clock);

// Plans, and composes the component of each domain. Errors: as plan_link; compose-.
[[nodiscard]] Result<ComposedLink> compose_link(const Request& request, const Files& files,
                                                PhaseClock& clock);

// The whole pipeline. A link that ran before is only loaded and started (start_plan.h).
// Errors: as compose_link; run-.
[[nodiscard]] Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                                        const BuildOptions& options,
                                                        PhaseClock& clock);

// Like run_link, without the start: stores the compiled code in `cache_dir`. Errors: as run_link.
[[nodiscard]] Result<void> prepare_link(Request request, const Files& files,
                                        const BuildOptions& options, PhaseClock& clock);

// Replaces the components of units: those of `units`, which have a path or bytes. Changes nothing on
// errors. Locks the composition only for the swap itself, after planning and compiling.
// Errors: as compose_link; run-; run-swap.
Result<void> swap_units(Running& running, std::vector<UnitRequest> units, const SwapOptions& how,
                        const Files& files, const BuildOptions& options);

}  // namespace tenon::link
