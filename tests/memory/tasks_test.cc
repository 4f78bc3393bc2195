// Tasks of the C++ API whose allocations fail: continuations, cancellation, coroutines, executors, and handles that
// are dropped while another thread is in the composition. A continuation is called once, or `then` throws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/task.h"
#include "tests/memory/small_units.h"
#include "tests/support/async_gate.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::tasks_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::problem_of;
using testing::AnyOf;
using testing::HasSubstr;

const std::string kLong = "a text that is longer than a short string";

// Runs what was posted when it is asked to. It needs memory for each piece of work.
class Queue final : public Executor {
 public:
  void post(std::function<void()> work) override { work_.push_back(std::move(work)); }
  void run() {
    while (!work_.empty()) {
      const std::function<void()> next = std::move(work_.front());
      work_.pop_front();
      next();
    }
  }

 private:
  std::deque<std::function<void()>> work_;
};

class TasksInCpp : public testing::Test {
 protected:
  using Number = CallResult<std::uint32_t>;

  explicit TasksInCpp(Executor* executor = nullptr) : gate_(build(executor)) {}

  static Composition build(Executor* executor) {
    CompositionBuilder builder;
    builder.add_component("gate", assemble(kGate));
    if (executor != nullptr) builder.set_executor(*executor);
    return build_again(builder);
  }

  // The continuation of a call in progress.
  auto answer_to() {
    return [this](const Number& result) {
      ++answers_;
      last_ = problem_of(result);
    };
  }
  // Starts a call with a continuation.
  void start() {
    is_started_ = false;
    answers_ = 0;
    last_ = "";
    hold_.start_then(answer_to(), 1);
    is_started_ = true;
  }
  // All calls in progress end.
  void let_go() {
    EXPECT_TRUE(release_());
    gate_.poll();
  }
  // The continuation was called once, unless the call was not started.
  void expect_answer() {
    EXPECT_EQ(answers_, is_started_ ? 1 : 0);
    EXPECT_THAT(last_, AnyOf("", HasSubstr("out of memory")));
  }
  void finish() {
    let_go();
    expect_answer();
  }
  void restart() {
    finish();
    start();
  }

  Composition gate_;
  const TypedFunction<std::uint32_t(std::uint32_t)> hold_ =
      *gate_.function<std::uint32_t(std::uint32_t)>("", "hold");
  const TypedFunction<std::uint32_t()> release_ = *gate_.function<std::uint32_t()>("", "release");
  bool is_started_ = false;
  int answers_ = 0;
  std::string last_;  // its problem
};

TEST_F(TasksInCpp, AreContinued) {
  fail_each([&] { start(); }, {.clean = [&] { finish(); }});
  start();
  // The end of the call, and then the continuation.
  fail_each([&] { return release_(); }, {.clean = [&] { restart(); }});
  fail_each(
      [&] {
        (void)release_();
        gate_.poll();
      },
      {.clean = [&] { restart(); }});
  finish();
}

TEST_F(TasksInCpp, AreContinuedAtOnce) {
  CompositionBuilder builder;
  builder.add_component("lib", domain_guest("lib"));
  const Composition lib = build_again(builder);
  const auto echo = *lib.function<std::string(std::string)>("demo:domains/lib", "echo");
  const Result<Function> dynamic = lib.find_function("demo:domains/lib", "echo");
  ASSERT_TRUE(dynamic);
  fail_each([&] {
    std::optional<CallResult<std::string>> answer;
    echo.start_then([&](CallResult<std::string> text) { answer.emplace(std::move(text)); }, kLong);
    EXPECT_TRUE(answer) << "it was not called";
    return answer;
  });
  const std::vector<Value> arguments = {Value::string(kLong)};
  fail_each([&] {
    std::optional<CallResult<std::optional<Value>>> answer;
    dynamic->start(arguments).then(
        [&](CallResult<std::optional<Value>> text) { answer.emplace(std::move(text)); });
    EXPECT_TRUE(answer) << "it was not called";
    return answer;
  });
}

// The result of a call with values, which needs memory, while nobody waits for it.
TEST_F(TasksInCpp, AreContinuedWithValues) {
  const Result<Function> hold = gate_.find_function("", "hold");
  ASSERT_TRUE(hold);
  const std::vector<Value> arguments = {Value::u32(1)};
  const auto begin = [&] {
    is_started_ = false;
    answers_ = 0;
    hold->start(arguments).then([this](const CallResult<std::optional<Value>>& result) {
      ++answers_;
      last_ = problem_of(result);
    });
    is_started_ = true;
  };
  fail_each(begin, {.clean = [&] { finish(); }});
  begin();
  fail_each(
      [&] {
        (void)release_();
        gate_.poll();
      },
      {.clean = [&] {
        finish();
        begin();
      }});
  finish();
}

// A continuation may need memory itself: it is called once, and may throw.
TEST_F(TasksInCpp, AreContinuedByFunctionsThatThrow) {
  std::vector<std::string> texts;
  const auto begin = [&] {
    answers_ = 0;
    hold_.start_then(
        [&](const Number&) {
          ++answers_;
          texts.push_back(kLong);
        },
        1);
  };
  begin();
  fail_each(
      [&] {
        (void)release_();
        gate_.poll();
      },
      {.clean = [&] {
        let_go();
        EXPECT_EQ(answers_, 1);
        texts = {};
        begin();
      }});
  let_go();
}

TEST_F(TasksInCpp, AreCancelled) {
  using Held = std::optional<Task<Number>>;
  Held held;
  std::optional<std::stop_source> stop;
  const auto begin = [&] {
    stop.emplace();
    held.emplace(hold_.start(1));
  };
  const auto end = [&] {
    held.reset();
    let_go();
  };
  const auto again = [&] {
    end();
    begin();
  };
  begin();
  fail_each([&] { (void)held->cancel_on(stop->get_token()); }, {.clean = again});
  // On any thread, where nobody could be told.
  held->cancel_on(stop->get_token());
  expect_no_allocation([&] { stop->request_stop(); });
  EXPECT_EQ(held->wait(10s)->error().kind, CallFailure::Kind::Interrupted);
  again();
  const auto stop_again = [&] {
    again();
    held->cancel_on(stop->get_token());
    stop->request_stop();
  };
  stop_again();
  // The first attempt can have had the outcome.
  fail_each(
      [&]() -> std::string {
        const std::optional<Number> outcome = held->wait(10s);
        EXPECT_TRUE(outcome) << "the stop was lost";
        return "";
      },
      {.clean = stop_again});
  again();
  const auto answer = [&] {
    answers_ = 0;
    is_started_ = false;
    held->cancel_on(stop->get_token());
    std::move(*held).then([this](const Number& result) {
      ++answers_;
      EXPECT_FALSE(result);
    });
    is_started_ = true;
  };
  fail_each(
      [&] {
        answer();
        stop->request_stop();
        gate_.poll();
      },
      {.clean = [&] {
        gate_.poll();
        EXPECT_EQ(answers_, is_started_ ? 1 : 0);
        again();
      }});
  end();
}

Task<void> finish_later(bool& is_finished) {
  is_finished = true;
  co_return;
}

TEST(TasksWithoutResult, AreMadeAndContinued) {
  bool is_finished = false;
  const auto reset = [&] { is_finished = false; };
  fail_each([&] { (void)finish_later(is_finished).wait(); }, {.clean = reset});
  int continued = 0;
  fail_each(
      [&] {
        continued = 0;
        finish_later(is_finished).then([&] { ++continued; });
        EXPECT_EQ(continued, 1);
      },
      {.clean = reset});
}

// A coroutine of the program.
Task<CallResult<std::string>> describe(const TypedFunction<std::uint32_t(std::uint32_t)>& hold) {
  CallResult<std::uint32_t> first = co_await hold.start(1);
  if (!first) co_return std::move(first).error();
  co_return kLong + std::to_string(*first);
}

TEST_F(TasksInCpp, AreAwaited) {
  const auto begin = [&] {
    is_started_ = false;
    answers_ = 0;
    describe(hold_).then([this](const CallResult<std::string>& text) {
      ++answers_;
      last_ = problem_of(text);
    });
    is_started_ = true;
  };
  fail_each(begin, {.clean = [&] { finish(); }});
  begin();
  fail_each(
      [&] {
        (void)release_();
        gate_.poll();
      },
      {.clean = [&] {
        finish();
        begin();
      }});
  finish();
}

struct WithQueue {
  Queue queue;
};

class TasksOnAnExecutor : public WithQueue, public TasksInCpp {
 protected:
  TasksOnAnExecutor() : TasksInCpp(&queue) { queue.run(); }
};

TEST_F(TasksOnAnExecutor, AreContinued) {
  const auto end = [&] {
    EXPECT_TRUE(release_());
    // Work that was refused comes again after an event.
    gate_.poll();
    queue.run();
    expect_answer();
  };
  fail_each(
      [&] {
        start();
        queue.run();
      },
      {.clean = end});
  start();
  fail_each(
      [&] {
        (void)release_();
        queue.run();
      },
      {.clean = [&] {
        end();
        start();
      }});
  end();
}

// `wait` calls the program, which stays in the composition.
constexpr const char* kWaiter = R"((component
  (import "acme:memory/host" (instance $host (export "pause" (func))))
  (core func $pause (canon lower (func $host "pause")))
  (core module $code (import "" "pause" (func $pause)) (func (export "wait") (call $pause)))
  (core instance $core (instantiate $code (with "" (instance (export "pause" (func $pause))))))
  (func (export "wait") (canon lift (core func $core "wait")))))";

TEST(HandlesInCpp, AreDroppedWhileAnotherThreadIsIn) {
  std::atomic<bool> is_in = false;
  std::atomic<bool> goes_on = false;
  CompositionBuilder builder;
  builder.add_component("lib", domain_guest("lib"));
  builder.add_component("waiter", assemble(kWaiter));
  builder.add_host_function("acme:memory/host", "pause", [&] {
    is_in = true;
    while (!goes_on) std::this_thread::yield();
  });
  builder.set_root("lib").export_item("waiter", "wait");
  const Composition composition = build_again(builder);
  constexpr const char* kLib = "demo:domains/lib";
  const auto make = *composition.function<Resource(std::uint32_t)>(kLib, "[constructor]counter");
  const auto alive = *composition.function<std::uint32_t()>(kLib, "alive");
  const auto wait = *composition.function<void()>("", "wait");
  std::optional<Resource> typed(*make(1));
  const Result<Function> dynamic = composition.find_function(kLib, "[constructor]counter");
  std::optional<Value> value(**dynamic->call(std::vector{Value::u32(2)}));
  EXPECT_EQ(*alive(), 2U);
  std::thread other([&] { EXPECT_TRUE(wait()); });
  while (!is_in) std::this_thread::yield();
  expect_no_allocation([&] {
    typed.reset();
    value.reset();
  });
  goes_on = true;
  other.join();
  EXPECT_EQ(*alive(), 0U);
}

}  // namespace
}  // namespace tenon::memory_test::tasks_test
