#include "api/pending_call.h"

#include <utility>

#include "api/typed_port.h"
#include "link/running.h"
#include "runtime/active_call.h"
#include "runtime/owner_lock.h"
#include "runtime/shared.h"
#include "runtime/task_home.h"

namespace tenon::api {

Result<void> run_on(Executor& executor, const std::shared_ptr<link::Running>& running) {
  using Work = runtime::Scheduler::Work;
  return running->shared.scheduler.set_executor(
      [&executor](Work work) { executor.post(std::move(work)); },
      [running = std::weak_ptr(running)]() -> Work {
        return [running] {
          const std::shared_ptr<link::Running> held = running.lock();
          if (held == nullptr) return;
          const runtime::OwnerLock::Entry entry(*held->shared.lock);
          if (!entry.is_in()) return;
          held->shared.scheduler.run_due();
          held->shared.scheduler.throw_kept();
        };
      });
}

PendingCall::PendingCall(const std::weak_ptr<link::Running>& running,
                         const call::FunctionShape& shape, program::HandlesAre handles)
    : running_(running),
      shape_(shape),
      driver_(std::make_shared<runtime::TaskHome>(running)),
      exchange_(running, shape, handles),
      buffer_(exchange_) {
  if (const auto held = running_.lock()) {
    const runtime::OwnerLock::Entry entry(*held->shared.lock);
    exchange_.begin_call();
  }
}

PendingCall::~PendingCall() {
  // Without a composition, the call has ended.
  const auto running = running_.lock();
  if (running == nullptr) return;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  call_.reset();
  end_passes();
}

void PendingCall::start(call::Callee& callee, runtime::Shared& shared, const abi::From& params,
                        std::function<void()> on_end) {
  call_.emplace(shape_, shared, buffer_.arena(), params, runtime::ActiveCall::innermost_bounds(),
                [this] { note_end(); });
  on_end_ = std::move(on_end);
  end_ = runtime::Scheduler::Posting([link = std::weak_ptr<PendingCall*>(link_)] {
    if (const auto call = link.lock()) std::exchange((*call)->on_end_, nullptr)();
  });
  is_starting_ = true;
  callee.start(*call_);
  is_starting_ = false;
  if (call_->has_ended()) std::exchange(on_end_, nullptr)();
}

void PendingCall::give_up() {
  const auto running = running_.lock();
  if (running == nullptr) return;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  end_passes();
}

void PendingCall::cancel() {
  const auto running = running_.lock();
  if (running == nullptr || !call_) return;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  call_->cancel();
}

CallResult<std::optional<std::uint32_t>> PendingCall::take_result(const FoundFunction& function) {
  const auto running = running_.lock();
  std::optional<runtime::OwnerLock::Entry> entry;
  if (running != nullptr) entry.emplace(*running->shared.lock);
  end_passes();
  if (!call_->is_success()) {
    CallFailure failure = call_->take_failure(function.name);
    if (failure.function.empty()) {  // it was cancelled
      failure.unit = function.unit;
      failure.function = function.name;
    }
    return failure;
  }
  buffer_.refresh();
  return call_->result();
}

// Within a turn of a guest, perhaps.
void PendingCall::note_end() {
  if (is_starting_) return;
  if (const std::shared_ptr<link::Running> running = running_.lock())
    running->shared.scheduler.post(std::move(end_));
  else
    std::exchange(on_end_, nullptr)();
}

void PendingCall::end_passes() {
  if (std::exchange(is_passing_, false)) exchange_.end_call();
}

}  // namespace tenon::api
