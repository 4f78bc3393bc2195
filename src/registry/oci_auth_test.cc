#include "registry/oci_auth.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/curl_client.h"
#include "registry/oci_source.h"
#include "tests/support/fake_registry.h"
#include "tests/support/problem_text.h"

namespace tenon::registry::oci_auth_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string read(std::string_view header) {
  std::vector<std::string> shown;
  for (const Challenge& challenge : parse_challenges(header)) {
    std::string text = challenge.scheme;
    for (const auto& [name, value] : challenge.parameters)
      text += fmt::format(" {}=[{}]", name, value);
    shown.push_back(text);
  }
  return fmt::format("{}", fmt::join(shown, "; "));
}

TEST(Challenges, AreReadAsServersWriteThem) {
  EXPECT_EQ(read("Basic realm=\"x y\""), "basic realm=[x y]");
  EXPECT_EQ(read("Bearer realm=\"https://a/token\",service=\"b,c\", Scope=d"),
            "bearer realm=[https://a/token] scope=[d] service=[b,c]");
  EXPECT_EQ(read("Negotiate, Basic realm=\"a\\\"b\", Bearer realm=c"),
            "negotiate; basic realm=[a\"b]; bearer realm=[c]");
}

TEST(Challenges, SyntaxErrorsEndTheList) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("=x"), "");
  EXPECT_EQ(read("a=b"), "");
  EXPECT_EQ(read("Basic realm=\"never"), "basic");
  EXPECT_EQ(read("Basic realm=\"never\\"), "basic");
  EXPECT_EQ(read("Basic \x01"), "basic");
}

// A registry that requires an Authorization header for every request, and a token server.
class OciAuthTest : public testing::Test {
 protected:
  void ask_for_basic() {
    challenge_ = "WWW-Authenticate: Basic realm=\"registry\"\r\n";
    required_ = "Basic dXNlcjpwYTpzcw==";
  }
  void ask_for_token() {
    challenge_ = "WWW-Authenticate: Bearer realm=\"" + tokens_.url("/token") +
                 "\",service=\"the registry\"\r\n";
    required_ = "Bearer good";
  }
  std::string list(const Credentials& credentials) {
    OciSettings settings;
    settings.registry = registry_.host();
    settings.credentials = {credentials, "the test"};
    const auto source = make_oci_source(*http_, settings, "");
    return problem_of((*source)->list_versions({"acme", "math"}));
  }

  std::string challenge_;
  std::string required_;
  std::string token_answer_ = R"({"token":"good"})";
  int token_status_ = 200;
  std::vector<std::string>
      asked_;  // requests to the token server: method, target, credentials, body
  LoopbackServer tokens_{[this](const ServedRequest& request) {
    asked_.push_back(fmt::format("{} {} [{}] {}", request.method, request.target,
                                 request.header("Authorization"), request.body));
    return make_reply(token_status_, token_answer_);
  }};
  FakeRegistry registry_{[this](const ServedRequest& request) -> std::optional<Reply> {
    if (request.header("Authorization") == required_)
      return make_reply(200, R"({"tags":["1.0.0"]})");
    return make_reply(401, R"({"errors":[{"code":"UNAUTHORIZED","message":"log in"}]})",
                      challenge_);
  }};
  std::unique_ptr<HttpClient> http_ = make_curl_client({});
  const BasicCredentials user_{"user", "pa:ss"};
};

TEST_F(OciAuthTest, BasicIsSentWhenItIsRequested) {
  ask_for_basic();
  EXPECT_EQ(list(user_), "fine");
  EXPECT_THAT(list({}),
              AllOf(HasSubstr("ext-auth"), HasSubstr("tried without credentials: the test has none "
                                                     "for this registry; the server says: "
                                                     "UNAUTHORIZED: log in; log in with `docker "
                                                     "login 127.0.0.1")));
  EXPECT_THAT(list(BasicCredentials{"other", "x"}),
              HasSubstr("tried as user `other`, from the test"));
}

TEST_F(OciAuthTest, TokensAreFetchedForTheScope) {
  ask_for_token();
  EXPECT_EQ(list({}), "fine");
  EXPECT_EQ(list(user_), "fine");
  const std::string target =
      "GET /token?service=the%20registry&scope=repository%3Aacme%2Fmath%3Apull";
  EXPECT_THAT(asked_, ElementsAre(target + " [] ", target + " [Basic dXNlcjpwYTpzcw==] "));
}

TEST_F(OciAuthTest, IdentityTokensAreExchanged) {
  ask_for_token();
  token_answer_ = R"({"access_token":"good"})";
  EXPECT_EQ(list(IdentityToken{"i&d"}), "fine");
  EXPECT_THAT(asked_, ElementsAre("POST /token [] grant_type=refresh_token&client_id=tenon&scope="
                                  "repository%3Aacme%2Fmath%3Apull&refresh_token=i%26d&service="
                                  "the%20registry"));
}

TEST_F(OciAuthTest, AnAccessTokenIsSentUnchanged) {
  ask_for_token();
  EXPECT_EQ(list(BearerToken{"good"}), "fine");
  EXPECT_THAT(list(BearerToken{"bad"}), HasSubstr("tried with a token, from the test"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(OciAuthTest, InvalidAnswersOfTokenServersAreErrors) {
  ask_for_token();
  for (const char* answer :
       {"", "[]", "{}", R"({"token":1})", R"({"token":""})", R"({"token":"a\r\nX-Evil: 1"})"}) {
    token_answer_ = answer;
    EXPECT_THAT(list({}), HasSubstr("answered without a token")) << answer;
  }
  token_answer_ = R"({"token":"bad"})";
  EXPECT_THAT(list({}), HasSubstr("ext-auth"));
  token_status_ = 401;
  EXPECT_THAT(list(user_), AllOf(HasSubstr("ext-auth"), HasSubstr("/token` (401)")));
  token_status_ = 500;
  EXPECT_THAT(list(user_), HasSubstr("the server failed (500)"));
}

TEST_F(OciAuthTest, CredentialsAreNotSentToUnsafeTokenServers) {
  ask_for_basic();
  for (const char* realm : {"http://auth.example/token", "file:///etc/passwd", "", "ftp://a/b"}) {
    challenge_ = fmt::format("WWW-Authenticate: Bearer realm=\"{}\"\r\n", realm);
    EXPECT_THAT(list(user_), AllOf(Not(HasSubstr("fine")), HasSubstr("ext-"))) << realm;
  }
  challenge_ = "";
  EXPECT_THAT(list(user_), HasSubstr("ext-auth"));
  challenge_ = "WWW-Authenticate: Negotiate\r\n";
  EXPECT_THAT(list(user_), HasSubstr("ext-auth"));
}

TEST_F(OciAuthTest, ChallengesOfOtherServersAreNotAnswered) {
  LoopbackServer other([](const ServedRequest& request) {
    return make_reply(request.header("Authorization").empty() ? 401 : 200, "{}",
                      "WWW-Authenticate: Basic realm=\"x\"\r\n");
  });
  FakeRegistry registry([&](const ServedRequest&) -> std::optional<Reply> {
    return make_reply(307, "", "Location: " + other.url("/x") + "\r\n");
  });
  OciSettings settings;
  settings.registry = registry.host();
  settings.credentials = {user_, "the test"};
  const auto source = make_oci_source(*http_, settings, "");
  EXPECT_THAT(problem_of((*source)->list_versions({"acme", "math"})),
              HasSubstr("the server answered 401"));
  EXPECT_EQ(other.requests().size(), 1U);
}

}  // namespace
}  // namespace tenon::registry::oci_auth_test
