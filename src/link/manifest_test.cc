#include "link/manifest.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link/domain_settings.h"

namespace tenon::link::manifest_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Request parse(std::string_view text) {
  Result<Request> request = parse_manifest(text, "shop/tenon.toml");
  if (!request) {
    ADD_FAILURE() << request.error().front().message;
    return {};
  }
  return *std::move(request);
}

Diagnostics problems_of(std::string_view text) {
  Result<Request> request = parse_manifest(text, "shop/tenon.toml");
  if (request) {
    ADD_FAILURE() << "parsed, but should not";
    return {Diagnostic{}};
  }
  return std::move(request).error();
}

TEST(Manifest, ReadsEveryTable) {
  const Request shop = parse(R"(
schema = 1
[project]
name = "shop"
root = "cart"
[components.cart]
path = "build/cart.wasm"
expose = ["acme:cart/api"]
[components.tax]
path = "/opt/tax.wasm"
hide = ["acme:tax/debug", "acme:tax/lib.reset"]
[domains.main]
dirs = ["ro:./data::/data"]
env = { LOG = "info" }
net = ["api.example.com:443"]
args = ["--fast"]
stdio = "none"
memory = "256MiB"
tables = 10000
instances = 100
fuel = 5
timeout = "30s"
call-timeout = "500ms"
restart = { on-trap = true, max = 3, within = "1m" }
[[wire]]
consumer = "cart"
import = "acme:tax/lib@^1"
provider = "tax"
export = "acme:tax/lib@1.3.1"
via = ["audit", "cache"]
[[wire]]
import = "acme:log/*"
open = true
[[export]]
unit = "cart"
item = "acme:shop/api"
as = "acme:shop/api@1.0.0"
[policy]
unresolved = "open"
)");
  EXPECT_EQ(shop.name, "shop");
  EXPECT_EQ(shop.policy.root, "cart");
  ASSERT_EQ(shop.units.size(), 2u);
  EXPECT_EQ(shop.units[0].path, "shop/build/cart.wasm");
  EXPECT_EQ(shop.units[1].path, "/opt/tax.wasm");
  ASSERT_EQ(shop.policy.filters.size(), 3u);
  EXPECT_EQ(shop.policy.filters[2].item, "acme:tax/lib.reset");
  const DomainSettings& main = shop.domains.at("main");
  ASSERT_EQ(main.grants.dirs.size(), 1u);
  EXPECT_EQ(main.grants.dirs[0].host, "shop/./data");
  EXPECT_EQ(main.grants.dirs[0].guest, "/data");
  EXPECT_FALSE(main.grants.dirs[0].writable);
  EXPECT_THAT(main.grants.args, ElementsAre("--fast"));
  EXPECT_EQ(main.stdio, Stdio::None);
  EXPECT_EQ(main.memory, 256U << 20U);
  EXPECT_EQ(main.tables, 10000U);
  EXPECT_EQ(main.instances, 100U);
  EXPECT_EQ(main.fuel, 5U);
  EXPECT_EQ(main.timeout, std::chrono::seconds(30));
  EXPECT_EQ(main.call_timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(main.restart, (Restart{.max = 3, .within = std::chrono::minutes(1)}));
  ASSERT_EQ(shop.policy.wires.size(), 2u);
  EXPECT_THAT(shop.policy.wires[0].via, ElementsAre("audit", "cache"));
  EXPECT_EQ(shop.policy.wires[0].where.line, 25u);
  EXPECT_EQ(shop.policy.wires[1].target, Wire::Target::Open);
  EXPECT_EQ(shop.policy.exports[0].as, "acme:shop/api@1.0.0");
  EXPECT_EQ(shop.policy.unresolved, resolve::Policy::Unresolved::Open);
}

TEST(Manifest, SaysHowInstancesAnswerHttp) {
  EXPECT_EQ(parse("schema = 1").http_use, HttpInstances());
  EXPECT_EQ(parse(R"(
schema = 1
[http]
reuse = 100
share = 4
warm = 0
instance-idle = "5s"
)")
                .http_use,
            (HttpInstances{.reuse = 100, .share = 4, .warm = 0, .idle = std::chrono::seconds(5)}));
  std::vector<std::string> messages;
  for (const Diagnostic& problem : problems_of(R"(
schema = 1
[http]
reuse = 0
share = 5000
warm = -1
instance-idle = 5
reuze = 1
)"))
    messages.push_back(problem.message);
  EXPECT_THAT(messages,
              ElementsAre(HasSubstr("`reuse` in `[http]`"), HasSubstr("`share` in `[http]`"),
                          HasSubstr("`warm` in `[http]`"), HasSubstr("`instance-idle` in `[http]`"),
                          HasSubstr("`reuze`")));
}

TEST(Manifest, NamesTheFilesOfTlsForHttp) {
  const TlsOptions tls = parse(R"(
schema = 1
[http]
tls-cert = "site.pem"
tls-key = "/etc/site.key"
tls-ca = "clients/ca.pem"
)")
                             .http.tls;
  EXPECT_EQ(tls.certificate, "shop/site.pem");
  EXPECT_EQ(tls.key, "/etc/site.key");
  EXPECT_EQ(tls.ca, "shop/clients/ca.pem");
  const Diagnostics problems = problems_of("schema = 1\n[http]\ntls-cert = \"\"\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "`tls-cert` in `[http]` must not be empty");
}

TEST(Manifest, RefusesEmptyNamesInWires) {
  std::vector<std::string> messages;
  for (const Diagnostic& problem : problems_of(R"(
schema = 1
[project]
name = "shop"
root = "app"
[[wire]]
consumer = ""
import = "acme:tax/lib"
provider = ""
export = ""
on-failure = ""
)"))
    messages.push_back(problem.message);
  EXPECT_THAT(messages, ElementsAre(HasSubstr("`consumer` in `[[wire]]` must not be empty"),
                                    HasSubstr("`provider` in `[[wire]]` must not be empty"),
                                    HasSubstr("`export` in `[[wire]]` must not be empty"),
                                    HasSubstr("`on-failure` in `[[wire]]` must not be empty")));
}

TEST(Manifest, OpensOutputToEveryDomainAndInputToTheRootByDefault) {
  const auto stdio = [](std::string_view text, const std::string& domain) {
    return settings_of(parse(text), domain, "main").grants.stdio;
  };
  EXPECT_EQ(stdio("schema = 1", "main"), Stdio::Inherit);
  EXPECT_EQ(stdio("schema = 1", "log"), Stdio::Output);
  EXPECT_EQ(stdio("schema = 1\n[domains.main]\nstdio = \"none\"", "main"), Stdio::None);
  EXPECT_EQ(stdio("schema = 1\n[domains.main]\nstdio = \"output\"", "main"), Stdio::Output);
  EXPECT_EQ(stdio("schema = 1\n[domains.log]\nstdio = \"inherit\"", "log"), Stdio::Inherit);
}

TEST(Manifest, NamesTheNearestKey) {
  const Diagnostics problems = problems_of("schema = 1\n[project]\nnmae = \"shop\"\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "config-unknown-key");
  EXPECT_THAT(problems[0].message, HasSubstr("`nmae` in `[project]`"));
  EXPECT_EQ(problems[0].where.line, 3u);
  EXPECT_THAT(problems[0].hints, ElementsAre("did you mean `name`?"));
}

TEST(Manifest, ReportsEveryProblem) {
  const Diagnostics problems = problems_of(R"(schema = 2
color = "red"
[components.cart]
[components.tax]
path = 3
[domains.main]
dirs = ["ro:"]
[[wire]]
import = "a:b/c"
)");
  std::vector<std::string_view> codes;
  for (const Diagnostic& problem : problems) codes.push_back(problem.code);
  EXPECT_THAT(codes, ElementsAre("config-value", "config-value", "config-value", "config-value",
                                 "config-value", "config-unknown-key"));
}

TEST(Manifest, ShowsTheLineThatIsNotToml) {
  const Diagnostics problems = problems_of("schema = 1\n[project\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "config-syntax");
  EXPECT_EQ(problems[0].where.line, 2u);
  ASSERT_EQ(problems[0].excerpt.lines.size(), 2u);
  EXPECT_EQ(problems[0].excerpt.lines[0], "[project");
}

TEST(Manifest, RefusesAWireWithTwoTargets) {
  const Diagnostics problems =
      problems_of("schema = 1\n[[wire]]\nimport = \"a:b/c\"\nprovider = \"x\"\ntrap = true\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, HasSubstr("cannot be combined with another target"));
}

TEST(Manifest, RefusesASizeOfAnotherForm) {
  for (const std::string_view size : {"4096", "\"4096\"", "\"-1B\"", "\"64 KiB\"", "true"}) {
    const Diagnostics problems = problems_of(fmt::format(
        "schema = 1\n[[wire]]\nimport = \"a:b/c\"\nprovider = \"x\"\nstream-buffer = {}\n", size));
    ASSERT_EQ(problems.size(), 1u) << size;
    EXPECT_EQ(problems[0].where.line, 5u) << size;
    EXPECT_THAT(problems[0].message, HasSubstr("`stream-buffer`")) << size;
  }
}

TEST(Manifest, PlacesUnits) {
  const Request shop = parse(R"(schema = 1
[components.cart]
path = "cart.wasm"
[components.log]
path = "log.wasm"
isolated = true
[components.tax]
path = "tax.wasm"
domain = "payments"
[domains.payments]
net = ["*"]
allow-http = ["https://api.example.com"]
[[wire]]
import = "acme:log/log"
provider = "log"
lazy = true
optional = true
on-failure = "other"
stream-buffer = "64KiB"
)");
  EXPECT_EQ(shop.units[0].domain, "main");
  EXPECT_TRUE(shop.units[1].is_isolated);
  EXPECT_EQ(shop.units[2].domain, "payments");
  EXPECT_FALSE(shop.units[2].is_isolated);
  EXPECT_THAT(shop.domains.at("payments").grants.net, ElementsAre("*"));
  EXPECT_THAT(shop.domains.at("payments").grants.http, ElementsAre("https://api.example.com"));
  ASSERT_EQ(shop.policy.domains.size(), 1u);
  EXPECT_EQ(shop.policy.domains[0].where.line, 10u);
  EXPECT_TRUE(shop.policy.wires[0].lazy);
  EXPECT_TRUE(shop.policy.wires[0].optional);
  EXPECT_EQ(shop.policy.wires[0].on_failure, "other");
  EXPECT_EQ(shop.policy.wires[0].stream_buffer, 65536U);
}

TEST(Manifest, RefusesADomainBesideIsolated) {
  const Diagnostics problems =
      problems_of("schema = 1\n[components.log]\npath = \"l\"\ndomain = \"x\"\nisolated = true\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "config-value");
  EXPECT_THAT(problems[0].message,
              HasSubstr("`isolated` in `[components.log]` cannot be combined with `domain`"));
  const auto pool_problem = [](std::string_view lines) {
    return problems_of(fmt::format("schema = 1\n[components.log]\npath = \"l\"\n{}\n", lines))
        .front()
        .message;
  };
  EXPECT_EQ(pool_problem("pool = 0"), "`pool` in `[components.log]` must be 1 or more");
  EXPECT_EQ(pool_problem("pool = 1025"), "`pool` in `[components.log]` must be 1024 or less");
  EXPECT_EQ(pool_problem("pool = 2\ndomain = \"x\""),
            "`pool` in `[components.log]` cannot be combined with `domain`: it isolates the unit");
}

TEST(Manifest, RefusesLimitsOfAnotherForm) {
  const Diagnostics problems = problems_of(R"(schema = 1
[domains.main]
memory = "lots"
tables = 0
instances = -1
fuel = -1
timeout = "30"
call-timeout = "0s"
restart = { max = 0, within = "1 m", often = true }
)");
  EXPECT_EQ(problems.size(), 9u);
}

TEST(Settings, ApplyToTheirDomainAndRunSettingsToTheRoot) {
  Request request;
  request.grants.args = {"run"};
  request.domains["main"].grants.args = {"main"};
  request.domains["log"].grants.args = {"log"};
  request.domains["log"].memory = 7;
  const auto args = [&](const std::string& domain, const std::string& root) {
    return settings_of(request, domain, root).grants.args;
  };
  EXPECT_THAT(args("main", "main"), ElementsAre("run"));
  EXPECT_THAT(args("log", "main"), ElementsAre("log"));
  EXPECT_THAT(args("tax", "log"), ElementsAre());
  // With every unit in its own domain, the settings of `main` apply to the root's domain.
  request.policy.isolation = resolve::Policy::Isolation::All;
  request.grants.args.clear();
  EXPECT_THAT(args("log", "log"), ElementsAre("main", "log"));
  EXPECT_EQ(settings_of(request, "log", "log").memory, 7U);
  EXPECT_THAT(args("tax", "log"), ElementsAre());
}

}  // namespace
}  // namespace tenon::link::manifest_test
