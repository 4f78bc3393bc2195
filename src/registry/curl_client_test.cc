#include "registry/curl_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/loopback_server.h"
#include "tests/support/problem_text.h"

namespace tenon::registry::curl_client_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Limits that are short enough for a test.
CurlOptions quick() {
  CurlOptions options;
  options.connect_time = std::chrono::milliseconds(500);
  options.stall_time = std::chrono::seconds(1);
  options.total_time = std::chrono::seconds(20);
  return options;
}

class CurlClientTest : public testing::Test {
 protected:
  Result<HttpResponse> get(const std::string& url, std::uint64_t max_bytes = 1000) {
    HttpRequest request;
    request.url = *parse_url(url);
    request.max_bytes = max_bytes;
    return send_request(*client_, request);
  }
  // The problem reported if a server sends this reply.
  std::string problem(const Reply& reply) {
    LoopbackServer server([&](const ServedRequest&) { return reply; });
    return problem_of(get(server.url("/x")));
  }

  std::unique_ptr<HttpClient> client_ = make_curl_client(quick());
};

TEST_F(CurlClientTest, ExchangesHeadersAndBodies) {
  LoopbackServer server([](const ServedRequest& request) {
    return make_reply(201,
                      request.method + request.target + request.header("X-Asked") +
                          request.header("Authorization") + request.body,
                      "Location: /there\r\nX-Twice: a\r\nx-twice:  b \r\n");
  });
  const std::string body = "body";
  HttpRequest request;
  request.method = "PUT";
  request.url = *parse_url(server.url("/x?y=1"));
  request.headers = {{"X-Asked", "1"}};
  request.authorization = "Basic z";
  request.body = {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()};
  request.max_bytes = 100;
  const Result<HttpResponse> response = send_request(*client_, request);
  ASSERT_TRUE(response) << problem_of(response);
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(std::string(response->body.begin(), response->body.end()), "PUT/x?y=11Basic zbody");
  EXPECT_EQ(*find_header(*response, "LOCATION"), "/there");
  EXPECT_THAT(find_headers(*response, "X-Twice"), testing::ElementsAre("a", "b"));
}

TEST_F(CurlClientTest, HeadHasNoBodyAndPostCanBeEmpty) {
  LoopbackServer server([](const ServedRequest& request) {
    if (request.method == "HEAD") return Reply{"HTTP/1.1 200 X\r\nContent-Length: 5000\r\n\r\n"};
    return make_reply(202, request.method + request.header("Content-Length"));
  });
  HttpRequest request;
  request.method = "HEAD";
  request.url = *parse_url(server.url("/x"));
  request.max_bytes = 100;
  EXPECT_EQ(send_request(*client_, request)->status, 200);
  request.method = "POST";
  EXPECT_EQ(send_request(*client_, request)->body.size(), std::string("POST0").size());
}

TEST_F(CurlClientTest, InformationalResponsesAreSkipped) {
  LoopbackServer server([](const ServedRequest&) {
    return Reply{"HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\n" + make_reply(200, "x").bytes};
  });
  const Result<HttpResponse> response = get(server.url("/x"));
  ASSERT_TRUE(response) << problem_of(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(find_header(*response, "X-Early"), nullptr);
}

TEST_F(CurlClientTest, TruncatedResponsesAreRefused) {
  EXPECT_THAT(problem({"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nhalf"}),
              AllOf(HasSubstr("ext-fetch"), HasSubstr("the response is incomplete")));
  EXPECT_THAT(problem({"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}),
              HasSubstr("is incomplete"));
  EXPECT_THAT(problem({""}), HasSubstr("the response is empty"));
  EXPECT_THAT(problem({"no HTTP at all\r\n\r\n"}), HasSubstr("ext-fetch"));
}

TEST_F(CurlClientTest, StallsEnd) {
  EXPECT_THAT(problem({"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nhalf", AfterReply::Stall}),
              HasSubstr("the transfer stalled or took too long"));
  EXPECT_THAT(problem({"", AfterReply::Stall}), HasSubstr("the transfer stalled or took too long"));
}

TEST_F(CurlClientTest, TheTotalTimeIsLimited) {
  CurlOptions options = quick();
  options.total_time = std::chrono::milliseconds(200);
  client_ = make_curl_client(options);
  EXPECT_THAT(problem({"", AfterReply::Stall}), HasSubstr("the transfer stalled or took too long"));
}

TEST_F(CurlClientTest, LargeResponsesAreRefused) {
  const std::string much(1000, 'x');
  EXPECT_THAT(problem({"HTTP/1.1 200 X\r\nContent-Length: 5000000000\r\n\r\n", AfterReply::Stall}),
              HasSubstr("the response has more than 1000 bytes"));
  EXPECT_THAT(problem({"HTTP/1.1 200 X\r\n\r\n" + much, AfterReply::Repeat}),
              HasSubstr("the response has more than 1000 bytes"));
  EXPECT_THAT(problem({"HTTP/1.1 200 X\r\nX-Y: z\r\n" + much + ": 1\r\n", AfterReply::Repeat}),
              HasSubstr("ext-fetch"));
  LoopbackServer server([&](const ServedRequest&) { return make_reply(200, much); });
  EXPECT_EQ(get(server.url("/x"))->body.size(), 1000U);
}

TEST_F(CurlClientTest, RedirectsKeepCredentialsAtTheirOrigin) {
  LoopbackServer there([](const ServedRequest& request) {
    return make_reply(200, "[" + request.header("Authorization") + "]");
  });
  LoopbackServer server([&](const ServedRequest&) {
    return make_reply(307, "", "Location: " + there.url("/y") + "\r\n");
  });
  HttpRequest request;
  request.url = *parse_url(server.url("/x"));
  request.authorization = "Basic secret";
  request.max_bytes = 100;
  const Result<HttpResponse> response = send_request(*client_, request);
  ASSERT_TRUE(response) << problem_of(response);
  EXPECT_EQ(std::string(response->body.begin(), response->body.end()), "[]");
}

TEST_F(CurlClientTest, AServerThatDoesNotAnswerIsAnError) {
  std::string url;
  {
    LoopbackServer gone([](const ServedRequest&) { return make_reply(200, ""); });
    url = gone.url("/x");
  }
  EXPECT_THAT(problem_of(get(url)),
              AllOf(HasSubstr("ext-fetch"), HasSubstr("the server does not answer"),
                    HasSubstr("check the host and the port")));
}

TEST_F(CurlClientTest, HttpsToAPlainServerIsAnError) {
  LoopbackServer server([](const ServedRequest&) { return make_reply(200, ""); });
  EXPECT_THAT(problem_of(get("https://" + server.host() + "/x")),
              HasSubstr("the transfer stalled or took too long"));
}

TEST_F(CurlClientTest, AMissingLibraryNamesThePackageToInstall) {
  CurlOptions options;
  options.libraries = {"libtenon-no-such.so.4"};
  client_ = make_curl_client(options);
  EXPECT_THAT(problem({""}),
              AllOf(HasSubstr("ext-fetch: cannot fetch anything: libcurl cannot be loaded"),
                    HasSubstr("apt-get install libcurl4")));
  options.libraries = {"libtenon-no-such.so.4", "libm.so.6"};
  client_ = make_curl_client(options);
  EXPECT_THAT(problem({""}), HasSubstr("it lacks curl_easy_cleanup, "));
}

}  // namespace
}  // namespace tenon::registry::curl_client_test
