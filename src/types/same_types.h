// Which types of an arena are one type: those that a link or an instantiation uses in place of each other.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// A union-find. Has entries only for types that are tied, since a link shares one large arena.
class SameTypes final {
 public:
  // Ties their parts, too. REQUIRES: the types have equal structure, or come from a component that is not
  // valid; then the parts are tied only if both types have the same number of them.
  void tie(const Types& types, TypeId a, TypeId b);

  // The type with the smallest id among those that are tied to this one, so it does not depend on the
  // order of ties, and its parts come before it in the arena.
  [[nodiscard]] TypeId representative(TypeId type) const;

  // Makes `representative` one look-up until the next tie.
  void flatten();

  // Each tied type with another representative than itself, by representative and id.
  [[nodiscard]] std::vector<std::pair<TypeId, TypeId>> replacements() const;

 private:
  TypeId find_root(TypeId type);

  std::unordered_map<TypeId, TypeId> parent_;  // with a smaller id
};

}  // namespace tenon::types
