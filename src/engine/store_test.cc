#include "engine/store.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::store_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Engines : public testing::TestWithParam<EngineConfig> {};
INSTANTIATE_TEST_SUITE_P(Every, Engines, testing::Values(kSync, kAsync),
                         [](const auto& each) { return each.param == kAsync ? "async" : "sync"; });

TEST_P(Engines, NothingIsGrantedByDefault) {
  const RunResult ran = run_guest(GetParam(), "hello", {.args = {"hello", "read:/etc/passwd"}});
  EXPECT_EQ(ran.end().exit_code, 3);
  EXPECT_THAT(ran.out, Not(HasSubstr("root")));
  EXPECT_THAT(ran.out, Not(HasSubstr("PATH=")));
}

TEST_P(Engines, ArgumentsAndEnvironmentArePassed) {
  const RunResult ran = run_guest(GetParam(), "hello",
                                  {.args = {"hello", "first", "stderr:second"},
                                   .environment = {{"COLOUR", "blue"}, {"EMPTY", ""}}});
  EXPECT_EQ(ran.end().exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("first"));
  EXPECT_THAT(ran.out, HasSubstr("COLOUR=blue"));
  EXPECT_THAT(ran.out, HasSubstr("EMPTY="));
  EXPECT_THAT(ran.err, HasSubstr("second"));
}

TEST_P(Engines, ExitCodePassesThrough) {
  const RunResult ran = run_guest(GetParam(), "hello", {.args = {"hello", "exit:42"}});
  EXPECT_EQ(ran.end(), (CommandEnd{CommandEnd::How::Exited, 42}));
}

TEST_P(Engines, DirectoryCanBeReadAndWritten) {
  const TemporaryFolder folder;
  write_text(folder.path() / "in.txt", "from the host");
  const RunResult ran =
      run_guest(GetParam(), "hello",
                {.args = {"hello", "read:/data/in.txt", "write:/data/out.txt=from the guest"},
                 .directories = {{.host = folder.path(), .guest = "/data"}}});
  EXPECT_EQ(ran.end().exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("from the host"));
  const Bytes written = read_bytes(folder.path() / "out.txt");
  EXPECT_EQ(std::string(written.begin(), written.end()), "from the guest");
}

TEST_P(Engines, ReadOnlyDirectoryCannotBeWritten) {
  const TemporaryFolder folder;
  write_text(folder.path() / "in.txt", "from the host");
  const DirectoryGrant grant = {folder.path(), "/data", DirectoryAccess::ReadOnly};
  const RunResult ran =
      run_guest(GetParam(), "hello",
                {.args = {"hello", "read:/data/in.txt", "write:/data/in.txt=changed"},
                 .directories = {grant}});
  EXPECT_EQ(ran.end().exit_code, 3);
  EXPECT_THAT(ran.out, HasSubstr("from the host"));
  EXPECT_EQ(read_bytes(folder.path() / "in.txt").size(), 13u);
}

TEST_P(Engines, NothingOutsideADirectoryIsVisible) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "inner");
  write_text(folder.path() / "secret.txt", "secret");
  std::filesystem::create_symlink("../secret.txt", folder.path() / "inner" / "link.txt");
  for (const char* order : {"read:/data/../secret.txt", "read:/data/link.txt"}) {
    const RunResult ran =
        run_guest(GetParam(), "hello",
                  {.args = {"hello", order},
                   .directories = {{.host = folder.path() / "inner", .guest = "/data"}}});
    EXPECT_EQ(ran.end().exit_code, 3) << order;
  }
}

// A socket that listens on the loopback interface, at a port chosen by the system.
class Listener final {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, generic, size), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    EXPECT_EQ(::getsockname(socket_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(socket_); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

TEST_P(Engines, NetworkIsLimitedToGrantedAddresses) {
  const Listener listener;
  const std::uint16_t port = listener.port();
  const auto other_port = static_cast<std::uint16_t>(port ^ 1);
  const std::string by_address = fmt::format("127.0.0.1:{}", port);
  const std::string by_name = fmt::format("localhost:{}", port);
  struct Case {
    std::vector<NetworkGrant> grants;
    std::string target;
    bool connects;
  };
  for (const Case& each : {
           Case{{}, by_address, false},
           Case{{}, by_name, false},
           Case{{{"127.0.0.1", port}}, by_address, true},
           Case{{{"127.0.0.1", std::nullopt}}, by_address, true},
           Case{{{"localhost", port}}, by_name, true},
           Case{{{"*", std::nullopt}}, by_address, true},
           Case{{{"*", port}}, by_address, true},
           Case{{{"*", other_port}}, by_address, false},
           Case{{{"127.0.0.1", other_port}}, by_address, false},
           Case{{{"127.0.0.2", port}}, by_address, false},
           Case{{{"127.0.0.2", port}, {"127.0.0.1", port}}, by_address, true},
       }) {
    const RunResult ran =
        run_guest(GetParam(), "connect", {.args = {"connect", each.target}, .network = each.grants},
                  "wasi:cli/run@0.2.6");
    EXPECT_EQ(ran.end().exit_code, each.connects ? 0 : 1) << ran.out;
    if (!each.connects && each.target == by_address) {
      EXPECT_THAT(ran.out, HasSubstr("access-denied"));
    }
  }
}

// A command that fails if one of its four memories has anything but its own data, and then writes to each of
// them, beyond their first size too. Its tables are larger than those of a pool, and grow.
constexpr std::string_view kUsesMuch = R"((component
    (core module $code
      (memory $a 1) (memory $b 2)
      (data (memory $b) (i32.const 70000) "data")
      (table $t 100000 funcref)
      (func $check (result i32)
        (i32.or (i64.ne (i64.load $a (i32.const 65528)) (i64.const 0))
          (i32.or (i32.ne (i32.load $b (i32.const 70000)) (i32.const 0x61746164))
            (i32.or (i32.ne (memory.grow $b (i32.const 9)) (i32.const 2))
              (i32.or (i32.ne (table.grow $t (ref.null func) (i32.const 9)) (i32.const 100000))
                (i64.ne (i64.load $b (i32.const 600000)) (i64.const 0)))))))
      (func (export "run") (result i32) (local $bad i32)
        (local.set $bad (call $check))
        (i64.store $a (i32.const 65528) (i64.const -1))
        (i64.store $b (i32.const 70000) (i64.const -1))
        (i64.store $b (i32.const 600000) (i64.const -1))
        (local.get $bad)))
    (core instance $one (instantiate $code))
    (core instance $two (instantiate $code))
    (core module $both
      (import "one" "run" (func $one (result i32)))
      (import "two" "run" (func $two (result i32)))
      (func (export "run") (result i32) (i32.or (call $one) (call $two))))
    (core instance $core (instantiate $both
      (with "one" (instance $one)) (with "two" (instance $two))))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))";

TEST_P(Engines, KeptMemoriesAreFreshAndNoLimit) {
  EngineConfig config = GetParam();
  config.kept_memories = 2;
  const Result<Engine> engine = Engine::open(config);
  ASSERT_TRUE(engine);
  const Result<CompiledComponent> code = CompiledComponent::compile(*engine, assemble(kUsesMuch));
  ASSERT_TRUE(code) << code.error().front().message;
  for (int round = 0; round < 3; ++round) {
    std::vector<Store> at_once;
    for (int i = 0; i < 3; ++i) {
      Result<Store> store = Store::open(*engine, {});
      ASSERT_TRUE(store);
      EXPECT_EQ(run_code(*engine, *store, *code, "wasi:cli/run@0.2.3").end().exit_code, 0)
          << "instance " << i << " of round " << round;
      at_once.push_back(*std::move(store));
    }
  }
}

// Code does not depend on it, so the same cache serves both.
TEST(Engine, KeptMemoriesDoNotChangeTheFingerprint) {
  const Result<Engine> engine = Engine::open({.kept_memories = 4});
  ASSERT_TRUE(engine);
  EXPECT_EQ(engine->fingerprint(), Engine::open({})->fingerprint());
}

TEST(Grants, EachFailedGrantIsNamed) {
  const std::string too_long(300, 'x');  // refused before any name server is asked
  const Result<Engine> engine = Engine::open(kSync);
  const Result<Store> store =
      Store::open(*engine, {.directories = {{.host = "/no/such/folder", .guest = "/a"},
                                            {.host = "/", .guest = "/fine"},
                                            {.host = "/etc/passwd", .guest = "/b"}},
                            .network = {{too_long, std::uint16_t{80}}}});
  ASSERT_FALSE(store);
  ASSERT_EQ(store.error().size(), 3u);
  for (const Diagnostic& problem : store.error()) EXPECT_EQ(problem.code, "run-grant");
  EXPECT_THAT(store.error()[0].message, HasSubstr("`/no/such/folder`"));
  EXPECT_THAT(store.error()[1].message, HasSubstr("`/etc/passwd`"));
  EXPECT_THAT(store.error()[2].message, HasSubstr("cannot be resolved"));
}

TEST(Limits, FuelEndsALoop) {
  const Bytes loop = command("(loop $again (br $again)) i32.const 0");
  const Failure failure = run(kMetered, loop, {.fuel = 10'000}).failure();
  EXPECT_EQ(failure.kind, FailureKind::OutOfFuel);
}

TEST(Limits, FuelIsCounted) {
  const Result<Engine> engine = Engine::open(kMetered);
  Result<Store> store = Store::open(*engine, {}, {.fuel = 1000});
  ASSERT_TRUE(store);
  EXPECT_EQ(store->fuel(), 1000u);
  EXPECT_EQ(run_in(*engine, *store, command("i32.const 0")).end().exit_code, 0);
  EXPECT_LT(*store->fuel(), 1000u);
}

TEST(Limits, FuelNeedsAMeteredEngine) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<Store> store = Store::open(*engine, {}, {.fuel = 1000});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().front().code, "run-engine");
  EXPECT_EQ(Store::open(*engine, {})->fuel(), std::nullopt);
}

TEST(Limits, MemoryIsLimited) {
  const Bytes component = assemble(R"((component
    (core module $code (memory 2)
      (func (export "run") (result i32) (i32.eq (memory.grow (i32.const 1)) (i32.const -1))))
    (core instance $core (instantiate $code))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))");
  EXPECT_EQ(run(kSync, component).end().exit_code, 0);
  EXPECT_EQ(run(kSync, component, {.memory_bytes = 131072}).end().exit_code, 1);
  EXPECT_THAT(run(kSync, component, {.memory_bytes = 65536}).failure().message,
              HasSubstr("memory"));
}

TEST(Limits, MemoriesShareOneLimit) {
  const Bytes component = assemble(R"((component
    (core module $code (memory 1)
      (func (export "run") (result i32) (i32.eq (memory.grow (i32.const 1)) (i32.const -1))))
    (core instance $first (instantiate $code))
    (core instance $second (instantiate $code))
    (func $run (result (result)) (canon lift (core func $second "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))");
  constexpr std::uint64_t kPage = 65536;
  EXPECT_EQ(run(kSync, component, {.memory_bytes = 3 * kPage}).end().exit_code, 0);
  EXPECT_EQ(run(kSync, component, {.memory_bytes = 3 * kPage - 1}).end().exit_code, 1);
  EXPECT_EQ(run(kSync, component, {.memory_bytes = 2 * kPage}).end().exit_code, 1);
  EXPECT_THAT(run(kSync, component, {.memory_bytes = 2 * kPage - 1}).failure().message,
              HasSubstr("memory"));
}

TEST(Limits, OtherLimitsHoldTogetherWithAMemoryLimit) {
  const StoreLimits plenty = {.memory_bytes = std::uint64_t{1} << 30};
  StoreLimits no_instances = plenty;
  no_instances.instances = 0;
  EXPECT_EQ(run(kSync, command("i32.const 0"), plenty).end().exit_code, 0);
  EXPECT_THAT(run(kSync, command("i32.const 0"), no_instances).failure().message,
              HasSubstr("instance"));
}

TEST(Limits, InstancesAreLimited) {
  const RunResult ran = run(kSync, command("i32.const 0"), {.instances = 0});
  EXPECT_THAT(ran.failure().message, HasSubstr("instance"));
}

TEST(Capture, IsEmptyUnlessRequested) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<Store> store = Store::open(*engine, {});
  EXPECT_THAT(store->captured_stdout(), IsEmpty());
  EXPECT_THAT(store->captured_stderr(), IsEmpty());
}

}  // namespace
}  // namespace tenon::engine::store_test
