// Values as messages: `EncodedValues` for `Value`s, `GraphCodec` for arenas.
#include "packr/encoded_values.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "packr/buffers.h"
#include "packr/graph_codec.h"
#include "packr/shared_graph.h"
#include "runtime/resource_table.h"
#include "tenon/buffer.h"
#include "tenon/detail/host_codec.h"
#include "tenon/value.h"
#include "value/random_values.h"
#include "value/test_types.h"

namespace tenon::packr::encoded_values_test {
namespace {

using Bytes = std::vector<std::uint8_t>;

const std::shared_ptr<const TypeNamesOnWire> kNoNames = std::make_shared<const TypeNamesOnWire>();

std::string print_problems(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems)
    text += fmt::format("{}: {}: {}\n", problem.code, problem.where.item, problem.message);
  return text;
}

// A function whose values are read and written in both ways.
struct TestFunction {
  explicit TestFunction(FunctionType function)
      : type(function),
        encoded(function, kNoNames),
        canonical(function, call::shape_of(function)),
        codec(call::shape_of(function), value::graph_of(function)->types, *kNoNames) {}
  explicit TestFunction(std::string_view text) : TestFunction(value::function_of(text)) {}

  Bytes write_params(const std::vector<Value>& arguments) {
    abi::ValueArena arena;
    const auto address = encoded.write_params(arguments, arena, handles);
    EXPECT_TRUE(address) << print_problems(address.error());
    return address ? bytes_of(encoded_message(arena, *address)) : Bytes();
  }
  Result<Bytes> write_result(const Value& result) {
    abi::ValueArena arena;
    const auto address = encoded.write_result(result, arena, handles);
    if (!address) return address.error();
    return bytes_of(encoded_message(arena, *address));
  }
  Result<std::vector<Value>> read_params(const Bytes& message) {
    abi::ValueArena arena;
    return encoded.read_params(*add_message(message, arena), arena, handles);
  }
  Result<Value> read_result(std::span<const std::uint8_t> message) {
    abi::ValueArena arena;
    return encoded.read_result(*add_message(message, arena), arena, handles);
  }

  // The same through an arena in canonical form.
  Bytes write_canonical_params(const std::vector<Value>& arguments) {
    abi::ValueArena arena;
    GraphWriter writer;
    const auto address = canonical.write_params(arguments, arena, handles);
    EXPECT_TRUE(address) << print_problems(address.error());
    const auto message = codec.write_params(arena, *address, writer);
    EXPECT_TRUE(message) << message.error().message;
    return bytes_of(*message);
  }
  Bytes write_canonical_result(const Value& result) {
    abi::ValueArena arena;
    GraphWriter writer;
    const auto address = canonical.write_result(result, arena, handles);
    EXPECT_TRUE(address) << print_problems(address.error());
    const auto message = codec.write_result(arena, *address, writer);
    EXPECT_TRUE(message) << message.error().message;
    return bytes_of(*message);
  }
  std::vector<Value> read_canonical_params(const Bytes& message) {
    abi::ValueArena arena;
    const auto address = codec.read_params(message, arena);
    EXPECT_TRUE(address) << address.error().path << ": " << address.error().message;
    return *canonical.read_params(*address, arena, handles);
  }
  Value read_canonical_result(const Bytes& message) {
    abi::ValueArena arena;
    const auto address = codec.read_result(message, arena);
    EXPECT_TRUE(address) << address.error().path << ": " << address.error().message;
    return *canonical.read_result(*address, arena, handles);
  }
  // The problem, or "".
  std::string read_canonical_problem(std::span<const std::uint8_t> message) {
    abi::ValueArena arena;
    const auto address = codec.read_result(message, arena);
    return address ? std::string()
                   : fmt::format("{}: {}", address.error().path, address.error().message);
  }

  static Bytes bytes_of(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
  }

  FunctionType type;
  EncodedValues encoded;
  call::CanonicalValues canonical;
  GraphCodec codec;
  call::FakeHandles handles;
};

FunctionType random_function(value::RandomValues& random, int params) {
  value::TypeGraph graph;
  types::Function function;
  const std::array<std::string, 3> names = {"a", "b", "last-one"};
  for (int i = 0; i < params; ++i)
    function.params.push_back(
        {names[static_cast<std::size_t>(i)], random.add_type(graph.types, 4)});
  function.result = random.add_type(graph.types, 4);
  const types::FunctionId id = graph.types.functions.add(function);
  return value::make_function_type(std::make_shared<const value::TypeGraph>(std::move(graph)), id);
}

TEST(EncodedValues, BothWritersAgree) {
  value::RandomValues random(7);
  for (int round = 0; round < 400; ++round) {
    TestFunction function(random_function(random, round % 4));
    for (int i = 0; i < 10; ++i) {
      std::vector<Value> arguments;
      for (const TypeField& param : function.type.params())
        arguments.push_back(random.make_value(param.type));
      const Bytes params = function.write_params(arguments);
      EXPECT_EQ(params, function.write_canonical_params(arguments))
          << print_wave(Value::list(arguments));
      const auto read = function.read_params(params);
      ASSERT_TRUE(read) << print_problems(read.error()) << print_wave(Value::list(arguments));
      EXPECT_TRUE(*read == arguments) << print_wave(Value::list(arguments));
      EXPECT_TRUE(function.read_canonical_params(params) == arguments)
          << print_wave(Value::list(arguments));

      const Value result = random.make_value(*function.type.result());
      const auto message = function.write_result(result);
      ASSERT_TRUE(message) << print_problems(message.error());
      EXPECT_EQ(*message, function.write_canonical_result(result)) << print_wave(result);
      EXPECT_TRUE(*function.read_result(*message) == result) << print_wave(result);
      EXPECT_TRUE(function.read_canonical_result(*message) == result) << print_wave(result);
    }
  }
}

// A damaged message is rejected by both readers and by the check for functions that read the bytes
// themselves, or by none of them.
TEST(EncodedValues, BothReadersRejectTheSameMessages) {
  value::RandomValues random(8);
  int refused = 0;
  int accepted = 0;
  for (int round = 0; round < 300; ++round) {
    TestFunction function(random_function(random, 0));
    const Value result = random.make_value(*function.type.result());
    const Bytes message = *function.write_result(result);
    for (std::size_t at = 0; at < message.size(); at += 1 + message.size() / 16) {
      Bytes damaged = message;
      damaged[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
      for (const std::span<const std::uint8_t> bytes :
           {std::span<const std::uint8_t>(damaged), std::span(message).first(at)}) {
        const bool is_read = function.read_result(bytes).has_value();
        EXPECT_EQ(is_read, function.read_canonical_problem(bytes).empty())
            << print_wave(result) << " damaged at " << at << ": "
            << function.read_canonical_problem(bytes);
        EXPECT_EQ(is_read, function.encoded.check_result(bytes).has_value())
            << print_wave(result) << " damaged at " << at;
        ++(is_read ? accepted : refused);
      }
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(accepted, 10);
}

TEST(EncodedValues, FindsFieldsByNameAndCasesByPosition) {
  TestFunction written("() -> record{last-msg: string, count: u8}");
  TestFunction read("() -> record{count: u8, last-msg: string}");
  const Value value = Value::record({{"last-msg", Value::string("x")}, {"count", Value::u8(3)}});
  const Value same = Value::record({{"count", Value::u8(3)}, {"last-msg", Value::string("x")}});
  const Bytes message = *written.write_result(value);
  EXPECT_TRUE(*read.read_result(message) == same);
  EXPECT_TRUE(read.read_canonical_result(message) == same);
}

TEST(EncodedValues, ReportsAValueOfAnotherTypeWithItsPath) {
  const auto problem = [](std::string_view type, const Value& value) {
    const auto written = TestFunction(fmt::format("() -> {}", type)).write_result(value);
    if (written) return std::string("it fits");
    const Diagnostic& first = written.error().front();
    return fmt::format("{}: {}: {}", first.code, first.where.item, first.message);
  };
  EXPECT_EQ(problem("list<string>", Value::list({Value::string("a"), Value::u8(1)})),
            "value-type: $[1]: expected string, found u8");
  EXPECT_EQ(problem("record{a: u8}", Value::record({{"b", Value::u8(1)}})),
            "value-type: $: the field `a` is missing");
  EXPECT_EQ(problem("variant{a, b(u8)}", Value::variant("c")),
            "value-type: $: there is no case `c`");
  EXPECT_EQ(problem("variant{a, b(u8)}", Value::variant("b")),
            "value-type: $: `b` needs a payload");
  EXPECT_EQ(problem("variant{a, b(u8)}", Value::variant("a", Value::u8(1))),
            "value-type: $: `a` does not have a payload");
  EXPECT_EQ(problem("enum{a, b}", Value::enumerator("c")), "value-type: $: there is no case `c`");
  EXPECT_EQ(problem("flags{a, b}", Value::flags({"c"})), "value-type: $: there is no flag `c`");
  EXPECT_EQ(problem("tuple<u8, u8>", Value::tuple({Value::u8(1)})),
            "value-type: $: expected 2 values, found 1");
  EXPECT_EQ(problem("option<u8>", Value::some(Value::u16(1))),
            "value-type: $.some: expected u8, found u16");
}

TEST(EncodedValues, ReportsAMessageOfAnotherTypeWithItsPath) {
  const auto problem = [](std::string_view written, const Value& value, std::string_view read) {
    const Bytes message = *TestFunction(fmt::format("() -> {}", written)).write_result(value);
    return TestFunction(fmt::format("() -> {}", read)).read_canonical_problem(message);
  };
  EXPECT_EQ(problem("list<u8>", Value::list({Value::u8(1)}), "list<u16>"),
            "$: expected a list of u16, found one of u8");
  EXPECT_EQ(problem("list<string>", Value::list({Value::string("a")}), "list<list<u8>>"),
            "$[0]: expected list, found string");
  EXPECT_EQ(problem("record{a: u8}", Value::record({{"a", Value::u8(1)}}), "record{b: u8}"),
            "$: the field `b` is missing");
  EXPECT_EQ(problem("enum{a, b, c}", Value::enumerator("c"), "enum{a, b}"),
            "$: there is no case 2 of 2");
  EXPECT_EQ(problem("flags{a, b, c}", Value::flags({"c"}), "flags{a, b}"), "$: there is no flag 2");
  EXPECT_EQ(problem("result<u8, string>", Value::err(Value::string("x")), "result<u8, u8>"),
            "$.err: expected u8, found string");
}

// A short message can stand for a huge value, because it can refer to a node many times.
TEST(EncodedValues, LimitsTheNodesOfAValue) {
  SharedGraph graph;
  SharedGraph::Node node = graph.text("x");
  std::string type = "string";
  for (int i = 0; i < 4; ++i) {
    const SharedGraph::Node record = graph.record({{"x", node}});
    node = graph.list_of(NodeKind::Record, std::vector<SharedGraph::Node>(1000, record));
    type = fmt::format("list<record{{x: {}}}>", type);
  }
  const Bytes message = graph.finish(node);
  EXPECT_LT(message.size(), 20'000U);
  EXPECT_THAT(TestFunction(fmt::format("() -> {}", type)).read_canonical_problem(message),
              testing::HasSubstr("need too much memory"));
}

// All names of a shared record are read for each reference to it.
TEST(EncodedValues, LimitsWhatIsReadOfSharedNodes) {
  SharedGraph graph;
  const SharedGraph::Node text = graph.text("x");
  const SharedGraph::Node record =
      graph.record({{std::string(std::size_t{8} << 20U, 'y'), text}, {"x", text}});
  const SharedGraph::Node list =
      graph.list_of(NodeKind::Record, std::vector<SharedGraph::Node>(300, record));
  EXPECT_THAT(
      TestFunction("() -> list<record{x: string}>").read_canonical_problem(graph.finish(list)),
      testing::HasSubstr("need too much memory"));
}

// A function of a component that passes `record { parts: list<own<buffer>>, one: option<own<buffer>> }`.
class BufferCodec : public testing::Test {
 protected:
  BufferCodec() {
    types::Types types;
    const types::TypeId own = types.types.add({types::Own{types.resources.add({"buffer"})}});
    const types::TypeId list = types.types.add({types::List{own, {}}});
    const types::TypeId option = types.types.add({types::Option{own}});
    types::Function function;
    function.result = types.types.add({types::Record{{{"parts", list}, {"one", option}}}});
    auto layout = abi::lay_out_function(types, function);
    EXPECT_TRUE(layout);
    call::FunctionShape shape{.program = abi::CopyProgram::make(*std::move(layout))};
    shape.result_kinds = {&kind, &kind};
    codec.emplace(std::make_shared<const call::FunctionShape>(std::move(shape)), types,
                  TypeNamesOnWire());
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(sender.add(std::make_shared<tenon::Buffer>()));
  }

  static Bytes message(std::uint64_t first, std::uint64_t second, std::uint64_t third) {
    const GraphType type = GraphType::named(NodeKind::Record, "tenon:buffer");
    GraphWriter writer;
    writer.begin_record("");
    writer.field("parts");
    writer.begin_list(type);
    write_handle(writer, first);
    write_handle(writer, second);
    writer.end();
    writer.field("one");
    writer.begin_option(type);
    write_handle(writer, third);
    writer.end();
    writer.end();
    const auto bytes = writer.finish();
    EXPECT_TRUE(bytes);
    return {bytes->begin(), bytes->end()};
  }

  runtime::ResourceKind kind{
      .name = "buffer", .number = 1, .host_class = detail::host_class<tenon::Buffer>()};
  std::optional<GraphCodec> codec;
  BufferTable sender;
  runtime::ResourceTable resources;
  abi::ValueArena arena;
};

TEST_F(BufferCodec, PassesThemInsideOfOtherValues) {
  BufferTable receiver;
  {
    runtime::Transit transit(resources);
    PassedBuffers from(sender, resources, transit);
    const auto address = codec->read_result(message(1, 2, 1), arena, &from);
    ASSERT_TRUE(address) << describe(address.error());
    EXPECT_EQ(resources.size(), 3U);
    PassedBuffers to(receiver, resources, transit);
    GraphWriter writer;
    const auto written = codec->write_result(arena, *address, writer, &to);
    ASSERT_TRUE(written) << describe(written.error());
    EXPECT_EQ(Bytes(written->begin(), written->end()), message(1, 2, 3));
  }
  EXPECT_EQ(resources.size(), 0U);
  EXPECT_EQ(receiver.find(1), sender.find(1));
  EXPECT_EQ(receiver.find(2), sender.find(2));
  EXPECT_EQ(receiver.find(3), sender.find(1));
  EXPECT_TRUE(receiver.find(1)->is_finished());
}

TEST_F(BufferCodec, KeepsNoneOfAMessageThatDoesNotFit) {
  {
    runtime::Transit transit(resources);
    PassedBuffers from(sender, resources, transit);
    const auto read = codec->read_result(message(1, 9, 1), arena, &from);
    ASSERT_FALSE(read);
    EXPECT_EQ(describe(read.error()), "$.parts[1]: it passed the buffer 9, which it does not have");
    EXPECT_EQ(resources.size(), 1U);
  }
  EXPECT_EQ(resources.size(), 0U);
}

}  // namespace
}  // namespace tenon::packr::encoded_values_test
