#include "registry/package_source.h"

#include <algorithm>
#include <utility>

#include "engine/sha256.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "support/utf8.h"

namespace tenon::registry {

namespace {

// The newest versions, and the number of older ones.
std::string show_versions(std::span<const Version> versions) {
  constexpr std::size_t kShown = 10;
  const std::size_t older = versions.size() > kShown ? versions.size() - kShown : 0;
  std::string text;
  for (const Version& version : versions.subspan(older))
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", print_version(version));
  return older == 0 ? text : fmt::format("{}, and {} older ones", text, older);
}

Diagnostic unpublishable(const Package& package, std::string_view reason, std::string_view hint) {
  Diagnostic problem =
      make_diagnostic(Code::ExtPublish, "`{}@{}` cannot be published: {}",
                      print_package_name(package.package), print_version(package.version), reason);
  problem.hints.emplace_back(hint);
  return problem;
}

Diagnostic wrong_pin(const Url& url, std::string_view expected, const FetchedPackage& fetched) {
  Diagnostic problem =
      make_diagnostic(Code::ExtDigest, "the SHA-256 of `{}` does not match the pin", show_url(url));
  problem.notes.push_back({fmt::format("expected {}", sanitize_text(expected)), {}, {}});
  problem.notes.push_back({fmt::format("found    {}", fetched.sha256), {}, {}});
  // Many servers answer a missing file or a required login with a web page and status 200.
  if (!fetched.component.empty() && fetched.component.front() == '<')
    problem.notes.push_back({"it begins with `<`: a web page instead of a component", {}, {}});
  problem.hints.push_back(
      fmt::format("check the content; if you trust it, pin it: `--sha256 {}`", fetched.sha256));
  return problem;
}

}  // namespace

Diagnostic missing_package(PackageSource& source, const PackageName& package) {
  const std::string name = print_package_name(package);
  Diagnostic problem =
      make_diagnostic(Code::ExtNotFound, "there is no package `{}` in {}", name, source.describe());
  std::vector<std::string> names;
  if (const auto packages = source.list_packages())
    for (const PackageName& existing : *packages) names.push_back(print_package_name(existing));
  const auto near = near_misses(name, std::span<const std::string>(names));
  if (near.empty())
    problem.hints.emplace_back("`tenon ext search` lists the packages");
  else
    problem.hints.push_back(did_you_mean(near));
  return problem;
}

Diagnostic missing_version(const PackageSource& source, const PackageName& package,
                           std::string_view requested, std::span<const Version> versions) {
  const std::string name = print_package_name(package);
  if (versions.empty()) {
    Diagnostic problem = make_diagnostic(
        Code::ExtNotFound, "the package `{}` in {} has no versions", name, source.describe());
    problem.hints.emplace_back("`tenon ext search` lists the packages");
    return problem;
  }
  Diagnostic problem = make_diagnostic(Code::ExtNotFound, "no version of `{}` in {} matches `{}`",
                                       name, source.describe(), sanitize_text(requested));
  problem.notes.push_back({fmt::format("existing versions: {}", show_versions(versions)), {}, {}});
  const Version& newest = versions.back();
  problem.hints.push_back(fmt::format(
      "`{}@{}{}` selects the newest", name, newest.prerelease.empty() ? "^" : "=",
      print_version({newest.major, newest.minor, newest.patch, newest.prerelease, {}})));
  return problem;
}

Result<Version> choose_version(PackageSource& source, const PackageName& package,
                               const VersionRange& range, std::string_view range_text,
                               Prereleases prereleases) {
  TENON_TRY(const std::vector<Version> versions, source.list_versions(package));
  const auto match = std::find_if(versions.rbegin(), versions.rend(), [&](Version version) {
    if (matches_range(range, version)) return true;
    if (prereleases == Prereleases::Leave || version.prerelease.empty()) return false;
    version.prerelease.clear();
    return matches_range(range, version);
  });
  if (match != versions.rend()) return *match;
  return missing_version(source, package, range_text.empty() ? "*" : range_text, versions);
}

Result<PackageName> find_package(PackageSource& source, std::string_view name) {
  TENON_TRY(const std::vector<PackageName> packages, source.list_packages());
  std::vector<PackageName> named;
  std::vector<std::string> names;
  for (const PackageName& package : packages) {
    names.push_back(package.name);
    if (package.name == name) named.push_back(package);
  }
  if (named.size() == 1) return named.front();
  Diagnostic problem = make_diagnostic(Code::ExtNotFound, "{} package is named `{}` in {}",
                                       named.empty() ? "no" : "more than one", sanitize_text(name),
                                       source.describe());
  for (const PackageName& package : named)
    problem.hints.push_back(fmt::format("write `{}`", print_package_name(package)));
  if (named.empty()) problem.hints.push_back(suggest_name(name, names, "packages"));
  return problem;
}

Diagnostic already_published(const PackageSource& source, const Package& package) {
  Diagnostic problem = make_diagnostic(
      Code::ExtPublish, "`{}@{}` is already published in {}, with other content",
      print_package_name(package.package), print_version(package.version), source.describe());
  problem.notes.push_back(
      {"a published version never changes, since its users rely on its content", {}, {}});
  problem.hints.emplace_back("publish it as a new version");
  return problem;
}

std::string find_description(std::string_view manifest) {
  const std::string file = "extension.toml";
  const Result<TomlDocument> document = parse_toml(manifest, file);
  if (!document) return {};
  // Problems of the manifest are reported when it is installed.
  Diagnostics problems;
  std::string description;
  TomlTable(file, *document, problems).take_table("extension", [&](TomlTable& extension) {
    description = extension.take_text("description").value_or("");
  });
  return description;
}

bool matches_search(std::string_view text, const PackageName& package,
                    std::string_view description) {
  const std::string lowered = lower(text);
  return print_package_name(package).find(lowered) != std::string::npos ||
         lower(description).find(lowered) != std::string::npos;
}

bool matches_interface(std::string_view pattern, const std::vector<std::string>& interfaces) {
  return pattern.empty() || std::ranges::any_of(interfaces, [&](std::string_view interface) {
           return matches_glob(pattern, interface) ||
                  matches_glob(pattern, interface.substr(0, interface.find('@')));
         });
}

Result<void> check_package_name(const PackageName& package) {
  if (is_label(package.space) && is_label(package.name)) return {};
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "invalid package name `{}`: namespace and name are {}",
                      sanitize_text(print_package_name(package)), kLabelRule);
  problem.hints.emplace_back("write it like `acme:math`");
  return problem;
}

Result<void> check_publishable(const Package& package) {
  TENON_TRY_VOID(check_package_name(package.package));
  if (package.component.empty())
    return unpublishable(package, "its component is empty", "build the component first");
  if (package.component.size() > limits::kPackageBytes)
    return unpublishable(package,
                         fmt::format("its component has more than {} bytes", limits::kPackageBytes),
                         "remove debug information, or data that can be loaded at run time");
  if (!package.manifest) return {};
  if (package.manifest->size() > limits::kPackageTextBytes)
    return unpublishable(
        package, fmt::format("its manifest has more than {} bytes", limits::kPackageTextBytes),
        "shorten extension.toml");
  if (find_bad_utf8(*package.manifest))
    return unpublishable(package, "its manifest is not UTF-8", "save extension.toml as UTF-8");
  return {};
}

Result<FetchedPackage> fetch_url(HttpClient& http, const UrlSource& source,
                                 const std::variant<Pin, Unpinned>& pin) {
  HttpRequest request;
  request.url = source.url;
  request.max_bytes = limits::kPackageBytes;
  TENON_TRY(HttpResponse response, send_request(http, request));
  if (response.status != 200) return status_problem(response);
  FetchedPackage fetched;
  fetched.component = std::move(response.body);
  fetched.sha256 = engine::sha256_hex(fetched.component);
  fetched.origin = print_url(source.url);
  const Pin* const expected = std::get_if<Pin>(&pin);
  if (expected != nullptr && expected->sha256 != fetched.sha256)
    return wrong_pin(response.url, expected->sha256, fetched);
  return fetched;
}

}  // namespace tenon::registry
