#include "engine/core_seam.h"

#include <fmt/core.h>

#include <bit>

namespace tenon::engine {

namespace {

CoreMemoryType read_memory(const wasm_memorytype_t& type) {
  const std::uint64_t page = wasmtime_memorytype_page_size(&type);
  CoreMemoryType memory;
  // A valid 64-bit memory can have 2^48 pages of 64 KiB: 2^64 bytes, which overflows.
  const auto to_bytes = [page](std::uint64_t pages) {
    std::uint64_t bytes = 0;
    return __builtin_mul_overflow(pages, page, &bytes) ? ~std::uint64_t{0} : bytes;
  };
  memory.min_bytes = to_bytes(wasmtime_memorytype_minimum(&type));
  std::uint64_t max = 0;
  if (wasmtime_memorytype_maximum(&type, &max)) memory.max_bytes = to_bytes(max);
  if (wasmtime_memorytype_is64(&type)) memory.addresses = AddressWidth::Bits64;
  if (wasmtime_memorytype_isshared(&type)) memory.sharing = MemorySharing::Shared;
  return memory;
}

wasm_valtype_t* make_value_type(CoreValueType type) {
  switch (type) {
    case CoreValueType::I32:
      return wasm_valtype_new(WASM_I32);
    case CoreValueType::I64:
      return wasm_valtype_new(WASM_I64);
    case CoreValueType::F32:
      return wasm_valtype_new(WASM_F32);
    case CoreValueType::F64:
      return wasm_valtype_new(WASM_F64);
    case CoreValueType::Other:
      break;
  }
  return wasmtime_wasm_valtype_v128();
}

wasm_valtype_vec_t make_value_types(const std::vector<CoreValueType>& types) {
  wasm_valtype_vec_t list = {};
  wasm_valtype_vec_new_uninitialized(&list, types.size());
  for (std::size_t at = 0; at < types.size(); ++at) list.data[at] = make_value_type(types[at]);
  return list;
}

// Releases a shared memory, which the host cannot use; passes on every other export.
std::optional<wasmtime_extern_t> keep(wasmtime_extern_t item) {
  if (item.kind != WASMTIME_EXTERN_SHAREDMEMORY) return item;
  wasmtime_extern_delete(&item);
  return std::nullopt;
}

}  // namespace

std::string_view to_text(const wasm_name_t& name) { return {name.data, name.size}; }

CoreTypeReader::CoreTypeReader()
    : i32_(wasm_valtype_new(WASM_I32)),
      i64_(wasm_valtype_new(WASM_I64)),
      f32_(wasm_valtype_new(WASM_F32)),
      f64_(wasm_valtype_new(WASM_F64)) {}

CoreExternType CoreTypeReader::read(const wasm_externtype_t& type) const {
  if (const wasm_functype_t* function = wasm_externtype_as_functype_const(&type))
    return read(*function);
  if (const wasm_memorytype_t* memory = wasm_externtype_as_memorytype_const(&type))
    return read_memory(*memory);
  if (const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(&type)) {
    return CoreGlobalType{.value = read(*wasm_globaltype_content(global)),
                          .mutability = wasm_globaltype_mutability(global) == WASM_VAR
                                            ? Mutability::Variable
                                            : Mutability::Constant};
  }
  if (wasm_externtype_as_tabletype_const(&type) != nullptr) return CoreTableType();
  return CoreTagType();
}

CoreFunctionType CoreTypeReader::read(const wasm_functype_t& type) const {
  return {.params = read(*wasm_functype_params(&type)),
          .results = read(*wasm_functype_results(&type))};
}

CoreValueType CoreTypeReader::read(const wasm_valtype_t& type) const {
  if (wasmtime_wasm_valtype_equal(&type, i32_.get())) return CoreValueType::I32;
  if (wasmtime_wasm_valtype_equal(&type, i64_.get())) return CoreValueType::I64;
  if (wasmtime_wasm_valtype_equal(&type, f32_.get())) return CoreValueType::F32;
  if (wasmtime_wasm_valtype_equal(&type, f64_.get())) return CoreValueType::F64;
  return CoreValueType::Other;
}

std::vector<CoreValueType> CoreTypeReader::read(const wasm_valtype_vec_t& types) const {
  std::vector<CoreValueType> read_types;
  read_types.reserve(types.size);
  for (const wasm_valtype_t* type : std::span(types.data, types.size))
    read_types.push_back(read(*type));
  return read_types;
}

FunctionTypeHandle make_function_type(const CoreFunctionType& type) {
  wasm_valtype_vec_t params = make_value_types(type.params);
  wasm_valtype_vec_t results = make_value_types(type.results);
  return FunctionTypeHandle(wasm_functype_new(&params, &results));
}

std::optional<wasmtime_extern_t> find_export(wasmtime_context_t* context,
                                             const wasmtime_instance_t& instance,
                                             std::string_view name) {
  wasmtime_extern_t item = {};
  if (!wasmtime_instance_export_get(context, &instance, name.data(), name.size(), &item))
    return std::nullopt;
  return keep(item);
}

std::optional<wasmtime_extern_t> find_caller_export(wasmtime_caller_t* caller,
                                                    std::string_view name) {
  wasmtime_extern_t item = {};
  if (!wasmtime_caller_export_get(caller, name.data(), name.size(), &item)) return std::nullopt;
  return keep(item);
}

std::optional<wasmtime_memory_t> memory_of(const std::optional<wasmtime_extern_t>& exported) {
  if (!exported || exported->kind != WASMTIME_EXTERN_MEMORY) return std::nullopt;
  return exported->of.memory;
}

std::span<std::uint8_t> view_memory(wasmtime_context_t* context, const wasmtime_memory_t& memory) {
  return {wasmtime_memory_data(context, &memory), wasmtime_memory_data_size(context, &memory)};
}

Result<CoreFunction, std::string> function_of(wasmtime_context_t* context,
                                              const std::optional<wasmtime_extern_t>& exported,
                                              std::string_view name, const CoreFunctionType& type) {
  if (!exported) return fmt::format("`{}` is not exported", name);
  const CoreTypeReader reader;
  if (exported->kind != WASMTIME_EXTERN_FUNC) {
    const ExternTypeHandle actual(wasmtime_extern_type(context, &*exported));
    return fmt::format("`{}` is {}; expected a function {}", name, describe(reader.read(*actual)),
                       describe(type));
  }
  const FunctionTypeHandle handle(wasmtime_func_type(context, &exported->of.func));
  const CoreFunctionType actual = reader.read(*handle);
  if (actual != type || !is_callable(actual)) {
    return fmt::format("`{}` is a function {}; expected {}", name, describe(actual),
                       describe(type));
  }
  return CoreFunction(std::bit_cast<std::array<std::uint64_t, 2>>(exported->of.func),
                      count_values(actual));
}

}  // namespace tenon::engine
