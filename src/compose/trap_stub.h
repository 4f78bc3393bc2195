// Stubs for imports that trap, because a wire says `trap = true` or because the import is open in a
// run. A stub is a component with the type of the import; each of its functions traps when it is
// called.
//
//   (component
//     (import "r0" (type (sub resource)))      ;; each resource that the type mentions
//     (core module ...)                        ;; functions that trap (TrapModule)
//     (export "lookup" (func ... (canon lift ...))))
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "abi/flat_types.h"
#include "compose/places.h"
#include "types/type.h"

namespace tenon::compose {

class Level;

// The core module of a stub: all of its functions, and a memory. Each function has a `realloc` of
// its own, which traps under the name of the function too: arguments are lowered, and so allocated,
// before the function is called.
class TrapModule final {
 public:
  static constexpr const char* kMemory = "memory";

  // Adds a function. debug_name: its name in backtraces.
  void add(abi::CoreSignature signature, std::string debug_name);
  // The export names of the function that was added at this position, and of its `realloc`.
  [[nodiscard]] static std::string export_name(std::size_t position);
  [[nodiscard]] static std::string realloc_name(std::size_t position);
  // Whether the module has a `name` section.
  enum class Names { Yes, No };
  [[nodiscard]] std::vector<std::uint8_t> encode(Names names) const;

 private:
  struct TrapFunction {
    abi::CoreSignature signature;
    std::string debug_name;
  };
  std::vector<TrapFunction> functions_;
};

// The classes of the resources that an item mentions, in the order of first mention.
[[nodiscard]] std::vector<types::ResourceId> mentioned_classes(const Level& level,
                                                               const types::Item& item);

// Writes the stub of an import of the composition, and an instance of it, into the level. The
// resources that it mentions must be known to the level.
// defined: classes of resources that nothing else defines, so the stub does. No handle to one of these
//       can ever exist: only functions of the stub could return it.
[[nodiscard]] PlaceId write_trap_stub(Level& level, std::uint32_t import,
                                      std::span<const types::ResourceId> defined = {});

}  // namespace tenon::compose
