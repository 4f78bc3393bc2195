#include "engine/core_module.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/code.h"
#include "engine/core_seam.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

std::string_view name_of(CoreValueType type) {
  switch (type) {
    case CoreValueType::I32:
      return "i32";
    case CoreValueType::I64:
      return "i64";
    case CoreValueType::F32:
      return "f32";
    case CoreValueType::F64:
      return "f64";
    case CoreValueType::Other:
      return "a vector or reference";
  }
  return "";
}

std::string list_of(std::span<const CoreValueType> types) {
  std::string list;
  for (const CoreValueType type : types) {
    if (!list.empty()) list += ", ";
    list += name_of(type);
  }
  return "(" + list + ")";
}

bool is_number(CoreValueType type) { return type != CoreValueType::Other; }

struct Describer {
  std::string operator()(const CoreFunctionType& type) const {
    return "a function " + describe(type);
  }
  std::string operator()(const CoreTableType& /*type*/) const { return "a table"; }
  std::string operator()(const CoreMemoryType& type) const {
    return fmt::format("a {}memory{}", type.sharing == MemorySharing::Shared ? "shared " : "",
                       type.addresses == AddressWidth::Bits64 ? " with 64-bit addresses" : "");
  }
  std::string operator()(const CoreGlobalType& type) const {
    return fmt::format("a {}global of {}",
                       type.mutability == Mutability::Variable ? "mutable " : "",
                       name_of(type.value));
  }
  std::string operator()(const CoreTagType& /*type*/) const { return "a tag"; }
};

}  // namespace

bool is_callable(const CoreFunctionType& type) {
  return std::ranges::all_of(type.params, is_number) &&
         std::ranges::all_of(type.results, is_number);
}

std::string describe(const CoreFunctionType& type) {
  return fmt::format("{} -> {}", list_of(type.params), list_of(type.results));
}

std::string describe(const CoreExternType& type) { return std::visit(Describer(), type); }

CompiledModule::CompiledModule(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CompiledModule::CompiledModule(CompiledModule&&) noexcept = default;
CompiledModule& CompiledModule::operator=(CompiledModule&&) noexcept = default;
CompiledModule::~CompiledModule() = default;

const CompiledModule::Impl::Types& CompiledModule::Impl::types() {
  std::call_once(once_, [this] {
    ImportTypeList import_types;
    wasmtime_module_imports(module.get(), import_types.out());
    const CoreTypeReader reader;
    for (const wasm_importtype_t* import : import_types.view()) {
      types_.imports.push_back({.module = std::string(to_text(*wasm_importtype_module(import))),
                                .field = std::string(to_text(*wasm_importtype_name(import))),
                                .type = reader.read(*wasm_importtype_type(import))});
    }
    ExportTypeList export_types;
    wasmtime_module_exports(module.get(), export_types.out());
    for (const wasm_exporttype_t* exported : export_types.view()) {
      types_.exports.push_back({.name = std::string(to_text(*wasm_exporttype_name(exported))),
                                .type = reader.read(*wasm_exporttype_type(exported))});
    }
    for (const CoreExportType& exported : types_.exports)
      types_.exports_by_name.emplace(exported.name, &exported.type);
  });
  return types_;
}

std::uintptr_t CompiledModule::address() const {
  void* begin = nullptr;
  void* end = nullptr;
  wasmtime_module_image_range(impl_->module.get(), &begin, &end);
  return reinterpret_cast<std::uintptr_t>(begin);
}

Result<CompiledModule> CompiledModule::compile(const Engine& engine,
                                               std::span<const std::uint8_t> module) {
  wasmtime_module_t* code = nullptr;
  const tnengine_slice_t bytes = to_slice(module);
  wasmtime_error_t* error = tnengine_compile_module(engine.impl().handle.get(), &bytes, &code);
  if (error != nullptr) {
    // The compiler validates too, but reports the offset only inside its text.
    Diagnostic refused = take_error(Code::RunEngine, "the module cannot be compiled", error);
    TENON_TRY_VOID(validate_module(module));
    return refused;
  }
  return CompiledModule(std::make_unique<Impl>(code));
}

Result<CompiledModule> CompiledModule::deserialize_trusted_file(const Engine& engine,
                                                                const std::filesystem::path& file) {
  wasmtime_module_t* code = nullptr;
  wasmtime_error_t* error =
      wasmtime_module_deserialize_file(engine.impl().handle.get(), file.c_str(), &code);
  if (error != nullptr) return take_error(Code::RunEngine, kNotLoaded, error);
  return CompiledModule(std::make_unique<Impl>(code));
}

Result<CompiledModule> CompiledModule::deserialize_trusted(const Engine& engine,
                                                           std::span<const std::uint8_t> image) {
  wasmtime_module_t* code = nullptr;
  wasmtime_error_t* error =
      wasmtime_module_deserialize(engine.impl().handle.get(), image.data(), image.size(), &code);
  if (error != nullptr) return take_error(Code::RunEngine, kNotLoaded, error);
  return CompiledModule(std::make_unique<Impl>(code));
}

Result<std::vector<std::uint8_t>> CompiledModule::serialize() const {
  SerializedCode image;
  if (wasmtime_error_t* error = wasmtime_module_serialize(impl_->module.get(), image.out())) {
    return take_error(Code::RunEngine, "compiled code cannot be written", error);
  }
  return to_vector(image);
}

const std::vector<CoreImportType>& CompiledModule::imports() const {
  return impl_->types().imports;
}

const std::vector<CoreExportType>& CompiledModule::exports() const {
  return impl_->types().exports;
}

const CoreExternType* CompiledModule::find_export(std::string_view name) const {
  const auto& exports = impl_->types().exports_by_name;
  const auto match = exports.find(name);
  return match == exports.end() ? nullptr : match->second;
}

}  // namespace tenon::engine
