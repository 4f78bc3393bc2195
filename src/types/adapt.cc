#include "types/adapt.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

namespace tenon::types {

namespace {

// Who passes a value to whom.
enum class Way { ToProvider, ToConsumer };

class Adapter final {
 public:
  explicit Adapter(const Types& types) : types_(types) {}

  std::optional<Adaptation> adapt(FunctionId expected, FunctionId actual) {
    const Function& consumer = types_.functions[expected];
    const Function& provider = types_.functions[actual];
    if (consumer.is_async != provider.is_async ||
        consumer.params.size() != provider.params.size() ||
        consumer.result.has_value() != provider.result.has_value())
      return std::nullopt;
    for (std::size_t i = 0; i < consumer.params.size(); ++i) {
      if (consumer.params[i].label != provider.params[i].label) return std::nullopt;
      if (!fit(consumer.params[i].type, provider.params[i].type, Way::ToProvider,
               consumer.params[i].label))
        return std::nullopt;
    }
    if (consumer.result && !fit(*consumer.result, *provider.result, Way::ToConsumer, "result"))
      return std::nullopt;
    return std::move(adaptation_);
  }

 private:
  // path: of the value in the function, for messages.
  bool fit(TypeId consumer, TypeId provider, Way way, const std::string& path) {
    // Each pair is compared once: types can share parts at every level.
    const auto [known, is_new] = known_.try_emplace({consumer, provider, way}, true);
    if (!is_new) return known->second;
    const auto& ours = types_.types[consumer].kind;
    const auto& theirs = types_.types[provider].kind;
    return known->second =
               ours.index() == theirs.index() &&
               std::visit(
                   [&](const auto& kind) {
                     return fit(kind, std::get<std::decay_t<decltype(kind)>>(theirs), way, path);
                   },
                   ours);
  }
  bool fit(const std::optional<TypeId>& consumer, const std::optional<TypeId>& provider, Way way,
           const std::string& path) {
    if (consumer.has_value() != provider.has_value()) return false;
    return !consumer || fit(*consumer, *provider, way, path);
  }

  bool fit(const Primitive& a, const Primitive& b, Way /*way*/, const std::string& /*path*/) {
    return a == b && a != Primitive::ErrorContext;
  }
  bool fit(const List& a, const List& b, Way way, const std::string& path) {
    return a.length == b.length && fit(a.element, b.element, way, path + "[]");
  }
  bool fit(const Map& a, const Map& b, Way way, const std::string& path) {
    return fit(a.key, b.key, way, path + ".key") && fit(a.value, b.value, way, path + ".value");
  }
  bool fit(const Option& a, const Option& b, Way way, const std::string& path) {
    return fit(a.type, b.type, way, path);
  }
  bool fit(const Tuple& a, const Tuple& b, Way way, const std::string& path) {
    if (a.types.size() != b.types.size()) return false;
    for (std::size_t i = 0; i < a.types.size(); ++i)
      if (!fit(a.types[i], b.types[i], way, fmt::format("{}.{}", path, i))) return false;
    return true;
  }
  bool fit(const ResultType& a, const ResultType& b, Way way, const std::string& path) {
    return fit(a.ok, b.ok, way, path + ".ok") && fit(a.error, b.error, way, path + ".err");
  }
  bool fit(const Flags& a, const Flags& b, Way /*way*/, const std::string& /*path*/) {
    return a.labels == b.labels;
  }
  bool fit(const Enum& a, const Enum& b, Way way, const std::string& path) {
    tell_cases(a.labels, b.labels, way, path);
    return true;
  }
  bool fit(const Variant& a, const Variant& b, Way way, const std::string& path) {
    std::vector<std::string> ours;
    std::vector<std::string> theirs;
    for (const Case& each : b.cases) theirs.push_back(each.label);
    for (const Case& each : a.cases) {
      ours.push_back(each.label);
      const auto same = std::ranges::find(b.cases, each.label, &Case::label);
      if (same != b.cases.end() && !fit(each.type, same->type, way, path + "." + each.label))
        return false;
    }
    tell_cases(ours, theirs, way, path);
    return true;
  }
  bool fit(const Record& a, const Record& b, Way way, const std::string& path) {
    for (const Field& field : a.fields) {
      const auto same = std::ranges::find(b.fields, field.label, &Field::label);
      if (same == b.fields.end() || !fit(field.type, same->type, way, path + "." + field.label))
        return false;
    }
    const bool is_same_size = a.fields.size() == b.fields.size();
    if (is_same_size && !std::ranges::equal(a.fields, b.fields, {}, &Field::label, &Field::label))
      add(adaptation_.conversions, fmt::format("the fields of `{}` have another order", path));
    for (const Field& field : b.fields) {
      if (std::ranges::find(a.fields, field.label, &Field::label) != a.fields.end()) continue;
      if (!std::holds_alternative<Option>(types_.types[field.type].kind)) return false;
      add(adaptation_.conversions, way == Way::ToProvider
                                       ? fmt::format("`{}.{}` is `none`", path, field.label)
                                       : fmt::format("`{}.{}` is left out", path, field.label));
    }
    return true;
  }
  // Handles, streams, futures, and types of packages.
  template <class Other>
  bool fit(const Other& /*a*/, const Other& /*b*/, Way /*way*/, const std::string& /*path*/) {
    return false;
  }

  void tell_cases(const std::vector<std::string>& consumer,
                  const std::vector<std::string>& provider, Way way, const std::string& path) {
    const auto& sent = way == Way::ToProvider ? consumer : provider;
    const auto& known = way == Way::ToProvider ? provider : consumer;
    const std::set<std::string> from(sent.begin(), sent.end());
    const std::set<std::string> to(known.begin(), known.end());
    for (const std::string& label : known)
      if (!from.contains(label))
        add(adaptation_.conversions, fmt::format("`{}` is never `{}`", path, label));
    for (const std::string& label : sent)
      if (!to.contains(label)) add(adaptation_.failures, fmt::format("`{}` is `{}`", path, label));
    if (from == to && consumer != provider)
      add(adaptation_.conversions, fmt::format("the cases of `{}` have another order", path));
  }

  static void add(std::vector<std::string>& list, std::string text) {
    if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
  }

  const Types& types_;
  std::map<std::tuple<TypeId, TypeId, Way>, bool> known_;
  Adaptation adaptation_;
};

}  // namespace

std::optional<Adaptation> adapt_function(const Types& types, FunctionId expected,
                                         FunctionId actual) {
  return Adapter(types).adapt(expected, actual);
}

}  // namespace tenon::types
