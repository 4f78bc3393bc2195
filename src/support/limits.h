// Every limit, with the rule or measurement that it comes from. A limit is checked before memory is
// reserved; exceeding one is a diagnostic.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::limits {

// Components and types nested in each other. The engine's own bound on nested types is 100.
inline constexpr std::uint32_t kNestingDepth = 100;

// Largest file that is read as a unit.
inline constexpr std::uint64_t kFileBytes = std::uint64_t{1} << 31;

// Nodes that evaluating one component may add to the type arena: as the engine's validator bounds
// the effective size of types (1,000,000).
inline constexpr std::size_t kTypeNodes = 1'000'000;

// Components and core modules, and instances, in one level of a component: wasmtime 48 allows 1000
// of each, and counts an aliased export as an instance.
inline constexpr std::size_t kComponentsPerLevel = 1000;
inline constexpr std::size_t kInstancesPerLevel = 1000;

// Compiled code that is kept for a user: some thousand compositions of small components, or about a
// hundred with a JavaScript engine inside (10 MB each).
inline constexpr std::uint64_t kCodeCacheBytes = std::uint64_t{1} << 30;

// Length of an import or export name: as the engine's validator (100,000 bytes).
inline constexpr std::size_t kNameBytes = 100'000;

}  // namespace tenon::limits
