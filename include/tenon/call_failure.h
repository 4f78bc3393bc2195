// The reason why a call into a composition failed.
//
// A call of a guest can fail after the composition was built without errors: the guest traps, runs
// out of time, or gets arguments of the wrong type. `CallResult` carries the result or a
// `CallFailure`.
//
//   tenon::CallResult<double> sum = (*total)(items);
//   if (!sum && sum.error().kind == tenon::CallFailure::Kind::Deadline) retry();
//   if (!sum) report(tenon::failure_diagnostic(sum.error()));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// A failed call: what kind of failure it was, where it happened, and the stack of the guest.
struct CallFailure {
  enum class Kind : std::uint8_t {
    Trap,        // the guest trapped
    OpenImport,  // the guest called an open import; see `import`
    Deadline,    // the call, or the run that it belongs to, exceeded its time limit
    Ended,       // the function's domain had already ended; `message` describes its first failure
    // the call would enter a domain that is busy with a call of its own, or wait for a thread that
    // waits for this one
    Reentrance,
    Engine,       // the engine refused the call
    BadCall,      // the guest was not entered; see `problems`
    GuestError,   // a packr package returned an error; the package keeps running
    Interrupted,  // `Composition::interrupt` ended the call
  };
  struct Frame {
    std::string unit;                     // empty: the host or an adapter
    std::string function;                 // demangled, from the guest's name section; may be empty
    std::string module;                   // name of the core module; may be empty
    std::optional<std::uint64_t> offset;  // in bytes, into the unit's component
    std::string source = {};              // "tax.c:7:3", if the unit contains debug information
    // Index in the core module's function index space, imports included, as printed by `wasm-tools
    // print`. Absent: the frame is not in a guest.
    std::optional<std::uint32_t> function_index = {};
    bool operator==(const Frame&) const = default;
  };
  Kind kind = Kind::Trap;
  std::string unit;              // the unit that failed; empty: unknown
  std::string function;          // the function that was called
  std::string message;           // "wasm `unreachable` instruction executed"
  std::string import;            // OpenImport: name of the import
  std::vector<Frame> backtrace;  // innermost first
  // BadCall: why the guest was not entered: run-no-function, run-ambiguous-function,
  // run-no-command; type-unsupported-value, type-too-large; value-type, value-label, value-handle,
  // value-too-large.
  Diagnostics problems;
  // The limits that ended the call, or for a Trap may have (`memory`), named as in a manifest
  // ("call-timeout"), and the domain that they belong to. Empty: no limit is involved.
  std::vector<std::string> limits = {};
  std::string domain = {};
  // Deadline and Reentrance: the guest was not entered, because another thread was in its
  // composition and did not leave in time or waits for this thread.
  bool is_wait = false;
};

// Converts a failure to a diagnostic, with the backtrace as a note. Its code is run-trap,
// run-open-import, run-deadline, run-ended, run-reentrance, run-guest-error, run-interrupted or
// run-engine. A BadCall becomes the first of its `problems`, with the others as notes.
[[nodiscard]] Diagnostic failure_diagnostic(const CallFailure& failure);

template <class T>
using CallResult = Result<T, CallFailure>;

}  // namespace tenon
