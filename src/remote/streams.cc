#include "remote/streams.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "remote/connection.h"
#include "support/leb128.h"
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
// How many bytes a writer passes before it pauses, so that the rest of its composition can run.
constexpr std::size_t kOfferedBytes = std::size_t{1} << 20;

const abi::FunctionLayout* layout_of(const StreamKind& kind) {
  return kind.item == nullptr ? nullptr : &kind.item->program.layout();
}

// Whether each item is a byte, in memory and on the wire.
bool is_bytes(const StreamKind& kind) {
  return kind.items == StreamKind::Items::Plain && kind.size == 1 && !kind.is_future;
}

std::size_t batch_of(const StreamKind& kind) {
  return std::max<std::size_t>(1, kChunkBytes / std::max<std::size_t>(1, kind.size));
}

// Items of streams have no handles: the plan refuses such types.
class NoHandles final : public WireHandles {
 public:
  Result<Bytes, abi::AbiError> give(abi::HandlePart, abi::ResourceToken) override { return none(); }
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart,
                                                 std::span<const std::uint8_t>) override {
    return none();
  }
  Result<void, abi::AbiError> send(abi::HandlePart, abi::ResourceToken, const IndexPath&) override {
    return none();
  }
  Result<Received, abi::AbiError> receive(abi::HandlePart, const IndexPath&) override {
    return none();
  }

 private:
  static abi::AbiError none() {
    return {abi::AbiErrorKind::Guest, "items of a remote stream cannot have handles"};
  }
};

NoHandles no_handles;  // has no state

}  // namespace

class CallStreams::Outgoing {
 public:
  Outgoing(CallStreams& streams, std::shared_ptr<runtime::ReadableEnd> end, IndexPath channel)
      : streams_(streams), reader_(std::move(end)), path_(std::move(channel)) {
    if (sends_in_place(reader_->channel().kind())) reader_->set_on_offer([this] { send_offer(); });
  }

  [[nodiscard]] bool has_ended() const { return has_ended_; }

  Result<void, std::string> move(Connection& connection) {
    offered_ = 0;
    while (!has_ended_ && connection.unsent() < kWindowBytes) {
      reader_->watch();
      Channel& channel = reader_->channel();
      const StreamKind& kind = channel.kind();
      if (channel.composition() == nullptr) return std::string("its composition has ended");
      if (channel.available() == 0 && channel.has_writer())
        channel.wait(kind.is_future ? 1 : batch_of(kind));
      const std::size_t count = std::min(channel.available(), batch_of(kind));
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
  Result<void, std::string> finish(Connection& connection, const StreamKind& kind) {
    if (kind.is_future) return fmt::format("a `{}` was closed without a value", kind.handle.name);
    connection.send(path_, {0}, true);
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
      WireWriter writer(arena_, no_handles, streams_.dialect_);
      const auto written = kind.is_future
                               ? writer.write_params(*layout_of(kind), *address, items)
                               : writer.write_items(*layout_of(kind), *address,
                                                    static_cast<std::uint32_t>(count), items);
      if (!written) return abi::describe(written.error());
    }
    connection.send(path_, std::move(items), kind.is_future);
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
    connection.send_slices(path_, std::move(items), Connection::Slices::UntilFlush, false);
    connection.flush();
    channel.skip(count);
  }

  // Sends items while their writer runs, so that it need not be suspended. After kOfferedBytes it
  // is suspended anyway, so that the rest of the composition can run.
  void send_offer() {
    Connection* const connection = streams_.connection_();
    Channel& channel = reader_->channel();
    if (connection == nullptr) return;
    while (channel.available() != 0 && connection->unsent() < kWindowBytes) {
      const std::size_t count = std::min(channel.available(), kChunkBytes);
      send_bytes(*connection, channel, count);
      offered_ += count;
    }
    if (connection->unsent() >= kWindowBytes || offered_ >= kOfferedBytes) channel.stop_waiting();
  }

  void close() {
    has_ended_ = true;
    reader_.reset();
  }

  CallStreams& streams_;
  std::size_t offered_ = 0;  // bytes sent in this way since the last step
  std::optional<runtime::ProgramReader> reader_;
  IndexPath path_;
  abi::ValueArena arena_;
  bool has_ended_ = false;
};

class CallStreams::IncomingStream final : public IncomingEnd, public ChannelInput {
 public:
  IncomingStream(CallStreams& streams, std::shared_ptr<const StreamKind> kind)
      : streams_(streams), kind_(std::move(kind)) {}

  std::shared_ptr<runtime::ReadableEnd> connect() {
    return writer_.connect(kind_, streams_.shared_);
  }

  const abi::FunctionLayout* item() const override { return layout_of(*kind_); }
  abi::ValueArena& arena() override { return arena_; }
  WireHandles& handles() override { return no_handles; }
  void complete(std::uint32_t address, std::uint32_t count) override {
    stage(address, count);
    is_last_ = true;
  }

  // Nothing more comes, or nobody reads it.
  [[nodiscard]] bool has_ended() const { return writer_.channel() == nullptr; }

  Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override {
    const std::size_t kept = rest_.size();
    if (kept != 0) rest_.insert(rest_.end(), bytes.begin(), bytes.end());
    const std::span<const std::uint8_t> all = kept != 0 ? rest_ : bytes;
    std::size_t taken = 0;
    while (true) {
      TENON_TRY_VOID(move());
      // Known peers send more than one end.
      if (has_ended() || is_last_) return bytes.size();
      if (count_ != 0) break;
      TENON_TRY(const std::size_t read, read_chunk(all.subspan(taken)));
      taken += read;
      if (count_ == 0 && !is_last_ && chunk_) {
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
    return chunk_ && rest_.empty() ? chunk_->room(most) : std::span<std::uint8_t>();
  }

  // Passes items on.
  Result<void, std::string> move() {
    while (!has_ended()) {
      writer_.watch();
      Channel& channel = *writer_.channel();
      if (!channel.has_reader()) {
        writer_.close();
        return {};
      }
      note_taken(channel);
      if (count_ == 0) {
        if (is_last_) writer_.close();
        return {};
      }
      const std::uint32_t left = count_;
      if (!channel.has_offer() && channel.accepts()) {
        TENON_TRY_VOID(pass(channel));
        note_taken(channel);
      }
      // Without a payload, a stream takes as many as its reader waits for, which can be none.
      if (count_ == left) {
        channel.note_writer_waits();
        writer_.notify(streams_.on_change_);
        return {};
      }
    }
    return {};
  }

  // Nothing more comes.
  void end() { is_last_ = true; }

  void close() {
    if (Channel* const channel = writer_.channel().get()) channel->withdraw();
    writer_.close();
  }

 private:
  // Reads as much of a chunk as there is. Stages its items when it is complete.
  Result<std::size_t, std::string> read_chunk(std::span<const std::uint8_t> bytes) {
    if (kind_->is_future && item() == nullptr) {
      stage(0, 1);
      is_last_ = true;
      return std::size_t{0};
    }
    if (!chunk_) {
      arena_.clear();
      chunk_.emplace(kind_->is_future
                         ? WireReader::of_params(*item(), arena_, no_handles, streams_.dialect_)
                         : WireReader::of_items(item(), arena_, no_handles, streams_.dialect_));
    }
    const auto read = chunk_->read(bytes);
    if (!read) return "in a `" + kind_->handle.name + "`: " + abi::describe(read.error());
    if (!chunk_->is_done()) return *read;
    stage(chunk_->address(), kind_->is_future ? 1 : chunk_->item_count());
    is_last_ = kind_->is_future || count_ == 0;
    chunk_.reset();
    return *read;
  }

  void stage(std::uint32_t address, std::uint32_t count) {
    address_ = address;
    count_ = count;
  }

  void note_taken(Channel& channel) {
    const std::size_t taken = std::min<std::size_t>(channel.take_taken(), count_);
    if (taken == 0) return;
    channel.withdraw();
    advance(taken);
  }

  void advance(std::size_t count) {
    count_ -= static_cast<std::uint32_t>(count);
    address_ += static_cast<std::uint32_t>(count * kind_->size);
  }

  Result<void, std::string> pass(Channel& channel) {
    if (kind_->item == nullptr) {
      (void)channel.offer({.memory = {}, .address = 0, .count = count_});
      return {};
    }
    if (!channel.stores()) {
      const auto offered =
          channel.offer({.memory = arena_.memory(), .address = address_, .count = count_});
      if (!offered) return abi::describe(offered.error());
      return {};
    }
    const std::size_t count = std::min<std::size_t>(count_, channel.wanted());
    auto stored = std::make_unique<runtime::StoredItems>(streams_.shared_.resources);
    const auto items = static_cast<std::uint32_t>(count);
    const auto address =
        stored->arena.allocate(static_cast<std::uint32_t>(count * kind_->size), kind_->align);
    if (!address) return abi::describe(address.error());
    const auto copied =
        kind_->item->program.copy_items(arena_, address_, stored->arena, *address, items);
    if (!copied) return abi::describe(copied.error());
    stored->address = *address;
    stored->count = items;
    advance(count);
    channel.store(std::move(stored));
    (void)channel.take_taken();
    return {};
  }

  CallStreams& streams_;
  std::shared_ptr<const StreamKind> kind_;
  runtime::ProgramWriter writer_;
  abi::ValueArena arena_;
  std::optional<WireReader> chunk_;  // that is being read
  Bytes rest_;                       // of it, which was not read yet
  std::uint32_t address_ = 0;        // of the items that were not passed on
  std::uint32_t count_ = 0;
  bool is_last_ = false;  // no items follow them
};

CallStreams::CallStreams(runtime::Shared& shared, Dialect dialect,
                         std::function<Connection*()> connection, std::function<void()> on_change)
    : shared_(shared),
      dialect_(dialect),
      connection_(std::move(connection)),
      on_change_(std::move(on_change)) {}

CallStreams::~CallStreams() {
  for (const auto& stream : incoming_) stream->close();
}

void CallStreams::send(std::shared_ptr<runtime::ReadableEnd> end, const IndexPath& channel) {
  outgoing_.push_back(std::make_unique<Outgoing>(*this, std::move(end), channel));
}

CallStreams::Received CallStreams::receive(std::shared_ptr<const StreamKind> kind,
                                           Incoming& incoming, const IndexPath& channel) {
  auto stream = std::make_unique<IncomingStream>(*this, std::move(kind));
  std::shared_ptr<runtime::ReadableEnd> readable = stream->connect();
  incoming.open(channel, *stream);
  IncomingEnd* const end = stream.get();
  incoming_.push_back(std::move(stream));
  return {std::move(readable), end};
}

Result<void, std::string> CallStreams::move(Connection* connection, Incoming& incoming) {
  if (connection != nullptr)
    for (const auto& stream : outgoing_) TENON_TRY_VOID(stream->move(*connection));
  for (const auto& stream : incoming_) TENON_TRY_VOID(stream->move());
  if (incoming.is_full()) TENON_TRY_VOID(incoming.resume());
  return {};
}

void CallStreams::end() {
  outgoing_.clear();
  end_received();
}

void CallStreams::end_received() {
  for (const auto& stream : incoming_) stream->end();
}

bool CallStreams::has_sent_all() const {
  return std::ranges::all_of(outgoing_, [](const auto& stream) { return stream->has_ended(); });
}

bool CallStreams::has_received_all() const {
  return std::ranges::all_of(incoming_, [](const auto& stream) { return stream->has_ended(); });
}

}  // namespace tenon::remote
