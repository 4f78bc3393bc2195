#include "cli/start.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "cli/call_trace.h"
#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/nearby.h"
#include "cli/permissions.h"
#include "cli/session.h"
#include "render/style.h"
#include "support/start_thread.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/result.h"

namespace tenon::cli {

void CodeFlags::apply_to(BuildOptions& options) const {
  if (!no_cache) options.cache_dir = find_code_cache();
  if (form == "embedded") options.link_form = LinkForm::Embedded;
  if (form == "reference") options.link_form = LinkForm::Reference;
}

void add_code_flags(CommandLine& line, CodeFlags& flags) {
  line.add_flag("--no-cache", flags.no_cache, "Do not use the cache of compiled code");
  line.add_option("--link-form", flags.form,
                  "Compile all units together, or link the code of each (default: auto)")
      .type_name("auto|embedded|reference")
      .one_of({"auto", "embedded", "reference"});
}

void add_start_flags(CommandLine& line, StartFlags& flags) {
  line.add_option("target", flags.target, "Component or folder (default: the nearest tenon.toml)")
      .type_name("FILE|DIR");
  add_helper_flag(line, flags.request);
  add_code_flags(line, flags.code);
  add_link_flags(line, flags.request.flags);
  add_grant_flags(line, flags.grants);
  add_limit_flags(line, flags.limits);
  add_trace_flags(line, flags.traces);
}

void add_watch_flag(CommandLine& line, StartFlags& flags) {
  line.add_flag("--watch", flags.watch, "Replace units when their files change");
}

std::function<void(const CompileStep&)> make_progress(const Session& session) {
  constexpr std::size_t kShown = 100'000;  // bytes of wasm: about a tenth of a second
  if (session.verbosity() == Verbosity::Quiet ||
      get_stream_kind(Stream::Error) != StreamKind::Terminal)
    return {};
  return [](const CompileStep& step) {
    if (step.bytes < kShown) return;
    print_error("compiling {} ({}, {} of {})\n", sanitize_text(step.unit), format_bytes(step.bytes),
                step.number, step.count);
  };
}

namespace {

Result<CompositionBuilder> make_builder(const StartFlags& flags) {
  LinkRequest request = flags.request;
  if (!flags.target.empty()) request.components = {flags.target};
  request.first_is_root = LinkRequest::FirstIsRoot::Yes;
  return make_builder(request);
}

// Applies all flags, before the link begins.
Result<CompositionBuilder> prepare(const StartFlags& flags) {
  Result<CompositionBuilder> builder = flags.make ? flags.make() : make_builder(flags);
  Grants grants;
  const Result<void> granted =
      apply_grant_flags(flags.grants, find_variable, builder ? builder->grants() : grants);
  Limits limits;
  RunSettings settings;
  const Result<void> limited =
      apply_limit_flags(flags.limits, builder ? builder->limits() : limits, settings);
  if (!builder || !granted || !limited) {
    Diagnostics problems;
    if (!builder) problems = std::move(builder).error();
    if (!granted) std::ranges::copy(granted.error(), std::back_inserter(problems));
    if (!limited) std::ranges::copy(limited.error(), std::back_inserter(problems));
    return problems;
  }
  if (settings.stream_buffer) builder->set_stream_buffer(*settings.stream_buffer);
  if (settings.threads) builder->set_threads(*settings.threads);
  if (flags.restarts_domains)
    builder->restart_all({.max = std::numeric_limits<std::uint32_t>::max()});
  if (flags.can_interrupt) builder->allow_interrupt();
  if (flags.is_shared) builder->allow_threads();
  if (!flags.guest_args.empty()) builder->grants().args = flags.guest_args;
  if (flags.configure) TENON_TRY_VOID(flags.configure(*builder));
  return builder;
}

Result<Composition> build(const Session& session, const StartFlags& flags,
                          CompositionBuilder& builder, CallTrace& trace) {
  BuildOptions options;
  flags.code.apply_to(options);
  trace.listen(options);
  options.on_compile = make_progress(session);
  options.on_log = [](std::string_view line) { print_error("{}\n", sanitize_text(line)); };
  Result<Composition> composition = builder.build(options);
  if (session.verbosity() == Verbosity::Verbose)
    print_error("{}", render_unit_times(builder.unit_times()));
  if (composition) {
    // Without a trace, nothing needs the plan, and a known link has none.
    if (trace.is_on()) trace.add_phases(composition->plan().name, composition->times());
  } else {
    // An extension gets what other extensions provide, and its hints are those of its store.
    if (!flags.make) suggest_nearby(builder, flags.request.flags.hosts, composition.error());
    for (Diagnostic& problem : composition.error())
      if (problem.code == "run-grant" && !flags.revoke_hint.empty())
        problem.hints.push_back(flags.revoke_hint);
  }
  return composition;
}

std::string describe(const Denial& denial) {
  const std::string domain = sanitize_text(denial.domain);
  switch (denial.kind) {
    case Denial::Kind::Directory:
      return fmt::format("`{}` requested directories, but none are granted", domain);
    case Denial::Kind::Network:
      return fmt::format("`{}` requested network access, which is not granted", domain);
    case Denial::Kind::Environment:
      return fmt::format("`{}` requested environment variables, but none are granted", domain);
    case Denial::Kind::Output:
      return fmt::format("`{}` wrote to standard output or error, which are not granted", domain);
    case Denial::Kind::Http:
      return denial.address.empty()
                 ? fmt::format("`{}` sent an HTTP request to `{}`, which is not granted", domain,
                               sanitize_text(denial.target))
                 : fmt::format(
                       "`{}` sent an HTTP request to `{}`, whose address `{}` is not public "
                       "and not granted",
                       domain, sanitize_text(denial.target), sanitize_text(denial.address));
  }
  return {};
}

std::string hint_at_flag(const Denial& denial) {
  switch (denial.kind) {
    case Denial::Kind::Directory:
      return "`--dir ro:.` grants a folder to the root";
    case Denial::Kind::Network:
      return "`--allow-net=HOST:PORT` grants an address to the root";
    case Denial::Kind::Environment:
      return "`--env NAME` passes a variable on to the root";
    case Denial::Kind::Output:
      return fmt::format("`stdio = \"output\"` in `[domains.{}]` of tenon.toml grants them",
                         sanitize_text(denial.domain));
    case Denial::Kind::Http:
      return fmt::format("`--allow-http={}` grants it to the root", sanitize_text(denial.grant));
  }
  return {};
}

// Many language runtimes read directories and variables at startup, although the guest does not
// need them. Such a denial is reported only if the guest failed, and for a plain `run` only with
// -v, because its user wrote the flags that grant access.
bool must_report(const Session& session, const StartFlags& flags, const Denial& denial, int code) {
  if (denial.kind == Denial::Kind::Network || denial.kind == Denial::Kind::Output ||
      denial.kind == Denial::Kind::Http)
    return true;
  const bool has_failed = code != to_int(ExitCode::Fine) && code < to_int(ExitCode::RunDeadline);
  return has_failed && (flags.grant_hint || session.verbosity() == Verbosity::Verbose);
}

void report_denials(const Session& session, const StartFlags& flags, const Composition& composition,
                    int code) {
  Diagnostics notes;
  for (const Denial& denial : composition.denials()) {
    if (!must_report(session, flags, denial, code)) continue;
    Diagnostic note;
    note.severity = Severity::Note;
    note.code = "not-granted";
    note.message = describe(denial);
    note.hints.push_back(flags.grant_hint ? flags.grant_hint(denial) : hint_at_flag(denial));
    notes.push_back(std::move(note));
  }
  print_notes(session, notes);
}

// Whether any call leaves its domain.
bool has_traced_edge(const Plan& plan) {
  return plan.domains.size() > 1 ||
         std::ranges::find(plan.edges, EdgeKind::Remote, &PlanEdge::kind) != plan.edges.end();
}

Diagnostic note_untraced() {
  Diagnostic note;
  note.severity = Severity::Note;
  note.code = "one-domain";
  note.message = "`--trace-calls` shows calls between domains, and all units share one domain";
  note.hints.emplace_back("`--isolate` runs each unit in its own domain");
  return note;
}

}  // namespace

Result<Started> open_and_start(const Session& session, const StartFlags& flags,
                               std::vector<std::string> inputs) {
  Watchdog* const watchdog = flags.is_one_run ? session.watchdog : nullptr;
  if (watchdog != nullptr && flags.limits.timeout)
    // A value that cannot be parsed is reported with the other flags.
    if (const auto timeout = Limits::parse_duration(*flags.limits.timeout))
      TENON_TRY_VOID(watchdog->arm(*timeout));
  Result<CompositionBuilder> builder = prepare(flags);
  if (!builder) return std::move(builder).error();
  if (Result<void> asked = ask_for_consent(*builder); !asked) return std::move(asked).error();
  // No thread of the command reads the environment during the link.
  builder->allow_setenv();
  if (flags.is_one_run) builder->count_time_from(session.start);
  // The manifest can have a shorter timeout.
  if (const auto timeout = builder->timeout(); timeout && watchdog != nullptr)
    TENON_TRY_VOID(watchdog->arm(*timeout));
  std::ranges::copy(builder->files(), std::back_inserter(inputs));
  auto trace = CallTrace::open(flags.traces, session.err, inputs);
  if (!trace) return std::move(trace).error();
  if (watchdog != nullptr) watchdog->set_trace(trace->get());
  Result<Composition> composition = build(session, flags, *builder, **trace);
  if (!composition) {
    if (watchdog != nullptr) watchdog->set_trace(nullptr);
    return std::move(composition).error();
  }
  report_notes(session, composition->notes());
  report_times(session, composition->times());
  return Started{*std::move(trace), *std::move(composition)};
}

Result<Composition> start_watched(
    const Session& session, const StartFlags& flags, CallTrace& trace, Setenv setenv,
    const std::function<void(const std::vector<std::string>&)>& on_files) {
  Result<CompositionBuilder> builder = prepare(flags);
  if (!builder) {
    std::vector<std::string> files;
    // The manifest, or what may become one.
    if (!flags.target.empty())
      files = {flags.target, flags.target + "/tenon.toml"};
    else if (const std::string manifest = find_manifest(); !manifest.empty())
      files = {manifest};
    on_files(files);
    return std::move(builder).error();
  }
  if (setenv == Setenv::Allowed) builder->allow_setenv();
  const std::span<const std::string> files = builder->files();
  on_files({files.begin(), files.end()});
  if (Result<void> trusted = apply_consent(*builder); !trusted) return std::move(trusted).error();
  Result<Composition> composition = build(session, flags, *builder, trace);
  if (composition) report_notes(session, composition->notes());
  return composition;
}

int report_failure(const Session& session, const CallFailure& failure) {
  // A call that could not be made has diagnostics of its own.
  return report(session, failure.problems.empty() ? Diagnostics{failure_diagnostic(failure)}
                                                  : failure.problems);
}

int report_leftovers(const Session& session, const StartFlags& flags, Composition& composition,
                     int code) {
  if (const auto failure = composition.take_drop_failure()) {
    const int failed = report_failure(session, *failure);
    if (code == to_int(ExitCode::Fine)) code = failed;
  }
  report_denials(session, flags, composition, code);
  return code;
}

int end_run(const Session& session, const StartFlags& flags, Started& started, int code) {
  code = report_leftovers(session, flags, started.composition, code);
  if (!flags.traces.calls.empty() && !has_traced_edge(started.composition.plan()))
    print_notes(session, {note_untraced()});
  // Streams and calls that guests left open end here, and belong to the traces.
  {
    const Composition ended = std::move(started.composition);
  }
  return end_trace(session, *started.trace, code);
}

int end_trace(const Session& session, CallTrace& trace, int code) {
  if (session.watchdog != nullptr) session.watchdog->set_trace(nullptr);
  const Result<void> ended = trace.end();
  if (std::optional<Diagnostic> loss = trace.find_loss()) print_notes(session, {*std::move(loss)});
  if (ended) return code;
  const int failed = report(session, ended.error());
  return code == to_int(ExitCode::Fine) ? failed : code;
}

namespace {

// The time in which the library can stop the guest and report where it was.
constexpr std::chrono::milliseconds kGrace{1000};

}  // namespace

Result<void> Watchdog::arm(std::chrono::milliseconds timeout) {
  const auto deadline = session_.start + timeout + kGrace;
  const std::scoped_lock lock(mutex_);
  const bool is_first = !deadline_;
  if (is_first || deadline < *deadline_) deadline_ = deadline;
  if (!is_first) {
    changed_.notify_all();
    return {};
  }
  auto started = start_thread([this] { wait(); });
  if (!started) return thread_problem("`timeout`", started.error());
  started->detach();
  return {};
}

void Watchdog::set_trace(CallTrace* trace) {
  const std::scoped_lock lock(mutex_);
  trace_ = trace;
}

void Watchdog::wait() {
  std::unique_lock lock(mutex_);
  while (std::chrono::steady_clock::now() < *deadline_) changed_.wait_until(lock, *deadline_);
  // The exit code is that of the deadline, even if the trace cannot be written.
  if (trace_ != nullptr) (void)trace_->end();
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.limits = {"timeout"};
  Diagnostic problem = failure_diagnostic(failure);
  problem.message = "the run was stopped: its deadline passed";
  // Not exit(): destructors would run while the main thread still uses their objects.
  ::_exit(report(session_, {std::move(problem)}));
}

}  // namespace tenon::cli
