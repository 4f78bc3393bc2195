#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "extension/disk.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/terminal_text.h"

namespace tenon::extension {

namespace {

namespace fs = std::filesystem;

Diagnostic refuse(std::string_view what, const std::string& path, int error) {
  Diagnostic problem =
      make_diagnostic(Code::WriteFile, "`{}` cannot be {}: {}", path, what, std::strerror(error));
  problem.where.file = path;
  problem.hints.emplace_back("is the disk full, or the folder not yours?");
  return problem;
}

class RealDisk final : public Disk {
 public:
  [[nodiscard]] Result<std::optional<std::string>> read(const std::string& path) const override {
    if (RealFiles().find_kind(path) == FileKind::Missing) return std::optional<std::string>();
    Result<Bytes> bytes = read_file(RealFiles(), path, NamedBy::File);
    if (!bytes) return bytes.error();
    return std::optional<std::string>(std::in_place, bytes->begin(), bytes->end());
  }

  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) const override {
    if (RealFiles().find_kind(folder) == FileKind::Missing) return std::vector<std::string>();
    return RealFiles().list(folder);
  }

  Result<void> write(const std::string& path, std::string_view content) override {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.is_open()) return refuse("written", path, errno);
    while (!content.empty()) {
      const ssize_t written = ::write(file.number(), content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return refuse("written", path, errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> sync(const std::string& path) override {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() || ::fsync(file.number()) != 0) return refuse("kept", path, errno);
    return {};
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return refuse("replaced", to, errno);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return refuse("removed", path, errno);
    return {};
  }

  Result<void> make_folder(const std::string& path) override {
    std::error_code failed;
    fs::create_directories(path, failed);
    if (failed) return refuse("made", path, failed.value());
    return {};
  }

  Result<std::shared_ptr<void>> lock(const std::string& path, Sharing sharing) override {
    auto file =
        std::make_shared<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    const bool is_shared = sharing == Sharing::Shared;
    if (!file->is_open()) {
      if (is_shared) return std::shared_ptr<void>();
      return refuse("locked", path, errno);
    }
    while (::flock(file->number(), is_shared ? LOCK_SH : LOCK_EX) != 0)
      if (errno != EINTR) return refuse("locked", path, errno);
    return std::shared_ptr<void>(std::move(file));
  }
};

}  // namespace

std::unique_ptr<Disk> make_real_disk() { return std::make_unique<RealDisk>(); }

}  // namespace tenon::extension
