#include "resolve/ambiguous.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "resolve/wires.h"

namespace tenon::resolve {

namespace {

// Candidates that one message lists; the rest are counted.
constexpr std::size_t kListedCandidates = 50;

// A unit that imports what it exports can stand in front of another.
bool is_middleware(const Draft& draft, UnitIndex unit, const DraftImport& import) {
  const std::uint32_t first = draft.first_import[unit];
  for (std::size_t i = 0; i < draft.unit(unit).type.imports.size(); ++i)
    for (const types::ItemName& name : draft.imports[first + i].names)
      for (const types::ItemName& wanted : import.names)
        if (names_match(wanted, name)) return true;
  return false;
}

// With every middleware among the candidates in the chain, one provider is left behind it.
void propose_chain(const Draft& draft, const DraftImport& import,
                   const std::vector<UnitIndex>& units, Diagnostic& problem) {
  if (import.place == DraftImport::Place::Member) return;
  std::vector<std::string> members;
  for (const UnitIndex unit : units)
    if (is_middleware(draft, unit, import)) members.push_back(draft.unit_name(unit));
  if (members.empty() || members.size() + 1 != units.size()) return;
  problem.hints.push_back(fmt::format("put {} in between: add `--via {}={}`",
                                      members.size() == 1 ? "the middleware" : "the middlewares",
                                      wire_target(draft, import), fmt::join(members, ",")));
}

}  // namespace

void report_ambiguous(Draft& draft, const DraftImport& import) {
  std::vector<UnitIndex> units;
  std::vector<UnitExport> exports;
  for (const std::uint32_t c : import.candidates) {
    const Candidate& candidate = draft.candidates[c];
    if (candidate.dropped || (!units.empty() && units.back() == candidate.from.unit)) continue;
    units.push_back(candidate.from.unit);
    exports.push_back(candidate.from);
  }
  Diagnostic problem =
      make_diagnostic(Code::ResolveAmbiguous, "`{}` imports `{}`, and {} units provide it",
                      draft.unit_name(import.at.unit), shown_name(import), units.size());
  problem.where = where_of(draft, import.at);
  for (std::size_t i = 0; i < units.size() && i < kListedCandidates; ++i) {
    const std::string& name = draft.unit_name(units[i]);
    const std::string version = describe_version(draft, import, exports[i]);
    problem.notes.push_back(
        {.text = fmt::format("`{}` exports `{}`{}; to choose it, write in tenon.toml", name,
                             shown_name(draft, exports[i]),
                             version.empty() ? "" : fmt::format(" ({})", version)),
         .excerpt = wire_lines(draft, import, name, std::nullopt),
         .related = where_of(draft, exports[i])});
    problem.hints.push_back(wire_hint(draft, import, name, std::nullopt));
  }
  if (units.size() > kListedCandidates)
    problem.notes.push_back({.text = fmt::format("and {} more", units.size() - kListedCandidates),
                             .excerpt = {},
                             .related = {}});
  propose_chain(draft, import, units, problem);
  draft.problems.push_back(std::move(problem));
}

}  // namespace tenon::resolve
