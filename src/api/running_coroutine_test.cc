// Coroutines whose tasks are destroyed while they run.
#include <gtest/gtest.h>

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tenon/task.h"
#include "tests/support/witness.h"

namespace tenon::running_coroutine_test {
namespace {

// An event that a coroutine waits for.
struct Bell {
  std::coroutine_handle<> waiting = nullptr;
  void ring() { std::exchange(waiting, nullptr).resume(); }
};

// Awaiters with each result of `await_suspend`.
struct Plain {
  explicit Plain(Bell& of) : bell(of) {}
  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { bell.waiting = waiter; }
  void await_resume() const {}
  Bell& bell;
};
struct Choosing : Plain {
  using Plain::Plain;
  [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiter) const {
    bell.waiting = waiter;
    return true;
  }
};
struct Transferring : Plain {
  using Plain::Plain;
  [[nodiscard]] std::noop_coroutine_handle await_suspend(std::coroutine_handle<> waiter) const {
    bell.waiting = waiter;
    return std::noop_coroutine();
  }
};

// An awaitable whose awaiter is made by a member function.
struct WithMember {
  explicit WithMember(Bell& of) : bell(of) {}
  Plain operator co_await() const { return Plain(bell); }
  Bell& bell;
};
struct WithFunction {
  explicit WithFunction(Bell& of) : bell(of) {}
  Bell& bell;
};
Plain operator co_await(const WithFunction& awaitable) { return Plain(awaitable.bell); }

// A coroutine, its task, and what is known of it.
struct Coroutine {
  Bell bell;
  std::optional<Task<int>> task;
  int place = 0;
  bool is_gone = false;
};

void destroy_own_task(Coroutine& run) {
  run.task.reset();
  EXPECT_FALSE(run.is_gone);
}

template <class Awaitable>
Task<int> wait_twice(Coroutine& run) {
  const Witness witness(run.is_gone);
  run.place = 1;
  co_await Awaitable(run.bell);
  destroy_own_task(run);
  run.place = 2;
  co_await Awaitable(run.bell);
  run.place = 3;
  co_return 1;
}

Task<int> wait_twice_for_one(Coroutine& run) {
  const Witness witness(run.is_gone);
  Plain awaiter(run.bell);
  run.place = 1;
  co_await awaiter;
  destroy_own_task(run);
  run.place = 2;
  co_await awaiter;
  run.place = 3;
  co_return 1;
}

void check_waits(Task<int> (*coroutine)(Coroutine& run)) {
  Coroutine run;
  run.task.emplace(coroutine(run));
  EXPECT_EQ(run.place, 1);
  run.bell.ring();
  EXPECT_EQ(run.place, 2);
  EXPECT_TRUE(run.is_gone);
  EXPECT_EQ(run.bell.waiting, nullptr);
}

TEST(RunningCoroutines, TheyAreDestroyedWhereTheyWaitNext) {
  check_waits(&wait_twice<Plain>);
  check_waits(&wait_twice<Choosing>);
  check_waits(&wait_twice<Transferring>);
  check_waits(&wait_twice<WithMember>);
  check_waits(&wait_twice<WithFunction>);
  check_waits(&wait_twice_for_one);
}

Task<int> wait_once(Coroutine& run) {
  const Witness witness(run.is_gone);
  co_await Plain(run.bell);
  destroy_own_task(run);
  run.place = 2;
  co_return 1;
}

TEST(RunningCoroutines, TheyAreDestroyedWhenTheyEnd) {
  Coroutine run;
  run.task.emplace(wait_once(run));
  bool is_called = false;
  const auto captured = std::make_shared<int>(1);
  run.task->on_done([&is_called, captured] { is_called = true; });
  run.bell.ring();
  EXPECT_EQ(run.place, 2);
  EXPECT_TRUE(run.is_gone);
  EXPECT_FALSE(is_called);
  EXPECT_EQ(captured.use_count(), 1);
}

// Does not suspend: it says so, or throws.
struct Refusing : Plain {
  using Plain::Plain;
  [[nodiscard]] bool await_suspend(std::coroutine_handle<> /*waiter*/) const { return false; }
};
struct Throwing : Plain {
  using Plain::Plain;
  void await_suspend(std::coroutine_handle<> /*waiter*/) const {
    throw std::runtime_error("it cannot wait");
  }
};

template <class Awaitable>
Task<int> go_on(Coroutine& run) {
  const Witness witness(run.is_gone);
  co_await Plain(run.bell);
  try {
    co_await Awaitable(run.bell);
    run.place = 1;
  } catch (const std::runtime_error&) {
    run.place = 2;
  }
  destroy_own_task(run);
  run.place += 2;
  co_return 1;
}

TEST(RunningCoroutines, TheyRunAfterAnAwaiterThatDoesNotSuspend) {
  const auto place_of = [](Task<int> (*coroutine)(Coroutine& run)) {
    Coroutine run;
    run.task.emplace(coroutine(run));
    run.bell.ring();
    EXPECT_TRUE(run.is_gone);
    return run.place;
  };
  EXPECT_EQ(place_of(&go_on<Refusing>), 3);
  EXPECT_EQ(place_of(&go_on<Throwing>), 4);
}

Task<int> wait_for_other(Coroutine& run, bool& is_other_gone, Coroutine& other) {
  const Witness witness(run.is_gone);
  const auto inner = [](Coroutine& outer, bool& is_gone, Bell& bell) -> Task<int> {
    const Witness inner_witness(is_gone);
    co_await Plain(bell);
    outer.task.reset();
    EXPECT_TRUE(outer.is_gone);
    EXPECT_FALSE(is_gone);
    outer.place = 1;
    co_return 1;
  };
  co_await inner(run, is_other_gone, other.bell);
  run.place = 2;
  co_return 1;
}

TEST(RunningCoroutines, OneCanDestroyTheOneThatAwaitsIt) {
  Coroutine run;
  Coroutine other;
  bool is_other_gone = false;
  run.task.emplace(wait_for_other(run, is_other_gone, other));
  other.bell.ring();
  EXPECT_EQ(run.place, 1);
  EXPECT_TRUE(is_other_gone);
}

}  // namespace
}  // namespace tenon::running_coroutine_test
