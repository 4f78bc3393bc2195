#include "engine/code_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/trim_folder.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/sha256.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

namespace fs = std::filesystem;

// A file is the image, which the engine maps from the file's start, and a trailer of one line:
//   "tenon-code-1 <key> <SHA-256 of the image> <size of the image>\n"
// in which the key is what the file's name spells.
constexpr std::string_view kMagic = "tenon-code-1";
constexpr std::size_t kMaxTrailerBytes = 12 + 1 + 64 + 1 + 64 + 1 + 20 + 1;

class File final {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// Why the cache is not used; empty means that it is.
using Refusal = std::optional<std::string>;

std::string system_error_text() { return std::strerror(errno); }

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string key_of(const Engine& engine, std::span<const std::uint8_t> component) {
  const std::string text = fmt::format("{} {}", engine.fingerprint(), sha256_hex(component));
  return sha256_hex(bytes_of(text));
}

std::string file_name(std::string_view key) { return fmt::format("{}.code", key); }

std::string make_trailer(std::string_view key, std::span<const std::uint8_t> image) {
  return fmt::format("{} {} {} {}\n", kMagic, key, sha256_hex(image), image.size());
}

// Whether no other user can have put something at what `status` describes.
Refusal check_owner(const struct stat& status, ::mode_t wanted_mode) {
  if (status.st_uid != ::geteuid()) {
    return fmt::format("it belongs to user {}, not to {}", status.st_uid, ::geteuid());
  }
  const ::mode_t mode = status.st_mode & 07777;
  if (mode != wanted_mode) {
    return fmt::format("its mode is {:04o}, not {:04o}", mode, wanted_mode);
  }
  return std::nullopt;
}

// Makes the folder if it is missing, and refuses one that others may write to.
Refusal open_folder(const fs::path& folder) {
  std::error_code error;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return "it cannot be made: " + system_error_text();
  }
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status = {};
  if (!opened.is_open() || ::fstat(opened.get(), &status) != 0) {
    return "it cannot be opened: " + system_error_text();
  }
  return check_owner(status, 0700);
}

// A file's bytes, mapped for reading.
class Mapping final {
 public:
  Mapping(int descriptor, std::size_t size)
      : size_(size), data_(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (is_valid()) ::munmap(data_, size_);
  }

  [[nodiscard]] bool is_valid() const { return data_ != MAP_FAILED; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return {static_cast<const std::uint8_t*>(data_), size_};
  }

 private:
  std::size_t size_;
  void* data_;
};

// Whether the file is whole and is what its name says.
Refusal check_content(int descriptor, std::size_t file_bytes, std::string_view key) {
  if (file_bytes == 0) return "it is empty";
  const Mapping file(descriptor, file_bytes);
  if (!file.is_valid()) return "it cannot be mapped: " + system_error_text();
  const std::span<const std::uint8_t> bytes = file.bytes();
  // The trailer is as long as that of an image of its size, within a digit or two.
  for (std::size_t length = std::min(kMaxTrailerBytes, file_bytes); length > 0; --length) {
    const std::span<const std::uint8_t> found = bytes.last(length);
    if (std::memcmp(found.data(), kMagic.data(), std::min(length, kMagic.size())) != 0) continue;
    const std::string wanted = make_trailer(key, bytes.first(file_bytes - length));
    const std::string_view text(reinterpret_cast<const char*>(found.data()), found.size());
    return text == wanted ? Refusal() : Refusal("its content is not what was written");
  }
  return "it does not end as it should";
}

// A file that is not there is no refusal: `missing` says so.
struct Checked {
  Refusal refusal;
  bool missing = false;
};

Checked check_file(const fs::path& path, std::string_view key) {
  const File file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return {.refusal = std::nullopt, .missing = true};
    return {.refusal = "it cannot be opened: " + system_error_text()};
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return {.refusal = system_error_text()};
  if (!S_ISREG(status.st_mode)) return {.refusal = "it is not a regular file"};
  if (Refusal refusal = check_owner(status, 0600)) return {.refusal = refusal};
  return {.refusal = check_content(file.get(), static_cast<std::size_t>(status.st_size), key)};
}

bool write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

// Writes aside and renames, so that a reader sees all of the file or none.
Refusal write_file(const fs::path& path, std::string_view key,
                   std::span<const std::uint8_t> image) {
  std::string aside = path.string() + ".XXXXXX";
  const File file(::mkostemp(aside.data(), O_CLOEXEC));
  if (!file.is_open()) return "it cannot be made: " + system_error_text();
  const std::string trailer = make_trailer(key, image);
  if (::fchmod(file.get(), 0600) == 0 && write_all(file.get(), image) &&
      write_all(file.get(), bytes_of(trailer)) && ::fdatasync(file.get()) == 0 &&
      ::rename(aside.c_str(), path.c_str()) == 0) {
    return std::nullopt;
  }
  std::string why = "it cannot be written: " + system_error_text();
  ::unlink(aside.c_str());
  return why;
}

Diagnostic make_warning(const fs::path& path, std::string_view what, std::string_view why) {
  Diagnostic warning =
      make_diagnostic(Code::RunCache, "{} `{}` is not used: {}", what, path.string(), why);
  warning.where.file = path.string();
  return warning;
}

// The code from the cache; none if it is not there, with a warning if it is but cannot be used.
std::optional<CompiledComponent> find_code(const Engine& engine, const fs::path& path,
                                           std::string_view key, Diagnostics& warnings) {
  const Checked checked = check_file(path, key);
  if (checked.missing) return std::nullopt;
  if (checked.refusal) {
    warnings.push_back(make_warning(path, "the cached code", *checked.refusal));
    return std::nullopt;
  }
  Result<CompiledComponent> code = CompiledComponent::deserialize_trusted_file(engine, path);
  if (!code) {
    warnings.push_back(make_warning(path, "the cached code", code.error().front().message));
    return std::nullopt;
  }
  mark_used(path);
  return *std::move(code);
}

void keep_code(const CompiledComponent& code, const fs::path& path, std::string_view key,
               Diagnostics& warnings) {
  const Result<std::vector<std::uint8_t>> image = code.serialize();
  const Refusal refusal = image ? write_file(path, key, *image) : image.error().front().message;
  if (refusal) warnings.push_back(make_warning(path, "the cached code", *refusal));
  trim_folder(path.parent_path(), limits::kCodeCacheBytes, path);
}

}  // namespace

std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> component) {
  return file_name(key_of(engine, component));
}

Result<CachedCode> load_or_compile(const Engine& engine, std::span<const std::uint8_t> component,
                                   const std::filesystem::path& folder,
                                   const BeforeCompile& before_compile) {
  Diagnostics warnings;
  bool usable = !folder.empty();
  if (usable) {
    if (const Refusal refusal = open_folder(folder)) {
      warnings.push_back(make_warning(folder, "the code cache", *refusal));
      usable = false;
    }
  }
  const std::string key = usable ? key_of(engine, component) : std::string();
  const fs::path path = folder / file_name(key);
  if (usable) {
    if (std::optional<CompiledComponent> found = find_code(engine, path, key, warnings)) {
      return CachedCode{*std::move(found), CodeOrigin::Cached, std::move(warnings)};
    }
  }
  if (before_compile) TENON_TRY_VOID(before_compile());
  TENON_TRY(CompiledComponent code, CompiledComponent::compile(engine, component));
  if (usable) keep_code(code, path, key, warnings);
  return CachedCode{std::move(code), CodeOrigin::Compiled, std::move(warnings)};
}

}  // namespace tenon::engine
