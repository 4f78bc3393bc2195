#include "engine/sha256.h"

#include <algorithm>

#include "engine/seam.h"

namespace tenon::engine {

namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256, in bytes

template <class... Parts>
Sha256 digest_of(const Parts&... parts) {
  const tnengine_slice_t slices[] = {to_slice(parts)...};
  Sha256 digest;
  tnengine_sha256(slices, sizeof...(parts), digest.data());
  return digest;
}

}  // namespace

Sha256 sha256(std::span<const std::uint8_t> bytes) { return digest_of(bytes); }

Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, kBlock> block = {};
  if (key.size() > block.size())
    std::ranges::copy(sha256(key), block.begin());
  else
    std::ranges::copy(key, block.begin());
  const auto keyed = [&](std::uint8_t pad, std::span<const std::uint8_t> text) {
    std::array<std::uint8_t, kBlock> padded = block;
    for (std::uint8_t& byte : padded) byte ^= pad;
    return digest_of(std::span<const std::uint8_t>(padded), text);
  };
  return keyed(0x5c, keyed(0x36, bytes));
}

std::string show_sha256(const Sha256& digest) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

std::string sha256_hex(std::span<const std::uint8_t> bytes) { return show_sha256(sha256(bytes)); }

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace tenon::engine
