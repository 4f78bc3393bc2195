// The sources of packages: paths here, everything else through src/registry.
#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "engine/wat.h"
#include "extension/manifest.h"
#include "extension/package.h"
#include "link/inputs.h"
#include "registry/backend.h"
#include "registry/curl_client.h"
#include "registry/oci_source.h"
#include "registry/package_source.h"
#include "registry/source.h"
#include "registry/wasm_pkg_config.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/safe_path.h"
#include "support/try.h"
#include "tenon/inspect.h"

namespace tenon::extension {

namespace {

// A path that does not depend on the working folder.
std::string absolute(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path resolved = std::filesystem::absolute(path, failed);
  return failed ? path : resolved.lexically_normal().string();
}

ExtensionPackage package_of(registry::FetchedPackage fetched, const std::string& asked,
                            std::string_view name, std::vector<ExtensionSigner> signed_by = {}) {
  ExtensionPackage package;
  package.asked = asked;
  package.source = fetched.origin;
  package.file = fetched.origin;
  package.name = propose_unit_name(name, "ext");
  package.bytes = std::make_shared<const Bytes>(std::move(fetched.component));
  if (fetched.manifest) {
    package.manifest_file = fmt::format("{} of {}", kManifestName, fetched.origin);
    package.manifest = *std::move(fetched.manifest);
  }
  package.signed_by = std::move(signed_by);
  return package;
}

Diagnostic offline_problem(const std::string& source) {
  Diagnostic problem =
      make_diagnostic(Code::ExtFetch, "`{}` cannot be fetched with `--offline`", source);
  problem.hints.emplace_back("run without `--offline`, or download it to a file first");
  return problem;
}

Diagnostic unpinned_problem(const std::string& source) {
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "`{}` is not pinned: its content can change", source);
  problem.hints.emplace_back(
      "pin it with `--sha256 HEX`, or accept its current content with `--allow-unpinned`");
  return problem;
}

// "math-1.2" of "https://example.com/math-1.2.wasm?x"
std::string name_of_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  path = path.substr(path.rfind('/') + 1);
  return std::string(path.substr(0, path.rfind('.')));
}

// The name of the package in a repository, whose last two parts are namespace and name.
std::string package_of_repository(std::string_view repository) {
  const std::size_t slash = repository.rfind('/');
  if (slash == repository.npos) return std::string(repository);
  const std::string_view space = repository.substr(0, slash);
  return fmt::format("{}:{}", space.substr(space.rfind('/') + 1), repository.substr(slash + 1));
}

// configured: the name of the registry in the configuration; empty if it did not choose one.
PackageOrigin origin_of(const registry::OciReference& reference, const std::string& configured) {
  return {package_of_repository(reference.repository),
          configured.empty() ? std::vector{reference.registry}
                             : std::vector{configured, reference.registry}};
}

// Where an installed extension came from. A file or folder that the user named is not a package.
PackageOrigin origin_of(const registry::Source& source, const Extension& extension) {
  if (const auto* const reference = std::get_if<registry::OciReference>(&source))
    return origin_of(*reference, extension.registry);
  if (const auto* const url = std::get_if<registry::UrlSource>(&source))
    return {{}, {url->url.host}};
  const auto request = registry::parse_source(extension.asked);
  const auto* const package = request ? std::get_if<registry::RegistrySource>(&*request) : nullptr;
  if (package == nullptr) return {};
  return {registry::print_package_name({package->space.value_or(""), package->name}),
          {extension.registry}};
}

// text: the source as the user wrote it.
Result<ExtensionPackage> fetch_from_registry(
    const registry::RegistrySource& source, const registry::WasmPkgConfig& config,
    registry::HttpClient& http, const HostVariables& variables, const AddOptions& options,
    const SignaturePolicy& signatures, const std::string& text) {
  registry::PackageName package{source.space.value_or(""), source.name};
  TENON_TRY(const registry::Backend backend, registry::choose_backend(config, package, http));
  if (options.offline && !std::holds_alternative<registry::LocalBackend>(backend.backend))
    return offline_problem(text);
  const RealFiles files;
  TENON_TRY(const auto from, registry::open_backend(backend, http, files, variables));
  if (!source.space) {
    TENON_TRY(package, registry::find_package(*from, source.name));
  }
  TENON_TRY(const Version version,
            registry::choose_version(
                *from, package, source.range, source.range_text,
                options.prereleases ? registry::Prereleases::Take : registry::Prereleases::Leave));
  TENON_TRY(registry::FetchedPackage fetched, from->fetch(package, version));
  const std::string name = registry::print_package_name(package);
  std::vector<ExtensionSigner> signed_by;
  if (const auto* const oci = std::get_if<registry::OciBackend>(&backend.backend)) {
    TENON_TRY(const registry::OciSettings settings,
              registry::make_oci_settings(*oci, files, variables));
    TENON_TRY(signed_by, signatures.check({name, {backend.registry, oci->registry}},
                                          *fetched.reference, fetched.version, http, settings));
  } else {
    TENON_TRY_VOID(
        signatures.check_unsigned({name, {backend.registry}}, text, "packages in folders"));
  }
  ExtensionPackage read = package_of(std::move(fetched), text, source.name, std::move(signed_by));
  read.registry = backend.registry;
  return read;
}

// The name of the only component in a folder whose manifest does not name one.
Result<std::string> find_component(const Files& files, const std::string& folder) {
  TENON_TRY(const std::vector<std::string> paths, find_paths(files, join_path(folder, "*.wasm")));
  if (paths.size() == 1) return paths.front().substr(paths.front().rfind('/') + 1);
  Diagnostic problem = make_diagnostic(Code::ExtSource, "`{}` has {}", folder,
                                       paths.empty() ? "no component" : "several components");
  problem.where.file = folder;
  for (const std::string& path : paths)
    problem.notes.push_back({fmt::format("`{}`", path), {}, {}});
  problem.hints.emplace_back("name it in extension.toml: `component = \"x.wasm\"`");
  return problem;
}

// Whether it is where cargo writes by default.
bool is_of_cargo(const std::string& component) { return component.starts_with("target/"); }

// The first part of the path, below the folder, that is a link.
std::string find_link(const std::string& folder, const std::string& component) {
  std::filesystem::path path = folder;
  for (const std::filesystem::path& part : std::filesystem::path(component)) {
    path /= part;
    std::error_code failed;
    if (std::filesystem::is_symlink(path, failed)) break;
  }
  return path.string();
}

// A package from someone else must not use a symbolic link to read files outside of its folder. A link
// that the user made, such as one to a target folder that several projects share, looks the same.
// component: the path of the file in the folder.
Result<void> check_stays_inside(const std::string& folder, const std::string& component) {
  const std::string file = join_path(folder, component);
  const std::string real = real_path(file);
  if (real.empty() || is_in_folder(real, real_path(folder))) return {};
  const std::string link = find_link(folder, component);
  Diagnostic problem = make_diagnostic(Code::ExtSource,
                                       "the component of `{}` is outside of its folder: `{}` is a "
                                       "link to `{}`",
                                       folder, link, real_path(link));
  problem.where.file = file;
  if (is_of_cargo(component))
    problem.hints.push_back(
        fmt::format("remove the link `{}`, and build with `--target-dir target`", link));
  problem.hints.push_back(
      fmt::format("{}copy the component into the folder, and name the copy in extension.toml",
                  problem.hints.empty() ? "" : "or "));
  return problem;
}

Diagnostic gone_problem(const Extension& extension) {
  Diagnostic problem = make_diagnostic(
      Code::ExtNotFound, "the signature of `{}` cannot be checked: its registry does not have `{}`",
      extension.name, extension.source);
  problem.hints.emplace_back(
      "to check the recorded key against the policy instead, use `--offline`");
  return problem;
}

Diagnostic other_component_problem(const Extension& extension, std::string_view digest) {
  Diagnostic problem =
      make_diagnostic(Code::ExtDigest, "the component of `{}` does not match its package `{}`",
                      extension.name, extension.source);
  problem.notes.push_back({fmt::format("installed: sha256:{}", extension.digest), {}, {}});
  problem.notes.push_back({fmt::format("package:   {}", digest), {}, {}});
  problem.hints.push_back(
      fmt::format("add it again: `tenon ext add {} --force`", extension.source));
  return problem;
}

}  // namespace

Result<ExtensionPackage> read_package(const Files& files, const std::string& path) {
  ExtensionPackage package;
  package.source = path;
  package.asked = path;
  package.file = path;
  std::string component;  // in the folder
  if (files.find_kind(path) == FileKind::Folder) {
    package.manifest_file = join_path(path, kManifestName);
    TENON_TRY(package.manifest, read_text_file(files, package.manifest_file, NamedBy::File));
    TENON_TRY(const Manifest manifest,
              parse_extension_manifest(package.manifest, package.manifest_file, version()));
    component = manifest.component;
    if (component.empty()) {
      TENON_TRY(component, find_component(files, path));
    }
    package.file = join_path(path, component);
    TENON_TRY_VOID(check_stays_inside(path, component));
  }
  const std::string stem = package.file.substr(package.file.rfind('/') + 1);
  package.name = propose_unit_name(stem.substr(0, stem.rfind('.')), "ext");
  const NamedBy named_by = package.manifest_file.empty() ? NamedBy::User : NamedBy::File;
  Result<Bytes> bytes = engine::read_component_file(files, package.file, named_by);
  if (!bytes && !package.manifest_file.empty() &&
      files.find_kind(package.file) == FileKind::Missing) {
    std::vector<Hint>& hints = bytes.error().front().hints;
    hints = {fmt::format("build it first: `{}` names it as the component", package.manifest_file)};
    if (is_of_cargo(component))
      hints.emplace_back(
          "cargo writes elsewhere if CARGO_TARGET_DIR is set, or in a workspace: build with "
          "`--target-dir target`");
  }
  if (!bytes) return std::move(bytes).error();
  package.bytes = std::make_shared<const Bytes>(*std::move(bytes));
  return package;
}

Result<std::string> link_path(const ExtensionPackage& package) {
  if (RealFiles().find_kind(package.file) == FileKind::File) return absolute(package.file);
  Diagnostic problem = make_diagnostic(
      Code::ExtSource, "`{}` cannot be linked: it is not a local file", package.source);
  problem.hints.emplace_back("`--link` works with files and folders only");
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

Result<ExtensionPackage> Fetcher::fetch(const ExtensionRequest& request, const AddOptions& options,
                                        const SignaturePolicy& signatures) {
  const std::string& source = request.source;
  TENON_TRY(const registry::Source parsed, registry::parse_source(source));
  if (const auto* const path = std::get_if<registry::PathSource>(&parsed)) {
    TENON_TRY(ExtensionPackage package, read_package(RealFiles(), path->path));
    package.source = absolute(path->path);
    package.asked = package.source;
    return package;
  }
  const RealFiles files;
  if (const auto* const url = std::get_if<registry::UrlSource>(&parsed)) {
    if (options.offline) return offline_problem(source);
    if (request.sha256.empty() && !options.unpinned) return unpinned_problem(source);
    TENON_TRY_VOID(signatures.check_unsigned({{}, {url->url.host}}, source, "components at URLs"));
    std::variant<registry::Pin, registry::Unpinned> pin = registry::Unpinned();
    if (!request.sha256.empty()) pin = registry::Pin{request.sha256};
    TENON_TRY(registry::FetchedPackage fetched, registry::fetch_url(http(), *url, pin));
    ExtensionPackage package = package_of(std::move(fetched), source, name_of_path(source));
    package.unpinned = request.sha256.empty();
    return package;
  }
  TENON_TRY(const registry::WasmPkgConfig config,
            registry::read_wasm_pkg_config(files, registry::wasm_pkg_config_path(variables_)));
  if (const auto* const reference = std::get_if<registry::OciReference>(&parsed)) {
    if (options.offline) return offline_problem(source);
    TENON_TRY(const registry::OciSettings settings,
              registry::find_oci_settings(config, reference->registry, files, variables_));
    TENON_TRY(registry::FetchedPackage fetched, registry::fetch_oci(http(), settings, *reference));
    TENON_TRY(std::vector<ExtensionSigner> signed_by,
              signatures.check(origin_of(*reference, request.registry), *fetched.reference,
                               fetched.version, http(), settings));
    ExtensionPackage package = package_of(
        std::move(fetched), source,
        reference->repository.substr(reference->repository.rfind('/') + 1), std::move(signed_by));
    package.registry = request.registry;
    return package;
  }
  const auto& registered = std::get<registry::RegistrySource>(parsed);
  Result<ExtensionPackage> fetched =
      fetch_from_registry(registered, config, http(), variables_, options, signatures, source);
  if (fetched) return fetched;
  Diagnostics problems = std::move(fetched).error();
  if (files.find_kind(source) != FileKind::Missing)
    problems.front().hints.push_back(fmt::format("for the local file, write `./{}`", source));
  return problems;
}

Result<void> Fetcher::check_signature(const Extension& extension, const SignaturePolicy& signatures,
                                      const CheckOptions& options) {
  if (signatures.is_empty()) return {};
  TENON_TRY(const registry::Source source, registry::parse_source(extension.source));
  const PackageOrigin origin = origin_of(source, extension);
  const auto* const reference = std::get_if<registry::OciReference>(&source);
  if (reference == nullptr) {
    // Whoever names a file has no package in mind.
    if (origin.package.empty() && origin.registries.empty()) return {};
    return signatures.check_unsigned(origin, extension.source, "folders and URLs");
  }
  if (!signatures.applies_to(origin)) return {};
  if (options.offline) return signatures.check_recorded(origin, extension);
  TENON_TRY(
      const registry::WasmPkgConfig config,
      registry::read_wasm_pkg_config(RealFiles(), registry::wasm_pkg_config_path(variables_)));
  TENON_TRY(const registry::OciSettings settings,
            registry::find_oci_settings(config, reference->registry, RealFiles(), variables_));
  TENON_TRY(registry::OciClient client, registry::OciClient::open(http(), settings));
  TENON_TRY(const std::optional<registry::OciPulled> pulled,
            client.pull_manifest(reference->repository, reference->digest, registry::Intent::Pull));
  if (!pulled) return gone_problem(extension);
  if (pulled->manifest.component.digest != "sha256:" + extension.digest)
    return other_component_problem(extension, pulled->manifest.component.digest);
  TENON_TRY_VOID(signatures.check(origin, *reference, pulled->manifest.version, http(), settings));
  return {};
}

}  // namespace tenon::extension
