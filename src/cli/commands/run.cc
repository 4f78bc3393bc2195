#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "cli/call_trace.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/grant_flags.h"
#include "cli/limit_flags.h"
#include "cli/link_request.h"
#include "cli/render_diagnostics.h"
#include "cli/watchdog.h"
#include "tenon/composition.h"

namespace tenon::cli {

namespace {

struct RunFlags {
  std::string target;
  LinkRequest request;
  GrantFlags grants;
  LimitFlags limits;
  TraceFlags traces;
  bool no_cache = false;
  std::vector<std::string> guest_args;
};

void add_flags(CLI::App& app, RunFlags& flags) {
  app.add_option("target", flags.target,
                 "Component, or folder with a tenon.toml or components; none: the tenon.toml here")
      ->type_name("FILE|DIR");
  app.add_option("--with", flags.request.helpers, "A unit that the target needs")
      ->type_name("COMPONENT")
      ->allow_extra_args(false);
  app.add_flag("--no-cache", flags.no_cache, "Neither read nor write compiled code");
  add_link_flags(app, flags.request.flags);
  add_grant_flags(app, flags.grants);
  add_limit_flags(app, flags.limits);
  add_trace_flags(app, flags.traces);
  app.footer(
      "What stands after `--` goes to the guest.\n\n"
      "Examples:\n"
      "  tenon run app.wasm --with tax.wasm\n"
      "  tenon run app.wasm --with tax.wasm --dir ro:.::/data -- one two");
}

Result<Composition> start(const RunFlags& flags, CallTrace& trace) {
  Result<CompositionBuilder> builder = make_builder(flags.request);
  Grants grants;
  const Result<void> granted =
      apply_grant_flags(flags.grants, find_variable, builder ? builder->grants() : grants);
  Limits limits;
  const Result<void> limited =
      apply_limit_flags(flags.limits, builder ? builder->limits() : limits);
  if (!builder || !granted || !limited) {
    Diagnostics problems;
    if (!builder) problems = std::move(builder).error();
    if (!granted) std::ranges::copy(granted.error(), std::back_inserter(problems));
    if (!limited) std::ranges::copy(limited.error(), std::back_inserter(problems));
    return problems;
  }
  if (!flags.guest_args.empty()) builder->grants().args = flags.guest_args;
  BuildOptions options;
  if (!flags.no_cache) options.cache_dir = find_code_cache();
  options.trace_calls = trace.listener();
  return builder->build(options);
}

}  // namespace

int run_command(Session& session, Words words) {
  CLI::App app("Link units and run the result's `wasi:cli/run`", "tenon run");
  RunFlags flags;
  add_flags(app, flags);
  const auto mark = std::find(words.begin(), words.end(), "--");
  if (mark != words.end()) flags.guest_args.assign(std::next(mark), words.end());
  words.erase(mark, words.end());
  if (const auto code = parse_words(app, join_net_values(std::move(words)), session)) return *code;
  if (!flags.target.empty()) flags.request.components = {flags.target};
  flags.request.first_is_root = LinkRequest::FirstIsRoot::Yes;
  const auto trace = CallTrace::open(flags.traces, session.err);
  if (!trace) return report(session, trace.error());
  Result<Composition> composition = start(flags, **trace);
  if (!composition) return report(session, composition.error());
  report_notes(session, composition->notes());
  report_times(session, composition->times());
  (*trace)->add_phases(composition->times());
  const Watchdog watchdog(session, composition->timeout(), **trace);
  const CallResult<int> code = composition->run_command();
  if (code) return *code;
  const CallFailure& failure = code.error();
  // A call that could not be made has its own diagnostics.
  return report(session, failure.problems.empty() ? Diagnostics{failure_diagnostic(failure)}
                                                  : failure.problems);
}

}  // namespace tenon::cli
