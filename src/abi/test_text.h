// Encodes text from code points in every encoding, without the code under test.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/guest.h"
#include "abi/strings.h"
#include "abi/test_guest.h"

namespace tenon::abi {

inline std::string encode_utf8(std::u32string_view text) {
  std::string out;
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  for (const std::uint32_t c : text) {
    if (c < 0x80) {
      put(c);
      continue;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    put((more == 1 ? 0xc0U : more == 2 ? 0xe0U : 0xf0U) | (c >> (6 * more)));
    for (int i = more; i-- > 0;) put(0x80 | ((c >> (6 * i)) & 0x3f));
  }
  return out;
}

inline std::string encode_utf16(std::u32string_view text) {
  std::string out;
  const auto put = [&](std::uint32_t unit) {
    out.push_back(static_cast<char>(unit & 0xff));
    out.push_back(static_cast<char>(unit >> 8));
  };
  for (const std::uint32_t c : text) {
    if (c < 0x10000) {
      put(c);
    } else {
      put(0xd800 + ((c - 0x10000) >> 10));
      put(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  return out;
}

inline bool fits_latin1(std::u32string_view text) {
  return std::ranges::all_of(text, [](char32_t c) { return c < 0x100; });
}

inline std::uint32_t put_bytes(TestGuest& guest, std::string_view bytes, std::uint32_t align) {
  const std::uint32_t at = guest.allocate(static_cast<std::uint32_t>(bytes.size()), align);
  std::ranges::copy(bytes, guest.bytes.begin() + at);
  return at;
}

// A string as in a guest with that encoding. wide: use UTF-16 even if Latin-1 is enough.
enum class Wide : std::uint8_t { IfNeeded, Yes };
inline StringPair put_string(TestGuest& guest, std::u32string_view text,
                             Wide wide = Wide::IfNeeded) {
  std::string bytes;
  std::uint32_t tag = 0;
  std::uint32_t unit = 1;
  switch (guest.encoding()) {
    case Encoding::Utf8:
      bytes = encode_utf8(text);
      break;
    case Encoding::Utf16:
      bytes = encode_utf16(text);
      unit = 2;
      break;
    case Encoding::Latin1Utf16:
      if (wide == Wide::IfNeeded && fits_latin1(text)) {
        for (const char32_t c : text) bytes.push_back(static_cast<char>(c));
      } else {
        bytes = encode_utf16(text);
        unit = 2;
        tag = kUtf16Tag;
      }
      break;
  }
  const std::uint32_t at = put_bytes(guest, bytes, guest.encoding() == Encoding::Utf8 ? 1 : 2);
  return {at, static_cast<std::uint32_t>(bytes.size()) / unit | tag};
}

// Converts a string of any encoding to UTF-8.
inline std::string get_string(std::span<const std::uint8_t> memory, Encoding encoding,
                              StringPair pair) {
  const bool is_wide = encoding == Encoding::Utf16 ||
                       (encoding == Encoding::Latin1Utf16 && (pair.length & kUtf16Tag) != 0);
  const std::uint32_t units =
      encoding == Encoding::Latin1Utf16 ? pair.length & ~kUtf16Tag : pair.length;
  const auto bytes = memory.subspan(pair.address, std::size_t{units} * (is_wide ? 2 : 1));
  if (encoding == Encoding::Utf8) return {bytes.begin(), bytes.end()};
  std::u32string text;
  if (!is_wide) {
    text.assign(bytes.begin(), bytes.end());
    return encode_utf8(text);
  }
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t unit = bytes[i] | static_cast<char32_t>(bytes[i + 1]) << 8;
    if (unit >= 0xdc00 && unit < 0xe000 && !text.empty()) {
      unit = 0x10000 + ((text.back() - 0xd800) << 10) + (unit - 0xdc00);
      text.pop_back();
    }
    text.push_back(unit);
  }
  return encode_utf8(text);
}

}  // namespace tenon::abi
