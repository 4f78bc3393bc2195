#include "cli/render_pack.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/diagnostics_json.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct HashRow {
  std::string_view side;
  std::string name;
  std::string_view digest;
};

void add_rows(std::string_view side, const std::vector<PackInterface>& interfaces,
              std::vector<HashRow>& rows) {
  for (const PackInterface& one : interfaces)
    rows.push_back(
        {side, one.name.empty() ? "(by themselves)" : sanitize_text(one.name), one.digest});
}

JsonValue make_interfaces_json(const std::vector<PackInterface>& interfaces) {
  JsonValue made = JsonValue::array();
  for (const PackInterface& one : interfaces) {
    JsonValue functions = JsonValue::array();
    for (const PackFunction& function : one.functions)
      functions.push_back(
          {{"name", function.name}, {"type", function.type}, {"hash", function.digest}});
    made.push_back({{"interface", text_or_null(one.name)},
                    {"hash", one.digest},
                    {"functions", std::move(functions)}});
  }
  return made;
}

std::string_view kind_text(PackTypes::Kind kind) {
  switch (kind) {
    case PackTypes::Kind::Package:
      return "package";
    case PackTypes::Kind::Metadata:
      return "metadata";
    case PackTypes::Kind::Text:
      return "text";
    case PackTypes::Kind::Component:
      return "component";
  }
  return "";
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string render_pack_types(const PackTypes& types) {
  std::vector<HashRow> rows;
  add_rows("import", types.imports, rows);
  add_rows("export", types.exports, rows);
  // Of a text that does not say what a package has.
  if (rows.empty()) add_rows("interface", types.interfaces, rows);
  std::size_t side_width = 0;
  std::size_t name_width = 0;
  for (const HashRow& row : rows) {
    side_width = std::max(side_width, row.side.size());
    name_width = std::max(name_width, display_width(row.name));
  }
  std::string text;
  for (const HashRow& row : rows)
    text += fmt::format("// {}  {}  {}\n", pad_right(row.side, side_width),
                        pad_right(row.name, name_width), row.digest);
  for (const std::string& note : types.notes) text += fmt::format("// {}\n", sanitize_text(note));
  if (!text.empty() && !types.text.empty()) text += "\n";
  return text + types.text;
}

std::string render_pack_types_json(const PackTypes& types) {
  return dump_json({{"schema", 1},
                    {"file", types.file},
                    {"kind", kind_text(types.kind)},
                    {"imports", make_interfaces_json(types.imports)},
                    {"exports", make_interfaces_json(types.exports)},
                    {"interfaces", make_interfaces_json(types.interfaces)},
                    {"notes", types.notes},
                    {"text", types.text}});
}

std::string render_hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view digits) {
  if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = digit_of(digits[i]);
    const int low = digit_of(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(16 * high + low));
  }
  return bytes;
}

}  // namespace tenon::cli
