#include "tree_peer.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tenon::bench {

namespace {

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "tree peer: %s failed\n", what);
  std::exit(1);
}

}  // namespace

TreePeer::TreePeer() {
  wasm_config_t* config = wasm_config_new();
  tnengine_config_language_set(config, false);
  expect(tnengine_new(config, &engine_) == nullptr, "making an engine");
  store_ = wasmtime_store_new(engine_, nullptr, nullptr);
  linker_ = wasmtime_component_linker_new(engine_);
}

TreePeer::~TreePeer() {
  wasmtime_component_linker_delete(linker_);
  wasmtime_store_delete(store_);
  wasm_engine_delete(engine_);
}

wasmtime_error_t* TreePeer::call_edge(void* env, wasmtime_context_t* context,
                                      const wasmtime_component_func_type_t* /*type*/,
                                      wasmtime_component_val_t* args, std::size_t arg_count,
                                      wasmtime_component_val_t* results, std::size_t result_count) {
  const auto* edge = static_cast<Edge*>(env);
  wasmtime_context_t* const callee = edge->callee->context();
  if (edge->caller->maker_ == nullptr)
    return wasmtime_component_func_call(&edge->function, callee, args, arg_count, results,
                                        result_count);
  expect(arg_count <= 1 && result_count == 1, "a call with a resource");
  wasmtime_component_val_t arg = *args;
  bool own = false;
  if (arg.kind == WASMTIME_COMPONENT_RESOURCE)
    arg.of.resource = edge->caller->lift(context, args->of.resource, own);
  wasmtime_error_t* const error =
      wasmtime_component_func_call(&edge->function, callee, &arg, arg_count, results, result_count);
  if (own) wasmtime_component_resource_any_delete(arg.of.resource);
  if (error == nullptr && results->kind == WASMTIME_COMPONENT_RESOURCE)
    results->of.resource = edge->caller->lower(context, results->of.resource);
  return error;
}

wasmtime_error_t* TreePeer::drop_proxy(void* env, wasmtime_context_t* /*context*/,
                                       std::uint32_t rep) {
  auto* self = static_cast<TreePeer*>(env);
  wasmtime_component_resource_any_t* const resource = self->take(rep);
  wasmtime_error_t* const error =
      wasmtime_component_resource_any_drop(self->maker_->context(), resource);
  wasmtime_component_resource_any_delete(resource);
  return error;
}

wasmtime_component_resource_any_t* TreePeer::take(std::uint32_t rep) {
  free_.push_back(rep);
  return std::exchange(resources_[rep], nullptr);
}

wasmtime_component_resource_any_t* TreePeer::lift(wasmtime_context_t* context,
                                                  const wasmtime_component_resource_any_t* proxy,
                                                  bool& own) {
  wasmtime_component_resource_host_t* host = nullptr;
  expect(wasmtime_component_resource_any_to_host(context, proxy, &host) == nullptr,
         "lifting a resource");
  const std::uint32_t rep = wasmtime_component_resource_host_rep(host);
  own = wasmtime_component_resource_host_owned(host);
  wasmtime_component_resource_host_delete(host);
  return own ? take(rep) : resources_[rep];
}

wasmtime_component_resource_any_t* TreePeer::lower(wasmtime_context_t* context,
                                                   wasmtime_component_resource_any_t* resource) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(resources_.size()));
    resources_.push_back(nullptr);
  }
  const std::uint32_t rep = free_.back();
  free_.pop_back();
  resources_[rep] = resource;
  wasmtime_component_resource_host_t* const host =
      wasmtime_component_resource_host_new(true, rep, 0);
  wasmtime_component_resource_any_t* proxy = nullptr;
  expect(wasmtime_component_resource_host_to_any(context, host, &proxy) == nullptr,
         "lowering a resource");
  wasmtime_component_resource_host_delete(host);
  return proxy;
}

void TreePeer::define_resource(std::string_view name, TreePeer& callee) {
  maker_ = &callee;
  wasmtime_component_resource_type_t* const type = wasmtime_component_resource_type_new_host(0);
  wasmtime_component_linker_instance_t* const root = wasmtime_component_linker_root(linker_);
  expect(wasmtime_component_linker_instance_add_resource(root, name.data(), name.size(), type,
                                                         drop_proxy, this, nullptr) == nullptr,
         "defining a resource");
  wasmtime_component_linker_instance_delete(root);
  wasmtime_component_resource_type_delete(type);
}

void TreePeer::define(std::string_view name, TreePeer& callee, Edge& edge) {
  edge = {callee.find(name), this, &callee};
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
