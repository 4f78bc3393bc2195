// Relays: components that pass the calls of an export on to an import.
//
// A unit can export what it imports, unchanged. Inside a domain that costs nothing, but the engine
// cannot compile a component that exports one of its own imports. So where such an export leaves its
// domain, a relay is put between the two: it imports the item, and exports functions of its own with
// the same types, each of which calls the imported function.
//
//   (component
//     (import "t0" (type (sub resource)))        ;; each type that the item refers to
//     (import "item" (instance ...))
//     (core module ...)                          ;; a memory with `realloc`
//     (core func (canon lower ...))              ;; each imported function
//     (core module ...)                          ;; functions that call them (RelayModule)
//     (export "lookup" (func ... (canon lift ...))))
//
// A value is lowered into the memory of the relay and lifted from there again, so its core functions
// pass on addresses and never look at values. Handles, streams and futures are moved. Only a borrowed
// handle needs more: it must be dropped before the call returns. `resolve` says which functions
// cannot be relayed (resolve/relays.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/places.h"
#include "types/type.h"

namespace tenon::compose {

class Level;

// Writes a relay for an item, and an instance of it, into the level. Returns the place of the relayed
// item.
// target: the place of the item at this level.
// name:   the name of the export, for backtraces.
// hidden: the functions of the instance that the relay leaves out, sorted.
// REQUIRES: the resources that the item mentions are known to the level; the item can be relayed.
[[nodiscard]] PlaceId write_relay(Level& level, PlaceId target, std::string_view name,
                                  const types::Item& item, const std::vector<std::string>& hidden);

}  // namespace tenon::compose
