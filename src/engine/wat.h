// Conversion of components and core modules from and to WebAssembly text (WAT).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/files.h"
#include "tenon/result.h"

namespace tenon::engine {

// Assembles text. Returns `text` unchanged if it is a binary already.
// file: name used in errors.
// Errors: read-malformed, with line, column and an excerpt.
[[nodiscard]] Result<std::vector<std::uint8_t>> wat_to_wasm(std::string_view file,
                                                            std::string_view text);

// The bytes of a component or a core module in a file; text in the `.wat` format is assembled.
// Errors: read-file, read-limit, read-malformed.
[[nodiscard]] Result<Bytes> read_component_file(const Files& files, const std::string& path,
                                                NamedBy named_by);

// Prints a binary, as `wasm-tools print` does.
// Errors: read-malformed, with the byte offset if it is known.
[[nodiscard]] Result<std::string> wasm_to_wat(std::span<const std::uint8_t> binary);

}  // namespace tenon::engine
