#include "remote/socket_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

#include "call/bounds.h"
#include "remote/frames.h"

namespace tenon::remote {

namespace {

constexpr std::size_t kGathered = 16;  // the maximum number of blocks in one system call

// How long the machine of a peer can be silent.
constexpr int kSilentSeconds = 60;

}  // namespace

SocketConnection::SocketConnection(Reactor& reactor, std::shared_ptr<const tls::TlsContext> tls,
                                   OnReady on_ready)
    : reactor_(reactor),
      tls_context_(std::move(tls)),
      socket_(-1),
      on_ready_(std::move(on_ready)) {}

SocketConnection::SocketConnection(Reactor& reactor, Descriptor&& socket, int family,
                                   std::shared_ptr<const tls::TlsContext> tls, OnReady on_ready)
    : SocketConnection(reactor, std::move(tls), std::move(on_ready)) {
  socket_ = std::move(socket);
  begin(family);
}

std::shared_ptr<SocketConnection> SocketConnection::connect(
    Reactor& reactor, std::vector<Endpoint> endpoints, std::shared_ptr<const tls::TlsContext> tls,
    std::string host, OnReady on_ready) {
  std::shared_ptr<SocketConnection> connection(
      new SocketConnection(reactor, std::move(tls), std::move(on_ready)));
  connection->endpoints_ = std::move(endpoints);
  connection->host_ = std::move(host);
  connection->restart();
  return connection;
}

void SocketConnection::restart() {
  close();
  watched_.reset();
  tls_.reset();
  Connection::fail({});
  waits_to_read_ = false;
  waits_to_send_ = false;
  behind_room_ = 0;
  try {
    open(endpoints_[attempts_++ % endpoints_.size()]);
  } catch (const std::bad_alloc&) {
    // A socket without its TLS must not be used.
    close();
    Connection::fail("out of memory");
  }
}

void SocketConnection::open(const Endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  socket_ = Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.is_open()) return fail(errno);
  // Until the connection is made, sending would block.
  if (::connect(socket_.number(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 &&
      errno != EINPROGRESS)
    return fail(errno);
  begin(family);
}

void SocketConnection::begin(int family) {
  if (tls_context_ != nullptr) {
    auto transport = std::make_unique<tls::TlsSocket>(socket_.number());
    tls_ = host_.empty() ? tls::TlsSession::accept(tls_context_, std::move(transport))
                         : tls::TlsSession::connect(tls_context_, std::move(transport), host_);
  }
  can_widen_ = family == AF_UNIX;
  if (family != AF_INET && family != AF_INET6) return;
  const auto set = [&](int level, int option, int value) {
    (void)::setsockopt(socket_.number(), level, option, &value, sizeof(value));
  };
  // A call is one message in each direction, which must not be delayed (Nagle's algorithm).
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // Streams have no time limit. A peer that is gone without a word must be noticed all the same: by
  // asking it if nothing is sent, and otherwise because it does not confirm what was sent.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kSilentSeconds / 2);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kSilentSeconds / 6);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, kSilentSeconds * 1000);
}

// The buffer of a Unix socket does not grow by itself. With the largest one that the system allows,
// the two sides wait for each other less often during a large value.
void SocketConnection::widen() {
  if (!std::exchange(can_widen_, false)) return;
  const int size = 1 << 20;
  (void)::setsockopt(socket_.number(), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

void SocketConnection::begin(std::string_view instance, std::string_view function,
                             const WorkerId* /*owner*/) {
  Bytes header;
  append_header(header, instance, function);
  send_bytes(std::move(header));
}

void SocketConnection::send(const IndexPath& channel, Bytes data, bool is_last) {
  send_slices(channel, {.bytes = std::move(data), .slices = {}}, Slices::UntilFlush, is_last);
}

void SocketConnection::send_slices(const IndexPath& channel, WireBytes data, Slices slices,
                                   bool /*is_last*/) {
  const std::size_t before = queue_.size();
  try {
    Bytes head;
    append_frame_head(head, channel, data.size());
    send_bytes(std::move(head));
    std::size_t at = 0;
    for (const WireBytes::Slice& slice : data.slices) {
      if (at != slice.at) send_bytes(Bytes(data.bytes.data() + at, data.bytes.data() + slice.at));
      add({.bytes = {}, .data = slice.data, .must_copy = slices == Slices::UntilFlush});
      at = slice.at;
    }
    data.bytes.erase(data.bytes.begin(), data.bytes.begin() + static_cast<std::ptrdiff_t>(at));
    send_bytes(std::move(data.bytes));
  } catch (const std::bad_alloc&) {
    unqueue(before);
    throw;
  }
}

void SocketConnection::send_bytes(Bytes&& bytes) {
  if (bytes.empty()) return;
  Block& block = queue_.emplace_back();
  block.bytes = std::move(bytes);
  block.data = block.bytes;
  unsent_ += block.data.size();
  total_ += block.data.size();
}

void SocketConnection::add(Block block) {
  const std::size_t size = block.data.size();
  queue_.push_back(std::move(block));
  unsent_ += size;
  total_ += size;
}

void SocketConnection::unqueue(std::size_t count) {
  for (; queue_.size() > count; queue_.pop_back()) {
    unsent_ -= queue_.back().data.size();
    total_ -= queue_.back().data.size();
  }
}

void SocketConnection::flush() {
  try {
    send_queue();
    for (Block& block : queue_) {
      if (!block.must_copy) continue;
      block.bytes = reactor_.buffers().take_bytes();
      block.bytes.assign(block.data.begin(), block.data.end());
      block.data = block.bytes;
      block.must_copy = false;
    }
  } catch (const std::bad_alloc&) {
    // The bytes that were not copied are lost.
    Connection::fail("out of memory");
  }
}

void SocketConnection::send_queue() {
  if (!failure().empty() || !socket_.is_open() || waits_to_send_) return;
  if (unsent_ > kLargeBuffer) widen();
  while (!queue_.empty()) {
    const std::optional<std::size_t> sent = send_blocks();
    if (!sent) return;
    note_sent(*sent);
  }
  if (!std::exchange(is_finishing_, false)) return;
  has_finished_ = true;
  if (tls_ == nullptr)
    (void)::shutdown(socket_.number(), SHUT_WR);
  else if (!end(tls_->finish()) && failure().empty())
    is_finishing_ = true;
}

std::optional<std::size_t> SocketConnection::send_blocks() {
  if (tls_ != nullptr) {
    const std::optional<std::size_t> sent = end(tls_->write(queue_.front().data));
    // The peer has ended its direction, and is gone.
    if (sent == 0) Connection::fail("the peer closed the connection");
    return sent == 0 ? std::nullopt : sent;
  }
  std::array<iovec, kGathered> blocks;
  std::size_t count = 0;
  for (; count < std::min(queue_.size(), kGathered); ++count) {
    const std::span<const std::uint8_t> data = queue_[count].data;
    blocks[count] = {const_cast<std::uint8_t*>(data.data()), data.size()};
  }
  msghdr message = {};
  message.msg_iov = blocks.data();
  message.msg_iovlen = count;
  return end(::sendmsg(socket_.number(), &message, MSG_NOSIGNAL), Direction::Send);
}

std::optional<std::size_t> SocketConnection::receive(std::span<std::uint8_t> room,
                                                     std::span<std::uint8_t> rest) {
  if (tls_ != nullptr) return end(tls_->read(room.empty() ? rest : room));
  std::array<iovec, 2> blocks = {iovec{room.data(), room.size()}, iovec{rest.data(), rest.size()}};
  msghdr message = {};
  message.msg_iov = blocks.data();
  message.msg_iovlen = blocks.size();
  return end(room.empty() ? ::recv(socket_.number(), rest.data(), rest.size(), 0)
                          : ::recvmsg(socket_.number(), &message, 0),
             Direction::Read);
}

std::optional<std::size_t> SocketConnection::end(ssize_t moved, Direction direction) {
  if (moved >= 0) return static_cast<std::size_t>(moved);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    wait(direction);
  else
    fail(errno);
  return std::nullopt;
}

std::optional<std::size_t> SocketConnection::end(const tls::TlsSession::Outcome& outcome) {
  using Kind = tls::TlsSession::Outcome::Kind;
  switch (outcome.kind) {
    case Kind::Done:
      return outcome.size;
    case Kind::End:
      return 0;
    case Kind::NeedsData:
      wait(Direction::Read);
      break;
    case Kind::NeedsRoom:
      wait(Direction::Send);
      break;
    case Kind::Failure:
      Connection::fail(tls_->failure().text);
      break;
  }
  return std::nullopt;
}

void SocketConnection::note_sent(std::size_t size) {
  has_sent_ = true;
  unsent_ -= size;
  while (size != 0) {
    Block& block = queue_.front();
    const std::size_t part = std::min(size, block.data.size());
    block.data = block.data.subspan(part);
    size -= part;
    if (!block.data.empty()) return;
    reactor_.buffers().keep(std::move(block.bytes));
    queue_.pop_front();
  }
}

std::span<std::uint8_t> SocketConnection::buffer() {
  if (was_full_ && large_buffer_ == nullptr)
    large_buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(kLargeBuffer);
  if (large_buffer_ != nullptr) return {large_buffer_.get(), kLargeBuffer};
  return small_buffer_;
}

SocketConnection::Arrived SocketConnection::read_into(std::span<std::uint8_t> room) {
  using Kind = Arrived::Kind;
  if (behind_room_ != 0)
    return {Kind::Data, std::span(small_buffer_).first(std::exchange(behind_room_, 0))};
  if (!failure().empty() || !socket_.is_open()) return {Kind::Failure};
  if (waits_to_read_) return {Kind::Nothing};
  // The same system call receives the bytes that follow, such as the next frame header, into
  // `rest`.
  const std::span<std::uint8_t> rest = room.empty() ? buffer() : std::span(small_buffer_);
  const std::optional<std::size_t> size = receive(room, rest);
  if (!size) return {failure().empty() ? Kind::Nothing : Kind::Failure};
  if (*size == 0) return {Kind::End};
  was_full_ = room.empty() && *size == rest.size();
  if (room.empty()) return {Kind::Data, rest.first(*size)};
  behind_room_ = *size - std::min(*size, room.size());
  return {Kind::Data, room.first(*size - behind_room_)};
}

void SocketConnection::wait(Direction direction) {
  std::atomic<bool>& is_waiting = direction == Direction::Read ? waits_to_read_ : waits_to_send_;
  if (is_waiting) return;
  using Descriptor = asio::posix::stream_descriptor;
  if (!watched_) {
    Descriptor watched(reactor_.context());
    asio::error_code error;
    watched.assign(socket_.number(), error);
    if (error) return fail(error.value());
    watched_.emplace(std::move(watched));
  }
  is_waiting = true;
  try {
    watched_->async_wait(
        direction == Direction::Read ? Descriptor::wait_read : Descriptor::wait_write,
        [self = shared_from_this(), &is_waiting](asio::error_code error) {
          is_waiting = false;
          if (error != asio::error::operation_aborted) self->on_ready_();
        });
  } catch (const std::bad_alloc&) {
    is_waiting = false;
    throw;
  }
}

// ENOENT: there is no such Unix socket.
void SocketConnection::fail(int error) {
  const bool is_absent = error == ECONNREFUSED || error == ENOENT;
  Connection::fail(is_absent ? std::string(call::kNothingListens) : describe_error(error));
}

void SocketConnection::close() {
  if (!socket_.is_open()) return;
  if (!watched_) {
    (void)socket_.close();
    return;
  }
  (void)socket_.release();
  asio::error_code ignored;
  watched_->close(ignored);
}

void SocketConnection::reset() {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  if (socket_.is_open())
    (void)::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close();
}

// A client ends its direction after its parameters and waits, so its end says nothing. If it also closes a
// socket file, or resets the connection, the system says so. If it closes a TCP socket, its system only
// tells when it gets data for this socket: it resets the connection. Without a question, the probes of
// keep-alive find out when that system has forgotten the socket, on Linux after a minute.
void SocketConnection::ask() {
  if (!failure().empty() || !socket_.is_open()) return;
  if (poll(0) != 0) return Connection::fail("the peer closed the connection");
  if (question_.empty() || unsent_ != 0) return;
  send_bytes(Bytes(question_));
  flush();
}

short SocketConnection::poll(short events) const {
  pollfd polled = {.fd = socket_.number(), .events = events, .revents = 0};
  return ::poll(&polled, 1, 0) > 0 ? polled.revents : short{0};
}

bool SocketConnection::is_quiet() const {
  std::uint8_t byte = 0;
  return socket_.is_open() && ::recv(socket_.number(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace tenon::remote
