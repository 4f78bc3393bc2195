// The arena as one evaluation writes to it: with a budget, and with bounds on what a single type
// may become when it is walked.
//
// Exceeding a bound does not stop the walk that is under way: it is kept, and `too_large` says
// which bound it was. The evaluation asks after each definition. So a definition can overshoot by
// at most what stands before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "types/type.h"

namespace tenon::types {

class BoundedTypes final {
 public:
  // budget: nodes, each export and 32 bytes of text counting as one, that may be added.
  BoundedTypes(Types& arena, std::uint64_t budget);
  BoundedTypes(const BoundedTypes&) = delete;
  BoundedTypes& operator=(const BoundedTypes&) = delete;

  TypeId add(Type type);
  FunctionId add(Function function);
  InstanceId add(Instance instance);
  // Counts work that adds no node.
  void charge(std::uint64_t cost);
  // Adds an import or export to the size of the component or type that it belongs to.
  void count_item(std::uint64_t& size, const Item& item);

  [[nodiscard]] Types& arena() { return arena_; }
  // True for the ids that this evaluation may rewrite: primitive types are shared by all.
  [[nodiscard]] bool is_own(TypeId id) const { return id.index >= first_type_; }
  // The rule that is broken, if one is.
  [[nodiscard]] std::optional<std::string_view> too_large() const { return too_large_; }

 private:
  // What a walk over a type costs where shared parts are walked each time.
  struct Measure {
    std::uint64_t size = 1;
    std::uint32_t depth = 1;
  };
  [[nodiscard]] Measure measure(TypeId id) const;
  [[nodiscard]] Measure measure(const Item& item) const;
  static void contain(Measure& whole, const Measure& part);
  void check(const Measure& made);

  Types& arena_;
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
