#include "runtime/task_home.h"

#include <utility>

namespace tenon::runtime {

void TaskHome::set(std::weak_ptr<Owner> owner) {
  owner_ = std::move(owner);
  is_known_ = true;
  const std::shared_ptr<Owner> held = owner_.lock();
  {
    const std::lock_guard lock(mutex_);
    has_inbox_ = true;
    if (held != nullptr) inbox_ = held->get_shared().inbox;
    for (std::function<void()>& function : std::exchange(posted_, {}))
      if (inbox_ != nullptr) inbox_->post(std::move(function));
  }
  if (const std::function<void()> on_known = std::exchange(on_known_, nullptr)) on_known();
}

void TaskHome::run_until(const std::function<bool()>& is_done,
                         std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (!is_known_) {
    std::vector<std::function<void()>> posted;
    {
      const std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (const std::function<void()>& function : posted) function();
    return;
  }
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

// An owner that this thread held could become the last one, and end the composition here.
void TaskHome::post(std::function<void()> function) {
  const std::lock_guard lock(mutex_);
  if (!has_inbox_)
    posted_.push_back(std::move(function));
  else if (inbox_ != nullptr)
    inbox_->post(std::move(function));
}

}  // namespace tenon::runtime
