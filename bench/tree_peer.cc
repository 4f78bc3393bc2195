#include "tree_peer.h"

#include <cstdio>
#include <cstdlib>

namespace tenon::bench {

namespace {

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "tree peer: %s failed\n", what);
  std::exit(1);
}

}  // namespace

TreePeer::TreePeer(bool concurrent) {
  wasm_config_t* config = wasm_config_new();
  tenon_engine_config_language_set(config, concurrent);
  expect(tenon_engine_new(config, &engine_) == nullptr, "making an engine");
  store_ = wasmtime_store_new(engine_, nullptr, nullptr);
  linker_ = wasmtime_component_linker_new(engine_);
}

TreePeer::~TreePeer() {
  wasmtime_component_linker_delete(linker_);
  wasmtime_store_delete(store_);
  wasm_engine_delete(engine_);
}

wasmtime_error_t* TreePeer::call_edge(void* env, wasmtime_context_t* /*context*/,
                                      const wasmtime_component_func_type_t* /*type*/,
                                      wasmtime_component_val_t* args, std::size_t arg_count,
                                      wasmtime_component_val_t* results, std::size_t result_count) {
  const auto* edge = static_cast<Edge*>(env);
  return wasmtime_component_func_call(&edge->function, edge->callee->context(), args, arg_count,
                                      results, result_count);
}

void TreePeer::define(std::string_view name, TreePeer& callee, Edge& edge) {
  edge = {callee.find(name), &callee};
  wasmtime_component_linker_instance_t* root = wasmtime_component_linker_root(linker_);
  expect(wasmtime_component_linker_instance_add_func(root, name.data(), name.size(), call_edge,
                                                     &edge, nullptr) == nullptr,
         "defining a function");
  wasmtime_component_linker_instance_delete(root);
}

void TreePeer::start(std::span<const std::uint8_t> component) {
  wasmtime_component_t* code = nullptr;
  expect(wasmtime_component_new(engine_, component.data(), component.size(), &code) == nullptr,
         "compiling");
  expect(wasmtime_component_linker_instantiate(linker_, context(), code, &instance_) == nullptr,
         "instantiating");
  wasmtime_component_delete(code);
}

wasmtime_component_func_t TreePeer::find(std::string_view name) {
  wasmtime_component_export_index_t* index = wasmtime_component_instance_get_export_index(
      &instance_, context(), nullptr, name.data(), name.size());
  wasmtime_component_func_t function = {};
  expect(index != nullptr &&
             wasmtime_component_instance_get_func(&instance_, context(), index, &function),
         "finding a function");
  wasmtime_component_export_index_delete(index);
  return function;
}

std::uint32_t TreePeer::call(const wasmtime_component_func_t& function, std::uint32_t a,
                             std::uint32_t b) {
  wasmtime_component_val_t args[2] = {};
  for (wasmtime_component_val_t& arg : args) arg.kind = WASMTIME_COMPONENT_U32;
  args[0].of.u32 = a;
  args[1].of.u32 = b;
  wasmtime_component_val_t result = {};
  expect(wasmtime_component_func_call(&function, context(), args, 2, &result, 1) == nullptr,
         "a call");
  return result.of.u32;
}

}  // namespace tenon::bench
