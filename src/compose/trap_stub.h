// Stubs: what stands in the place of an import that traps, because a wire says `trap = true` or
// because it is open in a run. A stub has the import's type, and each of its functions traps when
// it is called.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compose/places.h"
#include "types/type.h"

namespace tenon::compose {

class Level;

// Classes of the resources that an item mentions, in the order of first mention.
[[nodiscard]] std::vector<types::ResourceId> mentioned_classes(const Level& level,
                                                               const types::Item& item);

// Writes a component with the functions of an import of the composition and an instance of it into
// the level, after what its resources come from.
// made: classes of resources that nothing else defines, so that the stub does. Nobody gets a handle
//       of one: only functions of the stub could give it.
[[nodiscard]] PlaceId write_trap_stub(Level& level, std::uint32_t import,
                                      std::span<const types::ResourceId> made = {});

}  // namespace tenon::compose
