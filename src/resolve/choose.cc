// How one provider is chosen for every import.
//
// Choosing is hard only because of resources. If `site` has its `store` from `journal`, then
// everything that exchanges a `bucket` with `site` must have its `store` from `journal` too, or the
// program would hold two types that are both called `bucket`. Each edge ties resource slots of both
// ends; tied slots form a class (identity.h), and two definitions in one class are a split.
//
// The obvious solution is a search with backtracking. It would be exponential, and nobody could
// predict or explain its answer. Instead, choices are only made where they are forced:
//
//   1. Imports with a wire, a chain or a single candidate are fixed, and their ties are made. Two
//      definitions that meet now are an error: every choice was forced.
//   2. In rounds: every candidate of an undecided import is tested against the classes as they are
//      at the start of the round, and dropped if its ties would split a resource. An import with
//      one candidate left is fixed ("same resource as"), which makes ties and can rule out more.
//   3. When a round changes nothing, imports whose candidates are all versions of one interface of
//      one unit take the best of them, all at once, and the rounds go on.
//   4. Imports with several candidates left are ambiguous, and the user decides.
//
// Testing against the start of a round makes the result independent of the order of imports. A
// class keeps a list of the candidates that watch it, so only candidates whose classes changed are
// tested again, and the cost stays linear in the ties.
//
// Imports of types only are fixed last: once all other ties are made, each of their resources can
// have a definition, if only by a stub, and then they need no provider.
#include "resolve/choose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "resolve/candidates.h"
#include "resolve/hints.h"
#include "resolve/import_groups.h"
#include "resolve/passes.h"
#include "resolve/unmet.h"
#include "resolve/wires.h"

namespace tenon::resolve {

namespace {

constexpr std::string_view kOneProvider =
    "give all units that share it the same provider, or build the units that make it into one";
// If one item defines both.
constexpr std::string_view kOneWit =
    "build these units from the same WIT: a function of one of them takes the other resource";

// The number of splits whose chain of ties is shown; each search visits all ties of the link.
constexpr std::size_t kExplainedSplits = 20;

std::string resource_name(const Draft& draft, ResourceId id) {
  const std::string& name = draft.inputs.types.resources[id].name;
  return name.empty() ? std::string("resource") : name;
}

}  // namespace

SplitReport::Site SplitReport::find_site(ResourceId id) {
  Site site;
  const auto open = draft_.open_definitions.find(id);
  if (open != draft_.open_definitions.end()) {
    site.is_import = true;
    for (const std::uint32_t member : draft_.groups[open->second].members) {
      const UnitImport at = draft_.imports[member].at;
      const types::UseIndex::Origin* origin = draft_.uses_of(at.unit).find_origin(id);
      if (origin == nullptr) continue;
      site.unit = at.unit;
      site.item = shown_name(draft_.imports[member]);
    }
    return site;
  }
  const std::optional<UnitIndex> maker = draft_.find_maker(id);
  if (!maker) return site;
  site.unit = *maker;
  const types::UseIndex::Origin* origin = draft_.uses_of(site.unit).find_origin(id);
  if (origin == nullptr) return site;
  site.item = types::root_item(draft_.unit(site.unit).type, origin->item).name;
  return site;
}

std::string SplitReport::describe_definition(ResourceId id) {
  const Site site = find_site(id);
  if (site.is_import)
    return fmt::format("the {} `{}` of `{}`",
                       is_made_by_stub(draft_, id) ? "stub of" : "open import", site.item,
                       draft_.unit_name(site.unit));
  if (site.item.empty()) return fmt::format("`{}`", draft_.unit_name(site.unit));
  return fmt::format("`{}` of `{}`", site.item, draft_.unit_name(site.unit));
}

std::string SplitReport::describe_definitions(SplitPair pair) {
  const std::string first = describe_definition(pair.first);
  const std::string second = describe_definition(pair.second);
  // One item can define both.
  if (first == second)
    return fmt::format("`{}` and `{}` of {}", resource_name(draft_, pair.first),
                       resource_name(draft_, pair.second), first);
  return fmt::format("{} and {}", first, second);
}

std::string_view SplitReport::general_hint(SplitPair pair) {
  return describe_definition(pair.first) == describe_definition(pair.second) ? kOneWit
                                                                             : kOneProvider;
}

bool SplitReport::note(SplitPair pair) {
  draft_.split_definitions.insert({pair.first, pair.second});
  return reported_.insert(std::minmax(pair.first, pair.second)).second;
}

void SplitReport::add(SplitPair pair, std::uint32_t import, UnitExport from,
                      std::span<const Tie> ties) {
  if (!note(pair)) return;
  const DraftImport& at = draft_.imports[import];
  Diagnostic problem = make_diagnostic(
      Code::ResolveResourceSplit, "`{}` must be one resource, but there are two definitions: {}",
      resource_name(draft_, pair.first), describe_definitions(pair));
  problem.where = where_of(draft_, at.at);
  explain(pair, import, from, ties, problem);
  if (problem.hints.empty()) problem.hints.emplace_back(general_hint(pair));
  draft_.problems.push_back(std::move(problem));
}

void SplitReport::add_without_candidate(std::uint32_t import, const Candidate& dropped,
                                        SplitPair pair) {
  DraftImport& at = draft_.imports[import];
  at.outcome = Outcome::Failed;
  (void)note(pair);
  Diagnostic problem = make_diagnostic(
      Code::ResolveResourceSplit,
      "`{}` imports `{}`, but every unit that provides it would define a second `{}`",
      draft_.unit_name(at.at.unit), shown_name(at), resource_name(draft_, pair.first));
  problem.where = where_of(draft_, at.at);
  problem.notes.push_back(
      {.text = fmt::format("`{}` must be one resource, but there are two definitions: {}",
                           resource_name(draft_, pair.first), describe_definitions(pair)),
       .excerpt = {},
       .related = where_of(draft_, dropped.from)});
  explain(pair, import, dropped.from, dropped.ties, problem);
  if (problem.hints.empty()) problem.hints.emplace_back(general_hint(pair));
  draft_.problems.push_back(std::move(problem));
}

void SplitReport::explain(SplitPair pair, std::uint32_t import, UnitExport from,
                          std::span<const Tie> ties, Diagnostic& problem) {
  if (reported_.size() > kExplainedSplits) return;
  std::vector<TieStep> extra;
  for (const Tie& tie : ties) extra.push_back({tie, {TieCause::Kind::Edge, import}});
  const std::vector<TieStep> path = draft_.classes->find_path(pair.first, pair.second, extra);
  const auto provider_of = [&](const TieStep& step) {
    const DraftImport& at = draft_.imports[step.cause.import];
    return step.cause.import == import || !at.choice ? from : at.choice->from;
  };
  std::optional<TieCause> last;
  for (const TieStep& step : path) {
    if (last == step.cause) continue;
    last = step.cause;
    const DraftImport& at = draft_.imports[step.cause.import];
    std::string text =
        fmt::format("`{}` imports `{}`", draft_.unit_name(at.at.unit), shown_name(at));
    Location related = where_of(draft_, at.at);
    if (step.cause.kind == TieCause::Kind::Edge) {
      const UnitExport provider = provider_of(step);
      text += fmt::format(", provided by `{}`", draft_.unit_name(provider.unit));
      related = where_of(draft_, provider);
    } else {
      text += ", merged with the import of other units";
    }
    problem.notes.push_back(
        {.text = std::move(text), .excerpt = {}, .related = std::move(related)});
  }
  if (path.empty()) return;
  suggest(path.front(), provider_of(path.front()), pair.second, problem);
  suggest(path.back(), provider_of(path.back()), pair.first, problem);
}

// Proposes a wire for the edge at one end of the chain, to another provider that uses the resource at the
// other end.
void SplitReport::suggest(const TieStep& step, UnitExport provider, ResourceId definition,
                          Diagnostic& problem) {
  if (step.cause.kind != TieCause::Kind::Edge) return;
  const DraftImport& import = draft_.imports[step.cause.import];
  if (import.hop) return;
  for (const UnitExport from : find_name_matches(draft_, import)) {
    if (from == provider) continue;
    const Fit fit = check_fit(draft_, import, from);
    const bool uses = std::any_of(fit.ties.begin(), fit.ties.end(), [&](const Tie& tie) {
      return draft_.classes->find_definition(tie.actual) == definition;
    });
    if (fit.fitness != Fitness::Fits || !uses) continue;
    Hint hint = wire_hint(draft_, import, draft_.unit_name(from.unit),
                          export_for_wire(draft_, import, from));
    if (import.wire != nullptr)
      hint.text += fmt::format(" instead of `{}`", print_wire(*import.wire));
    if (std::find(problem.hints.begin(), problem.hints.end(), hint) == problem.hints.end())
      problem.hints.push_back(std::move(hint));
    return;
  }
}

namespace {

// The number of candidates that one message lists; the rest are counted.
constexpr std::size_t kListedCandidates = 50;

// A unit that also imports the interface can be put in front of another provider.
bool is_middleware(const Draft& draft, UnitIndex unit, const DraftImport& import) {
  const std::uint32_t first = draft.first_import[unit];
  for (std::size_t i = 0; i < draft.unit(unit).type.imports.size(); ++i) {
    const ItemNames& names = draft.imports[first + i].names;
    if (!names.empty() && match_names(names, import.names).is_match()) return true;
  }
  return false;
}

// Proposes a chain if all candidates but one are middleware: that one is the provider at its end.
void propose_chain(const Draft& draft, const DraftImport& import,
                   const std::vector<UnitIndex>& units, Diagnostic& problem) {
  if (import.place == DraftImport::Place::Member) return;
  std::vector<std::string> members;
  for (const UnitIndex unit : units)
    if (is_middleware(draft, unit, import)) members.push_back(draft.unit_name(unit));
  if (members.empty() || members.size() + 1 != units.size()) return;
  problem.hints.push_back(
      hint_at_chain(draft.unit_name(import.at.unit), wire_import(draft, import), members));
}

// The exports between which the user has to choose: of the versions of one interface, only the best.
std::vector<UnitExport> find_choices(const Draft& draft, const DraftImport& import) {
  std::vector<UnitExport> choices;
  for (const std::uint32_t c : import.candidates) {
    const Candidate& candidate = draft.candidates[c];
    if (candidate.dropped) continue;
    // Candidates of one unit are neighbors, the best first. A label can stand between two versions.
    const auto is_better_version = [&](UnitExport choice) {
      return are_versions(draft, choice, candidate.from);
    };
    const auto unit = std::ranges::find(choices, candidate.from.unit, &UnitExport::unit);
    if (std::none_of(unit, choices.end(), is_better_version)) choices.push_back(candidate.from);
  }
  return choices;
}

std::string describe_choices(std::size_t exports, const std::vector<UnitIndex>& units,
                             const Draft& draft) {
  if (exports == units.size()) return fmt::format("{} units provide it", exports);
  if (units.size() == 1)
    return fmt::format("{} exports of `{}` provide it", exports, draft.unit_name(units.front()));
  return fmt::format("{} exports of {} units provide it", exports, units.size());
}

// Lists the candidates that are left, each with the lines that choose it.
void report_ambiguous(Draft& draft, const DraftImport& import) {
  const std::vector<UnitExport> exports = find_choices(draft, import);
  std::vector<UnitIndex> units;
  for (const UnitExport from : exports)
    if (units.empty() || units.back() != from.unit) units.push_back(from.unit);
  Diagnostic problem = make_diagnostic(Code::ResolveAmbiguous, "`{}` imports `{}`, and {}",
                                       draft.unit_name(import.at.unit), shown_name(import),
                                       describe_choices(exports.size(), units, draft));
  problem.where = where_of(draft, import.at);
  bool has_versions = false;
  for (std::size_t i = 0; i < exports.size() && i < kListedCandidates; ++i) {
    const std::string& name = draft.unit_name(exports[i].unit);
    const std::string version = describe_version(draft, import, exports[i]);
    has_versions |= !version.empty();
    const std::optional<std::string> export_name = export_for_wire(draft, import, exports[i]);
    problem.notes.push_back(
        {.text = fmt::format("`{}` exports `{}`{}", name, shown_name(draft, exports[i]),
                             version.empty() ? "" : fmt::format(" ({})", version)),
         .excerpt = {},
         .related = where_of(draft, exports[i])});
    problem.hints.push_back(wire_hint(draft, import, name, export_name));
  }
  if (exports.size() > kListedCandidates)
    problem.notes.push_back({.text = fmt::format("and {} more", exports.size() - kListedCandidates),
                             .excerpt = {},
                             .related = {}});
  if (has_versions)
    problem.notes.push_back({.text =
                                 "versions of one track are equal: neither the exact one nor the "
                                 "newest is preferred",
                             .excerpt = {},
                             .related = {}});
  if (exports.size() == units.size()) propose_chain(draft, import, units, problem);
  draft.problems.push_back(std::move(problem));
}

EdgeReason reason_of(CandidateLevel level) {
  if (level == CandidateLevel::HostFunction) return EdgeReason::HostFunction;
  return level == CandidateLevel::SameName ? EdgeReason::SameName : EdgeReason::OnlyCandidate;
}

// The steps 1 to 4 above.
class Rounds final {
 public:
  explicit Rounds(Draft& draft) : draft_(draft), splits_(draft), left_(draft.imports.size()) {}

  void run() {
    fix_forced();
    judge_all();
    for (;;) {
      drop_splitting();
      if (fix_single(ImportKind::Needs)) continue;
      if (fix_single(ImportKind::TypesOnly)) continue;
      if (!take_best()) break;
    }
    group_stubs(draft_, StubResources::Introduced);
    settle_rest();
  }

 private:
  // Step 1. An import of types only waits, since it needs no provider if other ties define its
  // resources.
  void fix_forced() {
    std::vector<std::uint32_t> forced;
    for (std::uint32_t i = 0; i < draft_.imports.size(); ++i) {
      DraftImport& import = draft_.imports[i];
      left_[i] = static_cast<std::uint32_t>(import.candidates.size());
      if (import.outcome != Outcome::Undecided || import.kind == ImportKind::Follows) continue;
      const bool is_single = left_[i] == 1 && import.kind == ImportKind::Needs;
      if (is_single && !import.choice) choose(import, import.candidates.front(), std::nullopt);
      if (import.choice)
        forced.push_back(i);
      else
        undecided_.push_back(i);
    }
    for (const std::uint32_t i : forced) fix(i);
  }

  // Every candidate is tested in the first round, and again when a class that it watches changes.
  void judge_all() {
    for (const std::uint32_t i : undecided_) {
      for (const std::uint32_t c : draft_.imports[i].candidates) {
        to_judge_.push_back(c);
        for (const Tie& tie : draft_.candidates[c].ties) {
          draft_.classes->watch(tie.expected, c);
          draft_.classes->watch(tie.actual, c);
        }
      }
      if (left_[i] == 1) single_.push_back(i);
    }
    (void)draft_.classes->take_dirty();
  }

  void choose(DraftImport& import, std::uint32_t c, std::optional<EdgeReason> reason) {
    const Candidate& candidate = draft_.candidates[c];
    import.choice = {.from = candidate.from,
                     .reason = reason.value_or(reason_of(candidate.level)),
                     .ties = candidate.ties,
                     .notes = {}};
  }

  void fix(std::uint32_t i) {
    DraftImport& import = draft_.imports[i];
    import.outcome = Outcome::Provided;
    bool is_split = false;
    for (const Tie& tie : import.choice->ties) {
      const std::optional<SplitPair> split = draft_.classes->tie(tie, {TieCause::Kind::Edge, i});
      if (!split || is_split) continue;
      is_split = true;
      splits_.add(*split, i, import.choice->from, import.choice->ties);
    }
  }

  // Tests the candidates whose classes changed, against the ties at the start of the round.
  void drop_splitting() {
    std::vector<std::uint32_t> dirty = draft_.classes->take_dirty();
    to_judge_.insert(to_judge_.end(), dirty.begin(), dirty.end());
    std::sort(to_judge_.begin(), to_judge_.end());
    to_judge_.erase(std::unique(to_judge_.begin(), to_judge_.end()), to_judge_.end());
    for (const std::uint32_t c : std::exchange(to_judge_, {})) {
      Candidate& candidate = draft_.candidates[c];
      const DraftImport& import = draft_.imports[candidate.import];
      if (candidate.dropped || import.outcome != Outcome::Undecided) continue;
      ++draft_.work.judged;
      const std::optional<SplitPair> split = draft_.classes->find_split(candidate.ties);
      if (!split) continue;
      candidate.dropped = true;
      reject(import, candidate, *split);
      const std::uint32_t left = --left_[candidate.import];
      if (left == 1) single_.push_back(candidate.import);
      if (left == 0 && import.kind == ImportKind::Needs)
        splits_.add_without_candidate(candidate.import, candidate, *split);
    }
  }

  void reject(const DraftImport& import, const Candidate& candidate, SplitPair split) {
    draft_.rejected.push_back({.consumer = draft_.unit_name(import.at.unit),
                               .import = draft_.item(import.at).name,
                               .provider = draft_.unit_name(candidate.from.unit),
                               .export_name = draft_.item(candidate.from).name,
                               .shadowed = false,
                               .why = fmt::format("it would split one resource in two: {}",
                                                  splits_.describe_definitions(split))});
  }

  // Fixes the imports of one kind that have one candidate left.
  bool fix_single(ImportKind kind) {
    std::vector<std::uint32_t> fixed;
    for (const std::uint32_t i : single_) {
      const DraftImport& import = draft_.imports[i];
      if (import.kind == kind && import.outcome == Outcome::Undecided && left_[i] == 1)
        fixed.push_back(i);
    }
    std::erase_if(single_, [&](std::uint32_t i) { return draft_.imports[i].kind == kind; });
    std::sort(fixed.begin(), fixed.end());
    fixed.erase(std::unique(fixed.begin(), fixed.end()), fixed.end());
    for (const std::uint32_t i : fixed) {
      DraftImport& import = draft_.imports[i];
      const auto last =
          std::find_if(import.candidates.begin(), import.candidates.end(),
                       [&](std::uint32_t c) { return !draft_.candidates[c].dropped; });
      const bool was_single = import.candidates.size() == 1;
      choose(import, *last, was_single ? std::nullopt : std::optional(EdgeReason::SameResource));
      if (!was_single) note_same_resource(import);
      import.choice->is_needed = kind == ImportKind::Needs || !is_defined(import);
    }
    for (const std::uint32_t i : fixed) fix(i);
    return !fixed.empty();
  }

  void note_same_resource(DraftImport& import) {
    for (const Tie& tie : import.choice->ties) {
      const std::optional<ResourceId> definition = draft_.classes->find_definition(tie.expected);
      if (!definition) continue;
      import.choice->notes.push_back(
          fmt::format("same resource as {}", splits_.describe_definition(*definition)));
      return;
    }
  }

  // Step 3.
  bool take_best() {
    std::erase_if(undecided_,
                  [&](std::uint32_t i) { return draft_.imports[i].outcome != Outcome::Undecided; });
    std::vector<std::uint32_t> fixed;
    for (const std::uint32_t i : undecided_) {
      DraftImport& import = draft_.imports[i];
      std::optional<std::uint32_t> best;
      bool are_all_versions = true;
      for (const std::uint32_t c : import.candidates) {
        const Candidate& candidate = draft_.candidates[c];
        if (candidate.dropped) continue;
        if (!best) best = c;
        are_all_versions =
            *best == c || are_versions(draft_, draft_.candidates[*best].from, candidate.from);
        if (!are_all_versions) break;
      }
      if (!best || !are_all_versions) continue;
      choose(import, *best, EdgeReason::BestVersion);
      fixed.push_back(i);
    }
    for (const std::uint32_t i : fixed) fix(i);
    return !fixed.empty();
  }

  [[nodiscard]] bool is_defined(const DraftImport& import) const {
    for (const ResourceId id :
         types::mentioned_resources(draft_.inputs.types, draft_.item(import.at).item))
      if (!draft_.classes->find_definition(id)) return false;
    return true;
  }

  // Step 4, and imports of types only: their resources are defined by now, or nothing defines them.
  void settle_rest() {
    UnmetReport unmet(draft_);
    for (const std::uint32_t i : undecided_) {
      DraftImport& import = draft_.imports[i];
      if (import.outcome != Outcome::Undecided) continue;
      if (import.kind == ImportKind::TypesOnly && is_defined(import)) {
        import.outcome = Outcome::Types;
      } else if (left_[i] > 1) {
        import.outcome = Outcome::Failed;
        report_ambiguous(draft_, import);
      } else if (!import.candidates.empty()) {
        const Candidate& dropped = draft_.candidates[import.candidates.front()];
        if (const std::optional<SplitPair> split = draft_.classes->find_split(dropped.ties))
          splits_.add_without_candidate(i, dropped, *split);
      } else {
        settle_unmet_types(i, unmet);
      }
    }
  }

  void settle_unmet_types(std::uint32_t i, UnmetReport& unmet) {
    DraftImport& import = draft_.imports[i];
    Misfits misfits;
    for (const UnitExport from : find_name_matches(draft_, import))
      misfits.emplace_back(from, check_fit(draft_, import, from));
    unmet.add(import, misfits);
    if (import.outcome != Outcome::Open) return;
    group_imports(draft_, {i}, CompositionImport::Binding::Open);
    define_open_resources(draft_, {i});
  }

  Draft& draft_;
  SplitReport splits_;
  std::vector<std::uint32_t> undecided_;  // positions in Draft::imports
  std::vector<std::uint32_t> left_;       // number of candidates left, by import
  std::vector<std::uint32_t> single_;     // imports with one candidate left
  std::vector<std::uint32_t> to_judge_;   // positions in Draft::candidates
};

// Functions of a root resource are provided by the unit that provides the resource.
void decide_followers(Draft& draft) {
  for (DraftImport& import : draft.imports) {
    if (!import.leader) continue;
    const DraftImport& leader = draft.imports[*import.leader];
    import.outcome = leader.outcome;
    import.wire = leader.wire;
    import.middleware = leader.middleware;
    if (leader.outcome != Outcome::Provided) continue;
    const std::optional<UnitExport> from = find_follower(draft, leader.choice->from, import);
    import.choice = {.from = from.value_or(leader.choice->from),
                     .reason = leader.choice->reason,
                     .ties = {},
                     .notes = {}};
  }
}

void define_unit_resources(Draft& draft) {
  for (const Unit& unit : draft.inputs.units)
    for (const ResourceId id : unit.type.defined) draft.classes->define(id);
}

}  // namespace

void choose_providers(Draft& draft) {
  draft.classes.emplace(draft.inputs.types.resources.size());
  define_unit_resources(draft);
  group_open_imports(draft);
  Rounds(draft).run();
  decide_followers(draft);
  group_stubs(draft, StubResources::All);
}

}  // namespace tenon::resolve
