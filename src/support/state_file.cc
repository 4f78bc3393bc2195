#include "support/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/safe_path.h"
#include "support/try.h"
#include "tenon/trust.h"

namespace tenon {

namespace {

namespace fs = std::filesystem;

Diagnostic refuse_write(const std::string& path, int error) {
  Diagnostic problem =
      make_diagnostic(Code::WriteFile, "cannot write `{}`: {}", path, std::strerror(error));
  problem.where.file = path;
  problem.hints.push_back(fmt::format("`ls -l {}` shows its type, owner and permissions", path));
  return problem;
}

}  // namespace

Diagnostic refuse_unsafe_path(const std::string& path, const UnsafePath& fault) {
  if (fault.error == ENOENT) return missing_path(RealFiles(), path);
  if (fault.error != 0) {
    Diagnostic problem =
        make_diagnostic(Code::ReadFile, "cannot read `{}`: {}", path, describe_error(fault));
    problem.where.file = path;
    problem.hints.push_back(fmt::format("`ls -l {}` shows its type, owner and permissions", path));
    return problem;
  }
  Diagnostic problem =
      make_diagnostic(Code::ConfigUntrusted, "`{}` is not used: other users can change it", path);
  problem.where.file = path;
  problem.notes.push_back({fault.shown, {}, {}});
  problem.hints.push_back(
      fmt::format("make sure that you own `{0}`, and run `chmod go-w {0}`", fault.entry));
  return problem;
}

Result<void> check_owner(std::string_view path) {
  const Result<SafeFile, UnsafePath> opened = open_safe(std::string(path));
  if (opened) return {};
  return refuse_unsafe_path(std::string(path), opened.error());
}

Result<std::string> read_state_file(const std::string& path) {
  if (RealFiles().find_kind(path) == FileKind::Missing) return std::string();
  TENON_TRY_VOID(check_owner(path));
  return read_text_file(RealFiles(), path, NamedBy::File);
}

Result<void> change_state_file(
    const std::string& path,
    const std::function<Result<std::optional<std::string>>(std::string_view)>& change) {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code failed;
  fs::create_directories(folder.parent_path(), failed);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return refuse_write(folder.string(), errno);
  TENON_TRY_VOID(check_owner(folder.string()));
  const std::string lock = path + ".lock";
  const Descriptor held(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!held.is_open()) return refuse_write(lock, errno);
  while (::flock(held.number(), LOCK_EX) != 0)
    if (errno != EINTR) return refuse_write(lock, errno);
  TENON_TRY(const std::string before, read_state_file(path));
  TENON_TRY(const std::optional<std::string> after, change(before));
  if (!after) return {};
  return RealFiles().write(path, as_bytes(*after), Access::OwnerOnly);
}

}  // namespace tenon
