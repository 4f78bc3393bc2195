#include "runtime/flat_call.h"

#include "abi/value_arena.h"
#include "runtime/engine_guest.h"

namespace tenon::runtime {

engine::CallError FlatCall::explain(engine::GuestSide& callee, const engine::FlatValue& result) {
  Transit transit(callee_.shared());
  EngineGuest guest(callee_, callee, {}, {}, transit);
  abi::ValueArena arena;
  const Result<void, abi::AbiError> copied = program_.copy_result(
      abi::From::flat(guest, std::span(&result, 1)), abi::To::flat(arena, result_));
  return guest.take_error(copied ? abi::AbiError() : copied.error());
}

}  // namespace tenon::runtime
