#include "cli/plan_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/diagnostics_json.h"
#include "cli/plan_names.h"

namespace tenon::cli {

namespace {

template <class T>
JsonValue make_array(const std::vector<T>& values, JsonValue (*make)(const T&)) {
  JsonValue array = JsonValue::array();
  for (const T& value : values) array.push_back(make(value));
  return array;
}

JsonValue make_unit_json(const PlanUnit& unit) {
  JsonValue made = {{"name", unit.name},
                    {"kind", get_name(unit.kind)},
                    {"version", unit.version ? JsonValue(*unit.version) : JsonValue(nullptr)},
                    {"digest", text_or_null(unit.digest)},
                    {"domain", unit.domain},
                    {"imports", make_array(unit.imports, make_item_json)},
                    {"exports", make_array(unit.exports, make_item_json)}};
  if (unit.kind == UnitKind::Package) {
    made["import_hashes"] = make_hashes_json(unit.import_hashes);
    made["export_hashes"] = make_hashes_json(unit.export_hashes);
  }
  return made;
}

JsonValue make_grants_json(const PlanGrants& grants) {
  JsonValue dirs = JsonValue::array();
  for (const PlanDirectory& dir : grants.dirs)
    dirs.push_back({{"host", dir.host}, {"guest", dir.guest}, {"writable", dir.writable}});
  return {{"dirs", std::move(dirs)},
          {"env", grants.env},
          {"net", grants.net},
          {"stdio", get_name(grants.stdio)},
          {"args", grants.args}};
}

// What is not limited is left out.
JsonValue make_limits_json(const PlanLimits& limits) {
  JsonValue made = JsonValue::object();
  const auto add = [&](const char* name, const std::optional<std::uint64_t>& value) {
    if (value) made[name] = *value;
  };
  const auto add_time = [&](const char* name,
                            const std::optional<std::chrono::milliseconds>& value) {
    if (value) made[name] = value->count();
  };
  add("memory", limits.memory);
  add("tables", limits.tables);
  add("instances", limits.instances);
  add("fuel", limits.fuel);
  add_time("timeout_ms", limits.timeout);
  add_time("call_timeout_ms", limits.call_timeout);
  if (limits.restarts != 0) made["restarts"] = limits.restarts;
  add_time("restart_within_ms", limits.within);
  return made;
}

JsonValue make_domain_json(const PlanDomain& domain) {
  return {{"name", domain.name},
          {"units", domain.units},
          {"grants", make_grants_json(domain.grants)},
          {"limits", make_limits_json(domain.limits)}};
}

JsonValue make_open_json(const PlanOpenImport& open) {
  JsonValue importers = JsonValue::array();
  for (const PlanOpenImport::Importer& importer : open.importers)
    importers.push_back({{"unit", importer.unit}, {"import", importer.import}});
  return {{"name", open.name},
          {"importers", std::move(importers)},
          {"met", open.is_wasi   ? "wasi"
                  : open.is_trap ? "trap"
                                 : "open"}};
}

JsonValue make_export_json(const PlanExport& exported) {
  return {{"name", exported.name},
          {"unit", exported.unit},
          {"item", exported.item},
          {"implied", exported.implied}};
}

}  // namespace

JsonValue make_item_json(const PlanItem& item) {
  return {{"name", item.name}, {"kind", get_name(item.kind)}, {"functions", item.functions}};
}

JsonValue make_hashes_json(const std::vector<PlanHash>& hashes) {
  JsonValue array = JsonValue::array();
  for (const PlanHash& hash : hashes)
    array.push_back({{"interface", hash.interface}, {"sha256", hash.digest}});
  return array;
}

JsonValue make_edge_json(const PlanEdge& edge) {
  return {{"consumer", edge.consumer},       {"import", edge.import},
          {"provider", edge.provider},       {"export", edge.export_name},
          {"kind", get_name(edge.kind)},     {"via", edge.via},
          {"reason", get_name(edge.reason)}, {"notes", edge.notes}};
}

JsonValue make_rejected_json(const PlanRejected& rejected) {
  return {{"consumer", rejected.consumer},
          {"import", rejected.import},
          {"provider", rejected.provider},
          {"export", rejected.export_name},
          {"why", rejected.why}};
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
                    {"order", plan.order},
                    {"shadowed", std::move(shadowed)},
                    {"rejected", std::move(rejected)},
                    {"notes", make_array(plan.notes, make_diagnostic_json)}});
}

}  // namespace tenon::cli
