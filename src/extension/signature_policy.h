// Which packages need a signature, and by whom: `[[signatures]]` of policy.toml.
//
//   TENON_TRY(const SignaturePolicy policy, SignaturePolicy::make(rules));
//   TENON_TRY_VOID(policy.check({"acme:math", {"registry.example"}}, reference, version, http,
//                               settings));
//
// A package must satisfy every rule that matches it, so adding a rule never weakens a policy. Files
// and folders that the user names are not packages: no rule matches them.
//
// Source: docs/extensions.md, "Signatures".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/http.h"
#include "registry/oci_client.h"
#include "registry/signatures.h"
#include "registry/trusted_root.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

// Where a package was fetched from, as rules see it.
struct PackageOrigin {
  std::string package;  // "acme:math"; empty if it is not known
  // Its registry as the configuration of wkg names it, and the host of the source. A rule that matches
  // one of them applies: the owner of the registry chooses the host.
  std::vector<std::string> registries;
};

class SignaturePolicy final {
 public:
  SignaturePolicy() = default;
  // Errors: config-value (a rule without signers, or a key, an identity or a trusted root that cannot be
  // used).
  [[nodiscard]] static Result<SignaturePolicy> make(const std::vector<SignatureRule>& rules);

  [[nodiscard]] bool is_empty() const { return rules_.empty(); }
  // Whether a rule matches.
  [[nodiscard]] bool applies_to(const PackageOrigin& origin) const;
  // Checks a package of an OCI registry. Returns the signers that satisfy the rules.
  // reference: with a digest. If its tag is a version, it must be the one that the manifest names.
  // version: that the manifest names; may be empty. settings: of its registry.
  // Errors: as registry::find_oci_signer; ext-signature (the manifest names another version).
  [[nodiscard]] Result<std::vector<ExtensionSigner>> check(
      const PackageOrigin& origin, const registry::OciReference& reference,
      std::string_view version, registry::HttpClient& http,
      const registry::OciSettings& settings) const;
  // Checks the signers that were recorded when an installed package was added.
  // Errors: ext-signature, if a rule accepts none of them.
  [[nodiscard]] Result<void> check_recorded(const PackageOrigin& origin,
                                            const Extension& extension) const;
  // Checks a package that cannot have a signature.
  // text: the package, for messages. kind: what has no signatures, as in "files at a URL".
  // Errors: ext-signature, if a rule matches.
  [[nodiscard]] Result<void> check_unsigned(const PackageOrigin& origin, std::string_view text,
                                            std::string_view kind) const;

 private:
  struct Rule {
    std::vector<std::string> packages;
    std::vector<std::string> registries;
    std::vector<registry::SigningKey> keys;
    std::vector<SignatureIdentity> identities;
    std::optional<registry::TrustedRoot> root;  // if there are identities

    [[nodiscard]] bool matches(const PackageOrigin& origin) const;
    [[nodiscard]] registry::AcceptedSigners signers() const {
      return {keys, identities, root ? &*root : nullptr};
    }
    // Whether it accepts a signer that was recorded.
    [[nodiscard]] bool accepts(const ExtensionSigner& signer) const;
  };

  std::vector<Rule> rules_;
};

}  // namespace tenon::extension
