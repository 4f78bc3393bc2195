#include "duckdb_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "utf8.h"

namespace duckdb_adapter {

namespace {

using Kind = sql::error_kind;

struct KnownType {
  int type;               // DUCKDB_ERROR_..
  std::string_view name;  // as messages begin
  Kind kind;
};

constexpr auto kTypes = std::to_array<KnownType>({
    {1, "Out of Range", Kind::conversion},
    {2, "Conversion", Kind::conversion},
    {3, "Unknown Type", Kind::conversion},
    {4, "Decimal", Kind::conversion},
    {5, "Mismatch Type", Kind::conversion},
    {6, "Divide by Zero", Kind::conversion},
    {7, "Object Size", Kind::limit},
    {8, "Invalid type", Kind::conversion},
    {10, "TransactionContext", Kind::busy},
    {11, "Not implemented", Kind::unsupported},
    {12, "Expression", Kind::sql},
    {13, "Catalog", Kind::sql},
    {14, "Parser", Kind::sql},
    {15, "Planner", Kind::sql},
    {18, "Constraint", Kind::constraint},
    {22, "Syntax", Kind::sql},
    {24, "Binder", Kind::sql},
    {28, "IO", Kind::storage},
    {29, "INTERRUPT", Kind::interrupted},
    {32, "Invalid Input", Kind::other},
    {33, "Out of Memory", Kind::limit},
    {34, "Permission", Kind::denied},
    {35, "Parameter Not Resolved", Kind::parameters},
    {36, "Parameter Not Allowed", Kind::parameters},
    {37, "Dependency", Kind::constraint},
    {39, "Missing Extension", Kind::unsupported},
    {40, "Extension Autoloading", Kind::unsupported},
    {42, "Invalid Configuration", Kind::denied},
    {43, "Data Corruption", Kind::storage},
    {44, "Resource In Use", Kind::busy},
});

// The line of `text` with that number, from 1.
std::optional<std::string_view> find_line(std::string_view text, std::size_t number) {
  while (--number > 0) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Messages end with the line and a mark below it:
//   LINE 1: SELECT * FRM t
//                    ^
// Long lines are cut there, and wide characters take two columns: a place that is not certain is
// none.
std::optional<std::uint32_t> find_position(std::string_view message, std::string_view text) {
  constexpr std::string_view kLine = "\nLINE ";
  const std::size_t at = message.rfind(kLine);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view quoted = message.substr(at + 1);
  const std::string_view shown = quoted.substr(0, quoted.find('\n'));
  const std::size_t colon = shown.find(": ");
  if (colon == std::string_view::npos || shown.size() == quoted.size()) return std::nullopt;
  std::size_t number = 0;
  const char* const digits = shown.data() + kLine.size() - 1;
  if (std::from_chars(digits, shown.data() + colon, number).ptr != shown.data() + colon ||
      number == 0)
    return std::nullopt;
  const std::size_t mark = quoted.substr(shown.size() + 1).find('^');
  const std::optional<std::string_view> line = find_line(text, number);
  const std::string_view said = shown.substr(colon + 2);
  if (!line || *line != said || mark == std::string_view::npos || mark < colon + 2)
    return std::nullopt;
  const std::size_t column = mark - colon - 2;
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (column > said.size() || !std::ranges::all_of(said.substr(0, column), is_ascii))
    return std::nullopt;
  return static_cast<std::uint32_t>(line->data() - text.data()) +
         static_cast<std::uint32_t>(column);
}

}  // namespace

sql::error read_error(const char* message, int type, std::string_view sql_text) {
  const std::string_view said = message == nullptr ? "DuckDB did not say why" : message;
  const auto known = std::ranges::find(kTypes, type, &KnownType::type);
  sql::error made = sql_adapter::make_error(known == kTypes.end() ? Kind::other : known->kind, {});
  made.code = type;
  made.message = bundle_text::make_utf8(said);
  made.position = find_position(said, sql_text);
  return made;
}

sql::error read_error(const char* message, std::string_view sql_text) {
  const std::string_view said = message == nullptr ? "" : message;
  const std::string_view name = said.substr(0, said.find(" Error: "));
  const auto known = std::ranges::find(kTypes, name, &KnownType::name);
  return read_error(message, known == kTypes.end() ? 0 : known->type, sql_text);
}

}  // namespace duckdb_adapter
