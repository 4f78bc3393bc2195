#include "http/access_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "http/metrics.h"

namespace tenon::http::access_log_test {
namespace {

using testing::HasSubstr;

Exchange make_exchange() {
  return {.number = 7,
          .end = std::chrono::system_clock::time_point(std::chrono::milliseconds(784111777123)),
          .client = "127.0.0.1",
          .peer = "127.0.0.1:41234",
          .method = "GET",
          .host = "example.org",
          .target = "/a?b",
          .referer = {},
          .agent = "curl/8.5.0",
          .trace = {},
          .unit = "site",
          .route = "/*",
          .status = 200,
          .version = 20,
          .body_bytes = 12,
          .duration = std::chrono::microseconds(3412)};
}

TEST(AccessLogs, HaveTheCommonForm) {
  EXPECT_EQ(print_common(make_exchange()),
            "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /a?b HTTP/2.0\" 200 12 \"-\" "
            "\"curl/8.5.0\" 7 \"site\" 3.412ms -\n");
}

TEST(AccessLogs, SayWhyARequestBrokeOff) {
  Exchange exchange = make_exchange();
  EXPECT_EQ(nlohmann::json::parse(print_json(exchange))["abort"], "");
  exchange.abort = engine::HttpAbort::ClientLeft;
  EXPECT_THAT(print_common(exchange), HasSubstr(" 3.412ms client-left\n"));
  EXPECT_EQ(nlohmann::json::parse(print_json(exchange))["abort"], "client-left");
}

TEST(AccessLogs, HaveAJsonForm) {
  const auto line = nlohmann::json::parse(print_json(make_exchange()));
  EXPECT_EQ(line["time"], "1994-11-06T08:49:37.123Z");
  EXPECT_EQ(line["request"], 7);
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["duration_ms"], 3.412);
  EXPECT_EQ(line["unit"], "site");
}

TEST(AccessLogs, AreNotChangedByClients) {
  Exchange exchange = make_exchange();
  exchange.agent = "a\"\n\\\x1b\xff 200";
  exchange.target = "/\r\nb";
  const std::string common = print_common(exchange);
  EXPECT_THAT(common, HasSubstr("\"a\\x22\\x0A\\x5C\\x1B\\xFF 200\""));
  EXPECT_EQ(std::ranges::count(common, '\n'), 1);
  EXPECT_EQ(std::ranges::count(common, '"'), 8);
  const std::string json = print_json(exchange);
  EXPECT_EQ(std::ranges::count(json, '\n'), 1);
  EXPECT_TRUE(
      std::ranges::all_of(json, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  EXPECT_EQ(nlohmann::json::parse(json)["target"], "/\r\nb");
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AccessLogs, CanBeRotated) {
  const std::string path = testing::TempDir() + "/access_log_test";
  const std::string old = path + ".1";
  std::remove(path.c_str());
  Result<std::unique_ptr<AccessLog>> log = AccessLog::open(HttpLog::Json, path);
  ASSERT_TRUE(log);
  (*log)->add(make_exchange());
  ASSERT_EQ(std::rename(path.c_str(), old.c_str()), 0);
  (*log)->add(make_exchange());
  EXPECT_TRUE(*(*log)->reopen());
  (*log)->add(make_exchange());
  EXPECT_EQ(std::ranges::count(read(old), '\n'), 2);
  EXPECT_EQ(std::ranges::count(read(path), '\n'), 1);
  const auto refused = AccessLog::open(HttpLog::Json, testing::TempDir() + "/none/log");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "write-file");
}

TEST(HttpMetrics, CountByUnitAndStatus) {
  Metrics metrics;
  metrics.add(make_exchange());
  Exchange other = make_exchange();
  other.unit = "a\"b\\\n";
  other.duration = std::chrono::seconds(60);
  metrics.add(other);
  MetricText text;
  metrics.print(text);
  EXPECT_THAT(text.text(), HasSubstr("tenon_http_requests_total{unit=\"site\",code=\"200\"} 1\n"));
  EXPECT_THAT(text.text(), HasSubstr("{unit=\"a\\\"b\\\\\\n\",code=\"200\"} 1\n"));
  EXPECT_THAT(
      text.text(),
      HasSubstr("tenon_http_request_duration_seconds_bucket{unit=\"site\",le=\"0.0025\"} 0\n"));
  EXPECT_THAT(
      text.text(),
      HasSubstr("tenon_http_request_duration_seconds_bucket{unit=\"site\",le=\"0.005\"} 1\n"));
  EXPECT_THAT(text.text(), HasSubstr("le=\"+Inf\"} 1\n"));
}

}  // namespace
}  // namespace tenon::http::access_log_test
