// The C side of core modules as owners and values. Included by the sources of this folder alone, as
// seam.h is.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core_call.h"
#include "engine/core_module.h"
#include "engine/seam.h"

namespace tenon::engine {

using ModuleHandle = std::unique_ptr<wasmtime_module_t, Deleter<wasmtime_module_delete>>;
using ExternTypeHandle = std::unique_ptr<wasm_externtype_t, Deleter<wasm_externtype_delete>>;
using FunctionTypeHandle = std::unique_ptr<wasm_functype_t, Deleter<wasm_functype_delete>>;
using ValueTypeHandle = std::unique_ptr<wasm_valtype_t, Deleter<wasm_valtype_delete>>;
using GivenImportTypes =
    GivenList<wasm_importtype_vec_t, wasm_importtype_t*, wasm_importtype_vec_delete>;
using GivenExportTypes =
    GivenList<wasm_exporttype_vec_t, wasm_exporttype_t*, wasm_exporttype_vec_delete>;

// Borrowed; nothing is copied.
std::string_view to_text(const wasm_name_t& name);

// In wasmtime 48 traps and errors are one: `wasm_trap_t` and `wasmtime_error_t` are each `repr(C)`
// with a `wasmtime::Error` as their only field, and both are passed in a box. Its C API makes
// neither of the other, so that a host function of a core module could end a call by a text alone,
// without kind, payload and frames. core_instance_test.cc has a test for each.
inline wasm_trap_t* to_trap(wasmtime_error_t* error) {
  return reinterpret_cast<wasm_trap_t*>(error);
}
inline wasmtime_error_t* to_error(wasm_trap_t* trap) {
  return reinterpret_cast<wasmtime_error_t*>(trap);
}

// Reads types of the C API. Those that it cannot say are not asked for: it ends the process when it
// is asked for the kind of a vector or of a typed reference, or for the limits of a 64-bit table.
class CoreTypeReader final {
 public:
  CoreTypeReader();
  [[nodiscard]] CoreExternType read(const wasm_externtype_t& type) const;
  [[nodiscard]] CoreFunctionType read(const wasm_functype_t& type) const;

 private:
  [[nodiscard]] CoreValueType read(const wasm_valtype_t& type) const;
  [[nodiscard]] std::vector<CoreValueType> read(const wasm_valtype_vec_t& types) const;

  ValueTypeHandle i32_;
  ValueTypeHandle i64_;
  ValueTypeHandle f32_;
  ValueTypeHandle f64_;
};

// In the C API's form, of a type that the host can call.
FunctionTypeHandle make_function_type(const CoreFunctionType& type);

// The memory that is a guest's own, by the convention of every toolchain.
inline constexpr std::string_view kMemoryExport = "memory";

// Exports of an instance, and of one whose start function runs, which calls a host function. None:
// there is none of that name, or it is a shared memory.
std::optional<wasmtime_extern_t> find_export(wasmtime_context_t* context,
                                             const wasmtime_instance_t& instance,
                                             std::string_view name);
std::optional<wasmtime_extern_t> find_caller_export(wasmtime_caller_t* caller,
                                                    std::string_view name);

// None: it is no memory.
std::optional<wasmtime_memory_t> memory_of(const std::optional<wasmtime_extern_t>& exported);
std::span<std::uint8_t> view_memory(wasmtime_context_t* context, const wasmtime_memory_t& memory);

// The error is for people.
Result<CoreFunction, std::string> function_of(wasmtime_context_t* context,
                                              const std::optional<wasmtime_extern_t>& exported,
                                              std::string_view name, const CoreFunctionType& type);

struct CompiledModule::Impl {
  // Takes the module.
  explicit Impl(wasmtime_module_t* made);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ModuleHandle module;
  std::vector<CoreImportType> imports;
  std::vector<CoreExportType> exports;
  std::map<std::string_view, const CoreExternType*> exports_by_name;
};

}  // namespace tenon::engine
