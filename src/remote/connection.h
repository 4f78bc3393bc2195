// What carries one call between its two sides, in both directions: a socket of its own
// (socket_connection.h), or messages of NATS (nats_connection.h). No function blocks.
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

namespace tenon::remote {

class Connection {
 public:
  // on_ready: called on any thread when a read that found nothing, or sending, can go on; also if the
  // connection has failed. Lifetime: can be called until the connection is closed.
  using OnReady = std::function<void()>;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Names the function. The first that a client sends. owner: of the handles that the call has, which
  // has to answer it; null: any worker can.
  virtual void begin(std::string_view instance, std::string_view function,
                     const WorkerId* owner) = 0;
  // Adds data of a channel to what waits, in order. is_last: of its channel.
  virtual void send(const IndexPath& channel, Bytes data, bool is_last) = 0;
  // How long the slices of data stay as they are. What is not sent by the end of a `flush` is copied,
  // unless they stay.
  enum class Slices : std::uint8_t { UntilFlush, UntilClosed };
  // The same for bytes that can lie elsewhere.
  virtual void send_slices(const IndexPath& channel, WireBytes data, Slices /*slices*/,
                           bool is_last) {
    data.own();
    send(channel, std::move(data.bytes), is_last);
  }
  // Ends this direction after all that waits.
  virtual void finish() = 0;
  // Sends what waits, as far as the peer takes it. To be called after `send`, `finish` and `on_ready`.
  virtual void flush() = 0;
  // The number of bytes that wait.
  [[nodiscard]] virtual std::size_t unsent() const = 0;
  // The number of bytes in this direction, sent or not.
  [[nodiscard]] virtual std::uint64_t total() const = 0;
  // Whether the peer may have seen any of it.
  [[nodiscard]] virtual bool has_sent() const = 0;
  // Connects again, after a failure. What waits is kept. REQUIRES: not `has_sent`
  virtual void restart() = 0;

  struct Arrived {
    enum class Kind : std::uint8_t {
      Data,
      Nothing,  // `on_ready` follows
      End,      // the peer has ended its direction
      Failure,  // see `failure`
    } kind = Kind::Nothing;
    std::span<const std::uint8_t> data = {};
    const IndexPath* channel = nullptr;  // of the data; null: the data is of frames
    bool is_last = false;                // of its channel
  };
  // Reads what has arrived. Lifetime of the data: until the next call.
  [[nodiscard]] virtual Arrived read() = 0;
  // The same. A connection without messages receives the data in `room`, unless that is empty, so that
  // it need not be copied there.
  [[nodiscard]] virtual Arrived read_into(std::span<std::uint8_t> /*room*/) { return read(); }
  // The reason of a failure: "connection refused". Empty: there was none.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // Whether bytes that were sent can be lost by closing while the peer sends.
  [[nodiscard]] virtual bool must_linger() const = 0;

  // Closes it at once. What waits is dropped.
  virtual void close() = 0;
  // The same, and the peer gets an error in place of the end.
  virtual void reset() = 0;

 protected:
  void fail(std::string why) { failure_ = std::move(why); }

 private:
  std::string failure_;
};

// An error of the system in its words, without a capital: "connection refused".
[[nodiscard]] std::string describe_error(int error);

// Errors: a sentence: this direction has become too long for peers with short reads, who would lose a
// part of it. To be called before it is flushed.
[[nodiscard]] Result<void, std::string> check_reader(const Dialect& dialect,
                                                     const Connection& connection);

}  // namespace tenon::remote
