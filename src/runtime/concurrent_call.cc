// A call that can end later than it begins goes through four hands.
//
//   start_on_loop    reads the parameters into the call's own arena, at once: the caller may be gone when
//                    the guest takes them. Own handles are stored with them, and borrowed ones are lent.
//   the domain       owns the call from then on, in the list of its loop, or of the queue if it is held
//   the loop         takes the call in a turn: `lower` writes the parameters into the guest, and one of
//                    `finish`, `fail`, `end_cancelled` and `drop` ends it
//   the caller       gets the outcome at once if it waits elsewhere; if it waits on its stack, in a
//                    StackOutcome there, which it passes on itself when its turn is over
//
// The caller can leave first: its deadline passes, it is cancelled, or its guest ends. Then `waiting()` is
// null, the task runs on, and its result is dropped; `note_late` and `note_unawaited` say when that ends the
// domain. If the domain ends first, each call gets that failure (`end`).
#include "runtime/concurrent_call.h"

#include <fmt/core.h>

#include <array>
#include <bit>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "runtime/engine_guest.h"
#include "runtime/trace.h"
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
  std::optional<FlatValue> number;  // in place of the contents of the arena
};

// Adds the unit and the function to a failure that has none.
void explain_failure(CallFailure& failure, const ExportNames& names) {
  if (failure.unit.empty()) failure.unit = names.unit;
  if (failure.function.empty()) failure.function = names.name;
}

// Ends a call. given: whether the caller has taken the result.
void finish_given(call::Call& call, const ExportNames& names, const Result<void, AbiError>& given) {
  if (given || call.is_broken_off()) return call.finish();
  CallFailure failure;
  failure.message = describe(given.error());
  explain_failure(failure, names);
  call.finish(std::move(failure));
}

// Ends a call with a result, which is null if the function has none.
void finish_caller(call::Call& call, const ExportNames& names, ArenaResult* result) {
  if (result == nullptr) return call.finish();
  if (!result->number)
    return finish_given(call, names, call.give_result(result->arena, result->address));
  // A valid number.
  const std::span number(&*result->number, 1);
  if (call.shape().program.copy_flat_result(number, call.flat_result())) return call.finish();
  abi::ValueArena none;  // a number needs no memory
  finish_given(call, names, call.give_result(abi::From::flat(none, number)));
}

// A call whose parameters wait in an arena, and then its result for a caller that does not wait.
class DeferredCall : public QueuedCall, public call::PendingCall {
 public:
  DeferredCall(Domain& domain, std::shared_ptr<const call::FunctionShape> shape,
               std::shared_ptr<const ExportNames> names, call::Call& call)
      : domain_(domain),
        shape_(std::move(shape)),
        names_(std::move(names)),
        call_(&call),
        bounds_(domain.bounds_of_call(call.bounds())),
        transit_(domain.shared().resources),
        stored_(domain.shared().resources),
        loans_(domain.shared().resources) {}

  // Copies the parameters. Returns false if the caller was broken off.
  [[nodiscard]] bool read_params() {
    const abi::CopyProgram& program = shape_->program;
    if (program.is_flat() && program.copy_flat_params(call_->flat_params(), numbers_.emplace()))
      return true;
    numbers_.reset();
    const abi::From* const params = call_->params();
    if (params == nullptr) return false;
    const auto address = program.lift_params(*params, params_);
    if (!address) {
      call_->break_off(address.error());
      return false;
    }
    params_at_ = *address;
    stored_.store(params_.resources());
    loans_.begin(params_.resources());
    return true;
  }

  // The failure of a call whose parameters could not be read.
  [[nodiscard]] CallFailure broken_off() const {
    CallFailure failure;
    explain(failure);
    failure.message = "the caller broke off the call";
    return failure;
  }

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ && call_ != nullptr ? &*bounds_ : nullptr;
  }
  // Also if nobody waits.
  [[nodiscard]] const std::optional<call::Bounds>& own_bounds() const { return bounds_; }

  void end_wait() override {
    CallFailure failure = explained(late_failure(*bounds_));
    // The task runs on, and nobody gets its result.
    domain_.calls().note_late(failure);
    std::exchange(call_, nullptr)->finish(std::move(failure));
  }

  void end_wait_with(const CallFailure& failure) override {
    if (call_ == nullptr || !call_->caller_name().empty()) return;
    std::exchange(call_, nullptr)->finish(explained(failure));
  }

  [[nodiscard]] bool is_awaited() const override { return call_ != nullptr; }
  [[nodiscard]] std::string_view caller_name() const override {
    return call_ == nullptr ? std::string_view() : call_->caller_name();
  }

  void explain(CallFailure& failure) const override { explain_failure(failure, *names_); }

  void abandon() override {
    call_ = nullptr;
    if (bounds_ && bounds_->are_reached()) domain_.calls().note_late(late_failure(*bounds_));
    domain_.calls().note_unawaited();
  }

 protected:
  [[nodiscard]] Domain& domain() { return domain_; }
  [[nodiscard]] ExportedFunction callee() { return {domain_, shape_, names_}; }
  [[nodiscard]] const call::FunctionShape& shape() const { return *shape_; }
  [[nodiscard]] const ExportNames& names() const { return *names_; }
  [[nodiscard]] Transit& transit() { return transit_; }
  // Null: nobody waits for the outcome.
  [[nodiscard]] call::Call* waiting() const { return call_; }

  // The parameters, whose handles are in transit from now on.
  [[nodiscard]] abi::From take_params() {
    if (numbers_) return abi::From::flat(params_, *numbers_);
    stored_.restore(transit_);
    return abi::From::memory(params_, params_at_);
  }
  // The parameters are not needed any more. Handles that the callee did not take are dropped.
  void drop_params() {
    params_ = abi::ValueArena();
    transit_.finish();
  }

 private:
  Domain& domain_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const ExportNames> names_;
  call::Call* call_;
  std::optional<call::Bounds> bounds_;
  Transit transit_;
  // The parameters: numbers alone, or in the arena.
  std::optional<std::array<FlatValue, abi::kMaxFlatParams>> numbers_;
  abi::ValueArena params_;
  std::uint32_t params_at_ = 0;
  StoredHandles stored_;  // in the parameters
  Loans loans_;           // of borrowed handles in the parameters
};

// The outcome of a call for a caller that waits on its stack.
struct StackOutcome {
  bool has_ended = false;
  std::optional<CallFailure> failure;  // absent if the call has succeeded
  std::unique_ptr<ArenaResult> result;
};

// What guests do after the call that their life was for. They may write the body of a response.
class Rest final : public engine::LoopCall, public CallInProgress {
 public:
  Rest(Domain& domain, const std::optional<call::Bounds>& bounds)
      : domain_(domain), bounds_(bounds) {}

  static void begin(std::unique_ptr<Rest> owned) {
    Rest& rest = *owned;
    rest.domain_.calls().add(std::move(owned));
    rest.domain_.calls().loop().rest(rest);
  }

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ && !is_late_ ? &*bounds_ : nullptr;
  }
  [[nodiscard]] bool is_awaited() const override { return !is_late_; }
  void end_wait() override {
    is_late_ = true;
    domain_.calls().note_late(late_failure(*bounds_));
  }
  void end(const CallFailure& failure) override {
    const auto& report = domain_.shared().on_late_failure;
    if (report && failure.kind != CallFailure::Kind::Ended) report(failure);
  }

  Result<void, CallError> lower(engine::GuestSide& /*callee*/,
                                std::span<FlatValue> /*params*/) override {
    return {};
  }
  void finish(std::unique_ptr<engine::LoopResult> /*result*/) override {
    const CallPtr self = domain_.calls().remove(*this);
  }
  void fail(engine::Failure /*failure*/) override {}  // it does not
  void end_cancelled() override {}                    // it is not cancelled
  void drop() override {}                             // followed by `end`

 private:
  Domain& domain_;
  const std::optional<call::Bounds> bounds_;
  bool is_late_ = false;
};

// A call into a concurrent domain.
class ConcurrentCall final : public engine::LoopCall, public DeferredCall {
 public:
  ConcurrentCall(Domain& domain, std::shared_ptr<const engine::LoopFunction> function,
                 std::shared_ptr<const call::FunctionShape> shape,
                 std::shared_ptr<const ExportNames> names, call::Call& call)
      : engine::LoopCall(std::bit_cast<engine::CallTag>(TraceScope::current())),
        DeferredCall(domain, std::move(shape), std::move(names), call),
        function_(std::move(function)) {}

  // Passes the call to its domain.
  static void begin(std::unique_ptr<ConcurrentCall> owned) {
    ConcurrentCall& call = *owned;
    Domain& domain = call.domain();
    if (call.outcome_ == nullptr && (call.function_ == nullptr || domain.calls().are_held()))
      return domain.calls().queue(std::move(owned));
    domain.calls().add(std::move(owned));
    domain.calls().loop().call(*call.function_, call);
    call.is_on_loop_ = true;
  }

  // Called when the domain holds no calls any more; it may have a new life.
  void run(std::unique_ptr<QueuedCall> self) override {
    if (waiting() == nullptr) return;
    call::Call& caller = *waiting();
    CallFailure failure = no_memory();
    try {
      ExportedFunction exported = callee();
      auto function = exported.find_on_loop();
      if (function) {
        function_ = *std::move(function);
        (void)self.release();
        return begin(std::unique_ptr<ConcurrentCall>(this));
      }
      failure = std::move(function).error();
    } catch (const std::bad_alloc&) {
    }
    if (self != nullptr) return end(failure);
    caller.finish(std::move(failure));  // this object is gone
  }

  void abandon() override {
    DeferredCall::abandon();
    (void)ask_to_end();
  }
  bool ask_to_end() override {
    if (is_on_loop_) domain().calls().loop().cancel(*this);
    return is_on_loop_;
  }
  void end_wait() override {
    if (outcome_ != nullptr) return;
    DeferredCall::end_wait();
    (void)ask_to_end();
  }
  void end_wait_with(const CallFailure& failure) override {
    if (outcome_ == nullptr) DeferredCall::end_wait_with(failure);
  }

  Result<void, CallError> lower(engine::GuestSide& callee, std::span<FlatValue> params) override {
    const abi::CopyProgram& program = shape().program;
    const abi::From from = take_params();
    if (program.copy_flat_params(from.flat_values, params)) return {};
    EngineGuest guest(domain(), callee, {}, shape().param_kinds, transit());
    const abi::To to = program.layout().has_spilled_params() ? abi::To::allocated(guest, params)
                                                             : abi::To::flat(guest, params);
    Result<void, AbiError> copied = program.copy_params(from, to);
    if (copied) copied = guest.put_handles();
    if (!copied) return guest.take_error(copied.error());
    drop_params();
    return {};
  }

  void finish(std::unique_ptr<engine::LoopResult> result) override {
    const auto self = domain().calls().remove(*this);
    if (domain().calls_of_life().outlasts_them) begin_rest();
    end_with({}, std::move(result));
  }
  void fail(engine::Failure failure) override {
    const auto self = domain().calls().remove(*this);
    end(domain().describe(failure));
  }
  void end_cancelled() override {
    const auto self = domain().calls().remove(*this);
    if (waiting() != nullptr) waiting()->finish_cancelled();
  }
  // The domain ends, and `end` follows.
  void drop() override { is_on_loop_ = false; }
  void end(const CallFailure& failure) override { end_with(explained(failure), nullptr); }

  // The caller waits on its stack, and takes the outcome itself. Lifetime: `outcome` lives until the call has
  // ended, or `stop_waiting`.
  void wait_on_stack(StackOutcome& outcome) { outcome_ = &outcome; }
  // The caller has stopped to wait.
  void stop_waiting() {
    outcome_ = nullptr;
    abandon();
  }

 private:
  void begin_rest() noexcept {
    try {
      Rest::begin(std::make_unique<Rest>(domain(), own_bounds()));
    } catch (const std::bad_alloc&) {
      engine::Failure failure;
      failure.message = "out of memory";
      domain().calls().end_soon(std::move(failure));
    }
  }
  // failure: absent if the call has succeeded.
  void end_with(std::optional<CallFailure> failure, std::unique_ptr<engine::LoopResult> result) {
    std::unique_ptr<ArenaResult> read(static_cast<ArenaResult*>(result.release()));
    if (outcome_ != nullptr) {
      *outcome_ = {true, std::move(failure), std::move(read)};
      return;
    }
    if (waiting() == nullptr) return;
    if (failure) return waiting()->finish(*std::move(failure));
    try {
      finish_caller(*waiting(), names(), read.get());
    } catch (const std::bad_alloc&) {
      waiting()->finish(no_memory());
    }
  }

  std::shared_ptr<const engine::LoopFunction> function_;
  bool is_on_loop_ = false;
  StackOutcome* outcome_ = nullptr;  // null: the caller does not wait on its stack
};

// A call of a domain without async code that computes: it waits for a thread of the pool, or for
// another call of the domain.
class WaitingCall final : public DeferredCall {
 public:
  WaitingCall(Domain& domain, const std::shared_ptr<const call::FunctionShape>& shape,
              const std::shared_ptr<const ExportNames>& names, call::Call& call)
      : DeferredCall(domain, shape, names, call), function_(domain, shape, names) {}

  // The domain may compute for long.
  void abandon() override {
    DeferredCall::abandon();
    if (is_running_) return;
    (void)take_params();
    drop_params();
  }

  void run(std::unique_ptr<QueuedCall> /*self*/) override {
    if (waiting() == nullptr) return;
    is_running_ = true;
    std::optional<Entry> entry;
    try {
      entry.emplace(*this, take_params());
      {
        const TraceScope scope(cause_);
        function_.start_now(*entry);
      }
      drop_params();
    } catch (const std::bad_alloc&) {
      return end(no_memory());
    }
    if (waiting() != nullptr) {
      Transit transit(domain().shared().resources);
      entry->give(*this, transit);
    }
  }

  void end(const CallFailure& failure) override {
    if (waiting() != nullptr) waiting()->finish(explained(failure));
  }

 private:
  // The call as the guest gets it.
  class Entry final : public call::Call {
   public:
    Entry(WaitingCall& call, const abi::From& params)
        : Call(call.shape(), params.flat_values, {}, call.bounds()),
          params_(params),
          stored_(call.domain().shared().resources) {}

    [[nodiscard]] const abi::From* params() override { return &params_; }

    // Passes the outcome to the caller.
    void give(WaitingCall& call, Transit& transit) {
      call::Call& caller = *call.waiting();
      if (failure_) return caller.finish(*std::move(failure_));
      Result<void, AbiError> given;
      try {
        stored_.restore(transit);
        if (result_at_) given = caller.give_result(result_, *result_at_);
      } catch (const std::bad_alloc&) {
        return caller.finish(no_memory());
      }
      if (!result_at_) return caller.finish();
      finish_given(caller, call.names(), std::move(given));
    }

   private:
    Result<void, AbiError> take_result(const abi::From& result) override {
      TENON_TRY(result_at_, shape().program.lift_result(result, result_));
      return {};
    }
    Result<void, AbiError> take_arena(abi::ValueArena& arena, std::uint32_t address) override {
      std::swap(result_, arena);
      result_at_ = address;
      return {};
    }
    void keep_break(const AbiError& error) override {
      failure_.emplace();
      failure_->message = describe(error);
    }
    void end(CallFailure* failure) override {
      if (failure != nullptr)
        failure_ = std::move(*failure);
      else
        stored_.store(result_.resources());
    }

    abi::From params_;
    abi::ValueArena result_;
    std::optional<std::uint32_t> result_at_;
    StoredHandles stored_;  // in the result
    std::optional<CallFailure> failure_;
  };

  bool is_running_ = false;
  ExportedFunction function_;  // the callee of the edge can be gone when the call is taken
  const TraceContext cause_ = TraceScope::current();
};

// A call that the caller waits for on its stack.
void wait_for(Domain& domain, std::unique_ptr<ConcurrentCall> owned,
              const std::shared_ptr<const ExportNames>& names, call::Call& call) {
  StackOutcome outcome;
  ConcurrentCall& pending = *owned;  // until it has ended
  pending.wait_on_stack(outcome);
  const std::optional<call::Bounds> bounds =
      pending.bounds() == nullptr ? std::nullopt : std::optional(*pending.bounds());
  ConcurrentCall::begin(std::move(owned));
  const auto wait = [&]() -> CallResult<void> {
    try {
      domain.calls().take_turn();
      const Place::Wait place(domain.place());
      return domain.shared().scheduler.wait_until([&] { return outcome.has_ended; },
                                                  bounds ? &*bounds : nullptr);
    } catch (const std::bad_alloc&) {
      if (!outcome.has_ended) pending.stop_waiting();
      throw;
    }
  };
  const CallResult<void> waited = wait();
  if (outcome.failure) return call.finish(*std::move(outcome.failure));
  if (outcome.has_ended) return finish_caller(call, *names, outcome.result.get());
  // The task runs on, and nobody gets its result.
  CallFailure failure = pending.explained(waited.error());
  pending.stop_waiting();
  domain.calls().note_late(failure);
  domain.calls().end_if_over();
  call.finish(std::move(failure));
}

}  // namespace

Result<std::unique_ptr<engine::LoopResult>, CallError> ArenaReader::read(
    engine::GuestSide& callee, std::span<const FlatValue> result) {
  auto read = std::make_unique<ArenaResult>(domain_.shared().resources);
  const abi::CopyProgram& program = shape_->program;
  if (program.is_flat()) {
    if (program.copy_flat_result(result, std::span(&read->number.emplace(), 1)))
      return std::unique_ptr<engine::LoopResult>(std::move(read));
    read->number.reset();
  }
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
                   std::shared_ptr<const call::FunctionShape> shape,
                   std::shared_ptr<const ExportNames> names, call::Call& call) {
  auto pending =
      std::make_unique<ConcurrentCall>(domain, std::move(function), std::move(shape), names, call);
  if (!pending->read_params()) return call.finish(pending->broken_off());
  if (!call.ends_later()) return wait_for(domain, std::move(pending), names, call);
  ConcurrentCall& begun = *pending;
  ConcurrentCall::begin(std::move(pending));
  // Not if there is no memory to begin it.
  call.set_pending(begun);
  if (!domain.place().computes()) domain.calls().take_turn();
}

void start_queued(Domain& domain, const std::shared_ptr<const call::FunctionShape>& shape,
                  const std::shared_ptr<const ExportNames>& names, call::Call& call) {
  auto pending = std::make_unique<WaitingCall>(domain, shape, names, call);
  if (!pending->read_params()) return call.finish(pending->broken_off());
  WaitingCall& queued = *pending;
  domain.calls().queue(std::move(pending));
  call.set_pending(queued);
}

}  // namespace tenon::runtime
