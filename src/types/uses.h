// The types that an item mentions, and the types that one item of a component takes from another
// (`use`).
//
//   resource_slots(types, "store", import.item)   // {{"store.bucket", id}}
//   const UseIndex index(types, component);
//   index.uses_of({Side::Import, 3})
//       // {{Side::Import, 0}, "bucket", "bucket", id}: import 3 uses `bucket` of import 0
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

// A position in a ComponentType.
enum class Side : std::uint8_t { Import, Export };
struct RootRef {
  Side side = Side::Import;
  std::uint32_t position = 0;  // in `imports` or `exports`

  bool operator==(const RootRef&) const = default;
};

[[nodiscard]] const RootItem& root_item(const ComponentType& component, RootRef ref);

// A place in an item that names a resource: a root type, or a type export of an instance at any
// depth.
struct Slot {
  std::string path;  // "bucket" for a root type, else "store.bucket", "acme:kv/store@1.0.0.bucket"
  ResourceId resource;

  bool operator==(const Slot&) const = default;
};

// The slots of an item in file order. A resource with two names has two slots.
// name: the name of the item, which begins every path.
[[nodiscard]] std::vector<Slot> resource_slots(const Types& types, std::string_view name,
                                               const Item& item);

// Every resource that an item mentions in functions, value types or type exports at any depth,
// without duplicates, in the order of first mention.
[[nodiscard]] std::vector<ResourceId> mentioned_resources(const Types& types, const Item& item);

// The resource of an `own` or `borrow`; nothing for other types.
[[nodiscard]] std::optional<ResourceId> handled_resource(const Types& types, TypeId type);

// Every value type that an item mentions, without duplicates. The parts of a type come before it.
[[nodiscard]] std::vector<TypeId> mentioned_types(const Types& types, const Item& item);

// Whether a peer may be tenon, which supports streams as items of streams, or is known to be another
// implementation.
enum class RemotePeer : std::uint8_t { Unknown, Foreign };
// Why calls of a function cannot leave the process; nothing if they can.
[[nodiscard]] std::optional<std::string> find_remote_obstacle(const Types& types,
                                                              FunctionId function, RemotePeer peer);

// True if the item contains no function and no resource at any depth. It then needs no provider.
[[nodiscard]] bool is_value_types_only(const Types& types, const Item& item);

// True if the item contains no function at any depth. It may contain resources.
[[nodiscard]] bool is_types_only(const Types& types, const Item& item);

// True if the item is this type or, at any depth, has an export that is.
[[nodiscard]] bool names_type(const Types& types, const Item& item,
                              const std::variant<TypeId, ResourceId>& type);

// True if the item mentions a resource, in a function, a value type or a type export.
[[nodiscard]] bool has_resources(const Types& types, const Item& item);

// One type that an item takes from another item of the same component.
struct Use {
  RootRef from;           // the first item, imports before exports, that names the type
  std::string from_name;  // its name there, with the path of nested instances
  std::string name;       // its name here; empty if only functions or other types mention it
  std::variant<TypeId, ResourceId> type;

  bool operator==(const Use&) const = default;
};

// An index of the types of a component by the item that names each first.
// Lifetime: `types` and `component` must outlive it.
class UseIndex final {
 public:
  UseIndex(const Types& types, const ComponentType& component);

  // The types that the item at `ref` takes from other items. For a function of a resource, such as
  // `[static]account.open`, this begins with the resource, which its type need not mention. Then
  // come resources, then value types, in the order of mention. A type that the item itself names
  // first is not listed.
  [[nodiscard]] std::vector<Use> uses_of(RootRef ref) const;

  struct Origin {
    RootRef item;
    std::string name;
  };
  // The item that names a type first; null if none does.
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
