// Copies a string from one side of a call to the other, for all nine pairs of encodings. Only for
// the sources of this folder.
//
// `realloc` of the taking side is called in the order and with the sizes that the Canonical ABI
// prescribes: first for the likely size, then for the worst case, last to shrink to the size that
// was needed.
//
// Source: component-model CanonicalABI.md, "Loading" and "Storing", strings.
#pragma once

#include <cstdint>

#include "abi/transfer.h"

namespace tenon::abi {

// The bit of a length that marks UTF-16, on a side with Latin1Utf16.
inline constexpr std::uint32_t kUtf16Tag = std::uint32_t{1} << 31;

// A string in memory or in flat values. length: in code units, with kUtf16Tag.
struct StringPair {
  std::uint32_t address = 0;
  std::uint32_t length = 0;
};

// pair: the string on the giving side; becomes that on the taking side.
// Errors: OutOfBounds, Misaligned, TooLong (more than limits::kStringBytes), BadText, and those of
// `Transfer::reallocate` and `spend`.
[[nodiscard]] bool copy_string(Transfer& transfer, StringPair& pair);

}  // namespace tenon::abi
