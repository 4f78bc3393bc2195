#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tenon/value.h"
#include "value/test_types.h"

namespace tenon::json_test {
namespace {

using testing::HasSubstr;
using value::type_of;

struct Accepted {
  const char* type;
  const char* text;
  const char* wave;
  const char* printed = nullptr;  // null: printed as `text`
};

constexpr Accepted kAccepted[] = {
    {"bool", "true", "true"},
    {"u8", "255", "255"},
    {"s64", "-9007199254740992", "-9007199254740992"},
    {"s64", "-9007199254740993", "-9007199254740993", "\"-9007199254740993\""},
    {"s64", "\"-9007199254740993\"", "-9007199254740993"},
    {"u64", "9007199254740992", "9007199254740992"},
    {"u64", "18446744073709551615", "18446744073709551615", "\"18446744073709551615\""},
    {"u64", "\"5\"", "5", "5"},
    {"f64", "1.5", "1.5"},
    {"f64", "1", "1"},
    {"f64", "-0.0", "-0"},
    {"f64", "-0", "-0", "-0.0"},
    {"u8", "-0", "0", "0"},
    {"f64", "1e300", "1e+300", "1e+300"},
    {"f64", "\"nan\"", "nan"},
    {"f64", "\"inf\"", "inf"},
    {"f64", "\"-inf\"", "-inf"},
    {"f32", "0.1", "0.1"},
    {"char", "\"x\"", "'x'"},
    {"string", "\"a\\n\\\"\"", "\"a\\n\\\"\""},
    {"string", "\"\\u0000\"", "\"\\u{0}\""},
    {"list<u8>", "[1,2]", "[1, 2]"},
    {"list<u8>", "{\"$b64\":\"AQI=\"}", "[1, 2]", "[1,2]"},
    {"list<u8, 2>", "{\"$b64\":\"AQI=\"}", "[1, 2]", "[1,2]"},
    {"list<string>", "[]", "[]"},
    {"tuple<u8,string>", "[1,\"a\"]", "(1, \"a\")"},
    {"map<string, u8>", "[[\"a\",1],[\"b\",2]]", "{\"a\": 1, \"b\": 2}"},
    {"map<string, u8>", "[[\"a\",1],[\"a\",2]]", "{\"a\": 2}", "[[\"a\",2]]"},
    {"record{a: u8, b: option<u8>}", "{\"a\":1,\"b\":null}", "{a: 1}"},
    {"record{a: u8, b: option<u8>}", "{\"b\":2,\"a\":1}", "{a: 1, b: some(2)}",
     "{\"a\":1,\"b\":2}"},
    {"record{a: option<u8>}", "{}", "{:}", "{\"a\":null}"},
    {"enum{ok, a}", "\"ok\"", "%ok"},
    {"flags{a, b}", "[\"b\",\"a\"]", "{a, b}", "[\"a\",\"b\"]"},
    {"flags{a, b}", "[]", "{}"},
    {"variant{a, b(u8)}", "{\"a\":null}", "a"},
    {"variant{a, b(u8)}", "{\"b\":1}", "b(1)"},
    {"variant{a(option<u8>)}", "{\"a\":null}", "a(none)"},
    {"option<u8>", "null", "none"},
    {"option<u8>", "1", "some(1)"},
    {"option<option<u8>>", "null", "none"},
    {"option<option<u8>>", "{\"some\":null}", "some(none)"},
    {"option<option<u8>>", "{\"some\":1}", "some(some(1))"},
    {"option<record{some: u8}>", "{\"some\":1}", "some({some: 1})"},
    {"result", "{\"ok\":null}", "ok"},
    {"result<u8, string>", "{\"err\":\"no\"}", "err(\"no\")"},
    {"result<option<u8>>", "{\"ok\":null}", "ok(none)"},
};

TEST(Json, ReadsAndPrintsEachForm) {
  for (const Accepted& row : kAccepted) {
    const Result<Value> value = parse_json(row.text, type_of(row.type));
    ASSERT_TRUE(value) << row.type << " " << row.text << ": " << value.error()[0].message;
    EXPECT_EQ(print_wave(*value), row.wave) << row.text;
    EXPECT_EQ(print_json(*value), row.printed != nullptr ? row.printed : row.text);
  }
}

struct Refused {
  const char* type;
  const char* text;
  const char* code;
  const char* path;
  const char* message;  // a part of it
};

constexpr Refused kRefused[] = {
    {"u8", "", "value-syntax", "", "the text is not JSON: unexpected end of the text"},
    {"u8", "1 2", "value-syntax", "", "unexpected text after the value"},
    {"u8", "{a: 1}", "value-syntax", "", "expected a key: a string in double quotes"},
    {"u8", "{\"a\" 1}", "value-syntax", "", "expected `:` after a key"},
    {"u8", "{\"a\": 1 2}", "value-syntax", "", "expected `,` or `}`"},
    {"u8", "[1 2]", "value-syntax", "", "expected `,` or `]`"},
    {"u8", "\"a", "value-syntax", "", "the string has no closing quote"},
    {"u8", "{\"a\":}", "value-syntax", "", "expected a value: "},
    {"f64", "nan", "value-syntax", "", "the text is not JSON"},
    {"f64", "1e400", "value-syntax", "", "1e400"},
    {"string", "\"\xff\"", "value-syntax", "", "the text is not JSON"},
    {"string", "\"\\ud800\"", "value-syntax", "", "the text is not JSON"},
    {"u8", "256", "value-range", "$", "`256` is out of range for `u8` (0 to 255)"},
    {"u8", "1.0", "value-type", "$", "found the number `1.0`"},
    {"u8", "\"1\"", "value-type", "$", "expected `u8`, found the string `1`"},
    {"u64", "\"01\"", "value-type", "$", "expected `u64`"},
    {"u64", "18446744073709551616", "value-range", "$", "out of range for `u64`"},
    {"s64", "\"9223372036854775808\"", "value-range", "$", "out of range for `s64`"},
    {"f64", "\"1\"", "value-type", "$", "expected `f64`"},
    {"bool", "null", "value-type", "$", "expected `bool`, found `null`"},
    {"char", "\"ab\"", "value-type", "$", "expected `char`"},
    {"char", "\"\"", "value-type", "$", "expected `char`"},
    {"string", "1", "value-type", "$", "expected `string`"},
    {"list<u8>", "[1,-1]", "value-range", "$[1]", "`-1` is out of range"},
    {"list<u8>", "{\"$b64\":\"!\"}", "value-type", "$", "not base64"},
    {"list<u8>", "{\"b64\":\"\"}", "value-type", "$", "found an object"},
    {"list<u16>", "{\"$b64\":\"\"}", "value-type", "$", "found an object"},
    {"list<u8, 3>", "[1]", "value-type", "$", "expected 3 elements"},
    {"tuple<u8>", "[]", "value-type", "$", "expected 1 element"},
    {"map<string, u8>", "[[\"a\"]]", "value-type", "$[0]", "found an array of 1"},
    {"map<string, u8>", "[[\"a\",\"b\"]]", "value-type", "$[0][1]", "expected `u8`"},
    {"map<string, u8>", "{\"a\":1}", "value-type", "$", "found an object"},
    {"record{a: u8}", "{}", "value-type", "$", "needs the field `a: u8`"},
    {"record{a: u8}", "{\"a\":1,\"b\":1}", "value-label", "$.b", "has no field `b`"},
    {"record{a: u8}", "{\"a\":1,\"a\":1}", "value-label", "$.a", "duplicate"},
    {"record{items: list<record{price: f64}>}", "{\"items\":[{\"price\":\"x\"}]}", "value-type",
     "$.items[0].price", "expected `f64`, found the string `x`"},
    {"enum{left}", "\"lfet\"", "value-label", "$", "has no case `lfet`"},
    {"enum{left}", "{}", "value-type", "$", "found an object"},
    {"flags{read}", "[\"raed\"]", "value-label", "$[0]", "has no flag `raed`"},
    {"flags{read}", "[\"read\",\"read\"]", "value-label", "$[1]", "duplicate"},
    {"flags{read}", "[1]", "value-type", "$[0]", "found the number"},
    {"variant{a, b(u8)}", "\"a\"", "value-type", "$", "found the string"},
    {"variant{a, b(u8)}", "{\"a\":1}", "value-type", "$.a", "`a` has no payload"},
    {"variant{a, b(u8)}", "{\"b\":null}", "value-type", "$.b", "expected `u8`"},
    {"variant{a, b(u8)}", "{\"c\":1}", "value-label", "$", "has no case `c`"},
    {"variant{a, b(u8)}", "{\"a\":null,\"b\":1}", "value-type", "$", "found an object"},
    {"option<option<u8>>", "1", "value-type", "$", "expected `option<option<u8>>`"},
    {"option<option<u8>>", "{\"none\":1}", "value-type", "$", "expected"},
    {"result", "{\"ok\":1}", "value-type", "$.ok", "`ok` has no payload"},
    {"result", "null", "value-type", "$", "expected `result`"},
    {"result", "{\"OK\":null}", "value-type", "$", "expected `result`"},
    {"own<r>", "{\"$handle\":1}", "value-handle", "$", "cannot be written as text here"},
    {"stream<u8>", "[]", "value-handle", "$", "cannot be written as text"},
};

TEST(Json, ReportsProblemsWithAPathAndAHint) {
  for (const Refused& row : kRefused) {
    const Result<Value> value = parse_json(row.text, type_of(row.type), {.file = "order.json"});
    ASSERT_FALSE(value) << row.type << " " << row.text;
    const Diagnostic& problem = value.error()[0];
    EXPECT_EQ(problem.code, row.code) << row.text;
    EXPECT_EQ(problem.where.item, row.path) << row.text;
    EXPECT_EQ(problem.where.file, "order.json");
    EXPECT_THAT(problem.message, HasSubstr(row.message)) << row.text;
    EXPECT_FALSE(problem.hints.empty()) << row.text;
  }
}

TEST(Json, ShowsWhereTheTextIsNotJson) {
  const auto value = parse_json("{\n  \"a\": 1,,\n}", type_of("record{a: u8}"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error()[0].where.line, 2U);
  EXPECT_EQ(value.error()[0].excerpt.lines[0], "  \"a\": 1,,");
  EXPECT_EQ(value.error()[0].excerpt.lines[1].find('^'), 9U);
}

TEST(Json, BoundsNesting) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    const auto value = parse_json(text, type_of("u8"));
    ASSERT_FALSE(value);
    EXPECT_THAT(value.error()[0].message, HasSubstr("nested deeper"));
  }
}

TEST(Json, ReadsHandlesWithFindHandle) {
  ValueTextOptions options;
  options.find_handle = [](std::uint64_t id, const Type& type) -> std::optional<Value> {
    if (id != 3) return std::nullopt;
    return Value::handle({type.resource(), id, nullptr});
  };
  const auto value = parse_json("{\"$handle\":3}", type_of("borrow<r>"), options);
  ASSERT_TRUE(value);
  EXPECT_EQ(print_json(*value), "{\"$handle\":3}");
  for (const char* text :
       {"{\"$handle\":4}", "{\"$handle\":-1}", "{\"$handle\":1.5}", "3", "{\"handle\":3}"})
    EXPECT_FALSE(parse_json(text, type_of("borrow<r>"), options)) << text;
}

TEST(PrintJson, EscapesUnsafeCharacters) {
  EXPECT_EQ(print_json(Value::string("a\u202eb\u009bc\x7f \u2066 \U000e0001")),
            "\"a\\u202eb\\u009bc\\u007f \\u2066 \\udb40\\udc01\"");
  // Letters of all languages are printed unchanged.
  EXPECT_EQ(print_json(Value::string("\u00e9 \u65e5 \U0001f600")), "\"\u00e9 \u65e5 \U0001f600\"");
}

TEST(PrintJson, WritesBytesAsBase64OnRequest) {
  const Value bytes = Value::list(std::vector<std::uint8_t>{'h', 'i'});
  EXPECT_EQ(print_json(bytes, JsonBytes::Base64), "{\"$b64\":\"aGk=\"}");
  EXPECT_EQ(print_json(Value::list({}), JsonBytes::Base64), "[]");
  EXPECT_EQ(print_json(Value::string("\xff")), "\"\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace tenon::json_test
