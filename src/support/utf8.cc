#include "support/utf8.h"

#include <array>
#include <cstring>

#include "support/check.h"

namespace tenon {

Utf8Character next_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, text.substr(0, 1)};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const Utf8Character bad{std::nullopt, text.substr(0, 1)};
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return bad;
  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return bad;
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || !is_scalar_value(code)) return bad;
  return {code, text.substr(0, length)};
}

std::optional<std::size_t> find_bad_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    // Most text is ASCII, so check eight bytes at a time.
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const Utf8Character character = next_character(text.substr(at));
    if (!character.code) return at;
    at += character.bytes.size();
  }
  return std::nullopt;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(next_character(text).bytes.size());
  return count;
}

void append_utf8(std::string& text, std::uint32_t code) {
  TENON_CHECK(is_scalar_value(code));
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto put_rest = [&](std::uint32_t shift) { put(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | (code >> 6U));
    put_rest(0);
  } else if (code < 0x10000) {
    put(0xe0U | (code >> 12U));
    put_rest(6);
    put_rest(0);
  } else {
    put(0xf0U | (code >> 18U));
    put_rest(12);
    put_rest(6);
    put_rest(0);
  }
}

}  // namespace tenon
