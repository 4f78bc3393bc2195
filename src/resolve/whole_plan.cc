#include "resolve/whole_plan.h"

#include <string>

namespace tenon::resolve {

WholePlan::WholePlan(const LinkPlan& whole)
    : plan(whole), types(std::make_shared<types::Types>(*whole.types)) {
  std::unordered_map<std::string_view, DomainIndex> domains;
  for (const PlanDomain& domain : plan.shown.domains)
    domains.emplace(domain.name, static_cast<DomainIndex>(domains.size()));
  for (UnitIndex u = 0; u < plan.units.size(); ++u) {
    const auto domain = domains.find(plan.units[u].domain);
    domain_of.push_back(domain == domains.end() ? kOutside : domain->second);
    for (const types::ResourceId resource : plan.units[u].type.defined)
      makers.emplace(class_of(resource), Maker{u, resource});
  }
  for (const PlanEdge& edge : plan.shown.edges)
    edges_.emplace(std::pair<std::string_view, std::string_view>(edge.consumer, edge.import),
                   &edge);
  place_in_order.resize(plan.units.size());
  for (std::uint32_t place = 0; place < plan.order.size(); ++place)
    place_in_order[plan.order[place]] = place;
}

const PlanEdge* WholePlan::find_edge(UnitImport at) const {
  const Unit& unit = plan.units[at.unit];
  const auto edge = edges_.find(
      std::pair<std::string_view, std::string_view>(unit.name, unit.type.imports[at.index].name));
  return edge == edges_.end() ? nullptr : edge->second;
}

std::optional<UnitExport> WholePlan::find_naming_export(types::ResourceId resource_class) {
  const auto maker = makers.find(resource_class);
  if (maker == makers.end()) return std::nullopt;
  const UnitIndex unit = maker->second.unit;
  std::unique_ptr<types::UseIndex>& uses = uses_[unit];
  if (uses == nullptr) uses = std::make_unique<types::UseIndex>(*plan.types, plan.units[unit].type);
  const types::UseIndex::Origin* origin = uses->find_origin(maker->second.resource);
  if (origin == nullptr || origin->item.side != types::Side::Export) return std::nullopt;
  return UnitExport{unit, origin->item.position};
}

}  // namespace tenon::resolve
