// What can be installed: a component with an optional manifest, from a path, a registry or a URL.
//
// `fetch` gets the bytes, and `check_package` compares what the manifest says with the component:
//
//   TENON_TRY(const ExtensionPackage package,
//             fetcher.fetch({.source = "acme:math@^1"}, options, signatures));
//   TENON_TRY(CheckedPackage checked, check_package(package, {}, {}, policy));
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "extension/policy.h"
#include "extension/signature_policy.h"
#include "extension/store_files.h"
#include "registry/http.h"
#include "support/files.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

// A component and its manifest, as the source has them.
struct ExtensionPackage {
  std::string source;                  // where exactly these bytes can be fetched again
  std::string asked;                   // where `upgrade` looks for newer versions
  std::string registry;                // as the configuration names it; can be empty
  bool unpinned = false;               // from a URL, without a digest to compare with
  std::string file;                    // of the component, for messages
  std::string name;                    // the default name of the extension
  std::shared_ptr<const Bytes> bytes;  // of the component
  std::string manifest_file;           // empty if there is no manifest
  std::string manifest;
  std::vector<ExtensionSigner> signed_by;
};

// A package that passed all checks.
struct CheckedPackage {
  Extension extension;  // without needs, grants and time
  std::shared_ptr<const Bytes> bytes;
};

// Reads a component file, or a folder with extension.toml. Errors: read-, ext-source.
[[nodiscard]] Result<ExtensionPackage> read_package(const Files& files, const std::string& path);

// The path of a component that is used in place, with `--link`. Errors: ext-source (it is not a
// local file).
[[nodiscard]] Result<std::string> link_path(const ExtensionPackage& package);

class Fetcher final {
 public:
  explicit Fetcher(HostVariables variables) : variables_(std::move(variables)) {}

  // Its name and grants do not matter here. Errors: ext-source, ext-not-found, ext-fetch, ext-digest,
  // ext-auth, ext-signature, config-, read-.
  [[nodiscard]] Result<ExtensionPackage> fetch(const ExtensionRequest& request,
                                               const AddOptions& options,
                                               const SignaturePolicy& signatures);

  // Checks the signature of an installed extension again, if a rule applies to its source, and that
  // the signed package contains the installed component.
  // Errors: ext-signature, ext-digest, ext-not-found, ext-fetch, ext-auth, ext-source, config-.
  [[nodiscard]] Result<void> check_signature(const Extension& extension,
                                             const SignaturePolicy& signatures,
                                             const CheckOptions& options);

  // True if a registry is configured. Errors: config-, read-file.
  [[nodiscard]] Result<bool> has_registries() const;

 private:
  registry::HttpClient& http();

  HostVariables variables_;
  std::unique_ptr<registry::HttpClient> http_;  // created by the first request
};

// Checks digest, component and manifest against each other. name: overrides the name from the
// manifest or the file; may be empty. sha256: the expected digest; may be empty.
// Errors: ext-digest, ext-not-component, ext-manifest, ext-library-rule, config-, read-, type-; all
// of them at once.
[[nodiscard]] Result<CheckedPackage> check_package(const ExtensionPackage& package,
                                                   std::string_view name, std::string_view sha256,
                                                   const LibraryPolicy& policy);

}  // namespace tenon::extension
