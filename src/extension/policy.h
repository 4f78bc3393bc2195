// Which interfaces may link extensions.
//
// Source: docs/extensions.md, "The library rule".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/name_pattern.h"
#include "tenon/result.h"

namespace tenon::extension {

// "acme:math/lib" of "acme:math/lib@1.2.0".
[[nodiscard]] std::string_view base_name(std::string_view interface);

// "1" of "acme:math/lib@1.2.0"; empty: it has no version.
[[nodiscard]] std::string track_of_interface(std::string_view interface);

// What the engine provides.
[[nodiscard]] bool is_wasi_interface(std::string_view interface);

// What the engine provides, and tenon's own.
[[nodiscard]] bool is_host_interface(std::string_view interface);

class LibraryPolicy final {
 public:
  // globs: over names without version, such as "*:*/lib".
  explicit LibraryPolicy(std::vector<std::string> globs) : globs_(std::move(globs)) {}

  // names: as `CompositionBuilder::host_interfaces` gives them.
  void set_host_interfaces(const std::vector<std::string>& names);
  // What the program, its host bundles and the engine provide: never an edge, whatever the globs.
  [[nodiscard]] bool is_of_host(std::string_view interface) const;

  // interface: with or without its version.
  [[nodiscard]] bool allows(std::string_view interface) const;
  [[nodiscard]] const std::vector<std::string>& globs() const { return globs_; }

 private:
  std::vector<std::string> globs_;
  std::vector<resolve::NamePattern> host_;
};

// `policy.toml` of a store: `library-interfaces = ["*:*/lib"]`. file: for messages.
// Errors: config-syntax, config-unknown-key, config-value.
[[nodiscard]] Result<LibraryPolicy> parse_policy(std::string_view text, const std::string& file);

}  // namespace tenon::extension
