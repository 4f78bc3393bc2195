#include "render/render_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "render/json.h"
#include "render/sample_plans.h"

namespace tenon::render::render_plan_test {

using testing::HasSubstr;
using testing::Not;

namespace {

constexpr Style kPlain{Color::No, Charset::Utf8};

}  // namespace

TEST(RenderPlan, PrintsATree) {
  EXPECT_EQ(
      render_plan(make_shop(), kPlain),
      "shop: 3 units, 2 domains\n"
      "├─ cart 1.4.0                                          domain main\n"
      "│  ├─ acme:tax/lib@1.2.0  <- tax   acme:tax/lib@1.3.1  direct  (newer in track 1)\n"
      "│  ├─ acme:log/log@0.1.0  <- log                       bridged (log restarts on trap)\n"
      "│  └─ wasi:cli/*@0.2.6    <- wasi\n"
      "├─ tax 1.3.1                                           domain main\n"
      "└─ log 0.1.0                                           domain log\n"
      "exports: acme:cart/api@1.0.0 (cart)\n");
}

TEST(RenderPlan, AsciiHasOnlyAsciiCharacters) {
  for (const char c : render_plan(make_shop(), {Color::No, Charset::Ascii}))
    EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST(RenderPlan, ColorDoesNotChangeAlignment) {
  std::string colored = render_plan(make_shop(), {Color::Yes, Charset::Utf8});
  for (std::size_t at = 0; (at = colored.find('\x1b')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) - at + 1);
  EXPECT_EQ(colored, render_plan(make_shop(), kPlain));
}

TEST(RenderPlan, EscapesNamesOfGuests) {
  Plan plan = make_shop();
  plan.edges[0].import = "acme:tax/\x1b[2Jlib";
  plan.exports[0].name = "a\nb";
  const std::string text = render_plan(plan, kPlain);
  EXPECT_THAT(text, HasSubstr("acme:tax/\\x1b[2Jlib"));
  EXPECT_THAT(text, HasSubstr("exports: a\\nb (cart "));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(RenderPlan, SaysWhetherRequestsPassProxies) {
  Plan plan = make_shop();
  plan.domains[0].grants.http = {"a.example", "*"};
  EXPECT_THAT(render_plan(plan, kPlain),
              HasSubstr("grants: main (HTTP requests to a.example, any HTTP request)\n"));
  plan.domains[0].grants.http_proxy = true;
  EXPECT_THAT(render_plan(plan, kPlain),
              HasSubstr("grants: main (HTTP requests to a.example through proxies, "
                        "any HTTP request through proxies)\n"));
}

TEST(RenderPlan, ListsExportsOpenImportsAndGrants) {
  Plan plan = make_shop();
  plan.exports.push_back({"acme:tax/types@1.0.0", "tax", "acme:tax/types@1.0.0", true});
  plan.exports.push_back({"api", "cart", "acme:cart/api@1.0.0", false});
  plan.open.push_back({"x:y/z@1.0.0", {{"cart", "x:y/z@1.0.0"}, {"tax", "x:y/z@1.0.1"}}});
  plan.open.push_back({"x:y/t@1.0.0", {{"cart", "x:y/t@1.0.0"}}, false, true});
  plan.open.push_back({"wasi:cli/exit@0.2.6", {{"cart", "wasi:cli/exit@0.2.6"}}, true, false});
  plan.domains[0].grants.dirs.push_back({"./data", "/data", false});
  plan.domains[0].grants.env = {"LOG"};
  plan.domains[0].grants.net = {"*"};
  EXPECT_THAT(render_plan(plan, kPlain),
              HasSubstr("exports: acme:cart/api@1.0.0 (cart)\n"
                        "         acme:tax/types@1.0.0 (tax, for its types)\n"
                        "         api (cart acme:cart/api@1.0.0)\n"
                        "open: x:y/z@1.0.0 (cart, tax)\n"
                        "traps when called: x:y/t@1.0.0 (cart)\n"
                        "grants: main (read ./data as /data, env LOG, any network)\n"));
}

TEST(RenderPlan, OnlyInterfaceOfAWasiPackageKeepsItsName) {
  Plan plan = make_shop();
  plan.edges.pop_back();
  EXPECT_THAT(render_plan(plan, kPlain), HasSubstr("wasi:cli/environment@0.2.6"));
}

TEST(PlanJson, HasTheMembersOfTheSchema) {
  const JsonValue json = JsonValue::parse(render_plan_json(make_shop()));
  std::vector<std::string> members;
  for (const auto& [key, value] : json.items()) members.push_back(key);
  EXPECT_EQ(members, (std::vector<std::string>{"schema", "name", "root", "units", "domains",
                                               "edges", "open", "exports", "routes", "order",
                                               "shadowed", "rejected", "notes"}));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["edges"][1]["kind"], "bridged");
  EXPECT_EQ(json["edges"][0]["reason"], "only-candidate");
  EXPECT_EQ(json["units"][0]["name"], "cart");
  EXPECT_EQ(json["domains"][0]["limits"], JsonValue::object());
}

TEST(PlanJson, SeparatesShadowedFromRejected) {
  Plan plan = make_shop();
  plan.rejected.push_back({"cart", "i", "a", "i", true, "shadowed by tax"});
  plan.rejected.push_back({"cart", "i", "b", "i", false, "another track"});
  const JsonValue json = JsonValue::parse(render_plan_json(plan));
  EXPECT_EQ(json["shadowed"][0]["provider"], "a");
  EXPECT_EQ(json["rejected"][0]["provider"], "b");
}

TEST(RenderChoices, ChosenComesBeforeRejected) {
  const std::vector<PlanChoice> choices = {
      {"cart",
       "acme:tax/lib@1.2.0",
       "only candidate in track 1",
       {{"tax", "acme:tax/lib@1.3.1", PlanVerdict::Chosen, "only candidate in track 1"},
        {"tax-old", "acme:tax/lib@0.9.0", PlanVerdict::RuledOut, "another track"}}}};
  EXPECT_EQ(render_choices(choices, kPlain),
            "`cart` imports `acme:tax/lib@1.2.0`\n"
            "chosen:   tax (acme:tax/lib@1.3.1)       only candidate in track 1\n"
            "rejected: tax-old (acme:tax/lib@0.9.0)   another track\n");
  const JsonValue json = JsonValue::parse(render_choices_json(make_shop(), choices));
  EXPECT_EQ(json["why"][0]["chosen"]["provider"], "tax");
  EXPECT_EQ(json["why"][0]["rejected"][0]["why"], "another track");
}

TEST(RenderChoices, ConsumersAreNamedIfThereAreSeveral) {
  const std::vector<PlanChoice> choices = {
      {"a", "i", "left open", {{"p", "i", PlanVerdict::RuledOut, "x"}}},
      {"b", "i", "left open", {{"q", "i", PlanVerdict::Shadowed, "y"}}}};
  EXPECT_EQ(render_choices(choices, kPlain),
            "`a` imports `i`\n"
            "no provider: left open\n"
            "rejected: p (i)   x\n"
            "`b` imports `i`\n"
            "no provider: left open\n"
            "shadowed: q (i)   y\n");
  EXPECT_EQ(JsonValue::parse(render_choices_json({}, choices))["why"][0]["chosen"], nullptr);
}

}  // namespace tenon::render::render_plan_test
