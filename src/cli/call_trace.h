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

namespace CLI {
class App;
}

namespace tenon::cli {

struct TraceFlags {
  std::string calls;  // --trace-calls[=FILE]; bare is "-", standard error; empty: none
  std::string out;    // --trace-out FILE; empty: none
};

void add_trace_flags(CLI::App& app, TraceFlags& flags);

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
  [[nodiscard]] static std::string add_phases(std::span<const PhaseTime> phases);
  // A call, and the counters that it changed.
  [[nodiscard]] std::string add_call(const TraceCall& call);
  [[nodiscard]] static std::string end() { return "\n]\n"; }

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
  // Errors: write-file.
  [[nodiscard]] static Result<std::unique_ptr<CallTrace>> open(const TraceFlags& flags,
                                                               const Style& style);

  // For BuildOptions; empty if the flags ask for nothing. Lifetime: refers to this.
  [[nodiscard]] std::function<void(const TraceCall&)> listener();
  void add_phases(std::span<const PhaseTime> phases);
  // What comes later is not written.
  void end();

  CallTrace(const CallTrace&) = delete;
  CallTrace& operator=(const CallTrace&) = delete;
  ~CallTrace();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  CallTrace(const TraceFlags& flags, const Style& style);
  [[nodiscard]] static Result<File> open_file(const std::string& path, std::string_view flag);
  void add(const TraceCall& call);

  std::mutex mutex_;
  bool has_ended_ = false;
  bool has_lines_ = false;
  Style style_;
  File lines_;   // null: standard error
  File events_;  // null: none
  TraceEvents timeline_;
};

}  // namespace tenon::cli
