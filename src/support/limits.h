// Every limit of tenon, with the rule or measurement that it comes from. A limit is checked before
// memory is reserved, and exceeding one is a diagnostic.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tenon::limits {

// Nesting depth of components and types. The engine's limit for nested types is 100.
inline constexpr std::uint32_t kNestingDepth = 100;

// Size of a unit's file.
inline constexpr std::uint64_t kFileBytes = std::uint64_t{1} << 31;

// Size of a text that goes to a third-party parser: manifests, configuration, WIT. A thousand times
// more than people write.
inline constexpr std::uint64_t kTextBytes = std::uint64_t{1} << 24;

// Parts of a dotted TOML key, and nesting depth of TOML tables and arrays. The parser recurses for
// every level.
inline constexpr std::size_t kTomlKeyParts = 32;
inline constexpr std::size_t kTomlNesting = 64;

// Nodes that evaluating one component may add to the type arena. The engine's validator has the
// same limit for the effective size of types.
inline constexpr std::size_t kTypeNodes = 1'000'000;

// Flags of one type. The component model may allow more later; wasmtime 48 does not.
inline constexpr std::size_t kFlags = 32;

// Components and core modules together, and instances, in one component (without nested ones).
// wasmtime 48 allows 1000 of each, and counts an aliased export as an instance.
inline constexpr std::size_t kComponentsPerLevel = 1000;
inline constexpr std::size_t kInstancesPerLevel = 1000;

// Size of a user's code cache: some thousand compositions of small components, or about a hundred
// that contain a JavaScript engine (10 MB each).
inline constexpr std::uint64_t kCodeCacheBytes = std::uint64_t{1} << 30;

// How long a swap waits for calls in progress.
inline constexpr std::chrono::milliseconds kSwapWait = std::chrono::seconds(10);

// The memory that compilations may use at the same time, and the estimate for each byte of wasm.
inline constexpr std::uint64_t kCompileMemory = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kCompileMemoryPerByte = 160;

// Size of one value without the contents of its strings and lists: the component model's limit for
// every type.
inline constexpr std::uint64_t kValueBytes = (std::uint64_t{1} << 28) - 1;

// Size of a string in a guest's memory. wasmtime 48 accepts this much, though the component model
// says 2^28 - 1. Transcoded to any encoding, the length still fits in 32 bits.
inline constexpr std::uint64_t kStringBytes = (std::uint64_t{1} << 31) - 1;

// Bytes of strings and lists that one call may copy from guest to guest: the size of a 32-bit
// memory.
inline constexpr std::uint64_t kCopiedBytes = std::uint64_t{1} << 32;

// Bytes of items that a stream between two domains holds until they are read. Half of it takes a
// fifth longer for writes of 64 KiB.
inline constexpr std::size_t kStreamBuffer = std::size_t{1} << 18;

// From this size on, the items of a write to an empty stream are not copied into its buffer.
inline constexpr std::size_t kDirectStreamBytes = std::size_t{1} << 15;

// Bytes of one call's values that the host keeps: the largest list that the component model allows.
// (The engine's limit for what one call makes it allocate is 128 MiB.)
inline constexpr std::uint64_t kArenaBytes = std::uint64_t{1} << 28;

// Memory for the values that a call passes to a program or a host function as C++ objects: four
// times the limit of an arena.
inline constexpr std::uint64_t kReadValueBytes = std::uint64_t{1} << 30;

// Streams and futures of one remote call that are being received. A peer sends a byte for each, which takes
// about a kilobyte here.
inline constexpr std::size_t kReceivedStreams = std::size_t{1} << 12;

// Handles of resources in the values of one remote call, or in one chunk of a stream. A peer sends a byte
// for each, which takes up to 300 bytes here.
inline constexpr std::size_t kReceivedHandles = std::size_t{1} << 18;

// Memory that an arena keeps when it is cleared.
inline constexpr std::size_t kKeptArenaBytes = std::size_t{1} << 23;

// Size of the types of a packr package, written out at every use: a hundred thousand types, far
// more than packr's macros generate.
inline constexpr std::uint64_t kPackageTypesBytes = std::uint64_t{1} << 24;

// Size of a component that is downloaded from a registry or a URL into memory: ten times the
// largest known one, which contains a JavaScript engine.
inline constexpr std::uint64_t kPackageBytes = std::uint64_t{1} << 28;

// Size of any other response of a registry: the size of manifest that a registry should accept (OCI
// distribution specification 1.1, "Pushing Manifests").
inline constexpr std::uint64_t kRegistryAnswerBytes = std::uint64_t{1} << 22;

// Size of a text that is published with a package: fits in a manifest even if every character is
// escaped.
inline constexpr std::uint64_t kPackageTextBytes = std::uint64_t{1} << 19;

// Pages of one listing, and names in all its pages. A page usually has about a thousand names.
inline constexpr std::size_t kRegistryPages = 100;
inline constexpr std::size_t kRegistryNames = 100'000;

// Length of an import or export name in bytes, as in the engine's validator.
inline constexpr std::size_t kNameBytes = 100'000;

// Instances of one unit: of a pool, or for HTTP requests.
inline constexpr std::uint32_t kInstances = 1024;

// Requests that an instance answers, one after another. They are counted with 32 bits.
inline constexpr std::uint32_t kRequestsOfInstance = UINT32_MAX;

// Connections of an HTTP server at once.
inline constexpr std::uint32_t kHttpConnections = 1'000'000;

// Stack frames of a guest that a failure keeps, innermost first.
inline constexpr std::size_t kBacktraceFrames = 64;

}  // namespace tenon::limits
