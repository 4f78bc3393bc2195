#include "resolve/split_domains.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "resolve/domain_split.h"
#include "resolve/whole_plan.h"

namespace tenon::resolve {

namespace {

// A plan of one domain is the plan of its component.
SplitPlan keep_whole(const LinkPlan& plan) {
  SplitPlan split;
  DomainPlan& domain = split.domains.emplace_back();
  if (!plan.shown.domains.empty()) domain.name = plan.shown.domains.front().name;
  domain.link = std::make_unique<LinkPlan>(plan);
  for (UnitIndex u = 0; u < plan.units.size(); ++u) domain.units.push_back(u);
  return split;
}

}  // namespace

std::optional<std::string> find_export_name(const SplitPlan& split, UnitExport from) {
  const auto find = [&](const auto& exports) -> std::optional<std::string> {
    const auto found = std::ranges::find(exports, from, [](const auto& one) { return one.from; });
    return found == exports.end() ? std::nullopt : std::optional(found->name);
  };
  if (auto name = find(split.exports)) return name;
  for (const DomainPlan& domain : split.domains) {
    if (auto name = find(domain.exports)) return name;
    if (auto name = find(domain.reachable)) return name;
  }
  return std::nullopt;
}

SplitPlan split_domains(const LinkPlan& plan) {
  SplitPlan split;
  WholePlan whole(plan);
  const auto count = static_cast<DomainIndex>(plan.shown.domains.size());
  const bool has_outside = std::ranges::any_of(plan.units, [](const Unit& unit) {
    return !has_domain(unit) || unit.is_reachable || unit.kind == UnitKind::Package;
  });
  if (count < 2 && !has_outside) {
    split = keep_whole(plan);
  } else {
    whole.bridged.resize(count);
    std::deque<DomainSplit> domains;
    for (DomainIndex d = 0; d < count; ++d) domains.emplace_back(whole, d).plan_imports();
    for (DomainSplit& domain : domains) domain.plan_exports();
    for (DomainSplit& domain : domains)
      for (BridgedImport& import : domain.imports())
        if (import.provider != kOutside && whole.bridged[import.provider].contains(import.from))
          import.export_name = domains[import.provider].export_name(import.from);
    const std::shared_ptr<const types::Types> types = whole.types;
    for (DomainSplit& domain : domains) split.domains.push_back(domain.finish(types));
  }
  split.types = split.domains.front().link->types;
  split.resource_class = plan.resource_class;
  for (const CompositionExport& wanted : plan.exports)
    split.exports.push_back({wanted.name, whole.domain_of[wanted.from.unit], wanted.from});
  for (const auto& [resource, maker] : whole.makers)
    split.homes.emplace(resource, whole.domain_of[maker.unit]);
  return split;
}

}  // namespace tenon::resolve
