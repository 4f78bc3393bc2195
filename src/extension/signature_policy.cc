#include "extension/signature_policy.h"

#include <fmt/core.h>

#include <algorithm>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

bool matches_any(const std::vector<std::string>& globs, std::string_view name) {
  return std::ranges::any_of(globs,
                             [&](const std::string& glob) { return matches_glob(glob, name); });
}

Diagnostic key_problem(std::string_view message) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
  problem.hints.emplace_back(
      "name the public key of a pair that `cosign generate-key-pair` makes: cosign.pub");
  return problem;
}

}  // namespace

bool SignaturePolicy::Rule::matches(const PackageOrigin& origin) const {
  return (packages.empty() || matches_any(packages, origin.package)) &&
         (registries.empty() || matches_any(registries, registry::lower(origin.registry)));
}

Result<SignaturePolicy> SignaturePolicy::make(const std::vector<SignatureRule>& rules) {
  SignaturePolicy policy;
  Diagnostics problems;
  for (const SignatureRule& rule : rules) {
    Rule checked{.packages = rule.packages, .registries = rule.registries, .keys = {}};
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

Result<void> SignaturePolicy::check(const PackageOrigin& origin,
                                    const registry::OciReference& reference,
                                    registry::HttpClient& http,
                                    const registry::OciSettings& settings) const {
  for (const Rule& rule : rules_)
    if (rule.matches(origin))
      TENON_TRY_VOID(registry::check_oci_signature(http, settings, reference, rule.keys));
  return {};
}

Result<void> SignaturePolicy::check_unsigned(const PackageOrigin& origin, std::string_view text,
                                             std::string_view kind) const {
  if (std::ranges::none_of(rules_, [&](const Rule& rule) { return rule.matches(origin); }))
    return {};
  Diagnostic problem =
      make_diagnostic(Code::ExtSignature, "`{}` cannot be checked for a signature: {} have none",
                      sanitize_text(text), kind);
  problem.notes.push_back({"`[[signatures]]` of policy.toml requires one", {}, {}});
  problem.hints.emplace_back(
      "add it from an OCI registry; or download it, check it yourself, and add the file");
  return problem;
}

}  // namespace tenon::extension
