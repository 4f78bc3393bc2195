// The guests that a thread runs, one inside the other. They share the native stack, and the engine
// bounds what each takes, not what all take together: without a check a deep chain of calls ends
// the process.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/ticker.h"

namespace tenon::runtime {

class Domain;

// Who entered a guest on this thread, innermost first. One lives in each call.
class ActiveCall final {
 public:
  // deadline: lives as long.
  ActiveCall(Domain& domain, const std::optional<Deadline>& deadline);
  ActiveCall(const ActiveCall&) = delete;
  ActiveCall& operator=(const ActiveCall&) = delete;
  ~ActiveCall();

  // Null: no guest runs on this thread.
  [[nodiscard]] static const ActiveCall* innermost();

  [[nodiscard]] const Domain& domain() const { return domain_; }
  [[nodiscard]] const ActiveCall* outer() const { return outer_; }

  // Until when this call has to end: a call inside of another has no more time than that.
  [[nodiscard]] const std::optional<Deadline>& deadline() const { return deadline_; }

  // Whether one more guest can be entered.
  [[nodiscard]] static bool has_room();

 private:
  // Whether a frame at `address`, of a call inside of this one, is on the same fiber.
  [[nodiscard]] bool shares_fiber(std::uintptr_t address) const;

  Domain& domain_;
  const std::optional<Deadline>& deadline_;
  const ActiveCall* outer_;
  std::uintptr_t address_;  // of a frame on the stack where it began
  int on_fiber_ = 0;        // calls that began on the same fiber, this one included
};

}  // namespace tenon::runtime
