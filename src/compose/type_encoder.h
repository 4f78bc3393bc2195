// Writes types of the arena into a component: the type of an import, of a bag of items, or the
// ascription of an export.
//
//   TypeEncoder encoder(classes, types, places, {&imported});
//   const binary::ExternDesc desc = encoder.bound(import.item);
//   out.import_item({import.name}, desc);
//
// Names. A type that one of the tables names is referred to there (an alias into the instance that
// exports it), and `use` survives. Only what has no name is written by its structure.
//
// Within an instance type, what stands after a type export refers to the export. A record, variant,
// enum or flags that another type contains must be named before the other one is exported. WIT and
// binaries may have them in any order, as in `use a.{err, code}`; they are written resources first,
// then value types with what they contain before them, then the rest. Of several names of one type
// in one instance the first is referred to: `[constructor]x` has to return `x`, not `type y = x`.
//
// Resources. One that has no name yet is introduced by `sub resource` at its type export, and
// listed in `introduced`; whoever writes the import then gives it a place in a table, so that every
// later mention is `eq` to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "binary/write_component.h"
#include "compose/places.h"
#include "compose/type_classes.h"
#include "types/type.h"

namespace tenon::compose {

// Types that have a name at one level, by class.
struct TypeTable {
  struct Named {
    PlaceId place;
    std::string_view item;  // the import or export that names it
  };
  std::unordered_map<types::TypeId, Named> types;
  std::unordered_map<types::ResourceId, Named> resources;
};

// Gives every type that an item exports, at any depth, a place in the table. The first name of a
// type stays.
// name: of the item; kept as a view.
void name_types(const types::Types& types, const TypeClasses& classes, Places& places,
                PlaceId place, std::string_view name, const types::Item& item, TypeTable& table);

// The exports of an instance in the order in which they are written.
[[nodiscard]] std::vector<const types::NamedItem*> order_exports(const types::Types& types,
                                                                 const TypeClasses& classes,
                                                                 const types::Instance& instance);

// Writes the types of one item. Recursion is bounded: types nest within limits::kNestingDepth.
// Lifetime: refers to all that it is made of.
class TypeEncoder final {
 public:
  // tables: asked in this order.
  // own_name: of the item that is written; names of value types that this item gave are not used,
  // so that an interface which is imported and exported defines its types on both sides.
  TypeEncoder(const types::Types& types, const TypeClasses& classes, Places& places,
              std::vector<const TypeTable*> tables, std::string_view own_name = {});

  // The type of an item, for an import or an ascription.
  [[nodiscard]] binary::ExternDesc bound(const types::Item& item);
  [[nodiscard]] binary::ExternDesc bound(const types::Instance& instance);
  // A value type as a type index, also a primitive.
  [[nodiscard]] std::uint32_t type_index(types::TypeId type);
  // Makes the item's types known to what this encoder writes afterwards. `index`: of the import or
  // export in the type index space; nothing else than types is noted.
  void note(const types::Item& item, std::uint32_t index);

  // Resource classes that were introduced, in this order.
  [[nodiscard]] const std::vector<types::ResourceId>& introduced() const { return introduced_; }
  // Resource classes that are mentioned but have no name anywhere: what was written is not valid.
  [[nodiscard]] const std::vector<types::ResourceId>& unnamed() const { return unnamed_; }

 private:
  // One scope of types; the first is the level itself.
  struct Frame {
    binary::TypeScope* scope = nullptr;
    std::unordered_map<types::TypeId, std::uint32_t> named;          // by class
    std::unordered_map<types::TypeId, std::uint32_t> written;        // by id: what has no name
    std::unordered_map<types::ResourceId, std::uint32_t> resources;  // by class
    // Those that the scope itself has given a name; the others above are aliases from outside.
    std::unordered_set<types::TypeId> own_types;
    std::unordered_set<types::ResourceId> own_resources;
  };

  [[nodiscard]] Frame& frame() { return frames_.back(); }
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
  std::string_view own_name_;
  std::vector<Frame> frames_;
  std::vector<types::ResourceId> introduced_;
  std::vector<types::ResourceId> unnamed_;
};

}  // namespace tenon::compose
