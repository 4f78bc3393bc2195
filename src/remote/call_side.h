// One side of a call on a connection: what its caller (outgoing_call.h) and its server (served_call.h)
// have in common.
//
// A side advances in steps, whenever its connection, its timer or a stream is ready. Passing an
// item of a stream can run a guest, and while that guest waits, everything else can advance. So a
// step that becomes due during another one of the same side runs after it.
//
// Thread: that of the composition.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "remote/connection.h"
#include "remote/incoming.h"
#include "remote/reactor.h"
#include "remote/streams.h"
#include "remote/wire_values.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"

namespace tenon::remote {

class CallSide : public WireHandles,
                 public WireResources,
                 public std::enable_shared_from_this<CallSide> {
 public:
  CallSide(const CallSide&) = delete;
  CallSide& operator=(const CallSide&) = delete;

  // WireHandles, for parameters and results.
  Result<Bytes, abi::AbiError> give(abi::HandlePart part, abi::ResourceToken resource) override;
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart part,
                                                 std::span<const std::uint8_t> bytes) override;
  Result<void, abi::AbiError> send(abi::HandlePart part, abi::ResourceToken end,
                                   const IndexPath& channel) override;
  Result<Received, abi::AbiError> receive(abi::HandlePart part, const IndexPath& channel) override;

 protected:
  static constexpr std::chrono::seconds kCheckPause{1};

  // dialect: of the peer. from: the sender of the bytes that this side receives. check_pause: between
  // checks of the peer.
  CallSide(runtime::Shared& shared, Reactor& reactor, Dialect dialect, FrameReader::From from,
           std::chrono::milliseconds check_pause = kCheckPause);
  ~CallSide() override = default;

  // Takes steps until nothing is ready.
  void go_on();
  // Returns a function that schedules `go_on` in the composition. It needs no memory. Thread of the function: any.
  [[nodiscard]] const std::function<void()>& poster();
  // Can throw std::bad_alloc.
  virtual void step() = 0;
  // Ends the call: there was no memory for a step.
  virtual void end_without_memory() = 0;
  // The time at which a step is due even if nothing is ready. Nothing: never.
  [[nodiscard]] virtual std::optional<call::Clock::time_point> next_time() const = 0;

  // Asks a silent peer now and then whether it is still there, until `stop_checks`. The connection fails if
  // it is gone.
  void check_peer();
  void stop_checks() { check_at_.reset(); }
  // The earliest of a time, that of the next check, and that at which a stream has to be paused.
  [[nodiscard]] std::optional<call::Clock::time_point> before_check(
      std::optional<call::Clock::time_point> time) const;

  // The kinds of the handles that this side receives, by their numbers.
  [[nodiscard]] virtual const std::vector<const runtime::ResourceKind*>& received_kinds() const = 0;
  // The error for a handle that this side cannot send or take.
  [[nodiscard]] static abi::AbiError bad_handle(std::string why) {
    return {.kind = abi::AbiErrorKind::Guest, .message = std::move(why)};
  }

  // Reads received data. Errors: as Incoming::add.
  [[nodiscard]] Result<void, std::string> add(const Connection::Arrived& arrived);
  // Queues the values. The caller must flush at once. Errors: a sentence that says that the peer
  // would lose some of them.
  [[nodiscard]] Result<void, std::string> send_root(WireBytes values, Connection::Slices slices);
  // The peer pauses streams when it is asked to.
  void allow_pauses();
  // It may ask this side to pause some. REQUIRES: `incoming_` is that of the call
  void expect_pace();
  // Moves items of streams as far as possible. Errors: as CallStreams::move.
  [[nodiscard]] Result<void, std::string> move_streams();
  [[nodiscard]] bool has_streams() const { return streams_.has_value(); }
  [[nodiscard]] bool has_sent_streams() const { return !streams_ || streams_->has_sent_all(); }
  [[nodiscard]] bool has_received_streams() const {
    return !streams_ || streams_->has_received_all();
  }
  [[nodiscard]] bool has_dropped_streams() const { return streams_ && streams_->has_dropped_any(); }
  // The memory of received items that wait for their readers.
  [[nodiscard]] std::size_t waiting_bytes() const {
    return streams_ ? streams_->waiting_bytes() : 0;
  }
  // That of received items of which a part has not arrived.
  [[nodiscard]] std::size_t unfinished_bytes() const {
    return streams_ ? streams_->unfinished_bytes() : 0;
  }
  // The peer has ended its direction: no more items will arrive.
  void end_received_streams() {
    if (streams_) streams_->end_received();
  }
  // The connection is gone.
  void end_streams() {
    if (streams_) streams_->end();
  }

  runtime::Shared& shared_;
  Reactor& reactor_;
  const Dialect dialect_;
  std::shared_ptr<Connection> connection_;  // null: there is none yet, or no longer
  Incoming incoming_;
  runtime::Transit transit_;  // of the handles that were received

 private:
  // The channel of requests to pause streams.
  class PaceInput final : public ChannelInput {
   public:
    explicit PaceInput(CallSide& side) : side_(side) {}
    Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override;

   private:
    CallSide& side_;
    Bytes rest_;  // a part of a request
  };

  [[nodiscard]] CallStreams& streams();
  void set_timer();

  const std::chrono::milliseconds check_pause_;
  std::function<void()> poster_;
  std::optional<CallStreams> streams_;  // absent: the call has none so far
  std::optional<PaceInput> pace_input_;
  bool can_pause_ = false;
  std::optional<asio::steady_timer> timer_;
  std::optional<call::Clock::time_point> timer_at_;
  std::optional<call::Clock::time_point> check_at_;
  bool is_stepping_ = false;
  bool is_step_due_ = false;
};

}  // namespace tenon::remote
