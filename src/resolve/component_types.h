// Types at the border of a component: the union of merged imports, which types its imports and
// exports name, and names for those that need one.
//
// Two rules of the component model make this necessary. A record, variant, enum, flags or resource
// in the type of an import or export must have a name; and two imports of one interface become one,
// whose type is the union of both.
//
// Source: docs/resolve.md, "Open imports", and "What makes a composed component valid", rules 2, 6
// and 8.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "types/type.h"

namespace tenon::resolve {

// The representative of the class of a resource.
using ClassOf = std::function<types::ResourceId(types::ResourceId)>;

// Makes one item of several. A resource becomes the representative of its class. A type that an
// earlier item names becomes the type that it is there, so items must be passed in the order in
// which they are written: used interfaces before those that use them.
class UnionTypes final {
 public:
  // types: the arena to which the new types are added.
  UnionTypes(types::Types& types, ClassOf class_of)
      : arena_(types), class_of_(std::move(class_of)) {}

  // The union of the items. REQUIRES: they are of one sort, and what they share has equal types.
  [[nodiscard]] types::Item unite(std::span<const types::Item> items);

 private:
  void add_instance(types::Instance& into, types::InstanceId from);
  // Notes that two types of one name are one type.
  void identify(const types::Item& kept, const types::Item& dropped);

  [[nodiscard]] types::Item rewrite(const types::Item& item);
  [[nodiscard]] types::FunctionId rewrite(types::FunctionId id);
  [[nodiscard]] types::InstanceId rewrite(types::InstanceId id);
  [[nodiscard]] types::TypeId rewrite(types::TypeId id);

  types::Types& arena_;
  ClassOf class_of_;
  std::unordered_map<types::TypeId, types::TypeId> types_;
};

// The types that imports and exports of a component name.
struct TypeNames {
  std::unordered_set<types::TypeId> types;
  std::unordered_set<types::ResourceId> resources;  // classes

  // Adds what an item names: itself if it is a type, or the type exports of an instance at any
  // depth.
  void add(const types::Types& arena, const ClassOf& class_of, const types::Item& item);
};

// The records, variants, enums and flags that an item mentions without naming them, and those in these,
// which the item can name: they are for names before the item. A type comes after the types that it
// contains, and can be listed more than once.
[[nodiscard]] std::vector<types::TypeId> find_unnamed_types(const types::Types& arena,
                                                            const types::Item& item);

// Makes names that no other import, or export, of a component has. Names that differ only in case
// count as equal, as they do for the component model.
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
