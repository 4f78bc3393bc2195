#include "resolve/choose.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/ambiguous.h"
#include "resolve/candidates.h"
#include "resolve/group.h"
#include "resolve/split.h"
#include "resolve/unmet.h"

namespace tenon::resolve {

namespace {

EdgeReason reason_of(Level level) {
  if (level == Level::HostFunction) return EdgeReason::HostFunction;
  return level == Level::SameName ? EdgeReason::SameName : EdgeReason::OnlyCandidate;
}

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
    settle_rest();
  }

 private:
  // Imports that a wire, a chain or a single candidate decides. An import of types only waits,
  // since it needs no provider if other ties define its resources.
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

  // Every candidate that is left is looked at in the first round, and then when a class changes.
  void judge_all() {
    for (const std::uint32_t i : undecided_) {
      for (const std::uint32_t c : draft_.imports[i].candidates) {
        to_judge_.push_back(c);
        for (const Tie& tie : draft_.candidates[c].ties) {
          draft_.classes->watch(tie.wanted, c);
          draft_.classes->watch(tie.found, c);
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

  // One round: judges against the ties as they stand, then drops.
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
                               .why = fmt::format("it would make two of one resource: {} and {}",
                                                  splits_.describe_definition(split.first),
                                                  splits_.describe_definition(split.second))});
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
    }
    for (const std::uint32_t i : fixed) fix(i);
    return !fixed.empty();
  }

  void note_same_resource(DraftImport& import) {
    for (const Tie& tie : import.choice->ties) {
      const std::optional<ResourceId> definition = draft_.classes->find_definition(tie.wanted);
      if (!definition) continue;
      import.choice->notes.push_back(
          fmt::format("same resource as {}", splits_.describe_definition(*definition)));
      return;
    }
  }

  // Imports whose candidates are all of one unit take its best.
  bool take_best() {
    std::erase_if(undecided_,
                  [&](std::uint32_t i) { return draft_.imports[i].outcome != Outcome::Undecided; });
    std::vector<std::uint32_t> fixed;
    for (const std::uint32_t i : undecided_) {
      DraftImport& import = draft_.imports[i];
      std::optional<std::uint32_t> best;
      bool is_one_unit = true;
      for (const std::uint32_t c : import.candidates) {
        const Candidate& candidate = draft_.candidates[c];
        if (candidate.dropped) continue;
        if (!best) best = c;
        is_one_unit = draft_.candidates[*best].from.unit == candidate.from.unit;
        if (!is_one_unit) break;
      }
      if (!best || !is_one_unit) continue;
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

  // What no round decided: ambiguous, or types that are defined elsewhere, or unmet.
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
    group_imports(draft_, {i}, CompositionImport::Met::Open);
    define_open_resources(draft_, {i});
  }

  Draft& draft_;
  SplitReport splits_;
  std::vector<std::uint32_t> undecided_;  // positions in Draft::imports
  std::vector<std::uint32_t> left_;       // candidates left, by import
  std::vector<std::uint32_t> single_;     // imports that have one left
  std::vector<std::uint32_t> to_judge_;   // positions in Draft::candidates
};

// `[method]r.f` goes where `r` goes.
void decide_followers(Draft& draft) {
  for (DraftImport& import : draft.imports) {
    if (!import.leader) continue;
    const DraftImport& leader = draft.imports[*import.leader];
    import.outcome = leader.outcome;
    import.wire = leader.wire;
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
}

}  // namespace tenon::resolve
