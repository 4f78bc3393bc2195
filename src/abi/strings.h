// A string from one side of a call to the other, in all nine pairs of encodings. For the sources of
// this folder alone.
//
// The taking side's `realloc` is called in the order and with the sizes that the Canonical ABI
// says: first for what is likely, then for the worst case, last for what was needed.
//
// Source: component-model CanonicalABI.md, "Loading" and "Storing", strings.
#pragma once

#include <cstdint>

#include "abi/transfer.h"

namespace tenon::abi {

// The bit of a length that says UTF-16, on a side of Latin1Utf16.
inline constexpr std::uint32_t kUtf16Tag = std::uint32_t{1} << 31;

// As it stands in memory or in flat values. length: code units, with kUtf16Tag.
struct StringPair {
  std::uint32_t address = 0;
  std::uint32_t length = 0;
};

// `pair`: of the giving side; becomes that of the taking side.
// Errors: OutOfBounds, Misaligned, TooLong (more than limits::kStringBytes), BadText; of
// `Transfer::reallocate` and `spend`.
[[nodiscard]] bool copy_string(Transfer& transfer, StringPair& pair);

}  // namespace tenon::abi
