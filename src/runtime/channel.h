// A stream or future between two domains, or between a domain and the program: a writer, a reader,
// and the items between them. `channel.cc` begins with how items pass.
//
//   guest of `a` --> GuestWriter --> Channel --> GuestReader --> guest of `b`
//
// The two ends know nothing of each other, so each can be a guest's (guest_stream.h) or the
// program's. The channel belongs to its ends. The readable end is what calls pass: the object of a
// handle in the resource table.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>

#include "abi/guest.h"
#include "abi/value_arena.h"
#include "call/function_shape.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"

namespace tenon::runtime {

class Domain;
struct Shared;
class StreamTrace;
struct TracedEdge;

// So many writes of a stream between two guests end when their items are read. Later ones use its
// buffer.
inline constexpr unsigned kUnbufferedWrites = 64;

// The options of an edge for the streams that its functions pass.
struct StreamOptions {
  // The bytes of items that each holds; absent: as many as every stream of its composition.
  std::optional<std::size_t> buffer = {};
  std::shared_ptr<const TracedEdge> edge = {};  // null: they are not traced

  auto operator<=>(const StreamOptions&) const = default;
};

// The type of a stream or future, for calls. Immutable.
struct StreamKind : std::enable_shared_from_this<StreamKind> {
  enum class Items : std::uint8_t {
    None,     // it has no payload
    Plain,    // numbers, or records of them: every copy of their bytes is valid
    Checked,  // their bytes alone, and some are not valid
    Deep,     // they have strings, lists or handles
  };

  enum class Is : std::uint8_t { Stream, Future };

  // item_shape: of `func(item: T)`; null without payload.
  StreamKind(std::string name, std::uint32_t number, Is what,
             std::shared_ptr<const call::FunctionShape> item_shape, StreamOptions of_edge);

  // The kind of its handles. Its name is the type, such as "stream<u8>".
  ResourceKind handle;
  bool is_future = false;
  std::shared_ptr<const call::FunctionShape> item;
  Items items = Items::None;
  std::uint32_t size = 0;  // of an item
  std::uint32_t align = 1;
  bool has_handles = false;
  StreamOptions options;
};

// Whether two streams or futures have one type: equal values, and handles of the same resources.
[[nodiscard]] bool is_same(const StreamKind& a, const StreamKind& b);
// Whether two kinds of handles are one, also if each is a stream of its own function.
[[nodiscard]] bool is_same(const ResourceKind& a, const ResourceKind& b);

// The writer of a channel, or its reader.
class ChannelEnd {
 public:
  // The other end did something that this one may wait for.
  virtual void wake() = 0;
  // The same, and lets it run on this stack if it can.
  virtual void run() { wake(); }
  // The other end is gone.
  virtual void note_closed() { wake(); }
  // The domain of its guest; null for the program.
  [[nodiscard]] virtual const Domain* domain() const { return nullptr; }
  // The life of that domain in whose memory the items of its offers, or the value of its future, are; 0 if it makes none.
  [[nodiscard]] virtual std::uint64_t life() const { return 0; }
  // Whether an operation of it is in progress.
  [[nodiscard]] virtual bool is_busy() const { return false; }
  // Of a writer: whether a write of items waits.
  [[nodiscard]] virtual bool has_items() const { return false; }

 protected:
  ~ChannelEnd() = default;
};

// Items that were taken from their writer, with their handles.
struct StoredItems {
  explicit StoredItems(ResourceTable& table) : handles(table) {}

  // Removes the first items, of `size` bytes each without their strings and lists. Returns how many
  // bytes of the arena were theirs.
  std::size_t remove(std::uint32_t removed, std::uint32_t size);
  // The first bytes of the items.
  [[nodiscard]] std::span<std::uint8_t> bytes(std::size_t size) {
    return arena.memory().subspan(address, size);
  }

  abi::ValueArena arena;
  std::uint32_t address = 0;
  std::uint32_t count = 0;  // of those that are left, from `address` on
  std::size_t unused = 0;   // bytes of the arena that hold nothing of them
  StoredHandles handles;
};

// A queue of bytes in one piece of memory.
class ItemBuffer final {
 public:
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] std::span<std::uint8_t> bytes() { return {data_.get() + begin_, size()}; }
  // Bytes behind the last one, which `add` makes part of the queue.
  [[nodiscard]] std::span<std::uint8_t> reserve(std::size_t size);
  void add(std::size_t size) { end_ += size; }
  void remove(std::size_t size);

 private:
  static constexpr std::size_t kFirstCapacity = 4096;

  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Channel;

// The channels of a composition. It is left behind by the composition for channels of which the
// program holds an end.
struct ChannelList {
  Shared* composition = nullptr;  // null: it is gone
  std::unordered_set<Channel*> channels;

  // Takes back all offers of a life, whose memory will be gone.
  void withdraw(const Domain& domain, std::uint64_t life);
  // Closes the futures of a life that has ended, if their readers wait and its loop was not asked for the values:
  // nothing else tells these readers.
  void close_futures(const Domain& domain, std::uint64_t life);
  // Ends all channels.
  void end();
};

// Made by `std::make_shared`.
class Channel final : public std::enable_shared_from_this<Channel> {
 public:
  Channel(std::shared_ptr<const StreamKind> kind, Shared& shared);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  [[nodiscard]] const StreamKind& kind() const { return *kind_; }
  [[nodiscard]] const std::shared_ptr<const StreamKind>& shared_kind() const { return kind_; }
  // Null if it is gone.
  [[nodiscard]] Shared* composition() const { return list_->composition; }

  // Null: it is not connected yet, or gone.
  [[nodiscard]] const ChannelEnd* writer() const { return writer_; }
  [[nodiscard]] const ChannelEnd* reader() const { return reader_; }

  // For the writer. Lifetime: until `close_writer`.

  void set_writer(ChannelEnd& writer) { writer_ = &writer; }
  // The same, and keeps it as long as the channel.
  void keep_writer(std::unique_ptr<ChannelEnd, void (*)(ChannelEnd*)> writer);
  [[nodiscard]] ChannelEnd* kept_writer() { return kept_writer_.get(); }
  void close_writer();

  [[nodiscard]] bool has_reader() const { return has_reader_; }
  // Whether the reader waits: also one with a read of length 0, which waits until there are items.
  [[nodiscard]] bool is_waited_for() const { return is_waiting_; }
  // Whether it waits for items, and for how many.
  [[nodiscard]] bool is_awaited() const { return is_waiting_ && wanted_ > 0; }
  [[nodiscard]] std::size_t wanted() const { return is_waiting_ ? wanted_ : 0; }
  // Whether items can be passed now: by `offer`, or if `stores` by `store`.
  [[nodiscard]] bool accepts() const;
  // Whether items have to be lifted out of the writer's memory.
  [[nodiscard]] bool stores() const;
  // Whether its guests see what they would see of a stream within one domain: a write ends when its
  // items are read, and passes at most as many as the reader waits for.
  [[nodiscard]] bool is_unbuffered() const;

  // Items in memory, which stay in place until `take_taken` has returned their number or `withdraw`
  // is called. Memory without items, for a channel without payload.
  struct Items {
    std::span<std::uint8_t> memory;
    std::uint32_t address = 0;
    std::size_t count = 0;
  };
  // Passes items to a reader that waits, copies them into the buffer, or leaves them where they are
  // until they are read.
  // Errors: Misaligned, BadDiscriminant, BadChar, and others of the items.
  // REQUIRES: `accepts`, not `stores`, and no offer is left
  [[nodiscard]] Result<void, abi::AbiError> offer(const Items& items);
  // Passes items that were lifted. REQUIRES: `accepts`
  void store(std::unique_ptr<StoredItems> items);
  // The value of a future was taken from its writer, and there is no memory for it: its reader fails
  // with std::bad_alloc.
  void lose_value();
  // The same as `offer` for items that were lifted: the writer has them until they are read. They have
  // no handles. REQUIRES: no offer is left
  void offer_lifted(std::unique_ptr<StoredItems> items);
  // A write has to wait. Ends a read of length 0 if there are items.
  void note_writer_waits();
  // It passes another stream on, which has a channel of its own.
  void stop_trace();
  // Items were taken from the writer and dropped. REQUIRES: not `has_reader`
  void note_dropped(std::size_t count) { taken_ += count; }
  // The number of items of the last offer, or of those stored, that are taken since the last call.
  [[nodiscard]] std::size_t take_taken();
  [[nodiscard]] bool has_offer() const { return offer_.count != 0 || lifted_ != nullptr; }
  // Ends a write: takes the rest of its offer back.
  void withdraw();

  // For the reader. Lifetime: until `close_reader`.

  void set_reader(ChannelEnd& reader) { reader_ = &reader; }
  // The reader has passed its end on, and nobody reads until there is another one.
  void unset_reader() {
    reader_ = nullptr;
    is_waiting_ = false;
  }
  void close_reader();

  [[nodiscard]] bool has_writer() const { return has_writer_; }
  // Whether there are no items, and none will come.
  [[nodiscard]] bool is_at_end() const { return !has_writer_ && available() == 0; }
  // The number of items that `read` can copy.
  [[nodiscard]] std::size_t available() const;
  // Whether there are any, or the writer has some that it passes only to a reader that waits for them.
  [[nodiscard]] bool has_items() const {
    return available() != 0 || (writer_ != nullptr && writer_->has_items());
  }
  // Copies items to an address of the reader. transit: of the handles among them.
  // Errors: those of the reader's side.  REQUIRES: count <= available()
  [[nodiscard]] Result<void, abi::AbiError> read(abi::Guest& to, std::uint32_t address,
                                                 std::size_t count, Transit& transit);
  // The same for items without strings, lists and handles, to memory of the program where they lie
  // as in a guest's. REQUIRES: `to` has room for them
  [[nodiscard]] Result<void, abi::AbiError> read(std::span<std::uint8_t> to, std::size_t count);
  // The same for items of bytes, or without payload (`to` is null then).
  void read_bytes(std::uint8_t* to, std::size_t count);
  // The bytes of the first items, as many as lie together. Lifetime: until `skip`, and until a guest
  // runs.
  [[nodiscard]] std::span<const std::uint8_t> next_bytes();
  // Takes items that were read there. A reader that waits goes on to wait.
  void skip(std::size_t count);
  // Takes the value of a future, for another channel. REQUIRES: it is available
  [[nodiscard]] std::unique_ptr<StoredItems> take_value();
  // The reader waits for as many items. Lets the writer run, if it can.
  void wait(std::size_t wanted);
  void stop_waiting() { is_waiting_ = false; }

 private:
  friend struct ChannelList;

  // The composition is gone: drops all items, and closes both ends.
  void end();
  // How many bytes of items it holds at most.
  [[nodiscard]] std::size_t limit() const;
  // The same when it uses its buffer. REQUIRES: a composition
  [[nodiscard]] std::size_t buffer_size() const;
  [[nodiscard]] std::size_t buffered() const {
    return kind_->size == 0 ? 0 : buffer_.size() / kind_->size;
  }
  // How many items of its front can be read as one piece.
  [[nodiscard]] std::size_t count_front() const;
  // The same as `offer`, of an unbuffered channel.
  [[nodiscard]] Result<void, abi::AbiError> offer_unbuffered(const Items& items);
  // Copies items into the buffer.
  [[nodiscard]] Result<void, abi::AbiError> pass(const Items& items, std::size_t room);
  // Items have left their writer.
  void count_taken(std::size_t count, std::size_t bytes);
  // So many items were passed to a reader that waits for them.
  void serve_reader(std::size_t count);
  // Removes items from the front of the offer.
  void advance_offer(std::size_t count);
  void advance_lifted(std::uint32_t count);
  [[nodiscard]] Result<void, abi::AbiError> read_stored(abi::Guest& to, std::uint32_t address,
                                                        std::uint32_t count, Transit& transit);
  void wake_writer();

  std::shared_ptr<const StreamKind> kind_;
  std::shared_ptr<ChannelList> list_;
  ChannelEnd* writer_ = nullptr;
  ChannelEnd* reader_ = nullptr;
  std::unique_ptr<ChannelEnd, void (*)(ChannelEnd*)> kept_writer_{nullptr, nullptr};
  bool has_writer_ = true;
  bool has_reader_ = true;
  bool is_waiting_ = false;
  bool is_lost_ = false;  // the value, until somebody reads it
  std::size_t wanted_ = 0;
  std::size_t taken_ = 0;
  unsigned writes_ = 0;                 // that have passed items
  std::unique_ptr<StreamTrace> trace_;  // null: it is not traced

  // The items of a write in progress: in the writer's memory, or copied from there.
  Items offer_;
  std::unique_ptr<StoredItems> lifted_;
  ItemBuffer buffer_;
  std::size_t empty_items_ = 0;  // passed, and not read, of a channel without payload
  std::deque<std::unique_ptr<StoredItems>> stored_;
};

// The readable end of a channel. Its end closes the channel for reading.
class ReadableEnd final {
 public:
  explicit ReadableEnd(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  ReadableEnd(const ReadableEnd&) = delete;
  ReadableEnd& operator=(const ReadableEnd&) = delete;
  ~ReadableEnd() {
    if (channel_ != nullptr) channel_->close_reader();
  }

  [[nodiscard]] Channel& channel() { return *channel_; }
  // Takes the channel of another end, in place of its own, which nothing was read from.
  void adopt(ReadableEnd& other) {
    channel_ = std::move(other.channel_);
    channel_->unset_reader();
  }

 private:
  std::shared_ptr<Channel> channel_;
};

}  // namespace tenon::runtime
