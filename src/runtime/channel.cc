// A channel between two guests begins *unbuffered*. Its guests see what they would see of a stream
// within one domain:
//
// - A write to a reader that waits ends at once, and passes at most as many items as the reader waits
//   for. They are copied into the buffer, from where the reader's guest gets them in its next turn.
// - Any other write is *offered*: the writer waits. A read takes the items at once, without a turn of
//   the writer: from the writer's memory, or, if they are not valid whatever their bytes are (see
//   below), from an arena into which they were lifted when they were written. Items with handles
//   cannot be lifted before they are read, because that would take them from the writer. So their
//   reader runs the writer.
// - Neither side runs the other on top of its own stack, except for that, and for large writes.
//
// After `kUnbufferedWrites` writes, or at once if its edge sets the buffer, it uses the buffer,
// because a hand-over from one store to another costs microseconds. How items pass depends on what they are made of then.
//
// Items that consist of their bytes alone are copied into the buffer as soon as they are written, so
// that the writer goes on, and there is one hand-over for many small writes. When the buffer is full,
// the writer waits. A large write into an empty buffer is not copied there. It is offered. If the
// reader waits already, it runs at once, on top of the writer's stack, so that the writer does not
// have to be suspended. Only items that are valid whatever their bytes are (`Plain`) can be offered in
// the writer's memory: the others are checked when they are copied, and a writer of invalid items has
// to fail, not their reader.
//
// Deep items (strings, lists, handles) are lifted out of the writer into an arena: as many as the
// reader waits for, so that an item that nobody reads stays the writer's.
//
// Whoever is gone is noticed by the other end at its next operation, after all items that were
// passed before. The items of a reader that is gone are dropped.
#include "runtime/channel.h"

#include <algorithm>
#include <cstring>
#include <new>
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

// Drops items one by one: a destructor of a resource in them can do anything. Needs no memory, unlike to move
// the deque.
void drop_stored(std::deque<std::unique_ptr<StoredItems>>& stored) {
  while (!stored.empty()) {
    const std::unique_ptr<StoredItems> first = std::move(stored.front());
    stored.pop_front();
  }
}

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
      a.item->param_kinds, b.item->param_kinds,
      [](const ResourceKind* x, const ResourceKind* y) { return is_same(*x, *y); });
}

bool is_same(const ResourceKind& a, const ResourceKind& b) {
  return a.number == b.number ||
         (a.stream != nullptr && b.stream != nullptr && is_same(*a.stream, *b.stream));
}

std::size_t StoredItems::remove(std::uint32_t removed, std::uint32_t size) {
  // Their strings and lists are those of the last one.
  const std::size_t bytes =
      removed == count ? arena.bytes().size() - unused : std::size_t{removed} * size;
  unused += bytes;
  address += removed * size;
  count -= removed;
  return bytes;
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
  const bool is_traced = kind_->options.edge != nullptr && !kind_->is_future &&
                         list_->composition != nullptr && shared.trace != nullptr &&
                         shared.trace->has_streams();
  if (is_traced) trace_ = std::make_unique<StreamTrace>(*shared.trace, *kind_);
  list_->channels.insert(this);
}

Channel::~Channel() { list_->channels.erase(this); }

std::shared_ptr<ChannelList> make_channel_list(Shared& shared) {
  return std::make_shared<ChannelList>(ChannelList{&shared, {}});
}

void ChannelList::withdraw(const Domain& domain, std::uint64_t life) {
  for (Channel* const channel : channels) {
    if (!channel->has_offer()) continue;
    const ChannelEnd& writer = *channel->writer_;
    if (writer.domain() == &domain && writer.life() == life) channel->withdraw();
  }
}

void ChannelList::close_futures(const Domain& domain, std::uint64_t life) {
  const auto must_close = [&](const Channel* channel) {
    const ChannelEnd* const writer = channel->writer_;
    return channel->is_waiting_ && writer != nullptr && writer == channel->kept_writer_.get() &&
           writer->domain() == &domain && writer->life() == life;
  };
  // A reader that is told can end other channels.
  for (auto found = std::ranges::find_if(channels, must_close); found != channels.end();
       found = std::ranges::find_if(channels, must_close))
    (*found)->close_writer();
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
  // The program can drop both ends when it is told that one of them is closed.
  const std::shared_ptr<Channel> self = shared_from_this();
  buffer_ = {};
  offer_ = {};
  lifted_.reset();
  empty_items_ = 0;
  is_lost_ = false;
  has_writer_ = false;
  has_reader_ = false;
  is_waiting_ = false;
  trace_.reset();
  drop_stored(stored_);
  if (ChannelEnd* const writer = std::exchange(writer_, nullptr)) writer->note_closed();
  if (ChannelEnd* const reader = std::exchange(reader_, nullptr)) reader->note_closed();
}

std::size_t Channel::limit() const {
  if (list_->composition == nullptr || is_unbuffered()) return 0;
  return buffer_size();
}

std::size_t Channel::buffer_size() const {
  return kind_->options.buffer.value_or(list_->composition->stream_buffer);
}

bool Channel::is_unbuffered() const {
  if (writer_ == nullptr || writer_->domain() == nullptr) return false;
  if (reader_ != nullptr && reader_->domain() == nullptr) return false;
  // Whoever sets a buffer for an edge wants it from the first write on.
  if (const auto& of_edge = kind_->options.buffer) return *of_edge == 0;
  return writes_ < kUnbufferedWrites || list_->composition == nullptr || buffer_size() == 0;
}

void Channel::keep_writer(std::unique_ptr<ChannelEnd, void (*)(ChannelEnd*)> writer) {
  writer_ = writer.get();
  kept_writer_ = std::move(writer);
}

void Channel::close_writer() {
  writer_ = nullptr;
  has_writer_ = false;
  offer_ = {};
  lifted_.reset();
  if (reader_ != nullptr) reader_->note_closed();
}

void Channel::close_reader() {
  const std::shared_ptr<Channel> self = shared_from_this();
  reader_ = nullptr;
  has_reader_ = false;
  is_waiting_ = false;
  offer_ = {};
  lifted_.reset();
  buffer_ = {};
  drop_stored(stored_);
  if (writer_ != nullptr) writer_->note_closed();
}

bool Channel::stores() const {
  if (kind_->items == StreamKind::Items::None) return false;
  if (kind_->is_future || kind_->items == StreamKind::Items::Deep) return true;
  return kind_->items == StreamKind::Items::Checked && limit() == 0;
}

bool Channel::accepts() const {
  if (stores()) return is_awaited() && (available() == 0 || is_unbuffered());
  return limit() == 0 || buffer_.size() < limit();
}

Result<void, AbiError> Channel::offer(const Items& items) {
  if (items.address % kind_->align != 0)
    return AbiError{.kind = abi::AbiErrorKind::Misaligned,
                    .message = "the items of a write are not aligned"};
  if (is_unbuffered()) return offer_unbuffered(items);
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

Result<void, AbiError> Channel::offer_unbuffered(const Items& items) {
  offer_ = items;
  if (!is_awaited()) {
    // A read of length 0 ends when there are items.
    if (is_waiting_) serve_reader(0);
    return {};
  }
  offer_.count = std::min(items.count, wanted_);
  const Items wanted = offer_;
  if (wanted.count * kind_->size > limits::kStreamBuffer) {
    reader_->run();
    if (taken_ != 0 || !is_awaited()) return {};
  }
  offer_ = {};
  return pass(wanted, std::min(wanted.count * kind_->size, limits::kStreamBuffer));
}

void Channel::offer_lifted(std::unique_ptr<StoredItems> items) {
  lifted_ = std::move(items);
  if (is_waiting_) serve_reader(0);
}

Result<void, AbiError> Channel::pass(const Items& items, std::size_t room) {
  if (kind_->size == 0) {
    const std::size_t count = std::min(items.count, wanted_);
    empty_items_ += count;
    count_taken(count, 0);
    serve_reader(count);
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
  serve_reader(count);
  return {};
}

void Channel::count_taken(std::size_t count, std::size_t bytes) {
  taken_ += count;
  if (trace_ != nullptr) trace_->add_items(count, bytes);
}

void Channel::withdraw() {
  offer_ = {};
  lifted_.reset();
  if (trace_ != nullptr) trace_->end_write();
}

void Channel::note_writer_waits() {
  if (!is_awaited() && has_items()) serve_reader(0);
  if (trace_ != nullptr) trace_->note_writer_waits();
}

void Channel::stop_trace() {
  if (trace_ == nullptr) return;
  trace_->discard();
  trace_.reset();
}

void Channel::serve_reader(std::size_t count) {
  if (!is_waiting_) return;
  // More items can follow, until it has run.
  wanted_ -= std::min(count, wanted_);
  if (wanted_ == 0 || !is_unbuffered()) is_waiting_ = false;
  reader_->wake();
}

void Channel::store(std::unique_ptr<StoredItems> items) {
  const std::size_t count = items->count;
  const std::size_t bytes = items->arena.bytes().size() - items->unused;
  stored_.push_back(std::move(items));
  count_taken(count, bytes);
  serve_reader(count);
}

void Channel::lose_value() {
  is_lost_ = true;
  count_taken(1, 0);
  serve_reader(1);
}

std::unique_ptr<StoredItems> Channel::take_value() {
  if (std::exchange(is_lost_, false)) throw std::bad_alloc();
  std::unique_ptr<StoredItems> value = std::move(stored_.front());
  stored_.pop_front();
  return value;
}

std::size_t Channel::take_taken() {
  if (taken_ != 0 && writes_ < kUnbufferedWrites) ++writes_;
  return std::exchange(taken_, 0);
}

std::size_t Channel::available() const {
  if (stored_.size() <= 1) return count_front();
  std::size_t count = 0;
  for (const auto& items : stored_) count += items->count;
  return count;
}

std::size_t Channel::count_front() const {
  if (is_lost_) return 1;
  if (!stored_.empty()) return stored_.front()->count;
  if (const std::size_t count = buffered(); count != 0) return count;
  if (empty_items_ != 0) return empty_items_;
  return lifted_ != nullptr ? lifted_->count : offer_.count;
}

Result<void, AbiError> Channel::read(abi::Guest& to, std::uint32_t address, std::size_t count,
                                     Transit& transit) {
  TENON_CHECK(count <= available());
  is_waiting_ = false;
  if (std::exchange(is_lost_, false)) throw std::bad_alloc();
  const auto items = static_cast<std::uint32_t>(count);
  const abi::CopyProgram& program = kind_->item->program;
  if (!stored_.empty()) return read_stored(to, address, items, transit);
  if (buffered() != 0) {
    ItemMemory from(buffer_.bytes());
    TENON_TRY_VOID(program.copy_items(from, 0, to, address, items));
    buffer_.remove(count * kind_->size);
  } else if (lifted_ != nullptr) {
    TENON_TRY_VOID(program.copy_items(lifted_->arena, lifted_->address, to, address, items));
    advance_lifted(items);
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

Result<void, AbiError> Channel::read_stored(abi::Guest& to, std::uint32_t address,
                                            std::uint32_t count, Transit& transit) {
  while (count != 0) {
    std::unique_ptr<StoredItems> stored = std::move(stored_.front());
    stored_.pop_front();
    const std::uint32_t first = std::min(count, stored->count);
    stored->handles.restore(transit);
    TENON_TRY_VOID(
        kind_->item->program.copy_items(stored->arena, stored->address, to, address, first));
    (void)stored->remove(first, kind_->size);
    count -= first;
    address += first * kind_->size;
    if (stored->count == 0) continue;
    // The others wait on.
    stored->handles.store(stored->arena.resources());
    stored_.push_front(std::move(stored));
  }
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
  while (count != 0) {
    const std::size_t first = std::min(count, count_front());
    const std::size_t size = first * kind_->size;
    if (size != 0) std::memmove(to, next_bytes().data(), size);
    skip(first);
    if (to != nullptr) to += size;
    count -= first;
  }
}

std::span<const std::uint8_t> Channel::next_bytes() {
  const std::size_t size = count_front() * kind_->size;
  if (size == 0) return {};
  if (!stored_.empty()) return stored_.front()->bytes(size);
  if (buffered() != 0) return buffer_.bytes().first(size);
  if (lifted_ != nullptr) return lifted_->bytes(size);
  return offer_.memory.subspan(offer_.address, size);
}

void Channel::skip(std::size_t count) {
  const std::size_t size = count * kind_->size;
  if (!stored_.empty()) {
    (void)stored_.front()->remove(static_cast<std::uint32_t>(count), kind_->size);
    if (stored_.front()->count == 0) stored_.pop_front();
    return;
  }
  if (empty_items_ != 0)
    empty_items_ -= count;
  else if (buffered() != 0)
    buffer_.remove(size);
  else if (lifted_ != nullptr)
    advance_lifted(static_cast<std::uint32_t>(count));
  else
    advance_offer(count);
  wake_writer();
}

void Channel::advance_offer(std::size_t count) {
  count_taken(count, count * kind_->size);
  offer_.count -= count;
  offer_.address += static_cast<std::uint32_t>(count * kind_->size);
}

void Channel::advance_lifted(std::uint32_t count) {
  count_taken(count, lifted_->remove(count, kind_->size));
  if (lifted_->count == 0) lifted_.reset();
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
