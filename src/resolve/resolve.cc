#include "resolve/candidates.h"
#include "resolve/choose.h"
#include "resolve/composition_imports.h"
#include "resolve/cycles.h"
#include "resolve/decide.h"
#include "resolve/domain_cycles.h"
#include "resolve/domains.h"
#include "resolve/exports.h"
#include "resolve/fate.h"
#include "resolve/middleware.h"
#include "resolve/notes.h"
#include "resolve/place_units.h"
#include "resolve/plan.h"
#include "resolve/prepare.h"
#include "resolve/root.h"
#include "resolve/show.h"
#include "resolve/wires.h"

namespace tenon::resolve {

Names decide_imports(Draft& draft) {
  check_unit_names(draft);
  if (!draft.problems.empty()) return Names::Clash;
  read_items(draft);
  place_units(draft);
  // From here every name is known, and no unit is added.
  apply_filters(draft);
  match_wires(draft);
  lay_chains(draft);
  // From here it is known what the user wishes for each import.
  find_candidates(draft);
  choose_providers(draft);
  return Names::Fine;
}

Result<LinkPlan> resolve_units(Inputs inputs) {
  Draft draft(std::move(inputs));
  if (decide_imports(draft) == Names::Clash) return std::move(draft.problems);
  // From here no provider is chosen.
  check_cycles(draft);
  check_domains(draft);
  check_fates(draft);
  find_root(draft);
  plan_exports(draft);
  plan_imports(draft);
  const std::vector<std::uint32_t> written = order_groups(draft);
  check_types_of_imports(draft);
  check_unused_units(draft);
  if (!draft.problems.empty()) return std::move(draft.problems);
  // From here nothing can fail.
  note_older_providers(draft);
  note_fates(draft);
  draft.order = order_units(draft);
  std::erase_if(draft.order, [&](UnitIndex unit) { return !draft.is_inside(unit); });
  draft.domain_order = order_domains(draft);
  return make_plan(draft, make_imports(draft, written));
}

}  // namespace tenon::resolve
