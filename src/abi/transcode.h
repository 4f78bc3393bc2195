// Text from one encoding to another: UTF-8, UTF-16 in little-endian bytes, Latin-1. Text is checked
// first, by `is_utf8` or `is_utf16`; the other functions take what was found to be well-formed.
//
// `units` are bytes, or pairs of bytes for UTF-16. Addresses need no alignment; input and output do
// not overlap. Functions that write return how many units they wrote, and never write more than
// their comment says.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::abi {

// No overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(const std::uint8_t* text, std::size_t units);
// Surrogates stand in pairs only.
[[nodiscard]] bool is_utf16(const std::uint8_t* text, std::size_t units);

// How many units at the start are below 0x80, of text of bytes and of UTF-16.
[[nodiscard]] std::size_t count_ascii(const std::uint8_t* text, std::size_t units);
[[nodiscard]] std::size_t count_ascii_utf16(const std::uint8_t* text, std::size_t units);
// How many units at the start of UTF-16 are below 0x100.
[[nodiscard]] std::size_t count_latin1_utf16(const std::uint8_t* text, std::size_t units);

// At most as many units as there are bytes.
std::size_t utf8_to_utf16(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// At most three bytes a unit.
std::size_t utf16_to_utf8(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// At most two bytes a unit.
std::size_t latin1_to_utf8(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// A unit for a unit.
void widen(const std::uint8_t* text, std::size_t units, std::uint8_t* out);
// The low byte of each unit; `out` may be `text`.
void narrow(const std::uint8_t* text, std::size_t units, std::uint8_t* out);

// Up to the first character that Latin-1 lacks; at most as many bytes as are read.
struct Latin1Prefix {
  std::size_t read = 0;  // all of `units`: everything fitted
  std::size_t written = 0;
};
Latin1Prefix utf8_to_latin1(const std::uint8_t* text, std::size_t units, std::uint8_t* out);

}  // namespace tenon::abi
