#include "cli/otlp.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "cli/command_line.h"
#include "registry/curl_client.h"
#include "render/style.h"
#include "support/start_thread.h"
#include "support/terminal_text.h"
#include "tenon/tenon.h"

namespace tenon::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPath = "/v1/traces";
constexpr std::size_t kBatch = 512;
constexpr std::size_t kMostWaiting = 8192;
constexpr std::chrono::seconds kPause{1};
// The time limit of one transfer. A command that ends waits for the transfer in progress and for one more.
constexpr std::chrono::milliseconds kTransferTime{2000};
constexpr std::uint64_t kAnswerBytes = 1U << 16U;

// Source: trace.proto, `Span.SpanKind` and `Status.StatusCode`.
constexpr int kInternal = 1;
constexpr int kServer = 2;
constexpr int kClient = 3;
constexpr int kError = 2;

Json attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

std::string print_time(std::chrono::system_clock::time_point time) {
  using std::chrono::nanoseconds;
  return std::to_string(std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count());
}

// "acme:log/log@0.1.0" and "write" of "acme:log/log@0.1.0.write".
std::pair<std::string_view, std::string_view> split_function(std::string_view function) {
  const std::size_t bracket = function.find(".[");
  const std::size_t dot = bracket == std::string_view::npos ? function.rfind('.') : bracket;
  const std::size_t slash = function.find('/');
  if (dot == std::string_view::npos || slash == std::string_view::npos || dot < slash)
    return {{}, function};
  return {function.substr(0, dot), function.substr(dot + 1)};
}

Json render_span(const Span& span) {
  using Side = TraceCall::Side;
  const TraceCall& call = span.call;
  const auto [interface, function] = split_function(call.function);
  Json attributes = Json::array();
  if (!call.consumer.empty()) attributes.push_back(attribute("tenon.consumer", call.consumer));
  if (!call.provider.empty()) attributes.push_back(attribute("tenon.provider", call.provider));
  if (call.side == Side::Server && interface.starts_with("wasi:http/")) {
    // "GET /path?query"
    const std::size_t space = std::min(call.arguments.find(' '), call.arguments.size() - 1);
    const std::string target = call.arguments.substr(space + 1);
    attributes.push_back(attribute("http.request.method", call.arguments.substr(0, space)));
    attributes.push_back(attribute("url.path", target.substr(0, target.find('?'))));
  } else {
    if (call.side != Side::Both) attributes.push_back(attribute("rpc.system", "wrpc"));
    if (!interface.empty()) attributes.push_back(attribute("rpc.service", interface));
    attributes.push_back(attribute("rpc.method", function));
  }
  // "stock at tcp://127.0.0.1:7761"
  const std::size_t at = call.provider.find(" at ");
  if (call.side == Side::Client && at != std::string::npos)
    attributes.push_back(attribute("server.address", call.provider.substr(at + 4)));
  Json json = {
      {"traceId", fmt::format("{:02x}", fmt::join(call.context.trace, ""))},
      {"spanId", fmt::format("{:016x}", call.context.span)},
      {"name", call.function},
      {"kind", call.side == Side::Both     ? kInternal
               : call.side == Side::Client ? kClient
                                           : kServer},
      {"startTimeUnixNano", print_time(span.begin)},
      {"endTimeUnixNano",
       print_time(span.begin +
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(call.duration))},
      {"attributes", std::move(attributes)}};
  if (call.parent != 0) json["parentSpanId"] = fmt::format("{:016x}", call.parent);
  if (call.failure)
    json["status"] = {{"code", kError}, {"message", sanitize_text(call.failure->message)}};
  else if (call.event == TraceCall::Event::Dropped)
    json["status"] = {{"code", kError}, {"message", "the caller dropped the call"}};
  return json;
}

// How many spans the collector has rejected, and why.
// Source: trace_service.proto, `ExportTracePartialSuccess`. JSON has an int64 as a string.
std::pair<std::uint64_t, std::string> read_answer(const Bytes& body) {
  // Not ordered: that copies values when an object grows, and the copy of a nested one recurses.
  using Answer = nlohmann::json;
  const Answer answer = Answer::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("partialSuccess")) return {};
  const Answer& partial = answer["partialSuccess"];
  if (!partial.is_object() || !partial.contains("rejectedSpans")) return {};
  const Answer& rejected = partial["rejectedSpans"];
  // Other kinds are not printed: a nested one could be too deep for that.
  const std::string count = rejected.is_string()   ? rejected.get<std::string>()
                            : rejected.is_number() ? rejected.dump()
                                                   : std::string();
  const auto why = partial.find("errorMessage");
  return {std::strtoull(count.c_str(), nullptr, 10),
          why != partial.end() && why->is_string() ? sanitize_text(why->get<std::string>()) : ""};
}

}  // namespace

std::string render_spans(const std::vector<Span>& spans, std::string_view service) {
  Json rendered = Json::array();
  for (const Span& span : spans) rendered.push_back(render_span(span));
  const Json body = {{"resourceSpans",
                      {{{"resource", {{"attributes", {attribute("service.name", service)}}}},
                        {"scopeSpans",
                         {{{"scope", {{"name", "tenon"}, {"version", version()}}},
                           {"spans", std::move(rendered)}}}}}}}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<OtlpExporter>> OtlpExporter::open(const std::string& url) {
  Result<registry::Url, registry::UrlError> parsed = registry::parse_url(url);
  if (!parsed)
    return make_usage_problem(
        fmt::format("`--otlp {}`: the URL {}", sanitize_text(url), parsed.error().reason),
        {"name the collector: `--otlp http://localhost:4318`"});
  if (!parsed->path.ends_with(kPath)) {
    if (parsed->path.ends_with('/')) parsed->path.pop_back();
    parsed->path += kPath;
  }
  std::unique_ptr<OtlpExporter> exporter(new OtlpExporter(*std::move(parsed)));
  auto started = start_thread([of = exporter.get()] { of->run(); });
  if (!started) return thread_problem("`--otlp`", started.error());
  exporter->thread_ = *std::move(started);
  return exporter;
}

OtlpExporter::OtlpExporter(registry::Url url)
    : url_(std::move(url)),
      client_(
          registry::make_curl_client({.connect_time = kTransferTime, .total_time = kTransferTime})),
      service_("tenon") {}

void OtlpExporter::set_service(std::string service) {
  const std::scoped_lock lock(mutex_);
  service_ = std::move(service);
}

void OtlpExporter::add(Span span) {
  const std::scoped_lock lock(mutex_);
  ++added_;
  if (is_ending_ || waiting_.size() >= kMostWaiting) {
    ++lost_;
    if (failure_.empty()) failure_ = "calls are made faster than it takes them";
    return;
  }
  waiting_.push_back(std::move(span));
  if (waiting_.size() == kBatch) changed_.notify_all();
}

void OtlpExporter::end() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::optional<Diagnostic> OtlpExporter::find_loss() const {
  const std::scoped_lock lock(mutex_);
  if (lost_ == 0) return std::nullopt;
  Diagnostic note;
  note.severity = Severity::Note;
  note.code = "otlp";
  note.message = fmt::format("{} of {} did not reach the collector at {}: {}", lost_,
                             pluralize(added_, "traced call"), show_url(url_), failure_);
  return note;
}

void OtlpExporter::run() {
  std::unique_lock lock(mutex_);
  bool is_last = false;
  while (!is_last) {
    changed_.wait_for(lock, kPause, [&] { return is_ending_ || waiting_.size() >= kBatch; });
    is_last = is_ending_;
    if (waiting_.empty()) continue;
    const std::vector<Span> spans = std::exchange(waiting_, {});
    const std::string service = service_;
    lock.unlock();
    Loss loss = send(spans, service);
    lock.lock();
    if (loss.spans == 0) continue;
    lost_ += loss.spans;
    failure_ = std::move(loss.why);
  }
}

OtlpExporter::Loss OtlpExporter::send(const std::vector<Span>& spans, const std::string& service) {
  const std::string body = render_spans(spans, service);
  registry::HttpRequest request{
      .method = "POST",
      .url = url_,
      .headers = {{"Content-Type", "application/json"}},
      .body = {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()},
      .max_bytes = kAnswerBytes,
      // The user has named the collector.
      .plain_http = registry::PlainHttp::Anywhere};
  const Result<registry::HttpResponse> response = client_->exchange(request);
  if (!response) {
    // "cannot fetch `http://..`: the server does not answer"
    const std::string& why = response.error().front().message;
    const std::size_t reason = why.find("`: ");
    return {spans.size(), reason == std::string::npos ? why : why.substr(reason + 3)};
  }
  if (response->status / 100 != 2)
    return {spans.size(), fmt::format("it answered with status {}", response->status)};
  const auto [rejected, why] = read_answer(response->body);
  return {std::min(rejected, std::uint64_t{spans.size()}), "it rejected some: " + why};
}

}  // namespace tenon::cli
