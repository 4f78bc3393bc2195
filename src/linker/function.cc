#include "tenon/function.h"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "call/value_form.h"
#include "linker/callees.h"
#include "linker/functions.h"
#include "linker/handle_exchange.h"
#include "linker/typed_port.h"
#include "packr/encoded_values.h"
#include "packr/package_function.h"
#include "runtime/exported_function.h"
#include "runtime/program_call.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"

namespace tenon {

namespace {

// Calls with `Value`s.
struct Callable {
  linker::FoundFunction function;
  std::shared_ptr<const call::FunctionShape> shape;
  std::shared_ptr<const call::ValueForm> values;
  abi::ValueArena arena = abi::ValueArena();  // reused from call to call; see `ArenaUse`
};

}  // namespace

struct Function::Impl {
  std::weak_ptr<linker::Running> running;
  std::string interface;
  std::string name;
  FunctionType type;
  resolve::UnitExport from;
  mutable std::optional<Callable> callable;  // none: `problems` say why
  Diagnostics problems;
};

namespace {

CallFailure bad_call(const Function& function, Diagnostics problems) {
  return detail::refuse_call(linker::shown_name(function.interface(), function.name()),
                             std::move(problems));
}

// The handles of a result that is not returned.
void drop_resources(const abi::ValueArena& arena, runtime::ProgramHandles& program) {
  for (const std::optional<abi::ResourceToken>& token : arena.resources())
    if (token) program.drop(program.add(*token));
}

// Takes the arena of a function for one call. A call of the same function within this one, by a
// start function or a destructor, gets an arena of its own.
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
      "call it with C++ types, which take less (tenon/typed_function.h), or ask for less at a "
      "time");
  CallFailure failure = bad_call(function, {std::move(problem)});
  failure.unit = unit;
  return failure;
}

// A result that cannot be read: too much of it, or not of its type, which ends the package.
CallFailure refuse_result(const Function& function, const linker::FoundFunction& found,
                          const Diagnostics& problems) {
  const Diagnostic& first = problems.front();
  if (first.code == code_text(Code::ValueTooLarge)) return too_large(function, found.unit);
  CallFailure failure;
  failure.unit = found.unit;
  failure.function = found.name;
  failure.message = fmt::format("its result does not match its type: {}",
                                first.where.item.empty()
                                    ? first.message
                                    : fmt::format("{}: {}", first.where.item, first.message));
  found.domain->end(failure);
  return failure;
}

}  // namespace

const std::string& Function::interface() const { return impl_->interface; }
const std::string& Function::name() const { return impl_->name; }
const FunctionType& Function::type() const { return impl_->type; }

CallResult<std::optional<Value>> Function::call(std::span<const Value> arguments) const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return bad_call(*this, {linker::gone_problem(name())});
  if (!impl_->callable) return bad_call(*this, impl_->problems);
  Callable& callable = *impl_->callable;
  const linker::FoundFunction& function = callable.function;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) {
    CallFailure refused = entry.failure();
    refused.function = function.name;
    return refused;
  }
  if (auto problem = function.find_change()) return bad_call(*this, {*std::move(problem)});
  linker::ProgramExchange exchange(impl_->running, *callable.shape, linker::HandlesAre::Numbers);
  ArenaUse use(callable);
  abi::ValueArena& arena = use.arena();
  Result<std::uint32_t> params = callable.values->write_params(arguments, arena, exchange);
  if (!params) return bad_call(*this, std::move(params).error());
  runtime::ProgramCall call(*callable.shape, running->shared, arena,
                            abi::From::memory(arena, *params));
  function.callee->start(call);
  if (!call.is_success()) return call.take_failure(function.name);
  if (!impl_->type.result()) return std::optional<Value>();
  Result<Value> result = callable.values->read_result(*call.result(), arena, exchange);
  if (result) return std::optional(*std::move(result));
  drop_resources(arena, running->shared.program);
  return refuse_result(*this, function, result.error());
}

Result<std::shared_ptr<detail::CallPort>> Function::make_port() const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return linker::gone_problem(name());
  if (!impl_->callable) return impl_->problems;
  Callable& callable = *impl_->callable;
  std::shared_ptr<const call::FunctionShape> shape = callable.shape;
  std::unique_ptr<call::Callee> callee;
  if (shape->form == call::FunctionShape::Form::Encoded) {
    const std::lock_guard tables(running->tables);
    linker::CallTable& calls = linker::call_table(*running);
    TENON_TRY(shape, calls.shape_of(value::id_of(impl_->type)));
    const auto codec = std::make_shared<const packr::GraphCodec>(
        impl_->type, shape->program.layout(), calls.package_of(impl_->from.unit)->names);
    callee = linker::make_package_function(
        calls, impl_->from, impl_->interface.empty() ? std::string() : impl_->name, codec);
  }
  return std::shared_ptr<detail::CallPort>(std::make_shared<linker::TypedPort>(
      *this, running, callable.function, std::move(shape), std::move(callee)));
}

namespace linker {

Function make_function(const std::shared_ptr<Running>& running, const ExportedItem& item) {
  CallTable& calls = call_table(*running);
  FunctionType type = value::make_function_type(calls.graph(), item.function);
  Function::Impl impl{running, item.interface, item.name, std::move(type), item.from, {}, {}};
  runtime::Domain& domain = calls.domain_of(item.from.unit);
  FoundFunction found{.name = shown_name(item.interface, item.name),
                      .unit = calls.plan().units[item.from.unit].name,
                      .domain = &domain,
                      .callee = nullptr,
                      .exports = item.is_of_unit ? std::optional(domain.exports()) : std::nullopt};
  if (const auto package = calls.package_of(item.from.unit)) {
    const std::string function = item.interface.empty() ? std::string() : item.name;
    found.callee = make_package_function(calls, item.from, function, nullptr);
    found.name = static_cast<packr::PackageFunction&>(*found.callee).name();
    const std::shared_ptr<const packr::TypeNamesOnWire> names(package, &package->names);
    impl.callable.emplace(Callable{std::move(found), calls.encoded_shape(),
                                   std::make_shared<const packr::EncodedValues>(impl.type, names)});
    return Function(std::make_shared<const Function::Impl>(std::move(impl)));
  }
  auto shape = calls.shape_of(item.function);
  if (!shape) {
    impl.problems = std::move(shape).error();
    return Function(std::make_shared<const Function::Impl>(std::move(impl)));
  }
  std::vector<std::string> path{item.component_export};
  if (!item.interface.empty()) path.push_back(item.name);
  found.callee = std::make_unique<runtime::ExportedFunction>(domain, *shape, found.unit, found.name,
                                                             std::move(path));
  impl.callable.emplace(
      Callable{std::move(found), *shape, calls.make_values(**shape, item.function)});
  return Function(std::make_shared<const Function::Impl>(std::move(impl)));
}

}  // namespace linker

}  // namespace tenon
