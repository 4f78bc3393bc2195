// The last step of a link: compiled code to a running composition.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "link/load_link.h"
#include "link/running.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::link {

// Creates the domains and starts them, except those that are started by their first call.
// plan_record: empty for a known link, which has no plan.
// Errors: run-, those of callees.h.
[[nodiscard]] Result<std::shared_ptr<Running>> start_link(Request request, KnownLink facts,
                                                          std::optional<PlanRecord> plan_record,
                                                          std::vector<Loaded> loaded,
                                                          Engines engines,
                                                          const BuildOptions& options);

// The code that runs in a domain, with its imports defined.
// domain: the one at `index`, or another one of its pool. Errors: as define_imports; run-engine.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_body(
    Running& running, const Loaded& loaded, const resolve::SplitPlan& split,
    resolve::DomainIndex index, runtime::Domain& domain, CallTable& calls);

// The addresses of the core modules that the code of a domain is linked from.
[[nodiscard]] std::vector<std::uintptr_t> module_addresses(const DomainCode& code);

// index: of the domain. Errors: run-grant.
[[nodiscard]] Result<runtime::DomainParts> make_parts(const Running& running,
                                                      resolve::DomainIndex index, Loaded loaded,
                                                      std::unique_ptr<runtime::Body> body,
                                                      runtime::DescribeFailure describe);

}  // namespace tenon::link
