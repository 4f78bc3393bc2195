// What `--trace-calls` and `--trace-out` write: a line for each call from domain to domain, and a
// timeline of the link and of the calls that Perfetto and chrome://tracing open.
//
//   cart -> log acme:log/log.write("DE") = ()  1.8us
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "cli/style.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

struct TraceFlags {
  std::string calls;  // --trace-calls[=FILE]; bare is "-", standard error; empty: none
  std::string out;    // --trace-out FILE; empty: none
};

void add_trace_flags(CommandLine& line, TraceFlags& flags);

// One line for `--trace-calls`, with its end. Calls that a call made are further to the right.
[[nodiscard]] std::string render_trace_line(const TraceCall& call, const Style& style);

// The trace events of a timeline, each as JSON on a line; see the "Trace Event Format", its JSON
// Array Format. Times are microseconds from `start`.
class TraceEvents final {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit TraceEvents(TimePoint start) : start_(start) {}

  // What the file begins with: `[` and names.
  [[nodiscard]] static std::string begin();
  // The phases of a link, one after the other.
  // begin: when the first began, in microseconds from `start`.
  [[nodiscard]] static std::string add_phases(std::span<const PhaseTime> phases, double begin = 0);
  // A call, and the counters that it changed.
  [[nodiscard]] std::string add_call(const TraceCall& call);
  [[nodiscard]] static std::string end() { return "\n]\n"; }
  [[nodiscard]] double now() const;

 private:
  struct Counters {
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0;
    std::uint64_t handles = 0;
    std::uint64_t restarts = 0;
  };

  TimePoint start_;
  Counters counters_;
};

// Writes both as a run goes on. Thread: any.
class CallTrace final {
 public:
  // Sees that the files can be written; what they hold is kept until something is written.
  // inputs: files that are read, and so not to be written.
  // Errors: write-file, config-usage (a file that is read, a component, or both flags' file).
  [[nodiscard]] static Result<std::unique_ptr<CallTrace>> open(
      const TraceFlags& flags, const Style& style, std::span<const std::string> inputs = {});

  // For BuildOptions; empty if the flags ask for nothing. Lifetime: refers to this.
  [[nodiscard]] std::function<void(const TraceCall&)> listener();
  // Of a link that has just ended.
  void add_phases(std::span<const PhaseTime> phases);
  // What comes later is not written. The second time, nothing happens. Errors: write-file.
  Result<void> end();

  CallTrace(const CallTrace&) = delete;
  CallTrace& operator=(const CallTrace&) = delete;
  ~CallTrace();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  CallTrace(const TraceFlags& flags, const Style& style);
  struct Output {
    std::string path;
    File file;  // null: none
    bool has_begun = false;

    // The file, emptied when it is first asked for; null: none.
    std::FILE* begin();
  };

  [[nodiscard]] static Result<void> open_file(Output& output, std::string_view flag,
                                              std::span<const std::string> inputs);
  void add(const TraceCall& call);
  // The timeline's file, with what it begins with.
  std::FILE* begin_events();

  std::mutex mutex_;
  bool has_ended_ = false;
  bool has_lines_ = false;
  Style style_;
  Output lines_;  // no file: standard error
  Output events_;
  TraceEvents timeline_;
};

}  // namespace tenon::cli
