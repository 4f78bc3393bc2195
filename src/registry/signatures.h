// Signatures of packages in OCI registries, as cosign makes them, checked by public keys.
//
// What is signed is the digest of a package's manifest, which contains the digests of everything
// else. A signature is a document in the repository of the package, in one of two forms:
//
//   simple signing    until cosign 2. The manifest with the tag `sha256-<digits>.sig` has a layer
//                     for each signature: a document with the digest. An annotation of the layer
//                     is its signature.
//   Sigstore bundle   since cosign 3. An artifact that refers to the manifest: a statement of
//                     in-toto about the digest, in a signed envelope.
//
// A key that the user chose is the only proof. Certificates and entries of transparency logs, which
// both forms can contain, are not read.
//
// Source: cosign, specs/SIGNATURE_SPEC.md and specs/BUNDLE_SPEC.md; DSSE 1.0.2, "Protocol"; in-toto
//         attestation 1.1, "Statement"; OCI distribution specification 1.1, "Listing Referrers".
//         docs/adr/0066-signatures-and-releases.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/oci_client.h"
#include "registry/oci_manifest.h"
#include "registry/public_key.h"
#include "registry/source.h"
#include "tenon/result.h"

namespace tenon::registry {

// A key, and how messages name it.
struct SigningKey {
  std::string name;
  PublicKey key;
};

// A document that says which manifests are approved. It counts only if its signature is by a known
// key.
struct SignedStatement {
  std::vector<std::string> digests;  // of the manifests: `sha256:` and 64 digits
  // The signer's name for the repository: "registry.example/acme/math". A bundle does not say it.
  std::string identity;
  Bytes message;    // the bytes that are signed
  Bytes signature;  // ASN.1 (DER)

  bool operator==(const SignedStatement&) const = default;
};

// Simple signing. signature: base64.
[[nodiscard]] Result<SignedStatement, ManifestError> parse_simple_signing(
    std::span<const std::uint8_t> payload, std::string_view signature);
// A Sigstore bundle with the statement that `cosign sign` makes. Other statements about a package,
// such as how it was built, do not say that their signer approves it.
[[nodiscard]] Result<SignedStatement, ManifestError> parse_sigstore_bundle(
    std::span<const std::uint8_t> text);

// The key of a signature of the manifest: the first one found. A signature that names a repository must
// name one of the same package: one whose last two parts are the same, in any registry, so that copies
// with their signatures are accepted. reference: with a digest.
// Errors: ext-signature (none, or OpenSSL is missing), ext-fetch, ext-auth, ext-digest, ext-source.
// Lifetime: that of `keys`.
[[nodiscard]] Result<const SigningKey*> find_oci_signer(HttpClient& http, OciSettings settings,
                                                        const OciReference& reference,
                                                        std::span<const SigningKey> keys);

}  // namespace tenon::registry
