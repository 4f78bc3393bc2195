// A WatchLoop notices changes on a thread of its own, and applies them there. A run has a second thread,
// which runs the guest:
//
//   main thread          open_and_start -> run -> (the next composition) -> run -> ...
//   thread of the watch  a change -> swap, or try_to_start -> interrupt the run
//
// A guest that waits in the host, for a timer or a socket, cannot be interrupted. Then the process
// replaces itself (execve), because what it starts has just been tested, and its code is in the cache.
#include "cli/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "cli/call_trace.h"
#include "cli/file_watch.h"
#include "cli/input_output.h"
#include "cli/swaps.h"
#include "support/files.h"
#include "support/start_thread.h"
#include "support/try.h"

namespace tenon::cli {

namespace {

using Clock = std::chrono::steady_clock;

// How long files must keep a content that does not work before it is reported: some programs write a
// file in several steps.
constexpr std::chrono::milliseconds kReport{500};
// How long an interrupted guest may go on.
constexpr std::chrono::milliseconds kInterrupt{1000};

// Tells the user what happens, on standard error.
void say(const Session& session, const std::string& text) {
  if (session.verbosity() != Verbosity::Quiet) print_error("tenon: {}\n", text);
}

// Swaps units and says so.
Result<void> swap_and_say(const Session& session, Composition& composition,
                          const std::vector<SwapUnit>& units) {
  const Clock::time_point begin = Clock::now();
  const SwapOptions options{.handles = SwapHandles::MakeStale,
                            .whole_domains = true,
                            .on_losses = [&](const SwapLosses& losses) {
                              const std::string text = render_losses(losses);
                              for (std::size_t at = 0; at < text.size();) {
                                const std::size_t end = text.find('\n', at);
                                say(session, "the swap " + text.substr(at, end - at));
                                at = end + 1;
                              }
                            }};
  Result<void> swapped = composition.swap(units, options);
  if (!swapped) return swapped;
  std::vector<std::string> names;
  for (const SwapUnit& unit : units) names.push_back(unit.name);
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  say(session, fmt::format("swapped {} in {} ms", quote_names(names), time.count()));
  return {};
}

}  // namespace

// The units of a composition, by their files.
struct UnitFiles {
  struct Unit {
    std::string name;
    std::string domain;
    bool can_be_swapped = false;
  };
  std::multimap<std::string, Unit> units;  // by file
  std::string root_domain;

  explicit UnitFiles(const Plan& plan) {
    for (const PlanUnit& unit : plan.units) {
      if (unit.name == plan.root) root_domain = unit.domain;
      if (unit.file.empty()) continue;
      const bool can_be_swapped =
          unit.kind == UnitKind::Component || unit.kind == UnitKind::Package;
      units.emplace(unit.file, Unit{unit.name, unit.domain, can_be_swapped});
    }
  }

  // The units of files; nothing if a file belongs to none, or to one that cannot be swapped.
  [[nodiscard]] std::optional<std::vector<SwapUnit>> find(
      const std::vector<std::string>& files) const {
    std::vector<SwapUnit> found;
    for (const std::string& file : files) {
      const auto [begin, end] = units.equal_range(file);
      if (begin == end) return std::nullopt;
      for (auto unit = begin; unit != end; ++unit) {
        if (!unit->second.can_be_swapped) return std::nullopt;
        found.push_back({.name = unit->second.name, .path = file});
      }
    }
    return found;
  }
  // Whether a file belongs to native code: a library, or something in the folder of a host bundle.
  [[nodiscard]] bool has_native(const std::vector<std::string>& files) const {
    return std::ranges::any_of(files, [&](const std::string& file) {
      return std::ranges::any_of(units, [&](const auto& unit) {
        return !unit.second.can_be_swapped &&
               (file == unit.first || file.starts_with(unit.first + "/"));
      });
    });
  }
  [[nodiscard]] bool is_in_root_domain(const std::string& unit) const {
    return std::ranges::any_of(units, [&](const auto& entry) {
      return entry.second.name == unit && entry.second.domain == root_domain;
    });
  }
  [[nodiscard]] std::vector<std::string> list() const {
    std::vector<std::string> files;
    for (const auto& [file, unit] : units) files.push_back(file);
    return files;
  }
};

// Notices changes and applies them, until it is destroyed.
class WatchLoop final {
 public:
  // Applies the content of files that differ from those that run. Thread: that of the loop.
  using Apply = std::function<Result<void>(const std::vector<std::string>& files)>;

  WatchLoop(const Session& session, Apply apply) : session_(session), apply_(std::move(apply)) {}
  WatchLoop(const WatchLoop&) = delete;
  WatchLoop& operator=(const WatchLoop&) = delete;
  ~WatchLoop() { watch_.stop(); }

  // Sets the files to watch, before a link reads them: the current content of new ones counts as
  // running. A folder stands for the files in it. Thread: that of the loop, once it is started.
  void set_files(const std::vector<std::string>& files) {
    std::vector<std::string> all;
    for (const std::string& file : files) {
      const Result<std::vector<std::string>> names = RealFiles().list(file);
      if (names)
        for (const std::string& name : *names) all.push_back(fmt::format("{}/{}", file, name));
      else
        all.push_back(file);
    }
    watch_.set_files(all);
    std::map<std::string, std::string> running;
    for (const std::string& file : all) {
      const auto known = running_.find(file);
      running[file] = known == running_.end() ? watch_.digest(file) : known->second;
    }
    running_ = std::move(running);
  }
  // digest: of what runs, if it is known.
  void set_running(const std::string& file, const std::string& digest) { running_[file] = digest; }
  [[nodiscard]] bool has_files() const { return !running_.empty(); }
  // Errors: run-engine.
  [[nodiscard]] Result<void> start() {
    auto started = start_thread<std::jthread>([this] { run(); });
    if (!started) return thread_problem("watched files", started.error());
    thread_ = *std::move(started);
    return {};
  }

 private:
  void run() {
    // Files can have changed since they were read.
    std::optional<Diagnostics> failure = apply({});
    Clock::time_point report_at = Clock::now() + kReport;
    while (!watch_.is_stopped()) {
      const std::vector<std::string> changed =
          watch_.wait(failure ? std::optional(report_at) : std::nullopt);
      if (changed.empty()) {
        if (failure && !watch_.is_stopped()) report_failure(*failure);
        failure.reset();
        continue;
      }
      failure = apply(changed);
      report_at = Clock::now() + kReport;
    }
  }

  // Applies all files that differ. If that fails, tries those that have just changed: others can be
  // broken.
  std::optional<Diagnostics> apply(const std::vector<std::string>& changed) {
    std::vector<std::string> different;
    for (const auto& [file, digest] : running_)
      if (watch_.digest(file) != digest) different.push_back(file);
    if (different.empty()) return std::nullopt;
    Result<void> applied = apply_(different);
    if (applied) return note_applied(different);
    std::vector<std::string> both;
    std::ranges::set_intersection(different, changed, std::back_inserter(both));
    if (!both.empty() && both.size() < different.size() && apply_(both)) return note_applied(both);
    return std::move(applied).error();
  }
  std::optional<Diagnostics> note_applied(const std::vector<std::string>& files) {
    for (const std::string& file : files)
      if (const auto running = running_.find(file); running != running_.end())
        running->second = watch_.digest(file);
    return std::nullopt;
  }

  void report_failure(const Diagnostics& problems) {
    (void)report(session_, problems);
    say(session_, "the old units go on; waiting for changes");
  }

  const Session& session_;
  Apply apply_;
  FileWatch watch_;
  std::map<std::string, std::string> running_;  // the digest of what runs, by file
  std::jthread thread_;
};

// Starts the command of this process again.
[[noreturn]] void start_process_again(const Session& session, CallTrace& trace) {
  (void)trace.end();
  (void)std::fflush(nullptr);
  const bool is_there = session.first_folder.empty() || ::chdir(session.first_folder.c_str()) == 0;
  std::vector<char*> arguments;
  Result<std::string> line = read_input("/proc/self/cmdline");
  if (line)
    for (std::size_t at = 0; at < line->size();
         at += std::string_view(line->data() + at).size() + 1)
      arguments.push_back(line->data() + at);
  arguments.push_back(nullptr);
  if (is_there) ::execv("/proc/self/exe", arguments.data());
  print_error("tenon: the process cannot start itself again: {}\n", std::strerror(errno));
  ::_exit(to_int(ExitCode::RunUsage));
}

namespace {

// A command that is run again for each change.
class WatchedRun final {
 public:
  WatchedRun(const Session& session, const StartFlags& flags, RunCommand run,
             std::unique_ptr<CallTrace> trace)
      : session_(session), flags_(flags), run_(std::move(run)), trace_(std::move(trace)) {}

  // Returns an exit code only if there is nothing to watch.
  int run() {
    Result<Composition> first = try_to_start(Setenv::Allowed);
    if (first)
      next_ = *std::move(first);
    else if (!loop_.has_files())
      return report(session_, first.error());
    else
      say_failed(first.error());
    if (const auto started = loop_.start(); !started) return report(session_, started.error());
    while (true) {
      take_next();
      const CallResult<int> code = run_(*current_);
      end_run(code);
    }
  }

 private:
  void say_failed(const Diagnostics& problems) {
    (void)report(session_, problems);
    say(session_, "waiting for changes");
  }

  Result<Composition> try_to_start(Setenv setenv) {
    return start_watched(session_, flags_, *trace_, setenv,
                         [this](const std::vector<std::string>& files) { loop_.set_files(files); });
  }

  // Waits for the composition that is to run, and puts it in the place of the last one.
  void take_next() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return next_.has_value(); });
      current_ = std::exchange(next_, std::nullopt);
      changed_.notify_all();
      lock.unlock();
      // Planning a link that was known takes a moment.
      const UnitFiles files(current_->plan());
      lock.lock();
      unit_files_ = files;
      if (!next_) break;
    }
    is_running_ = true;
  }

  void end_run(const CallResult<int>& code) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_swapping_; });
    is_running_ = false;
    changed_.notify_all();
    // A run that was interrupted for the next one has nothing to report.
    if (next_) return;
    const int failed = report_leftovers(session_, flags_, *current_,
                                        code ? *code : report_failure(session_, code.error()));
    say(session_, fmt::format("the command ended with exit code {}; waiting for changes", failed));
  }

  // On the thread of the loop.
  Result<void> apply(const std::vector<std::string>& files) {
    say(session_, fmt::format("{} changed", quote_names(files)));
    std::unique_lock lock(mutex_);
    if (unit_files_ && unit_files_->has_native(files)) {
      say(session_, "native code changed; starting the process again");
      start_process_again(session_, *trace_);
    }
    if (is_running_) {
      const std::optional<std::vector<SwapUnit>> units = unit_files_->find(files);
      if (units && std::ranges::none_of(*units, [&](const SwapUnit& unit) {
            return unit_files_->is_in_root_domain(unit.name);
          })) {
        is_swapping_ = true;
        lock.unlock();
        Result<void> swapped = swap_and_say(session_, *current_, *units);
        lock.lock();
        is_swapping_ = false;
        changed_.notify_all();
        return swapped;
      }
    }
    lock.unlock();
    return start_again();
  }

  // Starts a new composition, and ends the run in progress.
  Result<void> start_again() {
    TENON_TRY(Composition next, try_to_start(Setenv::Refused));
    std::unique_lock lock(mutex_);
    next_ = std::move(next);
    changed_.notify_all();
    if (!is_running_) return {};
    current_->interrupt();
    say(session_, "starting the command again");
    if (!changed_.wait_for(lock, kInterrupt, [this] { return !next_; })) {
      say(session_, "its guest waits in the host; starting the process again");
      start_process_again(session_, *trace_);
    }
    return {};
  }

  const Session& session_;
  const StartFlags& flags_;
  RunCommand run_;
  std::unique_ptr<CallTrace> trace_;
  // Guards the rest. The main thread alone replaces `current_`, and not during a swap.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Composition> current_;
  std::optional<Composition> next_;      // that replaces it
  std::optional<UnitFiles> unit_files_;  // of `current_`
  bool is_running_ = false;
  bool is_swapping_ = false;
  WatchLoop loop_{session_, [this](const std::vector<std::string>& files) { return apply(files); }};
};

}  // namespace

int run_started(const Session& session, StartFlags flags, const RunCommand& run) {
  if (!flags.watch) {
    Result<Started> started = open_and_start(session, flags);
    if (!started) return report(session, started.error());
    const CallResult<int> code = run(started->composition);
    return end_run(session, flags, *started, code ? *code : report_failure(session, code.error()));
  }
  // Each run has a time limit of its own, and no watchdog, which would end the process.
  flags.is_one_run = false;
  flags.is_shared = true;
  flags.can_interrupt = true;
  std::vector<std::string> inputs = flags.request.helpers;
  inputs.push_back(flags.target);
  auto trace = CallTrace::open(flags.traces, session.err, inputs);
  if (!trace) return report(session, trace.error());
  return WatchedRun(session, flags, run, *std::move(trace)).run();
}

class UnitWatch::Loop final {
 public:
  Loop(const Session& session, Composition& composition)
      : session_(session), composition_(composition), files_(composition.plan()) {
    loop_.set_files(files_.list());
    // A file can have changed since it was read. (The digest of a text is that of its binary.)
    for (const PlanUnit& unit : composition.plan().units)
      if (!unit.file.empty() && !unit.digest.empty() && !unit.file.ends_with(".wat"))
        loop_.set_running(unit.file, unit.digest);
  }
  Result<void> start() { return loop_.start(); }

 private:
  Result<void> apply(const std::vector<std::string>& files) {
    say(session_, fmt::format("{} changed", quote_names(files)));
    const std::optional<std::vector<SwapUnit>> units = files_.find(files);
    if (units) return swap_and_say(session_, composition_, *units);
    Diagnostic problem;
    problem.code = "run-swap";
    problem.message =
        fmt::format("{} cannot be swapped: not a component or a package", quote_names(files));
    problem.hints.emplace_back("start the service again");
    return problem;
  }

  const Session& session_;
  Composition& composition_;
  UnitFiles files_;
  WatchLoop loop_{session_, [this](const std::vector<std::string>& files) { return apply(files); }};
};

UnitWatch::UnitWatch(const Session& session, Composition& composition)
    : loop_(std::make_unique<Loop>(session, composition)) {}

Result<void> UnitWatch::start() { return loop_->start(); }

UnitWatch::~UnitWatch() = default;

}  // namespace tenon::cli
