// A call into a component:
//
//   1. The domain is made ready, if necessary by beginning a life, and the engine is called.
//   2. The engine requests the parameters (`lower`). They are copied from the caller directly into
//      the guest's memory, with the guest's own allocator.
//   3. The guest runs. A call that it makes is another call on the same thread.
//   4. The engine offers the result (`lift`) before the guest frees it. The caller copies it.
//   5. The guest frees its result (post-return), and the call ends. Only then does the caller get
//      the handles of the result, so that a failure before that point leaves none with the caller.
//
// There are two other paths. A call of numbers passes an array of flat values and nothing else. And
// a call into a concurrent domain runs on its event loop (concurrent_call.h).
#include "runtime/exported_function.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "abi/flat_types.h"
#include "abi/value_arena.h"
#include "runtime/concurrent_call.h"
#include "runtime/engine_guest.h"
#include "runtime/scheduler.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using engine::CallError;
using engine::FlatValue;

// The engine's error for a call that its caller broke off.
constexpr std::string_view kBrokenOff = "the caller broke off the call";

// Whether the copy failed because of the guest that receives the values, not because of their
// source.
bool blames_guest(const EngineGuest& guest, const AbiError& error) {
  return guest.has_failed() || error.kind == abi::AbiErrorKind::BadAllocation;
}

}  // namespace

class ExportedFunction::Transfer final : public engine::RawCall {
 public:
  Transfer(const ExportedFunction& function, call::Call& call)
      : domain_(function.domain_),
        shape_(*function.shape_),
        call_(call),
        transit_(function.domain_.shared().resources) {}

  // Whether the engine requested the parameters. The guest is not responsible for a failure before
  // that.
  [[nodiscard]] Entered has_entered() const { return has_entered_; }

  Result<void, CallError> lower(engine::GuestSide& side, std::span<FlatValue> params) override {
    has_entered_ = Entered::Yes;
    const abi::CopyProgram& program = shape_.program;
    if (program.copy_flat_params(call_.flat_params(), params)) return {};
    EngineGuest guest(domain_, side, {}, shape_.param_kinds, transit_);
    const abi::To to = program.layout().has_spilled_params() ? abi::To::allocated(guest, params)
                                                             : abi::To::flat(guest, params);
    Result<void, AbiError> copied = copy_params(to);
    if (copied) copied = guest.put_handles();
    if (copied) return {};
    if (blames_guest(guest, copied.error())) return guest.take_error(copied.error());
    if (!call_.is_broken_off()) call_.break_off(copied.error());
    return CallError::make(kBrokenOff);
  }

  Result<void, CallError> lift(engine::GuestSide& side,
                               std::span<const FlatValue> result) override {
    const abi::CopyProgram& program = shape_.program;
    if (program.copy_flat_result(result, call_.flat_result())) return {};
    EngineGuest guest(domain_, side, shape_.result_kinds, {}, transit_);
    const abi::From from = program.layout().has_spilled_result()
                               ? abi::From::memory(guest, result[0].u32())
                               : abi::From::flat(guest, result);
    const Result<void, AbiError> copied = call_.give_result(from);
    if (copied) return {};
    if (call_.is_broken_off()) return CallError::make(kBrokenOff);
    return guest.take_error(copied.error());
  }

 private:
  Result<void, AbiError> copy_params(const abi::To& to) {
    const abi::From* const params = call_.params();
    if (params == nullptr) return AbiError{.kind = abi::AbiErrorKind::Guest};
    return shape_.program.copy_params(*params, to);
  }

  Domain& domain_;
  const call::FunctionShape& shape_;
  call::Call& call_;
  Transit transit_;  // handles of the result, until the caller owns them
  Entered has_entered_ = Entered::No;
};

namespace {

Entered has_entered(const engine::NumberCall& raw_call) {
  return raw_call.has_entered ? Entered::Yes : Entered::No;
}
template <class Transfer>
Entered has_entered(const Transfer& transfer) {
  return transfer.has_entered();
}

}  // namespace

ExportedFunction::ExportedFunction(Domain& domain, std::shared_ptr<const call::FunctionShape> shape,
                                   std::shared_ptr<const ExportNames> names)
    : domain_(domain), shape_(std::move(shape)), names_(std::move(names)) {}

void ExportedFunction::start(call::Call& call) {
  if (domain_.is_concurrent()) return start_on_loop(call);
  if (!call.ends_later()) return start_now(call);
  if (domain_.calls().must_queue()) return start_queued(domain_, shape_, names_, call);
  const Place::RunLength length(domain_.place());
  start_now(call);
}

void ExportedFunction::start_now(call::Call& call) {
  if (shape_->program.is_flat() && start_with_numbers(call)) return;
  start_with_values(call);
}

bool ExportedFunction::start_with_numbers(call::Call& call) {
  const abi::CopyProgram& program = shape_->program;
  const abi::FlatInput& passed = call.flat_params();
  std::array<abi::FlatValue, abi::kMaxFlatParams> params;
  engine::NumberCall numbers = {.params = params.data()};
  if (passed.stride() == sizeof(abi::FlatValue) && program.takes_as_they_are(passed))
    numbers.params = reinterpret_cast<const abi::FlatValue*>(passed.first());
  else if (!program.copy_flat_params(passed, std::span(params)))
    return false;
  CallResult<void> called = enter(numbers, call);
  const std::span result(&numbers.result, 1);
  if (called && program.layout().result && !program.copy_flat_result(result, call.flat_result())) {
    abi::ValueArena arena;  // a flat result needs no memory
    const Result<void, AbiError> copied = call.give_result(abi::From::flat(arena, result));
    if (!copied && !call.is_broken_off()) called = refuse_result(describe(copied.error()));
  }
  call.finish(std::move(called));
  return true;
}

void ExportedFunction::start_with_values(call::Call& call) {
  Transfer transfer(*this, call);
  call.finish(enter(transfer, call));
}

void ExportedFunction::start_on_loop(call::Call& call) {
  std::shared_ptr<const engine::LoopFunction> function;
  // If the domain holds it, the call is queued. The function is looked up then, because the
  // domain may have a new life.
  if (!call.ends_later() || !domain_.calls().are_held()) {
    CallResult<void> prepared = prepare_domain(call);
    if (prepared) {
      if (auto found = find_in_life())
        function = *std::move(found);
      else
        prepared = std::move(found).error();
    }
    if (!prepared) return call.finish(std::move(prepared).error());
  }
  runtime::start_on_loop(domain_, std::move(function), shape_, names_, call);
}

CallResult<void> ExportedFunction::prepare_domain(const call::Call& call) {
  domain_.calls().end_if_over();
  // A caller that does not wait on its stack can call back: the guest takes the call later.
  const bool is_taken_later =
      call.ends_later() && domain_.place().is_entered() && domain_.calls().has_loop();
  if (is_taken_later || domain_.is_ready()) return {};
  if (auto failure = domain_.make_ready()) {
    failure->function = name();
    return *std::move(failure);
  }
  return {};
}

CallResult<std::shared_ptr<const engine::LoopFunction>> ExportedFunction::find_on_loop() {
  if (!domain_.is_ready()) {
    if (auto failure = domain_.make_ready()) {
      failure->function = name();
      return *std::move(failure);
    }
  }
  return find_in_life();
}

CallResult<std::shared_ptr<const engine::LoopFunction>> ExportedFunction::find_in_life() {
  if (life_ == domain_.life() && loop_function_ != nullptr) return loop_function_;
  const std::vector<std::string_view> path(names_->path.begin(), names_->path.end());
  engine::ResultReader& reader =
      domain_.calls().keep(shape_.get(), std::make_unique<ArenaReader>(domain_, shape_));
  auto function = engine::LoopFunction::make(domain_.instance(), path,
                                             flat_counts(shape_->program.layout()), reader);
  if (!function) return domain_.describe(function.error());
  loop_function_ = std::make_shared<const engine::LoopFunction>(*std::move(function));
  life_ = domain_.life();
  return loop_function_;
}

CallResult<void> ExportedFunction::prepare() {
  if (!domain_.is_ready()) {
    if (auto failure = domain_.make_ready()) {
      failure->function = name();
      return *std::move(failure);
    }
  }
  if (life_ == domain_.life()) return {};
  const std::vector<std::string_view> path(names_->path.begin(), names_->path.end());
  auto function = engine::RawFunction::find(domain_.store(), domain_.instance(), path,
                                            flat_counts(shape_->program.layout()));
  if (!function) return domain_.describe(function.error());
  function_.emplace(*std::move(function));
  life_ = domain_.life();
  return {};
}

template <class RawCall>
CallResult<void> ExportedFunction::enter(RawCall& raw_call, call::Call& call) {
  if (!is_prepared()) TENON_TRY_VOID(prepare());
  const Result<void, engine::Failure> called =
      domain_.run_guest(call.bounds(), [&] { return function_->call(domain_.store(), raw_call); });
  if (called) {
    domain_.finish_call();
    return {};
  }
  CallFailure failure = explain(called.error(), has_entered(raw_call));
  // A panic is a bug of the engine. Its store is not used again, even if the caller caused it.
  if (call.is_broken_off() && called.error().kind != engine::FailureKind::Panic)
    domain_.finish_call();
  else
    domain_.end_after(called.error().kind, failure);
  return failure;
}

CallFailure ExportedFunction::explain(const engine::Failure& failure, Entered entered) {
  CallFailure explained = domain_.describe(failure, entered);
  Domain::add_names(explained, unit(), name());
  return explained;
}

CallFailure ExportedFunction::refuse_result(std::string message) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Trap;
  failure.unit = unit();
  failure.function = name();
  failure.message = std::move(message);
  domain_.end(failure);
  return failure;
}

}  // namespace tenon::runtime
