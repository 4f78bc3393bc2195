// Does a component fit a world, or the place of another component?
//
//   for (const WorldProblem& problem : fit_world(types, world, component)) report(problem);
//
// A component fits if it imports no more than the world offers and exports no less than the world
// demands, each item by subtype. A resource of the world stands for one of the component in every
// place that the component asks for, and the other way round in what it gives. An interface matches
// one of the same version first, then one of its track. Imports of value types only need no offer.
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
    ExtraImport,    // the component imports what the world does not offer
    MissingExport,  // the world demands an export that the component lacks
    ImportDiffers,  // the import's type does not fit the world's
    ExportDiffers,  // the export's type does not fit the world's
    ResourceSplit,  // one resource is wanted, and two stand for it
  };
  Kind kind = Kind::MissingExport;
  // Of the item, as the side has it that asks: the component's import, the world's export.
  std::string name;
  // The other side's name of the item, where it has one: another version, perhaps.
  std::string matched;
  std::vector<Difference> differences;
};

// Every problem, imports first, each side in its order; none: it fits.
// Thread: as `types`.
[[nodiscard]] std::vector<WorldProblem> fit_world(const Types& types, const ComponentType& world,
                                                  const ComponentType& component);

}  // namespace tenon::types
