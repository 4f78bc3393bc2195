#include "packr/buffers.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "packr/graph_format.h"
#include "packr/payload_reader.h"

namespace tenon::packr {

namespace {

constexpr std::string_view kBufferType = "tenon:buffer";
constexpr std::string_view kHandleField = "handle";

using Message = std::span<std::uint8_t>;

// Calls `visit(node, kind, payload)` for each node, as far as the headers go.
template <class Byte, class Visit>
void for_each_node(std::span<Byte> message, Visit&& visit) {
  if (message.size() < kGraphHeaderBytes) return;
  const std::uint32_t count = load_u32(message.data() + 8);
  std::span<Byte> rest = message.subspan(kGraphHeaderBytes);
  for (std::uint32_t node = 0; node < count && rest.size() >= kNodeHeaderBytes; ++node) {
    const std::uint32_t size = load_u32(rest.data() + 4);
    if (size > rest.size() - kNodeHeaderBytes) return;
    visit(node, static_cast<NodeKind>(rest[0]), rest.subspan(kNodeHeaderBytes, size));
    rest = rest.subspan(kNodeHeaderBytes + size);
  }
}

// The node of the handle, if a record has the form of a buffer.
std::optional<std::uint32_t> find_handle_node(std::span<const std::uint8_t> record) {
  constexpr std::size_t kSize = 4 + kBufferType.size() + 4 + 4 + kHandleField.size() + 4;
  const auto text_at = [&](std::size_t at, std::string_view text) {
    return load_u32(record.data() + at) == text.size() &&
           std::ranges::equal(record.subspan(at + 4, text.size()), text, {}, {},
                              [](char c) { return static_cast<std::uint8_t>(c); });
  };
  if (record.size() != kSize || !text_at(0, kBufferType)) return std::nullopt;
  constexpr std::size_t kFields = 4 + kBufferType.size();
  if (load_u32(record.data() + kFields) != 1 || !text_at(kFields + 4, kHandleField))
    return std::nullopt;
  return load_u32(record.data() + kSize - 4);
}

// The nodes of handles, sorted: records may share one.
std::vector<std::uint32_t> find_handle_nodes(std::span<const std::uint8_t> message) {
  std::vector<std::uint32_t> nodes;
  for_each_node(message, [&](std::uint32_t /*node*/, NodeKind kind, auto payload) {
    if (kind != NodeKind::Record) return;
    if (const auto node = find_handle_node(payload)) nodes.push_back(*node);
  });
  std::ranges::sort(nodes);
  return nodes;
}

}  // namespace

bool has_buffers(std::span<const std::uint8_t> message) {
  return !find_handle_nodes(message).empty();
}

std::optional<std::uint32_t> BufferTable::add(Buffer buffer) {
  if (next_ == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  buffers_.emplace(next_, std::move(buffer));
  return next_++;
}

Buffer BufferTable::find(std::uint64_t handle) const {
  if (handle > std::numeric_limits<std::uint32_t>::max()) return nullptr;
  const auto found = buffers_.find(static_cast<std::uint32_t>(handle));
  return found == buffers_.end() ? nullptr : found->second;
}

bool BufferTable::drop(std::uint64_t handle) {
  return handle <= std::numeric_limits<std::uint32_t>::max() &&
         buffers_.erase(static_cast<std::uint32_t>(handle)) != 0;
}

Result<void, BufferError> pass_buffers(Message message, const BufferTable& sender,
                                       BufferTable& receiver) {
  const std::vector<std::uint32_t> handles = find_handle_nodes(message);
  if (handles.empty()) return {};
  std::vector<std::uint32_t> all_given;
  std::optional<BufferError> error;
  for_each_node(message, [&](std::uint32_t node, NodeKind kind, Message payload) {
    if (error || kind != NodeKind::U64 || payload.size() != 8) return;
    if (!std::ranges::binary_search(handles, node)) return;
    const auto number = load<std::uint64_t>(payload.data());
    Buffer buffer = sender.find(number);
    if (buffer == nullptr) {
      error = BufferError{number, false};
      return;
    }
    const std::optional<std::uint32_t> given = receiver.add(std::move(buffer));
    if (!given) {
      error = BufferError{number, true};
      return;
    }
    all_given.push_back(*given);
    store<std::uint64_t>(payload.data(), *given);
  });
  if (!error) return {};
  // Of a message that does not arrive nothing is held.
  for (const std::uint32_t handle : all_given) (void)receiver.drop(handle);
  return *error;
}

}  // namespace tenon::packr
