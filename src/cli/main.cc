// The command: the table of verbs, the global flags, and the dispatch to a verb.
//
// The first word is a verb, a file or folder to run, or the name of an installed extension; see
// run_word for their order. Everything that belongs to the process is here: its standard streams,
// its exit code, and the report of a broken invariant.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_stores.h"
#include "cli/input_output.h"
#include "cli/session.h"
#include "cli/start.h"
#include "support/names.h"
#include "tenon/inspect.h"
#include "tenon/result.h"

namespace tenon::cli {

namespace {

constexpr Verb kVerbs[] = {
    {"run", "Link components and run the result", run_command, ExitConvention::Run},
    {"call", "Link components and call an exported function", call_command, ExitConvention::Run},
    {"serve", "Link components and serve their exports to other processes", serve_command,
     ExitConvention::Run},
    {"swap", "Replace units of a running service", swap_command},
    {"shell", "Link components and call their functions interactively", shell_command,
     ExitConvention::Run},
    {"init", "Write a tenon.toml for components", init_command},
    {"add", "Add units to the nearest tenon.toml", add_command},
    {"plan", "Show how components would be linked, without running them", plan_command},
    {"link", "", plan_command},
    {"compose", "Link components into one component", compose_command},
    {"graph", "Draw a graph of the linked components", graph_command},
    {"inspect", "Show the imports, exports and parts of a file", inspect_command},
    {"check", "Check that a component is valid, or that it fits a world", check_command},
    {"pack", "Read and write the types and values of packr packages", pack_command},
    {"host", "List, check and create host bundles (native code)", host_command},
    {"ext", "Install and run extensions", ext_command},
    {"trust", "Trust a tenon.toml with native code, network or folders", trust_command},
    {"cache", "Show, clean and fill the cache of compiled code", cache_command},
    {"bindgen", "Generate C++, C or Python from WIT", bindgen_command},
    {"explain", "Explain a diagnostic code", explain_command},
    {"help", "Print help for a command", help_command},
    {"completions", "Print a shell completion script", completions_command},
    {"version", "Print the version", version_command},
    {"__complete", "", complete_command},
};

constexpr std::string_view kArguments = "COMMAND [ARGUMENTS]";

std::string list_verbs() {
  std::string text = "Commands:\n";
  for (const Verb& verb : kVerbs)
    if (!verb.help.empty()) text += fmt::format("  {:<13}{}\n", verb.name, verb.help);
  text += "\n`tenon FILE.wasm` is short for `tenon run FILE.wasm`.\n";
  text +=
      "See `tenon COMMAND --help` for more about a command, and `tenon help topics` for guides.";
  return text;
}

// Whether a word can only be a file, such as `x.wasm`, `./square` or `a=b.wasm`. `square@0.1.0` can
// be an extension.
bool is_file_word(const std::string& word) {
  return word.find_first_of("/=*") != std::string::npos ||
         word.substr(0, word.find('@')).find('.') != std::string::npos;
}

bool file_exists(const std::string& word) {
  std::error_code failed;
  return std::filesystem::exists(word, failed);
}

void note_shadowed(const Session& session, const std::string& word) {
  const bool is_folder = std::filesystem::is_directory(word);
  Diagnostic note;
  note.severity = Severity::Note;
  note.code = "shadowed-file";
  note.message = fmt::format("running the installed command `{}`, not the {} `./{}`", word,
                             is_folder ? "folder" : "file", word);
  note.hints.push_back(
      fmt::format("`tenon ./{}` runs the {}", word, is_folder ? "folder" : "file"));
  print_notes(session, {note});
}

// Adds the installed commands and the compositions of the working folder that have a similar name.
void add_near_targets(const std::string& word, Diagnostic& problem) {
  std::vector<std::string> commands;
  if (const auto installed = list_installed(""))
    for (const InstalledExtension& row : *installed)
      if (row.extension.command) commands.push_back(row.extension.name);
  std::vector<std::string> folders;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(".", failed))
    if (file_exists(entry.path() / "tenon.toml")) folders.push_back(entry.path().filename());
  std::ranges::sort(folders);
  std::vector<Hint> hints;
  for (const std::string_view name : near_misses(word, commands, 1))
    hints.push_back(fmt::format("did you mean the installed command `{}`?", name));
  for (const std::string_view name : near_misses(word, folders, 1))
    hints.push_back(fmt::format("did you mean the folder `{0}`? `tenon run {0}` runs it", name));
  problem.hints.insert(problem.hints.begin(), hints.begin(), hints.end());
}

// Runs a word that is not a verb: an installed command, or a component or its folder. An installed
// command wins over a file of the same name, so that its meaning does not depend on the working
// folder; the note tells the user.
int run_word(Session& session, Words words) {
  const std::string& word = words.front();
  session.convention = ExitConvention::Run;
  if (is_file_word(word)) return run_command(session, std::move(words));
  const Result<bool> is_command = is_installed_command(word);
  if ((is_command && *is_command) || word.find('@') != std::string::npos) {
    if (file_exists(word)) note_shadowed(session, word);
    return ext_run_command(session, std::move(words));
  }
  if (file_exists(word)) return run_command(session, std::move(words));
  if (!is_command) return report(session, is_command.error());
  session.convention = ExitConvention::Tool;
  Diagnostic problem = describe_unknown_verb(session, word);
  add_near_targets(word, problem);
  return report(session, {std::move(problem)});
}

int dispatch(Session& session, Words words) {
  const Verb* const verb = find_verb(session, words.front());
  if (verb == nullptr) return run_word(session, std::move(words));
  words.erase(words.begin());
  session.convention = verb->convention;
  return verb->run(session, std::move(words));
}

// The flags before the verb.
class FirstFlags final {
 public:
  explicit FirstFlags(GlobalFlags& flags) {
    add_global_flags(line_, flags);
    line_.add_version_flag("-V,--version", "Print version").group("Global flags");
    line_.set_footer(list_verbs());
    line_.stop_at_first_argument();
  }
  CommandLine& line() { return line_; }

 private:
  CommandLine line_{"tenon links WebAssembly components and runs them", "tenon"};
};

int run_main(Words words) {
  // Both are never destroyed: the watchdog runs until the process ends.
  static Session& session = *new Session;
  session.watchdog = new Watchdog(session);
  session.verbs = kVerbs;
  session.render_overview = [] {
    return render_help(FirstFlags(session.flags).line(), session.out, kArguments);
  };
  if (!words.empty() && !words.front().starts_with('-')) {
    (void)apply_global_flags(session);
    return dispatch(session, std::move(words));
  }
  FirstFlags first(session.flags);
  CommandLine& line = first.line();
  Diagnostics problems;
  Result<CommandLine::Parsed> parsed = line.parse(std::move(words));
  if (!parsed) {
    problems = std::move(parsed).error();
  } else if (*parsed == CommandLine::Parsed::Help) {
    (void)apply_global_flags(session);
    print_result(session.render_overview());
    return to_int(ExitCode::Fine);
  } else if (*parsed == CommandLine::Parsed::Version) {
    print_result(fmt::format("tenon {}\n", version()));
    return to_int(ExitCode::Fine);
  }
  const std::optional<Diagnostic> bad_flag = apply_global_flags(session);
  if (bad_flag) return report(session, {*bad_flag});
  if (problems.empty() && !line.remaining().empty() && line.remaining().front().starts_with('-'))
    problems = describe_extra_words(line, line.remaining(), {});
  if (!problems.empty()) return report(session, problems);
  if (line.remaining().empty()) {
    print_error("{}", session.render_overview());
    return to_int(ExitCode::Usage);
  }
  return dispatch(session, line.remaining());
}

// Opens /dev/null for each standard stream that is closed, as it is after `<&-` in a shell.
// Otherwise the next file that is opened would get its number, and guests would read and write that
// file.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // open() returns the lowest free number, which is this stream's.
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != stream) ::abort();
}

// The check handler: prints where an invariant of tenon is broken, and ends the process without
// running destructors.
void report_bug(const char* condition, const char* file, int line) {
  char text[512];
  const int size = std::snprintf(text, sizeof text, "tenon: internal error at %s:%d: %s\n", file,
                                 line, condition);
  if (size > 0)
    (void)!::write(STDERR_FILENO, text, std::min(static_cast<std::size_t>(size), sizeof text - 1));
  ::_exit(to_int(ExitCode::Bug));
}

}  // namespace

}  // namespace tenon::cli

int main(int argc, char** argv) {
  tenon::cli::open_standard_streams();
  if (const auto code = tenon::run_bundle_process(argc, argv)) return *code;
  tenon::set_check_handler(tenon::cli::report_bug);
  const int code = tenon::cli::run_main({argv + std::min(argc, 1), argv + argc});
  // A result that could not be written is a failure, even if the verb succeeded.
  const int failure = tenon::cli::flush_results();
  if (failure == 0 || code != 0) return code;
  tenon::cli::print_error("tenon: standard output: {}\n", std::strerror(failure));
  return tenon::cli::to_int(tenon::cli::ExitCode::Problems);
}
