#include "registry/oci_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

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
  fetched.origin = print_oci_reference({client.registry(), repository, tag, pulled.digest});
  return fetched;
}

class OciSource final : public PackageSource {
 public:
  OciSource(OciClient client, std::string prefix)
      : client_(std::move(client)), prefix_(std::move(prefix)) {}

  std::string describe() const override;
  Result<std::vector<Version>> list_versions(const PackageName& package) override;
  Result<FetchedPackage> fetch(const PackageName& package, const Version& version) override;
  Result<std::vector<PackageName>> list_packages() override;
  Result<std::vector<FoundPackage>> search(std::string_view text) override;
  Result<Published> publish(const Package& package) override;

 private:
  std::string repository_of(const PackageName& package) const {
    return prefix_ + package.space + '/' + package.name;
  }
  Result<std::string> find_description_of(const PackageName& package, const Version& version);
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

Result<std::string> OciSource::find_description_of(const PackageName& package,
                                                   const Version& version) {
  TENON_TRY(const std::optional<OciPulled> pulled,
            client_.pull_manifest(repository_of(package), print_version(version), Intent::Pull));
  return pulled ? pulled->manifest.description : std::string();
}

// Versions and description cost two requests for each package, so only the first matches get them.
Result<std::vector<FoundPackage>> OciSource::search(std::string_view text) {
  constexpr std::size_t kMaxDescribed = 50;
  TENON_TRY(const std::vector<PackageName> packages, list_packages());
  std::vector<FoundPackage> matches;
  for (const PackageName& package : packages) {
    if (!matches_search(text, package, "")) continue;
    FoundPackage match{package, {}, {}};
    if (matches.size() < kMaxDescribed) {
      // Skip repositories that contain something else or that this user cannot read.
      const auto tags = client_.list_tags(repository_of(package));
      if (tags && *tags) match.versions = versions_of(**tags);
      if (match.versions.empty()) continue;
      const Result<std::string> description = find_description_of(package, match.versions.back());
      if (!description) continue;
      match.description = *description;
    }
    matches.push_back(std::move(match));
  }
  return matches;
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
  Published published{PublishOutcome::AlreadyThere, {}, {}};
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
