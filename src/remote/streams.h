// The streams and futures of one call: their items go to and from channels of its connection.
//
// An outgoing one is read from its channel of the composition while the connection takes its bytes, and
// an incoming one is written to its channel. Items that have no room there wait here, so that they do not
// stop the other streams of the call. Another tenon is asked to pause a stream of which many wait; if the
// peer is none, the connection is not read then. So backpressure reaches from guest to guest
// (docs/adr/0078-streams-of-a-call-do-not-stop-each-other.md).
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "remote/extension.h"
#include "remote/incoming.h"
#include "remote/wire_values.h"
#include "runtime/channel.h"
#include "runtime/domain.h"
#include "runtime/program_stream.h"
#include "runtime/resource_table.h"

namespace tenon::remote {

class Connection;

// Converts the resources that a call passes to bytes of wRPC, and back, whether they are in its values or
// in items of its streams.
class WireResources {
 public:
  // The bytes that stand for a resource. An own handle leaves this side.
  [[nodiscard]] virtual Result<Bytes, abi::AbiError> give_resource(abi::Ownership ownership,
                                                                   abi::ResourceToken resource) = 0;
  // The resource that a peer means. An own handle is in transit from now on: its holder is a call.
  [[nodiscard]] virtual Result<abi::ResourceToken, abi::AbiError> take_resource(
      const runtime::ResourceKind& kind, abi::Ownership ownership,
      std::span<const std::uint8_t> bytes) = 0;

 protected:
  ~WireResources() = default;
};

class CallStreams final {
 public:
  // Lifetime: refers to `shared` and `resources`.
  // connection: returns the connection of the call, or null if there is none yet or no longer.
  // on_change: called, outside of all guests, when `move` has more to do.
  CallStreams(runtime::Shared& shared, Dialect dialect, WireResources& resources,
              std::function<Connection*()> connection, std::function<void()> on_change);
  CallStreams(const CallStreams&) = delete;
  CallStreams& operator=(const CallStreams&) = delete;
  // Closes all that have not ended.
  ~CallStreams();

  // Takes a readable end, and sends its items on a channel.
  void send(abi::ResourceToken end, const IndexPath& channel);
  // Makes a stream or future whose items are received. Its readable end is in transit: its holder is a
  // call. kind: of its handles. Lifetime of the other end: that of this object, which has to outlive
  // the use of `incoming`. Errors: Limit.
  enum class Within : std::uint8_t { Values, Items };  // of the call, or of another stream
  [[nodiscard]] Result<WireHandles::Received, abi::AbiError> receive(
      const runtime::ResourceKind& kind, Incoming& incoming, const IndexPath& channel,
      Within within);

  // Moves items as far as possible: those that are to be sent into the connection, and those that were
  // received into their channels. connection: null: it is gone. incoming: where the channels of this
  // call arrive.
  // Errors: what the peer sent that is not of the type, or takes too much memory, or an item that cannot be sent.
  [[nodiscard]] Result<void, std::string> move(Connection* connection, Incoming& incoming);
  // The peer pauses streams when it is asked to.
  void allow_pauses() { can_pause_ = true; }
  // The peer asks for it.
  void set_pace(const PaceRequest& request);
  // The connection is gone: nothing is sent any more, and what was received is the end.
  void end();
  // The same for what is received alone: the peer has ended its direction.
  void end_received();

  // When `move` has more to do although nothing is ready; none: never.
  [[nodiscard]] std::optional<call::Clock::time_point> next_time() const;

  // Whether all that are sent have ended.
  [[nodiscard]] bool has_sent_all() const;
  // Whether all that are received have ended, or nobody reads them.
  [[nodiscard]] bool has_received_all() const;
  // The memory of received items that wait for their readers.
  [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }
  // That of items of which a part has not arrived. Nobody can read them.
  [[nodiscard]] std::size_t unfinished_bytes() const;
  // Whether nobody reads one that has not ended.
  [[nodiscard]] bool has_dropped_any() const;

 private:
  class ItemHandles;
  class Outgoing;
  class IncomingStream;

  // Whether the transport alone can make the sender wait: no other stream would be held up.
  [[nodiscard]] bool has_one_stream() const {
    return incoming_.size() <= 1 && outgoing_.size() <= 1;
  }
  // Whether streams are paused of which many items wait.
  [[nodiscard]] bool must_pause() const;
  // Forgets the channels of streams that have ended, where that is allowed. Returns whether there were any.
  bool forget_ended(Incoming& incoming);
  // Whether so many items wait that nothing more is to be received.
  [[nodiscard]] bool is_full() const;
  // Asks the peer.
  void request(const PaceRequest& request);

  runtime::Shared& shared_;
  Dialect dialect_;
  WireResources& resources_;
  std::function<Connection*()> connection_;
  std::function<void()> on_change_;
  std::vector<std::unique_ptr<Outgoing>> outgoing_;
  std::vector<std::unique_ptr<IncomingStream>> incoming_;
  bool can_pause_ = false;
  std::size_t waiting_bytes_ = 0;
  std::optional<call::Clock::time_point> full_since_;  // since when at least kPauseBytes wait
};

}  // namespace tenon::remote
