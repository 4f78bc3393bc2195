// The C API of the engine as owners and values. Included by the sources of this folder alone, the
// only files that see wasmtime and the crate in engine/.
#pragma once

#include <tenon_engine.h>
#include <tenon_engine_http.h>
#include <tenon_engine_loop.h>
#include <wasmtime.h>

#include <cstdint>
#include <forward_list>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/code.h"
#include "engine/engine.h"
#include "engine/failure.h"
#include "engine/http.h"
#include "engine/http_client.h"
#include "engine/linker.h"
#include "engine/raw_call.h"
#include "engine/store.h"
#include "engine/tls.h"
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
using PreparedHandle = std::unique_ptr<tnengine_prepared_t, Deleter<tnengine_prepared_delete>>;
using WasiHandle = std::unique_ptr<tnengine_wasi_t, Deleter<tnengine_wasi_delete>>;
using DenialsHandle = std::unique_ptr<tnengine_denials_t, Deleter<tnengine_denials_delete>>;
using LabelHandle = std::unique_ptr<tnengine_label_t, Deleter<tnengine_label_delete>>;
using CaptureHandle = std::unique_ptr<tnengine_capture_t, Deleter<tnengine_capture_delete>>;
using HomeHandle = std::unique_ptr<tnengine_home_t, Deleter<tnengine_home_delete>>;
using WasiTableHandle = std::unique_ptr<tnengine_wasi_table_t, Deleter<tnengine_wasi_table_delete>>;
using WitHandle = std::unique_ptr<tnengine_wit_t, Deleter<tnengine_wit_delete>>;

// Bytes that the crate allocated; freed at the end of the scope.
class OwnedBytes final {
 public:
  OwnedBytes() = default;
  OwnedBytes(const OwnedBytes&) = delete;
  OwnedBytes& operator=(const OwnedBytes&) = delete;
  ~OwnedBytes() { tnengine_bytes_delete(&bytes_); }

  tnengine_bytes_t* out() { return &bytes_; }
  [[nodiscard]] std::span<const std::uint8_t> view() const { return {bytes_.data, bytes_.size}; }
  [[nodiscard]] std::vector<std::uint8_t> to_vector() const;
  [[nodiscard]] std::string to_string() const;

 private:
  tnengine_bytes_t bytes_ = {};
};

// A vector that the C API filled; freed at the end of the scope.
template <class List, class Element, auto Delete>
class OwnedList final {
 public:
  OwnedList() = default;
  OwnedList(const OwnedList&) = delete;
  OwnedList& operator=(const OwnedList&) = delete;
  ~OwnedList() { Delete(&list_); }

  List* out() { return &list_; }
  [[nodiscard]] std::span<const Element> view() const { return {list_.data, list_.size}; }

 private:
  List list_ = {};
};

constexpr const char* kNotLoaded = "compiled code cannot be loaded";
using SerializedCode = OwnedList<wasm_byte_vec_t, wasm_byte_t, wasm_byte_vec_delete>;

// Copies serialized machine code.
std::vector<std::uint8_t> to_vector(const SerializedCode& image);

// Views, in both directions; nothing is copied.
tnengine_slice_t to_slice(std::string_view text);
tnengine_slice_t to_slice(std::span<const std::uint8_t> bytes);
std::string_view to_text(tnengine_slice_t slice);

tnengine_guest_t* raw(const GuestSide& side);
tnengine_place_t raw(HandlePlace place);

// For objects whose `env` is a Consumer (stream.cc).
extern const tnengine_consumer_t kConsumerCallbacks;

// The message of a call that ended because there is no memory.
inline constexpr std::string_view kOutOfMemory = "out of memory";

// The engine's error that a callback returns: null for success.
inline wasmtime_error_t* release_error(Result<void, CallError> result) {
  if (result) return nullptr;
  return static_cast<wasmtime_error_t*>(std::move(result).error().release());
}

// Each takes ownership of its argument, which must not be null.
Diagnostic take_problem(Code code, tnengine_problem_t* problem);
Failure take_failure(wasmtime_error_t* error);
// A success if there is no error, which is given.
inline Result<void, CallError> check(wasmtime_error_t* error) {
  if (error != nullptr) return CallError(error);
  return {};
}
// Calls what a callback does. If there is no memory, the call of the guest fails: an exception must not
// unwind through Rust frames, and no other one is expected.
template <class F>
wasmtime_error_t* guard_callback(F&& function) noexcept {
  try {
    return release_error(function());
  } catch (const std::bad_alloc&) {
    return release_error(CallError::make(kOutOfMemory));
  }
}
// The error as a diagnostic: `what`, a colon, and the error's message.
Diagnostic take_error(Code code, std::string_view what, wasmtime_error_t* error);

struct Engine::Impl {
  EngineHandle handle;
  EngineConfig config;
  std::string fingerprint;
};

struct CompiledComponent::Impl {
  ComponentHandle component;
};

// An instance of a core module, as seen by the host functions that it imports.
struct CallerInstance {
  std::uint64_t store_id = 0;
  bool is_started = false;  // its start function has returned, and the fields below are set
  bool has_memory = false;
  wasmtime_instance_t instance = {};
  wasmtime_memory_t memory = {};
};

struct Store::Impl {
  // Host functions of the store keep the addresses of elements. A list, because an empty one
  // allocates nothing, unlike a deque.
  std::forward_list<CallerInstance> callers;

  StoreHandle store;
  CaptureHandle capture;  // null unless `Stdio::Capture`
  HomeHandle home;        // null until one of its guests passes a resource to the host
  WasiTableHandle wasi;   // null if the store has no WASI
  EngineConfig config;
  bool running = false;           // while a `StoreEntry` exists
  std::function<bool()> goes_on;  // empty: the first interruption ends a guest
  tnengine_interrupts_t interrupts = {};

  wasmtime_context_t* context = nullptr;  // the store's
  // The engine's number for the store, never reused; 0 until a core module is instantiated in it.
  std::uint64_t id = 0;

  // Null: no one is asked while a guest waits.
  [[nodiscard]] const tnengine_interrupts_t* asked() const {
    return goes_on ? &interrupts : nullptr;
  }
};

// Marks `store` as running a guest for the scope of this object. Every function that enters a guest
// creates one first.
//
// It sets the store's deadline to the engine's next epoch. `Engine::interrupt` raises the epoch by
// one, so it ends guests that are running and none that start later.
//
// It refuses a store that is running already: a host function must not enter the store that called
// it, since wasmtime's stores serve one call at a time. wasmtime 48 detects that an instance is
// entered again only with concurrency support (`StoreOpaque::may_enter`).
class StoreEntry final {
 public:
  explicit StoreEntry(Store& store) : impl_(store.impl().running ? nullptr : &store.impl()) {
    if (impl_ == nullptr) return;
    impl_->running = true;
    if (impl_->config.interruption == Interruption::Yes)
      wasmtime_context_set_epoch_deadline(impl_->context, 1);
  }
  StoreEntry(const StoreEntry&) = delete;
  StoreEntry& operator=(const StoreEntry&) = delete;
  ~StoreEntry() {
    if (impl_ != nullptr) impl_->running = false;
  }

  // Whether the store was running already. Nothing must be entered then.
  [[nodiscard]] bool refused() const { return impl_ == nullptr; }
  [[nodiscard]] static Failure refusal();

 private:
  Store::Impl* impl_;
};

struct Instance::Impl {
  wasmtime_component_instance_t instance = {};
};

struct PreparedComponent::Impl {
  PreparedHandle handle;
};

struct HttpRequest::Impl {
  std::unique_ptr<tnengine_http_request_t, Deleter<tnengine_http_request_delete>> handle;
};

struct HttpServer::Impl {
  // Outlive the handle.
  HttpCallbacks callbacks;
  std::unique_ptr<tnengine_http_server_t, Deleter<tnengine_http_server_delete>> handle;
};

struct HttpHandler::Impl {
  std::unique_ptr<tnengine_http_handler_t, Deleter<tnengine_http_handler_delete>> handle;
};

struct HttpClient::Impl {
  std::unique_ptr<tnengine_http_client_t, Deleter<tnengine_http_client_delete>> handle;
};

struct OutputLabel::Impl {
  LabelHandle handle;
};

struct Tls::Impl {
  std::unique_ptr<tnengine_tls_t, Deleter<tnengine_tls_delete>> handle;
};

struct Denials::Impl {
  DenialsHandle handle;
};

struct Linker::Impl {
  LinkerHandle linker;
};

}  // namespace tenon::engine
