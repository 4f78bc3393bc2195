#include "remote/socket_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "remote/reactor.h"

namespace tenon::remote::socket_link_test {
namespace {

using Kind = Connection::Arrived::Kind;
using ::testing::HasSubstr;

constexpr std::size_t kServed = 256;  // calls that a server begins before others have ended

// A client and a server, whose calls are connections by their numbers.
class SocketLinks : public testing::Test {
 protected:
  SocketLinks() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    client_socket_ = socket(ends[0]);
    server_socket_ = socket(ends[1]);
  }

  std::shared_ptr<SocketConnection> socket(int descriptor) {
    return std::make_shared<SocketConnection>(*reactor_, Descriptor(descriptor), AF_UNIX, nullptr,
                                              [] {});
  }
  void open_client() {
    client_->open(client_socket_, 1, [] {});
  }
  void open_server(const Bytes& first) {
    server_->serve(
        server_socket_, first,
        [this](std::uint32_t number) {
          served_[number] = std::make_shared<LinkedConnection>(server_, number, [] {});
        },
        [] {});
  }
  void open() {
    open_client();
    open_server({});
    step();
    ASSERT_TRUE(client_->is_ready());
  }
  std::shared_ptr<Connection> call() {
    return SocketLink::connect(client_, [] {});
  }
  // Moves what there is to move.
  void step() {
    for (int i = 0; i < 64; ++i) {
      client_->step();
      server_->step();
      reactor_->run(call::Clock::now() + std::chrono::milliseconds(1));
    }
  }
  // Sends bytes to the server as they are.
  void send_raw(Bytes bytes) {
    client_socket_->send_bytes(std::move(bytes));
    client_socket_->flush();
    step_server();
  }
  void step_server() {
    for (int i = 0; i < 4; ++i) {
      server_->step();
      reactor_->run(call::Clock::now() + std::chrono::milliseconds(1));
    }
  }

  // Everything that has arrived, and what follows.
  static std::pair<Bytes, Kind> read(Connection& connection) {
    Bytes all;
    while (true) {
      const Connection::Arrived arrived = connection.read();
      if (arrived.kind != Kind::Data) return {all, arrived.kind};
      all.insert(all.end(), arrived.data.begin(), arrived.data.end());
    }
  }
  static void send(Connection& connection, Bytes data) {
    connection.send({}, std::move(data), true);
    connection.finish();
    connection.flush();
  }

  std::shared_ptr<Reactor> reactor_ = *Reactor::make();
  std::shared_ptr<SocketConnection> client_socket_;
  std::shared_ptr<SocketConnection> server_socket_;
  std::shared_ptr<SocketLink> client_ = std::make_shared<SocketLink>();
  std::shared_ptr<SocketLink> server_ = std::make_shared<SocketLink>();
  std::map<std::uint32_t, std::shared_ptr<LinkedConnection>> served_;
};

TEST_F(SocketLinks, CallsHaveTheBytesOfConnectionsOfTheirOwn) {
  open();
  const auto a = call();
  const auto b = call();
  a->begin("i", "f", nullptr);
  send(*a, {7});
  b->begin("i", "g", nullptr);
  send(*b, {8});
  EXPECT_FALSE(a->has_sent());
  step();
  EXPECT_TRUE(a->has_sent());
  ASSERT_EQ(served_.size(), 2U);
  EXPECT_EQ(read(*served_[1]), (std::pair<Bytes, Kind>({0, 1, 'i', 1, 'f', 0, 1, 7}, Kind::End)));
  EXPECT_EQ(read(*served_[2]), (std::pair<Bytes, Kind>({0, 1, 'i', 1, 'g', 0, 1, 8}, Kind::End)));
  // The second one is answered first.
  send(*served_[2], {18});
  step();
  EXPECT_EQ(read(*a), (std::pair<Bytes, Kind>({}, Kind::Nothing)));
  EXPECT_EQ(read(*b), (std::pair<Bytes, Kind>({0, 1, 18}, Kind::End)));
  send(*served_[1], {17});
  step();
  EXPECT_EQ(read(*a), (std::pair<Bytes, Kind>({0, 1, 17}, Kind::End)));
  a->close();
  b->close();
  served_.clear();
  step();
  EXPECT_FALSE(client_->has_calls());
  EXPECT_FALSE(client_->is_leaving());
  EXPECT_FALSE(server_->has_calls());
}

TEST_F(SocketLinks, LargeAnswersTakeTurnsWithOthers) {
  open();
  const auto large = call();
  const auto small = call();
  send(*large, {1});
  send(*small, {2});
  step();
  const Bytes data(std::size_t{1} << 22, 9);
  send(*served_[1], data);
  EXPECT_GT(served_[1]->unsent(), data.size() / 2);
  send(*served_[2], {3});
  Bytes arrived;
  bool was_small_first = false;
  Kind kind = Kind::Nothing;
  for (int i = 0; i < 1000 && kind != Kind::End; ++i) {
    server_->step();
    client_->step();
    reactor_->run(call::Clock::now() + std::chrono::milliseconds(1));
    auto [part, next] = read(*large);
    arrived.insert(arrived.end(), part.begin(), part.end());
    kind = next;
    was_small_first = was_small_first || (kind != Kind::End && read(*small).second == Kind::End);
  }
  EXPECT_TRUE(was_small_first);
  EXPECT_EQ(arrived.size(), data.size() + 5);
  EXPECT_EQ(served_[1]->unsent(), 0U);
}

TEST_F(SocketLinks, TheMarkAndMessagesCanComeByteByByte) {
  open_server({'t'});
  for (const std::uint8_t byte : Bytes{'n', 'l', '1', 1, 5, 'x', 'y', 0x81, 0x80, 0})
    send_raw({byte});
  EXPECT_EQ(server_->failure(), "");
  ASSERT_EQ(served_.size(), 1U);
  EXPECT_EQ(read(*served_[1]), (std::pair<Bytes, Kind>({'x', 'y'}, Kind::End)));
}

TEST_F(SocketLinks, BytesOfOtherProtocolsEndTheLink) {
  const std::vector<std::pair<Bytes, const char*>> cases = {
      {{'t', 'n', 'l', '2'}, "bytes of another protocol"},
      {{'t', 'n', 'l', '1', 0, 3}, "a message for call 0"},
      {{'t', 'n', 'l', '1', 0xff, 0xff, 0xff, 0xff, 0x1f}, "does not fit in 32 bits"},
      {{'t', 'n', 'l', '1', 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0}, "does not fit in 32 bits"},
  };
  for (const auto& [bytes, failure] : cases) {
    SocketLink link;
    int ends[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    const Descriptor other(ends[0]);
    link.serve(socket(ends[1]), bytes, [](std::uint32_t) { ADD_FAILURE(); }, [] {});
    EXPECT_THAT(link.failure(), HasSubstr(failure));
    EXPECT_TRUE(link.is_closed());
  }
}

TEST_F(SocketLinks, AClientRefusesAnswersToCallsThatItDidNotMake) {
  open_client();
  server_socket_->send_bytes({'t', 'n', 'l', '1', 1, 1});
  server_socket_->flush();
  reactor_->run(call::Clock::now() + std::chrono::milliseconds(100));
  client_->step();
  EXPECT_EQ(client_->failure(), "the peer answered a call that was not made");
}

TEST_F(SocketLinks, ACallThatIsNotReadCannotFillTheMemory) {
  open_server({'t', 'n', 'l', '1'});
  Bytes message = {1, 0x80, 0x80, 0x08};  // 64 KiB
  message.resize(message.size() + (std::size_t{1} << 16), 5);
  for (int i = 0; i < 20; ++i) send_raw(message);
  const auto [data, end] = read(*served_[1]);
  EXPECT_EQ(data.size(), std::size_t{1} << 20);
  EXPECT_EQ(end, Kind::Failure);
  EXPECT_EQ(served_[1]->failure(), "more than 1 MiB wait to be read");
  EXPECT_FALSE(server_->is_closed());
}

TEST_F(SocketLinks, ACallThatOneSideClosesFailsAtTheOther) {
  open();
  const auto a = call();
  const auto b = call();
  send(*a, {1});
  send(*b, {2});
  step();
  (void)read(*served_[1]);
  served_[1]->reset();
  step();
  b->close();
  step();
  EXPECT_EQ(read(*a).second, Kind::Failure);
  EXPECT_EQ(a->failure(), "the peer ended the call");
  EXPECT_TRUE(client_->is_ready());
  // Data that has arrived can still be read.
  EXPECT_EQ(read(*served_[2]), (std::pair<Bytes, Kind>({0, 1, 2}, Kind::End)));
}

TEST_F(SocketLinks, AClientLeavesAServerThatIsSilent) {
  open();
  const auto a = call();
  send(*a, {1});
  step();
  a->close();
  EXPECT_FALSE(client_->is_ready());
}

TEST_F(SocketLinks, AServerThatLeavesFinishesWhatItHasBegun) {
  open();
  const auto begun = call();
  send(*begun, {1});
  step();
  ASSERT_EQ(served_.size(), 1U);
  server_->leave();
  const auto late = call();
  send(*late, {2});
  step();
  EXPECT_EQ(served_.size(), 1U);
  EXPECT_FALSE(client_->is_ready());
  EXPECT_EQ(read(*late).second, Kind::Failure);
  EXPECT_EQ(late->failure(), "the server is shutting down");
  EXPECT_FALSE(late->has_sent()) << "so that it can be made again";
  EXPECT_FALSE(server_->is_closed());
  send(*served_[1], {3});
  (void)read(*served_[1]);
  served_.clear();
  step();
  EXPECT_TRUE(server_->is_closed());
  EXPECT_EQ(server_->failure(), "");
  EXPECT_EQ(read(*begun), (std::pair<Bytes, Kind>({0, 1, 3}, Kind::End)));
}

TEST_F(SocketLinks, AServerBeginsALimitedNumberOfCalls) {
  open();
  std::vector<std::shared_ptr<Connection>> calls;
  for (std::size_t i = 0; i < kServed + 50; ++i) {
    calls.push_back(call());
    send(*calls.back(), {1});
  }
  step();
  EXPECT_EQ(served_.size(), kServed);
  for (std::uint32_t i = 1; i <= 40; ++i) {
    (void)read(*served_[i]);
    send(*served_[i], {2});
    served_[i]->close();
  }
  step();
  EXPECT_EQ(served_.size(), kServed + 40);
  EXPECT_EQ(read(*calls[39]).second, Kind::End);
}

TEST_F(SocketLinks, CallsFailWithTheirLink) {
  open();
  const auto a = call();
  send(*a, {1});
  step();
  const auto b = call();
  send(*b, {2});
  server_->close();
  step();
  EXPECT_EQ(read(*a).second, Kind::Failure);
  EXPECT_NE(a->failure(), "");
  EXPECT_TRUE(a->has_sent());
  EXPECT_EQ(read(*b).second, Kind::Failure);
  EXPECT_FALSE(b->has_sent());
}

TEST_F(SocketLinks, AnUnusedLinkIsNotReadyIfItsServerIsGone) {
  open();
  server_socket_->close();
  EXPECT_FALSE(client_->is_ready());
}

}  // namespace
}  // namespace tenon::remote::socket_link_test
