// Converts text between UTF-8, UTF-16 (little-endian) and Latin-1. Text must be checked first with
// `is_utf8` or `is_utf16`: the other functions require that it is well-formed.
//
// `units` counts code units: bytes, or pairs of bytes for UTF-16. Addresses need no alignment.
// Input and output must not overlap. Functions that write return the number of units written, which
// is at most what their comment says.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::abi {

// No overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(const std::uint8_t* text, std::size_t units);
// Surrogates only in pairs.
[[nodiscard]] bool is_utf16(const std::uint8_t* text, std::size_t units);

// The number of units at the beginning that are below 0x80, in text of bytes and in UTF-16.
[[nodiscard]] std::size_t count_ascii(const std::uint8_t* text, std::size_t units);
[[nodiscard]] std::size_t count_ascii_utf16(const std::uint8_t* text, std::size_t units);
// The number of units at the beginning of UTF-16 that are below 0x100.
[[nodiscard]] std::size_t count_latin1_utf16(const std::uint8_t* text, std::size_t units);

// Writes at most one unit per byte.
std::size_t utf8_to_utf16(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// Writes at most three bytes per unit.
std::size_t utf16_to_utf8(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// Writes at most two bytes per unit.
std::size_t latin1_to_utf8(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// Writes one unit per byte.
void widen(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// Writes the low byte of each unit. `out` may be `text`.
void narrow(const std::uint8_t* text, std::size_t units, std::uint8_t* out);

// Converts up to the first character that Latin-1 does not have. Writes at most as many bytes as it
// reads.
struct Latin1Prefix {
  std::size_t read = 0;  // equal to `units` if all characters fit
  std::size_t written = 0;
};
Latin1Prefix utf8_to_latin1(const std::uint8_t* text, std::size_t units, std::uint8_t* out);

}  // namespace tenon::abi
