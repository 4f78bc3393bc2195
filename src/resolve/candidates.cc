// How the candidates of an import are found.
//
// The export index gives the exports whose name matches in the track of the import; each of them is
// compared by type and then tested against the filters. What fits is a candidate at a level (a host
// function, the unit of the same name, a component, ...). Only candidates of the highest level
// stay, because a choice between levels is a rule and a choice within a level is a question to the
// user. Within a level, an export with the own name of the import is preferred to one that matches by
// an interface that one of them implements. For a label, this holds across levels: the label says
// which of several instances of an interface is meant. Nothing is dropped silently: shadowed
// candidates and exports that do not fit are in `rejected`. If a wire or chain names the unit,
// wired_unit.cc decides instead.
//
// Resource identity is not judged here. "Fits" means "fits if these ties can be made", and
// choose.cc makes them.
#include "resolve/candidates.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "resolve/hints.h"
#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "resolve/unmet.h"
#include "resolve/wired_unit.h"
#include "types/difference.h"

namespace tenon::resolve {

namespace {

// The number of differences that a message shows; the rest are counted.
constexpr std::size_t kShownDifferences = 3;

// Records in `fit` the first item that the import needs and a filter hides.
void check_filters(const Draft& draft, const DraftImport& import, UnitExport from, Fit& fit) {
  const auto hide = [&](std::string item, std::string filter) {
    fit.fitness = Fitness::Hidden;
    fit.hidden_item = std::move(item);
    fit.hidden_by = std::move(filter);
  };
  const std::string filter_of_export = draft.visibility.find_filter(from);
  if (!filter_of_export.empty()) return hide(shown_name(draft, from), filter_of_export);
  for (const std::uint32_t position : import.followers) {
    const std::optional<UnitExport> follower = find_follower(draft, from, draft.imports[position]);
    const std::string filter = follower ? draft.visibility.find_filter(*follower) : std::string();
    if (!filter.empty()) return hide(shown_name(draft, *follower), filter);
  }
  const types::InstanceId* id = std::get_if<types::InstanceId>(&draft.item(import.at).item);
  if (id == nullptr) return;
  for (const types::NamedItem& item : draft.inputs.types.instances[*id].exports) {
    if (!std::holds_alternative<types::FunctionId>(item.item)) continue;
    const std::string filter = draft.visibility.find_filter(from, item.name);
    if (!filter.empty()) return hide(shown_name(draft, from) + "." + item.name, filter);
  }
}

std::string print_track(const types::ItemName& name) {
  return name.version ? name.track : "no version";
}

std::string package_of(const types::ItemName& name) {
  if (name.kind != types::NameKind::Interface) return {};
  return name.version ? fmt::format("{}:{}@{}", name.ns, name.package, print_version(*name.version))
                      : fmt::format("{}:{}", name.ns, name.package);
}

// The reason why WIT cannot express a type of a packr package.
std::string describe_unsayable(const Inputs& inputs, const types::Difference& difference) {
  if (difference.kind != types::DifferenceKind::Unsayable) return {};
  const types::Types& types = inputs.types;
  for (const types::DifferenceSide* side : {&difference.actual, &difference.expected}) {
    if (!side->type) continue;
    const auto* const borrow = std::get_if<types::Borrow>(&types.types[*side->type].kind);
    if (borrow != nullptr && inputs.buffers.contains(borrow->resource))
      return ": a package keeps the buffers that it gets, so only an `own` handle can be `value`";
  }
  for (const types::DifferenceSide* side : {&difference.actual, &difference.expected}) {
    if (!side->type) continue;
    const auto* dynamic = std::get_if<types::Dynamic>(&types.types[*side->type].kind);
    if (dynamic != nullptr && !dynamic->within.empty())
      return fmt::format(": `{}` contains itself or a value of any type, which WIT cannot express",
                         dynamic->within);
  }
  return ": WIT cannot express a value of any type";
}

// Proposes `buffers = true` and returns true if the export would fit a wire with it.
bool propose_buffers(Draft& draft, const DraftImport& import, UnitExport from,
                     Diagnostic& problem) {
  const bool fits = can_pass_buffers(draft.unit(import.at.unit), draft.unit(from.unit)) &&
                    draft.relation
                        .compare(draft.item(import.at).item, draft.item(from).item,
                                 types::TypeRelation::MixedBuffers)
                        .fits();
  if (!fits) return false;
  problem.hints.push_back(import.wire != nullptr
                              ? Hint("pass buffers as `value`: add `buffers = true` to the wire")
                              : hint_at_wire_key("pass buffers as `value`", "buffers",
                                                 unversioned_name(import.names.front()),
                                                 draft.unit_name(from.unit)));
  return true;
}

}  // namespace

Fit check_fit(Draft& draft, const DraftImport& import, UnitExport from) {
  types::Verdict verdict = compare_import(draft, import, from);
  Fit fit;
  fit.ties = std::move(verdict.ties);
  fit.differences = std::move(verdict.differences);
  if (!fit.differences.empty())
    fit.fitness = Fitness::WrongType;
  else
    check_filters(draft, import, from, fit);
  return fit;
}

std::string describe_misfit(const Draft& draft, const Fit& fit, UnitExport from) {
  switch (fit.fitness) {
    case Fitness::Fits:
      return "it fits";
    case Fitness::Hidden:
      return fit.hidden_item == shown_name(draft, from)
                 ? fmt::format("`{}` hides it", fit.hidden_by)
                 : fmt::format("`{}` hides `{}`", fit.hidden_by, fit.hidden_item);
    case Fitness::WrongType: {
      const types::Difference& first = fit.differences.front();
      if (first.kind == types::DifferenceKind::MissingExport)
        return fmt::format("it has no `{}`", first.path());
      const std::string path = first.path();
      return (path.empty() ? "its type does not fit"
                           : fmt::format("its type does not fit at `{}`", path)) +
             describe_unsayable(draft.inputs, first);
    }
  }
  return {};
}

void explain_misfit(Draft& draft, const DraftImport& import, UnitExport from, const Fit& fit,
                    Diagnostic& problem) {
  const std::string& provider = draft.unit_name(from.unit);
  const std::string& consumer = draft.unit_name(import.at.unit);
  const std::string intro = fmt::format("`{}` exports `{}`, but {}", provider,
                                        shown_name(draft, from), describe_misfit(draft, fit, from));
  if (fit.fitness == Fitness::Hidden) {
    problem.notes.push_back({.text = intro, .excerpt = {}, .related = where_of(draft, from)});
    problem.hints.push_back(
        fit.hidden_by.starts_with("hide")
            ? Hint(fmt::format("remove `{}` from `{}`", fit.hidden_by, provider))
        : fit.hidden_by.starts_with("--hide") ? Hint(fmt::format("remove `{}`", fit.hidden_by))
                                              : hint_at_exposing(provider, fit.hidden_item));
    return;
  }
  for (std::size_t i = 0; i < fit.differences.size() && i < kShownDifferences; ++i) {
    const types::Difference& difference = fit.differences[i];
    problem.notes.push_back(
        {.text = i == 0 ? intro
                        : fmt::format("and `{}`: {}", difference.path(),
                                      types::describe_difference(difference.kind)),
         .excerpt = types::show_difference(draft.inputs.types, difference,
                                           fmt::format("{} expects", consumer),
                                           fmt::format("{} provides", provider)),
         .related = where_of(draft, from)});
  }
  if (fit.differences.size() > kShownDifferences)
    problem.notes.push_back(
        {.text = fmt::format("and {} more differences", fit.differences.size() - kShownDifferences),
         .excerpt = {},
         .related = where_of(draft, from)});
  if (propose_buffers(draft, import, from, problem)) return;
  const MatchedNames names = match_names(draft, import, from);
  const std::string package = package_of(*names.exported);
  if (package.empty() || from.unit == draft.wasi) return;
  // Host functions have the types of the first import of their name, and can lack functions that
  // another import of it needs.
  if (row_of(draft.unit(from.unit).kind).types == TypesOf::Consumer) {
    problem.hints.push_back(
        fmt::format("in the program, provide every function of `{1}` that `{0}` imports", consumer,
                    names.imported->full_text()));
    return;
  }
  problem.hints.push_back(
      package == package_of(*names.imported)
          ? fmt::format("build `{}` and `{}` against one `{}`", consumer, provider, package)
          : fmt::format("build `{}` against `{}`", consumer, package));
}

namespace {

PlanRejected make_rejected(const Draft& draft, const DraftImport& import, UnitExport from,
                           std::string why) {
  return {.consumer = draft.unit_name(import.at.unit),
          .import = draft.item(import.at).name,
          .provider = draft.unit_name(from.unit),
          .export_name = draft.item(from).name,
          .shadowed = false,
          .why = std::move(why)};
}

// Why an import excludes exports with other labels: an export with its label exists and does not fit.
// Empty if there is none.
std::string find_label_objection(const Draft& draft, const DraftImport& import,
                                 const Misfits& misfits) {
  if (is_interface(import.names.front())) return {};
  for (const auto& [from, fit] : misfits) {
    const MatchedNames names = match_names(draft, import, from);
    if (names.match == NameMatch::Own && is_interface(*names.exported))
      return fmt::format("the label means `{}` of `{}`, which does not fit",
                         shown_name(draft, from), draft.unit_name(from.unit));
  }
  return {};
}

// The level at which a unit competes for an import.
CandidateLevel level_of(const Draft& draft, const DraftImport& import, UnitIndex unit) {
  const CandidateLevel level = row_of(draft.unit(unit).kind).level;
  const types::ItemName& name = import.names.front();
  const bool is_same_name =
      name.kind == types::NameKind::Label && name.text == draft.unit_name(unit);
  return is_same_name ? std::min(level, CandidateLevel::SameName) : level;
}

// The level that hides those below, in words.
std::string_view describe_level(CandidateLevel level) {
  switch (level) {
    case CandidateLevel::HostFunction:
      return "a host function of this name";
    case CandidateLevel::SameName:
      return "the unit of the same name";
    case CandidateLevel::Component:
      return "a component";
    case CandidateLevel::Package:
      return "a packr package";
    case CandidateLevel::HostBundle:
      return "a host bundle";
    case CandidateLevel::Remote:
      return "a remote service";
    case CandidateLevel::Wasi:
      return "WASI";
    case CandidateLevel::Wired:
      return "a wire";
  }
  return "a unit";
}

void shadow(Draft& draft, const DraftImport& import, const std::vector<Candidate>& fitting,
            CandidateLevel best) {
  for (const Candidate& candidate : fitting) {
    if (candidate.level == best) continue;
    const std::string why = fmt::format("hidden by {}", describe_level(best));
    PlanRejected rejected = make_rejected(draft, import, candidate.from, why);
    rejected.shadowed = true;
    Diagnostic note =
        make_diagnostic(Code::NoteShadowed,
                        "`{}` could provide `{}` for `{}` with its `{}`, but {} takes precedence",
                        rejected.provider, rejected.import, rejected.consumer, rejected.export_name,
                        describe_level(best));
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
    draft.rejected.push_back(std::move(rejected));
  }
}

// A name match whose type does not fit is always noted, even if another unit fits.
void note_passed_over(Draft& draft, const DraftImport& import, UnitExport from, const Fit& fit) {
  const std::string why = describe_misfit(draft, fit, from);
  draft.rejected.push_back(make_rejected(draft, import, from, why));
  if (fit.fitness != Fitness::WrongType) return;
  Diagnostic note = make_diagnostic(
      Code::NoteExportPassedOver, "`{}` exports `{}`, which `{}` imports, but {}",
      draft.unit_name(from.unit), shown_name(draft, from), draft.unit_name(import.at.unit), why);
  note.where = where_of(draft, from);
  draft.notes.push_back(std::move(note));
}

// Why an export is reserved for imports with its own label. Empty if it is not.
std::string find_other_use(const Draft& draft, const DraftImport& import, UnitExport from) {
  const types::ItemName& exported = draft.export_names[from.unit][from.index].front();
  if (is_interface(import.names.front()) || is_interface(exported) ||
      match_names(draft, import, from).match == NameMatch::Own)
    return {};
  // A remote unit has a label only because an import with this label is connected to it.
  if (is_remote(draft.unit(from.unit).kind))
    return fmt::format("it provides only imports with the label `{}`", exported.text);
  if (draft.chained_labels.contains({from.unit, exported.text}))
    return fmt::format("`{}` is in a chain for imports with the label `{}`",
                       draft.unit_name(from.unit), exported.text);
  return {};
}

// Collects the candidates of an import that no wire or chain decides.
void gather(Draft& draft, std::uint32_t position, UnmetReport& unmet) {
  DraftImport& import = draft.imports[position];
  std::vector<Candidate> fitting;
  Misfits misfits;
  for (const UnitExport from : find_name_matches(draft, import)) {
    draft.considered[from.unit] = true;
    if (std::string why = find_other_use(draft, import, from); !why.empty()) {
      draft.rejected.push_back(make_rejected(draft, import, from, std::move(why)));
      continue;
    }
    Fit fit = check_fit(draft, import, from);
    if (fit.fitness != Fitness::Fits) {
      misfits.emplace_back(from, std::move(fit));
      continue;
    }
    fitting.push_back({.import = position,
                       .from = from,
                       .level = level_of(draft, import, from.unit),
                       .ties = std::move(fit.ties)});
  }
  // A label decides across levels. An interface name does not: a component can stand in for WASI under
  // a label.
  if (!is_interface(import.names.front())) drop_by_name(draft, import, misfits, fitting);
  if (fitting.empty()) {
    if (import.kind != ImportKind::TypesOnly) unmet.add(import, misfits);
    return;
  }
  for (const auto& [from, fit] : misfits) note_passed_over(draft, import, from, fit);
  const CandidateLevel best =
      std::min_element(fitting.begin(), fitting.end(), [](const Candidate& a, const Candidate& b) {
        return a.level < b.level;
      })->level;
  shadow(draft, import, fitting, best);
  std::erase_if(fitting, [best](const Candidate& candidate) { return candidate.level != best; });
  drop_by_name(draft, import, misfits, fitting);
  std::stable_sort(fitting.begin(), fitting.end(), [&](const Candidate& a, const Candidate& b) {
    if (a.from.unit != b.from.unit) return a.from.unit < b.from.unit;
    return is_better(draft, import, a.from, b.from);
  });
  for (Candidate& candidate : fitting) {
    import.candidates.push_back(static_cast<std::uint32_t>(draft.candidates.size()));
    draft.candidates.push_back(std::move(candidate));
  }
}

bool is_only_wired(const Unit& unit, std::uint32_t index) {
  return row_of(unit.kind).level == CandidateLevel::Wired ||
         (!unit.only_wired.empty() && unit.only_wired[index]);
}

}  // namespace

std::vector<UnitExport> find_name_matches(const Draft& draft, const DraftImport& import) {
  const bool only_outside = draft.inputs.policy.unresolved == Policy::Unresolved::Outside;
  std::vector<UnitExport> exports;
  for (const types::ItemName& name : import.names) {
    for (const UnitExport& from : draft.exports.find_matches(name)) {
      const bool is_excluded = from.unit == import.at.unit ||
                               !draft.is_offered(from, import.at.unit) ||
                               is_only_wired(draft.unit(from.unit), from.index) ||
                               (only_outside && draft.is_inside(from.unit)) ||
                               std::find(import.excluded.begin(), import.excluded.end(),
                                         from.unit) != import.excluded.end() ||
                               !match_names(draft, import, from).is_match();
      if (!is_excluded) exports.push_back(from);
    }
  }
  if (import.names.size() > 1) {
    std::sort(exports.begin(), exports.end());
    exports.erase(std::unique(exports.begin(), exports.end()), exports.end());
  }
  return exports;
}

std::vector<UnitExport> find_name_matches_in(const Draft& draft, const DraftImport& import,
                                             UnitIndex unit) {
  std::vector<UnitExport> exports;
  for (const types::ItemName& name : import.names) {
    const std::span<const UnitExport> all = draft.exports.find_matches(name);
    auto at = std::lower_bound(all.begin(), all.end(), UnitExport{unit, 0});
    for (; at != all.end() && at->unit == unit; ++at)
      if (match_names(draft, import, *at).is_match()) exports.push_back(*at);
  }
  return exports;
}

std::vector<UnitExport> exclude_by_name(Draft& draft, const DraftImport& import,
                                        const Misfits& misfits, std::vector<UnitExport> fitting) {
  if (fitting.empty() || import.names.empty()) return {};
  const auto match = [&](UnitExport from) { return match_names(draft, import, from).match; };
  const auto named = std::ranges::find(fitting, NameMatch::Own, match);
  const bool has_named = named != fitting.end();
  const std::string objection =
      has_named ? fmt::format("`{}` exports `{}` under this name", draft.unit_name(named->unit),
                              shown_name(draft, *named))
                : find_label_objection(draft, import, misfits);
  if (objection.empty()) return {};
  std::erase_if(fitting, [&](UnitExport from) {
    return has_named ? match(from) == NameMatch::Own : has_interface_name(draft, from);
  });
  for (const UnitExport from : fitting)
    draft.rejected.push_back(make_rejected(draft, import, from, objection));
  std::ranges::sort(fitting);
  return fitting;
}

std::vector<UnitExport> find_named_exports(const Draft& draft, UnitIndex unit,
                                           const NamePattern& pattern) {
  std::vector<UnitExport> own;
  std::vector<UnitExport> implementing;
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    const ItemNames& names = draft.export_names[unit][e];
    const auto matched = std::ranges::find_if(
        names, [&](const types::ItemName& name) { return matches_name(pattern, name); });
    if (matched == names.end()) continue;
    (pattern.is_glob || matched == names.begin() ? own : implementing).push_back({unit, e});
  }
  // A remote unit can export a label twice: with the interface of imports of this label, and alone, for wires that
  // name the label.
  const auto is_alone = [&](UnitExport from) {
    return draft.export_names[unit][from.index].size() == 1;
  };
  if (!pattern.is_glob && std::ranges::any_of(own, is_alone))
    std::erase_if(own, std::not_fn(is_alone));
  return own.empty() ? implementing : own;
}

std::string describe_other_name(const Draft& draft, const DraftImport& import, UnitExport from) {
  const MatchedNames names = match_names(draft, import, from);
  if (names.is_match()) return {};
  std::string text =
      fmt::format("`{}` exports `{}`", draft.unit_name(from.unit), shown_name(draft, from));
  const ItemNames& exported = draft.export_names[from.unit][from.index];
  const types::ItemName* const interface = interface_of(exported);
  if (interface != nullptr && interface != &exported.front())
    text += fmt::format(", which implements `{}`", interface->full_text());
  if (is_interface(*names.exported) && is_interface(*names.imported) &&
      unversioned_name(*names.imported) == unversioned_name(*names.exported))
    return text + fmt::format(": another track ({}, expected {})", print_track(*names.exported),
                              print_track(*names.imported));
  const bool is_same_label = names_match(import.names.front(), exported.front());
  return is_same_label ? text + ": another interface" : std::string();
}

bool has_interface_name(const Draft& draft, UnitExport from) {
  return is_interface(draft.export_names[from.unit][from.index].front());
}

bool are_versions(const Draft& draft, UnitExport a, UnitExport b) {
  const auto name = [&](UnitExport at) -> const types::ItemName& {
    return draft.export_names[at.unit][at.index].front();
  };
  return a.unit == b.unit && has_interface_name(draft, a) && has_interface_name(draft, b) &&
         unversioned_name(name(a)) == unversioned_name(name(b));
}

std::optional<std::string> export_for_wire(const Draft& draft, const DraftImport& import,
                                           UnitExport from) {
  std::vector<UnitExport> all = find_name_matches_in(draft, import, from.unit);
  std::ranges::sort(all);
  const auto repeats = std::ranges::unique(all);
  all.erase(repeats.begin(), repeats.end());
  const auto best = std::ranges::max_element(
      all, [&](UnitExport a, UnitExport b) { return is_better(draft, import, b, a); });
  const bool is_best = best != all.end() && *best == from;
  const bool is_own = match_names(draft, import, from).match == NameMatch::Own;
  const bool is_choice = std::ranges::all_of(
      all, [&](UnitExport other) { return other == from || has_interface_name(draft, other); });
  if (is_best && (is_own || all.size() == 1 || (is_choice && has_interface_name(draft, from))))
    return std::nullopt;
  return shown_name(draft, from);
}

void find_candidates(Draft& draft) {
  UnmetReport unmet(draft);
  for (std::uint32_t position = 0; position < draft.imports.size(); ++position) {
    DraftImport& import = draft.imports[position];
    if (import.outcome != Outcome::Undecided || import.kind == ImportKind::Follows) continue;
    if (import.hop) {
      choose_from_unit(draft, import, *import.hop, EdgeReason::Chain);
    } else if (import.wire != nullptr && import.wire->target == Wire::Target::Open) {
      import.outcome = Outcome::Open;
    } else if (import.wire != nullptr && import.wire->target == Wire::Target::Trap) {
      import.outcome = Outcome::Trap;
    } else if (import.wire != nullptr) {
      const std::optional<UnitIndex> provider = draft.find_unit(import.wire->provider);
      if (provider)
        choose_from_unit(draft, import, *provider, EdgeReason::Wire);
      else
        leave_absent(draft, import);
    } else {
      gather(draft, position, unmet);
    }
  }
}

}  // namespace tenon::resolve
