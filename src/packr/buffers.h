// Buffers: bytes that the host keeps for packages, so that a package can pass them on by a handle.
//
// A package copies bytes in once, with `tenon:buffer` `new`, and gets a handle. When a message
// contains the handle, the receiving package gets a handle of its own for the same bytes
// (`pass_buffers`). The bytes are freed with the last handle of any package.
//
// Each package has its own handles: numbers from 1 that are never reused, so a dropped handle stays
// invalid. A package that imports `tenon:buffer` drops its handles itself. Any other package has
// handles only during a call, to pass them on or return them.
//
// The program has a table too, of buffers that it passes to packages and gets from them.
//
// A component has no table, but own handles of the resource `buffer`. A call between a component and
// a package turns them into handles of the package, and the reverse (`PassedBuffers`).
//
// The functions of `tenon:buffer`; all parameters and results are i32:
//
//   new(ptr, len) -> handle                    copies bytes in
//   append(handle, ptr, len)                   copies more bytes in; until it is read or passed on
//   len(handle) -> len
//   read(handle, offset, ptr, len) -> count    copies bytes out, at most to the end of the buffer
//   drop(handle)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "abi/guest.h"
#include "engine/core_instance.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "runtime/resource_table.h"
#include "tenon/buffer.h"
#include "tenon/result.h"

namespace tenon::packr {

using Buffer = std::shared_ptr<tenon::Buffer>;

// The handles of one package. Thread: that of its composition.
class BufferTable final {
 public:
  // max_bytes: of all buffers together.
  explicit BufferTable(std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max())
      : max_bytes_(max_bytes) {}

  // Returns nothing if all numbers are used up, or if there would be too many bytes.
  [[nodiscard]] std::optional<std::uint32_t> add(Buffer buffer);
  // Counts bytes that will be appended to one of the buffers. Returns false if there would be too many.
  [[nodiscard]] bool grow(std::uint64_t bytes);
  // Null if the package does not have the handle.
  [[nodiscard]] Buffer find(std::uint64_t handle) const;
  // Returns false if the package does not have the handle.
  bool drop(std::uint64_t handle);
  // Drops all handles. Their numbers are not reused.
  void clear() {
    buffers_.clear();
    bytes_ = 0;
  }
  [[nodiscard]] std::size_t size() const { return buffers_.size(); }

 private:
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::uint32_t next_ = 1;
  std::unordered_map<std::uint32_t, Buffer> buffers_;
};

// Why a handle could not be passed: its sender does not have it, or the receiver's table is full.
struct BufferError {
  std::uint64_t handle = 0;
  bool is_full = false;
};

// Whether a message contains handles.
[[nodiscard]] bool has_buffers(std::span<const std::uint8_t> message);

// Gives the receiver of a message its own handles for the buffers in the message. A handle is a
// record of type `tenon:buffer` with the single field `handle: u64`; its number is replaced in
// place. The sender keeps its handles. The buffers are finished.
//
// message: in the wire form, but not checked. Anything that is not a handle is left unchanged.
// Errors: the first handle that cannot be passed. The receiver then gets no handle, and the message
//         must not be used.
[[nodiscard]] Result<void, BufferError> pass_buffers(std::span<std::uint8_t> message,
                                                     const BufferTable& sender,
                                                     BufferTable& receiver);

// Drops the handles in a message from the table of its sender.
void drop_buffers(std::span<const std::uint8_t> message, BufferTable& sender);

inline constexpr std::string_view kBufferModule = "tenon:buffer";
// The type and the field of a record that is a handle.
inline constexpr std::string_view kBufferType = kBufferModule;
inline constexpr std::string_view kHandleField = "handle";

// The number in a record that is a handle of a buffer; nothing if the node is another value.
[[nodiscard]] std::optional<std::uint64_t> find_handle(NodeView node);
// Writes such a record.
void write_handle(GraphWriter& writer, std::uint64_t handle);

// The buffers in the parameters or the result of one call between a component and a package. They are
// finished.
class PassedBuffers final {
 public:
  // table: has the handles in the message. Lifetime: refers to all of them.
  PassedBuffers(BufferTable& table, runtime::ResourceTable& resources, runtime::Transit& transit)
      : table_(table), resources_(resources), transit_(transit) {}

  // Adds the buffer of a component's own handle to the table, and returns its handle there. The own
  // handle stays in transit, to be dropped at the end of the call. Returns nothing if all numbers
  // are used up.  REQUIRES: the resource is a buffer of tenon
  [[nodiscard]] std::optional<std::uint32_t> add_handle(abi::ResourceToken own);
  // Makes an own handle, in transit, for a buffer of the table. Returns nothing if the table does
  // not have the handle. kind: of the resource `buffer`
  [[nodiscard]] std::optional<abi::ResourceToken> make_own(std::uint64_t handle,
                                                           const runtime::ResourceKind& kind);

 private:
  BufferTable& table_;
  runtime::ResourceTable& resources_;
  runtime::Transit& transit_;
};

struct BufferFunctionType {
  std::string_view name;
  std::uint32_t params;
  std::uint32_t results;
};
inline constexpr std::array<BufferFunctionType, 5> kBufferFunctions{
    {{"new", 2, 1}, {"append", 3, 0}, {"len", 1, 1}, {"read", 4, 1}, {"drop", 1, 0}}};

// The functions of `tenon:buffer` for one instance of a package. They trap on a handle that the
// package does not have. Lifetime: refer to `table`.
[[nodiscard]] std::vector<engine::CoreHostImport> make_buffer_functions(BufferTable& table);

}  // namespace tenon::packr
