// The text of types and of the signatures of functions.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/check.h"
#include "tests/differential/world.h"
#include "types/print_type.h"

namespace tenon::differential {

// The identifiers of types in a scope: `$t12`, and `$x12` for those that were exported there.
struct Names {
  char type = 't';
  char resource = 'r';
  std::set<types::TypeId> exported_types = {};
  std::set<unsigned> exported_resources = {};
  std::optional<unsigned> aliased = {};  // a resource that is called by its second name, `$q1`

  [[nodiscard]] std::string of(types::TypeId id) const {
    return fmt::format("${}{}", exported_types.contains(id) ? 'x' : type, id.index);
  }
  [[nodiscard]] std::string of(unsigned id) const {
    if (aliased == id) return fmt::format("$q{}", id);
    return fmt::format("${}{}", exported_resources.contains(id) ? 'y' : resource, id);
  }
};

// Writes types in a scope.
class TypeText final {
 public:
  TypeText(const World& world, Names names) : world_(world), names_(std::move(names)) {}

  [[nodiscard]] std::string use(types::TypeId id) const {
    return world_.owners.contains(id) ? names_.of(id) : define(id);
  }
  [[nodiscard]] std::string define(types::TypeId id) const {
    return std::visit([this](const auto& kind) { return text_of(kind); },
                      world_.types.types[id].kind);
  }
  [[nodiscard]] std::string signature(const types::Function& function) const {
    std::string text = function.is_async ? "async" : "";
    for (const types::Field& param : function.params)
      text += fmt::format(" (param \"{}\" {})", param.label, use(param.type));
    return text + result(function);
  }
  [[nodiscard]] std::string result(const types::Function& function) const {
    return function.result ? fmt::format(" (result {})", use(*function.result)) : "";
  }

 private:
  [[nodiscard]] std::string part(std::optional<types::TypeId> id) const {
    return id ? " " + use(*id) : "";
  }
  static std::string labels(const std::vector<std::string>& labels) {
    return fmt::format("\"{}\"", fmt::join(labels, "\" \""));
  }
  [[nodiscard]] std::string text_of(types::Primitive kind) const {
    return std::string(types::print_primitive(kind));
  }
  [[nodiscard]] std::string text_of(const types::List& list) const {
    return fmt::format("(list {}{})", use(list.element),
                       list.length ? fmt::format(" {}", *list.length) : "");
  }
  [[nodiscard]] std::string text_of(const types::Map& map) const {
    return fmt::format("(map {} {})", use(map.key), use(map.value));
  }
  [[nodiscard]] std::string text_of(const types::Tuple& tuple) const {
    std::string text = "(tuple";
    for (const types::TypeId type : tuple.types) text += part(type);
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Record& record) const {
    std::string text = "(record";
    for (const types::Field& field : record.fields)
      text += fmt::format(" (field \"{}\" {})", field.label, use(field.type));
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Variant& variant) const {
    std::string text = "(variant";
    for (const types::Case& one : variant.cases)
      text += fmt::format(" (case \"{}\"{})", one.label, part(one.type));
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Option& option) const {
    return fmt::format("(option{})", part(option.type));
  }
  [[nodiscard]] std::string text_of(const types::ResultType& result) const {
    const std::string error = result.error ? fmt::format(" (error{})", part(result.error)) : "";
    return fmt::format("(result{}{})", part(result.ok), error);
  }
  [[nodiscard]] std::string text_of(const types::Enum& plain) const {
    return fmt::format("(enum {})", labels(plain.labels));
  }
  [[nodiscard]] std::string text_of(const types::Flags& flags) const {
    return fmt::format("(flags {})", labels(flags.labels));
  }
  [[nodiscard]] std::string text_of(const types::Own& own) const {
    return fmt::format("(own {})", names_.of(own.resource.index));
  }
  [[nodiscard]] std::string text_of(const types::Borrow& borrow) const {
    return fmt::format("(borrow {})", names_.of(borrow.resource.index));
  }
  [[nodiscard]] std::string text_of(const types::Stream& stream) const {
    return fmt::format("(stream{})", part(stream.type));
  }
  [[nodiscard]] std::string text_of(const types::Future& future) const {
    return fmt::format("(future{})", part(future.type));
  }
  template <class Other>
  std::string text_of(const Other& /*other*/) const {
    TENON_CHECK(false);
    return {};
  }

  const World& world_;
  Names names_;
};

}  // namespace tenon::differential
