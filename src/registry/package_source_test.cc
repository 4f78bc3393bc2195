#include "registry/package_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/sha256.h"
#include "registry/curl_client.h"
#include "tests/support/loopback_server.h"
#include "tests/support/problem_text.h"

namespace tenon::registry::package_source_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string digest(std::string_view text) {
  return engine::sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

class FetchUrlTest : public testing::Test {
 protected:
  Result<FetchedPackage> fetch(const Reply& reply, const std::variant<Pin, Unpinned>& pin) {
    LoopbackServer server([&](const ServedRequest&) { return reply; });
    url_ = server.url("/math.wasm?key=1");
    return fetch_url(*http_, UrlSource{*parse_url(url_)}, pin);
  }

  std::unique_ptr<HttpClient> http_ = make_curl_client({});
  std::string url_;
};

TEST_F(FetchUrlTest, APinChecksTheContent) {
  const Result<FetchedPackage> fetched =
      fetch(make_reply(200, "component"), Pin{digest("component")});
  ASSERT_TRUE(fetched) << problem_of(fetched);
  EXPECT_EQ(fetched->sha256, digest("component"));
  EXPECT_EQ(fetched->origin, url_);
  EXPECT_THAT(problem_of(fetch(make_reply(200, "other"), Pin{digest("component")})),
              AllOf(HasSubstr("ext-digest"), HasSubstr("expected " + digest("component")),
                    HasSubstr("found    " + digest("other")),
                    HasSubstr("`--sha256 " + digest("other") + "`")));
  EXPECT_THAT(problem_of(fetch(make_reply(200, "<html>"), Pin{digest("component")})),
              HasSubstr("a web page"));
}

TEST_F(FetchUrlTest, AnyContentIsAcceptedWithoutAPin) {
  EXPECT_EQ(fetch(make_reply(200, "any"), Unpinned{})->sha256, digest("any"));
}

TEST_F(FetchUrlTest, OtherStatusesAreErrors) {
  EXPECT_THAT(problem_of(fetch(make_reply(404, "gone"), Unpinned{})), HasSubstr("not found (404)"));
  EXPECT_THAT(problem_of(fetch(make_reply(204, ""), Unpinned{})), HasSubstr("answered 204"));
}

}  // namespace
}  // namespace tenon::registry::package_source_test
