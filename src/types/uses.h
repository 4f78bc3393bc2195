// What the items of a component share: resources and types that one instance takes from another.
//
//   const UseIndex index(types, component);
//   index.uses_of({Side::Import, 3})       // {{Side::Import, 0}, "bucket", "bucket"}: import 3
//   uses import 0 resource_slots(types, import)          // {{"store.bucket", id}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// A place in a ComponentType.
enum class Side : std::uint8_t { Import, Export };
struct RootRef {
  Side side = Side::Import;
  std::uint32_t position = 0;  // in `imports` or `exports`

  bool operator==(const RootRef&) const = default;
};

[[nodiscard]] const RootItem& root_item(const ComponentType& component, RootRef ref);

// A resource that an item names: a root type, or a type export of an instance at any depth.
struct Slot {
  std::string path;  // "bucket" of a root type; "store.bucket", "acme:kv/store@1.0.0.bucket" else
  ResourceId resource;

  bool operator==(const Slot&) const = default;
};

// The slots of an item, in the order written; a resource that is named twice has two.
// name: of the item; the first part of every path.
[[nodiscard]] std::vector<Slot> resource_slots(const Types& types, std::string_view name,
                                               const Item& item);

// Every resource that an item mentions, in a function, a value type or a type export, at any depth;
// each once, in the order of first mention.
[[nodiscard]] std::vector<ResourceId> mentioned_resources(const Types& types, const Item& item);

// The resource of an `own` or `borrow`; nothing for other types.
[[nodiscard]] std::optional<ResourceId> handled_resource(const Types& types, TypeId type);

// Every value type that an item mentions: what it contains stands before it. Each once.
[[nodiscard]] std::vector<TypeId> mentioned_types(const Types& types, const Item& item);

// True if the item holds no function and no resource, at any depth: it needs no provider.
[[nodiscard]] bool is_value_types_only(const Types& types, const Item& item);

// True if the item holds no function at any depth; it may name resources.
[[nodiscard]] bool is_types_only(const Types& types, const Item& item);

// True if the item mentions a resource, in a function, a value type or a type export.
[[nodiscard]] bool has_resources(const Types& types, const Item& item);

// One type that an item takes from another item of the same component.
struct Use {
  RootRef from;           // the first, imports before exports, that gives this type a name
  std::string from_name;  // the type export's name there, with the path of nested instances
  std::string name;       // its name here; empty: only mentioned in a function or in another type
  std::variant<TypeId, ResourceId> type;

  bool operator==(const Use&) const = default;
};

// Who names which type first.
// Lifetime: refers to `types` and `component`; both must outlive it.
class UseIndex final {
 public:
  UseIndex(const Types& types, const ComponentType& component);

  // What the item at `ref` takes from other items: the resource whose function it is by its name,
  // which a static function need not mention; then resources, then value types, each in the order
  // of mention. A type that the item is itself the first to name is its own, and not listed.
  [[nodiscard]] std::vector<Use> uses_of(RootRef ref) const;

  struct Origin {
    RootRef item;
    std::string name;
  };
  // Who names a type first; null: nobody names it.
  [[nodiscard]] const Origin* find_origin(TypeId type) const;
  [[nodiscard]] const Origin* find_origin(ResourceId resource) const;

 private:
  void add_item(RootRef ref, const std::string& name, const Item& item);

  const Types& types_;
  const ComponentType& component_;
  std::unordered_map<TypeId, Origin> types_by_id_;
  std::unordered_map<ResourceId, Origin> resources_by_id_;
};

}  // namespace tenon::types
