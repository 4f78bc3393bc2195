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
    const std::exception_ptr kept = std::exchange(kept_, nullptr);
    Postings posted = std::exchange(posted_, {});
    while (inbox_ != nullptr && !posted.is_empty()) inbox_->post(posted.take_first());
    if (inbox_ != nullptr && kept != nullptr) inbox_->keep(kept);
  }
  const Scheduler::Posting on_known = std::exchange(on_known_, {});
  if (on_known.is_empty()) return;
  if (held != nullptr)
    held->get_shared().scheduler.post(on_known);
  else
    on_known.run();
}

void TaskHome::run_until(const std::function<bool()>& is_done,
                         std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (!is_known_) {
    std::unique_lock lock(mutex_);
    while (!posted_.is_empty()) {
      const Posting posting = posted_.take_first();
      lock.unlock();
      posting.run();
      lock.lock();
    }
    if (kept_ != nullptr) std::rethrow_exception(std::exchange(kept_, nullptr));
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
  const auto must_end = [&] { return is_done() || shared.scheduler.has_kept(); };
  if (shared.scheduler.wait(must_end, &bounds, on_idle) == Scheduler::WaitEnd::Deadlock)
    owner->end_program_waits();
  shared.scheduler.throw_kept();
}

// An owner that this thread held could become the last one, and end the composition here.
void TaskHome::post(Scheduler::Posting posting) {
  const std::lock_guard lock(mutex_);
  if (!has_inbox_)
    posted_.append(std::move(posting));
  else if (inbox_ != nullptr)
    inbox_->post(std::move(posting));
}

void TaskHome::keep(std::exception_ptr thrown) noexcept {
  const std::lock_guard lock(mutex_);
  if (inbox_ != nullptr)
    inbox_->keep(std::move(thrown));
  else if (!has_inbox_ && kept_ == nullptr)
    kept_ = std::move(thrown);
}

}  // namespace tenon::runtime
