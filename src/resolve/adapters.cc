// Types that the adapters of other engines cannot pass.
//
// For each function that one component calls in another, wasmtime compiles an adapter, which copies the
// values. Up to 48.0.8 it compiles one that calls itself for ever if a type has more than 1000 parts in
// one layer (wasmtime #14354; fixed by #14355): a helper function gets a budget of 1000, its type needs
// more, so the helper leaves the type to a helper. Layers count each for itself: a record of three
// enums with 600 cases each is fine. What a stream or future passes is not copied by the adapter. The
// engine of tenon is patched, so this concerns composed components only.
//
// Source: wasmtime-environ 48.0.8, src/fact/trampoline.rs, `translate` and INITIAL_FUEL.
#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>

#include "resolve/passes.h"
#include "resolve/relays.h"

namespace tenon::resolve {

namespace {

// The most parts of one layer that an adapter can pass.
constexpr std::size_t kMostParts = 1000;

// The parts that the engine counts in the outermost layer of a type, in words: "an enum with 1424 cases".
struct Layer {
  std::size_t parts = 0;
  std::string_view kind = {};
  std::string_view part = {};

  [[nodiscard]] std::string describe() const { return fmt::format("{} {} {}", kind, parts, part); }
};

// Empty for flags, of which 32 are one part, and for other kinds, which have at most 40 parts.
Layer layer_of(const types::Type& type) {
  if (const auto* const record = std::get_if<types::Record>(&type.kind))
    return {record->fields.size(), "a record with", "fields"};
  if (const auto* const variant = std::get_if<types::Variant>(&type.kind))
    return {variant->cases.size(), "a variant with", "cases"};
  if (const auto* const plain = std::get_if<types::Enum>(&type.kind))
    return {plain->labels.size(), "an enum with", "cases"};
  if (const auto* const tuple = std::get_if<types::Tuple>(&type.kind))
    return {tuple->types.size(), "a tuple of", "types"};
  if (const auto* const list = std::get_if<types::List>(&type.kind))
    return {list->length.value_or(0), "a fixed-length list of", "elements"};
  return {};
}

// Finds the first type of a function that an adapter cannot pass.
class LargeTypes final {
 public:
  explicit LargeTypes(const types::Types& types) : types_(types) {}

  // Returns its description, such as "an enum with 1424 cases"; empty if there is none.
  std::string find(const types::Function& function) {
    std::string large;
    types::for_each_part(function, [&](types::TypeId type) {
      if (large.empty()) large = find_in(type);
    });
    return large;
  }

 private:
  // Types nest within limits::kNestingDepth.
  std::string find_in(types::TypeId id) {
    if (!fine_.insert(id).second) return {};
    const types::Type& type = types_.types[id];
    if (const Layer layer = layer_of(type); layer.parts > kMostParts) {
      fine_.erase(id);
      return layer.describe();
    }
    if (std::holds_alternative<types::Stream>(type.kind) ||
        std::holds_alternative<types::Future>(type.kind))
      return {};
    for (const std::optional<types::TypeId>& part : types::parts_of(type)) {
      if (!part) continue;
      if (std::string large = find_in(*part); !large.empty()) {
        fine_.erase(id);
        return large;
      }
    }
    return {};
  }

  const types::Types& types_;
  std::unordered_set<types::TypeId> fine_;
};

struct LargeFunction {
  std::string function;  // empty: the import is the function
  std::string type;
};

std::optional<LargeFunction> find_large_function(const types::Types& types, LargeTypes& large,
                                                 const types::Item& item) {
  if (const auto* function = std::get_if<types::FunctionId>(&item)) {
    std::string type = large.find(types.functions[*function]);
    if (!type.empty()) return LargeFunction{{}, std::move(type)};
  } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    for (const types::NamedItem& part : types.instances[*instance].exports)
      if (std::optional<LargeFunction> inner = find_large_function(types, large, part.item)) {
        inner->function = inner->function.empty() ? part.name : part.name + "." + inner->function;
        return inner;
      }
  }
  return std::nullopt;
}

}  // namespace

void note_adapters(Draft& draft) {
  if (draft.inputs.policy.product == Policy::Product::Run) return;
  LargeTypes large(draft.inputs.types);
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || is_bridged(draft, import) ||
        !draft.is_inside(import.choice->from.unit))
      continue;
    const std::optional<LargeFunction> function =
        find_large_function(draft.inputs.types, large, draft.item(import.at).item);
    // Functions that the domain imports are called without an adapter.
    if (!function || !find_passed_imports(draft, import.choice->from).empty()) continue;
    const std::string& consumer = draft.unit_name(import.at.unit);
    const std::string& provider = draft.unit_name(import.choice->from.unit);
    Diagnostic problem = make_diagnostic(
        Code::NoteLargeType,
        "`{}` imports `{}` from `{}`, and {} passes {}: wasmtime up to 48 supports at most {}",
        consumer, shown_name(import), provider,
        function->function.empty() ? std::string("it") : fmt::format("`{}`", function->function),
        function->type, kMostParts);
    problem.where = where_of(draft, import.at);
    problem.hints.push_back(
        "the component is valid; run it with tenon, or with an engine that has the fix of wasmtime "
        "#14354");
    draft.notes.push_back(std::move(problem));
  }
}

}  // namespace tenon::resolve
