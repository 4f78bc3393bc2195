// Results of concurrent calls reach their callers, whatever the order in which things happen. The
// order is drawn from a seed: which call is started, cancelled or answered next, and which work of
// the executor runs next. A failure prints the seed, and `TENON_SEED=7` runs that seed alone.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/task.h"

namespace tenon::schedule_test {
namespace {

// Passes each text on, and the answer back. {0}: the interface of its import and {1} its export.
constexpr const char* kRelay = R"((component
  (import "{0}" (instance $next
    (export "ask" (func async (param "text" string) (result string)))))
  (core module $libc
    (memory (export "memory") 4)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at)
        (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $ask (canon lower (func $next "ask") (memory $memory) (realloc $realloc)))
  (core func $return (canon task.return (result string) (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "" "ask" (func $ask (param i32 i32 i32)))
    (import "" "return" (func $return (param i32 i32)))
    (func (export "ask") (param $text i32) (param $size i32)
      (local $answer i32)
      (local.set $answer
        (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 8)))
      (call $ask (local.get $text) (local.get $size) (local.get $answer))
      (call $return (i32.load (local.get $answer)) (i32.load offset=4 (local.get $answer)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "realloc" (func $realloc))
    (export "ask" (func $ask)) (export "return" (func $return))))))
  (func $ask-async async (param "text" string) (result string)
    (canon lift (core func $core "ask") async (memory $memory) (realloc $realloc)))
  (instance $relay (export "ask" (func $ask-async)))
  (export "{1}" (instance $relay))))";

std::vector<std::uint8_t> make_relay(const char* import, const char* exported) {
  return *engine::wat_to_wasm("relay.wat", fmt::format(fmt::runtime(kRelay), import, exported));
}

class Dice final {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // A number below `count`. The same on every machine, unlike those of standard distributions.
  std::size_t draw(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  // Removes one of several things.
  template <class T>
  T take(std::vector<T>& things) {
    std::swap(things[draw(things.size())], things.back());
    T thing = std::move(things.back());
    things.pop_back();
    return thing;
  }

 private:
  std::mt19937_64 engine_;
};

// Keeps work until it is drawn.
class ShuffledExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override { works_.push_back(std::move(work)); }
  // False if there is no work.
  bool run_one(Dice& dice) {
    if (works_.empty()) return false;
    dice.take(works_)();
    return true;
  }

 private:
  std::vector<std::function<void()>> works_;
};

// Suspends a coroutine until it is drawn.
struct Later {
  std::vector<std::coroutine_handle<>>& waiting;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { waiting.push_back(waiter); }
  void await_resume() const {}
};

constexpr std::size_t kCalls = 400;

// Calls through two domains to a function of the program, whose answers come when they are drawn.
class Schedule final {
 public:
  explicit Schedule(std::uint64_t seed) : dice_(seed), calls_(kCalls) {
    CompositionBuilder builder;
    builder.add_component("front", make_relay("x:y/back", "x:y/front"));
    builder.add_component("back", make_relay("acme:host/later", "x:y/back"));
    builder.add_host_function("acme:host/later", "ask",
                              [this](const std::string& text) -> Task<std::string> {
                                const std::string question = text;
                                co_await Later{waiting_};
                                co_return question + "!";
                              });
    builder.set_root("front");
    builder.isolate_all();
    builder.set_executor(executor_);
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    composition_.emplace(*std::move(built));
    ask_.emplace(*composition_->function<std::string(std::string)>("x:y/front", "ask"));
  }

  void run() {
    while (started_ < kCalls || !waiting_.empty()) {
      switch (dice_.draw(8)) {
        case 0:
        case 1:
        case 2:  // more often than it is answered, so that many calls are in progress
          start();
          break;
        case 3:
        case 4:
          answer();
          break;
        case 5:
          if (dice_.draw(4) == 0) cancel();
          break;
        default:
          executor_.run_one(dice_);
      }
    }
    while (executor_.run_one(dice_)) answer();
    check();
  }

 private:
  struct Call {
    std::optional<Task<CallResult<std::string>>> task;
    bool is_cancelled = false;
  };

  static std::string text_of(std::size_t number) {
    return fmt::format("{}{}", number, std::string(number % 40, '.'));
  }

  void start() {
    if (started_ == kCalls) return;
    calls_[started_].task.emplace(ask_->start(text_of(started_)));
    ++started_;
  }
  void answer() {
    if (!waiting_.empty()) dice_.take(waiting_).resume();
  }
  void cancel() {
    std::vector<Call*> in_progress;
    for (std::size_t i = 0; i < started_; ++i)
      if (!calls_[i].task->is_done()) in_progress.push_back(&calls_[i]);
    if (in_progress.empty()) return;
    Call* const call = dice_.take(in_progress);
    call->is_cancelled = true;
    call->task->cancel();
    most_ = std::max(most_, in_progress.size() + 1);
  }

  void check() {
    std::size_t cancelled = 0;
    for (std::size_t i = 0; i < kCalls; ++i) {
      ASSERT_TRUE(calls_[i].task->is_done()) << "call " << i;
      const CallResult<std::string> result = calls_[i].task->take();
      if (calls_[i].is_cancelled) {
        ++cancelled;
        ASSERT_FALSE(result) << "call " << i << " got " << *result;
        EXPECT_EQ(result.error().kind, CallFailure::Kind::Interrupted);
      } else {
        ASSERT_TRUE(result) << "call " << i << ": " << result.error().message;
        EXPECT_EQ(*result, text_of(i) + "!") << "call " << i;
      }
    }
    EXPECT_GT(cancelled, 0U);
    EXPECT_LT(cancelled, kCalls / 2);
    EXPECT_GT(most_, kCalls / 8);
  }

  Dice dice_;
  ShuffledExecutor executor_;
  std::vector<std::coroutine_handle<>> waiting_;
  std::optional<Composition> composition_;
  std::optional<TypedFunction<std::string(std::string)>> ask_;
  std::vector<Call> calls_;
  std::size_t started_ = 0;
  std::size_t most_ = 0;  // the largest number of calls in progress
};

TEST(Schedules, ResultsReachTheirCallers) {
  const char* const chosen = std::getenv("TENON_SEED");
  const std::uint64_t first = chosen == nullptr ? 1 : std::strtoull(chosen, nullptr, 10);
  const std::uint64_t last = chosen == nullptr ? 10 : first;
  for (std::uint64_t seed = first; seed <= last && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("TENON_SEED={}", seed));
    Schedule(seed).run();
  }
}

}  // namespace
}  // namespace tenon::schedule_test
