// The first bytes of a file: a component, a core module, or something else that people take for
// one.
#pragma once

#include <cstdint>
#include <span>

#include "support/byte_reader.h"
#include "tenon/result.h"

namespace tenon::binary {

// preamble ::= <magic> <version> <layer>    of a file that should be a component.
//
// Errors: read-not-wasm, which says what the file looks like; read-core-module; read-truncated;
// read-malformed, where version or layer is unknown.
Result<void> read_file_preamble(ByteReader& in);

// preamble of a nested component, or of a core module: these bytes and no others.
Result<void> read_exact_preamble(ByteReader& in, std::span<const std::uint8_t> expected);

}  // namespace tenon::binary
