// Calls by the engine's own values, through wasmtime's C API: what raw and bridged calls are
// compared with in the same run.
#pragma once

#include <tenon_engine.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace tenon::bench {

// One store with one component. Ends the program on failure.
class TreePeer final {
 public:
  explicit TreePeer(bool concurrent);
  TreePeer(const TreePeer&) = delete;
  TreePeer& operator=(const TreePeer&) = delete;
  ~TreePeer();

  // A function that the component imports, met by one that `callee` exports; before `start`.
  // edge: filled; outlives this.
  struct Edge {
    wasmtime_component_func_t function = {};
    TreePeer* callee = nullptr;
  };
  void define(std::string_view name, TreePeer& callee, Edge& edge);
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

  wasm_engine_t* engine_ = nullptr;
  wasmtime_store_t* store_ = nullptr;
  wasmtime_component_linker_t* linker_ = nullptr;
  wasmtime_component_instance_t instance_ = {};
};

}  // namespace tenon::bench
