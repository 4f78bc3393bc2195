// The calls of a domain that have not ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "tenon/result.h"

namespace tenon::runtime {

// A call into a domain that has not ended: it runs on the loop of the domain (`Calls::add`), or waits
// for its turn (`Calls::queue`). The domain owns it until then.
class CallInProgress {
 public:
  CallInProgress() = default;
  CallInProgress(const CallInProgress&) = delete;
  CallInProgress& operator=(const CallInProgress&) = delete;
  virtual ~CallInProgress() = default;
  // Null: it has none, or nobody waits for the call.
  [[nodiscard]] virtual const call::Bounds* bounds() const = 0;
  // The bounds are reached. If the caller does not wait on the stack, its wait ends.
  virtual void end_wait() {}
  // Adds the unit and the function to a failure that has none, because it has no backtrace.
  virtual void explain(CallFailure& /*failure*/) const {}
  // A failure with that. If there is no memory for it, it says so: a call whose end fails would wait for ever.
  [[nodiscard]] CallFailure explained(const CallFailure& failure) const noexcept;
  // Whether anybody waits for the call.
  [[nodiscard]] virtual bool is_awaited() const { return true; }
  // The domain that waits for the call; empty: the program, or nobody.
  [[nodiscard]] virtual std::string_view caller_name() const { return {}; }
  // Ends the wait of a program that does not wait on its stack.
  virtual void end_wait_with(const CallFailure& /*failure*/) {}
  // A guest called `wasi:cli/exit`, and `end` follows.
  virtual void note_exit(int /*code*/) {}
  // The domain has ended, and does not own the call any more. The call is destroyed after it.
  virtual void end(const CallFailure& failure) = 0;

 private:
  friend class CallList;
  std::size_t place_ = 0;  // in the list of its domain
  // The deadline of its bounds, and whether it had bounds, when it was added.
  call::Clock::time_point deadline_ = call::Clock::time_point::max();
  bool had_bounds_ = false;
};

using CallPtr = std::unique_ptr<CallInProgress>;

// Ends calls that their domain does not own any more. A caller can call again at once.
void end_calls(std::vector<CallPtr> calls, const CallFailure& failure);

// There can be thousands of calls, so nothing that happens often may iterate over all of them.
class CallList final {
 public:
  [[nodiscard]] std::span<const CallPtr> all() const { return all_; }
  void add(CallPtr call);
  // Null if it was taken.
  CallPtr remove(CallInProgress& call);
  [[nodiscard]] std::vector<CallPtr> take();

  // The bounds with the first deadline, or else any; null if no call has bounds.
  [[nodiscard]] const call::Bounds* first_bounds() const;
  // As for TurnTaker. interrupts: how often calls of the composition have been interrupted.
  std::optional<call::Clock::time_point> end_late_waits(std::uint64_t interrupts);

 private:
  using AtDeadline = std::pair<call::Clock::time_point, CallInProgress*>;

  std::vector<CallPtr> all_;
  std::set<AtDeadline> deadlines_;
  std::size_t bounded_ = 0;       // that had bounds when they were added
  std::uint64_t interrupts_ = 0;  // at the last `end_late_waits`
};

}  // namespace tenon::runtime
