#include "cli/input.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "tenon/diagnostic.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Diagnostic make_read_problem(const std::string& path, int reason) {
  Diagnostic problem;
  problem.code = "read-file";
  problem.message =
      fmt::format("`{}` cannot be read: {}", sanitize_text(path), std::strerror(reason));
  problem.where.file = path;
  problem.hints.emplace_back("`@FILE` names a file with a value, `@-` is standard input");
  return problem;
}

Result<std::string> read_all(std::FILE* file, const std::string& path) {
  std::string text;
  std::array<char, 65536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file))
    text.append(buffer.data(), count);
  if (std::ferror(file) != 0) return make_read_problem(path, errno);
  return text;
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
  if (path == "-") return read_all(stdin, path);
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return make_read_problem(path, errno);
  return read_all(file.get(), path);
}

}  // namespace tenon::cli
