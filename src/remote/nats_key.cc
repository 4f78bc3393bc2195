#include "remote/nats_key.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "support/system_library.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t kSeedPrefix = 18U << 3U;  // "S"
constexpr std::uint8_t kUserPrefix = 20U << 3U;  // "U"
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSeedBytes = 2 + kKeyBytes + 2;
constexpr std::size_t kSeedDigits = (8 * kSeedBytes + 4) / 5;

std::vector<std::uint8_t> decode_base32(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char digit : text) {
    const std::size_t value = kBase32.find(digit);
    if (value == std::string_view::npos) return {};
    bits = bits << 5U | static_cast<std::uint32_t>(value);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return bytes;
}

std::string encode_base32(std::span<const std::uint8_t> bytes) {
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8U | byte;
    for (count += 8; count >= 5; count -= 5) text += kBase32[bits >> (count - 5) & 31U];
  }
  if (count != 0) text += kBase32[bits << (5 - count) & 31U];
  return text;
}

// CRC-16/XMODEM.
std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : bytes) {
    sum ^= std::uint32_t{byte} << 8U;
    for (int i = 0; i < 8; ++i) sum = (sum & 0x8000U) != 0 ? sum << 1U ^ 0x1021U : sum << 1U;
  }
  return static_cast<std::uint16_t>(sum);
}

struct KeyFunctions {
  decltype(&::EVP_PKEY_new_raw_private_key) make = nullptr;
  decltype(&::EVP_PKEY_get_raw_public_key) get_public = nullptr;
  decltype(&::EVP_PKEY_free) free = nullptr;
};

Result<KeyFunctions, std::string> load_key_functions() {
  static const std::array<std::string, 1> kNames = {"libcrypto.so.3"};
  TENON_TRY(SystemLibrary library, SystemLibrary::load(kNames));
  KeyFunctions functions;
  library.find(functions.make, "EVP_PKEY_new_raw_private_key");
  library.find(functions.get_public, "EVP_PKEY_get_raw_public_key");
  library.find(functions.free, "EVP_PKEY_free");
  TENON_TRY_VOID(library.check());
  return functions;
}

}  // namespace

std::string_view find_nats_seed(std::string_view text) {
  if (text.find("JWT") != std::string_view::npos) return {};
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    if (line.starts_with("SU")) return line;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return {};
}

Result<NatsKey, std::string> nats_public_key(std::string_view seed) {
  const std::vector<std::uint8_t> bytes = decode_base32(seed);
  if (seed.size() != kSeedDigits || bytes.size() != kSeedBytes ||
      bytes[0] != (kSeedPrefix | kUserPrefix >> 5U) || bytes[1] != (kUserPrefix & 31U) << 3U)
    return std::string("is not the seed of a user");
  const std::span<const std::uint8_t> summed = std::span(bytes).first(kSeedBytes - 2);
  if (checksum(summed) != (bytes[kSeedBytes - 2] | bytes[kSeedBytes - 1] << 8))
    return std::string("is damaged: its checksum is wrong");
  const Result<KeyFunctions, std::string> openssl = load_key_functions();
  if (!openssl) return "cannot be used without OpenSSL: " + openssl.error();
  const std::unique_ptr<EVP_PKEY, decltype(openssl->free)> key(
      openssl->make(EVP_PKEY_ED25519, nullptr, summed.subspan(2).data(), kKeyBytes), openssl->free);
  std::vector<std::uint8_t> encoded(1 + kKeyBytes);
  encoded[0] = kUserPrefix;
  std::size_t size = kKeyBytes;
  if (key == nullptr || openssl->get_public(key.get(), encoded.data() + 1, &size) != 1)
    return std::string("is refused by OpenSSL");
  const std::uint16_t sum = checksum(encoded);
  encoded.push_back(static_cast<std::uint8_t>(sum));
  encoded.push_back(static_cast<std::uint8_t>(sum >> 8U));
  return NatsKey{encode_base32(encoded)};
}

}  // namespace tenon::remote
