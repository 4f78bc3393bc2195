#include "support/base64.h"

#include <cstddef>

namespace tenon {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint32_t> digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  if (c == '/') return 63;
  return std::nullopt;
}

}  // namespace

std::string encode_base64(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return i + k < bytes.size() ? bytes[i + k] : 0;
    };
    const std::uint32_t group = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
    text += kDigits[group >> 18U];
    text += kDigits[(group >> 12U) & 63U];
    text += i + 1 < bytes.size() ? kDigits[(group >> 6U) & 63U] : '=';
    text += i + 2 < bytes.size() ? kDigits[group & 63U] : '=';
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::optional<std::uint32_t> digit = k < digits ? digit_of(text[i + k]) : 0;
      if (!digit) return std::nullopt;
      group = (group << 6U) | *digit;
    }
    for (std::size_t k = 0; k + 1 < digits; ++k)
      bytes.push_back(static_cast<std::uint8_t>(group >> (16U - 8U * k)));
    // The unused bits of the last digit must be 0: the same bytes always have the same text.
    if (digits < 4 && (group & (digits == 2 ? 0xffffU : 0xffU)) != 0) return std::nullopt;
  }
  return bytes;
}

std::optional<std::vector<std::uint8_t>> decode_pem(std::string_view text, std::string_view label) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  const std::size_t first = text.find(begin);
  if (first == text.npos) return std::nullopt;
  text.remove_prefix(first + begin.size());
  const std::size_t last = text.find(end);
  if (last == text.npos) return std::nullopt;
  std::string digits(text.substr(0, last));
  std::erase_if(digits, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  return decode_base64(digits);
}

std::string encode_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 15U];
  }
  return text;
}

}  // namespace tenon
