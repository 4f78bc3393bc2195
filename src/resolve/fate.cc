// What a plan can say about the death of a provider before it happens.
//
// A bridged call into a domain that dies must return something to the consumer, or the consumer
// cannot go on. Its type decides what is possible: `result<_, string>` carries the message, and an
// enum or variant carries a case that the wire names with `on-failure`. Every other function ends
// the consumer's domain, and a note lists these functions so that it is known before a run.
#include "resolve/fate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "resolve/draft.h"
#include "resolve/passes.h"
#include "resolve/wires.h"
#include "support/diagnostics.h"
#include "support/names.h"

namespace tenon::resolve {

namespace {

// The number of functions that a note names; the rest are counted.
constexpr std::size_t kNamedFunctions = 3;

bool is_string(const types::Types& types, types::TypeId id) {
  const auto* primitive = std::get_if<types::Primitive>(&types.types[id].kind);
  return primitive != nullptr && *primitive == types::Primitive::String;
}

// Whether an error type has a case that can report the death of a provider: without a payload, or
// with a string for the message.
bool has_case(const types::Types& types, types::TypeId error, const std::string& label) {
  const auto& kind = types.types[error].kind;
  if (const auto* names = std::get_if<types::Enum>(&kind))
    return std::ranges::find(names->labels, label) != names->labels.end();
  const auto* variant = std::get_if<types::Variant>(&kind);
  if (variant == nullptr) return false;
  const auto match = std::ranges::find(variant->cases, label, &types::Case::label);
  return match != variant->cases.end() && (!match->type || is_string(types, *match->type));
}

// The labels of all such cases.
std::vector<std::string> cases_of(const types::Types& types, types::TypeId error) {
  const auto& kind = types.types[error].kind;
  if (const auto* names = std::get_if<types::Enum>(&kind)) return names->labels;
  std::vector<std::string> labels;
  if (const auto* variant = std::get_if<types::Variant>(&kind))
    for (const types::Case& entry : variant->cases)
      if (has_case(types, error, entry.label)) labels.push_back(entry.label);
  return labels;
}

// A function that an import can call.
struct NamedFunction {
  std::string name;
  types::FunctionId id;
};

std::vector<NamedFunction> functions_behind(const Draft& draft, const DraftImport& import) {
  const types::RootItem& item = draft.item(import.at);
  if (const auto* function = std::get_if<types::FunctionId>(&item.item))
    return {{item.name, *function}};
  std::vector<NamedFunction> functions;
  if (const auto* instance = std::get_if<types::InstanceId>(&item.item)) {
    for (const types::NamedItem& part : draft.inputs.types.instances[*instance].exports)
      if (const auto* function = std::get_if<types::FunctionId>(&part.item))
        functions.push_back({part.name, *function});
  }
  return functions;
}

// REQUIRES: the wire of the import has `on-failure`.
void report(Draft& draft, const DraftImport& import, std::string why, std::string hint) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveWireType, "`on-failure = \"{}\"` of the wire `{}` {}",
                      *import.wire->on_failure, print_wire(*import.wire), why);
  problem.where = import.wire->where;
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

// The consumers of one export in one domain share one import of the domain's component, so they
// must agree on what it returns.
void check_agreement(Draft& draft) {
  std::map<std::pair<std::uint32_t, UnitExport>, const DraftImport*> firsts;
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || !is_bridged(draft, import)) continue;
    const auto key = std::pair(draft.domain_of[import.at.unit], import.choice->from);
    const DraftImport& first = *firsts.try_emplace(key, &import).first->second;
    const std::string label = on_failure_of(import);
    if (on_failure_of(first) == label) continue;
    const DraftImport& reported = label.empty() ? first : import;
    const DraftImport& other = label.empty() ? import : first;
    const std::string other_label = on_failure_of(other);
    report(draft, reported,
           fmt::format(
               "disagrees with `{0}`, which has {1}: `{2}` and `{0}` are in the domain `{3}` and "
               "share one import of `{4}`",
               draft.unit_name(other.at.unit),
               other_label.empty() ? "none" : fmt::format("`\"{}\"`", other_label),
               draft.unit_name(reported.at.unit), draft.domain_names[key.first],
               draft.unit_name(key.second.unit)),
           "name one case for both, or place them in two domains");
  }
}

}  // namespace

std::optional<types::TypeId> error_type(const types::Types& types, types::FunctionId function) {
  const std::optional<types::TypeId>& result = types.functions[function].result;
  if (!result) return std::nullopt;
  const auto* carrier = std::get_if<types::ResultType>(&types.types[*result].kind);
  return carrier == nullptr ? std::nullopt : carrier->error;
}

void check_fates(Draft& draft) {
  check_agreement(draft);
  for (const DraftImport& import : draft.imports) {
    const std::string label = on_failure_of(import);
    if (label.empty() || import.outcome != Outcome::Provided) continue;
    if (!is_bridged(draft, import)) {
      report(
          draft, import,
          fmt::format("has no effect: `{}` and `{}` share a domain and end together",
                      draft.unit_name(import.at.unit), draft.unit_name(import.choice->from.unit)),
          "place one of them in another domain, or remove `on-failure`");
      continue;
    }
    const std::vector<NamedFunction> functions = functions_behind(draft, import);
    const types::Types& types = draft.inputs.types;
    const bool fits = std::ranges::any_of(functions, [&](const NamedFunction& function) {
      const auto error = error_type(types, function.id);
      return error && has_case(types, *error, label);
    });
    if (fits) continue;
    std::vector<std::string> cases;
    for (const NamedFunction& function : functions)
      if (const auto error = error_type(types, function.id))
        std::ranges::move(cases_of(types, *error), std::back_inserter(cases));
    std::ranges::sort(cases);
    cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
    report(draft, import,
           fmt::format(
               "fits no function of `{}`: no error type has this case without a payload or with "
               "a string",
               shown_name(import)),
           suggest_name(label, std::move(cases), "cases"));
  }
}

void note_fates(Draft& draft) {
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || !is_bridged(draft, import)) continue;
    const types::Types& types = draft.inputs.types;
    const std::string label = on_failure_of(import);
    std::vector<std::string> silent;
    for (const NamedFunction& function : functions_behind(draft, import)) {
      const auto error = error_type(types, function.id);
      const bool can_report =
          error && (is_string(types, *error) || (!label.empty() && has_case(types, *error, label)));
      if (!can_report) silent.push_back(fmt::format("`{}`", function.name));
    }
    if (silent.empty()) continue;
    const std::size_t count = silent.size();
    if (count > kNamedFunctions) silent.resize(kNamedFunctions);
    std::string names = fmt::format("{}", fmt::join(silent, ", "));
    if (count > kNamedFunctions) names += fmt::format(" and {} more", count - kNamedFunctions);
    Diagnostic note = make_diagnostic(
        Code::NoteEndsWithProvider,
        "`{0}` ends with `{1}` if `{1}` dies in a call of `{2}`: {3} cannot return an error",
        draft.unit_name(import.at.unit), draft.unit_name(import.choice->from.unit),
        shown_name(import), names);
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
  }
}

}  // namespace tenon::resolve
