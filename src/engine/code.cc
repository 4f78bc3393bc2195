#include "engine/code.h"

#include <algorithm>
#include <array>
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
                            [](char one) { return static_cast<std::uint8_t>(one); });
}

// What stands before a module's bytes in a component that holds nothing else.
std::vector<std::uint8_t> header_of_wrapper(std::size_t module_bytes) {
  std::vector<std::uint8_t> header(kComponentPreamble.begin(), kComponentPreamble.end());
  header.push_back(kCoreModuleSection);
  // LEB128
  std::size_t rest = module_bytes;
  for (; rest >= 0x80; rest >>= 7) header.push_back(static_cast<std::uint8_t>(rest | 0x80));
  header.push_back(static_cast<std::uint8_t>(rest));
  return header;
}

}  // namespace

Result<void> validate_component(std::span<const std::uint8_t> component) {
  const tenon_engine_slice_t bytes = to_slice(component);
  if (tenon_engine_problem_t* problem = tenon_engine_validate(&bytes)) {
    return take_problem(Code::ReadInvalid, problem);
  }
  return {};
}

// The engine's crate validates components alone, and the engine's own validator says where only in
// its text: so the module is put in a component.
Result<void> validate_module(std::span<const std::uint8_t> module) {
  if (is_component(module)) {
    Diagnostic refused =
        make_diagnostic(Code::ReadInvalid, "a component, where a core module is needed");
    refused.where.offset = 4;
    return refused;
  }
  std::vector<std::uint8_t> wrapper = header_of_wrapper(module.size());
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
