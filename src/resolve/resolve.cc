// Resolve as a list of passes. Each of them is explained in passes.h, with what it reads and
// writes.
#include "resolve/passes.h"
#include "resolve/plan.h"

namespace tenon::resolve {

Names decide_imports(Draft& draft) {
  check_unit_names(draft);
  if (!draft.problems.empty()) return Names::Wrong;
  read_items(draft);
  place_units(draft);
  // All names are known, and no unit is added any more.
  apply_filters(draft);
  match_wires(draft);
  lay_chains(draft);
  check_named_units(draft);
  // A wrong name leads to many other problems, which would hide it.
  if (!draft.problems.empty()) return Names::Wrong;
  // All that the user requested for each import is known.
  find_candidates(draft);
  choose_providers(draft);
  leave_cycles(draft);
  return Names::Fine;
}

Result<LinkPlan> resolve_units(Inputs inputs) {
  Draft draft(std::move(inputs));
  if (decide_imports(draft) == Names::Wrong) return std::move(draft.problems);
  // Providers are final. The rest checks them and derives exports, imports and orders from them.
  check_middleware(draft);
  separate_by_middleware(draft);
  check_cycles(draft);
  check_domains(draft);
  note_adapters(draft);
  check_fates(draft);
  check_stream_buffers(draft);
  check_buffers(draft);
  check_types_of_imports(draft);
  find_handlers(draft);
  find_root(draft);
  check_handlers_of_root(draft);
  plan_exports(draft);
  check_passed_exports(draft);
  plan_imports(draft);
  const std::vector<std::uint32_t> group_order = order_groups(draft);
  check_unused_units(draft);
  if (!draft.problems.empty()) return std::move(draft.problems);
  // Nothing can fail any more.
  note_older_providers(draft);
  note_fates(draft);
  note_adapted(draft);
  draft.order = order_units(draft);
  std::erase_if(draft.order, [&](UnitIndex unit) { return !draft.is_inside(unit); });
  draft.domain_order = order_domains(draft);
  return make_plan(draft, make_imports(draft, group_order));
}

}  // namespace tenon::resolve
