#include "cli/call_trace.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::cli {

namespace {

using Json = nlohmann::ordered_json;

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
    case CallFailure::Kind::Remote:
      return "remote";
    case CallFailure::Kind::Refused:
      return "refused";
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

// The beginning of 2026.
constexpr std::chrono::sys_days kTimeOrigin = std::chrono::year(2026) / 1 / 1;

// An event on a line of its own, separated from the previous event.
std::string line_of(const Json& event) {
  return ",\n" + event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json name_event(std::string_view what, int thread, std::string_view name) {
  return {{"ph", "M"},
          {"name", what},
          {"pid", ::getpid()},
          {"tid", thread},
          {"args", {{"name", name}}}};
}

// An event of something that overlaps with others. phase: "b" begin, "n" instant, "e" end.
Json async_event(std::string_view phase, std::string_view category, std::uint64_t number,
                 std::string_view name, double at) {
  return {{"ph", phase},       {"cat", category}, {"id2", {{"local", std::to_string(number)}}},
          {"name", name},      {"ts", at},        {"pid", ::getpid()},
          {"tid", kCallThread}};
}

std::string print_span(std::uint64_t span) { return fmt::format("{:016x}", span); }

void add_context(Json& values, const TraceCall& call) {
  values["trace"] = fmt::format("{:02x}", fmt::join(call.context.trace, ""));
  values["span"] = print_span(call.context.span);
  if (call.parent != 0) values["parent"] = print_span(call.parent);
}

// The end of an arrow between two processes; empty: the call stays in its own.
std::string flow_event(const TraceCall& call, double at) {
  using Side = TraceCall::Side;
  if (call.side == Side::Both || (call.side == Side::Server && call.parent == 0)) return {};
  const bool is_client = call.side == Side::Client;
  return line_of({{"ph", is_client ? "s" : "f"},
                  {"bp", "e"},
                  {"cat", "remote"},
                  {"id", print_span(is_client ? call.context.span : call.parent)},
                  {"name", "call"},
                  {"ts", at},
                  {"pid", ::getpid()},
                  {"tid", kCallThread}});
}

void add_outcome(Json& values, const TraceCall& call) {
  if (call.failure)
    values["failure"] = failure_text(*call.failure);
  else
    values["result"] = call.result;
  values["bytes"] = call.bytes;
}

// "cart -> log acme:log/log.write", of a call or a stream.
template <class Traced>
std::string render_edge(const Traced& traced, const Style& style) {
  return fmt::format("{} -> {} {}", sanitize_text(traced.consumer), sanitize_text(traced.provider),
                     style.paint(Ink::Name, sanitize_text(short_name(traced.function))));
}

std::string render_sums(const StreamSums& sums) {
  return fmt::format("{}, {}, {} waited, {} waited", pluralize(sums.items, "item"),
                     pluralize(sums.bytes, "byte"), pluralize(sums.write_waits, "write"),
                     pluralize(sums.read_waits, "read"));
}

std::string counter_event(std::string_view name, double at, std::uint64_t value) {
  return line_of(
      {{"ph", "C"}, {"name", name}, {"ts", at}, {"pid", ::getpid()}, {"args", {{name, value}}}});
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
  line.add_option("--otlp", flags.otlp,
                  "Send the calls to an OpenTelemetry collector, as JSON over HTTP")
      .type_name("URL")
      .group(group);
}

std::string render_trace_line(const TraceCall& call, const Style& style) {
  const auto outcome = [&]() -> std::string {
    switch (call.event) {
      case TraceCall::Event::Ended:
        return "= " +
               (call.failure ? style.paint(Ink::Error, failure_text(*call.failure)) : call.result);
      case TraceCall::Event::Suspended:
        return "suspended";
      case TraceCall::Event::Dropped:
        return "dropped";
    }
    return {};
  };
  return fmt::format("{:{}}{}({}){} {}  {}\n", "", std::size_t{2} * call.depth,
                     render_edge(call, style), call.arguments,
                     call.number == 0 ? std::string() : fmt::format(" #{}", call.number), outcome(),
                     style.paint(Ink::Dim, format_time(call.duration)));
}

std::string render_trace_line(const TraceStream& stream, const Style& style) {
  StreamSums sums;
  sums.add(stream);
  return fmt::format("{} {}: {}  {}\n", render_edge(stream, style), sanitize_text(stream.type),
                     render_sums(sums), style.paint(Ink::Dim, format_time(stream.duration)));
}

std::string render_trace_line(const StreamSums& sums, const TraceStream& last, const Style& style) {
  return fmt::format("{} {}: {}\n", render_edge(last, style), pluralize(sums.streams, "stream"),
                     render_sums(sums));
}

void StreamSums::add(const TraceStream& stream) {
  ++streams;
  items += stream.items;
  bytes += stream.bytes;
  write_waits += stream.write_waits;
  read_waits += stream.read_waits;
}

// Reads both clocks at once, as far as that is possible: the process can be interrupted in between.
TraceEvents::TraceEvents() {
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto before = std::chrono::steady_clock::now();
    const auto now = std::chrono::system_clock::now();
    const auto after = std::chrono::steady_clock::now();
    if (after - before >= shortest) continue;
    shortest = after - before;
    start_ = before + shortest / 2;
    started_at_ = now;
  }
}

std::string TraceEvents::begin() {
  return "[\n" + name_event("thread_name", kLinkThread, "link").dump() +
         line_of(name_event("thread_name", kCallThread, "calls"));
}

std::string TraceEvents::name_process(std::string_view name) {
  return line_of(name_event("process_name", kLinkThread, fmt::format("tenon {}", name)));
}

std::string TraceEvents::add_phases(std::span<const PhaseTime> phases) const {
  std::string text;
  double at = microseconds_at(std::chrono::steady_clock::now());
  for (const PhaseTime& phase : phases) at -= phase.milliseconds * 1e3;
  for (const PhaseTime& phase : phases) {
    const double duration = phase.milliseconds * 1e3;
    text += line_of({{"ph", "X"},
                     {"cat", "link"},
                     {"name", phase.phase},
                     {"ts", at},
                     {"dur", duration},
                     {"pid", ::getpid()},
                     {"tid", kLinkThread}});
    at += duration;
  }
  return text;
}

std::chrono::system_clock::time_point TraceEvents::at(TimePoint time) const {
  return started_at_ +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(time - start_);
}

double TraceEvents::microseconds_at(TimePoint time) const {
  return microseconds(at(time) - kTimeOrigin);
}

std::string TraceEvents::add_call(const TraceCall& call) {
  const double begin = microseconds_at(call.start);
  const double end = microseconds_at(call.start + call.duration);
  const auto event = [&](std::string_view phase, std::string_view name, double at) {
    return async_event(phase, "call", call.number, name, at);
  };
  Json values = {
      {"consumer", call.consumer}, {"provider", call.provider}, {"arguments", call.arguments}};
  add_context(values, call);
  if (call.event == TraceCall::Event::Suspended) {
    Json first = event("b", call.function, begin);
    first["args"] = std::move(values);
    return line_of(first) + line_of(event("n", "suspended", end)) + flow_event(call, begin);
  }
  if (call.event == TraceCall::Event::Dropped)
    return line_of(event("n", "dropped", end)) + line_of(event("e", call.function, end));
  Json last;
  if (call.number != 0) {
    last = event("e", call.function, end);
    add_outcome(last["args"], call);
  } else {
    add_outcome(values, call);
    last = {{"ph", "X"},
            {"cat", "call"},
            {"name", call.function},
            {"ts", begin},
            {"dur", end - begin},
            {"pid", ::getpid()},
            {"tid", kCallThread},
            {"args", std::move(values)}};
  }
  std::string text = line_of(last);
  if (call.number == 0) text += flow_event(call, begin);
  const bool is_first = counters_.calls == 0;
  const auto count = [&](std::string_view name, std::uint64_t& counter, std::uint64_t value) {
    if (counter != value || is_first) text += counter_event(name, end, value);
    counter = value;
  };
  count("calls", counters_.calls, counters_.calls + 1);
  count("bytes copied", counters_.bytes, counters_.bytes + call.bytes);
  count("handles live", counters_.handles, call.handles);
  count("restarts", counters_.restarts, call.restarts);
  count("tasks left behind", counters_.left_behind, call.left_behind);
  return text;
}

std::string TraceEvents::add_stream(const TraceStream& stream) {
  const double begin = microseconds_at(stream.start);
  const double end = microseconds_at(stream.start + stream.duration);
  const std::string name = fmt::format("{} {}", stream.function, stream.type);
  Json first = async_event("b", "stream", stream.number, name, begin);
  first["args"] = {{"consumer", stream.consumer}, {"provider", stream.provider}};
  Json last = async_event("e", "stream", stream.number, name, end);
  last["args"] = {{"items", stream.items},
                  {"bytes", stream.bytes},
                  {"write waits", stream.write_waits},
                  {"read waits", stream.read_waits}};
  streams_.add(stream);
  return line_of(first) + line_of(last) + counter_event("stream items", end, streams_.items) +
         counter_event("stream bytes", end, streams_.bytes) +
         counter_event("stream waits", end, streams_.write_waits + streams_.read_waits);
}

CallTrace::CallTrace(const TraceFlags& flags, const Style& style)
    : has_lines_(!flags.calls.empty()), style_(style) {
  root_.start = std::chrono::steady_clock::now();
  // As other commands do: who starts this one can say what it belongs to.
  const auto parent = parse_traceparent(find_variable("TRACEPARENT").value_or(""));
  if (parent) root_.parent = parent->span;
  root_.context = TraceContext::make(parent ? parent->trace : TraceContext().trace);
}

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
  TENON_TRY_VOID(check_output(path, flag, inputs, Replaces::NoComponent));
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
  if (!flags.otlp.empty()) {
    Result<std::unique_ptr<OtlpExporter>> exporter = OtlpExporter::open(flags.otlp);
    if (exporter)
      trace->otlp_ = *std::move(exporter);
    else
      problems.push_back(exporter.error().front());
  }
  if (!problems.empty()) return problems;
  return trace;
}

void CallTrace::listen(BuildOptions& options) {
  if (!is_on()) return;
  options.trace_parent = root_.context;
  options.trace_calls = [this](const TraceCall& call) { add(call); };
  options.trace_streams = [this](const TraceStream& stream) { add(stream); };
}

std::FILE* CallTrace::begin_events() {
  const bool is_first = !events_.has_begun;
  std::FILE* const file = events_.begin();
  if (file != nullptr && is_first) std::fputs(TraceEvents::begin().c_str(), file);
  return file;
}

void CallTrace::put_line(const std::string& line) {
  std::FILE* const file = lines_.begin();
  std::fputs(line.c_str(), file == nullptr ? stderr : file);
}

void CallTrace::add(const TraceCall& call) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) return;
  if (has_lines_) put_line(render_trace_line(call, style_));
  if (std::FILE* const file = begin_events()) std::fputs(timeline_.add_call(call).c_str(), file);
  if (otlp_ == nullptr || call.event == TraceCall::Event::Suspended) return;
  has_root_calls_ = has_root_calls_ || call.parent == root_.context.span;
  otlp_->add({call, timeline_.at(call.start)});
}

void CallTrace::add(const TraceStream& stream) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) return;
  auto& [sums, last] = streams_[{stream.consumer, stream.provider, stream.function}];
  sums.add(stream);
  last = stream;
  if (has_lines_) put_line(render_trace_line(stream, style_));
  if (std::FILE* const file = begin_events())
    std::fputs(timeline_.add_stream(stream).c_str(), file);
}

void CallTrace::sum_up_streams() {
  if (!has_lines_) return;
  for (const auto& [edge, streams] : streams_) {
    const auto& [sums, last] = streams;
    if (sums.streams > 1) put_line(render_trace_line(sums, last, style_));
  }
}

void CallTrace::add_phases(std::string_view name, std::span<const PhaseTime> phases) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) return;
  if (otlp_ != nullptr) otlp_->set_service(std::string(name));
  root_.function = fmt::format("tenon {}", name);
  (void)lines_.begin();  // truncates the trace of an earlier run, even if no call follows
  std::FILE* const file = begin_events();
  if (file == nullptr) return;
  std::fputs(TraceEvents::name_process(name).c_str(), file);
  std::fputs(timeline_.add_phases(phases).c_str(), file);
}

Result<void> CallTrace::end() {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(has_ended_, true)) return {};
  sum_up_streams();
  if (otlp_ != nullptr) {
    root_.duration = std::chrono::steady_clock::now() - root_.start;
    if (has_root_calls_) otlp_->add({root_, timeline_.at(root_.start)});
    otlp_->end();
  }
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
