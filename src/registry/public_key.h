// The public keys by which signatures of packages are checked. Those that users name are ECDSA on the
// curve P-256 with SHA-256, which is what `cosign generate-key-pair` makes. Certificates and trusted
// roots can have others.
//
//   const Result<PublicKey, std::string> key = PublicKey::parse(text_of_cosign_pub);
//   const Result<bool, std::string> is_signed = key->verifies(message, signature);
//
// OpenSSL is loaded for each check.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/result.h"

namespace tenon::registry {

class PublicKey final {
 public:
  // text: a PEM file, "-----BEGIN PUBLIC KEY-----".
  // Errors: the rule that it breaks, as a predicate of the key: "is a private key".
  // Source: RFC 7468, section 13; RFC 5480.
  [[nodiscard]] static Result<PublicKey, std::string> parse(std::string_view text);

  // A key of a certificate or a trusted root. der: SubjectPublicKeyInfo. If OpenSSL cannot read it, the
  // key verifies nothing.
  [[nodiscard]] static PublicKey from_der(std::vector<std::uint8_t> der) {
    return PublicKey(std::move(der));
  }

  // Whether the owner of the key signed the message: its SHA-256, or with Ed25519 the message itself.
  // signature: as OpenSSL writes it, for ECDSA in ASN.1 (DER); for anything else the result is false.
  // Errors: why it cannot be checked: OpenSSL is missing.
  [[nodiscard]] Result<bool, std::string> verifies(std::span<const std::uint8_t> message,
                                                   std::span<const std::uint8_t> signature) const;

  [[nodiscard]] const std::vector<std::uint8_t>& der() const { return der_; }
  // SHA-256 of its DER form in hexadecimal digits, as other programs show it.
  [[nodiscard]] std::string fingerprint() const;

 private:
  explicit PublicKey(std::vector<std::uint8_t> der) : der_(std::move(der)) {}

  std::vector<std::uint8_t> der_;  // SubjectPublicKeyInfo
};

}  // namespace tenon::registry
