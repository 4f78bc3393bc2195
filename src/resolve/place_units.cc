#include "resolve/place_units.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "resolve/prepare.h"
#include "support/near_miss.h"
#include "support/unit_name.h"

namespace tenon::resolve {

namespace {

constexpr std::string_view kMainDomain = "main";

void report(Draft& draft, const Location& where, std::string message, std::string hint) {
  Diagnostic problem = make_diagnostic(Code::ResolvePlacement, "{}", message);
  problem.where = where;
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

std::string describe(const Placement& placement) {
  return placement.domain ? fmt::format("in the domain `{}`", *placement.domain)
                          : std::string("in a domain of its own");
}

// A package is instantiated by itself.
void place_package(Draft& draft, Unit& unit) {
  const bool has_wish = !unit.is_isolated && unit.domain != kMainDomain;
  if (has_wish)
    report(
        draft, where_of_unit(unit),
        fmt::format("the package `{}` is placed in the domain `{}`, and each package has a domain "
                    "of its own",
                    unit.name, unit.domain),
        fmt::format("leave the domain out: it is called `{}`", unit.name));
  unit.is_isolated = true;
}

void apply(const Placement& placement, Unit& unit) {
  unit.is_isolated = !placement.domain;
  if (placement.domain) unit.domain = *placement.domain;
}

void apply_placements(Draft& draft) {
  std::vector<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (draft.is_inside(u)) names.push_back(draft.unit_name(u));
  std::map<UnitIndex, const Placement*> placed;
  for (const Placement& placement : draft.inputs.policy.placements) {
    const std::optional<UnitIndex> unit = draft.find_unit(placement.unit);
    if (!unit || !draft.is_inside(*unit)) {
      report(draft, placement.where,
             fmt::format("`{}` cannot be placed: {}", placement.unit,
                         !unit ? "there is no unit of this name"
                         : unit == draft.wasi
                             ? "it is the engine's WASI, which each domain has for itself"
                         : draft.unit(*unit).is_running
                             ? "it is of another composition, which has placed it"
                             : "it is of the program, and runs in no domain"),
             suggest_name(placement.unit, names, "units"));
      continue;
    }
    const auto [known, is_first] = placed.emplace(*unit, &placement);
    if (is_first) {
      apply(placement, draft.inputs.units[*unit]);
    } else if (known->second->domain != placement.domain) {
      report(draft, placement.where,
             fmt::format("`{}` is placed {} and {}", placement.unit, describe(*known->second),
                         describe(placement)),
             "say one of them");
    }
  }
  if (draft.inputs.policy.isolation == Policy::Isolation::All)
    for (UnitIndex u = 0; u < draft.linked; ++u)
      if (!placed.contains(u)) draft.inputs.units[u].is_isolated = true;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    Unit& unit = draft.inputs.units[u];
    if (unit.kind == UnitKind::Package && has_domain(unit)) place_package(draft, unit);
    if (!has_domain(unit)) {
      unit.is_isolated = false;
      if (!unit.is_running) unit.domain.clear();
    } else if (unit.is_isolated) {
      unit.domain = unit.name;
    }
  }
}

void check_name(Draft& draft, const Unit& unit) {
  if (is_unit_name(unit.domain)) return;
  report(
      draft, where_of_unit(unit),
      fmt::format("`{}` is placed in the domain `{}`, and that is no name of a domain: {}",
                  unit.name, unit.domain,
                  unit.domain == "wasi"
                      ? "it is the engine's WASI"
                      : "a name is a lower case letter, then letters, digits and `-`"),
      fmt::format("name it `{}`", unit.domain == "wasi" ? std::string("wasi-domain")
                                                        : propose_unit_name(unit.domain, "unit-")));
}

void check_isolated(Draft& draft, const Unit& unit) {
  if (unit.is_isolated) return;
  const std::optional<UnitIndex> owner = draft.find_unit(unit.domain);
  if (!owner || !draft.is_inside(*owner) || !draft.unit(*owner).is_isolated) return;
  report(draft, where_of_unit(unit),
         fmt::format("`{}` is placed in the domain `{}`, which the unit `{}` has for itself",
                     unit.name, unit.domain, unit.domain),
         unit.domain == kMainDomain
             ? fmt::format("give the unit `{}` another name", unit.domain)
             : fmt::format("place both in a domain of another name, or leave `{}` alone",
                           unit.domain));
}

// Grants and limits that nobody gets are a mistake.
void check_tables(Draft& draft) {
  for (const DomainTable& table : draft.inputs.policy.domains) {
    if (std::ranges::binary_search(draft.domain_names, table.name)) continue;
    // What `main` was given goes to the root's domain.
    if (table.name == kMainDomain && draft.inputs.policy.isolation == Policy::Isolation::All)
      continue;
    report(
        draft, table.where, fmt::format("no unit is placed in the domain `{}`", table.name),
        draft.find_unit(table.name)
            ? fmt::format("give the unit `{}` a domain of its own: `isolated = true`", table.name)
            : suggest_name(table.name, draft.domain_names, "domains"));
  }
}

}  // namespace

void place_units(Draft& draft) {
  apply_placements(draft);
  std::set<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    if (!draft.is_inside(u)) continue;
    check_name(draft, draft.unit(u));
    check_isolated(draft, draft.unit(u));
    names.insert(draft.unit(u).domain);
  }
  draft.domain_names.assign(names.begin(), names.end());
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const auto at = std::ranges::lower_bound(draft.domain_names, draft.unit(u).domain);
    draft.domain_of.push_back(draft.is_inside(u)
                                  ? static_cast<std::uint32_t>(at - draft.domain_names.begin())
                                  : kNoDomain);
  }
  check_tables(draft);
}

}  // namespace tenon::resolve
