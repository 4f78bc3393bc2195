#include "tenon/function.h"

#include <fmt/format.h>

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "linker/functions.h"
#include "runtime/outside_call.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"
#include "value/arena_buffer.h"
#include "value/arena_value.h"

namespace tenon {

namespace {

// Which handles one call is given: an own one once, and not lent as well.
class GivenHandles final {
 public:
  // False: the call has it already.
  bool add(std::uint64_t id, abi::Ownership ownership) {
    const auto [given, is_new] = given_.try_emplace(id, ownership);
    return is_new ||
           (given->second == abi::Ownership::Borrow && ownership == abi::Ownership::Borrow);
  }
  void clear() { given_.clear(); }

 private:
  std::unordered_map<std::uint64_t, abi::Ownership> given_;
};

// The program's handles in the values of one call.
class Exchange final : public value::HandleExchange {
 public:
  Exchange(const std::shared_ptr<linker::Running>& running, const runtime::FunctionShape& shape,
           GivenHandles& given)
      : running_(running), shape_(shape), given_(given) {}

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override {
    const runtime::ResourceKind& wanted = *shape_.param_kinds[part.number];
    const runtime::HeldResource* held = running_->shared.program.find(handle.id);
    if (held == nullptr) {
      return make_diagnostic(Code::ValueHandle,
                             "`<{} #{}>` was dropped or given away, or is of "
                             "another composition",
                             handle.resource, handle.id);
    }
    if (held->kind->number != wanted.number) {
      return make_diagnostic(Code::ValueHandle, "`<{} #{}>` is no `{}`", handle.resource, handle.id,
                             wanted.name);
    }
    const runtime::Domain* home = held->kind->home;
    if (home != nullptr && (!home->is_alive() || held->life != home->life())) {
      return make_diagnostic(Code::ValueHandle,
                             "`<{} #{}>` is stale: the domain `{}` ended since it was made",
                             handle.resource, handle.id, home->name());
    }
    if (!given_.add(handle.id, part.ownership)) {
      return make_diagnostic(Code::ValueHandle,
                             "`<{} #{}>` is passed twice in one call: what is given away cannot be "
                             "passed again",
                             handle.resource, handle.id);
    }
    return running_->shared.program.token(handle.id);
  }

  ValueHandle take(abi::ResourceToken token, abi::HandlePart part,
                   const std::string& /*resource*/) override {
    ValueHandle handle;
    handle.resource = shape_.result_kinds[part.number]->name;
    handle.id = running_->shared.program.add(token);
    const auto drop = [composition = std::weak_ptr(running_), id = handle.id](const void*) {
      if (const auto running = composition.lock()) running->shared.program.drop(id);
    };
    handle.keep = std::shared_ptr<const void>(static_cast<const void*>(nullptr), drop);
    return handle;
  }

 private:
  const std::shared_ptr<linker::Running>& running_;
  const runtime::FunctionShape& shape_;
  GivenHandles& given_;
};

Diagnostic gone_problem(const Function& function) {
  return make_diagnostic(Code::RunNoFunction, "the composition of `{}` is gone", function.name());
}

CallFailure bad_call(const Function& function, Diagnostics problems) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::BadCall;
  failure.function = function.interface().empty()
                         ? function.name()
                         : fmt::format("{}#{}", function.interface(), function.name());
  failure.message = problems.empty() ? std::string() : problems.front().message;
  failure.problems = std::move(problems);
  return failure;
}

}  // namespace

// The parts of a function that can be called.
struct Callable {
  std::shared_ptr<const runtime::FunctionShape> shape;
  value::ValueProgram values;
  runtime::ExportedFunction exported;
  abi::ValueArena arena;  // reused from call to call
};

namespace {

// The handles of typed calls. The composition is alive while a call is made.
class TypedExchange final : public value::HandleExchange {
 public:
  TypedExchange(const std::weak_ptr<linker::Running>& running, const runtime::FunctionShape& shape)
      : running_(running), shape_(shape) {}

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override {
    const auto running = running_.lock();
    if (running == nullptr)
      return make_diagnostic(Code::ValueHandle, "the composition of the handle is gone");
    return Exchange(running, shape_, given_).give(handle, part);
  }
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part,
                   const std::string& resource) override {
    const auto running = running_.lock();
    return running == nullptr ? ValueHandle()
                              : Exchange(running, shape_, given_).take(token, part, resource);
  }
  // For the next call.
  void clear() { given_.clear(); }

 private:
  const std::weak_ptr<linker::Running>& running_;
  const runtime::FunctionShape& shape_;
  GivenHandles given_;
};

}  // namespace

struct Function::Impl {
  std::weak_ptr<linker::Running> running;
  std::string interface;
  std::string name;
  FunctionType type;
  mutable std::optional<Callable> callable;  // none: `problems` say why
  Diagnostics problems;
};

const std::string& Function::interface() const { return impl_->interface; }
const std::string& Function::name() const { return impl_->name; }
const FunctionType& Function::type() const { return impl_->type; }

CallResult<std::optional<Value>> Function::call(std::span<const Value> arguments) const {
  const auto running = impl_->running.lock();
  if (running == nullptr) {
    return bad_call(*this, {gone_problem(*this)});
  }
  if (!impl_->callable) return bad_call(*this, impl_->problems);
  Callable& callable = *impl_->callable;
  GivenHandles given;
  Exchange exchange(running, *callable.shape, given);
  callable.arena.clear();
  Result<std::uint32_t> params = callable.values.write_params(arguments, callable.arena, exchange);
  if (!params) return bad_call(*this, std::move(params).error());
  CallResult<std::optional<std::uint32_t>> result = runtime::call_from_outside(
      callable.exported, *callable.shape,
      {.arena = callable.arena, .params = abi::From::memory(callable.arena, *params)});
  if (!result) return std::move(result).error();
  if (!*result) return std::optional<Value>();
  return std::optional(callable.values.read_result(**result, callable.arena, exchange));
}

namespace {

// Calls with C++ types, through the parts of a function.
class TypedPort final : public detail::CallPort {
 public:
  explicit TypedPort(Function function, const std::weak_ptr<linker::Running>& running,
                     Callable& callable)
      : function_(std::move(function)),
        running_(running),
        callable_(callable),
        exchange_(running_, *callable.shape),
        buffer_(exchange_) {}

  [[nodiscard]] const FunctionType& type() const override { return function_.type(); }

  [[nodiscard]] detail::CallBuffer& empty_buffer() override {
    exchange_.clear();
    buffer_.clear();
    return buffer_;
  }

  [[nodiscard]] CallResult<void> call(const detail::CppSignature& signature,
                                      detail::CallFrame& frame) override {
    // Holds the composition while it runs.
    const auto running = running_.lock();
    if (running == nullptr) return bad_call(function_, {gone_problem(function_)});
    abi::ValueArena& arena = buffer_.arena();
    const bool is_flat = signature.result != nullptr && signature.result_at == ValuesAt::Flat;
    CallResult<std::optional<std::uint32_t>> result = runtime::call_from_outside(
        callable_.exported, *callable_.shape,
        {.arena = arena,
         .params = signature.params_at == ValuesAt::Flat ? abi::From::flat(arena, frame.flat_params)
                                                         : abi::From::memory(arena, frame.params),
         .flat_result = is_flat ? &frame.result : nullptr});
    if (!result) return std::move(result).error();
    if (is_flat || !*result) return {};
    buffer_.refresh();
    frame.result = **result;
    return {};
  }

 private:
  using ValuesAt = detail::ValuesAt;

  Function function_;  // keeps `callable_`
  std::weak_ptr<linker::Running> running_;
  Callable& callable_;
  TypedExchange exchange_;
  value::ArenaBuffer buffer_;
};

}  // namespace

Result<std::shared_ptr<detail::CallPort>> Function::make_port() const {
  if (!impl_->callable) return impl_->problems;
  return std::shared_ptr<detail::CallPort>(
      std::make_shared<TypedPort>(*this, impl_->running, *impl_->callable));
}

namespace linker {

Function make_function(const std::shared_ptr<Running>& running, const ExportedItem& item) {
  CallTable& calls = call_table(*running);
  FunctionType type = value::make_function_type(calls.graph(), item.function);
  Function::Impl made{running, item.interface, item.name, std::move(type), {}, {}};
  auto shape = calls.shape_of(item.function);
  if (shape) {
    std::vector<std::string> path;
    if (!item.interface.empty()) path.push_back(item.interface);
    path.push_back(item.name);
    const abi::FunctionLayout& layout = (*shape)->program.layout();
    made.callable.emplace(Callable{
        *shape, value::ValueProgram::make(made.type, layout),
        runtime::ExportedFunction(
            calls.domain_of(item.from.unit), calls.plan().units[item.from.unit].name,
            item.interface.empty() ? item.name : fmt::format("{}#{}", item.interface, item.name),
            std::move(path), runtime::flat_counts(layout)),
        abi::ValueArena()});
    made.callable->exported.limit(run_timeout(*running));
  } else {
    made.problems = std::move(shape).error();
  }
  return Function(std::make_shared<const Function::Impl>(std::move(made)));
}

}  // namespace linker

}  // namespace tenon
