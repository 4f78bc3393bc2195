// The command: a table of verbs, the flags that all of them have, and who is called.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_flags.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/watchdog.h"
#include "tenon/check.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

constexpr Verb kVerbs[] = {
    {"run", "Link units and run the result", run_command, ExitConvention::Run},
    {"call", "Link units and call a function that the result exports", call_command,
     ExitConvention::Run},
    {"shell", "Link units and call their functions at a prompt", shell_command,
     ExitConvention::Run},
    {"plan", "Decide who provides what, and print it", plan_command},
    {"link", "", plan_command},
    {"compose", "Link units into one component", compose_command},
    {"graph", "Draw who uses whom", graph_command},
    {"inspect", "Show the imports, exports and parts of a file", inspect_command},
    {"check", "Validate a component; does it fit a world, or another?", check_command},
    {"pack", "Types, values and checks of packr's formats", pack_command},
    {"host", "Look at host bundles, or begin one: native code as units", host_command},
    {"ext", "Install extensions, and run their commands", ext_command},
    {"trust", "Let a tenon.toml have what it asks for", trust_command},
    {"bindgen", "Write the code that a host bundle is written over", bindgen_command},
    {"explain", "Explain a diagnostic code", explain_command},
    {"help", "Print the help of a command", help_command},
    {"completions", "Print a completion script for a shell", completions_command},
    {"version", "Print the version", version_command},
    {"__complete", "", complete_command},
};

constexpr std::string_view kArguments = "COMMAND [ARGUMENTS]";

std::string list_verbs() {
  std::string text = "Commands:\n";
  for (const Verb& verb : kVerbs)
    if (!verb.help.empty()) text += fmt::format("  {:<13}{}\n", verb.name, verb.help);
  text += "\n`tenon FILE.wasm` is short for `tenon run FILE.wasm`; ";
  text += "`tenon COMMAND --help` says more about one.";
  return text;
}

// Whether a word can only be a file, such as `x.wasm`, `./square` or `a=b.wasm`. `square@0.1.0` may
// be an extension.
bool is_file_word(const std::string& word) {
  return word.find_first_of("/=*") != std::string::npos ||
         word.substr(0, word.find('@')).find('.') != std::string::npos;
}

bool is_there(const std::string& word) {
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

// Runs what a word that is not a verb names: an installed command, or a component or its folder.
int run_word(Session& session, Words words) {
  const std::string& word = words.front();
  session.convention = ExitConvention::Run;
  if (is_file_word(word)) return run_command(session, std::move(words));
  const Result<bool> is_command = is_installed_command(word);
  if ((is_command && *is_command) || word.find('@') != std::string::npos) {
    if (is_there(word)) note_shadowed(session, word);
    return ext_run_command(session, std::move(words));
  }
  if (is_there(word)) return run_command(session, std::move(words));
  if (!is_command) return report(session, is_command.error());
  session.convention = ExitConvention::Tool;
  return report(session, {describe_unknown_verb(session, word)});
}

int dispatch(Session& session, Words words) {
  const Verb* const verb = find_verb(session, words.front());
  if (verb == nullptr) return run_word(session, std::move(words));
  words.erase(words.begin());
  session.convention = verb->convention;
  return verb->run(session, std::move(words));
}

int run_main(Words words) {
  // Both outlive this function: the watchdog sees to the end of the process.
  static Session& session = *new Session;
  session.watchdog = new Watchdog(session);
  session.verbs = kVerbs;
  CommandLine line("tenon links WebAssembly components and runs them", "tenon");
  add_global_flags(line, session.flags);
  line.add_version_flag("-V,--version", "Print the version").group("Global flags");
  line.set_footer(list_verbs());
  line.stop_at_first_argument();
  session.render_overview = [&line] { return render_help(line, session.out, kArguments); };
  Diagnostics mistakes;
  Result<CommandLine::Parsed> parsed = line.parse(std::move(words));
  if (!parsed) {
    mistakes = std::move(parsed).error();
  } else if (*parsed == CommandLine::Parsed::Help) {
    (void)apply_global_flags(session);
    print_result(session.render_overview());
    return to_int(ExitCode::Fine);
  } else if (*parsed == CommandLine::Parsed::Version) {
    print_result(fmt::format("tenon {}\n", version()));
    return to_int(ExitCode::Fine);
  }
  const std::optional<Diagnostic> unusable = apply_global_flags(session);
  if (unusable) return report(session, {*unusable});
  if (mistakes.empty() && !line.remaining().empty() && line.remaining().front().starts_with('-'))
    mistakes = describe_extra_words(line, line.remaining(), {});
  if (!mistakes.empty()) return report(session, mistakes);
  if (line.remaining().empty()) {
    fmt::print(stderr, "{}", session.render_overview());
    return to_int(ExitCode::Usage);
  }
  return dispatch(session, line.remaining());
}

// Whoever starts a program may close its standard streams, as a shell does for `<&-`. Files that
// are opened later would then get their numbers, and guests would read and write them.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // The lowest number that is free: this one.
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != stream) ::abort();
}

// An invariant of tenon is broken. Says where and ends the process without running anything else.
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
  tenon::set_check_handler(tenon::cli::report_bug);
  const int code = tenon::cli::run_main({argv + std::min(argc, 1), argv + argc});
  // Results that could not be written are a failure, though the verb had its answer.
  if (std::fflush(stdout) == 0 || code != 0) return code;
  std::perror("tenon: standard output");
  return tenon::cli::to_int(tenon::cli::ExitCode::Problems);
}
