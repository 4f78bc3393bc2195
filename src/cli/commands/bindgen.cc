#include "bindgen/bindgen.h"

#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/session.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

using Generate = Result<bindgen::GeneratedCode> (*)(const bindgen::BindgenOptions& options);

// Writes a file unless it has the same content already, so that build systems do not rebuild what
// depends on it.
Result<void> write_file(const std::string& folder, const GeneratedFile& file) {
  const std::string path = (fs::path(folder) / file.path).lexically_normal();
  std::error_code failed;
  if (fs::is_regular_file(path, failed)) {
    const Result<std::string> current = read_input(path);
    if (current && *current == file.text) {
      print_result(fmt::format("{} is unchanged\n", sanitize_text(path)));
      return {};
    }
  }
  fs::create_directories(fs::path(path).parent_path(), failed);
  if (Result<void> written = write_output(path, file.text, Content::Text); !written) return written;
  print_result(fmt::format("wrote {}\n", sanitize_text(path)));
  return {};
}

// Writes the files of `code` to a folder, or prints them if it is `-`.
int write_code(Session& session, const Result<bindgen::GeneratedCode>& code,
               const std::string& folder) {
  if (!code) return report(session, code.error());
  print_notes(session, code->notes);
  for (const GeneratedFile& file : code->files) {
    if (folder == "-") {
      print_result(file.text);
      continue;
    }
    const Result<void> written = write_file(folder, file);
    if (!written) return report(session, written.error());
  }
  return to_int(ExitCode::Fine);
}

int cpp_command(Session& session, Words words);
int c_command(Session& session, Words words);
int py_command(Session& session, Words words);
int host_cpp_command(Session& session, Words words);
int host_c_command(Session& session, Words words);

constexpr std::array kBindgenActions = {
    Action{"cpp", "Generate C++ for a program that embeds tenon", cpp_command},
    Action{"c", "Generate C for a program that embeds tenon by its C API", c_command},
    Action{"py", "Generate a typed module for a program in Python", py_command},
    Action{"host-cpp", "Generate the C++ header that a host bundle implements", host_cpp_command},
    Action{"host-c", "Generate the C header that a host bundle implements", host_c_command}};

void add_offers_flag(CommandLine& line, bindgen::BindgenOptions& options, const std::string& help) {
  line.add_option(
          "--offers",
          [&options](const std::string& side) {
            options.offers =
                side == "imports" ? bindgen::WorldSide::Imports : bindgen::WorldSide::Exports;
            return std::string();
          },
          help)
      .type_name("imports|exports")
      .one_of({"imports", "exports"});
}

int report_missing_wit(Session& session, std::string_view name) {
  return report(session, {make_usage_problem(fmt::format("`tenon bindgen {}` needs a WIT", name),
                                             {fmt::format("`tenon bindgen {} --wit WIT`", name)})});
}

int generate(Session& session, Words words, std::string_view name, std::string_view help,
             Generate make) {
  CommandLine line(std::string(help), fmt::format("tenon bindgen {}", name));
  bindgen::BindgenOptions options;
  std::string folder = ".";
  add_bundle_world_flags(line, options);
  line.add_option("--name", options.name,
                  "Name of the bundle (default: the name of the WIT package)")
      .type_name("NAME");
  line.add_option("-o,--output", folder, "Folder for the header; `-` prints it").type_name("DIR");
  line.set_footer(
      fmt::format("The header is named `NAME_host.h`. An existing header is replaced.\n\n"
                  "Examples:\n"
                  "  tenon bindgen {0} --wit wit -o src\n"
                  "  tenon bindgen {0} --wit shop.wit --world backend --name shop -o -",
                  name));
  if (const auto exit_code = parse_words(line, std::move(words), session)) return *exit_code;
  finish_feature_flags(options.features);
  if (options.wit.empty()) return report_missing_wit(session, name);
  return write_code(session, make(options), folder);
}

// The flags of commands that generate code for programs.
void add_program_flags(CommandLine& line, bindgen::BindgenOptions& options, std::string& folder,
                       const std::string& name_help) {
  line.add_option("--wit", options.wit, "WIT: folder, text file, binary package, or a component")
      .type_name("WIT");
  line.add_option("--world", options.world, "World of the units (default: the only one)")
      .type_name("WORLD");
  add_feature_flags(line, options.features);
  add_offers_flag(
      line, options,
      "What the program provides (default: the imports of the world; it calls the exports)");
  line.add_option("--name", options.name, name_help).type_name("NAME");
  line.add_option("-o,--output", folder, "Folder for the files; `-` prints them").type_name("DIR");
}

// language: "cpp". suffix: of source files.
std::string program_footer(std::string_view language, std::string_view suffix) {
  return fmt::format(
      "The world is that of the units: the program provides its imports, and calls its exports.\n"
      "Writes `NAME.h` and `NAME.{1}`, and replaces existing ones.\n\n"
      "Examples:\n"
      "  tenon bindgen {0} --wit wit -o src\n"
      "  tenon bindgen {0} --wit plugin.wasm -o src",
      language, suffix);
}

int cpp_command(Session& session, Words words) {
  CommandLine line(std::string(kBindgenActions[0].help), "tenon bindgen cpp");
  bindgen::BindgenOptions options;
  std::string folder = ".";
  bool passes_callers = false;
  add_program_flags(
      line, options, folder,
      "Name of the files and the namespace (default: that of the world or component)");
  line.add_flag("--callers", passes_callers,
                "Pass the unit that calls to the functions of the program");
  line.set_footer(program_footer("cpp", "cc"));
  if (const auto exit_code = parse_words(line, std::move(words), session)) return *exit_code;
  finish_feature_flags(options.features);
  if (options.wit.empty()) return report_missing_wit(session, "cpp");
  return write_code(session,
                    bindgen::generate_cpp(options, passes_callers ? bindgen::Callers::Passed
                                                                  : bindgen::Callers::NotPassed),
                    folder);
}

int c_command(Session& session, Words words) {
  CommandLine line(std::string(kBindgenActions[1].help), "tenon bindgen c");
  bindgen::BindgenOptions options;
  std::string folder = ".";
  add_program_flags(line, options, folder,
                    "Name of the files and the prefix (default: that of the world or component)");
  line.set_footer(program_footer("c", "c"));
  if (const auto exit_code = parse_words(line, std::move(words), session)) return *exit_code;
  finish_feature_flags(options.features);
  if (options.wit.empty()) return report_missing_wit(session, "c");
  return write_code(session, bindgen::generate_c(options), folder);
}

int py_command(Session& session, Words words) {
  CommandLine line(std::string(kBindgenActions[2].help), "tenon bindgen py");
  bindgen::BindgenOptions options;
  std::string folder = ".";
  add_program_flags(line, options, folder,
                    "Name of the module (default: that of the world or component)");
  line.set_footer(
      "The world is that of the units: the program provides its imports, and calls its exports.\n"
      "Writes `NAME.pyi` with the types and `NAME.py` with the classes, and replaces existing "
      "ones.\n\n"
      "Examples:\n"
      "  tenon bindgen py --wit wit -o src\n"
      "  tenon bindgen py --wit plugin.wasm -o src");
  if (const auto exit_code = parse_words(line, std::move(words), session)) return *exit_code;
  finish_feature_flags(options.features);
  if (options.wit.empty()) return report_missing_wit(session, "py");
  return write_code(session, bindgen::generate_python(options), folder);
}

int host_cpp_command(Session& session, Words words) {
  return generate(session, std::move(words), "host-cpp", kBindgenActions[3].help,
                  bindgen::generate_host_cpp);
}

int host_c_command(Session& session, Words words) {
  return generate(session, std::move(words), "host-c", kBindgenActions[4].help,
                  bindgen::generate_host_c);
}

}  // namespace

void add_bundle_world_flags(CommandLine& line, bindgen::BindgenOptions& options) {
  line.add_option("--wit", options.wit, "WIT of the bundle: folder, text file or binary package")
      .type_name("WIT");
  line.add_option("--world", options.world,
                  "World that says what the bundle provides (default: the only one)")
      .type_name("WORLD");
  add_feature_flags(line, options.features);
  add_offers_flag(
      line, options,
      "What the bundle provides (default: the exports of the world, or its imports if it "
      "has no exports)");
}

int bindgen_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {
      "bindgen", "Generate code from WIT: C++, C or Python for programs, C++ or C for host bundles",
      kBindgenActions,
      "  tenon bindgen cpp --wit wit -o src\n"
      "  tenon bindgen c --wit wit -o src\n"
      "  tenon bindgen py --wit wit -o src\n"
      "  tenon bindgen host-cpp --wit wit -o src\n"
      "  tenon bindgen host-c --wit wit -o src"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
