#include "host/library_file.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <link.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/sha256.h"
#include "support/try.h"

namespace tenon::host {

namespace {

std::optional<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real == nullptr) return std::nullopt;
  return std::string(real.get());
}

std::string name_user(uid_t id) {
  std::array<char, 4096> room = {};
  struct passwd entry = {};
  struct passwd* found = nullptr;
  getpwuid_r(id, &entry, room.data(), room.size(), &found);
  return found != nullptr ? found->pw_name : fmt::format("{}", id);
}

std::string name_group(gid_t id) {
  std::array<char, 4096> room = {};
  struct group entry = {};
  struct group* found = nullptr;
  getgrgid_r(id, &entry, room.data(), room.size(), &found);
  return found != nullptr ? found->gr_name : fmt::format("{}", id);
}

// "drwxrwxrwx root root hosts"
std::string show_entry(const std::string& path, const struct stat& status) {
  std::string mode(1, S_ISDIR(status.st_mode) ? 'd' : '-');
  for (int shift = 6; shift >= 0; shift -= 3) {
    const unsigned bits = static_cast<unsigned>(status.st_mode) >> shift;
    mode += (bits & 4U) != 0 ? 'r' : '-';
    mode += (bits & 2U) != 0 ? 'w' : '-';
    mode += (bits & 1U) != 0 ? 'x' : '-';
  }
  return fmt::format("{} {} {} {}", mode, name_user(status.st_uid), name_group(status.st_gid),
                     path);
}

// A folder that anybody may add to, and nobody take from, is as good as one that is closed.
bool may_change(const struct stat& status) {
  const bool is_open = (status.st_mode & S_IWOTH) != 0 &&
                       !(S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0);
  return is_open || (status.st_uid != 0 && status.st_uid != geteuid());
}

bool is_in(std::string_view path, std::string_view folder) {
  return folder == "/" ||
         (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/'));
}

// As they are without links: so are the paths that they are held against.
std::vector<std::string> trusted_paths(const LibraryWishes& wishes) {
  std::vector<std::string> made;
  for (const std::string& path : wishes.trusted)
    if (std::optional<std::string> real = real_path(path)) made.push_back(*std::move(real));
  return made;
}

Result<void> check_place(const LibraryWishes& wishes, const std::string& path) {
  std::string root(path.substr(0, path.rfind('/')));
  if (wishes.root) {
    root = real_path(wishes.root->empty() ? "." : *wishes.root).value_or("");
    if (root.empty() || !is_in(path, root))
      return refuse_library(wishes, fmt::format("it leads to `{}`, outside of its bundle", path),
                            "put the file itself into the bundle, not a link that leaves it");
  }
  const std::optional<std::string> fault = find_untrusted(path, root, trusted_paths(wishes));
  if (!fault) return {};
  Diagnostic problem = make_diagnostic(
      Code::HostUntrusted, "the library of `{}` may have been changed by others: it is not loaded",
      wishes.host);
  problem.where.file = wishes.path;
  problem.notes.push_back({*fault, {}, {}});
  problem.hints.emplace_back(
      "native code is outside of the sandbox: make it yours or root's, and close it to others with "
      "`chmod o-w`; if you know better, `--trust-path` says so");
  return problem;
}

Result<std::vector<std::uint8_t>> read_all(const LibraryWishes& wishes, int file,
                                           const struct stat& status) {
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limits::kFileBytes)
    return refuse_library(wishes, fmt::format("it has {} bytes", size), "is it the right file?");
  std::vector<std::uint8_t> bytes(size);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = pread(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    at += static_cast<std::size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

// Digests of the process, by all that changes when a file does.
struct KnownDigests {
  using Key = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;
  std::mutex lock;
  std::map<Key, std::string> by_file;
};

KnownDigests& known_digests() {
  static KnownDigests& made = *new KnownDigests;
  return made;
}

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Result<std::string> digest_of(const LibraryWishes& wishes, const OpenedLibrary& opened) {
  const struct stat& status = opened.status;
  const KnownDigests::Key key(status.st_dev, status.st_ino, status.st_size,
                              nanoseconds(status.st_mtim), nanoseconds(status.st_ctim));
  KnownDigests& known = known_digests();
  const std::lock_guard lock(known.lock);
  if (const auto found = known.by_file.find(key); found != known.by_file.end())
    return found->second;
  TENON_TRY(const std::vector<std::uint8_t> bytes, read_all(wishes, opened.file.number(), status));
  return known.by_file.emplace(key, sha256_hex(bytes)).first->second;
}

Result<void> check_pins(const LibraryWishes& wishes, const OpenedLibrary& opened) {
  for (const Pin& pin : wishes.pins) {
    TENON_TRY(const std::string found, digest_of(wishes, opened));
    if (pin.sha256 == found) continue;
    Diagnostic problem = make_diagnostic(
        Code::HostPin, "the library of `{}` is not the one that it is pinned to", wishes.host);
    problem.where = pin.where;
    if (problem.where.file.empty()) problem.where.file = wishes.path;
    problem.notes.push_back({fmt::format("wanted sha256 {}", pin.sha256), {}, {}});
    problem.notes.push_back({fmt::format("found  sha256 {} of {}", found, wishes.path), {}, {}});
    problem.hints.push_back(fmt::format("if you mean that file, pin it: `sha256 = \"{}\"`", found));
    return problem;
  }
  return {};
}

// Errors: host-library, host-untrusted.
Result<OpenedLibrary> open_trusted(const LibraryWishes& wishes) {
  std::optional<std::string> path = real_path(wishes.path);
  if (!path)
    return refuse_library(wishes, fmt::format("there is no file: {}", std::strerror(errno)),
                          "build the bundle, or name its library in `lib` of host.toml");
  TENON_TRY_VOID(check_place(wishes, *path));
  OpenedLibrary opened{
      *path, Descriptor(open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), {}};
  if (!opened.file.is_open() || fstat(opened.file.number(), &opened.status) != 0)
    return refuse_library(wishes, std::strerror(errno), "may you read it?");
  if (!S_ISREG(opened.status.st_mode))
    return refuse_library(wishes, "it is no file", "name the library in `lib` of host.toml");
  return opened;
}

// Where the system's loader looks, LD_LIBRARY_PATH first.
std::vector<std::string> loader_folders() {
  std::vector<std::string> folders;
  void* const self = dlopen(nullptr, RTLD_NOW);
  Dl_serinfo size = {};
  if (self == nullptr || dlinfo(self, RTLD_DI_SERINFOSIZE, &size) != 0) return folders;
  std::vector<std::max_align_t> room(size.dls_size / sizeof(std::max_align_t) + 1);
  auto* const info = reinterpret_cast<Dl_serinfo*>(room.data());
  info->dls_size = size.dls_size;
  info->dls_cnt = size.dls_cnt;
  if (dlinfo(self, RTLD_DI_SERINFO, info) != 0) return folders;
  for (unsigned i = 0; i < info->dls_cnt; ++i) folders.emplace_back(info->dls_serpath[i].dls_name);
  return folders;
}

}  // namespace

FileId id_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

Diagnostic refuse_library(const LibraryWishes& wishes, std::string_view why,
                          std::string_view hint) {
  Diagnostic problem = make_diagnostic(
      Code::HostLibrary, "the library of `{}` cannot be loaded: {}", wishes.host, why);
  problem.where.file = wishes.path;
  problem.hints.emplace_back(hint);
  return problem;
}

std::optional<std::string> find_untrusted(const std::string& path, const std::string& root,
                                          const std::vector<std::string>& trusted) {
  for (std::string at = path;;) {
    struct stat status = {};
    if (lstat(at.c_str(), &status) != 0) return fmt::format("{}: {}", at, std::strerror(errno));
    const bool is_trusted =
        std::ranges::any_of(trusted, [&](const std::string& one) { return is_in(at, one); });
    if (may_change(status) && !is_trusted) return show_entry(at, status);
    const std::size_t slash = at.rfind('/');
    if (at.size() <= root.size() || slash == std::string::npos || slash == 0) return std::nullopt;
    at.resize(slash);
  }
}

std::optional<std::string> loaded_path(void* handle) {
  struct link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0 || map == nullptr)
    return std::nullopt;
  return real_path(map->l_name);
}

std::string last_load_error() {
  const char* const why = dlerror();
  return why != nullptr ? why : "it is none";
}

std::optional<std::string> find_system_library(std::string_view name) {
  for (const std::string& folder : loader_folders()) {
    std::string path = fmt::format("{}/{}", folder, name);
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return std::nullopt;
}

Result<LibraryWishes> place_library(const LibraryWishes& wishes) {
  if (wishes.place == LibraryPlace::Bundle) return wishes;
  LibraryWishes placed = wishes;
  placed.root.reset();
  if (std::optional<std::string> found = find_system_library(wishes.path)) {
    placed.path = *std::move(found);
    return placed;
  }
  // It stays, as all libraries do.
  void* const handle = dlopen(wishes.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::optional<std::string> path = handle == nullptr ? std::nullopt : loaded_path(handle);
  if (!path)
    return refuse_library(wishes, handle == nullptr ? last_load_error() : "its file is not found",
                          "install it; `ldconfig -p` shows what the system has");
  placed.path = *std::move(path);
  return placed;
}

Result<OpenedLibrary> open_library_file(const LibraryWishes& wishes) {
  TENON_TRY(OpenedLibrary opened, open_trusted(wishes));
  TENON_TRY_VOID(check_pins(wishes, opened));
  return opened;
}

Result<std::string> digest_library(const LibraryWishes& wishes) {
  TENON_TRY(const LibraryWishes placed, place_library(wishes));
  TENON_TRY(const OpenedLibrary opened, open_trusted(placed));
  return digest_of(wishes, opened);
}

}  // namespace tenon::host
