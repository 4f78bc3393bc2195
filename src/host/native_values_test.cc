#include "host/native_values.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "abi/copy_program.h"
#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "tenon/value.h"
#include "value/random_values.h"
#include "value/test_types.h"

namespace tenon::host::native_values_test {
namespace {

using testing::ElementsAre;
using value::function_of;

// The pointer of a resource is its token.
class Pointers final : public RepExchange {
 public:
  void* take(abi::ResourceToken token, abi::HandlePart /*part*/) override {
    return reinterpret_cast<void*>(token);
  }
  abi::ResourceToken give(void* rep, abi::HandlePart /*part*/) override {
    tokens.push_back(reinterpret_cast<std::uintptr_t>(rep));
    return tokens.back();
  }
  tenon_stream take_stream(abi::ResourceToken /*token*/, abi::HandlePart /*part*/) override {
    return 0;
  }
  abi::ResourceToken give_stream(tenon_stream /*stream*/, abi::HandlePart /*part*/) override {
    return 0;
  }
  void give_taken() override {}
  void drop(void* /*rep*/, abi::HandlePart /*part*/) override {}
  void drop_stream(tenon_stream /*stream*/, abi::HandlePart /*part*/) override {}

  std::vector<std::uintptr_t> tokens;
};

// A function type, and the memory of one call.
class Call {
 public:
  explicit Call(const FunctionType& type) : shape_(call::shape_of(type)), values_(type, shape_) {
    lifted_.take_views();
  }
  explicit Call(std::string_view text) : Call(function_of(text)) {}

  // The arguments as native code receives them.
  std::span<tenon_value> params(const std::vector<Value>& arguments) {
    const auto written = values_.write_params(arguments, caller_, handles_);
    EXPECT_TRUE(written) << written.error()[0].message;
    const auto lifted = shape_->program.lift_params(abi::From::memory(caller_, *written), lifted_);
    EXPECT_TRUE(lifted) << lifted.error().message;
    const auto read = read_native_params(layout(),
                                         {.arena = lifted_,
                                          .address = *lifted,
                                          .caller_memory = caller_.memory(),
                                          .has_text_views = true},
                                         memory_, pointers);
    EXPECT_TRUE(read);
    return *read;
  }
  // The result in WAVE; or its problem: "path: message".
  std::string result(const tenon_value& value) {
    abi::ValueArena arena;
    const auto written = write_native_result(layout(), value, arena);
    if (!written) return fmt::format("{}: {}", written.error().path, written.error().message);
    give_handles(*written, arena, pointers);
    return print_wave(*values_.read_result(written->address, arena, handles_));
  }
  [[nodiscard]] bool is_of_caller(const void* pointer) {
    const auto memory = caller_.memory();
    const auto* const at = static_cast<const std::uint8_t*>(pointer);
    return at >= memory.data() && at < memory.data() + memory.size();
  }

  Pointers pointers;

 private:
  [[nodiscard]] const abi::FunctionLayout& layout() const { return shape_->program.layout(); }

  std::shared_ptr<const call::FunctionShape> shape_;
  call::CanonicalValues values_;
  call::FakeHandles handles_;
  abi::ValueArena caller_;
  abi::ValueArena lifted_;
  CallMemory memory_;
};

tenon_value scalar(std::uint8_t kind, std::uint64_t bits) {
  tenon_value value = {};
  value.kind = kind;
  value.of.u = bits;
  return value;
}
tenon_value text(std::string_view of) {
  tenon_value value = {};
  value.kind = TENON_STRING;
  value.of.str = {of.data(), of.size()};
  return value;
}
template <std::size_t kCount>
tenon_value items(std::uint8_t kind, std::array<tenon_value, kCount>& of) {
  tenon_value value = {};
  value.kind = kind;
  value.of.items = {of.data(), of.size()};
  return value;
}
tenon_value choice(std::uint8_t kind, std::uint32_t index, tenon_value* payload = nullptr) {
  tenon_value value = {};
  value.kind = kind;
  value.index = index;
  value.of.payload = payload;
  return value;
}

TEST(NativeValues, ValuesSurviveARoundTrip) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    value::RandomValues random(seed);
    auto graph = std::make_shared<value::TypeGraph>();
    const types::TypeId type = random.add_type(graph->types, 4);
    types::Function function;
    function.params.push_back({"x", type});
    function.result = type;
    const types::FunctionId id = graph->types.functions.add(std::move(function));
    const FunctionType echo = value::make_function_type(graph, id);
    const Value value = random.make_value(*echo.result());
    Call call(echo);
    const auto params = call.params({value});
    ASSERT_EQ(params.size(), 1U);
    EXPECT_EQ(call.result(params[0]), print_wave(value)) << "seed " << seed;
  }
}

TEST(NativeValues, StringsAndListsOfNumbersAreViewsOfTheCaller) {
  Call call("(text: string, many: list<u32>, flags: list<bool>, records: list<record{t: string}>)");
  const auto params =
      call.params({Value::string("tea"), Value::list(std::vector<std::uint32_t>{1, 2}),
                   Value::list(std::vector<bool>{true}),
                   Value::list({Value::record({{"t", Value::string("hot")}})})});
  ASSERT_EQ(params.size(), 4U);
  EXPECT_EQ(std::string_view(params[0].of.str.ptr, params[0].of.str.len), "tea");
  EXPECT_TRUE(call.is_of_caller(params[0].of.str.ptr));
  EXPECT_EQ(params[1].kind, TENON_PACKED);
  EXPECT_EQ(params[1].elem, TENON_U32);
  EXPECT_EQ(params[1].of.packed.len, 2U);
  EXPECT_TRUE(call.is_of_caller(params[1].of.packed.ptr));
  // The caller can store true as 7; native code sees a copy with 1.
  EXPECT_FALSE(call.is_of_caller(params[2].of.packed.ptr));
  EXPECT_EQ(*static_cast<const std::uint8_t*>(params[2].of.packed.ptr), 1);
  const tenon_value& inner = params[3].of.items.ptr[0].of.items.ptr[0];
  EXPECT_EQ(std::string_view(inner.of.str.ptr, inner.of.str.len), "hot");
  EXPECT_TRUE(call.is_of_caller(inner.of.str.ptr));
}

TEST(NativeValues, EmptyStringsAndListsHaveAPointer) {
  Call call("(text: string, many: list<u64>)");
  const auto params = call.params({Value::string(""), Value::list(std::vector<std::uint64_t>())});
  EXPECT_NE(params[0].of.str.ptr, nullptr);
  EXPECT_NE(params[1].of.packed.ptr, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(params[1].of.packed.ptr) % 8, 0U);
}

TEST(NativeValues, HandlesArePointers) {
  Call call("(a: borrow<r>, b: own<r>) -> tuple<own<r>, own<r>>");
  const auto params =
      call.params({Value::handle({"r", 7, nullptr}), Value::handle({"r", 8, nullptr})});
  EXPECT_EQ(params[0].kind, TENON_BORROW);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(params[0].of.rep), 7U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(params[1].of.rep), 8U);
  std::array<tenon_value, 2> both = {scalar(TENON_OWN, 40), scalar(TENON_OWN, 50)};
  call.result(items(TENON_TUPLE, both));
  EXPECT_THAT(call.pointers.tokens, ElementsAre(40U, 50U));
  call.pointers.tokens.clear();
  both[1].kind = TENON_S32;
  EXPECT_EQ(call.result(items(TENON_TUPLE, both)), "result.1: expected own, found s32");
  // A rejected result does not take its handles.
  EXPECT_THAT(call.pointers.tokens, ElementsAre());
}

TEST(NativeValues, AListOfNumbersCanBePackedOrNot) {
  Call call("() -> list<s16>");
  std::array<tenon_value, 2> two = {scalar(TENON_S16, 3), scalar(TENON_S16, ~std::uint64_t{0})};
  EXPECT_EQ(call.result(items(TENON_LIST, two)), "[3, -1]");
  const std::array<std::int16_t, 2> numbers = {3, -1};
  tenon_value packed = {};
  packed.kind = TENON_PACKED;
  packed.elem = TENON_S16;
  packed.of.packed = {numbers.data(), 2};
  EXPECT_EQ(call.result(packed), "[3, -1]");
  packed.elem = TENON_U16;
  EXPECT_EQ(call.result(packed), "result: expected a list of s16, found a packed list of u16");
  packed.elem = TENON_S16;
  packed.of.packed.ptr = nullptr;
  EXPECT_EQ(call.result(packed), "result: expected 2 elements, found NULL");
  packed.of.packed.len = 0;
  EXPECT_EQ(call.result(packed), "[]");
}

TEST(NativeValues, ProblemsNameTheirPlace) {
  std::array<tenon_value, 2> wrong = {text("a"), scalar(TENON_S32, 1)};
  tenon_value list = items(TENON_LIST, wrong);
  EXPECT_EQ(Call("() -> result<list<string>, string>").result(choice(TENON_RESULT, 0, &list)),
            "result.ok[1]: expected string, found s32");
  EXPECT_EQ(Call("() -> string").result({}), "result: expected string, found nothing");
  EXPECT_EQ(Call("() -> string").result(scalar(77, 0)),
            "result: expected string, found a value of kind 77");
  EXPECT_EQ(Call("() -> string").result(text("a\xff")),
            "result: the string is not valid UTF-8 at byte 1");
  EXPECT_EQ(Call("() -> u8").result(scalar(TENON_U8, 256)), "result: 256 is out of range for u8");
  EXPECT_EQ(Call("() -> s8").result(scalar(TENON_S8, 200)), "result: 200 is out of range for s8");
  EXPECT_EQ(Call("() -> bool").result(scalar(TENON_BOOL, 2)), "result: 2 is not a bool (0 or 1)");
  EXPECT_EQ(Call("() -> char").result(scalar(TENON_CHAR, 0xd800)),
            "result: 0xd800 is not a Unicode scalar value");
  EXPECT_EQ(Call("() -> enum{a, b}").result(choice(TENON_ENUM, 2)),
            "result: case 2 does not exist, the type has 2 cases");
  EXPECT_EQ(Call("() -> flags{a, b}").result(scalar(TENON_FLAGS, 4)),
            "result: 0x4 sets bits beyond the 2 flags of the type");
  EXPECT_EQ(Call("() -> result<u8>").result(choice(TENON_RESULT, 0)),
            "result.ok: expected a payload, found NULL");
  EXPECT_EQ(Call("() -> result<u8>").result(choice(TENON_RESULT, 1, &list)),
            "result.err: expected no payload, found one");
  EXPECT_EQ(Call("() -> record{x: u8, y: u8, z: u8}").result(items(TENON_RECORD, wrong)),
            "result: expected 3 items, found 2");
  EXPECT_EQ(Call("() -> record{x: string, y: char}").result(items(TENON_RECORD, wrong)),
            "result.y: expected char, found s32");
  std::array<tenon_value, 1> key = {text("k")};
  EXPECT_EQ(Call("() -> map<string, u8>").result(items(TENON_MAP, key)),
            "result: expected pairs of keys and values, found 1 item");
  std::array<tenon_value, 2> entry = {text("k"), text("v")};
  EXPECT_EQ(Call("() -> map<string, u8>").result(items(TENON_MAP, entry)),
            "result[0].value: expected u8, found string");
  EXPECT_EQ(Call("() -> list<u8, 3>").result(items(TENON_LIST, wrong)),
            "result: expected 3 elements, found 2");
  tenon_value huge = text("");
  huge.of.str = {"x", std::size_t{1} << 40U};
  EXPECT_EQ(Call("() -> string").result(huge),
            "result: the values of one call take more than 4 GiB");
}

TEST(CallMemory, IsZeroedAlignedAndBounded) {
  CallMemory memory(1 << 20);
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t align : {1U, 8U, 64U, 4096U}) {
      auto* const at = static_cast<std::uint8_t*>(memory.allocate(100, align));
      ASSERT_NE(at, nullptr);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % align, 0U);
      for (int i = 0; i < 100; ++i) EXPECT_EQ(at[i], 0);
      std::memset(at, 0xff, 100);
    }
    EXPECT_NE(memory.allocate(0, 1), nullptr);
    memory.clear();
  }
  EXPECT_EQ(memory.allocate(1, 3), nullptr);
  EXPECT_EQ(memory.allocate(1, 0), nullptr);
  EXPECT_EQ(memory.allocate(1, 8192), nullptr);
  EXPECT_EQ(memory.allocate(SIZE_MAX, 1), nullptr);
  EXPECT_EQ(memory.allocate<tenon_value>(SIZE_MAX / 2), nullptr);
  EXPECT_NE(memory.allocate(900 << 10, 1), nullptr);
  EXPECT_EQ(memory.allocate(900 << 10, 1), nullptr);
}

}  // namespace
}  // namespace tenon::host::native_values_test
