// Handles of WASI that pass from one store to another: those of streams, pollables, descriptors and
// errors, and of wasi:http. Each store has its own table of WASI resources, and the rep of a handle is the index
// of an entry in that table.
//
//   auto rep = giver.lift_own(0, handle);
//   auto stream = WasiResource::take(giver, giver_store, WasiKind::InputStream, *rep);
//   auto taken = stream->put(taker_store);
//   auto lowered = taker.lower_own(0, *taken, place);
//
// Thread: that of the store. The functions can be used in the callbacks of a raw call, but not while
// a WASI function of the store runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/raw_call.h"
#include "tenon/result.h"

namespace tenon::engine {

class Linker;
class Store;

enum class WasiKind : std::uint8_t {
#define TENON_WASI_HANDLE(name, constant, interface, resource, can_be_borrowed) name,
#include "support/wasi_handles.def"
#undef TENON_WASI_HANDLE
};

// A WASI resource that is in no table. Move-only. It can outlive its store.
class WasiResource final {
 public:
  // Removes the entry. A pollable of a stream stays usable and shares the stream. giver: the side of the
  // call that passes the handle; what a guest writes to the body of a message can be read after it.
  // Errors: the entry has children (pollables of a stream), or it is a pollable of a resource that
  //         stays in its store, such as a socket; the store has no WASI.
  [[nodiscard]] static Result<WasiResource, CallError> take(GuestSide& giver, Store& store,
                                                            WasiKind kind, std::uint32_t rep);
  // The same without removing the entry: both refer to one stream, file or time. Of two stores that
  // use one stream at the same time, one waits.
  // Errors: also those of wasi:http, which cannot be shared.
  [[nodiscard]] static Result<WasiResource, CallError> share(Store& store, WasiKind kind,
                                                             std::uint32_t rep);

  // Adds the resource to a table, and returns its rep.
  // Errors: the table is full; the store has no WASI.
  [[nodiscard]] Result<std::uint32_t, CallError> put(Store& store) &&;
  [[nodiscard]] Result<WasiResource, CallError> share() const;

  // For the sources of this folder alone: takes ownership of the crate's object.
  explicit WasiResource(void* resource) : resource_(resource) {}
  // Gives it back.
  [[nodiscard]] void* release() { return resource_.release(); }

 private:
  struct Free {
    void operator()(void* resource) const noexcept;
  };
  std::unique_ptr<void, Free> resource_;
};

// Defines a resource type of an imported instance, or a direct import of the component if `interface`
// is empty, as that of WASI: the interface of a guest that uses WASI's type.
// Errors: run-engine (defined twice).
[[nodiscard]] Result<void> define_wasi_resource(Linker& linker, std::string_view interface,
                                                std::string_view name, WasiKind kind);

// Removes the entry of a borrowed handle at the end of its call. A callee can keep a pollable of a
// borrowed stream; then the entry is removed by a later call after the pollable is gone.
void end_loan(Store& store, WasiKind kind, std::uint32_t rep);

}  // namespace tenon::engine
