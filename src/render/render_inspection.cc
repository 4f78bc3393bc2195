#include "render/render_inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "render/graph.h"
#include "render/json.h"
#include "support/terminal_text.h"

namespace tenon::render {

namespace {

std::string_view get_file_kind(Inspection::Kind kind) {
  switch (kind) {
    case Inspection::Kind::Component:
      return "component";
    case Inspection::Kind::CoreModule:
      return "core module";
    case Inspection::Kind::WitPackage:
      return "WIT package";
    case Inspection::Kind::Package:
      return "packr package";
  }
  return {};
}

constexpr std::size_t kPageWidth = 100;

// Breaks a list of words at ", " into lines from `column` to kPageWidth.
std::string wrap_list(std::string_view words, std::size_t column) {
  std::string text;
  std::size_t at = column;
  while (!words.empty()) {
    const std::size_t end = words.find(", ");
    const std::string_view word = words.substr(0, end == words.npos ? end : end + 2);
    if (at > column && at + display_width(word) > kPageWidth) {
      while (text.ends_with(' ')) text.pop_back();
      text += "\n" + std::string(column, ' ');
      at = column;
    }
    text += word;
    at += display_width(word);
    words.remove_prefix(word.size());
  }
  return text;
}

// Rows of two columns.
using Rows = std::vector<std::pair<std::string, std::string>>;

std::string render_table(std::string_view title, const Rows& rows, std::size_t width,
                         const Style& style) {
  if (rows.empty()) return {};
  std::string text = style.paint(Ink::Name, title) + "\n";
  for (const auto& [left, right] : rows)
    text += right.empty()
                ? fmt::format("  {}\n", left)
                : fmt::format("  {}   {}\n", pad_right(left, width), wrap_list(right, width + 5));
  return text;
}

Rows make_rows(const std::vector<PlanItem>& items) {
  Rows rows;
  for (const PlanItem& item : items) {
    std::string what = item.kind == PlanItemKind::Instance
                           ? fmt::format("{}", fmt::join(item.functions, ", "))
                           : std::string(get_item_kind(item.kind));
    rows.emplace_back(sanitize_text(item.name), sanitize_text(what));
  }
  return rows;
}

// The functions of a package with their types.
Rows make_rows(const std::vector<Inspection::Function>& functions) {
  Rows rows;
  for (const Inspection::Function& function : functions)
    rows.emplace_back(sanitize_text(function.name), sanitize_text(function.type));
  return rows;
}

Rows make_rows(const std::vector<PlanHash>& hashes) {
  Rows rows;
  for (const PlanHash& hash : hashes)
    rows.emplace_back(hash.interface.empty() ? "(no interface)" : sanitize_text(hash.interface),
                      hash.digest);
  return rows;
}

std::size_t measure(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [left, right] : rows) width = std::max(width, display_width(left));
  return width;
}

Rows make_producers(const Inspection& inspection) {
  Rows rows;
  for (const Inspection::Producer& producer : inspection.producers)
    rows.emplace_back(
        sanitize_text(producer.field),
        sanitize_text(producer.version.empty() ? producer.value
                                               : producer.value + " " + producer.version));
  return rows;
}

struct PartCount {
  std::size_t modules = 0;
  std::size_t components = 0;
};

void count_parts(const std::vector<ComponentPart>& parts, PartCount& count) {
  for (const ComponentPart& part : parts) {
    if (part.kind == "core module") ++count.modules;
    if (part.kind == "component") ++count.components;
    count_parts(part.parts, count);
  }
}

std::string render_counts(const Inspection& inspection) {
  PartCount count;
  count_parts(inspection.parts, count);
  if (count.modules == 0 && count.components == 0) return {};
  return fmt::format("parts: {}, {}\n", pluralize(count.modules, "core module"),
                     pluralize(count.components, "nested component"));
}

struct SizeRow {
  std::string label;
  std::uint64_t bytes;
};

void add_size_rows(const std::vector<ComponentPart>& parts, const std::string& indent,
                   const TreeGlyphs& glyphs, std::vector<SizeRow>& rows) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ComponentPart& part = parts[i];
    const bool is_last = i + 1 == parts.size();
    std::string label =
        indent + std::string(is_last ? glyphs.last : glyphs.branch) + sanitize_text(part.kind);
    if (!part.name.empty()) label += fmt::format(" `{}`", sanitize_text(part.name));
    rows.push_back({std::move(label), part.end - part.begin});
    add_size_rows(part.parts, indent + std::string(is_last ? glyphs.blank : glyphs.pipe), glyphs,
                  rows);
  }
}

JsonValue make_part_json(const ComponentPart& part) {
  JsonValue parts = JsonValue::array();
  for (const ComponentPart& nested : part.parts) parts.push_back(make_part_json(nested));
  return {{"kind", part.kind},
          {"name", text_or_null(part.name)},
          {"begin", part.begin},
          {"end", part.end},
          {"parts", std::move(parts)}};
}

JsonValue make_items_json(const std::vector<PlanItem>& items) {
  JsonValue array = JsonValue::array();
  for (const PlanItem& item : items) array.push_back(make_item_json(item));
  return array;
}

}  // namespace

std::string render_inspection(const Inspection& inspection, const Style& style) {
  const bool has_functions = inspection.kind == Inspection::Kind::Package ||
                             inspection.kind == Inspection::Kind::CoreModule;
  const Rows imports =
      has_functions ? make_rows(inspection.imported) : make_rows(inspection.imports);
  const Rows exports =
      has_functions ? make_rows(inspection.exported) : make_rows(inspection.exports);
  const Rows import_hashes = make_rows(inspection.import_hashes);
  const Rows export_hashes = make_rows(inspection.export_hashes);
  const Rows producers = make_producers(inspection);
  const std::size_t width = std::max(measure(imports), measure(exports));
  std::string text =
      fmt::format("{}: {}, {}", style.paint(Ink::Name, sanitize_text(inspection.file)),
                  get_file_kind(inspection.kind), format_bytes(inspection.bytes));
  if (inspection.version) text += ", version " + sanitize_text(*inspection.version);
  if (!inspection.name.empty()) text += fmt::format(", named `{}`", sanitize_text(inspection.name));
  text += "\n";
  text += render_table("imports", imports, width, style);
  text += render_table("exports", exports, width, style);
  const std::size_t hash_width = std::max(measure(import_hashes), measure(export_hashes));
  text += render_table("hashes of imported interfaces", import_hashes, hash_width, style);
  text += render_table("hashes of exported interfaces", export_hashes, hash_width, style);
  text += render_table("producers", producers, measure(producers), style);
  return text + render_counts(inspection);
}

std::string render_sizes(const Inspection& inspection, const Style& style) {
  std::vector<SizeRow> rows{{sanitize_text(inspection.file), inspection.bytes}};
  add_size_rows(inspection.parts, "", get_tree_glyphs(style.charset), rows);
  std::size_t width = 0;
  for (const SizeRow& row : rows) width = std::max(width, display_width(row.label));
  const double whole = inspection.bytes == 0 ? 1 : static_cast<double>(inspection.bytes);
  std::string text;
  for (const SizeRow& row : rows)
    text += fmt::format("{}  {:>10}  {:>5.1f} %\n", pad_right(row.label, width),
                        format_bytes(row.bytes), 100 * static_cast<double>(row.bytes) / whole);
  return text;
}

std::string render_digest(const Inspection& inspection) {
  return fmt::format("{}  {}\n", inspection.digest, sanitize_text(inspection.file));
}

std::string render_inspection_json(const Inspection& inspection) {
  JsonValue producers = JsonValue::array();
  for (const Inspection::Producer& producer : inspection.producers)
    producers.push_back({{"field", producer.field},
                         {"value", producer.value},
                         {"version", text_or_null(producer.version)}});
  JsonValue parts = JsonValue::array();
  for (const ComponentPart& part : inspection.parts) parts.push_back(make_part_json(part));
  JsonValue json = {
      {"schema", 1},
      {"file", inspection.file},
      {"kind", get_file_kind(inspection.kind)},
      {"name", text_or_null(inspection.name)},
      {"version", inspection.version ? JsonValue(*inspection.version) : JsonValue(nullptr)},
      {"bytes", inspection.bytes},
      {"digest", inspection.digest},
      {"imports", make_items_json(inspection.imports)},
      {"exports", make_items_json(inspection.exports)},
      {"producers", std::move(producers)},
      {"parts", std::move(parts)}};
  const auto list = [](const std::vector<Inspection::Function>& functions) {
    JsonValue array = JsonValue::array();
    for (const Inspection::Function& function : functions)
      array.push_back({{"name", function.name}, {"type", function.type}});
    return array;
  };
  if (inspection.kind == Inspection::Kind::CoreModule) {
    json["core_imports"] = list(inspection.imported);
    json["core_exports"] = list(inspection.exported);
  }
  if (inspection.kind != Inspection::Kind::Package) return dump_json(json);
  json["imported_functions"] = list(inspection.imported);
  json["exported_functions"] = list(inspection.exported);
  json["import_hashes"] = make_hashes_json(inspection.import_hashes);
  json["export_hashes"] = make_hashes_json(inspection.export_hashes);
  return dump_json(json);
}

}  // namespace tenon::render
