// The C API's core modules as owners and values, as seam.h does it for the rest of the engine.
// Included by the sources of this folder alone.
#pragma once

#include <map>
#include <mutex>
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
using ImportTypeList =
    OwnedList<wasm_importtype_vec_t, wasm_importtype_t*, wasm_importtype_vec_delete>;
using ExportTypeList =
    OwnedList<wasm_exporttype_vec_t, wasm_exporttype_t*, wasm_exporttype_vec_delete>;

// A view; nothing is copied.
std::string_view to_text(const wasm_name_t& name);

// Conversions between traps and errors. In wasmtime 48 both are the same thing: `wasm_trap_t` and
// `wasmtime_error_t` are each `repr(C)` with a `wasmtime::Error` as their only field, and both are
// passed in a box. The C API has no conversion between them, and without one a host function of a
// core module could end a call only with a text, without kind, payload and frames.
// core_instance_test.cc tests each of the three.
inline wasm_trap_t* to_trap(wasmtime_error_t* error) {
  return reinterpret_cast<wasm_trap_t*>(error);
}
inline wasmtime_error_t* to_error(wasm_trap_t* trap) {
  return reinterpret_cast<wasmtime_error_t*>(trap);
}

// Reads types of the C API, and avoids its functions that abort the process: those that return the
// kind of a vector or of a typed reference, and the limits of a 64-bit table. For that reason it
// compares value types with known ones instead of asking for their kind.
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

// Converts a type to the C API. REQUIRES: `is_callable(type)`.
FunctionTypeHandle make_function_type(const CoreFunctionType& type);

// The name by which every toolchain exports a module's memory.
inline constexpr std::string_view kMemoryExport = "memory";

// Finds an export of an instance, or of the caller of a host function, which also works while the
// caller's start function runs. None if there is no export of that name or it is a shared memory.
std::optional<wasmtime_extern_t> find_export(wasmtime_context_t* context,
                                             const wasmtime_instance_t& instance,
                                             std::string_view name);
std::optional<wasmtime_extern_t> find_caller_export(wasmtime_caller_t* caller,
                                                    std::string_view name);

// None if it is not a memory.
std::optional<wasmtime_memory_t> memory_of(const std::optional<wasmtime_extern_t>& exported);
std::span<std::uint8_t> view_memory(wasmtime_context_t* context, const wasmtime_memory_t& memory);

// The exported function, if it is of that type. The error is text for a message.
Result<CoreFunction, std::string> function_of(wasmtime_context_t* context,
                                              const std::optional<wasmtime_extern_t>& exported,
                                              std::string_view name, const CoreFunctionType& type);

struct CompiledModule::Impl {
  struct Types {
    std::vector<CoreImportType> imports;
    std::vector<CoreExportType> exports;
    std::map<std::string_view, const CoreExternType*> exports_by_name;
  };

  // Takes ownership of `code`.
  explicit Impl(wasmtime_module_t* code) : module(code) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Read on the first call, because the types of a component's modules are not needed.
  const Types& types();

  ModuleHandle module;

 private:
  std::once_flag once_;
  Types types_;
};

}  // namespace tenon::engine
