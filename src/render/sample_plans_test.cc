#include "render/sample_plans.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::render {

namespace {

PlanUnit& add_unit(Plan& plan, std::string_view name, std::string_view version = {},
                   std::string_view domain = "main") {
  PlanUnit unit;
  unit.name = name;
  unit.file = fmt::format("{}.wasm", name);
  if (!version.empty()) unit.version = version;
  unit.domain = domain;
  plan.order.insert(plan.order.begin(), unit.name);
  const auto row = std::find_if(plan.domains.begin(), plan.domains.end(),
                                [&](const PlanDomain& other) { return other.name == domain; });
  PlanDomain& of_unit = row == plan.domains.end() ? plan.domains.emplace_back() : *row;
  of_unit.name = domain;
  of_unit.units.push_back(unit.name);
  return plan.units.emplace_back(std::move(unit));
}

PlanEdge& add_edge(Plan& plan, std::string_view consumer, std::string_view import,
                   std::string_view provider, EdgeKind kind = EdgeKind::Direct) {
  PlanEdge edge;
  edge.consumer = consumer;
  edge.import = import;
  edge.provider = provider;
  edge.export_name = import;
  edge.kind = kind;
  for (PlanUnit& unit : plan.units) {
    if (unit.name == consumer)
      unit.imports.push_back({edge.import, PlanItemKind::Instance, {"get", "set"}});
    if (unit.name == provider)
      unit.exports.push_back({edge.import, PlanItemKind::Instance, {"get", "set"}});
  }
  return plan.edges.emplace_back(std::move(edge));
}

void add_wasi(Plan& plan, std::string_view consumer) {
  for (const char* name :
       {"wasi:cli/environment@0.2.6", "wasi:cli/exit@0.2.6", "wasi:io/streams@0.2.6"})
    add_edge(plan, consumer, name, "wasi", EdgeKind::Wasi);
}

void finish(Plan& plan) {
  std::sort(plan.units.begin(), plan.units.end(),
            [](const PlanUnit& a, const PlanUnit& b) { return a.name < b.name; });
}

}  // namespace

Plan make_shop() {
  Plan plan;
  plan.name = "shop";
  plan.root = "cart";
  add_unit(plan, "cart", "1.4.0");
  add_unit(plan, "tax", "1.3.1");
  add_unit(plan, "log", "0.1.0", "log");
  PlanEdge& tax = add_edge(plan, "cart", "acme:tax/lib@1.2.0", "tax");
  tax.export_name = "acme:tax/lib@1.3.1";
  tax.notes = {"newer in track 1"};
  add_edge(plan, "cart", "acme:log/log@0.1.0", "log", EdgeKind::Bridged).notes = {
      "log restarts on trap"};
  add_edge(plan, "cart", "wasi:cli/environment@0.2.6", "wasi", EdgeKind::Wasi);
  add_edge(plan, "cart", "wasi:cli/exit@0.2.6", "wasi", EdgeKind::Wasi);
  plan.exports.push_back({"acme:cart/api@1.0.0", "cart", "acme:cart/api@1.0.0", false});
  finish(plan);
  return plan;
}

Plan make_ten_unit_shop() {
  Plan plan;
  plan.name = "shop";
  plan.root = "shop";
  for (const auto& [name, version] : {std::pair("shop", "2.1.0"),
                                      {"cart", "1.4.0"},
                                      {"catalog", "1.0.2"},
                                      {"checkout", "0.9.0"},
                                      {"tax", "1.3.1"},
                                      {"payment", "3.0.0"},
                                      {"stock", "0.4.1"},
                                      {"mail", "1.0.0"},
                                      {"log", "0.1.0"},
                                      {"store", "2.2.0"}})
    add_unit(plan, name, version);
  add_edge(plan, "shop", "acme:shop/cart@1.0.0", "cart");
  add_edge(plan, "shop", "acme:shop/catalog@1.0.0", "catalog");
  add_edge(plan, "shop", "acme:shop/checkout@0.9.0", "checkout");
  add_edge(plan, "cart", "acme:tax/lib@1.2.0", "tax");
  add_edge(plan, "cart", "acme:stock/stock@0.4.0", "stock");
  add_edge(plan, "cart", "acme:db/store@2.0.0", "store");
  add_edge(plan, "catalog", "acme:db/store@2.0.0", "store");
  add_edge(plan, "catalog", "acme:db/backup@2.0.0", "store");
  add_edge(plan, "checkout", "acme:tax/lib@1.3.0", "tax");
  add_edge(plan, "checkout", "acme:pay/card@3.0.0", "payment");
  add_edge(plan, "checkout", "acme:mail/send@1.0.0", "mail");
  add_edge(plan, "payment", "acme:log/log@0.1.0", "log");
  add_edge(plan, "stock", "acme:db/store@2.0.0", "store");
  add_edge(plan, "mail", "acme:log/log@0.1.0", "log");
  add_edge(plan, "store", "acme:log/log@0.1.0", "log");
  add_wasi(plan, "shop");
  add_wasi(plan, "mail");
  add_wasi(plan, "store");
  plan.exports.push_back(
      {"wasi:http/incoming-handler@0.2.6", "shop", "wasi:http/incoming-handler@0.2.6", false});
  finish(plan);
  return plan;
}

Plan make_press() {
  Plan plan;
  plan.name = "press";
  plan.root = "cli";
  for (const char* name :
       {"cli", "accesslog", "cache", "site", "markdown", "highlighter", "archive", "kv"})
    add_unit(plan, name, "1.0.0");
  const std::vector<std::string> chain = {"accesslog", "cache"};
  add_edge(plan, "cli", "press:web/handler@1.0.0", "accesslog").via = chain;
  add_edge(plan, "accesslog", "press:web/handler@1.0.0", "cache").via = chain;
  add_edge(plan, "cache", "press:web/handler@1.0.0", "site").via = chain;
  add_edge(plan, "site", "press:text/markdown@1.0.0", "markdown");
  add_edge(plan, "site", "press:kv/backup@1.0.0", "archive");
  add_edge(plan, "site", "press:kv/store@1.0.0", "kv");
  add_edge(plan, "markdown", "press:text/highlight@1.0.0", "highlighter");
  add_edge(plan, "archive", "press:kv/store@1.0.0", "kv");
  add_edge(plan, "cache", "press:kv/store@1.0.0", "kv");
  add_wasi(plan, "cli");
  add_wasi(plan, "accesslog");
  plan.exports.push_back({"wasi:cli/run@0.2.6", "cli", "wasi:cli/run@0.2.6", false});
  finish(plan);
  return plan;
}

Plan make_domains() {
  Plan plan;
  plan.name = "shop";
  plan.root = "cart";
  add_unit(plan, "cart", "1.4.0");
  add_unit(plan, "tax", "1.3.1");
  add_unit(plan, "payment", "3.0.0", "payments");
  add_unit(plan, "card", "1.0.0", "payments");
  add_unit(plan, "log", "0.1.0", "log");
  add_unit(plan, "stock", {}, "stock").kind = UnitKind::Remote;
  add_unit(plan, "db", {}, "db").kind = UnitKind::HostBundle;
  add_edge(plan, "cart", "acme:tax/lib@1.2.0", "tax");
  add_edge(plan, "cart", "acme:pay/card@3.0.0", "payment", EdgeKind::Bridged);
  add_edge(plan, "payment", "acme:pay/vault@1.0.0", "card");
  add_edge(plan, "payment", "acme:log/log@0.1.0", "log", EdgeKind::Bridged);
  add_edge(plan, "tax", "acme:log/log@0.1.0", "log", EdgeKind::Bridged);
  add_edge(plan, "cart", "acme:stock/stock@0.4.0", "stock", EdgeKind::Remote);
  add_edge(plan, "log", "acme:db/sql@1.0.0", "db", EdgeKind::Native);
  plan.exports.push_back({"acme:cart/api@1.0.0", "cart", "acme:cart/api@1.0.0", false});
  plan.open.push_back({"acme:clock/now@1.0.0", {{"tax", "acme:clock/now@1.0.0"}}, false, false});
  finish(plan);
  return plan;
}

Plan make_random_plan(unsigned seed, unsigned units) {
  Plan plan;
  plan.name = "random";
  plan.root = "u0";
  std::mt19937 random(seed);
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  for (unsigned i = 0; i < units; ++i)
    add_unit(plan, fmt::format("u{}{}", i, std::string(pick(20), 'm')), pick(2) == 0 ? "" : "1.0.0",
             pick(4) == 0 ? "other" : "main");
  plan.root = plan.units.front().name;
  for (unsigned to = 1; to < units; ++to) {
    for (unsigned k = 0; k <= pick(3); ++k) {
      const unsigned from = pick(to);
      const std::string import =
          fmt::format("acme:{}/iface{}@1.0.0", std::string(1 + pick(12), 'a'), to);
      const bool is_inside = plan.units[from].domain == plan.units[to].domain;
      add_edge(plan, plan.units[from].name, import, plan.units[to].name,
               is_inside ? EdgeKind::Direct : EdgeKind::Bridged);
    }
  }
  if (pick(2) == 0) add_wasi(plan, plan.units.back().name);
  plan.exports.push_back({"acme:random/api@1.0.0", plan.root, "acme:random/api@1.0.0", false});
  finish(plan);
  return plan;
}

TEST(SamplePlans, EdgesConnectUnitsOfThePlan) {
  for (const Plan& plan :
       {make_shop(), make_ten_unit_shop(), make_press(), make_domains(), make_random_plan(1, 12)}) {
    for (const PlanEdge& edge : plan.edges) {
      const auto is_unit = [&](const std::string& name) {
        return std::any_of(plan.units.begin(), plan.units.end(),
                           [&](const PlanUnit& unit) { return unit.name == name; });
      };
      EXPECT_TRUE(is_unit(edge.consumer)) << edge.consumer;
      EXPECT_TRUE(edge.provider == "wasi" || is_unit(edge.provider)) << edge.provider;
    }
  }
}

}  // namespace tenon::render
