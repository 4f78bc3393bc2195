// Most text is ASCII or close to it, so every function first skips ahead over a run of ASCII, in
// words of eight bytes with a mask of the high bits, and only then converts character by character.
#include "abi/transcode.h"

#include <bit>
#include <cstring>

namespace tenon::abi {

namespace {

static_assert(std::endian::native == std::endian::little, "text is read in words");

constexpr std::uint64_t kNotAscii = 0x8080808080808080;
constexpr std::uint64_t kNotAscii16 = 0xff80ff80ff80ff80;
constexpr std::uint64_t kNotLatin16 = 0xff00ff00ff00ff00;

std::uint64_t load_word(const std::uint8_t* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

std::uint16_t load_unit(const std::uint8_t* at) {
  std::uint16_t unit = 0;
  std::memcpy(&unit, at, sizeof(unit));
  return unit;
}

void store_unit(std::uint8_t* at, std::uint32_t unit) {
  const auto value = static_cast<std::uint16_t>(unit);
  std::memcpy(at, &value, sizeof(value));
}

constexpr bool is_high_surrogate(std::uint32_t unit) { return (unit & 0xfc00) == 0xd800; }
constexpr bool is_low_surrogate(std::uint32_t unit) { return (unit & 0xfc00) == 0xdc00; }

// The number of UTF-16 units at the beginning that have no bit of `mask`, which is the same for
// each unit.
std::size_t count_units_without(const std::uint8_t* text, std::size_t units, std::uint64_t mask) {
  std::size_t at = 0;
  while (at + 16 <= units && ((load_word(text + 2 * at) | load_word(text + 2 * at + 8) |
                               load_word(text + 2 * at + 16) | load_word(text + 2 * at + 24)) &
                              mask) == 0)
    at += 16;
  while (at < units && (load_unit(text + 2 * at) & static_cast<std::uint16_t>(mask)) == 0) ++at;
  return at;
}

constexpr bool is_continuation(std::uint8_t byte) { return (byte & 0xc0) == 0x80; }

// The length of the character at `text`, which begins with a byte above 0x7f; 0 if it is
// ill-formed.
std::size_t check_character(const std::uint8_t* text, std::size_t left) {
  const std::uint8_t first = text[0];
  if (first < 0xc2) return 0;
  if (first < 0xe0) return left >= 2 && is_continuation(text[1]) ? 2 : 0;
  if (first < 0xf0) {
    if (left < 3 || !is_continuation(text[1]) || !is_continuation(text[2])) return 0;
    if (first == 0xe0 && text[1] < 0xa0) return 0;  // overlong
    if (first == 0xed && text[1] > 0x9f) return 0;  // a surrogate
    return 3;
  }
  if (first > 0xf4 || left < 4) return 0;
  if (!is_continuation(text[1]) || !is_continuation(text[2]) || !is_continuation(text[3])) return 0;
  if (first == 0xf0 && text[1] < 0x90) return 0;  // overlong
  if (first == 0xf4 && text[1] > 0x8f) return 0;  // above U+10FFFF
  return 4;
}

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;
};

// REQUIRES: the text is well-formed
Character decode_character(const std::uint8_t* text) {
  const std::uint32_t first = text[0];
  const auto bits = [&](std::size_t i) { return std::uint32_t{text[i]} & 0x3f; };
  if (first < 0x80) return {first, 1};
  if (first < 0xe0) return {(first & 0x1f) << 6 | bits(1), 2};
  if (first < 0xf0) return {(first & 0x0f) << 12 | bits(1) << 6 | bits(2), 3};
  return {(first & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3), 4};
}

std::size_t encode_character(std::uint32_t code, std::uint8_t* out) {
  const auto put = [&](std::size_t i, std::uint32_t byte) {
    out[i] = static_cast<std::uint8_t>(byte);
  };
  if (code < 0x80) {
    put(0, code);
    return 1;
  }
  if (code < 0x800) {
    put(0, 0xc0 | code >> 6);
    put(1, 0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    put(0, 0xe0 | code >> 12);
    put(1, 0x80 | (code >> 6 & 0x3f));
    put(2, 0x80 | (code & 0x3f));
    return 3;
  }
  put(0, 0xf0 | code >> 18);
  put(1, 0x80 | (code >> 12 & 0x3f));
  put(2, 0x80 | (code >> 6 & 0x3f));
  put(3, 0x80 | (code & 0x3f));
  return 4;
}

}  // namespace

std::size_t count_ascii(const std::uint8_t* text, std::size_t units) {
  std::size_t at = 0;
  while (at + 32 <= units && ((load_word(text + at) | load_word(text + at + 8) |
                               load_word(text + at + 16) | load_word(text + at + 24)) &
                              kNotAscii) == 0)
    at += 32;
  while (at + 8 <= units && (load_word(text + at) & kNotAscii) == 0) at += 8;
  while (at < units && text[at] < 0x80) ++at;
  return at;
}

std::size_t count_ascii_utf16(const std::uint8_t* text, std::size_t units) {
  return count_units_without(text, units, kNotAscii16);
}

std::size_t count_latin1_utf16(const std::uint8_t* text, std::size_t units) {
  return count_units_without(text, units, kNotLatin16);
}

bool is_utf8(const std::uint8_t* text, std::size_t units) {
  std::size_t at = count_ascii(text, units);
  while (at < units) {
    const std::size_t size = check_character(text + at, units - at);
    if (size == 0) return false;
    at += size;
    if (at < units && text[at] < 0x80) at += count_ascii(text + at, units - at);
  }
  return true;
}

bool is_utf16(const std::uint8_t* text, std::size_t units) {
  for (std::size_t at = 0; at < units; ++at) {
    const std::uint16_t unit = load_unit(text + 2 * at);
    if ((unit & 0xf800) != 0xd800) [[likely]]
      continue;
    if (!is_high_surrogate(unit) || at + 1 == units ||
        !is_low_surrogate(load_unit(text + 2 * at + 2)))
      return false;
    ++at;
  }
  return true;
}

std::size_t utf8_to_utf16(const std::uint8_t* text, std::size_t units, std::uint8_t* out) {
  std::size_t at = 0;
  std::size_t written = 0;
  while (at < units) {
    const std::size_t ascii = count_ascii(text + at, units - at);
    widen(text + at, ascii, out + 2 * written);
    at += ascii;
    written += ascii;
    while (at < units && text[at] >= 0x80) {
      const Character character = decode_character(text + at);
      at += character.size;
      if (character.code < 0x10000) {
        store_unit(out + 2 * written++, character.code);
      } else {
        store_unit(out + 2 * written++, 0xd7c0 + (character.code >> 10));
        store_unit(out + 2 * written++, 0xdc00 | (character.code & 0x3ff));
      }
    }
  }
  return written;
}

std::size_t utf16_to_utf8(const std::uint8_t* text, std::size_t units, std::uint8_t* out) {
  std::size_t at = 0;
  std::size_t written = 0;
  while (at < units) {
    const std::size_t ascii = count_ascii_utf16(text + 2 * at, units - at);
    narrow(text + 2 * at, ascii, out + written);
    at += ascii;
    written += ascii;
    while (at < units) {
      std::uint32_t code = load_unit(text + 2 * at);
      if (code < 0x80) break;
      ++at;
      if (is_high_surrogate(code) && at < units)
        code = 0x10000 + ((code & 0x3ff) << 10) + (load_unit(text + 2 * at++) & 0x3ff);
      written += encode_character(code, out + written);
    }
  }
  return written;
}

std::size_t latin1_to_utf8(const std::uint8_t* text, std::size_t units, std::uint8_t* out) {
  std::size_t at = 0;
  std::size_t written = 0;
  while (at < units) {
    const std::size_t ascii = count_ascii(text + at, units - at);
    if (ascii > 0) std::memcpy(out + written, text + at, ascii);
    at += ascii;
    written += ascii;
    while (at < units && text[at] >= 0x80) written += encode_character(text[at++], out + written);
  }
  return written;
}

void widen(const std::uint8_t* text, std::size_t units, std::uint8_t* out) {
  for (std::size_t i = 0; i < units; ++i) store_unit(out + 2 * i, text[i]);
}

void narrow(const std::uint8_t* text, std::size_t units, std::uint8_t* out) {
  for (std::size_t i = 0; i < units; ++i) out[i] = text[2 * i];
}

Latin1Prefix utf8_to_latin1(const std::uint8_t* text, std::size_t units, std::uint8_t* out) {
  Latin1Prefix done;
  while (done.read < units) {
    const std::size_t ascii = count_ascii(text + done.read, units - done.read);
    if (ascii > 0) std::memcpy(out + done.written, text + done.read, ascii);
    done.read += ascii;
    done.written += ascii;
    while (done.read < units && text[done.read] >= 0x80) {
      const Character character = decode_character(text + done.read);
      if (character.code > 0xff) return done;
      done.read += character.size;
      out[done.written++] = static_cast<std::uint8_t>(character.code);
    }
  }
  return done;
}

}  // namespace tenon::abi
