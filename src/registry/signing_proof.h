// The evidence that accompanies a signature without a key, in the formats of cosign: the certificate of
// the signer, the entry of the transparency log, and timestamps.
//
// Source: sigstore/protobuf-specs, sigstore_bundle.proto, as protobuf writes JSON; cosign,
//         specs/SIGNATURE_SPEC.md, "Properties".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "registry/oci_manifest.h"
#include "registry/transparency_log.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

struct SigningProof {
  Bytes certificate;  // DER
  LogEntry entry;
  std::vector<Bytes> timestamps;  // of the signature
};

// Reads the proof in a Sigstore bundle, 0.1 to 0.3. Only the first certificate of a chain is read: the
// others come from the trusted root.
[[nodiscard]] Result<SigningProof, ManifestError> parse_bundle_proof(
    std::span<const std::uint8_t> text);
// Reads the proof in a signature of cosign 2, whose certificate is a PEM file.
[[nodiscard]] Result<SigningProof, ManifestError> parse_cosign_proof(const CosignLayer& layer);

}  // namespace tenon::registry
