// The streams and futures of one call: their items go to and from channels of its connection.
//
// An outgoing one is read from its channel of the composition while the connection takes its bytes;
// an incoming one is written to its channel, and the connection is not read while that is full. So
// backpressure reaches from guest to guest. wRPC has no window of its own: one stream that is not read
// stops all of its call.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "remote/incoming.h"
#include "remote/wire_values.h"
#include "runtime/channel.h"
#include "runtime/domain.h"
#include "runtime/program_stream.h"

namespace tenon::remote {

class Connection;

class CallStreams final {
 public:
  // connection: returns the connection of the call, or null if there is none yet or no longer.
  // on_change: called, outside of all guests, when `move` has more to do.
  CallStreams(runtime::Shared& shared, Dialect dialect, std::function<Connection*()> connection,
              std::function<void()> on_change);
  CallStreams(const CallStreams&) = delete;
  CallStreams& operator=(const CallStreams&) = delete;
  // Closes all that have not ended.
  ~CallStreams();

  // Adds a stream or future whose items are sent.
  void send(std::shared_ptr<runtime::ReadableEnd> end, const IndexPath& channel);
  // Adds one whose items are received, and returns its readable end. Lifetime of the other end: that
  // of this object, which has to outlive the use of `incoming`.
  struct Received {
    std::shared_ptr<runtime::ReadableEnd> readable;
    IncomingEnd* end;
  };
  [[nodiscard]] Received receive(std::shared_ptr<const runtime::StreamKind> kind,
                                 Incoming& incoming, const IndexPath& channel);

  // Moves items as far as possible: those that are to be sent into the connection, and those that were
  // received into their channels. connection: null: it is gone. incoming: where the channels of this
  // call arrive.
  // Errors: what the peer sent that is not of the type, or an item that cannot be sent.
  [[nodiscard]] Result<void, std::string> move(Connection* connection, Incoming& incoming);
  // The connection is gone: nothing is sent any more, and what was received is the end.
  void end();
  // The same for what is received alone: the peer has ended its direction.
  void end_received();

  // Whether all that are sent have ended.
  [[nodiscard]] bool has_sent_all() const;
  // Whether all that are received have ended, or nobody reads them.
  [[nodiscard]] bool has_received_all() const;

 private:
  class Outgoing;
  class IncomingStream;

  runtime::Shared& shared_;
  Dialect dialect_;
  std::function<Connection*()> connection_;
  std::function<void()> on_change_;
  std::vector<std::unique_ptr<Outgoing>> outgoing_;
  std::vector<std::unique_ptr<IncomingStream>> incoming_;
};

}  // namespace tenon::remote
