#include "runtime/concurrent_call.h"

#include <fmt/core.h>

#include <span>
#include <utility>

#include "runtime/engine_guest.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using engine::CallError;
using engine::FlatValue;

struct ArenaResult final : engine::LoopResult {
  explicit ArenaResult(ResourceTable& table) : transit(table) {}

  Transit transit;
  abi::ValueArena arena;
  std::uint32_t address = 0;
};

class ConcurrentCall final : public engine::LoopCall,
                             public CallInProgress,
                             public call::PendingCall {
 public:
  ConcurrentCall(Domain& domain, std::shared_ptr<const engine::LoopFunction> function,
                 std::shared_ptr<const call::FunctionShape> shape, const CalledFunction& names,
                 call::Call& call)
      : domain_(domain),
        function_(std::move(function)),
        shape_(std::move(shape)),
        names_(names),
        call_(&call),
        bounds_(domain.bounds_of_call(call.bounds())),
        transit_(domain.shared().resources),
        stored_(domain.shared().resources) {}

  // Copies the parameters. Returns false if the caller was broken off.
  [[nodiscard]] bool read_params() {
    const abi::From* const params = call_->params();
    if (params == nullptr) return false;
    const auto address = shape_->program.lift_params(*params, params_);
    if (!address) {
      call_->break_off(address.error());
      return false;
    }
    params_at_ = *address;
    stored_.store(params_.resources());
    return true;
  }

  void begin() {
    domain_.add_call(*this);
    domain_.loop().call(*function_, *this);
  }

  // Whether the call has ended, of a caller that waits.
  [[nodiscard]] bool has_ended() const { return outcome_.has_value(); }
  // Passes the outcome to a caller that waits.
  void give_outcome() {
    if (!*outcome_) return call_->finish(std::move(*outcome_).error());
    give_result(result_.get());
  }

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ && call_ != nullptr ? &*bounds_ : nullptr;
  }

  void end_wait() override {
    if (is_waited_for_) return;
    CallFailure failure = late_failure(*bounds_);
    explain(failure);
    // The task runs on, and nobody gets its result.
    std::exchange(call_, nullptr)->finish(std::move(failure));
  }

  void explain(CallFailure& failure) const override {
    if (failure.unit.empty()) failure.unit = names_.unit;
    if (failure.function.empty()) failure.function = names_.name;
  }

  Result<void, CallError> lower(engine::GuestSide& callee, std::span<FlatValue> params) override {
    const abi::CopyProgram& program = shape_->program;
    stored_.restore(transit_);
    EngineGuest guest(domain_, callee, {}, shape_->param_kinds, transit_);
    const abi::To to = program.layout().has_spilled_params() ? abi::To::allocated(guest, params)
                                                             : abi::To::flat(guest, params);
    Result<void, AbiError> copied = program.copy_params(abi::From::memory(params_, params_at_), to);
    if (copied) copied = guest.put_handles();
    params_ = abi::ValueArena();
    if (!copied) return guest.take_error(copied.error());
    transit_.finish();
    return {};
  }

  void finish(std::unique_ptr<engine::LoopResult> result) override {
    domain_.remove_call(*this);
    end_with({}, std::move(result));
  }
  void fail(engine::Failure failure) override {
    domain_.remove_call(*this);
    end_with_failure(domain_.describe(failure));
  }
  // The domain ends, and `end` follows.
  void drop() override {}
  void end(const CallFailure& failure) override { end_with_failure(failure); }

  void abandon() override { call_ = nullptr; }
  // The caller waits on its stack, and takes the outcome itself.
  void wait_on_stack() { is_waited_for_ = true; }
  // The caller has stopped to wait.
  void stop_waiting() {
    is_waited_for_ = false;
    call_ = nullptr;
  }

 private:
  void end_with_failure(CallFailure failure) {
    explain(failure);
    end_with(std::move(failure), nullptr);
  }

  void end_with(CallResult<void> outcome, std::unique_ptr<engine::LoopResult> result) {
    result_.reset(static_cast<ArenaResult*>(result.release()));
    if (is_waited_for_) {
      outcome_.emplace(std::move(outcome));
      return;
    }
    if (call_ != nullptr) {
      if (outcome)
        give_result(result_.get());
      else
        call_->finish(std::move(outcome).error());
    }
    delete this;
  }

  void give_result(ArenaResult* result) {
    if (result != nullptr) {
      const auto given = call_->give_result(result->arena, result->address);
      if (!given && !call_->is_broken_off()) {
        CallFailure failure;
        failure.message = describe(given.error());
        explain(failure);
        return call_->finish(std::move(failure));
      }
    }
    call_->finish();
  }

  Domain& domain_;
  std::shared_ptr<const engine::LoopFunction> function_;
  std::shared_ptr<const call::FunctionShape> shape_;
  CalledFunction names_;
  call::Call* call_;  // null: nobody waits for the outcome
  std::optional<call::Bounds> bounds_;
  Transit transit_;
  abi::ValueArena params_;
  std::uint32_t params_at_ = 0;
  StoredHandles stored_;  // in the parameters
  bool is_waited_for_ = false;
  std::optional<CallResult<void>> outcome_;
  std::unique_ptr<ArenaResult> result_;
};

// A call that the caller waits for on its stack.
void wait_for(Domain& domain, std::unique_ptr<ConcurrentCall> pending, call::Call& call) {
  pending->wait_on_stack();
  pending->begin();
  domain.take_turn();
  const CallResult<void> waited =
      domain.shared().scheduler.wait_until([&] { return pending->has_ended(); }, pending->bounds());
  if (waited || pending->has_ended()) return pending->give_outcome();
  // The task runs on, and nobody gets its result.
  CallFailure failure = waited.error();
  pending->explain(failure);
  pending->stop_waiting();
  (void)pending.release();
  call.finish(std::move(failure));
}

}  // namespace

Result<std::unique_ptr<engine::LoopResult>, CallError> ArenaReader::read(
    engine::GuestSide& callee, std::span<const FlatValue> result) {
  auto read = std::make_unique<ArenaResult>(domain_.shared().resources);
  const abi::CopyProgram& program = shape_->program;
  EngineGuest guest(domain_, callee, shape_->result_kinds, {}, read->transit);
  // A function that is lifted `async` passes up to 16 flat values.
  const abi::From from = program.layout().has_spilled_result() && result.size() == 1
                             ? abi::From::memory(guest, result[0].u32())
                             : abi::From::flat(guest, result);
  const auto address = program.lift_result(from, read->arena);
  if (!address) return guest.take_error(address.error());
  read->address = *address;
  return std::unique_ptr<engine::LoopResult>(std::move(read));
}

void start_on_loop(Domain& domain, std::shared_ptr<const engine::LoopFunction> function,
                   std::shared_ptr<const call::FunctionShape> shape, const CalledFunction& names,
                   call::Call& call) {
  auto pending =
      std::make_unique<ConcurrentCall>(domain, std::move(function), std::move(shape), names, call);
  if (!pending->read_params()) {
    CallFailure failure;
    failure.unit = names.unit;
    failure.function = names.name;
    failure.message = "the caller broke off the call";
    return call.finish(std::move(failure));
  }
  if (!call.ends_later()) return wait_for(domain, std::move(pending), call);
  call.set_pending(*pending);
  pending.release()->begin();
  domain.take_turn();
}

}  // namespace tenon::runtime
