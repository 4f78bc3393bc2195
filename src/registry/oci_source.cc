#include "registry/oci_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "registry/oci_index.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

// The tags that are versions, sorted, the newest last.
std::vector<Version> versions_of(const std::vector<std::string>& tags) {
  std::vector<Version> versions;
  for (const std::string& tag : tags)
    if (Result<Version, VersionError> version = parse_version(tag))
      versions.push_back(*std::move(version));
  std::ranges::sort(versions,
                    [](const Version& a, const Version& b) { return compare_versions(a, b) < 0; });
  return versions;
}

Result<void> check_config(OciClient& client, const std::string& repository,
                          const OciPulled& pulled) {
  TENON_TRY(const Bytes config, client.pull_blob(repository, pulled.manifest.config, Intent::Pull));
  if (const auto valid = check_wasm_config(config, pulled.manifest.component); !valid) {
    Diagnostic problem =
        make_diagnostic(Code::ExtFetch, "`{}` is not a component: {}",
                        print_oci_reference({client.registry(), repository, "", pulled.digest}),
                        valid.error().reason);
    problem.hints.emplace_back("components are published with `tenon ext publish` or `wkg`");
    return problem;
  }
  return {};
}

// The text of extension.toml: the annotation, or else the second layer; none if there is neither.
Result<std::optional<std::string>> find_manifest_text(OciClient& client,
                                                      const std::string& repository,
                                                      const OciManifest& manifest, Intent intent) {
  if (manifest.extension_text || !manifest.extension) return manifest.extension_text;
  TENON_TRY(const Bytes bytes, client.pull_blob(repository, *manifest.extension, intent));
  return std::optional<std::string>(std::in_place, bytes.begin(), bytes.end());
}

// tag: recorded in the origin; empty if the reference had only a digest.
Result<FetchedPackage> pull_package(OciClient& client, const std::string& repository,
                                    const std::string& tag, const OciPulled& pulled) {
  TENON_TRY_VOID(check_config(client, repository, pulled));
  FetchedPackage fetched;
  TENON_TRY(fetched.manifest,
            find_manifest_text(client, repository, pulled.manifest, Intent::Pull));
  TENON_TRY(fetched.component,
            client.pull_blob(repository, pulled.manifest.component, Intent::Pull));
  fetched.sha256 = pulled.manifest.component.digest.substr(std::string_view("sha256:").size());
  fetched.reference = OciReference{client.registry(), repository, tag, pulled.digest};
  fetched.origin = print_oci_reference(*fetched.reference);
  fetched.version = pulled.manifest.version;
  return fetched;
}

// How much of a package is read: its versions and description, or its interfaces as well.
enum class Contents { Description, Interfaces };

// The packages of an index that match, with the versions that do.
std::vector<FoundPackage> search_index(const std::vector<IndexEntry>& index,
                                       const SearchQuery& query) {
  std::vector<FoundPackage> found;
  for (const IndexEntry& entry : index) {
    if (!matches_search(query.text, entry.package, entry.description) ||
        !matches_interface(query.interface, entry.exports))
      continue;
    if (found.empty() || found.back().package != entry.package)
      found.push_back({.package = entry.package});
    found.back().versions.push_back(entry.version);
    found.back().description = entry.description;
    found.back().exports = entry.exports;
  }
  return found;
}

class OciSource final : public PackageSource {
 public:
  OciSource(OciClient client, std::string prefix)
      : client_(std::move(client)), prefix_(std::move(prefix)) {}

  std::string describe() const override;
  Result<std::vector<Version>> list_versions(const PackageName& package) override;
  Result<FetchedPackage> fetch(const PackageName& package, const Version& version) override;
  Result<std::vector<PackageName>> list_packages() override;
  Result<FoundPackages> search(const SearchQuery& query) override;
  Result<Published> publish(const Package& package) override;

 private:
  std::string repository_of(const PackageName& package) const {
    return prefix_ + package.space + '/' + package.name;
  }
  std::string index_repository() const { return prefix_ + std::string(kIndexRepository); }
  Result<FoundPackage> describe_package(const PackageName& package, Contents contents);
  Result<void> check_same(const Package& package, const OciPulled& existing);

  OciClient client_;
  std::string prefix_;
};

std::string OciSource::describe() const {
  return fmt::format("the registry `{}`",
                     prefix_.empty() ? client_.registry() : client_.registry() + '/' + prefix_);
}

Result<std::vector<Version>> OciSource::list_versions(const PackageName& package) {
  TENON_TRY_VOID(check_package_name(package));
  TENON_TRY(const auto tags, client_.list_tags(repository_of(package)));
  if (!tags) return missing_package(*this, package);
  return versions_of(*tags);
}

Result<FetchedPackage> OciSource::fetch(const PackageName& package, const Version& version) {
  TENON_TRY_VOID(check_package_name(package));
  const std::string repository = repository_of(package);
  const std::string tag = print_version(version);
  std::optional<OciPulled> pulled;
  if (is_oci_tag(tag)) {
    TENON_TRY(pulled, client_.pull_manifest(repository, tag, Intent::Pull));
  }
  if (pulled) return pull_package(client_, repository, tag, *pulled);
  TENON_TRY(const std::vector<Version> versions, list_versions(package));
  return missing_version(*this, package, tag, versions);
}

Result<std::vector<PackageName>> OciSource::list_packages() {
  TENON_TRY(const std::vector<std::string> repositories, client_.list_repositories());
  std::vector<PackageName> packages;
  for (std::string_view repository : repositories) {
    if (!repository.starts_with(prefix_)) continue;
    repository.remove_prefix(prefix_.size());
    const std::size_t slash = repository.find('/');
    if (slash == repository.npos) continue;
    PackageName package{std::string(repository.substr(0, slash)),
                        std::string(repository.substr(slash + 1))};
    if (is_label(package.space) && is_label(package.name)) packages.push_back(std::move(package));
  }
  std::ranges::sort(packages);
  packages.erase(std::ranges::unique(packages).begin(), packages.end());
  return packages;
}

// The package has no versions if its repository contains something else. Errors: ext-fetch, ext-auth,
// ext-digest.
Result<FoundPackage> OciSource::describe_package(const PackageName& package, Contents contents) {
  FoundPackage found{.package = package};
  const std::string repository = repository_of(package);
  TENON_TRY(const auto tags, client_.list_tags(repository));
  if (!tags) return found;
  std::vector<Version> versions = versions_of(*tags);
  if (versions.empty()) return found;
  TENON_TRY(const std::optional<OciPulled> pulled,
            client_.pull_manifest(repository, print_version(versions.back()), Intent::Pull));
  if (!pulled) return found;
  found.versions = std::move(versions);
  found.description = pulled->manifest.description;
  if (contents == Contents::Description) return found;
  TENON_TRY(const Bytes config,
            client_.pull_blob(repository, pulled->manifest.config, Intent::Pull));
  found.exports = find_wasm_interfaces(config).exports;
  // The other versions may export something else.
  found.versions = {found.versions.back()};
  return found;
}

// The index answers for the packages that it has. Others, which another tool published, cost two or
// three requests each, so only the first ones are read.
Result<FoundPackages> OciSource::search(const SearchQuery& query) {
  constexpr std::size_t kMostRead = 50;
  FoundPackages found;
  std::vector<IndexEntry> index;
  if (auto read = read_index(client_, index_repository(), Intent::Pull, found.notes))
    index = *std::move(read);
  else
    found.notes.push_back(fetch_note(fmt::format("the index of {} cannot be read: {}", describe(),
                                                 read.error().front().message)));
  found.packages = search_index(index, query);
  const Result<std::vector<PackageName>> packages = list_packages();
  if (!packages) {
    if (index.empty()) return packages.error();
    found.notes.push_back(fetch_note(
        fmt::format("{} does not list its packages, so only those in its index were searched, "
                    "which `tenon ext publish` adds",
                    describe())));
    return found;
  }
  const Contents contents = query.interface.empty() ? Contents::Description : Contents::Interfaces;
  std::size_t read = 0;
  for (const PackageName& package : *packages) {
    if (std::ranges::binary_search(index, package, {}, &IndexEntry::package)) continue;
    // A search by interface reads the package anyway, so its description is searched as well.
    if (contents == Contents::Description && !matches_search(query.text, package, "")) continue;
    if (++read > kMostRead) {
      if (contents == Contents::Description) found.packages.push_back({.package = package});
      continue;
    }
    // Skip repositories that contain something else or that this user cannot read.
    Result<FoundPackage> match = describe_package(package, contents);
    if (match && !match->versions.empty() &&
        matches_search(query.text, package, match->description) &&
        matches_interface(query.interface, match->exports))
      found.packages.push_back(*std::move(match));
  }
  if (read > kMostRead)
    found.notes.push_back(fetch_note(
        fmt::format("{} has {} packages that are not in its index, and only {} of them were "
                    "read",
                    describe(), read, kMostRead)));
  std::ranges::sort(found.packages, {}, &FoundPackage::package);
  return found;
}

// Errors: ext-publish, ext-fetch, ext-digest.
Result<void> OciSource::check_same(const Package& package, const OciPulled& existing) {
  TENON_TRY(
      const std::optional<std::string> manifest,
      find_manifest_text(client_, repository_of(package.package), existing.manifest, Intent::Push));
  const std::string digest = digest_of(package.component);
  if (existing.manifest.component.digest == digest && manifest == package.manifest) return {};
  return already_published(*this, package);
}

Result<Published> OciSource::publish(const Package& package) {
  TENON_TRY_VOID(check_publishable(package));
  const std::string repository = repository_of(package.package);
  const std::string tag = print_version(package.version);
  if (!is_oci_tag(tag)) {
    Diagnostic problem = make_diagnostic(
        Code::ExtPublish, "`{}@{}` cannot be published in {}: its version is not a valid tag",
        print_package_name(package.package), tag, describe());
    problem.hints.emplace_back("remove the build metadata (`+...`), which a tag cannot contain");
    return problem;
  }
  Published published{.outcome = PublishOutcome::AlreadyThere};
  const OciImage image = make_oci_image(package);
  TENON_TRY(const std::optional<OciPulled> existing,
            client_.pull_manifest(repository, tag, Intent::Push));
  if (existing) {
    TENON_TRY_VOID(check_same(package, *existing));
  } else {
    TENON_TRY_VOID(client_.push_blob(repository, image.component_descriptor, package.component));
    TENON_TRY_VOID(client_.push_blob(repository, image.config_descriptor, image.config));
    TENON_TRY_VOID(client_.push_manifest(repository, tag, image.manifest));
    published.outcome = PublishOutcome::Added;
  }
  const std::string digest = existing ? existing->digest : digest_of(image.manifest);
  published.sha256 = image.component_descriptor.digest.substr(std::string_view("sha256:").size());
  published.origin = print_oci_reference({client_.registry(), repository, tag, digest});
  // A version that was there may be missing in the index: its publisher was stopped, or could not
  // write there.
  const Result<void> indexed = add_to_index(
      client_, index_repository(),
      {.package = package.package,
       .version = package.version,
       .description = package.manifest ? find_description(*package.manifest) : std::string(),
       .imports = package.imports,
       .exports = package.exports,
       .digest = image.component_descriptor.digest});
  if (!indexed)
    published.notes.push_back(fetch_note(
        fmt::format("`tenon ext search` finds it by its name only: the index `{}/{}` cannot be "
                    "updated: {}",
                    client_.registry(), index_repository(), indexed.error().front().message)));
  return published;
}

Diagnostic missing_reference(const OciReference& reference,
                             const std::optional<std::vector<std::string>>& tags) {
  Diagnostic problem = make_diagnostic(Code::ExtNotFound, "there is no `{}`",
                                       sanitize_text(print_oci_reference(reference)));
  if (!tags || tags->empty()) {
    problem.hints.push_back(fmt::format("check the name: `{}` has no readable repository `{}`",
                                        reference.registry, reference.repository));
    return problem;
  }
  if (!reference.digest.empty())
    problem.hints.push_back(suggest_name("", *tags, "tags"));
  else if (reference.tag.empty())
    problem.hints.emplace_back("name a tag: none of the tags is a release version");
  else
    problem.hints.push_back(suggest_name(reference.tag, *tags, "tags"));
  return problem;
}

// The tag of the greatest version that is not a prerelease; absent if there is none.
std::optional<std::string> newest_tag(const std::vector<std::string>& tags) {
  const std::vector<Version> versions = versions_of(tags);
  const auto newest = std::find_if(versions.rbegin(), versions.rend(), [](const Version& version) {
    return version.prerelease.empty();
  });
  if (newest == versions.rend()) return std::nullopt;
  return print_version(*newest);
}

}  // namespace

Result<std::unique_ptr<PackageSource>> make_oci_source(HttpClient& http, OciSettings settings,
                                                       std::string prefix) {
  if (!is_oci_repository(prefix + "a/b")) {
    Diagnostic problem =
        make_diagnostic(Code::ExtSource,
                        "invalid prefix `{}` of the registry `{}`: expected lower-case names "
                        "separated by `/`",
                        sanitize_text(prefix), sanitize_text(settings.registry));
    problem.hints.emplace_back("write it like `webassembly/`, ending with `/`");
    return problem;
  }
  TENON_TRY(OciClient client, OciClient::open(http, std::move(settings)));
  return std::unique_ptr<PackageSource>(
      std::make_unique<OciSource>(std::move(client), std::move(prefix)));
}

Result<FetchedPackage> fetch_oci(HttpClient& http, OciSettings settings,
                                 const OciReference& reference) {
  TENON_TRY(OciClient client, OciClient::open(http, std::move(settings)));
  OciReference resolved = reference;
  if (reference.digest.empty() && reference.tag.empty()) {
    TENON_TRY(const auto tags, client.list_tags(reference.repository));
    const std::optional<std::string> newest = tags ? newest_tag(*tags) : std::nullopt;
    if (!newest) return missing_reference(reference, tags);
    resolved.tag = *newest;
  }
  TENON_TRY(
      const std::optional<OciPulled> pulled,
      client.pull_manifest(resolved.repository,
                           resolved.digest.empty() ? resolved.tag : resolved.digest, Intent::Pull));
  if (pulled) return pull_package(client, resolved.repository, resolved.tag, *pulled);
  TENON_TRY(const auto tags, client.list_tags(resolved.repository));
  return missing_reference(resolved, tags);
}

}  // namespace tenon::registry
