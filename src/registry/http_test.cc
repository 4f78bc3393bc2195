#include "registry/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>

#include "tests/support/problem_text.h"

namespace tenon::registry::http_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

HttpResponse redirect(const std::string& location, int status = 302) {
  return {.status = status, .headers = {{"Location", location}}};
}

// Returns its responses in order, the last one repeatedly, and records the requests.
class ScriptedClient final : public HttpClient {
 public:
  explicit ScriptedClient(std::deque<HttpResponse> answers) : answers_(std::move(answers)) {}

  Result<HttpResponse> exchange(const HttpRequest& request) override {
    asked.push_back(
        fmt::format("{} {} [{}]", request.method, print_url(request.url), request.authorization));
    HttpResponse answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return answer;
  }

  std::vector<std::string> asked;

 private:
  std::deque<HttpResponse> answers_;
};

HttpRequest get(std::string_view url) {
  HttpRequest request;
  request.url = *parse_url(url);
  request.authorization = "Basic x";
  return request;
}

TEST(SendRequest, FollowsRedirectsAndKeepsCredentialsAtTheirOrigin) {
  ScriptedClient client(
      {redirect("/b"), redirect("https://cdn/c"), redirect("https://a/d"), {.status = 200}});
  const Result<HttpResponse> response = send_request(client, get("https://a/x"));
  ASSERT_TRUE(response) << problem_of(response);
  EXPECT_EQ(print_url(response->url), "https://a/d");
  EXPECT_THAT(client.asked, ElementsAre("GET https://a/x [Basic x]", "GET https://a/b [Basic x]",
                                        "GET https://cdn/c []", "GET https://a/d []"));
}

TEST(SendRequest, AnotherPortIsAnotherOrigin) {
  ScriptedClient client({redirect("https://a:444/x"), {.status = 200}});
  ASSERT_TRUE(send_request(client, get("https://a/x")));
  EXPECT_EQ(client.asked.back(), "GET https://a:444/x []");
}

TEST(SendRequest, RedirectsInCirclesEnd) {
  ScriptedClient client({redirect("https://a/x")});
  EXPECT_EQ(problem_of(send_request(client, get("https://a/x"))),
            "ext-fetch: cannot fetch `https://a/x`: more than 5 redirects");
  EXPECT_EQ(client.asked.size(), 6U);
}

TEST(SendRequest, RedirectsThatBreakARuleAreRefused) {
  const auto follow = [](const char* location) {
    ScriptedClient client({redirect(location)});
    const std::string problem = problem_of(send_request(client, get("https://a/x")));
    EXPECT_EQ(client.asked.size(), 1U);
    return problem;
  };
  EXPECT_THAT(follow("http://a/x"), HasSubstr("the server redirects from https to `http://a/x`"));
  EXPECT_THAT(follow("http://127.0.0.1/x"), HasSubstr("redirects from https to"));
  EXPECT_THAT(follow("file:///etc/passwd"), HasSubstr("does not begin with"));
  EXPECT_THAT(follow("https://u:p@b/"), HasSubstr("contains a user name"));
  EXPECT_THAT(follow("https://b/\x1b[2J"), HasSubstr("`https://b/\\x1b[2J`"));
  ScriptedClient client({HttpResponse{.status = 307}});
  EXPECT_THAT(problem_of(send_request(client, get("https://a/x"))),
              HasSubstr("the redirect (307) has no `Location`"));
}

TEST(SendRequest, PlainHttpIsForThisMachineUnlessAllowed) {
  ScriptedClient client({HttpResponse{.status = 200}});
  EXPECT_TRUE(send_request(client, get("http://127.0.0.1:5000/x")));
  EXPECT_THAT(problem_of(send_request(client, get("http://a/x"))),
              AllOf(HasSubstr("ext-fetch"), HasSubstr("plain http can be changed on the way")));
  HttpRequest request = get("http://a/x");
  request.plain_http = PlainHttp::Anywhere;
  EXPECT_TRUE(send_request(client, request));
  ScriptedClient leading({redirect("http://b/x")});
  EXPECT_THAT(problem_of(send_request(leading, get("http://localhost/x"))),
              HasSubstr("cannot fetch `http://b/x`: plain http can be changed on the way"));
}

TEST(SendRequest, OnlyGetAndHeadFollowRedirects) {
  ScriptedClient client({redirect("https://b/x", 307)});
  HttpRequest request = get("https://a/x");
  request.method = "PUT";
  EXPECT_EQ(send_request(client, request)->status, 307);
  EXPECT_EQ(client.asked.size(), 1U);
}

TEST(StatusProblem, HasTheErrorOfTheServer) {
  HttpResponse response;
  response.status = 404;
  response.url = *parse_url("https://a/v2/x?secret=1");
  const std::string body = R"({"errors":[{"code":"NAME_UNKNOWN","message":"no \u001b[31m such"}]})";
  response.body.assign(body.begin(), body.end());
  EXPECT_EQ(problem_of(Result<int>(status_problem(response))),
            "ext-fetch: cannot fetch `https://a/v2/x`: not found (404); the "
            "server says: NAME_UNKNOWN: no \\x1b[31m such");
  response.status = 503;
  response.body.clear();
  EXPECT_EQ(problem_of(Result<int>(status_problem(response))),
            "ext-fetch: cannot fetch `https://a/v2/x`: the server failed (503); try again later");
}

}  // namespace
}  // namespace tenon::registry::http_test
