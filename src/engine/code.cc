#include "engine/code.h"

#include <utility>

#include "engine/seam.h"
#include "engine/validate.h"
#include "support/try.h"

namespace tenon::engine {

CompiledComponent::CompiledComponent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CompiledComponent::CompiledComponent(CompiledComponent&&) noexcept = default;
CompiledComponent& CompiledComponent::operator=(CompiledComponent&&) noexcept = default;
CompiledComponent::~CompiledComponent() = default;

Result<CompiledComponent> CompiledComponent::compile(const Engine& engine,
                                                     std::span<const std::uint8_t> component) {
  wasmtime_component_t* made = nullptr;
  wasmtime_error_t* error =
      wasmtime_component_new(engine.impl().handle.get(), component.data(), component.size(), &made);
  if (error != nullptr) {
    // The compiler validates too, but says where only in its text.
    Diagnostic refused = take_error(Code::RunEngine, "the component cannot be compiled", error);
    TENON_TRY_VOID(validate_component(component));
    return refused;
  }
  return CompiledComponent(std::make_unique<Impl>(ComponentHandle(made)));
}

Result<CompiledComponent> CompiledComponent::deserialize_trusted_file(
    const Engine& engine, const std::filesystem::path& file) {
  wasmtime_component_t* made = nullptr;
  wasmtime_error_t* error =
      wasmtime_component_deserialize_file(engine.impl().handle.get(), file.c_str(), &made);
  if (error != nullptr) {
    return take_error(Code::RunEngine, "compiled code cannot be loaded", error);
  }
  return CompiledComponent(std::make_unique<Impl>(ComponentHandle(made)));
}

Result<std::vector<std::uint8_t>> CompiledComponent::serialize() const {
  GivenImage image;
  if (wasmtime_error_t* error = wasmtime_component_serialize(impl_->component.get(), image.out())) {
    return take_error(Code::RunEngine, "compiled code cannot be written", error);
  }
  return to_vector(image);
}

}  // namespace tenon::engine
