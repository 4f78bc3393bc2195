// Looking for packages, and publishing them.
#include <algorithm>
#include <set>
#include <utility>

#include "extension/candidate.h"
#include "extension/policy.h"
#include "registry/backend.h"
#include "registry/curl_client.h"
#include "registry/package_source.h"
#include "registry/wasm_pkg_config.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/try.h"
#include "tenon/extension.h"

namespace tenon {

namespace {

// Each registry of the configuration once.
Result<std::vector<registry::Backend>> find_backends(const registry::WasmPkgConfig& config,
                                                     registry::HttpClient& http) {
  std::vector<registry::PackageName> asked;
  if (config.default_registry || config.namespaces.empty()) asked.emplace_back();
  for (const auto& [space, mapping] : config.namespaces) asked.push_back({space, {}});
  std::vector<registry::Backend> made;
  std::set<std::string> known;
  for (const registry::PackageName& package : asked) {
    TENON_TRY(registry::Backend backend, registry::choose_backend(config, package, http));
    if (known.insert(backend.registry).second) made.push_back(std::move(backend));
  }
  return made;
}

}  // namespace

Result<std::vector<FoundExtension>> search_extensions(std::string_view text,
                                                      const HostVariables& variables) {
  const RealFiles files;
  TENON_TRY(const registry::WasmPkgConfig config,
            registry::read_wasm_pkg_config(files, registry::wasm_pkg_config_path(variables)));
  const auto http = registry::make_curl_client({});
  TENON_TRY(const std::vector<registry::Backend> backends, find_backends(config, *http));
  std::vector<FoundExtension> made;
  for (const registry::Backend& backend : backends) {
    TENON_TRY(const auto source, registry::open_backend(backend, *http, files, variables));
    TENON_TRY(const std::vector<registry::FoundPackage> found, source->search(text));
    for (const registry::FoundPackage& one : found) {
      FoundExtension row{.package = registry::print_package_name(one.package),
                         .versions = {},
                         .description = one.description,
                         .registry = backend.registry};
      for (const Version& version : one.versions) row.versions.push_back(print_version(version));
      made.push_back(std::move(row));
    }
  }
  return made;
}

Result<PublishedExtension> publish_extension(const std::string& path, std::string_view package,
                                             const HostVariables& variables) {
  const RealFiles files;
  const std::optional<registry::PackageName> name = registry::parse_package_name(package);
  if (!name) {
    Diagnostic problem = make_diagnostic(Code::ExtSource, "`{}` is no name of a package", package);
    problem.hints.emplace_back("write its namespace and its name: `acme:math`");
    return problem;
  }
  TENON_TRY(const extension::Package read, extension::read_package(files, path));
  // Whoever installs it has a policy.
  TENON_TRY(const extension::Candidate checked,
            extension::make_candidate(read, {}, {}, extension::LibraryPolicy({"*"})));
  TENON_TRY(const registry::WasmPkgConfig config,
            registry::read_wasm_pkg_config(files, registry::wasm_pkg_config_path(variables)));
  const auto http = registry::make_curl_client({});
  TENON_TRY(const registry::Backend backend, registry::choose_backend(config, *name, *http));
  TENON_TRY(const auto source, registry::open_backend(backend, *http, files, variables));
  registry::Package sent;
  sent.package = *name;
  sent.version = *parse_version(checked.extension.version);
  sent.component = *read.bytes;
  if (!read.manifest_file.empty()) sent.manifest = read.manifest;
  sent.imports = checked.extension.imports;
  sent.exports = checked.extension.exports;
  TENON_TRY(const registry::Published published, source->publish(sent));
  return PublishedExtension{registry::print_package_name(*name), checked.extension.version,
                            published.sha256, published.origin,
                            published.outcome == registry::PublishOutcome::AlreadyThere};
}

}  // namespace tenon
