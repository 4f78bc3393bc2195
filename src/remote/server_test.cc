// The limits of a server and of leases, with times that are too short for `tenon serve`.
#include "remote/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remote/extension.h"
#include "remote/leases.h"
#include "remote/test_calls.h"
#include "runtime/domain.h"

namespace tenon::remote {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kHeader{"\0\003a:b\001f", 7};
constexpr std::string_view kParams{"\0\001\005", 3};

// Echoes its parameter when the test says so.
class Echo final : public call::Callee {
 public:
  void start(call::Call& call) override {
    abi::ValueArena arena;
    const auto lifted = call.shape().program.lift_params(*call.params(), arena);
    ASSERT_TRUE(lifted);
    started.push_back(&call);
    if (!waits) finish(call, std::move(arena), *lifted);
  }
  static void finish(call::Call& call, abi::ValueArena arena, std::uint32_t at) {
    EXPECT_TRUE(call.give_result(arena, at));
    call.finish();
  }

  bool waits = false;
  std::vector<call::Call*> started;
};

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    server_.reset();
    for (const int client : clients_) ::close(client);
    shared_.scheduler.set_reactor(nullptr);
  }

  void serve(const ServerLimits& limits) { serve("(n: u32) -> u32", limits); }
  void serve_text(const ServerLimits& limits) { serve("(s: string) -> string", limits); }
  void serve(std::string_view type, ServerLimits limits) {
    limits.is_insecure = true;  // for `[::]`
    shared_.scheduler.set_reactor(reactor_.get());
    auto echo = std::make_unique<Echo>();
    echo_ = echo.get();
    std::vector<ServedFunction> functions;
    functions.push_back({.instance = "a:b",
                         .function = "f",
                         .name = "a:b#f",
                         .shape = call::shape_of(value::function_of(std::string(type))),
                         .callee = std::move(echo),
                         .type_digest = 1,
                         .type = "f: func(n: u32) -> u32;"});
    server_ = std::make_unique<Server>(
        std::move(functions), limits, Worker({}, {}), *reactor_, shared_,
        [this](const ServeFailure& failure) { failures_.push_back(failure.message); });
    const auto address = server_->listen(*parse_address("tcp://[::1]:0"));
    const auto other = server_->listen(*parse_address("tcp://[::]:0"));
    ASSERT_TRUE(address && other);
    port_ = address->port;
    other_port_ = other->port;
  }

  int connect(std::string_view bytes) {
    const int client = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients_.push_back(client);
    sockaddr_in6 to = {};
    to.sin6_family = AF_INET6;
    to.sin6_addr = in6addr_loopback;
    to.sin6_port = htons(port_);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    EXPECT_EQ(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    return client;
  }

  // The same from an address that counts as another machine: "127.0.0.2".
  int connect_from(const char* machine, std::string_view bytes) {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients_.push_back(client);
    sockaddr_in from = {};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = ::inet_addr(machine);
    EXPECT_EQ(::bind(client, reinterpret_cast<sockaddr*>(&from), sizeof(from)), 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(other_port_);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    (void)!::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return client;
  }

  // Finishes the calls that wait, and those that are started later.
  void finish_calls() {
    echo_->waits = false;
    for (call::Call* const started : std::vector(echo_->started)) {
      abi::ValueArena arena;
      const auto at = arena.allocate(4, 4);
      ASSERT_TRUE(at);
      Echo::finish(*started, std::move(arena), *at);
    }
  }

  // Serves until the condition holds, for at most five seconds.
  bool serve_until(const std::function<bool()>& is_done) {
    call::Bounds bounds;
    bounds.deadline = call::Deadline{call::Clock::now() + std::chrono::seconds(5), "test", {}};
    return shared_.scheduler.wait(is_done, &bounds, runtime::Scheduler::OnIdle::Wait) ==
           runtime::Scheduler::WaitEnd::Done;
  }
  void serve_for(milliseconds time) {
    const auto end = call::Clock::now() + time;
    call::Bounds bounds;
    bounds.deadline = call::Deadline{end, "test", {}};
    (void)shared_.scheduler.wait([] { return false; }, &bounds, runtime::Scheduler::OnIdle::Wait);
  }
  static std::string receive(int client) {
    std::string received(64, '\0');
    const ssize_t size = ::recv(client, received.data(), received.size(), MSG_DONTWAIT);
    received.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return received;
  }

  std::shared_ptr<Reactor> reactor_ = *Reactor::make();
  runtime::Shared shared_;
  Echo* echo_ = nullptr;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::uint16_t other_port_ = 0;
  std::vector<int> clients_;
  std::vector<std::string> failures_;
};

TEST_F(ServerTest, AConnectionWithoutACallEnds) {
  serve({.header_time = milliseconds(50)});
  connect("");
  connect(kHeader.substr(0, 3));
  EXPECT_TRUE(serve_until([&] { return failures_.size() == 2; }));
  EXPECT_THAT(failures_, testing::Each("it named no function within 50ms"));
  EXPECT_EQ(server_->counts().connections, 0U);
}

TEST_F(ServerTest, AConnectionWithoutParametersEnds) {
  serve({.params_time = milliseconds(50)});
  connect(kHeader);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("its parameters were not complete after 50ms"));
}

TEST_F(ServerTest, ALateTimerDoesNotEndALaterState) {
  serve({.header_time = milliseconds(50)});
  const int client = connect(std::string(kHeader) + std::string(kParams));
  serve_for(milliseconds(150));
  EXPECT_EQ(receive(client), kParams);
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(ServerTest, FurtherConnectionsWait) {
  serve({.connections = 2});
  const int first = connect(kHeader);
  connect(kHeader);
  const int third = connect(std::string(kHeader) + std::string(kParams));
  serve_for(milliseconds(100));
  EXPECT_EQ(server_->counts().connections, 2U);
  EXPECT_EQ(receive(third), "");
  ::shutdown(first, SHUT_RDWR);
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 1; }));
  EXPECT_EQ(receive(third), kParams);
}

TEST_F(ServerTest, FurtherCallsWait) {
  serve({.calls = 1});
  echo_->waits = true;
  const std::string call = std::string(kHeader) + std::string(kParams);
  connect(call);
  const int second = connect(call);
  EXPECT_TRUE(serve_until([&] { return echo_->started.size() == 1; }));
  serve_for(milliseconds(50));
  EXPECT_EQ(echo_->started.size(), 1U);
  EXPECT_EQ(server_->counts().in_progress, 1U);
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 2; }));
  EXPECT_EQ(receive(second), kParams);
}

TEST_F(ServerTest, AMachineHasHalfOfTheConnections) {
  serve({.connections = 4});
  connect_from("127.0.0.2", kHeader);
  connect_from("127.0.0.2", kHeader);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 2; }));
  connect_from("127.0.0.2", kHeader);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("its machine has 2 connections already"));
  const int other = connect_from("127.0.0.3", std::string(kHeader) + std::string(kParams));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 1; }));
  EXPECT_EQ(receive(other), kParams);
  // It can connect again when one has ended.
  ::shutdown(clients_[0], SHUT_RDWR);
  EXPECT_TRUE(serve_until([&] { return failures_.size() == 2; }));
  const int next = connect_from("127.0.0.2", std::string(kHeader) + std::string(kParams));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 2; }));
  EXPECT_EQ(receive(next), kParams);
}

TEST_F(ServerTest, ThisMachineHasAllConnections) {
  serve({.connections = 2});
  connect_from("127.0.0.1", kHeader);
  connect_from("127.0.0.1", kHeader);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 2; }));
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(ServerTest, AMachineHasHalfOfTheCalls) {
  serve({.calls = 4});
  echo_->waits = true;
  const std::string call = std::string(kHeader) + std::string(kParams);
  for (int i = 0; i < 5; ++i) connect_from("127.0.0.2", call);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 5; }));
  serve_for(milliseconds(50));
  EXPECT_EQ(echo_->started.size(), 2U);
  // Those of other machines, and of this one, pass the calls that wait.
  connect_from("127.0.0.3", call);
  EXPECT_TRUE(serve_until([&] { return echo_->started.size() == 3; }));
  connect(call);
  EXPECT_TRUE(serve_until([&] { return echo_->started.size() == 4; }));
  connect(call);
  serve_for(milliseconds(50));
  EXPECT_EQ(server_->counts().in_progress, 4U);
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 8; }));
  EXPECT_EQ(server_->counts().in_progress, 0U);
}

TEST_F(ServerTest, TheParametersOfAllCallsHaveALimit) {
  serve_text({.memory = 192 << 10});
  // A string of 150,000 bytes, of which all but one have arrived.
  std::string most = std::string(kHeader) + std::string("\0\xf3\x93\x09\xf0\x93\x09", 7);
  most.append(149'999, 'a');
  const int first = connect(most);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 1; }));
  serve_for(milliseconds(50));
  connect(most);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("the parameters of all calls take more than 192KiB"));
  // Small ones have room.
  connect(std::string(kHeader) + std::string("\0\x02\x01x", 4));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 1; }));
  // The memory is free again after the call.
  EXPECT_EQ(::send(first, "a", 1, MSG_NOSIGNAL), 1);
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 2; }));
  connect(most + "a");
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 3; }));
}

TEST_F(ServerTest, AnotherTypeIsRefusedBeforeTheCall) {
  serve({});
  CallNote note;
  note.type_digest = 2;
  Bytes params = {5};
  append_note(note, params);
  std::string bytes(kHeader);
  bytes += '\0';
  bytes += static_cast<char>(params.size());
  bytes.append(params.begin(), params.end());
  const int client = connect(bytes);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("it has another type there: `f: func(n: u32) -> u32;`"));
  EXPECT_THAT(receive(client), HasSubstr("it has another type there"));
  EXPECT_EQ(server_->counts().calls, 0U);
}

// The object of a resource.
struct Object {
  explicit Object(bool& flag) : is_dropped(flag) {}
  ~Object() { is_dropped = true; }
  bool& is_dropped;
};

TEST_F(ServerTest, ALeaseExpiresUnlessItsHolderIsHeardOf) {
  shared_.scheduler.set_reactor(reactor_.get());
  runtime::ResourceKind kind{.name = "r", .number = 1, .is_hosted = true};
  const auto add = [&](bool& is_dropped) {
    return shared_.resources.add({.kind = &kind,
                                  .holder = {runtime::Holder::Who::Program},
                                  .object = std::make_shared<Object>(is_dropped)});
  };
  bool is_first_dropped = false;
  bool is_second_dropped = false;
  {
    Leases leases(Worker({}, {}), milliseconds(200), *reactor_, shared_);
    const Bytes first = leases.add(add(is_first_dropped), "silent");
    const Bytes second = leases.add(add(is_second_dropped), "alive");
    for (int i = 0; i < 8; ++i) {
      serve_for(milliseconds(50));
      leases.renew("alive");
    }
    EXPECT_TRUE(is_first_dropped);
    EXPECT_FALSE(is_second_dropped);
    EXPECT_THAT(leases.find(first).error(), HasSubstr("its lease has expired"));
    EXPECT_TRUE(leases.find(second));
    leases.drop(first);
    EXPECT_EQ(leases.size(), 1U);
  }
  EXPECT_TRUE(is_second_dropped) << "nobody has a lease any more";
}

}  // namespace
}  // namespace tenon::remote
