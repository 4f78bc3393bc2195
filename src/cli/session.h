// What every verb is given: the global flags, how its streams look, and how it reports.
//
// A verb is a function of a session and the words after its name. It binds its flags to a
// CommandLine, hands that to `parse_words`, calls the library and prints what a renderer made of
// the answer.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/style.h"
#include "cli/usage.h"
#include "tenon/composition.h"
#include "tenon/diagnostic.h"

namespace tenon::cli {

enum class Verbosity { Quiet, Normal, Verbose };

enum class ErrorFormat { Human, Short, Json };

// Flags that stand before or after the verb.
struct GlobalFlags {
  std::string directory;  // -C; empty: none
  bool verbose = false;
  bool quiet = false;
  ColorWhen color = ColorWhen::Auto;
  ErrorFormat error_format = ErrorFormat::Human;
  bool ascii = false;
};

struct Session;
class Watchdog;

// A row of the table in main.cc.
struct Verb {
  std::string_view name;
  std::string_view help;  // one line; empty: not shown to people
  int (*run)(Session& session, Words words);
  ExitConvention convention = ExitConvention::Tool;
};

struct Session {
  // When the command began: `--timeout` counts from here.
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  Watchdog* watchdog = nullptr;  // null: the session is not a process of its own
  std::span<const Verb> verbs;
  GlobalFlags flags;
  ExitConvention convention = ExitConvention::Tool;
  Style out;  // of standard output
  Style err;  // of standard error
  // If set, `parse_words` calls it with the verb's flags and parses nothing: completion asks so.
  std::function<void(const CommandLine&)> describe;
  // What `tenon --help` prints.
  std::function<std::string()> render_overview;

  [[nodiscard]] Verbosity verbosity() const;
};

// Null if there is no such verb.
[[nodiscard]] const Verb* find_verb(const Session& session, std::string_view name);

// The problem of usage for a word that is no verb, with near misses.
[[nodiscard]] Diagnostic describe_unknown_verb(const Session& session, std::string_view word);

// Adds the flags that every verb takes, bound to `flags`.
void add_global_flags(CommandLine& line, GlobalFlags& flags);

// Makes `session` as its flags say: enters `-C`, chooses the styles of both streams.
// Errors: config-usage (a directory that cannot be entered).
[[nodiscard]] std::optional<Diagnostic> apply_global_flags(Session& session);

// Words that the parser of flags must not see: it would split `[1, 2]`. They follow the arguments
// that have names.
struct FreeWords {
  std::string_view shown;  // in the line of usage: "[WAVE]..."
  Words words;             // what was found
};

// Binds `words` to the options of `line`. Returns nothing if the verb may go on; otherwise its exit
// code: help was printed, or a problem of usage was reported (with near misses for flags).
// free_words: takes the arguments that are left over; null: there may be none.
[[nodiscard]] std::optional<int> parse_words(CommandLine& line, Words words, Session& session,
                                             FreeWords* free_words = nullptr);

// Prints a failure on standard error. Returns the verb's exit code for it.
[[nodiscard]] int report(const Session& session, const Diagnostics& problems);

// Prints what a success has to say: warnings, with -v notes too, with -q nothing.
void report_notes(const Session& session, std::span<const Diagnostic> notes);
// Prints notes that matter even without -v.
void print_notes(const Session& session, const Diagnostics& notes);

// With -v, one line a phase on standard error.
void report_times(const Session& session, std::span<const PhaseTime> times);

}  // namespace tenon::cli
