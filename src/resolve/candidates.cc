#include "resolve/candidates.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/fit.h"
#include "resolve/unmet.h"

namespace tenon::resolve {

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

void shadow(Draft& draft, const DraftImport& import, const std::vector<Candidate>& fitting,
            Level best) {
  for (const Candidate& candidate : fitting) {
    if (candidate.level == best) continue;
    const std::string why = fmt::format("hidden by {}", describe_level(best));
    PlanRejected rejected = make_rejected(draft, import, candidate.from, why);
    rejected.shadowed = true;
    Diagnostic note = make_diagnostic(Code::NoteShadowed,
                                      "`{}` would fit `{}` of `{}` by its `{}`, but {} comes first",
                                      rejected.provider, rejected.import, rejected.consumer,
                                      rejected.export_name, describe_level(best));
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
    draft.rejected.push_back(std::move(rejected));
  }
}

// A name match whose type does not fit is never silent, though another unit fits.
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

void gather(Draft& draft, std::uint32_t position, UnmetReport& unmet) {
  DraftImport& import = draft.imports[position];
  std::vector<Candidate> fitting;
  Misfits misfits;
  for (const UnitExport from : find_name_matches(draft, import)) {
    draft.touched[from.unit] = true;
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
  const Level best =
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
  std::vector<UnitExport> exports;
  for (const types::ItemName& name : import.names) {
    for (const UnitExport& from : draft.exports.find_matches(name)) {
      const bool is_excluded =
          from.unit == import.at.unit || std::find(import.excluded.begin(), import.excluded.end(),
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
      choose_from_unit(draft, import, *draft.find_unit(*import.wire->provider), EdgeReason::Wire);
    } else {
      gather(draft, position, unmet);
    }
  }
}

Level level_of(const Draft& draft, const DraftImport& import, UnitIndex unit) {
  const UnitKind kind = draft.unit(unit).kind;
  const types::ItemName& name = import.names.front();
  if (kind == UnitKind::HostFunctions) return Level::HostFunction;
  if (name.kind == types::NameKind::Label && name.text == draft.unit_name(unit))
    return Level::SameName;
  switch (kind) {
    case UnitKind::HostFunctions:
      return Level::HostFunction;
    case UnitKind::Component:
    case UnitKind::Composition:
      return Level::Component;
    case UnitKind::Package:
      return Level::Package;
    case UnitKind::HostBundle:
      return Level::HostBundle;
    case UnitKind::Remote:
      return Level::Remote;
    case UnitKind::Wasi:
      return Level::Wasi;
  }
  return Level::Component;
}

std::string_view describe_level(Level level) {
  switch (level) {
    case Level::HostFunction:
      return "a host function of this name";
    case Level::SameName:
      return "the unit of the import's name";
    case Level::Component:
      return "a component";
    case Level::Package:
      return "a packr package";
    case Level::HostBundle:
      return "a host bundle";
    case Level::Remote:
      return "a remote service";
    case Level::Wasi:
      return "WASI";
  }
  return "a unit";
}

}  // namespace tenon::resolve
