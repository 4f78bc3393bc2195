// Host bundles in C++, in this process and in others, while allocations of this one fail.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "process/warden.h"
#include "support/diagnostics.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/memory/prepared_call.h"
#include "tests/memory/small_units.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::process_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::call_failing;
using failing_memory::count_objects;
using failing_memory::fail_each;
using failing_memory::FailingAllocation;
using failing_memory::Later;
using failing_memory::stride;
using failing_memory::Threads;
using testing::AnyOf;
using testing::StartsWith;

enum class In : std::uint8_t { ThisProcess, AnotherProcess };

void add_bundle(CompositionBuilder& builder, std::string_view bundle, In in) {
  builder.add_host_bundle("lib", fmt::format("{}/bundles/{}", TENON_BINARY_DIR, bundle));
  HostProcess process;
  process.restarts = UINT32_MAX;
  if (in == In::AnotherProcess) builder.run_in_process("lib", process);
  builder.limits().call_timeout = 20s;
}

CompositionBuilder make_front(In in) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.set_root("front");
  add_bundle(builder, "domains", in);
  return builder;
}

class BundlesInProcesses : public testing::Test {
 protected:
  enum class Has : std::uint8_t { Values, Streams, StreamsOfThisProcess };
  // Makes calls as often as they allocate. After that, nothing is left.
  static void fail_calls(const std::function<CompositionBuilder()>& make,
                         const std::vector<std::string_view>& calls, Has has = Has::Values) {
    const auto run = [&](bool fails) {
      CompositionBuilder builder = make();
      const Composition all = build_again(builder);
      for (const std::string_view text : calls) {
        SCOPED_TRACE(text);
        const PreparedCall call(all, text);
        if (fails) fail_call(call, has);
      }
    };
    run(false);
    const Belongings before = list_belongings();
    std::int64_t left = 1;
    for (int round = 0; round < 3 && left > 0 && !HasFailure(); ++round) {
      const std::int64_t objects = count_objects();
      run(true);
      left = count_objects() - objects;
    }
    EXPECT_LE(left, 0) << "objects are not deleted";
    expect_no_more(before);
  }

  static void fail_call(const PreparedCall& call, Has has) {
    fail_each(
        [&]() -> Result<void> {
          Result<void> made = call();
          // A stream or future ends without a reason, and so does a call that a library in this process drops.
          const std::string why = made || has == Has::Values ? "" : made.error().front().message;
          const char* const dropped =
              has == Has::StreamsOfThisProcess ? "dropped the call" : PreparedCall::kOther;
          for (const char* const end :
               {PreparedCall::kOther, "unreachable", "ended before it wrote a value", dropped})
            if (why.find(end) != why.npos) return make_diagnostic(Code::ApiMemory, "out of memory");
          return made;
        },
        {.threads = Threads::All});
  }
};

TEST_F(BundlesInProcesses, TakeValues) {
  for (const In in : {In::ThisProcess, In::AnotherProcess})
    fail_calls([=] { return make_front(in); },
               {"front.add(1, 2)", R"(front.echo("a text that is longer than a short string"))",
                "front.echo-bytes([0, 255, 7])", "front.check-text(3)",
                R"(front.echo-named([{id: 1, name: "a text of some length", weight: 2}]))"});
}

TEST_F(BundlesInProcesses, TakeHandles) {
  for (const In in : {In::ThisProcess, In::AnotherProcess})
    fail_calls([=] { return make_front(in); },
               {"front.churn(2)", "front.merge(3, 4)", "front.peek(3, 4)", "front.consume(9)",
                "front.sum(1, 2)", "front.hold(3)"});
}

// The text of a unit, with fewer bytes in its stream: a call of it must not allocate too often.
std::string read_short(const char* app) {
  std::ifstream file(fmt::format("{}/{}", TENON_SOURCE_DIR, app));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  constexpr std::string_view kLong = "(i32.const 100000)";
  if (const std::size_t at = text.find(kLong); at != text.npos)
    text.replace(at, kLong.size(), "(i32.const 100)");
  return text;
}

TEST_F(BundlesInProcesses, TakeStreams) {
  const std::pair<const char*, const char*> guests[] = {
      {"tests/bundles/streams/app.wat", "f(3)"},
      {"tests/golden/async/stream_of_strings/app.wat", "f()"},
      {"tests/golden/async/future_parameter/app.wat", "f()"},
      {"tests/golden/async/future_without_payload/app.wat", "f()"}};
  close_many_streams();
  for (const In in : {In::ThisProcess, In::AnotherProcess})
    for (const auto& [app, call] : guests) {
      SCOPED_TRACE(app);
      fail_calls(
          [&, in] {
            CompositionBuilder builder;
            builder.add_component("app", assemble(read_short(app)));
            add_bundle(builder, "streams", in);
            return builder;
          },
          {call}, in == In::ThisProcess ? Has::StreamsOfThisProcess : Has::Streams);
    }
}

TEST_F(BundlesInProcesses, AnswerLater) {
  for (const In in : {In::ThisProcess, In::AnotherProcess})
    fail_calls(
        [=] {
          CompositionBuilder builder;
          builder.add_component("app", TENON_SOURCE_DIR "/tests/bundles/later/app.wat");
          add_bundle(builder, "later", in);
          return builder;
        },
        {"join(7)", "wait(1)"});
}

// A call that the library dropped is reported without an allocation.
TEST(BundlesInThisProcess, DropCalls) {
  CompositionBuilder builder;
  builder.add_component("app", TENON_SOURCE_DIR "/tests/bundles/later/app.wat");
  add_bundle(builder, "later", In::ThisProcess);
  const Composition all = build_again(builder);
  const auto join = all.function<std::string(std::uint32_t)>("", "join");
  ASSERT_TRUE(join) << join.error().front().message;
  constexpr std::uint32_t kDropped = 15;
  const auto call = [&] { return (*join)(kDropped); };
  for (std::size_t n = 1; call_failing(n, call, Later::Fails).has_failed; ++n)
    EXPECT_EQ(*(*join)(7), "text7") << "after allocation " << n;
}

// The first failure of a composition reads host.toml for the names of units. Without memory for that, it is reported without them.
TEST_F(BundlesInProcesses, AreNotNeededInFailures) {
  const Bytes trap = assemble(R"((component
    (core module $code (func (export "f") unreachable))
    (core instance $core (instantiate $code))
    (func (export "f") (canon lift (core func $core "f")))))");
  constexpr std::size_t kStep = 397;  // each one builds a composition
  std::size_t failed = 0;
  std::size_t described = 0;
  for (std::size_t n = 1;; n += kStep) {
    SCOPED_TRACE(n);
    CompositionBuilder builder = make_front(In::AnotherProcess);
    builder.add_component("trap", trap, {.reachable = Reachable::Yes});
    const Composition all = build_again(builder);
    const Result<Unit> unit = all.unit("trap");
    ASSERT_TRUE(unit) << unit.error().front().message;
    const auto call = [&] { return unit->call("f"); };
    const auto [problem, has_failed] = call_failing(n, call);
    ASSERT_THAT(problem, AnyOf(StartsWith("run-trap: "), failing_memory::kNoMemory));
    ASSERT_EQ(call().error().unit, "trap");
    if (!has_failed) break;
    ++failed;
    if (problem.find("unreachable") != problem.npos) ++described;
  }
  EXPECT_GT(described, failed / 2);
}

// A process that could not be started does not count as a restart.
TEST_F(BundlesInProcesses, AreStartedLater) {
  const auto children = [] {
    std::vector<pid_t> found;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream file(task.path() / "children");
      for (pid_t child = 0; file >> child;) found.push_back(child);
    }
    return found;
  };
  for (std::size_t n = 1;;) {
    SCOPED_TRACE(n);
    CompositionBuilder builder;
    builder.add_component("front", domain_guest("front"));
    builder.add_component("keeper", domain_guest("keeper"));
    builder.set_root("front");
    add_bundle(builder, "domains", In::AnotherProcess);
    builder.run_in_process("lib", {.restarts = 1});
    const Composition all = build_again(builder);
    const auto add = all.function<std::uint32_t(std::uint32_t, std::uint32_t)>(
        "demo:domains/front@1.0.0", "add");
    ASSERT_TRUE(add) << add.error().front().message;
    const auto call = [&] { return (*add)(1, 2); };
    ASSERT_TRUE(call());
    for (const pid_t child : children()) ::kill(child, SIGKILL);
    // It notices the end, unless the reactor was faster: then it has used the restart, and this is tried again.
    if (call()) continue;
    if (!call_failing(n, call, Later::Succeeds, Threads::All).has_failed) break;
    const CallResult<std::uint32_t> later = call();
    ASSERT_TRUE(later) << failing_memory::problem_of(later);
    n += stride(3);
  }
}

// It ends its process, and says why, without memory.
TEST(ProcessWardens, NeedNoMemory) {
  std::array<int, 2> pair = {};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pair[0]);
    const std::string function = "a:function/with.a-long-name";
    process::Warden warden(pair[1]);
    if (!warden.start()) ::_exit(2);
    const FailingAllocation failing(1, Later::Fails, Threads::All);
    warden.enter(function, std::chrono::steady_clock::now());
    ::sleep(60);
    ::_exit(3);
  }
  ::close(pair[1]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
  std::array<char, 1000> words = {};
  EXPECT_GT(::recv(pair[0], words.data(), words.size() - 1, MSG_DONTWAIT), 0);
  EXPECT_STREQ(words.data(),
               "was ended: `a:function/with.a-long-name` did not return within 1 s after the "
               "deadline of its call");
  ::close(pair[0]);
}

// The start of the process at the first call, and its end.
TEST_F(BundlesInProcesses, AreStartedAndEnded) {
  struct Built {
    Composition all;
    TypedFunction<std::uint32_t(std::uint32_t, std::uint32_t)> add;
  };
  const auto build = [] {
    Result<Composition> all = make_front(In::AnotherProcess).build();
    EXPECT_TRUE(all) << all.error().front().message;
    auto add = all->function<std::uint32_t(std::uint32_t, std::uint32_t)>(
        "demo:domains/front@1.0.0", "add");
    EXPECT_TRUE(add) << add.error().front().message;
    return Built{*std::move(all), *std::move(add)};
  };
  std::optional<Built> next = build();
  const auto call_and_end = [&]() -> Result<void> {
    const Built built = *std::exchange(next, std::nullopt);
    const CallResult<std::uint32_t> sum = built.add(1, 2);
    if (!sum) return failure_diagnostic(sum.error());
    return {};
  };
  EXPECT_TRUE(call_and_end());
  const Belongings before = list_belongings();
  next = build();
  fail_each(call_and_end, {.clean =
                               [&] {
                                 expect_no_more(before);
                                 next = build();
                               },
                           .stride = stride(7),
                           .threads = Threads::All});
}

}  // namespace
}  // namespace tenon::memory_test::process_test
