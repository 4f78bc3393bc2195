// Package sources: a folder, an OCI registry, or a single URL. Everything that a source returns is
// checked before it is used.
//
//   TENON_TRY(const auto versions, source.list_versions(package));
//   TENON_TRY(const Version version, choose_version(source, package, range, "^1.2"));
//   TENON_TRY(const FetchedPackage fetched, source.fetch(package, version));
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "registry/http.h"
#include "registry/source.h"
#include "support/files.h"
#include "support/semver.h"
#include "tenon/result.h"

namespace tenon::registry {

// A package to publish.
struct Package {
  PackageName package;
  Version version;
  Bytes component;
  std::optional<std::string> manifest;  // the text of its extension.toml
  // The component's items, for display by registries. tenon does not read them back.
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};

struct FetchedPackage {
  Bytes component;
  std::optional<std::string> manifest;  // the text of its extension.toml
  std::string sha256;                   // of the component: 64 digits
  // Where exactly these bytes can be fetched again, for a lock file: a path, an `oci://` reference
  // with a digest, or a URL.
  std::string origin;
  std::optional<OciReference> reference = {};  // `origin`, if it is a reference
  std::string version = {};  // that the manifest in an OCI registry names; can be empty
};

// A package must match both `text` and `interface`; an empty one matches every package.
struct SearchQuery {
  // A part of the name or the description, ignoring case.
  std::string text = {};
  // A glob that the name of an exported interface matches, with or without its version.
  std::string interface = {};
  // Lists the interfaces that a component exports. Called by sources that store only components.
  std::function<std::vector<std::string>(const Bytes& component)> list_exports = {};
};

struct FoundPackage {
  PackageName package;
  std::vector<Version> versions = {};  // the matching ones, the newest last
  // Description and exported interfaces of the newest matching version. Empty if the source does not
  // have them, or did not read them.
  std::string description = {};
  std::vector<std::string> exports = {};

  bool operator==(const FoundPackage&) const = default;
};

struct FoundPackages {
  std::vector<FoundPackage> packages = {};  // sorted by name
  Diagnostics notes = {};                   // ext-fetch: what could not be searched, and why
};

// AlreadyThere: the same version was published before, with the same content.
enum class PublishOutcome { Added, AlreadyThere };

struct Published {
  PublishOutcome outcome = PublishOutcome::Added;
  std::string sha256 = {};
  std::string origin = {};
  Diagnostics notes = {};  // ext-fetch: why the index could not be updated
};

// Errors of functions: a folder that cannot be read is read-file or read-limit instead of
// ext-fetch.
// Thread: one at a time.
class PackageSource {
 public:
  virtual ~PackageSource() = default;

  // "the folder `/srv/packages`", for messages.
  [[nodiscard]] virtual std::string describe() const = 0;

  // All versions, the newest last.
  // Errors: ext-not-found, ext-fetch, ext-auth, ext-source (an invalid package name).
  [[nodiscard]] virtual Result<std::vector<Version>> list_versions(const PackageName& package) = 0;

  // Errors: those of list_versions; ext-digest.
  [[nodiscard]] virtual Result<FetchedPackage> fetch(const PackageName& package,
                                                     const Version& version) = 0;

  // All packages, sorted by name.
  // Errors: ext-fetch, also if a registry does not list its packages; ext-auth.
  [[nodiscard]] virtual Result<std::vector<PackageName>> list_packages() = 0;

  // Finds the packages that match. Where that needs requests for each package, only the first
  // packages are read, and a note says so.
  // Errors: those of list_packages.
  [[nodiscard]] virtual Result<FoundPackages> search(const SearchQuery& query) = 0;

  // Publishes a new version. An existing version is never replaced.
  // Errors: ext-publish, ext-fetch, ext-auth, write-file.
  [[nodiscard]] virtual Result<Published> publish(const Package& package) = 0;
};

// Whether a range such as ^1.2 includes prereleases such as 1.3.0-rc.1.
enum class Prereleases { Leave, Take };

// The greatest version in the range. range_text: as the user wrote it; empty for any version.
// Errors: ext-not-found, with the existing versions; those of list_versions.
[[nodiscard]] Result<Version> choose_version(PackageSource& source, const PackageName& package,
                                             const VersionRange& range, std::string_view range_text,
                                             Prereleases prereleases = Prereleases::Leave);

// The package of that name in any namespace.
// Errors: ext-not-found, also if several namespaces have it; those of list_packages.
[[nodiscard]] Result<PackageName> find_package(PackageSource& source, std::string_view name);

// The diagnostic ext-not-found for a package, with near misses if the source lists its packages.
[[nodiscard]] Diagnostic missing_package(PackageSource& source, const PackageName& package);

// The diagnostic ext-not-found for a version. versions: the existing ones, the newest last.
[[nodiscard]] Diagnostic missing_version(const PackageSource& source, const PackageName& package,
                                         std::string_view requested,
                                         std::span<const Version> versions);

// The diagnostic ext-publish: the version exists with other content.
[[nodiscard]] Diagnostic already_published(const PackageSource& source, const Package& package);

// The `description` in the `[extension]` table of an extension.toml; empty if there is none or the
// text cannot be parsed.
[[nodiscard]] std::string find_description(std::string_view manifest);

// Whether the name or the description contains `text`, ignoring case.
[[nodiscard]] bool matches_search(std::string_view text, const PackageName& package,
                                  std::string_view description);

// Whether the pattern is empty or matches one of the interfaces.
[[nodiscard]] bool matches_interface(std::string_view pattern,
                                     const std::vector<std::string>& interfaces);

// Checks a name before it becomes part of a path or URL. Errors: ext-source.
[[nodiscard]] Result<void> check_package_name(const PackageName& package);

// Checks what every source requires: a component that is neither empty nor too large, and a
// manifest that is not too large and is UTF-8. Errors: ext-publish, ext-source.
[[nodiscard]] Result<void> check_publishable(const Package& package);

// The expected SHA-256 of a download: 64 digits 0-9 a-f.
struct Pin {
  std::string sha256;
};
// The user accepts any content.
struct Unpinned {};

// Downloads a component. Errors: ext-fetch; ext-digest (its SHA-256 differs from the pin).
[[nodiscard]] Result<FetchedPackage> fetch_url(HttpClient& http, const UrlSource& source,
                                               const std::variant<Pin, Unpinned>& pin);

}  // namespace tenon::registry
