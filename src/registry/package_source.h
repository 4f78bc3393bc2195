// Where packages are: a folder, or a registry that is asked over HTTP. Everything that a source
// says is checked before it is believed.
//
//   TENON_TRY(const auto versions, source.list_versions(package));
//   TENON_TRY(const Version version, choose_version(source, package, range, "^1.2"));
//   TENON_TRY(const FetchedPackage fetched, source.fetch(package, version));
#pragma once

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
#include "support/version_range.h"
#include "tenon/result.h"

namespace tenon::registry {

// What is published.
struct Package {
  PackageName package;
  Version version;
  Bytes component;
  std::optional<std::string> manifest;  // the text of its extension.toml
  // Names of the component, for those who look at a registry; tenon reads them nowhere.
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};

struct FetchedPackage {
  Bytes component;
  std::optional<std::string> manifest;  // the text of its extension.toml
  std::string sha256;                   // of the component: 64 digits
  // Where these bytes are to be had again, as a lock says it: a path, an `oci://` with a digest, a
  // URL.
  std::string origin;
};

struct FoundPackage {
  PackageName package;
  std::vector<Version> versions;  // the newest last
  std::string description;        // of the newest; empty: none

  bool operator==(const FoundPackage&) const = default;
};

// AlreadyThere: this very package had been published before.
enum class PublishOutcome { Added, AlreadyThere };

struct Published {
  PublishOutcome outcome = PublishOutcome::Added;
  std::string sha256;
  std::string origin;
};

// A folder that cannot be read is read-file, or read-limit, in the place of ext-fetch.
// Thread: one at a time.
class PackageSource {
 public:
  virtual ~PackageSource() = default;

  // "the folder `/srv/packages`", for messages.
  [[nodiscard]] virtual std::string describe() const = 0;

  // The newest last. Errors: ext-not-found, ext-fetch, ext-auth; ext-source: that is no name.
  [[nodiscard]] virtual Result<std::vector<Version>> list_versions(const PackageName& package) = 0;

  // Errors: those of list_versions; ext-digest.
  [[nodiscard]] virtual Result<FetchedPackage> fetch(const PackageName& package,
                                                     const Version& version) = 0;

  // All packages, by name. Errors: ext-fetch, also where a registry lists none; ext-auth.
  [[nodiscard]] virtual Result<std::vector<PackageName>> list_packages() = 0;

  // The packages whose name or description has `text` in it, upper and lower case alike, by name;
  // all of them if it is empty. Descriptions are searched where looking at them is cheap.
  // Errors: those of list_packages.
  [[nodiscard]] virtual Result<std::vector<FoundPackage>> search(std::string_view text) = 0;

  // A version is published once: what is there is never replaced.
  // Errors: ext-publish, ext-fetch, ext-auth, write-file.
  [[nodiscard]] virtual Result<Published> publish(const Package& package) = 0;
};

// Whether a version such as 1.3.0-rc.1 is one of ^1.2.
enum class Prereleases { Leave, Take };

// The greatest version in the range. range_text: as the user wrote it; empty: any.
// Errors: ext-not-found, with the versions that are there; those of list_versions.
[[nodiscard]] Result<Version> choose_version(PackageSource& source, const PackageName& package,
                                             const VersionRange& range, std::string_view range_text,
                                             Prereleases prereleases = Prereleases::Leave);

// The one package of that name, whatever its namespace. Errors: ext-not-found, also where several
// namespaces have it; those of list_packages.
[[nodiscard]] Result<PackageName> find_package(PackageSource& source, std::string_view name);

// With near names, if the source lists its packages.
[[nodiscard]] Diagnostic missing_package(PackageSource& source, const PackageName& package);

// versions: the newest last.
[[nodiscard]] Diagnostic missing_version(const PackageSource& source, const PackageName& package,
                                         std::string_view wanted,
                                         std::span<const Version> versions);

// ext-publish: another package of that version is there.
[[nodiscard]] Diagnostic already_published(const PackageSource& source, const Package& package);

// `description` of `[extension]`, or nothing: a text that is no such manifest has none.
[[nodiscard]] std::string find_description(std::string_view manifest);

// Whether a name or a description has `text` in it.
[[nodiscard]] bool matches_search(std::string_view text, const PackageName& package,
                                  std::string_view description);

// Refuses what is no name, so that it leads nowhere as a path. Errors: ext-source.
[[nodiscard]] Result<void> check_package_name(const PackageName& package);

// Refuses what no source takes: an empty component, one that is too large, a manifest that is too
// large or no UTF-8. Errors: ext-publish, ext-source.
[[nodiscard]] Result<void> check_publishable(const Package& package);

// sha256: 64 digits 0-9 a-f.
struct Pin {
  std::string sha256;
};
// Whatever the server sends is taken: the user says so.
struct Unpinned {};

// Errors: ext-fetch; ext-digest: the bytes are not those of the pin.
[[nodiscard]] Result<FetchedPackage> fetch_url(HttpClient& http, const UrlSource& source,
                                               const std::variant<Pin, Unpinned>& pin);

}  // namespace tenon::registry
