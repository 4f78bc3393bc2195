#include "linker/native_function.h"

#include <fmt/core.h>

#include <array>
#include <exception>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "abi/flat_types.h"
#include "linker/arena_function.h"
#include "linker/handle_exchange.h"
#include "runtime/engine_guest.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "value/arena_buffer.h"
#include "value/arena_value.h"

namespace tenon::linker {

namespace {

using abi::AbiError;
using engine::CallError;
using engine::FlatValue;

// The arena of one call, kept for the next. A function that comes back to itself has one for each.
struct NativeScratch {
  NativeExchange exchange;
  value::ArenaBuffer buffer;

  NativeScratch(const std::weak_ptr<Running>& running, const runtime::FunctionShape& shape,
                HandlesAre handles)
      : exchange(running, shape, handles), buffer(exchange) {}
};

class NativeFunction final : public ArenaFunction {
 public:
  explicit NativeFunction(NativeFunctionParts parts)
      : ArenaFunction(std::move(parts.shape), *parts.caller, std::move(parts.name)),
        function_(std::move(parts.function)),
        running_(std::move(parts.running)) {
    is_flat_ = function_.typed != nullptr && function_.signature->params_at == ValuesAt::Flat &&
               (function_.signature->result == nullptr ||
                function_.signature->result_at == ValuesAt::Flat);
    if (parts.type)
      values_.emplace(value::ValueProgram::make(*std::move(parts.type), shape().program.layout()));
  }

  Result<void, CallError> call(engine::HostCall& call) override {
    std::array<std::uint64_t, abi::kMaxFlatParams> flat;
    if (is_flat_ && shape().program.copy_flat_params(call.params(), std::span(flat)))
      return call_flat(call, flat);
    runtime::Transit transit(this->caller().shared());
    runtime::EngineGuest caller(this->caller(), call.caller(), shape().param_kinds,
                                shape().result_kinds, transit);
    if (depth_ == scratch_.size())
      scratch_.push_back(std::make_unique<NativeScratch>(
          running_, shape(), values_ ? HandlesAre::Numbers : HandlesAre::Objects));
    NativeScratch& scratch = *scratch_[depth_];
    const NativeExchange::Call in_call(scratch.exchange, this->caller().shared(), transit);
    ++depth_;
    scratch.buffer.clear();
    Result<void, CallError> called =
        values_ ? call_with_values(call, caller, scratch) : call_typed(call, caller, scratch);
    --depth_;
    return called;
  }

 private:
  using ValuesAt = detail::ValuesAt;

  // Nothing of the guest is needed.
  Result<void, CallError> call_flat(engine::HostCall& call, std::span<const std::uint64_t> params) {
    detail::CallFrame frame;
    frame.flat_params = params;
    HostResult<void> called = function_.typed->call(nullptr, frame);
    if (!called) return trap(std::move(called).error().message);
    if (function_.signature->result == nullptr) return {};
    const std::array result = {frame.result};
    if (shape().program.copy_flat_result(result, call.result())) return {};
    runtime::Transit transit(this->caller().shared());
    runtime::EngineGuest caller(this->caller(), call.caller(), {}, shape().result_kinds, transit);
    abi::ValueArena arena;
    return give_result(abi::From::flat(arena, result), call, caller);
  }

  Result<void, CallError> call_typed(engine::HostCall& call, runtime::EngineGuest& caller,
                                     NativeScratch& scratch) {
    const detail::CppSignature& signature = *function_.signature;
    abi::ValueArena& arena = scratch.buffer.arena();
    std::array<std::uint64_t, abi::kMaxFlatParams> flat = {};
    detail::CallFrame frame;
    frame.flat_params = flat;
    const abi::From params = params_of(call, caller);
    if (signature.params_at == ValuesAt::Flat) {
      const Result<void, AbiError> copied =
          shape().program.copy_params(params, abi::To::flat(arena, std::span(flat)));
      if (!copied) return caller.take_error(copied.error());
    } else {
      const Result<std::uint32_t, AbiError> lifted = shape().program.lift_params(params, arena);
      if (!lifted) return caller.take_error(lifted.error());
      frame.params = *lifted;
      scratch.buffer.refresh();
    }
    HostResult<void> called = function_.typed->call(&scratch.buffer, frame);
    if (!called) return trap(std::move(called).error().message);
    if (signature.result == nullptr) return {};
    const std::array result = {frame.result};
    return give_result(signature.result_at == ValuesAt::Flat
                           ? abi::From::flat(arena, std::span(result))
                           : abi::From::memory(arena, static_cast<std::uint32_t>(frame.result)),
                       call, caller);
  }

  Result<void, CallError> call_with_values(engine::HostCall& call, runtime::EngineGuest& caller,
                                           NativeScratch& scratch) {
    abi::ValueArena& arena = scratch.buffer.arena();
    const Result<std::uint32_t, AbiError> lifted =
        shape().program.lift_params(params_of(call, caller), arena);
    if (!lifted) return caller.take_error(lifted.error());
    if (!values_->params_fit(*lifted, arena, limits::kReadValueBytes))
      return trap(fmt::format("its params as values would take more than {} bytes of memory",
                              limits::kReadValueBytes));
    const std::vector<Value> params = values_->read_params(*lifted, arena, scratch.exchange);
    HostResult<std::optional<Value>> called = call_dynamic(params);
    if (!called) return trap(std::move(called).error().message);
    const bool has_result = shape().program.layout().result.has_value();
    if (called->has_value() != has_result)
      return trap(has_result ? "it gave no result" : "it gave a result, and has none");
    if (!has_result) return {};
    arena.clear();
    const Result<std::uint32_t> written = values_->write_result(**called, arena, scratch.exchange);
    if (!written)
      return trap(fmt::format("its result cannot be passed: {}: {}",
                              written.error().front().where.item, written.error().front().message));
    return give_result(abi::From::memory(arena, *written), call, caller);
  }

  HostResult<std::optional<Value>> call_dynamic(const std::vector<Value>& params) {
    try {
      return (*function_.dynamic)(params);
    } catch (const std::exception& thrown) {
      return Trap{std::string("it threw: ") + thrown.what()};
    } catch (...) {
      return Trap{"it threw what is no std::exception"};
    }
  }

  [[nodiscard]] std::string_view owner() const override { return "of the program"; }

  tenon::HostFunction function_;
  std::weak_ptr<Running> running_;
  bool is_flat_ = false;                       // of its params and its result nothing is in memory
  std::optional<value::ValueProgram> values_;  // of a function with values
  std::vector<std::unique_ptr<NativeScratch>> scratch_;
  std::size_t depth_ = 0;  // calls of it that are under way
};

}  // namespace

Result<void> define_native_function(engine::Linker& linker, std::string_view interface,
                                    std::string_view name, NativeFunctionParts parts) {
  const engine::FlatCounts counts = runtime::flat_counts(parts.shape->program.layout());
  const engine::ParamHandles handles = runtime::param_handles(*parts.shape, *parts.caller);
  return engine::define_host_function(linker, interface, name, counts,
                                      std::make_unique<NativeFunction>(std::move(parts)), handles);
}

}  // namespace tenon::linker
