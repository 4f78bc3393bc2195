// How near misses are found.
//
// The exact name has led nowhere, so this looks wider, from likely to unlikely causes: other version
// tracks of the same path, exports of the same name that differ in type or are hidden, similar
// spellings, instances with the same functions under another name, and bare functions of packages.
// Whatever fits by type also gets the wire that would connect it.
#include "resolve/unmet.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "resolve/hints.h"
#include "resolve/unprovided_wasi.h"
#include "resolve/wired_unit.h"
#include "resolve/wires.h"
#include "support/names.h"

namespace tenon::resolve {

namespace {

// The number of near misses of one kind that a message lists; the rest are counted.
constexpr std::size_t kShownNearMisses = 5;

// Similar names are searched until this many names were compared. Thousands of unmet imports
// against thousands of exports would take longer than the link itself.
constexpr std::size_t kComparedNames = 500'000;

std::vector<std::string> function_names(const types::Types& types, const types::Item& item) {
  std::vector<std::string> names;
  if (const types::InstanceId* id = std::get_if<types::InstanceId>(&item)) {
    for (const types::NamedItem& part : types.instances[*id].exports)
      if (std::holds_alternative<types::FunctionId>(part.item)) names.push_back(part.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The second half of the message.
std::string_view describe_need(Code code) {
  if (code == Code::ResolveVersionTrack) return "no unit exports it in this version track";
  if (code == Code::ResolveTypeMismatch) return "no unit provides it with a type that fits";
  if (code == Code::ResolveHidden) return "a filter hides the export that would fit";
  return "no unit provides it";
}

// The hints for an import without near misses. missing: absent if it is not one of WASI.
void add_ways_out(const Draft& draft, const DraftImport& import,
                  const std::optional<UnprovidedWasi>& missing, Diagnostic& problem) {
  if (draft.inputs.policy.unresolved == Policy::Unresolved::Open) return;
  const bool is_package = has_packr_types(draft.unit(import.at.unit).kind);
  problem.hints.emplace_back(
      fmt::format("add a {} that exports `{}`", is_package ? "package or component" : "component",
                  shown_name(import)),
      HintWays{.program = is_package ? "`add_package` or `add_component`" : "`add_component`",
               .command = "--with FILE",
               .manifest = {"[components.NAME]", "path = \"FILE\""}});
  if (missing) {
    std::ranges::copy(missing->hints, std::back_inserter(problem.hints));
    return;
  }
  problem.hints.emplace_back(
      "or leave it open",
      HintWays{.program = "`allow_unresolved`",
               .command = "--allow-unresolved",
               .manifest = {"[[wire]]",
                            fmt::format("import = \"{}\"", unversioned_name(import.names.front())),
                            "open = true"}});
}

}  // namespace

void UnmetReport::add(DraftImport& import, const Misfits& misfits) {
  const Policy::Unresolved policy = draft_.inputs.policy.unresolved;
  const bool can_stay_open = policy != Policy::Unresolved::Error;
  import.outcome = import.is_optional ? Outcome::Trap
                   : can_stay_open    ? Outcome::Open
                                      : Outcome::Failed;
  // The import is meant to be open, whatever other units export.
  if (import.outcome == Outcome::Open && policy == Policy::Unresolved::Outside) return;
  Diagnostic problem = make(import, misfits);
  if (import.outcome == Outcome::Failed) {
    draft_.problems.push_back(std::move(problem));
  } else if (!problem.notes.empty()) {
    // It may have no provider, but a near miss is probably a mistake.
    problem.severity = Severity::Warning;
    problem.message +=
        import.is_optional ? "; it is optional, so calls of it trap" : "; it is left open";
    draft_.notes.push_back(std::move(problem));
  }
}

Diagnostic UnmetReport::make(const DraftImport& import, const Misfits& misfits) {
  Diagnostic problem;
  problem.where = where_of(draft_, import.at);
  Code code = Code::ResolveNoProvider;
  const auto add_code = [&](Code other) {
    if (code == Code::ResolveNoProvider) code = other;
  };
  if (add_other_tracks(import, problem)) add_code(Code::ResolveVersionTrack);
  for (const Fitness kind : {Fitness::WrongType, Fitness::Hidden}) {
    std::size_t shown = 0;
    for (const auto& [from, fit] : misfits) {
      if (fit.fitness != kind) continue;
      add_code(kind == Fitness::WrongType ? Code::ResolveTypeMismatch : Code::ResolveHidden);
      if (++shown <= kShownNearMisses) {
        explain_misfit(draft_, import, from, fit, problem);
        if (fit.fitness == Fitness::WrongType) suggest_adapting(draft_, import, from, problem);
      }
    }
    if (shown > kShownNearMisses)
      problem.notes.push_back(
          {.text = fmt::format("and {} more like these", shown - kShownNearMisses),
           .excerpt = {},
           .related = {}});
  }
  add_own_export(import, problem);
  add_other_handler(import, problem);
  add_near_names(import, problem);
  add_same_functions(import, problem);
  add_lone_functions(import, problem);
  std::optional<UnprovidedWasi> missing;
  if (code == Code::ResolveNoProvider && import.outcome == Outcome::Failed && draft_.wasi)
    missing = find_unprovided_wasi(import.names.front(), draft_.unit(*draft_.wasi));
  if (missing)
    problem.notes.push_back({.text = fmt::format("tenon does not provide `{}`; of WASI, it has {}",
                                                 missing->package, missing->provided),
                             .excerpt = {},
                             .related = {}});
  if (problem.hints.empty()) add_ways_out(draft_, import, missing, problem);
  problem.code = code_text(code);
  problem.message = fmt::format("`{}` imports `{}`, and {}", draft_.unit_name(import.at.unit),
                                shown_name(import), describe_need(code));
  return problem;
}

bool UnmetReport::add_other_tracks(const DraftImport& import, Diagnostic& problem) {
  std::vector<UnitExport> near;
  for (const types::ItemName& name : import.names)
    for (const UnitExport from : draft_.exports.find_path(unversioned_name(name)))
      if (from.unit != import.at.unit) near.push_back(from);
  std::ranges::sort(near);
  const auto repeats = std::ranges::unique(near);
  near.erase(repeats.begin(), repeats.end());
  std::size_t shown = 0;
  bool has_track = false;
  for (const UnitExport from : near) {
    std::string text = describe_other_name(draft_, import, from);
    if (text.empty()) continue;
    draft_.considered[from.unit] = true;
    const MatchedNames names = match_names(draft_, import, from);
    has_track |= unversioned_name(*names.imported) == unversioned_name(*names.exported) &&
                 is_interface(*names.imported);
    if (++shown > kShownNearMisses) continue;
    problem.notes.push_back(
        {.text = std::move(text), .excerpt = {}, .related = where_of(draft_, from)});
    suggest(import, from, problem);
  }
  if (shown > kShownNearMisses)
    problem.notes.push_back(
        {.text = fmt::format("and {} more in other tracks", shown - kShownNearMisses),
         .excerpt = {},
         .related = {}});
  return has_track;
}

void UnmetReport::add_own_export(const DraftImport& import, Diagnostic& problem) {
  for (const types::ItemName& name : import.names) {
    const std::span<const UnitExport> all = draft_.exports.find_matches(name);
    const auto own = std::lower_bound(all.begin(), all.end(), UnitExport{import.at.unit, 0});
    if (own == all.end() || own->unit != import.at.unit) continue;
    problem.notes.push_back(
        {.text = fmt::format("`{}` exports `{}` itself, but a unit never provides for itself",
                             draft_.unit_name(import.at.unit), shown_name(draft_, *own)),
         .excerpt = {},
         .related = where_of(draft_, *own)});
    return;
  }
}

void UnmetReport::add_other_handler(const DraftImport& import, Diagnostic& problem) {
  constexpr std::string_view kOf02 = "wasi:http/incoming-handler";
  constexpr std::string_view kOf03 = "wasi:http/handler";
  for (const types::ItemName& name : import.names) {
    const std::string path = unversioned_name(name);
    if (path != kOf02 && path != kOf03) continue;
    const bool is_02 = path == kOf02;
    for (const UnitExport from : draft_.exports.find_path(std::string(is_02 ? kOf03 : kOf02))) {
      if (from.unit == import.at.unit) continue;
      draft_.considered[from.unit] = true;
      problem.notes.push_back(
          {.text =
               fmt::format("`{}` exports `{}`, the handler of WASI 0.{}: requests and responses of "
                           "0.2 and 0.3 are different resources, so a middleware of one cannot "
                           "pass them on to a handler of the other",
                           draft_.unit_name(from.unit), shown_name(draft_, from), is_02 ? 3 : 2),
           .excerpt = {},
           .related = where_of(draft_, from)});
      problem.hints.push_back(fmt::format("build `{}` for WASI 0.{}, or `{}` for WASI 0.{}",
                                          draft_.unit_name(import.at.unit), is_02 ? 3 : 2,
                                          draft_.unit_name(from.unit), is_02 ? 2 : 3));
    }
  }
}

void UnmetReport::add_near_names(const DraftImport& import, Diagnostic& problem) {
  if (compared_ > kComparedNames) return;
  if (names_.empty()) names_ = draft_.exports.all_names();
  compared_ += names_.size() * import.names.size();
  for (const types::ItemName& name : import.names) {
    for (const std::string_view near : near_misses(unversioned_name(name), names_)) {
      if (near == unversioned_name(name)) continue;
      for (const UnitExport from : draft_.exports.find_path(std::string(near))) {
        if (from.unit == import.at.unit) continue;
        draft_.considered[from.unit] = true;
        problem.hints.push_back(fmt::format("did you mean `{}`, exported by `{}`?",
                                            shown_name(draft_, from), draft_.unit_name(from.unit)));
        suggest(import, from, problem);
        break;
      }
    }
  }
}

void UnmetReport::add_same_functions(const DraftImport& import, Diagnostic& problem) {
  if (!is_indexed_) {
    is_indexed_ = true;
    for (UnitIndex u = 0; u < draft_.inputs.units.size(); ++u) {
      const auto& exports = draft_.unit(u).type.exports;
      for (std::uint32_t e = 0; e < exports.size(); ++e) {
        std::vector<std::string> functions = function_names(draft_.inputs.types, exports[e].item);
        if (!functions.empty() && !draft_.export_names[u][e].empty())
          by_functions_[std::move(functions)].push_back({u, e});
      }
    }
  }
  const auto same =
      by_functions_.find(function_names(draft_.inputs.types, draft_.item(import.at).item));
  if (same == by_functions_.end()) return;
  std::size_t shown = 0;
  for (const UnitExport from : same->second) {
    const MatchedNames names = match_names(draft_, import, from);
    if (from.unit == import.at.unit ||
        unversioned_name(*names.imported) == unversioned_name(*names.exported))
      continue;
    if (check_fit(draft_, import, from).fitness != Fitness::Fits) continue;
    if (++shown > kShownNearMisses) return;
    draft_.considered[from.unit] = true;
    problem.notes.push_back(
        {.text = fmt::format("`{}` exports the same functions as `{}`", draft_.unit_name(from.unit),
                             shown_name(draft_, from)),
         .excerpt = {},
         .related = where_of(draft_, from)});
    suggest(import, from, problem);
  }
}

// Packages can export bare functions, without an interface whose name could match. A function of
// the right name and type can be wired.
void UnmetReport::add_lone_functions(const DraftImport& import, Diagnostic& problem) {
  const auto* const instance = std::get_if<types::InstanceId>(&draft_.item(import.at).item);
  const Unit& consumer = draft_.unit(import.at.unit);
  if (instance == nullptr) return;
  for (const types::NamedItem& part : draft_.inputs.types.instances[*instance].exports) {
    for (const UnitExport from : draft_.exports.find_path(part.name)) {
      const Unit& unit = draft_.unit(from.unit);
      if (from.unit == import.at.unit || !has_packr_types(unit.kind)) continue;
      const types::Item& exported = draft_.item(from).item;
      const auto fits = [&](types::TypeRelation relation) {
        return draft_.relation.compare(part.item, exported, relation).fits();
      };
      const bool fits_plainly = fits(relation_of(consumer, unit));
      if (!fits_plainly &&
          !(can_pass_buffers(consumer, unit) && fits(types::TypeRelation::MixedBuffers)))
        continue;
      draft_.considered[from.unit] = true;
      const std::string& name = draft_.item(import.at).name;
      problem.hints.push_back(
          fits_plainly
              ? hint_at_wire(
                    fmt::format("`{}` exports a function `{}` that fits", unit.name, part.name),
                    {.consumer = draft_.unit_name(import.at.unit),
                     .import = fmt::format("{}.{}", name, part.name),
                     .provider = unit.name,
                     .export_name = part.name})
              : Hint(
                    fmt::format("`{}` exports a function `{}` that fits if buffers pass as `value`",
                                unit.name, part.name),
                    {.program =
                         fmt::format("`wire` of `{}.{}` with `Wire::buffers`", name, part.name),
                     .command = {},
                     .manifest = {"[[wire]]", fmt::format("import = \"{}.{}\"", name, part.name),
                                  fmt::format("provider = \"{}\"", unit.name),
                                  fmt::format("export = \"{}\"", part.name), "buffers = true"}}));
    }
  }
}

// Proposes the wire that connects the two names, if the types fit.
void UnmetReport::suggest(const DraftImport& import, UnitExport from, Diagnostic& problem) {
  if (check_fit(draft_, import, from).fitness != Fitness::Fits) return;
  Hint hint = wire_hint(draft_, import, draft_.unit_name(from.unit), shown_name(draft_, from));
  if (std::find(problem.hints.begin(), problem.hints.end(), hint) == problem.hints.end())
    problem.hints.push_back(std::move(hint));
}

}  // namespace tenon::resolve
