// The policy of a store: the interfaces by which extensions can be linked to each other (the
// library rule), and the file with this and with the packages that must be signed.
//
//   LibraryPolicy policy({"*:*/lib"});
//   policy.allows("acme:math/lib@1.2.0");        // true
//   policy.allows("acme:math/internal@1.2.0");   // false
//   policy.allows("wasi:cli/run@0.2.0");         // false: the host provides it
//
// Source: docs/extensions.md, "The library rule", "Signatures".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/name_pattern.h"
#include "tenon/extension.h"
#include "tenon/result.h"
#include "types/interface_name.h"

namespace tenon::extension {

// "acme:math/lib" of "acme:math/lib@1.2.0".
[[nodiscard]] std::string_view base_name(std::string_view interface);

// The name of an interface, as resolve matches it. A text that is not a name, which only an index
// that tenon did not write has, is a plain name and matches itself.
[[nodiscard]] types::ItemName read_interface_name(const std::string& interface);

// True for interfaces that the engine provides.
[[nodiscard]] bool is_wasi_interface(std::string_view interface);

// True for interfaces that the engine or tenon provides.
[[nodiscard]] bool is_host_interface(std::string_view interface);

class LibraryPolicy final {
 public:
  // globs: patterns of interface names without version, such as "*:*/lib".
  explicit LibraryPolicy(std::vector<std::string> globs) : globs_(std::move(globs)) {}

  // names: as returned by `CompositionBuilder::host_interfaces`.
  void set_host_interfaces(const std::vector<std::string>& names);
  // True for interfaces that the program, its host bundles or the engine provide. They are never
  // provided by an extension, even if a glob matches.
  [[nodiscard]] bool is_host_provided(std::string_view interface) const;

  // interface: with or without its version.
  [[nodiscard]] bool allows(std::string_view interface) const;
  [[nodiscard]] const std::vector<std::string>& globs() const { return globs_; }

 private:
  std::vector<std::string> globs_;
  std::vector<resolve::NamePattern> host_;
};

// `policy.toml` of a store:
//
//   library-interfaces = ["*:*/lib"]
//
//   [[signatures]]
//   packages = ["acme:*"]
//   registries = ["registry.example"]
//   signed-by = ["acme.pub"]
//   trusted-root = "trusted_root.json"
//   identities = [{ identity = "https://..", issuer = "https://..", statement = "https://.." }]
struct PolicyFile {
  // A file in the folder of the store.
  struct NamedFile {
    std::string path;
    Location where;
  };
  struct Signatures {
    SignatureRule rule;  // without what the files contain
    std::vector<NamedFile> keys;
    std::optional<NamedFile> trusted_root;
  };

  LibraryPolicy libraries;
  std::vector<Signatures> signatures;
};

// file: for messages. Errors: config-syntax, config-unknown-key, config-value.
[[nodiscard]] Result<PolicyFile> parse_policy(std::string_view text, const std::string& file);

}  // namespace tenon::extension
