// JSON output: how values are written, and problems and plans as JSON. docs/command.md describes
// the members.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "render/render_diagnostics.h"
#include "tenon/plan.h"
#include "tenon/result.h"
#include "tenon/trace.h"

namespace tenon::render {

// Members keep the order in which they are written. A file that makes one includes
// nlohmann/json.hpp.
using JsonValue = nlohmann::ordered_json;

// ASCII text on one line, with a line feed. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string dump_json_line(const JsonValue& value);

// The same for people: indented by two columns a level.
[[nodiscard]] std::string dump_json(const JsonValue& value);

// `text`, or null if it is empty.
[[nodiscard]] JsonValue text_or_null(const std::string& text);

// `{code, level, message, file, unit, path, span, excerpt, notes, hints, related}`. Unknown members
// are null.
[[nodiscard]] JsonValue make_diagnostic_json(const Diagnostic& problem,
                                             const HintReader& reader = {});

// A plan, schema 1.
[[nodiscard]] std::string render_plan_json(const Plan& plan);
// Why imports got their providers, `plan --why`: `{schema, why: [{consumer, import, why, chosen,
// shadowed, rejected}]}`. Each `chosen` is an edge of the plan.
[[nodiscard]] std::string render_choices_json(const Plan& plan,
                                              const std::vector<PlanChoice>& choices);
[[nodiscard]] JsonValue make_item_json(const PlanItem& item);
[[nodiscard]] JsonValue make_hashes_json(const std::vector<PlanHash>& hashes);

// A traced call as one line; docs/c-api.md describes the members.
[[nodiscard]] std::string render_trace_json(const TraceCall& call);

// "instance", "function", ...; static.
[[nodiscard]] std::string_view get_item_kind(PlanItemKind kind);

}  // namespace tenon::render
