// One side of a call on a connection: what its caller (outgoing_call.h) and its server (served_call.h)
// have in common.
//
// A side advances in steps: whenever its connection, its timer or a stream is ready. An item of a
// stream can run a guest on the stack, which waits, and thereby lets everything else advance; so a
// step never begins within another one of the same side.
//
// Thread: that of the composition.
#pragma once

#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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

class CallSide : public WireHandles, public std::enable_shared_from_this<CallSide> {
 public:
  CallSide(const CallSide&) = delete;
  CallSide& operator=(const CallSide&) = delete;

  Result<void, abi::AbiError> send(abi::HandlePart part, abi::ResourceToken end,
                                   const IndexPath& channel) override;
  Result<Received, abi::AbiError> receive(abi::HandlePart part, const IndexPath& channel) override;

 protected:
  // dialect: of the peer. from: who sends the bytes that this side receives.
  CallSide(runtime::Shared& shared, Reactor& reactor, Dialect dialect, FrameReader::From from);
  ~CallSide() override = default;

  // Takes steps until nothing is ready.
  void go_on();
  // A function that lets `go_on` be called in the composition. Thread of the function: any.
  [[nodiscard]] std::function<void()> poster();
  virtual void step() = 0;
  // When the next step is due even if nothing is ready; nothing: never.
  [[nodiscard]] virtual std::optional<call::Clock::time_point> next_time() const = 0;

  // The kinds of the handles that this side receives, by their numbers.
  [[nodiscard]] virtual const std::vector<const runtime::ResourceKind*>& received_kinds() const = 0;
  // A handle that this side has received, and that the call holds.
  [[nodiscard]] abi::ResourceToken add_received(abi::HandlePart part,
                                                std::shared_ptr<const void> object);

  // Reads what has arrived. Errors: as Incoming::add.
  [[nodiscard]] Result<void, std::string> add(const Connection::Arrived& arrived);
  // Sends the values. To be flushed at once. Errors: a sentence: the peer would lose a part of them.
  [[nodiscard]] Result<void, std::string> send_root(WireBytes values, Connection::Slices slices);
  // Moves items of streams as far as possible. Errors: as CallStreams::move.
  [[nodiscard]] Result<void, std::string> move_streams();
  [[nodiscard]] bool has_streams() const { return streams_.has_value(); }
  [[nodiscard]] bool has_sent_streams() const { return !streams_ || streams_->has_sent_all(); }
  [[nodiscard]] bool has_received_streams() const {
    return !streams_ || streams_->has_received_all();
  }
  // The peer has ended its direction: what was received is all.
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
  [[nodiscard]] CallStreams& streams();
  void set_timer();

  std::optional<CallStreams> streams_;  // absent: the call has none so far
  std::optional<asio::steady_timer> timer_;
  std::optional<call::Clock::time_point> timer_at_;
  bool is_stepping_ = false;
  bool is_step_due_ = false;
};

}  // namespace tenon::remote
