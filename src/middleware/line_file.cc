#include "middleware/line_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "support/diagnostics.h"

namespace tenon::middleware {

Result<std::shared_ptr<LineFile>> LineFile::open(const std::string& path, Content content,
                                                 const Location& where) {
  constexpr mode_t kMode = 0644;
  const int how = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
                  (content == Content::Kept ? O_APPEND : O_TRUNC);
  Descriptor file(::open(path.c_str(), how, kMode));
  if (file.is_open()) return std::make_shared<LineFile>(std::move(file));
  Diagnostic problem =
      make_diagnostic(Code::WriteFile, "cannot write `{}`: {}", path,
                      errno == ELOOP ? "it is a symbolic link" : std::strerror(errno));
  problem.where = where;
  problem.where.item = path;
  return problem;
}

bool LineFile::write(std::string_view line) {
  std::string text(line);
  text += '\n';
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (!has_failed_ && !write_all(file_.number(), {bytes, text.size()})) has_failed_ = true;
  return !has_failed_;
}

}  // namespace tenon::middleware
