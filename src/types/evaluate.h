// From a component as it is written to the types of its imports and exports.
//
//   binary::Component cart = *binary::read_component(bytes);
//   TENON_TRY(const ComponentType type, evaluate_component(cart, types));
//
// Evaluation follows every definition as a validator would (nested components, instantiation,
// aliases, bounds, ascriptions) to find out which types and resources are the same. It does not
// judge: whether core code fits the types, whether an argument is a subtype of what is asked for,
// and whether an ascription is wider than its item, is the engine's to check. A component that the
// engine accepts evaluates to what the engine sees; any other gives types of some kind or a
// diagnostic, never harm.
//
// Source: component-model Explainer.md and Binary.md; wasmparser 0.254, validator/component.rs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::types {

// Adds the types of one component to `arena` and returns its imports and exports.
//
// Each call makes ids of its own, so two calls with one component are two units: their resources
// differ. Within a unit, ids say what is shared:
//   - An import, an export and an instance argument that hold one resource carry one ResourceId.
//   - A value type that one interface takes from another (`use`) carries the TypeId it has there,
//     also behind the shim components that wit-component emits: an imported type is replaced by the
//     argument that it is instantiated with.
//   - An import that is bound `eq` to an earlier one carries the earlier one's id.
// Errors:   type-index (an index that names nothing, an alias of what is not there, a name of
// another
//           sort; with the byte offset of the definition), type-mismatch (an instantiation without
//           one of its arguments, or with one of another sort), type-name (a name that breaks a
//           rule or stands twice), type-too-large (limits::kTypeNodes, limits::kNestingDepth).
// Lifetime: the answer and the arena own copies of all names; `component` may be dropped.
// Cost:     linear in the definitions and in the types that instantiation makes.
[[nodiscard]] Result<ComponentType> evaluate_component(const binary::Component& component,
                                                       Types& arena);

struct NamedInterface {
  std::string name;  // "acme:tax/lib@1.2.0"
  InstanceId instance;
};
struct NamedWorld {
  std::string name;  // "acme:tax/app@1.2.0"
  ComponentType type;
};

// The types of a binary WIT package, in the order written. Each interface and world has ids of its
// own: what two of them use from a third is equal by structure, not by id.
struct WitPackageTypes {
  std::string name;  // "acme:tax@1.2.0"; empty if the package has neither interface nor world
  std::vector<NamedInterface> interfaces;
  std::vector<NamedWorld> worlds;

  // name: full, or the world's own name ("app").
  [[nodiscard]] const NamedWorld* find_world(std::string_view name) const;
};

// True if the component is a WIT package: it has exports, and all of them are types of components.
[[nodiscard]] bool is_wit_package(const binary::Component& component);

// As `evaluate_component`, of a binary WIT package.
// Errors: as above, and type-mismatch for a component that is no WIT package.
[[nodiscard]] Result<WitPackageTypes> evaluate_wit_package(const binary::Component& component,
                                                           Types& arena);

}  // namespace tenon::types
