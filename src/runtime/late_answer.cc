#include "runtime/late_answer.h"

#include <utility>

namespace tenon::runtime {

std::function<void()> LateAnswer::reporter() {
  return [&scheduler = shared_.scheduler, link = std::weak_ptr<LateAnswer*>(link_)] {
    scheduler.post([link] {
      const auto held = link.lock();
      if (held == nullptr) return;
      LateAnswer& answer = **held;
      if (answer.is_reported_ || !answer.is_complete()) return;
      answer.is_reported_ = true;
      if (answer.call_.ends_later()) answer.give();
    });
  };
}

void LateAnswer::wait() {
  work_.emplace(shared_.scheduler);
  if (call_.ends_later()) return call_.set_pending(*this);
  // Other threads can report the answer.
  CallResult<void> waited = shared_.scheduler.wait_until([this] { return is_reported_; },
                                                         call_.bounds(), Scheduler::OnIdle::Wait);
  if (waited)
    give();
  else
    end(std::move(waited).error());
}

}  // namespace tenon::runtime
