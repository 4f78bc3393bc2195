#include "registry/keyless.h"

#include <fmt/core.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/sha256.h"
#include "registry/timestamp.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

// Checks that the entry is about this signature, by this certificate, of this statement.
Result<void, std::string> check_entry(const LogEntry& entry, const Certificate& certificate,
                                      const SignedStatement& statement) {
  const Result<LoggedSignature, std::string> logged = parse_log_body(entry.body);
  if (!logged) return "the entry of its log cannot be used: " + logged.error();
  std::span<const std::uint8_t> hashed = statement.message;
  if (logged->of == LoggedSignature::Of::Payload) hashed = hashed.subspan(statement.payload_at);
  if (logged->digest != engine::sha256_hex(hashed))
    return std::string("the entry of its log is for something else");
  if (logged->signature != statement.signature)
    return std::string("the entry of its log is for another signature");
  if (logged->certificate != certificate.der())
    return std::string("the entry of its log is for another certificate");
  return {};
}

// All times at which the signature is proven to have existed: at least one.
Result<std::vector<std::int64_t>, std::string> find_times(const Libcrypto& crypto,
                                                          const TrustedRoot& root,
                                                          const SigningProof& proof,
                                                          const SignedStatement& statement) {
  std::vector<std::int64_t> times;
  if (!proof.entry.promise.empty()) times.push_back(proof.entry.time);
  std::string reason =
      "nothing proves when it was made: it has no promise of a log and no timestamp";
  for (const Bytes& timestamp : proof.timestamps) {
    const Result<std::int64_t, std::string> time =
        check_timestamp(crypto, root.timestamp_authorities, timestamp, statement.signature);
    if (time)
      times.push_back(*time);
    else
      reason = time.error();
  }
  if (times.empty()) return reason;
  return times;
}

// Checks that one of the authorities had issued the certificate, which was valid then.
Result<PublicKey, std::string> find_issuer(std::span<const TrustedAuthority> authorities,
                                           const Certificate& certificate, std::int64_t time) {
  std::string reason = "the trusted root has no certificate authority for that time";
  for (const TrustedAuthority& authority : authorities) {
    if (!authority.validity.contains(time)) continue;
    Result<PublicKey, std::string> issuer = certificate.check_chain(authority, time);
    if (issuer) return issuer;
    reason = issuer.error();
  }
  return reason;
}

Result<void, std::string> check_certificate(const TrustedRoot& root, const Certificate& certificate,
                                            std::span<const std::int64_t> times) {
  for (const std::int64_t time : times) {
    TENON_TRY(const PublicKey issuer, find_issuer(root.certificate_authorities, certificate, time));
    TENON_TRY_VOID(certificate.check_log(root.certificate_logs, issuer));
  }
  if (!certificate.is_for_code())
    return std::string("its certificate is not one for signing code (extended key usage)");
  return {};
}

Result<void, std::string> check_all(const Libcrypto& crypto, const TrustedRoot& root,
                                    const SigningProof& proof, const Certificate& certificate,
                                    const SignedStatement& statement) {
  TENON_TRY(const bool is_signed,
            certificate.key().verifies(statement.message, statement.signature));
  if (!is_signed) return std::string("it is not signed by the key of its certificate");
  const TrustedLog* const log = find_log(root.transparency_logs, proof.entry.log_id);
  if (log == nullptr) return std::string("its transparency log is not one of the trusted root");
  TENON_TRY_VOID(check_inclusion(*log, proof.entry));
  TENON_TRY_VOID(check_entry(proof.entry, certificate, statement));
  TENON_TRY(const std::vector<std::int64_t> times, find_times(crypto, root, proof, statement));
  for (const std::int64_t time : times)
    if (!log->validity.contains(time))
      return std::string("the trusted root does not trust its transparency log at that time");
  return check_certificate(root, certificate, times);
}

}  // namespace

std::string print_owner(const CertificateOwner& owner) {
  const std::string identity = owner.identities.empty() ? "" : owner.identities.front();
  return fmt::format("`{}` of `{}`", sanitize_text(identity), sanitize_text(owner.issuer));
}

Result<CertificateOwner, std::string> check_keyless(const Libcrypto& crypto,
                                                    const TrustedRoot& root,
                                                    const SigningProof& proof,
                                                    const SignedStatement& statement) {
  TENON_TRY(const Certificate certificate, Certificate::read(crypto, proof.certificate));
  CertificateOwner owner = certificate.owner();
  const Result<void, std::string> checked = check_all(crypto, root, proof, certificate, statement);
  if (!checked)
    return fmt::format("{}; its certificate is for {}", checked.error(), print_owner(owner));
  return owner;
}

}  // namespace tenon::registry
