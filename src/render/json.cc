#include "render/json.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "render/graph.h"

namespace tenon::render {

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

JsonValue make_diagnostic_json(const Diagnostic& problem, const HintReader& reader) {
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
  JsonValue hints = JsonValue::array();
  for (const Hint& hint : problem.hints) {
    const ReaderHint adapted = adapt_hint(hint, reader);
    std::string text = adapted.text;
    for (const std::string& line : adapted.lines) text += "\n" + line;
    hints.push_back(std::move(text));
  }
  object["hints"] = std::move(hints);
  object["related"] = std::move(related);
  return object;
}

std::string dump_json_line(const JsonValue& value) {
  return value.dump(-1, ' ', true, JsonValue::error_handler_t::replace) + "\n";
}

std::string dump_json(const JsonValue& value) {
  return value.dump(2, ' ', true, JsonValue::error_handler_t::replace) + "\n";
}

namespace {

std::string_view get_reason_name(EdgeReason reason) {
  switch (reason) {
    case EdgeReason::Wire:
      return "wire";
    case EdgeReason::Chain:
      return "chain";
    case EdgeReason::HostFunction:
      return "host-function";
    case EdgeReason::SameName:
      return "same-name";
    case EdgeReason::OnlyCandidate:
      return "only-candidate";
    case EdgeReason::SameResource:
      return "same-resource";
    case EdgeReason::BestVersion:
      return "best-version";
  }
  return {};
}

// The notes of a plan say nothing about who reads them.
JsonValue make_note_json(const Diagnostic& note) { return make_diagnostic_json(note); }

template <class T>
JsonValue make_array(const std::vector<T>& values, JsonValue (*make)(const T&)) {
  JsonValue array = JsonValue::array();
  for (const T& value : values) array.push_back(make(value));
  return array;
}

// Limits that are not set are left out.
JsonValue make_process_json(const HostProcess& process) {
  JsonValue json = {
      {"files", process.files}, {"network", process.network}, {"restarts", process.restarts}};
  if (process.memory) json["memory"] = *process.memory;
  if (process.cpu) json["cpu_ms"] = process.cpu->count();
  if (process.descriptors) json["descriptors"] = *process.descriptors;
  if (process.within) json["within_ms"] = process.within->count();
  return json;
}

JsonValue make_unit_json(const PlanUnit& unit) {
  JsonValue json = {{"name", unit.name},
                    {"kind", get_name(unit.kind)},
                    {"version", unit.version ? JsonValue(*unit.version) : JsonValue(nullptr)},
                    {"digest", text_or_null(unit.digest)},
                    {"domain", unit.domain},
                    {"imports", make_array(unit.imports, make_item_json)},
                    {"exports", make_array(unit.exports, make_item_json)}};
  if (unit.kind == UnitKind::Package) {
    json["import_hashes"] = make_hashes_json(unit.import_hashes);
    json["export_hashes"] = make_hashes_json(unit.export_hashes);
  }
  if (!unit.config.empty()) json["config"] = unit.config;
  if (unit.process) json["process"] = make_process_json(*unit.process);
  return json;
}

JsonValue make_grants_json(const PlanGrants& grants) {
  JsonValue dirs = JsonValue::array();
  for (const PlanDirectory& dir : grants.dirs)
    dirs.push_back({{"host", dir.host}, {"guest", dir.guest}, {"writable", dir.writable}});
  return {{"dirs", std::move(dirs)},
          {"env", grants.env},
          {"net", grants.net},
          {"http", grants.http},
          {"http_proxy", grants.http_proxy},
          {"stdio", get_name(grants.stdio)},
          {"args", grants.args}};
}

// Limits that are not set are left out.
JsonValue make_limits_json(const PlanLimits& limits) {
  JsonValue json = JsonValue::object();
  const auto add = [&](const char* name, const std::optional<std::uint64_t>& value) {
    if (value) json[name] = *value;
  };
  const auto add_time = [&](const char* name,
                            const std::optional<std::chrono::milliseconds>& value) {
    if (value) json[name] = value->count();
  };
  add("memory", limits.memory);
  add("tables", limits.tables);
  add("instances", limits.instances);
  add("fuel", limits.fuel);
  add_time("timeout_ms", limits.timeout);
  add_time("call_timeout_ms", limits.call_timeout);
  if (limits.restarts != 0) json["restarts"] = limits.restarts;
  add_time("restart_within_ms", limits.within);
  if (limits.pool != 0) json["pool"] = limits.pool;
  return json;
}

JsonValue make_domain_json(const PlanDomain& domain) {
  JsonValue json = {{"name", domain.name},
                    {"units", domain.units},
                    {"grants", make_grants_json(domain.grants)},
                    {"limits", make_limits_json(domain.limits)}};
  if (domain.owns_thread) json["thread"] = "own";
  if (!domain.part_of.empty()) json["part_of"] = domain.part_of;
  return json;
}

JsonValue make_open_json(const PlanOpenImport& open) {
  JsonValue importers = JsonValue::array();
  for (const PlanOpenImport::Importer& importer : open.importers)
    importers.push_back({{"unit", importer.unit}, {"import", importer.import}});
  JsonValue json = {{"name", open.name},
                    {"importers", std::move(importers)},
                    {"met", open.is_wasi   ? "wasi"
                            : open.is_trap ? "trap"
                                           : "open"}};
  if (open.is_optional) json["optional"] = true;
  return json;
}

JsonValue make_export_json(const PlanExport& exported) {
  return {{"name", exported.name},
          {"unit", exported.unit},
          {"item", exported.item},
          {"implied", exported.implied}};
}

JsonValue make_route_json(const PlanRoute& route) {
  JsonValue json = {{"host", text_or_null(route.host)},
                    {"path", route.path},
                    {"methods", route.methods},
                    {"unit", text_or_null(route.unit)},
                    {"folder", text_or_null(route.folder)},
                    {"handler", text_or_null(route.handler)}};
  if (route.precompressed) json["precompressed"] = true;
  return json;
}

JsonValue make_edge_json(const PlanEdge& edge) {
  JsonValue json = {{"consumer", edge.consumer},
                    {"import", edge.import},
                    {"provider", edge.provider},
                    {"export", edge.export_name},
                    {"kind", get_name(edge.kind)},
                    {"via", edge.via},
                    {"reason", get_reason_name(edge.reason)},
                    {"notes", edge.notes}};
  if (!edge.middleware.empty()) json["middleware"] = edge.middleware;
  if (edge.is_adapted()) {
    json["conversions"] = edge.conversions;
    json["failing"] = edge.failing;
  }
  if (edge.buffers) json["buffers"] = true;
  if (edge.is_optional) json["optional"] = true;
  return json;
}

JsonValue make_rejected_json(const PlanRejected& rejected) {
  return {{"consumer", rejected.consumer},
          {"import", rejected.import},
          {"provider", rejected.provider},
          {"export", rejected.export_name},
          {"why", rejected.why}};
}

JsonValue make_chosen_json(const Plan& plan, const PlanChoice& choice) {
  for (const PlanEdge& edge : plan.edges) {
    if (edge.consumer != choice.consumer || edge.import != choice.import) continue;
    JsonValue chosen = make_edge_json(edge);
    chosen["why"] = choice.why;
    return chosen;
  }
  return nullptr;
}

}  // namespace

std::string_view get_item_kind(PlanItemKind kind) {
  switch (kind) {
    case PlanItemKind::Instance:
      return "instance";
    case PlanItemKind::Function:
      return "function";
    case PlanItemKind::ValueType:
      return "value-type";
    case PlanItemKind::Resource:
      return "resource";
    case PlanItemKind::CoreModule:
      return "core-module";
    case PlanItemKind::Component:
      return "component";
    case PlanItemKind::Value:
      return "value";
    case PlanItemKind::Type:
      return "type";
  }
  return {};
}

JsonValue make_item_json(const PlanItem& item) {
  return {{"name", item.name}, {"kind", get_item_kind(item.kind)}, {"functions", item.functions}};
}

JsonValue make_hashes_json(const std::vector<PlanHash>& hashes) {
  JsonValue array = JsonValue::array();
  for (const PlanHash& hash : hashes)
    array.push_back({{"interface", hash.interface}, {"sha256", hash.digest}});
  return array;
}

std::string render_plan_json(const Plan& plan) {
  JsonValue shadowed = JsonValue::array();
  JsonValue rejected = JsonValue::array();
  for (const PlanRejected& candidate : plan.rejected)
    (candidate.shadowed ? shadowed : rejected).push_back(make_rejected_json(candidate));
  return dump_json({{"schema", 1},
                    {"name", plan.name},
                    {"root", text_or_null(plan.root)},
                    {"units", make_array(plan.units, make_unit_json)},
                    {"domains", make_array(plan.domains, make_domain_json)},
                    {"edges", make_array(plan.edges, make_edge_json)},
                    {"open", make_array(plan.open, make_open_json)},
                    {"exports", make_array(plan.exports, make_export_json)},
                    {"routes", make_array(plan.routes, make_route_json)},
                    {"order", plan.order},
                    {"shadowed", std::move(shadowed)},
                    {"rejected", std::move(rejected)},
                    {"notes", make_array(plan.notes, make_note_json)}});
}

std::string render_choices_json(const Plan& plan, const std::vector<PlanChoice>& choices) {
  JsonValue why = JsonValue::array();
  for (const PlanChoice& choice : choices) {
    JsonValue shadowed = JsonValue::array();
    JsonValue rejected = JsonValue::array();
    for (const PlanCandidate& other : choice.candidates) {
      if (other.verdict == PlanVerdict::Chosen) continue;
      const bool is_shadowed = other.verdict == PlanVerdict::Shadowed;
      (is_shadowed ? shadowed : rejected)
          .push_back(make_rejected_json({choice.consumer, choice.import, other.provider,
                                         other.export_name, is_shadowed, other.why}));
    }
    why.push_back({{"consumer", choice.consumer},
                   {"import", choice.import},
                   {"why", choice.why},
                   {"chosen", make_chosen_json(plan, choice)},
                   {"shadowed", std::move(shadowed)},
                   {"rejected", std::move(rejected)}});
  }
  return dump_json({{"schema", 1}, {"why", std::move(why)}});
}

namespace {

std::string_view name_of(TraceCall::Event event) {
  switch (event) {
    case TraceCall::Event::Ended:
      return "ended";
    case TraceCall::Event::Suspended:
      return "suspended";
    case TraceCall::Event::Dropped:
      return "dropped";
  }
  return "";
}

std::string_view name_of(TraceCall::Side side) {
  switch (side) {
    case TraceCall::Side::Both:
      return "both";
    case TraceCall::Side::Client:
      return "client";
    case TraceCall::Side::Server:
      return "server";
  }
  return "";
}

}  // namespace

std::string render_trace_json(const TraceCall& call) {
  JsonValue json = {{"event", name_of(call.event)},
                    {"side", name_of(call.side)},
                    {"number", call.number},
                    {"consumer", call.consumer},
                    {"provider", call.provider},
                    {"function", call.function},
                    {"arguments", call.arguments},
                    {"result", text_or_null(call.result)},
                    {"failure", nullptr},
                    {"start_ns", call.start.time_since_epoch().count()},
                    {"duration_ns", call.duration.count()},
                    {"depth", call.depth},
                    {"bytes", call.bytes},
                    {"handles", call.handles},
                    {"restarts", call.restarts},
                    {"traceparent", print_traceparent(call.context)}};
  if (call.failure) json["failure"] = call.failure->message;
  return dump_json_line(json);
}

}  // namespace tenon::render
