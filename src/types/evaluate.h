// Evaluates a component: from its definitions to the types of its imports and exports.
//
//   binary::Component cart = *binary::read_component(bytes);
//   TENON_TRY(const ComponentType type, evaluate_component(cart, types));
//
// Evaluation follows every definition as a validator does (nested components, instantiation,
// aliases, bounds, ascriptions) to find out which types and resources are the same. It checks the
// members of each type definition (their names and numbers), so that a plan refuses what no engine
// takes. Beyond that it does not validate: the engine checks whether core code matches the types,
// whether an argument is a subtype of the import, and whether an ascription is a supertype of its
// item. For a component that the engine accepts, the result is what the engine sees. For any other
// it is some types or a diagnostic, but never undefined behavior.
//
// Source: component-model Explainer.md and Binary.md; wasmparser 0.254, validator/component.rs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::types {

// Adds the types of one component to `arena` and returns its imports and exports.
//
// Each call makes new ids: two evaluations of the same component are two units with different
// resources. Within a unit, equal ids show what is shared:
//   - Imports, exports and arguments of instances that refer to the same resource have the same
//     ResourceId.
//   - A value type that one interface takes from another (`use`) has the same TypeId in both, even
//     behind the shim components of wit-component: an imported type is replaced by the argument.
//   - An import with an `eq` bound has the id of the import that the bound refers to.
// Errors:   type-index (an index out of range, an alias of a missing export, an item of the wrong
//           sort), type-mismatch (an instantiation with a missing argument or one of the wrong
//           sort), type-name (an invalid or duplicate name, or a type without members),
//           type-too-large (limits::kTypeNodes, limits::kNestingDepth, limits::kFlags). Each has the
//           byte offset of the definition.
// Lifetime: the result and the arena own copies of all names; `component` may be dropped.
// Cost:     linear in the definitions and in the types that instantiation makes.
[[nodiscard]] Result<ComponentType> evaluate_component(const binary::Component& component,
                                                       Types& arena);

struct NamedInterface {
  std::string name;  // "acme:tax/lib@1.2.0"
  InstanceId instance;
  std::vector<RootItem> imports = {};  // the interfaces whose types it uses
};
struct NamedWorld {
  std::string name;  // "acme:tax/app@1.2.0"
  ComponentType type;
};

// The types of a binary WIT package, in file order. Each interface and world has its own ids: types
// that two of them use from a third are equal by structure, not by id (see `export_interfaces`).
struct WitPackageTypes {
  std::string name;  // "acme:tax@1.2.0"; empty if the package has no interface and no world
  std::vector<NamedInterface> interfaces;
  std::vector<NamedWorld> worlds;

  // name: the full name, with or without its version, or only that of the world ("app"). Null if
  // there is no such world.
  [[nodiscard]] const NamedWorld* find_world(std::string_view name) const;
};

// True if the component is a WIT package: it has exports, and each is a component type.
[[nodiscard]] bool is_wit_package(const binary::Component& component);

// Evaluates a binary WIT package.
// Errors: as `evaluate_component`, and type-mismatch for a component that is not a WIT package.
[[nodiscard]] Result<WitPackageTypes> evaluate_wit_package(const binary::Component& component,
                                                           Types& arena);

// The type of a component that exports these interfaces. A resource that one of them uses from another is
// the same in both; one that it uses from elsewhere is not defined by the component.
[[nodiscard]] ComponentType export_interfaces(std::span<const NamedInterface> interfaces,
                                              Types& arena);

}  // namespace tenon::types
