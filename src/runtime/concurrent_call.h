// Calls of exports that can end later than they begin.
//
// A call into a concurrent domain runs on its event loop.
// The parameters are copied into an arena when the call starts, because the guest may take the call
// in a later turn of its loop; they are written into its memory then. The result is read into an
// arena when the guest returns it. Numbers need no arena. A caller that waits on its stack takes
// the result when the turn is over, because its memory can only grow on its own stack; one that
// does not wait takes the arena at once.
//
// The domain owns the object (CallInProgress): it lives until the guest's task has returned or the domain
// has ended, also if the caller has abandoned the call. A caller that waits on its stack gets the outcome
// there.
#pragma once

#include <memory>

#include "call/call.h"
#include "engine/event_loop.h"
#include "runtime/domain.h"
#include "runtime/exported_function.h"
#include "runtime/resource_table.h"

namespace tenon::runtime {

// Reads results into arenas, with handles as tokens that the call holds.
class ArenaReader final : public engine::ResultReader {
 public:
  ArenaReader(Domain& domain, std::shared_ptr<const call::FunctionShape> shape)
      : domain_(domain), shape_(std::move(shape)) {}

  Result<std::unique_ptr<engine::LoopResult>, engine::CallError> read(
      engine::GuestSide& callee, std::span<const engine::FlatValue> result) override;

 private:
  Domain& domain_;
  std::shared_ptr<const call::FunctionShape> shape_;
};

// Makes a call. It ends before this returns, unless it ends later.
// Failures: those of CallFailure; Reentrance if the caller waits and a turn of the domain is on the
//           stack.
// REQUIRES: the domain is alive
void start_on_loop(Domain& domain, std::shared_ptr<const engine::LoopFunction> function,
                   std::shared_ptr<const call::FunctionShape> shape,
                   std::shared_ptr<const ExportNames> names, call::Call& call);

// Makes a call into a domain without async code that computes, or that another thread is in: it is
// made when a thread of the pool, or whoever waits, takes it.
// REQUIRES: the caller does not wait on its stack
void start_queued(Domain& domain, const std::shared_ptr<const call::FunctionShape>& shape,
                  const std::shared_ptr<const ExportNames>& names, call::Call& call);

}  // namespace tenon::runtime
