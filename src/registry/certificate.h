// Certificates of signers without a key, which Fulcio issues: a key that was used for a few minutes, and
// the identity that an OpenID provider vouched for.
//
//   TENON_TRY(const Certificate certificate, Certificate::read(crypto, der));
//   TENON_TRY(const PublicKey issuer, certificate.check_chain(authority, time));
//   TENON_TRY_VOID(certificate.check_log(logs, issuer));
//
// libcrypto parses certificates and builds chains.
//
// Source: RFC 5280; RFC 6962, 3.2 and 3.3 (timestamps of certificate logs); Fulcio, docs/oid-info.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "registry/libcrypto.h"
#include "registry/public_key.h"
#include "registry/trusted_root.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

// Who a certificate is for.
struct CertificateOwner {
  std::vector<std::string> identities;  // URIs and email addresses
  std::string issuer;                   // the OpenID provider; can be empty
};

class Certificate final {
 public:
  // Errors, of all functions: the rule that it breaks, as a clause: "its certificate is damaged".
  // Lifetime: `crypto` must outlive it.
  [[nodiscard]] static Result<Certificate, std::string> read(const Libcrypto& crypto,
                                                             std::span<const std::uint8_t> der);

  [[nodiscard]] const Bytes& der() const { return der_; }
  [[nodiscard]] PublicKey key() const;
  [[nodiscard]] CertificateOwner owner() const;
  // True if it says that its key signs code.
  [[nodiscard]] bool is_for_code() const;

  // Checks that it was issued by the authority, and valid at that time. Returns the key that issued it.
  [[nodiscard]] Result<PublicKey, std::string> check_chain(const TrustedAuthority& authority,
                                                           std::int64_t time) const;
  // Checks that one of the logs promised to publish it, as its signed certificate timestamp says.
  // issuer: the key that issued it.
  [[nodiscard]] Result<void, std::string> check_log(std::span<const TrustedLog> logs,
                                                    const PublicKey& issuer) const;

 private:
  Certificate(const Libcrypto& crypto, Owned<X509> certificate, Bytes der)
      : crypto_(crypto), x509_(std::move(certificate)), der_(std::move(der)) {}

  // The value of the extension with this object identifier; empty if there is none.
  [[nodiscard]] Bytes find_extension(const char* oid) const;
  // The part that a log signs: the certificate without its list of timestamps. Empty on failure.
  [[nodiscard]] Bytes logged_bytes() const;

  const Libcrypto& crypto_;
  Owned<X509> x509_;
  Bytes der_;
};

// The certificates as what a chain can end with, at a point in time; null if one of them cannot be read.
[[nodiscard]] Owned<X509_STORE> make_store(const Libcrypto& crypto,
                                           std::span<const Bytes> certificates, std::int64_t time);

}  // namespace tenon::registry
