// The last step of a link: compiled code to a running composition.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "link/load_link.h"
#include "link/running.h"
#include "tenon/builder.h"
#include "tenon/result.h"

namespace tenon::link {

// Creates the domains and starts them, except those that are started by their first call.
// record: of the plan, for reports; empty: it is made when it is needed. loaded: by domain.
// Errors: run-, those of callees.h.
[[nodiscard]] Result<std::shared_ptr<Running>> start_link(Request request, StartPlan start,
                                                          std::optional<PlanRecord> record,
                                                          std::vector<Loaded> loaded,
                                                          Engines engines,
                                                          const BuildOptions& options);

// The code that runs in a domain, with its imports defined.
// loaded: keeps what the domains of a pool share. row, types: those of a start plan, and its edges. domain:
// of the row, or another one of its pool.
// Errors: as define_imports; run-engine.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_body(Running& running, Loaded& loaded,
                                                               const DomainRow& row,
                                                               runtime::Domain& domain,
                                                               CallTypes& types);

// The addresses of the core modules that the code of a domain is linked from.
[[nodiscard]] std::vector<std::uintptr_t> module_addresses(const DomainCode& code);

// Errors: run-grant.
[[nodiscard]] Result<runtime::DomainParts> make_parts(const Running& running, const DomainRow& row,
                                                      Loaded loaded,
                                                      std::unique_ptr<runtime::Body> body,
                                                      runtime::DescribeFailure describe);

}  // namespace tenon::link
