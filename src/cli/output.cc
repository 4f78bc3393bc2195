#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/usage.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

Result<void> write_file(const std::string& path, std::string_view bytes) {
  namespace fs = std::filesystem;
  std::error_code failed;
  // A device or a pipe is written as it is; it cannot be replaced.
  const bool is_plain = !fs::exists(path, failed) || fs::is_regular_file(path, failed);
  const std::string aside = is_plain ? fmt::format("{}.{}.part", path, ::getpid()) : path;
  std::ofstream file(aside, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    const std::string why = std::strerror(errno);
    if (is_plain) fs::remove(aside, failed);
    return make_write_problem(path, why);
  }
  if (!is_plain) return {};
  fs::rename(aside, path, failed);
  if (!failed) return {};
  const std::string why = failed.message();
  fs::remove(aside, failed);
  return make_write_problem(path, why);
}

}  // namespace

void add_format_flags(CommandLine& line, OutputFormat& format) {
  line.add_option(
          "--format",
          [&format](const std::string& text) -> std::string {
            if (text != "human" && text != "json")
              return fmt::format("--format takes human|json, not {}", text);
            format = text == "json" ? OutputFormat::Json : OutputFormat::Human;
            return {};
          },
          "Form of the result")
      .type_name("human|json");
  line.add_flag("--json", [&format] { format = OutputFormat::Json; }, "The same as --format json");
}

void add_output_flag(CommandLine& line, std::string& path) {
  line.add_option("-o,--output", path, "Write to a file; `-` is standard output").type_name("OUT");
}

void print_result(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Diagnostic make_write_problem(const std::string& path, std::string_view why,
                              std::string_view flag) {
  Diagnostic problem;
  problem.code = "write-file";
  problem.message = fmt::format("`{}` cannot be written: {}", sanitize_text(path), why);
  problem.where.file = path;
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = fs::path(path).parent_path();
  if (path.empty())
    problem.hints.emplace_back("name a file: an empty name is often a variable that is not set");
  else if (fs::is_directory(path, failed))
    problem.hints.push_back(
        fmt::format("name a file in it: `{}{}`", flag, (fs::path(path) / "out").string()));
  else if (!folder.empty() && !fs::exists(folder, failed))
    problem.hints.push_back(fmt::format("make its folder: `mkdir -p {}`", folder.string()));
  else
    problem.hints.emplace_back(flag == "-o "
                                   ? "name a file in a folder that you may write to, or `-o -`"
                                   : "name a file in a folder that you may write to");
  return problem;
}

Result<void> write_output(const std::string& path, std::string_view bytes, Content content) {
  if (path != "-") return write_file(path, bytes);
  if (content == Content::Binary && get_stream_kind(Stream::Output) == StreamKind::Terminal)
    return make_usage_problem("a binary is not written to a terminal",
                              {"`-o FILE` writes it to a file, `--wat` prints it as text"});
  print_result(bytes);
  if (std::fflush(stdout) != 0) return make_write_problem("-", std::strerror(errno));
  return {};
}

}  // namespace tenon::cli
