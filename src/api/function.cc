#include "tenon/function.h"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "api/functions.h"
#include "api/pending_call.h"
#include "api/typed_port.h"
#include "call/value_form.h"
#include "link/callees.h"
#include "packr/encoded_values.h"
#include "packr/message_call.h"
#include "program/handle_exchange.h"
#include "program/program_function.h"
#include "runtime/active_call.h"
#include "runtime/program_call.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"

namespace tenon {

// Implements calls with `Value`s.
struct Callable {
  api::FoundFunction function;
  std::shared_ptr<const call::FunctionShape> shape;
  std::shared_ptr<const call::ValueForm> values;
  abi::ValueArena arena = abi::ValueArena();  // reused from call to call; see `ArenaUse`
};

struct Function::Impl {
  std::weak_ptr<link::Running> running;
  std::string interface;
  std::string name;
  FunctionType type;
  resolve::UnitExport from;
  mutable std::optional<Callable> callable;  // absent: see `problems`
  Diagnostics problems;
};

namespace {

CallFailure bad_call(const Function& function, Diagnostics problems) {
  return detail::refuse_call(shown_name(function.interface(), function.name()),
                             std::move(problems));
}

// Reads a result. If that fails, its handles are dropped.
Result<Value> read_result(const Callable& callable, std::uint32_t at, abi::ValueArena& arena,
                          program::ProgramExchange& exchange, link::Running* running) {
  try {
    Result<Value> result = callable.values->read_result(at, arena, exchange);
    if (!result && running != nullptr) running->shared.program.drop_unread(arena.resources());
    return result;
  } catch (const std::bad_alloc&) {
    if (running != nullptr) running->shared.program.drop_unread(arena.resources());
    throw;
  }
}

// Takes the arena of a function for one call. A nested call of the same function, by a start
// function or a destructor, gets an arena of its own.
class ArenaUse final {
 public:
  explicit ArenaUse(Callable& callable)
      : callable_(callable), arena_(std::exchange(callable.arena, abi::ValueArena())) {
    arena_.clear();
  }
  ArenaUse(const ArenaUse&) = delete;
  ArenaUse& operator=(const ArenaUse&) = delete;
  ~ArenaUse() { callable_.arena = std::move(arena_); }

  [[nodiscard]] abi::ValueArena& arena() { return arena_; }

 private:
  Callable& callable_;
  abi::ValueArena arena_;
};

CallFailure too_large(const Function& function, const std::string& unit) {
  Diagnostic problem = make_diagnostic(
      Code::ValueTooLarge, "`{}` returned values that take more than {} bytes of memory", unit,
      limits::kReadValueBytes);
  problem.where.item = "$result";
  problem.hints.emplace_back(
      "call it with C++ types, which take less (tenon::TypedFunction), or ask for less at a "
      "time");
  CallFailure failure = bad_call(function, {std::move(problem)});
  failure.unit = unit;
  return failure;
}

// The failure for a result that cannot be read, because it is too large or does not have its type.
// A wrong type ends the package.
CallFailure refuse_result(const Function& function, const api::FoundFunction& callee,
                          const Diagnostics& problems) {
  const Diagnostic& first = problems.front();
  if (first.code == code_text(Code::ValueTooLarge)) return too_large(function, callee.unit);
  CallFailure failure;
  failure.unit = callee.unit;
  failure.function = callee.name;
  failure.message = fmt::format("its result does not match its type: {}",
                                first.where.item.empty()
                                    ? first.message
                                    : fmt::format("{}: {}", first.where.item, first.message));
  callee.domain->end(failure);
  return failure;
}

}  // namespace

const std::string& Function::interface() const { return impl_->interface; }
const std::string& Function::name() const { return impl_->name; }
const FunctionType& Function::type() const { return impl_->type; }

CallResult<std::optional<Value>> Function::call(std::span<const Value> arguments) const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return bad_call(*this, {api::gone_problem(name())});
  if (!impl_->callable) return bad_call(*this, impl_->problems);
  Callable& callable = *impl_->callable;
  const api::FoundFunction& function = callable.function;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return function.refuse(entry.failure());
  if (auto problem = function.find_change()) return bad_call(*this, {*std::move(problem)});
  program::ProgramExchange exchange(impl_->running, *callable.shape, program::HandlesAre::Numbers);
  ArenaUse use(callable);
  abi::ValueArena& arena = use.arena();
  Result<std::uint32_t> params = callable.values->write_params(arguments, arena, exchange);
  if (!params) return bad_call(*this, std::move(params).error());
  runtime::ProgramCall call(*callable.shape, running->shared, arena,
                            abi::From::memory(arena, *params));
  function.callee->start(call);
  if (!call.is_success()) return call.take_failure(function.name);
  if (!impl_->type.result()) return std::optional<Value>();
  Result<Value> result = read_result(callable, *call.result(), arena, exchange, running.get());
  if (result) return std::optional(*std::move(result));
  return refuse_result(*this, function, result.error());
}

CallResult<void> Function::call_encoded(std::span<const std::uint8_t> params,
                                        std::vector<std::uint8_t>& result) const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return bad_call(*this, {api::gone_problem(name())});
  if (!impl_->callable) return bad_call(*this, impl_->problems);
  Callable& callable = *impl_->callable;
  const api::FoundFunction& function = callable.function;
  if (callable.shape->form != call::FunctionShape::Form::Encoded) {
    Diagnostic problem = make_diagnostic(Code::TypeUnsupportedValue,
                                         "`{}` takes no encoded values: `{}` is not a package",
                                         function.name, function.unit);
    problem.hints.emplace_back("call it with C++ types or `Value`s");
    return bad_call(*this, {std::move(problem)});
  }
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return function.refuse(entry.failure());
  if (auto problem = function.find_change()) return bad_call(*this, {*std::move(problem)});
  const auto& values = static_cast<const packr::EncodedValues&>(*callable.values);
  if (Result<void> checked = values.check_params(params); !checked)
    return bad_call(*this, std::move(checked).error());
  const packr::CheckMessage check =
      [&values](std::span<const std::uint8_t> message) -> std::optional<std::string> {
    const Result<void> checked = values.check_result(message);
    return checked ? std::nullopt : std::optional(program::describe_first(checked.error()));
  };
  packr::MessageCall call(*callable.shape, params, result, check,
                          runtime::ActiveCall::innermost_bounds());
  function.callee->start(call);
  return call.take_outcome();
}

namespace {

// A call with `Value`s that was started, as the state of a task.
class ValueCall final : public detail::TaskState<CallResult<std::optional<Value>>> {
 public:
  // function: keeps `callable`.
  ValueCall(Function function, const std::weak_ptr<link::Running>& running,
            const Callable& callable)
      : function_(std::move(function)),
        running_(running),
        callable_(callable),
        call_(running, *callable.shape, program::HandlesAre::Numbers) {}

  void start(std::span<const Value> arguments) {
    const auto running = running_.lock();
    if (running == nullptr) return set_value(bad_call(function_, {api::gone_problem(name())}));
    const runtime::OwnerLock::Entry entry(*running->shared.lock);
    if (!entry.is_in()) return set_value(callable_.function.refuse(entry.failure()));
    if (auto problem = callable_.function.find_change())
      return set_value(bad_call(function_, {*std::move(problem)}));
    abi::ValueArena& arena = call_.buffer().arena();
    Result<std::uint32_t> params =
        callable_.values->write_params(arguments, arena, call_.exchange());
    if (!params) {
      call_.give_up();
      return set_value(bad_call(function_, std::move(params).error()));
    }
    call_.start(*callable_.function.callee, running->shared, abi::From::memory(arena, *params),
                [this] { finish(); });
  }

  void release() override { delete this; }
  void cancel() override { call_.cancel(); }
  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return call_.driver(); }

 private:
  ~ValueCall() override = default;

  [[nodiscard]] const std::string& name() const { return callable_.function.name; }
  void finish() {
    try {
      set_value(take_result());
    } catch (const std::bad_alloc&) {
      set_exception(std::current_exception());
    }
    run_continuation();
  }
  [[nodiscard]] CallResult<std::optional<Value>> take_result() {
    TENON_TRY(const std::optional<std::uint32_t> at, call_.take_result(callable_.function));
    if (!function_.type().result() || !at) return std::optional<Value>();
    Result<Value> result = read_result(callable_, *at, call_.buffer().arena(), call_.exchange(),
                                       running_.lock().get());
    if (result) return std::optional(*std::move(result));
    return refuse_result(function_, callable_.function, result.error());
  }

  Function function_;
  std::weak_ptr<link::Running> running_;
  const Callable& callable_;
  api::PendingCall call_;
};

}  // namespace

Task<CallResult<std::optional<Value>>> Function::start(std::span<const Value> arguments) const {
  using Outcome = CallResult<std::optional<Value>>;
  if (!impl_->callable) return api::make_done_task(Outcome(bad_call(*this, impl_->problems)));
  auto* const call = new ValueCall(*this, impl_->running, *impl_->callable);
  Task<Outcome> task(call);
  call->start(arguments);
  return task;
}

Result<std::shared_ptr<detail::CallPort>> Function::make_port() const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return api::gone_problem(name());
  if (!impl_->callable) return impl_->problems;
  Callable& callable = *impl_->callable;
  std::shared_ptr<const call::FunctionShape> shape = callable.shape;
  std::unique_ptr<call::Callee> callee;
  if (shape->form == call::FunctionShape::Form::Encoded) {
    const std::lock_guard tables(running->tables);
    link::CallTable& calls = link::call_table(*running);
    const std::string_view function = impl_->interface.empty() ? std::string_view() : impl_->name;
    TENON_TRY(link::ExportCallee canonical,
              link::make_canonical_callee(*running, calls, impl_->from, function, impl_->type));
    shape = std::move(canonical.shape);
    callee = std::move(canonical.callee);
  }
  return std::shared_ptr<detail::CallPort>(std::make_shared<api::TypedPort>(
      *this, running, callable.function, std::move(shape), std::move(callee)));
}

namespace api {

Function make_function(const std::shared_ptr<link::Running>& running,
                       const link::ExportedItem& item) {
  link::CallTable& calls = link::call_table(*running);
  FunctionType type = value::make_function_type(calls.types().graph(), item.function);
  Result<link::ExportCallee> exported = link::make_export_callee(*running, calls, item, type);
  Function::Impl impl{running, item.interface, item.name, std::move(type), item.from, {}, {}};
  if (!exported) {
    impl.problems = std::move(exported).error();
    return Function(std::make_shared<const Function::Impl>(std::move(impl)));
  }
  runtime::Domain& domain = calls.domain_of(item.from.unit);
  FoundFunction found{
      .name = std::move(exported->name),
      .unit = calls.plan().units[item.from.unit].name,
      .domain = &domain,
      .callee = std::move(exported->callee),
      .exports = item.is_of_unit ? std::optional(domain.exports_version()) : std::nullopt};
  impl.callable.emplace(
      Callable{std::move(found), std::move(exported->shape), std::move(exported->values)});
  return Function(std::make_shared<const Function::Impl>(std::move(impl)));
}

}  // namespace api

}  // namespace tenon
