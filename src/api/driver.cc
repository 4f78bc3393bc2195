#include "api/driver.h"

#include <optional>
#include <utility>

#include "call/bounds.h"
#include "link/running.h"
#include "runtime/owner_lock.h"

namespace tenon::api {

namespace {

class CompositionDriver final : public detail::Driver {
 public:
  explicit CompositionDriver(std::weak_ptr<link::Running> running) : running_(std::move(running)) {}

  void run_until(const std::function<bool()>& is_done,
                 std::optional<call::Clock::time_point> deadline) override {
    const std::shared_ptr<link::Running> running = running_.lock();
    if (running == nullptr) return;
    const runtime::OwnerLock::Entry entry(*running->shared.lock);
    if (!entry.is_in()) return;
    call::Bounds bounds;
    if (deadline) bounds.deadline = call::Deadline{*deadline, "wait", {}};
    if (running->shared.interrupts) {
      bounds.interrupts = &*running->shared.interrupts;
      bounds.interrupts_before = running->shared.interrupts->load(std::memory_order_relaxed);
    }
    // Other threads can cancel a call, or end one of the program's functions.
    using OnIdle = runtime::Scheduler::OnIdle;
    (void)running->shared.scheduler.wait_until(is_done, &bounds,
                                               deadline ? OnIdle::Wait : OnIdle::Fail);
  }

  void post(std::function<void()> function) override {
    if (const std::shared_ptr<link::Running> running = running_.lock())
      running->shared.scheduler.post(std::move(function));
    else
      function();
  }

 private:
  std::weak_ptr<link::Running> running_;
};

}  // namespace

std::shared_ptr<detail::Driver> make_driver(const std::weak_ptr<link::Running>& running) {
  return std::make_shared<CompositionDriver>(running);
}

void run_on(Executor& executor, const std::shared_ptr<link::Running>& running) {
  running->shared.scheduler.set_executor(
      [&executor, running = std::weak_ptr(running)](std::function<void()> work) {
        executor.post([running, work = std::move(work)] {
          const std::shared_ptr<link::Running> held = running.lock();
          if (held == nullptr) return;
          const runtime::OwnerLock::Entry entry(*held->shared.lock);
          if (entry.is_in()) work();
        });
      });
}

}  // namespace tenon::api
