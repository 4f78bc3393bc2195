#include "cli/call_trace.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/call_request.h"
#include "cli/command_line.h"
#include "cli/input_output.h"
#include "support/terminal_text.h"

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
    case CallFailure::Kind::GuestError:
      return "guest-error";
    case CallFailure::Kind::Deadlock:
      return "deadlock";
    case CallFailure::Kind::Interrupted:
      return "interrupted";
  }
  return {};
}

std::string failure_text(const CallFailure& failure) {
  return fmt::format("!{}: {}", kind_text(failure.kind), sanitize_text(failure.message));
}

// "acme:log/log@0.1.0.write" without the version. Calls accept names of this form.
std::string short_name(const std::string& function) {
  const std::size_t version = function.find('@');
  if (version == std::string::npos) return function;
  // A version can have dots. The name of a function has none, unless it is in brackets.
  const std::size_t bracket = function.find(".[", version);
  const std::size_t dot = bracket == std::string::npos ? function.rfind('.') : bracket;
  return function.substr(0, version) + function.substr(dot);
}

double microseconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

// Whether a file is one that the command reads, or contains a component.
bool is_input(const std::string& path, std::span<const std::string> inputs) {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (const std::string& input : inputs)
    if (fs::equivalent(path, input, failed)) return true;
  std::array<char, 4> magic = {};
  if (!fs::is_regular_file(path, failed)) return false;
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == std::string_view("\0asm", 4);
}

// An event on a line of its own, separated from the previous event.
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

void add_trace_flags(CommandLine& line, TraceFlags& flags) {
  const std::string group = "Trace flags";
  line.add_flag("--trace-calls{-}", flags.calls,
                "Print each call between domains, or write it to FILE")
      .type_name("[=FILE]")
      .group(group);
  line.add_option("--trace-out", flags.out,
                  "Write a timeline of the link and the calls, for Perfetto")
      .type_name("FILE")
      .group(group);
}

std::string render_trace_line(const TraceCall& call, const Style& style) {
  const std::string result =
      call.failure ? style.paint(Ink::Error, failure_text(*call.failure)) : call.result;
  return fmt::format("{:{}}{} -> {} {}({}) = {}  {}\n", "", std::size_t{2} * call.depth,
                     sanitize_text(call.consumer), sanitize_text(call.provider),
                     style.paint(Ink::Name, sanitize_text(short_name(call.function))),
                     call.arguments, result, style.paint(Ink::Dim, format_time(call.duration)));
}

std::string TraceEvents::begin() {
  return "[\n" + name_event("process_name", kLinkThread, "tenon").dump() +
         line_of(name_event("thread_name", kLinkThread, "link")) +
         line_of(name_event("thread_name", kCallThread, "calls"));
}

std::string TraceEvents::add_phases(std::span<const PhaseTime> phases, double begin) {
  std::string text;
  double at = begin;
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

double TraceEvents::now() const { return microseconds(std::chrono::steady_clock::now() - start_); }

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

CallTrace::~CallTrace() { (void)end(); }

std::FILE* CallTrace::Output::begin() {
  if (file != nullptr && !std::exchange(has_begun, true)) {
    // Fails for devices and pipes, which have no old content.
    [[maybe_unused]] const int result = ::ftruncate(::fileno(file.get()), 0);
  }
  return file.get();
}

Result<void> CallTrace::open_file(Output& output, std::string_view flag,
                                  std::span<const std::string> inputs) {
  const std::string& path = output.path;
  if (path == "-") {
    return make_usage_problem(
        fmt::format("`{}-` does not name a file: standard output belongs to the guest", flag),
        {fmt::format("name a file: `{}trace.out`", flag)});
  }
  if (is_input(path, inputs)) {
    return make_usage_problem(
        fmt::format("`{}{}` would overwrite an input or a component", flag, sanitize_text(path)),
        {fmt::format("name another file: `{}trace.out`", flag)});
  }
  output.file.reset(std::fopen(path.c_str(), "ae"));
  if (output.file == nullptr) return make_write_problem(path, std::strerror(errno), flag);
  return {};
}

Result<std::unique_ptr<CallTrace>> CallTrace::open(const TraceFlags& flags, const Style& style,
                                                   std::span<const std::string> inputs) {
  const bool has_file = !flags.calls.empty() && flags.calls != "-";
  std::unique_ptr<CallTrace> trace(new CallTrace(flags, has_file ? Style() : style));
  if (has_file) trace->lines_.path = flags.calls;
  trace->events_.path = flags.out;
  if (has_file && flags.calls == flags.out) {
    return make_usage_problem(
        fmt::format("`--trace-calls` and `--trace-out` both write `{}`", sanitize_text(flags.out)),
        {"name two different files"});
  }
  Diagnostics problems;
  const auto open_output = [&](Output& output, std::string_view flag) {
    if (output.path.empty()) return;
    const Result<void> opened = open_file(output, flag, inputs);
    if (!opened) problems.push_back(opened.error().front());
  };
  open_output(trace->lines_, "--trace-calls=");
  open_output(trace->events_, "--trace-out ");
  if (!problems.empty()) return problems;
  return trace;
}

std::function<void(const TraceCall&)> CallTrace::listener() {
  if (!has_lines_ && events_.file == nullptr) return nullptr;
  return [this](const TraceCall& call) { add(call); };
}

std::FILE* CallTrace::begin_events() {
  const bool is_first = !events_.has_begun;
  std::FILE* const file = events_.begin();
  if (file != nullptr && is_first) std::fputs(TraceEvents::begin().c_str(), file);
  return file;
}

void CallTrace::add(const TraceCall& call) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) return;
  if (has_lines_) {
    std::FILE* const file = lines_.begin();
    std::fputs(render_trace_line(call, style_).c_str(), file == nullptr ? stderr : file);
  }
  if (std::FILE* const file = begin_events()) std::fputs(timeline_.add_call(call).c_str(), file);
}

void CallTrace::add_phases(std::span<const PhaseTime> phases) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) return;
  (void)lines_.begin();  // truncates the trace of an earlier run, even if no call follows
  std::FILE* const file = begin_events();
  if (file == nullptr) return;
  double took = 0;
  for (const PhaseTime& phase : phases) took += phase.milliseconds * 1e3;
  const double now = timeline_.now();
  std::fputs(TraceEvents::add_phases(phases, std::max(0.0, now - took)).c_str(), file);
}

Result<void> CallTrace::end() {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(has_ended_, true)) return {};
  Diagnostics problems;
  for (Output* output : {&lines_, &events_}) {
    if (output->file == nullptr) continue;
    if (output == &events_ && output->has_begun)
      std::fputs(TraceEvents::end().c_str(), output->file.get());
    std::FILE* const file = output->file.release();
    const bool has_failed = std::fflush(file) != 0 || std::ferror(file) != 0;
    const int why = errno;
    if (std::fclose(file) != 0 || has_failed)
      problems.push_back(make_write_problem(output->path, std::strerror(why)));
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::cli
