#include "http/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tenon::http {

namespace {

std::string escape_label(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

void MetricText::begin(std::string_view name, std::string_view kind, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, kind, help);
}

void MetricText::add(const Labels& labels, double value, std::string_view suffix) {
  text_ += name_;
  text_ += suffix;
  std::string_view before = "{";
  for (const auto& [label, of_label] : labels) {
    fmt::format_to(std::back_inserter(text_), "{}{}=\"{}\"", before, label, escape_label(of_label));
    before = ",";
  }
  if (!labels.empty()) text_ += '}';
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void Metrics::add(const Exchange& exchange) {
  const double seconds = std::chrono::duration<double>(exchange.duration).count();
  const std::lock_guard lock(mutex_);
  OfUnit& unit = units_[exchange.unit];
  ++unit.statuses[exchange.status];
  ++unit.times[static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) -
                                        kBounds.begin())];
  unit.seconds += seconds;
  unit.body_bytes += exchange.body_bytes;
  if (exchange.abort != engine::HttpAbort::None) ++unit.aborts[exchange.abort];
}

void Metrics::print(MetricText& text) const {
  const std::lock_guard lock(mutex_);
  text.begin("tenon_http_requests_total", "counter",
             "Requests that have ended, by unit and status; 499: the client left.");
  for (const auto& [unit, counts] : units_)
    for (const auto& [status, count] : counts.statuses) {
      const std::string code = fmt::format("{}", status);
      text.add({{"unit", unit}, {"code", code}}, static_cast<double>(count));
    }
  text.begin("tenon_http_request_duration_seconds", "histogram",
             "Time from the fields of a request to the end of its response.");
  for (const auto& [unit, counts] : units_) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < counts.times.size(); ++i) {
      sum += counts.times[i];
      const std::string bound = i < kBounds.size() ? fmt::format("{}", kBounds[i]) : "+Inf";
      text.add({{"unit", unit}, {"le", bound}}, static_cast<double>(sum), "_bucket");
    }
    text.add({{"unit", unit}}, counts.seconds, "_sum");
    text.add({{"unit", unit}}, static_cast<double>(sum), "_count");
  }
  text.begin("tenon_http_response_bytes_total", "counter", "Bytes of the bodies of responses.");
  for (const auto& [unit, counts] : units_)
    text.add({{"unit", unit}}, static_cast<double>(counts.body_bytes));
  text.begin("tenon_http_aborts_total", "counter",
             "Aborted HTTP requests and responses, by unit and reason.");
  for (const auto& [unit, counts] : units_)
    for (const auto& [abort, count] : counts.aborts)
      text.add({{"unit", unit}, {"reason", get_name(abort)}}, static_cast<double>(count));
}

}  // namespace tenon::http
