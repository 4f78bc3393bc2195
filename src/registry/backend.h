// Where the packages of a name are, by the configuration of wkg and by what a registry says of
// itself.
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
#include <vector>

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
  std::string prefix;            // before the namespace
  std::optional<Scheme> scheme;  // as configured
  std::optional<BasicCredentials> auth;

  bool operator==(const OciBackend&) const = default;
};

struct Backend {
  std::string registry;  // its name in the configuration
  std::variant<LocalBackend, OciBackend> backend;
  // What was to be known of it and could not be fetched.
  Diagnostics notes;
};

// The registry is that of the package, or of its namespace, or the default, or else wkg's own:
// `wasi` is at wasi.dev and `ba` at bytecodealliance.org. Where the configuration does not say how
// it is reached, `/.well-known/wasm-pkg/registry.json` of its host does; where neither does, it is
// an OCI registry.
// Errors: ext-not-found: there is no registry for the namespace; config-value: a backend that is
// neither `oci` nor `local`, or one that is not configured; ext-fetch: what the registry says of
// itself makes no sense.
[[nodiscard]] Result<Backend> choose_backend(const WasmPkgConfig& config,
                                             const PackageName& package, HttpClient& http);

// files: for docker's configuration. http must outlive the source. Errors: ext-auth, ext-source.
[[nodiscard]] Result<std::unique_ptr<PackageSource>> open_backend(const Backend& backend,
                                                                  HttpClient& http,
                                                                  const Files& files,
                                                                  const Variables& variables);

// For `oci://` sources: what is configured for that host, and its credentials. Errors: ext-auth.
[[nodiscard]] Result<OciSettings> find_oci_settings(const WasmPkgConfig& config,
                                                    const std::string& registry, const Files& files,
                                                    const Variables& variables);

}  // namespace tenon::registry
