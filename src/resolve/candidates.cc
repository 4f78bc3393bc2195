// How the candidates of an import are found.
//
// The export index gives the exports whose name matches in the track of the import; each of them is
// compared by type and then tested against the filters. What fits is a candidate at a level (a host
// function, the unit of the same name, a component, ...). Only candidates of the highest level
// stay, because a choice between levels is a rule and a choice within a level is a question to the
// user. Nothing is dropped silently: shadowed candidates and exports that do not fit are in
// `rejected`.
//
// Resource identity is not judged here. "Fits" means "fits if these ties can be made", and
// choose.cc makes them.
#include "resolve/candidates.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "resolve/unmet.h"
#include "resolve/wires.h"
#include "support/names.h"
#include "types/adapt.h"
#include "types/difference.h"

namespace tenon::resolve {

namespace {

// The number of differences that a message shows; the rest are counted.
constexpr std::size_t kShownDifferences = 3;

// The most units that a message proposes instead of a unit without the export.
constexpr std::size_t kShownProviders = 3;

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

std::string package_of(const types::ItemName& name) {
  if (name.kind != types::NameKind::Interface) return {};
  return name.version ? fmt::format("{}:{}@{}", name.ns, name.package, print_version(*name.version))
                      : fmt::format("{}:{}", name.ns, name.package);
}

// The exports of one unit that a wire or chain can select for an import, best first.
std::vector<UnitExport> find_exports(const Draft& draft, const DraftImport& import,
                                     UnitIndex unit) {
  std::vector<UnitExport> exports;
  const bool is_end = !import.hop.has_value();
  if (is_end && import.wire != nullptr && import.wire->export_name) {
    const Result<NamePattern, VersionError> pattern = parse_name_pattern(*import.wire->export_name);
    for (std::uint32_t e = 0; pattern && e < draft.export_names[unit].size(); ++e) {
      const ItemNames& names = draft.export_names[unit][e];
      if (std::any_of(names.begin(), names.end(),
                      [&](const types::ItemName& name) { return matches_name(*pattern, name); }))
        exports.push_back({unit, e});
    }
  } else {
    for (const types::ItemName& name : import.names) {
      const std::span<const UnitExport> all = draft.exports.find_matches(name);
      auto at = std::lower_bound(all.begin(), all.end(), UnitExport{unit, 0});
      for (; at != all.end() && at->unit == unit; ++at) exports.push_back(*at);
    }
  }
  std::erase_if(exports, [&](UnitExport from) { return !draft.is_offered(from, import.at.unit); });
  std::sort(exports.begin(), exports.end());
  exports.erase(std::unique(exports.begin(), exports.end()), exports.end());
  std::stable_sort(exports.begin(), exports.end(),
                   [&](UnitExport a, UnitExport b) { return is_better(draft, import, a, b); });
  return exports;
}

// The wire or chain that decides.
const Wire& get_line(const DraftImport& import, EdgeReason reason) {
  return reason == EdgeReason::Chain ? *import.chain : *import.wire;
}

Diagnostic make_problem(const Draft& draft, const DraftImport& import, UnitIndex unit,
                        EdgeReason reason, Code code, const std::string& why) {
  const Wire& line = get_line(import, reason);
  Diagnostic problem = make_diagnostic(code, "`{}` imports `{}`, {} `{}` by `{}`, {}",
                                       draft.unit_name(import.at.unit), shown_name(import),
                                       reason == EdgeReason::Chain ? "passed to" : "wired to",
                                       draft.unit_name(unit), print_wire(line), why);
  problem.where = where_of(draft, import.at);
  if (line.where.line > 0)
    problem.notes.push_back({.text = fmt::format("the wire is in {}:{}:{}", line.where.file,
                                                 line.where.line, line.where.column),
                             .excerpt = {},
                             .related = line.where});
  return problem;
}

// Proposes wires to units that have the export which the unit of a wire lacks.
void suggest_providers(Draft& draft, const DraftImport& import, Diagnostic& problem) {
  for (const types::ItemName& name : import.names) {
    for (const UnitExport from : draft.exports.find_matches(name)) {
      if (problem.hints.size() == kShownProviders) return;
      if (from.unit == import.at.unit || !draft.is_offered(from, import.at.unit) ||
          check_fit(draft, import, from).fitness != Fitness::Fits)
        continue;
      const std::string& provider = draft.unit_name(from.unit);
      problem.hints.push_back(fmt::format("`{}` exports it: {}", provider,
                                          wire_hint(draft, import, provider, std::nullopt)));
    }
  }
}

void report_no_export(Draft& draft, const DraftImport& import, UnitIndex unit, EdgeReason reason) {
  const bool by_name = reason != EdgeReason::Chain && import.wire->export_name;
  const std::string missing =
      by_name ? *import.wire->export_name : unversioned_name(import.names.front());
  Diagnostic problem =
      make_problem(draft, import, unit, reason,
                   reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveWireUnused,
                   fmt::format("and `{}` does not export `{}`", draft.unit_name(unit), missing));
  std::vector<std::string> names;
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    for (const types::ItemName& name : draft.export_names[unit][e]) {
      names.push_back(unversioned_name(name));
      if (by_name || unversioned_name(name) != unversioned_name(import.names.front())) continue;
      problem.notes.push_back({.text = fmt::format("`{}` exports `{}`: another track",
                                                   draft.unit_name(unit), name.full_text()),
                               .excerpt = {},
                               .related = where_of(draft, UnitExport{unit, e})});
      if (reason != EdgeReason::Chain &&
          check_fit(draft, import, {unit, e}).fitness == Fitness::Fits)
        problem.hints.push_back(wire_hint(draft, import, draft.unit_name(unit), name.full_text()));
    }
  }
  if (reason != EdgeReason::Chain && !by_name) suggest_providers(draft, import, problem);
  if (problem.hints.empty())
    problem.hints.push_back(suggest_name(missing, std::move(names),
                                         fmt::format("exports of `{}`", draft.unit_name(unit))));
  draft.problems.push_back(std::move(problem));
}

// The reason why WIT cannot express a type of a packr package.
std::string describe_unsayable(const types::Types& types, const types::Difference& difference) {
  if (difference.kind != types::DifferenceKind::Unsayable) return {};
  for (const types::DifferenceSide* side : {&difference.actual, &difference.expected}) {
    if (!side->type) continue;
    const auto* dynamic = std::get_if<types::Dynamic>(&types.types[*side->type].kind);
    if (dynamic != nullptr && !dynamic->within.empty())
      return fmt::format(": `{}` contains itself or a value of any type, which WIT cannot express",
                         dynamic->within);
  }
  return ": WIT cannot express a value of any type";
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
             describe_unsayable(draft.inputs.types, first);
    }
  }
  return {};
}

void explain_misfit(const Draft& draft, const DraftImport& import, UnitExport from, const Fit& fit,
                    Diagnostic& problem) {
  const std::string& provider = draft.unit_name(from.unit);
  const std::string& consumer = draft.unit_name(import.at.unit);
  const std::string intro = fmt::format("`{}` exports `{}`, but {}", provider,
                                        shown_name(draft, from), describe_misfit(draft, fit, from));
  if (fit.fitness == Fitness::Hidden) {
    problem.notes.push_back({.text = intro, .excerpt = {}, .related = where_of(draft, from)});
    problem.hints.push_back(fit.hidden_by.starts_with("hide")
                                ? fmt::format("remove `{}` from `{}`", fit.hidden_by, provider)
                            : fit.hidden_by.starts_with("--hide")
                                ? fmt::format("remove `{}`", fit.hidden_by)
                                : fmt::format("add `--expose {}:{}`", provider, fit.hidden_item));
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

// What would have to be converted so that an export fits an import; nothing if its other differences
// stay. Only components, and native code with types of its own, can be adapted.
std::optional<AdaptedImport> adapt(Draft& draft, const DraftImport& import, UnitExport from,
                                   std::vector<Tie>& ties) {
  const Unit& provider = draft.unit(from.unit);
  if (from.unit == draft.wasi || import.leader || !import.followers.empty() ||
      row_of(provider.kind).types != TypesOf::Components ||
      has_packr_types(draft.unit(import.at.unit).kind))
    return std::nullopt;
  const types::Types& types = draft.inputs.types;
  AdaptedImport adapted;
  const auto fits = [&](const std::string& name, const types::Item& ours,
                        const types::Item& theirs) {
    // Value types are compared where functions use them.
    const auto* const bound = std::get_if<types::TypeBound>(&ours);
    if (bound != nullptr && std::holds_alternative<types::TypeId>(bound->type)) return true;
    types::Verdict verdict = draft.relation.compare(ours, theirs, types::TypeRelation::Components,
                                                    provider.type.defined);
    if (verdict.fits()) {
      ties.insert(ties.end(), verdict.ties.begin(), verdict.ties.end());
      return true;
    }
    const auto* const expected = std::get_if<types::FunctionId>(&ours);
    const auto* const actual = std::get_if<types::FunctionId>(&theirs);
    if (expected == nullptr || actual == nullptr) return false;
    const auto adaptation = types::adapt_function(types, *expected, *actual);
    if (!adaptation) return false;
    const std::string prefix = name.empty() ? std::string() : name + ": ";
    for (const std::string& text : adaptation->conversions)
      adapted.conversions.push_back(prefix + text);
    for (const std::string& text : adaptation->failures) adapted.failures.push_back(prefix + text);
    return true;
  };
  const types::Item& ours = draft.item(import.at).item;
  const types::Item& theirs = draft.item(from).item;
  const auto* const instance = std::get_if<types::InstanceId>(&ours);
  if (instance == nullptr)
    return fits("", ours, theirs) ? std::optional(std::move(adapted)) : std::nullopt;
  const auto* const other = std::get_if<types::InstanceId>(&theirs);
  if (other == nullptr) return std::nullopt;
  for (const types::NamedItem& part : types.instances[*instance].exports) {
    const types::NamedItem* const same = types.instances[*other].find_export(part.name);
    if (same == nullptr || !fits(part.name, part.item, same->item)) return std::nullopt;
  }
  return adapted;
}

}  // namespace

void suggest_adapting(Draft& draft, const DraftImport& import, UnitExport from,
                      Diagnostic& problem) {
  std::vector<Tie> ties;
  const std::optional<AdaptedImport> adapted = adapt(draft, import, from, ties);
  // Without conversions, each function fits, and only their resources do not correspond.
  if (!adapted || (adapted->conversions.empty() && adapted->failures.empty())) return;
  problem.hints.push_back(
      fmt::format("{} tenon convert the values: add `adapt = true` to a [[wire]] with import = "
                  "\"{}\" and provider = \"{}\"",
                  problem.hints.empty() ? "let" : "or let", unversioned_name(import.names.front()),
                  draft.unit_name(from.unit)));
}

namespace {

// Decides an import by the unit that a wire or chain names.
// Problems: resolve-wire-unused, resolve-wire-type, resolve-chain, resolve-hidden.
void choose_from_unit(Draft& draft, DraftImport& import, UnitIndex unit, EdgeReason reason) {
  draft.considered[unit] = true;
  const std::vector<UnitExport> exports = find_exports(draft, import, unit);
  if (exports.empty()) {
    import.outcome = Outcome::Failed;
    return report_no_export(draft, import, unit, reason);
  }
  std::optional<std::pair<UnitExport, Fit>> first_misfit;
  for (const UnitExport from : exports) {
    Fit fit = check_fit(draft, import, from);
    if (fit.fitness == Fitness::Fits) {
      import.choice = {.from = from, .reason = reason, .ties = std::move(fit.ties), .notes = {}};
      return;
    }
    const bool can_adapt =
        fit.fitness == Fitness::WrongType && reason == EdgeReason::Wire && import.wire->adapt;
    std::vector<Tie> ties;
    if (auto adapted = can_adapt ? adapt(draft, import, from, ties) : std::nullopt) {
      import.choice = {.from = from,
                       .reason = reason,
                       .ties = std::move(ties),
                       .notes = {},
                       .adapted = std::move(adapted)};
      return;
    }
    if (!first_misfit) first_misfit = {from, std::move(fit)};
  }
  import.outcome = Outcome::Failed;
  const auto& [from, fit] = *first_misfit;
  const Code mismatch = reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveWireType;
  Diagnostic problem = make_problem(
      draft, import, unit, reason, fit.fitness == Fitness::Hidden ? Code::ResolveHidden : mismatch,
      fit.fitness == Fitness::Hidden ? "and a filter hides it" : "and its type does not fit");
  explain_misfit(draft, import, from, fit, problem);
  if (fit.fitness == Fitness::WrongType && reason == EdgeReason::Wire && !import.wire->adapt)
    suggest_adapting(draft, import, from, problem);
  if (problem.hints.empty())
    problem.hints.emplace_back("wire it to another export, or build both units from the same WIT");
  draft.problems.push_back(std::move(problem));
}

// Decides an optional import whose wire names a unit that does not exist.
void leave_absent(Draft& draft, DraftImport& import) {
  import.outcome = Outcome::Trap;
  std::vector<std::string> names;
  for (const Unit& unit : draft.inputs.units) names.push_back(unit.name);
  std::string hint = did_you_mean(near_misses(*import.wire->provider, names));
  if (hint.empty()) return;
  Diagnostic warning = make_diagnostic(
      Code::ResolveWireUnused,
      "there is no unit `{}`, to which `{}` is wired; `{}` is optional, so calls of it trap",
      *import.wire->provider, print_wire(*import.wire), shown_name(import));
  warning.severity = Severity::Warning;
  warning.where = import.wire->where;
  warning.hints.push_back(std::move(hint));
  draft.notes.push_back(std::move(warning));
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

PlanRejected make_rejected(const Draft& draft, const DraftImport& import, UnitExport from,
                           std::string why) {
  return {.consumer = draft.unit_name(import.at.unit),
          .import = draft.item(import.at).name,
          .provider = draft.unit_name(from.unit),
          .export_name = draft.item(from).name,
          .shadowed = false,
          .why = std::move(why)};
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

// Collects the candidates of an import that no wire or chain decides.
void gather(Draft& draft, std::uint32_t position, UnmetReport& unmet) {
  DraftImport& import = draft.imports[position];
  std::vector<Candidate> fitting;
  Misfits misfits;
  for (const UnitExport from : find_name_matches(draft, import)) {
    draft.considered[from.unit] = true;
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
  std::stable_sort(fitting.begin(), fitting.end(), [&](const Candidate& a, const Candidate& b) {
    if (a.from.unit != b.from.unit) return a.from.unit < b.from.unit;
    return is_better(draft, import, a.from, b.from);
  });
  for (Candidate& candidate : fitting) {
    import.candidates.push_back(static_cast<std::uint32_t>(draft.candidates.size()));
    draft.candidates.push_back(std::move(candidate));
  }
}

}  // namespace

std::vector<UnitExport> find_name_matches(const Draft& draft, const DraftImport& import) {
  const bool only_outside = draft.inputs.policy.unresolved == Policy::Unresolved::Outside;
  std::vector<UnitExport> exports;
  for (const types::ItemName& name : import.names) {
    for (const UnitExport& from : draft.exports.find_matches(name)) {
      const bool is_excluded = from.unit == import.at.unit ||
                               !draft.is_offered(from, import.at.unit) ||
                               row_of(draft.unit(from.unit).kind).level == CandidateLevel::Wired ||
                               (only_outside && draft.is_inside(from.unit)) ||
                               std::find(import.excluded.begin(), import.excluded.end(),
                                         from.unit) != import.excluded.end();
      if (!is_excluded) exports.push_back(from);
    }
  }
  if (import.names.size() > 1) {
    std::sort(exports.begin(), exports.end());
    exports.erase(std::unique(exports.begin(), exports.end()), exports.end());
  }
  return exports;
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
      const std::optional<UnitIndex> provider = draft.find_unit(*import.wire->provider);
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
