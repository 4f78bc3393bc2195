// Failures of guests as data: the kind, a message, and the guest's stack.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon::engine {

enum class FailureKind {
  Trap,         // the guest broke a rule of WebAssembly, of the component model or of WASI
  Interrupted,  // `Engine::interrupt` stopped it
  OutOfFuel,    // it used up the store's fuel
  Exit,         // it called `wasi:cli/exit` instead of returning
  Error,        // no guest was running: the call could not be made
  NotEntered,  // the same, but no thread or stack was available: the store is unchanged, the next call can succeed
  Panic,  // a bug in the engine or in tenon; the state of the store is unknown
};

// A source position from the guest's debug information.
struct SourcePosition {
  std::string function;  // demangled; may be empty
  std::string file;
  std::uint32_t line = 0;    // 1-based; 0 if unknown
  std::uint32_t column = 0;  // 1-based; 0 if unknown

  bool operator==(const SourcePosition&) const = default;
};

enum class Inlined { No, Yes };

// One frame of a guest's stack.
struct GuestFrame {
  std::string function;  // demangled; empty if the module has no names
  std::string module;    // name of the core module; empty if it has none
  std::uint32_t function_index = 0;
  // Byte offset of the instruction in the binary that was compiled: the core module, or the
  // outermost component. A unit nested in that component is identified by its byte range.
  std::optional<std::uint64_t> component_offset = {};
  // The address of that binary's machine code, such as `CompiledModule::address()`.
  std::uintptr_t code = 0;
  // Yes: the instruction belongs to a small function, perhaps of another unit, that the engine
  // inlined into this one; `component_offset` is the beginning of this function.
  Inlined inlined = Inlined::No;
  // Innermost inlined function first; empty without debug information.
  std::vector<SourcePosition> sources = {};

  bool operator==(const GuestFrame&) const = default;
};

struct Failure {
  FailureKind kind = FailureKind::Error;
  std::string message;                  // one line or more, without the backtrace
  int exit_code = 0;                    // for `FailureKind::Exit`
  std::vector<GuestFrame> frames = {};  // innermost first
  // From the host function or callback that ended the call: see `CallError::make`.
  std::optional<std::uint64_t> payload = {};

  bool operator==(const Failure&) const = default;
};

}  // namespace tenon::engine
