// What has a name in the component of a domain, while its imports and exports are laid out.
//
// Source: docs/resolve.md, "What makes a composed component valid", rules 2, 6 and 8.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "types/type.h"

namespace tenon::resolve {

using ClassOf = std::function<types::ResourceId(types::ResourceId)>;

// Types that imports and exports name.
struct TypeNames {
  std::unordered_set<types::TypeId> types;
  std::unordered_set<types::ResourceId> resources;  // classes

  // What the item names: itself, or the type exports of an instance at any depth.
  void add(const types::Types& arena, const ClassOf& class_of, const types::Item& item);
};

// Records, variants, enums and flags that an item mentions without naming them; what one contains
// stands before it. A type may stand twice.
[[nodiscard]] std::vector<types::TypeId> find_unnamed_types(const types::Types& arena,
                                                            const types::Item& item);

// Names that no other import, or export, of the same component has. Case makes no difference to a
// component.
class FreshNames final {
 public:
  void take(std::string_view name);
  // "i0", "i1", ... for 'i'.
  [[nodiscard]] std::string make(char prefix);

 private:
  std::unordered_set<std::string> taken_;  // in lower case
  std::map<char, std::uint32_t> next_;
};

}  // namespace tenon::resolve
