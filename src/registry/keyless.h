// Signatures without a key, as `cosign verify --certificate-identity .. --certificate-oidc-issuer ..` accepts
// them. Their signer had a key for a few minutes: a certificate says whose it was, and the entry of a public
// log shows that the signature was made in these minutes.
//
//   TENON_TRY(const CertificateOwner owner, check_keyless(crypto, root, proof, statement));
//
// The owner of a store chooses which identities count; the trusted root, who can vouch for them.
//
// Source: Sigstore, "Sigstore Client Specification", 4 (verification).
//         docs/adr/0066-signatures-and-releases.md.
#pragma once

#include <string>

#include "registry/certificate.h"
#include "registry/libcrypto.h"
#include "registry/signed_statement.h"
#include "registry/signing_proof.h"
#include "registry/trusted_root.h"
#include "tenon/result.h"

namespace tenon::registry {

// Who signed the statement.
// Errors: the rule that the signature breaks, as a clause: "its certificate is not valid: ..".
[[nodiscard]] Result<CertificateOwner, std::string> check_keyless(const Libcrypto& crypto,
                                                                  const TrustedRoot& root,
                                                                  const SigningProof& proof,
                                                                  const SignedStatement& statement);

// For messages: "`https://github.com/..` of `https://token.actions.githubusercontent.com`".
[[nodiscard]] std::string print_owner(const CertificateOwner& owner);

}  // namespace tenon::registry
