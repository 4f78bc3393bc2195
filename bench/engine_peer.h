// Uses the engine directly, without tenon, as a peer for benchmarks.
#pragma once

#include <wasm.h>
#include <wasmtime.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tenon::bench {

// Ends the program on an error. what: for the message.
void check(wasmtime_error_t* error, const char* what);

// An engine that is configured as for a domain without async.
[[nodiscard]] wasm_engine_t* make_engine();

// A component, compiled and instantiated on an engine that is configured as for a domain without
// async, with one export to call. Ends the program on any failure.
class PeerInstance final {
 public:
  explicit PeerInstance(std::span<const std::uint8_t> component);
  ~PeerInstance();
  PeerInstance(const PeerInstance&) = delete;
  PeerInstance& operator=(const PeerInstance&) = delete;

  // Creates another instance of the same code, in a store of its own.
  [[nodiscard]] std::unique_ptr<PeerInstance> make_another() const;

  // Calls a root export `func(n: u32) -> u32`.
  std::uint32_t call(std::string_view function, std::uint32_t argument);

 private:
  // Takes ownership of both.
  PeerInstance(wasm_engine_t* engine, wasmtime_component_t* component);
  void start();

  wasm_engine_t* engine_ = nullptr;
  wasmtime_store_t* store_ = nullptr;
  wasmtime_component_t* component_ = nullptr;
  wasmtime_component_instance_t instance_{};
};

}  // namespace tenon::bench
