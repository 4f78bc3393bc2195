// What ends a call before its callee returns: a deadline, or an interruption from outside.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::call {

using Clock = std::chrono::steady_clock;

// When the time is over, and the limit that says so.
struct Deadline {
  Clock::time_point at;
  std::string_view key;     // of a manifest: "call-timeout". Lifetime: static
  std::string_view domain;  // whose limit it is. Lifetime: that of the domain
};

// The key of a deadline that is the `timeout` of a remote unit.
inline constexpr std::string_view kRemoteTimeout = "remote-timeout";

// The reason for a failed remote call if no process accepts connections at the address.
inline constexpr std::string_view kNothingListens = "nothing listens there";

struct Bounds {
  std::optional<Deadline> deadline;
  // How often the calls of the composition have been interrupted, and how often when this call
  // began. Null: they cannot be interrupted. Lifetime: that of the composition.
  const std::atomic<std::uint64_t>* interrupts = nullptr;
  std::uint64_t interrupts_before = 0;

  [[nodiscard]] bool was_interrupted() const {
    return interrupts != nullptr &&
           interrupts->load(std::memory_order_relaxed) != interrupts_before;
  }
  [[nodiscard]] bool are_reached() const {
    return was_interrupted() || (deadline && Clock::now() >= deadline->at);
  }
};

}  // namespace tenon::call
