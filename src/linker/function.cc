#include "tenon/function.h"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "linker/arena_port.h"
#include "linker/functions.h"
#include "linker/handle_exchange.h"
#include "linker/package_edge.h"
#include "linker/package_port.h"
#include "runtime/flat_call.h"
#include "runtime/outside_call.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"
#include "types/uses.h"
#include "value/arena_buffer.h"
#include "value/arena_value.h"

namespace tenon {

namespace {

Diagnostic gone_problem(const Function& function) { return linker::gone_problem(function.name()); }

CallFailure bad_call(const Function& function, Diagnostics problems) {
  return detail::refuse_call(linker::shown_name(function.interface(), function.name()),
                             std::move(problems));
}

}  // namespace

// The parts of a function that can be called.
struct Callable {
  std::shared_ptr<const runtime::FunctionShape> shape;
  value::ValueProgram values;
  std::string unit;
  runtime::ExportedFunction exported;
  // Of its unit, as `Domain::exports` counts them; none: a swap keeps it.
  std::optional<std::uint64_t> exports;
  abi::ValueArena arena;  // reused from call to call; see `ArenaUse`
};

struct Function::Impl {
  std::weak_ptr<linker::Running> running;
  std::string interface;
  std::string name;
  FunctionType type;
  mutable std::optional<Callable> callable;  // none: `problems` say why
  Diagnostics problems;
  // Of a package, which has no callable.
  mutable std::optional<linker::PackageCallable> package;
};

namespace {

// What nobody takes of a result.
void drop_resources(const abi::ValueArena& arena, runtime::ProgramHandles& program) {
  for (const std::optional<abi::ResourceToken>& token : arena.resources())
    if (token) program.drop(program.add(*token));
}

// Takes the arena of a function for one call: one that is made inside of it, by a start function or
// a destructor, has its own.
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

// Whether a swap gave its unit other exports since it was found. REQUIRES: in the composition
bool has_changed(const Callable& callable) {
  return callable.exports && *callable.exports != callable.exported.domain().exports();
}

Diagnostic change_problem(const Callable& callable) {
  return linker::change_problem(callable.exported.name(), callable.unit);
}

CallFailure refused_call(const Callable& callable, CallFailure failure) {
  failure.function = callable.exported.name();
  return failure;
}

CallFailure too_large(const Function& function, const Callable& callable) {
  Diagnostic problem = make_diagnostic(
      Code::ValueTooLarge, "`{}` returned values that take more than {} bytes of memory",
      callable.unit, limits::kReadValueBytes);
  problem.where.item = "$result";
  problem.hints.emplace_back(
      "call it with C++ types, which take less (tenon/typed_function.h), or ask for less at a "
      "time");
  CallFailure failure = bad_call(function, {std::move(problem)});
  failure.unit = callable.unit;
  return failure;
}

}  // namespace

const std::string& Function::interface() const { return impl_->interface; }
const std::string& Function::name() const { return impl_->name; }
const FunctionType& Function::type() const { return impl_->type; }

CallResult<std::optional<Value>> Function::call(std::span<const Value> arguments) const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return bad_call(*this, {gone_problem(*this)});
  if (impl_->package) {
    linker::PackageCallee& callee = impl_->package->callee;
    const runtime::OwnerLock::Entry entry(*running->shared.lock);
    if (!entry.is_in()) {
      CallFailure failure = entry.failure();
      failure.function = callee.function().name();
      return failure;
    }
    if (impl_->package->has_changed()) return bad_call(*this, {impl_->package->change_problem()});
    return callee.call(arguments);
  }
  if (!impl_->callable) return bad_call(*this, impl_->problems);
  Callable& callable = *impl_->callable;
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return refused_call(callable, entry.failure());
  if (has_changed(callable)) return bad_call(*this, {change_problem(callable)});
  linker::ProgramExchange exchange(impl_->running, *callable.shape, linker::HandlesAre::Numbers);
  ArenaUse use(callable);
  abi::ValueArena& arena = use.arena();
  Result<std::uint32_t> params = callable.values.write_params(arguments, arena, exchange);
  if (!params) return bad_call(*this, std::move(params).error());
  CallResult<std::optional<std::uint32_t>> result =
      runtime::call_from_outside(callable.exported, *callable.shape,
                                 {.arena = arena, .params = abi::From::memory(arena, *params)});
  if (!result) return std::move(result).error();
  if (!*result) return std::optional<Value>();
  if (!callable.values.result_fits(**result, arena, limits::kReadValueBytes)) {
    drop_resources(arena, running->shared.program);
    return too_large(*this, callable);
  }
  return std::optional(callable.values.read_result(**result, arena, exchange));
}

namespace {

// Calls with C++ types, through the parts of a function.
class TypedPort final : public linker::ArenaPort {
 public:
  TypedPort(Function function, const std::shared_ptr<linker::Running>& running, Callable& callable)
      : ArenaPort(std::move(function), running, exchange_),
        callable_(callable),
        exchange_(running, *callable.shape, linker::HandlesAre::Objects) {}

  [[nodiscard]] const std::string& name() const override { return callable_.exported.name(); }

  [[nodiscard]] const void* find_host_class(const Type& handle) const override {
    // Holds the kinds of resources.
    const auto running = this->running();
    const auto resource =
        types::handled_resource(value::graph_of(handle)->types, value::id_of(handle));
    if (running == nullptr || !resource) return nullptr;
    // As the function was found: a swap makes other types.
    const abi::FunctionLayout& layout = callable_.shape->program.layout();
    const auto find = [&](const auto& handles, const auto& kinds) -> const void* {
      for (std::size_t i = 0; i < handles.size(); ++i)
        if (handles[i].resource == *resource) return kinds[i]->host_class;
      return nullptr;
    };
    if (const void* given = find(layout.param_handles, callable_.shape->param_kinds)) return given;
    return find(layout.result_handles, callable_.shape->result_kinds);
  }

  [[nodiscard]] CallResult<void> call(const detail::CppSignature& signature,
                                      detail::CallFrame& frame) override {
    const runtime::OwnerLock::Entry entry(lock());
    if (!entry.is_in() || is_gone() || has_changed(callable_)) return refuse_call(entry);
    const abi::CopyProgram& program = callable_.shape->program;
    const bool is_flat = signature.result != nullptr && signature.result_at == ValuesAt::Flat;
    if (program.is_flat() && signature.params_at == ValuesAt::Flat &&
        is_flat == program.layout().result.has_value()) {
      runtime::FlatCall flat(program, frame.flat_params, std::span(&frame.result, is_flat ? 1 : 0));
      if (flat.is_good()) return flat.make(callable_.exported);
    }
    return call_by_buffer(signature, frame);
  }

 private:
  using ValuesAt = detail::ValuesAt;

  [[nodiscard, gnu::cold, gnu::noinline]] CallFailure refuse_call(
      const runtime::OwnerLock::Entry& entry) const {
    return entry.is_in() ? *refuse() : name_function(entry.failure());
  }
  [[nodiscard]] std::optional<CallFailure> refuse() const override {
    if (is_gone()) return bad_call(function(), {gone_problem(function())});
    if (has_changed(callable_)) return bad_call(function(), {change_problem(callable_)});
    return std::nullopt;
  }
  void begin_call() override { exchange_.begin_call(); }
  void end_call() override { exchange_.end_call(); }

  [[gnu::noinline]] CallResult<void> call_by_buffer(const detail::CppSignature& signature,
                                                    detail::CallFrame& frame) {
    abi::ValueArena& arena = buffer().arena();
    const bool is_flat = signature.result != nullptr && signature.result_at == ValuesAt::Flat;
    CallResult<std::optional<std::uint32_t>> result = runtime::call_from_outside(
        callable_.exported, *callable_.shape,
        {.arena = arena,
         .params = signature.params_at == ValuesAt::Flat ? abi::From::flat(arena, frame.flat_params)
                                                         : abi::From::memory(arena, frame.params),
         .flat_result = is_flat ? &frame.result : nullptr});
    if (!result) return std::move(result).error();
    if (is_flat || !*result) return {};
    buffer().refresh();
    frame.result = **result;
    return {};
  }

  Callable& callable_;
  linker::ProgramExchange exchange_;
};

}  // namespace

Result<std::shared_ptr<detail::CallPort>> Function::make_port() const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return gone_problem(*this);
  if (impl_->package) {
    const std::lock_guard tables(running->tables);
    TENON_TRY(auto shape, linker::call_table(*running).shape_of(value::id_of(impl_->type)));
    return linker::make_package_port(*this, running, *impl_->package, std::move(shape));
  }
  if (!impl_->callable) return impl_->problems;
  return std::shared_ptr<detail::CallPort>(
      std::make_shared<TypedPort>(*this, running, *impl_->callable));
}

namespace linker {

Function make_function(const std::shared_ptr<Running>& running, const ExportedItem& item) {
  CallTable& calls = call_table(*running);
  FunctionType type = value::make_function_type(calls.graph(), item.function);
  Function::Impl made{running, item.interface, item.name, std::move(type), {}, {}, {}};
  if (const auto package = calls.package_of(item.from.unit)) {
    const std::string function = item.interface.empty() ? std::string() : item.name;
    made.package.emplace(linker::PackageCallable{
        {find_package_function(calls, item.from, function), made.type, package},
        item.is_of_unit ? std::optional(calls.domain_of(item.from.unit).exports()) : std::nullopt});
    return Function(std::make_shared<const Function::Impl>(std::move(made)));
  }
  auto shape = calls.shape_of(item.function);
  if (shape) {
    std::vector<std::string> path;
    path.push_back(item.component_export);
    if (!item.interface.empty()) path.push_back(item.name);
    const abi::FunctionLayout& layout = (*shape)->program.layout();
    runtime::Domain& domain = calls.domain_of(item.from.unit);
    const std::string& unit = calls.plan().units[item.from.unit].name;
    made.callable.emplace(Callable{
        *shape, value::ValueProgram::make(made.type, layout), unit,
        runtime::ExportedFunction(domain, unit, shown_name(item.interface, item.name),
                                  std::move(path), runtime::flat_counts(layout)),
        item.is_of_unit ? std::optional(domain.exports()) : std::nullopt, abi::ValueArena()});
  } else {
    made.problems = std::move(shape).error();
  }
  return Function(std::make_shared<const Function::Impl>(std::move(made)));
}

}  // namespace linker

}  // namespace tenon
