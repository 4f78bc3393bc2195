#include "resolve/split.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/candidates.h"
#include "resolve/fit.h"
#include "resolve/wires.h"

namespace tenon::resolve {

namespace {

constexpr std::string_view kOneProvider =
    "give all who share it one provider of it, or build one unit of those that make it";

// Splits whose chain of ties is searched for; each search walks all ties of the link.
constexpr std::size_t kExplainedSplits = 20;

std::string resource_name(const Draft& draft, ResourceId id) {
  const std::string& name = draft.inputs.types.resources[id].name;
  return name.empty() ? std::string("resource") : name;
}

}  // namespace

SplitReport::Place SplitReport::find_place(ResourceId id) {
  Place place;
  const auto open = draft_.open_definitions.find(id);
  if (open != draft_.open_definitions.end()) {
    place.is_import = true;
    for (const std::uint32_t member : draft_.groups[open->second].members) {
      const UnitImport at = draft_.imports[member].at;
      const types::UseIndex::Origin* origin = draft_.uses_of(at.unit).find_origin(id);
      if (origin == nullptr) continue;
      place.unit = at.unit;
      place.item = shown_name(draft_.imports[member]);
    }
    return place;
  }
  const std::optional<UnitIndex> maker = draft_.find_maker(id);
  if (!maker) return place;
  place.unit = *maker;
  const types::UseIndex::Origin* origin = draft_.uses_of(place.unit).find_origin(id);
  if (origin == nullptr) return place;
  place.item = types::root_item(draft_.unit(place.unit).type, origin->item).name;
  return place;
}

std::string SplitReport::describe_definition(ResourceId id) {
  const Place place = find_place(id);
  if (place.is_import)
    return fmt::format("the open import `{}` of `{}`", place.item, draft_.unit_name(place.unit));
  if (place.item.empty()) return fmt::format("`{}`", draft_.unit_name(place.unit));
  return fmt::format("`{}` of `{}`", place.item, draft_.unit_name(place.unit));
}

void SplitReport::add(SplitPair pair, std::uint32_t import, UnitExport from,
                      std::span<const Tie> ties) {
  if (!reported_.insert(std::minmax(pair.first, pair.second)).second) return;
  const DraftImport& at = draft_.imports[import];
  Diagnostic problem = make_diagnostic(
      Code::ResolveResourceSplit, "`{}` has to be one resource, and two are given: {} and {}",
      resource_name(draft_, pair.first), describe_definition(pair.first),
      describe_definition(pair.second));
  problem.where = where_of(draft_, at.at);
  explain(pair, import, from, ties, problem);
  if (problem.hints.empty()) problem.hints.emplace_back(kOneProvider);
  draft_.problems.push_back(std::move(problem));
}

void SplitReport::add_without_candidate(std::uint32_t import, const Candidate& dropped,
                                        SplitPair pair) {
  DraftImport& at = draft_.imports[import];
  at.outcome = Outcome::Failed;
  reported_.insert(std::minmax(pair.first, pair.second));
  Diagnostic problem = make_diagnostic(
      Code::ResolveResourceSplit,
      "`{}` imports `{}`, and each unit that provides it would give a second `{}`",
      draft_.unit_name(at.at.unit), shown_name(at), resource_name(draft_, pair.first));
  problem.where = where_of(draft_, at.at);
  problem.notes.push_back(
      {.text = fmt::format("`{}` has to be one resource, and two are given: {} and {}",
                           resource_name(draft_, pair.first), describe_definition(pair.first),
                           describe_definition(pair.second)),
       .excerpt = {},
       .related = where_of(draft_, dropped.from)});
  explain(pair, import, dropped.from, dropped.ties, problem);
  if (problem.hints.empty()) problem.hints.emplace_back(kOneProvider);
  draft_.problems.push_back(std::move(problem));
}

void SplitReport::explain(SplitPair pair, std::uint32_t import, UnitExport from,
                          std::span<const Tie> ties, Diagnostic& problem) {
  if (reported_.size() > kExplainedSplits) return;
  std::vector<TieStep> extra;
  for (const Tie& tie : ties) extra.push_back({tie, {TieCause::Kind::Edge, import}});
  const std::vector<TieStep> path = draft_.classes->find_path(pair.first, pair.second, extra);
  std::optional<TieCause> last;
  for (const TieStep& step : path) {
    if (last == step.cause) continue;
    last = step.cause;
    const DraftImport& at = draft_.imports[step.cause.import];
    std::string text =
        fmt::format("`{}` imports `{}`", draft_.unit_name(at.at.unit), shown_name(at));
    Location related = where_of(draft_, at.at);
    if (step.cause.kind == TieCause::Kind::Edge) {
      const UnitExport provider =
          step.cause.import == import || !at.choice ? from : at.choice->from;
      text += fmt::format(", and `{}` provides it", draft_.unit_name(provider.unit));
      related = where_of(draft_, provider);
    } else {
      text += ", one import with that of other units";
    }
    problem.notes.push_back(
        {.text = std::move(text), .excerpt = {}, .related = std::move(related)});
  }
  if (path.empty()) return;
  suggest(path.front(), pair.second, problem);
  suggest(path.back(), pair.first, problem);
}

// A wire for the edge at one end of the chain, to a provider that gives the resource at the other.
void SplitReport::suggest(const TieStep& step, ResourceId definition, Diagnostic& problem) {
  if (step.cause.kind != TieCause::Kind::Edge) return;
  const DraftImport& import = draft_.imports[step.cause.import];
  if (import.hop) return;
  for (const UnitExport from : find_name_matches(draft_, import)) {
    const Fit fit = check_fit(draft_, import, from);
    const bool gives = std::any_of(fit.ties.begin(), fit.ties.end(), [&](const Tie& tie) {
      return draft_.classes->find_definition(tie.found) == definition;
    });
    if (fit.fitness != Fitness::Fits || !gives) continue;
    std::string hint = wire_hint(draft_, import, draft_.unit_name(from.unit), std::nullopt);
    if (import.wire != nullptr) hint += fmt::format(" in place of `{}`", print_wire(*import.wire));
    if (std::find(problem.hints.begin(), problem.hints.end(), hint) == problem.hints.end())
      problem.hints.push_back(std::move(hint));
    return;
  }
}

}  // namespace tenon::resolve
