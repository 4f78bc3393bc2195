// A memory pool for one call of native code: allocations live until the call ends and are freed
// together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "support/limits.h"

namespace tenon::host {

// Thread: one at a time.
class CallMemory final {
 public:
  explicit CallMemory(std::uint64_t limit = limits::kArenaBytes) : limit_(limit) {}

  // Zeroed memory. Null at the limit, or if `align` is not a power of two up to 4096.
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

}  // namespace tenon::host
