// Requests of HTTP while allocations of all threads fail, those of the engine that serve connections included.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "tenon/composition.h"
#include "tenon/http.h"
#include "tenon/remote.h"
#include "tests/memory/small_units.h"
#include "tests/support/failing_memory.h"
#include "tests/support/http_exchange.h"
#include "tests/support/loopback_server.h"
#include "tests/support/temporary_folder.h"

namespace tenon::memory_test::http_requests_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::Attempt;
using failing_memory::fail_each;
using failing_memory::Threads;

const std::string kHttp = TENON_SOURCE_DIR "/tests/http/";
const std::string kGuests = TENON_SOURCE_DIR "/tests/guests/http/wasm/";

using Response = CallResult<HttpResponse>;

Task<Response> answer(HttpRequest request, HttpNext /*next*/) {
  const CallResult<std::string> body = co_await request.body.read_all();
  if (!body) co_return body.error();
  co_return HttpResponse{.status = 200,
                         .fields = {{"x-by", "a handler of the program"}},
                         .body = request.method + " " + *body};
}

Task<Response> mark(HttpRequest request, HttpNext next) {
  request.fields.emplace_back("x-in", "a field that is longer than what a string holds");
  Response response = co_await next(std::move(request));
  if (response) response->fields.emplace_back("x-out", "the same for the response");
  co_return response;
}

const std::string kPart(std::size_t{100'000}, 'x');

// Without memory, the body breaks off.
Task<void> write_parts(HttpBodyWriter to) {
  try {
    for (int i = 0; i < 2; ++i) {
      const CallResult<bool> is_read = co_await to.write(kPart);
      if (!is_read || !*is_read) co_return;
    }
    EXPECT_TRUE(to.close({{"x-end", "a trailer that is longer than what a string holds"}}));
  } catch (const std::bad_alloc&) {
  }
}

Task<Response> answer_in_parts(HttpRequest /*request*/, HttpNext /*next*/) {
  auto [writer, body] = make_http_body();
  write_parts(std::move(writer)).then([] {});
  co_return HttpResponse{.body = std::move(body)};
}

Diagnostic no_memory() { return make_diagnostic(Code::ApiMemory, "out of memory"); }

// A composition that answers HTTP, with all that a server can do for each request.
class Site {
 public:
  explicit Site(const std::function<void(CompositionBuilder&)>& describe) {
    CompositionBuilder builder;
    builder.prepare_http(4);
    describe(builder);
    site_.emplace(build_again(builder));
    Result<Server> server = site_->serve(
        {.http = {.listen = {"127.0.0.1:0"},
                  .in_process = true,
                  .metrics = "127.0.0.1:0",
                  .access_log = HttpLog::Json,
                  .access_log_file = (folder_.path() / "access.log").string(),
                  .on_failure = [this](const HttpFailure& /*failure*/) { ++failures_; }}});
    if (server)
      server_.emplace(*std::move(server));
    else
      ADD_FAILURE() << server.error().front().message;
  }

  // Sends a request within the process, and reads the body.
  [[nodiscard]] Result<void> send(HttpRequest request) {
    std::optional<Response> response = server_->send(std::move(request)).wait(10s);
    if (!response) return make_diagnostic(Code::RunTrap, "the request has no outcome");
    if (!*response) return failure_diagnostic(response->error());
    const auto body = (*response)->body.read_all().wait(10s);
    if (!body) return make_diagnostic(Code::RunTrap, "the body has no end");
    if (!*body) return failure_diagnostic(body->error());
    return check_status((*response)->status);
  }

  // The same over a connection. The client needs no memory.
  [[nodiscard]] Result<void> exchange(std::string_view request) {
    const Descriptor client = http_send(server_->addresses().front(), request);
    std::array<char, 4096> received = {};
    std::size_t size = 0;
    for (const auto end = std::chrono::steady_clock::now() + 10s;;) {
      if (std::chrono::steady_clock::now() > end)
        return make_diagnostic(Code::RunTrap, "the connection does not end");
      (void)site_->run_for(1ms);
      pollfd readable = {.fd = client.number(), .events = POLLIN, .revents = 0};
      if (::poll(&readable, 1, 0) == 0) continue;
      const ssize_t part =
          ::recv(client.number(), received.data() + size, received.size() - size, 0);
      if (part <= 0) break;
      size += static_cast<std::size_t>(part);
    }
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    if (!std::string_view(received.data(), size).starts_with(kVersion)) return no_memory();
    return check_status(static_cast<std::uint16_t>(std::atoi(received.data() + kVersion.size())));
  }
  // A client that leaves.
  void leave(std::string_view request) {
    {
      const Descriptor client = http_send(server_->addresses().front(), request);
      (void)site_->run_for(1ms);
    }
    (void)site_->run_for(1ms);
  }

  // Lets requests end.
  void settle() {
    for (int i = 0; i < 1000 && server_->counts().in_progress != 0; ++i) (void)site_->run_for(1ms);
    EXPECT_EQ(server_->counts().in_progress, 0U);
  }
  [[nodiscard]] std::string address() const { return std::string(server_->addresses().front()); }
  [[nodiscard]] Attempt attempt() {
    return {.clean = [this] { settle(); }, .threads = Threads::All};
  }

 private:
  static Result<void> check_status(std::uint16_t status) {
    if (status == 200) return {};
    if (status == 500 || status == 502 || status == 503) return no_memory();
    return make_diagnostic(Code::RunTrap, "the status is {}", status);
  }

  TemporaryFolder folder_;
  std::size_t failures_ = 0;
  std::optional<Composition> site_;
  std::optional<Server> server_;
};

constexpr std::string_view kGet =
    "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a client with a name that needs memory\r\n"
    "Connection: close\r\n\r\n";

class HttpRequests : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Guests, HttpRequests, testing::Values("answers02.wat", "answers03.wat"));

TEST_P(HttpRequests, AreSentByTheProgram) {
  Site site(
      [&](CompositionBuilder& builder) { builder.add_component("site", kHttp + GetParam()); });
  fail_each([&] { return site.send({.target = "/"}); }, site.attempt());
}

TEST_P(HttpRequests, AreSentByClients) {
  Site site(
      [&](CompositionBuilder& builder) { builder.add_component("site", kHttp + GetParam()); });
  fail_each([&] { return site.exchange(kGet); }, site.attempt());
}

TEST_P(HttpRequests, AreLeftByClients) {
  Site site(
      [&](CompositionBuilder& builder) { builder.add_component("site", kHttp + GetParam()); });
  fail_each([&] { site.leave(kGet); }, site.attempt());
}

TEST(HttpRequestsToTheProgram, AreAnswered) {
  Site site([](CompositionBuilder& builder) {
    builder.add_component("site", kHttp + "answers03.wat");
    builder.add_http_route({.path = "/own", .handler = answer});
    builder.add_http_route({.path = "/*", .handler = mark, .unit = "site"});
  });
  fail_each([&] { return site.send({.method = "POST", .target = "/own", .body = "abc"}); },
            site.attempt());
  fail_each([&] { return site.send({.target = "/"}); }, site.attempt());
}

TEST(HttpRequestsToTheProgram, AreAnsweredInParts) {
  Site site([](CompositionBuilder& builder) {
    builder.add_component("site", kHttp + "answers03.wat");
    builder.add_http_route({.path = "/parts", .handler = answer_in_parts});
    builder.add_http_route({.path = "/*", .unit = "site"});
  });
  fail_each(
      [&]() -> Result<void> {
        Result<void> sent = site.send({.target = "/parts"});
        if (!sent && sent.error().front().message.find("the body broke off") != std::string::npos)
          return no_memory();
        return sent;
      },
      site.attempt());
}

TEST(HttpRequestsForFiles, AreAnswered) {
  const TemporaryFolder files;
  files.write("page.html", "a page");
  Site site([&](CompositionBuilder& builder) {
    builder.add_component("site", kHttp + "answers03.wat");
    builder.add_http_route({.path = "/files/*", .folder = files.path().string()});
    builder.add_http_route({.path = "/*", .unit = "site"});
  });
  fail_each([&] { return site.send({.target = "/files/page.html"}); }, site.attempt());
}

// Answers each connection in the same way, without memory.
class OtherServer final {
 public:
  OtherServer()
      : thread_([this] {
          for (Descriptor client = socket_.accept(); client.is_open(); client = socket_.accept())
            answer(client.number());
        }) {}
  OtherServer(const OtherServer&) = delete;
  OtherServer& operator=(const OtherServer&) = delete;
  ~OtherServer() {
    socket_.shut_down();
    thread_.join();
  }
  [[nodiscard]] std::string host() const { return socket_.host(); }

 private:
  static void answer(int client) {
    std::array<char, 4096> request = {};
    if (::recv(client, request.data(), request.size(), 0) <= 0) return;
    constexpr std::string_view kAnswer =
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
    (void)::send(client, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    // Until the client has closed it: a reset could overtake the answer.
    ::shutdown(client, SHUT_WR);
    while (::recv(client, request.data(), request.size(), 0) > 0) {
    }
  }

  LoopbackSocket socket_{16};
  std::thread thread_;
};

// By gateways of both versions of WASI, which send what they get.
class HttpRequestsOfGuests : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::string gateway() const { return kGuests + GetParam(); }
  static HttpRequest to(std::string url) {
    return {.method = "POST", .fields = {{"x-target", std::move(url)}}, .body = "abc"};
  }
};
INSTANTIATE_TEST_SUITE_P(Guests, HttpRequestsOfGuests,
                         testing::Values("gateway02.wasm", "gateway03.wasm"));

TEST_P(HttpRequestsOfGuests, AreAnsweredByTheProgram) {
  Site site([&](CompositionBuilder& builder) {
    builder.add_component("site", gateway());
    builder.add_http_client(answer);
  });
  fail_each([&] { return site.send(to("http://api.example/")); }, site.attempt());
}

TEST_P(HttpRequestsOfGuests, AreSentToOthers) {
  OtherServer other;
  Site site([&](CompositionBuilder& builder) {
    builder.add_component("site", gateway());
    builder.grants().http = {"http://" + other.host()};
  });
  fail_each([&] { return site.send(to("http://" + other.host() + "/")); }, site.attempt());
}

}  // namespace
}  // namespace tenon::memory_test::http_requests_test
