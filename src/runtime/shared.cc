#include "runtime/shared.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "tenon/task.h"

namespace tenon::runtime {

namespace {

class CompositionDriver final : public detail::Driver {
 public:
  explicit CompositionDriver(std::weak_ptr<Owner> owner) : owner_(std::move(owner)) {}

  void run_until(const std::function<bool()>& is_done,
                 std::optional<call::Clock::time_point> deadline) override {
    const std::shared_ptr<Owner> owner = owner_.lock();
    if (owner == nullptr) return;
    Shared& shared = owner->get_shared();
    const OwnerLock::Entry entry(*shared.lock);
    if (!entry.is_in()) return;
    call::Bounds bounds;
    if (deadline) bounds.deadline = call::Deadline{*deadline, "wait", {}};
    bounds.add_interrupts(shared.interrupts);
    // Other threads can cancel a call, or end one of the program's functions.
    const auto on_idle = deadline ? Scheduler::OnIdle::Wait : Scheduler::OnIdle::Fail;
    if (shared.scheduler.wait(is_done, &bounds, on_idle) == Scheduler::WaitEnd::Deadlock)
      owner->end_program_waits();
  }

  void post(std::function<void()> function) override {
    if (const std::shared_ptr<Owner> owner = owner_.lock())
      owner->get_shared().scheduler.post(std::move(function));
    else
      function();
  }

 private:
  std::weak_ptr<Owner> owner_;
};

}  // namespace

std::uint64_t FailureBox::keep(CallFailure failure) {
  failures_.emplace_back(next_, std::move(failure));
  return next_++;
}

std::optional<CallFailure> FailureBox::take(std::uint64_t number) {
  const auto entry =
      std::ranges::find(failures_, number, [](const auto& kept) { return kept.first; });
  if (entry == failures_.end()) return std::nullopt;
  CallFailure failure = std::move(entry->second);
  failures_.erase(entry);
  return failure;
}

CallFailure make_failure(CallFailure::Kind kind, std::string message) {
  CallFailure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

CallFailure no_memory() { return make_failure(CallFailure::Kind::Trap, "out of memory"); }

std::shared_ptr<detail::Driver> make_driver(const std::weak_ptr<Owner>& owner) {
  return std::make_shared<CompositionDriver>(owner);
}

call::Bounds Shared::make_bounds(const call::Bounds* caller,
                                 const std::optional<std::chrono::nanoseconds>& timeout,
                                 const std::string& domain) const {
  call::Bounds bounds;
  if (caller != nullptr)
    bounds = *caller;
  else if (run_limit)
    bounds.deadline =
        call::Deadline{run_limit->end.value_or(call::Clock::now() + run_limit->length), "timeout",
                       run_limit->domain};
  bounds.add_interrupts(interrupts);
  if (timeout) {
    const call::Clock::time_point at = call::Clock::now() + *timeout;
    if (!bounds.deadline || at < bounds.deadline->at)
      bounds.deadline = call::Deadline{at, "call-timeout", domain};
  }
  return bounds;
}

}  // namespace tenon::runtime
