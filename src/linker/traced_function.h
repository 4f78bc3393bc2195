// Sees the calls of a function that a component imports, for a trace.
#pragma once

#include <cstdint>
#include <memory>

#include "linker/call_table.h"
#include "linker/trace.h"
#include "runtime/call_observer.h"
#include "runtime/function_shape.h"
#include "types/type.h"
#include "value/arena_value.h"

namespace tenon::linker {

class TracedFunction final : public runtime::CallObserver {
 public:
  // Lifetime: refers to the trace.  REQUIRES: `calls.shape_of(function)` has a value
  TracedFunction(Trace& trace, const Trace::Names& names, CallTable& calls,
                 types::FunctionId function);

  void begin(engine::HostCall& call) override;
  void see_result(engine::GuestSide& callee, std::span<const engine::FlatValue> flat) override;
  void end(const CallFailure* failure) override { calls_.end(failure); }

  // Instead of the result above, of a callee that is no component. bytes: that it takes.
  void see_value(const Value& result, std::uint64_t bytes);

 private:
  TracedCalls calls_;
  std::shared_ptr<const runtime::FunctionShape> shape_;
  value::ValueProgram values_;
};

}  // namespace tenon::linker
