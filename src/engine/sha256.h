// SHA-256, used for pins, digests, names in the code cache and hashes of interfaces.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::engine {

using Sha256 = std::array<std::uint8_t, 32>;

// Source: FIPS 180-4.
[[nodiscard]] Sha256 sha256(std::span<const std::uint8_t> bytes);

// The code by which only those who have the key can tell that bytes are theirs. Source: RFC 2104.
[[nodiscard]] Sha256 hmac_sha256(std::span<const std::uint8_t> key,
                                 std::span<const std::uint8_t> bytes);

// 64 lowercase hexadecimal digits.
[[nodiscard]] std::string show_sha256(const Sha256& digest);

// True if `text` has the form of a digest: 64 lowercase hexadecimal digits.
[[nodiscard]] bool is_digest(std::string_view text);

// The digest of bytes, as text.
[[nodiscard]] std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace tenon::engine
