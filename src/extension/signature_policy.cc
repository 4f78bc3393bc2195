#include "extension/signature_policy.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

bool matches_any(const std::vector<std::string>& globs, std::string_view name) {
  return std::ranges::any_of(globs,
                             [&](const std::string& glob) { return matches_glob(glob, name); });
}

// A registry as rules see it. A host and the same host with its default port are one registry.
std::string name_of_registry(std::string_view text) {
  std::string name = registry::lower(text);
  for (const std::string_view port : {":443", ":80"})
    if (name.ends_with(port)) name.resize(name.size() - port.size());
  return name;
}

Diagnostic key_problem(std::string_view message) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
  problem.hints.emplace_back(
      "name the public key of a pair that `cosign generate-key-pair` makes: cosign.pub");
  return problem;
}

Diagnostic identity_problem(std::string_view message) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
  problem.hints.emplace_back("see `tenon explain ext-signature` for an example");
  return problem;
}

Diagnostic root_problem(std::string_view message) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
  problem.hints.emplace_back("name the file that `cosign trusted-root create` writes");
  return problem;
}

// Takes the identities of a rule, and the trusted root by which they are checked.
// Errors: config-value, for each that cannot be used.
Diagnostics check_identities(const SignatureRule& rule,
                             std::optional<registry::TrustedRoot>& root) {
  Diagnostics problems;
  for (const SignatureIdentity& pattern : rule.identities)
    if (pattern.identity.empty() || pattern.issuer.empty())
      problems.push_back(identity_problem(fmt::format(
          "the identity `{}` of a rule for signatures has {}", sanitize_text(pattern.identity),
          pattern.issuer.empty() ? "no issuer" : "no text")));
  if (rule.trusted_root.json.empty()) {
    problems.push_back(root_problem(
        "a rule for signatures has identities, but no trusted root that vouches for them"));
    return problems;
  }
  Result<registry::TrustedRoot, std::string> parsed =
      registry::parse_trusted_root(rule.trusted_root.json);
  if (parsed)
    root = *std::move(parsed);
  else
    problems.push_back(
        root_problem(fmt::format("the trusted root `{}` of a rule for signatures {}",
                                 sanitize_text(rule.trusted_root.name), parsed.error())));
  return problems;
}

// The signature covers the manifest, and not the tag that points to it: anyone who can write to the
// registry can give the tag of a new version to an old package with its signature.
Result<void> check_version(const registry::OciReference& reference, std::string_view version) {
  const Result<Version, VersionError> asked = parse_version(reference.tag);
  if (!asked || version.empty()) return {};
  const Result<Version, VersionError> named = parse_version(version);
  if (named && compare_precedence(*asked, *named) == 0) return {};
  Diagnostic problem = make_diagnostic(
      Code::ExtSignature, "`{}` is another version: its manifest says `{}`",
      sanitize_text(registry::print_oci_reference(reference)), sanitize_text(version));
  problem.hints.emplace_back(
      "ask its publisher which one is right; anyone who can write to the registry can give an old "
      "package a new tag");
  return problem;
}

std::string print_signer(const ExtensionSigner& signer) {
  if (signer.identity.empty())
    return fmt::format("{}, sha256 {}", sanitize_text(signer.key), sanitize_text(signer.sha256));
  return fmt::format("`{}` of `{}`", sanitize_text(signer.identity), sanitize_text(signer.issuer));
}

}  // namespace

bool SignaturePolicy::Rule::matches(const PackageOrigin& origin) const {
  return (packages.empty() || matches_any(packages, origin.package)) &&
         (registries.empty() ||
          std::ranges::any_of(origin.registries, [&](const std::string& name) {
            return matches_any(registries, name_of_registry(name));
          }));
}

bool SignaturePolicy::Rule::accepts(const ExtensionSigner& signer) const {
  return std::ranges::any_of(keys,
                             [&](const registry::SigningKey& key) {
                               return key.key.fingerprint() == signer.sha256;
                             }) ||
         std::ranges::any_of(identities, [&](const SignatureIdentity& pattern) {
           return registry::accepts(pattern, signer.identity, signer.issuer);
         });
}

Result<SignaturePolicy> SignaturePolicy::make(const std::vector<SignatureRule>& rules) {
  SignaturePolicy policy;
  Diagnostics problems;
  for (const SignatureRule& rule : rules) {
    Rule checked{.packages = rule.packages,
                 .registries = {},
                 .keys = {},
                 .identities = rule.identities,
                 .root = {}};
    for (const std::string& glob : rule.registries)
      checked.registries.push_back(name_of_registry(glob));
    if (rule.signed_by.empty() && rule.identities.empty())
      problems.push_back(key_problem(
          "a rule for signatures has no keys and no identities, so nothing satisfies it"));
    if (!rule.identities.empty())
      for (Diagnostic& problem : check_identities(rule, checked.root))
        problems.push_back(std::move(problem));
    for (const SignatureKey& key : rule.signed_by) {
      Result<registry::PublicKey, std::string> parsed = registry::PublicKey::parse(key.pem);
      if (parsed)
        checked.keys.push_back({sanitize_text(key.name), *std::move(parsed)});
      else
        problems.push_back(key_problem(fmt::format("the key `{}` of a rule for signatures {}",
                                                   sanitize_text(key.name), parsed.error())));
    }
    policy.rules_.push_back(std::move(checked));
  }
  if (!problems.empty()) return problems;
  return policy;
}

bool SignaturePolicy::applies_to(const PackageOrigin& origin) const {
  return std::ranges::any_of(rules_, [&](const Rule& rule) { return rule.matches(origin); });
}

Result<std::vector<ExtensionSigner>> SignaturePolicy::check(
    const PackageOrigin& origin, const registry::OciReference& reference, std::string_view version,
    registry::HttpClient& http, const registry::OciSettings& settings) const {
  std::vector<ExtensionSigner> signers;
  if (applies_to(origin)) TENON_TRY_VOID(check_version(reference, version));
  for (const Rule& rule : rules_) {
    if (!rule.matches(origin)) continue;
    TENON_TRY(ExtensionSigner signer,
              registry::find_oci_signer(http, settings, reference, rule.signers()));
    if (std::ranges::find(signers, signer) == signers.end()) signers.push_back(std::move(signer));
  }
  return signers;
}

Result<void> SignaturePolicy::check_recorded(const PackageOrigin& origin,
                                             const Extension& extension) const {
  for (const Rule& rule : rules_) {
    const auto accepts = [&](const ExtensionSigner& signer) { return rule.accepts(signer); };
    if (!rule.matches(origin) || std::ranges::any_of(extension.signed_by, accepts)) continue;
    Diagnostic problem = make_diagnostic(
        Code::ExtSignature, "`{}` {} has no recorded signature from an accepted {}", extension.name,
        extension.version, rule.identities.empty() ? "key" : "signer");
    problem.notes.push_back(
        {fmt::format("the policy requires a signature by {}", print_signers(rule.signers())),
         {},
         {}});
    for (const ExtensionSigner& signer : extension.signed_by)
      problem.notes.push_back({fmt::format("it is signed by {}", print_signer(signer)), {}, {}});
    problem.hints.emplace_back(
        "to look for a signature in its registry, check without `--offline`");
    return problem;
  }
  return {};
}

Result<void> SignaturePolicy::check_unsigned(const PackageOrigin& origin, std::string_view text,
                                             std::string_view kind) const {
  if (!applies_to(origin)) return {};
  Diagnostic problem =
      make_diagnostic(Code::ExtSignature, "`{}` cannot be checked for a signature: {} have none",
                      sanitize_text(text), kind);
  problem.notes.push_back({"`[[signatures]]` of policy.toml requires one", {}, {}});
  problem.hints.emplace_back(
      "add it from an OCI registry; or download it, check it yourself, and add the file");
  return problem;
}

}  // namespace tenon::extension
