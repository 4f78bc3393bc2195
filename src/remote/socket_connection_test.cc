#include "remote/socket_connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "remote/frames.h"
#include "remote/reactor.h"

namespace tenon::remote::socket_connection_test {
namespace {

using Kind = Connection::Arrived::Kind;
using Slices = Connection::Slices;

class SocketConnections : public testing::Test {
 protected:
  SocketConnections() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    a_ =
        std::make_shared<SocketConnection>(*reactor_, Descriptor(ends[0]), AF_UNIX, nullptr, [] {});
    b_ =
        std::make_shared<SocketConnection>(*reactor_, Descriptor(ends[1]), AF_UNIX, nullptr, [] {});
  }

  // Sends and receives until everything has arrived. room: where the data goes.
  Bytes transfer(std::span<std::uint8_t> room = {}) {
    Bytes all;
    a_->finish();
    for (int turn = 0; turn < 10'000; ++turn) {
      a_->flush();
      const Connection::Arrived arrived = b_->read_into(room);
      all.insert(all.end(), arrived.data.begin(), arrived.data.end());
      if (arrived.kind == Kind::End) return all;
      if (arrived.kind == Kind::Nothing)
        reactor_->run(call::Clock::now() + std::chrono::milliseconds(100));
    }
    ADD_FAILURE() << "no end";
    return all;
  }

  std::shared_ptr<Reactor> reactor_ = *Reactor::make();
  std::shared_ptr<SocketConnection> a_;
  std::shared_ptr<SocketConnection> b_;
};

// More bytes than a socket accepts at once.
Bytes large() {
  Bytes bytes(std::size_t{1} << 21);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i / 257);
  return bytes;
}

TEST_F(SocketConnections, SlicesAreSentAsTheyWereAtTheFlush) {
  Bytes first = large();
  const Bytes second(20'000, 2);
  WireBytes data{.bytes = {1, 2, 3}, .slices = {{1, first}, {1, second}, {3, second}}};
  WireBytes owned = data;
  owned.own();
  Bytes expected;
  append_frame(expected, {4}, owned.bytes);
  a_->send_slices({4}, std::move(data), Slices::UntilFlush, true);
  EXPECT_EQ(a_->unsent(), expected.size());
  a_->flush();
  EXPECT_GT(a_->unsent(), 0U);
  std::ranges::fill(first, std::uint8_t{0});
  EXPECT_TRUE(transfer() == expected);
  EXPECT_EQ(a_->unsent(), 0U);
}

TEST_F(SocketConnections, SlicesThatStayAreNotCopied) {
  Bytes bytes = large();
  a_->send_slices({}, WireBytes{.bytes = {}, .slices = {{0, bytes}}}, Slices::UntilClosed, true);
  a_->flush();
  bytes.back() = 99;
  const Bytes received = transfer();
  ASSERT_GT(received.size(), bytes.size());
  EXPECT_EQ(received.back(), 99);
}

TEST_F(SocketConnections, WhatFollowsARoomIsReadNext) {
  const Bytes bytes = large();
  a_->send({}, bytes, true);
  Bytes expected;
  append_frame(expected, {}, bytes);
  Bytes room(10'000);
  EXPECT_TRUE(transfer(room) == expected);
}

// Buffers of ended calls are kept up to a limit.
TEST(Buffers, KeepMemoryUpToALimit) {
  Buffers buffers;
  const auto used = [](std::size_t size) { return Bytes(size, 1); };
  buffers.keep(used(100));
  EXPECT_EQ(buffers.take_bytes().capacity(), 0U);
  for (int i = 0; i < 10; ++i) buffers.keep(used(std::size_t{1} << 20));
  std::size_t kept = 0;
  for (std::size_t size = 1; size != 0; kept += size) {
    const Bytes bytes = buffers.take_bytes();
    EXPECT_TRUE(bytes.empty());
    size = bytes.capacity();
  }
  EXPECT_EQ(kept, std::size_t{1} << 23);
  abi::ValueArena arena;
  EXPECT_TRUE(arena.allocate(1U << 20, 1));
  buffers.keep(std::move(arena));
  abi::ValueArena again = buffers.take_arena();
  EXPECT_EQ(again.capacity(), 1U << 20);
  EXPECT_TRUE(again.bytes().empty());
}

}  // namespace
}  // namespace tenon::remote::socket_connection_test
