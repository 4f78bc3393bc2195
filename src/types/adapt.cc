#include "types/adapt.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

namespace tenon::types {

namespace {

// The number of texts of each list that are kept.
constexpr std::size_t kMostTexts = 20;

// Who passes a value to whom.
enum class Way { ToProvider, ToConsumer };

// Where a value is in a function. The places form a list through the frames of the recursion, so a
// path costs nothing unless there is something to tell.
struct Place {
  const Place* up = nullptr;
  std::string_view mark = {};  // "." before a name
  std::string_view name = {};
  Way way = Way::ToProvider;
  // The types of the value.
  TypeId consumer = {};
  TypeId provider = {};

  [[nodiscard]] Place part(std::string_view part_mark, std::string_view part_name) const {
    return {.up = this, .mark = part_mark, .name = part_name, .way = way};
  }
  [[nodiscard]] std::string path() const {
    std::string path = up == nullptr ? std::string() : up->path();
    path += mark;
    return path += name;
  }
};

struct Texts {
  std::vector<std::string> kept;
  std::size_t more = 0;

  template <class MakeText>
  void add(MakeText&& make_text) {
    if (kept.size() == kMostTexts) {
      ++more;
      return;
    }
    std::string text = make_text();
    if (std::ranges::find(kept, text) == kept.end()) kept.push_back(std::move(text));
  }
  std::vector<std::string> take() && {
    if (more > 0) kept.push_back(fmt::format("and {} more", more));
    return std::move(kept);
  }
};

std::string_view label_of(const std::string& label) { return label; }
std::string_view label_of(const Case& alternative) { return alternative.label; }
std::string_view label_of(const Field& field) { return field.label; }

// A table, because types may have a hundred thousand members.
template <class Member>
std::unordered_map<std::string_view, const Member*> by_label(const std::vector<Member>& members) {
  std::unordered_map<std::string_view, const Member*> table;
  table.reserve(members.size());
  for (const Member& member : members) table.emplace(label_of(member), &member);
  return table;
}

// How the cases of two enums or variants differ. Functions share it, because the size of a function
// does not count cases without a payload.
struct CaseDifference {
  struct Only {
    std::vector<std::string_view> first;
    std::size_t more = 0;
  };
  Only consumer;
  Only provider;
  bool is_reordered = false;
  // Cases that both have, with a payload.
  std::vector<std::pair<const Case*, const Case*>> payloads;
};

template <class Member>
CaseDifference find_difference(const std::vector<Member>& consumer,
                               const std::vector<Member>& provider) {
  CaseDifference difference;
  const auto add = [](CaseDifference::Only& only, const Member& member) {
    if (only.first.size() < kMostTexts)
      only.first.push_back(label_of(member));
    else
      ++only.more;
  };
  const auto in_consumer = by_label(consumer);
  const auto in_provider = by_label(provider);
  for (const Member& member : provider)
    if (!in_consumer.contains(label_of(member))) add(difference.provider, member);
  for (const Member& member : consumer) {
    const auto same = in_provider.find(label_of(member));
    if (same == in_provider.end()) {
      add(difference.consumer, member);
    } else if constexpr (std::is_same_v<Member, Case>) {
      if (member.type || same->second->type)
        difference.payloads.emplace_back(&member, same->second);
    }
  }
  const auto label = [](const Member& member) { return label_of(member); };
  difference.is_reordered = difference.consumer.first.empty() &&
                            difference.provider.first.empty() &&
                            !std::ranges::equal(consumer, provider, {}, label, label);
  return difference;
}

class Adapter final {
 public:
  explicit Adapter(const Types& types) : types_(types) {}

  bool adapt(const FunctionPair& pair) {
    known_.clear();
    prefix_ = pair.name.empty() ? std::string() : fmt::format("{}: ", pair.name);
    const Function& consumer = types_.functions[pair.expected];
    const Function& provider = types_.functions[pair.actual];
    if (consumer.is_async != provider.is_async ||
        consumer.params.size() != provider.params.size() ||
        consumer.result.has_value() != provider.result.has_value())
      return false;
    for (std::size_t i = 0; i < consumer.params.size(); ++i) {
      if (consumer.params[i].label != provider.params[i].label) return false;
      if (!fit(consumer.params[i].type, provider.params[i].type,
               {.name = consumer.params[i].label, .way = Way::ToProvider}))
        return false;
    }
    return !consumer.result ||
           fit(*consumer.result, *provider.result, {.name = "result", .way = Way::ToConsumer});
  }

  Adaptation finish() && { return {std::move(conversions_).take(), std::move(failures_).take()}; }

 private:
  bool fit(TypeId consumer, TypeId provider, Place at) {
    // Each pair is compared once: types can share parts at every level.
    const auto [known, is_new] = known_.try_emplace({consumer, provider, at.way}, true);
    if (!is_new) return known->second;
    at.consumer = consumer;
    at.provider = provider;
    const auto& ours = types_.types[consumer].kind;
    const auto& theirs = types_.types[provider].kind;
    return known->second =
               ours.index() == theirs.index() &&
               std::visit(
                   [&](const auto& kind) {
                     return fit(kind, std::get<std::decay_t<decltype(kind)>>(theirs), at);
                   },
                   ours);
  }
  bool fit(const std::optional<TypeId>& consumer, const std::optional<TypeId>& provider,
           const Place& at) {
    if (consumer.has_value() != provider.has_value()) return false;
    return !consumer || fit(*consumer, *provider, at);
  }

  bool fit(const Primitive& a, const Primitive& b, const Place& /*at*/) {
    return a == b && a != Primitive::ErrorContext;
  }
  bool fit(const List& a, const List& b, const Place& at) {
    return a.length == b.length && fit(a.element, b.element, at.part("[]", ""));
  }
  bool fit(const Map& a, const Map& b, const Place& at) {
    return fit(a.key, b.key, at.part(".", "key")) && fit(a.value, b.value, at.part(".", "value"));
  }
  bool fit(const Option& a, const Option& b, const Place& at) { return fit(a.type, b.type, at); }
  bool fit(const Tuple& a, const Tuple& b, const Place& at) {
    if (a.types.size() != b.types.size()) return false;
    for (std::size_t i = 0; i < a.types.size(); ++i)
      if (!fit(a.types[i], b.types[i], at.part(".", std::to_string(i)))) return false;
    return true;
  }
  bool fit(const ResultType& a, const ResultType& b, const Place& at) {
    return fit(a.ok, b.ok, at.part(".", "ok")) && fit(a.error, b.error, at.part(".", "err"));
  }
  bool fit(const Flags& a, const Flags& b, const Place& /*at*/) { return a.labels == b.labels; }
  bool fit(const Enum& a, const Enum& b, const Place& at) {
    tell_cases(difference_of(a.labels, b.labels, at), at);
    return true;
  }
  bool fit(const Variant& a, const Variant& b, const Place& at) {
    const CaseDifference& difference = difference_of(a.cases, b.cases, at);
    for (const auto& [ours, theirs] : difference.payloads)
      if (!fit(ours->type, theirs->type, at.part(".", ours->label))) return false;
    tell_cases(difference, at);
    return true;
  }
  bool fit(const Record& a, const Record& b, const Place& at) {
    const auto in_a = by_label(a.fields);
    const auto in_b = by_label(b.fields);
    for (const Field& field : a.fields) {
      const auto same = in_b.find(field.label);
      if (same == in_b.end() || !fit(field.type, same->second->type, at.part(".", field.label)))
        return false;
    }
    const bool is_same_size = a.fields.size() == b.fields.size();
    if (is_same_size && !std::ranges::equal(a.fields, b.fields, {}, &Field::label, &Field::label))
      conversions_.add([&] {
        return fmt::format("{}the fields of `{}` have another order", prefix_, at.path());
      });
    for (const Field& field : b.fields) {
      if (in_a.contains(field.label)) continue;
      if (!std::holds_alternative<Option>(types_.types[field.type].kind)) return false;
      conversions_.add([&] {
        return fmt::format("{}`{}.{}` is {}", prefix_, at.path(), field.label,
                           at.way == Way::ToProvider ? "`none`" : "left out");
      });
    }
    return true;
  }
  // Handles, streams, futures, and types of packages.
  template <class Other>
  bool fit(const Other& /*a*/, const Other& /*b*/, const Place& /*at*/) {
    return false;
  }

  template <class Member>
  const CaseDifference& difference_of(const std::vector<Member>& consumer,
                                      const std::vector<Member>& provider, const Place& at) {
    const auto [known, is_new] = differences_.try_emplace({at.consumer, at.provider});
    if (is_new) known->second = find_difference(consumer, provider);
    return known->second;
  }

  void tell_cases(const CaseDifference& difference, const Place& at) {
    const bool is_sent = at.way == Way::ToProvider;
    const CaseDifference::Only& sent = is_sent ? difference.consumer : difference.provider;
    const CaseDifference::Only& known = is_sent ? difference.provider : difference.consumer;
    for (const std::string_view label : known.first)
      conversions_.add(
          [&] { return fmt::format("{}`{}` is never `{}`", prefix_, at.path(), label); });
    conversions_.more += known.more;
    for (const std::string_view label : sent.first)
      failures_.add([&] { return fmt::format("{}`{}` is `{}`", prefix_, at.path(), label); });
    failures_.more += sent.more;
    if (difference.is_reordered)
      conversions_.add([&] {
        return fmt::format("{}the cases of `{}` have another order", prefix_, at.path());
      });
  }

  const Types& types_;
  std::map<std::pair<TypeId, TypeId>, CaseDifference> differences_;
  Texts conversions_;
  Texts failures_;
  // These belong to the two functions that are compared at the moment.
  std::map<std::tuple<TypeId, TypeId, Way>, bool> known_;  // whether two types fit
  std::string prefix_;                                     // of the texts
};

}  // namespace

std::optional<Adaptation> adapt_functions(const Types& types,
                                          std::span<const FunctionPair> functions) {
  Adapter adapter(types);
  for (const FunctionPair& pair : functions)
    if (!adapter.adapt(pair)) return std::nullopt;
  return std::move(adapter).finish();
}

std::optional<Adaptation> adapt_function(const Types& types, FunctionId expected,
                                         FunctionId actual) {
  const FunctionPair pair{.expected = expected, .actual = actual};
  return adapt_functions(types, {&pair, 1});
}

}  // namespace tenon::types
