#include "runtime/guest_stream.h"

#include <algorithm>
#include <span>
#include <utility>

#include "runtime/engine_guest.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using engine::CallError;
using engine::Poll;

void wake_by(std::optional<engine::Waker>& waker) {
  if (waker) std::move(*std::exchange(waker, std::nullopt)).wake();
}

}  // namespace

GuestWriter::GuestWriter(Domain& domain, std::shared_ptr<Channel> channel)
    : domain_(domain), channel_(std::move(channel)) {
  channel_->set_writer(*this);
}

GuestWriter::~GuestWriter() {
  if (channel_ != nullptr) channel_->close_writer();
}

Poll GuestWriter::poll(const engine::GuestWrite& write, const engine::WakerView& waker,
                       std::size_t& taken) {
  Channel& channel = *channel_;
  taken = channel.take_taken();
  if (taken != 0) return end_write(write);
  if (!channel.has_reader()) {
    if (!channel.kind().is_future) return Poll::Dropped;
    // The engine cannot tell the writer of a future that is being read. The value is dropped.
    if (channel.kind().items != StreamKind::Items::None) return Poll::Read;
    taken = write.count;
    return Poll::Completed;
  }
  if (write.is_cancelled) {
    channel.withdraw();
    return Poll::Cancelled;
  }
  if (write.count == 0) return channel.is_waited_for() ? Poll::Completed : wait(waker);
  if (channel.has_offer() || !channel.accepts()) return wait(waker);
  const bool is_in_place = write.bytes != nullptr && !channel.stores();
  if (!is_in_place && channel.kind().items != StreamKind::Items::None) {
    if (write.bytes == nullptr) return Poll::Read;
    // Bytes that are stored because both ends have one memory.
    auto items = std::make_unique<StoredItems>(domain_.shared().resources);
    items->count = static_cast<std::uint32_t>(std::min(write.count, channel.wanted()));
    const auto address = items->arena.allocate(items->count, 1);
    if (!address) return wait(waker);
    std::copy_n(write.bytes, items->count, items->arena.memory().data() + *address);
    items->address = *address;
    channel.store(std::move(items));
  } else {
    // The reader can run now.
    waker_.emplace(waker.copy());
    // Items without payload, and bytes, are always valid.
    (void)channel.offer({.memory = {const_cast<std::uint8_t*>(write.bytes),
                                    write.bytes == nullptr ? 0 : write.count},
                         .address = 0,
                         .count = write.count});
  }
  taken = channel.take_taken();
  if (taken != 0) return end_write(write);
  channel.note_writer_waits();
  return Poll::Pending;
}

Poll GuestWriter::end_write(const engine::GuestWrite& write) {
  channel_->withdraw();
  if (!channel_->has_reader() && !channel_->kind().is_future) return Poll::Dropped;
  return write.is_cancelled && !channel_->kind().is_future ? Poll::Cancelled : Poll::Completed;
}

Poll GuestWriter::wait(const engine::WakerView& waker) {
  waker_.emplace(waker.copy());
  channel_->note_writer_waits();
  return Poll::Pending;
}

Result<void, CallError> GuestWriter::read(engine::GuestSide& guest, std::uint32_t address,
                                          std::size_t count) {
  if (channel_->stores() || !channel_->has_reader()) return store(guest, address, count);
  const Result<void, AbiError> offered =
      channel_->offer({.memory = guest.memory(), .address = address, .count = count});
  if (!offered) return CallError::make(describe(offered.error()));
  return {};
}

Result<void, CallError> GuestWriter::store(engine::GuestSide& guest, std::uint32_t address,
                                           std::size_t count) {
  const StreamKind& kind = channel_->kind();
  const abi::CopyProgram& program = kind.item->program;
  Transit transit(domain_.shared().resources);
  EngineGuest from(domain_, guest, kind.item->param_kinds, {}, transit);
  auto items = std::make_unique<StoredItems>(domain_.shared().resources);
  abi::ValueArena& arena = items->arena;
  const std::size_t wanted = channel_->has_reader() ? channel_->wanted() : count;
  const auto most = static_cast<std::uint32_t>(std::min(
      {count, wanted, std::max<std::size_t>(limits::kStreamBuffer / std::max(kind.size, 1U), 1)}));
  const auto first = arena.allocate(most * kind.size, kind.align);
  if (!first) return from.take_error(first.error());
  // As many as fill a buffer, with their strings and lists.
  while (items->count < most && arena.bytes().size() < most * kind.size + limits::kStreamBuffer) {
    const std::uint32_t offset = items->count * kind.size;
    const std::uint32_t next = std::min(most - items->count, kind.has_handles ? most : 64U);
    const Result<void, AbiError> copied =
        program.copy_items(from, address + offset, arena, *first + offset, next);
    if (!copied) return from.take_error(copied.error());
    items->count += next;
  }
  items->address = *first;
  items->unused = (most - items->count) * kind.size;
  items->handles.store(arena.resources());
  transit.finish();
  if (!channel_->has_reader()) {
    channel_->note_dropped(items->count);
    return {};
  }
  channel_->store(std::move(items));
  return {};
}

void GuestWriter::adopt(std::unique_ptr<engine::Producer> producer) {
  auto& reader = static_cast<GuestReader&>(*producer);
  channel_->stop_trace();
  if (const auto end = readable_end_.lock()) end->adopt(reader.readable_end());
}

void GuestWriter::take_value(engine::Producer& producer) {
  channel_->store(static_cast<GuestReader&>(producer).readable_end().channel().take_value());
}

void GuestWriter::wake() { wake_by(waker_); }

void GuestWriter::run() {
  if (!waker_) return;
  wake();
  domain_.take_turn();
}

GuestReader::GuestReader(Domain& domain, std::shared_ptr<ReadableEnd> end)
    : domain_(domain), end_(std::move(end)) {
  end_->channel().set_reader(*this);
}

Poll GuestReader::poll(const engine::GuestRead& read, const engine::WakerView& waker,
                       std::size_t& ready) {
  Channel& channel = end_->channel();
  if (channel.available() != 0) return take_items(read, ready);
  if (!channel.has_writer()) return Poll::Dropped;
  if (read.is_cancelled) {
    channel.stop_waiting();
    return Poll::Cancelled;
  }
  waker_.emplace(waker.copy());
  channel.wait(read.count);
  if (channel.available() != 0) return take_items(read, ready);
  return channel.has_writer() ? Poll::Pending : Poll::Dropped;
}

Poll GuestReader::take_items(const engine::GuestRead& read, std::size_t& ready) {
  Channel& channel = end_->channel();
  waker_.reset();
  channel.stop_waiting();
  const std::size_t available = channel.available();
  ready = std::min(available, read.count);
  const bool is_last = ready == available && !channel.has_writer();
  const bool is_passed_now =
      read.bytes != nullptr || channel.kind().items == StreamKind::Items::None;
  if (is_passed_now && ready != 0) channel.read_bytes(read.bytes, ready);
  if (channel.kind().is_future) return Poll::Completed;
  if (is_last && ready != 0) return Poll::Dropped;
  return read.is_cancelled ? Poll::Cancelled : Poll::Completed;
}

Result<void, CallError> GuestReader::write(engine::GuestSide& guest, std::uint32_t address,
                                           std::size_t count) {
  Channel& channel = end_->channel();
  Transit transit(domain_.shared().resources);
  EngineGuest to(domain_, guest, {}, channel.kind().item->param_kinds, transit);
  Result<void, AbiError> copied = channel.read(to, address, count, transit);
  if (copied) copied = to.put_handles();
  if (copied) return {};
  return to.take_error(copied.error());
}

void GuestReader::wake() { wake_by(waker_); }

void GuestReader::run() {
  if (!waker_) return;
  wake();
  domain_.take_turn();
}

UnreadFuture::UnreadFuture(const std::shared_ptr<Channel>& channel, Domain& domain,
                           engine::FutureEnd future)
    : domain_(domain), life_(domain.life()), channel_(channel), future_(std::move(future)) {}

void UnreadFuture::add_to(const std::shared_ptr<Channel>& channel, Domain& domain,
                          engine::FutureEnd future) {
  channel->keep_writer({new UnreadFuture(channel, domain, std::move(future)),
                        [](ChannelEnd* end) { delete static_cast<UnreadFuture*>(end); }});
}

bool UnreadFuture::is_alive() const { return domain_.is_alive() && domain_.life() == life_; }

void UnreadFuture::wake() {
  const auto channel = channel_.lock();
  if (!future_ || channel == nullptr) return;
  if (!is_alive()) return channel->close_writer();
  auto writer = std::make_unique<GuestWriter>(domain_, channel);
  domain_.loop().pipe(*std::exchange(future_, std::nullopt), std::move(writer));
}

void UnreadFuture::run() {
  wake();
  if (is_alive()) domain_.take_turn();
}

void UnreadFuture::note_closed() {
  if (future_ && is_alive()) domain_.loop().close(*std::exchange(future_, std::nullopt));
}

}  // namespace tenon::runtime
