#include "http/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace tenon::http::proxy_test {
namespace {

using testing::HasSubstr;
using testing::Not;

using Variables = std::map<std::string, std::string>;

Result<Proxies> read(const Variables& variables) {
  return Proxies::read([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

// "HOST:PORT AUTHORIZATION" of the proxy, or "direct".
std::string find(const Variables& variables, const HttpTarget& target) {
  const Result<Proxies> proxies = read(variables);
  if (!proxies) return proxies.error().front().message;
  const Proxy* const proxy = proxies->find(target);
  if (proxy == nullptr) return "direct";
  const std::string at = proxy->at.host + ":" + std::to_string(proxy->at.port);
  return proxy->authorization.empty() ? at : at + " " + proxy->authorization;
}

const HttpTarget kPlain = {false, "example.com", 80};
const HttpTarget kEncrypted = {true, "example.com", 443};

TEST(Proxies, AreChosenByScheme) {
  const Variables variables = {{"http_proxy", "http://a:3128"}, {"https_proxy", "b:8080/"}};
  EXPECT_EQ(find(variables, kPlain), "a:3128");
  EXPECT_EQ(find(variables, kEncrypted), "b:8080");
  EXPECT_EQ(find({{"https_proxy", "b"}}, kPlain), "direct");
  EXPECT_EQ(find({{"https_proxy", "b"}}, kEncrypted), "b:80");
  EXPECT_EQ(find({{"all_proxy", "c:1"}, {"https_proxy", "b"}}, kPlain), "c:1");
  EXPECT_EQ(find({{"http_proxy", "[::1]:3128"}}, kPlain), "::1:3128");
  EXPECT_EQ(find({}, kPlain), "direct");
}

TEST(Proxies, HaveNamesInCapitalLettersToo) {
  EXPECT_EQ(find({{"HTTPS_PROXY", "b"}}, kEncrypted), "b:80");
  EXPECT_EQ(find({{"https_proxy", ""}, {"HTTPS_PROXY", "b"}}, kEncrypted), "direct");
  EXPECT_EQ(find({{"HTTP_PROXY", "a"}}, kPlain), "a:80");
  EXPECT_EQ(find({{"HTTP_PROXY", "a"}, {"REQUEST_METHOD", "GET"}}, kPlain), "direct");
}

TEST(Proxies, CanHaveAUser) {
  EXPECT_EQ(find({{"http_proxy", "http://me:p%40ss@a:3128"}}, kPlain), "a:3128 Basic bWU6cEBzcw==");
  EXPECT_EQ(find({{"http_proxy", "me@a"}}, kPlain), "a:80 Basic bWU6");
}

TEST(Proxies, AreNotUsedForThisMachine) {
  const Variables variables = {{"all_proxy", "a"}};
  for (const char* host : {"localhost", "app.localhost", "127.0.0.2", "::1"})
    EXPECT_EQ(find(variables, {false, host, 8080}), "direct") << host;
  EXPECT_EQ(find(variables, {false, "10.0.0.1", 80}), "a:80");
}

TEST(Proxies, AreNotUsedForWhatIsNamed) {
  const auto find_with = [](const char* direct, const HttpTarget& target) {
    return find({{"all_proxy", "a"}, {"no_proxy", direct}}, target);
  };
  const HttpTarget below = {false, "api.example.com", 8080};
  EXPECT_EQ(find_with("other.org, example.com", kPlain), "direct");
  EXPECT_EQ(find_with("other.org, example.com", below), "direct");
  EXPECT_EQ(find_with("example.com:8080", below), "direct");
  EXPECT_EQ(find_with("example.com:8080", kPlain), "a:80");
  EXPECT_EQ(find_with(".example.com", below), "direct");
  EXPECT_EQ(find_with(".example.com", kPlain), "a:80");
  EXPECT_EQ(find_with("*.example.com", below), "direct");
  EXPECT_EQ(find_with("ample.com", kPlain), "a:80");
  EXPECT_EQ(find_with("*", kPlain), "direct");
  EXPECT_EQ(find_with("10.0.0.0/8", {false, "10.1.2.3", 80}), "direct");
  EXPECT_EQ(find_with("2001:db8::/32", {true, "2001:db8::7", 443}), "direct");
  EXPECT_EQ(find_with("[2001:db8::7]:443", {true, "2001:db8::7", 443}), "direct");
  EXPECT_EQ(find_with("[2001:db8::7]:443", {true, "2001:db8::7", 444}), "a:80");
  EXPECT_EQ(find_with("!, ,example.org", kPlain), "a:80");
}

TEST(Proxies, AreRefusedWithoutTheirPassword) {
  EXPECT_EQ(find({{"http_proxy", "socks5://a:1080"}}, kPlain),
            "the proxy of the variable `http_proxy` has another scheme than `http`");
  for (const char* value :
       {"http://", "me:secret@", "a b", "10.0.0.0/8", "*", "a:0", "https://a"}) {
    const std::string problem = find({{"ALL_PROXY", value}}, kPlain);
    EXPECT_THAT(problem, HasSubstr("the proxy of the variable `ALL_PROXY`")) << value;
    EXPECT_THAT(problem, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(find({{"http_proxy", "m%ge@a"}}, kPlain),
            "the proxy of the variable `http_proxy` has a user that is not percent-encoded");
}

}  // namespace
}  // namespace tenon::http::proxy_test
