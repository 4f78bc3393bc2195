// A byte stream to a peer: a TCP connection or a Unix socket. No function blocks.
//
//   const auto connection = Connection::connect(reactor, endpoint, on_ready);
//   connection->send(std::move(bytes));
//   connection->finish();
//   connection->flush();
//   ... after on_ready: connection->flush(), connection->read() ...
//
// The reactor watches a connection from its first wait on: the calls of a server mostly end without.
//
// Thread: that of the composition, unless a function says otherwise.
#pragma once

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "remote/reactor.h"
#include "remote/wire_values.h"
#include "support/descriptor.h"

namespace tenon::remote {

using Endpoint = asio::generic::stream_protocol::endpoint;

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  // on_ready: called in the reactor when a read that found nothing, or sending, can go on; also if the
  // connection has failed. Lifetime: can be called until the connection is closed.
  using OnReady = std::function<void()>;

  // Begins to connect. What is sent meanwhile waits. A failure is reported as that of a read.
  [[nodiscard]] static std::shared_ptr<Connection> connect(Reactor& reactor,
                                                           const Endpoint& endpoint,
                                                           OnReady on_ready);
  // socket: one that does not block, of a connection that was accepted.
  // family: AF_INET, AF_INET6 or AF_UNIX.
  Connection(Reactor& reactor, Descriptor socket, int family, OnReady on_ready);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(); }

  // Adds bytes to those that wait, in order.
  void send(Bytes bytes);
  // Ends this direction after all bytes that wait.
  void finish() { is_finishing_ = true; }
  // Sends what waits, as far as the peer takes it. To be called after `send`, `finish` and `on_ready`.
  void flush();
  // The number of bytes that wait.
  [[nodiscard]] std::size_t unsent() const { return unsent_; }
  // Takes them back. REQUIRES: not `has_sent`
  [[nodiscard]] std::deque<Bytes> take_unsent() { return std::exchange(queue_, {}); }
  // Whether the system has taken any byte.
  [[nodiscard]] bool has_sent() const { return has_sent_; }

  struct Arrived {
    enum class Kind : std::uint8_t {
      Data,
      Nothing,  // `on_ready` follows
      End,      // the peer has ended its direction
      Failure,  // see `failure`
    } kind = Kind::Nothing;
    std::span<const std::uint8_t> data = {};
  };
  // Reads what has arrived. Lifetime of the data: until the next read.
  [[nodiscard]] Arrived read();
  // The reason of a failure in the words of the system: "connection refused". Empty: there was none.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  // Closes it at once. Bytes that wait are dropped.
  void close();
  // The same, and the peer gets an error in place of the end.
  void reset();

 private:
  enum class Direction : std::uint8_t { Read, Send };

  [[nodiscard]] std::span<std::uint8_t> buffer();
  void fail(int error);
  void wait(Direction direction, std::atomic<bool>& is_waiting);

  Reactor& reactor_;
  Descriptor socket_;
  OnReady on_ready_;
  // The same socket as soon as the reactor watches it; the two are closed together.
  std::optional<asio::posix::stream_descriptor> watched_;
  std::deque<Bytes> queue_;
  std::size_t offset_ = 0;  // bytes of the first block that are sent
  std::size_t unsent_ = 0;
  bool has_sent_ = false;
  bool is_finishing_ = false;
  std::atomic<bool> waits_to_read_ = false;
  std::atomic<bool> waits_to_send_ = false;
  // Most calls are small.
  static constexpr std::size_t kSmallBuffer = 1024;
  static constexpr std::size_t kLargeBuffer = std::size_t{1} << 17;
  std::array<std::uint8_t, kSmallBuffer> small_buffer_;
  std::unique_ptr<std::uint8_t[]> large_buffer_;  // null before the small one was full
  bool was_full_ = false;
  std::string failure_;
};

}  // namespace tenon::remote
