#include "registry/signatures.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/keyless.h"
#include "registry/libcrypto.h"
#include "registry/oci_manifest.h"
#include "registry/signed_statement.h"
#include "registry/signing_proof.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
// The most signatures of each form that are read. Whoever can write to the repository can add more.
constexpr std::size_t kMostSignatures = 64;

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

// The predicate that a statement must have to be a signature for the pattern.
std::string_view predicate_of(const SignatureIdentity& pattern) {
  return pattern.statement.empty() ? kSignPredicate : std::string_view(pattern.statement);
}

// The search for a signature of one manifest. Documents that are not signatures by an accepted signer
// become notes.
class SignatureSearch final {
 public:
  SignatureSearch(OciClient& client, const OciReference& reference, const AcceptedSigners& accepted)
      : client_(client), reference_(reference), accepted_(accepted) {}

  // Errors: as find_oci_signer.
  Result<ExtensionSigner> run() {
    if (!accepted_.identities.empty()) {
      const Result<Libcrypto, std::string> crypto = load_libcrypto();
      if (!crypto) return missing_openssl(crypto.error());
      crypto_ = *crypto;
    }
    TENON_TRY(std::optional<ExtensionSigner> signer, find_simple_signing());
    if (!signer) {
      TENON_TRY(signer, find_bundle());
    }
    if (!signer) return missing_signature();
    return *std::move(signer);
  }

 private:
  using Statement = Result<SignedStatement, ManifestError>;
  using Proof = Result<SigningProof, ManifestError>;

  // The signer of a signature in this form; absent if there is none.
  Result<std::optional<ExtensionSigner>> find_simple_signing();
  Result<std::optional<ExtensionSigner>> find_bundle();
  // Who signed the statement; absent if it is not an accepted signer, or another manifest is signed.
  // proof: of a signer without a key.
  Result<std::optional<ExtensionSigner>> find_signer(const Statement& statement,
                                                     const Proof& proof);
  // The key or the identity of a statement that is signed by one.
  Result<const SigningKey*> find_key(const SignedStatement& statement);
  std::optional<ExtensionSigner> find_identity(const SignedStatement& statement,
                                               const Proof& proof);
  // Whether the statement is about the package. signer: for messages.
  bool check_subject(const SignedStatement& statement, std::string_view signer);
  [[nodiscard]] Diagnostic missing_signature() const;
  [[nodiscard]] Diagnostic missing_openssl(std::string_view reason) const;
  [[nodiscard]] Diagnostic make_problem(std::string_view reason) const {
    return make_diagnostic(Code::ExtSignature, "`{}` {}",
                           sanitize_text(print_oci_reference(reference_)), reason);
  }
  void reject(std::string_view reason) { rejected_.emplace_back(reason); }

  OciClient& client_;
  const OciReference& reference_;
  const AcceptedSigners& accepted_;
  std::optional<Libcrypto> crypto_;    // if there are identities
  std::vector<std::string> rejected_;  // why each signature does not count
};

Result<std::optional<ExtensionSigner>> SignatureSearch::find_simple_signing() {
  std::string tag = reference_.digest + ".sig";
  tag.replace(tag.find(':'), 1, "-");
  TENON_TRY(const std::optional<Bytes> manifest,
            client_.pull_text(reference_.repository, tag, kManifestType));
  if (!manifest) return std::optional<ExtensionSigner>();
  const auto layers = parse_cosign_layers(*manifest);
  if (!layers) {
    reject(fmt::format("`{}`: {}", tag, layers.error().reason));
    return std::optional<ExtensionSigner>();
  }
  const std::size_t count = std::min(layers->size(), kMostSignatures);
  for (const CosignLayer& layer : std::span(*layers).first(count)) {
    TENON_TRY(const Bytes payload,
              client_.pull_blob(reference_.repository, layer.payload, Intent::Pull));
    TENON_TRY(
        std::optional<ExtensionSigner> signer,
        find_signer(parse_simple_signing(payload, layer.signature), parse_cosign_proof(layer)));
    if (signer) return signer;
  }
  return std::optional<ExtensionSigner>();
}

Result<std::optional<ExtensionSigner>> SignatureSearch::find_bundle() {
  TENON_TRY(const std::optional<Bytes> index,
            client_.list_referrers(reference_.repository, reference_.digest, kBundleType));
  if (!index) return std::optional<ExtensionSigner>();
  const auto referrers = parse_oci_index(*index, kBundleType);
  if (!referrers) {
    reject(fmt::format("the list of referrers: {}", referrers.error().reason));
    return std::optional<ExtensionSigner>();
  }
  const std::size_t count = std::min(referrers->size(), kMostSignatures);
  for (const OciDescriptor& referrer : std::span(*referrers).first(count)) {
    Diagnostics notes;
    TENON_TRY(const std::optional<Bytes> bundle,
              client_.pull_document(reference_.repository, referrer.digest, kBundleType,
                                    Intent::Pull, notes));
    for (const Diagnostic& note : notes) reject(note.message);
    if (!bundle) continue;
    TENON_TRY(std::optional<ExtensionSigner> signer,
              find_signer(parse_sigstore_bundle(*bundle), parse_bundle_proof(*bundle)));
    if (signer) return signer;
  }
  return std::optional<ExtensionSigner>();
}

Result<std::optional<ExtensionSigner>> SignatureSearch::find_signer(const Statement& statement,
                                                                    const Proof& proof) {
  if (!statement) {
    reject(statement.error().reason);
    return std::optional<ExtensionSigner>();
  }
  TENON_TRY(const SigningKey* const key, find_key(*statement));
  std::optional<ExtensionSigner> signer;
  if (key != nullptr)
    signer = ExtensionSigner{.key = key->name, .sha256 = key->key.fingerprint()};
  else if (!accepted_.identities.empty())
    signer = find_identity(*statement, proof);
  else if (statement->predicate != kSignPredicate)
    reject(fmt::format("it is not a signature: its predicate is `{}`; expected `{}`",
                       sanitize_text(statement->predicate), kSignPredicate));
  else
    reject("it is not by an accepted key");
  if (signer && !check_subject(*statement, key != nullptr
                                               ? key->name
                                               : print_owner({{signer->identity}, signer->issuer})))
    signer.reset();
  return signer;
}

Result<const SigningKey*> SignatureSearch::find_key(const SignedStatement& statement) {
  if (statement.predicate != kSignPredicate) return nullptr;
  for (const SigningKey& key : accepted_.keys) {
    const Result<bool, std::string> verified =
        key.key.verifies(statement.message, statement.signature);
    if (!verified) return missing_openssl(verified.error());
    if (*verified) return &key;
  }
  return nullptr;
}

std::optional<ExtensionSigner> SignatureSearch::find_identity(const SignedStatement& statement,
                                                              const Proof& proof) {
  if (!proof) {
    reject(accepted_.keys.empty() ? proof.error().reason
                                  : "it is not by an accepted key; " + proof.error().reason);
    return std::nullopt;
  }
  const Result<CertificateOwner, std::string> owner =
      check_keyless(*crypto_, *accepted_.root, *proof, statement);
  if (!owner) {
    reject(owner.error());
    return std::nullopt;
  }
  bool is_accepted = false;
  for (const SignatureIdentity& pattern : accepted_.identities)
    for (const std::string& identity : owner->identities) {
      if (!accepts(pattern, identity, owner->issuer)) continue;
      if (predicate_of(pattern) == statement.predicate)
        return ExtensionSigner{.identity = identity, .issuer = owner->issuer};
      is_accepted = true;
    }
  if (is_accepted)
    reject(fmt::format(
        "it is signed by {}, but the policy accepts another `statement`: its predicate is `{}`",
        print_owner(*owner), sanitize_text(statement.predicate)));
  else
    reject(
        fmt::format("it is signed by {}, which the policy does not accept", print_owner(*owner)));
  return std::nullopt;
}

bool SignatureSearch::check_subject(const SignedStatement& statement, std::string_view signer) {
  const auto subject =
      std::ranges::find(statement.subjects, reference_.digest, &SignedStatement::Subject::digest);
  if (subject == statement.subjects.end()) {
    reject(fmt::format("it is signed by {}, but for another manifest: {}", signer,
                       statement.subjects.front().digest));
    return false;
  }
  if (subject->repository.empty() ||
      package_part(repository_of(subject->repository)) == package_part(reference_.repository))
    return true;
  reject(fmt::format("it is signed by {}, but for the repository `{}`", signer,
                     sanitize_text(subject->repository)));
  return false;
}

Diagnostic SignatureSearch::missing_openssl(std::string_view reason) const {
  Diagnostic problem = make_problem("cannot be checked for its signature");
  problem.notes.push_back({std::string(reason), {}, {}});
  problem.hints.emplace_back("install OpenSSL 3 (Debian: libssl3)");
  return problem;
}

Diagnostic SignatureSearch::missing_signature() const {
  constexpr std::size_t kMostShown = 5;
  Diagnostic problem =
      make_problem(rejected_.empty()              ? "is not signed"
                   : accepted_.identities.empty() ? "has no signature by an accepted key"
                                                  : "has no signature by an accepted signer");
  problem.notes.push_back(
      {fmt::format("the policy requires a signature by {}", print_signers(accepted_)), {}, {}});
  for (std::size_t i = 0; i < std::min(rejected_.size(), kMostShown); ++i)
    problem.notes.push_back(
        {fmt::format("signature {} is not used: {}", i + 1, rejected_[i]), {}, {}});
  problem.hints.push_back(fmt::format(
      "if it is yours: `cosign sign {}{}/{}@{}`", accepted_.keys.empty() ? "" : "--key cosign.key ",
      reference_.registry, reference_.repository, reference_.digest));
  problem.hints.emplace_back(
      "otherwise ask its publisher for a signature, or change `[[signatures]]` of policy.toml");
  return problem;
}

}  // namespace

bool accepts(const SignatureIdentity& pattern, std::string_view identity, std::string_view issuer) {
  return !identity.empty() && pattern.issuer == issuer && matches_glob(pattern.identity, identity);
}

std::string print_signers(const AcceptedSigners& signers) {
  std::vector<std::string> names;
  for (const SigningKey& key : signers.keys) names.push_back(key.name);
  for (const SignatureIdentity& pattern : signers.identities)
    names.push_back(print_owner({{pattern.identity}, pattern.issuer}));
  return fmt::format("{}", fmt::join(names, " or "));
}

Result<ExtensionSigner> find_oci_signer(HttpClient& http, OciSettings settings,
                                        const OciReference& reference,
                                        const AcceptedSigners& accepted) {
  TENON_TRY(OciClient client, OciClient::open(http, std::move(settings)));
  return SignatureSearch(client, reference, accepted).run();
}

}  // namespace tenon::registry
