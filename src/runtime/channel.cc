// How items pass a channel depends on what they are made of.
//
// Items that consist of their bytes alone are copied into a buffer as soon as they are written, so
// that the writer goes on: a hand-over from one store to another costs microseconds, and the buffer
// makes it one for many small writes. When the buffer is full, the writer waits. A large write into
// an empty buffer is not copied there. It is *offered*: the writer waits, and the reader copies from
// its memory, once. If the reader waits already, it runs at once, on top of the writer's stack, so
// that the writer does not have to be suspended. Only items that are valid whatever their bytes are
// (`Plain`) can be offered: the others are checked when they are copied, and a writer of invalid
// items has to fail, not their reader.
//
// Deep items (strings, lists, handles) are lifted out of the writer into an arena: as many as the
// reader waits for, so that an item that nobody reads stays the writer's.
//
// Whoever is gone is noticed by the other end at its next operation, after all items that were
// passed before. The items of a reader that is gone are dropped.
#include "runtime/channel.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "runtime/domain.h"
#include "runtime/trace.h"
#include "support/check.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;

// Memory as a side of a copy of items without strings, lists and handles.
class ItemMemory final : public abi::Guest {
 public:
  explicit ItemMemory(std::span<std::uint8_t> memory) : memory_(memory) {}

  [[nodiscard]] std::span<std::uint8_t> memory() override { return memory_; }
  [[nodiscard]] abi::Encoding encoding() const override { return abi::Encoding::Utf8; }
  [[nodiscard]] Result<std::uint32_t, AbiError> reallocate(std::uint32_t /*old*/,
                                                           std::uint32_t /*old_size*/,
                                                           std::uint32_t /*align*/,
                                                           std::uint32_t /*new_size*/) override {
    return AbiError{};
  }
  [[nodiscard]] Result<abi::ResourceToken, AbiError> lift_handle(
      abi::HandlePart /*part*/, std::uint32_t /*handle*/) override {
    return AbiError{};
  }
  [[nodiscard]] Result<void, AbiError> lower_handle(abi::HandlePart /*part*/,
                                                    abi::ResourceToken /*resource*/,
                                                    abi::HandlePlace /*place*/) override {
    return AbiError{};
  }

 private:
  std::span<std::uint8_t> memory_;
};

StreamKind::Items items_of(const call::FunctionShape* item) {
  if (item == nullptr) return StreamKind::Items::None;
  if (!item->program.is_shallow()) return StreamKind::Items::Deep;
  return item->program.is_plain() ? StreamKind::Items::Plain : StreamKind::Items::Checked;
}

}  // namespace

StreamKind::StreamKind(std::string name, std::uint32_t number, Is what,
                       std::shared_ptr<const call::FunctionShape> item_shape, StreamOptions of_edge)
    : handle{.name = std::move(name), .number = number, .stream = this},
      is_future(what == Is::Future),
      item(std::move(item_shape)),
      items(items_of(item.get())),
      options(std::move(of_edge)) {
  if (item == nullptr) return;
  const abi::FunctionLayout& layout = item->program.layout();
  size = layout.layouts[layout.params].size;
  align = layout.layouts[layout.params].align;
  has_handles = !layout.param_handles.empty();
}

bool is_same(const StreamKind& a, const StreamKind& b) {
  if (&a == &b) return true;
  if (a.is_future != b.is_future || a.handle.name != b.handle.name) return false;
  if (a.item == nullptr || b.item == nullptr) return a.item == b.item;
  // The names of types have everything but the identity of resources.
  return std::ranges::equal(
      a.item->param_kinds, b.item->param_kinds, [](const ResourceKind* x, const ResourceKind* y) {
        return x->stream != nullptr && y->stream != nullptr ? is_same(*x->stream, *y->stream)
                                                            : x->number == y->number;
      });
}

std::span<std::uint8_t> ItemBuffer::reserve(std::size_t size) {
  if (size <= capacity_ - end_) return {data_.get() + end_, size};
  const std::size_t used = this->size();
  if (size <= capacity_ - used && begin_ >= used) {
    std::memcpy(data_.get(), data_.get() + begin_, used);
  } else {
    const std::size_t capacity = std::max({2 * capacity_, used + size, kFirstCapacity});
    auto data = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (used != 0) std::memcpy(data.get(), data_.get() + begin_, used);
    data_ = std::move(data);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = used;
  return {data_.get() + end_, size};
}

void ItemBuffer::remove(std::size_t size) {
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

Channel::Channel(std::shared_ptr<const StreamKind> kind, Shared& shared)
    : kind_(std::move(kind)), list_(shared.channels) {
  list_->channels.insert(this);
  if (kind_->options.edge == nullptr || kind_->is_future || list_->composition == nullptr) return;
  if (shared.trace != nullptr && shared.trace->has_streams())
    trace_ = std::make_unique<StreamTrace>(*shared.trace, *kind_);
}

Channel::~Channel() { list_->channels.erase(this); }

std::shared_ptr<ChannelList> make_channel_list(Shared& shared) {
  return std::make_shared<ChannelList>(ChannelList{&shared, {}});
}

void ChannelList::end() {
  composition = nullptr;
  while (!channels.empty()) {
    Channel* const channel = *channels.begin();
    channels.erase(channels.begin());
    channel->end();
  }
}

void Channel::end() {
  const std::deque<std::unique_ptr<StoredItems>> stored = std::move(stored_);
  buffer_ = {};
  offer_ = {};
  empty_items_ = 0;
  has_writer_ = false;
  has_reader_ = false;
  is_waiting_ = false;
  trace_.reset();
  ChannelEnd* const writer = std::exchange(writer_, nullptr);
  ChannelEnd* const reader = std::exchange(reader_, nullptr);
  if (writer != nullptr) writer->note_closed();
  if (reader != nullptr) reader->note_closed();
}

std::size_t Channel::limit() const {
  if (list_->composition == nullptr) return 0;
  return kind_->options.buffer.value_or(list_->composition->stream_buffer);
}

void Channel::keep_writer(std::unique_ptr<ChannelEnd, void (*)(ChannelEnd*)> writer) {
  writer_ = writer.get();
  kept_writer_ = std::move(writer);
}

void Channel::close_writer() {
  writer_ = nullptr;
  has_writer_ = false;
  offer_ = {};
  if (reader_ != nullptr) reader_->note_closed();
}

void Channel::close_reader() {
  reader_ = nullptr;
  has_reader_ = false;
  is_waiting_ = false;
  offer_ = {};
  buffer_ = {};
  // A destructor of a resource in them can do anything.
  const std::deque<std::unique_ptr<StoredItems>> stored = std::move(stored_);
  if (writer_ != nullptr) writer_->note_closed();
}

bool Channel::stores() const {
  if (kind_->items == StreamKind::Items::None) return false;
  if (kind_->is_future || kind_->items == StreamKind::Items::Deep) return true;
  return kind_->items == StreamKind::Items::Checked && limit() == 0;
}

bool Channel::accepts() const {
  if (stores()) return is_awaited() && available() == 0;
  return limit() == 0 || buffer_.size() < limit();
}

Result<void, AbiError> Channel::offer(const Items& items) {
  if (items.address % kind_->align != 0)
    return AbiError{.kind = abi::AbiErrorKind::Misaligned,
                    .message = "the items of a write are not aligned"};
  const bool has_limit = limit() != 0;
  const bool is_large = items.count * kind_->size >= limits::kDirectStreamBytes;
  if (kind_->items != StreamKind::Items::Checked && buffered() == 0 && (is_large || !has_limit)) {
    offer_ = items;
    if (is_awaited()) reader_->run();
    // A reader that waits, and cannot run, has these items nevertheless.
    if (taken_ != 0 || !is_awaited()) return {};
    offer_ = {};
  }
  return pass(items,
              has_limit && kind_->size != 0 ? limit() - buffer_.size() : wanted_ * kind_->size);
}

Result<void, AbiError> Channel::pass(const Items& items, std::size_t room) {
  if (kind_->size == 0) {
    const std::size_t count = std::min(items.count, wanted_);
    empty_items_ += count;
    count_taken(count, 0);
    serve_reader();
    return {};
  }
  // At least one, however large it is.
  const std::size_t count = std::min(items.count, std::max<std::size_t>(room / kind_->size, 1));
  ItemMemory from(items.memory);
  // Addresses are relative to the free bytes, which are not aligned in the buffer.
  ItemMemory to(buffer_.reserve(count * kind_->size));
  TENON_TRY_VOID(kind_->item->program.copy_items(from, items.address, to, 0,
                                                 static_cast<std::uint32_t>(count)));
  buffer_.add(count * kind_->size);
  count_taken(count, count * kind_->size);
  serve_reader();
  return {};
}

void Channel::count_taken(std::size_t count, std::size_t bytes) {
  taken_ += count;
  if (trace_ != nullptr) trace_->add_items(count, bytes);
}

void Channel::withdraw() {
  offer_ = {};
  if (trace_ != nullptr) trace_->end_write();
}

void Channel::note_writer_waits() {
  if (trace_ != nullptr) trace_->note_writer_waits();
}

void Channel::stop_trace() {
  if (trace_ == nullptr) return;
  trace_->discard();
  trace_.reset();
}

void Channel::serve_reader() {
  if (!is_awaited()) return;
  is_waiting_ = false;
  reader_->wake();
}

void Channel::store(std::unique_ptr<StoredItems> items) {
  count_taken(items->count, items->arena.bytes().size() - items->unused);
  stored_.push_back(std::move(items));
  serve_reader();
}

std::size_t Channel::take_taken() { return std::exchange(taken_, 0); }

std::size_t Channel::available() const {
  if (!stored_.empty()) return stored_.front()->count;
  if (const std::size_t count = buffered(); count != 0) return count;
  return empty_items_ != 0 ? empty_items_ : offer_.count;
}

Result<void, AbiError> Channel::read(abi::Guest& to, std::uint32_t address, std::size_t count,
                                     Transit& transit) {
  TENON_CHECK(count <= available());
  is_waiting_ = false;
  const auto items = static_cast<std::uint32_t>(count);
  const abi::CopyProgram& program = kind_->item->program;
  if (!stored_.empty()) {
    std::unique_ptr<StoredItems> stored = std::move(stored_.front());
    stored_.pop_front();
    stored->handles.restore(transit);
    TENON_TRY_VOID(program.copy_items(stored->arena, stored->address, to, address, items));
    stored->count -= items;
    stored->address += items * kind_->size;
    if (stored->count == 0) return {};
    // The others wait on.
    stored->handles.store(stored->arena.resources());
    stored_.push_front(std::move(stored));
    return {};
  }
  if (buffered() != 0) {
    ItemMemory from(buffer_.bytes());
    TENON_TRY_VOID(program.copy_items(from, 0, to, address, items));
    buffer_.remove(count * kind_->size);
  } else if (writer_->domain() != nullptr && writer_->domain() == reader_->domain()) {
    // A copy needs two memories.
    std::vector<std::uint8_t> bytes(count * kind_->size);
    std::memcpy(bytes.data(), offer_.memory.data() + offer_.address, bytes.size());
    ItemMemory from(bytes);
    TENON_TRY_VOID(program.copy_items(from, 0, to, address, items));
    advance_offer(count);
  } else {
    ItemMemory from(offer_.memory);
    TENON_TRY_VOID(program.copy_items(from, offer_.address, to, address, items));
    advance_offer(count);
  }
  wake_writer();
  return {};
}

Result<void, AbiError> Channel::read(std::span<std::uint8_t> to, std::size_t count) {
  ItemMemory memory(to);
  Transit none(list_->composition->resources);
  return read(memory, 0, count, none);
}

void Channel::read_bytes(std::uint8_t* to, std::size_t count) {
  TENON_CHECK(count <= available());
  is_waiting_ = false;
  const std::size_t size = count * kind_->size;
  if (size != 0) std::memmove(to, next_bytes().data(), size);
  skip(count);
}

std::span<const std::uint8_t> Channel::next_bytes() {
  const std::size_t size = available() * kind_->size;
  if (size == 0) return {};
  if (!stored_.empty()) {
    StoredItems& stored = *stored_.front();
    return stored.arena.memory().subspan(stored.address, size);
  }
  if (buffered() != 0) return buffer_.bytes().first(size);
  return offer_.memory.subspan(offer_.address, size);
}

void Channel::skip(std::size_t count) {
  const std::size_t size = count * kind_->size;
  if (!stored_.empty()) {
    StoredItems& stored = *stored_.front();
    stored.address += static_cast<std::uint32_t>(size);
    stored.count -= static_cast<std::uint32_t>(count);
    if (stored.count == 0) stored_.pop_front();
    return;
  }
  if (empty_items_ != 0)
    empty_items_ -= count;
  else if (buffered() != 0)
    buffer_.remove(size);
  else
    advance_offer(count);
  wake_writer();
}

void Channel::advance_offer(std::size_t count) {
  count_taken(count, count * kind_->size);
  offer_.count -= count;
  offer_.address += static_cast<std::uint32_t>(count * kind_->size);
}

void Channel::wait(std::size_t wanted) {
  const bool waited_before = std::exchange(is_waiting_, true);
  wanted_ = wanted;
  if (writer_ != nullptr) writer_->run();
  if (trace_ != nullptr && !waited_before && has_writer_ && available() == 0)
    trace_->note_reader_waits();
}

void Channel::wake_writer() {
  if (writer_ != nullptr) writer_->wake();
}

}  // namespace tenon::runtime
