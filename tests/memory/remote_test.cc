// Remote units whose allocations fail, here and in the composition that serves them.
#include "tenon/remote.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/memory/prepared_call.h"
#include "tests/memory/small_units.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"
#include "tests/support/nats_server.h"
#include "tests/support/temporary_folder.h"

namespace tenon::memory_test::remote_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::count_objects;
using failing_memory::fail_each;
using failing_memory::FailingAllocation;
using failing_memory::Later;
using failing_memory::stride;
using failing_memory::Threads;

// A composition that serves on a thread of its own.
class Provider final {
 public:
  Provider(CompositionBuilder builder, const std::string& address)
      : composition_(build_again(builder)) {
    Result<Server> server = composition_.serve({.listen = {address}});
    if (!server) {
      ADD_FAILURE() << server.error().front().message;
      return;
    }
    server_.emplace(*std::move(server));
    thread_ = std::thread([this] { (void)server_->run(5s); });
  }
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  ~Provider() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

  [[nodiscard]] std::string address() const { return server_->addresses().front(); }
  // Lets calls end, also those whose callers have left. Over NATS, the client says that they have.
  void settle(Composition* client) {
    std::size_t calls = 1;
    for (int i = 0; i < 5000 && calls != 0; ++i) {
      std::promise<std::size_t> counted;
      server_->post([&] {
        const Server::Counts counts = server_->counts();
        counted.set_value(counts.in_progress + counts.left_behind);
      });
      calls = counted.get_future().get();
      if (client != nullptr) client->poll();
      if (calls != 0) std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(calls, 0U);
  }

 private:
  Composition composition_;
  std::optional<Server> server_;
  std::thread thread_;
};

CompositionBuilder make_providers() {
  CompositionBuilder builder;
  builder.add_component("lib", domain_guest("lib"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.export_item("lib", "demo:domains/lib@1.0.0");
  builder.export_item("keeper", "demo:domains/keeper@1.0.0");
  return builder;
}

CompositionBuilder make_front(const std::string& address) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_remote("there", address, {.interfaces = {"demo:domains/*"}});
  return builder;
}

// A unit of tests/golden/async.
std::string async_unit(std::string_view path) {
  return fmt::format("{}/tests/golden/async/{}.wat", TENON_SOURCE_DIR, path);
}

NatsServer& nats() {
  static NatsServer server;
  return server;
}

class RemoteUnits : public testing::TestWithParam<std::tuple<std::string_view, Threads>> {
 protected:
  void SetUp() override {
    if (transport() == "nats" && !NatsServer::exists()) GTEST_SKIP() << "nats-server is missing";
    if (transport() == "nats") (void)nats();
  }

  static std::string_view transport() { return std::get<0>(GetParam()); }
  static Threads threads() { return std::get<1>(GetParam()); }
  [[nodiscard]] std::string listener() const {
    static int count = 0;
    if (transport() == "unix") return "unix:" + (folder_.path() / "s").string();
    if (transport() == "nats") return fmt::format("{}/memory{}", nats().url(), ++count);
    return "tcp://127.0.0.1:0";
  }

  // Makes the parts of a test, and calls functions as often as they allocate. After that, nothing is left.
  struct Calls {
    CompositionBuilder provider;
    std::function<CompositionBuilder(const std::string& address)> make_client;
    std::vector<std::string_view> calls;
    bool has_handles = false;
    bool has_streams = false;
  };
  void fail_calls(const std::function<Calls()>& make) {
    const auto run = [&](bool fails) {
      Calls calls = make();
      Provider provider(std::move(calls.provider), listener());
      CompositionBuilder builder = calls.make_client(provider.address());
      builder.limits().call_timeout = 20s;
      Composition client = build_again(builder);
      for (const std::string_view text : calls.calls) {
        SCOPED_TRACE(text);
        const PreparedCall call(client, text);
        if (fails) fail_call(call, client, provider, calls);
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

  static void fail_call(const PreparedCall& call, Composition& client, Provider& provider,
                        const Calls& of) {
    fail_each(
        [&]() -> Result<void> {
          Result<void> made = call();
          if (!made && is_without_reason(made.error().front().message, of))
            return make_diagnostic(Code::ApiMemory, "out of memory");
          return made;
        },
        {.clean = [&] { provider.settle(&client); },
         // In other runs, other ones of all threads.
         .stride = threads() == Threads::All ? stride(5) : 1,
         .threads = threads(),
         // A handle in an answer that could not be read is the client's until the end of its lease.
         .leaves_objects = of.has_handles});
  }
  // A server that has no memory cannot always say so: it has to know first that its client is tenon. The end of a
  // stream has no reason.
  static bool is_without_reason(const std::string& message, const Calls& of) {
    const auto has = [&](std::string_view part) { return message.find(part) != message.npos; };
    if (threads() == Threads::All &&
        (has("closed the connection") || has("reset by peer") || has("broken pipe") ||
         has("ended the call") || has("the peer is gone") || has("broke off the call")))
      return true;
    return of.has_streams && (has(PreparedCall::kOther) || has("unreachable") ||
                              has("ended before it wrote a value"));
  }

  TemporaryFolder folder_;
};

std::string print_parameters(
    const testing::TestParamInfo<std::tuple<std::string_view, Threads>>& info) {
  const auto& [transport, threads] = info.param;
  return fmt::format("{}{}", transport, threads == Threads::All ? "OfAllThreads" : "");
}

INSTANTIATE_TEST_SUITE_P(Transports, RemoteUnits,
                         testing::Combine(testing::Values("unix", "tcp", "nats"),
                                          testing::Values(Threads::This, Threads::All)),
                         print_parameters);

TEST_P(RemoteUnits, PassValues) {
  fail_calls([] {
    return Calls{
        .provider = make_providers(),
        .make_client = make_front,
        .calls = {"front.add(1, 2)", R"(front.echo("a text that is longer than a short string"))",
                  "front.echo-bytes([0, 255, 7])", "front.check-text(3)",
                  R"(front.echo-named([{id: 1, name: "a text of some length", weight: 2}]))"}};
  });
}

TEST_P(RemoteUnits, PassHandles) {
  fail_calls([] {
    return Calls{
        .provider = make_providers(),
        .make_client = make_front,
        // Not `churn`: it counts the counters, also those of answers that could not be read.
        .calls = {"front.merge(3, 4)", "front.peek(3, 4)", "front.consume(9)", "front.sum(1, 2)",
                  "front.hold(3)"},
        .has_handles = true};
  });
}

class RemoteStreams : public RemoteUnits {
 protected:
  void fail_calls_of(const std::string& name) {
    fail_calls([&] {
      CompositionBuilder provider;
      provider.add_component("lib", async_unit(name + "/lib"));
      return Calls{.provider = std::move(provider),
                   .make_client =
                       [&](const std::string& address) {
                         CompositionBuilder client;
                         client.add_component("app", async_unit(name + "/app"));
                         client.add_remote("lib", address, {.interfaces = {"x:y/lib"}});
                         return client;
                       },
                   .calls = {"f()"},
                   .has_handles = true,
                   .has_streams = true};
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Transports, RemoteStreams,
                         testing::Combine(testing::Values("unix", "nats"),
                                          testing::Values(Threads::This, Threads::All)),
                         print_parameters);

TEST_P(RemoteStreams, AreResults) { fail_calls_of("stream_of_strings"); }
TEST_P(RemoteStreams, AreParameters) { fail_calls_of("stream_to_lib"); }
TEST_P(RemoteStreams, AreItems) { fail_calls_of("stream_of_streams"); }
TEST_P(RemoteStreams, HaveHandles) { fail_calls_of("stream_of_resources"); }
TEST_P(RemoteStreams, AreFutures) { fail_calls_of("future_of_result"); }

class RemoteLinks : public RemoteUnits {};
INSTANTIATE_TEST_SUITE_P(Transports, RemoteLinks,
                         testing::Combine(testing::Values("unix", "tcp", "nats"),
                                          testing::Values(Threads::This)),
                         print_parameters);

// Building, a call, and the end.
TEST_P(RemoteLinks, AreMade) {
  Provider provider(make_providers(), listener());
  const auto link = [&]() -> Result<void> {
    CompositionBuilder builder = make_front(provider.address());
    Result<Composition> built = builder.build();
    if (!built) return built.error();
    const auto add = built->function<std::uint32_t(std::uint32_t, std::uint32_t)>(
        "demo:domains/front@1.0.0", "add");
    if (!add) return add.error();
    const CallResult<std::uint32_t> sum = (*add)(1, 2);
    if (!sum) return failure_diagnostic(sum.error());
    return {};
  };
  EXPECT_TRUE(link());
  const Belongings before = list_belongings();
  fail_each(link, {.clean = [&] { provider.settle(nullptr); },
                   .stride = stride(307),
                   .threads = Threads::This});
  expect_no_more(before);
}

TEST_P(RemoteLinks, AreServed) {
  CompositionBuilder builder = make_providers();
  Composition providers = build_again(builder);
  const auto serve = [&]() -> Result<void> {
    const Result<Server> server = providers.serve({.listen = {listener()}});
    if (!server) return server.error();
    return {};
  };
  // Work that an ended server has posted is deleted when the composition runs.
  const auto run = [&] { providers.poll(); };
  EXPECT_TRUE(serve());
  run();
  const Belongings before = list_belongings();
  const bool is_nats = transport() == "nats";
  std::int64_t left = 1;
  for (int round = 0; round < 3 && left > 0 && !HasFailure(); ++round) {
    const std::int64_t objects = count_objects();
    fail_each(serve, {.clean = run, .stride = is_nats ? stride(7) : 1, .leaves_objects = is_nats});
    // A thread of libnats deletes what its callbacks use, later.
    for (int i = 0; i < 5000 && count_objects() > objects; ++i) {
      std::this_thread::sleep_for(1ms);
      run();
    }
    left = count_objects() - objects;
  }
  EXPECT_LE(left, 0) << "objects are not deleted";
  expect_no_more(before);
}

// A server that refuses a link twice closes it for good. It is made again when the server takes it.
TEST(NatsLinks, AreMadeAgain) {
  if (!NatsServer::exists()) GTEST_SKIP() << "nats-server is missing";
  NatsServer server;
  const Provider provider(make_providers(), server.url() + "/again");
  CompositionBuilder builder = make_front(provider.address());
  builder.limits().call_timeout = 1s;
  const Composition client = build_again(builder);
  const auto add = client.function<std::uint32_t(std::uint32_t, std::uint32_t)>(
      "demo:domains/front@1.0.0", "add");
  ASSERT_TRUE(add) << add.error().front().message;
  const auto fail_meanwhile = [](std::size_t number, std::chrono::milliseconds time) {
    const FailingAllocation failing(number, Later::Succeeds, Threads::All);
    std::this_thread::sleep_for(time);
  };
  constexpr std::size_t kMost = 24;
  for (std::size_t n = 1; n <= kMost; n += stride(4)) {
    SCOPED_TRACE(fmt::format("allocation {}", n));
    server.restart({"--auth", "secret"});
    fail_meanwhile(n, 600ms);
    server.restart({});
    fail_meanwhile(n, 1200ms);
    bool is_called = false;
    for (int i = 0; i < 100 && !is_called; ++i) {
      is_called = (*add)(1, 2).has_value();
      if (!is_called) std::this_thread::sleep_for(100ms);
    }
    ASSERT_TRUE(is_called);
  }
}

TEST(RemoteServers, AreUsedByTheProgram) {
  CompositionBuilder builder = make_providers();
  Composition providers = build_again(builder);
  Result<Server> server = providers.serve({.listen = {"tcp://127.0.0.1:0"}});
  ASSERT_TRUE(server) << server.error().front().message;
  fail_each([&] { return server->counts(); });
  std::size_t posted = 0;
  std::size_t run = 0;
  fail_each(
      [&] {
        server->post([&] { ++run; });
        ++posted;
      },
      {.clean = [&] { providers.poll(); }});
  EXPECT_NE(run, 0U);
  EXPECT_EQ(run, posted);
}

}  // namespace
}  // namespace tenon::memory_test::remote_test
