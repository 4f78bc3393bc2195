#include "linker/bundle_function.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "abi/flat_types.h"
#include "host/native_values.h"
#include "linker/arena_function.h"
#include "linker/bundle_import.h"
#include "runtime/active_call.h"
#include "runtime/engine_guest.h"
#include "support/check.h"
#include "tenon/detail/codec_layout.h"
#include "value/arena_value.h"
#include "value/scalar_kind.h"

namespace tenon::linker {

namespace {

using engine::CallError;
using host::NativeEnd;

constexpr std::size_t kMaxFlat = abi::kMaxFlatParams;

// A number that is one flat value: as native code has it, and back.
bool is_scalar(TypeKind kind) {
  return value::visit_scalar(kind, [](auto /*type*/) {});
}

// How a number is in `tenon_value.of`: found once, for what is asked of each number of a call is
// most of what a call costs.
struct FlatNumber {
  std::uint8_t kind = 0;         // TENON_
  std::uint8_t unused_bits = 0;  // of 64
  bool is_signed = false;

  // The number as its type has it.
  [[nodiscard]] std::uint64_t cut(abi::FlatValue bits) const {
    const std::uint64_t high = bits << unused_bits;
    return is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(high) >> unused_bits)
                     : high >> unused_bits;
  }
  // In place: what is copied right after its parts were written waits for them.
  void set(abi::FlatValue bits, tenon_value& made) const {
    made.kind = kind;
    made.elem = 0;
    made.reserved = 0;
    made.index = 0;
    made.of.u = cut(bits);
  }
};

FlatNumber make_flat_number(TypeKind kind) {
  FlatNumber made{.kind = host::native_kind(kind)};
  value::visit_scalar(kind, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_floating_point_v<T>) return;
    constexpr std::size_t kBits = std::is_same_v<T, bool> ? 1 : sizeof(T) * 8;
    made.unused_bits = static_cast<std::uint8_t>(64 - kBits);
    made.is_signed = std::is_signed_v<T>;
  });
  return made;
}

// What a call needs, kept for the next. A function that comes back to itself has one for each.
struct BundleScratch {
  abi::ValueArena params;  // views of the caller, but for what cannot be
  abi::ValueArena result;
  tenon_call call;

  BundleScratch() { params.take_views(); }
};

// The resources of one call.
class Reps final : public host::RepExchange {
 public:
  Reps(const BundleFunctionParts& parts, runtime::Shared& shared, runtime::Transit& transit)
      : parts_(parts), shared_(shared), transit_(transit) {}

  void* take(abi::ResourceToken token, abi::HandlePart part) override {
    runtime::HeldResource* const held = shared_.resources.find(token);
    TENON_CHECK(held != nullptr);
    // Its type says so: no other makes resources of the kind.
    auto& resource = *static_cast<host::HostedResource*>(const_cast<void*>(held->object.get()));
    if (part.ownership == abi::Ownership::Borrow) return resource.rep();
    const runtime::HeldResource taken = shared_.resources.take(token);
    return resource.release();
  }

  abi::ResourceToken give(void* rep, abi::HandlePart part) override {
    const abi::ResourceToken token =
        shared_.resources.add({.kind = parts_.shape->result_kinds[part.number],
                               .holder = {runtime::Holder::Who::Call},
                               .object = std::make_shared<host::HostedResource>(
                                   *parts_.instance, *parts_.resources[part.number], rep)});
    transit_.add(token);
    return token;
  }

 private:
  const BundleFunctionParts& parts_;
  runtime::Shared& shared_;
  runtime::Transit& transit_;
};

class BundleFunction final : public ArenaFunction {
 public:
  explicit BundleFunction(BundleFunctionParts parts)
      : ArenaFunction(parts.shape, *parts.caller, parts.name),
        parts_(std::move(parts)),
        values_(value::ValueProgram::make(parts_.type, shape().program.layout())),
        owner_(fmt::format("of host `{}`", parts_.instance->name())) {
    find_scalars();
  }

  Result<void, CallError> call(engine::HostCall& call) override {
    if (!runtime::ActiveCall::has_native_room()) return trap(runtime::ActiveCall::kNoNativeRoom);
    if (depth_ == scratch_.size()) scratch_.push_back(std::make_unique<BundleScratch>());
    BundleScratch& scratch = *scratch_[depth_];
    ++depth_;
    scratch.call.clear();
    if (const runtime::Deadline* const deadline = runtime::ActiveCall::innermost_deadline())
      scratch.call.deadline = deadline->at;
    std::array<std::uint64_t, kMaxFlat> flat;
    const bool is_flat =
        is_flat_ && shape().program.copy_flat_params(call.params(), std::span(flat));
    Result<void, CallError> called =
        is_flat ? call_flat(call, flat, scratch) : call_with_memory(call, scratch);
    --depth_;
    if (called && scratch.call.deadline && runtime::Clock::now() >= *scratch.call.deadline)
      return run_over("the native function ran past the deadline");
    return called;
  }

 private:
  // Whether nothing of it is in memory.
  void find_scalars() {
    std::vector<TypeKind> kinds;
    for (const value::ValuePart& part : values_.nodes()[values_.params()].parts)
      kinds.push_back(values_.nodes()[part.node].kind);
    has_result_ = values_.result().is_valid();
    const std::size_t params = kinds.size();
    if (has_result_) kinds.push_back(values_.nodes()[values_.result()].kind);
    is_flat_ = params <= kMaxFlat && std::ranges::all_of(kinds, is_scalar);
    if (!is_flat_) return;
    for (const TypeKind kind : kinds) params_.push_back(make_flat_number(kind));
    if (!has_result_) return;
    result_ = params_.back();
    params_.pop_back();
  }

  Result<void, CallError> call_flat(engine::HostCall& call, std::span<const std::uint64_t> flat,
                                    BundleScratch& scratch) {
    std::array<tenon_value, kMaxFlat> params;
    for (std::size_t i = 0; i < params_.size(); ++i) params_[i].set(flat[i], params[i]);
    tenon_value result = {};
    const NativeEnd end = parts_.instance->call(*parts_.function, scratch.call,
                                                std::span(params).first(params_.size()), result);
    if (end.kind != NativeEnd::Kind::Returned) return fail(end);
    if (!has_result_) return {};
    if (result.kind == result_.kind) {
      const std::array given = {result.of.u};
      // A number that is not of its type has other bits.
      if (result_.cut(result.of.u) == result.of.u &&
          shape().program.copy_flat_result(given, call.result()))
        return {};
    }
    runtime::Transit transit(this->caller().shared());
    runtime::EngineGuest caller(this->caller(), call.caller(), {}, {}, transit);
    return give(result, call, caller, transit, scratch);
  }

  Result<void, CallError> call_with_memory(engine::HostCall& call, BundleScratch& scratch) {
    runtime::Transit transit(this->caller().shared());
    runtime::EngineGuest caller(this->caller(), call.caller(), shape().param_kinds,
                                shape().result_kinds, transit);
    scratch.params.clear();
    const Result<std::uint32_t, abi::AbiError> lifted =
        shape().program.lift_params(params_of(call, caller), scratch.params);
    if (!lifted) return caller.take_error(lifted.error());
    Reps reps(parts_, this->caller().shared(), transit);
    const auto params =
        host::read_native_params(values_,
                                 {.arena = scratch.params,
                                  .address = *lifted,
                                  .lent = caller.memory(),
                                  .lends_text = caller.encoding() == abi::Encoding::Utf8},
                                 scratch.call.memory, reps);
    if (!params) return trap("its params take too much memory");
    tenon_value result = {};
    const NativeEnd end = parts_.instance->call(*parts_.function, scratch.call, *params, result);
    if (end.kind != NativeEnd::Kind::Returned) return fail(end);
    if (!has_result_) return {};
    return give(result, call, caller, transit, scratch);
  }

  Result<void, CallError> give(const tenon_value& result, engine::HostCall& call,
                               runtime::EngineGuest& caller, runtime::Transit& transit,
                               BundleScratch& scratch) {
    scratch.result.clear();
    Reps reps(parts_, this->caller().shared(), transit);
    const auto written = host::write_native_result(values_, result, scratch.result, reps);
    if (!written)
      return CallError::make(fmt::format("host '{}' returned {}, at {} of `{}`",
                                         parts_.instance->name(), written.error().message,
                                         written.error().path, name()));
    return give_result(abi::From::memory(scratch.result, *written), call, caller);
  }

  [[nodiscard]] CallError fail(const NativeEnd& end) const {
    if (end.kind == NativeEnd::Kind::WaitedTooLong)
      return run_over("another call had its library until the deadline");
    return trap(end.text);
  }

  // A guest would be interrupted at its next step, if it has one.
  [[nodiscard]] CallError run_over(const std::string& why) const {
    CallFailure failure = overrun_failure(parts_.instance->name(), name(), why);
    return CallError::make(why, caller().shared().failures.keep(std::move(failure)));
  }

  [[nodiscard]] std::string_view owner() const override { return owner_; }

  BundleFunctionParts parts_;
  value::ValueProgram values_;
  std::string owner_;
  bool has_result_ = false;
  bool is_flat_ = false;
  // If it is flat.
  std::vector<FlatNumber> params_;
  FlatNumber result_;
  std::vector<std::unique_ptr<BundleScratch>> scratch_;
  std::size_t depth_ = 0;  // calls of it that are under way
};

}  // namespace

Result<void> define_bundle_function(engine::Linker& linker, std::string_view interface,
                                    std::string_view name, BundleFunctionParts parts) {
  const engine::FlatCounts counts = runtime::flat_counts(parts.shape->program.layout());
  const engine::ParamHandles handles = runtime::param_handles(*parts.shape, *parts.caller);
  return engine::define_host_function(linker, interface, name, counts,
                                      std::make_unique<BundleFunction>(std::move(parts)), handles);
}

}  // namespace tenon::linker
