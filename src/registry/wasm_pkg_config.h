// wkg's configuration, `wasm-pkg/config.toml`: the registry of each namespace and package, and how
// to reach each registry. tenon reads the same file, so a user who has set up wkg need not set up
// tenon.
//
//   default_registry = "registry.example"
//   [namespace_registries]
//   wasi = "wasi.dev"
//   [registry."registry.example".oci]
//   auth = { username = "me", password = "..." }
//
// Source: wasm-pkg-tools, crates/wasm-pkg-common/src/config.rs, crates/wasm-pkg-client/src/oci/
// config.rs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/credentials.h"
#include "registry/url.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

// How to reach a registry, from the configuration or from its `/.well-known` document.
struct RegistryMetadata {
  std::string preferred;               // the preferred protocol; can be empty
  std::vector<std::string> protocols;  // the protocols that have a table
  std::optional<std::string> oci_registry;
  std::string oci_prefix;

  // Sets what is not set yet. Called first with the older names, `ociRegistry` and
  // `ociNamespacePrefix`, and then with the table `oci`: as in wkg, the older names override it.
  void add_oci(std::optional<std::string> registry, std::optional<std::string> prefix);

  bool operator==(const RegistryMetadata&) const = default;
};

struct RegistryMapping {
  std::string registry;  // HOST or HOST:PORT; if there is metadata, only a name
  std::optional<RegistryMetadata> metadata;
};

struct RegistryConfig {
  std::string type;                   // `type` or `default`; can be empty
  std::vector<std::string> backends;  // the backends that have a table
  std::optional<std::string> local_root;
  std::optional<BasicCredentials> auth;
  std::optional<Scheme> scheme;  // `protocol`
  Location where;
};

struct WasmPkgConfig {
  std::string file;  // for messages
  std::optional<std::string> default_registry;
  std::map<std::string, RegistryMapping, std::less<>> namespaces;
  std::map<std::string, RegistryMapping, std::less<>> packages;
  std::map<std::string, RegistryConfig, std::less<>> registries;
  // Notes about keys that tenon does not know. They are not errors, since the file belongs to wkg.
  Diagnostics notes;
};

// `$XDG_CONFIG_HOME/wasm-pkg/config.toml` or `$HOME/.config/wasm-pkg/config.toml`; empty if neither
// variable is set.
[[nodiscard]] std::string wasm_pkg_config_path(const Variables& variables);

// file: the name for messages. Errors: config-syntax, config-value (all of them at once).
[[nodiscard]] Result<WasmPkgConfig> parse_wasm_pkg_config(std::string_view text,
                                                          const std::string& file);

// Reads the configuration; an empty one if the file does not exist or `file` is empty.
// Errors: as parse_wasm_pkg_config; read-file.
[[nodiscard]] Result<WasmPkgConfig> read_wasm_pkg_config(const Files& files,
                                                         const std::string& file);

}  // namespace tenon::registry
