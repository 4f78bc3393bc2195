// `tenon host new`: a folder that builds a host bundle.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands/verbs.h"
#include "cli/output.h"
#include "tenon/bindgen.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

// Nothing is written where one of the files is.
Diagnostics find_files_in_the_way(const fs::path& folder, const std::vector<GeneratedFile>& files) {
  Diagnostic problem = make_write_problem(folder, "it has what `host new` would replace", "");
  problem.hints = {"name another folder: `-o DIR`; or move them away"};
  for (const GeneratedFile& file : files) {
    const fs::path path = folder / file.path;
    std::error_code failed;
    if (fs::exists(fs::symlink_status(path, failed)))
      problem.notes.push_back({fmt::format("`{}` is there", sanitize_text(path.string())), {}, {}});
  }
  if (problem.notes.empty()) return {};
  return {std::move(problem)};
}

Result<void> write_files(const fs::path& folder, const std::vector<GeneratedFile>& files) {
  for (const GeneratedFile& file : files) {
    const fs::path path = folder / file.path;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    Result<void> written = write_output(path, file.text, Content::Text);
    if (!written) return written;
    print_result(fmt::format("wrote {}\n", sanitize_text(path.string())));
  }
  return {};
}

}  // namespace

int host_new_command(Session& session, Words words) {
  CLI::App app("Write a folder that builds a host bundle, from its WIT", "tenon host new");
  BindgenOptions options;
  std::string folder;
  std::string language = "cpp";
  app.add_option("name", options.name, "Name of the bundle, and of the folder")->type_name("NAME");
  app.add_option("--wit", options.wit, "Folder of WIT, text file or binary WIT package")
      ->type_name("WIT");
  app.add_option("--world", options.world,
                 "World whose exports the bundle provides; the only one, if not given")
      ->type_name("WORLD");
  app.add_option("--lang", language, "Language that it is written in")
      ->type_name("c|cpp|rust")
      ->check(CLI::IsMember({"c", "cpp", "rust"}));
  app.add_option("-o,--output", folder, "Folder to write; NAME, if not given")->type_name("DIR");
  app.footer(
      "Its functions trap until they are written. Nothing is replaced. README.md in it says how "
      "to\n"
      "build it.\n\n"
      "Examples:\n"
      "  tenon host new sqlite --wit sqlite.wit\n"
      "  tenon host new sqlite --wit wit --lang rust -o bundles/sqlite");
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (options.name.empty() || options.wit.empty())
    return report(session,
                  {make_usage_problem(options.name.empty() ? "`tenon host new` needs a name"
                                                           : "`tenon host new` needs a WIT",
                                      {"`tenon host new NAME --wit WIT`"})});
  const HostLanguage made_in = language == "c"      ? HostLanguage::C
                               : language == "rust" ? HostLanguage::Rust
                                                    : HostLanguage::Cpp;
  const Result<std::vector<GeneratedFile>> files = make_host_skeleton(options, made_in);
  if (!files) return report(session, files.error());
  const fs::path to = folder.empty() ? fs::path(options.name) : fs::path(folder);
  if (const Diagnostics problems = find_files_in_the_way(to, *files); !problems.empty())
    return report(session, problems);
  const Result<void> written = write_files(to, *files);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

}  // namespace tenon::cli
