// What the verbs that start a composition share: `run`, `call` and `shell`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/call_trace.h"
#include "cli/grant_flags.h"
#include "cli/limit_flags.h"
#include "cli/link_request.h"
#include "cli/session.h"
#include "tenon/call_failure.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

struct StartFlags {
  // What is linked; empty: what `target` and `request` say.
  std::function<Result<CompositionBuilder>()> make = {};
  std::string target;  // FILE or DIR; empty: the manifest here
  LinkRequest request;
  GrantFlags grants;
  LimitFlags limits;
  TraceFlags traces;
  // What opens to a domain what it asked for; none: the flags.
  std::function<std::string(const Denial&)> grant_hint = {};
  // What to do about a grant that cannot be given (run-grant); empty: its own hint is enough.
  std::string revoke_hint = {};
  bool no_cache = false;
  bool is_one_run = true;  // `--timeout` is of all; else of each call
  // Of a shell, which goes on after a failure: a domain that ended begins again when it is called.
  bool restarts_domains = false;
  bool can_interrupt = false;  // a call ends by `Composition::interrupt`
  std::vector<std::string> guest_args;
};

// Adds the target as the first argument, and the flags.
void add_start_flags(CommandLine& line, StartFlags& flags);

// A composition that runs, and what its calls are traced to.
struct Started {
  std::unique_ptr<CallTrace> trace;  // outlives the composition
  Composition composition;
};

// Opens the traces, links and starts, and tells notes and times.
// inputs: files that the command read beside those of the link.
// Errors: those of CallTrace::open and of `start`.
[[nodiscard]] Result<Started> open_and_start(const Session& session, const StartFlags& flags,
                                             std::vector<std::string> inputs = {});

// Prints why a call failed. Returns the exit code.
[[nodiscard]] int report_failure(const Session& session, const CallFailure& failure);

// Ends the traces. Returns `code`, or that of a trace that could not be written if `code` is fine.
[[nodiscard]] int end_trace(const Session& session, CallTrace& trace, int code);

// The same, after it reported what was not granted, and a destructor that failed. Returns `code`,
// or that of the failure if `code` is fine.
[[nodiscard]] int end_run(const Session& session, const StartFlags& flags, Started& started,
                          int code);

// Links and starts what the flags name; the target is the root. trace: gets the phases of the link
// and the calls, and outlives the composition.
// Errors: those of make_builder, apply_grant_flags, apply_limit_flags and
// CompositionBuilder::build.
[[nodiscard]] Result<Composition> start(const StartFlags& flags, CallTrace& trace);

}  // namespace tenon::cli
