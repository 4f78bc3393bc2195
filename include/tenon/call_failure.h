// How a call into a composition failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// Why a call failed. Not a failing link: the composition was built.
struct CallFailure {
  enum class Kind : std::uint8_t {
    Trap,         // the guest trapped
    OpenImport,   // the guest called what no unit provides: see `import`
    Deadline,     // the call, or the run that it was part of, took longer than it may
    Ended,        // the domain of the function ended before: its first failure is told
    Reentrance,   // the call would enter a domain whose own call is in progress, or wait for a
                  // thread that waits for its own
    Engine,       // the engine refused the call
    BadCall,      // the guest was not entered: see `problems`
    GuestError,   // a packr package gave an error instead of a result; it goes on
    Interrupted,  // `Composition::interrupt` ended the call
  };
  struct Frame {
    std::string unit;                     // empty: the host or an adapter
    std::string function;                 // demangled, as the guest's names say; may be empty
    std::string module;                   // core module's name; may be empty
    std::optional<std::uint64_t> offset;  // into the unit's component binary
    std::string source = {};              // "tax.c:7:3", if the unit keeps its debug information
    // In the core module's function index space, imports included, as `wasm-tools print` counts.
    // Absent: not a function of a guest.
    std::optional<std::uint32_t> function_index = {};
    bool operator==(const Frame&) const = default;
  };
  Kind kind = Kind::Trap;
  std::string unit;              // that failed; empty if not known
  std::string function;          // that was called
  std::string message;           // "wasm `unreachable` instruction executed"
  std::string import;            // of an OpenImport: the import's name
  std::vector<Frame> backtrace;  // innermost first
  // Of a BadCall: run-no-function, run-ambiguous-function, run-no-command; type-unsupported-value,
  // type-too-large; value-type, value-label, value-handle, value-too-large.
  Diagnostics problems;
  // The limits that ended it, or may have (of a Trap: `memory`), as a manifest calls them:
  // "call-timeout"; and the domain that has them. Empty: none.
  std::vector<std::string> limits = {};
  std::string domain = {};
  // Of a Deadline and of a Reentrance: the guest was not entered, since another thread is in its
  // composition, which did not leave in time or waits for this one.
  bool is_wait = false;
};

// The failure as a diagnostic with the backtrace as a note: run-trap, run-open-import,
// run-deadline, run-ended, run-reentrance, run-guest-error, run-interrupted or run-engine. Of a
// BadCall: the first of its `problems`, with the others as notes.
[[nodiscard]] Diagnostic failure_diagnostic(const CallFailure& failure);

template <class T>
using CallResult = Result<T, CallFailure>;

}  // namespace tenon
