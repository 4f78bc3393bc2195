// Defines the types that tenon_host.h only declares: a call and a configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/limits.h"
#include "tenon/tenon_host.h"

struct tenon_function;

namespace tenon::call {
struct FunctionShape;
}

namespace tenon::host {

class Completion;
class NativeHome;
struct WrittenResult;

// A memory pool for one call of native code: allocations live until the call ends and are freed
// together.
//
// Thread: one at a time.
class CallMemory final {
 public:
  explicit CallMemory(std::uint64_t limit = limits::kArenaBytes) : limit_(limit) {}

  // Zeroed memory. Null at the limit, or if `align` is not a power of two up to 4096. Throws
  // std::bad_alloc.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t align);
  template <class T>
  [[nodiscard]] T* allocate(std::size_t count) {
    return count > limit_ / sizeof(T) ? nullptr
                                      : static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  // Frees all allocations, for the next call. Keeps the first block.
  void clear();

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  std::uint64_t limit_;
  std::uint64_t taken_ = 0;  // by blocks
  std::size_t used_ = 0;     // of the last block
  std::vector<Block> blocks_;
};

// Whose calls are deferred.
struct Deferral {
  std::shared_ptr<const call::FunctionShape> shape;
  NativeHome& home;
  void* self;  // the first argument of `cancel`
  // Holds what a result refers to (WrittenResult::Handle::held), because native code can delete it as soon
  // as it has completed the call. Null: nothing. Thread: any.
  void (*hold)(WrittenResult& result) = nullptr;
};

}  // namespace tenon::host

// The configuration of an instance, read by `config_get`. Keys have dots for inner tables.
struct tenon_config {
  std::map<std::string, std::string, std::less<>> values = {};
};

// One call of a native function. Thread: that of the call; any thread can read `deadline`, which
// does not change.
struct tenon_call {
  // What it is a call of, for a function that was added by the C API; null for others.
  const tenon_function* function = nullptr;
  // Makes the completion of the call, if native code defers it; null if it cannot.
  const tenon::host::Deferral* deferral = nullptr;
  tenon::host::CallMemory memory = tenon::host::CallMemory();
  // The first reason why the call is a trap; absent if it is not a trap.
  std::optional<std::string> trap = {};
  // Absent: the call has no time limit.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  // Set if the call is deferred.
  std::shared_ptr<tenon::host::Completion> completion = {};

  // Makes the call a trap, unless it already is one.
  void fail(std::string text) {
    if (!trap) trap = std::move(text);
  }

  // Resets it for the next call.
  void clear() {
    memory.clear();
    trap.reset();
    deadline.reset();
    completion.reset();
  }
};

namespace tenon::host {

// The message of a trap for a result that does not fit in the memory of its call.
inline constexpr const char* kOverMemoryLimit = "its result exceeds the memory limit of a call";
// That of a trap if there is no memory. Short, so that a std::string of it needs none.
inline constexpr const char* kOutOfMemory = "out of memory";

// The functions of tenon that native code can call. Lifetime: the process.
[[nodiscard]] const tenon_host_api& host_api();

}  // namespace tenon::host
