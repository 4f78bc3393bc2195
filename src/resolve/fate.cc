#include "resolve/fate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "resolve/domains.h"
#include "resolve/wires.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"

namespace tenon::resolve {

namespace {

// Functions that a note names.
constexpr std::size_t kNamedFunctions = 3;

bool is_string(const types::Types& types, types::TypeId id) {
  const auto* primitive = std::get_if<types::Primitive>(&types.types[id].kind);
  return primitive != nullptr && *primitive == types::Primitive::String;
}

// Whether an error type has the case, without payload or with a string.
bool has_case(const types::Types& types, types::TypeId error, const std::string& label) {
  const auto& kind = types.types[error].kind;
  if (const auto* names = std::get_if<types::Enum>(&kind))
    return std::ranges::find(names->labels, label) != names->labels.end();
  const auto* variant = std::get_if<types::Variant>(&kind);
  if (variant == nullptr) return false;
  const auto found = std::ranges::find(variant->cases, label, &types::Case::label);
  return found != variant->cases.end() && (!found->type || is_string(types, *found->type));
}

// The cases that an error type has so.
std::vector<std::string> cases_of(const types::Types& types, types::TypeId error) {
  const auto& kind = types.types[error].kind;
  if (const auto* names = std::get_if<types::Enum>(&kind)) return names->labels;
  std::vector<std::string> labels;
  if (const auto* variant = std::get_if<types::Variant>(&kind))
    for (const types::Case& one : variant->cases)
      if (has_case(types, error, one.label)) labels.push_back(one.label);
  return labels;
}

// The error type of a function's result, if it is a result with one.
std::optional<types::TypeId> error_type(const types::Types& types, types::FunctionId id) {
  const std::optional<types::TypeId>& result = types.functions[id].result;
  if (!result) return std::nullopt;
  const auto* carrier = std::get_if<types::ResultType>(&types.types[*result].kind);
  return carrier == nullptr ? std::nullopt : carrier->error;
}

struct NamedFunction {
  std::string name;
  types::FunctionId id;
};

std::vector<NamedFunction> functions_of(const Draft& draft, const DraftImport& import) {
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

void report(Draft& draft, const DraftImport& import, std::string why, std::string hint) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveWireType, "`on-failure = \"{}\"` of the wire `{}` {}",
                      *import.wire->on_failure, print_wire(*import.wire), why);
  problem.where = import.wire->where;
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

}  // namespace

std::string on_failure_of(const DraftImport& import) {
  return import.wire == nullptr ? std::string() : import.wire->on_failure.value_or("");
}

void check_fates(Draft& draft) {
  for (const DraftImport& import : draft.imports) {
    const std::string label = on_failure_of(import);
    if (label.empty() || import.outcome != Outcome::Provided) continue;
    if (!is_bridged(draft, import)) {
      report(
          draft, import,
          fmt::format("means nothing: `{}` and `{}` share a domain, and so a fate",
                      draft.unit_name(import.at.unit), draft.unit_name(import.choice->from.unit)),
          "place one of them in another domain, or leave `on-failure` out");
      continue;
    }
    const std::vector<NamedFunction> functions = functions_of(draft, import);
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
           fmt::format("fits no function of `{}`: no error type has that case, without payload or "
                       "with a string",
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
    for (const NamedFunction& function : functions_of(draft, import)) {
      const auto error = error_type(types, function.id);
      const bool tells =
          error && (is_string(types, *error) || (!label.empty() && has_case(types, *error, label)));
      if (!tells) silent.push_back(fmt::format("`{}`", function.name));
    }
    if (silent.empty()) continue;
    const std::size_t count = silent.size();
    if (count > kNamedFunctions) silent.resize(kNamedFunctions);
    std::string names = fmt::format("{}", fmt::join(silent, ", "));
    if (count > kNamedFunctions) names += fmt::format(" and {} more", count - kNamedFunctions);
    Diagnostic note = make_diagnostic(
        Code::NoteEndsWithProvider,
        "`{}` ends with `{}` if that dies in a call of `{}`: {} cannot return an error",
        draft.unit_name(import.at.unit), draft.unit_name(import.choice->from.unit),
        shown_name(import), names);
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
  }
}

}  // namespace tenon::resolve
