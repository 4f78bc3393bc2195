// Functions and resources that a C++ program provides to guests, and whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/record.h"
#include "tenon/stream.h"
#include "tenon/task.h"
#include "tenon/value.h"
#include "tests/memory/small_units.h"
#include "tests/support/async_gate.h"
#include "tests/support/call_test.h"
#include "tests/support/domain_types.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::host_functions_test {
namespace {

using namespace std::chrono_literals;
using demo::Counter;
using failing_memory::Attempt;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;

constexpr const char* kHost = "acme:memory/host";
constexpr const char* kLib = "demo:domains/lib";
constexpr const char* kKeeper = "demo:domains/keeper";
const std::string kLong = "a text that is longer than a short string";

// `f` passes its text and its list on to the program.
constexpr const char* kCaller = R"((component
  (import "acme:memory/host" (instance $host
    (export "echo" (func (param "s" string) (result string)))
    (export "sum" (func (param "n" (list u64)) (result u64)))
    (export "fail" (func))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      ;; There are many calls, of a few bytes each.
      (if (i32.gt_u (global.get $next) (i32.const 60000)) (then (global.set $next (i32.const 1024))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $echo (canon lower (func $host "echo") (memory $memory) (realloc $realloc)))
  (core func $sum (canon lower (func $host "sum") (memory $memory)))
  (core func $fail (canon lower (func $host "fail")))
  (core module $code
    (import "" "echo" (func $echo (param i32 i32 i32)))
    (import "" "sum" (func $sum (param i32 i32) (result i64)))
    (import "" "fail" (func $fail))
    (func (export "echo") (param i32 i32) (result i32)
      (call $echo (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16))
    (func (export "sum") (param i32 i32) (result i64) (call $sum (local.get 0) (local.get 1)))
    (func (export "fail") (call $fail)))
  (core instance $core (instantiate $code (with "" (instance
    (export "echo" (func $echo)) (export "sum" (func $sum)) (export "fail" (func $fail))))))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $core "echo") (memory $memory) (realloc $realloc)))
  (func (export "sum") (param "n" (list u64)) (result u64)
    (canon lift (core func $core "sum") (memory $memory) (realloc $realloc)))
  (func (export "fail") (canon lift (core func $core "fail")))))";

// `echo` with C++ types, with dynamic values, and with encoded values.
std::vector<HostFunction> make_echoes() {
  using Values = std::span<const Value>;
  using Encoded = std::span<const std::uint8_t>;
  return {host_function(kHost, "echo", [](std::string s) { return s; }),
          host_function(kHost, "echo",
                        [](const Caller&, Values arguments) -> HostResult<std::optional<Value>> {
                          return std::optional<Value>(arguments[0]);
                        }),
          host_function(kHost, "echo",
                        RawFunction([](Encoded params) { return RawBytes::view(params); })),
          host_function(kHost, "echo", RawFunction([](Encoded params) -> RawBytes {
                          return std::vector(params.begin(), params.end());
                        }))};
}

TEST(HostFunctionsInCpp, AreCalled) {
  fail_each([] { (void)make_echoes(); });
  for (const HostFunction& echo_function : make_echoes()) {
    CompositionBuilder builder;
    builder.add_component("caller", assemble(kCaller));
    builder.add_host_function(echo_function);
    builder.add_host_function(kHost, "sum", [](std::vector<std::uint64_t> n) {
      return std::accumulate(n.begin(), n.end(), std::uint64_t{0});
    });
    builder.add_host_function(kHost, "fail", []() -> HostResult<void> { return Trap{kLong}; });
    const Composition caller = build_again(builder);
    const auto echo = caller.function<std::string(std::string)>("", "echo");
    const auto sum = caller.function<std::uint64_t(std::vector<std::uint64_t>)>("", "sum");
    const auto fail = caller.function<void()>("", "fail");
    ASSERT_TRUE(echo && sum && fail);
    fail_each([&] { return (*echo)(kLong); });
    fail_each([&] { return (*sum)({1, 2, 3}); });
    fail_each([&] { return (*fail)(); }, {.expected = "run-trap: "});
    EXPECT_EQ(*(*echo)(kLong), kLong);
  }
}

TEST(HostFunctionsInCpp, ReturnTasks) {
  CompositionBuilder builder;
  builder.add_component("visitor", assemble(kVisitor));
  builder.add_host_function(
      "", "hold", [](std::uint32_t number) -> Task<std::uint32_t> { co_return number + 1; });
  const Composition visitor = build_again(builder);
  const auto visit = visitor.function<std::uint32_t(std::uint32_t)>("", "visit");
  ASSERT_TRUE(visit);
  fail_each([&] { return (*visit)(1); });
  fail_each([&] { return visit->start(1).wait(); });
}

// Where a coroutine waits until the test lets it go on, or destroys it.
class Pause final {
 public:
  explicit Pause(std::coroutine_handle<>& at) : waiting_(at) {}
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() { waiting_ = nullptr; }

  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { waiting_ = waiter; }
  void await_resume() const {}

 private:
  std::coroutine_handle<>& waiting_;
};

TEST(HostFunctionsInCpp, ReturnTasksThatWait) {
  std::coroutine_handle<> waiting = nullptr;
  CompositionBuilder builder;
  builder.add_component("visitor", assemble(kVisitor));
  builder.add_host_function("", "hold", [&](std::uint32_t number) -> Task<std::uint32_t> {
    co_await Pause(waiting);
    co_return static_cast<std::uint32_t>((kLong + std::to_string(number)).size());
  });
  Composition visitor = build_again(builder);
  const auto visit = visitor.function<std::uint32_t(std::uint32_t)>("", "visit");
  ASSERT_TRUE(visit);
  std::optional<Task<CallResult<std::uint32_t>>> held;
  const auto go_on = [&] {
    if (waiting != nullptr) std::exchange(waiting, nullptr).resume();
  };
  const auto begin = [&] { held.emplace(visit->start(1)); };
  const auto end = [&] {
    go_on();
    held.reset();
    visitor.poll();
    EXPECT_EQ(waiting, nullptr);
  };
  const auto again = [&] {
    end();
    begin();
  };
  fail_each(begin, {.clean = end});
  begin();
  fail_each(
      [&] {
        go_on();
        return held->wait(10s);
      },
      {.clean = again});
  fail_each([&] { held->cancel(); }, {.clean = again});
  end();
}

TEST(HostFunctionsInCpp, TakeStreams) {
  CompositionBuilder builder;
  builder.add_component("app", TENON_SOURCE_DIR "/tests/golden/async/stream_to_lib/app.wat");
  builder.add_host_function("x:y/lib", "shout",
                            [](Stream<std::uint8_t> from) -> Task<HostResult<std::string>> {
                              std::string text;
                              std::array<std::uint8_t, 4> bytes = {};
                              while (true) {
                                const CallResult<std::size_t> count = co_await from.read(bytes);
                                if (!count) co_return Trap{count.error().message};
                                if (*count == 0) co_return text + " is longer than a short string";
                                text.append(bytes.data(), bytes.data() + *count);
                              }
                            });
  const Composition app = build_again(builder);
  const auto f = app.function<std::string()>("", "f");
  ASSERT_TRUE(f) << f.error().front().message;
  fail_each([&] { return (*f)(); });
  EXPECT_EQ(*(*f)(), "written by app is longer than a short string");
}

TEST(HostFunctionsInCpp, ReturnStreams) {
  std::optional<StreamWriter<std::string>> writer;
  CompositionBuilder builder;
  builder.add_component("app", TENON_SOURCE_DIR "/tests/golden/async/stream_of_strings/app.wat");
  builder.add_host_function("x:y/lib", "open", [&] {
    auto [to, from] = make_stream<std::string>();
    writer.emplace(std::move(to));
    return std::move(from);
  });
  Composition app = build_again(builder);
  const auto f = app.function<std::vector<std::string>()>("", "f");
  ASSERT_TRUE(f) << f.error().front().message;
  const std::vector<std::string> texts(3, kLong);
  const auto call = [&] {
    auto started = f->start();
    if (writer) {
      (void)writer->write(texts).wait(10s);
      writer->close();
    }
    return started.wait(10s);
  };
  const auto end = [&] {
    writer.reset();
    app.poll();
  };
  fail_each(call, {.clean = end});
  EXPECT_EQ(**call(), texts);
}

// Resources of a guest, which the program keeps, or drops.
TEST(HostFunctionsInCpp, TakeResourcesOfGuests) {
  std::vector<Resource> kept;
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("lib", domain_guest("lib"));
  builder.isolate("lib").set_root("front");
  builder.add_host_function(kKeeper, "keep",
                            [&](Resource counter) { kept.push_back(std::move(counter)); });
  builder.add_host_function(kKeeper, "take", [&]() -> std::optional<Resource> {
    if (kept.empty()) return std::nullopt;
    Resource last = std::move(kept.back());
    kept.pop_back();
    return last;
  });
  builder.add_host_function(kKeeper, "keep-all", [&](std::vector<Resource> all) {
    kept = std::move(all);
    return 0U;
  });
  builder.add_host_function(kKeeper, "sum", [](const Resource&, Borrow) { return 0U; });
  builder.add_host_function(kKeeper, "swallow", [](Resource) {});
  const Composition front = build_again(builder);
  const auto find = [&]<class F>(std::type_identity<F>, const char* name) {
    return *front.function<F>("demo:domains/front", name);
  };
  using Number = std::type_identity<void(std::uint32_t)>;
  const auto keep = find(Number(), "keep");
  const auto swallow = find(Number(), "swallow");
  const auto keep_all =
      find(std::type_identity<std::uint32_t(std::vector<std::uint32_t>)>(), "keep-all");
  const auto take = find(std::type_identity<std::optional<std::uint32_t>()>(), "take");
  const auto sum = find(std::type_identity<std::uint32_t(std::uint32_t, std::uint32_t)>(), "sum");
  const auto alive = find(std::type_identity<std::uint32_t()>(), "alive");
  const auto drop = [&] {
    kept.clear();
    EXPECT_EQ(*alive(), 0U);
  };
  fail_each([&] { return keep(5); }, {.clean = drop});
  fail_each([&] { return keep_all({1, 2, 3}); }, {.clean = drop});
  fail_each([&] { return sum(1, 2); }, {.clean = drop});
  fail_each([&] { return swallow(5); }, {.clean = drop});
  const auto keep_again = [&] {
    drop();
    EXPECT_TRUE(keep(5));
  };
  keep_again();
  fail_each([&] { return take(); }, {.clean = keep_again});
  drop();
}

// `front` and `keeper` are guests, each in a domain of its own, and their `lib` is the program.
class HostObjects : public testing::Test {
 protected:
  using Shared = std::shared_ptr<Counter>;

  HostObjects() {
    CompositionBuilder builder;
    for (const char* const name : {"front", "keeper"})
      builder.add_component(name, domain_guest(name));
    // `front` imports these as well.
    for (const char* const name :
         {"add", "echo", "echo-bytes", "echo-points", "echo-named", "echo-mixed", "calls", "boom",
          "spin", "grow", "check-text", "check-trouble", "check-reason", "alive"})
      builder.add_host_function(
          kLib, name, [](std::span<const Value>) -> HostResult<Value> { return Trap{"unused"}; });
    builder.add_host_function(kLib, "consume", [](Shared counter) { return counter->count(); });
    builder.add_host_function(kLib, "make-bad", [this] { return make(7); });
    builder.add_host_resource(make_resource());
    builder.set_root("front").isolate_all();
    composition_.emplace(build_again(builder));
  }

  [[nodiscard]] Shared make(std::uint32_t start) {
    return std::make_shared<Counter>(start, alive_);
  }
  [[nodiscard]] HostResource<Counter> make_resource() {
    HostResource<Counter> counter(kLib, "counter");
    counter
        .constructor(
            [this](std::uint32_t start) { return std::make_unique<Counter>(start, alive_); })
        .method("next", &Counter::next)
        .method("peek", &Counter::peek)
        .static_function("merge",
                         [this](Shared a, Shared b) { return make(a->count() + b->count()); });
    return counter;
  }

  template <class F>
  TypedFunction<F> find(const std::string& unit, const char* name) {
    auto function = composition_->unit(unit)->function<F>("demo:domains/" + unit, name);
    EXPECT_TRUE(function) << function.error().front().message;
    return *std::move(function);
  }

  int alive_ = 0;
  std::optional<Composition> composition_;
};

TEST_F(HostObjects, AreDescribed) {
  fail_each([&] { (void)make_resource(); });
}

TEST_F(HostObjects, AreMadeByGuests) {
  const auto merge = find<std::uint32_t(std::uint32_t, std::uint32_t)>("front", "merge");
  const auto peek = find<std::uint32_t(std::uint32_t, std::uint32_t)>("front", "peek");
  const auto sum = find<std::uint32_t(std::uint32_t, std::uint32_t)>("front", "sum");
  const auto consume = find<std::uint32_t(std::uint32_t)>("front", "consume");
  const auto drop = find<void()>("front", "drop-bad");
  const auto swallow = find<void(std::uint32_t)>("front", "swallow");
  const Attempt leaves_none = {.clean = [&] { EXPECT_EQ(alive_, 0); }};
  fail_each([&] { return merge(3, 4); }, leaves_none);
  fail_each([&] { return peek(3, 4); }, leaves_none);
  fail_each([&] { return sum(3, 4); }, leaves_none);
  fail_each([&] { return consume(9); }, leaves_none);
  fail_each([&] { return drop(); }, leaves_none);
  fail_each([&] { return swallow(5); }, {.clean = leaves_none.clean, .expected = "run-trap: "});
}

TEST_F(HostObjects, AreKeptByGuests) {
  const auto keep = find<void(std::uint32_t)>("front", "keep");
  const auto keep_all = find<std::uint32_t(std::vector<std::uint32_t>)>("front", "keep-all");
  const auto take = find<std::optional<std::uint32_t>()>("front", "take");
  const auto take_all = [&] {
    while (const auto taken = take())
      if (!*taken) break;
    EXPECT_EQ(alive_, 0);
  };
  fail_each([&] { return keep(5); }, {.clean = take_all});
  fail_each([&] { return keep_all({1, 2, 3}); }, {.clean = take_all});
  const auto keep_again = [&] {
    take_all();
    EXPECT_TRUE(keep(5));
  };
  keep_again();
  fail_each([&] { return take(); }, {.clean = keep_again});
  take_all();
}

// Calls of `keeper` by the program, with an object that it owns as well.
class ArgumentObjects : public HostObjects {
 protected:
  // The guest drops what it has.
  void take_all() {
    while (const auto taken = take_())
      if (!*taken) break;
    EXPECT_EQ(counter_.use_count(), 1);
  }

  const Shared counter_ = make(5);
  const TypedFunction<void(Shared)> keep_ = find<void(Shared)>("keeper", "keep");
  const TypedFunction<std::optional<Shared>()> take_ =
      find<std::optional<Shared>()>("keeper", "take");
};

TEST_F(ArgumentObjects, ArePassed) {
  const Attempt takes_all = {.clean = [&] { take_all(); }};
  fail_each([&] { return keep_(counter_); }, takes_all);
  fail_each([&] { return keep_.start(counter_).wait(10s); }, takes_all);
  fail_each([&] { return keep_(nullptr); },
            {.clean = takes_all.clean, .expected = "value-handle: "});
  const auto keep_all = find<std::uint32_t(std::vector<Shared>)>("keeper", "keep-all");
  fail_each([&] { return keep_all({counter_, counter_, counter_}); }, takes_all);
  const auto sum = find<std::uint32_t(Counter&, HostBorrow<Counter>)>("keeper", "sum");
  fail_each([&] { return sum(counter_, counter_); }, takes_all);
  fail_each([&] { return sum.start(counter_, counter_).wait(10s); }, takes_all);
  const auto swallow = find<void(Shared)>("keeper", "swallow");
  fail_each([&] { return swallow(counter_); },
            {.clean = takes_all.clean, .expected = "run-trap: "});
}

TEST_F(ArgumentObjects, AreResults) {
  const auto keep_again = [&] {
    take_all();
    EXPECT_TRUE(keep_(counter_));
  };
  keep_again();
  fail_each([&] { return take_(); }, {.clean = keep_again});
  fail_each([&] { return take_.start().wait(10s); }, {.clean = keep_again});
  take_all();
}

TEST_F(ArgumentObjects, AreHandlesOfValues) {
  const Result<Unit> keeper = composition_->unit("keeper");
  ASSERT_TRUE(keeper);
  std::vector<Value> handles;
  const auto keep_again = [&] {
    handles.clear();
    take_all();
    EXPECT_TRUE(keep_(counter_));
  };
  const auto take_again = [&] {
    keep_again();
    const auto taken = keeper->call(kKeeper, "take", {});
    ASSERT_TRUE(taken) << taken.error().message;
    handles.push_back(*(*taken)->get_if<ValueOption>()->payload.get());
  };
  keep_again();
  fail_each([&] { return keeper->call(kKeeper, "take", {}); }, {.clean = keep_again});
  take_again();
  fail_each([&] { return keeper->call(kKeeper, "keep", handles); }, {.clean = take_again});
  expect_no_allocation([&] { handles.clear(); });
  EXPECT_EQ(counter_.use_count(), 1);
}

}  // namespace
}  // namespace tenon::memory_test::host_functions_test
