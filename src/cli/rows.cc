#include "cli/rows.h"

#include <fmt/core.h>

#include <algorithm>

#include "tenon/text.h"

namespace tenon::cli {

std::string render_rows(const std::vector<Row>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  std::string text;
  for (const Row& row : rows) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line += std::string(widths[i] - display_width(row[i]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    text += line + '\n';
  }
  return text;
}

void add_section(std::string& text, std::string_view title, const std::vector<Row>& rows) {
  if (!rows.empty()) text += fmt::format("{}\n{}", title, render_rows(rows, "  "));
}

std::string count(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace tenon::cli
