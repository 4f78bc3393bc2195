#include "tenon/bindgen.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands/verbs.h"
#include "cli/input.h"
#include "cli/output.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

using Generate = Result<std::vector<GeneratedFile>> (*)(const BindgenOptions& options);

// A file that is as it is to be is not written again: what is built from it stays.
Result<void> write_file(const std::string& folder, const GeneratedFile& file) {
  const std::string path = (fs::path(folder) / file.path).lexically_normal();
  std::error_code failed;
  if (fs::is_regular_file(path, failed)) {
    const Result<std::string> old = read_input(path);
    if (old && *old == file.text) {
      print_result(fmt::format("{} is as it was\n", sanitize_text(path)));
      return {};
    }
  }
  fs::create_directories(fs::path(path).parent_path(), failed);
  if (Result<void> written = write_output(path, file.text, Content::Text); !written) return written;
  print_result(fmt::format("wrote {}\n", sanitize_text(path)));
  return {};
}

int generate(Session& session, Words words, std::string_view name, std::string_view help,
             Generate make) {
  CLI::App app(std::string(help), fmt::format("tenon bindgen {}", name));
  BindgenOptions options;
  std::string folder = ".";
  app.add_option("--wit", options.wit, "Folder of WIT, text file or binary WIT package")
      ->type_name("WIT");
  app.add_option("--world", options.world,
                 "World whose exports the bundle provides; the only one, if not given")
      ->type_name("WORLD");
  app.add_option("--name", options.name,
                 "Name of the bundle; that of the WIT's package, if not given")
      ->type_name("NAME");
  app.add_option("-o,--output", folder, "Folder of the header; `-` prints it")->type_name("DIR");
  app.footer(
      fmt::format("The header is `NAME_host.h`. What is there is replaced.\n\n"
                  "Examples:\n"
                  "  tenon bindgen {0} --wit wit -o src\n"
                  "  tenon bindgen {0} --wit shop.wit --world backend --name shop -o -",
                  name));
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (options.wit.empty())
    return report(session,
                  {make_usage_problem(fmt::format("`tenon bindgen {}` needs a WIT", name),
                                      {fmt::format("`tenon bindgen {} --wit WIT`", name)})});
  const Result<std::vector<GeneratedFile>> files = make(options);
  if (!files) return report(session, files.error());
  for (const GeneratedFile& file : *files) {
    if (folder == "-") {
      print_result(file.text);
      continue;
    }
    const Result<void> written = write_file(folder, file);
    if (!written) return report(session, written.error());
  }
  return to_int(ExitCode::Fine);
}

struct Target {
  std::string_view name;
  std::string_view help;
  Generate make;
};

constexpr std::array<Target, 2> kTargets = {
    {{"host-cpp", "Write the C++ header that a host bundle is written over", generate_host_cpp},
     {"host-c", "Write the C header that a host bundle is written over", generate_host_c}}};

std::string list_targets() {
  std::string text = "Targets:\n";
  for (const Target& target : kTargets)
    text += fmt::format("  {:<10}{}\n", target.name, target.help);
  return text + "\n`tenon bindgen TARGET --help` says more about one.\n\n";
}

}  // namespace

int bindgen_command(Session& session, Words words) {
  std::string name;
  if (!words.empty() && !words.front().starts_with('-')) {
    name = words.front();
    const auto* const target = std::ranges::find(kTargets, name, &Target::name);
    words.erase(words.begin());
    if (target != kTargets.end())
      return generate(session, std::move(words), target->name, target->help, target->make);
    // What follows belongs to a target that is not known.
    words.clear();
  }
  CLI::App app("Write the code that a host bundle is written over, from its WIT", "tenon bindgen");
  std::string unused;
  app.add_option("target", unused, "What to write")->type_name("host-cpp|host-c");
  app.footer(list_targets() +
             "Examples:\n"
             "  tenon bindgen host-cpp --wit wit -o src\n"
             "  tenon bindgen host-c --wit wit -o src");
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  std::vector<std::string_view> names;
  for (const Target& target : kTargets) names.push_back(target.name);
  std::string hint = did_you_mean(near_misses(name, names, 2));
  if (hint.empty()) hint = "`tenon bindgen host-cpp` or `host-c`";
  return report(session,
                {make_usage_problem(
                    name.empty() ? std::string("`tenon bindgen` needs to know what to write")
                                 : fmt::format("`tenon bindgen` cannot `{}`", sanitize_text(name)),
                    {hint})});
}

}  // namespace tenon::cli
