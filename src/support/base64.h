// Bytes as text: base64, PEM files, hexadecimal digits. Source: RFC 4648 section 4, with padding.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

[[nodiscard]] std::string encode_base64(std::span<const std::uint8_t> bytes);

// Accepts only the text that `encode_base64` writes; otherwise returns nothing.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

// The bytes of the first block of a PEM file that has this label, such as "PUBLIC KEY". Returns nothing
// if there is none, or it is not base64. Source: RFC 7468.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_pem(std::string_view text,
                                                                  std::string_view label);

// Two lowercase digits for each byte.
[[nodiscard]] std::string encode_hex(std::span<const std::uint8_t> bytes);

}  // namespace tenon
