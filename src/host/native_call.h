// Defines the types that tenon_host.h only declares: a call and a configuration.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "host/call_memory.h"
#include "tenon/tenon_host.h"

// The configuration of an instance, read by `config_get`. Keys have dots for inner tables.
struct tenon_config {
  std::map<std::string, std::string, std::less<>> values = {};
};

// One call of a native function. Thread: that of the call; any thread can read `deadline`, which does
// not change.
struct tenon_call {
  tenon::host::CallMemory memory = tenon::host::CallMemory();
  // The first reason why the call is a trap; absent if it is none so far.
  std::optional<std::string> trap = {};
  // Absent: the call has no time limit.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};

  // Resets it for the next call.
  void clear() {
    memory.clear();
    trap.reset();
    deadline.reset();
  }
};

namespace tenon::host {

// The functions of tenon that native code can call. Lifetime: the process.
[[nodiscard]] const tenon_host_api& host_api();

}  // namespace tenon::host
