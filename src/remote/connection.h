// A byte stream to a peer: a TCP connection or a Unix socket. No function blocks.
//
//   const auto connection = Connection::connect(reactor, endpoint, on_ready);
//   connection->send(std::move(bytes));
//   connection->finish();
//   ... after on_ready: connection->read(buffer) ...
//
// Thread: that of the composition, unless a function says otherwise.
#pragma once

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "remote/reactor.h"
#include "remote/wire_values.h"

namespace tenon::remote {

using Endpoint = asio::generic::stream_protocol::endpoint;

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  // on_ready: called in the reactor when a read that found nothing, or sending, can go on; also if the
  // connection has failed. Lifetime: can be called until the connection is closed.
  using OnReady = std::function<void()>;

  // Begins to connect. What is sent meanwhile waits. A failure is reported as that of a read.
  [[nodiscard]] static std::shared_ptr<Connection> connect(Reactor& reactor,
                                                           const Endpoint& endpoint,
                                                           OnReady on_ready);
  // A connection that a listener has accepted.
  [[nodiscard]] static std::shared_ptr<Connection> adopt(Socket socket, OnReady on_ready);

  Connection(Socket socket, OnReady on_ready)
      : socket_(std::move(socket)), on_ready_(std::move(on_ready)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends bytes as the peer takes them, in order.
  void send(Bytes bytes);
  // Ends this direction after all that was sent.
  void finish();
  // Sends what waits. To be called after `on_ready`.
  void flush();
  // Bytes that wait.
  [[nodiscard]] std::size_t unsent() const { return unsent_; }
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
  // What failed, as the system says it: "connection refused". Empty: nothing.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  // Closes it at once. Bytes that wait are dropped.
  void close();
  // The same, and the peer gets an error in place of the end.
  void reset();

 private:
  void begin(const Endpoint& endpoint);
  [[nodiscard]] std::span<std::uint8_t> buffer();
  void fail(int error);
  void wait_to_read();
  void wait_to_send();

  Socket socket_;
  OnReady on_ready_;
  std::deque<Bytes> queue_;
  std::size_t offset_ = 0;  // bytes of the first that are sent
  std::size_t unsent_ = 0;
  bool has_sent_ = false;
  bool is_finishing_ = false;
  std::atomic<bool> waits_to_read_ = false;
  std::atomic<bool> waits_to_send_ = false;
  // Most calls are small.
  static constexpr std::size_t kSmallBuffer = 1024;
  static constexpr std::size_t kLargeBuffer = std::size_t{1} << 16;
  std::array<std::uint8_t, kSmallBuffer> small_buffer_;
  std::unique_ptr<std::uint8_t[]> large_buffer_;  // null before the small one was full
  bool was_full_ = false;
  std::string failure_;
};

}  // namespace tenon::remote
