#include "engine/cache_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/files.h"
#include "support/safe_path.h"

namespace tenon::engine {

namespace fs = std::filesystem;

namespace {

// A file ends with "\ntenon-cache-1 <hash>\n".
constexpr std::string_view kMark = "\ntenon-cache-1 ";
constexpr std::size_t kHashDigits = 32;
constexpr std::size_t kTrailerBytes = kMark.size() + kHashDigits + 1;

std::string system_error_text() { return std::strerror(errno); }

std::string make_trailer(std::span<const std::uint8_t> content, std::string_view name) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, content.data(), content.size());
  XXH3_128bits_update(&state, name.data(), name.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return fmt::format("{}{:016x}{:016x}\n", kMark, hash.high64, hash.low64);
}

// Refuses a file or folder that another user can have written.
Refusal check_owner(const struct stat& status, ::mode_t required_mode) {
  if (status.st_uid != ::geteuid())
    return fmt::format("it belongs to user {}, not to {}", status.st_uid, ::geteuid());
  const ::mode_t mode = status.st_mode & 07777;
  if (mode != required_mode)
    return fmt::format("its mode is {:04o}, not {:04o}", mode, required_mode);
  return std::nullopt;
}

// A temporary name that no other writer of this folder uses. A process id alone is not unique:
// containers that share the folder number their processes independently.
std::string make_temporary_name(const std::string& name) {
  static std::atomic<unsigned> count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{}.{}-{}-{}.tmp", name, ::getpid(), count.fetch_add(1), now);
}

}  // namespace

Diagnostic make_cache_warning(const fs::path& path, std::string_view what, std::string_view why) {
  Diagnostic warning =
      make_diagnostic(Code::RunCache, "{} `{}` is not used: {}", what, path.string(), why);
  warning.where.file = path.string();
  return warning;
}

CacheFile::CacheFile(CacheFile&& other) noexcept
    : file_(std::move(other.file_)),
      refusal_(std::move(other.refusal_)),
      mapped_(std::exchange(other.mapped_, {})),
      content_(std::exchange(other.content_, {})) {}

CacheFile::~CacheFile() {
  if (!mapped_.empty()) ::munmap(const_cast<std::uint8_t*>(mapped_.data()), mapped_.size());
}

std::string CacheFile::path() const { return fmt::format("/proc/self/fd/{}", file_.number()); }

void CacheFile::mark_used() const { (void)::futimens(file_.number(), nullptr); }

Result<CacheFolder, std::string> CacheFolder::open(const fs::path& folder) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(folder, failed);
  const fs::path path = absolute.has_filename() ? absolute : absolute.parent_path();
  fs::create_directories(path.parent_path(), failed);
  const Result<SafeFile, UnsafePath> parent = open_safe(path.parent_path());
  if (!parent && parent.error().error == 0)
    return fmt::format("other users can change a folder above it: {}", parent.error().shown);
  if (!parent) return fmt::format("it cannot be created: {}", describe_error(parent.error()));
  const int above = parent->file.number();
  if (::mkdirat(above, path.filename().c_str(), 0700) != 0 && errno != EEXIST)
    return "it cannot be created: " + system_error_text();
  Descriptor opened(
      ::openat(above, path.filename().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status = {};
  if (!opened.is_open() || ::fstat(opened.number(), &status) != 0)
    return "it cannot be opened: " + system_error_text();
  if (Refusal refusal = check_owner(status, 0700)) return *std::move(refusal);
  return CacheFolder(path, std::move(opened));
}

CacheFile CacheFolder::read(const std::string& name) const {
  CacheFile file;
  const auto refuse = [&](std::string why) {
    file.refusal_ = std::move(why);
    return std::move(file);
  };
  file.file_ = Descriptor(
      ::openat(folder_.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.file_.is_open())
    return errno == ENOENT ? std::move(file)
                           : refuse("it cannot be opened: " + system_error_text());
  struct stat status = {};
  if (::fstat(file.file_.number(), &status) != 0) return refuse(system_error_text());
  if (!S_ISREG(status.st_mode)) return refuse("it is not a regular file");
  if (Refusal refusal = check_owner(status, 0600)) return refuse(*std::move(refusal));
  const auto size = static_cast<std::size_t>(status.st_size);
  const std::string damaged = "its content is damaged";
  if (size < kTrailerBytes) return refuse(damaged);
  void* const data =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.file_.number(), 0);
  if (data == MAP_FAILED) return refuse("it cannot be mapped: " + system_error_text());
  file.mapped_ = {static_cast<const std::uint8_t*>(data), size};
  const std::span content = file.mapped_.first(size - kTrailerBytes);
  const std::string trailer = make_trailer(content, name);
  if (!std::ranges::equal(file.mapped_.last(kTrailerBytes), as_bytes(trailer)))
    return refuse(damaged);
  file.content_ = content;
  return file;
}

CacheFile CacheFolder::read(const std::string& name, std::string_view what,
                            Diagnostics& warnings) const {
  CacheFile file = read(name);
  if (file.refusal()) warnings.push_back(make_cache_warning(path_ / name, what, *file.refusal()));
  return file;
}

Refusal CacheFolder::write(const std::string& name, std::span<const std::uint8_t> content) const {
  const int folder = folder_.number();
  const std::string temporary = make_temporary_name(name);
  const std::string trailer = make_trailer(content, name);
  const Descriptor file(
      ::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return "it cannot be created: " + system_error_text();
  if (::fchmod(file.number(), 0600) == 0 && write_all(file.number(), content) &&
      write_all(file.number(), as_bytes(trailer)) &&
      ::renameat(folder, temporary.c_str(), folder, name.c_str()) == 0)
    return std::nullopt;
  const int error = errno;
  ::unlinkat(folder, temporary.c_str(), 0);
  errno = error;
  return "it cannot be written: " + system_error_text();
}

std::vector<CacheFolder::Entry> CacheFolder::list() const {
  std::vector<Entry> entries;
  for (const std::string& name :
       list_names(folder_.number()).value_or(std::vector<std::string>())) {
    struct stat status = {};
    if (::fstatat(folder_.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode))
      entries.push_back({name, static_cast<std::uint64_t>(status.st_size), status.st_mtim});
  }
  return entries;
}

bool CacheFolder::remove(const std::string& name) const {
  return ::unlinkat(folder_.number(), name.c_str(), 0) == 0;
}

void CacheFolder::trim(std::uint64_t max_bytes) const {
  std::vector<Entry> entries = list();
  std::uint64_t total = 0;
  for (const Entry& entry : entries) total += entry.bytes;
  if (total <= max_bytes) return;
  std::ranges::sort(entries, {}, [](const Entry& entry) {
    return std::tie(entry.used.tv_sec, entry.used.tv_nsec, entry.name);
  });
  entries.pop_back();
  for (const Entry& entry : entries) {
    if (total <= max_bytes) return;
    if (remove(entry.name)) total -= entry.bytes;
  }
}

}  // namespace tenon::engine
