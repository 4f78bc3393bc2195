#include "link/http_domains.h"

#include <algorithm>

#include "resolve/http_interfaces.h"

namespace tenon::link {

std::string find_export(const Plan& plan, std::string_view prefix) {
  const auto found = std::ranges::find_if(
      plan.exports, [&](const PlanExport& item) { return item.name.starts_with(prefix); });
  return found == plan.exports.end() ? std::string() : found->name;
}

std::string find_http_handler(const Plan& plan) {
  for (const std::string_view name : resolve::kHttpHandlers)
    if (std::string handler = find_export(plan, name); !handler.empty()) return handler;
  return {};
}

bool has_routes_to_units(const Plan& plan) {
  return std::ranges::any_of(plan.routes,
                             [](const PlanRoute& route) { return !route.unit.empty(); });
}

runtime::HttpHandler make_handler(const DomainRow& row, runtime::Domain& domain) {
  const bool is_02 = row.http_handler.starts_with(resolve::kHttpHandlers.back());
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
    if (!resolve::passes_requests(edge.export_name)) return false;
    is_called = true;
  }
  return is_called;
}

}  // namespace tenon::link
