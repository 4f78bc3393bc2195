// The plan that split_domains.h splits, with the answers that the plans of all its domains need: where a
// unit is, which edge an import has, and which unit makes a resource.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "types/uses.h"

namespace tenon::resolve {

struct WholePlan {
  // Lifetime: refers to `whole`.
  explicit WholePlan(const LinkPlan& whole);

  [[nodiscard]] types::ResourceId class_of(types::ResourceId resource) const {
    const std::vector<types::ResourceId>& classes = *plan.resource_class;
    return resource.index < classes.size() ? classes[resource.index] : resource;
  }
  [[nodiscard]] const types::Item& item(UnitImport at) const {
    return plan.units[at.unit].type.imports[at.index].item;
  }
  [[nodiscard]] const types::Item& item(UnitExport at) const {
    return plan.units[at.unit].type.exports[at.index].item;
  }

  // The edge of an import. Null if it has no provider.
  [[nodiscard]] const PlanEdge* find_edge(UnitImport at) const;
  // The export by which the unit that makes a resource names the resource.
  std::optional<UnitExport> find_naming_export(types::ResourceId resource_class);

  struct Maker {
    UnitIndex unit = 0;
    types::ResourceId resource;
  };

  const LinkPlan& plan;
  std::shared_ptr<types::Types> types;        // those of the plan, and unions of bridged imports
  std::vector<DomainIndex> domain_of;         // by unit
  std::vector<std::uint32_t> place_in_order;  // by unit
  std::unordered_map<types::ResourceId, Maker> makers;  // by class
  std::vector<std::set<UnitExport>> bridged;            // by domain: exports that others use

 private:
  std::unordered_map<UnitIndex, std::unique_ptr<types::UseIndex>> uses_;
  std::map<std::pair<std::string_view, std::string_view>, const PlanEdge*> edges_;
};

}  // namespace tenon::resolve
