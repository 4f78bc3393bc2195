// Reuses the buffers of calls that have ended.
//
// Otherwise the C library would return large buffers to the system at the end of each call, and the
// next call would fault in zeroed pages one by one. For a list of 1 MiB, that takes longer than the
// rest of the call.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

#include "abi/value_arena.h"
#include "remote/wire_values.h"

namespace tenon::remote {

class Buffers final {
 public:
  // Returns an empty buffer, with the capacity of a kept one if there is any.
  [[nodiscard]] Bytes take_bytes() { return take(bytes_); }
  [[nodiscard]] abi::ValueArena take_arena() { return take(arenas_); }
  // Clears a buffer and keeps its capacity. Small buffers, and those above the limit, are freed.
  void keep(Bytes bytes) {
    bytes.clear();
    keep(std::move(bytes), bytes_);
  }
  void keep(abi::ValueArena arena) {
    arena.clear();
    keep(std::move(arena), arenas_);
  }

 private:
  template <class Buffer>
  Buffer take(std::vector<Buffer>& kept) {
    if (kept.empty()) return Buffer();
    Buffer buffer = std::move(kept.back());
    kept.pop_back();
    size_ -= buffer.capacity();
    return buffer;
  }
  template <class Buffer>
  void keep(Buffer buffer, std::vector<Buffer>& kept) {
    const std::size_t capacity = buffer.capacity();
    if (capacity < kSmallBytes || capacity > kKeptBytes - size_) return;
    try {
      kept.push_back(std::move(buffer));
      size_ += capacity;
    } catch (const std::bad_alloc&) {
      // It is freed.
    }
  }

  // The limit for all kept buffers together: several large lists, or a few dozen chunks of streams.
  static constexpr std::size_t kKeptBytes = std::size_t{1} << 23;
  // The C library itself keeps smaller buffers.
  static constexpr std::size_t kSmallBytes = std::size_t{1} << 15;

  std::vector<Bytes> bytes_;
  std::vector<abi::ValueArena> arenas_;
  std::size_t size_ = 0;
};

}  // namespace tenon::remote
