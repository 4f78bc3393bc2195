// Bytes as base64 text. Source: RFC 4648 section 4, with padding.
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

}  // namespace tenon
