// What a plan can say about the death of a provider before it happens.
//
// A bridged call into a domain that dies must return something to the consumer, or the consumer
// cannot go on. Its type decides what is possible: `result<_, string>` carries the message, and an
// enum or variant carries a case that the wire names with `on-failure`. Every other function ends
// the consumer's domain, and a note lists these functions so that it is known before a run.
#include "resolve/fate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "resolve/draft.h"
#include "resolve/edge_options.h"
#include "resolve/passes.h"
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

constexpr EdgeOption kOnFailure{
    "on-failure", [](const Wire& wire) {
      return wire.on_failure.empty() ? std::string() : fmt::format("\"{}\"", wire.on_failure);
    }};

}  // namespace

std::optional<types::TypeId> error_type(const types::Types& types, types::FunctionId function) {
  const std::optional<types::TypeId>& result = types.functions[function].result;
  if (!result) return std::nullopt;
  const auto* carrier = std::get_if<types::ResultType>(&types.types[*result].kind);
  return carrier == nullptr ? std::nullopt : carrier->error;
}

void check_fates(Draft& draft) {
  for (const DraftImport* const import : check_edge_option(draft, kOnFailure)) {
    const std::string label = on_failure_of(*import);
    const std::vector<NamedFunction> functions = functions_behind(draft, *import);
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
    report_edge_option(
        draft, kOnFailure, *import->wire,
        fmt::format("fits no function of `{}`: no error type has this case without a payload or "
                    "with a string",
                    shown_name(*import)),
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
