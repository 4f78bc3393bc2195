// How a guest's run ended when it did not end well, as data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/diagnostic.h"

namespace tenon::engine {

enum class FailureKind {
  Trap,         // the guest broke a rule of WebAssembly, of the component model or of WASI
  Interrupted,  // `Engine::interrupt`
  OutOfFuel,    // the store's fuel was consumed
  Exit,         // `wasi:cli/exit`, where a plain return was expected
  Error,        // no guest was running: the call could not be made
  Panic,        // a bug in the engine or in tenon: the store is in an unknown state
};

// A source position from the guest's debug information.
struct SourcePosition {
  std::string function;  // demangled; may be empty
  std::string file;
  std::uint32_t line = 0;    // 1-based; 0: not known
  std::uint32_t column = 0;  // 1-based; 0: not known

  bool operator==(const SourcePosition&) const = default;
};

enum class Inlined { No, Yes };

// One frame of a guest's stack.
struct Frame {
  std::string function;  // demangled; empty if the module has no names
  std::string module;    // name of the core module; empty if it has none
  std::uint32_t function_index = 0;
  // Byte offset of the instruction in the component that was compiled (the outermost one), so that
  // a unit nested in it is found by its byte range; or in the core module that was compiled.
  std::optional<std::uint64_t> component_offset = {};
  // Yes: the instruction is of a small function, perhaps of another unit, that the engine inlined
  // in this one, and `component_offset` is where this one begins.
  Inlined inlined = Inlined::No;
  // Innermost inlined function first; empty without debug information.
  std::vector<SourcePosition> sources = {};

  bool operator==(const Frame&) const = default;
};

struct Failure {
  FailureKind kind = FailureKind::Error;
  std::string message;             // one line or more, without the backtrace
  int exit_code = 0;               // of `FailureKind::Exit`
  std::vector<Frame> frames = {};  // innermost first
  // Of the host function or callback that ended the call: see `CallError::make`.
  std::optional<std::uint64_t> payload = {};

  bool operator==(const Failure&) const = default;
};

}  // namespace tenon::engine
