// Values of a C program as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "tenon/tenon_c.h"
#include "tests/support/c_api.h"

namespace tenon::c_api_test::value_text_test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr const char* kLib = "demo:domains/lib";

using Print = tenon_error* (*)(const tenon_type*, const tenon_value*, char**);

// The text of a value, or the problem.
std::string print(Print how, const tenon_type* type, const tenon_value& value) {
  char* text = nullptr;
  const std::string problem = take(how(type, &value, &text));
  if (!problem.empty()) {
    EXPECT_EQ(text, nullptr);
    return problem;
  }
  return Text(text).get();
}

class CValueText : public testing::Test {
 protected:
  [[nodiscard]] const tenon_type* param(const char* function, size_t index) {
    found_ = find(lib_, kLib, function);
    return tenon_function_param_type(found_.get(), index);
  }
  void expect(const tenon_type* type, const tenon_value& value, const std::string& wave,
              const std::string& json) {
    EXPECT_EQ(print(tenon_value_wave, type, value), wave);
    EXPECT_EQ(print(tenon_value_json, type, value), json);
  }

  BuiltComposition lib_ = build(make_guests({"lib"}));
  FoundFunction found_;
};

TEST_F(CValueText, HasEveryKind) {
  expect(param("add", 0), tenon_value_u32(7), "7", "7");
  tenon_value text = tenon_value_string("a\"b", 3);
  expect(param("echo", 0), text, R"("a\"b")", R"("a\"b")");
  const std::array<std::uint8_t, 3> bytes = {0, 255, 7};
  expect(param("echo-bytes", 0), tenon_value_packed(TENON_U8, bytes.data(), bytes.size()),
         "[0, 255, 7]", "[0,255,7]");

  std::array<tenon_value, 3> point = {tenon_value_u32(1), tenon_value_u64(2),
                                      tenon_value_f64(-0.5)};
  tenon_value record = tenon_value_items(TENON_RECORD, point.data(), 3);
  expect(param("echo-points", 0), tenon_value_items(TENON_LIST, &record, 1),
         "[{x: 1, y: 2, z: -0.5}]", R"([{"x":1,"y":2,"z":-0.5}])");

  tenon_value inner = tenon_value_string("x", 1);
  expect(param("echo-mixed", 0), tenon_value_option(&inner), R"(some("x"))", R"("x")");
  expect(param("echo-mixed", 0), tenon_value_option(nullptr), "none", "null");
  expect(param("echo-mixed", 1), tenon_value_case(TENON_RESULT, 1, &inner), R"(err("x"))",
         R"({"err":"x"})");
  std::array<tenon_value, 3> tuple = {tenon_value_char('c'), tenon_value_bool(1),
                                      tenon_value_s64(-5)};
  expect(param("echo-mixed", 2), tenon_value_items(TENON_TUPLE, tuple.data(), 3), "('c', true, -5)",
         R"(["c",true,-5])");
  expect(param("echo-mixed", 3), tenon_value_case(TENON_VARIANT, 0, &inner), R"(gone("x"))",
         R"({"gone":"x"})");
  expect(param("echo-mixed", 4), tenon_value_flags(5), "{red, blue}", R"(["red","blue"])");
}

TEST_F(CValueText, NamesHandles) {
  const FoundFunction make = find(lib_, kLib, "[constructor]counter");
  const Arena arena(tenon_arena_new());
  const tenon_value start = tenon_value_u32(3);
  tenon_value counter;
  ASSERT_EQ(take(tenon_function_call(make.get(), &start, 1, arena.get(), &counter)), "");
  const tenon_type* const type = tenon_function_result_type(make.get());
  EXPECT_THAT(print(tenon_value_wave, type, counter),
              MatchesRegex("<demo:domains/lib@1.0.0.counter #[0-9]+>"));
  EXPECT_THAT(print(tenon_value_json, type, counter), MatchesRegex(R"(\{"\$handle":[0-9]+\})"));
  // It was not passed.
  EXPECT_EQ(call(lib_, "alive()"), "1");
  // A pointer of the program has no number.
  int object = 0;
  EXPECT_EQ(print(tenon_value_wave, type, tenon_value_own(&object)),
            "<demo:domains/lib@1.0.0.counter>");
}

TEST_F(CValueText, RefusesWhatIsNotOfTheType) {
  EXPECT_THAT(print(tenon_value_wave, param("add", 0), tenon_value_s8(1)),
              StartsWith("value-type: expected u32, found s8"));
  tenon_value large = tenon_value_u32(0);
  large.of.u = UINT64_C(1) << 32;
  EXPECT_THAT(print(tenon_value_json, param("add", 0), large), HasSubstr("out of range for u32"));
  EXPECT_THAT(print(tenon_value_wave, param("echo", 0), tenon_value_string("\xff", 1)),
              StartsWith("value-type: "));
  EXPECT_THAT(print(tenon_value_wave, param("echo", 0), tenon_value_string(nullptr, 4)),
              StartsWith("value-type: "));
  const tenon_value one = tenon_value_u32(1);
  char* text = nullptr;
  EXPECT_EQ(take(tenon_value_wave(nullptr, &one, &text)), "api-usage: `type` is NULL");
  EXPECT_EQ(take(tenon_value_wave(param("add", 0), nullptr, &text)), "api-usage: `value` is NULL");
  EXPECT_EQ(take(tenon_value_json(param("add", 0), &one, nullptr)),
            "api-usage: the place for the text is NULL");
}

}  // namespace
}  // namespace tenon::c_api_test::value_text_test
