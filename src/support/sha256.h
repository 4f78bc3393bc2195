// SHA-256 of bytes: what pins, digests, cache names and hashes of interfaces are made of.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon {

using Sha256 = std::array<std::uint8_t, 32>;

// Source: FIPS 180-4.
[[nodiscard]] Sha256 sha256(std::span<const std::uint8_t> bytes);

// 64 hexadecimal digits in lower case.
[[nodiscard]] std::string show_sha256(const Sha256& digest);

// Whether `text` has the form of a digest: 64 hexadecimal digits in lower case.
[[nodiscard]] bool is_digest(std::string_view text);

// The digits of the digest.
[[nodiscard]] std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace tenon
