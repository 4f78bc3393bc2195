// Problems as JSON: `{code, level, message, file, unit, path, span, excerpt, notes, hints,
// related}`. What is not known is null; docs/command.md describes the members.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tenon/diagnostic.h"

namespace tenon::cli {

// Members keep the order in which they are written. A file that makes one includes
// nlohmann/json.hpp.
using JsonValue = nlohmann::ordered_json;

[[nodiscard]] JsonValue make_diagnostic_json(const Diagnostic& problem);

// As ASCII text on one line, with a line feed; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string dump_json_line(const JsonValue& value);

// The same for a reader: two columns a level.
[[nodiscard]] std::string dump_json(const JsonValue& value);

// `text`, or null if it is empty.
[[nodiscard]] JsonValue text_or_null(const std::string& text);

}  // namespace tenon::cli
