// Sends traced calls to a collector, as spans of OpenTelemetry: OTLP as JSON over HTTP (`--otlp`).
//
// A thread sends the spans in batches. Calls never wait for it: if the collector is slow or gone, spans
// are dropped and counted.
// Source: OpenTelemetry Protocol 1.x, "OTLP/HTTP", "JSON Protobuf Encoding".
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "registry/http.h"
#include "tenon/result.h"
#include "tenon/trace.h"

namespace tenon::cli {

// A span, apart from what TraceCall has.
struct Span {
  TraceCall call;
  std::chrono::system_clock::time_point begin;
};

// The body of a request. service: the name of the process among others.
[[nodiscard]] std::string render_spans(const std::vector<Span>& spans, std::string_view service);

class OtlpExporter final {
 public:
  // url: of the collector; "/v1/traces" is added unless it ends with that.
  // Errors: config-usage, run-engine.
  [[nodiscard]] static Result<std::unique_ptr<OtlpExporter>> open(const std::string& url);
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;
  ~OtlpExporter() { end(); }

  // Before the first span is sent. Thread of this and the following: any.
  void set_service(std::string service);
  void add(Span span);
  // Sends the spans that are left, for at most some seconds. Later ones are dropped.
  void end();
  // Why spans were dropped, and how many; nothing if none were. REQUIRES: it has ended
  [[nodiscard]] std::optional<Diagnostic> find_loss() const;

 private:
  explicit OtlpExporter(registry::Url url);
  void run();
  // The spans that the collector does not have, and why.
  struct Loss {
    std::uint64_t spans = 0;
    std::string why;
  };
  [[nodiscard]] Loss send(const std::vector<Span>& spans, const std::string& service);

  const registry::Url url_;
  const std::unique_ptr<registry::HttpClient> client_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string service_;
  std::vector<Span> waiting_;
  std::uint64_t added_ = 0;
  std::uint64_t lost_ = 0;
  std::string failure_;  // the last one
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace tenon::cli
