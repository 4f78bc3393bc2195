// The file system behind Disk. Every path is walked from the descriptor of the store's folder, one
// folder at a time with O_NOFOLLOW, so that neither a symbolic link nor a folder that is renamed in
// the meantime can lead out of the store. If files of other users are rejected, the owner and mode
// of each folder and file are checked on the opened descriptor, not on the path.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "extension/disk.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/safe_path.h"
#include "support/state_file.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

namespace fs = std::filesystem;

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

class RealDisk final : public Disk {
 public:
  RealDisk(std::string folder, OthersFiles others) : folder_(std::move(folder)), others_(others) {}

  [[nodiscard]] Result<std::optional<std::string>> read(const std::string& path) const override {
    TENON_TRY(const Descriptor file, open_to_read(path, O_RDONLY | O_NONBLOCK));
    if (!file.is_open()) return std::optional<std::string>();
    struct stat status = {};
    if (::fstat(file.number(), &status) != 0) return fail(Code::ReadFile, "read", path);
    errno = EINVAL;
    if (!S_ISREG(status.st_mode)) return fail(Code::ReadFile, "read", path);
    const auto content = read_all(file.number(), limits::kFileBytes);
    if (!content) return fail(errno == EFBIG ? Code::ReadLimit : Code::ReadFile, "read", path);
    return std::optional<std::string>(std::in_place, content->begin(), content->end());
  }

  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& path) const override {
    TENON_TRY(const Descriptor folder, open_to_read(path, kFolderFlags));
    if (!folder.is_open()) return std::vector<std::string>();
    auto names = list_names(folder.number());
    if (!names) return fail(Code::ReadFile, "list", path);
    return *std::move(names);
  }

  Result<void> write(const std::string& path, std::string_view content) override {
    TENON_TRY(const Place place, need_place(path));
    // An existing file is removed, not overwritten, because it could be a link.
    ::unlinkat(place.folder.number(), place.name.c_str(), 0);
    const Descriptor file(::openat(place.folder.number(), place.name.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file.is_open() || !write_all(file.number(), as_bytes(content)))
      return fail(Code::WriteFile, "write", path);
    return {};
  }

  Result<void> sync(const std::string& path) override {
    TENON_TRY(const Descriptor file, open_to_read(path, O_RDONLY));
    if (file.is_open() && ::fsync(file.number()) != 0) return fail(Code::WriteFile, "sync", path);
    return {};
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    TENON_TRY(const Place source, need_place(from));
    TENON_TRY(const Place target, need_place(to));
    if (::renameat(source.folder.number(), source.name.c_str(), target.folder.number(),
                   target.name.c_str()) != 0)
      return fail(Code::WriteFile, "replace", to);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    TENON_TRY(const Place place, need_place(path));
    if (::unlinkat(place.folder.number(), place.name.c_str(), 0) != 0 && errno != ENOENT)
      return fail(Code::WriteFile, "remove", path);
    return {};
  }

  Result<void> make_folder(const std::string& path) override {
    std::error_code failed;
    fs::create_directories(folder_, failed);
    TENON_TRY_VOID(open_root());
    errno = failed ? failed.value() : ENOENT;
    if (!root_.is_open()) return fail(Code::WriteFile, "make", "");
    for (std::size_t end = 0; end != path.npos && !path.empty();) {
      end = path.find('/', end + 1);
      const std::string part = path.substr(0, end);
      TENON_TRY(const Place place, need_place(part));
      if (::mkdirat(place.folder.number(), place.name.c_str(), 0755) != 0 && errno != EEXIST)
        return fail(Code::WriteFile, "make", part);
    }
    return {};
  }

  Result<std::shared_ptr<void>> lock(const std::string& path, Sharing sharing) override {
    TENON_TRY(const Place place, need_place(path));
    auto file = std::make_shared<Descriptor>(-1);
    *file = Descriptor(::openat(place.folder.number(), place.name.c_str(),
                                O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
    const bool is_shared = sharing == Sharing::Shared;
    if (!file->is_open()) {
      if (is_shared) return std::shared_ptr<void>();
      return fail(Code::WriteFile, "lock", path);
    }
    while (::flock(file->number(), is_shared ? LOCK_SH : LOCK_EX) != 0)
      if (errno != EINTR) return fail(Code::WriteFile, "lock", path);
    return std::shared_ptr<void>(std::move(file));
  }

 private:
  // A path split in two: the folder, opened, and the name in it. The file itself may not exist.
  struct Place {
    Descriptor folder;
    std::string name;
  };

  // Builds the message from errno.
  [[nodiscard]] Diagnostic fail(Code code, std::string_view verb, const std::string& path) const {
    const std::string file = join_path(folder_, path);
    Diagnostic problem =
        make_diagnostic(code, "cannot {} `{}`: {}", verb, file, std::strerror(errno));
    problem.where.file = file;
    problem.hints.push_back(
        code == Code::WriteFile
            ? "check that the disk is not full and that you may write to the folder"
            : fmt::format("check its type and owner: `ls -l {}`", file));
    return problem;
  }

  [[nodiscard]] Diagnostic refuse_unsafe(const std::string& path, const UnsafePath& fault) const {
    Diagnostic problem = refuse_unsafe_path(join_path(folder_, path), fault);
    problem.hints.push_back(
        fmt::format("to use this store anyway, name it: `--store {}`", sanitize_text(folder_)));
    return problem;
  }

  [[nodiscard]] Result<void> check_owner(const Descriptor& file, const std::string& path) const {
    struct stat status = {};
    if (others_ == OthersFiles::Accept || ::fstat(file.number(), &status) != 0 || is_safe(status))
      return {};
    return refuse_unsafe(path, {.entry = join_path(folder_, path),
                                .shown = show_entry(join_path(folder_, path), status)});
  }

  // Leaves `root_` closed if there is no such folder.
  [[nodiscard]] Result<void> open_root() const {
    if (root_.is_open()) return {};
    if (others_ == OthersFiles::Accept) {
      root_ = Descriptor(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    } else {
      Result<SafeFile, UnsafePath> opened = open_safe(folder_);
      if (!opened && opened.error().error == 0) return refuse_unsafe("", opened.error());
      if (opened) root_ = std::move(opened->file);
      errno = opened ? 0 : opened.error().error;
    }
    if (root_.is_open() || errno == ENOENT) return {};
    return fail(Code::ReadFile, "open", "");
  }

  // Nothing if a folder on the path is missing.
  [[nodiscard]] Result<std::optional<Place>> find_place(const std::string& path) const {
    TENON_TRY_VOID(open_root());
    if (!root_.is_open()) return std::optional<Place>();
    Place place{Descriptor(::openat(root_.number(), ".", kFolderFlags)), path.empty() ? "." : path};
    for (std::size_t slash = 0; (slash = place.name.find('/')) != std::string::npos;) {
      const std::string part = place.name.substr(0, slash);
      place.name.erase(0, slash + 1);
      place.folder = Descriptor(::openat(place.folder.number(), part.c_str(), kFolderFlags));
      if (!place.folder.is_open() && errno == ENOENT) return std::optional<Place>();
      const std::string folder = path.substr(0, path.size() - place.name.size() - 1);
      if (!place.folder.is_open()) return fail(Code::ReadFile, "open", folder);
      TENON_TRY_VOID(check_owner(place.folder, folder));
    }
    return std::optional(std::move(place));
  }

  [[nodiscard]] Result<Place> need_place(const std::string& path) const {
    TENON_TRY(std::optional<Place> place, find_place(path));
    if (place) return *std::move(place);
    errno = ENOENT;
    return fail(Code::WriteFile, "write", path);
  }

  // Returns a closed descriptor if there is no such file.
  [[nodiscard]] Result<Descriptor> open_to_read(const std::string& path, int flags) const {
    TENON_TRY(const std::optional<Place> place, find_place(path));
    if (!place) return Descriptor(-1);
    Descriptor file(
        ::openat(place->folder.number(), place->name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open() && errno != ENOENT) return fail(Code::ReadFile, "open", path);
    if (file.is_open()) TENON_TRY_VOID(check_owner(file, path));
    return file;
  }

  std::string folder_;
  OthersFiles others_;
  mutable Descriptor root_{-1};
};

}  // namespace

std::unique_ptr<Disk> open_real_disk(std::string folder, OthersFiles others) {
  return std::make_unique<RealDisk>(std::move(folder), others);
}

}  // namespace tenon::extension
