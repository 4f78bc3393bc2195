// `wasm-pkg/config.toml`, the configuration of wkg: which registry a package is of, and how that is
// reached. Who has set up wkg has set up tenon.
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

// What a registry says of itself, in the configuration or under /.well-known.
struct RegistryMetadata {
  std::string preferred;               // protocol; empty: none
  std::vector<std::string> protocols;  // that it has something to say of
  std::optional<std::string> oci_registry;
  std::string oci_prefix;

  bool operator==(const RegistryMetadata&) const = default;
};

struct RegistryMapping {
  std::string registry;  // HOST or HOST:PORT; with metadata, the name of a configuration
  std::optional<RegistryMetadata> metadata;
};

struct RegistryConfig {
  std::string type;                   // `type`, or `default`; empty: none
  std::vector<std::string> backends;  // whose tables are there
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
  // What tenon does not know: it is the file of another tool.
  Diagnostics notes;
};

// `$XDG_CONFIG_HOME/wasm-pkg/config.toml`, or that of `$HOME/.config`; empty: neither is set.
[[nodiscard]] std::string wasm_pkg_config_path(const Variables& variables);

// file: as messages show it. Errors: config-syntax, config-value (all of them at once).
[[nodiscard]] Result<WasmPkgConfig> parse_wasm_pkg_config(std::string_view text,
                                                          const std::string& file);

// Nothing is configured where the file is not there, or `file` is empty.
// Errors: as parse_wasm_pkg_config; read-file.
[[nodiscard]] Result<WasmPkgConfig> read_wasm_pkg_config(const Files& files,
                                                         const std::string& file);

}  // namespace tenon::registry
