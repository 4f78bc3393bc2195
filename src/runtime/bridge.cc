#include "runtime/bridge.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "runtime/crossing.h"
#include "runtime/engine_guest.h"
#include "runtime/flat_call.h"
#include "runtime/handle_call.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;
using engine::CallError;
using engine::FlatValue;

constexpr std::string_view kBrokenOff = "the caller broke off the call";

// Whether the side that takes values broke the copy.
bool blames_taker(const EngineGuest& taker, const AbiError& error) {
  return taker.has_failed() || error.kind == AbiErrorKind::BadAllocation;
}

// Whether the callee's domain is to blame, so that a caller may be told by a value.
bool is_of_callee(CallFailure::Kind kind) {
  switch (kind) {
    case CallFailure::Kind::Trap:
    case CallFailure::Kind::OpenImport:
    case CallFailure::Kind::Deadline:
    case CallFailure::Kind::Ended:
      return true;
    case CallFailure::Kind::Reentrance:
    case CallFailure::Kind::Engine:
    case CallFailure::Kind::BadCall:
      return false;
  }
  return false;
}

void store(abi::ValueArena& arena, std::uint32_t address, std::uint32_t value, std::uint32_t size) {
  std::memcpy(arena.memory().data() + address, &value, size);
}

const abi::Layout& error_layout(const abi::FunctionLayout& layout) {
  return layout.layouts[*layout.layouts[*layout.result].parts[1].layout];
}

// The result `err(...)` with the text of a failure, in the arena. Errors: Limit.
Result<std::uint32_t, AbiError> write_failure(const abi::FunctionLayout& layout,
                                              const FailureValue& value, std::string_view text,
                                              abi::ValueArena& arena) {
  const abi::Layout& result = layout.layouts[*layout.result];
  const auto address = arena.allocate(result.size, result.align);
  if (!address) return address.error();
  std::memset(arena.memory().data() + *address, 0, result.size);
  store(arena, *address, 1, result.discriminant_size);
  std::uint32_t at = *address + result.parts[1].offset;
  if (value.is_case) {
    const abi::Layout& error = error_layout(layout);
    store(arena, at, value.error_case, error.discriminant_size);
    const abi::LayoutPart& chosen = error.parts[value.error_case];
    if (!chosen.layout) return *address;
    at += chosen.offset;
  }
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto bytes = arena.allocate(length, 1);
  if (!bytes) return bytes.error();
  std::memcpy(arena.memory().data() + *bytes, text.data(), length);
  store(arena, at, *bytes, 4);
  store(arena, at + 4, length, 4);
  return *address;
}

// One call from guest to guest.
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
  CallResult<void> read_params() {
    const abi::From given = given_params();
    Result<std::uint32_t, AbiError> read =
        shape_.program.lift_params(given, read_params_.emplace());
    if (read) {
      read_params_at_ = *read;
      return {};
    }
    caller_error_.emplace(caller_.take_error(read.error()));
    CallFailure failure;
    failure.message = kBrokenOff;
    return failure;
  }

  Result<void, CallError> lower(engine::GuestSide& side, std::span<FlatValue> params) override {
    note_entered();
    has_params_ = shape_.program.copy_flat_params(call_.params(), params);
    if (has_params_) return {};
    EngineGuest callee(callee_, side, {}, param_kinds(), transit_there());
    std::optional<ForeignGuest> foreign;
    abi::Guest& taker = as_taken(callee, foreign);
    const abi::To to = shape_.program.layout().has_spilled_params()
                           ? abi::To::allocated(taker, params)
                           : abi::To::flat(taker, params);
    Result<void, AbiError> copied = shape_.program.copy_params(given_params(), to);
    if (copied) copied = callee.put_handles();
    has_params_ = copied.has_value();
    if (copied) return {};
    if (blames_taker(callee, copied.error())) return callee.take_error(copied.error());
    return blame_caller(copied.error());
  }

  Result<void, CallError> lift(engine::GuestSide& side, const FlatValue& result) override {
    const std::span flat(&result, 1);
    if (shape_.program.copy_flat_result(flat, call_.result())) return {};
    EngineGuest callee(callee_, side, result_kinds(), {}, transit_there());
    std::optional<ForeignGuest> foreign;
    abi::Guest& giver = as_taken(callee, foreign);
    const abi::From from = shape_.program.layout().has_spilled_result()
                               ? abi::From::memory(giver, result.u32())
                               : abi::From::flat(giver, flat);
    if (shape_.program.result_allocates() && !can_give_now()) {
      Result<std::uint32_t, AbiError> kept = shape_.program.lift_result(from, kept_.emplace());
      if (!kept) return callee.take_error(kept.error());
      kept_at_ = *kept;
      return {};
    }
    return give_result(from, &callee);
  }

  // When the callee has returned, and before its composition is left.
  void end_crossing() {
    if (crossing_ != nullptr) crossing_->end();
  }

  // What `lift` had to keep, when the callee has returned.
  Result<void, CallError> give_kept() {
    if (!kept_) return {};
    return give_result(abi::From::memory(*kept_, kept_at_), nullptr);
  }

  // When all else went well: what the result has of handles.
  Result<void, CallError> give_handles() {
    const Result<void, AbiError> given = caller_.put_handles();
    if (!given) return caller_.take_error(given.error());
    return {};
  }

  // Instead of a result. The caller has given its params away, also those that nobody took.
  Result<void, CallError> give_failure(const FailureValue& value, std::string_view text) {
    TENON_TRY_VOID(take_params());
    Result<std::uint32_t, AbiError> written =
        write_failure(shape_.program.layout(), value, text, kept_.emplace());
    if (!written) return caller_.take_error(written.error());
    return give_result(abi::From::memory(*kept_, *written), nullptr);
  }

  [[nodiscard]] bool spares_callee() const override { return caller_error_.has_value(); }
  // What the caller did wrong, if that ended the call.
  [[nodiscard]] std::optional<CallError> take_caller_error() { return std::move(caller_error_); }

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

  [[nodiscard]] abi::From given_params() {
    if (read_params_) return abi::From::memory(*read_params_, read_params_at_);
    const auto address = call_.params_address();
    return address ? abi::From::memory(caller_, *address)
                   : abi::From::flat(caller_, call_.params());
  }

  // The own handles of the params that the callee did not get: they go as the call does.
  Result<void, CallError> take_params() {
    if (has_params_ || read_params_ || shape_.param_kinds.empty()) return {};
    caller_.skip_lifted();
    abi::ValueArena scratch;
    const Result<std::uint32_t, AbiError> lifted =
        shape_.program.lift_params(given_params(), scratch);
    if (!lifted) return caller_.take_error(lifted.error());
    return {};
  }

  // Not while an engine with concurrency calls: a caller that cannot take its result would break
  // off that call.
  [[nodiscard]] bool can_give_now() const {
    return !callee_.is_concurrent() && call_.caller().can_allocate();
  }

  CallError blame_caller(const AbiError& error) {
    caller_error_.emplace(caller_.take_error(error));
    return CallError::make(kBrokenOff);
  }

  // callee: null if it has returned.
  Result<void, CallError> give_result(const abi::From& from, EngineGuest* callee) {
    const abi::FunctionLayout& layout = shape_.program.layout();
    std::array<FlatValue, 1> flat = {};
    std::span<std::uint8_t> bytes;
    if (layout.has_spilled_result()) {
      auto given = call_.result_bytes(layout.layouts[*layout.result].size);
      if (!given) return std::move(given).error();
      bytes = *given;
    }
    const abi::To to =
        layout.has_spilled_result() ? abi::To::bytes(caller_, bytes) : abi::To::flat(caller_, flat);
    Result<void, AbiError> copied = shape_.program.copy_result(from, to);
    if (!copied && callee == nullptr) return caller_.take_error(copied.error());
    if (!copied && blames_taker(caller_, copied.error())) return blame_caller(copied.error());
    if (!copied) return callee->take_error(copied.error());
    if (!layout.has_spilled_result()) call_.set_result(flat[0]);
    return {};
  }

  const FunctionShape& shape_;
  Domain& callee_;
  EngineGuest& caller_;
  engine::HostCall& call_;
  Transit& transit_;
  Crossing* crossing_;
  bool has_params_ = false;  // the callee
  std::optional<CallError> caller_error_;
  std::optional<abi::ValueArena> read_params_;
  std::uint32_t read_params_at_ = 0;
  std::optional<abi::ValueArena> kept_;
  std::uint32_t kept_at_ = 0;
};

// The same for an observer.
class ObservedCall final : public ValueCall {
 public:
  ObservedCall(BridgedCall& call, CallObserver& observer) : call_(call), observer_(observer) {}

  Result<void, CallError> lower(engine::GuestSide& side, std::span<FlatValue> params) override {
    note_entered();
    return call_.lower(side, params);
  }
  Result<void, CallError> lift(engine::GuestSide& side, const FlatValue& result) override {
    observer_.see_result(side, result);
    return call_.lift(side, result);
  }
  [[nodiscard]] bool spares_callee() const override { return call_.spares_callee(); }

 private:
  BridgedCall& call_;
  CallObserver& observer_;
};

class BridgedFunction final : public engine::HostFunction {
 public:
  explicit BridgedFunction(BridgedFunctionParts parts)
      : shape_(std::move(parts.shape)),
        caller_(*parts.caller),
        on_failure_(parts.on_failure),
        observer_(std::move(parts.observer)),
        leaves_composition_(&parts.caller->shared() != &parts.callee->shared()),
        is_flat_(shape_->program.is_flat() && !on_failure_ && observer_ == nullptr),
        passes_handles_(HandleCall::fits(*shape_) && !on_failure_ && observer_ == nullptr &&
                        !leaves_composition_),
        passes_handles_out_(leaves_composition_ &&
                            !(shape_->param_kinds.empty() && shape_->result_kinds.empty())),
        kinds_there_(std::move(parts.kinds_there)),
        callee_(*parts.callee, std::move(parts.unit), std::move(parts.name), std::move(parts.path),
                flat_counts(shape_->program.layout())) {}

  Result<void, CallError> call(engine::HostCall& call) override {
    if (is_flat_) {
      FlatCall flat(shape_->program, call.params(), call.result());
      if (flat.is_good()) {
        CallResult<void> called = in_callee([&] { return flat.make(callee_); });
        return called ? Result<void, CallError>() : fail(std::move(called).error());
      }
    }
    if (passes_handles_) {
      HandleCall passing(*shape_, caller_, callee_.domain(), call);
      if (passing.is_good()) return pass_handles(passing);
    }
    Transit transit(caller_.shared());
    EngineGuest caller(caller_, call.caller(), shape_->param_kinds, shape_->result_kinds, transit);
    std::optional<Crossing> crossing;
    if (passes_handles_out_)
      crossing.emplace(*shape_, kinds_there_, caller_.shared(), callee_.domain().shared(), transit);
    BridgedCall bridged(*shape_, callee_.domain(), caller, call, transit,
                        crossing ? &*crossing : nullptr);
    if (observer_ != nullptr) return call_observed(call, bridged);
    return finish(bridged, enter(bridged, &bridged));
  }

 private:
  // A composition that has units in others is entered by one thread at a time. Nothing is asked of
  // the callee before: another thread may swap it.
  // bridged: the call with its values; null: it needs none of the caller.
  CallResult<void> enter(ValueCall& call, BridgedCall* bridged = nullptr) {
    return in_callee([&] { return call_entered(call, bridged); });
  }
  template <class Call>
  CallResult<void> in_callee(Call&& call) {
    if (!leaves_composition_) return call();
    const OwnerLock::Entry entry(*callee_.domain().shared().lock);
    if (entry.is_in()) return call();
    CallFailure refused = entry.failure();
    refused.function = callee_.name();
    return refused;
  }

  CallResult<void> call_entered(ValueCall& call, BridgedCall* bridged) {
    if (bridged == nullptr) return callee_.call(call);
    if (callee_.domain().is_concurrent()) {
      CallResult<void> read = bridged->read_params();
      if (!read) {
        read.error().unit = callee_.unit();
        read.error().function = callee_.name();
        return read;
      }
    }
    CallResult<void> called = callee_.call(call);
    bridged->end_crossing();
    return called;
  }

  Result<void, CallError> pass_handles(HandleCall& call) {
    TENON_TRY_VOID(call.take_params());
    CallResult<void> called = enter(call);
    if (called) return call.give_result();
    if (auto error = call.take_caller_error()) return *std::move(error);
    return fail(std::move(called).error());
  }

  Result<void, CallError> call_observed(engine::HostCall& call, BridgedCall& bridged) {
    observer_->begin(call);
    ObservedCall observed(bridged, *observer_);
    CallResult<void> called = enter(observed, &bridged);
    std::optional<CallFailure> failure;
    if (!called) failure = called.error();
    Result<void, CallError> finished = finish(bridged, std::move(called));
    if (!finished && !failure)
      failure.emplace().message = "the result could not be given to the caller";
    observer_->end(failure ? &*failure : nullptr);
    return finished;
  }

  Result<void, CallError> finish(BridgedCall& bridged, CallResult<void> called) {
    if (called) {
      TENON_TRY_VOID(bridged.give_kept());
      return bridged.give_handles();
    }
    if (auto error = bridged.take_caller_error()) return *std::move(error);
    CallFailure failure = std::move(called).error();
    if (on_failure_ && is_of_callee(failure.kind))
      return bridged.give_failure(*on_failure_, failure_diagnostic(failure).message);
    return fail(std::move(failure));
  }

  // The caller ends as the callee did.
  CallError fail(CallFailure failure) {
    const std::string message = failure.message;
    return CallError::make(message, caller_.shared().failures.keep(std::move(failure)));
  }

  std::shared_ptr<const FunctionShape> shape_;
  Domain& caller_;
  std::optional<FailureValue> on_failure_;
  std::unique_ptr<CallObserver> observer_;
  bool leaves_composition_;
  bool is_flat_;         // numbers alone, and nobody looks on
  bool passes_handles_;  // the same with handles, which stay in their composition
  bool passes_handles_out_;
  HandleKinds kinds_there_;
  ExportedFunction callee_;
};

class BridgedResource final : public engine::HostResource {
 public:
  BridgedResource(const ResourceKind& kind, Shared& shared) : kind_(kind), shared_(shared) {}

  Result<void, CallError> drop(std::uint32_t rep) override {
    const HeldResource* held = shared_.resources.find(rep);
    if (held == nullptr || held->kind->number != kind_.number)
      return CallError::make("a handle that is stale is dropped");
    CallResult<void> result = drop_resource(shared_.resources.take(rep));
    if (result) return {};
    CallFailure failure = std::move(result).error();
    const std::string message = failure.message;
    return CallError::make(message, shared_.failures.keep(std::move(failure)));
  }

 private:
  const ResourceKind& kind_;
  Shared& shared_;
};

}  // namespace

std::optional<FailureValue> find_failure_value(const abi::FunctionLayout& layout,
                                               std::string_view error_case) {
  const abi::Layout& error = error_layout(layout);
  if (error.shape == abi::Shape::String) return FailureValue{};
  if (error.shape != abi::Shape::Variant || error_case.empty()) return std::nullopt;
  for (std::uint32_t i = 0; i < error.parts.size(); ++i) {
    const abi::LayoutPart& part = error.parts[i];
    if (part.label != error_case) continue;
    if (!part.layout || layout.layouts[*part.layout].shape == abi::Shape::String)
      return FailureValue{true, i};
  }
  return std::nullopt;
}

engine::FlatCounts flat_counts(const abi::FunctionLayout& layout) {
  engine::FlatCounts counts;
  counts.params = layout.has_spilled_params()
                      ? engine::kSpilled
                      : static_cast<std::uint8_t>(layout.layouts[layout.params].flat.count());
  if (layout.result) {
    counts.results = layout.has_spilled_result()
                         ? engine::kSpilled
                         : static_cast<std::uint8_t>(layout.layouts[*layout.result].flat.count());
  }
  return counts;
}

engine::ParamHandles param_handles(const FunctionShape& shape, const Domain& caller) {
  const bool has_own = std::ranges::any_of(
      shape.param_kinds, [&](const ResourceKind* kind) { return kind->home == &caller; });
  return has_own ? engine::ParamHandles::Any : engine::ParamHandles::OfHost;
}

Result<void> define_bridged_function(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, BridgedFunctionParts parts) {
  const engine::FlatCounts counts = flat_counts(parts.shape->program.layout());
  const engine::ParamHandles handles = param_handles(*parts.shape, *parts.caller);
  return engine::define_host_function(linker, interface, name, counts,
                                      std::make_unique<BridgedFunction>(std::move(parts)), handles);
}

Result<void> define_bridged_resource(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, const ResourceKind& kind,
                                     Shared& shared) {
  return engine::define_host_resource(linker, interface, name, kind.number,
                                      std::make_unique<BridgedResource>(kind, shared));
}

}  // namespace tenon::runtime
