// Counts and times of requests, as text for Prometheus.
// Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"

namespace tenon::http {

// One metric with its values.
class MetricText final {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  // kind: "counter", "gauge" or "histogram".
  void begin(std::string_view name, std::string_view kind, std::string_view help);
  // suffix: of the name, for parts of a histogram.
  void add(const Labels& labels, double value, std::string_view suffix = {});

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

// Thread: any.
class Metrics final {
 public:
  void add(const Exchange& exchange);
  void print(MetricText& text) const;

 private:
  // Upper bounds of the times, in seconds.
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                         0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
  struct OfUnit {
    std::map<std::uint16_t, std::uint64_t> statuses;
    std::array<std::uint64_t, kBounds.size() + 1> times = {};
    double seconds = 0;
    std::uint64_t body_bytes = 0;
    std::map<engine::HttpAbort, std::uint64_t> aborts;
  };

  mutable std::mutex mutex_;
  std::map<std::string, OfUnit, std::less<>> units_;
};

}  // namespace tenon::http
