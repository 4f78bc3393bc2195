#include "engine_peer.h"

#include <tenon_engine.h>

#include <cstdio>
#include <cstdlib>

namespace tenon::bench {

void check(wasmtime_error_t* error, const char* what) {
  if (error == nullptr) return;
  wasm_name_t message;
  wasmtime_error_message(error, &message);
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(message.size), message.data);
  std::exit(1);
}

wasm_engine_t* make_engine() {
  wasm_config_t* config = wasm_config_new();
  tnengine_config_language_set(config, false);
  tnengine_config_inlining_set(config, true);
  wasm_engine_t* engine = nullptr;
  check(tnengine_new(config, &engine), "engine");
  return engine;
}

PeerInstance::PeerInstance(std::span<const std::uint8_t> component) : engine_(make_engine()) {
  check(wasmtime_component_new(engine_, component.data(), component.size(), &component_),
        "compile");
  start();
}

PeerInstance::PeerInstance(wasm_engine_t* engine, wasmtime_component_t* component)
    : engine_(engine), component_(component) {
  start();
}

std::unique_ptr<PeerInstance> PeerInstance::make_another() const {
  return std::unique_ptr<PeerInstance>(
      new PeerInstance(wasmtime_engine_clone(engine_), wasmtime_component_clone(component_)));
}

void PeerInstance::start() {
  store_ = wasmtime_store_new(engine_, nullptr, nullptr);
  wasmtime_component_linker_t* linker = wasmtime_component_linker_new(engine_);
  check(wasmtime_component_linker_instantiate(linker, wasmtime_store_context(store_), component_,
                                              &instance_),
        "instantiate");
  wasmtime_component_linker_delete(linker);
}

PeerInstance::~PeerInstance() {
  wasmtime_component_delete(component_);
  wasmtime_store_delete(store_);
  wasm_engine_delete(engine_);
}

std::uint32_t PeerInstance::call(std::string_view function, std::uint32_t argument) {
  wasmtime_context_t* context = wasmtime_store_context(store_);
  wasmtime_component_export_index_t* index = wasmtime_component_instance_get_export_index(
      &instance_, context, nullptr, function.data(), function.size());
  wasmtime_component_func_t func;
  if (index == nullptr ||
      !wasmtime_component_instance_get_func(&instance_, context, index, &func)) {
    std::fprintf(stderr, "no export %.*s\n", static_cast<int>(function.size()), function.data());
    std::exit(1);
  }
  wasmtime_component_export_index_delete(index);
  wasmtime_component_val_t given{};
  given.kind = WASMTIME_COMPONENT_U32;
  given.of.u32 = argument;
  wasmtime_component_val_t answer{};
  check(wasmtime_component_func_call(&func, context, &given, 1, &answer, 1), "call");
  return answer.of.u32;
}

}  // namespace tenon::bench
