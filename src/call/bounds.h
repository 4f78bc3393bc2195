// What ends a call before its callee returns: a deadline, or an interruption from outside.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::call {

using Clock = std::chrono::steady_clock;

// When the time is over, and the limit that says so.
struct Deadline {
  Clock::time_point at;
  std::string_view key;     // of a manifest: "call-timeout". Lifetime: static
  std::string_view domain;  // whose limit it is. Lifetime: that of the domain
};

// The keys of deadlines: `call-timeout` of a domain, `request-timeout` of `[http]`, and `timeout` of a remote unit.
inline constexpr std::string_view kCallTimeout = "call-timeout";
inline constexpr std::string_view kRequestTimeout = "request-timeout";
inline constexpr std::string_view kRemoteTimeout = "remote-timeout";

// The most time that a call can take, and the key of that limit.
struct TimeLimit {
  std::chrono::nanoseconds length;
  std::string_view key = kCallTimeout;  // Lifetime: static
};

// The reason for a failed remote call if no process accepts connections at the address.
inline constexpr std::string_view kNothingListens = "nothing listens there";

// How often the calls of a composition have been interrupted. Null: they cannot be.
using InterruptCount = std::shared_ptr<std::atomic<std::uint64_t>>;

struct Bounds {
  // The number of interrupts when the call began.
  struct Interrupts {
    InterruptCount count = nullptr;
    std::uint64_t before = 0;

    [[nodiscard]] bool have_happened() const {
      return count != nullptr && count->load(std::memory_order_relaxed) != before;
    }
  };

  std::optional<Deadline> deadline = {};
  // Those of the composition, and of other compositions whose calls led to this one: a function of the program
  // can call into another composition.
  Interrupts interrupts = {};
  std::vector<Interrupts> outer_interrupts = {};

  // Lets interrupts from now on end the call, unless those of this composition do already.
  void add_interrupts(const InterruptCount& count) {
    const auto is_same = [&](const Interrupts& other) { return other.count == count; };
    if (count == nullptr || is_same(interrupts) || std::ranges::any_of(outer_interrupts, is_same))
      return;
    if (interrupts.count != nullptr) outer_interrupts.push_back(std::move(interrupts));
    interrupts = {count, count->load(std::memory_order_relaxed)};
  }

  [[nodiscard]] bool can_be_interrupted() const { return interrupts.count != nullptr; }
  [[nodiscard]] bool was_interrupted() const {
    return interrupts.have_happened() ||
           std::ranges::any_of(outer_interrupts, &Interrupts::have_happened);
  }
  [[nodiscard]] bool are_reached() const {
    return was_interrupted() || (deadline && Clock::now() >= deadline->at);
  }
};

}  // namespace tenon::call
