// The memory that the calls of a server take, whatever their clients send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

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
    "the parameters of all calls, and items of their streams, take more than 192KiB";

// A function with streams of strings.
std::shared_ptr<const call::FunctionShape> shape_with_streams(const char* type) {
  auto shape = std::make_shared<call::FunctionShape>(*call::shape_of(value::function_of(type)));
  auto kind = std::make_shared<const runtime::StreamKind>(
      "stream<string>", 1, runtime::StreamKind::Is::Stream,
      call::shape_of(value::function_of("(item: string)")), runtime::StreamOptions());
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

class ServerMemory : public ServerTest {
 protected:
  void serve_streams(const char* type, const ServerLimits& limits) {
    serve(shape_with_streams(type), limits);
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

TEST_F(ServerMemory, AnUnfinishedItemOfAStreamCounts) {
  serve_streams("(texts: stream<string>)", {.memory = 192 << 10});
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
  serve_streams("(texts: list<stream<string>>)", {});
  // An item takes 128 KiB when its first byte has arrived.
  constexpr std::uint32_t kStreams = 2200;
  Bytes count;
  append_leb128(count, kStreams);
  std::string call =
      std::string(kHeader) +
      frame({}, std::string(count.begin(), count.end()) + std::string(kStreams, '\0'));
  for (std::uint32_t i = 0; i < kStreams; ++i) call += frame({0, i}, chunk(1'000'000, 999'999));
  connect(call);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_,
              ElementsAre("the unfinished items of its streams take more than 256 MiB"));
}

}  // namespace
}  // namespace tenon::remote::server_memory_test
