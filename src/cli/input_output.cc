#include "cli/input_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "support/files.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/extension.h"
#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon::cli {

namespace {

// Whether a file begins as components and core modules do.
bool is_wasm_file(const std::string& path) {
  std::array<char, 4> magic = {};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == std::string_view("\0asm", 4);
}

}  // namespace

Result<void> check_output(const std::string& path, std::string_view flag,
                          std::span<const std::string> inputs, Replaces replaces) {
  namespace fs = std::filesystem;
  std::error_code failed;
  // Devices and pipes are not replaced by what is written to them.
  if (path == "-" || !fs::is_regular_file(path, failed)) return {};
  const bool is_input = std::ranges::any_of(
      inputs, [&](const std::string& input) { return fs::equivalent(path, input, failed); });
  if (!is_input && (replaces == Replaces::AnyFile || !is_wasm_file(path))) return {};
  const std::string_view what = is_input ? "an input" : "a component";
  return make_usage_problem(
      fmt::format("`{}{}` would overwrite {}", flag, sanitize_text(path), what),
      {fmt::format("name another file: `{}FILE`", flag)});
}

void add_format_flags(CommandLine& line, OutputFormat& format) {
  line.add_option(
          "--format",
          [&format](const std::string& text) -> std::string {
            if (text != "human" && text != "json")
              return fmt::format("invalid value `{}` for `--format`, expected human|json", text);
            format = text == "json" ? OutputFormat::Json : OutputFormat::Human;
            return {};
          },
          "Output format")
      .type_name("human|json");
  line.add_flag("--json", [&format] { format = OutputFormat::Json; }, "Same as --format json");
}

void add_feature_flags(CommandLine& line, WitFeatures& features, const std::string& group) {
  line.add_option("--features", features.names,
                  "Include items of WIT text that these features gate (`@unstable`)")
      .type_name("FEATURE,..")
      .one_value_each()
      .group(group);
  line.add_flag("--all-features", features.all, "Include all such items").group(group);
}

void finish_feature_flags(WitFeatures& features) {
  std::vector<std::string> names;
  for (std::string_view list : features.names) {
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      if (comma != 0) names.emplace_back(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  features.names = std::move(names);
}

void add_output_flag(CommandLine& line, std::string& path) {
  line.add_option("-o,--output", path, "Write to this file; `-` is standard output")
      .type_name("OUT");
}

namespace {

std::atomic<int> result_failure = 0;

void keep_result_failure() {
  int none = 0;
  result_failure.compare_exchange_strong(none, errno);
}

}  // namespace

void print_result(std::string_view text, std::FILE* to) {
  if (std::fwrite(text.data(), 1, text.size(), to) != text.size()) keep_result_failure();
}

int flush_results(std::FILE* to) {
  if (std::fflush(to) != 0) keep_result_failure();
  return result_failure;
}

void write_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

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
    problem.hints.emplace_back("name a file; an empty name often comes from an unset variable");
  else if (fs::is_directory(path, failed))
    problem.hints.push_back(
        fmt::format("name a file in it: `{}{}`", flag, (fs::path(path) / "out").string()));
  else if (!folder.empty() && !fs::exists(folder, failed))
    problem.hints.push_back(fmt::format("create its folder: `mkdir -p {}`", folder.string()));
  else
    problem.hints.emplace_back(flag == "-o " ? "choose a file in a writable folder, or `-o -`"
                                             : "choose a file in a writable folder");
  return problem;
}

Result<void> write_output(const std::string& path, std::string_view bytes, Content content) {
  if (path != "-") {
    Result<void> written = RealFiles().write(
        path, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, Access::Shared);
    if (!written) written.error().front().hints = make_write_problem(path, {}).hints;
    return written;
  }
  if (content == Content::Binary && get_stream_kind(Stream::Output) == StreamKind::Terminal)
    return make_usage_problem("refusing to write a binary to a terminal",
                              {"`-o FILE` writes it to a file, `--wat` prints it as text"});
  print_result(bytes);
  if (const int failure = flush_results(); failure != 0)
    return make_write_problem("-", std::strerror(failure));
  return {};
}

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Diagnostic make_read_problem(const std::string& path, int reason) {
  Diagnostic problem;
  problem.code = "read-file";
  problem.message =
      fmt::format("`{}` cannot be read: {}", sanitize_text(path), std::strerror(reason));
  problem.where.file = path;
  problem.hints.emplace_back(
      "`@FILE` reads a value from a file, `@-` from standard input, "
      "`@text:FILE` a text");
  return problem;
}

Result<std::shared_ptr<std::FILE>> open_input(const std::string& path) {
  if (path == "-") return std::shared_ptr<std::FILE>(stdin, [](std::FILE* /*shared*/) {});
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return make_read_problem(path, errno);
  return std::shared_ptr<std::FILE>(file, CloseFile());
}

Result<std::string> read_input(std::FILE* file, const std::string& path) {
  std::string text;
  std::array<char, 65536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file))
    text.append(buffer.data(), count);
  if (std::ferror(file) != 0) return make_read_problem(path, errno);
  return text;
}

Result<std::string> read_input(const std::string& path) {
  TENON_TRY(const std::shared_ptr<std::FILE> file, open_input(path));
  return read_input(file.get(), path);
}

std::string path_of_component(std::string argument) {
  if (argument == "-" || argument.ends_with("=-"))
    argument.replace(argument.size() - 1, 1, "/dev/stdin");
  return argument;
}

namespace {

namespace fs = std::filesystem;

// Reports the files that already exist.
Diagnostics check_no_overwrite(const fs::path& folder, const std::vector<GeneratedFile>& files,
                               std::string_view action) {
  Diagnostic problem =
      make_write_problem(folder, fmt::format("`{}` would overwrite files in it", action), "");
  problem.hints = {"choose another folder with `-o DIR`, or move the files away"};
  for (const GeneratedFile& file : files) {
    const fs::path path = folder / file.path;
    std::error_code failed;
    if (fs::exists(fs::symlink_status(path, failed)))
      problem.notes.push_back({fmt::format("`{}` exists", sanitize_text(path.string())), {}, {}});
  }
  if (problem.notes.empty()) return {};
  return {std::move(problem)};
}

}  // namespace

Result<void> write_new_folder(const std::string& folder, const std::vector<GeneratedFile>& files,
                              std::string_view action) {
  const fs::path target = folder;
  if (Diagnostics problems = check_no_overwrite(target, files, action); !problems.empty())
    return problems;
  for (const GeneratedFile& file : files) {
    const fs::path path = target / file.path;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    Result<void> written = write_output(path, file.text, Content::Text);
    if (!written) return written;
    print_result(fmt::format("wrote {}\n", sanitize_text(path.string())));
  }
  return {};
}

}  // namespace tenon::cli
