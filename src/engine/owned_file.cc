#include "engine/owned_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace tenon::engine {

namespace fs = std::filesystem;

namespace {

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

std::string system_error_text() { return std::strerror(errno); }

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

bool write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Refusal open_owned_folder(const fs::path& folder) {
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

OwnedFile OwnedFile::open(const fs::path& path) {
  OwnedFile made;
  const auto refuse = [&made](std::string why) {
    made.refusal_ = std::move(why);
    return std::move(made);
  };
  const File file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) {
    made.missing_ = errno == ENOENT;
    return made.missing_ ? std::move(made) : refuse("it cannot be opened: " + system_error_text());
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return refuse(system_error_text());
  if (!S_ISREG(status.st_mode)) return refuse("it is not a regular file");
  made.refusal_ = check_owner(status, 0600);
  if (made.refusal_) return made;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return refuse("it is empty");
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return refuse("it cannot be mapped: " + system_error_text());
  made.bytes_ = {static_cast<const std::uint8_t*>(data), size};
  return made;
}

OwnedFile::OwnedFile(OwnedFile&& other) noexcept
    : missing_(other.missing_),
      refusal_(std::move(other.refusal_)),
      bytes_(std::exchange(other.bytes_, {})) {}

OwnedFile::~OwnedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

Refusal write_owned_file(const fs::path& path,
                         std::initializer_list<std::span<const std::uint8_t>> parts) {
  std::string aside = path.string() + ".XXXXXX";
  const File file(::mkostemp(aside.data(), O_CLOEXEC));
  if (!file.is_open()) return "it cannot be made: " + system_error_text();
  bool written = ::fchmod(file.get(), 0600) == 0;
  for (const std::span<const std::uint8_t> part : parts)
    written = written && write_all(file.get(), part);
  if (written && ::fdatasync(file.get()) == 0 && ::rename(aside.c_str(), path.c_str()) == 0)
    return std::nullopt;
  std::string why = "it cannot be written: " + system_error_text();
  ::unlink(aside.c_str());
  return why;
}

}  // namespace tenon::engine
