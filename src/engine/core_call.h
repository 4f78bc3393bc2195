// Calls of functions that core modules export, and of host functions that they import, by flat
// values. Nothing of the component model is between: who calls copies into and out of memories
// itself, and frees what it allocated there.
//
//   struct Log final : CoreHostFunction {
//     Result<void, CallError> call(CoreCaller& caller, std::span<FlatValue> values) override {
//       TENON_TRY(const auto text, caller.bytes(values[0].u32(), values[1].u32()));
//       ...
//       return {};
//     }
//   };
//
// A call needs as many values as its function has params or results, whichever are more: they hold
// the params, and after the call the results, both from the first on.
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

// An exported function. A value, of no use in another store or after its store; both are noticed.
// Found by `CoreInstance::find_function` or `CoreCaller::find_function`.
class CoreFunction final {
 public:
  // Calls it in the store that it was found in. Allocates nothing.
  // values: what they hold beyond the results is undefined after the call.
  // Failures: `Trap`, `Interrupted` and `OutOfFuel`, with frames; what a host function returned,
  //           with its payload; `Error` for a store that it was not found in, for too few values,
  //           and for a store that is running a guest: a host function enters the store that called
  //           it by `CoreCaller::call`. After a failure the guest's memory is as it left it, and
  //           who cannot tell what that means drops the store.
  [[nodiscard]] Result<void, Failure> call(Store& store, std::span<FlatValue> values) const;

  // How many values a call needs.
  [[nodiscard]] std::size_t value_count() const { return value_count_; }

  // For the sources of this folder alone.  words: the engine's own value.
  CoreFunction(const std::array<std::uint64_t, 2>& words, std::size_t value_count)
      : words_(words), value_count_(value_count) {}
  [[nodiscard]] const std::array<std::uint64_t, 2>& words() const { return words_; }

 private:
  std::array<std::uint64_t, 2> words_;
  std::size_t value_count_;
};

// The instance that calls a host function. Lives in that call, on its thread; while the host
// function calls into another store, it can still be used.
class CoreCaller final {
 public:
  CoreCaller(const CoreCaller&) = delete;
  CoreCaller& operator=(const CoreCaller&) = delete;

  // What the instance exports as `memory`; empty if it exports no memory so.
  // Lifetime: until a function of its store runs, by `call` or after the host function.
  [[nodiscard]] std::span<std::uint8_t> memory();
  // `size` bytes of it, in bounds. Errors: a trap that says where.
  [[nodiscard]] Result<std::span<std::uint8_t>, CallError> bytes(std::uint64_t address,
                                                                 std::uint64_t size);

  // A function that the instance exports, by name: to be kept, and called often. For a host
  // function that is called before `CoreInstance::instantiate` has returned.
  // Errors: there is none, or of another type; a trap.
  [[nodiscard]] Result<CoreFunction, CallError> find_function(std::string_view name,
                                                              const CoreFunctionType& type);

  // Calls a function of the caller's own store, which is running: such as the allocator of the
  // instance. The stack that guests may use is that of the whole call.
  // Errors: what ended it, with kind, frames and payload: to be returned. A function of another
  //         store, or too few values.
  [[nodiscard]] Result<void, CallError> call(const CoreFunction& function,
                                             std::span<FlatValue> values);

  // For the sources of this folder alone.
  CoreCaller(void* caller, const void* instance) : caller_(caller), instance_(instance) {}

 private:
  void* caller_;
  const void* instance_;
};

// A function that core modules import. Thread: that of the store. Must not throw. It may call into
// other stores; the one that called it is entered by `CoreCaller::call` alone.
class CoreHostFunction {
 public:
  virtual ~CoreHostFunction() = default;
  // values: see above; those beyond the params are undefined, and of the results every one is to be
  //         written.
  // What it returns ends the guest as a trap does; it is told with the guest's frames.
  virtual Result<void, CallError> call(CoreCaller& caller, std::span<FlatValue> values) = 0;
};

}  // namespace tenon::engine
