#include "engine/core_call.h"

#include <fmt/core.h>

#include <bit>
#include <optional>

#include "engine/core_seam.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

static_assert(sizeof(wasmtime_func_t) == sizeof(std::array<std::uint64_t, 2>));
static_assert(sizeof(FlatValue) == sizeof(wasmtime_val_raw_t));
static_assert(alignof(FlatValue) == alignof(wasmtime_val_raw_t));

// The reason why a call is impossible, or null. Without these checks the engine would abort the
// process in the first case, and write past the end of `values` in the second.
const char* refuse(const CoreFunction& function, std::uint64_t store_id,
                   std::span<const FlatValue> values) {
  if (function.words()[0] != store_id) return "the function belongs to another store";
  if (values.size() < function.value_count())
    return "too few values for the params and results of the function";
  return nullptr;
}

// REQUIRES: `refuse` returned null.
wasmtime_error_t* enter(wasmtime_context_t* context, const CoreFunction& function,
                        std::span<FlatValue> values) {
  const auto func = std::bit_cast<wasmtime_func_t>(function.words());
  auto* slots = reinterpret_cast<wasmtime_val_raw_t*>(values.data());
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error =
      wasmtime_func_call_unchecked(context, &func, slots, values.size(), &trap);
  return error != nullptr ? error : to_error(trap);
}

wasmtime_caller_t* raw(void* caller) { return static_cast<wasmtime_caller_t*>(caller); }

const CallerInstance& instance_of(const void* instance) {
  return *static_cast<const CallerInstance*>(instance);
}

// While a module's start function runs, there is no instance to look in yet, and the engine finds
// exports only through the caller.
std::optional<wasmtime_extern_t> find_own_export(void* caller, const CallerInstance& instance,
                                                 std::string_view name) {
  return instance.is_started
             ? find_export(wasmtime_caller_context(raw(caller)), instance.instance, name)
             : find_caller_export(raw(caller), name);
}

}  // namespace

Result<void, Failure> CoreFunction::call(Store& store, std::span<FlatValue> values) const {
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  const Store::Impl& in = store.impl();
  if (const char* why = refuse(*this, in.id, values)) return Failure{.message = why};
  if (wasmtime_error_t* error = enter(in.context, *this, values)) return take_failure(error);
  return {};
}

std::span<std::uint8_t> CoreCaller::memory() {
  const CallerInstance& instance = instance_of(instance_);
  wasmtime_context_t* context = wasmtime_caller_context(raw(caller_));
  if (instance.has_memory) return view_memory(context, instance.memory);
  if (instance.is_started) return {};
  const auto memory = memory_of(find_caller_export(raw(caller_), kMemoryExport));
  return memory ? view_memory(context, *memory) : std::span<std::uint8_t>();
}

Result<std::span<std::uint8_t>, CallError> CoreCaller::bytes(std::uint64_t address,
                                                             std::uint64_t size) {
  const std::span<std::uint8_t> all = memory();
  if (address > all.size() || size > all.size() - address) {
    return CallError::make(fmt::format("{} bytes at {:#x} are out of bounds of memory ({} bytes)",
                                       size, address, all.size()));
  }
  return all.subspan(address, size);
}

Result<CoreFunction, CallError> CoreCaller::find_function(std::string_view name,
                                                          const CoreFunctionType& type) {
  const auto function =
      function_of(wasmtime_caller_context(raw(caller_)),
                  find_own_export(caller_, instance_of(instance_), name), name, type);
  if (!function) return CallError::make(function.error());
  return *function;
}

Result<void, CallError> CoreCaller::call(const CoreFunction& function,
                                         std::span<FlatValue> values) {
  if (const char* why = refuse(function, instance_of(instance_).store_id, values))
    return CallError::make(why);
  if (auto* error = enter(wasmtime_caller_context(raw(caller_)), function, values))
    return CallError(error);
  return {};
}

}  // namespace tenon::engine
