#include "registry/signatures.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "support/base64.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kSimpleType = "cosign container image signature";
constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view kStatementType = "application/vnd.in-toto+json";
constexpr std::string_view kSignPredicate = "https://sigstore.dev/cosign/sign/v1";
// The most signatures of each form that are read. Whoever can write to the repository can add more.
constexpr std::size_t kMostSignatures = 64;

// The member at the end of a path of keys; null if there is none.
const Json* find_member(const Json& json, std::initializer_list<const char*> path) {
  const Json* at = &json;
  for (const char* const key : path) {
    if (!at->is_object()) return nullptr;
    const auto member = at->find(key);
    if (member == at->end()) return nullptr;
    at = &*member;
  }
  return at;
}

std::string find_text_at(const Json& json, std::initializer_list<const char*> path) {
  const Json* const member = find_member(json, path);
  return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

// The bytes whose signature a DSSE envelope has: lengths in decimal, then the texts.
Bytes pre_authentication_encoding(std::string_view type, std::string_view payload) {
  const std::string text =
      fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
  return Bytes(text.begin(), text.end());
}

// The digests of a statement's subjects.
Result<std::vector<std::string>, ManifestError> read_statement(std::string_view text) {
  const Json statement = Json::parse(text.begin(), text.end(), nullptr, false);
  const std::string predicate = find_text_at(statement, {"predicateType"});
  if (predicate != kSignPredicate)
    return ManifestError{fmt::format("it is not a signature: its predicate is `{}`; expected `{}`",
                                     sanitize_text(predicate), kSignPredicate)};
  std::vector<std::string> digests;
  if (const Json* const subjects = find_member(statement, {"subject"}))
    for (const Json& subject : *subjects)
      if (std::string digest = "sha256:" + find_text_at(subject, {"digest", "sha256"});
          is_oci_digest(digest))
        digests.push_back(std::move(digest));
  if (digests.empty()) return ManifestError{"its statement has no subject with a SHA-256"};
  return digests;
}

// The last two parts of a repository: the namespace and the name of its package.
std::string_view package_part(std::string_view repository) {
  const std::size_t name = repository.rfind('/');
  if (name == repository.npos || name == 0) return repository;
  const std::size_t space = repository.rfind('/', name - 1);
  return space == repository.npos ? repository : repository.substr(space + 1);
}

// The repository in a text such as "registry.example:5000/acme/math:1.0.0".
std::string_view repository_of(std::string_view identity) {
  if (const std::size_t host = identity.find('/'); host != identity.npos)
    identity.remove_prefix(host + 1);
  return identity.substr(0, identity.find_first_of(":@"));
}

// The search for a signature of one manifest. Documents that are not signatures by one of the keys
// become notes.
class SignatureSearch final {
 public:
  SignatureSearch(OciClient& client, const OciReference& reference,
                  std::span<const SigningKey> keys)
      : client_(client), reference_(reference), keys_(keys) {}

  // Errors: as find_oci_signer.
  Result<const SigningKey*> run() {
    TENON_TRY(const SigningKey* signer, find_simple_signing());
    if (signer == nullptr) {
      TENON_TRY(signer, find_bundle());
    }
    if (signer == nullptr) return missing_signature();
    return signer;
  }

 private:
  // The key of a signature in this form; null if there is none.
  Result<const SigningKey*> find_simple_signing();
  Result<const SigningKey*> find_bundle();
  // The key that signed the statement; null if it is not one of the keys, or another manifest is signed.
  Result<const SigningKey*> find_signer(const Result<SignedStatement, ManifestError>& statement);
  [[nodiscard]] Diagnostic missing_signature() const;
  [[nodiscard]] Diagnostic make_problem(std::string_view reason) const {
    return make_diagnostic(Code::ExtSignature, "`{}` {}",
                           sanitize_text(print_oci_reference(reference_)), reason);
  }
  void reject(std::string_view reason) { rejected_.emplace_back(reason); }

  OciClient& client_;
  const OciReference& reference_;
  std::span<const SigningKey> keys_;
  std::vector<std::string> rejected_;  // why each signature does not count
};

Result<const SigningKey*> SignatureSearch::find_simple_signing() {
  std::string tag = reference_.digest + ".sig";
  tag.replace(tag.find(':'), 1, "-");
  TENON_TRY(const std::optional<Bytes> manifest,
            client_.pull_text(reference_.repository, tag, kManifestType));
  if (!manifest) return nullptr;
  const auto layers = parse_cosign_layers(*manifest);
  if (!layers) {
    reject(fmt::format("`{}`: {}", tag, layers.error().reason));
    return nullptr;
  }
  const std::size_t count = std::min(layers->size(), kMostSignatures);
  for (const CosignLayer& layer : std::span(*layers).first(count)) {
    TENON_TRY(const Bytes payload,
              client_.pull_blob(reference_.repository, layer.payload, Intent::Pull));
    TENON_TRY(const SigningKey* const signer,
              find_signer(parse_simple_signing(payload, layer.signature)));
    if (signer != nullptr) return signer;
  }
  return nullptr;
}

Result<const SigningKey*> SignatureSearch::find_bundle() {
  TENON_TRY(const std::optional<Bytes> index,
            client_.list_referrers(reference_.repository, reference_.digest, kBundleType));
  if (!index) return nullptr;
  const auto referrers = parse_oci_index(*index, kBundleType);
  if (!referrers) {
    reject(fmt::format("the list of referrers: {}", referrers.error().reason));
    return nullptr;
  }
  const std::size_t count = std::min(referrers->size(), kMostSignatures);
  for (const OciDescriptor& referrer : std::span(*referrers).first(count)) {
    Diagnostics notes;
    TENON_TRY(const std::optional<Bytes> bundle,
              client_.pull_document(reference_.repository, referrer.digest, kBundleType,
                                    Intent::Pull, notes));
    for (const Diagnostic& note : notes) reject(note.message);
    if (!bundle) continue;
    TENON_TRY(const SigningKey* const signer, find_signer(parse_sigstore_bundle(*bundle)));
    if (signer != nullptr) return signer;
  }
  return nullptr;
}

Result<const SigningKey*> SignatureSearch::find_signer(
    const Result<SignedStatement, ManifestError>& statement) {
  if (!statement) {
    reject(statement.error().reason);
    return nullptr;
  }
  for (const SigningKey& key : keys_) {
    const Result<bool, std::string> verified =
        key.key.verifies(statement->message, statement->signature);
    if (!verified) {
      Diagnostic problem = make_problem("cannot be checked for its signature");
      problem.notes.push_back({verified.error(), {}, {}});
      problem.hints.emplace_back("install OpenSSL 3 (Debian: libssl3)");
      return problem;
    }
    if (!*verified) continue;
    if (std::ranges::find(statement->digests, reference_.digest) == statement->digests.end())
      reject(fmt::format("it is signed by {}, but for another manifest: {}", key.name,
                         statement->digests.front()));
    else if (!statement->identity.empty() && package_part(repository_of(statement->identity)) !=
                                                 package_part(reference_.repository))
      reject(fmt::format("it is signed by {}, but for the repository `{}`", key.name,
                         sanitize_text(statement->identity)));
    else
      return &key;
    return nullptr;
  }
  reject("it is not by an accepted key");
  return nullptr;
}

Diagnostic SignatureSearch::missing_signature() const {
  constexpr std::size_t kMostShown = 5;
  std::vector<std::string_view> names;
  for (const SigningKey& key : keys_) names.push_back(key.name);
  Diagnostic problem =
      make_problem(rejected_.empty() ? "is not signed" : "has no signature by an accepted key");
  problem.notes.push_back(
      {fmt::format("the policy requires a signature by {}", fmt::join(names, " or ")), {}, {}});
  for (std::size_t i = 0; i < std::min(rejected_.size(), kMostShown); ++i)
    problem.notes.push_back(
        {fmt::format("signature {} is not used: {}", i + 1, rejected_[i]), {}, {}});
  problem.hints.push_back(fmt::format("if it is yours: `cosign sign --key cosign.key {}/{}@{}`",
                                      reference_.registry, reference_.repository,
                                      reference_.digest));
  problem.hints.emplace_back(
      "otherwise ask its publisher for a signature, or change `[[signatures]]` of policy.toml");
  return problem;
}

}  // namespace

Result<SignedStatement, ManifestError> parse_simple_signing(std::span<const std::uint8_t> payload,
                                                            std::string_view signature) {
  const Json json = Json::parse(payload.begin(), payload.end(), nullptr, false);
  if (find_text_at(json, {"critical", "type"}) != kSimpleType)
    return ManifestError{fmt::format("its type is not `{}`", kSimpleType)};
  SignedStatement statement;
  statement.digests = {find_text_at(json, {"critical", "image", "docker-manifest-digest"})};
  if (!is_oci_digest(statement.digests.front())) return ManifestError{"it names no digest"};
  statement.identity = find_text_at(json, {"critical", "identity", "docker-reference"});
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
  const std::optional<Bytes> payload = decode_base64(find_text_at(*envelope, {"payload"}));
  const Json* const signatures = find_member(*envelope, {"signatures"});
  // A bundle has exactly one.
  if (!payload || signatures == nullptr || !signatures->is_array() || signatures->size() != 1)
    return ManifestError{"its envelope is not a payload with one signature"};
  std::optional<Bytes> der = decode_base64(find_text_at(signatures->front(), {"sig"}));
  if (!der) return ManifestError{"its signature is not base64"};
  const std::string body(payload->begin(), payload->end());
  SignedStatement statement;
  TENON_TRY(statement.digests, read_statement(body));
  statement.message = pre_authentication_encoding(type, body);
  statement.signature = *std::move(der);
  return statement;
}

Result<const SigningKey*> find_oci_signer(HttpClient& http, OciSettings settings,
                                          const OciReference& reference,
                                          std::span<const SigningKey> keys) {
  TENON_TRY(OciClient client, OciClient::open(http, std::move(settings)));
  return SignatureSearch(client, reference, keys).run();
}

}  // namespace tenon::registry
