// The ends of channels that guests write and read. The engine owns them, and deletes them when the
// guest drops its end or its store ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/event_loop.h"
#include "engine/stream.h"
#include "runtime/channel.h"
#include "runtime/domain.h"
#include "runtime/posting.h"

namespace tenon::runtime {

class EngineGuest;

// Passes the items that a guest writes to a channel.
class GuestWriter final : public engine::Consumer, public ChannelEnd {
 public:
  GuestWriter(Domain& domain, std::shared_ptr<Channel> channel);
  GuestWriter(const GuestWriter&) = delete;
  GuestWriter& operator=(const GuestWriter&) = delete;
  ~GuestWriter() override;

  // end: of the channel, if calls pass it: it gets another channel if the guest did not make the
  // stream, but has received it.
  void set_readable_end(std::weak_ptr<ReadableEnd> end) { readable_end_ = std::move(end); }

  engine::Poll poll(const engine::GuestWrite& write, const engine::WakerView& waker,
                    std::size_t& taken) override;
  Result<void, engine::CallError> read(engine::GuestSide& guest, std::uint32_t address,
                                       std::size_t count) override;
  void adopt(std::unique_ptr<engine::Producer> producer) override;
  void take_value(engine::Producer& producer) override;

  void wake() override;
  void run() override;
  void note_closed() override;
  [[nodiscard]] const Domain* domain() const override { return &domain_; }
  [[nodiscard]] std::uint64_t life() const override { return life_; }
  [[nodiscard]] bool is_busy() const override { return is_pending_; }
  [[nodiscard]] bool has_items() const override { return has_items_; }

 private:
  [[nodiscard]] engine::Poll wait(const engine::GuestWrite& write, const engine::WakerView& waker);
  // Items were taken.
  [[nodiscard]] engine::Poll end_write(const engine::GuestWrite& write);
  [[nodiscard]] engine::Poll end(engine::Poll how);
  // Lifts items that the reader waits for, or if it is gone drops them.
  [[nodiscard]] Result<void, engine::CallError> store(engine::GuestSide& guest,
                                                      std::uint32_t address, std::size_t count);
  // Lifts items for a later read. The guest keeps them.
  [[nodiscard]] Result<void, engine::CallError> lift(engine::GuestSide& guest,
                                                     std::uint32_t address, std::size_t count);
  // One or the other, for the value of a future.
  [[nodiscard]] Result<void, engine::CallError> read_value(engine::GuestSide& guest,
                                                           std::uint32_t address, bool is_wanted);
  [[nodiscard]] Result<void, abi::AbiError> lift_items(EngineGuest& from, std::uint32_t address,
                                                       std::size_t count, StoredItems& items) const;

  Domain& domain_;
  std::uint64_t life_;
  std::shared_ptr<Channel> channel_;
  std::weak_ptr<ReadableEnd> readable_end_;
  std::optional<engine::Waker> waker_;
  bool is_pending_ = false;  // a write is in progress
  bool has_items_ = false;   // which waits, and is not empty
  bool was_lifted_ = false;  // its items, as far as they could be
  bool has_written_ = false;
};

// Passes the items of a channel to a guest that reads them.
class GuestReader final : public engine::Producer, public ChannelEnd {
 public:
  GuestReader(Domain& domain, std::shared_ptr<ReadableEnd> end);
  GuestReader(const GuestReader&) = delete;
  GuestReader& operator=(const GuestReader&) = delete;
  ~GuestReader() override = default;

  [[nodiscard]] ReadableEnd& readable_end() { return *end_; }

  engine::Poll poll(const engine::GuestRead& read, const engine::WakerView& waker,
                    std::size_t& ready) override;
  Result<void, engine::CallError> write(engine::GuestSide& guest, std::uint32_t address,
                                        std::size_t count) override;

  void wake() override;
  void run() override;
  [[nodiscard]] const Domain* domain() const override { return &domain_; }

 private:
  // Sets `ready` to the items that the guest can have now. REQUIRES: there are some
  [[nodiscard]] engine::Poll take_items(const engine::GuestRead& read, std::size_t& ready);

  Domain& domain_;
  std::shared_ptr<ReadableEnd> end_;
  std::optional<engine::Waker> waker_;
};

// A future that a guest has passed. It is the writer of its channel until somebody reads it: a future
// that is not read behaves within its store as if its reader were there, so that its writer can cancel
// a write and repeat it, and learns at once that the reader was dropped. Then a GuestWriter is.
class GuestFuture final : public ChannelEnd {
 public:
  // Makes it the writer of the channel, which keeps it.
  static void add_to(const std::shared_ptr<Channel>& channel, Domain& domain,
                     engine::FutureEnd future);
  // Begins to read the future if its reader waits for it, and drops it if its reader is gone, unless
  // a write is in progress: the engine has no way to tell the writer then.
  // channel: of a future of a guest. REQUIRES: the loop of its domain can do both before a guest runs
  static void settle(Channel& channel);
  // The same, in the next turn of the domain. Needs no memory.
  static void settle_later(Channel& channel);

  void wake() override;
  void run() override;
  void note_closed() override;
  [[nodiscard]] const Domain* domain() const override { return &domain_; }
  [[nodiscard]] std::uint64_t life() const override { return life_; }

 private:
  GuestFuture(const std::shared_ptr<Channel>& channel, Domain& domain, engine::FutureEnd future);
  [[nodiscard]] bool is_alive() const;

  Domain& domain_;
  std::uint64_t life_;
  std::weak_ptr<Channel> channel_;
  std::optional<engine::FutureEnd> future_;
  const Posting settle_;
};

}  // namespace tenon::runtime
