// What tenon_host.h leaves open: a call, and a configuration.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "host/call_memory.h"
#include "tenon/tenon_host.h"

// The configuration of an instance: what `config_get` reads. Dotted keys.
struct tenon_config {
  std::map<std::string, std::string, std::less<>> values = {};
};

// One call of a native function. Thread: that of the call, but for `deadline`, which does not
// change.
struct tenon_call {
  tenon::host::CallMemory memory = tenon::host::CallMemory();
  // Why it is a trap; its first reason.
  std::optional<std::string> trap = {};
  // Until when it has time; absent: any time.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};

  // For the next call.
  void clear() {
    memory.clear();
    trap.reset();
    deadline.reset();
  }
};

namespace tenon::host {

// What native code is offered. Lifetime: the process's.
[[nodiscard]] const tenon_host_api& host_api();

}  // namespace tenon::host
