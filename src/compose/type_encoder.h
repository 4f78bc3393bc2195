// Writes types of the arena into a component: the type of an import, of a bundle of items, or the
// ascription of an export.
//
//   const TypeClasses classes(plan);
//   TypeTable imported;                                   // filled by name_types
//   TypeEncoder encoder(*plan.types, classes, places, {&imported});
//   out.import_item({.text = import.name}, encoder.bound(import.item));
//
// A component refers to a type by the name of an import or export that has it, not by its
// structure; only then does `use` survive in the WIT of the result. So the encoder asks its tables
// first, and writes out the structure only of what has no name.
//
// Source: component-model Explainer.md, "Type Definitions" and "Import and Export Definitions";
// docs/resolve.md, "What makes a composed component valid".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "binary/write_component.h"
#include "compose/places.h"
#include "resolve/type_classes.h"
#include "types/type.h"

namespace tenon::compose {

using resolve::TypeClasses;

// The records, variants, enums and flags that an item mentions and that no type export in it names, and
// those in these. The item can only be imported or exported after names for them. A type comes after
// the types that it contains; one for each class.
[[nodiscard]] std::vector<types::TypeId> types_to_name(const types::Types& types,
                                                       const TypeClasses& classes,
                                                       const types::Item& item);

// Types that have a name at one level, by class.
struct TypeTable {
  struct Named {
    PlaceId place;
    std::string_view item;  // the import or export that names it
  };
  std::unordered_map<types::TypeId, Named> types;
  std::unordered_map<types::ResourceId, Named> resources;
};

// Adds every type that an item exports, at any depth, to the table. The first name of a type stays.
// name: the name of the item; the table keeps a view of it.
void name_types(const types::Types& types, const TypeClasses& classes, Places& places,
                PlaceId place, std::string_view name, const types::Item& item, TypeTable& table);

// The exports of an instance in the order in which they are written.
[[nodiscard]] std::vector<const types::NamedItem*> order_exports(const types::Types& types,
                                                                 const TypeClasses& classes,
                                                                 const types::Instance& instance);

// Writes the types of one item. Recursion is bounded: types nest within limits::kNestingDepth.
// Lifetime: refers to its arguments.
class TypeEncoder final {
 public:
  // tables: searched in this order.
  // own: classes of value types that are written by their structure although a table has them.
  TypeEncoder(const types::Types& types, const TypeClasses& classes, Places& places,
              std::vector<const TypeTable*> tables, std::unordered_set<types::TypeId> own = {});

  // The type of an item, for an import or an ascription.
  [[nodiscard]] binary::ExternDesc bound(const types::Item& item);
  [[nodiscard]] binary::ExternDesc bound(const types::Instance& instance);
  // A value type as a type index, also a primitive.
  [[nodiscard]] std::uint32_t type_index(types::TypeId type);
  // Makes a type known to everything that this encoder writes afterwards. Items that are not types
  // are ignored.
  // index: the index of the import or export in the type index space.
  void note(const types::Item& item, std::uint32_t index);

  // The resource classes that were introduced by `sub resource`, in this order.
  [[nodiscard]] const std::vector<types::ResourceId>& introduced() const { return introduced_; }
  // The resource classes that are mentioned and have no name. If there is one, the written bytes
  // are not valid.
  [[nodiscard]] const std::vector<types::ResourceId>& unnamed() const { return unnamed_; }

 private:
  // A scope of types that is being written; the first is the level itself.
  struct ScopeFrame {
    binary::TypeScope* scope = nullptr;
    std::unordered_map<types::TypeId, std::uint32_t> named;          // by class
    std::unordered_map<types::TypeId, std::uint32_t> written;        // by id: types without a name
    std::unordered_map<types::ResourceId, std::uint32_t> resources;  // by class
    // The types above that this scope names itself; all others are aliases from outside.
    std::unordered_set<types::TypeId> own_types;
    std::unordered_set<types::ResourceId> own_resources;
  };

  [[nodiscard]] ScopeFrame& frame() { return frames_.back(); }
  std::uint32_t instance_type(const types::Instance& instance);
  std::uint32_t function_type(const types::Function& function);
  binary::ValType value_type(types::TypeId type);
  std::optional<binary::ValType> value_type(const std::optional<types::TypeId>& type);
  std::uint32_t definition(types::TypeId type);
  std::uint32_t resource_index(types::ResourceId resource);
  std::optional<std::uint32_t> find_named(types::TypeId type);
  std::optional<std::uint32_t> find_resource(types::ResourceId resource);
  // A type of scope `depth` as an index of the innermost scope.
  std::uint32_t from_outside(std::size_t depth, std::uint32_t index);

  const types::Types& types_;
  const TypeClasses& classes_;
  Places& places_;
  std::vector<const TypeTable*> tables_;
  std::unordered_set<types::TypeId> own_;
  std::vector<ScopeFrame> frames_;
  std::vector<types::ResourceId> introduced_;
  std::vector<types::ResourceId> unnamed_;
};

}  // namespace tenon::compose
