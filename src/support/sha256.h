// SHA-256 of bytes: what pins, digests, cache names and hashes of interfaces are made of.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace tenon {

using Sha256 = std::array<std::uint8_t, 32>;

// Source: FIPS 180-4.
[[nodiscard]] Sha256 sha256(std::span<const std::uint8_t> bytes);

// 64 hexadecimal digits in lower case.
[[nodiscard]] std::string show_sha256(const Sha256& digest);

// The digits of the digest.
[[nodiscard]] std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace tenon
