#include "packr/graph_text.h"

#include <gtest/gtest.h>

#include "packr/graph_words.h"
#include "packr/random_graph_values.h"
#include "packr/test_vectors.h"

namespace tenon::packr::graph_text_test {
namespace {

std::string exact(const GraphValue& value) {
  return print_graph_value(value, GraphTextForm::Exact);
}

// The exact text of what `text` says, or where and why it says nothing.
std::string reprint(std::string_view text) {
  const auto value = parse_graph_value(text);
  if (value) return exact(*value);
  const GraphTextError& error = value.error();
  return std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message;
}

TEST(GraphText, ExactTextOfRandomValuesParsesBack) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const GraphValue value = RandomGraphValues(seed).make_value(4);
    const std::string text = exact(value);
    const auto again = parse_graph_value(text);
    ASSERT_TRUE(again) << seed << ": " << text << "\n" << again.error().message;
    ASSERT_EQ(*again, value) << seed << ": " << text << "\n" << exact(*again);
  }
}

TEST(GraphText, ExactTextIsPackrsWhereThatLosesNothing) {
  for (const std::string_view text :
       {"true", "-128s8", "0.1f32", "100000000000000000000.0f64", "-0.0f64", "'\\''", "'\"'",
        "\"it's\\n\"", "(1u8, ())", "[1u8, 2u8]", "[]<list<result<u8, tuple<>>>>",
        "some<point>(point{x: 1s32})", "err<u8, flags>(flags(0x3))", "{a: 1u8}", "a::b((), ())",
        "::b", "[point{}, point{}]", "(none<u8>)"})
    EXPECT_EQ(reprint(text), text);
}

TEST(GraphText, ExactTextSaysWhatPackrsLoses) {
  for (const std::string_view text :
       {"f32(0x7fc00001)", "f64(0xfff0000000000000)", "a::b#4294967295", "a::b#1(true)",
        "[]<variant<shape>>", "[1s32]<string>", "[[1s32]]<string>", "[a::b]<shape>",
        "\"größe\"{\"a b\": 1u8}", "\"some\"{true: 1u8}", "::\"\"", "\"1\"::\"\\u{1b}\"",
        "[]<\"u8\">", "[]<\"\">", "[]<variant<\"\">>", "'\\u{202e}'", "\"list\"", "list{}",
        "[]<\"tuple\">"})
    EXPECT_EQ(reprint(text), text);
}

TEST(GraphText, PackrsFormShowsWhatItHasNoNotationFor) {
  EXPECT_EQ(print_graph_value({GraphScalar{NodeKind::F32, 0xffc12345}}), "NaNf32");
  EXPECT_EQ(print_graph_value({GraphScalar{NodeKind::F64, 0x7ff0000000000000}}), "inff64");
  EXPECT_EQ(print_graph_value({GraphVariant{"a b", "ok", 7, {}}}), "a b::ok");
  EXPECT_EQ(print_graph_type(GraphType::named(NodeKind::Variant, "shape")), "shape");
  EXPECT_EQ(print_graph_type(GraphType::named(NodeKind::Variant, "shape"), GraphTextForm::Exact),
            "variant<shape>");
}

TEST(GraphText, BlanksAndLastCommasAreAllowed) {
  EXPECT_EQ(reprint(" ( 1u8 , [ 2u8 , ] , ) \n"), "(1u8, [2u8])");
  EXPECT_EQ(reprint("r { a : 1u8 , b: x :: y ( ) }"), "r{a: 1u8, b: x::y}");
  EXPECT_EQ(reprint("ok < u8 , string > ( 1u8 )"), "ok<u8, string>(1u8)");
  EXPECT_EQ(reprint("[1u8]<u8>"), "[1u8]");
}

TEST(GraphText, RefusesWithAPlaceAndAReason) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", "1:1: expected a value, found the end of the text"},
      {"(1u8,\n 2)", "2:2: the number `2` needs a type suffix, such as `u32`, `s64` or `f64`"},
      {"256u8", "1:1: `256` is not a value of `u8`"},
      {"-1u8", "1:1: `-1` is not a value of `u8`"},
      {"1.5s32", "1:1: `1.5` is not a value of `s32`"},
      {"-", "1:1: expected a digit after `-`"},
      {"'ab'", "1:1: expected one character between single quotes"},
      {"'", "1:1: missing closing `'`"},
      {"\"ab", "1:1: missing closing `\"`"},
      {"\"ä\\q\"", "1:3: unknown escape: `\\` followed by `q`"},
      {"\"\\u{d800}\"", "1:2: expected `\\u{...}` with one to six hexadecimal digits"},
      {"[]", "1:3: an empty list needs its item type, such as `[]<u8>`"},
      {"[1u8, 2u16]", "1:7: expected an item of type `u8`"},
      {"[\"a\", 1u8]<u8>", "1:2: expected an item of type `u8`"},
      {"[1u8]<u16>", "1:2: expected an item of type `u16`"},
      {"(1u8 2u8)", "1:6: expected `)`, found `2`"},
      {"1u8 x", "1:5: expected the end of the text, found `x`"},
      {"point", "1:1: `point` is not a value: `{` begins a record, `::` a variant"},
      {"some(1u8)", "1:5: expected `<`, found `(`"},
      {"none<list<>>", "1:12: `list` has one type within `<>`"},
      {"none<result<u8>>", "1:16: `result` has two types within `<>`"},
      {"none<u8<u8>>", "1:8: expected `>`, found `<`"},
      {"a::b#99999999999", "1:6: expected a 32-bit tag after `#`"},
      {"f32(0x100000000)", "1:5: `0x100000000` has too many bits for `f32`"},
      {"flags(5)", "1:7: expected `0x`, found `5`"},
      {"{1: 2u8}", "1:2: expected a name, found `1`"},
      {"NaNf32", "1:1: `NaNf32` is not a value: `{` begins a record, `::` a variant"},
      {"\xff", "1:1: a byte that is not UTF-8"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(reprint(text), expected) << text;
}

TEST(GraphText, DepthIsBounded) {
  const auto nest = [](std::size_t levels) {
    return std::string(levels, '(') + "1u8" + std::string(levels, ')');
  };
  EXPECT_TRUE(parse_graph_value(nest(kMaxGraphDepth)));
  EXPECT_EQ(parse_graph_value(nest(kMaxGraphDepth + 1)).error().message, "more than 1000 levels");
  EXPECT_FALSE(parse_graph_value(std::string(100'000, '[')));
  std::string type = "none<";
  for (int i = 0; i < 100'000; ++i) type += "list<";
  EXPECT_EQ(parse_graph_value(type).error().message, "more than 1000 levels");
}

// Each list says the type of all that is in it: in memory that is far more than the text.
TEST(GraphText, MemoryIsBounded) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "[(";
  for (int i = 0; i < 20'000; ++i) text += "1u8,";
  for (int i = 0; i < 400; ++i) text += ")]";
  EXPECT_EQ(parse_graph_value(text, 50'000'000).error().message, "the value needs too much memory");
}

TEST(GraphText, EveryTypeWordIsAType) {
  for (std::uint8_t tag = 1; tag <= kLastTypeTag; ++tag) {
    const auto kind = static_cast<NodeKind>(tag);
    if (kind == NodeKind::Record) continue;
    EXPECT_EQ(find_type_word(type_word(kind)), kind);
  }
}

}  // namespace
}  // namespace tenon::packr::graph_text_test
