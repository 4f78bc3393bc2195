// Memory of one call: what it holds lives until the call has ended, and is given back as a whole.
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

  // Zeroed. Null: there is no more, or `align` is no power of two up to 4096.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t align);
  template <class T>
  [[nodiscard]] T* allocate(std::size_t count) {
    return count > limit_ / sizeof(T) ? nullptr
                                      : static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  // For the next call. Keeps its first block.
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
