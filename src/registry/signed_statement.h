// Documents that approve packages of OCI registries, as cosign makes them: which manifests are approved,
// and the signature.
//
// Signers sign the digest of a package's manifest, which contains the digests of everything
// else. A signature is a document in the repository of the package, in one of two forms:
//
//   simple signing    until cosign 2. The manifest with the tag `sha256-<digits>.sig` has a layer
//                     for each signature: a document with the digest. An annotation of the layer
//                     is its signature.
//   Sigstore bundle   since cosign 3. An artifact that refers to the manifest: a statement of
//                     in-toto about the digest, in a signed envelope.
//
// Source: cosign, specs/SIGNATURE_SPEC.md and specs/BUNDLE_SPEC.md; DSSE 1.0.2, "Protocol"; in-toto
//         attestation 1.1, "Statement".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/oci_manifest.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

// The statement of `cosign sign`: the signer approves the package. Other statements describe it,
// for example how it was built.
inline constexpr std::string_view kSignPredicate = "https://sigstore.dev/cosign/sign/v1";

struct SignedStatement {
  struct Subject {
    std::string digest;  // of a manifest: `sha256:` and 64 digits
    // The signer's name for the repository: "registry.example/acme/math". Bundles of cosign have none.
    std::string repository;

    bool operator==(const Subject&) const = default;
  };

  std::string predicate;  // what it says of its subjects: `kSignPredicate`, or another URI
  std::vector<Subject> subjects;
  Bytes message;               // the bytes that are signed
  std::size_t payload_at = 0;  // where the document begins in `message`
  Bytes signature;             // ASN.1 (DER)

  bool operator==(const SignedStatement&) const = default;
};

// Simple signing. signature: base64.
[[nodiscard]] Result<SignedStatement, ManifestError> parse_simple_signing(
    std::span<const std::uint8_t> payload, std::string_view signature);
// A Sigstore bundle with a statement.
[[nodiscard]] Result<SignedStatement, ManifestError> parse_sigstore_bundle(
    std::span<const std::uint8_t> text);

}  // namespace tenon::registry
