#include "link/http_domains.h"

#include <algorithm>
#include <array>

namespace tenon::link {

std::string find_export(const Plan& plan, std::string_view prefix) {
  const auto found = std::ranges::find_if(
      plan.exports, [&](const PlanExport& item) { return item.name.starts_with(prefix); });
  return found == plan.exports.end() ? std::string() : found->name;
}

std::string find_http_handler(const Plan& plan) {
  std::string handler = find_export(plan, "wasi:http/handler@0.3.");
  return handler.empty() ? find_export(plan, "wasi:http/incoming-handler@0.2.") : handler;
}

bool has_routes_to_units(const Plan& plan) {
  return std::ranges::any_of(plan.routes,
                             [](const PlanRoute& route) { return !route.unit.empty(); });
}

bool passes_requests(std::string_view interface) {
  static constexpr std::array<std::string_view, 4> kInterfaces = {
      "wasi:http/incoming-handler@", "wasi:http/outgoing-handler@", "wasi:http/handler@",
      "wasi:http/client@"};
  return std::ranges::any_of(kInterfaces,
                             [&](std::string_view known) { return interface.starts_with(known); });
}

runtime::HttpHandler make_handler(const DomainRow& row, runtime::Domain& domain) {
  const bool is_02 = row.http_handler.starts_with("wasi:http/incoming-handler@");
  return {.domain = domain,
          .track = is_02 ? engine::WasiTrack::Wasi02 : engine::WasiTrack::Wasi03,
          .interface = row.http_handler,
          .unit = row.http_unit};
}

bool serves_requests(const Plan& plan, std::string_view domain) {
  if (find_http_handler(plan).empty() && plan.routes.empty()) return false;
  const auto found = std::ranges::find(plan.domains, domain, &PlanDomain::name);
  if (found == plan.domains.end()) return false;
  bool is_called = false;
  for (const PlanEdge& edge : plan.edges) {
    if (edge.kind != EdgeKind::Bridged) continue;
    if (std::ranges::find(found->units, edge.provider) == found->units.end()) continue;
    if (!passes_requests(edge.export_name)) return false;
    is_called = true;
  }
  return is_called;
}

}  // namespace tenon::link
