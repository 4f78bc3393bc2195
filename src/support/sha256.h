// SHA-256 of bytes, as text: what pins, digests and cache names are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tenon {

// 64 hexadecimal digits in lower case. Source: FIPS 180-4.
[[nodiscard]] std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace tenon
