// The C side of the engine as owners and values. Included by the sources of this folder alone:
// these are the only files that see wasmtime and the shim.
#pragma once

#include <tenon_engine.h>
#include <wasmtime.h>

#include <cstdint>
#include <forward_list>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/code.h"
#include "engine/engine.h"
#include "engine/failure.h"
#include "engine/linker.h"
#include "engine/store.h"
#include "support/diagnostics.h"

namespace tenon::engine {

template <auto Delete>
struct Deleter {
  template <class T>
  void operator()(T* owned) const noexcept {
    Delete(owned);
  }
};

using EngineHandle = std::unique_ptr<wasm_engine_t, Deleter<wasm_engine_delete>>;
using StoreHandle = std::unique_ptr<wasmtime_store_t, Deleter<wasmtime_store_delete>>;
using ComponentHandle = std::unique_ptr<wasmtime_component_t, Deleter<wasmtime_component_delete>>;
using LinkerHandle =
    std::unique_ptr<wasmtime_component_linker_t, Deleter<wasmtime_component_linker_delete>>;
using WasiHandle = std::unique_ptr<tenon_engine_wasi_t, Deleter<tenon_engine_wasi_delete>>;
using DenialsHandle = std::unique_ptr<tenon_engine_denials_t, Deleter<tenon_engine_denials_delete>>;
using CaptureHandle = std::unique_ptr<tenon_engine_capture_t, Deleter<tenon_engine_capture_delete>>;
using HomeHandle = std::unique_ptr<tenon_engine_home_t, Deleter<tenon_engine_home_delete>>;
using WitHandle = std::unique_ptr<tenon_engine_wit_t, Deleter<tenon_engine_wit_delete>>;

// Bytes that the shim allocated, until they are copied out.
class GivenBytes final {
 public:
  GivenBytes() = default;
  GivenBytes(const GivenBytes&) = delete;
  GivenBytes& operator=(const GivenBytes&) = delete;
  ~GivenBytes() { tenon_engine_bytes_delete(&bytes_); }

  tenon_engine_bytes_t* out() { return &bytes_; }
  [[nodiscard]] std::span<const std::uint8_t> view() const { return {bytes_.data, bytes_.size}; }
  [[nodiscard]] std::vector<std::uint8_t> to_vector() const;
  [[nodiscard]] std::string to_string() const;

 private:
  tenon_engine_bytes_t bytes_ = {};
};

// A vector of the C API that it filled, freed at the end of the scope.
template <class List, class Element, auto Delete>
class GivenList final {
 public:
  GivenList() = default;
  GivenList(const GivenList&) = delete;
  GivenList& operator=(const GivenList&) = delete;
  ~GivenList() { Delete(&list_); }

  List* out() { return &list_; }
  [[nodiscard]] std::span<const Element> view() const { return {list_.data, list_.size}; }

 private:
  List list_ = {};
};

using GivenImage = GivenList<wasm_byte_vec_t, wasm_byte_t, wasm_byte_vec_delete>;

// Machine code that was serialized.
std::vector<std::uint8_t> to_vector(const GivenImage& image);

// Borrowed views, in both directions; nothing is copied.
tenon_engine_slice_t to_slice(std::string_view text);
tenon_engine_slice_t to_slice(std::span<const std::uint8_t> bytes);
std::string_view to_text(tenon_engine_slice_t slice);

// Each takes what it is given; it must not be null.
Diagnostic take_problem(Code code, tenon_engine_problem_t* problem);
Failure take_failure(wasmtime_error_t* error);
// The error's message as a diagnostic; `what` stands in front of it.
Diagnostic take_error(Code code, std::string_view what, wasmtime_error_t* error);

struct Engine::Impl {
  EngineHandle handle;
  EngineConfig config;
  std::string fingerprint;
};

struct CompiledComponent::Impl {
  ComponentHandle component;
};

// An instance of a core module, as the host functions that it imports see it.
struct CallerInstance {
  std::uint64_t store_id = 0;
  bool is_made = false;  // its start function has returned, and what follows is known
  bool has_memory = false;
  wasmtime_instance_t instance = {};
  wasmtime_memory_t memory = {};
};

struct Store::Impl {
  // Host functions of the store have their addresses. An empty list takes nothing, which a deque
  // does.
  std::forward_list<CallerInstance> callers;

  StoreHandle store;
  CaptureHandle capture;  // null unless `Stdio::Capture`
  HomeHandle home;        // null: its guests gave no resource away
  EngineConfig config;
  bool running = false;           // while an `Entry` lives
  std::function<bool()> goes_on;  // empty: the first interruption ends a guest

  wasmtime_context_t* context = nullptr;  // the store's
  // The engine's number of the store, never used again; 0: no core module was instantiated in it.
  std::uint64_t id = 0;
};

// A guest runs in `store` while this lives. Everything that enters one begins with it.
//
// An interruption raises the engine's epoch by one, so that it ends what runs then and nothing that
// is entered later.
//
// A store that runs is not entered again by a host function: wasmtime's stores are used by one call
// at a time. wasmtime 48 notices that an instance is entered again with concurrency support alone
// (`StoreOpaque::may_enter`).
class Entry final {
 public:
  explicit Entry(Store& store) : impl_(store.impl().running ? nullptr : &store.impl()) {
    if (impl_ == nullptr) return;
    impl_->running = true;
    if (impl_->config.interruption == Interruption::Yes)
      wasmtime_context_set_epoch_deadline(impl_->context, 1);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() {
    if (impl_ != nullptr) impl_->running = false;
  }

  // Whether the store runs already. Nothing may be entered then.
  [[nodiscard]] bool refused() const { return impl_ == nullptr; }
  [[nodiscard]] static Failure refusal();

 private:
  Store::Impl* impl_;
};

struct Instance::Impl {
  wasmtime_component_instance_t instance = {};
};

struct Denials::Impl {
  DenialsHandle handle;
};

struct Linker::Impl {
  LinkerHandle linker;
};

}  // namespace tenon::engine
