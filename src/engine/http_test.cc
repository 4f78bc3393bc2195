// The server alone: requests that no guest answers. tests/http_server.py has the handlers.
#include "engine/http.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "support/descriptor.h"

namespace tenon::engine::http_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr HttpServerLimits kLimits = {
    .connections = 4, .requests = 2, .body_bytes = 100, .header_bytes = 8192, .idle_ms = 10'000};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A server whose requests are answered by a function.
class Server final {
 public:
  explicit Server(std::function<void(HttpRequest)> answer)
      : server_(HttpServer::make(kLimits, std::move(answer), [this] { ++closed_; })) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket.number(), 8), 0);
    EXPECT_EQ(::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    EXPECT_TRUE(server_.listen(socket.release()));
  }

  // Sends bytes, and returns what comes back until the server closes the connection.
  [[nodiscard]] std::string send(std::string_view text) const {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port_);
    EXPECT_EQ(
        ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
        0);
    EXPECT_EQ(::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    std::string received;
    std::array<char, 4096> part = {};
    for (ssize_t size = 0; (size = ::recv(socket.number(), part.data(), part.size(), 0)) > 0;)
      received.append(part.data(), static_cast<std::size_t>(size));
    return received;
  }

  // Waits until this many connections have ended.
  void wait_for_closed(int count) const {
    while (closed_ < count) std::this_thread::yield();
  }
  [[nodiscard]] HttpServer& get() { return server_; }

 private:
  std::atomic<int> closed_ = 0;
  std::uint16_t port_ = 0;
  HttpServer server_;
};

TEST(HttpServers, PassOnRequests) {
  std::string seen;
  Server server([&](const HttpRequest& request) {
    seen = request.method() + " " + request.target() + " " + std::to_string(request.number());
    EXPECT_THAT(request.peer(), StartsWith("127.0.0.1:"));
    request.refuse(503);
  });
  const std::string answer =
      server.send("GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(answer, HasSubstr("503 Service Unavailable\n"));
  EXPECT_EQ(seen, "GET /a?b=c 1");
  server.wait_for_closed(1);
  EXPECT_EQ(server.get().connections(), 0u);
}

TEST(HttpServers, AnswerRequestsThatNobodyAnswers) {
  const Server server([](const HttpRequest&) {});
  EXPECT_THAT(server.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 500 "));
}

TEST(HttpServers, RefuseWhatIsNotValid) {
  const Server server([](const HttpRequest& request) { ADD_FAILURE() << request.target(); });
  EXPECT_THAT(server.send("hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(server.send("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(server.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(server.send("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(server.send("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
              StartsWith("HTTP/1.1 501 "));
}

TEST(HttpServers, EndIdleConnectionsWhenTheyDrain) {
  std::atomic<bool> is_answered = false;
  Server server([&](const HttpRequest& request) {
    request.refuse(404);
    is_answered = true;
  });
  std::thread client([&] {
    EXPECT_THAT(server.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  });
  while (!is_answered) std::this_thread::yield();
  server.get().drain();
  client.join();
  server.wait_for_closed(1);
}

}  // namespace
}  // namespace tenon::engine::http_test
