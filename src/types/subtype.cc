#include "types/subtype.h"

#include <algorithm>
#include <unordered_set>

#include "support/limits.h"
#include "support/terminal_text.h"
#include "types/comparison.h"

namespace tenon::types {

namespace {

// The types of a component are nested at most kNestingDepth deep; substitution can double that.
constexpr std::uint32_t kDepth = 2 * limits::kNestingDepth;
// A pair with more ties is not kept in the memo.
constexpr std::size_t kTiesKept = 4096;

std::uint64_t tie_key(const Tie& tie) {
  return (std::uint64_t{tie.expected.index} << 32) | tie.actual.index;
}

// Drops duplicates from `begin` on, and keeps the first of equal ties.
void drop_repeats(std::vector<Tie>& ties, std::size_t begin) {
  if (ties.size() - begin < 2) return;
  std::unordered_set<std::uint64_t> seen;
  const auto first = ties.begin() + static_cast<std::ptrdiff_t>(begin);
  ties.erase(std::remove_if(first, ties.end(),
                            [&](const Tie& tie) { return !seen.insert(tie_key(tie)).second; }),
             ties.end());
}

// The place where two types differ. If two named types differ in one place, every function that
// uses them has that difference. Only the first such function is shown, and not the type export
// itself.
struct Place {
  DifferenceKind kind;
  bool is_enclosed;
  TypeId expected;
  TypeId actual;
  std::string label;

  bool operator==(const Place&) const = default;
};

std::optional<Place> place_of(const Difference& difference) {
  const DifferenceSide& expected = difference.expected;
  const DifferenceSide& actual = difference.actual;
  if (expected.enclosing && actual.enclosing)
    return Place{difference.kind, true, *expected.enclosing, *actual.enclosing, difference.label};
  if (expected.type && actual.type)
    return Place{difference.kind, false, *expected.type, *actual.type, {}};
  return std::nullopt;
}

bool is_value_type(const Item& item) {
  const auto* bound = std::get_if<TypeBound>(&item);
  return bound != nullptr && std::holds_alternative<TypeId>(bound->type);
}

bool is_of_function(const Difference& difference) {
  return difference.expected.item && std::holds_alternative<FunctionId>(*difference.expected.item);
}

std::vector<Difference> merge_places(std::vector<Difference> differences) {
  std::vector<Place> of_functions;
  for (const Difference& difference : differences)
    if (const std::optional<Place> place = place_of(difference);
        place && is_of_function(difference))
      of_functions.push_back(*place);
  std::vector<Place> shown;
  std::vector<Difference> kept;
  for (Difference& difference : differences) {
    const std::optional<Place> place = place_of(difference);
    if (place && !is_of_function(difference) &&
        std::find(of_functions.begin(), of_functions.end(), *place) != of_functions.end())
      continue;
    if (place && place->is_enclosed) {
      if (std::find(shown.begin(), shown.end(), *place) != shown.end()) continue;
      shown.push_back(*place);
    }
    kept.push_back(std::move(difference));
  }
  return kept;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += '.';
    text += sanitize_text(part);
  }
  return text;
}

}  // namespace

std::string Difference::path() const {
  if (item_path.empty()) return join(steps);
  if (steps.empty()) return join(item_path);
  return join(item_path) + " -> " + join(steps);
}

std::string_view describe_difference(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::MissingExport:
      return "is missing";
    case DifferenceKind::OtherSort:
      return "is a different sort of item";
    case DifferenceKind::Async:
      return "is `async` on one side only";
    case DifferenceKind::ParameterCount:
      return "has a different number of parameters";
    case DifferenceKind::ParameterName:
      return "has parameters with different names or in a different order";
    case DifferenceKind::ResultPresence:
      return "has a result on one side only";
    case DifferenceKind::OtherType:
      return "has a different type";
    case DifferenceKind::MissingLabel:
      return "is missing";
    case DifferenceKind::ExtraLabel:
      return "is not expected";
    case DifferenceKind::LabelOrder:
      return "is in a different position";
    case DifferenceKind::PayloadPresence:
      return "has a payload on one side only";
    case DifferenceKind::TupleSize:
      return "is a tuple of a different size";
    case DifferenceKind::ListLength:
      return "is a list of a different length";
    case DifferenceKind::Ownership:
      return "is owned on one side and borrowed on the other";
    case DifferenceKind::Unsayable:
      return "is a type that WIT cannot say";
    case DifferenceKind::Parameter:
      return "is a type parameter that is bound to a different type elsewhere";
    case DifferenceKind::UnsupportedItem:
      return "is an item that tenon does not link";
    case DifferenceKind::TooDeep:
      return "is nested too deeply to compare";
  }
  return "differs";
}

std::size_t Subtyping::PairHash::operator()(const std::pair<TypeId, TypeId>& pair) const noexcept {
  return std::hash<std::uint64_t>()((std::uint64_t{pair.first.index} << 32) | pair.second.index);
}

Verdict Subtyping::compare(const Item& expected, const Item& actual, TypeRelation relation,
                           std::span<const ResourceId> defined) {
  Comparison comparison(*this, relation, defined);
  comparison.compare_items(expected, actual);
  return std::move(comparison).finish();
}

Verdict Subtyping::compare_types(TypeId expected, TypeId actual) {
  return compare(TypeBound{expected}, TypeBound{actual});
}

// --- Comparison: items ---

Verdict Comparison::finish() && {
  drop_repeats(verdict_.ties, 0);
  if (verdict_.differences.size() > 1)
    verdict_.differences = merge_places(std::move(verdict_.differences));
  return std::move(verdict_);
}

void Comparison::compare_items(const Item& expected, const Item& actual) {
  expected_.item = expected;
  actual_.item = actual;
  if (std::holds_alternative<Unsupported>(expected)) {
    differ(DifferenceKind::UnsupportedItem, nullptr);
  } else if (expected.index() != actual.index()) {
    differ(DifferenceKind::OtherSort, nullptr);
  } else if (const auto* function = std::get_if<FunctionId>(&expected)) {
    compare_functions(types_.functions[*function], types_.functions[std::get<FunctionId>(actual)]);
  } else if (const auto* instance = std::get_if<InstanceId>(&expected)) {
    if (*instance != std::get<InstanceId>(actual))
      compare_instances(*instance, std::get<InstanceId>(actual));
  } else {
    compare_bounds(std::get<TypeBound>(expected), std::get<TypeBound>(actual));
  }
}

void Comparison::compare_bounds(const TypeBound& expected, const TypeBound& actual) {
  if (expected.type.index() != actual.type.index()) {
    differ(DifferenceKind::OtherSort, nullptr);
  } else if (const auto* resource = std::get_if<ResourceId>(&expected.type)) {
    if (!tie(*resource, std::get<ResourceId>(actual.type)))
      differ(DifferenceKind::OtherType, nullptr);
  } else {
    compare_types(std::get<TypeId>(expected.type), std::get<TypeId>(actual.type), nullptr);
  }
}

// The actual instance must have every export of the expected one, and may have more.
void Comparison::compare_instances(InstanceId expected, InstanceId actual) {
  if (item_path_.size() > limits::kNestingDepth) {
    differ(DifferenceKind::TooDeep, nullptr);
    return;
  }
  const DifferenceSide outer_expected = expected_;
  const DifferenceSide outer_actual = actual_;
  expected_.instance = expected;
  actual_.instance = actual;
  for (const NamedItem& item : types_.instances[expected].exports) {
    if (verdict_.differences.size() >= kMaxDifferences) break;
    const NamedItem* counterpart = types_.instances[actual].find_export(item.name);
    // Packages export only functions. Their types are compared where the functions use them.
    if (counterpart == nullptr && is_type_of_functions(item.item)) continue;
    item_path_.push_back(item.name);
    expected_.item = item.item;
    if (counterpart == nullptr) {
      actual_.item.reset();
      differ(DifferenceKind::MissingExport, nullptr);
    } else {
      compare_items(item.item, counterpart->item);
    }
    item_path_.pop_back();
  }
  expected_ = outer_expected;
  actual_ = outer_actual;
}

bool Comparison::is_type_of_functions(const Item& item) const {
  if (!is_mixed()) return false;
  const auto* const bound = std::get_if<TypeBound>(&item);
  const auto* const resource = bound == nullptr ? nullptr : std::get_if<ResourceId>(&bound->type);
  return is_value_type(item) || (relation_ == TypeRelation::MixedBuffers && resource != nullptr &&
                                 subtyping_.buffers_.contains(*resource));
}

void Comparison::compare_functions(const Function& expected, const Function& actual) {
  if (expected.is_async != actual.is_async) {
    differ(DifferenceKind::Async, nullptr);
    return;
  }
  if (relation_ == TypeRelation::Packages && (expected.is_untyped || actual.is_untyped)) return;
  if (expected.params.size() != actual.params.size()) {
    differ(DifferenceKind::ParameterCount, nullptr);
    return;
  }
  for (std::size_t i = 0; i < expected.params.size(); ++i)
    if (relation_ == TypeRelation::Components &&
        expected.params[i].label != actual.params[i].label) {
      const Step step{.text = expected.params[i].label};
      differ(DifferenceKind::ParameterName, &step);
      return;
    }
  for (std::size_t i = 0; i < expected.params.size(); ++i) {
    const Step step{.text = expected.params[i].label};
    if (!compare_types(expected.params[i].type, actual.params[i].type, &step)) return;
  }
  const Step result{.text = "result"};
  if (expected.result.has_value() != actual.result.has_value())
    differ(DifferenceKind::ResultPresence, &result, expected.result, actual.result);
  else if (expected.result)
    compare_types(*expected.result, *actual.result, &result);
}

bool Comparison::tie(ResourceId expected, ResourceId actual) {
  if (expected == actual) return true;
  verdict_.ties.push_back({expected, actual});
  return !defined_.contains(actual) ||
         defined_ties_.try_emplace(expected, actual).first->second == actual;
}

// Records a difference at `at`: its path, and the innermost type with members around it.
bool Comparison::differ(DifferenceKind kind, const Step* at, std::optional<TypeId> expected,
                        std::optional<TypeId> actual) {
  Difference difference;
  difference.kind = kind;
  difference.item_path = item_path_;
  difference.expected = expected_;
  difference.actual = actual_;
  difference.expected.type = expected;
  difference.actual.type = actual;
  for (const Step* step = at; step != nullptr; step = step->up) {
    if (!step->text.empty()) difference.steps.emplace_back(step->text);
    if (step->expected.is_valid() && !difference.expected.enclosing) {
      difference.expected.enclosing = step->expected;
      difference.actual.enclosing = step->actual;
      difference.label = step->text;
    }
  }
  std::reverse(difference.steps.begin(), difference.steps.end());
  verdict_.differences.push_back(std::move(difference));
  return false;
}

// --- Comparison: value types ---

bool Comparison::bind(const Dynamic& parameter, TypeId type, TypeId expected, TypeId actual,
                      const Step* at) {
  // A value of any type does not determine the parameter.
  if (std::holds_alternative<Dynamic>(types_.types[type].kind)) return true;
  const auto [known, is_new] = bound_.emplace(parameter.parameter, type);
  if (is_new || known->second == type) return true;
  Comparison again(subtyping_, relation_);
  return again.compare_types(known->second, type, nullptr) ||
         differ(DifferenceKind::Parameter, at, expected, actual);
}

bool Comparison::tie_buffer(TypeId expected, TypeId actual) {
  const auto* const a = std::get_if<Own>(&types_.types[expected].kind);
  const auto* const b = std::get_if<Own>(&types_.types[actual].kind);
  if (a == nullptr && b == nullptr) return false;
  const auto& value = std::get<Dynamic>(types_.types[a != nullptr ? actual : expected].kind);
  const ResourceId own = a != nullptr ? a->resource : b->resource;
  const auto buffer = subtyping_.buffers_.find(own);
  if (!value.parameter.empty() || buffer == subtyping_.buffers_.end()) return false;
  return a != nullptr ? tie(own, buffer->second) : tie(buffer->second, own);
}

bool Comparison::compare_dynamic(TypeId expected, TypeId actual, const Step* at) {
  const auto* const a = std::get_if<Dynamic>(&types_.types[expected].kind);
  const auto* const b = std::get_if<Dynamic>(&types_.types[actual].kind);
  if (relation_ == TypeRelation::MixedBuffers && tie_buffer(expected, actual)) return true;
  if (is_mixed()) return differ(DifferenceKind::Unsayable, at, expected, actual);
  const bool binds_a = a != nullptr && !a->parameter.empty();
  const bool binds_b = b != nullptr && !b->parameter.empty();
  if (binds_a && binds_b)
    return a->parameter == b->parameter || differ(DifferenceKind::Parameter, at, expected, actual);
  if (binds_a) return bind(*a, actual, expected, actual, at);
  return !binds_b || bind(*b, expected, expected, actual, at);
}

Subtyping::Memo& Comparison::memo() {
  return subtyping_.equal_[static_cast<std::size_t>(relation_)];
}

bool Comparison::compare_types(TypeId expected, TypeId actual, const Step* at) {
  if (expected == actual && !is_mixed()) return true;
  const std::uint32_t depth = at == nullptr ? 0 : at->depth;
  if (depth > kDepth) return differ(DifferenceKind::TooDeep, at, expected, actual);
  const std::pair<TypeId, TypeId> pair{expected, actual};
  if (const auto known = memo().find(pair); known != memo().end()) {
    for (const Tie& known_tie : known->second)
      if (!tie(known_tie.expected, known_tie.actual))
        return differ(DifferenceKind::OtherType, at, expected, actual);
    return true;
  }
  const std::size_t begin = verdict_.ties.size();
  const std::size_t bound = bound_.size();
  if (!TypeComparison{*this, expected, actual, at, depth + 1}.compare()) return false;
  drop_repeats(verdict_.ties, begin);
  // If a type parameter was bound, the result holds only for this interface and must not be kept.
  if (bound_.size() == bound && bound == 0 && verdict_.ties.size() - begin <= kTiesKept) {
    const auto first = verdict_.ties.begin() + static_cast<std::ptrdiff_t>(begin);
    memo().emplace(pair, std::vector<Tie>(first, verdict_.ties.end()));
  }
  return true;
}

}  // namespace tenon::types
