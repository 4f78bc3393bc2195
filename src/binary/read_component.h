// Reads component binaries.
//
//   Result<Component> component = read_component(bytes);
//   for (const Definition& definition : component->definitions) ...
#pragma once

#include <cstdint>
#include <span>

#include "binary/component.h"
#include "tenon/result.h"

namespace tenon::binary {

// Reads a component with everything nested in it. Core modules and custom sections are spans.
//
// The grammar is Binary.md with all its proposals, as the engine's parser reads it: `implements`,
// `versionsuffix` and `external-id` are always read. Whether indices, names and types mean anything
// is not asked. Memory: within a fixed multiple of `bytes`.
//
// Errors:   read-not-wasm, read-core-module, read-truncated, read-malformed, read-limit; each has
//           the byte offset, and the section and production in its message.
// Lifetime: names are views into `bytes`.
[[nodiscard]] Result<Component> read_component(std::span<const std::uint8_t> bytes);

}  // namespace tenon::binary
