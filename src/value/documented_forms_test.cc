// The table of docs/wave.md, row by row.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tenon/value_text.h"
#include "value/test_types.h"

namespace tenon::documented_forms_test {
namespace {

// The texts in backticks of a table row.
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

TEST(DocumentedForms, ReadAndPrintAsTheTableSays) {
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
}  // namespace tenon::documented_forms_test
