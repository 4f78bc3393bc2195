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

// True if the bytes begin with the preamble of a component.
[[nodiscard]] bool is_component(std::span<const std::uint8_t> file);

// Reads a component and the components nested in it. Core modules and custom sections become spans.
//
// The grammar is Binary.md with all its proposals, as in the engine's parser; the attributes
// `implements`, `versionsuffix` and `external-id` are always accepted. Indices, names and types are
// not validated. Memory: at most a fixed multiple of `bytes`.
//
// Errors:   read-not-wasm, read-core-module, read-truncated, read-malformed, read-limit; each has
//           the byte offset, and the section and production in its message.
// Lifetime: names are views into `bytes`.
[[nodiscard]] Result<Component> read_component(std::span<const std::uint8_t> bytes);

}  // namespace tenon::binary
