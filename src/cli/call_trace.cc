#include "cli/call_trace.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "cli/output.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kProcess = 1;
constexpr int kLinkThread = 1;
constexpr int kCallThread = 2;

std::string_view kind_text(CallFailure::Kind kind) {
  switch (kind) {
    case CallFailure::Kind::Trap:
      return "trap";
    case CallFailure::Kind::OpenImport:
      return "open-import";
    case CallFailure::Kind::Deadline:
      return "deadline";
    case CallFailure::Kind::Ended:
      return "ended";
    case CallFailure::Kind::Reentrance:
      return "reentrance";
    case CallFailure::Kind::Engine:
      return "engine";
    case CallFailure::Kind::BadCall:
      return "bad-call";
  }
  return {};
}

std::string failure_text(const CallFailure& failure) {
  return fmt::format("!{}: {}", kind_text(failure.kind), sanitize_text(failure.message));
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const auto count = static_cast<double>(duration.count());
  if (count < 1e3) return fmt::format("{}ns", duration.count());
  if (count < 1e6) return fmt::format("{:.1f}us", count / 1e3);
  if (count < 1e9) return fmt::format("{:.1f}ms", count / 1e6);
  return fmt::format("{:.1f}s", count / 1e9);
}

// "acme:log/log@0.1.0.write" without the version, as a call may name it.
std::string short_name(const std::string& function) {
  const std::size_t version = function.find('@');
  if (version == std::string::npos) return function;
  // A version may have dots; the name of a function has none, or is in brackets.
  const std::size_t bracket = function.find(".[", version);
  const std::size_t dot = bracket == std::string::npos ? function.rfind('.') : bracket;
  return function.substr(0, version) + function.substr(dot);
}

double microseconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

// An event on a line of its own, after the one before.
std::string line_of(const Json& event) {
  return ",\n" + event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json name_event(std::string_view what, int thread, std::string_view name) {
  return {
      {"ph", "M"}, {"name", what}, {"pid", kProcess}, {"tid", thread}, {"args", {{"name", name}}}};
}

std::string counter_event(std::string_view name, double at, std::uint64_t value) {
  return line_of(
      {{"ph", "C"}, {"name", name}, {"ts", at}, {"pid", kProcess}, {"args", {{name, value}}}});
}

}  // namespace

void add_trace_flags(CLI::App& app, TraceFlags& flags) {
  const std::string group = "Trace flags";
  app.add_flag("--trace-calls{-}", flags.calls, "Write a line for each call from domain to domain")
      ->type_name("[=FILE]")
      ->group(group);
  app.add_option("--trace-out", flags.out,
                 "Write a timeline of the link and the calls, for Perfetto")
      ->type_name("FILE")
      ->group(group);
}

std::string render_trace_line(const TraceCall& call, const Style& style) {
  const std::string result =
      call.failure ? style.paint(Ink::Error, failure_text(*call.failure)) : call.result;
  return fmt::format("{:{}}{} -> {} {}({}) = {}  {}\n", "", std::size_t{2} * call.depth,
                     sanitize_text(call.consumer), sanitize_text(call.provider),
                     style.paint(Ink::Name, sanitize_text(short_name(call.function))),
                     call.arguments, result, style.paint(Ink::Dim, format_duration(call.duration)));
}

std::string TraceEvents::begin() {
  return "[\n" + name_event("process_name", kLinkThread, "tenon").dump() +
         line_of(name_event("thread_name", kLinkThread, "link")) +
         line_of(name_event("thread_name", kCallThread, "calls"));
}

std::string TraceEvents::add_phases(std::span<const PhaseTime> phases) {
  std::string text;
  double at = 0;
  for (const PhaseTime& phase : phases) {
    const double duration = phase.milliseconds * 1e3;
    text += line_of({{"ph", "X"},
                     {"cat", "link"},
                     {"name", phase.phase},
                     {"ts", at},
                     {"dur", duration},
                     {"pid", kProcess},
                     {"tid", kLinkThread}});
    at += duration;
  }
  return text;
}

std::string TraceEvents::add_call(const TraceCall& call) {
  const double begin = microseconds(call.start - start_);
  const double duration = microseconds(call.duration);
  Json values = {
      {"consumer", call.consumer}, {"provider", call.provider}, {"arguments", call.arguments}};
  if (call.failure)
    values["failure"] = failure_text(*call.failure);
  else
    values["result"] = call.result;
  values["bytes"] = call.bytes;
  std::string text = line_of({{"ph", "X"},
                              {"cat", "call"},
                              {"name", call.function},
                              {"ts", begin},
                              {"dur", duration},
                              {"pid", kProcess},
                              {"tid", kCallThread},
                              {"args", std::move(values)}});
  const bool is_first = counters_.calls == 0;
  const double end = begin + duration;
  const auto count = [&](std::string_view name, std::uint64_t& counter, std::uint64_t value) {
    if (counter != value || is_first) text += counter_event(name, end, value);
    counter = value;
  };
  count("calls", counters_.calls, counters_.calls + 1);
  count("bytes copied", counters_.bytes, counters_.bytes + call.bytes);
  count("handles live", counters_.handles, call.handles);
  count("restarts", counters_.restarts, call.restarts);
  return text;
}

CallTrace::CallTrace(const TraceFlags& flags, const Style& style)
    : has_lines_(!flags.calls.empty()),
      style_(style),
      timeline_(std::chrono::steady_clock::now()) {}

CallTrace::~CallTrace() { end(); }

Result<CallTrace::File> CallTrace::open_file(const std::string& path, std::string_view flag) {
  File file(std::fopen(path.c_str(), "we"));
  if (file == nullptr) return make_write_problem(path, std::strerror(errno), flag);
  return file;
}

Result<std::unique_ptr<CallTrace>> CallTrace::open(const TraceFlags& flags, const Style& style) {
  const bool has_file = !flags.calls.empty() && flags.calls != "-";
  std::unique_ptr<CallTrace> made(new CallTrace(flags, has_file ? Style() : style));
  Diagnostics problems;
  const auto open_one = [&](const std::string& path, std::string_view flag, File& file) {
    Result<File> opened = open_file(path, flag);
    if (opened)
      file = *std::move(opened);
    else
      problems.push_back(opened.error().front());
  };
  if (has_file) open_one(flags.calls, "--trace-calls=", made->lines_);
  if (!flags.out.empty()) open_one(flags.out, "--trace-out ", made->events_);
  if (!problems.empty()) return problems;
  if (made->events_ != nullptr) std::fputs(TraceEvents::begin().c_str(), made->events_.get());
  return made;
}

std::function<void(const TraceCall&)> CallTrace::listener() {
  if (!has_lines_ && events_ == nullptr) return nullptr;
  return [this](const TraceCall& call) { add(call); };
}

void CallTrace::add(const TraceCall& call) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) return;
  if (has_lines_)
    std::fputs(render_trace_line(call, style_).c_str(), lines_ ? lines_.get() : stderr);
  if (events_ != nullptr) std::fputs(timeline_.add_call(call).c_str(), events_.get());
}

void CallTrace::add_phases(std::span<const PhaseTime> phases) {
  const std::scoped_lock lock(mutex_);
  if (events_ != nullptr) std::fputs(TraceEvents::add_phases(phases).c_str(), events_.get());
}

void CallTrace::end() {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(has_ended_, true)) return;
  if (events_ != nullptr) std::fputs(TraceEvents::end().c_str(), events_.get());
  events_.reset();
  lines_.reset();
}

}  // namespace tenon::cli
