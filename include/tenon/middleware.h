// Middleware: wrappers around the calls between two units, for any interface.
//
//   tenon::Middleware few;
//   few.kind = tenon::Middleware::Kind::Limit;
//   few.rate = tenon::CallRate{.calls = 100, .per = std::chrono::seconds(1)};
//   builder.add_middleware("few", few);
//   builder.wire({.import = "acme:tax/*", .via = {"few", "tenon:log"}});
//
// Several edges can have one middleware: they share its limits, its cache and its file. Units of one
// domain that have middleware between them are placed in two parts of it (PlanDomain::part_of).
//
// Docs: docs/middleware.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon {

// A number of calls within a time. They can come at once, and are then possible again one by one.
struct CallRate {
  std::uint64_t calls = 1;
  std::chrono::milliseconds per = std::chrono::seconds(1);

  // Parses a rate such as "100/s", "30/m" or "5/h": a whole number and a unit.
  // Errors: config-value.
  static Result<CallRate> parse(std::string_view text);
};

struct Middleware {
  enum class Kind : std::uint8_t {
    Log,     // reports each call as a line of text, with arguments and result in WAVE
    Limit,   // fails calls that exceed `rate`, `concurrency` or `size`
    Cache,   // answers calls with the result of an earlier call with equal arguments
    Mock,    // answers calls from `file`, and has no provider behind it
    Record,  // writes each call to `file`
    Replay,  // answers calls with what a record has, in its order, and has no provider behind it
  };
  Kind kind = Kind::Log;

  // Mock, Record and Replay: one JSON object on each line, with values in WAVE. Log: the lines are
  // appended to it; empty: they go to `BuildOptions::on_log`.
  std::string file = {};

  // Limit: at least one of these is set.
  std::optional<CallRate> rate = {};
  std::uint32_t concurrency = 0;           // calls at the same time; 0: not limited
  std::optional<std::uint64_t> size = {};  // bytes of the arguments, and of the result

  // Cache.
  std::uint32_t entries = 1024;  // the most results; those that were used last are kept
  std::optional<std::chrono::milliseconds> lifetime = {};  // of a result; absent: not limited

  Location where = {};  // where the user declared it, for messages
};

// Returns the name of a kind as in a manifest: "log", "limit", ...
// Lifetime: static.
[[nodiscard]] std::string_view get_name(Middleware::Kind kind);

}  // namespace tenon
