#include "resolve/root.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "support/near_miss.h"

namespace tenon::resolve {

namespace {

bool can_be_root(const Unit& unit) {
  if (unit.is_running) return false;
  switch (unit.kind) {
    case UnitKind::Component:
    case UnitKind::Composition:
    case UnitKind::Package:
      return true;
    case UnitKind::HostFunctions:
    case UnitKind::HostBundle:
    case UnitKind::Remote:
    case UnitKind::Wasi:
      return false;
  }
  return false;
}

void take_named_root(Draft& draft) {
  const std::string& name = *draft.inputs.policy.root;
  const std::optional<UnitIndex> unit = draft.find_unit(name);
  if (unit && can_be_root(draft.unit(*unit))) {
    draft.root = unit;
    return;
  }
  Diagnostic problem = make_diagnostic(Code::ResolveRoot, "`{}` cannot be the root: {}", name,
                                       !unit ? "there is no unit of this name"
                                       : draft.unit(*unit).is_running
                                           ? "it is of another composition, which exports it"
                                           : "only a component, a composition or a package can be");
  problem.where = draft.inputs.policy.root_where;
  std::vector<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (can_be_root(draft.unit(u))) names.push_back(draft.unit_name(u));
  problem.hints.push_back(suggest_name(name, std::move(names), "units"));
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void find_root(Draft& draft) {
  if (draft.inputs.policy.root) return take_named_root(draft);
  std::vector<bool> is_imported(draft.inputs.units.size());
  // A failed import, a wire that was not understood or a cycle is the first thing to mend; then the
  // root may be clear.
  bool is_unclear =
      std::any_of(draft.problems.begin(), draft.problems.end(), [](const auto& problem) {
        return problem.code.starts_with("resolve-wire") || problem.code == "resolve-chain" ||
               problem.code == "resolve-cycle";
      });
  for (const DraftImport& import : draft.imports) {
    is_unclear |= import.outcome == Outcome::Failed;
    if (import.outcome == Outcome::Provided) is_imported[import.choice->from.unit] = true;
  }
  std::vector<std::string> choices;
  std::vector<std::string> all;
  std::optional<UnitIndex> only;
  bool has_packages_only = true;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    if (!can_be_root(draft.unit(u))) continue;
    all.push_back(draft.unit_name(u));
    has_packages_only &= draft.unit(u).kind == UnitKind::Package;
    if (is_imported[u]) continue;
    only = u;
    choices.push_back(draft.unit_name(u));
  }
  if (choices.size() == 1) {
    draft.root = only;
    return;
  }
  if (is_unclear || draft.inputs.policy.export_mode == Policy::Exports::All) return;
  // The program calls each package by its name.
  if (has_packages_only && !all.empty()) return;
  Diagnostic problem =
      choices.empty()
          ? make_diagnostic(Code::ResolveRoot, "the composition has no root: {}",
                            all.empty() ? "no unit is a component, a composition or a package"
                                        : "every unit is imported from")
          : make_diagnostic(Code::ResolveRoot,
                            "the composition has no single root: no unit imports from `{}`",
                            fmt::join(choices, "`, `"));
  for (const std::string& name : choices)
    problem.hints.push_back(fmt::format("add `--root {}`, or `set_root` in a program", name));
  if (choices.empty())
    problem.hints.push_back(
        all.empty()
            ? "add a component"
            : fmt::format("name one: `--root {}`, or `set_root` in a program", all.front()));
  draft.problems.push_back(std::move(problem));
}

}  // namespace tenon::resolve
