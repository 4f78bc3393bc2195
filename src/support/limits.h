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

// Largest text that a third-party parser sees: manifests, configuration, WIT. A thousand times what
// people write.
inline constexpr std::uint64_t kTextBytes = std::uint64_t{1} << 24;

// Parts of a dotted key in TOML, and tables and arrays nested in each other. The parser recurses
// once for each level.
inline constexpr std::size_t kTomlKeyParts = 32;
inline constexpr std::size_t kTomlNesting = 64;

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

// One value without what its strings and lists hold: the component model's bound on every type.
inline constexpr std::uint64_t kValueBytes = (std::uint64_t{1} << 28) - 1;

// A string in a guest's memory: as many as wasmtime 48 takes, where the component model's text says
// 2^28 - 1; what it becomes in another encoding still has a length of 32 bits.
inline constexpr std::uint64_t kStringBytes = (std::uint64_t{1} << 31) - 1;

// Strings and lists that one call may copy from guest to guest: what a 32-bit memory can hold.
inline constexpr std::uint64_t kCopiedBytes = std::uint64_t{1} << 32;

// Values of one call that the host keeps: the largest list that the component model lets one value
// have. (The engine's own bound on what a call makes it allocate is 128 MiB.)
inline constexpr std::uint64_t kArenaBytes = std::uint64_t{1} << 28;

// Memory of the values that a call gives to a program, or to a host function: four times what they
// may take in an arena.
inline constexpr std::uint64_t kReadValueBytes = std::uint64_t{1} << 30;

// What an arena keeps of its memory when it is cleared.
inline constexpr std::size_t kKeptArenaBytes = std::size_t{1} << 23;

// Types of a packr package, written out at every use: some hundred thousand of them. Nothing that a
// macro of packr's made comes near.
inline constexpr std::uint64_t kPackageTypesBytes = std::uint64_t{1} << 26;

// Largest component that is taken from a registry or a URL, and held in memory: ten times the
// largest that is known, a JavaScript engine with its program inside.
inline constexpr std::uint64_t kPackageBytes = std::uint64_t{1} << 28;

// Largest answer of a registry that is no component: as large a manifest as a registry should take
// (OCI distribution specification 1.1, "Pushing Manifests").
inline constexpr std::uint64_t kRegistryAnswerBytes = std::uint64_t{1} << 22;

// Largest text that goes with a package: it fits in a manifest, also if every character is escaped.
inline constexpr std::uint64_t kPackageTextBytes = std::uint64_t{1} << 19;

// Pages of one list, and names in all of them. Each page has a thousand or so.
inline constexpr std::size_t kRegistryPages = 100;
inline constexpr std::size_t kRegistryNames = 100'000;

// Length of an import or export name: as the engine's validator (100,000 bytes).
inline constexpr std::size_t kNameBytes = 100'000;

// Frames of a guest's stack that a failure holds at most, innermost first.
inline constexpr std::size_t kBacktraceFrames = 64;

}  // namespace tenon::limits
