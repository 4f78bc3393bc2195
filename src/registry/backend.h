// Chooses the registry of a package: from wkg's configuration, and from what the registry publishes
// about itself.
//
//   TENON_TRY(const Backend backend, choose_backend(config, {"acme", "math"}, http));
//   TENON_TRY(const auto source, open_backend(backend, http, files, variables));
//
// Source: wasm-pkg-tools, crates/wasm-pkg-client/src/{lib,metadata}.rs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "registry/http.h"
#include "registry/oci_client.h"
#include "registry/package_source.h"
#include "registry/wasm_pkg_config.h"
#include "tenon/result.h"

namespace tenon::registry {

struct LocalBackend {
  std::string root;

  bool operator==(const LocalBackend&) const = default;
};

struct OciBackend {
  std::string registry;          // HOST or HOST:PORT
  std::string prefix;            // of repositories, before the namespace
  std::optional<Scheme> scheme;  // none unless configured
  std::optional<BasicCredentials> auth;

  bool operator==(const OciBackend&) const = default;
};

struct Backend {
  std::string registry;  // its name in the configuration
  std::variant<LocalBackend, OciBackend> backend;
  // Notes about metadata of the registry that could not be fetched.
  Diagnostics notes;
};

// Looks for the registry of the package, then of its namespace, then the default one, then those
// that wkg knows: `wasi` is at wasi.dev and `ba` at bytecodealliance.org. The protocol comes from
// the configuration, or else from `/.well-known/wasm-pkg/registry.json` of the registry's host, or
// else it is OCI.
// Errors: ext-not-found (no registry for the namespace), config-value (the backend is neither `oci`
//         nor `local`, or is not configured).
[[nodiscard]] Result<Backend> choose_backend(const WasmPkgConfig& config,
                                             const PackageName& package, HttpClient& http);

// files: for reading docker's configuration. http must outlive the result.
// Errors: ext-auth, ext-source.
[[nodiscard]] Result<std::unique_ptr<PackageSource>> open_backend(const Backend& backend,
                                                                  HttpClient& http,
                                                                  const Files& files,
                                                                  const Variables& variables);

// The settings for the registry of a backend, with credentials. Errors: ext-auth.
[[nodiscard]] Result<OciSettings> make_oci_settings(const OciBackend& backend, const Files& files,
                                                    const Variables& variables);

// The settings of an `oci://` source: the configuration of its host, and credentials.
// Errors: ext-auth.
[[nodiscard]] Result<OciSettings> find_oci_settings(const WasmPkgConfig& config,
                                                    const std::string& registry, const Files& files,
                                                    const Variables& variables);

}  // namespace tenon::registry
