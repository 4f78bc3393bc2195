// Buffers that the host keeps for packages: bytes that are copied in once, and then go from package
// to package by a handle.
//
// A package has handles of its own. Each is a number from 1 that is never used again, so that one
// that was dropped means nothing later. The bytes live as long as a package has a handle to them.
// A package that imports `tenon:buffer` drops its handles; one that does not has them for the time
// of a call: it hands them on, or gives them back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "tenon/result.h"

namespace tenon::packr {

using Buffer = std::shared_ptr<const std::vector<std::uint8_t>>;

// The handles of one package, in one life. Thread: that of its composition.
class BufferTable final {
 public:
  // Nothing: there are no numbers left.
  [[nodiscard]] std::optional<std::uint32_t> add(Buffer buffer);
  // Null: it has no such handle.
  [[nodiscard]] Buffer find(std::uint64_t handle) const;
  // False: it has no such handle.
  bool drop(std::uint64_t handle);
  // Of a life that is over. Numbers go on.
  void clear() { buffers_.clear(); }
  [[nodiscard]] std::size_t size() const { return buffers_.size(); }

 private:
  std::uint32_t next_ = 1;
  std::unordered_map<std::uint32_t, Buffer> buffers_;
};

// A handle that its package does not have, or one that a package can be given no more.
struct BufferError {
  std::uint64_t handle = 0;
  bool is_full = false;
};

// Whether a message holds handles.
[[nodiscard]] bool has_buffers(std::span<const std::uint8_t> message);

// Gives the receiver of a message handles for those of the sender that stand in it: in each record
// of type `tenon:buffer` with one field `handle: u64` the number becomes the receiver's. The sender
// keeps its own.
//
// message: in the wire form, checked by nobody; what is none, and all else, stays as it is.
// Errors: the first handle that is none; the receiver then has none of them, and the message is of
// no use.
[[nodiscard]] Result<void, BufferError> pass_buffers(std::span<std::uint8_t> message,
                                                     const BufferTable& sender,
                                                     BufferTable& receiver);

}  // namespace tenon::packr
