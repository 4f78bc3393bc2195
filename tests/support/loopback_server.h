// A local HTTP server for tests. A function returns the bytes of each answer, so it can violate the
// protocol in any way.
//
//   LoopbackServer server([](const ServedRequest&) { return make_reply(200, "hello"); });
//   server.url("/x")   // "http://127.0.0.1:40123/x"
#pragma once

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/descriptor.h"

namespace tenon {

struct ServedRequest {
  std::string method;
  std::string target;  // path and query
  std::string head;    // the lines of the head, with `\r\n`
  std::string body;

  // The value of a header, or empty. name: as libcurl writes it.
  [[nodiscard]] std::string header(std::string_view name) const {
    const std::string line = fmt::format("\r\n{}: ", name);
    const std::size_t begin = head.find(line);
    if (begin == std::string::npos) return {};
    const std::size_t value = begin + line.size();
    return head.substr(value, head.find("\r\n", value) - value);
  }
};

// Stall: keeps the connection open without sending more. Repeat: sends bytes forever.
enum class AfterReply { Close, Stall, Repeat };

struct Reply {
  std::string bytes;
  AfterReply after = AfterReply::Close;
};

// headers: complete lines, each with `\r\n`.
inline Reply make_reply(int status, std::string_view body, std::string_view headers = {}) {
  return {fmt::format("HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n{}",
                      status, body.size(), headers, body)};
}

// A socket that listens on a free port of 127.0.0.1.
class LoopbackSocket final {
 public:
  explicit LoopbackSocket(int backlog) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const general = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.number(), general, size), 0);
    EXPECT_EQ(::listen(socket_.number(), backlog), 0);
    EXPECT_EQ(::getsockname(socket_.number(), general, &size), 0);
    port_ = ntohs(address.sin_port);
  }

  // "127.0.0.1:40123"
  [[nodiscard]] std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
  // The next connection; not open after `shut_down`.
  [[nodiscard]] Descriptor accept() {
    return Descriptor(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  // Ends `accept` on another thread.
  void shut_down() { ::shutdown(socket_.number(), SHUT_RDWR); }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

// Serves one connection after the other, one request each, until it is destroyed.
class LoopbackServer final {
 public:
  using Handler = std::function<Reply(const ServedRequest&)>;

  explicit LoopbackServer(Handler handler) : handler_(std::move(handler)) {
    thread_ = std::thread([this] { serve(); });
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() {
    stopping_ = true;
    socket_.shut_down();
    {
      const std::scoped_lock lock(mutex_);
      if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
    }
    thread_.join();
  }

  // "127.0.0.1:40123"
  [[nodiscard]] std::string host() const { return socket_.host(); }
  [[nodiscard]] std::string url(std::string_view target) const {
    return fmt::format("http://{}{}", host(), target);
  }
  // The requests so far, such as "GET /x".
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stopping_) {
      const Descriptor connection = socket_.accept();
      if (!connection.is_open()) continue;
      set_current(connection.number());
      if (!stopping_) answer(connection.number());
      set_current(-1);
    }
  }

  void set_current(int connection) {
    const std::scoped_lock lock(mutex_);
    current_ = connection;
  }

  void answer(int connection) {
    ServedRequest request;
    if (!read_request(connection, request)) return;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request.method + ' ' + request.target);
    }
    const Reply reply = handler_(request);
    bool is_open = send_all(connection, reply.bytes);
    while (is_open && reply.after == AfterReply::Repeat && !stopping_)
      is_open = send_all(connection, reply.bytes);
    // Waits until the client gives up.
    std::string rest;
    while (is_open && reply.after == AfterReply::Stall && read_more(connection, rest)) rest.clear();
  }

  static bool read_more(int connection, std::string& text) {
    char room[65536];
    const ssize_t count = ::recv(connection, room, sizeof room, 0);
    if (count > 0) text.append(room, static_cast<std::size_t>(count));
    return count > 0;
  }

  static bool read_request(int connection, ServedRequest& request) {
    std::size_t end = std::string::npos;
    while ((end = request.head.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(connection, request.head)) return false;
    request.body = request.head.substr(end + 4);
    request.head.resize(end + 2);
    const std::size_t space = request.head.find(' ');
    request.method = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    const std::string length = request.header("Content-Length");
    const std::size_t wanted = length.empty() ? 0 : std::stoul(length);
    while (request.body.size() < wanted)
      if (!read_more(connection, request.body)) return false;
    return true;
  }

  static bool send_all(int connection, std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  Handler handler_;
  LoopbackSocket socket_{16};
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  int current_ = -1;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace tenon
