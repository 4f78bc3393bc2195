// Domains that compute at the same time.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/stream.h"
#include "tenon/task.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"
#include "tests/support/test_units.h"

namespace tenon::pool_test {
namespace {

using namespace std::chrono_literals;
using Function = TypedFunction<std::uint32_t(std::uint32_t)>;

constexpr std::string_view kHost = "test:t/host";

// f(n) with n below 8 calls the program with n until it returns 1, and returns how often it did not;
// otherwise it computes for a while. With n = 7 it traps.
const std::string kBody = fmt::format(R"(
  (local $left i32)
  (if (i32.eq (local.get 0) (i32.const 7)) (then unreachable))
  (if (i32.ge_u (local.get 0) (i32.const 8)) (then
    (local.set $left (local.get 0))
    (loop $again
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (return (local.get 0))))
  (local.set $left (i32.const {0}))
  (loop $again
    (if (call $f (local.get 0)) (then (return (i32.sub (i32.const {0}) (local.get $left)))))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $again (local.get $left)))
  (i32.const -1))",
                                      repetitions(3'000'000));

// Long enough for a domain to be known as one that computes.
constexpr std::uint32_t kLong = 200'000'000;

enum class Kind : std::uint8_t { Plain, WithLoop };

class Pool : public UnitsTest, public testing::WithParamInterface<Kind> {
 protected:
  // Units whose `f` is as in kBody, each isolated. settings: of their domains.
  CompositionBuilder make(std::string_view settings,
                          std::initializer_list<std::string_view> names = {"left", "right"}) {
    for (const std::string_view name : names) add_unit(name, settings);
    return finish();
  }
  void add_unit(std::string_view name, std::string_view settings) {
    add(name,
        GetParam() == Kind::Plain ? function_unit(kHost, fmt::format("test:t/{}", name), kBody)
                                  : loop_unit(name),
        "isolated = true");
    say(fmt::format("[[export]]\nunit = \"{0}\"\nitem = \"test:t/{0}\"\n[domains.{0}]\n{1}", name,
                    settings));
  }
  CompositionBuilder finish() {
    CompositionBuilder builder = make_builder("left");
    builder.add_host_function(kHost, "f", [this](std::uint32_t side) -> std::uint32_t {
      if (is_in_program_.exchange(true)) was_called_twice_ = true;
      threads_[side] = std::this_thread::get_id();
      has_come_[side] = true;
      const bool has_other = has_come_[side ^ 1U];
      is_in_program_ = false;
      return has_other ? 1 : 0;
    });
    return builder;
  }
  // The same with an event loop: `f` is lifted `async`.
  static std::string loop_unit(std::string_view name) {
    return fmt::format(R"((component
  (import "test:t/host" (instance $host (export "f" (func (param "n" u32) (result u32)))))
  (core func $f (canon lower (func $host "f")))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "f" (func $f (param i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func $run (param i32) (result i32) {})
    (func (export "f") (param i32) (call $return (call $run (local.get 0)))))
  (core instance $i (instantiate $code (with "" (instance
    (export "f" (func $f)) (export "return" (func $return))))))
  (func $out async (param "n" u32) (result u32) (canon lift (core func $i "f") async))
  (instance $exported (export "f" (func $out)))
  (export "test:t/{}" (instance $exported))))",
                       kBody, name);
  }

  static Function find(const Composition& all, std::string_view name) {
    return *all.function<std::uint32_t(std::uint32_t)>(fmt::format("test:t/{}", name), "f");
  }

  static std::uint32_t take(Task<CallResult<std::uint32_t>> task) {
    const std::optional<CallResult<std::uint32_t>> result = task.wait();
    if (result && *result) return **result;
    ADD_FAILURE() << (result ? result->error().message : "the wait ended");
    return 0;
  }

  // Whether both units run at the same time.
  bool meet(const Function& left, const Function& right) {
    has_come_[0] = false;
    has_come_[1] = false;
    Task<CallResult<std::uint32_t>> first = left.start(0);
    Task<CallResult<std::uint32_t>> second = right.start(1);
    const std::uint32_t a = take(std::move(first));
    const std::uint32_t b = take(std::move(second));
    return a != UINT32_MAX && b != UINT32_MAX;
  }

  std::array<std::atomic<bool>, 8> has_come_ = {};
  std::array<std::thread::id, 8> threads_;  // that called last
  std::atomic<bool> is_in_program_ = false;
  std::atomic<bool> was_called_twice_ = false;
};

TEST_P(Pool, RunsDomainsWithThreadsOfTheirOwnAtOnce) {
  CompositionBuilder builder = make("thread = \"own\"");
  builder.set_threads(1);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(meet(left, right));
  EXPECT_FALSE(was_called_twice_);
}

TEST_P(Pool, TakesDomainsThatCompute) {
  CompositionBuilder builder = make("");
  builder.set_threads(2);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (const Function* const side : {&left, &right, &left, &right})
    EXPECT_EQ(take(side->start(kLong)), kLong);
  EXPECT_TRUE(meet(left, right));
}

TEST_P(Pool, IsNotUsedWithOneThread) {
  CompositionBuilder builder = make("");
  builder.set_threads(1);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (const Function* const side : {&left, &right, &left, &right})
    EXPECT_EQ(take(side->start(kLong)), kLong);
  EXPECT_FALSE(meet(left, right));
}

TEST_P(Pool, LeavesADomainAloneThatCallsOutOften) {
  CompositionBuilder builder = make("");
  builder.set_threads(2);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(left.start(0)), UINT32_MAX);
  EXPECT_EQ(threads_[0], std::this_thread::get_id());
}

TEST_P(Pool, LeavesOtherDomainsAloneIfOneHasAThread) {
  add_unit("left", "thread = \"own\"");
  add_unit("right", "");
  CompositionBuilder builder = finish();
  builder.set_threads(1);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(right.start(kLong)), kLong);
  has_come_[0] = true;
  has_come_[1] = true;
  EXPECT_EQ(take(left.start(0)), 0U);
  EXPECT_EQ(take(right.start(1)), 0U);
  EXPECT_NE(threads_[0], std::this_thread::get_id());
  EXPECT_EQ(threads_[1], std::this_thread::get_id());
}

TEST_P(Pool, KeepsAThreadForADomainThatHasOne) {
  for (const std::string_view name : {"left", "right", "third"}) add_unit(name, "");
  add_unit("own", "thread = \"own\"");
  CompositionBuilder builder = finish();
  builder.set_threads(2);
  const Composition all = built(builder);
  std::vector<Function> shared;
  for (const std::string_view name : {"left", "right", "third"}) shared.push_back(find(all, name));
  for (const Function& function : shared)
    for (int i = 0; i < 2; ++i) EXPECT_EQ(take(function.start(kLong)), kLong);
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  for (const Function& function : shared) tasks.push_back(function.start(UINT32_MAX));
  EXPECT_EQ(take(find(all, "own").start(1'000)), 1'000U);
  for (const auto& task : tasks) EXPECT_FALSE(task.is_done());
  for (auto& task : tasks) EXPECT_EQ(take(std::move(task)), UINT32_MAX);
}

TEST_P(Pool, CallsOneDomainOnceAtATime) {
  const Composition all = built(make("thread = \"own\""));
  const Function left = find(all, "left");
  has_come_[1] = true;
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(left.start(0));
  for (auto& task : tasks) EXPECT_EQ(take(std::move(task)), 0U);
  EXPECT_EQ(*left(0), 0U);
}

TEST_P(Pool, TakesACallThatCameDuringOneOnAnotherStack) {
  const Composition all = built(make("thread = \"own\""));
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  EXPECT_EQ(take(left.start(1'000)), 1'000U);
  std::thread caller([&] { EXPECT_TRUE(left(0)); });
  while (!has_come_[0]) std::this_thread::yield();
  Task<CallResult<std::uint32_t>> call = left.start(1'000);
  // A thread of the pool passes over that one, and takes this one.
  EXPECT_EQ(take(right.start(1'000)), 1'000U);
  has_come_[1] = true;
  caller.join();
  const auto result = call.wait(10s);
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, 1'000U);
}

TEST_P(Pool, ReportsATrap) {
  const Composition all = built(make("thread = \"own\""));
  const Function left = find(all, "left");
  Task<CallResult<std::uint32_t>> task = left.start(7);
  const auto outcome = task.wait();
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(outcome->error().unit, "left");
}

// A computing guest takes no note of a read. It does not get to it if it traps.
TEST_P(Pool, EndsFuturesThatAreReadWhileTheirGuestComputes) {
  add("lib", R"((component
  (import "test:t/host" (instance $host (export "f" (func (param "n" u32) (result u32)))))
  (type $future (future u32))
  (core func $new (canon future.new $future))
  (core func $return (canon task.return (result $future)))
  (core func $f (canon lower (func $host "f")))
  (core module $code
    (import "" "new" (func $new (result i64)))
    (import "" "return" (func $return (param i32)))
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "open") (call $return (i32.wrap_i64 (call $new))))
    (func (export "fail") (param i32)
      (drop (call $f (i32.const 0)))
      (loop $again
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $again (local.get 0)))
      unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "return" (func $return)) (export "f" (func $f))))))
  (func $open async (result $future) (canon lift (core func $core "open") async))
  (func $fail (param "n" u32) (canon lift (core func $core "fail")))
  (instance $lib (export "open" (func $open)) (export "fail" (func $fail)))
  (export "test:t/lib" (instance $lib))))",
      "isolated = true");
  say("[[export]]\nunit = \"lib\"\nitem = \"test:t/lib\"\n[domains.lib]\nthread = \"own\"");
  CompositionBuilder builder = make("");
  const Composition all = built(builder);
  CallResult<Future<std::uint32_t>> future =
      (*all.function<Future<std::uint32_t>()>("test:t/lib", "open"))();
  ASSERT_TRUE(future);
  Task<CallResult<void>> task =
      all.function<void(std::uint32_t)>("test:t/lib", "fail")->start(kLong);
  while (!has_come_[0]) std::this_thread::yield();
  const std::optional<CallResult<std::uint32_t>> read = future->read().wait(60s);
  ASSERT_TRUE(read && !*read);
  EXPECT_EQ(read->error().kind, CallFailure::Kind::Ended);
  EXPECT_THAT(read->error().message, testing::HasSubstr("ended without a value"));
  EXPECT_TRUE(task.wait(60s));
}

TEST_P(Pool, CanBeLeftWithCallsInProgress) {
  for (int i = 0; i < 10; ++i) {
    start_over();
    const Composition all = built(make("thread = \"own\"\ncall-timeout = \"20s\""));
    const Function left = find(all, "left");
    const Function right = find(all, "right");
    std::vector<Task<CallResult<std::uint32_t>>> tasks;
    // They end because the composition does, not with their loops.
    for (int j = 0; j < 3; ++j) {
      tasks.push_back(left.start(UINT32_MAX));
      tasks.push_back(right.start(UINT32_MAX));
    }
    if (i % 2 == 0) tasks.clear();
  }
}

TEST_P(Pool, ServesSeveralThreadsOfTheProgram) {
  CompositionBuilder builder = make("thread = \"own\"");
  const Composition all = built(builder);
  has_come_[0] = true;
  has_come_[1] = true;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Function mine = find(all, t % 2 == 0 ? "left" : "right");
      for (std::uint32_t i = 0; i < 200; ++i)
        if (*mine(i % 7 == 0 ? i % 2 : 1'000 + i) != (i % 7 == 0 ? 0 : 1'000 + i)) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_FALSE(was_called_twice_);
}

TEST_P(Pool, ATrapEndsNoOtherDomain) {
  const Composition all = built(make("thread = \"own\""));
  has_come_[0] = true;
  Task<CallResult<std::uint32_t>> other = find(all, "right").start(1);
  EXPECT_EQ(find(all, "left").start(7).wait()->error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(take(std::move(other)), 0U);
}

// From now on, this thread can start no others, as at a limit of processes.
bool refuse_threads() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {static_cast<unsigned short>(std::size(filter)), filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Ends a composition whose guest computes without end and without a deadline. Its code can be interrupted, because
// the other domain has a deadline.
bool ends_without_threads() {
  const TemporaryFolder folder;
  (void)folder.write(
      "endless.wat",
      function_unit(kHost, "test:t/endless",
                    "(drop (call $f (local.get 0))) (loop $on (br $on)) (i32.const 0)"));
  (void)folder.write("other.wat", function_unit("", "test:t/other", "(local.get 0)"));
  std::atomic<bool> has_begun = false;
  CompositionBuilder builder;
  const Result<void> read = builder.read_manifest_text(R"(schema = 1
[components]
endless = { path = "endless.wat", isolated = true }
other = { path = "other.wat", isolated = true }
[project]
root = "endless"
[domains.endless]
thread = "own"
[domains.other]
call-timeout = "60s"
)",
                                                       folder.path().string());
  if (!read) return false;
  builder.add_host_function(kHost, "f", [&](std::uint32_t n) -> std::uint32_t {
    has_begun = true;
    return n;
  });
  std::optional<Composition> all = built(builder);
  const Task<CallResult<std::uint32_t>> task =
      (*all->function<std::uint32_t(std::uint32_t)>("test:t/endless", "f")).start(1);
  while (!has_begun) std::this_thread::yield();
  if (!refuse_threads()) return false;
  all.reset();
  return true;
}

TEST(PoolEnd, NeedsNoThread) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it uses system calls of its own";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ::alarm(60);
        ::_exit(ends_without_threads() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Kinds, Pool, testing::Values(Kind::Plain, Kind::WithLoop),
                         [](const testing::TestParamInfo<Kind>& kind) {
                           return kind.param == Kind::Plain ? "Plain" : "WithLoop";
                         });

}  // namespace
}  // namespace tenon::pool_test
