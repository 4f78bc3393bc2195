// Checks whether a component implements a world, or can replace another component.
//
//   for (const WorldProblem& problem : fit_world(types, world, component)) report(problem);
//
// A component fits if the world has every import of the component, the component has every export
// of the world, and the types of all of them match. Resources must correspond: an imported resource
// of the component is always the same resource of the world, and an exported resource of the world
// always the same resource of the component. An interface matches by name and version, or else by
// version track. Imports that contain only value types need not be in the world.
//
// Source: component-model Subtyping.md; docs/resolve.md sections 2 and 3.
#pragma once

#include <string>
#include <vector>

#include "types/subtype.h"
#include "types/type.h"

namespace tenon::types {

struct WorldProblem {
  enum class Kind {
    ExtraImport,    // the world does not have this import of the component
    MissingExport,  // the component does not have this export of the world
    ImportDiffers,  // the types of the import do not match
    ExportDiffers,  // the types of the export do not match
    ResourceSplit,  // one resource would have to be two
  };
  Kind kind = Kind::MissingExport;
  // The name of the component's import or of the world's export.
  std::string name;
  // The name of the other side's item, perhaps with another version; empty if there is none.
  std::string matched;
  std::vector<Difference> differences;
};

// Returns every problem, imports first, in file order. The component fits if there is none.
// Thread: as `types`.
[[nodiscard]] std::vector<WorldProblem> fit_world(const Types& types, const ComponentType& world,
                                                  const ComponentType& component);

}  // namespace tenon::types
