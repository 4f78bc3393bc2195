// Values of the host ABI (tenon/tenon_host.h), from and to the arena that a call is made with.
//
// Params are read as the program of the call put them there: they are what their types say. A
// result is what native code made: kinds, counts, text and numbers are checked; whether its
// pointers are any cannot be.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "abi/value_arena.h"
#include "call/value_program.h"
#include "host/call_memory.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

// What the pointers of resources mean to who makes the call.
class RepExchange {
 public:
  virtual ~RepExchange() = default;

  // A handle that came: what native code made it of.
  virtual void* take(abi::ResourceToken token, abi::HandlePart part) = 0;
  // One that native code gives.
  virtual abi::ResourceToken give(void* rep, abi::HandlePart part) = 0;
};

struct NativeProblem {
  std::string path;  // "result.ok[3]"
  std::string message;
};

// Where lifted params lie: in an arena that takes views.
struct LiftedParams {
  abi::ValueArena& arena;
  std::uint32_t address = 0;
  std::span<const std::uint8_t> lent =
      {};                   // the memory of the caller, of which the arena has views
  bool lends_text = false;  // its strings are UTF-8
};

// One value for each; nothing: `memory` has no room. Lifetime: of `memory`, the arena, and the
// caller's memory, which must not run meanwhile.
[[nodiscard]] std::optional<std::span<tenon_value>> read_native_params(
    const call::ValueProgram& program, const LiftedParams& params, CallMemory& memory,
    RepExchange& reps);

// The address of the result in the arena. Handles are given when all else is right.
// REQUIRES: the function has a result
[[nodiscard]] Result<std::uint32_t, NativeProblem> write_native_result(
    const call::ValueProgram& program, const tenon_value& result, abi::ValueArena& arena,
    RepExchange& reps);

// "string", "list", "kind 77": as messages call what native code says that a value is.
[[nodiscard]] std::string native_kind_name(std::uint8_t kind);

// The kind of a value of a type. REQUIRES: it has one; a list of what `elem` may be is packed
[[nodiscard]] std::uint8_t native_kind(TypeKind kind);

}  // namespace tenon::host
