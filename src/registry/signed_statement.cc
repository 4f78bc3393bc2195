#include "registry/signed_statement.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "registry/json_member.h"
#include "registry/source.h"
#include "support/base64.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kSimpleType = "cosign container image signature";
constexpr std::string_view kStatementType = "application/vnd.in-toto+json";

// A DSSE envelope signs a header and its payload. Returns the header: the type, and both lengths in
// decimal.
std::string pre_authentication_header(std::string_view type, std::size_t payload_bytes) {
  return fmt::format("DSSEv1 {} {} {} ", type.size(), type, payload_bytes);
}

// Reads the predicate and the subjects of a statement.
Result<void, ManifestError> read_statement(std::span<const std::uint8_t> text,
                                           SignedStatement& signed_by) {
  const Json statement = Json::parse(text.begin(), text.end(), nullptr, false);
  signed_by.predicate = find_text_at(statement, {"predicateType"});
  if (signed_by.predicate.empty()) return ManifestError{"its statement has no `predicateType`"};
  if (const Json* const subjects = find_member(statement, {"subject"}))
    for (const Json& subject : *subjects) {
      std::string digest = "sha256:" + find_text_at(subject, {"digest", "sha256"});
      std::string name = find_text_at(subject, {"name"});
      // The names of files have no `/`.
      if (name.find('/') == name.npos) name.clear();
      if (is_oci_digest(digest)) signed_by.subjects.push_back({std::move(digest), std::move(name)});
    }
  if (signed_by.subjects.empty())
    return ManifestError{"its statement has no subject with a SHA-256"};
  return {};
}

}  // namespace

Result<SignedStatement, ManifestError> parse_simple_signing(std::span<const std::uint8_t> payload,
                                                            std::string_view signature) {
  const Json json = Json::parse(payload.begin(), payload.end(), nullptr, false);
  if (find_text_at(json, {"critical", "type"}) != kSimpleType)
    return ManifestError{fmt::format("its type is not `{}`", kSimpleType)};
  SignedStatement statement;
  statement.predicate = kSignPredicate;
  statement.subjects = {{find_text_at(json, {"critical", "image", "docker-manifest-digest"}),
                         find_text_at(json, {"critical", "identity", "docker-reference"})}};
  if (!is_oci_digest(statement.subjects.front().digest)) return ManifestError{"it names no digest"};
  std::optional<Bytes> der = decode_base64(signature);
  if (!der) return ManifestError{"its signature is not base64"};
  statement.signature = *std::move(der);
  statement.message = Bytes(payload.begin(), payload.end());
  return statement;
}

Result<SignedStatement, ManifestError> parse_sigstore_bundle(std::span<const std::uint8_t> text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  const Json* const envelope = find_member(json, {"dsseEnvelope"});
  if (envelope == nullptr) return ManifestError{"it is not a bundle with a `dsseEnvelope`"};
  const std::string type = find_text_at(*envelope, {"payloadType"});
  if (type != kStatementType)
    return ManifestError{fmt::format("the type of its payload is `{}`; expected `{}`",
                                     sanitize_text(type), kStatementType)};
  const std::optional<Bytes> payload = find_bytes_at(*envelope, {"payload"});
  const Json* const signatures = find_member(*envelope, {"signatures"});
  // A bundle has exactly one.
  if (!payload || signatures == nullptr || !signatures->is_array() || signatures->size() != 1)
    return ManifestError{"its envelope is not a payload with one signature"};
  std::optional<Bytes> der = find_bytes_at(signatures->front(), {"sig"});
  if (!der) return ManifestError{"its signature is not base64"};
  SignedStatement statement;
  TENON_TRY_VOID(read_statement(*payload, statement));
  const std::string header = pre_authentication_header(type, payload->size());
  statement.message = Bytes(header.begin(), header.end());
  statement.payload_at = header.size();
  statement.message.insert(statement.message.end(), payload->begin(), payload->end());
  statement.signature = *std::move(der);
  return statement;
}

}  // namespace tenon::registry
