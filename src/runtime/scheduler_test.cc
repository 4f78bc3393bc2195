// How a wait ends when guests run on while it asks whether they are idle.
#include "runtime/scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/owner_lock.h"

namespace tenon::runtime::scheduler_test {
namespace {

constexpr std::atomic<TurnTaker::TakenBy> kTakenBy = TurnTaker::TakenBy::Waiting;

// Whose guests run on when they are asked whether they are idle, as if a timer of theirs had ended
// just before.
class Sleepy final : public TurnTaker {
 public:
  explicit Sleepy(Scheduler& scheduler) : TurnTaker(scheduler, kTakenBy) {}

  [[nodiscard]] const GuestThread* turned_by() const override { return nullptr; }
  void turn() override {
    begin_turn();
    ++turns;
    if (on_turn) on_turn();
  }
  [[nodiscard]] bool is_idle() override {
    if (on_question) std::exchange(on_question, nullptr)();
    return true;
  }
  std::optional<call::Clock::time_point> end_late_waits() override { return std::nullopt; }

  int turns = 0;
  std::function<void()> on_turn;
  std::function<void()> on_question;
};

class Waits : public testing::Test {
 protected:
  ~Waits() override { lock_->leave(); }

  [[nodiscard]] Scheduler::WaitEnd wait() {
    return scheduler_.wait([this] { return is_done_; }, nullptr);
  }

  std::shared_ptr<OwnerLock> lock_ = std::make_shared<OwnerLock>();
  const CallResult<void> entered_ = lock_->enter();
  Scheduler scheduler_{lock_};
  Sleepy first_{scheduler_};
  Sleepy second_{scheduler_};
  bool is_done_ = false;
};

TEST_F(Waits, EndWithAFailureIfAllAreIdle) { EXPECT_EQ(wait(), Scheduler::WaitEnd::Deadlock); }

TEST_F(Waits, EndIfAGuestEndsTheCallWhenItIsAsked) {
  second_.on_question = [this] { is_done_ = true; };
  EXPECT_EQ(wait(), Scheduler::WaitEnd::Done);
}

TEST_F(Waits, GoOnIfAGuestCallsAnotherWhenItIsAsked) {
  first_.on_turn = [this] { is_done_ = true; };
  second_.on_question = [this] { first_.wake(); };
  EXPECT_EQ(wait(), Scheduler::WaitEnd::Done);
  EXPECT_EQ(first_.turns, 1);
}

}  // namespace
}  // namespace tenon::runtime::scheduler_test
