#include "remote/incoming.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "remote/test_calls.h"
#include "support/test_vectors.h"

namespace tenon::remote::incoming_test {
namespace {

using From = FrameReader::From;
using ::testing::StartsWith;

// Keeps what it gets. With a limit, it takes so many bytes at a time.
class Input final : public ChannelInput {
 public:
  Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override {
    const std::size_t size = std::min(bytes.size(), limit);
    data += to_hex(bytes.first(size));
    return size;
  }
  std::string data;
  std::size_t limit = SIZE_MAX;
};

// Adds bytes in pieces; goes on where a channel has no room. Returns the error, or nothing.
std::string add(Incoming& incoming, std::span<const std::uint8_t> bytes, std::size_t step) {
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    if (auto added = incoming.add(bytes.subspan(at, std::min(step, bytes.size() - at))); !added)
      return added.error();
    while (incoming.is_full())
      if (auto added = incoming.resume(); !added) return added.error();
    if (step > bytes.size()) break;
  }
  return "";
}

class IncomingVectors : public testing::TestWithParam<const char*> {};

TEST_P(IncomingVectors, AreReceivedInBothRoles) {
  std::map<std::string, nlohmann::json> vectors;
  for (nlohmann::json& vector : read_vectors(GetParam()))
    vectors.emplace(text_of(vector, "id"), vector);
  const Dialect dialect = dialect_of(GetParam());
  for (const VectorCall& call : kVectorCalls) {
    if (!vectors.contains(call.id)) continue;
    SCOPED_TRACE(call.id);
    const nlohmann::json& vector = vectors.at(call.id);
    TestFunction function(call.type);
    const std::string text = print_all(arguments_of(call, function));
    for (const std::size_t step : {SIZE_MAX / 2, std::size_t{1}, std::size_t{5}}) {
      abi::ValueArena arena;
      Incoming server(From::Client);
      const Bytes bytes = from_hex(text_of(vector, "c2s"));
      EXPECT_EQ(add(server, bytes, step), "");
      ASSERT_TRUE(server.has_header());
      EXPECT_EQ(server.instance(), text_of(vector, "instance"));
      EXPECT_EQ(server.function(), text_of(vector, "func"));
      EXPECT_TRUE(
          server.expect(WireReader::of_params(function.layout, arena, function.handles, dialect)));
      ASSERT_TRUE(server.has_values());
      EXPECT_EQ(function.print(server.address(), arena), text);
      EXPECT_TRUE(server.end());

      // The result of an `echo` is its argument. (The server of 0.30 closes after a Go `char`.)
      const Bytes answer = from_hex(text_of(vector, "s2c"));
      if (std::string_view(call.id).find("echo") != 0 || answer.empty()) continue;
      Incoming client(From::Server);
      EXPECT_TRUE(
          client.expect(WireReader::of_params(function.layout, arena, function.handles, dialect)));
      EXPECT_FALSE(client.has_values());
      EXPECT_EQ(add(client, answer, step), "");
      ASSERT_TRUE(client.has_values());
      EXPECT_EQ(function.print(client.address(), arena), text);
      EXPECT_TRUE(client.end());
    }
  }
}

TEST_P(IncomingVectors, StreamsGetTheDataOfTheirChannels) {
  for (const nlohmann::json& vector : read_vectors(GetParam())) {
    if (text_of(vector, "id") != "echo-streams") continue;
    TestFunction function("(r: record{numbers: stream<u64>, bytes: stream<u8>})");
    for (const std::size_t step : {SIZE_MAX / 2, std::size_t{1}, std::size_t{4}}) {
      for (const std::size_t limit : {SIZE_MAX, std::size_t{2}}) {
        abi::ValueArena arena;
        Input numbers;
        Input bytes;
        numbers.limit = bytes.limit = limit;
        Incoming server(From::Client);
        server.open({0, 0}, numbers);
        server.open({0, 1}, bytes);
        const Bytes sent = from_hex(text_of(vector, "c2s"));
        EXPECT_EQ(add(server, std::span(sent).first(40), step), "");
        EXPECT_TRUE(server.expect(WireReader::of_params(function.layout, arena, function.handles)));
        EXPECT_EQ(add(server, std::span(sent).subspan(40), step), "");
        EXPECT_TRUE(server.has_values());
        // Go ends a stream of numbers twice.
        EXPECT_THAT(numbers.data, StartsWith("02010201ac0200"));
        EXPECT_EQ(bytes.data, "03666f6f0362617200");
        EXPECT_TRUE(server.end());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, IncomingVectors,
                         testing::Values("wrpc-tcp-rust030.jsonl", "wrpc-tcp-rust029.jsonl",
                                         "wrpc-tcp-goclient-rust030server.jsonl",
                                         "wrpc-tcp-rust030client-goserver.jsonl"));

struct Client {
  explicit Client(const char* type) : function(type) {
    EXPECT_TRUE(incoming.expect(WireReader::of_params(function.layout, arena, function.handles)));
  }
  std::string add(const char* hex) {
    const Bytes bytes = from_hex(hex);
    return incoming_test::add(incoming, bytes, bytes.size());
  }
  std::string end() const {
    const auto ended = incoming.end();
    return ended ? "" : ended.error();
  }

  TestFunction function;
  abi::ValueArena arena;
  Incoming incoming{From::Server};
};

TEST(Incoming, AChannelWithoutRoomStopsAllOfThem) {
  Client client("(s: stream<u8>, n: u8)");
  Input input;
  input.limit = 1;
  client.incoming.open({0}, input);
  const Bytes bytes = from_hex("0001000100020102000109");
  EXPECT_TRUE(client.incoming.add(bytes));
  EXPECT_TRUE(client.incoming.is_full());
  EXPECT_EQ(input.data, "01");
  EXPECT_FALSE(client.incoming.has_values());
  EXPECT_TRUE(client.incoming.resume());
  EXPECT_FALSE(client.incoming.is_full());
  EXPECT_EQ(input.data, "0102");
  EXPECT_TRUE(client.incoming.has_values());
}

TEST(Incoming, DataOfAForgottenChannelIsAnError) {
  Client client("(s: stream<u8>)");
  Input input;
  client.incoming.open({0}, input);
  EXPECT_EQ(client.add("0001000100020102"), "");
  client.incoming.forget({0});
  EXPECT_THAT(client.add("0100020304"), testing::HasSubstr("unexpected data on channel 0"));
  EXPECT_EQ(input.data, "0102");
}

TEST(Incoming, WhatFollowsTheValuesIsIgnored) {
  Client client("(n: u8)");
  EXPECT_EQ(client.add("000309ffff00020102"), "");
  EXPECT_EQ(client.function.print(client.incoming.address(), client.arena), "9");
  EXPECT_EQ(client.end(), "");
}

// A client can have a note at the end of its frame, so a server reads on after an error.
TEST(Incoming, ValuesAreRefusedBeforeTheEndOfALongFrame) {
  const TestFunction function("(b: bool)");
  // The data of a frame of 3, 2^28 - 1, 2^28, 2^31 and 2^32 - 1 bytes; 2 is not a bool.
  const std::vector<const char*> frames = {"000302", "00ffffff7f02",
                                           "008080808001"
                                           "02",
                                           "008080808008"
                                           "02",
                                           "00ffffffff0f"
                                           "02"};
  for (const From from : {From::Client, From::Server})
    for (std::size_t i = 0; i < frames.size(); ++i) {
      TestHandles handles;
      abi::ValueArena arena;
      Incoming incoming(from);
      if (from == From::Client) {
        EXPECT_TRUE(
            incoming.add(from_hex("00"
                                  "00"
                                  "0166")));
      }
      EXPECT_TRUE(incoming.expect(WireReader::of_params(function.layout, arena, handles)));
      const auto added = incoming.add(from_hex(frames[i]));
      EXPECT_EQ(added ? "" : added.error(),
                from == From::Client && i < 3 ? "" : "in `b`: invalid bool 2")
          << frames[i];
    }
}

TEST(Incoming, NothingIsExpectedOfAFunctionWithoutAResult) {
  for (const char* hex : {"", "0000", "0001ff"}) {
    Incoming incoming(From::Server);
    EXPECT_TRUE(incoming.expect_nothing());
    EXPECT_TRUE(incoming.add(from_hex(hex)));
    EXPECT_EQ(incoming.has_values(), *hex != 0) << "an empty frame says that it has succeeded";
    EXPECT_TRUE(incoming.end());
  }
  Client client("()");
  EXPECT_TRUE(client.incoming.has_values());
}

TEST(Incoming, EachMistakeOfAPeerIsNamed) {
  EXPECT_EQ(Client("(n: u8)").add("01000101"),
            "unexpected data on channel 0: the values have no stream or future there");
  EXPECT_EQ(Client("(n: u8)").add("0202030101"),
            "unexpected data on channel 2.3: the values have no stream or future there");
  EXPECT_EQ(Client("(b: bool)").add("000102"), "in `b`: invalid bool 2");
  EXPECT_EQ(Client("(b: bool)").add("21"), "a channel has 33 indices, more than the limit of 32");
}

// The requests that Rust and Go servers got in tests/vectors/wrpc-tcp-errors.jsonl, as far as they
// agree on them.
TEST(Incoming, MalformedRequestsAreJudgedAsByOtherServers) {
  const std::map<std::string, std::pair<const char*, const char*>> kExpected = {
      {"bad-version-byte", {"()", "unsupported framing version 1 (expected 0)"}},
      {"unknown-path",
       {"(s: string)", "unexpected data on channel 5: the values have no stream or future there"}},
      {"truncated-params", {"(a: u32, b: string)", "the data ends within `b`"}},
      {"extra-params", {"(n: u32)", ""}},
      {"split-root", {"(s: string)", ""}},
      {"overlong-leb", {"(o: option<u32>)", ""}},
      {"bad-bool-option",
       {"(o: option<u32>)", "in `o`: invalid discriminant 2: the type has 2 cases"}},
      {"enum-out-of-range",
       {"(c: enum{red, green, blue})", "in `c`: invalid discriminant 7: the type has 3 cases"}},
      {"no-frames", {"()", ""}}};
  std::size_t judged = 0;
  for (const nlohmann::json& vector : read_vectors("wrpc-tcp-errors.jsonl")) {
    const auto expected = kExpected.find(text_of(vector, "id"));
    if (expected == kExpected.end()) continue;
    SCOPED_TRACE(expected->first);
    TestFunction function(expected->second.first);
    abi::ValueArena arena;
    Incoming server(From::Client);
    const Bytes bytes = from_hex(text_of(vector, "c2s"));
    std::string error = add(server, bytes, bytes.size());
    if (server.has_header()) {
      const auto begun =
          server.expect(WireReader::of_params(function.layout, arena, function.handles));
      const auto ended = begun ? server.end() : begun;
      if (!ended) error = ended.error();
    }
    EXPECT_EQ(error, expected->second.second);
    ++judged;
  }
  EXPECT_EQ(judged, 3 * kExpected.size());
}

// Bytes in the middle of a list are received directly into the memory of the list.
TEST(Incoming, BytesAreReceivedWhereTheyBelong) {
  TestFunction function("(n: u8, l: list<u8>, m: u8)");
  Bytes data = {9, 0x80, 0x80, 0x04};  // 65536 elements
  for (std::size_t i = 0; i < 65'536; ++i) data.push_back(static_cast<std::uint8_t>(i / 251));
  data.push_back(8);
  Bytes bytes;
  append_frame(bytes, {}, std::span(data).first(50'000));
  append_frame(bytes, {}, std::span(data).subspan(50'000));
  abi::ValueArena arena;
  Incoming client(From::Server);
  ASSERT_TRUE(client.expect(WireReader::of_params(function.layout, arena, function.handles)));
  std::size_t in_place = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint8_t small[100];
    std::span<std::uint8_t> room = client.room();
    if (room.empty())
      room = small;
    else
      in_place += room.size();
    const std::size_t size = std::min(room.size(), bytes.size() - at);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, room.begin());
    ASSERT_TRUE(client.add(room.first(size)));
    at += size;
  }
  EXPECT_GT(in_place, 65'000U);
  ASSERT_TRUE(client.has_values());
  abi::ValueArena copied;
  WireReader copies = WireReader::of_params(function.layout, copied, function.handles);
  ASSERT_EQ(*copies.read(data), data.size());
  EXPECT_EQ(function.print(client.address(), arena), function.print(copies.address(), copied));
}

TEST(Incoming, AnEarlyEndIsNamed) {
  Client client("(l: list<string>)");
  EXPECT_EQ(client.end(), "the data ends within `l`");
  EXPECT_EQ(client.add("000302"), "");
  EXPECT_EQ(client.end(), "the data ends within a frame");
  EXPECT_EQ(client.add("0161"), "");
  EXPECT_EQ(client.end(), "the data ends within `l[1]`");
  EXPECT_EQ(client.add("000100"), "");
  EXPECT_EQ(client.end(), "");
  Incoming server(From::Client);
  EXPECT_TRUE(server.add(from_hex("000161")));
  EXPECT_EQ(server.end().error(), "the data ends within the header");
}

}  // namespace
}  // namespace tenon::remote::incoming_test
