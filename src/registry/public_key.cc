#include "registry/public_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "engine/sha256.h"
#include "support/base64.h"
#include "support/system_library.h"
#include "support/try.h"

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

struct VerifyFunctions {
  decltype(&::d2i_PUBKEY) read_key = nullptr;
  decltype(&::EVP_PKEY_free) free_key = nullptr;
  decltype(&::EVP_MD_CTX_new) make_context = nullptr;
  decltype(&::EVP_MD_CTX_free) free_context = nullptr;
  decltype(&::EVP_sha256) sha256 = nullptr;
  decltype(&::EVP_DigestVerifyInit) start = nullptr;
  decltype(&::EVP_DigestVerify) verify = nullptr;
  decltype(&::ERR_clear_error) clear_errors = nullptr;
};

Result<VerifyFunctions, std::string> load_verify_functions() {
  static const std::array<std::string, 1> kNames = {"libcrypto.so.3"};
  TENON_TRY(SystemLibrary library, SystemLibrary::load(kNames));
  VerifyFunctions functions;
  library.find(functions.read_key, "d2i_PUBKEY");
  library.find(functions.free_key, "EVP_PKEY_free");
  library.find(functions.make_context, "EVP_MD_CTX_new");
  library.find(functions.free_context, "EVP_MD_CTX_free");
  library.find(functions.sha256, "EVP_sha256");
  library.find(functions.start, "EVP_DigestVerifyInit");
  library.find(functions.verify, "EVP_DigestVerify");
  library.find(functions.clear_errors, "ERR_clear_error");
  TENON_TRY_VOID(library.check());
  return functions;
}

}  // namespace

Result<PublicKey, std::string> PublicKey::parse(std::string_view text) {
  if (text.find("PRIVATE KEY-----") != text.npos)
    return std::string("is a private key; expected the public one");
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == text.npos || end == text.npos || end < begin)
    return "is not a public key: expected a PEM file with `" + std::string(kBegin) + '`';
  std::string digits(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  std::erase_if(digits, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  std::optional<std::vector<std::uint8_t>> der = decode_base64(digits);
  if (!der) return std::string("is damaged: it is not base64");
  if (der->size() != kP256Bytes || !std::ranges::equal(std::span(*der).first(kP256.size()), kP256))
    return std::string("is not an ECDSA key on the curve P-256");
  return PublicKey(*std::move(der));
}

std::string PublicKey::fingerprint() const { return engine::sha256_hex(der_); }

Result<bool, std::string> PublicKey::verifies(std::span<const std::uint8_t> message,
                                              std::span<const std::uint8_t> signature) const {
  const Result<VerifyFunctions, std::string> openssl = load_verify_functions();
  if (!openssl) return "OpenSSL cannot be used: " + openssl.error();
  const std::uint8_t* at = der_.data();
  const std::unique_ptr<EVP_PKEY, decltype(openssl->free_key)> key(
      openssl->read_key(nullptr, &at, static_cast<long>(der_.size())), openssl->free_key);
  const std::unique_ptr<EVP_MD_CTX, decltype(openssl->free_context)> context(
      openssl->make_context(), openssl->free_context);
  // A point that is not on the curve is refused by `read_key`.
  const bool is_signed =
      key != nullptr && context != nullptr &&
      openssl->start(context.get(), nullptr, openssl->sha256(), nullptr, key.get()) == 1 &&
      openssl->verify(context.get(), signature.data(), signature.size(), message.data(),
                      message.size()) == 1;
  openssl->clear_errors();
  return is_signed;
}

}  // namespace tenon::registry
