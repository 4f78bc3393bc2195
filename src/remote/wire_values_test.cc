#include "remote/wire_values.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "remote/frames.h"
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
using ::testing::IsEmpty;

// Resources are their numbers: `ctr/` and four bytes. The streams that it was given are kept.
class TestHandles final : public WireHandles, public IncomingEnd {
 public:
  Result<Bytes, AbiError> give(HandlePart part, ResourceToken resource) override {
    parts.push_back(part);
    Bytes bytes = {'c', 't', 'r', '/'};
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      bytes.push_back(static_cast<std::uint8_t>(resource >> shift));
    return bytes;
  }
  Result<ResourceToken, AbiError> take(HandlePart part,
                                       std::span<const std::uint8_t> bytes) override {
    parts.push_back(part);
    if (bytes.size() != 8) return AbiError{AbiErrorKind::Guest, "not one of mine"};
    ResourceToken token = 0;
    for (const std::uint8_t byte : bytes.subspan(4)) token = token << 8 | byte;
    return token;
  }
  Result<void, AbiError> send(HandlePart, ResourceToken end, const IndexPath& channel) override {
    ends.emplace_back(end, channel);
    return {};
  }
  Result<Received, AbiError> receive(HandlePart, const IndexPath& channel) override {
    ends.emplace_back(77, channel);
    return Received{77, this};
  }

  const abi::FunctionLayout* item() const override { return item_layout; }
  ValueArena& arena() override { return contents; }
  WireHandles& handles() override { return *this; }
  void complete(std::uint32_t address, std::uint32_t count) override {
    completed.emplace_back(address, count);
  }

  std::vector<HandlePart> parts;
  std::vector<std::pair<ResourceToken, IndexPath>> ends;
  const abi::FunctionLayout* item_layout = nullptr;
  ValueArena contents;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> completed;
};

// A function, and its values in either form.
struct Function {
  explicit Function(const FunctionType& type)
      : shape(call::shape_of(type)), values(type, shape), layout(shape->program.layout()) {}
  explicit Function(const char* text) : Function(value::function_of(text)) {}

  Bytes write(const std::vector<Value>& arguments, Dialect dialect = {}) {
    ValueArena arena;
    call::FakeHandles exchange;
    const auto address = values.write_params(arguments, arena, exchange);
    EXPECT_TRUE(address) << address.error()[0].message;
    Bytes out;
    const auto written = WireWriter(arena, handles, dialect).write_params(layout, *address, out);
    EXPECT_TRUE(written) << written.error().message;
    return out;
  }
  Bytes write_result(const Value& result) {
    ValueArena arena;
    call::FakeHandles exchange;
    Bytes out;
    EXPECT_TRUE(WireWriter(arena, handles)
                    .write_result(layout, *values.write_result(result, arena, exchange), out));
    return out;
  }
  // The parameters as text, read in pieces of `step` bytes; the error as text.
  std::string read(const Bytes& bytes, Dialect dialect = {}, std::size_t step = SIZE_MAX) {
    ValueArena arena;
    WireReader reader = WireReader::of_params(layout, arena, handles, dialect);
    std::size_t taken = 0;
    for (std::size_t end = 0; !reader.is_done();) {
      if (end == bytes.size() && end > 0) return "needs more: " + reader.place();
      end += std::min(step, bytes.size() - end);
      const auto read = reader.read(std::span(bytes).subspan(taken, end - taken));
      if (!read) return abi::describe(read.error());
      taken += *read;
      if (bytes.empty() && !reader.is_done()) return "needs more: " + reader.place();
    }
    EXPECT_EQ(taken, bytes.size());
    call::FakeHandles exchange;
    const auto params = values.read_params(reader.address(), arena, exchange);
    if (!params) return params.error()[0].message;
    std::string text;
    for (const Value& param : *params)
      text +=
          (text.empty() ? "" : ", ") + (param.get_if<ValueHandle>() != nullptr
                                            ? fmt::format("#{}", param.get_if<ValueHandle>()->id)
                                            : print_wave(param));
    return text;
  }

  std::shared_ptr<const call::FunctionShape> shape;
  call::CanonicalValues values;
  const abi::FunctionLayout& layout;
  TestHandles handles;
};

// The calls of the vectors: the types of vec:all/calls, and what was passed, as WAVE.
struct Call {
  const char* id;
  const char* params;
  std::vector<const char*> arguments;
};

#define POINT "record{x: s32, y: u64, name: string, on: bool}"
#define SHAPE "variant{none, circle(f64), named(string), poly(list<" POINT ">)}"

const Call kCalls[] = {
    {"echo-string", "(s: string)", {"\"hello, wörld\""}},
    {"echo-record", "(p: " POINT ")", {"{x: -3, y: 1099511627776, name: \"pt\", on: true}"}},
    {"echo-option-none", "(o: option<u32>)", {"none"}},
    {"echo-option-some-624485", "(o: option<u32>)", {"some(624485)"}},
    {"echo-result-ok", "(r: result<string, enum{red, green, blue}>)", {"ok(\"yes\")"}},
    {"echo-result-err-green", "(r: result<string, enum{red, green, blue}>)", {"err(green)"}},
    {"echo-unit-result-err", "(r: result)", {"err"}},
    {"echo-variant-none", "(v: " SHAPE ")", {"%none"}},
    {"echo-variant-circle-1.5", "(v: " SHAPE ")", {"circle(1.5)"}},
    {"echo-variant-poly",
     "(v: " SHAPE ")",
     {"poly([{x: -3, y: 1099511627776, name: \"a\", on: true}, "
      "{x: -3, y: 1099511627776, name: \"b\", on: true}])"}},
    {"echo-enum-blue", "(c: enum{red, green, blue})", {"blue"}},
    {"echo-flags-a-c-i", "(p: flags{a, b, c, d, e, f, g, h, i})", {"{a, c, i}"}},
    {"echo-wide-w0-w19",
     "(p: flags{w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17, "
     "w18, w19})",
     {"{w0, w19}"}},
    {"echo-tuple",
     "(t: tuple<u8, s8, u16, s16, s64, f32, f64, char>)",
     {"(200, -2, 300, -300, -1099511627776, 1.5, nan, 'A')"}},
    {"echo-list-string", "(l: list<string>)", {"[\"a\", \"\", \"ccc\"]"}},
    {"echo-char-u3042", "(c: char)", {"'あ'"}},
    {"no-params", "()", {}},
    {"no-result", "(n: u32)", {"7"}},
    {"two-params", "(a: u32, b: string)", {"5", "\"x\""}},
};

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
  Dialect dialect;
  dialect.has_wide_flags = file.find("rust029") != std::string::npos;
  dialect.has_char_numbers = file.find("goclient") != std::string::npos;
  std::map<std::string, nlohmann::json> vectors;
  for (nlohmann::json& vector : read_vectors(file)) {
    const std::string id = text_of(vector, "id");
    vectors.emplace(id, std::move(vector));
  }
  for (const Call& call : kCalls) {
    SCOPED_TRACE(call.id);
    if (!vectors.contains(call.id)) {
      EXPECT_FALSE(is_newest);
      continue;
    }
    const Bytes bytes = root_of(vectors.at(call.id));
    Function function(call.params);
    std::vector<Value> arguments;
    std::string text;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      arguments.push_back(*parse_wave(call.arguments[i], function.values.type().params()[i].type));
      text += (text.empty() ? "" : ", ") + print_wave(arguments.back());
    }
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
    Function function(value::make_function_type(graph, id));
    std::vector<Value> arguments;
    std::string text;
    for (const TypeField& param : function.values.type().params()) {
      arguments.push_back(random.make_value(param.type));
      text += (text.empty() ? "" : ", ") + print_wave(arguments.back());
    }
    const Bytes bytes = function.write(arguments);
    for (const std::size_t step : {SIZE_MAX, std::size_t{1}, std::size_t{7}})
      ASSERT_EQ(function.read(bytes, {}, step), text);
    for (const Dialect& dialect : {Dialect{.has_char_numbers = true}})
      ASSERT_EQ(function.read(function.write(arguments, dialect), dialect), text);
    if (bytes.empty()) continue;
    const Bytes cut(bytes.begin(), bytes.end() - 1);
    ASSERT_THAT(function.read(cut), HasSubstr("needs more"));
  }
}

TEST(WireValues, HandlesAreBytesOfTheirOwner) {
  Function function("(a: own<r>, b: borrow<r>)");
  const Bytes bytes = from_hex("086374722f00000000086374722f00000001");
  EXPECT_EQ(function.read(bytes), "#0, #1");
  EXPECT_THAT(function.handles.parts, ElementsAre(HandlePart{0, abi::Ownership::Own},
                                                  HandlePart{1, abi::Ownership::Borrow}));
  const auto handle = [](std::uint64_t id) { return Value::handle({"r", id, nullptr}); };
  EXPECT_EQ(to_hex(function.write({handle(3), handle(4)})), "086374722f00000003086374722f00000004");
  EXPECT_EQ(function.read(from_hex("0201020000")), "in `a`: not one of mine");
}

TEST(WireValues, StreamsHaveTheChannelOfTheirPlace) {
  Function function(
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
    Function function("(s: stream<u16>, after: u8)");
    const Function item("(item: u16)");
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
  const Function item("(item: string)");
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
  EXPECT_EQ(Function("(n: u32)").read(from_hex("8780808000")), "7");
  EXPECT_EQ(Function("(n: s16)").read(from_hex("fdff7f")), "-3");
  EXPECT_EQ(Function("(s: string)").read(from_hex("81808080006a")), "\"j\"");
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
      {"(s: string)", "ffffffff1f", "in `s`: its length or case does not fit in 32 bits"},
      {"(s: string)", "ffffffff0f", "in `s`: the string is too long"},
      {"(h: own<r>)", "8108", "in `h`: the handle has more than 1024 bytes"},
      {"(s: stream<u8>)", "02", "in `s`: invalid status 2 of a stream"},
      {"(s: future<u8>)", "ff", "in `s`: invalid status 255 of a future"},
      {"(l: list<list<u64>>)", "0201056b", "needs more: l[1][0]"},
      {"(t: tuple<u8, string>)", "0105616263", "needs more: t.1"},
  };
  for (const Bad& bad : kBad) {
    SCOPED_TRACE(bad.hex);
    EXPECT_EQ(Function(bad.params).read(from_hex(bad.hex)), bad.problem);
  }
}

// Peers announce lengths that never come.
TEST(WireValues, MemoryGrowsWithTheBytesThatArrived) {
  for (const char* params : {"(l: list<u64>)", "(l: list<list<string>>)", "(s: string)"}) {
    Function function(params);
    ValueArena arena;
    WireReader reader = WireReader::of_params(function.layout, arena, function.handles);
    EXPECT_TRUE(reader.read(from_hex("ffffffff0701")));
    EXPECT_FALSE(reader.is_done());
    EXPECT_LT(arena.memory().size(), 1000U);
  }
}

TEST(WireValues, ALimitOfTheArenaEndsTheRead) {
  Function function("(l: list<list<u8>>)");
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
