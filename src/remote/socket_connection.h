// A TCP or Unix socket for a single call, or for the bytes of a link (socket_link.h).
//
// The reactor starts to watch a socket when it first has to wait. Most calls of a server never
// wait.
#pragma once

#include <poll.h>

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remote/connection.h"
#include "remote/reactor.h"
#include "support/descriptor.h"
#include "tls/tls.h"

namespace tenon::remote {

using Endpoint = asio::generic::stream_protocol::endpoint;

class SocketConnection final : public Connection,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  // Begins to connect to the first endpoint; `restart` takes the next one. Data is queued until the
  // connection is made, and `read` reports a failure. tls: null for no encryption. host: the name or
  // address for which the server needs a certificate.
  // REQUIRES: there is an endpoint
  [[nodiscard]] static std::shared_ptr<SocketConnection> connect(
      Reactor& reactor, std::vector<Endpoint> endpoints, std::shared_ptr<const tls::TlsContext> tls,
      std::string host, OnReady on_ready);
  // socket: of a connection that was accepted; non-blocking.
  // family: AF_INET, AF_INET6 or AF_UNIX.
  SocketConnection(Reactor& reactor, Descriptor&& socket, int family,
                   std::shared_ptr<const tls::TlsContext> tls, OnReady on_ready);
  ~SocketConnection() override { close(); }

  void begin(std::string_view instance, std::string_view function, const WorkerId* owner) override;
  void send(const IndexPath& channel, Bytes data, bool is_last) override;
  void send_slices(const IndexPath& channel, WireBytes data, Slices slices, bool is_last) override;
  void finish() override { is_finishing_ = true; }
  void flush() override;
  [[nodiscard]] std::size_t unsent() const override { return unsent_; }
  [[nodiscard]] std::uint64_t total() const override { return total_; }
  [[nodiscard]] bool has_sent() const override { return has_sent_; }
  void restart() override;
  [[nodiscard]] bool can_restart() const override { return !endpoints_.empty(); }
  [[nodiscard]] Arrived read() override { return read_into({}); }
  [[nodiscard]] Arrived read_into(std::span<std::uint8_t> room) override;
  // A server asks: a client reads, and is notified.
  [[nodiscard]] bool can_ask() const override { return endpoints_.empty() && !has_finished_; }
  void ask() override;
  // Bytes that `ask` sends, and that mean nothing to the peer. Without them, `ask` only looks for what the
  // system knows.
  void set_question(Bytes question) { question_ = std::move(question); }
  [[nodiscard]] bool must_linger() const override { return true; }
  void close() override;
  void reset() override;

  // Queues bytes as they are. Throws: std::bad_alloc; then they are left.
  void send_bytes(Bytes&& bytes);
  // Whether there is nothing to read, not even an end or a failure.
  [[nodiscard]] bool is_quiet() const;
  // Whether the peer has ended its direction, also if there is still data to read, or the connection has
  // failed.
  [[nodiscard]] bool has_peer_ended() const { return poll(POLLRDHUP) != 0; }

 private:
  enum class Direction : std::uint8_t { Read, Send };
  // Queued data.
  struct Block {
    Bytes bytes;
    std::span<const std::uint8_t> data;  // the unsent part of `bytes`, or a slice
    bool must_copy = false;              // at the end of `flush`
  };

  SocketConnection(Reactor& reactor, std::shared_ptr<const tls::TlsContext> tls, OnReady on_ready);
  void open(const Endpoint& endpoint);
  // Prepares the socket for use.
  void begin(int family);
  // These move bytes, and return their number. Nothing: it waits, or has failed.
  [[nodiscard]] std::optional<std::size_t> send_blocks();
  [[nodiscard]] std::optional<std::size_t> receive(std::span<std::uint8_t> room,
                                                   std::span<std::uint8_t> rest);
  [[nodiscard]] std::optional<std::size_t> end(ssize_t moved, Direction direction);
  [[nodiscard]] std::optional<std::size_t> end(const tls::TlsSession::Outcome& outcome);
  void add(Block block);
  // Removes what is queued behind so many blocks.
  void unqueue(std::size_t count);
  void send_queue();
  void note_sent(std::size_t size);
  void widen();
  [[nodiscard]] std::span<std::uint8_t> buffer();
  void fail(int error);
  // Which of these events and of POLLHUP and POLLERR have happened.
  [[nodiscard]] short poll(short events) const;
  // Waits until the socket is ready, unless it already does.
  void wait(Direction direction);

  Reactor& reactor_;
  const std::shared_ptr<const tls::TlsContext> tls_context_;  // null: not encrypted
  std::string host_;                                          // empty: the peer is the client
  Descriptor socket_;
  std::unique_ptr<tls::TlsSession> tls_;
  OnReady on_ready_;
  std::vector<Endpoint> endpoints_;  // to connect to
  std::size_t attempts_ = 0;
  // The same socket once the reactor watches it. Both are closed together.
  std::optional<asio::posix::stream_descriptor> watched_;
  std::deque<Block> queue_;
  std::size_t unsent_ = 0;
  std::uint64_t total_ = 0;
  bool has_sent_ = false;
  bool is_finishing_ = false;
  bool has_finished_ = false;
  Bytes question_;
  bool can_widen_ = false;
  std::atomic<bool> waits_to_read_ = false;
  std::atomic<bool> waits_to_send_ = false;
  // Most calls are small.
  static constexpr std::size_t kSmallBuffer = 1024;
  static constexpr std::size_t kLargeBuffer = std::size_t{1} << 17;
  std::array<std::uint8_t, kSmallBuffer> small_buffer_;
  std::unique_ptr<std::uint8_t[]> large_buffer_;  // null until the small one was full
  bool was_full_ = false;
  std::size_t behind_room_ = 0;  // bytes of the small buffer that were received with the last room
};

}  // namespace tenon::remote
