// The mistakes that wasmtime 48 fixed in wasi:http, tried by guests that break rules of HTTP
// (tests/guests/http/rules02 and rules03) and by clients. docs/advisories.md lists all advisories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/remote.h"
#include "tests/support/http_exchange.h"

namespace tenon::http_advisories_test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kVersions[] = {"02", "03"};

// Serves a guest until it is destroyed.
class Site {
 public:
  explicit Site(std::string_view version) {
    CompositionBuilder builder;
    builder.add_component(
        "site", TENON_SOURCE_DIR "/tests/guests/http/wasm/rules" + std::string(version) + ".wasm");
    builder.prepare_http(4);
    Result<Composition> built = builder.build();
    if (!built) {
      ADD_FAILURE() << built.error().front().message;
      return;
    }
    site_.emplace(*std::move(built));
    Result<Server> server = site_->serve({.http = {.listen = {"127.0.0.1:0"}}});
    if (!server) {
      ADD_FAILURE() << server.error().front().message;
      return;
    }
    server_.emplace(*std::move(server));
    serving_ = std::thread([this] { server_->run(); });
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;
  ~Site() {
    if (!serving_.joinable()) return;
    server_->stop();
    serving_.join();
  }

  [[nodiscard]] std::string url() const { return std::string(server_->addresses().front()); }

  // The responses to a request, and to a harmless one that follows it on the same connection.
  [[nodiscard]] std::vector<ReceivedResponse> ask(std::string_view request) const {
    return take_responses(http_exchange(
        url(),
        std::string(request) + "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  }

 private:
  std::optional<Composition> site_;
  std::optional<Server> server_;
  std::thread serving_;
};

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::vector<std::string> complete_bodies(const std::vector<ReceivedResponse>& responses) {
  std::vector<std::string> bodies;
  for (const ReceivedResponse& response : responses)
    if (response.is_complete) bodies.push_back(response.body);
  return bodies;
}

// The connection ends before the response is complete; or the response ends where it says, and the next one follows.
auto is_broken_off() { return ElementsAre(); }
auto is_one_of(const std::string& body) { return ElementsAre(body, ""); }

// GHSA-r8xh-cgf7-392j: fields with several lengths.
TEST(HttpAdvisories, AMessageHasOneLength) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Site site(version);
    const std::vector<ReceivedResponse> responses = site.ask(get("/fields"));
    ASSERT_EQ(responses.size(), 2u);
    for (const std::string_view way : {"append", "set", "from-list", "sign", "line break"})
      EXPECT_THAT(responses[0].body,
                  HasSubstr(std::string(way) + ": Err(HeaderError::InvalidSyntax)\n"));
    EXPECT_THAT(responses[0].body, HasSubstr("transfer-encoding: Err(HeaderError::Forbidden)\n"));
  }
}

// GHSA-jxcf-8qw5-5c33: trailers that guests must not see or send.
TEST(HttpAdvisories, ForbiddenTrailersAreDropped) {
  constexpr std::string_view kRequest =
      "POST /trailers HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\nX-Good: 1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
      "Host: other\r\nProxy-Connection: x\r\nUpgrade: websocket\r\nKeep-Alive: 5\r\n\r\n";
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Site site(version);
    EXPECT_THAT(complete_bodies(site.ask(kRequest)), ElementsAre("x-good\n", ""));
  }
}

// GHSA-9prg-84vf-g5fc: a body that is forwarded without its bytes being counted.
TEST(HttpAdvisories, AForwardedBodyHasTheDeclaredLength) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Site site(version);
    EXPECT_THAT(complete_bodies(site.ask(post("/forward", "1234"))), ElementsAre("1234", ""));
    EXPECT_THAT(complete_bodies(site.ask(post("/forward", "1234567890"))),
                AnyOf(is_broken_off(), is_one_of("1234")));
    EXPECT_THAT(complete_bodies(site.ask(post("/forward", "12"))), is_broken_off());
    EXPECT_THAT(complete_bodies(site.ask(
                    "POST /forward HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "2\r\n12\r\n8\r\n34567890\r\n0\r\n\r\n")),
                AnyOf(is_broken_off(), is_one_of("1234")));
  }
}

// GHSA-h4wp-g4x3-7398: a body of another length than declared, or none.
TEST(HttpAdvisories, ABodyHasTheDeclaredLength) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Site site(version);
    EXPECT_THAT(complete_bodies(site.ask(get("/short"))), is_broken_off());
    EXPECT_THAT(complete_bodies(site.ask(get("/long"))), AnyOf(is_broken_off(), is_one_of("1234")));
    EXPECT_THAT(complete_bodies(site.ask(get("/no-body"))), AnyOf(is_broken_off(), is_one_of("")));
    EXPECT_THAT(http_get(site.url(), "/next"), HasSubstr("200 OK"));
  }
}

}  // namespace
}  // namespace tenon::http_advisories_test
