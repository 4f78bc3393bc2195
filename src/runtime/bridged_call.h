// One call from guest to guest, in one composition or from one into another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "abi/value_arena.h"
#include "runtime/call_observer.h"
#include "runtime/crossing.h"
#include "runtime/domain.h"
#include "runtime/engine_guest.h"
#include "runtime/failure_value.h"
#include "runtime/function_shape.h"

namespace tenon::runtime {

class BridgedCall final : public ValueCall {
 public:
  // crossing: null if it stays in its composition.
  BridgedCall(const FunctionShape& shape, Domain& callee, EngineGuest& caller,
              engine::HostCall& call, Transit& transit, Crossing* crossing)
      : shape_(shape),
        callee_(callee),
        caller_(caller),
        call_(call),
        transit_(transit),
        crossing_(crossing) {}

  // Reads the params before the callee is called: an engine with concurrency does not leave a
  // guest that it failed to give its params. Failures: what the caller did wrong ends the call.
  CallResult<void> read_params();

  Result<void, engine::CallError> lower(engine::GuestSide& side,
                                        std::span<engine::FlatValue> params) override;

  Result<void, engine::CallError> lift(engine::GuestSide& side,
                                       std::span<const engine::FlatValue> result) override;

  // When the callee has returned, and before its composition is left.
  void end_crossing() {
    if (crossing_ != nullptr) crossing_->end();
  }

  // What `lift` had to keep, when the callee has returned.
  Result<void, engine::CallError> give_kept();

  // When all else went well: what the result has of handles.
  Result<void, engine::CallError> give_handles();

  // Instead of a result. The caller has given its params away, also those that nobody took.
  Result<void, engine::CallError> give_failure(const FailureValue& value, std::string_view text);

  [[nodiscard]] bool spares_callee() const override { return caller_error_.has_value(); }
  // What the caller did wrong, if that ended the call.
  [[nodiscard]] std::optional<engine::CallError> take_caller_error() {
    return std::move(caller_error_);
  }

 private:
  // As the callee's composition has them.
  [[nodiscard]] ResourceKinds param_kinds() const {
    return crossing_ == nullptr ? shape_.param_kinds : crossing_->kinds().params;
  }
  [[nodiscard]] ResourceKinds result_kinds() const {
    return crossing_ == nullptr ? shape_.result_kinds : crossing_->kinds().results;
  }
  [[nodiscard]] Transit& transit_there() const {
    return crossing_ == nullptr ? transit_ : crossing_->transit_there();
  }
  // The callee as a side of a copy.  foreign: empty; what is made of it if it is of another
  // composition.
  [[nodiscard]] abi::Guest& as_taken(EngineGuest& callee,
                                     std::optional<ForeignGuest>& foreign) const {
    if (crossing_ == nullptr) return callee;
    return foreign.emplace(*crossing_, callee);
  }

  [[nodiscard]] abi::From given_params();

  // The own handles of the params that the callee did not get: they go as the call does.
  Result<void, engine::CallError> take_params();

  // Not while an engine with concurrency calls: a caller that cannot take its result would break
  // off that call.
  [[nodiscard]] bool can_give_now() const {
    return !callee_.is_concurrent() && call_.caller().can_allocate();
  }

  engine::CallError blame_caller(const abi::AbiError& error);

  // callee: null if it has returned.
  Result<void, engine::CallError> give_result(const abi::From& from, EngineGuest* callee);

  const FunctionShape& shape_;
  Domain& callee_;
  EngineGuest& caller_;
  engine::HostCall& call_;
  Transit& transit_;
  Crossing* crossing_;
  bool has_params_ = false;  // the callee
  std::optional<engine::CallError> caller_error_;
  std::optional<abi::ValueArena> read_params_;
  std::uint32_t read_params_at_ = 0;
  std::optional<abi::ValueArena> kept_;
  std::uint32_t kept_at_ = 0;
};

// The same for an observer.
class ObservedCall final : public ValueCall {
 public:
  ObservedCall(BridgedCall& call, CallObserver& observer) : call_(call), observer_(observer) {}

  Result<void, engine::CallError> lower(engine::GuestSide& side,
                                        std::span<engine::FlatValue> params) override {
    note_entered();
    return call_.lower(side, params);
  }
  Result<void, engine::CallError> lift(engine::GuestSide& side,
                                       std::span<const engine::FlatValue> result) override {
    observer_.see_result(side, result);
    return call_.lift(side, result);
  }
  [[nodiscard]] bool spares_callee() const override { return call_.spares_callee(); }

 private:
  BridgedCall& call_;
  CallObserver& observer_;
};

}  // namespace tenon::runtime
