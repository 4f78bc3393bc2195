#include "extension/fetch.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "extension/manifest.h"
#include "registry/backend.h"
#include "registry/curl_client.h"
#include "registry/oci_source.h"
#include "registry/package_source.h"
#include "registry/source.h"
#include "registry/wasm_pkg_config.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/try.h"
#include "support/unit_name.h"

namespace tenon::extension {

namespace {

// As it is found from any folder.
std::string absolute(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path made = std::filesystem::absolute(path, failed);
  return failed ? path : made.lexically_normal().string();
}

Package package_of(registry::FetchedPackage fetched, const std::string& asked,
                   std::string_view called) {
  Package made;
  made.asked = asked;
  made.source = fetched.origin;
  made.file = fetched.origin;
  made.name = propose_unit_name(called, "ext");
  made.bytes = std::make_shared<const Bytes>(std::move(fetched.component));
  if (fetched.manifest) {
    made.manifest_file = fmt::format("{} of {}", kManifestName, fetched.origin);
    made.manifest = *std::move(fetched.manifest);
  }
  return made;
}

Diagnostic tell_offline(const std::string& source) {
  Diagnostic problem =
      make_diagnostic(Code::ExtFetch, "`{}` is in a network, and nothing is asked there", source);
  problem.hints.emplace_back("leave `--offline` out, or fetch it to a file first");
  return problem;
}

Diagnostic tell_unpinned(const std::string& source) {
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "`{}` may be another file tomorrow", source);
  problem.hints.emplace_back("pin it: `--sha256 HEX`; or take what comes now: `--allow-unpinned`");
  return problem;
}

// "math" of "https://example.com/math-1.2.wasm?x"
std::string name_of_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  path = path.substr(path.rfind('/') + 1);
  return std::string(path.substr(0, path.rfind('.')));
}

Result<registry::FetchedPackage> fetch_from_registry(const registry::RegistrySource& wanted,
                                                     const registry::WasmPkgConfig& config,
                                                     registry::HttpClient& http,
                                                     const HostVariables& variables,
                                                     const AddOptions& options,
                                                     const std::string& source) {
  registry::PackageName package{wanted.space.value_or(""), wanted.name};
  TENON_TRY(const registry::Backend backend, registry::choose_backend(config, package, http));
  if (options.offline && !std::holds_alternative<registry::LocalBackend>(backend.backend))
    return tell_offline(source);
  const RealFiles files;
  TENON_TRY(const auto from, registry::open_backend(backend, http, files, variables));
  if (!wanted.space) {
    TENON_TRY(package, registry::find_package(*from, wanted.name));
  }
  TENON_TRY(const Version version,
            registry::choose_version(
                *from, package, wanted.range, wanted.range_text,
                options.prereleases ? registry::Prereleases::Take : registry::Prereleases::Leave));
  return from->fetch(package, version);
}

}  // namespace

Result<std::string> link_path(const Package& package) {
  if (RealFiles().find_kind(package.file) == FileKind::File) return absolute(package.file);
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "`{}` cannot be linked: it is no file here", package.source);
  problem.hints.emplace_back("`--link` is for files and folders");
  return problem;
}

registry::HttpClient& Fetcher::http() {
  if (http_ == nullptr) http_ = registry::make_curl_client({});
  return *http_;
}

Result<bool> Fetcher::has_registries() const {
  TENON_TRY(
      const registry::WasmPkgConfig config,
      registry::read_wasm_pkg_config(RealFiles(), registry::wasm_pkg_config_path(variables_)));
  return config.default_registry || !config.namespaces.empty() || !config.packages.empty();
}

Result<Package> Fetcher::fetch(const std::string& source, std::string_view sha256,
                               const AddOptions& options) {
  TENON_TRY(const registry::Source parsed, registry::parse_source(source));
  if (const auto* const path = std::get_if<registry::PathSource>(&parsed)) {
    TENON_TRY(Package package, read_package(RealFiles(), path->path));
    package.source = absolute(path->path);
    package.asked = package.source;
    return package;
  }
  const RealFiles files;
  if (const auto* const url = std::get_if<registry::UrlSource>(&parsed)) {
    if (options.offline) return tell_offline(source);
    if (sha256.empty() && !options.unpinned) return tell_unpinned(source);
    std::variant<registry::Pin, registry::Unpinned> pin = registry::Unpinned();
    if (!sha256.empty()) pin = registry::Pin{std::string(sha256)};
    TENON_TRY(registry::FetchedPackage fetched, registry::fetch_url(http(), *url, pin));
    return package_of(std::move(fetched), source, name_of_path(source));
  }
  TENON_TRY(const registry::WasmPkgConfig config,
            registry::read_wasm_pkg_config(files, registry::wasm_pkg_config_path(variables_)));
  if (const auto* const reference = std::get_if<registry::OciReference>(&parsed)) {
    if (options.offline) return tell_offline(source);
    TENON_TRY(registry::OciSettings settings,
              registry::find_oci_settings(config, reference->registry, files, variables_));
    TENON_TRY(registry::FetchedPackage fetched,
              registry::fetch_oci(http(), std::move(settings), *reference));
    return package_of(std::move(fetched), source,
                      reference->repository.substr(reference->repository.rfind('/') + 1));
  }
  const auto& wanted = std::get<registry::RegistrySource>(parsed);
  Result<registry::FetchedPackage> fetched =
      fetch_from_registry(wanted, config, http(), variables_, options, source);
  if (fetched) return package_of(*std::move(fetched), source, wanted.name);
  Diagnostics problems = std::move(fetched).error();
  if (files.find_kind(source) != FileKind::Missing)
    problems.front().hints.push_back(fmt::format("`./{}` is what is here", source));
  return problems;
}

}  // namespace tenon::extension
