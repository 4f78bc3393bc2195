// Streams and futures between a guest and the host.
//
// The host reads what a guest writes by a Consumer, and writes what a guest reads by a Producer. The
// engine polls both in turns of the loop of the guest's store. They decide how many items pass, and
// copy their bytes: the engine moves nothing, so the items can be of any type.
//
//   side.lift_stream(number, handle, std::make_unique<MyConsumer>(..));  // the guest passed a stream
//   side.lower_end(number, std::make_unique<MyProducer>(..), place);     // the guest receives one
//
// The bytes of a stream<u8> are passed in place. Items of other types are passed by address: the
// engine calls `Consumer::read` and `Producer::write` with the guest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/raw_call.h"
#include "tenon/result.h"

namespace tenon::engine {

// Makes the engine poll an object again. Thread: any. It can outlive the loop.
class Waker final {
 public:
  void wake() &&;

  // For the sources of this folder alone: copies the engine's.
  explicit Waker(const void* waker);

 private:
  struct Free {
    void operator()(void* waker) const noexcept;
  };
  std::unique_ptr<void, Free> waker_;
};

// The waker of a poll. Lifetime: until the poll returns.
class WakerView final {
 public:
  explicit WakerView(const void* waker) : waker_(waker) {}
  [[nodiscard]] Waker copy() const { return Waker(waker_); }

 private:
  const void* waker_;
};

enum class Poll : std::uint8_t {
  Pending,    // poll again after the waker was used
  Completed,  // at least one item was passed, unless the read or the write has length 0
  Dropped,    // no more items will be passed; some may have been. Not for the consumer of a future
  Cancelled,  // the guest cancels; some items may have been passed, but not the value of a future
  Read,       // for consumers only: call `read`, then `poll` again
};

// The items of a guest's write that were not taken yet.
struct GuestWrite {
  // The items of a stream<u8>, which stay in place until they are taken, the guest cancels, or its
  // store ends. Null for other types.
  const std::uint8_t* bytes = nullptr;
  std::size_t count = 0;
  bool is_cancelled = false;
};

// The room of a guest's read.
struct GuestRead {
  std::uint8_t* bytes = nullptr;  // where `poll` writes the items of a stream<u8>; otherwise null
  std::size_t count = 0;
  bool is_cancelled = false;
};

// Writes what a guest reads. Deleted when the guest reads no more, also because its store has ended.
// `poll` and `write` can throw std::bad_alloc, which ends the loop.
class Producer {
 public:
  virtual ~Producer() = default;
  // ready: 0; set to the number of items that `write` will write, or that were written to
  // `read.bytes`. A future has one item.
  virtual Poll poll(const GuestRead& read, const WakerView& waker, std::size_t& ready) = 0;
  // Writes items to an address that is in bounds, but perhaps misaligned. Called once after a poll
  // with ready items. count: at most as many. An error ends the loop.
  virtual Result<void, CallError> write(GuestSide& guest, std::uint32_t address,
                                        std::size_t count) = 0;
};

// Reads what a guest writes. Deleted when the guest writes no more, also because its store has
// ended. `poll` and `read` can throw std::bad_alloc, which ends the loop; the others must not throw.
class Consumer {
 public:
  virtual ~Consumer() = default;
  // taken: 0; set to the number of items that were taken.
  virtual Poll poll(const GuestWrite& write, const WakerView& waker, std::size_t& taken) = 0;
  // The items are at an address that is in bounds, but perhaps misaligned, and stay there until they
  // are taken, the guest cancels, or its store ends. An error ends the loop.
  virtual Result<void, CallError> read(GuestSide& guest, std::uint32_t address,
                                       std::size_t count) = 0;
  // The guest did not make the stream, but has received it from a producer. Called first; the
  // consumer is deleted after it.
  virtual void adopt(std::unique_ptr<Producer> producer) = 0;
  // The same for a future, instead of `read`: the value is that of a producer which has answered
  // that it is ready.
  virtual void take_value(Producer& producer) = 0;
};

// A future that a guest has passed to the host, which does not read it yet. Move-only. It can outlive
// its store, which then ignores it.
class FutureEnd final {
 public:
  // For the sources of this folder alone: takes ownership of the engine's object.
  explicit FutureEnd(void* future) : future_(future) {}
  [[nodiscard]] const void* get() const { return future_.get(); }
  [[nodiscard]] void* release() && { return future_.release(); }

 private:
  struct Free {
    void operator()(void* future) const noexcept;
  };
  std::unique_ptr<void, Free> future_;
};

}  // namespace tenon::engine
