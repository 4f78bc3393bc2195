#include "support/sha256.h"

#include <algorithm>

// These functions are deprecated since OpenSSL 3.0. The newer ones (EVP_Digest, one-shot SHA256)
// first read OpenSSL's configuration and load its providers, which costs every process a
// millisecond.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>

namespace tenon {

Sha256 sha256(std::span<const std::uint8_t> bytes) {
  Sha256 digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

// HMAC of OpenSSL goes through EVP, which reads the configuration too.
Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, SHA256_CBLOCK> block = {};
  if (key.size() > block.size())
    std::ranges::copy(sha256(key), block.begin());
  else
    std::ranges::copy(key, block.begin());
  const auto digest = [&](std::uint8_t pad, std::span<const std::uint8_t> text) {
    std::array<std::uint8_t, SHA256_CBLOCK> padded = block;
    for (std::uint8_t& byte : padded) byte ^= pad;
    Sha256 result;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, padded.data(), padded.size());
    SHA256_Update(&context, text.data(), text.size());
    SHA256_Final(result.data(), &context);
    return result;
  };
  return digest(0x5c, digest(0x36, bytes));
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

}  // namespace tenon
