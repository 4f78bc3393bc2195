#include "registry/public_key.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/sha256.h"
#include "registry/libcrypto.h"
#include "support/base64.h"

namespace tenon::registry {

namespace {

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";

// What precedes the two coordinates of an uncompressed point on P-256: the algorithm, the curve and
// the form.
constexpr std::array<std::uint8_t, 27> kP256 = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t kP256Bytes = kP256.size() + 64;

}  // namespace

Result<PublicKey, std::string> PublicKey::parse(std::string_view text) {
  if (text.find("PRIVATE KEY-----") != text.npos)
    return std::string("is a private key; expected the public one");
  const std::size_t begin = text.find(kBegin);
  if (begin == text.npos || text.find(kEnd, begin) == text.npos)
    return "is not a public key: expected a PEM file with `" + std::string(kBegin) + '`';
  std::optional<std::vector<std::uint8_t>> der = decode_pem(text, "PUBLIC KEY");
  if (!der) return std::string("is damaged: it is not base64");
  if (der->size() != kP256Bytes || !std::ranges::equal(std::span(*der).first(kP256.size()), kP256))
    return std::string("is not an ECDSA key on the curve P-256");
  return PublicKey(*std::move(der));
}

std::string PublicKey::fingerprint() const { return engine::sha256_hex(der_); }

Result<bool, std::string> PublicKey::verifies(std::span<const std::uint8_t> message,
                                              std::span<const std::uint8_t> signature) const {
  const Result<Libcrypto, std::string> crypto = load_libcrypto();
  if (!crypto) return crypto.error();
  const std::uint8_t* at = der_.data();
  const Owned<EVP_PKEY> key(crypto->d2i_PUBKEY(nullptr, &at, static_cast<long>(der_.size())),
                            crypto->EVP_PKEY_free);
  const Owned<EVP_MD_CTX> context(crypto->EVP_MD_CTX_new(), crypto->EVP_MD_CTX_free);
  const auto is_valid = [&] {
    // A point that is not on the curve is refused by `d2i_PUBKEY`.
    if (key == nullptr || context == nullptr) return false;
    const EVP_MD* const digest =
        crypto->EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519 ? nullptr : crypto->EVP_sha256();
    return crypto->EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
           crypto->EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                    message.data(), message.size()) == 1;
  };
  const bool is_signed = is_valid();
  crypto->ERR_clear_error();
  return is_signed;
}

}  // namespace tenon::registry
