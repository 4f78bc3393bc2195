#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "render/graph.h"
#include "render/json.h"
#include "render/picture.h"
#include "render/sample_plans.h"

namespace tenon::render::render_graph_test {

using testing::HasSubstr;
using testing::Not;

namespace {

constexpr Style kPlain{Color::No, Charset::Utf8};

Graph draw(const Plan& plan, const GraphOptions& options = {}) { return make_graph(plan, options); }

// The picture, or the message of the problem.
std::string draw_svg(const Plan& plan, const GraphOptions& options = {}) {
  const Result<std::string> picture = render_graph_svg(draw(plan, options));
  return picture ? *picture : picture.error()[0].message;
}

}  // namespace

TEST(RenderGraphTree, ShowsEachUnitBelowItsConsumer) {
  EXPECT_EQ(render_graph_tree(draw(make_shop()), kPlain),
            "cart 1.4.0\n"
            "├─ tax 1.3.1   acme:tax/lib@1.2.0\n"
            "└─ log 0.1.0   acme:log/log@0.1.0 (bridged)\n");
}

TEST(RenderGraphTree, RepeatedUnitIsMarked) {
  const std::string text = render_graph_tree(draw(make_ten_unit_shop()), kPlain);
  EXPECT_THAT(text, HasSubstr("│  └─ store 2.2.0 (above)   acme:db/store@2.0.0\n"));
}

TEST(RenderGraphTree, DepthHidesUnitsAndCountsThem) {
  GraphOptions options;
  options.depth = 1;
  EXPECT_EQ(render_graph_tree(draw(make_ten_unit_shop(), options), kPlain),
            "shop 2.1.0\n"
            "├─ cart 1.4.0 (+3)       acme:shop/cart@1.0.0\n"
            "├─ catalog 1.0.2 (+1)    acme:shop/catalog@1.0.0\n"
            "└─ checkout 0.9.0 (+3)   acme:shop/checkout@0.9.0\n");
}

TEST(RenderGraphTree, WasiAndFunctionsOnRequest) {
  GraphOptions options;
  options.wasi = ShowWasi::Yes;
  EXPECT_THAT(render_graph_tree(draw(make_shop(), options), kPlain),
              HasSubstr("└─ wasi        wasi:cli/*@0.2.6\n"));
  options.functions = ShowFunctions::Yes;
  const std::string text = render_graph_tree(draw(make_shop(), options), kPlain);
  EXPECT_THAT(text, HasSubstr("acme:tax/lib@1.2.0.{get, set}"));
  EXPECT_THAT(text, HasSubstr("wasi:cli/exit@0.2.6.{get, set}"));
}

TEST(RenderGraphTree, LongChainDoesNotOverflowTheStack) {
  Plan plan;
  for (int i = 0; i < 3000; ++i) {
    PlanUnit unit;
    unit.name = "u" + std::to_string(i);
    plan.units.push_back(unit);
    if (i == 0) continue;
    PlanEdge edge;
    edge.consumer = "u" + std::to_string(i - 1);
    edge.provider = unit.name;
    edge.import = edge.export_name = "a:b/c";
    plan.edges.push_back(edge);
  }
  EXPECT_THAT(render_graph_tree(draw(plan), kPlain), HasSubstr("u2999"));
}

TEST(RenderGraphDot, ClusterForEachDomainAndStyleForEachKind) {
  const std::string text = render_graph_dot(draw(make_domains()));
  EXPECT_THAT(text, HasSubstr("label=\"domain payments\";"));
  EXPECT_THAT(text, HasSubstr("[style=solid, label=\"acme:tax/lib@1.2.0\"]"));
  EXPECT_THAT(text, HasSubstr("[style=dashed, label=\"acme:pay/card@3.0.0\"]"));
  EXPECT_THAT(text, HasSubstr("[style=dotted, label=\"acme:stock/stock@0.4.0\"]"));
  EXPECT_THAT(text, HasSubstr("[style=bold, label=\"acme:db/sql@1.0.0\"]"));
  EXPECT_THAT(text, HasSubstr("label=\"acme:cart/api@1.0.0\""));
}

TEST(RenderGraphDot, EscapesQuotes) {
  Plan plan = make_shop();
  plan.edges[0].import = "a\"];evil\\";
  EXPECT_THAT(render_graph_dot(draw(plan)), HasSubstr("label=\"a\\\"];evil\\\\\""));
}

TEST(RenderGraphMermaid, SubgraphsAndArrows) {
  const std::string text = render_graph_mermaid(draw(make_domains()));
  EXPECT_THAT(text, testing::StartsWith("flowchart LR\n  subgraph c0[\"domain main\"]\n"));
  EXPECT_THAT(text, HasSubstr("-->|\"acme:tax/lib@1.2.0\"|"));
  EXPECT_THAT(text, HasSubstr("-.->|\"acme:pay/card@3.0.0\"|"));
  EXPECT_THAT(text, HasSubstr("==>|\"acme:db/sql@1.0.0\"|"));
  EXPECT_THAT(text, HasSubstr("stroke-dasharray:2 4"));
}

TEST(RenderGraphMermaid, EscapesQuotesAndTags) {
  Plan plan = make_shop();
  plan.edges[0].import = "<b>\"#";
  EXPECT_THAT(render_graph_mermaid(draw(plan)), HasSubstr("#60;b#62;#34;#35;"));
}

TEST(RenderGraphJson, HasNodesEdgesAndClusters) {
  const JsonValue json = JsonValue::parse(render_graph_json(draw(make_shop())));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["root"], "cart");
  EXPECT_EQ(json["nodes"][0]["name"], "cart");
  EXPECT_EQ(json["clusters"][1]["nodes"][0], "log");
  EXPECT_EQ(json["edges"][0]["items"][0]["export"], "acme:tax/lib@1.3.1");
  EXPECT_EQ(json["exports"][0]["node"], "cart");
}

TEST(RenderGraphSvg, ShowsDomainsUnitsVersionsInterfacesAndExports) {
  const std::string text = draw_svg(make_domains());
  for (const char* part :
       {">payments<", ">payment<", ">3.0.0<", "acme:pay/</tspan>card<", "class=\"line bridged\"",
        "class=\"line native\"", "class=\"line remote\"", "prefers-color-scheme: dark"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, HasSubstr("acme:cart/</tspan>api<"));
  EXPECT_THAT(text, HasSubstr("<title>cart \u2192 payment</title>"));
  EXPECT_THAT(text, HasSubstr(">domain</text>"));
  EXPECT_THAT(text, Not(HasSubstr(">wasi<")));
}

TEST(RenderGraphSvg, LegendHasOnlyKindsThatAreDrawn) {
  const std::string text = draw_svg(make_press());
  EXPECT_THAT(text, HasSubstr(">main</text>"));
  EXPECT_THAT(text, HasSubstr(">domain</text>"));
  EXPECT_THAT(text, HasSubstr(">direct</text>"));
  EXPECT_THAT(text, Not(HasSubstr(">bridged</text>")));
}

TEST(RenderGraphSvg, WasiOnRequest) {
  GraphOptions options;
  options.wasi = ShowWasi::Yes;
  EXPECT_THAT(draw_svg(make_shop(), options), HasSubstr(">wasi<"));
}

TEST(RenderGraphSvg, EscapesMarkup) {
  Plan plan = make_shop();
  plan.name = "<script>";
  plan.edges[0].import = "a&b";
  const std::string text = draw_svg(plan);
  EXPECT_THAT(text, HasSubstr("<title>&lt;script&gt;</title>"));
  EXPECT_THAT(text, HasSubstr("a&amp;b"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
}

}  // namespace tenon::render::render_graph_test
