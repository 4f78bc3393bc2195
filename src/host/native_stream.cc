// Streams of native code, between threads that do not know each other.
//
// Native code has a number and may use it on any thread at any time. The composition has a channel end and
// may use it only on its own thread. A NativeStream is between the two: native code leaves one operation in
// it, under its lock, and posts a turn; on the thread of the composition, `turn` tries the operation on the
// channel, now and after each change of the other end, and calls `done` when something was read or written,
// or the other end is gone. So there is one operation at a time, `done` is called once for each, and never
// while the lock is held, because native code begins its next operation in it.
//
// An end exists before it has a type: native code makes a stream, may write at once, and passes the readable
// end later, in the result of some call. Until then there is no channel, and the operation waits. It can
// even close the stream before: then the number is all that is left, and whoever passes it passes an end.
#include "host/native_stream.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>
#include <set>
#include <unordered_map>

#include "host/native_call.h"
#include "host/native_values.h"
#include "support/process_table.h"

namespace tenon::host {

namespace {

using runtime::Channel;
using runtime::ReadableEnd;
using runtime::StreamKind;

// The items of one read or write take no more memory at a time, unless one item does.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

// The ends that native code has in this process. One table for all instances, as that of completions.
class StreamTable final : public ProcessTable<StreamTable> {
 public:
  template <class Make>
  std::shared_ptr<NativeStream> add(Make make) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<NativeStream> stream = make(++last_);
    streams_.emplace(last_, stream);
    return stream;
  }
  std::shared_ptr<NativeStream> find(tenon_stream number) {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(number);
    return found == streams_.end() ? nullptr : found->second;
  }
  std::shared_ptr<NativeStream> take(tenon_stream number) {
    const std::lock_guard lock(mutex_);
    auto entry = streams_.extract(number);
    return entry ? std::move(entry.mapped()) : nullptr;
  }

  // Streams that were closed before they were passed. Native code need not pass them, so only the latest
  // are known.
  void close(tenon_stream number) {
    const std::lock_guard lock(mutex_);
    streams_.erase(number);
    try {
      closed_.insert(number);
    } catch (const std::bad_alloc&) {
      return;  // it cannot be passed any more
    }
    if (closed_.size() > kMostClosed) closed_.erase(closed_.begin());
  }
  [[nodiscard]] bool has_closed(tenon_stream number) {
    const std::lock_guard lock(mutex_);
    return closed_.contains(number);
  }
  // Whether there was one.
  bool take_closed(tenon_stream number) {
    const std::lock_guard lock(mutex_);
    return closed_.erase(number) != 0;
  }

 private:
  static constexpr std::size_t kMostClosed = 4096;

  tenon_stream last_ = 0;
  std::unordered_map<tenon_stream, std::shared_ptr<NativeStream>> streams_;
  std::set<tenon_stream> closed_;
};

std::size_t length_of(const tenon_value& list) {
  return list.kind == TENON_PACKED ? list.of.packed.len : list.of.items.len;
}

}  // namespace

tenon_stream NativeStream::make() {
  return StreamTable::get().add([](tenon_stream number) { return make(number); })->number_;
}

std::shared_ptr<NativeStream> NativeStream::make(tenon_stream number) {
  std::shared_ptr<NativeStream> stream(new NativeStream(number));
  // The home keeps it until its last turn.
  stream->turn_ = runtime::Scheduler::Posting([link = std::weak_ptr(stream)] {
    if (const auto held = link.lock()) held->turn();
  });
  return stream;
}

std::shared_ptr<NativeStream> NativeStream::find(tenon_stream number) {
  return StreamTable::get().find(number);
}

bool NativeStream::can_pass(tenon_stream number) {
  const auto stream = find(number);
  if (stream == nullptr) return StreamTable::get().has_closed(number);
  const std::lock_guard lock(stream->mutex_);
  return stream->is_passable();
}

bool NativeStream::start(Operation operation) {
  const std::lock_guard lock(mutex_);
  const bool is_write = operation.items != nullptr;
  if (is_closed_ || operation_ || is_write == is_readable_ || operation.done == nullptr)
    return false;
  post_turn();  // it waits for the lock
  operation_ = std::move(operation);
  is_used_ = true;
  return true;
}

void NativeStream::close(tenon_stream number) {
  const std::shared_ptr<NativeStream> stream = find(number);
  if (stream == nullptr) {
    (void)StreamTable::get().take_closed(number);
    return;
  }
  std::optional<Operation> operation;
  {
    const std::lock_guard lock(stream->mutex_);
    if (std::exchange(stream->is_closed_, true)) return;
    if (stream->shared_ != nullptr)
      stream->post_turn();
    else
      operation = std::exchange(stream->operation_, std::nullopt);
  }
  // Nobody else will end it.
  if (operation) operation->done(operation->data, nullptr, 0, TENON_STREAM_CLOSED);
  // Another thread can pass it until here, and then by its number.
  const std::lock_guard lock(stream->mutex_);
  if (!stream->is_readable_ && !stream->is_passed_)
    StreamTable::get().close(number);
  else
    (void)StreamTable::get().take(number);
}

// REQUIRES: the lock is held. The composition exists while it is, if there is one.
void NativeStream::post_turn() {
  if (shared_ != nullptr) shared_->scheduler.post(turn_);
}

// Needs no memory: a stream that was passed must have a home.
void NativeStream::attach(NativeHome& home, runtime::Shared& shared) {
  place_ = entry_.begin();
  *place_ = shared_from_this();
  home.streams().splice(home.streams().end(), entry_);
  home_ = &home;
  const std::lock_guard lock(mutex_);
  shared_ = &shared;
  if (operation_ || is_closed_) post_turn();
}

tenon_stream NativeStream::receive(std::shared_ptr<ReadableEnd> end, NativeHome& home,
                                   runtime::Shared& shared) {
  const std::shared_ptr<NativeStream> stream = StreamTable::get().add([&](tenon_stream number) {
    std::shared_ptr<NativeStream> made = make(number);
    made->is_readable_ = true;
    made->readable_ = std::move(end);
    return made;
  });
  stream->attach(home, shared);
  return stream->number_;
}

std::shared_ptr<ReadableEnd> NativeStream::pass(tenon_stream number, const StreamKind& kind,
                                                NativeHome& home, runtime::Shared& shared) {
  const std::shared_ptr<NativeStream> stream = find(number);
  if (stream == nullptr)
    return StreamTable::get().take_closed(number) ? make_closed(kind, shared) : nullptr;
  std::shared_ptr<ReadableEnd> end;
  if (!stream->give_up_reader(kind, home, shared, end)) return nullptr;
  if (end != nullptr) return end;
  return stream->writer_.connect(kind.shared_from_this(), shared);
}

void NativeStream::pass_to_nobody(tenon_stream number, const StreamKind& kind, NativeHome& home,
                                  runtime::Shared& shared) {
  std::shared_ptr<ReadableEnd> end;
  if (const std::shared_ptr<NativeStream> stream = find(number))
    (void)stream->give_up_reader(kind, home, shared, end);
  else
    (void)StreamTable::get().take_closed(number);
}

std::shared_ptr<ReadableEnd> NativeStream::make_closed(const StreamKind& kind,
                                                       runtime::Shared& shared) {
  runtime::ProgramWriter closed;
  return closed.connect(kind.shared_from_this(), shared);
}

bool NativeStream::give_up_reader(const StreamKind& kind, NativeHome& home, runtime::Shared& shared,
                                  std::shared_ptr<ReadableEnd>& received) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_passable()) return false;
    // Only the thread of its composition can look at the channel.
    if (is_readable_ && (shared_ != &shared || !is_same(readable_->channel().kind(), kind)))
      return false;
    is_passed_ = true;
    if (is_closed_) (void)StreamTable::get().take_closed(number_);  // since it was found
  }
  if (!is_readable_) {
    attach(home, shared);
    return true;
  }
  (void)StreamTable::get().take(number_);
  std::exchange(home_, nullptr)->streams().erase(place_);  // `home` can be another one
  received = std::move(readable_);                         // nothing has read it
  return true;
}

void NativeStream::end_all(NativeHome& home) {
  while (!home.streams().empty()) {
    const std::shared_ptr<NativeStream> stream = home.streams().front();
    (void)StreamTable::get().take(stream->number_);
    stream->end();
  }
}

void NativeStream::turn() {
  bool is_closed = false;
  bool has_operation = false;
  {
    const std::lock_guard lock(mutex_);
    is_closed = is_closed_;
    has_operation = operation_.has_value();
  }
  if (home_ == nullptr) return;
  if (is_closed) return end();
  if (!has_operation) return;
  try {
    if (is_readable_)
      read();
    else
      write();
  } catch (const std::bad_alloc&) {
    finish(nullptr, 0, TENON_STREAM_FAILED);
  }
}

void NativeStream::wait_for(runtime::ProgramEnd& end) {
  end.notify([link = weak_from_this()] {
    if (const auto stream = link.lock()) stream->turn();
  });
}

void NativeStream::read() {
  if (!reader_) reader_.emplace(readable_);
  reader_->watch();
  Channel& channel = reader_->channel();
  const StreamKind& kind = channel.kind();
  const std::size_t most = std::max<std::size_t>(operation_->most, 1);
  if (channel.available() == 0 && channel.has_writer()) channel.wait(most);
  const std::size_t batch =
      std::max<std::size_t>(1, kBatchBytes / std::max<std::size_t>(1, kind.size));
  const std::size_t count = std::min({channel.available(), most, batch});
  if (count == 0) {
    if (channel.has_writer()) return wait_for(*reader_);
    return finish(nullptr, 0, TENON_STREAM_CLOSED);
  }
  tenon_value list = {};
  list.kind = TENON_LIST;
  list.of.items.len = count;
  if (kind.item == nullptr) {
    channel.read_bytes(nullptr, count);
    return finish(&list, count, TENON_STREAM_OPEN);
  }
  runtime::Shared& shared = *channel.composition();
  runtime::Transit transit(shared.resources);
  const std::unique_ptr<RepExchange> handles = home_->exchange(*kind.item, shared, transit);
  abi::ValueArena arena;
  const auto address = arena.allocate(static_cast<std::uint32_t>(count * kind.size), kind.align);
  if (!address || !channel.read(arena, *address, count, transit))
    return fail("its items take too much memory");
  CallMemory memory;
  const auto items = read_native_items(kind.item->program.layout(),
                                       {.arena = arena,
                                        .address = *address,
                                        .caller_memory = arena.memory(),
                                        .has_text_views = true},
                                       count, memory, *handles);
  if (!items) return fail("its items take too much memory");
  handles->give_taken();
  finish(&*items, count, TENON_STREAM_OPEN);
}

void NativeStream::write() {
  // There was no memory for a reader.
  if (writer_.channel() == nullptr) return finish(nullptr, 0, TENON_STREAM_CLOSED);
  writer_.watch_again();
  Channel& channel = *writer_.channel();
  Operation& operation = *operation_;
  const std::size_t length = length_of(*operation.items);
  const auto take_taken = [&] {
    const std::size_t taken = std::min(channel.take_taken(), length - operation.written);
    operation.written += taken;
    if (taken != 0) channel.withdraw();  // the rest is offered again
    return taken != 0;
  };
  (void)take_taken();
  do {
    if (operation.written == length) return finish(nullptr, length, TENON_STREAM_OPEN);
    if (!channel.has_reader()) return finish(nullptr, operation.written, TENON_STREAM_CLOSED);
    if (channel.has_offer() || !channel.accepts()) break;
    if (!pass_items(channel, length - operation.written)) return;
  } while (take_taken());
  writer_.wait_with_items();
  wait_for(writer_);
}

bool NativeStream::pass_items(Channel& channel, std::size_t rest) {
  const StreamKind& kind = channel.kind();
  Operation& operation = *operation_;
  const tenon_value& items = *operation.items;
  if (kind.item == nullptr) {
    (void)channel.offer({.memory = {}, .address = 0, .count = rest});
    return true;
  }
  const std::size_t batch = std::max<std::size_t>(1, kBatchBytes / kind.size);
  const std::size_t count = std::min({rest, batch, channel.stores() ? channel.wanted() : rest});
  auto stored = std::make_unique<runtime::StoredItems>(channel.composition()->resources);
  const auto written = write_native_items(kind.item->program.layout(), items, operation.written,
                                          count, stored->arena);
  if (!written) {
    fail(fmt::format("{} at {}", written.error().message, written.error().path).c_str());
    return false;
  }
  if (channel.stores()) {
    runtime::Shared& shared = *channel.composition();
    runtime::Transit transit(shared.resources);
    const std::unique_ptr<RepExchange> handles = home_->exchange(*kind.item, shared, transit);
    try {
      give_handles(*written, stored->arena, *handles);
      stored->address = written->address;
      stored->count = static_cast<std::uint32_t>(count);
      stored->handles.store(stored->arena.resources());
      channel.store(std::move(stored));
    } catch (const std::bad_alloc&) {
      operation.written += count;  // they were dropped, so native code no longer owns them
      throw;
    }
    return true;
  }
  operation.offered = std::make_unique<abi::ValueArena>(std::move(stored->arena));
  (void)channel.offer(
      {.memory = operation.offered->memory(), .address = written->address, .count = count});
  return true;
}

void NativeStream::finish(const tenon_value* items, std::size_t count, std::int32_t state) {
  std::optional<Operation> operation;
  {
    const std::lock_guard lock(mutex_);
    operation = std::exchange(operation_, std::nullopt);
  }
  if (!operation) return;
  // Those that were taken before a failure are not the writer's any more.
  const std::size_t moved = operation->items == nullptr ? count : operation->written;
  home_->end_operation(operation->done, operation->data, items, moved, state);
}

void NativeStream::fail(const char* why) {
  home_->report(fmt::format("the stream {}: {}", number_, why));
  finish(nullptr, 0, TENON_STREAM_FAILED);
}

void NativeStream::end() {
  NativeHome* const home = std::exchange(home_, nullptr);
  if (home == nullptr) return;
  std::optional<Operation> operation;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    shared_ = nullptr;
    operation = std::exchange(operation_, std::nullopt);
  }
  home->streams().erase(place_);
  if (Channel* const channel = writer_.channel().get()) {
    if (operation && operation->items != nullptr) operation->written += channel->take_taken();
    channel->withdraw();
  }
  reader_.reset();
  readable_.reset();
  writer_.close();
  // Last, because native code can run the composition in it.
  if (operation)
    home->end_operation(operation->done, operation->data, nullptr, operation->written,
                        TENON_STREAM_CLOSED);
}

}  // namespace tenon::host
