// The ends of channels that the C++ program reads and writes.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "runtime/channel.h"
#include "runtime/domain.h"

namespace tenon::runtime {

class TaskHome;

// Notifies the program of changes, outside of all guests.
class ProgramEnd : public ChannelEnd {
 public:
  // Changes by the other end count from now on. They are reported after `notify`.
  void watch() {
    on_change_ = nullptr;
    has_changed_ = false;
  }
  // on_change: called once, outside of this call, after a change since `watch`, and at the latest when
  // the composition ends.
  void notify(std::function<void()> on_change) {
    if (report_.is_empty()) report_ = make_report();
    on_change_ = std::move(on_change);
    if (has_changed_) wake();
  }
  void wake() override;

 protected:
  ~ProgramEnd() = default;

 private:
  // Null before there is a channel, and after the composition is gone.
  [[nodiscard]] virtual Shared* composition() const = 0;
  [[nodiscard]] Scheduler::Posting make_report();
  void report();

  std::function<void()> on_change_;
  Scheduler::Posting report_;  // reports it
  bool has_changed_ = false;
  // This object, as long as it exists.
  std::shared_ptr<ProgramEnd*> link_ = std::make_shared<ProgramEnd*>(this);
};

class ProgramReader final : public ProgramEnd {
 public:
  // end: of a channel of a composition.
  explicit ProgramReader(std::shared_ptr<ReadableEnd> end);
  ProgramReader(const ProgramReader&) = delete;
  ProgramReader& operator=(const ProgramReader&) = delete;

  [[nodiscard]] Channel& channel() { return end_->channel(); }

  // While the program waits, items that the writer offers are copied here at once, out of its memory.
  // to: for items as in the memory of a guest; empty: none are copied. Lifetime: until `take_filled`
  void fill(std::span<std::uint8_t> to) { to_ = to; }
  [[nodiscard]] bool is_filled() const { return filled_ != 0; }
  // The number of items that were copied. No others are.
  [[nodiscard]] std::size_t take_filled();

  // on_offer: called on the stack of the writer, while the program waits and items are offered. It can
  // take them, and must not run guests.
  void set_on_offer(std::function<void()> on_offer) { on_offer_ = std::move(on_offer); }

  void run() override;

 private:
  [[nodiscard]] Shared* composition() const override { return end_->channel().composition(); }

  std::shared_ptr<ReadableEnd> end_;
  Scheduler::OutsideWork work_;
  std::span<std::uint8_t> to_;
  std::size_t filled_ = 0;
  std::function<void()> on_offer_;
};

// The writer of a stream or future that the program makes. It has a channel when the stream is passed
// to a guest.
class ProgramWriter final : public ProgramEnd {
 public:
  // home: of tasks that write; is set when there is a channel. Null: there are none.
  explicit ProgramWriter(std::shared_ptr<TaskHome> home = nullptr) : home_(std::move(home)) {}
  ProgramWriter(const ProgramWriter&) = delete;
  ProgramWriter& operator=(const ProgramWriter&) = delete;
  ~ProgramWriter() { close(); }

  // Null before `connect`, and after `close`.
  [[nodiscard]] const std::shared_ptr<Channel>& channel() const { return channel_; }
  // Whether there is a reader, or there can still be one: the readable end was not dropped.
  [[nodiscard]] bool has_reader() const {
    return channel_ != nullptr ? channel_->has_reader() : !is_dropped_ && !is_closed_;
  }

  // Makes the channel. Returns its readable end.
  [[nodiscard]] std::shared_ptr<ReadableEnd> connect(std::shared_ptr<const StreamKind> kind,
                                                     Shared& shared);
  // The readable end was dropped before it was passed.
  void note_dropped();
  // It has items for a reader that waits for some, until `watch_again`.
  void wait_with_items() {
    has_items_ = true;
    channel_->note_writer_waits();
  }
  void watch_again() {
    has_items_ = false;
    watch();
  }
  [[nodiscard]] bool has_items() const override { return has_items_; }
  // There will be no more items. An operation in progress is notified.
  void close();

 private:
  [[nodiscard]] Shared* composition() const override {
    return channel_ == nullptr ? nullptr : channel_->composition();
  }

  const std::shared_ptr<TaskHome> home_;
  std::shared_ptr<Channel> channel_;
  std::optional<Scheduler::OutsideWork> work_;  // while there is a channel
  bool has_items_ = false;                      // for a reader that waits
  bool is_closed_ = false;
  bool is_dropped_ = false;
};

}  // namespace tenon::runtime
