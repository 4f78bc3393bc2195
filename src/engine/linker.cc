#include "engine/linker.h"

#include <new>
#include <utility>
#include <vector>

#include "engine/core_seam.h"
#include "support/try.h"

namespace tenon::engine {

Instance::Instance(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Instance::Instance(Instance&&) noexcept = default;
Instance& Instance::operator=(Instance&&) noexcept = default;
Instance::~Instance() = default;

Result<CommandEnd, Failure> Instance::run_command(Store& store, std::string_view interface) const {
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  const tnengine_slice_t name = to_slice(interface);
  tnengine_command_end_t end = {};
  if (wasmtime_error_t* error = tnengine_run_command(store.impl().context, store.impl().asked(),
                                                     &impl_->instance, &name, &end)) {
    return take_failure(error);
  }
  return CommandEnd{.how = end.exited ? CommandEnd::How::Exited : CommandEnd::How::Returned,
                    .exit_code = end.exit_code};
}

PreparedComponent::PreparedComponent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PreparedComponent::PreparedComponent(PreparedComponent&&) noexcept = default;
PreparedComponent& PreparedComponent::operator=(PreparedComponent&&) noexcept = default;
PreparedComponent::~PreparedComponent() = default;

Result<Instance, Failure> PreparedComponent::instantiate(Store& store) const {
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  std::unique_ptr<Instance::Impl> instance(new (std::nothrow) Instance::Impl());
  if (instance == nullptr)
    return Failure{.kind = FailureKind::NotEntered, .message = "out of memory"};
  if (wasmtime_error_t* error = tnengine_instantiate(impl_->handle.get(), store.impl().context,
                                                     store.impl().asked(), &instance->instance)) {
    return take_failure(error);
  }
  return Instance(std::move(instance));
}

Linker::Linker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Linker::Linker(Linker&&) noexcept = default;
Linker& Linker::operator=(Linker&&) noexcept = default;
Linker::~Linker() = default;

Linker Linker::make(const Engine& engine) {
  return Linker(std::make_unique<Impl>(
      LinkerHandle(wasmtime_component_linker_new(engine.impl().handle.get()))));
}

Result<void> Linker::add_wasi() {
  if (wasmtime_error_t* error = tnengine_linker_add_wasi(impl_->linker.get())) {
    return take_error(Code::RunEngine, "WASI cannot be defined", error);
  }
  return {};
}

Result<void> Linker::add_http() {
  if (wasmtime_error_t* error = tnengine_linker_add_http(impl_->linker.get()))
    return take_error(Code::RunEngine, "wasi:http cannot be defined", error);
  return {};
}

Result<void> Linker::watch(const Denials& denials, const Watched& watched) {
  const std::uint32_t kinds = (watched.environment ? TNENGINE_DENIED_ENVIRONMENT : 0U) |
                              (watched.file_system ? TNENGINE_DENIED_FILE_SYSTEM : 0U);
  if (wasmtime_error_t* error =
          tnengine_linker_watch(impl_->linker.get(), denials.impl().handle.get(), kinds)) {
    return take_error(Code::RunEngine, "WASI requests cannot be recorded", error);
  }
  return {};
}

Result<void> Linker::limit_names(std::span<const std::string> names, const Denials* denials) {
  std::vector<tnengine_slice_t> slices;
  for (const std::string& name : names) slices.push_back(to_slice(name));
  if (wasmtime_error_t* error = tnengine_linker_limit_names(
          impl_->linker.get(), slices.data(), slices.size(),
          denials != nullptr ? denials->impl().handle.get() : nullptr)) {
    return take_error(Code::RunEngine, "name look-ups cannot be limited", error);
  }
  return {};
}

Result<void> Linker::add_module(std::string_view name, const CompiledModule& module) {
  const std::unique_ptr<wasmtime_component_linker_instance_t,
                        Deleter<wasmtime_component_linker_instance_delete>>
      root(wasmtime_component_linker_root(impl_->linker.get()));
  if (wasmtime_error_t* error = wasmtime_component_linker_instance_add_module(
          root.get(), name.data(), name.size(), module.impl().module.get())) {
    return take_error(Code::RunEngine, "a core module cannot be defined", error);
  }
  return {};
}

Result<PreparedComponent, Failure> Linker::prepare(const CompiledComponent& code) const {
  tnengine_prepared_t* prepared = nullptr;
  if (wasmtime_error_t* error =
          tnengine_prepare(impl_->linker.get(), code.impl().component.get(), &prepared)) {
    return take_failure(error);
  }
  return PreparedComponent(std::make_unique<PreparedComponent::Impl>(PreparedHandle(prepared)));
}

Result<Instance, Failure> Linker::instantiate(Store& store, const CompiledComponent& code) const {
  TENON_TRY(const PreparedComponent prepared, prepare(code));
  return prepared.instantiate(store);
}

}  // namespace tenon::engine
