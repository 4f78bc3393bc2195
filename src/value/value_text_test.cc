// Tests of what WAVE and JSON have in common: printed text reads back as the equal value, and the
// forms in docs/wave.md are read and printed.
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tenon/value.h"
#include "value/random_values.h"
#include "value/test_types.h"

namespace tenon::value_text_test {
namespace {

TEST(ValueText, RandomValuesReadBackFromWaveAndJson) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    value::RandomValues random(seed);
    const Type type = random.make_type_of_depth(4);
    for (int i = 0; i < 3; ++i) {
      const Value value = random.make_value(type);
      ASSERT_TRUE(check_value(value, type)) << type.wit();
      const std::string wave = print_wave(value);
      const Result<Value> from_wave = parse_wave(wave, type);
      ASSERT_TRUE(from_wave) << seed << ": " << type.wit() << "\n"
                             << wave << "\n"
                             << from_wave.error()[0].message;
      EXPECT_EQ(*from_wave, value) << seed << ": " << type.wit() << "\n" << wave;
      EXPECT_EQ(print_wave(*from_wave), wave);
      for (const JsonBytes bytes : {JsonBytes::Array, JsonBytes::Base64}) {
        const std::string json = print_json(value, bytes);
        const Result<Value> from_json = parse_json(json, type);
        ASSERT_TRUE(from_json) << seed << ": " << type.wit() << "\n"
                               << json << "\n"
                               << from_json.error()[0].message;
        EXPECT_EQ(*from_json, value) << seed << ": " << type.wit() << "\n" << json;
      }
    }
  }
}

// The text of a value is read as another type: it is rejected with a problem, or it is a value of
// that type, since `1` can be a u8 or an f64.
TEST(ValueText, TextOfOneTypeIsReadAsAnother) {
  std::size_t fitting = 0;
  std::size_t read = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    value::RandomValues random(seed);
    const Value value = random.make_value(random.make_type_of_depth(3));
    const Type other = random.make_type_of_depth(3);
    const bool fits = check_value(value, other).has_value();
    const Result<Value> from_wave = parse_wave(print_wave(value), other);
    const Result<Value> from_json = parse_json(print_json(value), other);
    if (from_wave) {
      EXPECT_TRUE(check_value(*from_wave, other)) << other.wit();
    }
    if (from_json) {
      EXPECT_TRUE(check_value(*from_json, other)) << other.wit();
    }
    if (fits) {
      EXPECT_TRUE(from_wave && from_json) << print_wave(value) << " " << other.wit();
    }
    fitting += fits ? 1 : 0;
    read += from_wave && from_json ? 1 : 0;
  }
  EXPECT_GT(fitting, 0U);
  EXPECT_GT(read, fitting);
}

TEST(ValueText, ManyBytesReadBackAsBytes) {
  std::vector<std::uint8_t> bytes(1 << 16);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  const Value value = Value::list(bytes);
  const Type type = value::type_of("list<u8>");
  EXPECT_EQ(*parse_wave(print_wave(value), type), value);
  EXPECT_EQ(*parse_json(print_json(value, JsonBytes::Base64), type), value);
}

// The texts in backticks in a row of a table.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t at = 0;
  while (line.starts_with("| `") && (at = line.find("| `", at)) != std::string::npos) {
    const std::size_t end = line.find("` |", at);
    cells.push_back(line.substr(at + 3, end - at - 3));
    at = end;
  }
  return cells;
}

// Rows of the table: type, WAVE, JSON.
TEST(ValueText, ReadsAndPrintsTheDocumentedForms) {
  std::ifstream page(TENON_SOURCE_DIR "/docs/wave.md");
  std::size_t rows = 0;
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 3) continue;
    ++rows;
    const Type type = value::type_of(cells[0]);
    const Result<Value> from_wave = parse_wave(cells[1], type);
    const Result<Value> from_json = parse_json(cells[2], type);
    ASSERT_TRUE(from_wave) << line;
    ASSERT_TRUE(from_json) << line;
    EXPECT_EQ(*from_wave, *from_json) << line;
    EXPECT_EQ(print_wave(*from_wave), cells[1]);
    EXPECT_EQ(print_json(*from_wave), cells[2]);
  }
  EXPECT_GE(rows, 26U);
}

}  // namespace
}  // namespace tenon::value_text_test
