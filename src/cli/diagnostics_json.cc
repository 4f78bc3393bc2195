#include "cli/diagnostics_json.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace tenon::cli {

namespace {

std::string_view get_level_name(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      return "note";
  }
  return {};
}

JsonValue make_span(const Location& where) {
  if (!where.offset && where.line == 0) return nullptr;
  JsonValue span;
  span["offset"] = where.offset ? JsonValue(*where.offset) : JsonValue(nullptr);
  span["line"] = where.line > 0 ? JsonValue(where.line) : JsonValue(nullptr);
  span["column"] =
      where.line > 0 && where.column > 0 ? JsonValue(where.column) : JsonValue(nullptr);
  return span;
}

void add_location(JsonValue& object, const Location& where) {
  object["file"] = text_or_null(where.file);
  object["unit"] = text_or_null(where.unit);
  object["path"] = text_or_null(where.item);
  object["span"] = make_span(where);
}

}  // namespace

JsonValue text_or_null(const std::string& text) {
  return text.empty() ? JsonValue(nullptr) : JsonValue(text);
}

JsonValue make_diagnostic_json(const Diagnostic& problem) {
  JsonValue object;
  object["code"] = problem.code;
  object["level"] = get_level_name(problem.severity);
  object["message"] = problem.message;
  add_location(object, problem.where);
  object["excerpt"] = problem.excerpt.lines;
  JsonValue notes = JsonValue::array();
  JsonValue related = JsonValue::array();
  for (const Note& note : problem.notes) {
    notes.push_back({{"text", note.text}, {"excerpt", note.excerpt.lines}});
    if (note.related == Location{}) continue;
    JsonValue place;
    add_location(place, note.related);
    related.push_back(std::move(place));
  }
  object["notes"] = std::move(notes);
  object["hints"] = problem.hints;
  object["related"] = std::move(related);
  return object;
}

std::string dump_json_line(const JsonValue& value) {
  return value.dump(-1, ' ', true, JsonValue::error_handler_t::replace) + "\n";
}

std::string dump_json(const JsonValue& value) {
  return value.dump(2, ' ', true, JsonValue::error_handler_t::replace) + "\n";
}

}  // namespace tenon::cli
