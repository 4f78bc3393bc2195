#include "render/render_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tenon::render::render_functions_test {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<FunctionName> kFunctions = {
    {"acme:bank/bank@1.0.0", "open"},
    {"acme:bank/bank@1.0.0", "[method]account.close"},
    {"acme:tax/lib@1.2.0", "total"},
    {"acme:tax/lib@2.0.0", "total"},
    {"", "run"},
};

TEST(FunctionNames, AreShortIfUnambiguous) {
  EXPECT_THAT(complete_function(kFunctions, ""),
              ElementsAre("open", "[account.close]", "acme:tax/lib@1.2.0.total",
                          "acme:tax/lib@2.0.0.total", "run"));
  EXPECT_THAT(complete_function(kFunctions, "o"), ElementsAre("open"));
  EXPECT_THAT(complete_function(kFunctions, "["), ElementsAre("[account.close]"));
}

TEST(FunctionNames, AreFullIfNoShortNameMatches) {
  EXPECT_THAT(complete_function(kFunctions, "acme:bank"),
              ElementsAre("acme:bank/bank@1.0.0.open", "acme:bank/bank@1.0.0.[account.close]"));
  EXPECT_THAT(complete_function(kFunctions, "acme:"),
              ElementsAre("acme:bank/bank@1.0.0.open", "acme:bank/bank@1.0.0.[account.close]",
                          "acme:tax/lib@1.2.0.total", "acme:tax/lib@2.0.0.total"));
  EXPECT_THAT(complete_function(kFunctions, "x"), IsEmpty());
}

TEST(FunctionNames, ComeFromTheExportsOfAPlan) {
  Plan plan;
  PlanUnit bank;
  bank.name = "bank";
  bank.exports = {{"acme:bank/bank@1.0.0", PlanItemKind::Instance, {"open"}},
                  {"run", PlanItemKind::Function, {}},
                  {"hidden", PlanItemKind::Function, {}}};
  plan.units = {bank};
  plan.exports = {{"acme:bank/b@1.0.0", "bank", "acme:bank/bank@1.0.0", false},
                  {"go", "bank", "run", false}};
  EXPECT_THAT(list_exported_functions(plan),
              ElementsAre(FunctionName{"acme:bank/b@1.0.0", "open"}, FunctionName{"", "go"}));
}

}  // namespace

}  // namespace tenon::render::render_functions_test
