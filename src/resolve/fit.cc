#include "resolve/fit.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/name_pattern.h"
#include "resolve/wires.h"
#include "support/near_miss.h"
#include "types/difference.h"

namespace tenon::resolve {

namespace {

// Differences that a message shows; the rest are counted.
constexpr std::size_t kShownDifferences = 3;

// Units that a message proposes in place of one that has no such export.
constexpr std::size_t kShownProviders = 3;

// The first function that the import asks for and a filter hides.
void check_filters(const Draft& draft, const DraftImport& import, UnitExport from, Fit& fit) {
  const auto hide = [&](std::string item, std::string filter) {
    fit.fitness = Fitness::Hidden;
    fit.hidden_item = std::move(item);
    fit.hidden_by = std::move(filter);
  };
  const std::string whole = draft.visibility.who_hides(from);
  if (!whole.empty()) return hide(shown_name(draft, from), whole);
  for (const std::uint32_t position : import.followers) {
    const std::optional<UnitExport> follower = find_follower(draft, from, draft.imports[position]);
    const std::string filter = follower ? draft.visibility.who_hides(*follower) : std::string();
    if (!filter.empty()) return hide(shown_name(draft, *follower), filter);
  }
  const types::InstanceId* id = std::get_if<types::InstanceId>(&draft.item(import.at).item);
  if (id == nullptr) return;
  for (const types::NamedItem& item : draft.inputs.types.instances[*id].exports) {
    if (!std::holds_alternative<types::FunctionId>(item.item)) continue;
    const std::string filter = draft.visibility.who_hides(from, item.name);
    if (!filter.empty()) return hide(shown_name(draft, from) + "." + item.name, filter);
  }
}

std::string package_of(const types::ItemName& name) {
  if (name.kind != types::NameKind::Interface) return {};
  return name.version ? fmt::format("{}:{}@{}", name.ns, name.package, print_version(*name.version))
                      : fmt::format("{}:{}", name.ns, name.package);
}

// Exports of one unit that a wire or chain may mean, best first.
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
  std::sort(exports.begin(), exports.end());
  exports.erase(std::unique(exports.begin(), exports.end()), exports.end());
  std::stable_sort(exports.begin(), exports.end(),
                   [&](UnitExport a, UnitExport b) { return is_better(draft, import, a, b); });
  return exports;
}

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
  return problem;
}

// The wires to units that would do, where one names a unit that has no such export.
void suggest_providers(Draft& draft, const DraftImport& import, Diagnostic& problem) {
  for (const types::ItemName& name : import.names) {
    for (const UnitExport from : draft.exports.find_matches(name)) {
      if (problem.hints.size() == kShownProviders) return;
      if (from.unit == import.at.unit || check_fit(draft, import, from).fitness != Fitness::Fits)
        continue;
      const std::string& provider = draft.unit_name(from.unit);
      problem.hints.push_back(fmt::format("`{}` exports it: {}", provider,
                                          wire_hint(draft, import, provider, std::nullopt)));
    }
  }
}

void report_no_export(Draft& draft, const DraftImport& import, UnitIndex unit, EdgeReason reason) {
  const bool by_name = reason != EdgeReason::Chain && import.wire->export_name;
  const std::string wanted =
      by_name ? *import.wire->export_name : unversioned_name(import.names.front());
  Diagnostic problem =
      make_problem(draft, import, unit, reason,
                   reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveWireUnused,
                   fmt::format("and `{}` does not export `{}`", draft.unit_name(unit), wanted));
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
    problem.hints.push_back(suggest_name(wanted, std::move(names),
                                         fmt::format("exports of `{}`", draft.unit_name(unit))));
  draft.problems.push_back(std::move(problem));
}

// Why a component cannot say a type of packr.
std::string describe_unsayable(const types::Types& types, const types::Difference& difference) {
  if (difference.kind != types::DifferenceKind::Unsayable) return {};
  for (const types::DifferenceSide* side : {&difference.found, &difference.wanted}) {
    if (!side->type) continue;
    const auto* dynamic = std::get_if<types::Dynamic>(&types.types[*side->type].kind);
    if (dynamic != nullptr && !dynamic->within.empty())
      return fmt::format(": `{}` contains a value of any type, or itself, which WIT cannot say",
                         dynamic->within);
  }
  return ": a value of any type is what WIT cannot say";
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
                                ? fmt::format("remove `{}` of `{}`", fit.hidden_by, provider)
                            : fit.hidden_by.starts_with("--hide")
                                ? fmt::format("leave `{}` out", fit.hidden_by)
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
  const std::string package = package_of(*names.found);
  if (package.empty() || from.unit == draft.wasi) return;
  // What the program provides has the types of who asks first, and lacks what it was not given.
  if (draft.unit(from.unit).kind == UnitKind::HostFunctions) {
    problem.hints.push_back(fmt::format("let the program provide all that `{}` imports of `{}`",
                                        consumer, names.wanted->full_text()));
    return;
  }
  problem.hints.push_back(
      package == package_of(*names.wanted)
          ? fmt::format("build `{}` and `{}` against one `{}`", consumer, provider, package)
          : fmt::format("build `{}` against `{}`", consumer, package));
}

void choose_from_unit(Draft& draft, DraftImport& import, UnitIndex unit, EdgeReason reason) {
  draft.touched[unit] = true;
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
    if (!first_misfit) first_misfit = {from, std::move(fit)};
  }
  import.outcome = Outcome::Failed;
  const auto& [from, fit] = *first_misfit;
  const Code mismatch = reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveWireType;
  Diagnostic problem = make_problem(
      draft, import, unit, reason, fit.fitness == Fitness::Hidden ? Code::ResolveHidden : mismatch,
      fit.fitness == Fitness::Hidden ? "and a filter hides it" : "and its type does not fit");
  explain_misfit(draft, import, from, fit, problem);
  draft.problems.push_back(std::move(problem));
}

}  // namespace tenon::resolve
