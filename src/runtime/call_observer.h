// Who looks on at the calls of a bridged function: a trace. It sees values as they lie with the
// side that gives them; what it cannot read, the call itself finds wrong, or not.
//
// Thread: that of the composition. Calls nest: one begins and ends within another.
#pragma once

#include <cstdint>

#include "abi/copy_program.h"
#include "abi/value_arena.h"
#include "engine/raw_call.h"
#include "tenon/call_failure.h"

namespace tenon::runtime {

// The params or the result of a call, copied for an observer.
struct ObservedValues {
  enum class State : std::uint8_t {
    Read,      // at `address` in `arena`
    Bad,       // they break the Canonical ABI
    TooLarge,  // they take more than limits::kArenaBytes
  };
  State state = State::Bad;
  abi::ValueArena arena;
  std::uint32_t address = 0;  // of the record of the params, or of the result
};

class CallObserver {
 public:
  virtual ~CallObserver() = default;

  // Before anything is copied.
  virtual void begin(engine::HostCall& call) = 0;
  // Before post-return; not for a call that fails before it returns, or has no result.
  virtual void see_result(engine::GuestSide& callee, std::span<const engine::FlatValue> result) = 0;
  // failure: null if the callee returned and the caller has the result.
  virtual void end(const CallFailure* failure) = 0;
};

// Both read what a side gives, and neither takes nor lends its handles: the arena's tokens are the
// numbers by which that side knows them.
[[nodiscard]] ObservedValues observe_params(const abi::CopyProgram& program,
                                            engine::HostCall& call);
[[nodiscard]] ObservedValues observe_result(const abi::CopyProgram& program,
                                            engine::GuestSide& callee,
                                            std::span<const engine::FlatValue> result);

}  // namespace tenon::runtime
