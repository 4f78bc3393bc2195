// Calls with the engine's own values, through wasmtime's C API: the peer of raw and bridged calls
// in the same run.
#pragma once

#include <tenon_engine.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tenon::bench {

// One store with one component. Ends the program on failure.
class TreePeer final {
 public:
  TreePeer();
  TreePeer(const TreePeer&) = delete;
  TreePeer& operator=(const TreePeer&) = delete;
  ~TreePeer();

  // Defines a function that the component imports by calling an export of `callee`. Must be called
  // before `start`. A resource can be a parameter or the result, but not a part of another value.
  // edge: is filled, and must outlive this object.
  struct Edge {
    wasmtime_component_func_t function = {};
    TreePeer* caller = nullptr;
    TreePeer* callee = nullptr;
  };
  void define(std::string_view name, TreePeer& callee, Edge& edge);
  // Defines a resource that the component imports, as proxies of a resource of `callee`. At most
  // one.
  void define_resource(std::string_view name, TreePeer& callee);
  void start(std::span<const std::uint8_t> component);
  [[nodiscard]] wasmtime_component_func_t find(std::string_view name);
  // `name` is a function (u32, u32) -> u32.
  std::uint32_t call(const wasmtime_component_func_t& function, std::uint32_t a, std::uint32_t b);

 private:
  [[nodiscard]] wasmtime_context_t* context() { return wasmtime_store_context(store_); }
  static wasmtime_error_t* call_edge(void* env, wasmtime_context_t* context,
                                     const wasmtime_component_func_type_t* type,
                                     wasmtime_component_val_t* args, std::size_t arg_count,
                                     wasmtime_component_val_t* results, std::size_t result_count);
  static wasmtime_error_t* drop_proxy(void* env, wasmtime_context_t* context, std::uint32_t rep);

  // The resource behind a proxy that the component passes. own: ownership passes, too.
  [[nodiscard]] wasmtime_component_resource_any_t* lift(
      wasmtime_context_t* context, const wasmtime_component_resource_any_t* proxy, bool& own);
  // Creates a proxy for a new resource of the callee.
  [[nodiscard]] wasmtime_component_resource_any_t* lower(
      wasmtime_context_t* context, wasmtime_component_resource_any_t* resource);
  [[nodiscard]] wasmtime_component_resource_any_t* take(std::uint32_t rep);

  wasm_engine_t* engine_ = nullptr;
  wasmtime_store_t* store_ = nullptr;
  wasmtime_component_linker_t* linker_ = nullptr;
  wasmtime_component_instance_t instance_ = {};
  TreePeer* maker_ = nullptr;  // the component that defines the resource
  // Indexed by the reps of the proxies.
  std::vector<wasmtime_component_resource_any_t*> resources_;
  std::vector<std::uint32_t> free_;
};

}  // namespace tenon::bench
