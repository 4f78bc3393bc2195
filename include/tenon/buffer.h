// Buffers: bytes that units and the program share without copying them (docs/packr.md, "Buffers").
//
// A buffer is written in parts, and does not change once it has been read or passed to a package.
// Components hold buffers as resources `buffer` of `tenon:buffer/buffers`, which tenon provides. A
// function of the program takes a `tenon::Buffer&` for a borrow, or a std::shared_ptr<tenon::Buffer>
// for an own, as for a HostResource. Functions of packages take and return them as values:
//
//   auto buffer = std::make_shared<tenon::Buffer>();
//   (void)buffer->write(first_part);
//   (void)buffer->write(second_part);
//   unit->call("load", tenon::make_value(buffer));
//   if (const auto result = tenon::buffer_of(value)) use(result->bytes());
//
// Thread: a buffer that is being written: one. One that is finished: any number of readers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tenon/value.h"

namespace tenon {

namespace detail {
class BufferCharges;
}

class Buffer final {
 public:
  Buffer() = default;
  explicit Buffer(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Appends bytes. Returns false, and changes nothing, if the buffer is finished.
  [[nodiscard]] bool write(std::span<const std::uint8_t> part) {
    if (is_finished()) return false;
    bytes_.insert(bytes_.end(), part.begin(), part.end());
    return true;
  }
  // No more bytes are written.
  void finish() const { is_finished_ = true; }
  [[nodiscard]] bool is_finished() const { return is_finished_; }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  // Finishes the buffer and returns its bytes. Lifetime: the buffer's.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    finish();
    return bytes_;
  }

 private:
  friend class detail::BufferCharges;

  std::vector<std::uint8_t> bytes_;
  mutable std::atomic<bool> is_finished_ = false;
  std::shared_ptr<detail::BufferCharges> charges_;  // null: its bytes are not counted
};

// A buffer as a value, for functions of packages that take any value. The value and its copies keep
// the buffer alive. buffer: not null.
[[nodiscard]] Value make_value(std::shared_ptr<Buffer> buffer);
// The buffer of such a value, also of one that a package returned; null if it is another value.
[[nodiscard]] std::shared_ptr<const Buffer> buffer_of(const Value& value);

}  // namespace tenon
