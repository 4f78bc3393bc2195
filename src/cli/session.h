// The state that every verb works with: the table of verbs, the global flags, how the streams look,
// and how problems become output and an exit code.
//
// A verb is a function of a session and the words after its name. It declares its flags on a
// CommandLine, hands the line to `parse_words`, calls the library and prints the rendered result:
//
//   int digest_command(Session& session, Words words) {
//     CommandLine line("Print the SHA-256 of a file", "tenon digest");
//     std::string file;
//     line.add_option("file", file, "File to read").type_name("FILE");
//     if (const auto code = parse_words(line, std::move(words), session)) return *code;
//     const Result<Inspection> inspection = inspect_file(file);
//     if (!inspection) return report(session, inspection.error());
//     print_result(render_digest(*inspection));
//     return to_int(ExitCode::Fine);
//   }
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "cli/hints.h"
#include "render/render_diagnostics.h"
#include "render/render_plan.h"
#include "render/style.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

using namespace render;

// The exit codes of the command; docs/command.md lists them. The codes of a run start at 124, as
// docker's do, so that the codes of the guest stay readable below.
enum class ExitCode : int {
  Fine = 0,
  Problems = 1,       // found problems; `wasi:cli/run` returned err, or a package an error
  Usage = 2,          // a command line that cannot be understood
  Bug = 70,           // an invariant of tenon is broken
  RunDeadline = 124,  // run: the time limit was exceeded
  RunUsage = 125,     // run: usage, manifest, arguments in WAVE or JSON, or the engine
  RunLink = 126,      // run: the units do not link
  RunNotFound = 127,  // run: a file or function does not exist
  RunTrap = 134,      // run: the guest trapped, or called an import that nothing provides
};

inline int to_int(ExitCode code) { return static_cast<int>(code); }

// How a verb reports failures. Run: pass on the exit code of the guest, and report problems of
// tenon above 123. Tool: 0 for success, 1 for problems, 2 for usage.
enum class ExitConvention { Tool, Run };

// The code for a failure; its first error decides. REQUIRES: `problems` is not empty.
[[nodiscard]] ExitCode choose_exit_code(ExitConvention convention, const Diagnostics& problems);

// Flags that every verb takes, before or after its name.
struct GlobalFlags {
  std::string directory;  // -C; empty: not given
  bool verbose = false;
  bool quiet = false;
  ColorWhen color = ColorWhen::Auto;
  std::optional<ErrorFormat> error_format;  // absent: that of the results
  bool ascii = false;
};

struct Session;
class Watchdog;

// A row of the table in main.cc.
struct Verb {
  std::string_view name;
  std::string_view help;  // one line; empty: hidden from help and completion
  int (*run)(Session& session, Words words);
  ExitConvention convention = ExitConvention::Tool;
};

struct Session {
  // When the command began. `--timeout` counts from here.
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::string first_folder;      // the working folder before `-C`; empty if there was none
  Watchdog* watchdog = nullptr;  // null in tests, where a deadline must not end the process
  std::span<const Verb> verbs;
  GlobalFlags flags;
  ExitConvention convention = ExitConvention::Tool;
  HintReader reader;  // of the verb, since `parse_words`
  Style out;          // of standard output
  Style err;          // of standard error
  // If set, `parse_words` calls it with the declared flags and parses nothing. This is how
  // completion learns the flags of a verb.
  std::function<void(const CommandLine&)> describe;
  // Returns the text of `tenon --help`.
  std::function<std::string()> render_overview;

  // The form of problems where `--error-format` is not given: JSON with `--json`.
  ErrorFormat default_error_format = ErrorFormat::Human;

  [[nodiscard]] Verbosity verbosity() const;
  [[nodiscard]] ErrorFormat error_format() const {
    return flags.error_format.value_or(default_error_format);
  }
};

// Null if there is no such verb.
[[nodiscard]] const Verb* find_verb(const Session& session, std::string_view name);

// The problem for a word that is not a verb: near misses, or what has that name in other tools.
[[nodiscard]] Diagnostic describe_unknown_verb(const Session& session, std::string_view word);

// Adds the flags that every verb takes, bound to `flags`.
void add_global_flags(CommandLine& line, GlobalFlags& flags);

// Applies the global flags: changes to the folder of `-C` and chooses the styles of both streams.
// Errors: config-usage (the folder cannot be entered).
[[nodiscard]] std::optional<Diagnostic> apply_global_flags(Session& session);

// Positional words that CLI11 must not see, because it would split a value such as `[1, 2]`. They
// follow the named arguments.
struct FreeWords {
  std::string_view shown;  // in the usage line: "[WAVE]..."
  Words words;             // filled by parse_words
};

// Binds `words` to the options of `line`. Returns nothing if the verb can continue; otherwise its
// exit code: help was printed, or usage problems were reported (with near misses for flags).
// free_words: receives the remaining positional words; null: there must be none.
[[nodiscard]] std::optional<int> parse_words(CommandLine& line, Words words, Session& session,
                                             FreeWords* free_words = nullptr);

// Prints a failure on standard error. Returns the exit code of the verb.
[[nodiscard]] int report(const Session& session, const Diagnostics& problems);

// Prints the warnings of a success; with -v its notes too, with -q nothing.
void report_notes(const Session& session, std::span<const Diagnostic> notes);
// Prints notes that matter even without -v; with -q nothing.
void print_notes(const Session& session, const Diagnostics& notes);

// With -v, prints one line for each phase on standard error.
void report_times(const Session& session, std::span<const PhaseTime> times);
// One line for each unit with its steps, the slowest first; empty if there are none.
[[nodiscard]] std::string render_unit_times(std::span<const UnitTime> times);

// A command of a verb that has several: `types` in `tenon pack types`.
struct Action {
  std::string_view name;
  std::string_view help;  // one line
  int (*run)(Session& session, Words words);
};

// A verb whose first word chooses an action: `tenon pack`, `tenon host`, `tenon ext`.
struct ActionVerb {
  std::string_view name;         // "pack"
  std::string_view description;  // the first line of its help
  std::span<const Action> actions;
  std::string_view examples;  // lines of two spaces and a command
};

// Runs the action that the first word names. Without a known action, reports which ones exist.
[[nodiscard]] int run_action(const ActionVerb& verb, Session& session, Words words);

}  // namespace tenon::cli
