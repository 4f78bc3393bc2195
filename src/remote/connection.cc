#include "remote/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>
#include <utility>

namespace tenon::remote {

namespace {

constexpr std::size_t kGathered = 16;  // blocks that one system call sends

// "connection refused": the system begins its messages with a capital.
std::string describe_error(int error) {
  std::string text = std::system_category().message(error);
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

// A call is one message in each direction, which must not wait for others.
void send_at_once(Connection::Socket& socket, int family) {
  if (family != AF_INET && family != AF_INET6) return;
  const int on = 1;
  (void)setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

std::shared_ptr<Connection> Connection::connect(Reactor& reactor, const Endpoint& endpoint,
                                                OnReady on_ready) {
  auto connection = std::make_shared<Connection>(Socket(reactor.context()), std::move(on_ready));
  connection->begin(endpoint);
  return connection;
}

std::shared_ptr<Connection> Connection::adopt(Socket socket, OnReady on_ready) {
  asio::error_code error;
  socket.native_non_blocking(true, error);
  send_at_once(socket, socket.local_endpoint(error).protocol().family());
  return std::make_shared<Connection>(std::move(socket), std::move(on_ready));
}

void Connection::begin(const Endpoint& endpoint) {
  asio::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.native_non_blocking(true, error);
  if (error) return fail(error.value());
  send_at_once(socket_, endpoint.protocol().family());
  // While the connection is made, sending finds no room.
  if (::connect(socket_.native_handle(), endpoint.data(),
                static_cast<socklen_t>(endpoint.size())) != 0 &&
      errno != EINPROGRESS)
    fail(errno);
}

void Connection::send(Bytes bytes) {
  if (bytes.empty() || !failure_.empty()) return;
  unsent_ += bytes.size();
  queue_.push_back(std::move(bytes));
  flush();
}

void Connection::finish() {
  is_finishing_ = true;
  flush();
}

void Connection::flush() {
  if (!failure_.empty() || waits_to_send_) return;
  while (!queue_.empty()) {
    std::array<iovec, kGathered> blocks;
    std::size_t count = 0;
    for (; count < std::min(queue_.size(), kGathered); ++count) {
      const std::size_t skipped = count == 0 ? offset_ : 0;
      blocks[count] = {queue_[count].data() + skipped, queue_[count].size() - skipped};
    }
    msghdr message = {};
    message.msg_iov = blocks.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return fail(errno);
      return wait_to_send();
    }
    has_sent_ = true;
    unsent_ -= static_cast<std::size_t>(sent);
    offset_ += static_cast<std::size_t>(sent);
    while (!queue_.empty() && offset_ >= queue_.front().size()) {
      offset_ -= queue_.front().size();
      queue_.pop_front();
    }
  }
  if (std::exchange(is_finishing_, false)) {
    asio::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
}

std::span<std::uint8_t> Connection::buffer() {
  if (was_full_ && large_buffer_ == nullptr)
    large_buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(kLargeBuffer);
  if (large_buffer_ != nullptr) return {large_buffer_.get(), kLargeBuffer};
  return small_buffer_;
}

Connection::Arrived Connection::read() {
  using Kind = Arrived::Kind;
  if (!failure_.empty()) return {Kind::Failure};
  if (waits_to_read_) return {Kind::Nothing};
  const std::span<std::uint8_t> to = buffer();
  while (true) {
    const ssize_t size = ::recv(socket_.native_handle(), to.data(), to.size(), 0);
    if (size > 0) {
      const Arrived arrived{Kind::Data, to.first(static_cast<std::size_t>(size))};
      was_full_ = arrived.data.size() == to.size();
      return arrived;
    }
    if (size == 0) return {Kind::End};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_to_read();
      return {Kind::Nothing};
    }
    fail(errno);
    return {Kind::Failure};
  }
}

void Connection::wait_to_read() {
  waits_to_read_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](asio::error_code error) {
    self->waits_to_read_ = false;
    if (error != asio::error::operation_aborted) self->on_ready_();
  });
}

void Connection::wait_to_send() {
  waits_to_send_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](asio::error_code error) {
    self->waits_to_send_ = false;
    if (error != asio::error::operation_aborted) self->on_ready_();
  });
}

void Connection::fail(int error) {
  failure_ = describe_error(error);
  queue_.clear();
  unsent_ = 0;
}

void Connection::close() {
  asio::error_code ignored;
  socket_.close(ignored);
}

void Connection::reset() {
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

}  // namespace tenon::remote
