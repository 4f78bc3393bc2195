// The middleware of a composition: as the resolver sees it, and as the callees of edges use it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "middleware/middleware.h"
#include "resolve/unit.h"
#include "tenon/middleware.h"
#include "tenon/result.h"

namespace tenon::middleware {

// The settings of middleware, by name.
using Settings = std::map<std::string, tenon::Middleware>;

// Adds `tenon:log` and `tenon:cache` if a wire names them.
void add_known(const std::vector<Wire>& wires, Settings& settings);

// Adds middleware to the policy of units, which are read. Middleware that answers calls becomes a unit with
// the types of the imports that are wired to it.
// units: the names of units that middleware must not have. Errors: config-value.
[[nodiscard]] Result<void> add_middleware(const Settings& settings,
                                          const std::set<std::string>& units,
                                          resolve::Inputs& inputs);

// By name. Lives as long as the callees.
using Table = std::map<std::string, std::unique_ptr<Middleware>, std::less<>>;

// Opens and reads the files. report: may be empty. Errors: read-file, write-file, config-syntax.
[[nodiscard]] Result<Table> make_all(const Settings& settings, const Report& report);

}  // namespace tenon::middleware
