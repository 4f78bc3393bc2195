#include "link/plan_link.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "link/domain_settings.h"
#include "link/lock_file.h"
#include "resolve/plan.h"
#include "support/try.h"

namespace tenon::link {

Result<PlannedLink> resolve_link(const Request& request, Inputs inputs) {
  PlannedLink planned;
  planned.foreign = std::move(inputs.foreign);
  planned.binaries = std::move(inputs.binaries);
  planned.taken_offers = std::move(inputs.taken_offers);
  planned.looks_at_offers = inputs.looks_at_offers;
  for (const auto& [name, binary] : planned.binaries)
    if (binary.concurrency == Concurrency::Yes) planned.concurrency = Concurrency::Yes;
  Result<resolve::LinkPlan> resolved = resolve::resolve_units(std::move(inputs.units));
  if (!resolved) {
    // A part that no unit imports may have been meant for an import without a provider.
    Diagnostics problems = std::move(resolved).error();
    std::ranges::move(inputs.notes, std::back_inserter(problems));
    return problems;
  }
  planned.plan = *std::move(resolved);
  Diagnostics& notes = planned.plan.shown.notes;
  notes.insert(notes.begin(), request.notes.begin(), request.notes.end());
  std::ranges::move(inputs.notes, std::back_inserter(notes));
  TENON_TRY_VOID(check_settings(request, planned.plan.shown));
  show_settings(request, planned.plan.shown);
  if (request.lock != nullptr) {
    TENON_TRY(const LockFile found, make_lock(planned, request.lock->file));
    TENON_TRY_VOID(check_lock(*request.lock, found));
  }
  return planned;
}

}  // namespace tenon::link
