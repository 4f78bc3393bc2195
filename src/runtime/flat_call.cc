#include "runtime/flat_call.h"

#include "abi/value_arena.h"
#include "runtime/handle_side.h"

namespace tenon::runtime {

CallFailure FlatCall::refuse(ExportedFunction& function, const engine::NumberCall& call) const {
  abi::ValueArena arena;
  const Result<void, abi::AbiError> copied = program_.copy_result(
      abi::From::flat(arena, std::span(&call.result, 1)), abi::To::flat(arena, result_));
  return function.refuse_result(describe(copied ? abi::AbiError() : copied.error()));
}

}  // namespace tenon::runtime
