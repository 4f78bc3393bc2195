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

// REQUIRES: a wire with `on-failure`
void report(Draft& draft, const DraftImport& import, std::string why, std::string hint) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveWireType, "`on-failure = \"{}\"` of the wire `{}` {}",
                      *import.wire->on_failure, print_wire(*import.wire), why);
  problem.where = import.wire->where;
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

// The consumers of an export in one domain share an import there, and so what it returns.
void check_agreement(Draft& draft) {
  std::map<std::pair<std::uint32_t, UnitExport>, const DraftImport*> firsts;
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || !is_bridged(draft, import)) continue;
    const auto key = std::pair(draft.domain_of[import.at.unit], import.choice->from);
    const DraftImport& first = *firsts.try_emplace(key, &import).first->second;
    const std::string label = on_failure_of(import);
    if (on_failure_of(first) == label) continue;
    const DraftImport& told = label.empty() ? first : import;
    const DraftImport& other = label.empty() ? import : first;
    const std::string other_label = on_failure_of(other);
    report(draft, told,
           fmt::format("does not agree with {} for `{}`: `{}` and that share the domain `{}`, and "
                       "what they call of `{}`",
                       other_label.empty() ? "none" : fmt::format("`\"{}\"`", other_label),
                       draft.unit_name(other.at.unit), draft.unit_name(told.at.unit),
                       draft.domain_names[key.first], draft.unit_name(key.second.unit)),
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

std::string on_failure_of(const DraftImport& import) {
  return import.wire == nullptr ? std::string() : import.wire->on_failure.value_or("");
}

void check_fates(Draft& draft) {
  check_agreement(draft);
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
    for (const NamedFunction& function : functions_behind(draft, import)) {
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
