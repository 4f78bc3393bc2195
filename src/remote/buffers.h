// Memory of calls that have ended, for the next ones.
//
// The C library gives the memory of large values back to the system at the end of a call, and the next
// call would get it page by page, each filled with zeroes first: for a list of 1 MiB, that takes longer
// than everything else.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "abi/value_arena.h"
#include "remote/wire_values.h"

namespace tenon::remote {

class Buffers final {
 public:
  // Empty, with memory if any is kept.
  [[nodiscard]] Bytes take_bytes() { return take(bytes_); }
  [[nodiscard]] abi::ValueArena take_arena() { return take(arenas_); }
  // Keeps the memory, not the contents. Small pieces are freed, and those above the limit.
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
    if (buffer.capacity() < kSmallBytes || buffer.capacity() > kKeptBytes - size_) return;
    size_ += buffer.capacity();
    kept.push_back(std::move(buffer));
  }

  // Of all that is kept: some large lists, or some dozen chunks of streams.
  static constexpr std::size_t kKeptBytes = std::size_t{1} << 23;
  // The C library keeps what is smaller.
  static constexpr std::size_t kSmallBytes = std::size_t{1} << 15;

  std::vector<Bytes> bytes_;
  std::vector<abi::ValueArena> arenas_;
  std::size_t size_ = 0;
};

}  // namespace tenon::remote
