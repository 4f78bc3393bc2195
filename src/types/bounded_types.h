// Adds types to the arena, and patterns, for one evaluation, within limits: a budget for everything
// that is added, and limits for the size and depth of a single type.
//
// A small binary can describe enormous types, because every instantiation copies the types of a
// component, and components nest. Adding beyond a limit does not fail at once, which keeps the code
// that adds simple. The broken limit is recorded, `too_large` returns it, and the evaluation checks
// it after every definition. One definition can exceed the budget by at most the size of the types
// before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "types/scope.h"
#include "types/type.h"

namespace tenon::types {

class BoundedTypes final {
 public:
  // budget: the number of nodes that may be added. An export, or 32 bytes of text, counts as one
  // node.
  BoundedTypes(Types& arena, Patterns& patterns, std::uint64_t budget);
  BoundedTypes(const BoundedTypes&) = delete;
  BoundedTypes& operator=(const BoundedTypes&) = delete;

  TypeId add(Type type);
  FunctionId add(Function function);
  InstanceId add(Instance instance);
  ShapeIndex add(Shape shape);
  // Counts work that does not add a node.
  void charge(std::uint64_t cost);
  // Adds an import or export to the size of the component or type that it belongs to, and counts the
  // paths of its parts, which begin with its name.
  void count_item(std::uint64_t& size, std::string_view name, const Item& item);

  [[nodiscard]] Types& arena() { return arena_; }
  // True for a type that this evaluation added. Primitive types are shared and never replaced.
  [[nodiscard]] bool is_own(TypeId id) const { return id.index >= first_type_; }
  // The limit that is exceeded, if any.
  [[nodiscard]] std::optional<std::string_view> too_large() const { return too_large_; }

 private:
  [[nodiscard]] Measure measure(TypeId id) const;
  [[nodiscard]] Measure measure(const Item& item) const;
  static void add_part(Measure& whole, const Measure& part);
  void check(const Measure& measure);
  // rule: what is wrong if the cost exceeds the budget.
  void spend(std::uint64_t cost, std::string_view rule);

  Types& arena_;
  Patterns& patterns_;
  std::uint64_t left_;
  std::optional<std::string_view> too_large_;
  std::uint32_t first_type_;
  std::uint32_t first_function_;
  std::uint32_t first_instance_;
  std::vector<Measure> types_;
  std::vector<Measure> functions_;
  std::vector<Measure> instances_;
};

}  // namespace tenon::types
