#include "http/outgoing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "tenon/trace.h"

namespace tenon::http::outgoing_test {
namespace {

using engine::DeniedRequest;
using engine::Unresolved;
using testing::ElementsAre;
using testing::IsEmpty;

// A policy whose names are looked up in a table.
class OutgoingTest : public testing::Test {
 protected:
  Outgoing make(const std::vector<std::string>& texts, std::vector<std::string> addresses = {}) {
    std::vector<Grant> grants;
    for (const std::string& text : texts) grants.push_back(*parse_grant(text));
    return {std::move(grants), std::move(proxies_), denials_,
            [this, addresses = std::move(addresses)](const std::string& name) {
              asked_.push_back(name);
              std::vector<IpAddress> found;
              for (const std::string& text : addresses) found.push_back(*parse_ip(text));
              return found;
            }};
  }

  static std::vector<std::string> resolve(const Outgoing& outgoing, const HttpTarget& target) {
    const Result<engine::HttpRoute, Unresolved> found = outgoing.resolve(target);
    if (!found) return {found.error() == Unresolved::Prohibited ? "prohibited" : "unknown"};
    std::vector<std::string> texts;
    for (const IpAddress& address : found->addresses) texts.push_back(print_ip(address));
    if (found->proxy)
      texts.push_back("proxy at port " + std::to_string(found->proxy->port) + " " +
                      found->proxy->authorization);
    return texts;
  }

  Proxies proxies_;
  std::shared_ptr<const engine::Denials> denials_ = std::make_shared<const engine::Denials>();
  std::vector<std::string> asked_;
};

TEST_F(OutgoingTest, AllowsWhatIsGranted) {
  const Outgoing outgoing = make({"api.example.com", "*.example.org:8443"});
  EXPECT_TRUE(outgoing.allows({true, "api.example.com", 443}));
  EXPECT_TRUE(outgoing.allows({true, "a.example.org", 8443}));
  EXPECT_THAT(denials_->requests(), IsEmpty());
  EXPECT_FALSE(outgoing.allows({false, "a.example.org", 80}));
  EXPECT_FALSE(outgoing.allows({false, "a.example.org", 80}));
  EXPECT_FALSE(outgoing.allows({false, "::1", 8080}));
  EXPECT_THAT(denials_->requests(),
              ElementsAre(DeniedRequest{"http://a.example.org:80", "", "http://a.example.org"},
                          DeniedRequest{"http://[::1]:8080", "", "http://[::1]:8080"}));
}

TEST_F(OutgoingTest, UsesPublicAddressesOfAName) {
  const Outgoing outgoing = make({"*"}, {"93.184.216.34", "2606:4700::1"});
  EXPECT_THAT(resolve(outgoing, {true, "example.com", 443}),
              ElementsAre("93.184.216.34", "2606:4700::1"));
  EXPECT_THAT(asked_, ElementsAre("example.com"));
}

TEST_F(OutgoingTest, LeavesNamesToAProxy) {
  proxies_ = *Proxies::read([](const std::string& name) -> std::optional<std::string> {
    if (name == "all_proxy") return "me@squid.internal:3128";
    return std::nullopt;
  });
  const Outgoing outgoing = make({"*"}, {"10.0.0.9"});
  EXPECT_THAT(resolve(outgoing, {true, "example.com", 443}),
              ElementsAre("10.0.0.9", "proxy at port 3128 Basic bWU6"));
  EXPECT_THAT(asked_, ElementsAre("squid.internal"));
  EXPECT_THAT(resolve(outgoing, {true, "169.254.169.254", 443}), ElementsAre("prohibited"));
  EXPECT_THAT(resolve(outgoing, {true, "localhost", 443}), ElementsAre("prohibited"));
}

// The system of a proxy would read these as addresses, which are not checked here then.
TEST_F(OutgoingTest, LeavesNothingElseToAProxy) {
  proxies_ = *Proxies::read([](const std::string& name) -> std::optional<std::string> {
    if (name == "all_proxy") return "squid.internal:3128";
    return std::nullopt;
  });
  const Outgoing outgoing = make({"*"}, {"10.0.0.9"});
  for (const char* const host : {"2852039166", "0x7f000001", "127.1", "0177.0.0.1", "10.1.",
                                 "localhost.", "a..example", "example.com."})
    EXPECT_THAT(resolve(outgoing, {false, host, 80}), ElementsAre("unknown")) << host;
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(OutgoingTest, UsesNoAddressThatIsNotPublic) {
  const Outgoing outgoing = make({"*"}, {"10.0.0.1", "169.254.169.254", "::1"});
  EXPECT_THAT(resolve(outgoing, {true, "evil.example", 443}), ElementsAre("prohibited"));
  EXPECT_THAT(denials_->requests(), ElementsAre(DeniedRequest{"https://evil.example:443",
                                                              "10.0.0.1", "https://10.0.0.1"}));
}

TEST_F(OutgoingTest, SaysThatLocalhostGrantsLoopbackAddresses) {
  const Outgoing outgoing = make({"*"}, {"127.0.0.1"});
  EXPECT_THAT(resolve(outgoing, {false, "evil.example", 8080}), ElementsAre("prohibited"));
  EXPECT_THAT(
      denials_->requests(),
      ElementsAre(DeniedRequest{"http://evil.example:8080", "127.0.0.1", "http://localhost:8080"}));
}

TEST_F(OutgoingTest, LeavesOutSuchAddresses) {
  const Outgoing outgoing = make({"*"}, {"127.0.0.1", "93.184.216.34", "::ffff:10.0.0.1"});
  EXPECT_THAT(resolve(outgoing, {true, "evil.example", 443}), ElementsAre("93.184.216.34"));
}

TEST_F(OutgoingTest, UsesAnAddressThatAGrantNames) {
  const Outgoing outgoing =
      make({"db.internal:8080", "10.0.0.0/8:8080"}, {"10.1.2.3", "192.168.0.1"});
  EXPECT_THAT(resolve(outgoing, {false, "db.internal", 8080}), ElementsAre("10.1.2.3"));
  EXPECT_THAT(resolve(outgoing, {false, "db.internal", 80}), ElementsAre("prohibited"));
}

TEST_F(OutgoingTest, KnowsLocalhostAndAddressesByItself) {
  const Outgoing outgoing = make({"localhost:8080", "10.0.0.1:8080"});
  EXPECT_THAT(resolve(outgoing, {false, "localhost", 8080}), ElementsAre("::1", "127.0.0.1"));
  EXPECT_THAT(resolve(outgoing, {false, "a.localhost", 8080}), ElementsAre("::1", "127.0.0.1"));
  EXPECT_THAT(resolve(outgoing, {false, "10.0.0.1", 8080}), ElementsAre("10.0.0.1"));
  EXPECT_THAT(resolve(outgoing, {false, "::ffff:10.0.0.1", 8080}), ElementsAre("10.0.0.1"));
  EXPECT_THAT(resolve(outgoing, {false, "10.0.0.2", 8080}), ElementsAre("prohibited"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(OutgoingTest, SaysThatANameIsUnknown) {
  EXPECT_THAT(resolve(make({"*"}), {true, "nowhere.example", 443}), ElementsAre("unknown"));
  EXPECT_THAT(denials_->requests(), IsEmpty());
}

TEST_F(OutgoingTest, KeepsSomeOfManyDenials) {
  const Outgoing outgoing = make({});
  for (std::uint16_t port = 1; port < 100; ++port)
    EXPECT_FALSE(outgoing.allows({false, "example.com", port}));
  EXPECT_EQ(denials_->requests().size(), 8U);
}

TEST_F(OutgoingTest, HasNoTraceparentOutsideOfATrace) {
  EXPECT_EQ(make({}).traceparent(nullptr), "");
  const TraceContext context = TraceContext::make();
  const auto tag = std::bit_cast<engine::CallTag>(context);
  EXPECT_EQ(make({}).traceparent(&tag), print_traceparent(context));
}

}  // namespace
}  // namespace tenon::http::outgoing_test
