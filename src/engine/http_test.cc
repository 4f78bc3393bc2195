// The server alone: requests that no guest answers. tests/http_server.py has the handlers.
#include "engine/http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/descriptor.h"

namespace tenon::engine::http_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr HttpServerLimits kLimits = {.connections = 16,
                                      .body_bytes = 100,
                                      .header_bytes = 8192,
                                      .header_ms = 10'000,
                                      .idle_ms = 10'000};
constexpr std::array kQueues = {HttpQueue{.requests = 2, .client_waiting = 8}};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A report as one line of text.
std::string print(const HttpReport& report) {
  return std::string(report.method) + " " + std::string(report.target) + " " +
         std::to_string(report.status) + " " + std::to_string(report.body_bytes);
}

// A server whose requests are answered by a function.
class Server final {
 public:
  explicit Server(std::function<void(HttpRequest)> answer, HttpServerLimits limits = kLimits)
      : server_(HttpServer::make(limits, kQueues,
                                 {.route = [](const HttpRequest&) { return std::size_t{0}; },
                                  .request = std::move(answer),
                                  .done =
                                      [this](const HttpReport& report) {
                                        if (report.status == 0) ++left_;
                                        const std::lock_guard lock(mutex_);
                                        reports_.push_back(print(report));
                                      },
                                  .closed = [this] { ++closed_; }})) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket.number(), 8), 0);
    EXPECT_EQ(::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    EXPECT_TRUE(server_.listen(socket.release(), HttpServer::SocketKind::Tcp, nullptr));
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
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The requests whose clients have left.
  [[nodiscard]] int left() const { return left_; }
  [[nodiscard]] HttpServer& get() { return server_; }
  [[nodiscard]] std::vector<std::string> reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

 private:
  std::atomic<int> closed_ = 0;
  std::atomic<int> left_ = 0;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> reports_;
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

std::string ask(Server& server, std::string_view method, std::string_view version = "1.1") {
  return server.send(std::string(method) + " / HTTP/" + std::string(version) +
                     "\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(HttpServers, SendResponses) {
  Server server([](const HttpRequest& request) {
    EXPECT_TRUE(request.respond({.status = 201, .fields = {{"A", "b"}}, .body = "text"}));
    // The first answer counts.
    request.refuse(500);
  });
  const std::string answer = ask(server, "GET");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(answer, HasSubstr("a: b\r\n"));
  EXPECT_THAT(answer, HasSubstr("content-length: 4\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\ntext"));
  const std::string head = ask(server, "HEAD");
  EXPECT_THAT(head, HasSubstr("content-length: 4\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  server.wait_for_closed(2);
  EXPECT_THAT(server.reports(), ElementsAre("GET / 201 4", "HEAD / 201 0"));
}

TEST(HttpServers, SendPartsOfFiles) {
  constexpr std::size_t kSize = 1 << 20;
  std::string content;
  for (std::size_t i = 0; content.size() < kSize; ++i) content += std::to_string(i);
  const std::string path = testing::TempDir() + "/http_test_file";
  std::ofstream(path, std::ios::binary) << content;
  Server server([&](const HttpRequest& request) {
    HttpResponse response;
    response.file.emplace(Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), 5, kSize - 10);
    EXPECT_TRUE(request.respond(std::move(response)));
  });
  const std::string answer = ask(server, "GET");
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), content.substr(5, kSize - 10));
  // A file that has become shorter breaks the connection off.
  std::ofstream(path, std::ios::binary) << "short";
  EXPECT_LT(ask(server, "GET").size(), 1000u);
}

TEST(HttpServers, RefuseFieldsThatCouldEndOthers) {
  Server server([](const HttpRequest& request) {
    for (const auto& [name, value] :
         HttpFields{{"a", "b\r\nc: d"}, {"a b", "c"}, {"content-length", "3"}, {"", "a"}}) {
      const Result<void> responded = request.respond({.fields = {{name, value}}});
      EXPECT_FALSE(responded) << name;
    }
    EXPECT_FALSE(request.respond({.status = 100}));
    EXPECT_FALSE(request.respond({.status = 99}));
    EXPECT_TRUE(request.respond({.status = 204, .body = "dropped"}));
  });
  EXPECT_THAT(ask(server, "GET"), AllOf(StartsWith("HTTP/1.1 204 "), Not(HasSubstr("dropped"))));
}

// As many connections as there can be: more than the engine can count.
TEST(HttpServers, HaveNoLimitOfConnections) {
  HttpServerLimits limits = kLimits;
  limits.connections = std::numeric_limits<std::size_t>::max();
  Server server([](const HttpRequest& request) { request.refuse(503); }, limits);
  EXPECT_THAT(ask(server, "GET"), StartsWith("HTTP/1.1 503 "));
}

TEST(HttpServers, GiveFields) {
  Server server([](const HttpRequest& request) {
    EXPECT_EQ(request.field("A"), "1, 2");
    EXPECT_EQ(request.field("b"), std::nullopt);
    EXPECT_EQ(request.authority(), "x:80");
    request.refuse(404);
  });
  EXPECT_THAT(
      server.send("GET / HTTP/1.1\r\nHost: x:80\r\nA: 1\r\na: 2\r\nConnection: close\r\n\r\n"),
      StartsWith("HTTP/1.1 404 "));
}

TEST(HttpServers, EndConnectionsWhoseFieldsComeTooSlowly) {
  HttpServerLimits limits = kLimits;
  limits.header_ms = 200;
  Server server([](const HttpRequest& request) { request.refuse(404); }, limits);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.send("GET / HTTP/1.1\r\nHost:"), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
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

// A client that sends this and leaves, after a while.
void send_and_leave(std::uint16_t port, std::string_view text, const std::function<void()>& wait) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  ASSERT_EQ(
      ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
  wait();
}

TEST(HttpServers, TellThatAClientHasLeft) {
  std::mutex mutex;
  std::vector<HttpRequest> kept;
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return kept.size();
  };
  Server server([&](HttpRequest request) {
    EXPECT_TRUE(request.is_awaited());
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(request));
  });
  // A request whose client leaves before it is handled is dropped.
  send_and_leave(server.port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n", [&] {
    while (count() == 0) std::this_thread::yield();
  });
  while (server.left() == 0) std::this_thread::yield();
  EXPECT_FALSE(kept.front().is_awaited());
  server.wait_for_closed(1);
}

TEST(HttpServers, RefuseMoreWaitingRequestsOfAClient) {
  std::mutex mutex;
  std::vector<HttpRequest> kept;
  Server server([&](HttpRequest request) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(request));
  });
  // Two are let in, and eight wait.
  std::vector<std::thread> clients;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 13; ++i)
    clients.emplace_back([&] {
      const std::string answer =
          server.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      if (answer.find("HTTP/1.1 503 ") == 0 && answer.find("retry-after: 1") != answer.npos)
        ++refused;
    });
  while (refused < 3) std::this_thread::yield();
  for (int answered = 0; answered < 10;) {
    const std::lock_guard lock(mutex);
    answered += static_cast<int>(kept.size());
    kept.clear();
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(refused, 3);
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
