// Compositions that serve their exports, and others that use them, over sockets.
#include "tenon/remote.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "support/leb128.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/task.h"
#include "tests/support/call_test.h"
#include "tests/support/certificates.h"
#include "tests/support/component_file.h"
#include "tests/support/nats_server.h"
#include "tests/support/served.h"
#include "tests/support/temporary_folder.h"

namespace tenon::remote_test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

constexpr std::string_view kLib = "demo:domains/lib@1.0.0";
constexpr std::string_view kKeeper = "demo:domains/keeper@1.0.0";

Composition build(CompositionBuilder& builder, const BuildOptions& options = {}) {
  Result<Composition> built = builder.build(options);
  if (!built) ADD_FAILURE() << built.error().front().code << ": " << built.error().front().message;
  return *std::move(built);
}

BuildOptions report_to(std::vector<TraceCall>& calls) {
  BuildOptions options;
  options.trace_calls = [&calls](const TraceCall& call) { calls.push_back(call); };
  return options;
}

// `lib` and `keeper`, both exported.
CompositionBuilder make_providers() {
  CompositionBuilder builder;
  builder.set_name("providers");
  builder.add_component("lib", domain_guest("lib"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.export_item("lib", kLib);
  builder.export_item("keeper", kKeeper);
  builder.restart_all({.max = 100});
  return builder;
}

CompositionBuilder make_front(const std::string& address, RemoteOptions options = {}) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  if (options.interfaces.empty()) options.interfaces = {"demo:domains/*"};
  builder.add_remote("there", address, options);
  return builder;
}

// A NATS server that all tests share.
NatsServer& nats() {
  static NatsServer server;
  return server;
}
const Certificates& certificates() {
  static const Certificates all;
  return all;
}

class Remotes : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    if (GetParam() == "nats" && !NatsServer::exists()) GTEST_SKIP() << "nats-server is missing";
  }
  ServeOptions listener() const {
    if (GetParam() == "unix") return {.listen = {"unix:" + (folder_.path() / "s").string()}};
    if (GetParam() == "tls")
      return {.listen = {"tls+tcp://127.0.0.1:0"}, .tls = certificates().server()};
    if (GetParam() == "nats") return {.listen = {nats().url() + "/" + unique()}};
    return {.listen = {"tcp://[::1]:0"}};
  }
  // A front that calls the service at an address.
  static CompositionBuilder make_front(const std::string& address, RemoteOptions options = {}) {
    if (GetParam() == "tls") options.tls = certificates().client();
    return remote_test::make_front(address, std::move(options));
  }
  // Options for the interface of a service at `listener()`.
  static RemoteOptions options_for(std::string_view interface) {
    RemoteOptions options{.interfaces = {std::string(interface)}};
    if (GetParam() == "tls") options.tls = certificates().client();
    return options;
  }
  // Calls `make_calls` with a front of providers that report their calls to `there_`.
  void with_traced_providers(const std::function<void(CompositionBuilder&)>& make_calls) {
    CompositionBuilder providers = make_providers();
    Served served(providers, listener(), report_to(there_));
    CompositionBuilder front = make_front(served.address());
    make_calls(front);
  }
  static std::string unique() {
    static int count = 0;
    return fmt::format("test{}", ++count);
  }
  TemporaryFolder folder_;
  std::vector<TraceCall> here_;
  std::vector<TraceCall> there_;
};

TEST_P(Remotes, GiveWhatUnitsOfOneCompositionGive) {
  CompositionBuilder local = make_providers();
  local.add_component("front", domain_guest("front"));
  local.set_root("front");
  const Composition expected = build(local);
  CompositionBuilder providers = make_providers();
  Served served(providers, listener());
  CompositionBuilder front = make_front(served.address());
  const Composition composition = build(front);
  for (const std::string_view call : kFrontCalls)
    EXPECT_EQ(call_front(composition, call), call_front(expected, call)) << call;
  const std::vector<RemoteState> states = composition.remotes();
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].address, served.address());
  EXPECT_GT(states[0].calls, std::size(kFrontCalls));
  EXPECT_EQ(states[0].failures, 0U);
  EXPECT_EQ(states[0].in_flight, 0U);
  EXPECT_THAT(served.failures(), ElementsAre());
}

TEST_P(Remotes, FailuresNameTheReason) {
  CompositionBuilder providers = make_providers();
  Served served(providers, listener());
  CompositionBuilder front = make_front(served.address());
  front.restart_all({.max = 100});
  const Composition composition = build(front);
  const std::string failure = call_front(composition, "boom()");
  EXPECT_THAT(failure,
              HasSubstr("`demo:domains/lib@1.0.0#boom` of `there` failed at " + served.address()));
  EXPECT_THAT(failure, HasSubstr("unreachable"));
  // The domain there has begun another life, and so has the one here.
  EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
  EXPECT_EQ(call_front(composition, "calls()"), "1");
}

TEST_P(Remotes, FailuresBecomeValuesWhereTheTypeAllows) {
  CompositionBuilder providers = make_providers();
  Served served(providers, listener());
  CompositionBuilder front = make_front(served.address(), {.on_failure = "gone"});
  const Composition composition = build(front);
  EXPECT_THAT(call_front(composition, "check-text(0)"), HasSubstr("err(\"`demo:domains/lib"));
  EXPECT_THAT(call_front(composition, "check-trouble(0)"), HasSubstr("err(gone(\""));
  EXPECT_EQ(call_front(composition, "check-trouble(3)"), "ok(3)");
}

TEST_P(Remotes, AHandleOfAnEndedLifeIsRefused) {
  CompositionBuilder providers = make_providers();
  Served served(providers, listener());
  CompositionBuilder front = make_front(served.address());
  front.restart_all({.max = 100});
  const Composition composition = build(front);
  EXPECT_EQ(call_front(composition, "hold(3)"), "()");
  EXPECT_EQ(call_front(composition, "next()"), "4");
  CompositionBuilder other = make_front(served.address());
  const Composition breaks = build(other);
  (void)call_front(breaks, "boom()");
  EXPECT_THAT(call_front(composition, "next()"), HasSubstr("the resource is gone: the domain"));
  EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
}

TEST_P(Remotes, ResourcesThatAreDroppedHereAreDroppedThere) {
  CompositionBuilder providers = make_providers();
  Served served(providers, listener());
  CompositionBuilder front = make_front(served.address());
  Composition composition = build(front);
  EXPECT_EQ(call_front(composition, "hold(3)"), "()");
  EXPECT_EQ(call_front(composition, "alive()"), "1");
  EXPECT_EQ(call_front(composition, "hold(4)"), "()");
  // Drops are told together, a moment later.
  (void)composition.run_for(std::chrono::milliseconds(200));
  EXPECT_EQ(call_front(composition, "alive()"), "1");
}

// `wait` yields until `wake` is called, and ignores that it is cancelled; `doze` until it is cancelled.
CompositionBuilder make_waker() {
  CompositionBuilder waker;
  waker.add_component("waker", *engine::wat_to_wasm("waker.wat", R"((component
    (core func $return (canon task.return))
    (core func $cancel (canon task.cancel))
    (core module $code
      (import "" "return" (func $return))
      (import "" "cancel" (func $cancel))
      (global $is-awake (mut i32) (i32.const 0))
      (func (export "wait") (result i32) (i32.const 1))
      (func (export "callback") (param i32 i32 i32) (result i32)
        (if (i32.eqz (global.get $is-awake)) (then (return (i32.const 1))))
        (call $return)
        (i32.const 0))
      (func (export "doze") (result i32) (i32.const 1))
      (func (export "end-doze") (param $event i32) (param i32 i32) (result i32)
        (if (i32.ne (local.get $event) (i32.const 6)) (then (return (i32.const 1))))
        (call $cancel)
        (i32.const 0))
      (func (export "wake") (global.set $is-awake (i32.const 1))))
    (core instance $core (instantiate $code (with "" (instance
      (export "return" (func $return)) (export "cancel" (func $cancel))))))
    (func $wait async
      (canon lift (core func $core "wait") async (callback (core func $core "callback"))))
    (func $doze async
      (canon lift (core func $core "doze") async (callback (core func $core "end-doze"))))
    (func $wake (canon lift (core func $core "wake")))
    (instance $waker (export "wait" (func $wait)) (export "doze" (func $doze))
      (export "wake" (func $wake)))
    (export "x:y/waker" (instance $waker))))"));
  return waker;
}

// Calls a function of the waker at an address. options: for its interface.
std::string call_waker(const std::string& address, std::string_view function,
                       RemoteOptions options) {
  CompositionBuilder caller;
  const bool is_async = function != "wake";
  caller.add_component(
      "caller", *engine::wat_to_wasm("caller.wat", fmt::format(R"((component
          (import "x:y/waker" (instance $waker (export "{0}" (func {1}))))
          (core func $call (canon lower (func $waker "{0}")))
          (core module $code
            (import "" "call" (func $call))
            (func (export "f") (call $call)))
          (core instance $core (instantiate $code (with "" (instance (export "call" (func $call))))))
          (func (export "f") async (canon lift (core func $core "f")))))",
                                                               function, is_async ? "async" : "")));
  caller.add_remote("there", address, std::move(options));
  return call_text(build(caller), "f()");
}

TEST_P(Remotes, AGuestThatAlwaysYieldsDoesNotKeepItsServerFromOthers) {
  CompositionBuilder waker = make_waker();
  Served served(waker, listener());
  const auto call = [&](std::string_view function) {
    return call_waker(served.address(), function, options_for("x:y/waker"));
  };
  std::future<std::string> waited = std::async(std::launch::async, call, "wait");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(call("wake"), "()");
  EXPECT_EQ(waited.get(), "()");
}

TEST_P(Remotes, ACallIsCancelledWhenItsClientGivesUp) {
  CompositionBuilder waker = make_waker();
  Served served(waker, listener());
  RemoteOptions options = options_for("x:y/waker");
  options.timeout = std::chrono::milliseconds(100);
  EXPECT_THAT(call_waker(served.address(), "wait", options), HasSubstr("no answer within 100ms"));
  EXPECT_TRUE(served.waits_until([](const Server::Counts& counts) {
    return counts.in_progress == 0 && counts.left_behind == 1;
  })) << "the guest does not end its task";
  EXPECT_THAT(served.failures(), ElementsAre(HasSubstr("x:y/waker#wait: cancelled: the peer ")));
  options.timeout = std::chrono::seconds(10);
  EXPECT_EQ(call_waker(served.address(), "wake", options), "()");
  EXPECT_TRUE(served.waits_until([](const Server::Counts& counts) {
    return counts.left_behind == 0;
  })) << "the late answer is dropped";
}

TEST_P(Remotes, AGuestLearnsThatItsClientGaveUp) {
  CompositionBuilder waker = make_waker();
  Served served(waker, listener());
  RemoteOptions options = options_for("x:y/waker");
  options.timeout = std::chrono::milliseconds(100);
  EXPECT_THAT(call_waker(served.address(), "doze", options), HasSubstr("no answer within 100ms"));
  EXPECT_TRUE(served.waits_until([](const Server::Counts& counts) {
    return counts.in_progress == 0 && counts.left_behind == 0;
  }));
}

// A component of a link case.
std::string read_guest(const std::string& path) {
  std::ifstream file(fmt::format("{}/tests/golden/async/{}.wat", TENON_SOURCE_DIR, path));
  return {std::istreambuf_iterator<char>(file), {}};
}

class StreamItems : public Remotes {
 protected:
  // Calls `f` of an app, as text, whose unit `lib` is in another composition.
  std::string call(const std::string& app, const std::string& lib) {
    CompositionBuilder provider;
    provider.add_component("lib", *engine::wat_to_wasm("lib.wat", lib));
    provider.set_stream_buffer(0);  // items are sent in the order of their writes
    Served served(provider, listener());
    CompositionBuilder consumer;
    consumer.add_component("app", *engine::wat_to_wasm("app.wat", app));
    consumer.add_remote("there", served.address(), options_for("x:y/lib"));
    return call_text(build(consumer), "f()");
  }
  std::string call_case(const std::string& name) {
    return call(read_guest(name + "/app"), read_guest(name + "/lib"));
  }
};

TEST_P(StreamItems, CanBeHandlesAndStreams) {
  EXPECT_EQ(call_case("stream_of_resources"), "[10, 20, 30, 40, 20, 60]");
  EXPECT_EQ(call_case("stream_of_resources_goes_home"), "123");
  EXPECT_EQ(call_case("stream_of_streams"), "\"second first\"");
}

// The app reads the first of three streams and drops the others, whose bytes arrive before.
TEST_P(StreamItems, ThatNobodyReadsDoNotDisturbOthers) {
  const auto replace = [](std::string& text, const std::string& from, const std::string& to) {
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  };
  std::string lib = read_guest("stream_of_streams/lib");
  replace(lib, "(local $b i32)", "(local $b i32) (local $c i32)");
  replace(lib, "      (call $drop-streams (local.get $streams))\n",
          "      (local.set $c (call $send (local.get $streams)))\n"
          "      (call $drop-streams (local.get $streams))\n"
          "      (call $write-all (local.get $c) (i32.const 80) (i32.const 7))\n");
  std::string app = read_guest("stream_of_streams/app");
  const std::size_t begin = app.find("      (call $expect (i32.const 1)\n");
  app.erase(begin, app.find("      (call $drop-streams (local.get $streams))") - begin);
  replace(app, "(call $read-all (local.get $b) (i32.const 64))", "(i32.const 0)");
  EXPECT_EQ(call(app, lib), "\"first\"");
}

INSTANTIATE_TEST_SUITE_P(Transports, StreamItems, testing::Values("unix", "tcp", "tls", "nats"),
                         [](const auto& transport) { return std::string(transport.param); });

// Two compositions report the same call.
TEST_P(Remotes, CallsCarryTheirTraceAlong) {
  with_traced_providers([&](CompositionBuilder& front) {
    const Composition composition = build(front, report_to(here_));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
  });
  ASSERT_EQ(here_.size(), 5U);
  ASSERT_EQ(there_.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(here_[i].side, TraceCall::Side::Client);
    EXPECT_EQ(there_[i].side, TraceCall::Side::Server);
    EXPECT_EQ(there_[i].parent, here_[i].context.span);
    EXPECT_EQ(there_[i].context.trace, here_[i].context.trace);
    EXPECT_EQ(there_[i].provider, "lib");
    EXPECT_FALSE(there_[i].consumer.empty());
    EXPECT_EQ(there_[i].arguments, "1, 2");
    EXPECT_EQ(there_[i].result, "3");
    EXPECT_LE(here_[i].start, there_[i].start);
  }
}

constexpr std::string_view kCallerOfFront = R"wat((component
  (import "demo:domains/front@1.0.0"
    (instance $front (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $front "add")))
  (core module $code
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (func (export "go") (param i32 i32) (result i32)
      (call $add (local.get 0) (local.get 1))))
  (core instance $core (instantiate $code (with "" (instance (export "add" (func $add))))))
  (func (export "go") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "go")))))wat";

// A composition that traces nothing passes on what it gets.
TEST_P(Remotes, ATraceGoesThroughOthers) {
  with_traced_providers([&](CompositionBuilder& front) {
    ServeOptions options = listener();
    if (GetParam() == "unix") options.listen = {"unix:" + (folder_.path() / "middle").string()};
    options.only = {"demo:domains/front"};
    Served middle(front, options);
    CompositionBuilder builder;
    write_component(folder_.path() / "caller.wasm", kCallerOfFront);
    builder.add_component("caller", (folder_.path() / "caller.wasm").string());
    RemoteOptions remote{.interfaces = {"demo:domains/front"}};
    if (GetParam() == "tls") remote.tls = certificates().client();
    builder.add_remote("there", middle.address(), remote);
    const Composition composition = build(builder, report_to(here_));
    EXPECT_EQ(call_text(composition, "go(1, 2)"), "3");
  });
  ASSERT_EQ(here_.size(), 1U);
  ASSERT_EQ(there_.size(), 1U);
  EXPECT_EQ(there_[0].context.trace, here_[0].context.trace);
  EXPECT_EQ(there_[0].parent, here_[0].context.span);
}

// A provider of `f`, which adds one, and a component that calls it.
std::vector<std::uint8_t> provider_of(std::string_view interface) {
  return *engine::wat_to_wasm("provider.wat", fmt::format(R"((component
  (core module $code
    (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $core (instantiate $code))
  (func $f (param "x" u32) (result u32) (canon lift (core func $core "f")))
  (instance $lib (export "f" (func $f)))
  (export "{}" (instance $lib))
  (export "root" (func $f))))",
                                                          interface));
}
std::vector<std::uint8_t> caller_of(std::string_view import) {
  const bool is_bare = import == "root";
  const std::string_view type =
      is_bare ? R"(func $lib (param "x" u32) (result u32))" : R"(instance $lib
    (export "f" (func (param "x" u32) (result u32))))";
  return *engine::wat_to_wasm("caller.wat", fmt::format(R"((component
  (import "{}" ({}))
  (core func $f (canon lower (func $lib {})))
  (core module $code
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "go") (param i32) (result i32) (call $f (local.get 0))))
  (core instance $core (instantiate $code (with "" (instance (export "f" (func $f))))))
  (func (export "go") (param "x" u32) (result u32) (canon lift (core func $core "go")))))",
                                                        import, type, is_bare ? "" : "\"f\""));
}

TEST_P(Remotes, AnotherVersionInTheTrackIsServed) {
  CompositionBuilder provider;
  provider.add_component("provider", provider_of("acme:tax/lib@1.4.0"));
  Served served(provider, listener());
  const auto call = [&](std::string_view import) {
    CompositionBuilder caller;
    caller.add_component("caller", caller_of(import));
    caller.add_remote("there", served.address(), options_for(import));
    return call_text(build(caller), "go(4)");
  };
  for (const std::string_view import :
       {"acme:tax/lib@1.4.0", "acme:tax/lib@1.0.0", "acme:tax/lib@1.9.3", "root"})
    EXPECT_EQ(call(import), "5") << import;
  EXPECT_THAT(served.failures(), ElementsAre());
  EXPECT_THAT(call("acme:tax/lib@2.0.0"),
              HasSubstr(GetParam() == "nats" ? "nobody serves it at this server and prefix"
                                             : "`acme:tax/lib@2.0.0` is not served here, but "
                                               "`acme:tax/lib@1.4.0` is"));
}

TEST_P(Remotes, FunctionsAtTheRootCanHaveTheNameOfTheirWorld) {
  CompositionBuilder provider;
  provider.add_component("provider", provider_of("acme:tax/lib@1.4.0"));
  ServeOptions options = listener();
  options.listen.front() += "?world=acme:tax/app@1.0.0";
  Served served(provider, options);
  CompositionBuilder caller;
  caller.add_component("caller", caller_of("root"));
  EXPECT_THAT(served.address(), HasSubstr("?world=acme:tax/app@1.0.0"));
  caller.add_remote("there", served.address(), options_for("root"));
  EXPECT_EQ(call_text(build(caller), "go(4)"), "5");
}

TEST_P(Remotes, SmallCallsShareAConnection) {
  if (GetParam() == "nats") GTEST_SKIP() << "NATS has no connections for calls";
  CompositionBuilder providers = make_providers();
  Served served(providers, listener());
  CompositionBuilder front = make_front(served.address());
  const Composition composition = build(front);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
  EXPECT_EQ(served.connections(1), 1U);
  // A failure ends its call alone.
  EXPECT_THAT(call_front(composition, "check-text(0)"), HasSubstr("err("));
  EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
  EXPECT_EQ(served.connections(1), 1U);
  // The connection does not delay the end of the server.
  EXPECT_TRUE(served.stop());
  EXPECT_EQ(served.calls(), 22U);
}

INSTANTIATE_TEST_SUITE_P(Transports, Remotes, testing::Values("unix", "tcp", "tls", "nats"),
                         [](const auto& transport) { return std::string(transport.param); });

TEST(SharedConnections, CallsGoOnAfterTheServerWasReplaced) {
  const TemporaryFolder folder;
  const ServeOptions options{.listen = {"unix:" + (folder.path() / "s").string()}};
  CompositionBuilder providers = make_providers();
  std::optional<Served> served(std::in_place, providers, options);
  CompositionBuilder front = make_front(served->address());
  const Composition composition = build(front);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
    served.reset();
    CompositionBuilder next = make_providers();
    served.emplace(next, options);
  }
  EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
}

TEST(SharedConnections, MakeRoomForOtherClients) {
  const TemporaryFolder folder;
  CompositionBuilder providers = make_providers();
  Served served(providers,
                {.listen = {"unix:" + (folder.path() / "s").string()}, .connections = 1});
  CompositionBuilder first = make_front(served.address());
  CompositionBuilder second = make_front(served.address());
  const Composition a = build(first);
  const Composition b = build(second);
  for (int i = 0; i < 10; ++i)
    for (const Composition* const composition : {&a, &b})
      EXPECT_EQ(call_front(*composition, "add(1, 2)"), "3");
}

// A call with a wrong certificate fails, and its message says why.
TEST(Tls, WrongCertificatesAreFailures) {
  CompositionBuilder providers = make_providers();
  Served served(providers, {.listen = {"tls+tcp://0.0.0.0:0"}, .tls = certificates().server()});
  const std::string port = served.address().substr(served.address().rfind(':'));
  const auto call = [&](const std::string& address, const TlsOptions& tls) {
    CompositionBuilder front = make_front(address, {.tls = tls});
    return call_front(build(front), "add(1, 2)");
  };
  EXPECT_EQ(call("tls+tcp://localhost" + port, certificates().client()), "3");
  EXPECT_THAT(call("tls+tcp://127.0.0.1" + port, certificates().stranger()),
              HasSubstr("its certificate is not trusted: "));
  EXPECT_THAT(call("tls+tcp://127.0.0.2" + port, certificates().client()),
              HasSubstr("its certificate is not trusted: IP address mismatch"));
  EXPECT_THAT(call("tcp://127.0.0.1" + port, {}), HasSubstr("sent 72 bytes"));
}

TEST(Tls, AServerWithAuthoritiesWantsCertificates) {
  CompositionBuilder providers = make_providers();
  Served served(providers, {.listen = {"tls+tcp://127.0.0.1:0"}, .tls = certificates().both()});
  const auto call = [&](const TlsOptions& tls) {
    CompositionBuilder front = make_front(served.address(), {.tls = tls});
    return call_front(build(front), "add(1, 2)");
  };
  EXPECT_EQ(call(certificates().both()), "3");
  EXPECT_THAT(call(certificates().client()), HasSubstr("failed at " + served.address()));
  EXPECT_THAT(served.failures(), testing::Contains(HasSubstr("peer did not return a certificate")));
}

TEST(Tls, FilesThatCannotBeUsedAreProblems) {
  CompositionBuilder front = make_front("tls+tcp://127.0.0.1:1", {.tls = {.ca = "/no/such/file"}});
  const Result<Composition> built = front.build();
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().front().code, "remote-tls");
  EXPECT_THAT(built.error().front().message, HasSubstr("no such file"));
  CompositionBuilder providers = make_providers();
  Composition composition = build(providers);
  const auto served = composition.serve(
      {.listen = {"tls+tcp://127.0.0.1:0"},
       .tls = {
           .ca = {}, .certificate = certificates().path("ca"), .key = certificates().path("key")}});
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().front().code, "remote-tls");
  EXPECT_THAT(served.error().front().message, HasSubstr("cannot be used as"));
}

class Nats : public testing::Test {
 protected:
  void SetUp() override {
    if (!NatsServer::exists()) GTEST_SKIP() << "nats-server is missing";
  }
};

TEST_F(Nats, AFunctionThatNobodyServesIsAFailureAtOnce) {
  CompositionBuilder front = make_front(nats().url() + "/nobody");
  EXPECT_THAT(call_front(build(front), "add(1, 2)"),
              HasSubstr("nobody serves it at this server and prefix"));
}

TEST_F(Nats, WorkersShareCallsAndKeepTheirHandles) {
  CompositionBuilder providers = make_providers();
  const std::string address = nats().url() + "/workers";
  Served first(providers, {.listen = {address}});
  std::optional<Served> second(std::in_place, providers, ServeOptions{.listen = {address}});
  CompositionBuilder front = make_front(address);
  const Composition composition = build(front);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(call_front(composition, "hold(3)"), "()");
    EXPECT_EQ(call_front(composition, "next()"), "4") << "the other worker has no such handle";
  }
  EXPECT_TRUE(second->stop());
  EXPECT_GT(second->calls(), 0U);
  second.reset();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
  EXPECT_TRUE(first.stop());
  EXPECT_GT(first.calls(), 0U);
}

TEST_F(Nats, CallsFailWithTheServerAndGoOnWithTheNextOne) {
  NatsServer server;
  CompositionBuilder providers = make_providers();
  Served served(providers, {.listen = {server.url() + "/restart"}});
  CompositionBuilder front = make_front(served.address(), {.timeout = std::chrono::seconds(2)});
  front.restart_all({.max = 100});
  const Composition composition = build(front);
  EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
  server.stop();
  // The end of the connection comes before the call, or within it.
  EXPECT_THAT(call_front(composition, "add(1, 2)"),
              AnyOf(HasSubstr("no connection within 2s"), HasSubstr("the NATS server broke")));
  server.start();
  // The first ones can come before the worker is back.
  std::string result;
  for (int i = 0; i < 5 && result != "3"; ++i) result = call_front(composition, "add(1, 2)");
  EXPECT_EQ(result, "3");
}

TEST_F(Nats, TheServerProvesItsNameWithTls) {
  const TlsOptions own = certificates().server();
  const NatsServer server({"--tls", "--tlscert", own.certificate, "--tlskey", own.key});
  CompositionBuilder providers = make_providers();
  Served served(providers,
                {.listen = {"tls+" + server.url() + "/tls"}, .tls = certificates().client()});
  const auto call = [&](const std::string& address, const TlsOptions& tls) {
    CompositionBuilder front = make_front(address, {.tls = tls});
    return call_front(build(front), "add(1, 2)");
  };
  EXPECT_EQ(call(served.address(), certificates().client()), "3");
  EXPECT_THAT(call(served.address(), certificates().stranger()), HasSubstr("cannot connect"));
  EXPECT_THAT(call(server.url() + "/tls", {}), HasSubstr("cannot connect"));
}

TEST_F(Nats, CredentialsThatCannotBeReadAreReported) {
  CompositionBuilder front = make_front(nats().url() + "/x", {.credentials = "/no/such/file"});
  EXPECT_THAT(call_front(build(front), "add(1, 2)"),
              HasSubstr("cannot connect to the NATS server at " + nats().address()));
}

// Source of the key: the documentation of NATS, "NKeys".
TEST_F(Nats, ASeedAloneProvesWhoIsThere) {
  const TemporaryFolder folder;
  const auto write = [&](const char* name, std::string_view text) {
    std::ofstream(folder.path() / name) << text;
    return (folder.path() / name).string();
  };
  const std::string seed =
      write("user.nk", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\n");
  NatsServer strict(
      {"-c", write("nats.conf",
                   "authorization { users: [ { nkey: "
                   "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4 } ] }")});
  CompositionBuilder providers = make_providers();
  Served served(providers, {.listen = {strict.url() + "/keys"}, .credentials = seed});
  CompositionBuilder front = make_front(served.address(), {.credentials = seed});
  EXPECT_EQ(call_front(build(front), "add(1, 2)"), "3");
  CompositionBuilder stranger = make_front(served.address());
  EXPECT_THAT(call_front(build(stranger), "add(1, 2)"), HasSubstr("cannot connect"));
  CompositionBuilder damaged = make_front(
      served.address(), {.credentials = write("bad.nk", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6B")});
  EXPECT_THAT(call_front(build(damaged), "add(1, 2)"), HasSubstr("is not the seed of a user"));
}

TEST_F(Nats, AServerThatIsNotThereIsReported) {
  CompositionBuilder front = make_front("nats://127.0.0.1:1/x");
  EXPECT_THAT(call_front(build(front), "add(1, 2)"),
              HasSubstr("cannot connect to the NATS server at 127.0.0.1:1"));
  CompositionBuilder providers = make_providers();
  Composition composition = build(providers);
  const auto served = composition.serve({.listen = {"nats://127.0.0.1:1/x"}});
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().front().code, "remote-listen");
}

std::string async_case(std::string_view file) {
  return fmt::format("{}/tests/golden/async/{}", TENON_SOURCE_DIR, file);
}

std::size_t count_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST(RemoteUnits, StreamsEndWithTheComposition) {
  std::size_t before = 0;
  // The engine opens descriptors that it keeps.
  for (const bool is_first : {true, false}) {
    if (!is_first) before = count_descriptors();
    CompositionBuilder providers;
    providers.add_component("lib", async_case("stream_of_a_megabyte/lib.wat"));
    Served served(providers, {.listen = {"tcp://[::1]:0"}});
    {
      CompositionBuilder builder;
      builder.add_component("mid", async_case("stream_passed_on/mid.wat"));
      builder.add_remote("lib", served.address(), {.interfaces = {"x:y/lib"}});
      const Composition composition = build(builder);
      const auto opened = composition.call("x:y/mid", "open", {});
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(composition.remotes()[0].in_flight, 1U);
    }
    EXPECT_TRUE(served.stop()) << "the connection has ended, and so has the call";
  }
  EXPECT_EQ(count_descriptors(), before);
}

TEST(RemoteUnits, ItemsOfStreamsAreSentToAPeerThatStartsLater) {
  const TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "late.sock").string();
  CompositionBuilder builder;
  builder.add_component("app", async_case("streams_in_parameters/app.wat"));
  builder.add_remote("lib", address, {.interfaces = {"x:y/lib"}});
  const Composition composition = build(builder);
  std::optional<Served> served;
  // After the first attempt and before the last one.
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CompositionBuilder providers;
    providers.add_component("lib", async_case("streams_in_parameters/lib.wat"));
    served.emplace(providers, ServeOptions{.listen = {address}});
  });
  CompositionBuilder local;
  local.add_component("app", async_case("streams_in_parameters/app.wat"));
  local.add_component("lib", async_case("streams_in_parameters/lib.wat"));
  local.set_root("app");
  const std::string expected = call_text(build(local), "f()");
  EXPECT_EQ(call_text(composition, "f()"), expected);
  later.join();
}

TEST(RemoteUnits, AnExecutorNeedsNobodyWhoWaits) {
  class Loop final : public Executor {
   public:
    void post(std::function<void()> work) override {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(work));
      changed_.notify_one();
    }
    // Returns whether there was any in time.
    bool run_one() {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, std::chrono::seconds(5), [&] { return !queue_.empty(); }))
        return false;
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      return true;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
  };
  CompositionBuilder providers = make_providers();
  Served served(providers, {.listen = {"tcp://[::1]:0"}});
  Loop loop;
  CompositionBuilder front = make_front(served.address());
  front.set_executor(loop);
  const Composition composition = build(front);
  const auto add = composition.find_function("front", "add");
  ASSERT_TRUE(add);
  const Value arguments[] = {Value::u32(2), Value::u32(3)};
  auto task = add->start(arguments);
  while (!task.is_done()) ASSERT_TRUE(loop.run_one());
  const auto result = task.wait(std::chrono::seconds(1));
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(print_wave(***result), "5");
}

TEST(RemoteUnits, AnotherTypeIsAMessage) {
  CompositionBuilder providers = make_providers();
  Served served(providers, {.listen = {"tcp://[::1]:0"}});
  const auto wat = engine::wat_to_wasm("other.wat", R"((component
    (import "demo:domains/lib@1.0.0" (instance $lib
      (export "add" (func (param "a" u32) (param "b" u64) (result u32)))))
    (core func $add (canon lower (func $lib "add")))
    (core module $m (import "" "add" (func $add (param i32 i64) (result i32)))
      (func (export "f") (result i32) (call $add (i32.const 1) (i64.const 2))))
    (core instance $i (instantiate $m (with "" (instance (export "add" (func $add))))))
    (func (export "f") (result u32) (canon lift (core func $i "f")))))");
  ASSERT_TRUE(wat);
  CompositionBuilder builder;
  builder.add_component("other", *wat);
  builder.add_remote("there", served.address(), {.interfaces = {std::string(kLib)}});
  EXPECT_THAT(call_text(build(builder), "f()"),
              HasSubstr("it has another type there: `add: func(a: u32, b: u32) -> u32;`"));
}

TEST(RemoteUnits, TheTypesOfWitAreThoseOfTheUnit) {
  const TemporaryFolder folder;
  const auto plan = [&](std::string_view type) {
    CompositionBuilder builder;
    builder.add_component("front", domain_guest("front"));
    builder.add_component("keeper", domain_guest("keeper"));
    builder.add_component("lib", domain_guest("lib"));
    builder.set_root("front");
    builder.add_remote(
        "there", "tcp://[::1]:1",
        {.interfaces = {},
         .wit = folder.write("lib.wit", fmt::format("package acme:tax@1.0.0; interface rates {{ "
                                                    "rate: func(country: string) -> {}; }}",
                                                    type))});
    builder.add_component("shop", *engine::wat_to_wasm("shop.wat", R"((component
      (import "acme:tax/rates@1.0.0" (instance
        (export "rate" (func (param "country" string) (result f64)))))))"));
    return builder.plan();
  };
  const Result<Plan> fits = plan("f64");
  ASSERT_TRUE(fits) << fits.error().front().message;
  EXPECT_TRUE(std::ranges::any_of(fits->edges, [](const PlanEdge& edge) {
    return edge.consumer == "shop" && edge.provider == "there";
  }));
  const Result<Plan> differs = plan("u32");
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().front().code, "resolve-type-mismatch");
}

// Two interfaces that share a resource: one makes it, and the other one uses it.
constexpr std::string_view kBank = R"wat((component
  (type $account (resource (rep i32)))
  (core func $new (canon resource.new $account))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "open") (result i32) (call $new (i32.const 7)))
    (func (export "check") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code (with "" (instance (export "new" (func $new))))))
  (func $open (result (own $account)) (canon lift (core func $core "open")))
  (func $check (param "a" (borrow $account)) (result u32) (canon lift (core func $core "check")))
  (component $Accounts
    (import "t" (type $t (sub resource)))
    (import "f" (func $f (result (own $t))))
    (export $e "account" (type $t))
    (export "open" (func $f) (func (result (own $e)))))
  (component $Audit
    (import "t" (type $t (sub resource)))
    (import "f" (func $f (param "a" (borrow $t)) (result u32)))
    (export $e "account" (type $t))
    (export "check" (func $f) (func (param "a" (borrow $e)) (result u32))))
  (instance $accounts
    (instantiate $Accounts (with "t" (type $account)) (with "f" (func $open))))
  (instance $audit (instantiate $Audit (with "t" (type $account)) (with "f" (func $check))))
  (export "acme:bank/accounts@1.0.0" (instance $accounts))
  (export "acme:bank/audit@1.0.0" (instance $audit))))wat";
constexpr std::string_view kAuditor = R"wat((component
  (import "acme:bank/accounts@1.0.0" (instance $accounts
    (export "account" (type $account (sub resource)))
    (export "open" (func (result (own $account))))))
  (alias export $accounts "account" (type $account))
  (import "acme:bank/audit@1.0.0" (instance $audit
    (export "account" (type $a (eq $account)))
    (export "check" (func (param "a" (borrow $a)) (result u32)))))
  (core func $open (canon lower (func $accounts "open")))
  (core func $check (canon lower (func $audit "check")))
  (core module $code
    (import "" "open" (func $open (result i32)))
    (import "" "check" (func $check (param i32) (result i32)))
    (func (export "go") (result i32) (call $check (call $open))))
  (core instance $core (instantiate $code
    (with "" (instance (export "open" (func $open)) (export "check" (func $check))))))
  (func (export "go") (result u32) (canon lift (core func $core "go")))))wat";

TEST(RemoteUnits, InterfacesOfOneWitShareResources) {
  const TemporaryFolder folder;
  CompositionBuilder bank;
  bank.add_component("bank", *engine::wat_to_wasm("bank.wat", kBank));
  const Served served(bank, {.listen = {"tcp://[::1]:0"}});
  const std::string wit = folder.write(
      "bank.wit",
      "package acme:bank@1.0.0;\n"
      "interface accounts { resource account; open: func() -> account; }\n"
      "interface audit { use accounts.{account}; check: func(a: borrow<account>) -> u32; }\n");
  for (const bool has_wit : {true, false}) {
    CompositionBuilder auditor;
    auditor.add_component("auditor", *engine::wat_to_wasm("auditor.wat", kAuditor));
    RemoteOptions options{.interfaces = {"acme:bank/*"}};
    if (has_wit) options.wit = wit;
    auditor.add_remote("bank", served.address(), options);
    EXPECT_EQ(call_text(build(auditor), "go()"), "7") << has_wit;
  }
}

TEST(RemoteUnits, LocalUnitsWin) {
  CompositionBuilder builder = make_providers();
  builder.add_component("front", domain_guest("front"));
  builder.set_root("front");
  builder.add_remote("there", "tcp://[::1]:1", {.interfaces = {"demo:domains/*"}});
  const Composition composition = build(builder);
  EXPECT_EQ(call_front(composition, "add(1, 2)"), "3");
}

TEST(RemoteUnits, AnExactNameWinsOverAPattern) {
  CompositionBuilder builder = make_front("tcp://[::1]:1", {.interfaces = {"demo:*"}});
  builder.add_remote("exact", "tcp://[::1]:2",
                     {.interfaces = {std::string(kLib), "demo:domains/keeper"}});
  const Result<Plan> plan = builder.plan();
  ASSERT_TRUE(plan) << plan.error().front().message;
  std::vector<std::string> providers;
  for (const PlanEdge& edge : plan->edges) {
    EXPECT_EQ(edge.kind, EdgeKind::Remote);
    providers.push_back(edge.import + "=" + edge.provider);
  }
  EXPECT_THAT(providers,
              ElementsAre(std::string(kLib) + "=exact", std::string(kKeeper) + "=exact"));
}

TEST(RemoteUnits, ResourcesOfAnotherUnitCannotPass) {
  CompositionBuilder builder = make_front("tcp://[::1]:1", {.interfaces = {"demo:domains/keeper"}});
  builder.add_component("lib", domain_guest("lib"));
  builder.set_root("front");
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().front().code, "resolve-placement");
  EXPECT_THAT(plan.error().front().message,
              HasSubstr("it needs `counter`, which the remote unit does not make"));
}

TEST(RemoteUnits, ARefusedConnectionIsReportedAfterRetries) {
  CompositionBuilder front = make_front("tcp://[::1]:1");
  const Composition composition = build(front);
  const std::string failure = call_front(composition, "add(1, 2)");
  EXPECT_THAT(failure, HasSubstr("at tcp://[::1]:1: nothing listens there"));
  EXPECT_THAT(failure, HasSubstr("sent 0 bytes, received 0 bytes, in 3 attempts"));
  EXPECT_EQ(composition.remotes()[0].failures, 1U);
}

TEST(RemoteUnits, AnUnknownHostIsReported) {
  CompositionBuilder front = make_front("tcp://nowhere.invalid:7761");
  const Composition composition = build(front);
  EXPECT_THAT(call_front(composition, "add(1, 2)"),
              HasSubstr("the host `nowhere.invalid` was not found"));
}

// A peer that is not tenon: it accepts connections on a thread, and does with each what it is told.
class Peer final {
 public:
  explicit Peer(std::function<void(int connection)> serve) : serve_(std::move(serve)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      while (true) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) return;
        serve_(connection);
      }
    });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] std::string address(std::string_view options = "") const {
    return fmt::format("tcp://127.0.0.1:{}{}", port_, options);
  }

 private:
  std::function<void(int)> serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void answer(int connection, std::string_view bytes) {
  char request[4096];
  (void)!::read(connection, request, sizeof(request));
  (void)!::write(connection, bytes.data(), bytes.size());
  ::close(connection);
}

std::string call_peer(const std::string& address, std::string_view call,
                      std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
  CompositionBuilder front = make_front(address, {.timeout = timeout});
  const Composition composition = build(front);
  return call_front(composition, call);
}

TEST(RemotePeers, AnAnswerOfAnyPeerIsTaken) {
  Peer peer([](int connection) { answer(connection, std::string_view("\x00\x01\x07", 3)); });
  EXPECT_EQ(call_peer(peer.address(), "add(1, 2)"), "7");
  EXPECT_EQ(call_peer(peer.address("?peer=go"), "add(1, 2)"), "7");
}

TEST(RemotePeers, ClosingWithoutAnAnswerIsAFailure) {
  Peer peer([](int connection) { answer(connection, ""); });
  EXPECT_THAT(call_peer(peer.address(), "add(1, 2)"),
              HasSubstr("the peer closed the connection without an answer: it does not serve this "
                        "function, or the function failed there"));
}

// Only a tenon: other peers send nothing as the answer of a function without a result.
TEST(RemotePeers, ClosingWithoutAnAnswerOfNothingIsAFailureOfATenon) {
  Peer other([](int connection) { answer(connection, ""); });
  EXPECT_EQ(call_peer(other.address(), "spin()"), "()");
  // It offers shared connections before it begins the call, and then closes the connection.
  Peer tenon([](int connection) {
    answer(connection, std::string_view("\x01\xff\xff\xff\xff\x0f\x01\x80", 8));
  });
  EXPECT_THAT(call_peer(tenon.address(), "spin()"),
              HasSubstr("the peer closed the connection without an answer"));
}

TEST(RemotePeers, ClosingWithinTheAnswerIsAFailure) {
  Peer peer([](int connection) {
    answer(connection, std::string_view("\x00\x05\x04"
                                        "ab",
                                        5));
  });
  EXPECT_THAT(call_peer(peer.address(), "echo(\"x\")"),
              HasSubstr("the peer closed the connection within its answer"));
}

// Waits until its client closes the connection.
void answer_and_wait(int connection, std::string_view bytes) {
  char request[4096];
  (void)!::read(connection, request, sizeof(request));
  (void)!::write(connection, bytes.data(), bytes.size());
  while (::read(connection, request, sizeof(request)) > 0) {
  }
  ::close(connection);
}

TEST(RemotePeers, AnAnswerThatAnnouncesMuchIsRefusedAtItsFirstBytes) {
  // A frame of 4 GiB, which begins with a string that is not UTF-8.
  Peer peer([](int connection) {
    answer_and_wait(connection, std::string_view("\x00\xff\xff\xff\xff\x0f\x02\xff\xfe", 9));
  });
  const std::string failure = call_peer(peer.address(), "echo(\"x\")");
  EXPECT_THAT(failure, HasSubstr("its answer is not of the function's type"));
  EXPECT_THAT(failure, HasSubstr("received 9 bytes"));
}

TEST(RemotePeers, AReasonIsShownWhateverItsCharacters) {
  // ESC, BEL, and the override of the direction of text.
  const std::string reason =
      "a\x1b[31mb\x07"
      "c\xe2\x80\xae"
      "d";
  const auto call = [&](std::string_view sent) {
    std::string frame("\x01\xff\xff\xff\xff\x0f", 6);
    frame += static_cast<char>(sent.size());
    frame += sent;
    Peer peer([&](int connection) { answer(connection, frame); });
    return call_peer(peer.address(), "add(1, 2)");
  };
  EXPECT_THAT(call(std::string(1, '\0') + static_cast<char>(reason.size()) + reason),
              HasSubstr("it failed there: a"));
  // Without the size of the text, its first character is one; and a text that is cut, or not UTF-8.
  for (const std::string& sent : {std::string(1, '\0') + "\x1b[31mb", std::string("\0\x05oh", 4),
                                  std::string("\0\x02\xff\xfe", 4)})
    EXPECT_THAT(call(sent), HasSubstr("it failed there, and the reason cannot be read"));
}

TEST(RemotePeers, AStreamEndsWithItsConnection) {
  Peer peer([](int connection) {
    char request[4096];
    (void)!::read(connection, request, sizeof(request));
    // A stream, and two items of it.
    const std::string_view answer("\x00\x01\x00\x01\x00\x03\x02hi", 9);
    (void)!::write(connection, answer.data(), answer.size());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    ::close(connection);
  });
  CompositionBuilder builder;
  builder.add_component("app", async_case("stream_transformed_by_middle/app.wat"));
  builder.add_remote("mid", peer.address(), {.interfaces = {"x:y/mid"}});
  EXPECT_EQ(call_text(build(builder), "f()"), "\"hi\"");
}

TEST(RemotePeers, AnAnswerOfAnotherTypeIsAFailure) {
  Peer peer(
      [](int connection) { answer(connection, std::string_view("\x00\x03\x02\xff\xfe", 5)); });
  EXPECT_THAT(call_peer(peer.address(), "echo(\"x\")"),
              HasSubstr("its answer is not of the function's type"));
}

TEST(RemotePeers, SilenceEndsWithTheTimeout) {
  std::vector<int> open;
  std::mutex mutex;
  Peer peer([&](int connection) {
    const std::lock_guard lock(mutex);
    open.push_back(connection);
  });
  const auto begin = std::chrono::steady_clock::now();
  const std::string failure =
      call_peer(peer.address(), "add(1, 2)", std::chrono::milliseconds(100));
  EXPECT_THAT(failure, HasSubstr("no answer within 100ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  for (const int connection : open) ::close(connection);
}

TEST(RemotePeers, ACallIsRepeatedOnlyIfItIsIdempotent) {
  for (const bool is_idempotent : {false, true}) {
    std::atomic<int> calls = 0;
    Peer peer([&](int connection) {
      if (++calls < 3) {
        char request[4096];
        (void)!::read(connection, request, sizeof(request));
        const linger at_once = {.l_onoff = 1, .l_linger = 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        ::close(connection);
        return;
      }
      answer(connection, std::string_view("\x00\x01\x07", 3));
    });
    CompositionBuilder front = make_front(peer.address(), {.idempotent = is_idempotent});
    const Composition composition = build(front);
    if (is_idempotent)
      EXPECT_EQ(call_front(composition, "add(1, 2)"), "7");
    else
      EXPECT_THAT(call_front(composition, "add(1, 2)"), HasSubstr("connection reset by peer"));
    EXPECT_EQ(calls, is_idempotent ? 3 : 1);
  }
}

// A client that is not tenon.
class Client final {
 public:
  explicit Client(const std::string& address) {
    connection_ = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 to = {};
    to.sin6_family = AF_INET6;
    to.sin6_addr = in6addr_loopback;
    to.sin6_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    EXPECT_EQ(::connect(connection_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    const timeval limit = {.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(connection_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~Client() { ::close(connection_); }

  void send(std::string_view bytes) {
    (void)!::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void finish() { ::shutdown(connection_, SHUT_WR); }
  // Receives until the end of the connection. An error of the connection is appended as "<text>".
  std::string receive() {
    std::string received;
    char buffer[4096];
    while (true) {
      const ssize_t size = ::recv(connection_, buffer, sizeof(buffer), 0);
      if (size == 0) return received;
      if (size < 0) return received + "<" + std::strerror(errno) + ">";
      received.append(buffer, static_cast<std::size_t>(size));
    }
  }

 private:
  int connection_ = -1;
};

std::string name(std::string_view text) {
  return static_cast<char>(text.size()) + std::string(text);
}
std::string header(std::string_view instance, std::string_view function) {
  return std::string(1, '\0') + name(instance) + name(function);
}
// A frame of the root channel.
std::string frame(std::string_view data) {
  std::vector<std::uint8_t> head = {0};
  append_leb128(head, static_cast<std::uint32_t>(data.size()));
  return std::string(head.begin(), head.end()) + std::string(data);
}

class ServedPeers : public testing::Test {
 protected:
  ServedPeers()
      : providers_(make_providers()), served_(providers_, {.listen = {"tcp://[::1]:0"}}) {}

  std::string ask(std::string_view bytes) {
    Client client(served_.address());
    client.send(bytes);
    client.finish();
    return client.receive();
  }
  CompositionBuilder providers_;
  Served served_;
};

TEST_F(ServedPeers, GetWhatTheyAskFor) {
  EXPECT_EQ(ask(header(kLib, "add") + frame("\x03\x04")), frame("\x07"));
  // A method is called with its resource; known peers leave out what WIT has in brackets.
  const std::string made = ask(header(kLib, "counter") + frame("\x05"));
  ASSERT_GT(made.size(), 40U);
  EXPECT_EQ(ask(header(kLib, "counter.next") + frame(made.substr(2))), frame("\x06"));
  EXPECT_EQ(ask(header(kLib, "counter.next") + frame(made.substr(2))), frame("\x07"));
}

// They send no digest of the type, so nothing says that the function is the same.
TEST_F(ServedPeers, GetTheVersionThatTheyNameAlone) {
  EXPECT_THAT(ask(header("demo:domains/lib@1.0.1", "add") + frame("\x03\x04")), HasSubstr("<"));
  EXPECT_THAT(served_.failures(),
              ElementsAre(HasSubstr("`demo:domains/lib@1.0.1` is not served here, but")));
}

TEST_F(ServedPeers, NameFunctionsAtTheRootByTheirWorld) {
  CompositionBuilder builder;
  builder.add_component("provider", provider_of("acme:tax/lib@1.4.0"));
  Served served(builder, {.listen = {"tcp://[::1]:0?world=acme:tax/app@1.0.0"}});
  const std::string address = served.address().substr(0, served.address().find('?'));
  for (const char* const instance : {"", "acme:tax/app@1.0.0"}) {
    Client client(address);
    client.send(header(instance, "root") + frame("\x04"));
    client.finish();
    EXPECT_EQ(client.receive(), frame("\x05")) << instance;
  }
}

// A stream takes much more memory here than the byte that announces it.
TEST_F(ServedPeers, CannotSendAnyNumberOfStreams) {
  CompositionBuilder builder;
  builder.add_component("sink", *engine::wat_to_wasm("sink.wat", R"((component
    (core module $code
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
      (func (export "take") (param i32 i32)))
    (core instance $core (instantiate $code))
    (func (export "take") (param "streams" (list (stream u8)))
      (canon lift (core func $core "take") (memory $core "memory")
        (realloc (func $core "realloc"))))))"));
  Served served(builder, {.listen = {"tcp://[::1]:0"}});
  for (const bool is_allowed : {true, false}) {
    Client client(served.address());
    // 4,096 or 4,097 of them.
    const std::string count = is_allowed ? "\x80\x20" : "\x81\x20";
    client.send(header("", "take") + frame(count + std::string(is_allowed ? 4096 : 4097, '\0')));
    client.finish();
    EXPECT_EQ(client.receive().starts_with("<"), !is_allowed);
  }
  EXPECT_THAT(served.failures(),
              ElementsAre(HasSubstr("more than 4096 streams and futures at a time")));
}

TEST_F(ServedPeers, SendInPieces) {
  const std::string request = header(kLib, "echo") + frame(
                                                         "\x03"
                                                         "abc");
  for (std::size_t cut = 0; cut <= request.size(); ++cut) {
    Client client(served_.address());
    client.send(request.substr(0, cut));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    client.send(request.substr(cut));
    client.finish();
    EXPECT_EQ(client.receive(), frame("\x03"
                                      "abc"))
        << cut;
  }
}

TEST_F(ServedPeers, GetAnErrorForWhatIsMalformed) {
  const std::string request = header(kLib, "echo") + frame(
                                                         "\x03"
                                                         "abc");
  for (std::size_t cut = 1; cut < request.size(); ++cut)
    EXPECT_THAT(ask(request.substr(0, cut)), testing::StartsWith("<")) << cut;
  EXPECT_THAT(ask("\x01"), HasSubstr("<"));
  EXPECT_THAT(ask(header(kLib, "echo") + frame("\x02\xff\xfe")), HasSubstr("<"));
  EXPECT_THAT(ask(header("demo:domains/lib@2.0.0", "echo") + frame("")), HasSubstr("<"));
  EXPECT_THAT(ask(header(kLib, "ecco") + frame("")), HasSubstr("<"));
  // A header of 4 GiB, and a frame of as many.
  EXPECT_THAT(ask(std::string("\0\xff\xff\xff\xff\x0f", 6)), HasSubstr("<"));
  // Data on a channel where the parameters have no stream.
  EXPECT_THAT(ask(header(kLib, "add") + "\x01\x05\x01\x00"), HasSubstr("<"));
  // A handle that nobody was given.
  EXPECT_THAT(ask(header(kLib, "counter.next") + frame("\x04"
                                                       "hand")),
              HasSubstr("<"));
  EXPECT_EQ(ask(header(kLib, "add") + frame("\x03\x04")), frame("\x07"));
  const std::vector<std::string> failures = served_.failures();
  const auto has = [&](std::string_view text) {
    return std::ranges::any_of(
        failures, [&](const std::string& failure) { return failure.find(text) != failure.npos; });
  };
  EXPECT_TRUE(has("`demo:domains/lib@2.0.0` is not served here, but `demo:domains/lib@1.0.0` is"));
  EXPECT_TRUE(has("`demo:domains/lib@1.0.0` has no function `ecco`; did you mean `echo`?"));
  EXPECT_TRUE(has("the data ends within"));
}

// None of these has sent what it announces, and all stay connected.
TEST_F(ServedPeers, ThatAnnounceMuchDoNotDisturbOthers) {
  const std::string echo = header(kLib, "echo");
  std::vector<std::string> requests = {
      // Frames of 4 GiB, 2 GiB and 257 MiB, with strings of as many bytes.
      echo + "\0\xff\xff\xff\xff\x0f\xfa\xff\xff\xff\x0f"s,
      echo + "\0\x80\x80\x80\x80\x08\xfb\xff\xff\xff\x07"s,
      echo + "\0\x80\x80\xc0\x80\x01\xfb\xff\xbf\x80\x01"s,
      // The same with a short string, and with one that is not UTF-8.
      echo + "\0\xff\xff\xff\xff\x0f\3abc"s, echo + "\0\xff\xff\xff\xff\x0f\2\xff\xfe"s,
      // Channels with 33 and with 2^32 - 1 indices.
      echo + "\x21", echo + "\xff\xff\xff\xff\x0f",
      // Names of 4 GiB.
      "\0\xff\xff\xff\xff\x0f"s, "\0\1a\xff\xff\xff\xff\x0f"s};
  // Empty frames on 300,000 channels.
  std::vector<std::uint8_t> channels;
  for (std::uint32_t i = 0; i < 300'000; ++i) {
    append_leb128(channels, std::uint32_t{2});
    append_leb128(channels, i);
    append_leb128(channels, i);
    append_leb128(channels, std::uint32_t{0});
  }
  requests.push_back(echo + std::string(channels.begin(), channels.end()));
  std::deque<Client> clients;
  for (int round = 0; round < 20; ++round)
    for (const std::string& request : requests) {
      clients.emplace_back(served_.address()).send(request);
      if (round == 0) {
        EXPECT_EQ(ask(header(kLib, "add") + frame("\x03\x04")), frame("\x07"));
      }
    }
  EXPECT_EQ(ask(header(kLib, "add") + frame("\x03\x04")), frame("\x07"));
  clients.clear();
  EXPECT_EQ(served_.connections(0), 0U);
}

TEST_F(ServedPeers, HandlesAreOfNoUseAfterTheyWereGivenAway) {
  const std::string made = ask(header(kLib, "counter") + frame("\x05")).substr(2);
  EXPECT_EQ(ask(header(kLib, "consume") + frame(made)), frame("\x05"));
  EXPECT_THAT(ask(header(kLib, "consume") + frame(made)), HasSubstr("<"));
  std::string changed = made;
  changed[30] = static_cast<char>(changed[30] + 1);
  EXPECT_THAT(ask(header(kLib, "counter.next") + frame(changed)), HasSubstr("<"));
}

TEST_F(ServedPeers, SpeakTheirDialectWhereTheListenerSaysSo) {
  CompositionBuilder builder = make_providers();
  Served served(builder, {.listen = {"tcp://[::1]:0", "tcp://[::1]:0?peer=go"}});
  // option<string>, result<u8, string>, tuple<char, bool, s64>, variant, flags
  const auto ask_mixed = [&](std::size_t listener, std::string_view letter) {
    std::string address = served.address(listener);
    address = address.substr(0, address.find('?'));
    Client client(address);
    client.send(
        header(kLib, "echo-mixed") +
        frame(std::string("\0\0\x07", 3) + std::string(letter) + std::string("\0\x09\x01\0", 4)));
    client.finish();
    return client.receive();
  };
  const std::string utf8 = "\xe3\x81\x82";  // U+3042
  const std::string number = "\xc2\x60";
  EXPECT_THAT(ask_mixed(0, utf8), HasSubstr(utf8));
  EXPECT_THAT(ask_mixed(1, number), HasSubstr(number));
  EXPECT_THAT(ask_mixed(1, number), Not(HasSubstr(utf8)));
}

TEST_F(ServedPeers, CallsInProgressEndBeforeTheServer) {
  Client client(served_.address());
  client.send(header(kLib, "echo") + std::string("\0\x04\x03", 3));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::thread rest([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    client.send("abc");
    client.finish();
  });
  EXPECT_TRUE(served_.stop()) << "all calls have ended";
  rest.join();
  EXPECT_EQ(client.receive(), frame("\x03"
                                    "abc"));
}

TEST_F(ServedPeers, OnlyWhatIsNamedIsServed) {
  CompositionBuilder builder = make_providers();
  Served served(builder, {.listen = {"tcp://[::1]:0"}, .only = {"demo:domains/keeper"}});
  Client client(served.address());
  client.send(header(kLib, "add") + frame("\x03\x04"));
  client.finish();
  EXPECT_THAT(client.receive(), HasSubstr("<"));
}

TEST(Serving, ProblemsAreReportedTogether) {
  CompositionBuilder builder = make_providers();
  Composition composition = build(builder);
  const Result<Server> server = composition.serve(
      {.listen = {"tcp://0.0.0.0:0", "ftp://x", "tcp://[::1]:0"}, .only = {"demo:domains/lob"}});
  ASSERT_FALSE(server);
  std::vector<std::string> codes;
  for (const Diagnostic& problem : server.error()) codes.emplace_back(problem.code);
  EXPECT_THAT(codes, ElementsAre("config-value", "remote-listen", "remote-address"));
}

TEST(Serving, AnAddressInUseIsReported) {
  CompositionBuilder builder = make_providers();
  const TemporaryFolder folder;
  const std::string file = "unix:" + (folder.path() / "a.sock").string();
  Served served(builder, {.listen = {"tcp://[::1]:0", file}});
  CompositionBuilder other = make_providers();
  Composition composition = build(other);
  const Result<Server> server =
      composition.serve({.listen = {served.address(0), served.address(1)}});
  ASSERT_FALSE(server);
  ASSERT_EQ(server.error().size(), 2U);
  EXPECT_THAT(server.error()[0].message, HasSubstr("Address already in use"));
  EXPECT_THAT(server.error()[1].message, HasSubstr("another process listens there"));
}

TEST(Serving, ASocketFileOfADeadProcessIsReplaced) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "a.sock").string();
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, file.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(dead);
  CompositionBuilder builder = make_providers();
  {
    Served served(builder, {.listen = {"unix:" + file}});
    CompositionBuilder front = make_front(served.address());
    EXPECT_EQ(call_front(build(front), "add(1, 2)"), "3");
  }
  // The server removes its own.
  EXPECT_NE(::access(file.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace tenon::remote_test
