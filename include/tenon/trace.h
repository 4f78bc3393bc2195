// Reports of calls and streams, which a composition makes for `BuildOptions::trace_calls` and
// `trace_streams`, and the trace context that connects the calls of several processes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon {

// Identifies a call among those of all processes: calls of remote units carry it along.
// Source: "Trace Context" (W3C), sections 3.2.2.3 and 3.2.2.4.
struct TraceContext {
  std::array<std::uint8_t, 16> trace = {};  // the same for all calls that one call causes
  std::uint64_t span = 0;                   // of this call; 0: there is none

  // Makes one that differs from all others. trace: of another context; all zero: a new one.
  [[nodiscard]] static TraceContext make(const std::array<std::uint8_t, 16>& trace = {});
  bool operator==(const TraceContext&) const = default;
};

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", the value of the header `traceparent`.
[[nodiscard]] std::string print_traceparent(const TraceContext& context);
// Nothing if the text is not one. Source: "Trace Context", section 3.2.
[[nodiscard]] std::optional<TraceContext> parse_traceparent(std::string_view text);

// A traced call: one call between domains, from a packr package to the program, or from a peer to a
// composition that serves. It is reported when it ends, so calls that it makes are reported first. A
// call of an `async` function that has not ended when its callee waits is reported then too.
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
struct TraceCall {
  enum class Event : std::uint8_t {
    Ended,
    Suspended,  // Its callee waits, and its caller goes on. Its end is reported too.
    Dropped,    // It was suspended, and its caller has cancelled it or has ended.
  } event = Event::Ended;
  // The number of a call that is or was suspended, from 1, for both of its reports; 0: it was not.
  std::uint64_t number = 0;
  enum class Side : std::uint8_t {
    Both,    // of the call: they are in this composition
    Client,  // the provider is a remote unit
    Server,  // the consumer is a peer
  } side = Side::Both;
  TraceContext context;
  std::uint64_t parent = 0;  // the span of the call that caused it, perhaps elsewhere; 0: none
  // The calling unit; its domain if several units there share the import; the address of a peer.
  std::string consumer;
  std::string provider;   // the called unit; a remote unit with its address: "stock at tcp://.."
  std::string function;   // "acme:log/log@0.1.0.write", "acme:bank/bank@1.0.0.[account.close]"
  std::string arguments;  // "1, [2, 3...]"
  // "()" if the function has no result; empty: the call failed, or has not ended.
  std::string result;
  // Set if the call failed, even if the caller received the failure as a value.
  std::optional<CallFailure> failure;
  // Start on the trace's clock, which is stopped while a trace is made and thus falls behind.
  std::chrono::steady_clock::time_point start;
  std::chrono::nanoseconds duration{};  // until this report
  std::uint32_t depth = 0;              // number of traced calls around it at its start
  // Size of parameters and result with everything they contain, strings as UTF-8; for calls of a
  // packr package, in packr's form.
  std::uint64_t bytes = 0;
  // after the call: resources held outside of the domain that made them
  std::uint64_t handles = 0;
  std::uint64_t restarts = 0;  // after the call: restarts of all domains
  // after the call: tasks of calls that were cancelled or too late, which have not ended
  std::uint64_t left_behind = 0;
};

// A traced stream, which a call passed to another domain. It is reported when both of its ends are
// gone. A stream that is passed on to a third domain is reported once, for the first call.
struct TraceStream {
  std::uint64_t number = 0;  // from 1, in the order in which streams were passed
  // The same as in TraceCall, for the call that passed the stream.
  std::string consumer;
  std::string provider;
  std::string function;
  std::string type;         // "stream<u8>"
  std::uint64_t items = 0;  // taken from the writer; those in the buffer may not have been read
  std::uint64_t bytes = 0;  // of these items, with everything that they contain
  std::uint64_t write_waits = 0;  // number of writes that had to wait for the reader
  std::uint64_t read_waits = 0;   // number of reads that had to wait for the writer
  // On the trace's clock, as in TraceCall.
  std::chrono::steady_clock::time_point start;
  std::chrono::nanoseconds duration{};
};

}  // namespace tenon
