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
  return (std::uint64_t{tie.wanted.index} << 32) | tie.found.index;
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
  TypeId wanted;
  TypeId found;
  std::string label;

  bool operator==(const Place&) const = default;
};

std::optional<Place> place_of(const Difference& difference) {
  const DifferenceSide& wanted = difference.wanted;
  const DifferenceSide& found = difference.found;
  if (wanted.enclosing && found.enclosing)
    return Place{difference.kind, true, *wanted.enclosing, *found.enclosing, difference.label};
  if (wanted.type && found.type)
    return Place{difference.kind, false, *wanted.type, *found.type, {}};
  return std::nullopt;
}

bool is_value_type(const Item& item) {
  const auto* bound = std::get_if<TypeBound>(&item);
  return bound != nullptr && std::holds_alternative<TypeId>(bound->type);
}

bool is_of_function(const Difference& difference) {
  return difference.wanted.item && std::holds_alternative<FunctionId>(*difference.wanted.item);
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

Verdict Subtyping::compare(const Item& wanted, const Item& found, TypeRelation relation,
                           std::span<const ResourceId> defined) {
  Comparison comparison(*this, relation, defined);
  comparison.compare_items(wanted, found);
  return std::move(comparison).finish();
}

Verdict Subtyping::compare_types(TypeId wanted, TypeId found) {
  return compare(TypeBound{wanted}, TypeBound{found});
}

// --- Comparison: items ---

Verdict Comparison::finish() && {
  drop_repeats(verdict_.ties, 0);
  if (verdict_.differences.size() > 1)
    verdict_.differences = merge_places(std::move(verdict_.differences));
  return std::move(verdict_);
}

void Comparison::compare_items(const Item& wanted, const Item& found) {
  wanted_.item = wanted;
  found_.item = found;
  if (std::holds_alternative<Unsupported>(wanted)) {
    differ(DifferenceKind::UnsupportedItem, nullptr);
  } else if (wanted.index() != found.index()) {
    differ(DifferenceKind::OtherSort, nullptr);
  } else if (const auto* function = std::get_if<FunctionId>(&wanted)) {
    compare_functions(types_.functions[*function], types_.functions[std::get<FunctionId>(found)]);
  } else if (const auto* instance = std::get_if<InstanceId>(&wanted)) {
    if (*instance != std::get<InstanceId>(found))
      compare_instances(*instance, std::get<InstanceId>(found));
  } else {
    compare_bounds(std::get<TypeBound>(wanted), std::get<TypeBound>(found));
  }
}

void Comparison::compare_bounds(const TypeBound& wanted, const TypeBound& found) {
  if (wanted.type.index() != found.type.index()) {
    differ(DifferenceKind::OtherSort, nullptr);
  } else if (const auto* resource = std::get_if<ResourceId>(&wanted.type)) {
    if (!tie(*resource, std::get<ResourceId>(found.type)))
      differ(DifferenceKind::OtherType, nullptr);
  } else {
    compare_types(std::get<TypeId>(wanted.type), std::get<TypeId>(found.type), nullptr);
  }
}

// The found instance must have every export of the wanted one, and may have more.
void Comparison::compare_instances(InstanceId wanted, InstanceId found) {
  if (item_path_.size() > limits::kNestingDepth) {
    differ(DifferenceKind::TooDeep, nullptr);
    return;
  }
  const DifferenceSide outer_wanted = wanted_;
  const DifferenceSide outer_found = found_;
  wanted_.instance = wanted;
  found_.instance = found;
  for (const NamedItem& item : types_.instances[wanted].exports) {
    if (verdict_.differences.size() >= kMaxDifferences) break;
    const NamedItem* counterpart = types_.instances[found].find_export(item.name);
    // Packages export only functions. Their types are compared where the functions use them.
    if (counterpart == nullptr && relation_ == TypeRelation::Mixed && is_value_type(item.item))
      continue;
    item_path_.push_back(item.name);
    wanted_.item = item.item;
    if (counterpart == nullptr) {
      found_.item.reset();
      differ(DifferenceKind::MissingExport, nullptr);
    } else {
      compare_items(item.item, counterpart->item);
    }
    item_path_.pop_back();
  }
  wanted_ = outer_wanted;
  found_ = outer_found;
}

void Comparison::compare_functions(const Function& wanted, const Function& found) {
  if (wanted.is_async != found.is_async) {
    differ(DifferenceKind::Async, nullptr);
    return;
  }
  if (relation_ == TypeRelation::Packages && (wanted.is_untyped || found.is_untyped)) return;
  if (wanted.params.size() != found.params.size()) {
    differ(DifferenceKind::ParameterCount, nullptr);
    return;
  }
  for (std::size_t i = 0; i < wanted.params.size(); ++i)
    if (relation_ == TypeRelation::Components && wanted.params[i].label != found.params[i].label) {
      const Step step{.text = wanted.params[i].label};
      differ(DifferenceKind::ParameterName, &step);
      return;
    }
  for (std::size_t i = 0; i < wanted.params.size(); ++i) {
    const Step step{.text = wanted.params[i].label};
    if (!compare_types(wanted.params[i].type, found.params[i].type, &step)) return;
  }
  const Step result{.text = "result"};
  if (wanted.result.has_value() != found.result.has_value())
    differ(DifferenceKind::ResultPresence, &result, wanted.result, found.result);
  else if (wanted.result)
    compare_types(*wanted.result, *found.result, &result);
}

bool Comparison::tie(ResourceId wanted, ResourceId found) {
  if (wanted == found) return true;
  verdict_.ties.push_back({wanted, found});
  return !defined_.contains(found) ||
         defined_ties_.try_emplace(wanted, found).first->second == found;
}

// Records a difference at `at`: its path, and the innermost type with members around it.
bool Comparison::differ(DifferenceKind kind, const Step* at, std::optional<TypeId> wanted,
                        std::optional<TypeId> found) {
  Difference difference;
  difference.kind = kind;
  difference.item_path = item_path_;
  difference.wanted = wanted_;
  difference.found = found_;
  difference.wanted.type = wanted;
  difference.found.type = found;
  for (const Step* step = at; step != nullptr; step = step->up) {
    if (!step->text.empty()) difference.steps.emplace_back(step->text);
    if (step->wanted.is_valid() && !difference.wanted.enclosing) {
      difference.wanted.enclosing = step->wanted;
      difference.found.enclosing = step->found;
      difference.label = step->text;
    }
  }
  std::reverse(difference.steps.begin(), difference.steps.end());
  verdict_.differences.push_back(std::move(difference));
  return false;
}

// --- Comparison: value types ---

bool Comparison::bind(const Dynamic& parameter, TypeId type, TypeId wanted, TypeId found,
                      const Step* at) {
  // A value of any type does not determine the parameter.
  if (std::holds_alternative<Dynamic>(types_.types[type].kind)) return true;
  const auto [known, is_new] = bound_.emplace(parameter.parameter, type);
  if (is_new || known->second == type) return true;
  Comparison again(subtyping_, relation_);
  return again.compare_types(known->second, type, nullptr) ||
         differ(DifferenceKind::Parameter, at, wanted, found);
}

bool Comparison::compare_dynamic(TypeId wanted, TypeId found, const Step* at) {
  const auto* const a = std::get_if<Dynamic>(&types_.types[wanted].kind);
  const auto* const b = std::get_if<Dynamic>(&types_.types[found].kind);
  if (relation_ == TypeRelation::Mixed) return differ(DifferenceKind::Unsayable, at, wanted, found);
  const bool binds_a = a != nullptr && !a->parameter.empty();
  const bool binds_b = b != nullptr && !b->parameter.empty();
  if (binds_a && binds_b)
    return a->parameter == b->parameter || differ(DifferenceKind::Parameter, at, wanted, found);
  if (binds_a) return bind(*a, found, wanted, found, at);
  return !binds_b || bind(*b, wanted, wanted, found, at);
}

Subtyping::Memo& Comparison::memo() {
  return subtyping_.equal_[static_cast<std::size_t>(relation_)];
}

bool Comparison::compare_types(TypeId wanted, TypeId found, const Step* at) {
  if (wanted == found && relation_ != TypeRelation::Mixed) return true;
  const std::uint32_t depth = at == nullptr ? 0 : at->depth;
  if (depth > kDepth) return differ(DifferenceKind::TooDeep, at, wanted, found);
  const std::pair<TypeId, TypeId> pair{wanted, found};
  if (const auto known = memo().find(pair); known != memo().end()) {
    for (const Tie& known_tie : known->second)
      if (!tie(known_tie.wanted, known_tie.found))
        return differ(DifferenceKind::OtherType, at, wanted, found);
    return true;
  }
  const std::size_t begin = verdict_.ties.size();
  const std::size_t bound = bound_.size();
  if (!TypeComparison{*this, wanted, found, at, depth + 1}.compare()) return false;
  drop_repeats(verdict_.ties, begin);
  // If a type parameter was bound, the result holds only for this interface and must not be kept.
  if (bound_.size() == bound && bound == 0 && verdict_.ties.size() - begin <= kTiesKept) {
    const auto first = verdict_.ties.begin() + static_cast<std::ptrdiff_t>(begin);
    memo().emplace(pair, std::vector<Tie>(first, verdict_.ties.end()));
  }
  return true;
}

}  // namespace tenon::types
