// A request and its answer after both have ended, for the access log and the metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tenon::http {

struct Exchange {
  std::uint64_t number = 0;
  std::size_t queue = 0;  // of its handler
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
};

}  // namespace tenon::http
