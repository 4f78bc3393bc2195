// Calls of core functions by flat values: of functions that core modules export, and of host
// functions that they import.
//
// There is no component model in between: no lifting and lowering, no post-return, no handles. The
// caller copies into and out of memories, and frees what it allocated there.
//
//   struct Log final : CoreHostFunction {
//     Result<void, CallError> call(CoreCaller& caller, std::span<FlatValue> values) override {
//       TENON_TRY(const auto text, caller.bytes(values[0].u32(), values[1].u32()));
//       ...
//       return {};
//     }
//   };
//
// One span of values holds the params, and after the call the results, both from the first element
// on. It must be as long as the longer of the two.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/core_module.h"
#include "engine/failure.h"
#include "engine/raw_call.h"
#include "tenon/result.h"

namespace tenon::engine {

class Store;

[[nodiscard]] inline std::size_t count_values(const CoreFunctionType& type) {
  return std::max(type.params.size(), type.results.size());
}

// An exported function, from `CoreInstance::find_function` or `CoreCaller::find_function`. A plain
// value. Using it with another store, or after its own store, is detected and fails.
class CoreFunction final {
 public:
  // Calls the function in the store that it was found in. Allocates nothing.
  // values: see above. Elements beyond the results are undefined after the call.
  // Failures: `Trap`, `Interrupted` and `OutOfFuel`, with frames; a host function's error, with its
  //           payload; `Error` for another store, for too few values, and if a guest is running in
  //           the store (a host function calls back by `CoreCaller::call`). A failure does not undo
  //           what the guest wrote: if its memory may be inconsistent, drop the store.
  [[nodiscard]] Result<void, Failure> call(Store& store, std::span<FlatValue> values) const;

  // Number of values that a call needs.
  [[nodiscard]] std::size_t value_count() const { return value_count_; }

  // For the sources of this folder alone. words: the engine's `wasmtime_func_t`.
  CoreFunction(const std::array<std::uint64_t, 2>& words, std::size_t value_count)
      : words_(words), value_count_(value_count) {}
  [[nodiscard]] const std::array<std::uint64_t, 2>& words() const { return words_; }

 private:
  std::array<std::uint64_t, 2> words_;
  std::size_t value_count_;
};

// The instance that calls a host function. Valid during that call, on its thread, also while the
// host function calls into another store.
class CoreCaller final {
 public:
  CoreCaller(const CoreCaller&) = delete;
  CoreCaller& operator=(const CoreCaller&) = delete;

  // The memory that the instance exports as `memory`; empty if there is none.
  // Lifetime: until a function of its store runs, by `call` or after the host function returns.
  [[nodiscard]] std::span<std::uint8_t> memory();
  // `size` bytes of that memory at `address`. Errors: a trap if they are out of bounds.
  [[nodiscard]] Result<std::span<std::uint8_t>, CallError> bytes(std::uint64_t address,
                                                                 std::uint64_t size);

  // A function that the instance exports. It can be kept and called many times. Meant for a host
  // function that is called by a start function, before `CoreInstance::instantiate` has returned.
  // Errors: a trap if there is no function of that name and type.
  [[nodiscard]] Result<CoreFunction, CallError> find_function(std::string_view name,
                                                              const CoreFunctionType& type);

  // Calls back into the running store: for example, the instance's allocator. The call shares the
  // stack limit of the outer call.
  // Errors: the failure of the function, with kind, frames and payload, which the host function
  //         should return; a trap for a function of another store, or for too few values.
  [[nodiscard]] Result<void, CallError> call(const CoreFunction& function,
                                             std::span<FlatValue> values);

  // For the sources of this folder alone.
  CoreCaller(void* caller, const void* instance) : caller_(caller), instance_(instance) {}

 private:
  void* caller_;
  const void* instance_;
};

// A function that core modules import. Must not throw. It can call into other stores; into the
// store that called it only by `CoreCaller::call`. Thread: that of the store.
class CoreHostFunction {
 public:
  virtual ~CoreHostFunction() = default;
  // values: see above. Elements beyond the params are undefined on entry; write every result.
  // Errors: any error ends the guest like a trap, and is reported with the guest's frames.
  virtual Result<void, CallError> call(CoreCaller& caller, std::span<FlatValue> values) = 0;
};

}  // namespace tenon::engine
