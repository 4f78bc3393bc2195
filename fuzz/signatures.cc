// Property: any bytes are rejected with a reason as a document of a signature, as a list of signatures,
// as a proof of one without a key, as a trusted root, as a certificate and as a key, or are read as one
// whose digests have their form; a key of the input accepts no signature of it, and neither does a root.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "registry/keyless.h"
#include "registry/public_key.h"
#include "registry/signed_statement.h"
#include "registry/signing_proof.h"
#include "registry/source.h"
#include "registry/timestamp.h"
#include "registry/trusted_root.h"
#include "require.h"

namespace {

using namespace tenon;
using namespace tenon::registry;

constexpr std::string_view kBundle = "application/vnd.dev.sigstore.bundle.v0.3+json";

void check_statement(const Result<SignedStatement, ManifestError>& statement) {
  if (!statement) return require(!statement.error().reason.empty());
  require(!statement->subjects.empty() && statement->payload_at < statement->message.size());
  for (const SignedStatement::Subject& subject : statement->subjects)
    require(is_oci_digest(subject.digest));
}

// No key of this root signs anything, so every proof by it has a reason to be refused.
constexpr std::string_view kRoot = R"({"mediaType":"application/vnd.dev.sigstore.trustedroot",
  "tlogs":[{"publicKey":{"rawBytes":"AAAA","validFor":{"start":"2021-01-12T11:53:27Z"}},
            "logId":{"keyId":"AAAA"}}],
  "ctlogs":[{"publicKey":{"rawBytes":"AAAA","validFor":{"start":"2021-01-12T11:53:27Z"}},
             "logId":{"keyId":"AAAA"}}],
  "certificateAuthorities":[{"certChain":{"certificates":[{"rawBytes":"AAAA"}]},
                             "validFor":{"start":"2021-01-12T11:53:27Z"}}]})";

// Reads the input as each part of a signature without a key. What a part means is checked even if the parts
// before it are refused.
void check_keyless_parts(const Libcrypto& crypto, std::span<const std::uint8_t> bytes,
                         std::string_view text) {
  static const TrustedRoot root = *parse_trusted_root(kRoot);
  const auto proof = parse_bundle_proof(bytes);
  const auto statement = parse_sigstore_bundle(bytes);
  if (!proof) require(!proof.error().reason.empty());
  if (proof && statement) require(!check_keyless(crypto, root, *proof, *statement));
  if (proof) {
    require(!check_inclusion(root.transparency_logs.front(), proof->entry));
    (void)parse_log_body(proof->entry.body);
  }
  CosignLayer layer;
  layer.certificate = text;
  layer.log_entry = text;
  (void)parse_cosign_proof(layer);
  if (const auto logged = parse_log_body(bytes)) require(logged->digest.size() == 64);
  if (const auto other = parse_trusted_root(text))
    require(!other->transparency_logs.empty() && !other->certificate_authorities.empty());
  require(!check_timestamp(crypto, {}, bytes, bytes));
  const auto certificate = Certificate::read(crypto, bytes);
  if (!certificate) return;
  (void)certificate->owner();
  (void)certificate->is_for_code();
  require(!certificate->check_chain(root.certificate_authorities.front(), 0));
  require(!certificate->check_log(root.certificate_logs, certificate->key()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  check_statement(parse_simple_signing(bytes, "AQID"));
  check_statement(parse_sigstore_bundle(bytes));
  if (const auto layers = parse_cosign_layers(bytes))
    for (const CosignLayer& layer : *layers) require(is_oci_digest(layer.payload.digest));
  if (const auto index = parse_oci_index(bytes, kBundle))
    for (const OciDescriptor& manifest : *index) require(is_oci_digest(manifest.digest));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const Result<Libcrypto, std::string> crypto = load_libcrypto())
    check_keyless_parts(*crypto, bytes, text);
  const Result<PublicKey, std::string> key = PublicKey::parse(text);
  if (!key) {
    require(!key.error().empty());
    return 0;
  }
  const Result<bool, std::string> verified = key->verifies(bytes, bytes);
  require(!verified || !*verified);
  return 0;
}
