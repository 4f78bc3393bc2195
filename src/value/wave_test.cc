#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tenon/value.h"
#include "value/print_wave.h"
#include "value/test_types.h"

namespace tenon::wave_test {
namespace {

using testing::HasSubstr;
using value::type_of;

struct Accepted {
  const char* type;
  const char* text;
  const char* printed;
};

// A text for each production of the grammar, and how its value is printed.
constexpr Accepted kAccepted[] = {
    {"bool", "true", "true"},
    {"bool", " false // comment", "false"},
    {"s8", "-128", "-128"},
    {"u8", "255", "255"},
    {"u8", "-0", "0"},
    {"s64", "-9223372036854775808", "-9223372036854775808"},
    {"u64", "18446744073709551615", "18446744073709551615"},
    {"f64", "0", "0"},
    {"f64", "-0", "-0"},
    {"f64", "0.0e0", "0"},
    {"f64", "0e-1", "0"},
    {"f64", "0.000e999999999999999999999", "0"},
    {"f64", "6.022e+23", "6.022e+23"},
    {"f64", "1E3", "1000"},
    {"f64", "nan", "nan"},
    {"f64", "inf", "inf"},
    {"f64", "-inf", "-inf"},
    {"f64", "1e400", "inf"},
    {"f64", "-1e99999999999999999999", "-inf"},
    {"f64", "1e-99999999999999999999", "0"},
    {"f64", "1e9223372036854775807", "inf"},
    {"f64", "0.001e-9223372036854775808", "0"},
    {"f32", "3.4028234664e38", "3.4028235e+38"},
    {"f32", "3.4028234664e39", "inf"},
    {"f32", "1.4012984643e-45", "1e-45"},
    {"f32", "1.4012984643e-46", "0"},
    {"f32", "0.1", "0.1"},
    {"char", "'x'", "'x'"},
    {"char", "'\"'", "'\"'"},
    {"char", R"('\'')", R"('\'')"},
    {"char", R"('\u{2603}')", "'\xe2\x98\x83'"},
    {"char", R"('\u{000000}')", R"('\u{0}')"},
    {"char", "'\xf0\x9f\x8c\x8a'", "'\xf0\x9f\x8c\x8a'"},
    {"string", R"("")", R"("")"},
    {"string", R"("it's")", R"("it's")"},
    {"string", R"("\\\'\"\t\n\r")", R"("\\'\"\t\n\r")"},
    {"string", "\"a\tb\"", R"("a\tb")"},
    {"string", R"("// no comment")", R"("// no comment")"},
    {"string", "\"\"\"\n\"\"\"", R"("")"},
    {"string", "\"\"\"\n  a\n    b\n\n  \"\"\"",
     nullptr},  // an error: the empty line is not indented
    {"string", "\"\"\"\n  a\n    b\n  \"\"\"", R"("a\n  b")"},
    {"string", "\"\"\"\r\na\r\nb\r\n\"\"\"", R"("a\nb")"},
    {"string", "\"\"\"\na \\r\nbreak \"\"\\\"\"\n\"\"\"", R"("a \r\nbreak \"\"\"\"")"},
    {"string", "\"\"\"\n\nlines\n\n\"\"\"", R"("\nlines\n")"},
    {"list<u8>", "[]", "[]"},
    {"list<u8>", "[1, 2,]", "[1, 2]"},
    {"list<u8, 2>", "[1, 2]", "[1, 2]"},
    {"list<char>", "['a', 'b']", "['a', 'b']"},
    {"list<bool>", "[true, false]", "[true, false]"},
    {"list<f32>", "[nan, -inf, 1]", "[nan, -inf, 1]"},
    {"list<list<string>>", R"([["a"], []])", R"([["a"], []])"},
    {"tuple<u8>", "(1,)", "(1)"},
    {"tuple<u8, string>", R"((1, "a"))", R"((1, "a"))"},
    {"record{a: u8, b: option<u8>}", "{a: 1}", "{a: 1}"},
    {"record{a: u8, b: option<u8>}", "{b: some(2), %a: 1,}", "{a: 1, b: some(2)}"},
    {"record{a: u8, b: option<u8>}", "{ a : 1 , b : none }", "{a: 1}"},
    {"record{a: option<u8>}", "{ : }", "{:}"},
    {"record{a: option<u8>}", "{a: none}", "{:}"},
    {"record{true: bool, nan: f32, some: option<u8>, ok: result}",
     "{true: true, nan: nan, some: some(1), ok: ok}",
     "{true: true, nan: nan, some: some(1), ok: ok}"},
    {"map<string, u8>", "{}", "{}"},
    {"map<string, u8>", "{:}", "{}"},
    {"map<u8, map<char, u8>>", "{0: {}, 1: { }}", "{0: {}, 1: {}}"},
    {"option<map<string, u8>>", "{}", "some({})"},
    {"tuple<map<u8, u8>, flags{a}, record{a: option<u8>}>", "({}, {}, {:})", "({}, {}, {:})"},
    {"map<string, u8>", R"({"a": 1, "b": 2, "a": 3,})", R"({"a": 3, "b": 2})"},
    {"map<s8, u8>", "{-1: 1, 2: 2}", "{-1: 1, 2: 2}"},
    {"map<char, u8>", "{'a': 1}", "{'a': 1}"},
    {"map<bool, u8>", "{true: 1}", "{true: 1}"},
    {"map<string, map<string, u8>>", R"({"a": {"b": 1}})", R"({"a": {"b": 1}})"},
    {"flags{read, write}", "{}", "{}"},
    {"flags{read, write}", "{write, %read,}", "{read, write}"},
    {"flags{true, ok}", "{ok, true}", "{true, ok}"},
    {"enum{left, right}", "left", "left"},
    {"enum{left, right}", "%left", "left"},
    {"enum{ok, HTTP3, x-42-2A-5d}", "%ok", "%ok"},
    {"enum{ok, HTTP3, x-42-2A-5d}", "x-42-2A-5d", "x-42-2A-5d"},
    {"enum{ok, HTTP3, x-42-2A-5d}", "HTTP3", "HTTP3"},
    {"variant{empty, body(list<u8>), err(string)}", "empty", "empty"},
    {"variant{empty, body(list<u8>), err(string)}", "body ( [1] )", "body([1])"},
    {"variant{empty, body(list<u8>), err(string)}", R"(%err("x"))", R"(%err("x"))"},
    {"option<u8>", "none", "none"},
    {"option<u8>", "some(1)", "some(1)"},
    {"option<u8>", "1", "some(1)"},
    {"option<option<u8>>", "some(none)", "some(none)"},
    {"option<option<u8>>", "some(1)", "some(some(1))"},
    {"option<enum{none, a}>", "none", "none"},
    {"option<enum{none, a}>", "%none", "some(%none)"},
    {"option<variant{some(u8)}>", "%some(1)", "some(%some(1))"},
    {"option<record{a: option<u8>}>", "{:}", "some({:})"},
    {"result", "ok", "ok"},
    {"result", "err", "err"},
    {"result<u8>", "5", "ok(5)"},
    {"result<u8>", "err", "err"},
    {"result<_, string>", R"(err("no"))", R"(err("no"))"},
    {"result<list<u8>, string>", "[1]", "ok([1])"},
    {"result<option<u8>>", "ok(1)", "ok(some(1))"},
    {"result<enum{ok}>", "%ok", "ok(%ok)"},
};

TEST(Wave, ReadsAllOfTheGrammar) {
  for (const Accepted& row : kAccepted) {
    const Result<Value> value = parse_wave(row.text, type_of(row.type));
    if (row.printed == nullptr) {
      EXPECT_FALSE(value) << row.text;
      continue;
    }
    ASSERT_TRUE(value) << row.type << " " << row.text << ": " << value.error()[0].message;
    EXPECT_EQ(print_wave(*value), row.printed) << row.text;
  }
}

struct Refused {
  const char* type;
  const char* text;
  const char* code;
  std::uint32_t column;
  const char* message;  // a part of it
};

constexpr Refused kRefused[] = {
    {"u8", "", "value-syntax", 1, "expected a value, found the end of the text"},
    {"u8", "// 1", "value-syntax", 5, "expected a value, found the end of the text"},
    {"u8", "1 2", "value-syntax", 3, "expected the end of the text, found `2`"},
    {"u8", "01", "value-syntax", 1, "cannot begin with `0`"},
    {"f64", "1.", "value-syntax", 1, "expected a digit after the decimal point"},
    {"f64", "1e", "value-syntax", 1, "expected digits in the exponent"},
    {"f64", ".5", "value-syntax", 1, "unexpected character `.`"},
    {"f64", "+1", "value-syntax", 1, "unexpected character `+`"},
    {"f64", "-nan", "value-syntax", 1, "expected digits or `inf` after `-`"},
    {"f64", "-infinity", "value-syntax", 1, "expected digits or `inf` after `-`"},
    {"f64", "NaN", "value-syntax", 2, "found `a`"},
    {"f64", "infinity", "value-type", 1, "expected `f64`, found `infinity`"},
    {"f64", "inf(1)", "value-type", 1, "expected `f64`"},
    {"char", "''", "value-syntax", 1, "needs a character between its quotes"},
    {"char", "'ab'", "value-syntax", 1, "more than one character"},
    {"char", "'x", "value-syntax", 1, "no closing `'`"},
    {"char", "'\n'", "value-syntax", 1, "needs a character between its quotes"},
    {"char", "'''", "value-syntax", 1, "needs a character between its quotes"},
    {"char", R"('\z')", "value-syntax", 2, "`\\z` is not an escape"},
    {"char", R"('\u{}')", "value-syntax", 2, "is not an escape"},
    {"char", R"('\u{1234567}')", "value-syntax", 2, "is not an escape"},
    {"char", R"('\u{D800}')", "value-syntax", 2, "is not an escape"},
    {"char", R"('\u{110000}')", "value-syntax", 2, "is not an escape"},
    {"string", R"("a\j")", "value-syntax", 3, "`\\j` is not an escape"},
    {"string", "\"a", "value-syntax", 1, "no closing `\"`"},
    {"string", "\"a\nb\"", "value-syntax", 1, "no closing `\"`"},
    {"string", "\"\\", "value-syntax", 1, "no closing `\"`"},
    {"string", "\"\"\"a\n\"\"\"", "value-syntax", 1, "expected a line break after"},
    {"string", "\"\"\"\"\"\"", "value-syntax", 1, "expected a line break after"},
    {"string", "\"\"\"\na\"\"\"", "value-syntax", 2, "expected a line break before"},
    {"string", "\"\"\"\na\n", "value-syntax", 1, "no closing"},
    {"string", "\"\"\"\na\n  \"\"\"", "value-syntax", 1, "indented less"},
    {"string", "\"\"\"\n\\j\n\"\"\"", "value-syntax", 1, "`\\j` is not an escape"},
    {"string", "\"a\xff\"", "value-syntax", 3, "not UTF-8"},
    {"string", "\xed\xa0\x80", "value-syntax", 1, "not UTF-8"},
    {"list<u8>", "[1,,]", "value-syntax", 4, "expected a value, found `,`"},
    {"list<u8>", "[,]", "value-syntax", 2, "found `,`"},
    {"list<u8>", "[1 2]", "value-syntax", 4, "expected `,` or `]`, found `2`"},
    {"list<u8>", "[1", "value-syntax", 3, "found the end of the text"},
    {"list<u8>", "[)", "value-syntax", 2, "found `)`"},
    {"record{a: u8}", "{a: 1, b}", "value-syntax", 9, "expected `:`, found `}`"},
    {"record{a: u8}", "{a: }", "value-syntax", 5, "found `}`"},
    {"record{a: u8}", "{a: 1 b: 2}", "value-syntax", 7, "`,` or `}`"},
    {"record{a: u8}", "{,}", "value-syntax", 2, "a label or a key"},
    {"record{a: u8}", "{:", "value-syntax", 3, "`}`"},
    {"flags{a}", "{a, b: 1}", "value-syntax", 6, "`,`, `:` or `}`"},
    {"flags{a}", "{1}", "value-syntax", 3, "expected `:`, found `}`"},
    {"option<u8>", "some()", "value-syntax", 6, "found `)`"},
    {"option<u8>", "some(1, 2)", "value-syntax", 7, "expected `)`, found `,`"},
    {"own<r>", "<acme:db/sql.connection #3>", "value-syntax", 1, "unexpected character `<`"},
    {"own<r>", "$", "value-syntax", 1, "expected the number of a handle"},

    {"bool", "%true", "value-type", 1, "expected `bool`, found `%true`"},
    {"bool", "1", "value-type", 1, "expected `bool`, found the number `1`"},
    {"u8", "256", "value-range", 1, "`256` is out of range for `u8` (0 to 255)"},
    {"u8", "-1", "value-range", 1, "`-1` is out of range"},
    {"s64", "9223372036854775808", "value-range", 1, "out of range for `s64`"},
    {"u64", "99999999999999999999999999", "value-range", 1, "out of range for `u64`"},
    {"u8", "1.0", "value-type", 1, "expected `u8`, found the number `1.0`"},
    {"u8", "1e2", "value-type", 1, "expected `u8`"},
    {"u8", "nan", "value-type", 1, "expected `u8`, found `nan`"},
    {"u8", "\"1\"", "value-type", 1, "found the string `\"1\"`"},
    {"string", "abc", "value-type", 1, "expected `string`, found `abc`"},
    {"string", "'a'", "value-type", 1, "found the char `'a'`"},
    {"char", "\"a\"", "value-type", 1, "expected `char`"},
    {"list<u8>", "(1)", "value-type", 1, "expected `list<u8>`, found a tuple"},
    {"list<u8, 2>", "[1]", "value-type", 1, "expected 2 elements for `list<u8, 2>`, found 1"},
    {"tuple<u8, u8>", "(1)", "value-type", 1, "expected 2 elements"},
    {"tuple<u8>", "(1, 2)", "value-type", 1, "expected 1 element for"},
    {"tuple<u8>", "()", "value-type", 1, "expected 1 element for"},
    {"tuple<u8>", "[1]", "value-type", 1, "found a list"},
    {"record{a: u8}", "{}", "value-type", 1, "found `{}`"},
    {"record{a: u8}", "{:}", "value-type", 1, "needs the field `a: u8`"},
    {"record{a: u8}", "{a}", "value-type", 1, "found flags"},
    {"record{a: u8}", "{a: 1, b: 2}", "value-label", 8, "has no field `b`"},
    {"record{a: u8}", "{a: 1, \"a\": 2}", "value-label", 8, "has no field `\"a\"`"},
    {"record{a: u8}", "{a: 1, a: 2}", "value-label", 8, "duplicate field `a`"},
    {"map<string, u8>", "{a}", "value-type", 1, "found flags"},
    {"record{a: option<u8>}", "{}", "value-type", 1, "found `{}`"},
    {"map<string, u8>", "{a: 1}", "value-type", 2, "expected `string`, found `a`"},
    {"map<u8, u8>", "{300: 1}", "value-range", 2, "out of range"},
    {"flags{a}", "{:}", "value-type", 1, "found `{:}`"},
    {"flags{a}", "{a: true}", "value-type", 1, "found a record or map"},
    {"flags{a}", "{a, a}", "value-label", 5, "duplicate flag `a`"},
    {"flags{read}", "{raed}", "value-label", 2, "has no flag `raed`"},
    {"enum{left}", "lfet", "value-label", 1, "has no case `lfet`"},
    {"enum{ok}", "ok", "value-label", 1, "has no case `ok`"},
    {"enum{left}", "left(1)", "value-type", 1, "`left` has no payload"},
    {"enum{left}", "\"left\"", "value-type", 1, "found the string"},
    {"variant{a(u8)}", "a", "value-type", 1, "`a` needs a payload of type `u8`"},
    {"variant{a}", "a(1)", "value-type", 1, "`a` has no payload"},
    {"variant{some(u8)}", "some(1)", "value-label", 1, "has no case `some`"},
    {"variant{a(u8)}", "b(1)", "value-label", 1, "has no case `b`"},
    {"option<u8>", "some", "value-type", 1, "`some` needs a payload"},
    {"option<u8>", "none(1)", "value-type", 1, "`none` has no payload"},
    {"option<u8>", "some(some(0))", "value-type", 6, "expected `u8`, found `some(0)`"},
    {"option<option<u8>>", "1", "value-type", 1, "expected `option<option<u8>>`"},
    {"result<u8>", "ok", "value-type", 1, "`ok` needs a payload of type `u8`"},
    {"result<u8>", "err(1)", "value-type", 1, "`err` has no payload"},
    {"result<_, u8>", "err", "value-type", 1, "`err` needs a payload"},
    {"result", "5", "value-type", 1, "expected `result`"},
    {"result<result<u8>>", "5", "value-type", 1, "expected `result<result<u8>>`"},
    {"stream<u8>", "[1]", "value-handle", 1, "`stream<u8>` cannot be written as text"},
    {"own<r>", "$1", "value-handle", 1, "which cannot be written as text here"},
};

TEST(Wave, ReportsProblemsWithAPlaceAndAHint) {
  for (const Refused& row : kRefused) {
    const Result<Value> value = parse_wave(row.text, type_of(row.type), {.file = "text"});
    ASSERT_FALSE(value) << row.type << " " << row.text;
    const Diagnostic& problem = value.error()[0];
    EXPECT_EQ(problem.code, row.code) << row.text;
    EXPECT_THAT(problem.message, HasSubstr(row.message)) << row.text;
    EXPECT_EQ(problem.where.column, row.column) << row.text;
    EXPECT_EQ(problem.where.file, "text");
    EXPECT_EQ(problem.excerpt.lines.size(), 2U) << row.text;
    EXPECT_FALSE(problem.hints.empty()) << row.text;
  }
}

TEST(Wave, ShowsTheLineWithACaret) {
  const auto value = parse_wave("{\n  name: \"tea\", // what\n  prise: 2\n}",
                                type_of("record{name: string, price: option<f64>}"));
  ASSERT_FALSE(value);
  const Diagnostic& problem = value.error()[0];
  EXPECT_EQ(problem.where.line, 3U);
  EXPECT_EQ(problem.where.column, 3U);
  EXPECT_EQ(problem.excerpt.lines, (std::vector<std::string>{"  prise: 2", "  ^^^^^"}));
  EXPECT_EQ(problem.hints, (std::vector<Hint>{"did you mean `price`?"}));
}

TEST(Wave, CutsLongLinesAroundThePlace) {
  const std::string text = "[" + std::string(3000, ' ') + "x" + std::string(3000, ' ') + "]";
  const auto value = parse_wave(text, type_of("list<u8>"));
  ASSERT_FALSE(value);
  const Diagnostic& problem = value.error()[0];
  EXPECT_EQ(problem.where.column, 3002U);
  EXPECT_LT(problem.excerpt.lines[0].size(), 120U);
  EXPECT_EQ(problem.excerpt.lines[0][problem.excerpt.lines[1].find('^')], 'x');
}

TEST(Wave, ReportsAllPartsThatDoNotFit) {
  const auto value = parse_wave("{a: 300, b: [1, \"x\"], c: 1, d: (true)}",
                                type_of("record{a: u8, b: list<u8>, d: tuple<u8>, e: u8}"));
  ASSERT_FALSE(value);
  std::vector<std::string> problems;
  for (const Diagnostic& problem : value.error())
    problems.push_back(std::string(problem.code) + " " + std::to_string(problem.where.column));
  EXPECT_EQ(problems, (std::vector<std::string>{"value-range 5", "value-type 17", "value-label 23",
                                                "value-type 33", "value-type 1"}));
}

TEST(Wave, CountsProblemsBeyondTheFirstTwenty) {
  std::string text = "[";
  for (int i = 0; i < 100; ++i) text += "300,";
  const auto value = parse_wave(text + "]", type_of("list<u8>"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().size(), 20U);
  EXPECT_EQ(value.error().back().notes[0].text, "and 80 more problems");
}

TEST(Wave, SuggestsAPercentSignForACaseNamedLikeAKeyword) {
  const auto value = parse_wave("ok", type_of("enum{ok, not-found}"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error()[0].hints[0], "write `%ok`: `ok` is a keyword of WAVE");
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Wave, BoundsNesting) {
  for (const char* open : {"[", "(", "some(", "{a:", "v("}) {
    const auto value = parse_wave(repeat(open, 100'000), type_of("u8"));
    ASSERT_FALSE(value);
    EXPECT_THAT(value.error()[0].message, HasSubstr("nested deeper than 100")) << open;
  }
  const std::string deep_type = repeat("list<", 99) + "u8" + repeat(">", 99);
  const std::string deep = repeat("[", 99) + "1" + repeat("]", 99);
  const auto value = parse_wave(deep, type_of(deep_type));
  ASSERT_TRUE(value);
  EXPECT_EQ(print_wave(*value), deep);
}

TEST(Wave, ReadsHandlesWithFindHandle) {
  const Type type = type_of("list<own<connection>>");
  ValueTextOptions options;
  options.find_handle = [](std::uint64_t id, const Type& handle_type) -> std::optional<Value> {
    if (id != 3) return std::nullopt;
    return Value::handle({handle_type.resource(), id, nullptr});
  };
  const auto value = parse_wave("[$3]", type, options);
  ASSERT_TRUE(value);
  EXPECT_EQ(print_wave(*value), "[<connection #3>]");
  const auto unknown = parse_wave("[$4, 5, $99999999999999999999999]", type, options);
  ASSERT_FALSE(unknown);
  ASSERT_EQ(unknown.error().size(), 3U);
  EXPECT_EQ(unknown.error()[0].message, "there is no handle `$4` of type `connection`");
  EXPECT_EQ(unknown.error()[1].code, "value-type");
  EXPECT_EQ(unknown.error()[2].code, "value-handle");
}

TEST(PrintWave, EscapesUnsafeCharacters) {
  EXPECT_EQ(print_wave(Value::string("a\x1b[2J\xe2\x80\xae \x7f")),
            R"("a\u{1b}[2J\u{202e} \u{7f}")");
  EXPECT_EQ(print_wave(Value::string("\xff")), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(print_wave(Value::handle({"a\nb", 1, nullptr})), R"(<a\nb #1>)");
}

TEST(PrintWave, CutsLongValues) {
  EXPECT_EQ(print_wave(Value::list(std::vector<std::uint8_t>(1000, 7)), 8), "[7, 7, 7, ...");
  EXPECT_EQ(print_wave(Value::string(std::string(1000, 'x')), 8), "\"xxxxxxx...");
  EXPECT_EQ(print_wave(Value::u8(7), 8), "7");
  // Each outermost list or string is cut on its own.
  const Value bytes = Value::list(std::vector<std::uint8_t>(1000, 7));
  const Value both = Value::tuple({bytes, Value::string("abcdefghijk"), Value::u8(1)});
  EXPECT_EQ(value::print_cut_wave(both, {.list = 4}), "([7, 7, ...], \"abc...\", 1)");
  EXPECT_EQ(value::print_cut_wave(both, {.all = 14, .list = 4}), "([7, 7, ...], \"...");
  EXPECT_EQ(value::print_cut_wave(Value::list(std::vector<Value>{bytes, bytes}), {.list = 4}),
            "[[7, 7...]");
  EXPECT_LT(print_wave(Value::list(std::vector<Value>(1000, Value::string("abc"))), 20).size(),
            30U);
}

}  // namespace
}  // namespace tenon::wave_test
