#include "engine/code.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/seam.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

using namespace std::string_view_literals;

// component ::= magic version layer section*            (Binary.md, "Component Definitions")
constexpr std::string_view kComponentPreamble = "\0asm\x0d\0\1\0"sv;
constexpr std::uint8_t kCoreModuleSection = 1;

bool is_component(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kComponentPreamble.size() &&
         std::ranges::equal(bytes.first(kComponentPreamble.size()), kComponentPreamble, {}, {},
                            [](char c) { return static_cast<std::uint8_t>(c); });
}

// The bytes before the module in a component that contains only that module.
// section ::= section_1(m:<core:module>)                 (Binary.md, "Component Definitions")
std::vector<std::uint8_t> make_wrapper_header(std::size_t module_bytes) {
  std::vector<std::uint8_t> header(kComponentPreamble.begin(), kComponentPreamble.end());
  header.push_back(kCoreModuleSection);
  // The size of the section, as unsigned LEB128.
  std::size_t rest = module_bytes;
  for (; rest >= 0x80; rest >>= 7) header.push_back(static_cast<std::uint8_t>(rest | 0x80));
  header.push_back(static_cast<std::uint8_t>(rest));
  return header;
}

}  // namespace

Result<void> validate_component(std::span<const std::uint8_t> component) {
  const tnengine_slice_t bytes = to_slice(component);
  if (tnengine_problem_t* problem = tnengine_validate(&bytes)) {
    return take_problem(Code::ReadInvalid, problem);
  }
  return {};
}

// The crate in engine/ validates only components, and the validator of the C API reports the offset
// only inside its text. So the module is wrapped in a component, and the offset of a problem is
// moved back by the size of the wrapper's header.
Result<void> validate_module(std::span<const std::uint8_t> module) {
  if (is_component(module)) {
    Diagnostic refused =
        make_diagnostic(Code::ReadInvalid, "expected a core module, found a component");
    refused.where.offset = 4;
    return refused;
  }
  std::vector<std::uint8_t> wrapper = make_wrapper_header(module.size());
  const std::size_t header_bytes = wrapper.size();
  wrapper.insert(wrapper.end(), module.begin(), module.end());
  Result<void> valid = validate_component(wrapper);
  if (valid) return {};
  Diagnostic refused = std::move(valid).error().front();
  if (refused.where.offset)
    refused.where.offset =
        std::max<std::uint64_t>(*refused.where.offset, header_bytes) - header_bytes;
  return refused;
}

CompiledComponent::CompiledComponent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CompiledComponent::CompiledComponent(CompiledComponent&&) noexcept = default;
CompiledComponent& CompiledComponent::operator=(CompiledComponent&&) noexcept = default;
CompiledComponent::~CompiledComponent() = default;

Result<CompiledComponent> CompiledComponent::compile(const Engine& engine,
                                                     std::span<const std::uint8_t> component) {
  wasmtime_component_t* code = nullptr;
  const tnengine_slice_t bytes = to_slice(component);
  wasmtime_error_t* error = tnengine_compile_component(engine.impl().handle.get(), &bytes, &code);
  if (error != nullptr) {
    // The compiler validates too, but reports the offset only inside its text.
    Diagnostic refused = take_error(Code::RunEngine, "the component cannot be compiled", error);
    TENON_TRY_VOID(validate_component(component));
    return refused;
  }
  return CompiledComponent(std::make_unique<Impl>(ComponentHandle(code)));
}

Result<CompiledComponent> CompiledComponent::deserialize_trusted_file(
    const Engine& engine, const std::filesystem::path& file) {
  wasmtime_component_t* code = nullptr;
  wasmtime_error_t* error =
      wasmtime_component_deserialize_file(engine.impl().handle.get(), file.c_str(), &code);
  if (error != nullptr) return take_error(Code::RunEngine, kNotLoaded, error);
  return CompiledComponent(std::make_unique<Impl>(ComponentHandle(code)));
}

Result<CompiledComponent> CompiledComponent::deserialize_trusted(
    const Engine& engine, std::span<const std::uint8_t> image) {
  wasmtime_component_t* code = nullptr;
  wasmtime_error_t* error =
      wasmtime_component_deserialize(engine.impl().handle.get(), image.data(), image.size(), &code);
  if (error != nullptr) return take_error(Code::RunEngine, kNotLoaded, error);
  return CompiledComponent(std::make_unique<Impl>(ComponentHandle(code)));
}

Result<std::vector<std::uint8_t>> CompiledComponent::serialize() const {
  SerializedCode image;
  if (wasmtime_error_t* error = wasmtime_component_serialize(impl_->component.get(), image.out())) {
    return take_error(Code::RunEngine, "compiled code cannot be written", error);
  }
  return to_vector(image);
}

}  // namespace tenon::engine
