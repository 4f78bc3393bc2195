// Raw calls: calls between guests and the host in which C++ lifts and lowers the values.
//
// The engine's own API passes a tree of values for every call, one node for each field and list
// element. A raw call exposes the level below: the flat values, the guest's memory, its realloc and
// its handle table. A bridged call can then copy a list from one guest's memory into another's, and
// a call of numbers allocates nothing. The engine still enters and leaves guests, runs post-return
// and counts borrows (docs/adr/0007-raw-calls.md).
//
//   struct Add final : RawCall {
//     Result<void, CallError> lower(GuestSide&, std::span<FlatValue> params) override {
//       params[0] = FlatValue::of_u32(2);
//       params[1] = FlatValue::of_u32(3);
//       return {};
//     }
//     Result<void, CallError> lift(GuestSide&, std::span<const FlatValue> result) override {
//       sum = result[0].u32();
//       return {};
//     }
//     std::uint32_t sum = 0;
//   };
//   const std::string_view path[] = {"acme:tax/lib@1.0.0", "add"};
//   auto add = RawFunction::find(store, instance, path, {.params = 2, .results = 1});
//   Add call;
//   auto called = add->call(store, call);
//
// Counts of flat values follow the Canonical ABI (CanonicalABI.md, "Flattening"): up to 16 params
// and one result are flat. If a function has more, its params or its result are *spilled*: they are
// a tuple in memory, and the one flat value is the address of that tuple. An export that is lifted
// `async` returns a result of 2 to 16 flat values flat, although its count is kSpilled.
//
// Handles are numbered by their position in the type, so that C++ can name the resource of a handle
// without knowing the engine's types. The first `own`, `borrow`, `stream` or `future` in the params
// is number 0, the first one in the result is number 0 again, and so is the first one in the items
// of a stream. A resource or type that occurs several times has a number for each occurrence. The
// order is depth first: params, fields and cases in order, ok before error, key before value, the
// element of a list once.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/failure.h"
#include "tenon/result.h"

namespace tenon::engine {

class Consumer;
class FutureEnd;
class Instance;
class Linker;
class Producer;
class Store;

// One flat value of a guest: i32, i64, f32 or f64. Bits beyond the width of the value are
// undefined, so compare through an accessor and never the struct as a whole.
struct FlatValue {
  std::uint64_t bits = 0;
  std::uint64_t unused = 0;  // the upper half of the engine's 128-bit slot; components have no
                             // vectors

  static FlatValue of_u32(std::uint32_t value) { return {value}; }
  static FlatValue of_u64(std::uint64_t value) { return {value}; }
  static FlatValue of_f32(float value) { return {std::bit_cast<std::uint32_t>(value)}; }
  static FlatValue of_f64(double value) { return {std::bit_cast<std::uint64_t>(value)}; }

  [[nodiscard]] std::uint32_t u32() const { return static_cast<std::uint32_t>(bits); }
  [[nodiscard]] std::uint64_t u64() const { return bits; }
  [[nodiscard]] float f32() const { return std::bit_cast<float>(u32()); }
  [[nodiscard]] double f64() const { return std::bit_cast<double>(bits); }
};

inline constexpr std::uint8_t kSpilled = 255;

// params: 0 to 16, or kSpilled. results: 0, 1 or kSpilled.
struct FlatCounts {
  std::uint8_t params = 0;
  std::uint8_t results = 0;

  bool operator==(const FlatCounts&) const = default;
};

// Encoding of the strings in a guest's memory. Latin1Utf16: a bit of each string's length selects
// one of the two.
enum class GuestEncoding { Utf8, Utf16, Latin1Utf16 };

// The error with which a callback ends a call. An error returned by a function below keeps its kind
// and its frames when the callback returns it unchanged. Move-only.
class CallError final {
 public:
  // An error that traps the guest: the callee of a raw call, or the caller of a host function.
  // payload: any number; it is returned as `Failure::payload`.
  [[nodiscard]] static CallError make(std::string_view message, std::uint64_t payload = 0);

  [[nodiscard]] Failure to_failure() &&;

  // For the sources of this folder alone: takes ownership of the engine's error, and releases it.
  explicit CallError(void* error) : error_(error) {}
  [[nodiscard]] void* release() && { return error_.release(); }

 private:
  struct Free {
    void operator()(void* error) const noexcept;
  };
  std::unique_ptr<void, Free> error_;
};

// A resource that a guest defined, held by the host. A plain value, valid only with its own store.
// It is in no table of the engine: the holder must give it away or drop it exactly once, and not
// while it is borrowed.
struct GuestResource {
  std::array<std::uint64_t, 6> words = {};
};

// The destination of a lowered handle's index.
struct HandlePlace {
  enum class Where {
    Flat,         // at: position among the flat values
    Memory,       // at: address of four bytes in the guest's memory
    ResultBytes,  // at: offset of four bytes in `HostCall::result_bytes`
  };
  Where where = Where::Flat;
  std::uint32_t at = 0;
};

// A guest's side of one call. Valid inside the callback that receives it, on that thread. While a
// host function calls another guest, both sides can be used in the callbacks of the inner call.
//
//   passed to         memory           allocate   handles
//   RawCall::lower    read and write   yes        of the params, lowered
//   RawCall::lift     read             no         of the result, lifted
//   HostFunction      read and write   yes        of the params, lifted; of the result, lowered
//   Consumer::read    read             no         of the items, lifted
//   Producer::write   read and write   yes        of the items, lowered
//
// Any other use is an error, and so is a handle whose kind differs from the type at its number. A
// callback should return each error that it receives: afterwards the guest cannot be called again.
class GuestSide final {
 public:
  GuestSide(const GuestSide&) = delete;
  GuestSide& operator=(const GuestSide&) = delete;

  // The whole memory; empty if the function has none. Lifetime: until the guest allocates or runs.
  [[nodiscard]] std::span<std::uint8_t> memory() { return view().memory; }
  [[nodiscard]] GuestEncoding encoding() { return view().encoding; }

  // `size` bytes at `address`. Lifetime: as `memory`.
  // Errors: out of bounds, or `address` is not a multiple of `align`.
  [[nodiscard]] Result<std::span<std::uint8_t>, CallError> bytes(std::uint64_t address,
                                                                 std::uint64_t size,
                                                                 std::uint32_t align = 1);

  // Calls the guest's realloc. The returned address is aligned, and its bytes are within the
  // memory. The caller of a host function cannot allocate inside the callbacks of a call that runs
  // on its own stack (a callee on a concurrent engine), because the engine knows the bounds of the
  // caller's stack only where it was entered: keep the result, and lower it after that call.
  // align: a power of two.
  // Errors: the guest trapped, returned an address that breaks these rules, or cannot allocate
  // here.
  [[nodiscard]] Result<std::uint32_t, CallError> allocate(std::uint32_t size, std::uint32_t align) {
    return reallocate(0, 0, align, size);
  }
  [[nodiscard]] Result<std::uint32_t, CallError> reallocate(std::uint32_t old,
                                                            std::uint32_t old_size,
                                                            std::uint32_t align,
                                                            std::uint32_t new_size);

  // Resources that the host defined, identified by their reps. `lift_own` removes the handle from
  // the guest's table; `lift_borrow` borrows it for the call. The guest must drop a handle from
  // `lower_borrow` before it returns, or it traps. For the result of a host function, the engine
  // creates the handles after the function has returned, because it reveals the result's type only
  // then.
  [[nodiscard]] Result<std::uint32_t, CallError> lift_own(std::size_t number, std::uint32_t handle);
  [[nodiscard]] Result<std::uint32_t, CallError> lift_borrow(std::size_t number,
                                                             std::uint32_t handle);
  [[nodiscard]] Result<void, CallError> lower_own(std::size_t number, std::uint32_t rep,
                                                  HandlePlace place);
  [[nodiscard]] Result<void, CallError> lower_borrow(std::size_t number, std::uint32_t rep,
                                                     HandlePlace place);

  // Resources that the guest defined. `lift_resource` takes an `own`; later it is lowered into a
  // guest of the same store, as `own` or `borrow` according to the type, or dropped by
  // `drop_resource`. Not available for the result of a host function.
  // store: the guest's store.
  [[nodiscard]] Result<GuestResource, CallError> lift_resource(Store& store, std::size_t number,
                                                               std::uint32_t handle);
  [[nodiscard]] Result<void, CallError> lower_resource(std::size_t number,
                                                       const GuestResource& resource,
                                                       HandlePlace place);

  // Streams and futures (engine/stream.h). The consumer is polled after the callback that uses this
  // side, or in a later one. A future is read by `EventLoop::pipe`. The guest receives the readable
  // end of a stream or future, as the type says.
  [[nodiscard]] Result<void, CallError> lift_stream(std::size_t number, std::uint32_t handle,
                                                    std::unique_ptr<Consumer> consumer);
  [[nodiscard]] Result<FutureEnd, CallError> lift_future(std::size_t number, std::uint32_t handle);
  [[nodiscard]] Result<void, CallError> lower_end(std::size_t number,
                                                  std::unique_ptr<Producer> producer,
                                                  HandlePlace place);

  // For the sources of this folder alone.
  // reps: the reps of handles that the engine has lifted already, by number; null if none.
  explicit GuestSide(void* guest, const std::uint32_t* reps = nullptr)
      : guest_(guest), reps_(reps) {}
  [[nodiscard]] void* guest() const { return guest_; }

 private:
  struct View {
    std::span<std::uint8_t> memory;
    GuestEncoding encoding = GuestEncoding::Utf8;
  };
  const View& view() {
    if (!view_) read_view();
    return *view_;
  }
  void read_view();

  void* guest_;
  const std::uint32_t* reps_;
  std::optional<View> view_;
};

// The callbacks of one call of an export: they lower its params and lift its result. Must not
// throw.
class RawCall {
 public:
  virtual ~RawCall() = default;

  // Fills `params`, which are zero: the flat values, or the address of the spilled tuple.
  virtual Result<void, CallError> lower(GuestSide& callee, std::span<FlatValue> params) = 0;
  // Reads the flat values of the result, or the address of the spilled tuple, before post-return
  // runs. Not called for a function without a result.
  virtual Result<void, CallError> lift(GuestSide& callee, std::span<const FlatValue> result) = 0;
};

// A call without callbacks, for a function whose params and result are flat and have no handles.
struct NumberCall {
  const std::uint64_t* params = nullptr;  // as many as the function has; `FlatValue::bits` of each
  std::uint64_t result = 0;  // set by a call that succeeds, if the function has a result
  bool has_entered = false;  // set: whether the call got as far as reading the params
};

// An exported function. Move-only. Thread: that of its store.
class RawFunction final {
 public:
  struct Impl;

  // path: names of exported instances, outermost first, then the name of the function.
  // counts: the flat counts of the function's type; `call` fails if they differ.
  // Failures: `Error` if there is no such function, or the store's engine is concurrent: there, a
  //           LoopFunction is called (engine/event_loop.h).
  static Result<RawFunction, Failure> find(Store& store, const Instance& instance,
                                           std::span<const std::string_view> path,
                                           FlatCounts counts);

  RawFunction(RawFunction&&) noexcept;
  RawFunction& operator=(RawFunction&&) noexcept;
  ~RawFunction();

  // Calls the function in the store that it was found in. Allocates nothing.
  // Failures: as `Instance::run_command`; a callback's error, with its payload; `Error` if a guest
  //           is running in the store: a host function cannot enter the store that called it.
  [[nodiscard]] Result<void, Failure> call(Store& store, RawCall& call) const;
  // The same without callbacks, a little faster. The result is the guest's flat value, unchecked.
  [[nodiscard]] Result<void, Failure> call(Store& store, NumberCall& call) const;

 private:
  explicit RawFunction(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Data of the embedder that is attached to a call (engine/event_loop.h). The calls that guests make on its
// behalf have the same tag. All zero: none.
using CallTag = std::array<std::uint64_t, 3>;

// A call of a host function. Valid until that function returns.
class HostCall final {
 public:
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

  [[nodiscard]] GuestSide& caller() { return caller_; }
  // The tag of the call for which the guest works. REQUIRES: its store has a loop
  [[nodiscard]] CallTag tag();

  // The flat params; empty if they are spilled.
  [[nodiscard]] std::span<const FlatValue> params() const { return params_; }
  // Address of spilled params in the caller's memory: aligned, and the whole tuple is in bounds.
  [[nodiscard]] std::optional<std::uint32_t> params_address() const {
    if (!params_in_memory_) return std::nullopt;
    return params_address_;
  }

  // For a flat result: sets it, or exposes the slot that it goes to.
  void set_result(const FlatValue& value) { result_->bits = value.bits; }
  [[nodiscard]] std::span<FlatValue, 1> result() { return std::span<FlatValue, 1>(result_, 1); }
  // For a spilled result: its tuple, as `size` zero bytes to fill. Call it before lowering handles
  // of the result: it starts the result anew and discards handles that were lowered before.
  // Lifetime: this call.
  [[nodiscard]] Result<std::span<std::uint8_t>, CallError> result_bytes(std::uint32_t size);

  // For the sources of this folder alone.
  HostCall(void* call, void* caller, std::span<const FlatValue> params, bool params_in_memory,
           std::uint32_t params_address, const std::uint32_t* reps, FlatValue* result)
      : call_(call),
        caller_(caller, reps),
        params_(params),
        params_in_memory_(params_in_memory),
        params_address_(params_address),
        result_(result) {}

 private:
  friend class EventLoop;

  void* call_;
  GuestSide caller_;
  std::span<const FlatValue> params_;
  bool params_in_memory_;
  std::uint32_t params_address_;
  FlatValue* result_;
};

// A function that guests import. Must not throw.
// Thread: any thread that runs a store; several stores can call it at the same time.
class HostFunction {
 public:
  virtual ~HostFunction() = default;
  virtual Result<void, CallError> call(HostCall& call) = 0;
};

// The resources that the handles in a host function's params refer to. `OfHost` promises that the
// host defined all of them. The engine can then lift them before it calls the function, which is
// faster; an `own` is then removed from the guest even if the function fails, and an unknown handle
// ends the call.
enum class ParamHandles : std::uint8_t { Any, OfHost };

// Defines a function in an imported instance, or a direct import of the component if `interface` is
// empty. The linker and the instances made by it own `function`. A component whose import has other
// flat counts, or an `async` type, cannot be instantiated.
// Errors: run-engine (defined twice).
Result<void> define_host_function(Linker& linker, std::string_view interface, std::string_view name,
                                  FlatCounts counts, std::unique_ptr<HostFunction> function,
                                  ParamHandles handles = ParamHandles::Any);

// A resource type that the host defines. Thread: as `HostFunction`.
class HostResource {
 public:
  virtual ~HostResource() = default;
  // A guest dropped the last handle to `rep`. Called once for each rep that was lowered as `own`
  // and not lifted again, but not for handles that remain when their store is dropped.
  virtual Result<void, CallError> drop(std::uint32_t rep) = 0;
};

// kind: identifies the type. Two definitions with one number are the same resource type.
// Errors: run-engine (defined twice).
Result<void> define_host_resource(Linker& linker, std::string_view interface, std::string_view name,
                                  std::uint32_t kind, std::unique_ptr<HostResource> resource);

// Drops a resource from `GuestSide::lift_resource`; the guest's destructor runs. It cannot enter a
// store that is running a guest: such a drop has to wait until the guest returns. In a store with a
// loop, `EventLoop::drop_resource` does this.
// Failures: as `RawFunction::call`.
[[nodiscard]] Result<void, Failure> drop_resource(Store& store, const GuestResource& resource);

}  // namespace tenon::engine
