// The services behind the interfaces that tenon itself provides to units: configuration, logs, and limits of buffers.
#pragma once

#include <span>

#include "program/built_in.h"
#include "resolve/unit.h"
#include "tenon/result.h"

namespace tenon::link {

struct Request;
struct Running;

// The functions refer to `running`, and are called by its guests, on any of their threads.
[[nodiscard]] program::Services make_services(Running& running);

// The configuration of units. units: those that were read.
// Errors: config-value, for a unit that does not exist or imports no configuration.
[[nodiscard]] Diagnostics check_unit_config(const Request& request,
                                            std::span<const resolve::Unit> units);

}  // namespace tenon::link
