// The second step of a link: units with their types to a plan. For `compose`, also the request without the providers
// that a component cannot contain: the program, tenon itself, host bundles, remote units, and units of other compositions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "link/inputs.h"
#include "link/request.h"
#include "link/running_unit.h"
#include "resolve/plan.h"
#include "tenon/result.h"

namespace tenon::link {

struct PlannedLink {
  resolve::LinkPlan plan;
  ForeignKinds foreign;  // of its types
  std::map<std::string, UnitBinary, std::less<>> binaries;
  packr::Packages running_packages;
  Concurrency concurrency = Concurrency::No;
  // Host bundles from hosts files that became units, and whether the plan depends on these files.
  std::vector<UnitRequest> taken_offers;
  bool looks_at_offers = false;
};

// Chooses a provider for each import, and compares the plan with the lock file of the request.
// Errors: resolve-, config-.
[[nodiscard]] Result<PlannedLink> resolve_link(const Request& request, Inputs inputs);

// Whether a component cannot contain some provider. plan: the plan of `request`.
[[nodiscard]] bool has_outside(const Request& request, const resolve::LinkPlan& plan);

// Removes these providers; the imports that they provide stay open. plan: the plan of `request`.
[[nodiscard]] Request leave_outside_out(Request request, const resolve::LinkPlan& plan);

}  // namespace tenon::link
