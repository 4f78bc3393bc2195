#include "engine/stream.h"

#include <new>

#include "engine/host_gate.h"
#include "engine/seam.h"

namespace tenon::engine {

namespace {

tnengine_waker_t* raw_waker(void* waker) { return static_cast<tnengine_waker_t*>(waker); }

std::uint8_t raw(Poll poll) {
  switch (poll) {
    case Poll::Pending:
      return TNENGINE_POLL_PENDING;
    case Poll::Completed:
      return TNENGINE_POLL_COMPLETED;
    case Poll::Dropped:
      return TNENGINE_POLL_DROPPED;
    case Poll::Cancelled:
      return TNENGINE_POLL_CANCELLED;
    case Poll::Read:
      return TNENGINE_POLL_READ;
  }
  return TNENGINE_POLL_PENDING;
}

// Polls an end. count: that of its items, if any. If there is no memory, the loop of its guest ends.
template <class F>
std::uint8_t guard_poll(std::size_t& count, F&& poll) noexcept {
  try {
    return raw(poll());
  } catch (const std::bad_alloc&) {
    count = 0;
    return TNENGINE_POLL_NO_MEMORY;
  }
}

extern "C" {

std::uint8_t tenon_poll_consumer(void* env, const tnengine_write_t* write,
                                 const tnengine_waker_t* waker, std::size_t* taken) noexcept {
  const HostEntry entry;
  return guard_poll(*taken, [&] {
    return static_cast<Consumer*>(env)->poll({write->bytes, write->count, write->is_cancelled},
                                             WakerView(waker), *taken);
  });
}

wasmtime_error_t* tenon_read_items(void* env, tnengine_guest_t* guest, std::uint32_t address,
                                   std::size_t count) noexcept {
  const HostEntry entry;
  GuestSide side(guest);
  return guard_callback([&] { return static_cast<Consumer*>(env)->read(side, address, count); });
}

void tenon_adopt_producer(void* env, void* producer) noexcept {
  const HostEntry entry;
  static_cast<Consumer*>(env)->adopt(std::unique_ptr<Producer>(static_cast<Producer*>(producer)));
}

void tenon_take_value(void* env, void* producer) noexcept {
  const HostEntry entry;
  static_cast<Consumer*>(env)->take_value(*static_cast<Producer*>(producer));
}

void tenon_release_consumer(void* env) noexcept {
  const HostEntry entry;
  delete static_cast<Consumer*>(env);
}

std::uint8_t tenon_poll_producer(void* env, const tnengine_read_t* read,
                                 const tnengine_waker_t* waker, std::size_t* ready) noexcept {
  const HostEntry entry;
  return guard_poll(*ready, [&] {
    return static_cast<Producer*>(env)->poll({read->bytes, read->count, read->is_cancelled},
                                             WakerView(waker), *ready);
  });
}

wasmtime_error_t* tenon_write_items(void* env, tnengine_guest_t* guest, std::uint32_t address,
                                    std::size_t count) noexcept {
  const HostEntry entry;
  GuestSide side(guest);
  return guard_callback([&] { return static_cast<Producer*>(env)->write(side, address, count); });
}

void tenon_release_producer(void* env) noexcept {
  const HostEntry entry;
  delete static_cast<Producer*>(env);
}
}

constexpr tnengine_producer_t kProducerCallbacks = {
    .poll = tenon_poll_producer, .write = tenon_write_items, .release = tenon_release_producer};

}  // namespace

const tnengine_consumer_t kConsumerCallbacks = {.poll = tenon_poll_consumer,
                                                .read = tenon_read_items,
                                                .adopt = tenon_adopt_producer,
                                                .take_value = tenon_take_value,
                                                .release = tenon_release_consumer};

Waker::Waker(const void* waker)
    : waker_(tnengine_waker_clone(static_cast<const tnengine_waker_t*>(waker))) {}

void Waker::wake() && { tnengine_waker_wake(raw_waker(waker_.release())); }

void Waker::Free::operator()(void* waker) const noexcept {
  tnengine_waker_delete(raw_waker(waker));
}

void FutureEnd::Free::operator()(void* future) const noexcept {
  tnengine_future_delete(static_cast<tnengine_future_t*>(future));
}

Result<void, CallError> GuestSide::lift_stream(std::size_t number, std::uint32_t handle,
                                               std::unique_ptr<Consumer> consumer) {
  return check(tnengine_guest_lift_stream(raw(*this), number, handle, &kConsumerCallbacks,
                                          consumer.release()));
}

Result<FutureEnd, CallError> GuestSide::lift_future(std::size_t number, std::uint32_t handle) {
  tnengine_future_t* future = nullptr;
  if (auto* error = tnengine_guest_lift_future(raw(*this), number, handle, &future))
    return CallError(error);
  return FutureEnd(future);
}

Result<void, CallError> GuestSide::lower_end(std::size_t number, std::unique_ptr<Producer> producer,
                                             HandlePlace place) {
  return check(tnengine_guest_lower_end(raw(*this), number, &kProducerCallbacks, producer.release(),
                                        raw(place)));
}

}  // namespace tenon::engine
