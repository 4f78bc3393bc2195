// Calls whose callers leave before the answer, over each kind of connection.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "remote/frames.h"
#include "support/leb128.h"
#include "tests/support/nats_server.h"
#include "tests/support/test_server.h"

namespace tenon::remote::leaving_peers_test {
namespace {

using std::chrono::milliseconds;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds kPause{20};

const std::string kCall = std::string(kHeader) + std::string(kParams);

// What a server sends to a silent client that is a tenon.
const std::string kQuestion = std::string("\1\xff\xff\xff\xff\x0f\0", 7);

class LeavingPeers : public ServerTest {
 protected:
  void serve_waiting(ServerLimits limits = {}) {
    limits.check_pause = kPause;
    serve(limits);
    echo_->waits = true;
  }
  bool serve_until_started(std::size_t count) {
    return serve_until([&] { return echo_->started.size() == count; });
  }
  // Whether all calls are cancelled, and their connections closed.
  bool serve_until_left() {
    return serve_until(
        [&] { return server_->counts().in_progress == 0 && server_->counts().connections == 0; });
  }
  static void reset(int client) {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
};

TEST_F(LeavingPeers, AClientThatClosesASocketFileCancelsItsCall) {
  serve_waiting();
  const int client = connect_to_file(kCall);
  ::shutdown(client, SHUT_WR);
  ASSERT_TRUE(serve_until_started(1));
  close_client(client);
  EXPECT_TRUE(serve_until_left());
  EXPECT_EQ(echo_->abandoned, 1U);
  EXPECT_THAT(failures_, ElementsAre("cancelled: the peer closed the connection"));
  EXPECT_EQ(server_->counts().failures, 1U);
}

TEST_F(LeavingPeers, AClientThatResetsItsConnectionCancelsItsCall) {
  serve_waiting();
  const int client = connect(kCall);
  ASSERT_TRUE(serve_until_started(1));
  reset(client);
  close_client(client);
  EXPECT_TRUE(serve_until_left());
  EXPECT_EQ(echo_->abandoned, 1U);
}

// Its system says nothing until it gets data for the socket.
TEST_F(LeavingPeers, ATenonThatClosesATcpConnectionCancelsItsCall) {
  serve_waiting();
  const int client = connect(call_of_tenon(1));
  ::shutdown(client, SHUT_WR);
  ASSERT_TRUE(serve_until_started(1));
  close_client(client);
  EXPECT_TRUE(serve_until_left());
  EXPECT_EQ(echo_->abandoned, 1U);
}

TEST_F(LeavingPeers, AClientThatWaitsIsNotTakenForOneThatLeft) {
  serve_waiting();
  const std::vector<int> clients = {connect_to_file(kCall), connect_to_file(call_of_tenon(1)),
                                    connect(kCall), connect(call_of_tenon(2))};
  // As wRPC requires.
  for (const int client : clients) ::shutdown(client, SHUT_WR);
  ASSERT_TRUE(serve_until_started(4));
  serve_for(5 * kPause);
  EXPECT_EQ(echo_->abandoned, 0U);
  finish_calls();
  EXPECT_TRUE(serve_until_left());
  const std::string answer("\0\1\0", 3);
  EXPECT_EQ(receive(clients[0]), answer) << "others get nothing but the answer";
  EXPECT_EQ(receive(clients[2]), answer);
  for (const int client : {clients[1], clients[3]}) {
    std::string received = receive(client);
    EXPECT_TRUE(received.starts_with(kQuestion));
    while (received.starts_with(kQuestion)) received.erase(0, kQuestion.size());
    EXPECT_EQ(received, answer);
  }
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(LeavingPeers, ACallThatWaitsForAPlaceIsRemoved) {
  serve_waiting({.calls = 1});
  connect_to_file(kCall);
  ASSERT_TRUE(serve_until_started(1));
  const int second = connect_to_file(kCall);
  const int third = connect(call_of_tenon(1));
  connect_to_file(kCall);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 4; }));
  close_client(second);
  close_client(third);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 2; }));
  EXPECT_THAT(failures_, Each("cancelled: the peer closed the connection"));
  echo_->finish(0);
  ASSERT_TRUE(serve_until_started(1));
  EXPECT_EQ(server_->counts().calls, 2U) << "those of the clients that left are not made";
}

TEST_F(LeavingPeers, PlacesAreFreeAgain) {
  serve_waiting({.calls = 4});
  for (int round = 0; round < 50; ++round) {
    std::vector<int> clients;
    for (int i = 0; i < 20; ++i)
      clients.push_back(i % 2 == 0 ? connect_to_file(kCall) : connect(call_of_tenon(1)));
    ASSERT_TRUE(serve_until_started(4));
    for (const int client : clients) close_client(client);
    ASSERT_TRUE(serve_until_left()) << round;
  }
  EXPECT_EQ(server_->counts().failures, 1000U);
  EXPECT_EQ(echo_->abandoned, server_->counts().calls);
  echo_->waits = false;
  const int client = connect(kCall);
  EXPECT_TRUE(serve_until([&] { return receive(client) == kParams; }));
}

TEST_F(LeavingPeers, AnswersThatNobodyReadsEnd) {
  serve("(s: string) -> string", {.linger_time = kPause});
  // More than the system keeps.
  constexpr std::size_t kSize = std::size_t{1} << 20;
  constexpr std::size_t kCalls = 100;
  Bytes head;
  append_frame_head(head, {}, kSize + 3);
  append_leb128(head, static_cast<std::uint32_t>(kSize));
  const std::string call =
      std::string(kHeader) + std::string(head.begin(), head.end()) + std::string(kSize, 'a');
  std::thread sender([&] {
    for (std::size_t i = 0; i < kCalls; ++i) connect_to_file(call);
  });
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == kCalls; }));
  sender.join();
  EXPECT_TRUE(serve_until_left());
}

TEST_F(LeavingPeers, HalfOpenConnectionsEnd) {
  serve({.header_time = kPause, .params_time = kPause});
  const std::string_view params = kParams;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 50; ++i) {
      connect("");
      connect_to_file(kHeader.substr(0, 3));
      connect(kHeader);
      connect_to_file(std::string(kHeader) + std::string(params.substr(0, 2)));
    }
    ASSERT_TRUE(serve_until([&] {
      return failures_.size() == static_cast<std::size_t>(200 * (round + 1)) &&
             server_->counts().connections == 0;
    }));
  }
  EXPECT_EQ(server_->counts().calls, 0U);
}

TEST_F(LeavingPeers, AProcessDoesNotHaveTheLastCalls) {
  serve_waiting({.calls = 8});
  for (int i = 0; i < 20; ++i) connect_to_file(kCall);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 20; }));
  serve_for(kPause);
  EXPECT_EQ(echo_->started.size(), 7U);
  connect(kCall);
  EXPECT_TRUE(serve_until_started(8));
}

TEST_F(LeavingPeers, ATenonDoesNotHaveTheLastCalls) {
  serve_waiting({.calls = 8});
  for (int i = 0; i < 20; ++i) connect(call_of_tenon(1));
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 20; }));
  serve_for(kPause);
  EXPECT_EQ(echo_->started.size(), 7U);
  connect(call_of_tenon(2));
  EXPECT_TRUE(serve_until_started(8));
}

TEST_F(LeavingPeers, NobodyHasTheLastCalls) {
  serve_waiting({.calls = 8});
  for (int i = 0; i < 20; ++i) connect(kCall);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 20; }));
  serve_for(kPause);
  EXPECT_EQ(echo_->started.size(), 7U);
  connect_from("127.0.0.2", kCall);
  EXPECT_TRUE(serve_until_started(8));
}

// A call as messages of a link.
std::string linked(std::uint32_t number, std::string_view call = kCall) {
  Bytes bytes;
  append_leb128(bytes, number);
  append_leb128(bytes, static_cast<std::uint32_t>(call.size() << 1U | 1U));
  return std::string(bytes.begin(), bytes.end()) + std::string(call);
}
// The message that breaks a call off.
std::string break_off(std::uint32_t number) {
  Bytes bytes;
  append_leb128(bytes, number);
  append_leb128(bytes, std::uint32_t{0});
  return {bytes.begin(), bytes.end()};
}

TEST_F(LeavingPeers, AClientBreaksOffCallsOfASharedConnection) {
  serve_waiting();
  const int client = connect("tnl1" + linked(1) + linked(2));
  ASSERT_TRUE(serve_until_started(2));
  const std::string end = break_off(1);
  EXPECT_EQ(::send(client, end.data(), end.size(), 0), static_cast<ssize_t>(end.size()));
  ASSERT_TRUE(serve_until_started(1));
  EXPECT_EQ(server_->counts().in_progress, 1U);
  EXPECT_THAT(failures_, ElementsAre("cancelled: the peer ended the call"));
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().in_progress == 0; }));
  EXPECT_EQ(server_->counts().connections, 1U) << "the connection goes on";
}

TEST_F(LeavingPeers, AClientThatClosesASharedConnectionCancelsItsCalls) {
  serve_waiting();
  const int client = connect_to_file("tnl1" + linked(1) + linked(2));
  ASSERT_TRUE(serve_until_started(2));
  close_client(client);
  EXPECT_TRUE(serve_until_left());
  EXPECT_EQ(echo_->abandoned, 2U);
}

// Its next call is not read then, nor what follows it.
TEST_F(LeavingPeers, ASharedConnectionWithTooManyCallsCanBeLeft) {
  serve_waiting({.calls = 1000});
  std::string calls = "tnl1";
  for (std::uint32_t number = 1; number <= 256; ++number) calls += linked(number);
  calls += break_off(7) + linked(257) + break_off(9) + linked(258) + linked(259) + break_off(10);
  const int client = connect(calls);
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 258; }));
  serve_for(3 * kPause);
  EXPECT_EQ(server_->counts().calls, 258U);
  EXPECT_EQ(echo_->abandoned, 2U);
  close_client(client);
  EXPECT_TRUE(serve_until_left());
  EXPECT_EQ(echo_->abandoned, 258U);
}

// A client of NATS.
class NatsClient final {
 public:
  explicit NatsClient(const NatsServer& server)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(
        std::stoi(server.address().substr(server.address().find(':') + 1))));
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\n");
  }
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;
  ~NatsClient() { ::close(socket_); }

  // Calls the function with 5. inbox: where the answer goes.
  void call(const std::string& inbox) {
    send(fmt::format("SUB {0}.> 1\r\nSUB {0} 2\r\nPUB p.wrpc.0.0.1.a:b.f {0} 1\r\n\5\r\n", inbox));
  }
  // Sends parameters, and wants no answer.
  void send_to_nobody(std::size_t size) {
    send(fmt::format("PUB p.wrpc.0.0.1.a:b.f {}\r\n{}\r\n", size, std::string(size, 'x')));
  }
  // Whether it receives a text within ten seconds.
  [[nodiscard]] testing::AssertionResult receives(std::string_view text) const {
    std::string received;
    for (int i = 0; i < 1000 && received.find(text) == received.npos; ++i) {
      std::string part(4096, '\0');
      const ssize_t size = ::recv(socket_, part.data(), part.size(), MSG_DONTWAIT);
      received.append(part, 0, size < 0 ? 0 : static_cast<std::size_t>(size));
      if (size < 0) std::this_thread::sleep_for(milliseconds(10));
    }
    if (received.find(text) != received.npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it received: " << received;
  }
  // When the server has accepted the call, ends the parameters at the address that it has sent.
  void end_params() {
    std::string received(4096, '\0');
    const ssize_t size = ::recv(socket_, received.data(), received.size(), MSG_DONTWAIT);
    received.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    const std::size_t message = received.find("MSG ");
    if (message == std::string::npos) return;
    const std::size_t reply = received.find("_INBOX.", received.find(" 2 ", message));
    params_ = received.substr(reply, received.find(' ', reply) - reply) + ".params";
    send(fmt::format("PUB {} 0\r\n\r\n", params_));
  }
  // Sends more data there.
  void send_params(std::size_t size) {
    send(fmt::format("PUB {} {}\r\n{}\r\n", params_, size, std::string(size, 'x')));
  }

 private:
  void send(const std::string& text) {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  int socket_;
  std::string params_;  // where they go
};

class LeavingNatsPeers : public LeavingPeers {
 protected:
  void SetUp() override {
    if (!NatsServer::exists()) GTEST_SKIP() << "nats-server is missing";
    nats_.emplace();
  }
  void serve_at_nats(milliseconds blind_time) {
    serve_waiting({.blind_time = blind_time});
    ASSERT_TRUE(server_->listen(*parse_address(nats_->url() + "/p")));
    // A call before the subscription is lost.
    serve_for(10 * kPause);
  }
  // Serves until each client has made its call.
  bool serve_until_called(std::initializer_list<NatsClient*> clients) {
    for (int i = 0; i < 250 && echo_->started.size() < clients.size(); ++i) {
      serve_for(kPause);
      for (NatsClient* const client : clients) client->end_params();
    }
    return echo_->started.size() == clients.size();
  }
  std::optional<NatsServer> nats_;
};

TEST_F(LeavingNatsPeers, ATenonThatLeavesCancelsItsCall) {
  serve_at_nats(std::chrono::seconds(60));
  std::optional<NatsClient> client(std::in_place, *nats_);
  NatsClient waits(*nats_);
  client->call("_INBOX.tenon.a.1");
  waits.call("_INBOX.tenon.b.1");
  ASSERT_TRUE(serve_until_called({&*client, &waits}));
  serve_for(3 * kPause);
  EXPECT_EQ(echo_->abandoned, 0U);
  client.reset();
  EXPECT_TRUE(serve_until([&] { return echo_->abandoned == 1; }));
  EXPECT_THAT(failures_, ElementsAre("cancelled: the peer is gone"));
  serve_for(3 * kPause);
  EXPECT_EQ(server_->counts().in_progress, 1U) << "the other one waits";
}

TEST_F(LeavingNatsPeers, OthersHaveALimit) {
  serve_at_nats(milliseconds(100));
  NatsClient client(*nats_);
  client.call("_INBOX.a");
  ASSERT_TRUE(serve_until_called({&client}));
  EXPECT_TRUE(serve_until([&] { return echo_->abandoned == 1; }));
  EXPECT_THAT(failures_, ElementsAre(testing::HasSubstr("cancelled: no answer within 100ms")));
}

TEST_F(LeavingNatsPeers, WhatFollowsTheParametersIsDropped) {
  serve_at_nats(std::chrono::seconds(60));
  NatsClient client(*nats_);
  client.call("_INBOX.a");
  ASSERT_TRUE(serve_until_called({&client}));
  // More than a call may have that is not read.
  for (int i = 0; i < 80; ++i) {
    client.send_params(900'000);
    serve_for(milliseconds(2));
  }
  EXPECT_THAT(failures_, IsEmpty());
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().in_progress == 0; }));
  EXPECT_EQ(server_->counts().failures, 0U);
}

// More messages wait for the composition than there may be, and nobody takes them.
TEST_F(LeavingNatsPeers, CallsThatFindNoRoomAreRefused) {
  serve_at_nats(std::chrono::seconds(60));
  NatsClient floods(*nats_);
  for (int i = 0; i < 300; ++i) floods.send_to_nobody(900'000);
  floods.call("_INBOX.tenon.a.1");
  EXPECT_TRUE(floods.receives("Description: out of memory\r\nStatus: 503"));
  NatsClient client(*nats_);
  client.call("_INBOX.tenon.c.1");
  EXPECT_TRUE(client.receives("Description: out of memory\r\nStatus: 503"));
  serve_for(10 * kPause);
  NatsClient later(*nats_);
  later.call("_INBOX.tenon.b.1");
  EXPECT_TRUE(serve_until_called({&later}));
}

}  // namespace
}  // namespace tenon::remote::leaving_peers_test
