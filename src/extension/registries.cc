// search_extensions and publish_extension of include/tenon/extension.h.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "extension/package.h"
#include "extension/policy.h"
#include "registry/backend.h"
#include "registry/curl_client.h"
#include "registry/package_source.h"
#include "registry/wasm_pkg_config.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/try.h"
#include "tenon/extension.h"
#include "tenon/inspect.h"

namespace tenon {

namespace {

// Each registry in the configuration, once.
Result<std::vector<registry::Backend>> find_backends(const registry::WasmPkgConfig& config,
                                                     registry::HttpClient& http) {
  std::vector<registry::PackageName> packages;
  if (config.default_registry || config.namespaces.empty()) packages.emplace_back();
  for (const auto& [space, mapping] : config.namespaces) packages.push_back({space, {}});
  std::vector<registry::Backend> backends;
  std::set<std::string> known;
  for (const registry::PackageName& package : packages) {
    TENON_TRY(registry::Backend backend, registry::choose_backend(config, package, http));
    if (known.insert(backend.registry).second) backends.push_back(std::move(backend));
  }
  return backends;
}

// The exports of a component. None if it cannot be read: `ext add` says why.
std::vector<std::string> list_exports(const Bytes& component) {
  std::vector<std::string> names;
  const Result<Inspection> inspection = inspect_bytes("<component>", component);
  if (!inspection) return names;
  for (const PlanItem& item : inspection->exports) names.push_back(item.name);
  return names;
}

}  // namespace

Result<FoundExtensions> search_extensions(const ExtensionSearch& search,
                                          const HostVariables& variables) {
  const RealFiles files;
  TENON_TRY(const registry::WasmPkgConfig config,
            registry::read_wasm_pkg_config(files, registry::wasm_pkg_config_path(variables)));
  const auto http = registry::make_curl_client({});
  TENON_TRY(const std::vector<registry::Backend> backends, find_backends(config, *http));
  FoundExtensions extensions;
  for (const registry::Backend& backend : backends) {
    TENON_TRY(const auto source, registry::open_backend(backend, *http, files, variables));
    TENON_TRY(const registry::FoundPackages found, source->search({.text = search.text,
                                                                   .interface = search.interface,
                                                                   .list_exports = list_exports}));
    std::ranges::copy(found.notes, std::back_inserter(extensions.notes));
    for (const registry::FoundPackage& package : found.packages) {
      FoundExtension row{.package = registry::print_package_name(package.package),
                         .description = package.description,
                         .exports = package.exports,
                         .registry = backend.registry};
      for (const Version& version : package.versions)
        row.versions.push_back(print_version(version));
      extensions.packages.push_back(std::move(row));
    }
  }
  return extensions;
}

Result<PublishedExtension> publish_extension(const std::string& path, std::string_view package,
                                             const HostVariables& variables) {
  const RealFiles files;
  const std::optional<registry::PackageName> name = registry::parse_package_name(package);
  if (!name) {
    Diagnostic problem = make_diagnostic(Code::ExtSource, "`{}` is not a package name", package);
    problem.hints.emplace_back("write a namespace and a name: `acme:math`");
    return problem;
  }
  TENON_TRY(const extension::ExtensionPackage read, extension::read_package(files, path));
  // Every library is allowed here: the policy that counts is the one of the store it is added to.
  TENON_TRY(const extension::CheckedPackage checked,
            extension::check_package(read, {}, {}, extension::LibraryPolicy({"*"})));
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
  return PublishedExtension{registry::print_package_name(*name),
                            checked.extension.version,
                            published.sha256,
                            published.origin,
                            published.outcome == registry::PublishOutcome::AlreadyThere,
                            published.notes};
}

}  // namespace tenon
