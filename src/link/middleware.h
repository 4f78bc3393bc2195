// The middleware of a request: as the resolver sees it, and as the callees of edges use it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "link/request.h"
#include "middleware/middleware.h"
#include "tenon/builder.h"
#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon::link {

struct Inputs;

// Adds `tenon:log` and `tenon:cache` to the middleware of a request if a wire names them.
void add_known_middleware(Request& request);

// Adds the middleware of a request, whose units are read, to its policy. Middleware that answers calls
// becomes a unit with the types of the imports that are wired to it.
// Errors: config-value.
[[nodiscard]] Result<void> add_middleware(const Request& request, Inputs& inputs);

// A component can contain neither middleware nor conversions. plan: of the request.
// Errors: compose-not-one-domain.
[[nodiscard]] Result<void> check_composable(const Request& request, const Plan& plan);

// By name. Lives as long as the callees.
using MiddlewareTable = std::map<std::string, std::unique_ptr<middleware::Middleware>, std::less<>>;

// Opens and reads the files. Errors: read-file, write-file, config-syntax.
[[nodiscard]] Result<MiddlewareTable> make_middleware(const Request& request,
                                                      const BuildOptions& options);

}  // namespace tenon::link
