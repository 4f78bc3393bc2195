#include "remote/streams.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <new>
#include <utility>

#include "remote/connection.h"
#include "support/leb128.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

using runtime::Channel;
using runtime::StreamKind;

// Bytes of items that one frame has, if there are so many. Go peers end a call that sends them more than
// 64 frames at once.
constexpr std::size_t kChunkBytes = std::size_t{1} << 16;
// Bytes that wait for the connection before items are left where they are.
constexpr std::size_t kWindowBytes = std::size_t{1} << 18;
// Memory of items of a stream that wait for their reader, before its sender is asked to pause. A sender
// that cannot pause has to wait for all streams of the call then.
constexpr std::size_t kPauseBytes = std::size_t{1} << 18;
// The same of all streams of a call, before nothing more is received: what a sender has sent before it
// reads the request to pause.
constexpr std::size_t kMostWaitingBytes = std::size_t{1} << 24;
// How long the transport makes the sender of a single stream wait. A kernel drops the connection of a peer whose
// window stays closed for too long (TCP_USER_TIMEOUT).
constexpr std::chrono::seconds kTransportWait{5};
// How many bytes a writer passes before it pauses, so that the rest of its composition can run.
constexpr std::size_t kOfferedBytes = std::size_t{1} << 20;

const abi::FunctionLayout* layout_of(const StreamKind& kind) {
  return kind.item == nullptr ? nullptr : &kind.item->program.layout();
}

// Whether each item is a byte, in memory and on the wire.
bool is_bytes(const StreamKind& kind) {
  return kind.items == StreamKind::Items::Plain && kind.size == 1 && !kind.is_future;
}

// The most items of a chunk.
std::size_t batch_of(const StreamKind& kind) {
  return std::max<std::size_t>(1, kChunkBytes / std::max<std::size_t>(1, kind.size));
}

// Those of its first one, if how much memory they refer to is not known.
constexpr std::size_t kFirstBatch = 16;

}  // namespace

// The handles in the items of one stream or future. Streams and futures among them have channels whose
// paths begin with its own; only another tenon supports these.
class CallStreams::ItemHandles final : public WireHandles {
 public:
  // kind, channel: of the stream. incoming: receives the channels of the call; null for a stream that
  // is sent.
  ItemHandles(CallStreams& streams, std::shared_ptr<const StreamKind> kind, IndexPath channel,
              Incoming* incoming)
      : streams_(streams),
        kind_(std::move(kind)),
        channel_(std::move(channel)),
        incoming_(incoming),
        transit_(streams.shared_.resources) {}

  [[nodiscard]] const IndexPath& channel() const { return channel_; }
  // To be called after each chunk that was written or read. Received handles must have a holder by then:
  // they are no longer in transit.
  void end_chunk(std::uint32_t items) {
    transit_.finish();
    first_ += items;
  }

  Result<Bytes, abi::AbiError> give(abi::HandlePart part, abi::ResourceToken resource) override {
    return streams_.resources_.give_resource(part.ownership, resource);
  }
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart part,
                                                 std::span<const std::uint8_t> bytes) override {
    TENON_TRY(const abi::ResourceToken token,
              streams_.resources_.take_resource(kind_of(part), part.ownership, bytes));
    transit_.add(token);
    return token;
  }
  Result<void, abi::AbiError> send(abi::HandlePart /*part*/, abi::ResourceToken end,
                                   const IndexPath& place) override {
    TENON_TRY_VOID(check_peer());
    streams_.send(end, below(place));
    return {};
  }
  Result<Received, abi::AbiError> receive(abi::HandlePart part, const IndexPath& place) override {
    TENON_TRY_VOID(check_peer());
    TENON_TRY(const Received received,
              streams_.receive(kind_of(part), *incoming_, below(place), Within::Items));
    transit_.add(received.token);
    return received;
  }

 private:
  [[nodiscard]] const runtime::ResourceKind& kind_of(abi::HandlePart part) const {
    return *kind_->item->param_kinds[part.number];
  }
  [[nodiscard]] Result<void, abi::AbiError> check_peer() const {
    if (!streams_.dialect_.is_foreign) return {};
    return abi::AbiError{
        abi::AbiErrorKind::Guest,
        fmt::format("a `{}` can only be passed between two tenons", kind_->handle.name)};
  }
  // The channel for a place in a chunk, which begins with the number of the item in it.
  [[nodiscard]] IndexPath below(const IndexPath& place) const {
    IndexPath path = channel_;
    path.insert(path.end(), place.begin(), place.end());
    path[channel_.size()] += first_;
    return path;
  }

  CallStreams& streams_;
  const std::shared_ptr<const StreamKind> kind_;
  const IndexPath channel_;
  Incoming* const incoming_;
  std::uint32_t first_ = 0;   // the number of the first item of the next chunk
  runtime::Transit transit_;  // of those that were received
};

class CallStreams::Outgoing {
 public:
  Outgoing(CallStreams& streams, std::shared_ptr<runtime::ReadableEnd> end,
           const IndexPath& channel)
      : streams_(streams),
        reader_(std::move(end)),
        handles_(streams, reader_->channel().shared_kind(), channel, nullptr),
        batch_(batch_of(reader_->channel().kind())) {
    if (reader_->channel().kind().items == StreamKind::Items::Deep)
      batch_ = std::min(batch_, kFirstBatch);
    if (sends_in_place(reader_->channel().kind())) reader_->set_on_offer([this] { send_offer(); });
  }

  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] const IndexPath& channel() const { return handles_.channel(); }
  void set_pace(Pace pace) { pace_ = pace; }

  Result<void, std::string> move(Connection& connection) {
    offered_ = 0;
    while (!has_ended_ && can_send(connection)) {
      reader_->watch();
      Channel& channel = reader_->channel();
      const StreamKind& kind = channel.kind();
      if (channel.composition() == nullptr) return std::string("its composition has ended");
      if (channel.available() == 0 && channel.has_writer())
        channel.wait(kind.is_future ? 1 : batch_);
      const std::size_t count = std::min(channel.available(), batch_);
      if (count == 0 && channel.has_writer()) {
        reader_->notify(streams_.on_change_);
        return {};
      }
      if (count == 0) return finish(connection, kind);
      TENON_TRY_VOID(send(connection, channel, count));
    }
    return {};
  }

 private:
  [[nodiscard]] bool can_send(const Connection& connection) const {
    return pace_ == Pace::GoOn && connection.unsent() < kWindowBytes;
  }

  Result<void, std::string> finish(Connection& connection, const StreamKind& kind) {
    if (kind.is_future) return fmt::format("a `{}` was closed without a value", kind.handle.name);
    connection.send(handles_.channel(), {0}, true);
    TENON_TRY_VOID(check_reader(streams_.dialect_, connection));
    connection.flush();
    close();
    return {};
  }

  Result<void, std::string> send(Connection& connection, Channel& channel, std::size_t count) {
    const StreamKind& kind = channel.kind();
    if (sends_in_place(kind)) {
      send_bytes(connection, channel, count);
      return {};
    }
    Bytes items;
    if (kind.item == nullptr) {
      channel.read_bytes(nullptr, count);
      if (!kind.is_future) append_leb128(items, static_cast<std::uint32_t>(count));
    } else {
      runtime::Transit transit(streams_.shared_.resources);
      arena_.clear();
      const auto address =
          arena_.allocate(static_cast<std::uint32_t>(count * kind.size), kind.align);
      if (!address) return abi::describe(address.error());
      const auto read = channel.read(arena_, *address, count, transit);
      if (!read) return abi::describe(read.error());
      WireWriter writer(arena_, handles_, streams_.dialect_);
      const auto written = kind.is_future
                               ? writer.write_params(*layout_of(kind), *address, items)
                               : writer.write_items(*layout_of(kind), *address,
                                                    static_cast<std::uint32_t>(count), items);
      if (!written) return abi::describe(written.error());
      handles_.end_chunk(static_cast<std::uint32_t>(count));
      if (kind.items == StreamKind::Items::Deep)
        batch_ = std::clamp<std::size_t>(
            count * kChunkBytes / std::max<std::size_t>(1, items.size()), 1, batch_of(kind));
    }
    connection.send(handles_.channel(), std::move(items), kind.is_future);
    TENON_TRY_VOID(check_reader(streams_.dialect_, connection));
    connection.flush();
    if (kind.is_future) close();
    return {};
  }

  // Data for peers with short reads must be checked before it is sent.
  [[nodiscard]] bool sends_in_place(const StreamKind& kind) const {
    return is_bytes(kind) && !streams_.dialect_.has_short_reads;
  }

  // Sends items directly from the memory of their writer, or from the buffer of the channel.
  void send_bytes(Connection& connection, Channel& channel, std::size_t count) {
    WireBytes items;
    append_leb128(items.bytes, static_cast<std::uint32_t>(count));
    items.slices.push_back({items.bytes.size(), channel.next_bytes().first(count)});
    connection.send_slices(handles_.channel(), std::move(items), Connection::Slices::UntilFlush,
                           false);
    connection.flush();
    channel.skip(count);
  }

  // Sends items while their writer runs, so that it need not be suspended. After kOfferedBytes it
  // is suspended anyway, so that the rest of the composition can run.
  void send_offer() {
    Connection* const connection = streams_.connection_();
    Channel& channel = reader_->channel();
    if (connection == nullptr) return;
    try {
      while (channel.available() != 0 && can_send(*connection)) {
        const std::size_t count = std::min(channel.available(), kChunkBytes);
        send_bytes(*connection, channel, count);
        offered_ += count;
      }
    } catch (const std::bad_alloc&) {
      // The next step sends them.
      return channel.stop_waiting();
    }
    if (!can_send(*connection) || offered_ >= kOfferedBytes) channel.stop_waiting();
  }

  void close() {
    has_ended_ = true;
    reader_.reset();
  }

  CallStreams& streams_;
  std::size_t offered_ = 0;  // bytes sent in this way since the last step
  std::optional<runtime::ProgramReader> reader_;
  ItemHandles handles_;
  abi::ValueArena arena_;
  std::size_t batch_;  // items of the next chunk, at most
  Pace pace_ = Pace::GoOn;
  bool has_ended_ = false;
};

// Received data is decoded at once, even if its items have to wait for their reader: streams among the
// items have channels, and their data can follow.
class CallStreams::IncomingStream final : public IncomingEnd, public ChannelInput {
 public:
  IncomingStream(CallStreams& streams, std::shared_ptr<const StreamKind> kind, Incoming& incoming,
                 const IndexPath& channel, Within within)
      : streams_(streams),
        within_(within),
        kind_(std::move(kind)),
        handles_(streams, kind_, channel, &incoming),
        chunk_(make_chunk()) {}

  std::shared_ptr<runtime::ReadableEnd> connect() {
    return writer_.connect(kind_, streams_.shared_);
  }

  const abi::FunctionLayout* item() const override { return layout_of(*kind_); }
  abi::ValueArena& arena() override { return chunk_->arena; }
  WireHandles& handles() override { return handles_; }
  void complete(std::uint32_t address, std::uint32_t count) override {
    end_chunk(address, count);
    is_last_ = true;
  }

  // Nothing more comes, or nobody reads it.
  [[nodiscard]] bool has_ended() const { return writer_.channel() == nullptr; }
  // Nobody reads it, although more can come.
  [[nodiscard]] bool is_dropped() const { return has_ended() && !is_last_; }
  // Whether its channel can be forgotten. Known peers send more than one end, which has to be ignored;
  // but only another tenon sends streams in items.
  [[nodiscard]] bool can_be_forgotten() const {
    return has_ended() && is_last_ && within_ == Within::Items;
  }
  [[nodiscard]] const IndexPath& channel() const { return handles_.channel(); }
  // The memory of the chunk that is being read.
  [[nodiscard]] std::size_t unfinished_bytes() const { return memory_of(*chunk_) + rest_.size(); }

  Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override {
    const std::size_t kept = rest_.size();
    if (kept != 0) rest_.insert(rest_.end(), bytes.begin(), bytes.end());
    const std::span<const std::uint8_t> all = kept != 0 ? rest_ : bytes;
    std::size_t taken = 0;
    while (true) {
      TENON_TRY_VOID(move());
      // Known peers send more than one end.
      if (is_last_ || (has_ended() && !must_read_to_end())) return bytes.size();
      if (!reader_ && !waiting_.empty() && streams_.is_full()) break;
      TENON_TRY(const std::size_t read, read_chunk(all.subspan(taken)));
      taken += read;
      if (reader_) {
        // The rest is a part of a value.
        Bytes rest(all.begin() + static_cast<std::ptrdiff_t>(taken), all.end());
        rest_ = std::move(rest);
        return bytes.size();
      }
    }
    rest_.clear();
    return taken - kept;
  }

  std::span<std::uint8_t> room(std::size_t most) override {
    return reader_ && rest_.empty() ? reader_->room(most) : std::span<std::uint8_t>();
  }

  // Passes items on.
  Result<void, std::string> move() {
    while (!has_ended()) {
      writer_.watch_again();
      Channel& channel = *writer_.channel();
      if (channel.has_reader()) note_taken(channel);
      if (!channel.has_reader() || (waiting_.empty() && is_last_)) {
        writer_.close();
      } else if (waiting_.empty()) {
        break;
      } else {
        const std::uint64_t passed = passed_;
        if (!channel.has_offer() && channel.accepts()) {
          TENON_TRY_VOID(pass(channel));
          note_taken(channel);
        }
        // Without a payload, a stream takes as many as its reader waits for, which can be none.
        if (passed == passed_) {
          writer_.wait_with_items();
          writer_.notify(streams_.on_change_);
          break;
        }
      }
    }
    if (has_ended())
      while (!waiting_.empty()) remove_first();
    set_pace();
    return {};
  }

  // Nothing more comes, and what has arrived of a chunk is lost.
  void end() {
    is_last_ = true;
    reader_.reset();
    rest_ = {};
    chunk_->arena.clear();
  }

  void close() {
    if (Channel* const channel = writer_.channel().get()) channel->withdraw();
    writer_.close();
  }

 private:
  using StoredItems = runtime::StoredItems;

  // Whether its data is read even if nobody wants its items: it has handles, which must be dropped, or
  // other streams, whose data follows, or the end of its channel must be found.
  [[nodiscard]] bool must_read_to_end() const {
    return kind_->has_handles || within_ == Within::Items;
  }

  [[nodiscard]] std::unique_ptr<StoredItems> make_chunk() {
    return spare_ != nullptr ? std::move(spare_)
                             : std::make_unique<StoredItems>(streams_.shared_.resources);
  }

  // Reads as much of a chunk as there is.
  Result<std::size_t, std::string> read_chunk(std::span<const std::uint8_t> bytes) {
    if (kind_->is_future && item() == nullptr) {
      end_chunk(0, 1);
      is_last_ = true;
      return std::size_t{0};
    }
    if (!reader_)
      reader_.emplace(kind_->is_future
                          ? WireReader::of_params(*item(), arena(), handles_, streams_.dialect_)
                          : WireReader::of_items(item(), arena(), handles_, streams_.dialect_));
    const auto read = reader_->read(bytes);
    if (!read) return "in a `" + kind_->handle.name + "`: " + abi::describe(read.error());
    if (!reader_->is_done()) return *read;
    const std::uint32_t count = kind_->is_future ? 1 : reader_->item_count();
    is_last_ = kind_->is_future || count == 0;
    end_chunk(reader_->address(), count);
    reader_.reset();
    return *read;
  }

  // The items of the chunk wait from now on.
  void end_chunk(std::uint32_t address, std::uint32_t count) {
    chunk_->address = address;
    chunk_->count = count;
    if (kind_->has_handles) {
      chunk_->handles.store(arena().resources());
      handles_.end_chunk(count);
    }
    if (count == 0) return;
    const std::size_t size = size_of(*chunk_);
    waiting_.push_back(make_chunk());
    std::swap(waiting_.back(), chunk_);
    waiting_bytes_ += size;
    streams_.waiting_bytes_ += size;
  }

  // The memory that its items take, with that of their handles, which can be streams.
  [[nodiscard]] static std::size_t memory_of(const StoredItems& chunk) {
    constexpr std::size_t kHandleMemory = 1024;
    return chunk.arena.bytes().size() + kHandleMemory * chunk.arena.resources().size();
  }
  [[nodiscard]] static std::size_t size_of(const StoredItems& chunk) {
    return sizeof(chunk) + memory_of(chunk);
  }

  std::unique_ptr<StoredItems> remove_first() {
    std::unique_ptr<StoredItems> first = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= size_of(*first);
    streams_.waiting_bytes_ -= size_of(*first);
    return first;
  }

  // Asks the sender to pause while many items wait.
  void set_pace() {
    const std::size_t most = pace_ == Pace::GoOn ? kPauseBytes : kPauseBytes / 2;
    const Pace pace = waiting_bytes_ < most ? Pace::GoOn : Pace::Pause;
    if (pace == pace_ || (pace == Pace::Pause && !streams_.must_pause())) return;
    pace_ = pace;
    streams_.request({channel(), pace});
  }

  void note_taken(Channel& channel) {
    const std::size_t taken = channel.take_taken();
    if (taken == 0 || waiting_.empty()) return;
    channel.withdraw();
    passed_ += taken;
    StoredItems& first = *waiting_.front();
    (void)first.remove(static_cast<std::uint32_t>(std::min<std::size_t>(taken, first.count)),
                       kind_->size);
    if (first.count != 0) return;
    std::unique_ptr<StoredItems> done = remove_first();
    // The spare chunks of all streams together are small.
    if (done->arena.capacity() * streams_.incoming_.size() > kPauseBytes) return;
    spare_ = std::move(done);
    spare_->arena.clear();
    spare_->unused = 0;
  }

  // Passes some of the first items.
  Result<void, std::string> pass(Channel& channel) {
    StoredItems& first = *waiting_.front();
    if (!channel.stores() || kind_->item == nullptr) {
      const std::span<std::uint8_t> memory =
          kind_->item == nullptr ? std::span<std::uint8_t>() : first.arena.memory();
      const auto offered =
          channel.offer({.memory = memory, .address = first.address, .count = first.count});
      if (!offered) return abi::describe(offered.error());
      return {};
    }
    std::unique_ptr<StoredItems> items;
    if (channel.wanted() >= first.count) {
      items = remove_first();
    } else {
      TENON_TRY(items, copy_first(static_cast<std::uint32_t>(channel.wanted())));
    }
    passed_ += items->count;
    channel.store(std::move(items));
    (void)channel.take_taken();
    return {};
  }

  // Takes so many items out of the first chunk.
  Result<std::unique_ptr<StoredItems>, std::string> copy_first(std::uint32_t count) {
    StoredItems& first = *waiting_.front();
    auto items = std::make_unique<StoredItems>(streams_.shared_.resources);
    const auto address = items->arena.allocate(count * kind_->size, kind_->align);
    if (!address) return abi::describe(address.error());
    runtime::Transit transit(streams_.shared_.resources);
    first.handles.restore(transit);
    const auto copied =
        kind_->item->program.copy_items(first.arena, first.address, items->arena, *address, count);
    if (!copied) return abi::describe(copied.error());
    if (kind_->has_handles) {
      items->handles.store(items->arena.resources());
      first.handles.store(first.arena.resources());
    }
    items->address = *address;
    items->count = count;
    (void)first.remove(count, kind_->size);
    return items;
  }

  CallStreams& streams_;
  const Within within_;
  std::shared_ptr<const StreamKind> kind_;
  ItemHandles handles_;
  runtime::ProgramWriter writer_;
  std::unique_ptr<StoredItems> spare_;  // empty, for a later one
  std::unique_ptr<StoredItems> chunk_;  // being read
  std::optional<WireReader> reader_;    // of the current chunk; absent until it begins
  Bytes rest_;                          // received bytes that are not decoded yet
  // Items that were not passed on, in chunks.
  std::deque<std::unique_ptr<StoredItems>> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t passed_ = 0;  // items
  Pace pace_ = Pace::GoOn;    // the last one requested
  bool is_last_ = false;      // no chunk follows
};

CallStreams::CallStreams(runtime::Shared& shared, Dialect dialect, WireResources& resources,
                         std::function<Connection*()> connection, std::function<void()> on_change)
    : shared_(shared),
      dialect_(dialect),
      resources_(resources),
      connection_(std::move(connection)),
      on_change_(std::move(on_change)) {}

CallStreams::~CallStreams() {
  for (const auto& stream : incoming_) stream->close();
}

void CallStreams::send(abi::ResourceToken end, const IndexPath& channel) {
  const runtime::HeldResource taken = shared_.resources.take(end);
  outgoing_.push_back(std::make_unique<Outgoing>(*this, taken.as<runtime::ReadableEnd>(), channel));
}

Result<WireHandles::Received, abi::AbiError> CallStreams::receive(const runtime::ResourceKind& kind,
                                                                  Incoming& incoming,
                                                                  const IndexPath& channel,
                                                                  Within within) {
  if (incoming_.size() == limits::kReceivedStreams)
    return abi::AbiError{abi::AbiErrorKind::Limit,
                         fmt::format("a call has more than {} streams and futures at a time",
                                     limits::kReceivedStreams)};
  incoming_.push_back(std::make_unique<IncomingStream>(*this, kind.stream->shared_from_this(),
                                                       incoming, channel, within));
  IncomingStream& stream = *incoming_.back();
  incoming.open(channel, stream);
  const abi::ResourceToken token = shared_.resources.add(
      {.kind = &kind, .holder = {runtime::Holder::Who::Call}, .object = stream.connect()});
  return WireHandles::Received{token, &stream};
}

Result<void, std::string> CallStreams::move(Connection* connection, Incoming& incoming) {
  if (waiting_bytes_ < kPauseBytes)
    full_since_.reset();
  else if (!full_since_)
    full_since_ = call::Clock::now();
  // Streams can be added meanwhile, as items of others.
  if (connection != nullptr)
    for (std::size_t i = 0; i < outgoing_.size(); ++i)
      TENON_TRY_VOID(outgoing_[i]->move(*connection));
  std::erase_if(outgoing_, [](const auto& stream) { return stream->has_ended(); });
  for (std::size_t i = 0; i < incoming_.size(); ++i) TENON_TRY_VOID(incoming_[i]->move());
  if (unfinished_bytes() > limits::kArenaBytes)
    return fmt::format("the unfinished items of its streams take more than {} MiB",
                       limits::kArenaBytes >> 20U);
  // Ended streams count towards the limit until they are forgotten.
  (void)forget_ended(incoming);
  while (incoming.is_full()) {
    TENON_TRY_VOID(incoming.resume());
    if (!forget_ended(incoming)) break;
  }
  return {};
}

bool CallStreams::forget_ended(Incoming& incoming) {
  return std::erase_if(incoming_, [&](const auto& stream) {
           if (!stream->can_be_forgotten()) return false;
           incoming.forget(stream->channel());
           return true;
         }) != 0;
}

void CallStreams::set_pace(const PaceRequest& request) {
  const auto stream =
      std::ranges::find(outgoing_, request.channel,
                        [](const auto& each) -> const IndexPath& { return each->channel(); });
  // It can have ended meanwhile.
  if (stream != outgoing_.end()) (*stream)->set_pace(request.pace);
}

std::optional<call::Clock::time_point> CallStreams::next_time() const {
  if (!can_pause_ || !full_since_ || must_pause()) return std::nullopt;
  return *full_since_ + kTransportWait;
}

bool CallStreams::must_pause() const {
  if (!can_pause_ || !has_one_stream()) return can_pause_;
  return full_since_ && call::Clock::now() - *full_since_ >= kTransportWait;
}

bool CallStreams::is_full() const {
  // Streams in items that wait count towards their limit.
  return waiting_bytes_ >= (must_pause() ? kMostWaitingBytes : kPauseBytes) ||
         incoming_.size() >= limits::kReceivedStreams / 2;
}

void CallStreams::request(const PaceRequest& request) {
  Connection* const connection = connection_();
  if (connection == nullptr) return;
  connection->send(kPaceChannel, write_pace(request), false);
  connection->flush();
}

void CallStreams::end() {
  outgoing_.clear();
  end_received();
}

void CallStreams::end_received() {
  for (const auto& stream : incoming_) stream->end();
}

std::size_t CallStreams::unfinished_bytes() const {
  std::size_t bytes = 0;
  for (const auto& stream : incoming_) bytes += stream->unfinished_bytes();
  return bytes;
}

bool CallStreams::has_sent_all() const {
  return std::ranges::all_of(outgoing_, [](const auto& stream) { return stream->has_ended(); });
}

bool CallStreams::has_received_all() const {
  return std::ranges::all_of(incoming_, [](const auto& stream) { return stream->has_ended(); });
}

bool CallStreams::has_dropped_any() const {
  return std::ranges::any_of(incoming_, [](const auto& stream) { return stream->is_dropped(); });
}

}  // namespace tenon::remote
