#include "extension/signature_policy.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

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

}  // namespace

bool SignaturePolicy::Rule::matches(const PackageOrigin& origin) const {
  return (packages.empty() || matches_any(packages, origin.package)) &&
         (registries.empty() ||
          std::ranges::any_of(origin.registries, [&](const std::string& name) {
            return matches_any(registries, name_of_registry(name));
          }));
}

Result<SignaturePolicy> SignaturePolicy::make(const std::vector<SignatureRule>& rules) {
  SignaturePolicy policy;
  Diagnostics problems;
  for (const SignatureRule& rule : rules) {
    Rule checked{.packages = rule.packages, .registries = {}, .keys = {}};
    for (const std::string& glob : rule.registries)
      checked.registries.push_back(name_of_registry(glob));
    if (rule.signed_by.empty())
      problems.push_back(key_problem("a rule for signatures has no keys, so nothing satisfies it"));
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
    TENON_TRY(const registry::SigningKey* const key,
              registry::find_oci_signer(http, settings, reference, rule.keys));
    ExtensionSigner signer{key->name, key->key.fingerprint()};
    if (std::ranges::find(signers, signer) == signers.end()) signers.push_back(std::move(signer));
  }
  return signers;
}

Result<void> SignaturePolicy::check_recorded(const PackageOrigin& origin,
                                             const Extension& extension) const {
  for (const Rule& rule : rules_) {
    const auto accepts = [&](const ExtensionSigner& signer) {
      return std::ranges::any_of(rule.keys, [&](const registry::SigningKey& key) {
        return key.key.fingerprint() == signer.sha256;
      });
    };
    if (!rule.matches(origin) || std::ranges::any_of(extension.signed_by, accepts)) continue;
    std::vector<std::string_view> names;
    for (const registry::SigningKey& key : rule.keys) names.push_back(key.name);
    Diagnostic problem = make_diagnostic(Code::ExtSignature,
                                         "`{}` {} has no recorded signature from an accepted key",
                                         extension.name, extension.version);
    problem.notes.push_back(
        {fmt::format("the policy requires a signature by {}", fmt::join(names, " or ")), {}, {}});
    for (const ExtensionSigner& signer : extension.signed_by)
      problem.notes.push_back({fmt::format("it is signed by {}, sha256 {}",
                                           sanitize_text(signer.key), sanitize_text(signer.sha256)),
                               {},
                               {}});
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
