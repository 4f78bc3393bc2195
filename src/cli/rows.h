// Tables as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::cli {

using Row = std::vector<std::string>;

// Columns of equal width, two spaces between, `indent` before.
[[nodiscard]] std::string render_rows(const std::vector<Row>& rows, std::string_view indent);

// Appends a title and the rows below it; nothing if there are no rows.
void add_section(std::string& text, std::string_view title, const std::vector<Row>& rows);

// "1 function", "2 functions"
[[nodiscard]] std::string count(std::size_t number, std::string_view what);

}  // namespace tenon::cli
