// Values as text and in the wire form, by types as text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/test_vectors.h"
#include "packr/value_bytes.h"
#include "pact/package.h"
#include "tenon/value.h"

namespace tenon::pact::value_type_test {
namespace {

using packr::Bytes;
using tenon::TypeKind;  // not that of a syntax tree
using testing::HasSubstr;

packr::ValueType type_of(std::string text) {
  Result<packr::ValueType> type = read_value_type({"--type", std::move(text)});
  if (!type) {
    ADD_FAILURE() << type.error()[0].message;
    return *read_value_type({"--type", "value"});
  }
  return *std::move(type);
}

Result<Bytes> encode(std::string_view text, const packr::ValueType& type) {
  Result<Value> value = parse_wave(text, type.type);
  if (!value) return std::move(value).error();
  return packr::encode_value(*value, type);
}

// The WAVE text of encoded bytes, or the code of the problem.
std::string decode(const Bytes& bytes, const packr::ValueType& type) {
  const Result<Value> value = packr::decode_value(bytes, type);
  if (!value) return std::string(value.error()[0].code);
  const Result<void> checked = packr::check_labels(*value);
  return checked ? print_wave(*value) : std::string(checked.error()[0].code);
}

Bytes bytes_of_vector(const std::string& name) {
  for (const packr::Json& row : read_vectors("cgrf.jsonl"))
    if (row["name"] == name) return from_hex(text_of(row, "hex"));
  ADD_FAILURE() << name;
  return {};
}

TEST(ValueType, IsATypeOrTheLastDefinition) {
  EXPECT_EQ(type_of("list<option<u8>>").type.wit(), "list<option<u8>>");
  EXPECT_EQ(type_of("value").type.kind(), TypeKind::Dynamic);
  EXPECT_EQ(type_of("_").type.kind(), TypeKind::Tuple);
  EXPECT_EQ(type_of("record point { x: s32, y: s32 }").type.labels(),
            (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(type_of("record p { x: s32 }; type q = p; list<q>").type.element()->kind(),
            TypeKind::Record);
  EXPECT_EQ(type_of("flags rights { read, write }").type.kind(), TypeKind::Flags);
  EXPECT_EQ(type_of("record pair<a> { x: a } pair<u8>").type.fields()[0].type.kind(), TypeKind::U8);
  EXPECT_FALSE(type_of("result<_, string>").type.cases()[0].type);
}

TEST(ValueType, ProblemsHaveAPlace) {
  struct Refused {
    std::string_view text;
    std::string_view code;
    std::size_t column;
    std::string_view message;
  };
  constexpr Refused kRefused[] = {
      {"", "pack-syntax", 1, "a type"},
      {"list<s32", "pack-syntax", 9, "a type"},
      {"record { x: s32 }", "pack-syntax", 8, "expected a name after `record`, found `{`"},
      {"u8 u16", "pack-syntax", 4, "expected the end of the type, found `u16`"},
      {"f: func(n: s64)", "pack-syntax", 2, "expected the end of the type, found `:`"},
      {"list<strng>", "pack-type", 6, "unknown type `strng`"},
      {"record a { b: a }", "pack-type", 8, "`a` contains itself without end"},
  };
  for (const Refused& row : kRefused) {
    const auto type = read_value_type({"--type", std::string(row.text)});
    ASSERT_FALSE(type) << row.text;
    const Diagnostic& problem = type.error()[0];
    EXPECT_EQ(problem.code, row.code) << row.text;
    EXPECT_THAT(problem.message, HasSubstr(row.message)) << row.text;
    EXPECT_EQ(problem.where.column, row.column) << row.text;
    EXPECT_EQ(problem.where.file, "--type");
    EXPECT_FALSE(problem.hints.empty()) << row.text;
  }
}

// Vectors without names, since packr has no rule for the names of types in a value.
TEST(ValueBytes, AreThoseOfPackr) {
  struct Encoded {
    const char* vector;
    const char* type;
    std::string_view text;
  };
  constexpr Encoded kEncoded[] = {
      {"bool-true", "value", "true"},
      {"s64-min", "value", "-9223372036854775808"},
      {"u64-max", "value", "18446744073709551615"},
      {"f64-pi", "value", "3.141592653589793"},
      {"f64-minus-inf", "value", "-inf"},
      {"string-ascii", "value", "\"hello\""},
      {"char-emoji", "value", "'\xf0\x9f\xa6\x80'"},
      {"flags-bits-0-2-63", "value", "{b0, b2, b63}"},
      {"flags-bits-0-2-63", "flags", "{b0, b2, b63}"},
      {"unit-empty-tuple", "value", "()"},
      {"unit-empty-tuple", "_", "()"},
      {"u8-max", "u8", "255"},
      {"s16-min", "s16", "-32768"},
      {"f32-one", "f32", "1"},
      {"tuple-mixed", "tuple<s32, string, bool>", "(1, \"two\", true)"},
      {"list-u8-empty-array-node", "list<u8>", "[]"},
      {"list-u8-bytes-array-node", "list<u8>", "[0, 1, 254, 255]"},
      {"list-flags-array-node", "list<flags>", "[{b0, b1}, {}]"},
      {"list-string-empty-list-node", "list<string>", "[]"},
      {"list-list-s32", "list<list<s32>>", "[[1], []]"},
      {"list-tuple", "list<tuple<string, s32>>", "[(\"k\", 1)]"},
      {"list-unit", "list<_>", "[(), ()]"},
      {"option-none-s32", "option<s32>", "none"},
      {"option-some-s32", "option<s32>", "some(42)"},
      {"option-option-some-none", "option<option<string>>", "some(none)"},
      {"result-ok-unit-err-string", "result<_, string>", "ok"},
      {"result-err-string", "result<s32, string>", "err(\"boom\")"},
      {"result-nested", "result<result<u8, bool>, option<char>>", "ok(err(true))"},
  };
  for (const Encoded& row : kEncoded) {
    const packr::ValueType type = type_of(row.type);
    const Result<Bytes> bytes = encode(row.text, type);
    ASSERT_TRUE(bytes) << row.text << ": " << bytes.error()[0].message;
    EXPECT_EQ(to_hex(*bytes), to_hex(bytes_of_vector(row.vector))) << row.vector;
    EXPECT_EQ(decode(*bytes, type), row.text) << row.vector;
  }
}

TEST(ValueBytes, HaveTheNamesOfTheGuests) {
  const Result<Bytes> bytes =
      encode("{last-msg: not-found}",
             type_of("enum error-code { ok, not-found } record log { last-msg: error-code }"));
  ASSERT_TRUE(bytes) << bytes.error()[0].message;
  const std::string text(bytes->begin(), bytes->end());
  for (const char* name : {"Log", "last_msg", "ErrorCode", "NotFound"})
    EXPECT_THAT(text, HasSubstr(name));
  EXPECT_EQ(decode(*bytes, type_of("value")), "{last-msg: not-found#1}");
}

TEST(ValueBytes, RecursiveTypesAreWrittenAndRead) {
  const packr::ValueType tree = type_of("variant tree { leaf(s64), node(list<self>) }");
  const std::pair<std::string, std::string> kTexts[] = {
      {"leaf(1)", "leaf#0(1)"},
      {"node([])", "node#1([])"},
      {"node([leaf(1), node([leaf(2)])])", "node#1([leaf#0(1), node#1([leaf#0(2)])])"}};
  for (const auto& [text, without_type] : kTexts) {
    const Result<Bytes> bytes = encode(text, tree);
    ASSERT_TRUE(bytes) << text << ": " << bytes.error()[0].message;
    EXPECT_EQ(decode(*bytes, tree), text);
    EXPECT_EQ(decode(*bytes, type_of("value")), without_type);
    // The number of a case is enough to write it.
    const Result<Bytes> again = encode(without_type, type_of("value"));
    ASSERT_TRUE(again) << without_type;
    EXPECT_EQ(decode(*again, tree), text);
  }
}

TEST(ValueBytes, InnerTextIsFittedToTheEnclosingType) {
  const packr::ValueType node =
      type_of("record node { value: u8, weights: list<f32>, next: option<node> }");
  const std::string text =
      "{value: 1, weights: [], next: some({value: 2, weights: [0.5, 1], next: "
      "some({value: 3, weights: [2]})})}";
  const Result<Bytes> bytes = encode(text, node);
  ASSERT_TRUE(bytes) << bytes.error()[0].message;
  EXPECT_EQ(decode(*bytes, node), text);
  const Result<Value> value = packr::decode_value(*bytes, type_of("value"));
  ASSERT_TRUE(value);
  const Value* const next = value->get_if<ValueRecord>()->find("next");
  const Value* const inner = next->get_if<ValueOption>()->payload.get();
  EXPECT_EQ(*inner->get_if<ValueRecord>()->find("value"), Value::u8(2));
  EXPECT_EQ(*inner->get_if<ValueRecord>()->find("weights"),
            Value::list(std::vector<float>{0.5F, 1}));

  const Result<Bytes> large =
      encode("{value: 1, weights: [], next: some({value: 256, weights: []})}", node);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error()[0].message, "expected u8, found s64");
  EXPECT_EQ(large.error()[0].where.item, "$.next.some.value");
}

// Each vector is printed as text that is WAVE, unless it has names that WAVE cannot write.
TEST(ValueBytes, OfPackrAreReadWithoutAType) {
  const packr::ValueType any = type_of("value");
  std::size_t refused = 0;
  for (const packr::Json& row : read_vectors("cgrf.jsonl")) {
    const Bytes bytes = from_hex(text_of(row, "hex"));
    const std::string text = decode(bytes, any);
    if (text == "value-label") {
      ++refused;
      continue;
    }
    EXPECT_TRUE(parse_wave(text, any.type)) << row["name"] << ": " << text;
  }
  // A field that occurs twice, names with other letters, and empty names.
  EXPECT_EQ(refused, 3U);
  EXPECT_EQ(decode(bytes_of_vector("variant-two-payloads"), any), "rect#2((1, 2))");
  EXPECT_EQ(decode(bytes_of_vector("record-point"), any), "{x: 3, y: -4}");
}

TEST(ValueBytes, CharactersThatHarmATerminalAreEscaped) {
  const packr::ValueType any = type_of("value");
  const Result<Bytes> bytes = encode("\"\\u{1b}[2J\"", any);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(decode(*bytes, any), "\"\\u{1b}[2J\"");
}

TEST(ValueBytes, ValuesThatNeedATypeAreRefused) {
  const packr::ValueType any = type_of("value");
  for (const auto& [text, message] :
       {std::pair{"red", "no type says which variant the case `red` belongs to"},
        std::pair{"[circle(1.5)]", "no type says which variant the case `circle` belongs to"},
        std::pair{"{read}", "the bit of the flag `read` is unknown"}}) {
    const Result<Bytes> bytes = encode(text, any);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error()[0].code, "value-type") << text;
    EXPECT_THAT(bytes.error()[0].message, HasSubstr(message)) << text;
  }
}

TEST(ValueBytes, OtherBytesAreRefused) {
  const packr::ValueType any = type_of("value");
  EXPECT_EQ(decode({1, 2}, any), "read-truncated");
  EXPECT_EQ(decode(Bytes(16), any), "read-malformed");
  const Result<Value> value =
      packr::decode_value(bytes_of_vector("tuple-mixed"), type_of("tuple<s32, s32, bool>"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error()[0].code, "value-type");
  EXPECT_EQ(value.error()[0].message, "expected s32, found string");
  EXPECT_EQ(value.error()[0].where.item, "$.1");
}

TEST(ValueBytes, NamesThatAreNotLabelsHaveAPath) {
  const packr::ValueType any = type_of("value");
  packr::GraphValue record = {packr::GraphRecord{"",
                                                 {{"gr\xc3\xb6\xc3\x9f"
                                                   "e",
                                                   {"x"}}}}};
  const auto bytes = packr::encode({packr::GraphTuple{{{"a"}, std::move(record)}}});
  ASSERT_TRUE(bytes);
  const Result<Value> value = packr::decode_value(*bytes, any);
  ASSERT_TRUE(value);
  const Result<void> checked = packr::check_labels(*value);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error()[0].where.item, "$.1");
  EXPECT_EQ(print_json(*value),
            "[\"a\",{\"gr\xc3\xb6\xc3\x9f"
            "e\":\"x\"}]");
}

}  // namespace
}  // namespace tenon::pact::value_type_test
