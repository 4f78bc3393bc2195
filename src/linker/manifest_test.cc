#include "linker/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenon::linker {
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
  ASSERT_EQ(shop.grants.dirs.size(), 1u);
  EXPECT_EQ(shop.grants.dirs[0].host, "shop/./data");
  EXPECT_EQ(shop.grants.dirs[0].guest, "/data");
  EXPECT_FALSE(shop.grants.dirs[0].writable);
  EXPECT_THAT(shop.grants.args, ElementsAre("--fast"));
  EXPECT_FALSE(shop.grants.stdio);
  ASSERT_EQ(shop.policy.wires.size(), 2u);
  EXPECT_THAT(shop.policy.wires[0].via, ElementsAre("audit", "cache"));
  EXPECT_EQ(shop.policy.wires[0].where.line, 18u);
  EXPECT_EQ(shop.policy.wires[1].target, resolve::Wire::Target::Open);
  EXPECT_EQ(shop.policy.exports[0].as, "acme:shop/api@1.0.0");
  EXPECT_EQ(shop.policy.unresolved, resolve::Policy::Unresolved::Open);
}

TEST(Manifest, InheritsStandardStreamsUnlessTold) { EXPECT_TRUE(parse("schema = 1").grants.stdio); }

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
  EXPECT_THAT(problems[0].message, HasSubstr("excludes another target"));
}

TEST(Manifest, RefusesADomainItCannotMake) {
  const Diagnostics problems = problems_of("schema = 1\n[domains.log]\nargs = []\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, HasSubstr("`main` only, not `log`"));
}

}  // namespace
}  // namespace tenon::linker
