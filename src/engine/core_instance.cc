#include "engine/core_instance.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "engine/core_module.h"
#include "engine/core_seam.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

// How many imports a failure names.
constexpr std::size_t kNamedImports = 100;

// What the engine keeps of a host function.
struct HostFunctionSlot {
  std::unique_ptr<CoreHostFunction> function;
  const CallerInstance* instance;
};

wasm_trap_t* release_trap(Result<void, CallError> result) {
  if (result) return nullptr;
  return to_trap(static_cast<wasmtime_error_t*>(std::move(result).error().release()));
}

extern "C" {

wasm_trap_t* tenon_core_host_function(void* env, wasmtime_caller_t* caller,
                                      wasmtime_val_raw_t* slots, std::size_t size) noexcept {
  const auto& slot = *static_cast<const HostFunctionSlot*>(env);
  CoreCaller side(caller, slot.instance);
  return release_trap(slot.function->call(side, {reinterpret_cast<FlatValue*>(slots), size}));
}

void tenon_delete_core_host_function(void* env) noexcept {
  delete static_cast<HostFunctionSlot*>(env);
}
}

// Meets the imports of a module.
class Importer final {
 public:
  Importer(const CompiledModule& code, std::vector<CoreHostImport>& given) : given_(given) {
    for (std::size_t at = 0; at < given.size(); ++at) {
      const CoreHostImport& one = given[at];
      if (!by_name_.emplace(Name(one.module, one.field), at).second)
        note(fmt::format("`{}.{}` is given twice", one.module, one.field));
    }
    for (const CoreImportType& wanted : code.imports()) check(wanted);
  }

  // Why they cannot be met; empty: they can.
  [[nodiscard]] std::string problems() const {
    std::string text = fmt::format("{}", fmt::join(problems_, "; "));
    if (more_ != 0) text += fmt::format("; and {} more", more_);
    return text;
  }

  // REQUIRES: no problems. The functions become the store's.
  [[nodiscard]] std::vector<wasmtime_extern_t> make(wasmtime_context_t* context,
                                                    CallerInstance& instance) {
    std::vector<wasmtime_extern_t> made;
    made.reserve(met_by_.size());
    std::vector<std::optional<wasmtime_func_t>> functions(given_.size());
    for (const std::size_t at : met_by_) {
      std::optional<wasmtime_func_t>& function = functions[at];
      if (!function) function = define(context, given_[at], instance);
      made.push_back({.kind = WASMTIME_EXTERN_FUNC, .of = {.func = *function}});
    }
    return made;
  }

 private:
  using Name = std::pair<std::string_view, std::string_view>;  // module and field

  static wasmtime_func_t define(wasmtime_context_t* context, CoreHostImport& given,
                                CallerInstance& instance) {
    wasmtime_func_t made = {};
    const FunctionTypeHandle type = make_function_type(given.type);
    auto slot = std::make_unique<HostFunctionSlot>(std::move(given.function), &instance);
    wasmtime_func_new_unchecked(context, type.get(), tenon_core_host_function, slot.release(),
                                tenon_delete_core_host_function, &made);
    instance.store_id = made.store_id;
    return made;
  }

  void note(std::string problem) {
    if (problems_.size() < kNamedImports)
      problems_.push_back(std::move(problem));
    else
      ++more_;
  }

  void check(const CoreImportType& wanted) {
    const auto found = by_name_.find(Name(wanted.module, wanted.field));
    const std::string name = fmt::format("`{}.{}`", wanted.module, wanted.field);
    if (found == by_name_.end()) {
      note(fmt::format("{} is imported as {}, and nobody gives it", name, describe(wanted.type)));
      return;
    }
    const CoreHostImport& given = given_[found->second];
    const auto* type = std::get_if<CoreFunctionType>(&wanted.type);
    if (type == nullptr || *type != given.type || !is_callable(*type)) {
      note(fmt::format("{} is imported as {}, and given as {}", name, describe(wanted.type),
                       describe(CoreExternType(given.type))));
    }
    met_by_.push_back(found->second);
  }

  std::vector<CoreHostImport>& given_;
  std::map<Name, std::size_t> by_name_;
  std::vector<std::size_t> met_by_;  // of each import, once there are no problems
  std::vector<std::string> problems_;
  std::size_t more_ = 0;
};

}  // namespace

struct CoreInstance::Impl {
  CallerInstance instance;
};

CoreInstance::CoreInstance(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CoreInstance::CoreInstance(CoreInstance&&) noexcept = default;
CoreInstance& CoreInstance::operator=(CoreInstance&&) noexcept = default;
CoreInstance::~CoreInstance() = default;

Result<CoreInstance, Failure> CoreInstance::instantiate(Store& store, const CompiledModule& code,
                                                        std::vector<CoreHostImport> imports) {
  const Entry entry(store);
  if (entry.refused()) return Entry::refusal();
  Importer importer(code, imports);
  if (std::string problems = importer.problems(); !problems.empty())
    return Failure{.message = std::move(problems)};

  wasmtime_context_t* context = store.impl().context;
  CallerInstance& made = store.impl().callers.emplace_front();
  const std::vector<wasmtime_extern_t> externs = importer.make(context, made);
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = wasmtime_instance_new(context, code.impl().module.get(), externs.data(),
                                                  externs.size(), &made.instance, &trap);
  if (error == nullptr) error = to_error(trap);
  if (error != nullptr) return take_failure(error);

  made.store_id = made.instance.store_id;
  store.impl().id = made.store_id;
  if (const auto memory = memory_of(find_export(context, made.instance, kMemoryExport))) {
    made.memory = *memory;
    made.has_memory = true;
  }
  made.is_made = true;
  return CoreInstance(std::make_unique<Impl>(made));
}

Result<CoreFunction, Failure> CoreInstance::find_function(Store& store, std::string_view name,
                                                          const CoreFunctionType& type) const {
  const CallerInstance& instance = impl_->instance;
  if (instance.store_id != store.impl().id)
    return Failure{.message = "an instance of another store"};
  wasmtime_context_t* context = store.impl().context;
  Result<CoreFunction, std::string> found =
      function_of(context, find_export(context, instance.instance, name), name, type);
  if (!found) return Failure{.message = std::move(found).error()};
  return *found;
}

bool CoreInstance::has_memory() const { return impl_->instance.has_memory; }

std::span<std::uint8_t> CoreInstance::memory(Store& store) const {
  const CallerInstance& instance = impl_->instance;
  if (!instance.has_memory || instance.store_id != store.impl().id) return {};
  return view_memory(store.impl().context, instance.memory);
}

}  // namespace tenon::engine
