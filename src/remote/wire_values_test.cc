#include "remote/wire_values.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "remote/test_calls.h"
#include "support/leb128.h"
#include "support/limits.h"
#include "support/test_vectors.h"
#include "tenon/value.h"
#include "value/random_values.h"
#include "value/test_types.h"

namespace tenon::remote::wire_values_test {
namespace {

using abi::AbiError;
using abi::AbiErrorKind;
using abi::HandlePart;
using abi::ResourceToken;
using abi::ValueArena;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The data of the root channel that the client of a vector sent.
Bytes root_of(const nlohmann::json& vector) {
  Bytes data;
  for (const nlohmann::json& frame : vector.at("c2s_frames")) {
    if (!frame.at("path").empty()) continue;
    const Bytes piece = from_hex(text_of(frame, "data"));
    data.insert(data.end(), piece.begin(), piece.end());
  }
  return data;
}

class ValueVectors : public testing::TestWithParam<const char*> {};

TEST_P(ValueVectors, AreWrittenAndReadAsThePeerDid) {
  const std::string file = GetParam();
  const bool is_newest = file.find("rust030.jsonl") != std::string::npos;
  const Dialect dialect = dialect_of(file);
  std::map<std::string, nlohmann::json> vectors;
  for (nlohmann::json& vector : read_vectors(file)) {
    const std::string id = text_of(vector, "id");
    vectors.emplace(id, std::move(vector));
  }
  for (const VectorCall& call : kVectorCalls) {
    SCOPED_TRACE(call.id);
    if (!vectors.contains(call.id)) {
      EXPECT_FALSE(is_newest);
      continue;
    }
    const Bytes bytes = root_of(vectors.at(call.id));
    TestFunction function(call.type);
    const std::vector<Value> arguments = arguments_of(call, function);
    const std::string text = print_all(arguments);
    EXPECT_EQ(function.read(bytes, dialect), text);
    EXPECT_EQ(function.read(bytes, dialect, 1), text);
    if (is_newest) {
      EXPECT_EQ(to_hex(function.write(arguments)), to_hex(bytes));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ValueVectors,
                         testing::Values("wrpc-tcp-rust030.jsonl", "wrpc-tcp-rust029.jsonl",
                                         "wrpc-tcp-goclient-rust030server.jsonl",
                                         "wrpc-tcp-rust030client-goserver.jsonl"));

TEST(WireValues, RandomValuesComeBackInPiecesOfAnySize) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    value::RandomValues random(seed);
    auto graph = std::make_shared<value::TypeGraph>();
    types::Function signature;
    for (std::uint64_t i = 1 + seed % 3; i > 0; --i)
      signature.params.push_back(
          {fmt::format("p{}", i),
           random.add_type(graph->types, static_cast<std::uint32_t>(seed % 5))});
    const types::FunctionId id = graph->types.functions.add(signature);
    TestFunction function(value::make_function_type(graph, id));
    std::vector<Value> arguments;
    for (const TypeField& param : function.values.type().params())
      arguments.push_back(random.make_value(param.type));
    const std::string text = print_all(arguments);
    const Bytes bytes = function.write(arguments);
    for (const std::size_t step : {SIZE_MAX, std::size_t{1}, std::size_t{7}})
      ASSERT_EQ(function.read(bytes, {}, step), text);
    const Dialect go{.has_char_numbers = true};
    ASSERT_EQ(function.read(function.write(arguments, go), go), text);
    if (bytes.empty()) continue;
    const Bytes cut(bytes.begin(), bytes.end() - 1);
    ASSERT_THAT(function.read(cut), HasSubstr("needs more"));
  }
}

TEST(WireValues, HandlesAreBytesOfTheirOwner) {
  TestFunction function("(a: own<r>, b: borrow<r>)");
  const Bytes bytes = from_hex("086374722f00000000086374722f00000001");
  EXPECT_EQ(function.read(bytes), "#0, #1");
  EXPECT_THAT(function.handles.parts, ElementsAre(HandlePart{0, abi::Ownership::Own},
                                                  HandlePart{1, abi::Ownership::Borrow}));
  const auto handle = [](std::uint64_t id) { return Value::handle({"r", id, nullptr}); };
  EXPECT_EQ(to_hex(function.write({handle(3), handle(4)})), "086374722f00000003086374722f00000004");
  EXPECT_EQ(function.read(from_hex("0201020000")), "in `a`: not one of mine");
}

TEST(WireValues, AHandleThatCannotBeGivenIsNamed) {
  TestFunction function("(a: list<record{x: u8, y: variant{none, some-of(own<r>)}}>)");
  const Value last = Value::variant("some-of", Value::handle({"r", 404, nullptr}));
  const std::vector<Value> arguments = {
      Value::list({Value::record({{"x", Value::u8(1)}, {"y", Value::variant("none")}}),
                   Value::record({{"x", Value::u8(2)}, {"y", last}})})};
  ValueArena arena;
  call::FakeHandles exchange;
  const auto address = function.values.write_params(arguments, arena, exchange);
  Bytes out;
  const auto written =
      WireWriter(arena, function.handles).write_params(function.layout, *address, out);
  ASSERT_FALSE(written);
  EXPECT_EQ(abi::describe(written.error()), "in `a[1].y.some-of`: it is gone");
}

TEST(WireValues, StreamsHaveTheChannelOfTheirPlace) {
  TestFunction function(
      "(a: u8, r: record{n: u8, s: stream<u64>}, l: list<option<future<u8>>>) -> "
      "tuple<u8, stream<u8>>");
  const auto end = [](std::uint64_t id) { return Value::handle({"s", id, nullptr}); };
  const std::vector<Value> arguments = {Value::u8(1),
                                        Value::record({{"n", Value::u8(2)}, {"s", end(5)}}),
                                        Value::list({Value::none(), Value::some(end(6))})};
  const Bytes bytes = function.write(arguments);
  EXPECT_EQ(to_hex(bytes), "01020002000100");
  EXPECT_THAT(function.handles.ends, ElementsAre(std::pair(ResourceToken{5}, IndexPath{1, 1}),
                                                 std::pair(ResourceToken{6}, IndexPath{2, 1})));
  function.handles.ends.clear();
  ValueArena arena;
  WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
  EXPECT_EQ(*reader.read(bytes), bytes.size());
  EXPECT_TRUE(reader.is_done());
  EXPECT_THAT(function.handles.ends, ElementsAre(std::pair(ResourceToken{77}, IndexPath{1, 1}),
                                                 std::pair(ResourceToken{77}, IndexPath{2, 1})));
  function.handles.ends.clear();
  EXPECT_EQ(to_hex(function.write_result(Value::tuple({Value::u8(9), end(8)}))), "0900");
  EXPECT_THAT(function.handles.ends, ElementsAre(std::pair(ResourceToken{8}, IndexPath{0, 1})));
}

// A peer of 0.18 sends a stream whose items it has with the value.
TEST(WireValues, AStreamCanComeWithItsItems) {
  for (const std::size_t step : {SIZE_MAX, std::size_t{1}}) {
    TestFunction function("(s: stream<u16>, after: u8)");
    const TestFunction item("(item: u16)");
    function.handles.item_layout = &item.layout;
    ValueArena arena;
    WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
    const Bytes bytes = from_hex("0103ac02010207");
    std::size_t taken = 0;
    for (std::size_t end = 0; end < bytes.size();) {
      end += std::min(step, bytes.size() - end);
      taken += *reader.read(std::span(bytes).subspan(taken, end - taken));
    }
    EXPECT_TRUE(reader.is_done());
    EXPECT_EQ(taken, bytes.size());
    ASSERT_EQ(function.handles.completed.size(), 1U);
    const auto [address, count] = function.handles.completed[0];
    EXPECT_EQ(count, 3U);
    std::uint16_t items[3];
    std::memcpy(items, function.handles.contents.memory().data() + address, sizeof items);
    EXPECT_THAT(items, ElementsAre(300, 1, 2));
  }
}

TEST(WireValues, ChunksOfAStream) {
  const TestFunction item("(item: string)");
  ValueArena arena;
  TestHandles handles;
  WireReader reader = WireReader::of_items(&item.layout, arena, handles);
  EXPECT_EQ(*reader.read(from_hex("0201610162ff")), 5U);
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(reader.item_count(), 2U);
  Bytes out;
  EXPECT_TRUE(WireWriter(arena, handles).write_items(item.layout, reader.address(), 2, out));
  EXPECT_EQ(to_hex(out), "0201610162");
  // Without a payload, a chunk is a number.
  WireReader counts = WireReader::of_items(nullptr, arena, handles);
  EXPECT_EQ(*counts.read(from_hex("ac02")), 2U);
  EXPECT_EQ(counts.item_count(), 300U);
}

TEST(WireValues, OverlongNumbersAreAccepted) {
  EXPECT_EQ(TestFunction("(n: u32)").read(from_hex("8780808000")), "7");
  EXPECT_EQ(TestFunction("(n: s16)").read(from_hex("fdff7f")), "-3");
  EXPECT_EQ(TestFunction("(s: string)").read(from_hex("81808080006a")), "\"j\"");
}

struct Bad {
  const char* params;
  const char* hex;
  const char* problem;
};

TEST(WireValues, EachMistakeOfAPeerIsNamed) {
  constexpr Bad kBad[] = {
      {"(n: u32)", "ffffffff1f", "in `n`: the number does not fit in 32 bits"},
      {"(n: u16)", "808004", "in `n`: the number does not fit in 16 bits"},
      {"(n: s64)", "ffffffffffffffffff01", "in `n`: the number does not fit in 64 bits"},
      {"(b: bool)", "02", "in `b`: invalid bool 2"},
      {"(c: char)", "ff", "in `c`: the char is not UTF-8"},
      {"(c: char)", "eda080", "in `c`: the char is not UTF-8"},
      {"(c: list<record{s: string}>)", "0201610261ff", "in `c[1].s`: the string is not UTF-8"},
      {"(e: enum{a, b})", "02", "in `e`: invalid discriminant 2: the type has 2 cases"},
      {"(v: variant{x(bool)})", "0009", "in `v.x`: invalid bool 9"},
      {"(f: flags{a, b, c})", "09", "in `f`: flag 3 is set: the type has 3"},
      {"(s: string)", "ffffffff1f", "in `s`: the length or case number does not fit in 32 bits"},
      {"(s: string)", "ffffffff0f", "in `s`: the string is too long"},
      {"(h: own<r>)", "8108", "in `h`: the handle has more than 1024 bytes"},
      {"(s: stream<u8>)", "02", "in `s`: invalid status 2 of a stream"},
      {"(s: future<u8>)", "ff", "in `s`: invalid status 255 of a future"},
      {"(l: list<list<u64>>)", "0201056b", "needs more: l[1][0]"},
      {"(t: tuple<u8, string>)", "0105616263", "needs more: t.1"},
  };
  for (const Bad& bad : kBad) {
    SCOPED_TRACE(bad.hex);
    EXPECT_EQ(TestFunction(bad.params).read(from_hex(bad.hex)), bad.problem);
  }
}

// Peers announce lengths that never come.
TEST(WireValues, MemoryGrowsWithTheBytesThatArrived) {
  for (const char* params : {"(l: list<u64>)", "(l: list<list<string>>)", "(s: string)"}) {
    TestFunction function(params);
    ValueArena arena;
    WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
    EXPECT_TRUE(reader.read(from_hex("ffffffff0701")));
    EXPECT_FALSE(reader.is_done());
    EXPECT_LT(arena.memory().size(), 1000U);
  }
}

// Bytes of a list are received in place, as far as its memory is allocated in advance.
TEST(WireValues, BytesAreReadWhereTheyWereReceived) {
  constexpr std::uint32_t kSize = 1U << 20;
  for (const char* params : {"(l: list<u8>)", "(s: string)", "(l: list<f32>)"}) {
    SCOPED_TRACE(params);
    TestFunction function(params);
    ValueArena arena;
    WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
    EXPECT_TRUE(reader.room(100).empty());
    EXPECT_EQ(*reader.read(from_hex("808040")), 3U);
    EXPECT_LE(reader.room(4).size(), 4U);
    std::size_t received = 0;
    while (!reader.is_done()) {
      const std::span<std::uint8_t> room = reader.room(SIZE_MAX);
      ASSERT_FALSE(room.empty());
      EXPECT_LE(room.size(), received + (1U << 18U));
      std::ranges::fill(room, std::uint8_t{'x'});
      EXPECT_EQ(*reader.read(room), room.size());
      received += room.size();
    }
    EXPECT_TRUE(reader.room(100).empty());
    std::uint32_t pair[2];
    std::memcpy(pair, arena.memory().data() + reader.address(), sizeof pair);
    EXPECT_EQ(pair[1], kSize);
    const auto contents = arena.memory().subspan(pair[0], received);
    EXPECT_TRUE(std::ranges::all_of(contents, [](std::uint8_t byte) { return byte == 'x'; }));
  }
  TestFunction others("(l: list<u32>)");
  ValueArena arena;
  WireReader reader = WireReader::of_params(others.layout, arena, others.handles);
  EXPECT_TRUE(reader.read(from_hex("05")));
  EXPECT_TRUE(reader.room(100).empty());
}

TEST(WireValues, ViewsAndSlicesAreTheSameBytes) {
  TestFunction function("(a: u8, l: list<u8>, n: list<u16>, s: string, b: list<bool>)");
  std::vector<Value> arguments;
  std::string numbers = "[1";
  for (int i = 0; i < 20'000; ++i) numbers += i % 2 == 0 ? ", 0" : ", 1";
  numbers += "]";
  std::string bools = "[true";
  for (int i = 0; i < 20'000; ++i) bools += ", false";
  bools += "]";
  for (const std::string& text :
       {std::string("5"), numbers, numbers, "\"" + std::string(20'000, 's') + "\"", bools})
    arguments.push_back(*parse_wave(text, function.values.type().params()[arguments.size()].type));
  const Bytes expected = function.write(arguments);

  ValueArena giver;
  call::FakeHandles exchange;
  const std::uint32_t at = *function.values.write_params(arguments, giver, exchange);
  ValueArena arena;
  arena.take_views();
  const std::uint32_t params =
      *function.shape->program.lift_params(abi::From::memory(giver, at), arena);
  for (const bool leaves_slices : {false, true}) {
    WireBytes out;
    WireWriter writer(arena, function.handles);
    writer.read_views(giver);
    if (leaves_slices) writer.leave_slices(out.slices);
    ASSERT_TRUE(writer.write_params(function.layout, params, out.bytes));
    EXPECT_EQ(out.slices.size(), leaves_slices ? 3U : 0U);
    EXPECT_EQ(out.size(), expected.size());
    out.own();
    EXPECT_TRUE(out.bytes == expected);
  }
}

// Lists of a guest can share memory, so the size of the memory does not limit their total size.
TEST(WireValues, ViewsAreLimited) {
  TestFunction function("(l: list<list<u8>>)");
  constexpr std::uint32_t kSize = 1U << 20;
  constexpr std::uint32_t kCount = 300;
  ValueArena giver;
  const std::uint32_t bytes = *giver.allocate(kSize, 1);
  const std::uint32_t lists = *giver.allocate(8 * kCount, 4);
  const std::uint32_t params = *giver.allocate(8, 4);
  std::ranges::fill(giver.memory(), std::uint8_t{0});
  const std::uint32_t list[2] = {bytes, kSize};
  for (std::uint32_t i = 0; i < kCount; ++i)
    std::memcpy(giver.memory().data() + lists + std::size_t{8} * i, list, sizeof list);
  const std::uint32_t outer[2] = {lists, kCount};
  std::memcpy(giver.memory().data() + params, outer, sizeof outer);
  ValueArena arena;
  arena.take_views();
  const std::uint32_t lifted =
      *function.shape->program.lift_params(abi::From::memory(giver, params), arena);
  WireBytes out;
  WireWriter writer(arena, function.handles);
  writer.read_views(giver);
  writer.leave_slices(out.slices);
  const auto written = writer.write_params(function.layout, lifted, out.bytes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, AbiErrorKind::Limit);
  EXPECT_EQ(written.error().path, "l[255]");
}

TEST(WireValues, TheNumberOfHandlesIsLimited) {
  TestFunction function("(l: list<own<r>>)");
  const Bytes handle = from_hex("086374722f00000007");
  for (const std::uint32_t count :
       {std::uint32_t{limits::kReceivedHandles}, std::uint32_t{limits::kReceivedHandles} + 1}) {
    Bytes bytes;
    append_leb128(bytes, count);
    for (std::uint32_t i = 0; i < count; ++i)
      bytes.insert(bytes.end(), handle.begin(), handle.end());
    ValueArena arena;
    WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
    const auto read = reader.read(bytes);
    EXPECT_EQ(read.has_value(), count == limits::kReceivedHandles);
    if (!read) {
      EXPECT_EQ(read.error().kind, AbiErrorKind::Limit);
    }
  }
}

TEST(WireValues, ALimitOfTheArenaEndsTheRead) {
  TestFunction function("(l: list<list<u8>>)");
  ValueArena arena(10'000);
  WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
  Bytes bytes = from_hex("ffff03");
  bytes.resize(20'000, 0);
  const auto read = reader.read(bytes);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, AbiErrorKind::Limit);
  EXPECT_FALSE(reader.read(bytes));
}

}  // namespace
}  // namespace tenon::remote::wire_values_test
