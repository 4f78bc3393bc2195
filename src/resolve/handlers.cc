// The units whose handlers answer HTTP requests, because routes name them, or handlers of the program.
//
// Each request gets an instance of the whole domain of its handler, so two handlers cannot share a domain.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/hints.h"
#include "resolve/http_interfaces.h"
#include "resolve/passes.h"
#include "support/names.h"

namespace tenon::resolve {

namespace {

std::optional<UnitExport> find_handler(const Unit& unit, UnitIndex index) {
  for (const std::string_view name : kHttpHandlers)
    for (std::uint32_t e = 0; e < unit.type.exports.size(); ++e)
      if (unit.type.exports[e].name.starts_with(name)) return UnitExport{index, e};
  return std::nullopt;
}

Diagnostic refuse(const HandlerRequest& request, std::string_view why) {
  Diagnostic problem = make_diagnostic(Code::HttpHandler, "`{}` cannot {}: {}", request.unit,
                                       request.by == HandlerRequest::By::Route
                                           ? "have a route"
                                           : "be behind a handler of the program",
                                       why);
  problem.where = request.where;
  return problem;
}

Diagnostic refuse_unknown(const Draft& draft, const HandlerRequest& request) {
  Diagnostic problem = refuse(request, "there is no unit of this name");
  std::vector<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (draft.is_inside(u)) names.push_back(draft.unit_name(u));
  problem.hints.push_back(suggest_name(request.unit, std::move(names), "units"));
  return problem;
}

Diagnostic refuse_without_handler(const Unit& unit, const HandlerRequest& request) {
  Diagnostic problem = refuse(request, kWithoutHttpHandler);
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, unit.type.exports.size()); ++i)
    problem.notes.push_back({fmt::format("it exports `{}`", unit.type.exports[i].name), {}, {}});
  problem.hints.emplace_back("name the unit that exports the handler");
  return problem;
}

Diagnostic refuse_shared(const Unit& unit, const Unit& other, const HandlerRequest& request) {
  Diagnostic problem =
      refuse(request,
             fmt::format("it is in the domain `{}`, as `{}` is, and each request gets an instance "
                         "of the whole domain of its handler",
                         unit.domain, other.name));
  problem.hints.push_back(hint_at_isolation("give", unit.name));
  return problem;
}

}  // namespace

void find_handlers(Draft& draft) {
  std::map<std::uint32_t, UnitIndex> by_domain;
  for (const HandlerRequest& request : draft.inputs.policy.handlers) {
    const std::optional<UnitIndex> index = draft.find_unit(request.unit);
    if (!index || !draft.is_inside(*index)) {
      draft.problems.push_back(refuse_unknown(draft, request));
      continue;
    }
    const Unit& unit = draft.unit(*index);
    const std::optional<UnitExport> handler = find_handler(unit, *index);
    if (!handler) {
      draft.problems.push_back(refuse_without_handler(unit, request));
      continue;
    }
    const auto [known, is_first] = by_domain.try_emplace(draft.domain_of[*index], *index);
    if (is_first)
      draft.handlers.push_back(*handler);
    else if (known->second != *index)
      draft.problems.push_back(refuse_shared(unit, draft.unit(known->second), request));
  }
  std::ranges::sort(draft.handlers);
}

void check_handlers_of_root(Draft& draft) {
  const auto& requests = draft.inputs.policy.handlers;
  const auto is_routed = [](const HandlerRequest& request) {
    return request.by == HandlerRequest::By::Route;
  };
  if (!draft.root || std::ranges::any_of(requests, is_routed)) return;
  const Unit& root = draft.unit(*draft.root);
  if (!find_handler(root, *draft.root)) return;
  for (const HandlerRequest& request : requests) {
    const std::optional<UnitIndex> index = draft.find_unit(request.unit);
    if (index && *index != *draft.root && draft.is_inside(*index) &&
        draft.domain_of[*index] == draft.domain_of[*draft.root])
      draft.problems.push_back(refuse_shared(draft.unit(*index), root, request));
  }
}

}  // namespace tenon::resolve
