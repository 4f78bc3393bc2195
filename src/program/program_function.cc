#include "program/program_function.h"

#include <fmt/core.h>

#include <array>
#include <exception>
#include <optional>
#include <span>
#include <utility>

#include "abi/flat_types.h"
#include "call/arena_buffer.h"
#include "packr/graph_writer.h"
#include "program/handle_exchange.h"
#include "runtime/late_answer.h"
#include "support/counted.h"
#include "support/diagnostics.h"

namespace tenon::program {

namespace {

using abi::AbiError;
using detail::ValuesAt;

bool returns_task(const HostFunction& function) {
  return function.typed != nullptr && function.typed->returns_task();
}

// Whether parameters and result are flat. False for a function that returns a task.
bool has_flat_values(const HostFunction& function) {
  if (function.typed == nullptr || function.typed->returns_task()) return false;
  if (function.signature->params_at != ValuesAt::Flat) return false;
  return function.signature->result == nullptr || function.signature->result_at == ValuesAt::Flat;
}

template <class T, class Function>
HostResult<T> call_caught(Function&& function) {
  try {
    return function();
  } catch (const std::exception& thrown) {
    return Trap{std::string("it threw: ") + thrown.what()};
  } catch (...) {
    return Trap{"it threw something that is not a std::exception"};
  }
}

AbiError wrong_params(std::string_view why) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = fmt::format("the values that it passed do not match its type: {}", why)};
}

CallFailure program_trap(const std::string& name, std::string_view why) {
  CallFailure failure;
  failure.function = name;
  failure.message = fmt::format("`{}` of the program: {}", name, why);
  return failure;
}

}  // namespace

std::string describe_first(const Diagnostics& problems) {
  const Diagnostic& first = problems.front();
  return first.where.item.empty() ? first.message
                                  : fmt::format("{}: {}", first.where.item, first.message);
}

struct ProgramFunction::Scratch {
  NativeExchange exchange;
  call::ArenaBuffer buffer;

  Scratch(const std::weak_ptr<runtime::Owner>& owner, const call::FunctionShape& shape,
          HandlesAre handles)
      : exchange(owner, shape, handles), buffer(exchange) {}
};

ProgramFunction::ProgramFunction(HostFunction function,
                                 std::shared_ptr<const call::FunctionShape> shape,
                                 std::shared_ptr<const call::ValueForm> values,
                                 const std::weak_ptr<runtime::Owner>& owner,
                                 runtime::Shared& shared, std::string name, Caller caller)
    : function_(std::move(function)),
      shape_(std::move(shape)),
      values_(std::move(values)),
      owner_(owner),
      shared_(shared),
      name_(std::move(name)),
      caller_(std::move(caller)),
      is_flat_(has_flat_values(function_)) {}

ProgramFunction::~ProgramFunction() = default;

void ProgramFunction::start(call::Call& call) {
  if (is_flat_ && start_flat(call)) return;
  if (returns_task(function_)) return start_task(call);
  start_with_arena(call);
}

void ProgramFunction::start_with_arena(call::Call& call) {
  if (depth_ == scratch_.size())
    scratch_.push_back(std::make_unique<Scratch>(
        owner_, *shape_, values_ ? HandlesAre::Numbers : HandlesAre::Objects));
  Scratch& scratch = *scratch_[depth_];
  runtime::Transit transit(shared_.resources);
  const NativeExchange::Call in_call(scratch.exchange, shared_, transit);
  const Counted nested(depth_);
  scratch.buffer.clear();
  if (values_ != nullptr)
    start_with_values(call, scratch);
  else
    start_typed(call, scratch);
}

bool ProgramFunction::start_flat(call::Call& call) {
  std::array<std::uint64_t, abi::kMaxFlatParams> params;
  if (!shape_->program.copy_flat_params(call.flat_params(), std::span(params))) return false;
  detail::CallFrame frame;
  frame.caller = &caller_;
  frame.flat_params = params;
  const HostResult<void> called = function_.typed->call(nullptr, frame);
  const std::span result(&frame.result, 1);
  if (!called)
    call.finish(trap(called.error().message));
  else if (function_.signature->result == nullptr ||
           shape_->program.copy_flat_result(result, call.flat_result()))
    call.finish();
  else
    give_flat(call, result);
  return true;
}

void ProgramFunction::give_flat(call::Call& call, std::span<const std::uint64_t> result) const {
  abi::ValueArena none;
  give(call, abi::From::flat(none, result));
}

void ProgramFunction::start_typed(call::Call& call, Scratch& scratch) {
  const detail::CppSignature& signature = *function_.signature;
  abi::ValueArena& arena = scratch.buffer.arena();
  std::array<std::uint64_t, abi::kMaxFlatParams> flat = {};
  detail::CallFrame frame;
  frame.caller = &caller_;
  frame.flat_params = flat;
  const abi::From* const params = call.params();
  if (params == nullptr) return call.finish();
  Result<void, AbiError> copied;
  if (signature.params_at == ValuesAt::Flat) {
    copied = shape_->program.copy_params(*params, abi::To::flat(arena, std::span(flat)));
  } else {
    const Result<std::uint32_t, AbiError> lifted = shape_->program.lift_params(*params, arena);
    if (lifted)
      frame.params = *lifted;
    else
      copied = lifted.error();
    scratch.buffer.refresh();
  }
  if (!copied) {
    call.break_off(copied.error());
    return call.finish();
  }
  HostResult<void> called = function_.typed->call(&scratch.buffer, frame);
  if (!called) return call.finish(trap(std::move(called).error().message));
  if (signature.result == nullptr) return call.finish();
  const std::array result = {frame.result};
  give(call, signature.result_at == ValuesAt::Flat
                 ? abi::From::flat(arena, std::span(result))
                 : abi::From::memory(arena, static_cast<std::uint32_t>(frame.result)));
}

// A call of a function that returns a task.
class ProgramFunction::TaskCall final : public runtime::LateAnswer {
 public:
  TaskCall(ProgramFunction& function, call::Call& call)
      : LateAnswer(call, function.shared_),
        function_(function),
        transit_(function.shared_.resources),
        exchange_(function.owner_, *function.shape_, HandlesAre::Objects),
        in_call_(exchange_, function.shared_, transit_),
        buffer_(exchange_) {}

  // Calls the function.
  void run() {
    const abi::From* const params = call().params();
    if (params == nullptr) return end();
    const abi::CopyProgram& program = function_.shape_->program;
    detail::CallFrame frame;
    frame.caller = &function_.caller_;
    std::array<std::uint64_t, abi::kMaxFlatParams> flat = {};
    frame.flat_params = flat;
    Result<void, AbiError> copied;
    if (function_.function_.signature->params_at == ValuesAt::Flat) {
      copied = program.copy_params(*params, abi::To::flat(buffer_.arena(), std::span(flat)));
    } else {
      const Result<std::uint32_t, AbiError> lifted = program.lift_params(*params, buffer_.arena());
      if (lifted)
        frame.params = *lifted;
      else
        copied = lifted.error();
      buffer_.refresh();
    }
    if (!copied) {
      call().break_off(copied.error());
      return end();
    }
    auto started = function_.function_.typed->start(buffer_, frame);
    if (!started) return end(function_.trap(started.error().message));
    task_ = *std::move(started);
    if (task_->is_done()) return give();
    task_->wait(reporter());
    wait();
  }

 private:
  ~TaskCall() override { task_.reset(); }

  void give() override {
    detail::CallFrame frame;
    call::ArenaBuffer result(exchange_);
    HostResult<void> given = task_->give(&result, frame);
    if (!given) return end(function_.trap(given.error().message));
    const detail::CppSignature& signature = *function_.function_.signature;
    if (signature.result == nullptr) return end();
    const std::array flat = {frame.result};
    const abi::From from =
        signature.result_at == ValuesAt::Flat
            ? abi::From::flat(result.arena(), std::span(flat))
            : abi::From::memory(result.arena(), static_cast<std::uint32_t>(frame.result));
    const Result<void, AbiError> passed = call().give_result(from);
    if (passed || call().is_broken_off()) return end();
    end(function_.trap("its result cannot be passed: " + abi::describe(passed.error())));
  }

  ProgramFunction& function_;
  runtime::Transit transit_;
  NativeExchange exchange_;
  NativeExchange::Call in_call_;
  call::ArenaBuffer buffer_;  // the parameters
  std::unique_ptr<detail::HostTask> task_;
};

void ProgramFunction::start_task(call::Call& call) { TaskCall::begin(new TaskCall(*this, call)); }

void ProgramFunction::start_with_values(call::Call& call, Scratch& scratch) {
  abi::ValueArena& arena = scratch.buffer.arena();
  const abi::From* const params = call.params();
  if (params == nullptr) return call.finish();
  const Result<std::uint32_t, AbiError> lifted = shape_->program.lift_params(*params, arena);
  if (!lifted) {
    call.break_off(lifted.error());
    return call.finish();
  }
  const Result<std::vector<Value>> arguments =
      values_->read_params(*lifted, arena, scratch.exchange);
  if (!arguments) return refuse_params(call, arguments.error());
  HostResult<std::optional<Value>> called =
      call_caught<std::optional<Value>>([&] { return (*function_.dynamic)(caller_, *arguments); });
  if (!called) return call.finish(trap(std::move(called).error().message));
  const bool has_result = values_->type().result().has_value();
  if (called->has_value() != has_result)
    return call.finish(trap(has_result ? "it returned nothing, but its type has a result"
                                       : "it returned a value, but its type has no result"));
  if (!has_result) return call.finish();
  arena.clear();
  const Result<std::uint32_t> written = values_->write_result(**called, arena, scratch.exchange);
  if (!written)
    return call.finish(
        trap(fmt::format("its result cannot be passed: {}", describe_first(written.error()))));
  give(call, abi::From::memory(arena, *written));
}

// Values of a wrong type can come only from a package, which is ended. Values that are too large
// can come from any caller.
void ProgramFunction::refuse_params(call::Call& call, const Diagnostics& problems) const {
  if (problems.front().code == code_text(Code::ValueTooLarge))
    return call.finish(
        trap(fmt::format("its parameters cannot be passed: {}", describe_first(problems))));
  call.break_off(wrong_params(describe_first(problems)));
  call.finish();
}

void ProgramFunction::give(call::Call& call, const abi::From& result) const {
  const Result<void, AbiError> passed = call.give_result(result);
  if (passed || call.is_broken_off()) return call.finish();
  call.finish(trap(fmt::format("its result cannot be passed: {}", abi::describe(passed.error()))));
}

CallFailure ProgramFunction::trap(const std::string& why) const { return program_trap(name_, why); }

void RawProgramFunction::start(call::Call& call) {
  if (packr::ImportCall* const import = packr::ImportCall::find(call))
    return start_with_message(*import);
  start_with_values(call);
}

HostResult<RawBytes> RawProgramFunction::run(std::span<const std::uint8_t> params) const {
  return call_caught<RawBytes>([&] { return (*parts_.call)(parts_.caller, params); });
}

void RawProgramFunction::start_with_message(packr::ImportCall& call) const {
  if (const Result<void> checked = parts_.messages->check_params(call.message()); !checked) {
    call.break_off(wrong_params(describe_first(checked.error())));
    return call.finish();
  }
  const HostResult<RawBytes> called = run(call.message());
  if (!called) return call.finish(program_trap(parts_.name, called.error().message));
  if (parts_.messages->type().result()) {
    if (const Result<void> checked = parts_.messages->check_result(called->bytes()); !checked)
      return call.finish(program_trap(
          parts_.name,
          fmt::format("its result does not match its type: {}", describe_first(checked.error()))));
    call.pass_result(called->bytes());
  }
  call.finish();
}

void RawProgramFunction::start_with_values(call::Call& call) const {
  const abi::From* const params = call.params();
  if (params == nullptr) return call.finish();
  abi::ValueArena arena;
  const Result<std::uint32_t, AbiError> lifted = call.shape().program.lift_params(*params, arena);
  if (!lifted) {
    call.break_off(lifted.error());
    return call.finish();
  }
  packr::GraphWriter writer;
  const auto message = parts_.codec->write_params(arena, *lifted, writer);
  if (!message) {
    call.break_off(wrong_params(packr::describe(message.error())));
    return call.finish();
  }
  const HostResult<RawBytes> called = run(*message);
  if (!called) return call.finish(program_trap(parts_.name, called.error().message));
  if (!parts_.codec->has_result()) return call.finish();
  arena.clear();
  const auto result = parts_.codec->read_result(called->bytes(), arena);
  if (!result)
    return call.finish(program_trap(
        parts_.name,
        fmt::format("its result does not match its type: {}", packr::describe(result.error()))));
  const Result<void, AbiError> passed = call.give_result(arena, *result);
  if (passed || call.is_broken_off()) return call.finish();
  call.finish(program_trap(
      parts_.name, fmt::format("its result cannot be passed: {}", abi::describe(passed.error()))));
}

}  // namespace tenon::program
