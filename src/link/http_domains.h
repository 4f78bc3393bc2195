// Which domains of a plan answer HTTP requests.
#pragma once

#include <string>
#include <string_view>

#include "link/start_plan.h"
#include "runtime/http_call.h"
#include "tenon/plan.h"

namespace tenon::link {

// The first export of the composition whose name begins with `prefix`; empty if there is none.
[[nodiscard]] std::string find_export(const Plan& plan, std::string_view prefix);

// The export of the composition that answers requests if no route names a unit: that of WASI 0.3, if it has both.
// Empty if it has none.
[[nodiscard]] std::string find_http_handler(const Plan& plan);

// Whether routes name units. Otherwise the root answers what no folder and no handler of the program does.
[[nodiscard]] bool has_routes_to_units(const Plan& plan);

// The handler of a row. REQUIRES: it has one
[[nodiscard]] runtime::HttpHandler make_handler(const DomainRow& row, runtime::Domain& domain);

// Whether other domains call a domain, and only to pass on requests, in a composition that answers HTTP requests.
// Then each call gets an instance of its own.
[[nodiscard]] bool serves_requests(const Plan& plan, std::string_view domain);

}  // namespace tenon::link
