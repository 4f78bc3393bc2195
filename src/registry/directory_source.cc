#include "registry/directory_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/sha256.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

// Every access below the root goes through an open folder (openat, O_NOFOLLOW) and one path
// component at a time, so that a symbolic link cannot lead out of the root, not even one that
// somebody creates while tenon is reading.
//
// Publishing writes extension.toml first and the component last, each to a temporary name that is
// flushed and then renamed. The component is what makes a version exist. If the publisher is
// stopped halfway, the version does not exist yet, and the next publisher replaces the leftovers.

namespace tenon::registry {

namespace {

constexpr std::string_view kSuffix = ".wasm";
constexpr std::string_view kTextSuffix = ".toml";

// An open folder, and its path for messages.
struct Folder {
  std::string path;
  Descriptor descriptor;

  [[nodiscard]] std::string path_of(std::string_view name) const { return join_path(path, name); }
};

Diagnostic io_problem(Code code, std::string_view verb, const std::string& path, int error) {
  // O_NOFOLLOW refuses a link with ELOOP, or with ENOTDIR if a folder is expected.
  const std::string reason =
      error == ELOOP || error == ENOTDIR
          ? "it is a symbolic link, which is not followed here, or not a folder"
          : std::generic_category().message(error);
  Diagnostic problem =
      make_diagnostic(code, "cannot {} `{}`: {}", verb, sanitize_text(path), reason);
  problem.where.file = path;
  problem.hints.push_back(
      fmt::format("run `ls -l {}` to see its type, owner and permissions", sanitize_text(path)));
  return problem;
}

Diagnostic cannot_read(const std::string& path, int error) {
  return io_problem(Code::ReadFile, "read", path, error);
}

Diagnostic cannot_write(const std::string& path, int error) {
  return io_problem(Code::WriteFile, "write", path, error);
}

Folder open_folder(const Folder& in, const std::string& name) {
  return {in.path_of(name), Descriptor(::openat(in.descriptor.number(), name.c_str(),
                                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))};
}

// Sorted by bytes. Errors: read-file, read-limit.
Result<std::vector<std::string>> list_names(const Folder& folder) {
  const int copy = ::openat(folder.descriptor.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(copy < 0 ? nullptr : ::fdopendir(copy),
                                                    &::closedir);
  if (!entries) return cannot_read(folder.path, errno);
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(entries.get())) {
    if (names.size() == limits::kRegistryNames) {
      Diagnostic problem = make_diagnostic(Code::ReadLimit, "`{}` has more than {} entries",
                                           sanitize_text(folder.path), limits::kRegistryNames);
      problem.hints.emplace_back("name the folder that contains the namespaces of a registry");
      return problem;
    }
    names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

// The names that are labels: namespaces, or packages.
Result<std::vector<std::string>> list_labels(const Folder& folder) {
  TENON_TRY(std::vector<std::string> names, list_names(folder));
  std::erase_if(names, [](const std::string& name) { return !is_label(name); });
  return names;
}

Result<std::vector<Version>> list_version_files(const Folder& folder) {
  TENON_TRY(const std::vector<std::string> names, list_names(folder));
  std::vector<Version> versions;
  for (const std::string_view name : names) {
    if (!name.ends_with(kSuffix)) continue;
    if (Result<Version, VersionError> version =
            parse_version(name.substr(0, name.size() - kSuffix.size())))
      versions.push_back(*std::move(version));
  }
  std::ranges::sort(versions,
                    [](const Version& a, const Version& b) { return compare_versions(a, b) < 0; });
  return versions;
}

// The content of a file; none if it does not exist. Errors: read-file, read-limit.
Result<std::optional<Bytes>> read_entry(const Folder& folder, const std::string& name,
                                        std::uint64_t max_bytes) {
  const std::string path = folder.path_of(name);
  // Without O_NONBLOCK, opening a named pipe would block.
  const Descriptor file(::openat(folder.descriptor.number(), name.c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (!file.is_open() && errno == ENOENT) return std::optional<Bytes>();
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) return cannot_read(path, errno);
  if (!S_ISREG(status.st_mode)) return cannot_read(path, S_ISDIR(status.st_mode) ? EISDIR : ENODEV);
  std::optional<Bytes> content = read_all(file.number(), max_bytes);
  if (content) return content;
  if (errno != EFBIG) return cannot_read(path, errno);
  Diagnostic problem =
      make_diagnostic(Code::ReadLimit, "cannot read `{}`: it has more than {} bytes",
                      sanitize_text(path), max_bytes);
  problem.where.file = path;
  problem.hints.emplace_back("choose another version of the package");
  return problem;
}

Result<std::optional<std::string>> read_text_entry(const Folder& folder, const std::string& name) {
  TENON_TRY(const std::optional<Bytes> bytes, read_entry(folder, name, limits::kPackageTextBytes));
  if (!bytes) return std::optional<std::string>();
  return std::optional<std::string>(std::in_place, bytes->begin(), bytes->end());
}

// Opens a folder, and creates it if it does not exist.
Result<Folder> make_folder(const Folder& in, const std::string& name) {
  if (::mkdirat(in.descriptor.number(), name.c_str(), 0777) != 0 && errno != EEXIST)
    return cannot_write(in.path_of(name), errno);
  Folder folder = open_folder(in, name);
  if (!folder.descriptor.is_open()) return cannot_write(folder.path, errno);
  return folder;
}

// Writes a temporary file, flushes it to disk and renames it. The caller holds the folder's lock.
Result<void> write_entry(const Folder& folder, const std::string& name,
                         std::span<const std::uint8_t> content) {
  const std::string temporary = '.' + name + ".tmp";
  const int at = folder.descriptor.number();
  const auto fail = [&] {
    const int error = errno;
    ::unlinkat(at, temporary.c_str(), 0);
    return cannot_write(folder.path_of(name), error);
  };
  // Remove the leftover of a publisher that was stopped.
  ::unlinkat(at, temporary.c_str(), 0);
  Descriptor file(
      ::openat(at, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.is_open() || !write_all(file.number(), content) || ::fsync(file.number()) != 0 ||
      !file.close() || ::renameat(at, temporary.c_str(), at, name.c_str()) != 0)
    return fail();
  return {};
}

std::span<const std::uint8_t> bytes_of(std::string_view text) { return as_bytes(text); }

class DirectorySource final : public PackageSource {
 public:
  explicit DirectorySource(std::string root) : root_(std::move(root)) {}

  std::string describe() const override {
    return fmt::format("the folder `{}`", sanitize_text(root_));
  }
  Result<std::vector<Version>> list_versions(const PackageName& package) override;
  Result<FetchedPackage> fetch(const PackageName& package, const Version& version) override;
  Result<std::vector<PackageName>> list_packages() override;
  Result<FoundPackages> search(const SearchQuery& query) override;
  Result<Published> publish(const Package& package) override;

 private:
  Result<Folder> open_root() const;
  Result<Folder> open_package(const PackageName& package);
  Result<std::optional<FoundPackage>> look_up(const PackageName& package, const SearchQuery& query);
  Result<Published> add(const Folder& folder, const Package& package) const;

  std::string root_;
};

Result<Folder> DirectorySource::open_root() const {
  Folder root{root_, Descriptor(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
  if (!root.descriptor.is_open()) return cannot_read(root_, errno);
  return root;
}

Result<std::vector<PackageName>> DirectorySource::list_packages() {
  TENON_TRY(const Folder root, open_root());
  TENON_TRY(const std::vector<std::string> spaces, list_labels(root));
  std::vector<PackageName> packages;
  for (const std::string& space : spaces) {
    const Folder folder = open_folder(root, space);
    if (!folder.descriptor.is_open()) continue;
    TENON_TRY(const std::vector<std::string> names, list_labels(folder));
    for (const std::string& name : names) packages.push_back({space, name});
  }
  return packages;
}

Result<Folder> DirectorySource::open_package(const PackageName& package) {
  TENON_TRY_VOID(check_package_name(package));
  TENON_TRY(const Folder root, open_root());
  Folder space = open_folder(root, package.space);
  if (!space.descriptor.is_open() && errno != ENOENT) return cannot_read(space.path, errno);
  if (!space.descriptor.is_open()) return missing_package(*this, package);
  Folder folder = open_folder(space, package.name);
  if (!folder.descriptor.is_open() && errno != ENOENT) return cannot_read(folder.path, errno);
  if (!folder.descriptor.is_open()) return missing_package(*this, package);
  return folder;
}

Result<std::vector<Version>> DirectorySource::list_versions(const PackageName& package) {
  TENON_TRY(const Folder folder, open_package(package));
  return list_version_files(folder);
}

Result<FetchedPackage> DirectorySource::fetch(const PackageName& package, const Version& version) {
  TENON_TRY(const Folder folder, open_package(package));
  const std::string text = print_version(version);
  const std::string name = text + std::string(kSuffix);
  TENON_TRY(std::optional<Bytes> component, read_entry(folder, name, limits::kPackageBytes));
  if (!component) {
    TENON_TRY(const std::vector<Version> versions, list_version_files(folder));
    return missing_version(*this, package, text, versions);
  }
  FetchedPackage fetched;
  fetched.component = *std::move(component);
  TENON_TRY(fetched.manifest, read_text_entry(folder, text + std::string(kTextSuffix)));
  fetched.sha256 = engine::sha256_hex(fetched.component);
  fetched.origin = folder.path_of(name);
  return fetched;
}

// The package's versions and description; none if it has no versions or is not a folder. Its
// component is read if the query asks for an interface, and the text alone does not exclude it.
Result<std::optional<FoundPackage>> DirectorySource::look_up(const PackageName& package,
                                                             const SearchQuery& query) {
  FoundPackage match{.package = package};
  const Result<Folder> folder = open_package(package);
  if (!folder) return std::optional<FoundPackage>();
  TENON_TRY(match.versions, list_version_files(*folder));
  if (match.versions.empty()) return std::optional<FoundPackage>();
  // An unreadable manifest gives no description here; `fetch` reports the error.
  const auto manifest =
      read_text_entry(*folder, print_version(match.versions.back()) + std::string(kTextSuffix));
  if (manifest && *manifest) match.description = find_description(**manifest);
  if (!matches_search(query.text, package, match.description)) return std::optional<FoundPackage>();
  if (query.interface.empty()) return std::optional(std::move(match));
  // A component that cannot be read exports nothing.
  const auto component = read_entry(
      *folder, print_version(match.versions.back()) + std::string(kSuffix), limits::kPackageBytes);
  if (component && *component && query.list_exports)
    match.exports = query.list_exports(**component);
  if (!matches_interface(query.interface, match.exports)) return std::optional<FoundPackage>();
  // The other versions may export something else.
  match.versions = {match.versions.back()};
  return std::optional(std::move(match));
}

Result<FoundPackages> DirectorySource::search(const SearchQuery& query) {
  TENON_TRY(const std::vector<PackageName> packages, list_packages());
  FoundPackages found;
  for (const PackageName& package : packages) {
    TENON_TRY(std::optional<FoundPackage> match, look_up(package, query));
    if (match) found.packages.push_back(*std::move(match));
  }
  return found;
}

Result<Published> DirectorySource::add(const Folder& folder, const Package& package) const {
  const std::string text = print_version(package.version);
  const std::string name = text + std::string(kSuffix);
  const std::string manifest_name = text + std::string(kTextSuffix);
  Published published{PublishOutcome::Added, engine::sha256_hex(package.component),
                      folder.path_of(name)};
  TENON_TRY(const std::optional<Bytes> there, read_entry(folder, name, limits::kPackageBytes));
  if (there) {
    TENON_TRY(const std::optional<std::string> manifest, read_text_entry(folder, manifest_name));
    if (*there != package.component || manifest != package.manifest)
      return already_published(*this, package);
    published.outcome = PublishOutcome::AlreadyThere;
    return published;
  }
  // A manifest without a component was left by a publisher that was stopped.
  if (package.manifest)
    TENON_TRY_VOID(write_entry(folder, manifest_name, bytes_of(*package.manifest)));
  else if (::unlinkat(folder.descriptor.number(), manifest_name.c_str(), 0) != 0 && errno != ENOENT)
    return cannot_write(folder.path_of(manifest_name), errno);
  TENON_TRY_VOID(write_entry(folder, name, package.component));
  if (::fsync(folder.descriptor.number()) != 0) return cannot_write(folder.path, errno);
  return published;
}

Result<Published> DirectorySource::publish(const Package& package) {
  TENON_TRY_VOID(check_publishable(package));
  std::error_code failed;
  std::filesystem::create_directories(root_, failed);
  if (failed) return cannot_write(root_, failed.value());
  TENON_TRY(const Folder root, open_root());
  TENON_TRY(const Folder space, make_folder(root, package.package.space));
  TENON_TRY(const Folder folder, make_folder(space, package.package.name));
  if (::flock(folder.descriptor.number(), LOCK_EX) != 0) return cannot_write(folder.path, errno);
  return add(folder, package);
}

}  // namespace

std::unique_ptr<PackageSource> make_directory_source(std::string root) {
  return std::make_unique<DirectorySource>(std::move(root));
}

}  // namespace tenon::registry
