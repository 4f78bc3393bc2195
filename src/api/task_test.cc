// Calls that the program starts: tasks, coroutines, cancellation and executors.
#include "tenon/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tests/support/async_gate.h"

namespace tenon::task_test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint8_t> assemble(const char* text) {
  return *engine::wat_to_wasm("unit.wat", text);
}

using Hold = TypedFunction<std::uint32_t(std::uint32_t)>;
using Release = TypedFunction<std::uint32_t()>;

struct Gate {
  explicit Gate(Executor* executor = nullptr) {
    CompositionBuilder builder;
    builder.add_component("gate", assemble(kGate));
    if (executor != nullptr) builder.set_executor(*executor);
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    composition.emplace(*std::move(built));
    hold.emplace(*composition->function<std::uint32_t(std::uint32_t)>("", "hold"));
    echo.emplace(*composition->function<std::uint32_t(std::uint32_t)>("", "echo"));
    release.emplace(*composition->function<std::uint32_t()>("", "release"));
  }

  std::optional<Composition> composition;
  std::optional<Hold> hold;
  std::optional<Hold> echo;
  std::optional<Release> release;
};

TEST(Tasks, ACallThatDoesNotWaitHasEndedWhenItIsStarted) {
  const Gate gate;
  Task<CallResult<std::uint32_t>> task = gate.echo->start(7);
  EXPECT_TRUE(task.is_done());
  EXPECT_EQ(**task.wait(), 7U);
}

TEST(Tasks, CallsInProgressEndInAnyOrder) {
  const Gate gate;
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  for (std::uint32_t i = 0; i < 100; ++i) tasks.push_back(gate.hold->start(i));
  for (const auto& task : tasks) EXPECT_FALSE(task.is_done());
  EXPECT_EQ(*(*gate.release)(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(**tasks[i].wait(), i + 100);
}

TEST(Tasks, AWaitEndsWithItsTime) {
  const Gate gate;
  Task<CallResult<std::uint32_t>> task = gate.hold->start(1);
  EXPECT_FALSE(task.wait(1ms));
  EXPECT_FALSE(task.is_done());
}

Task<std::uint32_t> add(const Gate& gate, std::uint32_t a, std::uint32_t b) {
  const CallResult<std::uint32_t> first = co_await gate.hold->start(a);
  const CallResult<std::uint32_t> second = co_await gate.echo->start(b);
  co_return *first + *second;
}

TEST(Tasks, ACoroutineAwaitsCallsAndOtherCoroutines) {
  const Gate gate;
  const auto twice = [](const Gate& of) -> Task<std::uint32_t> {
    Task<std::uint32_t> a = add(of, 1, 2);
    Task<std::uint32_t> b = add(of, 3, 4);
    co_return co_await std::move(a) + co_await std::move(b);
  };
  Task<std::uint32_t> sum = twice(gate);
  EXPECT_FALSE(sum.is_done());
  EXPECT_EQ(*(*gate.release)(), 2U);
  EXPECT_EQ(*sum.wait(), 210U);
}

TEST(Tasks, AContinuationGetsTheResult) {
  const Gate gate;
  std::vector<std::uint32_t> results;
  gate.echo->start_then(
      [&](const CallResult<std::uint32_t>& result) { results.push_back(*result); }, 5);
  gate.hold->start_then(
      [&](const CallResult<std::uint32_t>& result) { results.push_back(*result); }, 6);
  EXPECT_THAT(results, ElementsAre(5));
  EXPECT_EQ(*(*gate.release)(), 1U);
  const_cast<Gate&>(gate).composition->poll();
  EXPECT_THAT(results, ElementsAre(5, 106));
}

// The message of the exception that a function throws; empty if it throws none.
std::string thrown_by(const std::function<void()>& function) {
  try {
    function();
  } catch (const std::runtime_error& thrown) {
    return thrown.what();
  }
  return "";
}

// A continuation that throws.
auto thrower(const char* message) {
  return [message](const CallResult<std::uint32_t>&) { throw std::runtime_error(message); };
}

TEST(Tasks, AContinuationThatIsCalledAtOnceThrowsToItsCaller) {
  Gate gate;
  EXPECT_EQ(thrown_by([&] { gate.echo->start_then(thrower("now"), 1); }), "now");
  EXPECT_EQ(thrown_by([&] { gate.composition->poll(); }), "");
  EXPECT_EQ(*(*gate.echo)(3), 3U);
}

TEST(Tasks, ALaterContinuationThrowsToThePollAfterIt) {
  Gate gate;
  std::uint32_t other = 0;
  gate.hold->start_then(thrower("first"), 1);
  gate.hold->start_then(thrower("second"), 2);
  gate.hold->start_then([&](const CallResult<std::uint32_t>& result) { other = *result; }, 3);
  // It is not a failure of these calls.
  EXPECT_EQ(*(*gate.release)(), 3U);
  EXPECT_EQ(*(*gate.echo)(4), 4U);
  EXPECT_THAT(thrown_by([&] { gate.composition->poll(); }), AnyOf("first", "second"));
  EXPECT_EQ(other, 103U);
  EXPECT_EQ(thrown_by([&] { gate.composition->poll(); }), "");
  gate.hold->start_then(thrower("third"), 1);
  EXPECT_EQ(*(*gate.release)(), 1U);
  EXPECT_EQ(thrown_by([&] { (void)gate.composition->run_for(1ms); }), "third");
}

TEST(Tasks, AWaitThatThrowsForAContinuationLosesNothing) {
  const Gate gate;
  gate.hold->start_then(thrower("later"), 1);
  Task<CallResult<std::uint32_t>> task = gate.hold->start(2);
  EXPECT_EQ(*(*gate.release)(), 2U);
  EXPECT_EQ(thrown_by([&] { (void)task.wait(10s); }), "later");
  EXPECT_EQ(**task.wait(10s), 102U);
}

TEST(Tasks, ACancelDoesNotThrowForAContinuation) {
  Gate gate;
  std::stop_source source;
  Task<CallResult<std::uint32_t>> task = gate.hold->start(1);
  task.cancel_on(source.get_token());
  std::optional<CallFailure::Kind> kind;
  std::move(task).then([&](const CallResult<std::uint32_t>& result) {
    kind = result.error().kind;
    throw std::runtime_error("cancelled");
  });
  // It cancels although the task is not here any more.
  source.request_stop();
  EXPECT_EQ(thrown_by([&] { gate.composition->poll(); }), "cancelled");
  EXPECT_EQ(kind, CallFailure::Kind::Interrupted);
  EXPECT_EQ(*(*gate.release)(), 1U);
}

TEST(Tasks, AStopAfterTheContinuationDoesNothing) {
  Gate gate;
  std::stop_source source;
  int calls = 0;
  Task<CallResult<std::uint32_t>> task = gate.hold->start(1);
  task.cancel_on(source.get_token());
  std::move(task).then([&](const CallResult<std::uint32_t>&) {
    ++calls;
    source.request_stop();
    gate.composition->poll();
  });
  EXPECT_EQ(*(*gate.release)(), 1U);
  gate.composition->poll();
  EXPECT_EQ(calls, 1);
}

TEST(Tasks, AContinuationMayThrowWhenItsCompositionEnds) {
  int calls = 0;
  {
    const Gate gate;
    gate.hold->start_then(
        [&](const CallResult<std::uint32_t>& result) {
          ++calls;
          EXPECT_EQ(result.error().kind, CallFailure::Kind::Ended);
          throw std::runtime_error("gone");
        },
        1);
  }
  EXPECT_EQ(calls, 1);
}

TEST(Tasks, ACancelledCallFailsAtOnceAndOthersGoOn) {
  const Gate gate;
  Task<CallResult<std::uint32_t>> cancelled = gate.hold->start(1);
  Task<CallResult<std::uint32_t>> other = gate.hold->start(2);
  cancelled.cancel();
  const std::optional<CallResult<std::uint32_t>> result = cancelled.wait(1s);
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().kind, CallFailure::Kind::Interrupted);
  EXPECT_EQ(result->error().function, "hold");
  EXPECT_EQ(*(*gate.release)(), 2U);
  EXPECT_EQ(**other.wait(), 102U);
}

TEST(Tasks, AStopOnAnotherThreadCancels) {
  const Gate gate;
  std::stop_source source;
  Task<CallResult<std::uint32_t>> task = gate.hold->start(1);
  task.cancel_on(source.get_token());
  std::thread stopper([&] { source.request_stop(); });
  const std::optional<CallResult<std::uint32_t>> result = task.wait(10s);
  stopper.join();
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
}

TEST(Tasks, DestroyingATaskCancelsIt) {
  const Gate gate;
  {
    const Task<CallResult<std::uint32_t>> dropped = gate.hold->start(1);
  }
  {
    const Task<std::uint32_t> dropped = add(gate, 1, 2);
  }
  EXPECT_EQ(*(*gate.release)(), 2U);
  EXPECT_EQ(*(*gate.echo)(3), 3U);
}

TEST(Tasks, ATaskCanOutliveItsComposition) {
  std::optional<Task<CallResult<std::uint32_t>>> task;
  {
    const Gate gate;
    task.emplace(gate.hold->start(1));
  }
  const std::optional<CallResult<std::uint32_t>> result = task->wait();
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().kind, CallFailure::Kind::Ended);
}

TEST(Tasks, ExceptionsOfACoroutineReachWhoAwaitsIt) {
  const Gate gate;
  const auto fail = [](const Gate& of) -> Task<int> {
    (void)co_await of.hold->start(1);
    throw std::string("no");
  };
  const auto guard = [&](const Gate& of) -> Task<std::string> {
    try {
      co_await fail(of);
    } catch (const std::string& thrown) {
      co_return thrown;
    }
    co_return "";
  };
  Task<std::string> task = guard(gate);
  EXPECT_EQ(*(*gate.release)(), 1U);
  EXPECT_EQ(*task.wait(), "no");
}

TEST(Tasks, AnExceptionOfACoroutineThatNobodyAwaitsIsThrownLater) {
  Gate gate;
  const auto fail = [](const Gate& of) -> Task<void> {
    (void)co_await of.hold->start(1);
    throw std::runtime_error("no value");
  };
  bool is_called = false;
  fail(gate).then([&] { is_called = true; });
  EXPECT_EQ(*(*gate.release)(), 1U);
  EXPECT_EQ(thrown_by([&] { gate.composition->poll(); }), "no value");
  EXPECT_FALSE(is_called);
  const auto fail_at_once = []() -> Task<void> {
    throw std::runtime_error("at once");
    co_return;
  };
  EXPECT_EQ(thrown_by([&] { fail_at_once().then([&] { is_called = true; }); }), "at once");
  EXPECT_FALSE(is_called);
}

// Counts the kinds of failure of 100 calls of `f`, while `crash` ends the domain of the gate.
std::map<CallFailure::Kind, int> crash_with_calls(const Hold& f, const Composition& composition) {
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  for (std::uint32_t i = 0; i < 100; ++i) tasks.push_back(f.start(i));
  for (const auto& task : tasks) EXPECT_FALSE(task.is_done());
  const CallResult<void> crashed = (*composition.function<void()>("", "crash"))();
  EXPECT_FALSE(crashed);
  EXPECT_EQ(crashed.error().kind, CallFailure::Kind::Trap);
  std::map<CallFailure::Kind, int> kinds;
  for (auto& task : tasks) {
    const std::optional<CallResult<std::uint32_t>> result = task.wait();
    if (!result || *result) {
      ADD_FAILURE() << "a call did not fail";
      continue;
    }
    ++kinds[result->error().kind];
  }
  return kinds;
}

TEST(Tasks, ATrapEndsTheCallsInProgress) {
  const Gate gate;
  EXPECT_THAT(crash_with_calls(*gate.hold, *gate.composition),
              ElementsAre(testing::Pair(CallFailure::Kind::Trap, 100)));
  EXPECT_EQ((*gate.echo)(1).error().kind, CallFailure::Kind::Ended);
}

TEST(Tasks, ATrapEndsTheCallsInProgressOfOtherDomains) {
  CompositionBuilder builder;
  builder.add_component("gate", assemble(kGate)).add_component("visitor", assemble(kVisitor));
  builder.isolate_all().restart_all({.max = 1});
  builder.export_item("gate", "crash").export_item("visitor", "visit");
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  const Hold visit = *built->function<std::uint32_t(std::uint32_t)>("", "visit");
  EXPECT_THAT(crash_with_calls(visit, *built),
              ElementsAre(testing::Pair(CallFailure::Kind::Trap, 100)));
  // Both domains have ended, and start again.
  Task<CallResult<std::uint32_t>> task = visit.start(1);
  EXPECT_FALSE(task.is_done());
}

// Calls a function of the program, and returns its result: `f` waits for it, `cancel` cancels the
// call at once and returns the status of that as a digit. `crash` traps.
constexpr const char* kCaller = R"((component
  (import "acme:host/later" (instance $host
    (export "add" (func async (param "a" u32) (param "b" string) (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $add (canon lower (func $host "add") (memory $memory) (realloc $realloc)))
  (core func $start (canon lower (func $host "add") async (memory $memory) (realloc $realloc)))
  (core func $cancel (canon subtask.cancel))
  (core func $drop (canon subtask.drop))
  (core func $return (canon task.return (result string) (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "add" (func $add (param i32 i32 i32 i32)))
    (import "" "start" (func $start (param i32 i32 i32 i32) (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "return" (func $return (param i32 i32)))
    (data (i32.const 64) "text")
    (func (export "f") (param $a i32)
      (call $add (local.get $a) (i32.const 64) (i32.const 4) (i32.const 16))
      (call $return (i32.load (i32.const 16)) (i32.load (i32.const 20))))
    (func (export "cancel") (param $a i32) (local $task i32)
      (local.set $task (i32.shr_u
        (call $start (local.get $a) (i32.const 64) (i32.const 4) (i32.const 16)) (i32.const 4)))
      (i32.store8 (i32.const 80) (i32.add (i32.const 48) (call $cancel (local.get $task))))
      (call $drop (local.get $task))
      (call $return (i32.const 80) (i32.const 1)))
    (func (export "crash") unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "add" (func $add)) (export "start" (func $start))
    (export "cancel" (func $cancel)) (export "drop" (func $drop))
    (export "return" (func $return))))))
  (func (export "f") async (param "a" u32) (result string)
    (canon lift (core func $core "f") async (memory $memory)))
  (func (export "cancel") async (param "a" u32) (result string)
    (canon lift (core func $core "cancel") async (memory $memory)))
  (func (export "crash") (canon lift (core func $core "crash")))))";

// Resumes coroutines when it is asked to.
class Gong {
 public:
  auto operator co_await() {
    struct Awaiter {
      Gong& gong;
      bool await_ready() { return false; }
      void await_suspend(std::coroutine_handle<> waiter) { gong.waiting_.push_back(waiter); }
      void await_resume() {}
    };
    return Awaiter{*this};
  }
  void ring() {
    for (const std::coroutine_handle<> waiter : std::exchange(waiting_, {})) waiter.resume();
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
};

struct Host {
  template <class F>
  explicit Host(F function) {
    CompositionBuilder builder;
    builder.add_component("caller", assemble(kCaller));
    builder.add_host_function("acme:host/later", "add", std::move(function));
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    composition.emplace(*std::move(built));
    f.emplace(*composition->function<std::string(std::uint32_t)>("", "f"));
  }

  std::optional<Composition> composition;
  std::optional<TypedFunction<std::string(std::uint32_t)>> f;
};

TEST(HostTasks, GuestsWaitForACoroutine) {
  Gong gong;
  const Host host([&](std::uint32_t a, const std::string& b) -> Task<std::string> {
    co_await gong;
    co_return b + std::to_string(a);
  });
  Task<CallResult<std::string>> first = host.f->start(1);
  Task<CallResult<std::string>> second = host.f->start(2);
  EXPECT_EQ(gong.size(), 2U);
  EXPECT_FALSE(first.is_done());
  gong.ring();
  EXPECT_EQ(**first.wait(), "text1");
  EXPECT_EQ(**second.wait(), "text2");
}

TEST(HostTasks, ATaskCanBeDoneAtOnce) {
  const Host host([](std::uint32_t a, std::string_view b) -> Task<std::string> {
    co_return std::string(b) + std::to_string(a);
  });
  EXPECT_EQ(*(*host.f)(3), "text3");
}

TEST(HostTasks, AnotherThreadCanEndATask) {
  Gong gong;
  const Host host([&](std::uint32_t, std::string_view b) -> Task<std::string> {
    co_await gong;
    co_return std::string(b);
  });
  Task<CallResult<std::string>> task = host.f->start(1);
  std::thread ringer([&] { gong.ring(); });
  const auto result = task.wait(10s);
  ringer.join();
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, "text");
}

TEST(HostTasks, AnExceptionIsATrap) {
  Gong gong;
  const Host host([&](std::uint32_t, std::string_view) -> Task<std::string> {
    co_await gong;
    throw std::runtime_error("no text");
  });
  Task<CallResult<std::string>> task = host.f->start(1);
  gong.ring();
  const auto result = task.wait();
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_THAT(result->error().message, HasSubstr("a host function threw: no text"));
}

TEST(HostTasks, ATrapCanBeReturned) {
  const Host host([](std::uint32_t, std::string_view) -> Task<HostResult<std::string>> {
    co_return Trap{"not today"};
  });
  const CallResult<std::string> result = (*host.f)(1);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("not today"));
}

// Counts the objects in the frames of coroutines.
struct Counted {
  explicit Counted(int& counter) : count(counter) { ++count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count; }
  int& count;
};

TEST(HostTasks, ATaskEndsWithItsCaller) {
  Gong gong;
  int frames = 0;
  {
    const Host host([&](std::uint32_t, std::string_view) -> Task<std::string> {
      const Counted counted(frames);
      co_await gong;
      co_return "";
    });
    Task<CallResult<std::string>> task = host.f->start(1);
    EXPECT_EQ(frames, 1);
  }
  EXPECT_EQ(frames, 0);
}

TEST(HostTasks, ATaskEndsWhenItsCallerTraps) {
  Gong gong;
  int frames = 0;
  const Host host([&](std::uint32_t, std::string_view) -> Task<std::string> {
    const Counted counted(frames);
    co_await gong;
    co_return "";
  });
  std::vector<Task<CallResult<std::string>>> tasks;
  for (std::uint32_t i = 0; i < 100; ++i) tasks.push_back(host.f->start(i));
  EXPECT_EQ(frames, 100);
  EXPECT_FALSE((*host.composition->function<void()>("", "crash"))());
  for (auto& task : tasks) EXPECT_FALSE(*task.wait());
  EXPECT_EQ(frames, 0);
}

TEST(HostTasks, ATaskEndsWhenItsCallerCancels) {
  Gong gong;
  int frames = 0;
  const Host host([&](std::uint32_t, std::string_view) -> Task<std::string> {
    const Counted counted(frames);
    co_await gong;
    co_return "";
  });
  const auto cancel = *host.composition->function<std::string(std::uint32_t)>("", "cancel");
  EXPECT_EQ(*cancel(1), "4");  // RETURN_CANCELLED
  EXPECT_EQ(frames, 0);
}

TEST(HostTasks, WhatATaskWaitedForCanEndAfterIt) {
  Gate gate;
  int frames = 0;
  const Host host([&](std::uint32_t a, const std::string& b) -> Task<std::string> {
    const Counted counted(frames);
    const CallResult<std::uint32_t> held = co_await gate.hold->start(a);
    co_return b + std::to_string(*held);
  });
  Task<CallResult<std::string>> finished = host.f->start(1);
  EXPECT_EQ(*(*gate.release)(), 1U);
  gate.composition->poll();
  EXPECT_EQ(**finished.wait(10s), "text101");
  Task<CallResult<std::string>> ended = host.f->start(2);
  EXPECT_FALSE((*host.composition->function<void()>("", "crash"))());
  EXPECT_FALSE(*ended.wait(10s));
  EXPECT_EQ(frames, 0);
  EXPECT_EQ(*(*gate.release)(), 1U);  // the call that has no caller any more
  gate.composition->poll();
  EXPECT_EQ(*(*gate.echo)(3), 3U);
}

TEST(HostTasks, ATaskCanEndJustBeforeItsComposition) {
  Gong gong;
  std::optional<Task<CallResult<std::string>>> task;
  {
    const Host host([&](std::uint32_t, const std::string& b) -> Task<std::string> {
      co_await gong;
      co_return b;
    });
    task.emplace(host.f->start(1));
    gong.ring();
  }
  const auto result = task->wait(10s);
  ASSERT_TRUE(result);
  EXPECT_TRUE(*result || result->error().kind == CallFailure::Kind::Ended);
}

// Runs what was posted when it is asked to.
class Queue final : public Executor {
 public:
  void post(std::function<void()> work) override { work_.push_back(std::move(work)); }
  std::size_t run() {
    std::size_t count = 0;
    for (; !work_.empty(); ++count) {
      const std::function<void()> next = std::move(work_.front());
      work_.pop_front();
      next();
    }
    return count;
  }

 private:
  std::deque<std::function<void()>> work_;
};

TEST(Tasks, AnExecutorRunsContinuations) {
  Queue queue;
  const Gate gate(&queue);
  queue.run();
  bool is_called = false;
  gate.hold->start_then([&](const CallResult<std::uint32_t>&) { is_called = true; }, 1);
  EXPECT_EQ(*(*gate.release)(), 1U);
  EXPECT_FALSE(is_called);
  EXPECT_GT(queue.run(), 0U);
  EXPECT_TRUE(is_called);
}

TEST(Tasks, WorkOfAnExecutorThrowsForAContinuation) {
  Queue queue;
  const Gate gate(&queue);
  queue.run();
  bool is_called = false;
  gate.hold->start_then(thrower("work"), 1);
  gate.hold->start_then([&](const CallResult<std::uint32_t>&) { is_called = true; }, 2);
  EXPECT_EQ(*(*gate.release)(), 2U);
  EXPECT_EQ(thrown_by([&] { queue.run(); }), "work");
  EXPECT_TRUE(is_called);
  EXPECT_EQ(thrown_by([&] { queue.run(); }), "");
}

// Has no room for a while.
class FullQueue final : public Executor {
 public:
  void post(std::function<void()> work) override {
    if (is_full) throw std::bad_alloc();
    queue.post(std::move(work));
  }

  Queue queue;
  bool is_full = false;
};

TEST(Tasks, AnExecutorThatRefusesWorkGetsItAgain) {
  FullQueue executor;
  Gate gate(&executor);
  executor.queue.run();
  int calls = 0;
  const auto count = [&](const CallResult<std::uint32_t>&) { ++calls; };
  gate.hold->start_then(count, 1);
  executor.queue.run();
  executor.is_full = true;
  EXPECT_EQ(*(*gate.release)(), 1U);
  EXPECT_EQ(executor.queue.run(), 0U);
  EXPECT_EQ(calls, 0);
  executor.is_full = false;
  gate.hold->start_then(count, 2);  // an event
  EXPECT_GT(executor.queue.run(), 0U);
  EXPECT_EQ(calls, 1);
  executor.is_full = true;
  EXPECT_EQ(*(*gate.release)(), 1U);
  gate.composition->poll();
  EXPECT_EQ(calls, 2);
}

// `spin` yields until `stop` is called: it has a turn due all the time.
constexpr const char* kSpinner = R"((component
  (core func $return (canon task.return))
  (core module $code
    (import "" "return" (func $return))
    (global $is-stopped (mut i32) (i32.const 0))
    (func (export "spin") (result i32) (i32.const 1)) ;; YIELD
    (func (export "callback") (param i32 i32 i32) (result i32)
      (if (i32.eqz (global.get $is-stopped)) (then (return (i32.const 1))))
      (call $return)
      (i32.const 0)) ;; EXIT
    (func (export "stop") (global.set $is-stopped (i32.const 1))))
  (core instance $core (instantiate $code (with "" (instance (export "return" (func $return))))))
  (func (export "spin") async
    (canon lift (core func $core "spin") async (callback (core func $core "callback"))))
  (func (export "stop") (canon lift (core func $core "stop")))))";

Composition build_spinner(Executor* executor = nullptr) {
  CompositionBuilder builder;
  builder.add_component("spinner", assemble(kSpinner)).add_component("gate", assemble(kGate));
  builder.add_component("visitor", assemble(kVisitor));
  builder.isolate_all();
  builder.set_root("visitor");
  builder.limits("visitor").call_timeout = 20ms;
  builder.export_item("spinner", "spin").export_item("spinner", "stop");
  builder.export_item("visitor", "visit");
  if (executor != nullptr) builder.set_executor(*executor);
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

TEST(Spinning, AWaitEndsWithItsTimeAndSoDoOthers) {
  Composition composition = build_spinner();
  Task<CallResult<void>> spin = composition.function<void()>("", "spin")->start();
  composition.poll();
  Task<CallResult<std::uint32_t>> visit =
      composition.function<std::uint32_t(std::uint32_t)>("", "visit")->start(1);
  EXPECT_FALSE(spin.wait(100ms));
  ASSERT_TRUE(visit.is_done());
  EXPECT_EQ(visit.take().error().kind, CallFailure::Kind::Deadline);
  EXPECT_TRUE((*composition.function<void()>("", "stop"))());
  EXPECT_TRUE(spin.wait(10s));
}

TEST(Spinning, AnExecutorHasTimeForOtherWork) {
  Queue queue;
  const Composition composition = build_spinner(&queue);
  Task<CallResult<void>> spin = composition.function<void()>("", "spin")->start();
  int left = 10;
  const std::function<void()> stop_later = [&] {
    if (--left != 0)
      queue.post(stop_later);
    else
      EXPECT_TRUE((*composition.function<void()>("", "stop"))());
  };
  queue.post(stop_later);
  queue.run();
  EXPECT_TRUE(spin.is_done());
}

}  // namespace
}  // namespace tenon::task_test
