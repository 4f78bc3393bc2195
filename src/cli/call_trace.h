// The output of `--trace-calls` and `--trace-out`: one line for each call between domains, and a
// timeline of the link and the calls for Perfetto and chrome://tracing.
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
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

struct TraceFlags {
  std::string calls;  // --trace-calls[=FILE]; without a value "-", standard error; empty: no trace
  std::string out;    // --trace-out FILE; empty: no timeline
};

void add_trace_flags(CommandLine& line, TraceFlags& flags);

// One line of `--trace-calls` with its line feed. Nested calls are indented.
[[nodiscard]] std::string render_trace_line(const TraceCall& call, const Style& style);

// The trace events of a timeline, one JSON object a line. Times are in microseconds from `start`.
// Source: "Trace Event Format", "JSON Array Format".
class TraceEvents final {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit TraceEvents(TimePoint start) : start_(start) {}

  // The beginning of the file: `[`, and the names of the process and its threads.
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

// Writes both traces while the run goes on. Thread: any.
class CallTrace final {
 public:
  // Checks that the files can be written. Their old content is kept until the first write, so that
  // a link that fails leaves them alone.
  // inputs: files that the command reads and must not overwrite.
  // Errors: write-file, config-usage (an input, a component, or one file for both flags).
  [[nodiscard]] static Result<std::unique_ptr<CallTrace>> open(
      const TraceFlags& flags, const Style& style, std::span<const std::string> inputs = {});

  // For BuildOptions; empty if neither flag is given. Lifetime: refers to this object.
  [[nodiscard]] std::function<void(const TraceCall&)> listener();
  // Adds the phases of a link that has just ended.
  void add_phases(std::span<const PhaseTime> phases);
  // Ends both traces; later calls are not written. Does nothing the second time.
  // Errors: write-file.
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

    // The file, which the first call truncates; null: none.
    std::FILE* begin();
  };

  [[nodiscard]] static Result<void> open_file(Output& output, std::string_view flag,
                                              std::span<const std::string> inputs);
  void add(const TraceCall& call);
  // The file of the timeline, with its beginning written.
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
