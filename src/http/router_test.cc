#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/path.h"

namespace tenon::http::router_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

HttpRoute route(std::string unit, std::string path, std::string host = {},
                std::vector<std::string> methods = {}) {
  return {.path = std::move(path),
          .host = std::move(host),
          .methods = std::move(methods),
          .unit = std::move(unit)};
}

Router make(std::vector<HttpRoute> routes) {
  Result<Router> router = Router::make(std::move(routes));
  EXPECT_TRUE(router);
  return *std::move(router);
}

// The unit that answers, or the methods that could.
std::string find(const Router& router, std::string_view method, std::string_view host,
                 std::string_view path) {
  const Router::Match match = router.find(method, host, path);
  if (match.route) return router.routes()[*match.route].unit;
  std::string allowed;
  for (const std::string& each : match.allowed) allowed += each + " ";
  return allowed;
}

TEST(HttpRouter, TakesTheMostSpecificRouteInAnyOrder) {
  std::vector<HttpRoute> routes = {route("any", "/*"),
                                   route("api", "/api/*"),
                                   route("v2", "/api/v2/*"),
                                   route("one", "/api/v2/one"),
                                   route("host", "/*", "example.org"),
                                   route("sub", "/*", "*.example.org"),
                                   route("deep", "/*", "*.a.example.org"),
                                   route("post", "/api/*", "", {"POST"})};
  std::ranges::sort(routes, {}, &HttpRoute::unit);
  do {
    const Router router = make(routes);
    EXPECT_EQ(find(router, "GET", "x", "/"), "any");
    EXPECT_EQ(find(router, "GET", "x", "/apis"), "any");
    EXPECT_EQ(find(router, "GET", "x", "/api"), "api");
    EXPECT_EQ(find(router, "GET", "x", "/api/"), "api");
    EXPECT_EQ(find(router, "POST", "x", "/api/a"), "post");
    EXPECT_EQ(find(router, "POST", "x", "/api/v2/a"), "v2");
    EXPECT_EQ(find(router, "GET", "x", "/api/v2/one"), "one");
    EXPECT_EQ(find(router, "GET", "x", "/api/v2/one/"), "v2");
    EXPECT_EQ(find(router, "GET", "example.org", "/api/v2/one"), "host");
    EXPECT_EQ(find(router, "GET", "b.example.org", "/"), "sub");
    EXPECT_EQ(find(router, "GET", "a.example.org", "/"), "sub");
    EXPECT_EQ(find(router, "GET", "b.a.example.org", "/"), "deep");
    EXPECT_EQ(find(router, "GET", "notexample.org", "/"), "any");
    EXPECT_EQ(find(router, "GET", ".example.org", "/"), "any");
    std::ranges::rotate(routes, routes.begin() + 1);
  } while (routes.front().unit != "any");
}

TEST(HttpRouter, SaysWhichMethodsFit) {
  const Router router = make({route("read", "/a", "", {"GET"}), route("write", "/a", "", {"PUT"}),
                              route("all", "/a/*", "x", {"POST", "GET"})});
  EXPECT_EQ(find(router, "HEAD", "y", "/a"), "read");
  EXPECT_EQ(find(router, "PUT", "y", "/a"), "write");
  EXPECT_EQ(find(router, "POST", "y", "/a"), "GET HEAD PUT ");
  EXPECT_EQ(find(router, "DELETE", "x", "/a"), "GET HEAD POST PUT ");
  EXPECT_EQ(find(router, "GET", "y", "/b"), "");
}

std::vector<std::string> problems(std::vector<HttpRoute> routes) {
  std::vector<std::string> messages;
  const Result<Router> router = Router::make(std::move(routes));
  if (router) return messages;
  for (const Diagnostic& problem : router.error()) {
    EXPECT_EQ(problem.code, "http-route");
    EXPECT_FALSE(problem.hints.empty());
    messages.push_back(problem.message);
  }
  return messages;
}

TEST(HttpRouter, RefusesRoutesOfWhichNeitherIsMoreSpecific) {
  EXPECT_THAT(problems({route("a", "/*"), route("b", "/*", "", {"GET"}), route("c", "/*")}),
              ElementsAre(HasSubstr("two routes take the same requests")));
  EXPECT_THAT(problems({route("a", "/a", "X"), route("b", "/a", "x")}), testing::SizeIs(1));
  EXPECT_THAT(problems({route("a", "/", "", {"GET"}), route("b", "/", "", {"HEAD"})}),
              testing::SizeIs(1));
  EXPECT_THAT(problems({route("a", "/", "", {"GET"}), route("b", "/", "", {"PUT"})}), IsEmpty());
  EXPECT_THAT(problems({route("a", "/a"), route("b", "/a/*")}), IsEmpty());
}

TEST(HttpRouter, ReportsEveryProblemOfRoutes) {
  EXPECT_THAT(
      problems({route("a", "a"),
                route("a", "/a*"),
                route("a", "/*/b"),
                route("a", "/a?b"),
                route("a", "/%61"),
                route("a", "/a/../b"),
                route("a", "//*"),
                route("a", "/1", "a:80"),
                route("a", "/2", "a b"),
                route("a", "/3", "a.*.b"),
                route("a", "/4", "", {"get"}),
                route("", "/5"),
                {.path = "/6", .unit = "a", .folder = "b"},
                {.path = "/7", .folder = "b"},
                {.path = "/8/*", .methods = {"POST"}, .folder = "b"},
                {.path = "/9", .unit = "a", .precompressed = true}}),
      ElementsAre(HasSubstr("does not begin with `/`"), HasSubstr("has a `*`"),
                  HasSubstr("has a `*`"), HasSubstr("has a query"), HasSubstr("percent-encoded"),
                  HasSubstr("normal form"), HasSubstr("empty segment"), HasSubstr("has a port"),
                  HasSubstr("is not the name of a host"), HasSubstr("is not the name of a host"),
                  HasSubstr("`get` is not a method"), HasSubstr("neither a unit nor a folder"),
                  HasSubstr("both a unit and a folder"), HasSubstr("ends with `/*`"),
                  HasSubstr("only for the methods GET and HEAD"),
                  HasSubstr("only files can be `precompressed`")));
}

TEST(HttpRouter, GivesTheRestOfAPath) {
  EXPECT_EQ(rest_of("/files/*", "/files/a/b"), "/a/b");
  EXPECT_EQ(rest_of("/files/*", "/files"), "");
  EXPECT_EQ(rest_of("/*", "/a"), "/a");
}

TEST(HttpRouter, AHandlerOfTheProgramNeedsNothingBehindIt) {
  const HttpHandlerFunction handler = [](HttpRequest, HttpNext) -> Task<CallResult<HttpResponse>> {
    co_return HttpResponse();
  };
  const Router router = make({{.path = "/own", .handler = handler},
                              {.path = "/site", .handler = handler, .unit = "site"}});
  EXPECT_EQ(router.routes().size(), 2u);
  EXPECT_FALSE(Router::make({{.path = "/", .handler = handler, .unit = "a", .folder = "b"}}));
  EXPECT_FALSE(Router::make({{.path = "/"}}));
}

}  // namespace
}  // namespace tenon::http::router_test
