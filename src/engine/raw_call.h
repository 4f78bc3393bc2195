// Calls between guests and the host whose values the caller of these functions lifts and lowers
// itself: it gets flat values, a guest's memory, its realloc and its handles, and no tree of values
// is made in between. Entering and leaving guests, post-return and the counting of borrows stay the
// engine's.
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
//   Add five;
//   auto called = add->call(store, five);
//
// Counts of flat values: see the Canonical ABI (CanonicalABI.md, "Flattening"). Up to 16 params and
// one result are flat; a function with more has them *spilled*: they are a tuple in memory, and the
// one flat value is its address. An export that is lifted `async` gives 2 to 16 flat values of
// result flat, though its count is kSpilled.
//
// Handles are numbered: the first `own` or `borrow` in the type of the params is 0, and the first
// in the type of the result is 0 again. Every place in the type counts, however often its resource
// or its type appears, depth first: params, fields and cases in order, ok before error, key before
// value, the element of a list once.
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

class Instance;
class Linker;
class Store;

// One flat value of a guest: i32, i64, f32 or f64. What it holds more than the value that is asked
// for is undefined, so values are not compared as wholes.
struct FlatValue {
  std::uint64_t bits = 0;
  std::uint64_t unused = 0;  // a value of the engine may be a vector, those of components are not

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

// Of the strings in a guest's memory; Latin1Utf16: by a bit of each string's length.
enum class GuestEncoding { Utf8, Utf16, Latin1Utf16 };

// Why a callback ends a call. One that came from a function below keeps its kind and its frames
// when a callback returns it. Move-only.
class CallError final {
 public:
  // A trap of the guest that is being called, or that calls. payload: a number of the caller's,
  // which comes back as `Failure::payload`.
  [[nodiscard]] static CallError make(std::string_view message, std::uint64_t payload = 0);

  [[nodiscard]] Failure to_failure() &&;

  // For the sources of this folder alone: takes and gives the engine's error.
  explicit CallError(void* error) : error_(error) {}
  [[nodiscard]] void* release() && { return error_.release(); }

 private:
  struct Free {
    void operator()(void* error) const noexcept;
  };
  std::unique_ptr<void, Free> error_;
};

// A resource that a guest defined, held by the host. A value, of no use in another store or after
// its store. The engine does not know of it: who holds it gives it away or drops it once, and not
// while it is lent.
struct GuestResource {
  std::array<std::uint64_t, 6> words = {};
};

// Where the index of a handle goes when it is lowered.
struct HandlePlace {
  enum class Where {
    Flat,         // at: which of the flat values
    Memory,       // at: address of four bytes in the guest's memory
    ResultBytes,  // at: position of four bytes in `HostCall::result_bytes`
  };
  Where where = Where::Flat;
  std::uint32_t at = 0;
};

// A guest's side of one call. Lives in the callback that it is passed to, on that thread; while a
// host function calls another guest, both sides can be used in the callbacks of that call.
//
//   passed to         memory           allocate   handles
//   RawCall::lower    read and write   yes        of the params, lowered
//   RawCall::lift     read             no         of the result, lifted
//   HostFunction      read and write   yes        of the params, lifted; of the result, lowered
//
// What is not allowed is an error, as is a handle of another kind than its number says. A callback
// should return the errors that it gets: after one, the guest cannot be called again.
class GuestSide final {
 public:
  GuestSide(const GuestSide&) = delete;
  GuestSide& operator=(const GuestSide&) = delete;

  // The whole memory; empty if the function has none. Valid until the guest allocates or runs.
  [[nodiscard]] std::span<std::uint8_t> memory() { return view().memory; }
  [[nodiscard]] GuestEncoding encoding() { return view().encoding; }

  // Whether `allocate` may be called. Not for a function without realloc, and not for the caller of
  // a host function in the callbacks of a call that runs on a stack of its own (a callee whose
  // store has asynchronous functions): its result must be kept and lowered after that call.
  [[nodiscard]] bool can_allocate() { return view().can_allocate; }

  // `size` bytes at `address`, checked to be within the memory, and aligned.
  // Errors: out of bounds, or not a multiple of `align`. Lifetime: as `memory`.
  [[nodiscard]] Result<std::span<std::uint8_t>, CallError> bytes(std::uint64_t address,
                                                                 std::uint64_t size,
                                                                 std::uint32_t align = 1);

  // Calls the guest's realloc. The address is aligned, and its bytes are within the memory.
  // align: a power of two.
  // Errors: the guest trapped, or returned an address that is not so, or cannot allocate here.
  [[nodiscard]] Result<std::uint32_t, CallError> allocate(std::uint32_t size, std::uint32_t align) {
    return reallocate(0, 0, align, size);
  }
  [[nodiscard]] Result<std::uint32_t, CallError> reallocate(std::uint32_t old,
                                                            std::uint32_t old_size,
                                                            std::uint32_t align,
                                                            std::uint32_t new_size);

  // Resources that the host defined, known by their reps. `lift_own` takes the handle out of the
  // guest's table; `lift_borrow` lends it for the call; what `lower_borrow` put in, the guest drops
  // before it returns, or traps. The result of a host function has its handles put in when
  // the function has returned.
  [[nodiscard]] Result<std::uint32_t, CallError> lift_own(std::size_t number, std::uint32_t handle);
  [[nodiscard]] Result<std::uint32_t, CallError> lift_borrow(std::size_t number,
                                                             std::uint32_t handle);
  [[nodiscard]] Result<void, CallError> lower_own(std::size_t number, std::uint32_t rep,
                                                  HandlePlace place);
  [[nodiscard]] Result<void, CallError> lower_borrow(std::size_t number, std::uint32_t rep,
                                                     HandlePlace place);

  // Resources that the guest defined. What was lifted is lowered into a guest of the same store, or
  // dropped by `drop_resource`. An `own` is lifted; which is lowered, `own` or `borrow`, is by the
  // type. Not for the result of a host function.  store: the guest's
  [[nodiscard]] Result<GuestResource, CallError> lift_resource(Store& store, std::size_t number,
                                                               std::uint32_t handle);
  [[nodiscard]] Result<void, CallError> lower_resource(std::size_t number,
                                                       const GuestResource& resource,
                                                       HandlePlace place);

  // Forgets what was read of the guest. For who looks at a side outside of the callbacks that use
  // it.
  void forget() { view_.reset(); }

  // For the sources of this folder alone.  reps: of the handles that are lifted already, by number;
  // null: none.
  explicit GuestSide(void* guest, const std::uint32_t* reps = nullptr)
      : guest_(guest), reps_(reps) {}
  [[nodiscard]] void* guest() const { return guest_; }

 private:
  struct View {
    std::span<std::uint8_t> memory;
    GuestEncoding encoding = GuestEncoding::Utf8;
    bool can_allocate = false;
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

// What a call of an export does with its params and its result. Must not throw.
class RawCall {
 public:
  virtual ~RawCall() = default;

  // Fills `params`, which are zeroes: the flat values, or the address of what was spilled.
  virtual Result<void, CallError> lower(GuestSide& callee, std::span<FlatValue> params) = 0;
  // Reads the flat values of the result, or the address of what was spilled, before post-return
  // runs. Not called for a function without result.
  virtual Result<void, CallError> lift(GuestSide& callee, std::span<const FlatValue> result) = 0;
};

// A call of numbers, for a function whose params and result are flat and have no handles.
struct NumberCall {
  const std::uint64_t* params = nullptr;  // as many as the function has; the first eight bytes of
                                          // flat values
  std::uint64_t result = 0;               // set by a call that succeeds, if the function has one
  bool has_entered = false;               // whether the engine came to ask for the params
};

// An exported function. Move-only. Thread: that of its store.
class RawFunction final {
 public:
  struct Impl;

  // path: names of exported instances, outermost first, then the function's own.
  // counts: of the function's type; `call` fails if they are not.
  // Failures: `Error` if there is no such function.
  static Result<RawFunction, Failure> find(Store& store, const Instance& instance,
                                           std::span<const std::string_view> path,
                                           FlatCounts counts);

  RawFunction(RawFunction&&) noexcept;
  RawFunction& operator=(RawFunction&&) noexcept;
  ~RawFunction();

  // Calls it in the store that it was found in. Allocates nothing; a concurrent engine does, for
  // its tasks. A store with asynchronous functions is entered by the event loop, until done.
  // Failures: as `Instance::run_command`; what a callback returned, with its payload; `Error` for
  //           a store that is running a guest: a host function cannot enter the store that called
  //           it.
  [[nodiscard]] Result<void, Failure> call(Store& store, RawCall& call) const;
  // The same, a little faster. The result is as the guest gave it.
  [[nodiscard]] Result<void, Failure> call(Store& store, NumberCall& call) const;

 private:
  explicit RawFunction(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// A call of a host function. Lives in that function.
class HostCall final {
 public:
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

  [[nodiscard]] GuestSide& caller() { return caller_; }

  // The flat params; empty if they are spilled.
  [[nodiscard]] std::span<const FlatValue> params() const { return params_; }
  // Where spilled params are in the caller's memory: aligned, and the whole tuple within bounds.
  [[nodiscard]] std::optional<std::uint32_t> params_address() const {
    if (!params_in_memory_) return std::nullopt;
    return params_address_;
  }

  // For a function of one flat result: it, and where it goes.
  void set_result(const FlatValue& value) { result_->bits = value.bits; }
  [[nodiscard]] std::span<FlatValue, 1> result() { return std::span<FlatValue, 1>(result_, 1); }
  // For a spilled one: `size` zeroes to be filled, the tuple of the result. Handles are lowered
  // after it: it begins the result, and forgets those that were before. Lifetime: this call.
  [[nodiscard]] Result<std::span<std::uint8_t>, CallError> result_bytes(std::uint32_t size);

  // For the sources of this folder alone.
  HostCall(void* caller, std::span<const FlatValue> params, bool params_in_memory,
           std::uint32_t params_address, const std::uint32_t* reps, FlatValue* result)
      : caller_(caller, reps),
        params_(params),
        params_in_memory_(params_in_memory),
        params_address_(params_address),
        result_(result) {}

 private:
  GuestSide caller_;
  std::span<const FlatValue> params_;
  bool params_in_memory_;
  std::uint32_t params_address_;
  FlatValue* result_;
};

// A function that guests import. Thread: it is called on whichever thread runs a store, perhaps by
// several stores at a time. Must not throw.
class HostFunction {
 public:
  virtual ~HostFunction() = default;
  virtual Result<void, CallError> call(HostCall& call) = 0;
};

// What the handles in the params of a host function are of. Those that the host defined are lifted
// before the function is called, which is faster: an own one is taken from the guest then, whatever
// the function does, and one that is none ends the call.
enum class ParamHandles : std::uint8_t { Any, OfHost };

// Defines a function in an imported instance, or of the component itself if `interface` is empty.
// The linker and what it instantiated own `function`. A component that imports it with other counts
// is not instantiated, and neither is one whose type of it is `async`.
// Errors: run-engine (defined twice).
Result<void> define_host_function(Linker& linker, std::string_view interface, std::string_view name,
                                  FlatCounts counts, std::unique_ptr<HostFunction> function,
                                  ParamHandles handles = ParamHandles::Any);

// A resource type that the host defines. Thread: as `HostFunction`.
class HostResource {
 public:
  virtual ~HostResource() = default;
  // The last handle to `rep` was dropped by a guest. Called once for each that was lowered as own
  // and not lifted again; not for those that are left when a store is dropped.
  virtual Result<void, CallError> drop(std::uint32_t rep) = 0;
};

// kind: equal numbers are one type; only such resources fit each other in imports.
// Errors: run-engine (defined twice).
Result<void> define_host_resource(Linker& linker, std::string_view interface, std::string_view name,
                                  std::uint32_t kind, std::unique_ptr<HostResource> resource);

// Drops what `GuestSide::lift_resource` gave; the guest's destructor runs. A store that is running
// a guest is not entered: such a drop has to wait.
// Failures: as `RawFunction::call`.
[[nodiscard]] Result<void, Failure> drop_resource(Store& store, const GuestResource& resource);

}  // namespace tenon::engine
