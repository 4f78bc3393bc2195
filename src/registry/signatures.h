// The search for signatures of packages in OCI registries, by public keys or by identities that
// certificates name (`signed_statement.h`: what signatures are).
//
// Source: OCI distribution specification 1.1, "Listing Referrers".
//         docs/adr/0066-signatures-and-releases.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "registry/oci_client.h"
#include "registry/public_key.h"
#include "registry/source.h"
#include "registry/trusted_root.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::registry {

// A key, and how messages name it.
struct SigningKey {
  std::string name;
  PublicKey key;
};

// The signers whose signatures count. A signature by one of them is enough.
struct AcceptedSigners {
  std::span<const SigningKey> keys;
  std::span<const SignatureIdentity> identities;
  const TrustedRoot* root = nullptr;  // null: there are no identities
};

// Whether a pattern of the policy accepts this identity.
[[nodiscard]] bool accepts(const SignatureIdentity& pattern, std::string_view identity,
                           std::string_view issuer);
// For messages: "acme.pub or `https://..` of `https://..`".
[[nodiscard]] std::string print_signers(const AcceptedSigners& signers);

// Who signed the manifest: the first accepted signer that is found. A signature that names a repository
// must name one of the same package: one whose last two parts are the same, in any registry, so that
// copies with their signatures are accepted. reference: with a digest.
// Errors: ext-signature (none, or OpenSSL is missing), ext-fetch, ext-auth, ext-digest, ext-source.
[[nodiscard]] Result<ExtensionSigner> find_oci_signer(HttpClient& http, OciSettings settings,
                                                      const OciReference& reference,
                                                      const AcceptedSigners& accepted);

}  // namespace tenon::registry
