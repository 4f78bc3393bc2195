#include "runtime/guest_stream.h"

#include <algorithm>
#include <new>
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
    : domain_(domain), life_(domain.life()), channel_(std::move(channel)) {
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
    if (!channel.kind().is_future) return end(Poll::Dropped);
    // The engine cannot tell the writer of a future that is being read. The value is dropped.
    if (channel.kind().items != StreamKind::Items::None) return Poll::Read;
    taken = write.count;
    return end(Poll::Completed);
  }
  if (write.is_cancelled) {
    channel.withdraw();
    return end(Poll::Cancelled);
  }
  if (write.count == 0) return channel.is_waited_for() ? end(Poll::Completed) : wait(write, waker);
  if (channel.has_offer()) return wait(write, waker);
  if (channel.stores()) {
    const bool can_lift = channel.is_unbuffered() && !channel.kind().has_handles && !was_lifted_;
    return channel.accepts() || can_lift ? Poll::Read : wait(write, waker);
  }
  if (!channel.accepts()) return wait(write, waker);
  if (write.bytes == nullptr && channel.kind().items != StreamKind::Items::None) return Poll::Read;
  // The reader can run now.
  waker_.emplace(waker.copy());
  // Items without payload, and bytes, are always valid.
  (void)channel.offer(
      {.memory = {const_cast<std::uint8_t*>(write.bytes), write.bytes == nullptr ? 0 : write.count},
       .address = 0,
       .count = write.count});
  taken = channel.take_taken();
  if (taken != 0) return end_write(write);
  channel.note_writer_waits();
  is_pending_ = true;
  return Poll::Pending;
}

Poll GuestWriter::end_write(const engine::GuestWrite& write) {
  channel_->withdraw();
  if (channel_->kind().is_future) return end(Poll::Completed);
  if (!channel_->has_reader()) return end(Poll::Dropped);
  return end(write.is_cancelled ? Poll::Cancelled : Poll::Completed);
}

Poll GuestWriter::end(Poll how) {
  waker_.reset();
  is_pending_ = false;
  has_items_ = false;
  was_lifted_ = false;
  has_written_ = has_written_ || how == Poll::Completed;
  return how;
}

Poll GuestWriter::wait(const engine::GuestWrite& write, const engine::WakerView& waker) {
  waker_.emplace(waker.copy());
  is_pending_ = true;
  has_items_ = write.count != 0;
  channel_->note_writer_waits();
  return Poll::Pending;
}

Result<void, CallError> GuestWriter::read(engine::GuestSide& guest, std::uint32_t address,
                                          std::size_t count) {
  if (channel_->stores() || !channel_->has_reader()) {
    const bool is_wanted = channel_->is_awaited() || !channel_->has_reader();
    if (channel_->kind().is_future) return read_value(guest, address, is_wanted);
    return is_wanted ? store(guest, address, count) : lift(guest, address, count);
  }
  const Result<void, AbiError> offered =
      channel_->offer({.memory = guest.memory(), .address = address, .count = count});
  if (!offered) return CallError::make(describe(offered.error()));
  return {};
}

Result<void, CallError> GuestWriter::store(engine::GuestSide& guest, std::uint32_t address,
                                           std::size_t count) {
  const StreamKind& kind = channel_->kind();
  Transit transit(domain_.shared().resources);
  EngineGuest from(domain_, guest, kind.item->param_kinds, {}, transit);
  auto items = std::make_unique<StoredItems>(domain_.shared().resources);
  const Result<void, AbiError> lifted = lift_items(
      from, address, channel_->has_reader() ? std::min(count, channel_->wanted()) : count, *items);
  if (!lifted) return from.take_error(lifted.error());
  items->handles.store(items->arena.resources());
  transit.finish();
  if (!channel_->has_reader()) {
    channel_->note_dropped(items->count);
    return {};
  }
  channel_->store(std::move(items));
  return {};
}

Result<void, CallError> GuestWriter::read_value(engine::GuestSide& guest, std::uint32_t address,
                                                bool is_wanted) {
  try {
    Result<void, CallError> read = is_wanted ? store(guest, address, 1) : lift(guest, address, 1);
    if (read) return read;
    // The engine ignores the error if the value was written before somebody waits for it.
    engine::Failure failure = std::move(read).error().to_failure();
    CallError error = CallError::make(failure.message, failure.payload.value_or(0));
    domain_.calls().end_soon(std::move(failure));
    return error;
  } catch (const std::bad_alloc&) {
    // The reader fails, and not the writer.
    if (is_wanted) channel_->lose_value();
    return {};
  }
}

Result<void, CallError> GuestWriter::lift(engine::GuestSide& guest, std::uint32_t address,
                                          std::size_t count) {
  was_lifted_ = true;
  Transit none(domain_.shared().resources);
  EngineGuest from(domain_, guest, channel_->kind().item->param_kinds, {}, none);
  auto items = std::make_unique<StoredItems>(domain_.shared().resources);
  // Items that are not valid end their writer when they are read, as within a domain.
  if (lift_items(from, address, count, *items)) channel_->offer_lifted(std::move(items));
  return {};
}

Result<void, AbiError> GuestWriter::lift_items(EngineGuest& from, std::uint32_t address,
                                               std::size_t count, StoredItems& items) const {
  const StreamKind& kind = channel_->kind();
  abi::ValueArena& arena = items.arena;
  const auto most = static_cast<std::uint32_t>(
      std::min(count, std::max<std::size_t>(limits::kStreamBuffer / std::max(kind.size, 1U), 1)));
  TENON_TRY(const std::uint32_t first, arena.allocate(most * kind.size, kind.align));
  // As many as fill a buffer, with their strings and lists.
  while (items.count < most && arena.bytes().size() < most * kind.size + limits::kStreamBuffer) {
    const std::uint32_t offset = items.count * kind.size;
    const std::uint32_t next = std::min(most - items.count, kind.has_handles ? most : 64U);
    TENON_TRY_VOID(
        kind.item->program.copy_items(from, address + offset, arena, first + offset, next));
    items.count += next;
  }
  items.address = first;
  items.unused = (most - items.count) * kind.size;
  return {};
}

void GuestWriter::adopt(std::unique_ptr<engine::Producer> producer) {
  auto& reader = static_cast<GuestReader&>(*producer);
  channel_->stop_trace();
  if (const auto end = readable_end_.lock()) end->adopt(reader.readable_end());
}

void GuestWriter::take_value(engine::Producer& producer) {
  try {
    channel_->store(static_cast<GuestReader&>(producer).readable_end().channel().take_value());
  } catch (const std::bad_alloc&) {
    channel_->lose_value();
  }
}

void GuestWriter::wake() { wake_by(waker_); }

void GuestWriter::run() {
  if (!waker_) return;
  wake();
  // Only the writer itself can lift items with handles.
  if (!channel_->is_unbuffered() || channel_->stores()) domain_.calls().take_turn();
}

void GuestWriter::note_closed() {
  if (channel_->kind().is_future && !is_pending_ && !has_written_)
    GuestFuture::settle_later(*channel_);
  else
    wake();
}

GuestReader::GuestReader(Domain& domain, std::shared_ptr<ReadableEnd> end)
    : domain_(domain), end_(std::move(end)) {
  end_->channel().set_reader(*this);
}

Poll GuestReader::poll(const engine::GuestRead& read, const engine::WakerView& waker,
                       std::size_t& ready) {
  Channel& channel = end_->channel();
  const auto has_ended = [&] {
    return read.count == 0 ? channel.has_items() : channel.available() != 0;
  };
  if (has_ended()) return take_items(read, ready);
  if (!channel.has_writer()) return Poll::Dropped;
  if (read.is_cancelled) {
    channel.stop_waiting();
    return Poll::Cancelled;
  }
  waker_.emplace(waker.copy());
  channel.wait(read.count);
  if (has_ended()) return take_items(read, ready);
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
  domain_.calls().take_turn();
}

GuestFuture::GuestFuture(const std::shared_ptr<Channel>& channel, Domain& domain,
                         engine::FutureEnd future)
    : domain_(domain),
      life_(domain.life()),
      channel_(channel),
      future_(std::move(future)),
      settle_([channel = channel_] {
        if (const auto settled = channel.lock()) settle(*settled);
      }) {}

void GuestFuture::add_to(const std::shared_ptr<Channel>& channel, Domain& domain,
                         engine::FutureEnd future) {
  channel->keep_writer({new GuestFuture(channel, domain, std::move(future)),
                        [](ChannelEnd* end) { delete static_cast<GuestFuture*>(end); }});
}

bool GuestFuture::is_alive() const { return domain_.is_alive() && domain_.life() == life_; }

void GuestFuture::wake() {
  const auto channel = channel_.lock();
  if (channel == nullptr) return;
  if (!is_alive()) return channel->close_writer();
  domain_.calls().settle_soon(settle_);
}

void GuestFuture::run() {
  wake();
  if (is_alive()) domain_.calls().take_turn();
}

void GuestFuture::note_closed() {
  if (!future_ || !is_alive()) return;
  // The channel does not outlive its reader, so that this is queued, and nothing is left to settle.
  domain_.calls().loop().close(*std::exchange(future_, std::nullopt));
  domain_.calls().settle_later(settle_);
}

void GuestFuture::settle_later(Channel& channel) {
  if (auto* const future = static_cast<GuestFuture*>(channel.kept_writer()))
    future->domain_.calls().settle_later(future->settle_);
}

void GuestFuture::settle(Channel& channel) {
  auto* const future = static_cast<GuestFuture*>(channel.kept_writer());
  // The writer's end can be gone, and its number be that of another one.
  if (future == nullptr || !future->future_ || !future->is_alive() || !channel.has_writer()) return;
  engine::EventLoop& loop = future->domain_.calls().loop();
  if (!channel.has_reader()) {
    if (!channel.writer()->is_busy()) loop.close(*std::exchange(future->future_, std::nullopt));
  } else if (channel.writer() == future && channel.is_waited_for()) {
    loop.pipe(*future->future_,
              std::make_unique<GuestWriter>(future->domain_, future->channel_.lock()));
  }
}

}  // namespace tenon::runtime
