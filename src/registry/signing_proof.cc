#include "registry/signing_proof.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "registry/json_member.h"
#include "support/base64.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kFirstBundle = "application/vnd.dev.sigstore.bundle+json;version=0.1";
constexpr std::array<std::string_view, 4> kBundles = {
    kFirstBundle, "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json"};
// More hashes than a tree has levels, and more timestamps than a signer asks for.
constexpr std::size_t kMostHashes = 64;
constexpr std::size_t kMostTimestamps = 8;
constexpr std::uint64_t kLastTime = std::uint64_t{1} << 40;

// The list at the end of a path; null if there is none, or it is longer than `most`.
const Json* find_list(const Json& json, std::initializer_list<const char*> path, std::size_t most) {
  const Json* const list = find_member(json, path);
  return list != nullptr && list->is_array() && list->size() <= most ? list : nullptr;
}

// A time in seconds since 1970; 0 if it is absent, or is not one.
std::int64_t time_at(const Json& json, std::initializer_list<const char*> path) {
  const std::uint64_t time = find_count_at(json, path).value_or(0);
  return time > kLastTime ? 0 : static_cast<std::int64_t>(time);
}

Result<InclusionProof, ManifestError> read_inclusion_proof(const Json& json) {
  const std::optional<std::uint64_t> index = find_count_at(json, {"logIndex"});
  const std::optional<std::uint64_t> size = find_count_at(json, {"treeSize"});
  if (!index || !size)
    return ManifestError{"its inclusion proof has no number as `logIndex` or `treeSize`"};
  InclusionProof proof{.index = *index, .size = *size, .hashes = {}, .checkpoint = {}};
  if (find_member(json, {"hashes"}) != nullptr) {
    const Json* const hashes = find_list(json, {"hashes"}, kMostHashes);
    if (hashes == nullptr)
      return ManifestError{"the `hashes` of its inclusion proof are not a list, or are too many"};
    for (const Json& hash : *hashes) {
      std::optional<Bytes> bytes = find_bytes_at(hash, {});
      if (!bytes) return ManifestError{"its inclusion proof has a hash that is not base64"};
      proof.hashes.push_back(*std::move(bytes));
    }
  }
  proof.checkpoint = find_text_at(json, {"checkpoint", "envelope"});
  return proof;
}

Result<LogEntry, ManifestError> read_entry(const Json& json) {
  const std::optional<Bytes> id = find_bytes_at(json, {"logId", "keyId"});
  std::optional<Bytes> body = find_bytes_at(json, {"canonicalizedBody"});
  const std::optional<std::uint64_t> index = find_count_at(json, {"logIndex"});
  if (!id || !body || !index)
    return ManifestError{"the entry of its log has no `logId`, `canonicalizedBody` or `logIndex`"};
  LogEntry entry{.log_id = encode_hex(*id),
                 .index = *index,
                 .time = time_at(json, {"integratedTime"}),
                 .body = *std::move(body),
                 .promise = {},
                 .proof = {}};
  if (find_member(json, {"inclusionPromise"}) != nullptr) {
    std::optional<Bytes> promise =
        find_bytes_at(json, {"inclusionPromise", "signedEntryTimestamp"});
    if (!promise) return ManifestError{"the promise of its log is not base64"};
    entry.promise = *std::move(promise);
  }
  if (const Json* const proof = find_member(json, {"inclusionProof"})) {
    TENON_TRY(entry.proof, read_inclusion_proof(*proof));
  }
  return entry;
}

}  // namespace

Result<SigningProof, ManifestError> parse_bundle_proof(std::span<const std::uint8_t> text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  const std::string type = find_text_at(json, {"mediaType"});
  if (std::ranges::find(kBundles, type) == kBundles.end())
    return ManifestError{fmt::format("its `mediaType` is `{}`; expected `{}`", sanitize_text(type),
                                     kBundles.back())};
  const Json* const material = find_member(json, {"verificationMaterial"});
  if (material == nullptr) return ManifestError{"it has no `verificationMaterial`"};
  SigningProof proof;
  const Json* const chain = find_member(*material, {"x509CertificateChain", "certificates"});
  std::optional<Bytes> certificate = chain != nullptr && chain->is_array() && !chain->empty()
                                         ? find_bytes_at(chain->front(), {"rawBytes"})
                                         : find_bytes_at(*material, {"certificate", "rawBytes"});
  if (!certificate) return ManifestError{"it has no certificate"};
  proof.certificate = *std::move(certificate);
  const Json* const entries = find_list(*material, {"tlogEntries"}, 1);
  if (entries == nullptr || entries->empty())
    return ManifestError{"it does not have one entry in `tlogEntries`"};
  TENON_TRY(proof.entry, read_entry(entries->front()));
  if (!proof.entry.proof && type != kFirstBundle)
    return ManifestError{"the entry of its log has no `inclusionProof`"};
  // A proof of the first version can have no checkpoint, and then proves nothing.
  if (proof.entry.proof && proof.entry.proof->checkpoint.empty() && type == kFirstBundle)
    proof.entry.proof.reset();
  const auto path = {"timestampVerificationData", "rfc3161Timestamps"};
  if (find_member(*material, path) != nullptr) {
    const Json* const timestamps = find_list(*material, path, kMostTimestamps);
    if (timestamps == nullptr) return ManifestError{"it has too many timestamps"};
    for (const Json& row : *timestamps) {
      std::optional<Bytes> timestamp = find_bytes_at(row, {"signedTimestamp"});
      if (!timestamp) return ManifestError{"it has a timestamp that is not base64"};
      proof.timestamps.push_back(*std::move(timestamp));
    }
  }
  return proof;
}

Result<SigningProof, ManifestError> parse_cosign_proof(const CosignLayer& layer) {
  SigningProof proof;
  std::optional<Bytes> certificate = decode_pem(layer.certificate, "CERTIFICATE");
  if (!certificate) return ManifestError{"it has no certificate"};
  proof.certificate = *std::move(certificate);
  const Json json = Json::parse(layer.log_entry, nullptr, false);
  std::optional<Bytes> promise = find_bytes_at(json, {"SignedEntryTimestamp"});
  std::optional<Bytes> body = find_bytes_at(json, {"Payload", "body"});
  std::string id = find_text_at(json, {"Payload", "logID"});
  const std::optional<std::uint64_t> index = find_count_at(json, {"Payload", "logIndex"});
  if (!promise || !body || !index) return ManifestError{"it has no entry of a transparency log"};
  proof.entry = {.log_id = std::move(id),
                 .index = *index,
                 .time = time_at(json, {"Payload", "integratedTime"}),
                 .body = *std::move(body),
                 .promise = *std::move(promise),
                 .proof = {}};
  return proof;
}

}  // namespace tenon::registry
