// A composition is used by one thread at a time: several at once by a thread each, and one by
// several threads in turn. The thread sanitizer runs this.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/task.h"
#include "tests/support/test_units.h"

namespace tenon::threads_test {
namespace {

using testing::Each;

class Threads : public UnitsTest {
 protected:
  // `front` calls `back`, both isolated: f(0) traps, f(1) never returns, else f(n) is n + 1.
  void add_all() {
    add("front", function_unit("test:t/back", "test:t/front", "(call $f (local.get 0))"),
        "isolated = true");
    add("back", function_unit("", "test:t/back", R"(
          (if (i32.eqz (local.get 0)) (then unreachable))
          (loop $again (br_if $again (i32.eq (local.get 0) (i32.const 1))))
          (i32.add (local.get 0) (i32.const 1)))"),
        "isolated = true");
    for (const std::string_view domain : {"front", "back"})
      say(
          fmt::format("[domains.{}]\ncall-timeout = \"200ms\"\n"
                      "restart = {{ on-trap = true, max = 1000, within = \"1h\" }}",
                      domain));
    // Also resources.
    for (const std::string_view name : {"user", "keeper", "lib"})
      say(
          fmt::format("[components.{}]\npath = \"{}/tests/guests/domains/wasm/{}.wasm\"\n"
                      "isolated = true",
                      name, TENON_SOURCE_DIR, name == "user" ? "front" : name));
    say("[[export]]\nunit = \"user\"\nitem = \"demo:domains/front\"");
  }

  // The first unexpected result.
  static std::string use(const Composition& all) {
    std::string wrong;
    const auto expect = [&](const CallResultOfValue& result, std::string_view start) {
      const std::string is = describe_outcome(result);
      if (!is.starts_with(start)) wrong += fmt::format("{} is not {}; ", is, start);
    };
    const auto ask = [&](std::string_view name, std::uint32_t n) {
      return all.call("demo:domains/front", name, std::vector{Value::u32(n)});
    };
    for (std::uint32_t i = 2; i < 20; ++i)
      expect(call(all, "test:t/front", i), fmt::format("{}", i + 1));
    expect(call(all, "test:t/front", 0), "trap: ");
    expect(call(all, "test:t/front", 1), "deadline: ");
    expect(call(all, "test:t/front", 2), "3");
    expect(ask("hold", 5), "()");
    expect(ask("churn", 10), "1");
    expect(all.call("demo:domains/front", "next", {}), "6");
    return wrong;
  }
};

TEST_F(Threads, CanEachHaveAComposition) {
  add_all();
  // All threads read the folder; a builder is not shared.
  std::vector<CompositionBuilder> builders;
  for (int i = 0; i < 3; ++i) builders.push_back(make_builder("front"));
  std::vector<std::string> wrong(builders.size(), "did not run");
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < builders.size(); ++i) {
    threads.emplace_back([&builder = builders[i], &message = wrong[i]] {
      const Result<Composition> built = builder.build();
      message = built ? use(*built) + use(*built) : built.error().front().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, Each(""));
}

TEST_F(Threads, CanUseACompositionInTurn) {
  add_all();
  std::optional<Composition> all = build("front");
  constexpr int kThreads = 3;
  constexpr int kRounds = 4;
  std::mutex mutex;
  std::condition_variable changed;
  int turn = 0;
  std::string wrong;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return turn % kThreads == i; });
        wrong += use(*all);
        ++turn;
        changed.notify_all();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(use(*all), "");
  // It is destroyed on another thread.
  std::thread([&] { all.reset(); }).join();
}

// Keeps work of any thread until it is run.
class Works final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(work));
  }
  void run() {
    while (const std::function<void()> work = take()) work();
  }

 private:
  std::function<void()> take() {
    const std::lock_guard lock(mutex_);
    if (works_.empty()) return nullptr;
    std::function<void()> work = std::move(works_.front());
    works_.pop_front();
    return work;
  }

  std::mutex mutex_;
  std::deque<std::function<void()>> works_;
};

// A coroutine that waits until the test resumes it.
struct Suspended {
  std::atomic<bool> has_begun = false;
  std::coroutine_handle<> handle;
};
struct Suspend {
  Suspended& suspended;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const {
    suspended.handle = waiter;
    suspended.has_begun = true;
  }
  void await_resume() const {}
};

TEST_F(Threads, LeaveCallsThatCameMeanwhileToTheExecutor) {
  if (has_async_guests())
    GTEST_SKIP() << "the unit takes the second call while the first one waits";
  add("unit", function_unit("test:t/host", "test:t/unit", R"(
        (if (local.get 0) (then (return (local.get 0))))
        (call $f (local.get 0)))"));
  Works works;
  Suspended suspended;
  CompositionBuilder builder = make_builder("unit");
  builder.set_executor(works);
  builder.add_host_function("test:t/host", "f", [&](std::uint32_t number) -> Task<std::uint32_t> {
    co_await Suspend{suspended};
    co_return number;
  });
  const Composition all = built(builder);
  const auto f = *all.function<std::uint32_t(std::uint32_t)>("test:t/unit", "f");
  std::thread other([&] { EXPECT_EQ(*f(0), 0U); });
  while (!suspended.has_begun) std::this_thread::yield();
  // It begins when the other thread sleeps.
  const Task<CallResult<std::uint32_t>> call = f.start(7);
  works.run();
  EXPECT_FALSE(call.is_done());
  suspended.handle.resume();
  other.join();
  works.run();
  EXPECT_TRUE(call.is_done());
}

}  // namespace
}  // namespace tenon::threads_test
