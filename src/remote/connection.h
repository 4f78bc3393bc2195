// The transport of one call, in both directions: a dedicated socket (socket_connection.h), a part of a
// shared one (socket_link.h) or NATS messages (nats_connection.h). No function blocks.
//
//   connection->begin(instance, function, nullptr);
//   connection->send({}, std::move(values), true);
//   connection->finish();
//   connection->flush();
//   ... after on_ready: connection->flush(), connection->read() ...
//
// Thread: that of the composition, unless a function says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "remote/handle_blob.h"
#include "remote/wire_values.h"
#include "tenon/result.h"
#include "tenon/trace.h"

namespace tenon::remote {

class Connection {
 public:
  // on_ready: called on any thread when reading or sending can continue after it had to wait, and
  // when the connection fails. Lifetime: can be called until the connection is closed.
  using OnReady = std::function<void()>;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Sends the name of the function. A client calls this first. owner: the worker that made the
  // handles in the parameters, and must answer the call; null: any worker can.
  virtual void begin(std::string_view instance, std::string_view function,
                     const WorkerId* owner) = 0;
  // Sends the trace context of the call along, if the transport has a header for it. Call it before `flush`.
  virtual void set_cause(const TraceContext& /*cause*/) {}
  // Queues data of a channel, in order. is_last: whether it is the last data of the channel.
  virtual void send(const IndexPath& channel, Bytes data, bool is_last) = 0;
  // How long slices stay valid and unchanged. With UntilFlush, `flush` copies the bytes that it
  // cannot send.
  enum class Slices : std::uint8_t { UntilFlush, UntilClosed };
  // The same for data that has slices.
  virtual void send_slices(const IndexPath& channel, WireBytes data, Slices /*slices*/,
                           bool is_last) {
    data.own();
    send(channel, std::move(data.bytes), is_last);
  }
  // Ends this direction after all queued data.
  virtual void finish() = 0;
  // Sends queued data until the peer accepts no more. Call it after `send`, `finish` and
  // `on_ready`.
  virtual void flush() = 0;
  // The number of queued bytes.
  [[nodiscard]] virtual std::size_t unsent() const = 0;
  // The total number of bytes in this direction, sent or queued.
  [[nodiscard]] virtual std::uint64_t total() const = 0;
  // Whether the peer may have received any of these bytes.
  [[nodiscard]] virtual bool has_sent() const = 0;
  // Reconnects after a failure. Queued data is kept. REQUIRES: `can_restart`, and not `has_sent`
  virtual void restart() = 0;
  [[nodiscard]] virtual bool can_restart() const { return true; }

  struct Arrived {
    enum class Kind : std::uint8_t {
      Data,
      Nothing,  // `on_ready` follows
      End,      // the peer has ended its direction
      Failure,  // see `failure`
    } kind = Kind::Nothing;
    std::span<const std::uint8_t> data = {};
    const IndexPath* channel = nullptr;  // of the data; null: the data contains frames
    bool is_last = false;                // of its channel
  };
  // Returns data that has arrived. Lifetime of the data: until the next call.
  [[nodiscard]] virtual Arrived read() = 0;
  // The same, but a socket receives directly into `room`, unless that is empty. This saves a copy.
  [[nodiscard]] virtual Arrived read_into(std::span<std::uint8_t> /*room*/) { return read(); }
  // The memory of data that has arrived, until `read` returns something else, of a connection that cannot make its peer
  // wait. When it grows by much, there is another `on_ready`.
  [[nodiscard]] virtual std::size_t unread() const { return 0; }
  // The reason for the failure, such as "connection refused". Empty: there was none.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // Whether the peer can be asked if it is still there.
  [[nodiscard]] virtual bool can_ask() const { return false; }
  // Asks it. The connection fails if the peer is gone, perhaps later.
  virtual void ask() {}
  // Whether the connection does not notice that the peer is gone, and cannot ask it.
  [[nodiscard]] virtual bool is_blind() const { return false; }
  // Whether closing while the peer still sends can lose bytes that were sent.
  [[nodiscard]] virtual bool must_linger() const = 0;

  // Closes the connection at once, and drops queued data.
  virtual void close() = 0;
  // The same, but the peer gets an error instead of a normal end.
  virtual void reset() = 0;

 protected:
  void fail(std::string why) { failure_ = std::move(why); }

 private:
  std::string failure_;
};

// Checks that a peer with short reads can receive everything in this direction. Call it before
// `flush`.
// Errors: a sentence that says that the peer would lose data.
[[nodiscard]] Result<void, std::string> check_reader(const Dialect& dialect,
                                                     const Connection& connection);

}  // namespace tenon::remote
