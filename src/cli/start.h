// Starting a composition and ending the run: shared by `run`, `call`, `shell` and `ext run`.
//
//   Result<Started> started = open_and_start(session, flags);
//   if (!started) return report(session, started.error());
//   const CallResult<int> code = started->composition.run_command();
//   return end_run(session, flags, *started, code ? *code : report_failure(session, code.error()));
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/call_trace.h"
#include "cli/link_request.h"
#include "cli/permissions.h"
#include "cli/session.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

// Where compiled code comes from.
struct CodeFlags {
  bool no_cache = false;
  std::string form = "auto";

  // Sets the options of a build.
  void apply_to(BuildOptions& options) const;
};

void add_code_flags(CommandLine& line, CodeFlags& flags);

// For BuildOptions::on_compile: prints a line for each compilation that takes more than a moment, on a
// terminal. Empty without one, or with -q.
[[nodiscard]] std::function<void(const CompileStep&)> make_progress(const Session& session);

struct StartFlags {
  // Makes the builder; empty: it is made from `target` and `request`.
  std::function<Result<CompositionBuilder>()> make = {};
  std::string target;  // FILE or DIR; empty: the nearest manifest
  LinkRequest request;
  GrantFlags grants;
  LimitFlags limits;
  TraceFlags traces;
  // Returns a hint that says how to grant what was denied; empty: the hint names a flag.
  std::function<std::string(const Denial&)> grant_hint = {};
  // An extra hint for a grant that cannot be given (run-grant); can be empty.
  std::string revoke_hint = {};
  CodeFlags code;
  bool is_one_run = true;  // `--timeout` limits the whole run; otherwise each call
  // For a shell, which continues after a failure: a domain that ended restarts at the next call.
  bool restarts_domains = false;
  bool can_interrupt = false;  // `Composition::interrupt` can end a call
  bool is_shared = false;      // several threads use the composition
  bool watch = false;          // `--watch`
  // Called before the link, when the builder has what the flags and manifests say; can be empty.
  std::function<Result<void>(CompositionBuilder&)> configure = {};
  std::vector<std::string> guest_args;
};

// Adds the target as the first argument, and the flags.
void add_start_flags(CommandLine& line, StartFlags& flags);

// Adds `--watch`.
void add_watch_flag(CommandLine& line, StartFlags& flags);

// A running composition and the trace of its calls.
struct Started {
  std::unique_ptr<CallTrace> trace;  // outlives the composition
  Composition composition;
};

// Opens the traces, links, starts, and prints notes and times.
// inputs: files that the command reads in addition to those of the link.
// Errors: those of CallTrace::open, make_builder, apply_grant_flags, apply_limit_flags and
// CompositionBuilder::build.
[[nodiscard]] Result<Started> open_and_start(const Session& session, const StartFlags& flags,
                                             std::vector<std::string> inputs = {});

// Whether host bundles may set variables of the process: not while a guest runs.
enum class Setenv { Refused, Allowed };
// One of several starts of a command that watches its inputs: links, starts, and prints notes. Asks for
// no consent, because a guest may be at the terminal.
// on_files: called with the files that the link reads, before it reads them.
// Errors: as open_and_start, but for the traces.
[[nodiscard]] Result<Composition> start_watched(
    const Session& session, const StartFlags& flags, CallTrace& trace, Setenv setenv,
    const std::function<void(const std::vector<std::string>&)>& on_files);

// Prints why a call failed. Returns the exit code.
[[nodiscard]] int report_failure(const Session& session, const CallFailure& failure);

// Ends the traces. Returns `code`; if that is 0 and a trace could not be written, the code of that
// problem.
[[nodiscard]] int end_trace(const Session& session, CallTrace& trace, int code);

// Reports what a run leaves behind: denied access, and a destructor that failed. Returns `code`; if that
// is 0 and something failed, the code of that failure.
[[nodiscard]] int report_leftovers(const Session& session, const StartFlags& flags,
                                   Composition& composition, int code);

// Reports denied access and a destructor that failed, then ends the traces. Returns `code`; if that
// is 0 and something failed, the code of that failure.
[[nodiscard]] int end_run(const Session& session, const StartFlags& flags, Started& started,
                          int code);

// Ends the process when a run exceeds its time limit.
//
// The library checks the time between files, units and phases, and interrupts guests that compute.
// It cannot stop a compilation, a guest that waits in the host, or native code. `--timeout` applies
// to these too: it counts from the start of the command, and no part of the command outlives it.
//
// Lives as long as the process, so that destructors at the end of a run are limited too.
class Watchdog final {
 public:
  explicit Watchdog(const Session& session) : session_(session) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() = delete;

  // Ends the process with ExitCode::RunDeadline when `timeout`, counted from the start of the
  // session, has passed, plus a second in which the library can stop the guest in order. The
  // shortest of several timeouts counts. Errors: run-engine.
  [[nodiscard]] Result<void> arm(std::chrono::milliseconds timeout);
  // The trace that is ended before the process is; null: none. Lifetime: until the next call.
  void set_trace(CallTrace* trace);

 private:
  void wait();

  const Session& session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  CallTrace* trace_ = nullptr;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace tenon::cli
