#include "host/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <link.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/sha256.h"
#include "support/try.h"

namespace tenon::host {

namespace {

constexpr const char* kEntry = "tenon_host_module_v1";

class Descriptor final {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

// Which file it is, whatever its name.
using FileId = std::pair<dev_t, ino_t>;

FileId id_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

std::optional<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real == nullptr) return std::nullopt;
  return std::string(real.get());
}

Diagnostic refuse(const LibraryWishes& wishes, std::string_view why, std::string_view hint) {
  Diagnostic problem = make_diagnostic(
      Code::HostLibrary, "the library of `{}` cannot be loaded: {}", wishes.host, why);
  problem.where.file = wishes.path;
  problem.hints.emplace_back(hint);
  return problem;
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

Result<void> check_place(const LibraryWishes& wishes, const std::string& path) {
  std::string root(path.substr(0, path.rfind('/')));
  if (wishes.place == LibraryPlace::Bundle && wishes.root) {
    root = real_path(wishes.root->empty() ? "." : *wishes.root).value_or("");
    if (root.empty() || !is_in(path, root))
      return refuse(wishes, fmt::format("it leads to `{}`, outside of its bundle", path),
                    "put the file itself into the bundle, not a link that leaves it");
  }
  const std::optional<std::string> fault = find_untrusted(path, root);
  if (!fault) return {};
  Diagnostic problem = make_diagnostic(
      Code::HostUntrusted, "the library of `{}` may have been changed by others: it is not loaded",
      wishes.host);
  problem.where.file = wishes.path;
  problem.notes.push_back({*fault, {}, {}});
  problem.hints.emplace_back(
      "native code is outside of the sandbox: make it yours or root's, and close it to others with "
      "`chmod o-w`");
  return problem;
}

Result<std::vector<std::uint8_t>> read_all(const LibraryWishes& wishes, int file,
                                           const struct stat& status) {
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limits::kFileBytes)
    return refuse(wishes, fmt::format("it has {} bytes", size), "is it the right file?");
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

Result<void> check_pin(const LibraryWishes& wishes, int file, const struct stat& status) {
  if (!wishes.sha256) return {};
  TENON_TRY(const std::vector<std::uint8_t> bytes, read_all(wishes, file, status));
  const std::string found = sha256_hex(bytes);
  if (wishes.sha256 == found) return {};
  Diagnostic problem = make_diagnostic(
      Code::HostPin, "the library of `{}` is not the one that it is pinned to", wishes.host);
  problem.where = wishes.pin_where;
  if (problem.where.file.empty()) problem.where.file = wishes.path;
  problem.notes.push_back({fmt::format("wanted sha256 {}", *wishes.sha256), {}, {}});
  problem.notes.push_back({fmt::format("found  sha256 {} of {}", found, wishes.path), {}, {}});
  problem.hints.push_back(fmt::format("if you mean that file, pin it: `sha256 = \"{}\"`", found));
  return problem;
}

// The file that a library was loaded from.
std::optional<std::string> loaded_path(void* handle) {
  struct link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0 || map == nullptr)
    return std::nullopt;
  return real_path(map->l_name);
}

// Whether what was loaded is the file that was looked at.
bool is_loaded_from(void* handle, const struct stat& status) {
  const std::optional<std::string> path = loaded_path(handle);
  struct stat loaded = {};
  return path && stat(path->c_str(), &loaded) == 0 && id_of(loaded) == id_of(status);
}

std::string last_error() {
  const char* const why = dlerror();
  return why != nullptr ? why : "it is none";
}

// Of the process.
struct Loaded {
  std::mutex lock;
  std::map<FileId, std::shared_ptr<Library>> libraries;
};

Loaded& loaded_libraries() {
  // Never destroyed: libraries stay to the end, also of static objects.
  static Loaded& loaded = *new Loaded;
  return loaded;
}

}  // namespace

std::optional<std::string> find_untrusted(const std::string& path, const std::string& root) {
  for (std::string at = path;;) {
    struct stat status = {};
    if (lstat(at.c_str(), &status) != 0) return fmt::format("{}: {}", at, std::strerror(errno));
    if (may_change(status)) return show_entry(at, status);
    const std::size_t slash = at.rfind('/');
    if (at.size() <= root.size() || slash == std::string::npos || slash == 0) return std::nullopt;
    at.resize(slash);
  }
}

FoundSymbol Library::find_symbol(const std::string& name) const {
  if (handle_ == nullptr || name.find('\0') != std::string::npos) return {};
  void* const address = dlsym(handle_, name.c_str());
  if (address == nullptr) return {};
  Dl_info info = {};
  void* entry = nullptr;
  // What the address of a function is found by may be another symbol, or none.
  const bool is_known = dladdr1(address, &info, &entry, RTLD_DL_SYMENT) != 0 && entry != nullptr &&
                        info.dli_saddr == address;
  const auto* const symbol = static_cast<const ElfW(Sym)*>(entry);
  return {address, is_known && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT};
}

Result<std::shared_ptr<Library>> Library::load(const LibraryWishes& wishes) {
  void* handle = nullptr;
  std::optional<std::string> path;
  if (wishes.place == LibraryPlace::System) {
    handle = dlopen(wishes.path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr)
      return refuse(wishes, last_error(), "install it; `ldconfig -p` shows what the system has");
    path = loaded_path(handle);
  } else {
    path = real_path(wishes.path);
  }
  if (!path)
    return refuse(wishes, fmt::format("there is no file: {}", std::strerror(errno)),
                  "build the bundle, or name its library in `lib` of host.toml");
  TENON_TRY_VOID(check_place(wishes, *path));
  const Descriptor file(open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0)
    return refuse(wishes, std::strerror(errno), "may you read it?");
  if (!S_ISREG(status.st_mode))
    return refuse(wishes, "it is no file", "name the library in `lib` of host.toml");
  TENON_TRY_VOID(check_pin(wishes, file.get(), status));

  Loaded& loaded = loaded_libraries();
  const std::lock_guard lock(loaded.lock);
  const auto known = loaded.libraries.find(id_of(status));
  if (known != loaded.libraries.end()) return known->second;
  if (handle == nullptr) handle = dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    return refuse(wishes, last_error(),
                  "`ldd` and `file` show what it needs and which machine it is for");
  if (!is_loaded_from(handle, status))
    return refuse(wishes, "its file was replaced while it was loaded", "run it again");
  using Entry = const tenon_host_module* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, kEntry));
  std::shared_ptr<Library> made(
      new Library(wishes.path, handle, entry == nullptr ? nullptr : entry()));
  loaded.libraries.emplace(id_of(status), made);
  return made;
}

}  // namespace tenon::host
