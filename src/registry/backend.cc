#include "registry/backend.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/directory_source.h"
#include "registry/oci_source.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

constexpr std::string_view kOci = "oci";
constexpr std::string_view kLocal = "local";

// A namespace that wkg knows without configuration.
struct KnownNamespace {
  std::string_view space;
  std::string_view registry;
};
constexpr KnownNamespace kKnownNamespaces[] = {{"wasi", "wasi.dev"},
                                               {"ba", "bytecodealliance.org"}};

// The configured registry of a package; null if there is none.
const RegistryMapping* find_mapping(const WasmPkgConfig& config, const PackageName& package) {
  if (const auto match = config.packages.find(print_package_name(package));
      match != config.packages.end())
    return &match->second;
  const auto match = config.namespaces.find(package.space);
  return match == config.namespaces.end() ? nullptr : &match->second;
}

Result<std::string> find_registry(const WasmPkgConfig& config, const PackageName& package,
                                  const RegistryMapping* mapping) {
  if (mapping != nullptr) return mapping->registry;
  if (config.default_registry) return *config.default_registry;
  for (const KnownNamespace& known : kKnownNamespaces)
    if (known.space == package.space) return std::string(known.registry);
  const std::string name = package.space.empty() ? package.name : print_package_name(package);
  Diagnostic problem =
      name.empty() ? make_diagnostic(Code::ExtNotFound, "no registry is configured")
                   : make_diagnostic(Code::ExtNotFound,
                                     "no registry is configured for the package `{}`", name);
  const std::string file = config.file.empty() ? "wasm-pkg/config.toml" : config.file;
  problem.hints.push_back(
      fmt::format("write `default_registry = \"registry.example\"` into `{}`", file));
  problem.hints.emplace_back(
      "or, for a folder: `default_registry = \"local\"` and, under `[registry.local]`, "
      "`local = { root = \"/srv/registry\" }`");
  if (!package.space.empty())
    problem.hints.push_back(fmt::format(
        "or `{} = \"registry.example\"` under `[namespace_registries]`", package.space));
  return problem;
}

// Without an explicit type, the only table of the registry decides.
std::string find_type(const RegistryConfig& config) {
  if (!config.type.empty()) return config.type;
  return config.backends.size() == 1 ? config.backends.front() : std::string();
}

std::string find_preferred(const RegistryMetadata& metadata) {
  if (!metadata.preferred.empty()) return metadata.preferred;
  return metadata.protocols.size() == 1 ? metadata.protocols.front() : std::string();
}

std::optional<std::string> find_member_text(const nlohmann::json& object, std::string_view key) {
  const auto match = object.is_object() ? object.find(key) : object.end();
  if (match == object.end() || !match->is_string()) return std::nullopt;
  return match->get<std::string>();
}

RegistryMetadata read_metadata(const nlohmann::json& json) {
  RegistryMetadata metadata;
  metadata.preferred = find_member_text(json, "preferredProtocol").value_or("");
  for (const auto& [key, value] : json.items())
    if (value.is_object()) metadata.protocols.push_back(key);
  metadata.add_oci(find_member_text(json, "ociRegistry"),
                   find_member_text(json, "ociNamespacePrefix"));
  if (const auto oci = json.find(kOci); oci != json.end())
    metadata.add_oci(find_member_text(*oci, "registry"), find_member_text(*oci, "namespacePrefix"));
  return metadata;
}

// The metadata that the registry's host publishes; empty if it publishes none. Errors: ext-fetch.
Result<RegistryMetadata> fetch_metadata(const std::string& registry, HttpClient& http) {
  HttpRequest request;
  Result<Url, UrlError> url = parse_authority(registry, Scheme::Https);
  if (url && is_loopback(url->host)) url = parse_authority(registry, Scheme::Http);
  if (!url) return RegistryMetadata();
  request.url = *std::move(url);
  request.url.path = "/.well-known/wasm-pkg/registry.json";
  request.max_bytes = limits::kRegistryAnswerBytes;
  TENON_TRY(const HttpResponse response, send_request(http, request));
  if (response.status == 404) return RegistryMetadata();
  if (response.status != 200) return status_problem(response);
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  if (!json.is_object()) return fetch_problem(response.url, "it is not a JSON object");
  return read_metadata(json);
}

Diagnostic bad_backend(const WasmPkgConfig& config, const std::string& registry,
                       std::string_view reason, std::string_view hint) {
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "the registry `{}` {}", sanitize_text(registry), reason);
  problem.where.file = config.file;
  if (const auto match = config.registries.find(registry); match != config.registries.end())
    problem.where = match->second.where;
  problem.hints.emplace_back(hint);
  return problem;
}

Diagnostic unknown_backend(const WasmPkgConfig& config, const std::string& registry,
                           std::string_view type) {
  return bad_backend(
      config, registry,
      fmt::format("has the backend `{}`; expected `oci`, or `local` in the configuration",
                  sanitize_text(type)),
      "write `type = \"oci\"`");
}

}  // namespace

Result<Backend> choose_backend(const WasmPkgConfig& config, const PackageName& package,
                               HttpClient& http) {
  const RegistryMapping* const mapping = find_mapping(config, package);
  Backend chosen;
  TENON_TRY(chosen.registry, find_registry(config, package, mapping));
  const auto match = config.registries.find(chosen.registry);
  const RegistryConfig known = match == config.registries.end() ? RegistryConfig() : match->second;
  std::string type = find_type(known);
  if (type == kLocal) {
    if (!known.local_root)
      return bad_backend(config, chosen.registry, "has the backend `local` but no `root`",
                         "write `local = { root = \"/srv/packages\" }`");
    chosen.backend = LocalBackend{*known.local_root};
    return chosen;
  }
  RegistryMetadata metadata;
  if (mapping != nullptr && mapping->metadata) {
    metadata = *mapping->metadata;
  } else if (Result<RegistryMetadata> fetched = fetch_metadata(chosen.registry, http)) {
    metadata = *std::move(fetched);
  } else {
    chosen.notes = std::move(fetched).error();
    for (Diagnostic& note : chosen.notes) note.severity = Severity::Note;
  }
  // Metadata from the network must not select `local`, which would expose a folder of this machine.
  if (type.empty()) type = find_preferred(metadata);
  if (!type.empty() && type != kOci) return unknown_backend(config, chosen.registry, type);
  chosen.backend = OciBackend{metadata.oci_registry.value_or(chosen.registry), metadata.oci_prefix,
                              known.scheme, known.auth};
  return chosen;
}

Result<OciSettings> make_oci_settings(const OciBackend& backend, const Files& files,
                                      const Variables& variables) {
  OciSettings settings;
  settings.registry = backend.registry;
  settings.scheme = backend.scheme;
  if (backend.scheme == Scheme::Http) settings.plain_http = PlainHttp::Anywhere;
  TENON_TRY(settings.credentials,
            find_credentials(files, backend.registry,
                             {.variables = variables, .configured = backend.auth}));
  return settings;
}

Result<std::unique_ptr<PackageSource>> open_backend(const Backend& backend, HttpClient& http,
                                                    const Files& files,
                                                    const Variables& variables) {
  if (const auto* const local = std::get_if<LocalBackend>(&backend.backend))
    return make_directory_source(local->root);
  const auto& oci = std::get<OciBackend>(backend.backend);
  TENON_TRY(OciSettings settings, make_oci_settings(oci, files, variables));
  return make_oci_source(http, std::move(settings), oci.prefix);
}

Result<OciSettings> find_oci_settings(const WasmPkgConfig& config, const std::string& registry,
                                      const Files& files, const Variables& variables) {
  const auto match = config.registries.find(registry);
  const RegistryConfig known = match == config.registries.end() ? RegistryConfig() : match->second;
  return make_oci_settings({registry, {}, known.scheme, known.auth}, files, variables);
}

}  // namespace tenon::registry
