// The memory that the calls of a server take, whatever their clients send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "call/fake_port.h"
#include "remote/frames.h"
#include "runtime/channel.h"
#include "support/leb128.h"
#include "tests/support/test_server.h"

namespace tenon::remote::server_memory_test {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kTooMuch =
    "the parameters and results of all calls, and items of their streams, take more than 192KiB";

// A function with streams. item: of them
std::shared_ptr<const call::FunctionShape> shape_with_streams(const std::string& type,
                                                              const std::string& item) {
  auto shape = std::make_shared<call::FunctionShape>(*call::shape_of(value::function_of(type)));
  auto kind = std::make_shared<const runtime::StreamKind>(
      "stream<" + item + ">", 1, runtime::StreamKind::Is::Stream,
      call::shape_of(value::function_of("(item: " + item + ")")), runtime::StreamOptions());
  shape->param_kinds = {&kind->handle};
  shape->streams = {std::move(kind)};
  return shape;
}

std::string frame(const IndexPath& channel, std::string_view data) {
  Bytes bytes;
  append_frame(bytes, channel, Bytes(data.begin(), data.end()));
  return {bytes.begin(), bytes.end()};
}

// A chunk of one string, of which so many bytes are missing.
std::string chunk(std::uint32_t size, std::uint32_t missing) {
  Bytes bytes = {1};
  append_leb128(bytes, size);
  return std::string(bytes.begin(), bytes.end()) + std::string(size - missing, 'a');
}

// A call with one stream, and items of it.
std::string call_with(std::string_view items) {
  return std::string(kHeader) + frame({}, std::string_view("\0", 1)) + frame({0}, items);
}

// A message of a call on a shared connection.
std::string message(std::uint32_t call, std::string_view data) {
  Bytes bytes;
  append_leb128(bytes, call);
  append_leb128(bytes, static_cast<std::uint32_t>(data.size() << 1U));
  return std::string(bytes.begin(), bytes.end()) + std::string(data);
}

class ServerMemory : public ServerTest {
 protected:
  // Sends it in parts, which the server receives meanwhile.
  void send(int client, std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, 50'000);
      EXPECT_EQ(::send(client, part.data(), part.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(part.size()));
      bytes.remove_prefix(part.size());
      serve_for(milliseconds(2));
    }
  }
  // The same, as fast as the server receives it, or until it ends the connection.
  void send_all(int client, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) return;
      bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
      serve_for(milliseconds(1));
    }
  }
  void serve_streams(const std::string& type, const std::string& item, const ServerLimits& limits) {
    serve(shape_with_streams(type, item), limits);
    echo_->waits = true;
  }
  bool serve_until_started(std::size_t count) {
    return serve_until([&] { return echo_->started.size() == count; });
  }
};

TEST_F(ServerMemory, TheParametersOfAllCallsHaveALimit) {
  serve_text({.memory = 192 << 10});
  // A string of 150,000 bytes, of which all but one have arrived.
  std::string most = std::string(kHeader) + std::string("\0\xf3\x93\x09\xf0\x93\x09", 7);
  most.append(149'999, 'a');
  const int first = connect(most);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 1; }));
  serve_for(milliseconds(50));
  connect(most);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre(kTooMuch));
  // Small ones have room.
  connect(std::string(kHeader) + std::string("\0\x02\x01x", 4));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 1; }));
  // The memory is free again after the call.
  EXPECT_EQ(::send(first, "a", 1, MSG_NOSIGNAL), 1);
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 2; }));
  connect(most + "a");
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 3; }));
}

TEST_F(ServerMemory, AResultThatIsNotTakenCounts) {
  serve_text({.memory = 8 << 20});
  // The system has room for 2 MiB of the result at most.
  constexpr std::uint32_t kSize = 6'000'000;
  Bytes params;
  append_leb128(params, kSize);
  const std::string text = std::string(params.begin(), params.end()) + std::string(kSize, 'a');
  const std::string call = std::string(kHeader) + frame({}, text);
  const int first = connect_to_file({});
  send_all(first, call);
  EXPECT_TRUE(serve_until([&] { return echo_->calls == 1; }));
  send_all(connect_to_file({}), call);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(
      failures_,
      ElementsAre("the parameters and results of all calls, and items of their streams, take more "
                  "than 8MiB"));
  // The memory is free again when the client has taken it.
  std::size_t taken = 0;
  for (int i = 0; i < 5000 && taken < kSize; ++i) {
    serve_for(milliseconds(1));
    for (std::string part = receive(first); !part.empty(); part = receive(first))
      taken += part.size();
  }
  EXPECT_GE(taken, kSize);
  send_all(connect_to_file({}), call);
  EXPECT_TRUE(serve_until([&] { return echo_->calls == 2; }));
  EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(ServerMemory, ALargeResultIsRefused) {
  serve_text({.memory = 192 << 10});
  echo_->waits = true;
  const std::string call = std::string(kHeader) + std::string("\0\x02\x01x", 4);
  connect(call);
  ASSERT_TRUE(serve_until_started(1));
  echo_->finish(0, 300'000);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre(std::string("its result cannot be sent: ") + kTooMuch));
  const int second = connect(call);
  ASSERT_TRUE(serve_until_started(1));
  echo_->finish(0, 150'000);
  EXPECT_TRUE(serve_until([&] { return !receive(second).empty(); }));
  EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(ServerMemory, AnUnfinishedItemOfAStreamCounts) {
  serve_streams("(texts: stream<string>)", "string", {.memory = 192 << 10});
  connect(call_with(chunk(150'000, 1)));
  ASSERT_TRUE(serve_until_started(1));
  serve_for(milliseconds(50));
  connect(call_with(chunk(150'000, 1)));
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre(kTooMuch));
  // Small ones have room.
  connect(call_with(chunk(50'000, 1)));
  EXPECT_TRUE(serve_until_started(2));
  serve_for(milliseconds(50));
  EXPECT_EQ(failures_.size(), 1U);
  // The memory is free again when its client has left.
  close_client(clients_.front());
  EXPECT_TRUE(serve_until_started(1));
  connect(call_with(chunk(100'000, 1)));
  EXPECT_TRUE(serve_until_started(2));
  serve_for(milliseconds(50));
  EXPECT_EQ(failures_.size(), 2U) << "that the client has left";
}

TEST_F(ServerMemory, TheUnfinishedItemsOfACallHaveALimit) {
  // An item that is not there takes a byte, and a kilobyte here, also for as many as have come so far.
  std::string item = "list<option<tuple<u64";
  for (int i = 1; i < 128; ++i) item += ", u64";
  item += ">>>";
  serve_streams("(lists: list<stream<" + item + ">>)", item, {});
  Bytes head = {1};
  append_leb128(head, std::uint32_t{200'000});
  const std::string items = std::string(head.begin(), head.end()) + std::string(65'600, '\0');
  connect(std::string(kHeader) + frame({}, std::string_view("\2\0\0", 3)) + frame({0, 0}, items) +
          frame({0, 1}, items));
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("the unfinished items of its streams take more than 256 MiB"));
}

TEST_F(ServerMemory, ASharedConnectionDropsWhatFollowsTheParameters) {
  serve({});
  echo_->waits = true;
  const int client = connect("tnl1" + message(1, std::string(kHeader) + std::string(kParams)));
  ASSERT_TRUE(serve_until_started(1));
  for (int i = 0; i < 40; ++i) send(client, message(1, std::string(50'000, 'x')));
  EXPECT_THAT(failures_, IsEmpty());
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().in_progress == 0; }));
  EXPECT_FALSE(receive(client).empty());
  EXPECT_EQ(server_->counts().failures, 0U);
}

TEST_F(ServerMemory, WhatWaitsOnASharedConnectionCounts) {
  serve_streams("(texts: stream<string>)", "string", {.memory = 1 << 20});
  // No more is read when so much waits.
  std::string items;
  for (int i = 0; i < 12; ++i) items += frame({0}, chunk(60'000, 0));
  const int client = connect("tnl1");
  send(client, message(1, call_with(chunk(60'000, 0)) + items));
  ASSERT_TRUE(serve_until_started(1));
  EXPECT_THAT(failures_, IsEmpty());
  send(client, message(2, call_with(chunk(60'000, 0)) + items));
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("the parameters and results of all calls, and items of their "
                                     "streams, take more than 1MiB"));
  EXPECT_EQ(echo_->started.size(), 1U);
}

TEST_F(ServerMemory, SmallCallsOfASharedConnectionHaveALimit) {
  serve_text({.connections = 2, .memory = 64 << 10});
  echo_->waits = true;
  const std::string call = std::string(kHeader) + std::string("\0\xb3\xea\x01\xb0\xea\x01", 7) +
                           std::string(30'000, 'a');
  const int client = connect("tnl1");
  for (std::uint32_t number = 1; number <= 20; ++number) send(client, message(number, call));
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_GE(echo_->started.size(), 4U);
  EXPECT_LE(echo_->started.size(), 6U);
  // A call that has ended makes room for another one.
  finish_calls();
  send(client, message(21, call));
  const std::size_t calls = server_->counts().calls;
  send(client, message(22, call));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls > calls; }));
}

}  // namespace
}  // namespace tenon::remote::server_memory_test
