// A request and its answer after both have ended, for the access log and the metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/http.h"

namespace tenon::http {

// As logs and metrics show it: "client-left". Empty: neither the request nor the response was aborted.
[[nodiscard]] constexpr std::string_view get_name(engine::HttpAbort abort) {
  using enum engine::HttpAbort;
  switch (abort) {
    case None:
      return "";
    case ClientLeft:
      return "client-left";
    case ClientTimeout:
      return "client-timeout";
    case ResponseFailed:
      return "response-failed";
    case RequestTooLarge:
      return "request-too-large";
    case RequestTimeout:
      return "request-timeout";
    case RequestInvalid:
      return "request-invalid";
  }
  return "";
}

struct Exchange {
  std::uint64_t number = 0;
  std::size_t queue = 0;        // of its handler, or of files
  std::size_t route_index = 0;  // of the route that took it, if one did
  std::chrono::system_clock::time_point end = {};
  std::string client;  // the peer, or the address that a proxy has added
  std::string peer;    // with its port
  std::string method;
  std::string host;     // as the client wrote it
  std::string target;   // path and query
  std::string referer;  // empty, here and for the others: the request has none
  std::string agent;
  std::string trace;         // its `traceparent`
  std::string unit;          // that answered; empty: none
  std::string route;         // as `print_route`; empty: none took it
  std::uint16_t status = 0;  // 499: the client left before there was a response
  std::uint8_t version = 11;
  std::uint64_t body_bytes = 0;  // of the response
  std::chrono::nanoseconds duration{};
  engine::HttpAbort abort = engine::HttpAbort::None;
};

}  // namespace tenon::http
