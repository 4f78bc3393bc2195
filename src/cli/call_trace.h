// The output of `--trace-calls`, `--trace-out` and `--otlp`: lines for each call and each stream between
// domains, a timeline of the link, the calls and the streams for Perfetto and chrome://tracing, and the
// calls as spans for a collector.
//
//   cart -> log acme:log/log.write("DE") = ()  1.8us
//   cart -> log acme:log/log.flush() #1 suspended  2.1us
//   cart -> log acme:log/log.flush() #1 = ()  1.3ms
//   cart -> log acme:log/log.tail stream<u8>: 9 items, 9 bytes, 0 writes waited, 1 read waited  2ms
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "cli/otlp.h"
#include "render/style.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

using namespace render;

class CommandLine;

struct TraceFlags {
  std::string calls;  // --trace-calls[=FILE]; without a value "-", standard error; empty: no trace
  std::string out;    // --trace-out FILE; empty: no timeline
  std::string otlp;   // --otlp URL; empty: no collector
};

void add_trace_flags(CommandLine& line, TraceFlags& flags);

// One line of `--trace-calls` with its line feed. Nested calls are indented.
[[nodiscard]] std::string render_trace_line(const TraceCall& call, const Style& style);
// The line of a stream that has ended.
[[nodiscard]] std::string render_trace_line(const TraceStream& stream, const Style& style);

// The sums of several streams.
struct StreamSums {
  std::uint64_t streams = 0;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::uint64_t write_waits = 0;
  std::uint64_t read_waits = 0;

  void add(const TraceStream& stream);
};

// The line that sums up the streams of one function. last: one of them.
[[nodiscard]] std::string render_trace_line(const StreamSums& sums, const TraceStream& last,
                                            const Style& style);

// The trace events of a timeline, one JSON object a line. Times are in microseconds since the beginning of
// 2026, so that the files of several processes can be merged. (Since 1970, a double could not hold
// nanoseconds.)
//
// Calls that end before their callers go on lie within each other, and are complete events ("X") of
// one thread. Calls that were suspended, and streams, overlap. They are async events ("b", "n",
// "e"), which Perfetto draws in tracks of their own.
// A flow ("s", "f") leads from the call of a remote unit to what the other process made of it.
// Source: "Trace Event Format", "JSON Array Format", "Async Events" and "Flow Events".
class TraceEvents final {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  TraceEvents();

  // The beginning of the file: `[`, and the names of the threads.
  [[nodiscard]] static std::string begin();
  // The name of the process.
  [[nodiscard]] static std::string name_process(std::string_view name);
  // The phases of a link, one after the other, which end now.
  [[nodiscard]] std::string add_phases(std::span<const PhaseTime> phases) const;
  // A call that was suspended or has ended, and the counters that it changed.
  [[nodiscard]] std::string add_call(const TraceCall& call);
  // A stream that has ended, and the counters that it changed.
  [[nodiscard]] std::string add_stream(const TraceStream& stream);
  [[nodiscard]] static std::string end() { return "\n]\n"; }
  [[nodiscard]] std::chrono::system_clock::time_point at(TimePoint time) const;

 private:
  struct Counters {
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0;
    std::uint64_t handles = 0;
    std::uint64_t restarts = 0;
    std::uint64_t left_behind = 0;
  };

  [[nodiscard]] double microseconds_at(TimePoint time) const;

  TimePoint start_;
  std::chrono::system_clock::time_point started_at_;  // the same on the clock of all processes
  Counters counters_;
  StreamSums streams_;
};

// Writes both traces while the run goes on. Thread: any.
class CallTrace final {
 public:
  // Checks that the files can be written. Their old content is kept until the first write, so that
  // a link that fails leaves them alone.
  // inputs: files that the command reads and must not overwrite.
  // Errors: write-file, config-usage (an input, a component, one file for both flags, or a bad URL).
  [[nodiscard]] static Result<std::unique_ptr<CallTrace>> open(
      const TraceFlags& flags, const Style& style, std::span<const std::string> inputs = {});

  // Makes a composition report to this trace, if it `is_on`. Lifetime: the options refer to this
  // object.
  void listen(BuildOptions& options);
  // Whether one of the flags is given.
  [[nodiscard]] bool is_on() const {
    return has_lines_ || events_.file != nullptr || otlp_ != nullptr;
  }
  // Adds the phases of a link that has just ended. name: of the composition.
  void add_phases(std::string_view name, std::span<const PhaseTime> phases);
  // Ends the traces; later calls are not written. Does nothing the second time.
  // Errors: write-file.
  Result<void> end();
  // A note about the calls that the collector did not get; nothing if it got all. REQUIRES: it has ended
  [[nodiscard]] std::optional<Diagnostic> find_loss() const {
    return otlp_ == nullptr ? std::nullopt : otlp_->find_loss();
  }

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
  void add(const TraceStream& stream);
  // Writes a line of `--trace-calls`.
  void put_line(const std::string& line);
  // One line for each function that passed several streams.
  void sum_up_streams();
  // The file of the timeline, with its beginning written.
  std::FILE* begin_events();

  std::mutex mutex_;
  bool has_ended_ = false;
  bool has_lines_ = false;
  Style style_;
  Output lines_;  // no file: standard error
  Output events_;
  TraceEvents timeline_;
  std::unique_ptr<OtlpExporter> otlp_;  // null: there is no collector
  // The whole command, which is a span if a call is within it.
  TraceCall root_;
  bool has_root_calls_ = false;
  // The streams of a function and the last of them, by consumer, provider and function.
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<StreamSums, TraceStream>>
      streams_;
};

}  // namespace tenon::cli
