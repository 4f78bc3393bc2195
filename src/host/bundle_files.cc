#include "host/bundle_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/sha256.h"
#include "host/library.h"
#include "support/diagnostics.h"
#include "support/files.h"

namespace tenon::host {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "host.toml";
// Files at the top of the bundle's folder that are always packed.
constexpr std::array<std::string_view, 5> kTexts = {"README", "LICENSE", "COPYING", "NOTICE",
                                                    "CHANGELOG"};

fs::path bundle_folder(const Manifest& manifest) {
  return manifest.folder.empty() ? fs::path(".") : fs::path(manifest.folder);
}

// Finds files and keeps them by their paths in the bundle.
class Collector final {
 public:
  Collector(const Manifest& manifest, std::vector<std::string> trusted)
      : manifest_(manifest), folder_(bundle_folder(manifest)), trusted_(std::move(trusted)) {
    std::error_code failed;
    root_ = fs::canonical(folder_, failed);
  }

  // Adds a file, or everything in a folder except hidden files.
  void add(const fs::path& path) {
    std::error_code failed;
    const fs::path source = folder_ / path;
    const fs::path real = fs::canonical(source, failed);
    if (failed)
      return add_problem(source, "there is no such file", "check the spelling of its name");
    const fs::path inside = real.lexically_relative(root_);
    if (inside.empty() || *inside.begin() == "..")
      return add_problem(source, fmt::format("it leads to `{}`, outside the bundle", real.string()),
                         "put the file itself into the bundle instead of a link");
    if (fs::is_regular_file(real, failed)) {
      const std::string name = path.lexically_normal().generic_string();
      files_.emplace(name, source.string());
      return;
    }
    // A link to a folder could lead back to itself.
    if (!fs::is_directory(real, failed) || fs::is_symlink(source, failed))
      return add_problem(source, "it is neither a file nor a folder",
                         "only files and folders can be packed");
    const Result<std::vector<std::string>> names = RealFiles().list(source.string());
    if (!names) return add_problems(names.error());
    for (const std::string& name : *names)
      if (!name.starts_with('.')) add(path / name);
  }

  // Adds a library and all files next to it, because a library can load others.
  void add_library(const LibraryFile& library) {
    if (library.place == LibraryPlace::System) return;
    LibraryRequest request;
    request.host = manifest_.name;
    request.path = (folder_ / library.path).string();
    request.root = manifest_.folder;
    if (library.sha256) request.pins.push_back({*library.sha256, manifest_.library_where});
    request.trusted = trusted_;
    if (const auto checked = check_library(request); !checked) return add_problems(checked.error());
    const fs::path beside = fs::path(library.path).lexically_normal().parent_path();
    add(beside.empty() ? fs::path(library.path) : beside);
  }

  void add_texts() {
    const Result<std::vector<std::string>> names = RealFiles().list(folder_.string());
    if (!names) return add_problems(names.error());
    for (const std::string& name : *names)
      if (std::ranges::any_of(kTexts, [&](std::string_view text) {
            return name == text || name.starts_with(std::string(text) + '.');
          }))
        add(name);
  }

  Result<std::vector<HostPackageFile>> take() {
    if (!problems_.empty()) return std::move(problems_);
    std::vector<HostPackageFile> files;
    for (const auto& [path, source] : files_) {
      Result<Bytes> content = read_file(RealFiles(), source, NamedBy::File);
      if (!content) {
        add_problems(content.error());
        continue;
      }
      files.push_back(
          {path, std::string(content->begin(), content->end()), engine::sha256_hex(*content)});
    }
    if (!problems_.empty()) return std::move(problems_);
    return files;
  }

 private:
  void add_problems(const Diagnostics& more) {
    problems_.insert(problems_.end(), more.begin(), more.end());
  }
  void add_problem(const fs::path& path, std::string_view why, std::string_view hint) {
    Diagnostic problem =
        make_diagnostic(Code::ReadFile, "`{}` cannot be packed: {}", path.string(), why);
    problem.where.file = path.string();
    problem.hints.emplace_back(hint);
    problems_.push_back(std::move(problem));
  }

  const Manifest& manifest_;
  fs::path folder_;
  fs::path root_;  // without links
  std::vector<std::string> trusted_;
  std::map<std::string, std::string> files_;
  Diagnostics problems_;
};

}  // namespace

Result<std::vector<HostPackageFile>> read_package_files(const Manifest& manifest,
                                                        const PackageOptions& options) {
  if (manifest.takes_any_config) {
    Diagnostic problem = make_diagnostic(
        Code::HostBundleNotFound, "the folder of `{}` has no host.toml, so it cannot be packed",
        manifest.name);
    problem.where.file = manifest.file;
    problem.hints.emplace_back(
        "write a host.toml in that folder: see `tenon explain host-bundle-not-found`");
    return problem;
  }
  Collector collector(manifest, options.trusted);
  collector.add(kManifest);
  collector.add(manifest.wit);
  if (manifest.platforms.empty() && manifest.library) collector.add_library(*manifest.library);
  for (const auto& [platform, library] : manifest.platforms) collector.add_library(library);
  collector.add_texts();
  for (const std::string& path : options.added) collector.add(path);
  return collector.take();
}

std::vector<std::string> list_left_out(const Manifest& manifest,
                                       std::span<const HostPackageFile> packed) {
  std::vector<std::string> left_out;
  const Result<std::vector<std::string>> names = RealFiles().list(bundle_folder(manifest).string());
  if (!names) return left_out;
  for (const std::string& name : *names)
    if (std::ranges::none_of(packed, [&](const HostPackageFile& file) {
          return file.path == name || file.path.starts_with(name + '/');
        }))
      left_out.push_back(name);
  return left_out;
}

}  // namespace tenon::host
