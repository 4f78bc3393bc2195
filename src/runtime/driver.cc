#include "runtime/driver.h"

#include <functional>
#include <optional>
#include <utility>

#include "call/bounds.h"
#include "runtime/owner_lock.h"
#include "runtime/scheduler.h"

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

std::shared_ptr<detail::Driver> make_driver(const std::weak_ptr<Owner>& owner) {
  return std::make_shared<CompositionDriver>(owner);
}

}  // namespace tenon::runtime
