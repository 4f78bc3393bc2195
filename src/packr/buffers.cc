#include "packr/buffers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

#include "packr/graph_format.h"
#include "support/check.h"
#include "support/try.h"
#include "tenon/detail/host_codec.h"

namespace tenon::packr {

namespace {

using Message = std::span<std::uint8_t>;

// Calls `visit(node, kind, payload)` for each node, up to the first malformed header.
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

// The position of the node with the number, if the payload is a handle of a buffer.
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

// The positions of all nodes with numbers of handles, sorted. Several records can share one.
std::vector<std::uint32_t> find_handle_nodes(std::span<const std::uint8_t> message) {
  std::vector<std::uint32_t> nodes;
  for_each_node(message, [&](std::uint32_t /*node*/, NodeKind kind, auto payload) {
    if (kind != NodeKind::Record) return;
    if (const auto node = find_handle_node(payload)) nodes.push_back(*node);
  });
  std::ranges::sort(nodes);
  return nodes;
}

using engine::CallError;
using engine::CoreCaller;
using engine::FlatValue;
using Values = std::span<FlatValue>;
using CallOutcome = Result<void, CallError>;

CallError unknown_buffer(std::uint32_t handle) {
  return CallError::make(fmt::format("the package has no buffer {}", handle));
}

CallError too_many_bytes() {
  return CallError::make(
      "the package cannot hold any more buffers: their bytes count for its `memory`");
}

CallOutcome make_buffer(BufferTable& table, CoreCaller& caller, Values values) {
  TENON_TRY(const auto bytes, caller.bytes(values[0].u32(), values[1].u32()));
  const auto handle = table.add(
      std::make_shared<tenon::Buffer>(std::vector<std::uint8_t>(bytes.begin(), bytes.end())));
  if (!handle) return too_many_bytes();
  values[0] = FlatValue::of_u32(*handle);
  return {};
}

CallOutcome append_to_buffer(BufferTable& table, CoreCaller& caller, Values values) {
  const Buffer buffer = table.find(values[0].u32());
  if (buffer == nullptr) return unknown_buffer(values[0].u32());
  TENON_TRY(const auto bytes, caller.bytes(values[1].u32(), values[2].u32()));
  if (bytes.size() > UINT32_MAX - buffer->size())
    return CallError::make(
        fmt::format("the buffer {} would have more than 4 GiB", values[0].u32()));
  if (!table.grow(bytes.size())) return too_many_bytes();
  if (!buffer->write(bytes))
    return CallError::make(
        fmt::format("the buffer {} has been read or passed on, and cannot be written any more",
                    values[0].u32()));
  return {};
}

CallOutcome measure_buffer(BufferTable& table, CoreCaller& /*caller*/, Values values) {
  const Buffer buffer = table.find(values[0].u32());
  if (buffer == nullptr) return unknown_buffer(values[0].u32());
  values[0] = FlatValue::of_u32(static_cast<std::uint32_t>(buffer->size()));
  return {};
}

CallOutcome read_buffer(BufferTable& table, CoreCaller& caller, Values values) {
  const Buffer buffer = table.find(values[0].u32());
  if (buffer == nullptr) return unknown_buffer(values[0].u32());
  const std::span<const std::uint8_t> held = buffer->bytes();
  const std::size_t offset = std::min<std::size_t>(values[1].u32(), held.size());
  const std::size_t size = std::min<std::size_t>(values[3].u32(), held.size() - offset);
  TENON_TRY(const auto bytes, caller.bytes(values[2].u32(), size));
  if (size != 0) std::memcpy(bytes.data(), held.data() + offset, size);
  values[0] = FlatValue::of_u32(static_cast<std::uint32_t>(size));
  return {};
}

CallOutcome drop_buffer(BufferTable& table, CoreCaller& /*caller*/, Values values) {
  return table.drop(values[0].u32()) ? CallOutcome() : CallOutcome(unknown_buffer(values[0].u32()));
}

class BufferFunction final : public engine::CoreHostFunction {
 public:
  using Implementation = CallOutcome (*)(BufferTable&, CoreCaller&, Values);
  BufferFunction(BufferTable& table, Implementation implementation)
      : table_(table), implementation_(implementation) {}

  CallOutcome call(CoreCaller& caller, Values values) override {
    return implementation_(table_, caller, values);
  }

 private:
  BufferTable& table_;
  Implementation implementation_;
};

}  // namespace

bool has_buffers(std::span<const std::uint8_t> message) {
  return !find_handle_nodes(message).empty();
}

std::optional<std::uint32_t> BufferTable::add(Buffer buffer) {
  if (next_ == std::numeric_limits<std::uint32_t>::max() || !grow(buffer->size()))
    return std::nullopt;
  buffers_.emplace(next_, std::move(buffer));
  return next_++;
}

bool BufferTable::grow(std::uint64_t bytes) {
  if (bytes > max_bytes_ - bytes_) return false;
  bytes_ += bytes;
  return true;
}

Buffer BufferTable::find(std::uint64_t handle) const {
  if (handle > std::numeric_limits<std::uint32_t>::max()) return nullptr;
  const auto entry = buffers_.find(static_cast<std::uint32_t>(handle));
  return entry == buffers_.end() ? nullptr : entry->second;
}

bool BufferTable::drop(std::uint64_t handle) {
  const Buffer buffer = find(handle);
  if (buffer == nullptr) return false;
  bytes_ -= buffer->size();
  buffers_.erase(static_cast<std::uint32_t>(handle));
  return true;
}

Result<void, BufferError> pass_buffers(Message message, const BufferTable& sender,
                                       BufferTable& receiver) {
  const std::vector<std::uint32_t> handles = find_handle_nodes(message);
  if (handles.empty()) return {};
  std::vector<std::uint32_t> added;
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
    buffer->finish();
    const std::optional<std::uint32_t> own = receiver.add(std::move(buffer));
    if (!own) {
      error = BufferError{number, true};
      return;
    }
    added.push_back(*own);
    store<std::uint64_t>(payload.data(), *own);
  });
  if (!error) return {};
  // The message will not be delivered.
  for (const std::uint32_t handle : added) (void)receiver.drop(handle);
  return *error;
}

void drop_buffers(std::span<const std::uint8_t> message, BufferTable& sender) {
  if (sender.size() == 0) return;
  const std::vector<std::uint32_t> handles = find_handle_nodes(message);
  if (handles.empty()) return;
  for_each_node(message, [&](std::uint32_t node, NodeKind kind, auto payload) {
    if (kind == NodeKind::U64 && payload.size() == 8 && std::ranges::binary_search(handles, node))
      (void)sender.drop(load<std::uint64_t>(payload.data()));
  });
}

std::optional<std::uint64_t> find_handle(NodeView node) {
  if (node.kind() != NodeKind::Record || node.record().type_name != kBufferType)
    return std::nullopt;
  const std::optional<NodeView> handle = node.record().fields.find(kHandleField);
  if (!handle || handle->kind() != NodeKind::U64) return std::nullopt;
  return handle->unsigned_integer();
}

void write_handle(GraphWriter& writer, std::uint64_t handle) {
  writer.begin_record(kBufferType);
  writer.field(kHandleField);
  writer.add_u64(handle);
  writer.end();
}

std::optional<std::uint32_t> PassedBuffers::add_handle(abi::ResourceToken own) {
  const runtime::HeldResource* const held = resources_.find(own);
  TENON_CHECK(held != nullptr && held->kind->host_class == detail::host_class<tenon::Buffer>());
  Buffer buffer = std::static_pointer_cast<tenon::Buffer>(
      std::const_pointer_cast<void>(held->as<const void>()));
  buffer->finish();
  return table_.add(std::move(buffer));
}

std::optional<abi::ResourceToken> PassedBuffers::make_own(std::uint64_t handle,
                                                          const runtime::ResourceKind& kind) {
  Buffer buffer = table_.find(handle);
  if (buffer == nullptr) return std::nullopt;
  buffer->finish();
  const abi::ResourceToken own =
      resources_.add({.kind = &kind,
                      .holder = {runtime::Holder::Who::Call},
                      .object = std::shared_ptr<const void>(std::move(buffer))});
  transit_.add(own);
  return own;
}

std::vector<engine::CoreHostImport> make_buffer_functions(BufferTable& table) {
  constexpr BufferFunction::Implementation kImplementations[] = {
      make_buffer, append_to_buffer, measure_buffer, read_buffer, drop_buffer};
  static_assert(std::size(kImplementations) == kBufferFunctions.size());
  const auto words = [](std::uint32_t count) {
    return std::vector<engine::CoreValueType>(count, engine::CoreValueType::I32);
  };
  std::vector<engine::CoreHostImport> functions;
  for (std::size_t i = 0; i < kBufferFunctions.size(); ++i) {
    const BufferFunctionType& type = kBufferFunctions[i];
    functions.push_back({.module = std::string(kBufferModule),
                         .field = std::string(type.name),
                         .type = {words(type.params), words(type.results)},
                         .function = std::make_unique<BufferFunction>(table, kImplementations[i])});
  }
  return functions;
}

}  // namespace tenon::packr

namespace tenon {

namespace {

// Not the name of a resource, which has a `.`.
constexpr std::string_view kBufferHandle = "tenon:buffer";

}  // namespace

Value make_value(std::shared_ptr<Buffer> buffer) {
  return Value::handle({std::string(kBufferHandle), 0, std::move(buffer)});
}

std::shared_ptr<const Buffer> buffer_of(const Value& value) {
  const auto* const handle = value.get_if<ValueHandle>();
  if (handle == nullptr || handle->resource != kBufferHandle) return nullptr;
  return std::static_pointer_cast<const Buffer>(handle->keep);
}

}  // namespace tenon
