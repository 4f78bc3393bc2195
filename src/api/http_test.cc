// HTTP requests of a program's composition. tests/http_server.py has what clients see.
#include "tenon/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/remote.h"
#include "tests/support/http_exchange.h"

namespace tenon::http_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kAnswers = TENON_SOURCE_DIR "/tests/http/answers02.wat";

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
  EXPECT_THAT(http_get(url, "/"), HasSubstr("hello from 0.2"));
  EXPECT_THAT(http_get(url, "/none"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(http_get(url, "/trap?a=b"), StartsWith("HTTP/1.1 500 "));
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

TEST(HttpServing, HasRoutes) {
  CompositionBuilder builder;
  builder.add_component("site", kAnswers).add_component("other", kAnswers);
  builder.isolate("site").isolate("other").prepare_http(2);
  builder.add_http_route({.path = "/a/*", .unit = "site"});
  builder.add_http_route({.path = "/b", .methods = {"PUT"}, .unit = "other"});
  const Result<Plan> plan = builder.plan();
  ASSERT_TRUE(plan) << plan.error().front().message;
  ASSERT_EQ(plan->routes.size(), 2u);
  EXPECT_EQ(plan->routes[0].unit, "other");
  EXPECT_EQ(plan->routes[1].handler, "wasi:http/incoming-handler@0.2.0");
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  Result<Server> server = site->serve({.http = {.listen = {"127.0.0.1:0"}, .health = true}});
  ASSERT_TRUE(server) << server.error().front().message;
  const std::string url(server->addresses().front());
  std::thread serving([&] { server->run(); });
  EXPECT_THAT(http_get(url, "/a"), HasSubstr("hello from 0.2"));
  EXPECT_THAT(http_get(url, "/b"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(http_get(url, "/c"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(http_get(url, "/-/health"), HasSubstr("ok\n"));
  const Result<bool> reopened = server->reopen_log();
  EXPECT_TRUE(reopened && !*reopened);
  server->stop();
  serving.join();
  EXPECT_EQ(server->counts().calls, 1u);
}

// Sockets of programs that do not ignore SIGPIPE must not raise it.
TEST(HttpServing, ClientsThatLeaveDoNotEndTheProgram) {
  CompositionBuilder builder;
  builder.add_component("site", kAnswers);
  builder.prepare_http(4);
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  Result<Server> server = site->serve({.http = {.listen = {"127.0.0.1:0"}}});
  ASSERT_TRUE(server) << server.error().front().message;
  const std::string url(server->addresses().front());
  std::thread serving([&] { server->run(); });
  for (int client = 0; client < 100; ++client)
    (void)http_send(url, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
  EXPECT_THAT(http_get(url, "/"), HasSubstr("hello from 0.2"));
  server->stop();
  serving.join();
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

const std::string kAnswers03 = TENON_SOURCE_DIR "/tests/http/answers03.wat";

TEST(HttpServing, ReusesInstances) {
  CompositionBuilder builder;
  builder.add_component("site", kAnswers);
  builder.prepare_http(1);
  builder.http_instances() = {.reuse = 2, .warm = 1};
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  Result<Server> server = site->serve({.http = {.listen = {"127.0.0.1:0"}}});
  ASSERT_TRUE(server) << server.error().front().message;
  const std::string url(server->addresses().front());
  std::thread serving([&] { server->run(); });
  EXPECT_THAT(http_get(url, "/more"), HasSubstr("hello from 0.3\n"));
  EXPECT_THAT(http_get(url, "/more"), HasSubstr("hello from 0.4\n"));
  EXPECT_THAT(http_get(url, "/more"), HasSubstr("hello from 0.3\n"));
  EXPECT_THAT(http_get(url, "/trap"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(http_get(url, "/more"), HasSubstr("hello from 0.3\n"));
  server->stop();
  serving.join();
}

// The value of the first sample of a metric.
std::string metric(std::string_view metrics, std::string_view name) {
  const std::string text = http_get(metrics, "/metrics");
  const std::size_t at = text.find("\n" + std::string(name) + "{");
  if (at == std::string::npos) return {};
  const std::size_t value = text.find("} ", at) + 2;
  return text.substr(value, text.find('\n', value) - value);
}

bool comes_to(std::string_view metrics, std::string_view name, std::string_view value) {
  for (int i = 0; i < 1000; ++i) {
    if (metric(metrics, name) == value) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(HttpServing, EndsExtraInstancesAfterABurst) {
  CompositionBuilder builder;
  builder.add_component("site", kAnswers);
  builder.prepare_http(4);
  builder.http_instances() = {.reuse = 100, .warm = 1, .idle = std::chrono::milliseconds(50)};
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  Result<Server> server =
      site->serve({.http = {.listen = {"127.0.0.1:0"}, .metrics = "127.0.0.1:0"}});
  ASSERT_TRUE(server) << server.error().front().message;
  const std::string url(server->addresses().front());
  const std::string metrics(server->addresses().back());
  std::thread serving([&] { server->run(); });
  std::vector<Descriptor> clients;
  for (int i = 0; i < 4; ++i)
    clients.push_back(
        http_send(url, "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"));
  EXPECT_TRUE(comes_to(metrics, "tenon_domain_calls_in_progress", "4"));
  EXPECT_EQ(metric(metrics, "tenon_domain_instances"), "4");
  for (const Descriptor& client : clients)
    EXPECT_EQ(::send(client.number(), "a", 1, MSG_NOSIGNAL), 1);
  EXPECT_TRUE(comes_to(metrics, "tenon_domain_instances", "1"));
  server->stop();
  serving.join();
}

std::string problem_of_sharing(const std::string& path, const HttpInstances& use) {
  CompositionBuilder builder;
  builder.add_component("site", path);
  builder.prepare_http();
  builder.http_instances() = use;
  return problem_of(builder);
}

TEST(HttpServing, SharesInstancesOfWasi03Alone) {
  EXPECT_THAT(problem_of_sharing(kAnswers, {.reuse = 8, .share = 4}), HasSubstr("WASI 0.2"));
  EXPECT_THAT(problem_of_sharing(kAnswers03, {.reuse = 2, .share = 4}),
              HasSubstr("it ends after 2"));
  EXPECT_EQ(problem_of_sharing(kAnswers03, {.reuse = 4, .share = 4}), "none");
}

TEST(HttpServing, NeedsACertificateForTls) {
  CompositionBuilder builder;
  builder.add_component("site", kAnswers);
  builder.prepare_http();
  Result<Composition> site = builder.build();
  ASSERT_TRUE(site) << site.error().front().message;
  const Result<Server> server = site->serve({.http = {.listen = {"https://127.0.0.1:0"}}});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().front().code, "remote-tls");
}

}  // namespace
}  // namespace tenon::http_test
