// Tasks of the program that wait for the engine: for a response, or for a part of a body.
//
//   return WokenTask<std::string>::start(home, [body](const engine::Wake& wake) { return read(*body, wake); });
//
// The attempt is made at once, and again whenever it was woken, until it has an outcome.
//
// Thread: that of the composition, for attempts too.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "engine/http_message.h"
#include "runtime/inbox.h"
#include "runtime/owner_lock.h"
#include "runtime/scheduler.h"
#include "runtime/shared.h"
#include "runtime/task_home.h"
#include "tenon/task.h"

namespace tenon::runtime {

template <class T>
class WokenTask final : public detail::TaskState<CallResult<T>>, private Inbox::Waiter {
 public:
  using Outcome = CallResult<T>;
  // Nothing: it has to wait, and `wake` is called. It may destroy the task.
  using Attempt = std::function<std::optional<Outcome>(const engine::Wake& wake)>;

  // Failures, besides those of the attempt: Interrupted, if the task is cancelled; Ended, if the composition is gone;
  // those of entering it.
  [[nodiscard]] static Task<Outcome> start(TaskHomePtr home, Attempt attempt) {
    auto* const state = new WokenTask(std::move(home), std::move(attempt));
    Task<Outcome> task(state);
    if (state->home_->is_known())
      state->begin();
    else  // whoever sends a body does not expect that the program goes on within that
      state->home_->wait(Scheduler::Posting([link = std::weak_ptr(state->link_)] {
        if (const auto waiting = link.lock(); waiting && !(*waiting)->is_done())
          (*waiting)->begin();
      }));
    return task;
  }
  [[nodiscard]] static Task<Outcome> start(std::weak_ptr<Owner> owner, Attempt attempt) {
    return start(std::make_shared<TaskHome>(std::move(owner)), std::move(attempt));
  }
  // A task that has failed.
  [[nodiscard]] static Task<Outcome> fail(CallFailure failure) {
    return start(std::weak_ptr<Owner>(), [failure = std::move(failure)](const engine::Wake&) {
      return std::optional(Outcome(failure));
    });
  }

  void release() override {
    if (is_trying_) {
      is_released_ = true;
      return;
    }
    const Entered entered(home_->owner());
    delete this;
  }
  void cancel() override {
    if (this->is_done()) return;
    if (is_trying_) {
      is_cancelled_ = true;
      return;
    }
    const Entered entered(home_->owner());
    settle_by([] {
      return std::optional<Outcome>(
          make_failure(CallFailure::Kind::Interrupted, "the operation was cancelled"));
    });
  }
  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return home_; }

 private:
  // In the composition for a scope, if that exists.
  class Entered final {
   public:
    explicit Entered(const std::weak_ptr<Owner>& owner) : owner_(owner.lock()) {
      if (owner_ != nullptr) entry_.emplace(*owner_->get_shared().lock);
    }
    // Null if the composition is gone.
    [[nodiscard]] const std::shared_ptr<Owner>& owner() const { return owner_; }
    [[nodiscard]] const OwnerLock::Entry& entry() const { return *entry_; }

   private:
    std::shared_ptr<Owner> owner_;
    std::optional<OwnerLock::Entry> entry_;
  };

  WokenTask(TaskHomePtr home, Attempt attempt)
      : home_(std::move(home)), attempt_(std::move(attempt)) {}
  ~WokenTask() override {
    if (inbox_ != nullptr) inbox_->remove(*this);
  }

  void begin() {
    const Entered entered(home_->owner());
    if (!settle_by([&] { return enter(entered); })) proceed();
  }
  // Nothing: it can proceed.
  std::optional<Outcome> enter(const Entered& entered) {
    if (entered.owner() == nullptr) {
      // What is known can still be had.
      std::optional<Outcome> outcome = attempt_([] {});
      if (!outcome) outcome.emplace(ended());
      return outcome;
    }
    if (!entered.entry().is_in()) return Outcome(entered.entry().failure());
    Shared& shared = entered.owner()->get_shared();
    work_.emplace(shared.scheduler);
    inbox_ = shared.inbox;
    inbox_->add(*this);
    return std::nullopt;
  }

  void proceed() {
    std::optional<Outcome> outcome;
    std::exception_ptr failure;
    is_trying_ = true;
    try {
      do {
        is_woken_ = false;
        outcome = attempt_(make_wake());
      } while (!outcome && is_woken_ && !is_released_ && !is_cancelled_);
    } catch (const std::bad_alloc&) {
      failure = std::current_exception();
    }
    is_trying_ = false;
    if (is_released_) {
      delete this;
      return;
    }
    if (failure != nullptr) return fail_with(std::move(failure));
    if (outcome) return settle(*std::move(outcome));
    if (is_cancelled_) cancel();
  }

  void note_wake() {
    if (this->is_done()) return;
    if (is_trying_)
      is_woken_ = true;
    else
      proceed();
  }

  [[nodiscard]] engine::Wake make_wake() const {
    return runtime::make_wake(inbox_, [link = std::weak_ptr(link_)] {
      if (const auto waiting = link.lock()) (*waiting)->note_wake();
    });
  }

  // Settles the task with what `make` returns, or fails it if `make` runs out of memory. False: `make` returned nothing.
  template <class Make>
  bool settle_by(Make make) {
    std::optional<Outcome> outcome;
    try {
      outcome = make();
    } catch (const std::bad_alloc&) {
      fail_with(std::current_exception());
      return true;
    }
    if (!outcome) return false;
    settle(*std::move(outcome));
    return true;
  }
  void settle(Outcome outcome) {
    leave();
    this->set_value(std::move(outcome));
    this->run_continuation();
  }
  void fail_with(std::exception_ptr failure) {
    leave();
    this->set_exception(std::move(failure));
    this->run_continuation();
  }
  void leave() {
    attempt_ = nullptr;
    work_.reset();
    if (inbox_ != nullptr) inbox_->remove(*this);
  }

  void end_with_composition() override {
    if (!this->is_done()) settle_by([] { return std::optional<Outcome>(ended()); });
  }

  static CallFailure ended() {
    return make_failure(CallFailure::Kind::Ended, "the composition was destroyed");
  }

  const TaskHomePtr home_;
  Attempt attempt_;
  std::shared_ptr<Inbox> inbox_;
  std::optional<Scheduler::OutsideWork> work_;  // while it waits
  bool is_trying_ = false;
  bool is_woken_ = false;      // while it was trying
  bool is_released_ = false;   // the same
  bool is_cancelled_ = false;  // the same
  // This object, as long as it exists.
  std::shared_ptr<WokenTask*> link_ = std::make_shared<WokenTask*>(this);
};

}  // namespace tenon::runtime
