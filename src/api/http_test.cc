// HTTP requests of a program's composition. tests/http_server.py has what clients see.
#include "tenon/http.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/descriptor.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/remote.h"

namespace tenon::http_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kAnswers = TENON_SOURCE_DIR "/tests/http/answers02.wat";

// The answer of a server to a GET of this path.
std::string get(std::string_view url, std::string_view path) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::atoi(url.substr(url.rfind(':') + 1).data())));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return "no connection";
  const std::string request =
      "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  std::string received;
  std::array<char, 4096> part = {};
  for (ssize_t size = 0; (size = ::recv(socket.number(), part.data(), part.size(), 0)) > 0;)
    received.append(part.data(), static_cast<std::size_t>(size));
  return received;
}

TEST(HttpServing, ReportsFailures) {
  CompositionBuilder builder;
  builder.add_component("site", kAnswers);
  builder.prepare_http(2);
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  std::mutex mutex;
  std::vector<HttpFailure> failures;
  const auto note = [&](const HttpFailure& failure) {
    const std::lock_guard lock(mutex);
    failures.push_back(failure);
  };
  Result<Server> server = site->serve({.http = {.listen = {"127.0.0.1:0"}, .on_failure = note}});
  ASSERT_TRUE(server) << server.error().front().message;
  const std::string url(server->addresses().front());
  ASSERT_EQ(server->functions().size(), 1u);
  EXPECT_EQ(server->functions().front().interface, "wasi:http/incoming-handler@0.2.0");
  bool has_drained = false;
  std::thread serving([&] { has_drained = server->run(); });
  EXPECT_THAT(get(url, "/"), HasSubstr("hello from 0.2"));
  EXPECT_THAT(get(url, "/none"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(get(url, "/trap?a=b"), StartsWith("HTTP/1.1 500 "));
  server->stop();
  serving.join();
  EXPECT_TRUE(has_drained);
  EXPECT_EQ(server->counts().calls, 3u);
  EXPECT_EQ(server->counts().failures, 2u);
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_EQ(failures[0].number, 2u);
  ASSERT_EQ(failures[0].failure.problems.size(), 1u);
  EXPECT_EQ(failures[0].failure.problems[0].code, "http-response");
  EXPECT_EQ(failures[1].target, "/trap?a=b");
  EXPECT_EQ(failures[1].method, "GET");
  EXPECT_THAT(failures[1].peer, StartsWith("127.0.0.1:"));
  EXPECT_EQ(failures[1].failure.kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failures[1].failure.function, "wasi:http/incoming-handler@0.2.0#handle");
}

std::string problem_of(CompositionBuilder& builder) {
  Result<Composition> composition = builder.build();
  if (!composition) return composition.error().front().message;
  const Result<Server> server = composition->serve({.http = {.listen = {"127.0.0.1:0"}}});
  if (server) return "none";
  EXPECT_EQ(server.error().front().code, "http-handler");
  return server.error().front().message;
}

TEST(HttpServing, NeedsAHandlerWithInstances) {
  CompositionBuilder without_instances;
  without_instances.add_component("site", kAnswers);
  EXPECT_THAT(problem_of(without_instances), HasSubstr("without instances"));
  CompositionBuilder without_handler;
  without_handler.add_component("kinds", TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat");
  without_handler.prepare_http();
  EXPECT_THAT(problem_of(without_handler), HasSubstr("exports neither"));
}

}  // namespace
}  // namespace tenon::http_test
