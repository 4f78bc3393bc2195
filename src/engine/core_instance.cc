#include "engine/core_instance.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "engine/core_module.h"
#include "engine/core_seam.h"
#include "engine/host_gate.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

// Maximum number of imports that one failure names.
constexpr std::size_t kNamedImports = 100;

// The environment of a host function, owned by the engine.
struct HostFunctionSlot {
  std::unique_ptr<CoreHostFunction> function;
  const CallerInstance* instance;
};

wasm_trap_t* take_trap(wasmtime_error_t* error) {
  return error != nullptr ? to_trap(error) : nullptr;
}

extern "C" {

wasm_trap_t* tenon_core_host_function(void* env, wasmtime_caller_t* caller,
                                      wasmtime_val_raw_t* slots, std::size_t size) noexcept {
  const HostEntry entry;
  const auto& slot = *static_cast<const HostFunctionSlot*>(env);
  CoreCaller side(caller, slot.instance);
  const std::span values(reinterpret_cast<FlatValue*>(slots), size);
  return take_trap(guard_callback([&] { return slot.function->call(side, values); }));
}

void tenon_delete_core_host_function(void* env) noexcept {
  delete static_cast<HostFunctionSlot*>(env);
}
}

// Finds a host function for each import of a module, and collects their problems, so that
// a failure lists all imports at once.
class Importer final {
 public:
  Importer(const CompiledModule& code, std::vector<CoreHostImport>& provided)
      : provided_(provided) {
    for (std::size_t at = 0; at < provided.size(); ++at) {
      const CoreHostImport& import = provided[at];
      if (!by_name_.emplace(Name(import.module, import.field), at).second)
        note(fmt::format("duplicate function for the import `{}.{}`", import.module, import.field));
    }
    for (const CoreImportType& import : code.imports()) check(import);
  }

  // Empty if every import has a function.
  [[nodiscard]] std::string problems() const {
    std::string text = fmt::format("{}", fmt::join(problems_, "; "));
    if (more_ != 0) text += fmt::format("; and {} more", more_);
    return text;
  }

  // Defines the functions in the store, in the order of the imports. REQUIRES: no problems.
  [[nodiscard]] std::vector<wasmtime_extern_t> make(wasmtime_context_t* context,
                                                    CallerInstance& instance) {
    std::vector<wasmtime_extern_t> externs;
    externs.reserve(provider_.size());
    std::vector<std::optional<wasmtime_func_t>> functions(provided_.size());
    for (const std::size_t at : provider_) {
      std::optional<wasmtime_func_t>& function = functions[at];
      if (!function) function = define(context, provided_[at], instance);
      externs.push_back({.kind = WASMTIME_EXTERN_FUNC, .of = {.func = *function}});
    }
    return externs;
  }

 private:
  using Name = std::pair<std::string_view, std::string_view>;  // module and field

  static wasmtime_func_t define(wasmtime_context_t* context, CoreHostImport& import,
                                CallerInstance& instance) {
    wasmtime_func_t function = {};
    const FunctionTypeHandle type = make_function_type(import.type);
    auto slot = std::make_unique<HostFunctionSlot>(std::move(import.function), &instance);
    wasmtime_func_new_unchecked(context, type.get(), tenon_core_host_function, slot.release(),
                                tenon_delete_core_host_function, &function);
    instance.store_id = function.store_id;
    return function;
  }

  void note(std::string problem) {
    if (problems_.size() < kNamedImports)
      problems_.push_back(std::move(problem));
    else
      ++more_;
  }

  void check(const CoreImportType& import) {
    const auto match = by_name_.find(Name(import.module, import.field));
    const std::string name = fmt::format("`{}.{}`", import.module, import.field);
    if (match == by_name_.end()) {
      note(fmt::format("{} is imported as {}, and nothing provides it", name,
                       describe(import.type)));
      return;
    }
    const CoreHostImport& provided = provided_[match->second];
    const auto* type = std::get_if<CoreFunctionType>(&import.type);
    if (type == nullptr || *type != provided.type || !is_callable(*type)) {
      note(fmt::format("{} is imported as {} but provided as {}", name, describe(import.type),
                       describe(CoreExternType(provided.type))));
    }
    provider_.push_back(match->second);
  }

  std::vector<CoreHostImport>& provided_;
  std::map<Name, std::size_t> by_name_;  // position in `provided_`
  // For each import its function, as a position in `provided_`. Complete if there are no problems.
  std::vector<std::size_t> provider_;
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
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  Importer importer(code, imports);
  if (std::string problems = importer.problems(); !problems.empty())
    return Failure{.message = std::move(problems)};

  wasmtime_context_t* context = store.impl().context;
  // Host functions keep the address of this record. They can be called by the start function, so it
  // exists before the instance does.
  CallerInstance& caller = store.impl().callers.emplace_front();
  const std::vector<wasmtime_extern_t> externs = importer.make(context, caller);
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = wasmtime_instance_new(context, code.impl().module.get(), externs.data(),
                                                  externs.size(), &caller.instance, &trap);
  if (error == nullptr) error = to_error(trap);
  if (error != nullptr) return take_failure(error);

  caller.store_id = caller.instance.store_id;
  store.impl().id = caller.store_id;
  if (const auto memory = memory_of(find_export(context, caller.instance, kMemoryExport))) {
    caller.memory = *memory;
    caller.has_memory = true;
  }
  caller.is_started = true;
  return CoreInstance(std::make_unique<Impl>(caller));
}

Result<CoreFunction, Failure> CoreInstance::find_function(Store& store, std::string_view name,
                                                          const CoreFunctionType& type) const {
  const CallerInstance& instance = impl_->instance;
  if (instance.store_id != store.impl().id)
    return Failure{.message = "the instance belongs to another store"};
  wasmtime_context_t* context = store.impl().context;
  Result<CoreFunction, std::string> function =
      function_of(context, find_export(context, instance.instance, name), name, type);
  if (!function) return Failure{.message = std::move(function).error()};
  return *function;
}

bool CoreInstance::has_memory() const { return impl_->instance.has_memory; }

std::span<std::uint8_t> CoreInstance::memory(Store& store) const {
  const CallerInstance& instance = impl_->instance;
  if (!instance.has_memory || instance.store_id != store.impl().id) return {};
  return view_memory(store.impl().context, instance.memory);
}

}  // namespace tenon::engine
