// The interfaces that tenon itself provides, as functions of the unit `program`: buffers
// (`tenon:buffer/buffers`), and of WASI those that need nothing but the composition, the
// configuration (`wasi:config`) and the log (`wasi:logging`) of a unit.
//
// The functions of an interface are left out if the program has some of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "program/buffer_budget.h"
#include "program/program_unit.h"
#include "resolve/unit.h"
#include "tenon/host.h"

namespace tenon::program {

// Configuration values by key.
using ConfigValues = std::map<std::string, std::string, std::less<>>;

// What the functions ask of the composition that runs.
struct Services {
  std::function<ConfigValues(const Caller&)> find_config;
  // line: without a line break or another control character.
  std::function<void(const Caller&, std::string_view line)> log;
  // For the domain of the caller; null: it has no limit.
  std::function<std::shared_ptr<BufferBudget>(const Caller&)> find_buffer_budget;
};

// Those that some unit imports, and no unit exports, for a plan: their functions are not called.
// Functions that depend on who calls are for each of these units apart.
[[nodiscard]] HostParts with_needed_built_in(HostParts parts, std::span<const resolve::Unit> units);

// All of them, for a composition.
[[nodiscard]] HostParts with_built_in(HostParts parts, const Services& services);

// Whether `interface` is one of `wasi:config`.
[[nodiscard]] bool is_config_interface(std::string_view interface);

}  // namespace tenon::program
