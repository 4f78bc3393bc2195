// A traced call: one call between domains, or from a packr package to the program.
//
//   tenon::BuildOptions options;
//   options.trace_calls = [](const tenon::TraceCall& call) {
//     fmt::print(stderr, "{} -> {} {}({})\n", call.consumer, call.provider, call.function,
//                call.arguments);
//   };
//
// Values are printed as WAVE. A list or string is cut after about 64 bytes of text, and the whole
// after about 200. A handle is printed as `<acme:db/sql.connection #3>`, with the number that its
// owner uses for it. `<bad>` means that the values violate the Canonical ABI or the types that a
// packr package declares; `<too large>` means that they were not read.
//
// Calls within a domain are made by the engine alone and cannot be traced. To trace them, give each
// unit its own domain: `CompositionBuilder::isolate_all`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tenon/call_failure.h"

namespace tenon {

// One traced call. It is reported when it ends, so calls that it makes are reported first.
struct TraceCall {
  std::string consumer;   // the calling unit; its domain if several units there share the import
  std::string provider;   // the called unit
  std::string function;   // "acme:log/log@0.1.0.write", "acme:bank/bank@1.0.0.[account.close]"
  std::string arguments;  // "1, [2, 3...]"
  std::string result;     // "()" if the function has no result; empty: the call failed
  // Set if the call failed, even if the caller received the failure as a value.
  std::optional<CallFailure> failure;
  // Start on the trace's clock, which is stopped while a trace is made and thus falls behind.
  std::chrono::steady_clock::time_point start;
  std::chrono::nanoseconds duration{};
  std::uint32_t depth = 0;  // number of traced calls around it
  // Size of parameters and result with everything they contain, strings as UTF-8; for calls of a
  // packr package, in packr's form.
  std::uint64_t bytes = 0;
  // after the call: resources held outside of the domain that made them
  std::uint64_t handles = 0;
  std::uint64_t restarts = 0;  // after the call: restarts of all domains
};

}  // namespace tenon
