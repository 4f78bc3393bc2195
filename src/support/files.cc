#include "support/files.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/names.h"
#include "support/try.h"

namespace tenon {

namespace {

constexpr std::string_view kIsFolder = "it is a folder";

std::string describe_errno(int error) {
  switch (error) {
    case ENOENT:
      return "there is no such file";
    case EISDIR:
      return std::string(kIsFolder);
    case ENOTDIR:
      return "part of its path is not a folder";
    case EACCES:
      return "permission denied";
    default:
      return std::generic_category().message(error);
  }
}

Diagnostic make_problem(Code code, std::string_view verb, const std::string& path,
                        std::string_view reason) {
  Diagnostic problem = make_diagnostic(code, "cannot {} `{}`: {}", verb, path, reason);
  problem.where.file = path;
  problem.hints.push_back(
      reason == kIsFolder ? "name a file in the folder"
                          : fmt::format("`ls -l {}` shows its type, owner and permissions", path));
  return problem;
}

Diagnostic too_large(const std::string& path, std::uint64_t max_bytes) {
  return make_problem(Code::ReadLimit, "read", path,
                      fmt::format("it is larger than {} bytes", max_bytes));
}

// Removes a file at the end of the scope, unless `keep` was called.
class TemporaryFile final {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

// The file that a write to `path` changes: its links are followed, unless one is broken.
std::string follow_links(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

std::optional<struct stat> find_status(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

// Creates a new file beside `target` and stores its path in `aside`. Returns the descriptor; on
// failure a negative number, and sets errno.
int open_aside(const std::string& target, Access access, std::string& aside) {
  const mode_t mode = access == Access::OwnerOnly ? 0600 : 0666;
  constexpr int kTries = 100;
  int descriptor = -1;
  for (int i = 0; i < kTries && descriptor < 0; ++i) {
    aside = fmt::format("{}.{}-{}.tmp", target, ::getpid(), i);
    descriptor = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno != EEXIST) break;
  }
  return descriptor;
}

Result<void> write_in_place(const std::string& path, std::span<const std::uint8_t> content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open() || !write_all(file.number(), content) || !file.close())
    return make_problem(Code::WriteFile, "write", path, describe_errno(errno));
  return {};
}

// Compares names without their suffix: `cart.wasm` and `tax.wasm` are not near only because both
// end in `.wasm`.
bool has_near_stem(std::string_view a, std::string_view b) {
  const std::string_view stem = a.substr(0, a.rfind('.'));
  const std::size_t bound = std::clamp<std::size_t>(stem.size() / 2, 1, kNearMissDistance);
  return find_edit_distance(stem, b.substr(0, b.rfind('.')), bound).has_value();
}

// Matches one part of a pattern against the entries of the folders that matched so far.
Result<std::vector<std::string>> match_part(const Files& files,
                                            const std::vector<std::string>& folders,
                                            std::string_view part) {
  std::vector<std::string> paths;
  for (const std::string& folder : folders) {
    if (!has_wildcard(part)) {
      std::string path = join_path(folder, part);
      if (files.find_kind(path) != FileKind::Missing) paths.push_back(std::move(path));
      continue;
    }
    if (files.find_kind(folder.empty() ? "." : folder) != FileKind::Folder) continue;
    TENON_TRY(const std::vector<std::string> names, files.list(folder.empty() ? "." : folder));
    for (const std::string& name : names)
      if (matches_glob(part, name) && (name[0] != '.' || part[0] == '.'))
        paths.push_back(join_path(folder, name));
  }
  return paths;
}

}  // namespace

FileKind RealFiles::find_kind(const std::string& path) const {
  const std::optional<struct stat> status = find_status(path);
  if (!status) return FileKind::Missing;
  if (S_ISREG(status->st_mode)) return FileKind::File;
  return S_ISDIR(status->st_mode) ? FileKind::Folder : FileKind::Other;
}

std::optional<FileState> RealFiles::find_state(const std::string& path) const {
  const std::optional<struct stat> status = find_status(path);
  if (!status || !S_ISREG(status->st_mode)) return std::nullopt;
  const auto since_1970 = [](const struct timespec& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  return FileState{.device = status->st_dev,
                   .number = status->st_ino,
                   .size = static_cast<std::uint64_t>(status->st_size),
                   .modified = since_1970(status->st_mtim),
                   .changed = since_1970(status->st_ctim)};
}

Result<Bytes> RealFiles::read(const std::string& path, std::uint64_t max_bytes,
                              NamedBy named_by) const {
  const auto fail = [&] {
    return make_problem(Code::ReadFile, "read", path, describe_errno(errno));
  };
  // Opening a pipe blocks until it has a writer, which is right only if the user named the pipe.
  const int wait = named_by == NamedBy::User ? 0 : O_NONBLOCK;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | wait));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) return fail();
  if (named_by == NamedBy::File && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    return make_problem(Code::ReadFile, "read", path, "it is not a regular file");
  std::optional<Bytes> content = read_all(file.number(), max_bytes);
  if (content) return *std::move(content);
  return errno == EFBIG ? too_large(path, max_bytes) : fail();
}

Result<std::vector<std::string>> RealFiles::list(const std::string& folder) const {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::optional<std::vector<std::string>> names;
  if (opened.is_open()) names = list_names(opened.number());
  if (names) return *std::move(names);
  return make_problem(Code::ReadFile, "list", folder,
                      errno == ENOTDIR ? "it is not a folder" : describe_errno(errno));
}

Result<void> RealFiles::write(const std::string& path, std::span<const std::uint8_t> content,
                              Access access) {
  const auto fail = [&] {
    return make_problem(Code::WriteFile, "write", path,
                        errno == ENOENT ? "its folder does not exist" : describe_errno(errno));
  };
  const std::optional<struct stat> status = find_status(path);
  if (status && S_ISDIR(status->st_mode))
    return make_problem(Code::WriteFile, "write", path, kIsFolder);
  if (status && !S_ISREG(status->st_mode)) return write_in_place(path, content);

  const std::string target = follow_links(path);
  std::string aside;
  Descriptor file(open_aside(target, access, aside));
  if (!file.is_open()) return fail();
  TemporaryFile temporary(std::move(aside));
  if (status && access == Access::Shared && ::fchmod(file.number(), status->st_mode & 07777U) != 0)
    return fail();
  if (!write_all(file.number(), content) || !file.close()) return fail();
  if (::rename(temporary.path().c_str(), target.c_str()) != 0) return fail();
  temporary.keep();
  return {};
}

namespace {

// "`./` has `app.wasm` and `tax.wasm`", for a file that is not there.
std::string list_components(const std::string& folder, std::vector<std::string> components) {
  constexpr std::size_t kMostNamed = 4;
  if (components.empty()) return "check the path";
  const std::string where = folder == "." ? "the working folder" : fmt::format("`{}`", folder);
  std::ranges::sort(components);
  const std::size_t more = components.size() - std::min(components.size(), kMostNamed);
  components.resize(components.size() - more);
  return fmt::format("{} has `{}`{}", where, fmt::join(components, "`, `"),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace

Diagnostic missing_path(const Files& files, const std::string& path) {
  Diagnostic problem = make_diagnostic(Code::ReadFile, "there is no file `{}`", path);
  problem.where.file = path;
  if (path.empty()) {
    problem.hints.push_back("name a file; an empty path often comes from an unset variable");
    return problem;
  }
  if (path.find("://") != path.npos) {
    problem.hints.push_back("URLs are not fetched: download the file first, then pass its path");
    return problem;
  }
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  Result<std::vector<std::string>> names = files.list(folder);
  if (!names) {
    problem.hints.push_back(
        fmt::format("the folder `{}` cannot be listed: check the path", folder));
    return problem;
  }
  const std::string_view name = std::string_view(path).substr(slash == path.npos ? 0 : slash + 1);
  // It is there, but leads nowhere.
  if (std::ranges::find(*names, name) != names->end()) {
    problem.message = fmt::format("`{}` is a link to a file that does not exist", path);
    problem.hints.emplace_back("link it to an existing file");
    return problem;
  }
  std::vector<std::string> components;
  std::ranges::copy_if(*names, std::back_inserter(components), [](const std::string& other) {
    return other.ends_with(".wasm") || other.ends_with(".wat");
  });
  std::erase_if(*names, [&](const std::string& other) { return !has_near_stem(name, other); });
  std::vector<std::string> near;
  for (const std::string_view near_name : near_misses(name, std::span<const std::string>(*names)))
    near.push_back(slash == path.npos ? std::string(near_name) : join_path(folder, near_name));
  const std::vector<std::string_view> views(near.begin(), near.end());
  problem.hints.push_back(near.empty() ? list_components(folder, std::move(components))
                                       : did_you_mean(views));
  return problem;
}

Result<Bytes> read_file(const Files& files, const std::string& path, NamedBy named_by) {
  if (files.find_kind(path) == FileKind::Missing) return missing_path(files, path);
  return files.read(path, limits::kFileBytes, named_by);
}

Result<std::string> read_text_file(const Files& files, const std::string& path, NamedBy named_by) {
  if (files.find_kind(path) == FileKind::Missing) return missing_path(files, path);
  TENON_TRY(const Bytes content, files.read(path, limits::kTextBytes, named_by));
  return std::string(content.begin(), content.end());
}

Result<std::vector<std::string>> find_paths(const Files& files, std::string_view pattern) {
  std::vector<std::string> paths{pattern.starts_with('/') ? "/" : ""};
  while (!pattern.empty()) {
    const std::size_t slash = std::min(pattern.find('/'), pattern.size());
    const std::string_view part = pattern.substr(0, slash);
    pattern.remove_prefix(std::min(slash + 1, pattern.size()));
    if (part.empty()) continue;
    TENON_TRY(paths, match_part(files, paths, part));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty() || name.starts_with('/')) return std::string(name);
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

bool stays_inside(std::string_view path) {
  if (path.empty() || path[0] == '/') return false;
  int depth = 0;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    if (part == "..") --depth;
    if (part != ".." && part != "." && !part.empty()) ++depth;
    if (depth < 0) return false;
  }
  return true;
}

}  // namespace tenon
