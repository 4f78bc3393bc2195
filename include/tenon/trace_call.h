// One call from domain to domain, or of a packr package to the program, as a trace tells it.
//
//   tenon::BuildOptions options;
//   options.trace_calls = [](const tenon::TraceCall& call) {
//     fmt::print(stderr, "{} -> {} {}({})\n", call.consumer, call.provider, call.function,
//                call.arguments);
//   };
//
// Values are WAVE: a list or string is cut after about 64 bytes of text, and all after about 200. A
// handle is `<acme:db/sql.connection #3>`, by its number with who gives it. `<bad>`: they break the
// Canonical ABI, or the types that a packr package states. `<too large>`: they were not read.
//
// Calls within one domain are the engine's own and are not told; `CompositionBuilder::isolate_all`
// gives every unit a domain.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tenon/call_failure.h"

namespace tenon {

// Told when the call has ended, so the calls that it made are told before it.
struct TraceCall {
  std::string consumer;   // unit that called; its domain, if several units there share the import
  std::string provider;   // unit that was called
  std::string function;   // "acme:log/log@0.1.0.write", "acme:bank/bank@1.0.0.[account.close]"
  std::string arguments;  // "1, [2, 3...]"
  std::string result;     // "()" of a function without one; empty: there was none
  std::optional<CallFailure> failure;  // how it failed, though the caller got it as a value
  // The clock of a trace stands still while the trace is made, so it falls behind.
  std::chrono::steady_clock::time_point start;
  std::chrono::nanoseconds duration{};
  std::uint32_t depth = 0;  // traced calls that it is in
  // Of params and result with all that they hold, strings as UTF-8; of the calls of a packr package
  // in packr's form.
  std::uint64_t bytes = 0;
  std::uint64_t handles = 0;   // after it: resources that are held away from where they were made
  std::uint64_t restarts = 0;  // after it: of all domains
};

}  // namespace tenon
