// UTF-8: reading and writing one character at a time, and checking whole texts.
//
// Source: Unicode, table 3-7: no overlong forms, surrogates or values over 10ffff.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon {

// One character of a text. `code` is absent for a byte that is not UTF-8.
struct Utf8Character {
  std::optional<std::uint32_t> code;
  std::string_view bytes;
};

// The first character.  REQUIRES: !text.empty()
// Lifetime: a view into `text`.
[[nodiscard]] Utf8Character next_character(std::string_view text);

// The offset of the first byte that is not valid UTF-8; nothing if all are.
[[nodiscard]] std::optional<std::size_t> find_bad_utf8(std::string_view text);

[[nodiscard]] inline bool is_utf8(std::string_view text) { return !find_bad_utf8(text); }

// The number of characters in `text`. A byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t count_characters(std::string_view text);

[[nodiscard]] constexpr bool is_scalar_value(std::uint32_t code) {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

// Appends a character.  REQUIRES: is_scalar_value(code)
void append_utf8(std::string& text, std::uint32_t code);

}  // namespace tenon
