#include "link/exports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenon::link::exports_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ExportedItem item(const char* interface, const char* name) {
  ExportedItem item;
  item.interface = interface;
  item.name = name;
  return item;
}

const std::vector<ExportedItem>& items() {
  static const std::vector<ExportedItem> kItems = {
      item("acme:bank/bank@1.0.0", "open"),
      item("acme:bank/bank@1.0.0", "[method]account.close"),
      item("acme:bank/bank@1.0.0", "[constructor]account"),
      item("acme:tax/lib@1.2.0", "total"),
      item("acme:tax/lib@2.0.0", "total"),
      item("acme:tax/lib@2.0.0", "open"),
      item("", "run"),
      item("log", "write"),
      item("log", "run"),
  };
  return kItems;
}

Result<std::size_t> find(const char* text, const std::vector<ExportedItem>& exported = items()) {
  const Result<WaveCall> call = parse_wave_call(text);
  EXPECT_TRUE(call) << text;
  return find_exported_function(exported, "shop", *call);
}

TEST(FindExportedFunction, TakesAnInterfaceInEachFormOrNone) {
  EXPECT_EQ(*find("run()"), 6U) << "the one that has no interface";
  EXPECT_EQ(*find("log.run()"), 8U);
  EXPECT_EQ(*find("write()"), 7U);
  EXPECT_EQ(*find("log.write()"), 7U);
  EXPECT_EQ(*find("bank.open()"), 0U);
  EXPECT_EQ(*find("acme:bank/bank.open()"), 0U);
  EXPECT_EQ(*find("acme:bank/bank@1.0.0.open()"), 0U);
  EXPECT_EQ(*find("acme:tax/lib@1.2.0.total()"), 3U);
  EXPECT_EQ(*find("[account.close]($1)"), 1U);
  EXPECT_EQ(*find("bank.[account]()"), 2U);
}

TEST(FindExportedFunction, ListsAllMatchesOfAName) {
  const Result<std::size_t> open = find("open()");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error()[0].code, "run-ambiguous-function");
  EXPECT_THAT(open.error()[0].hints,
              ElementsAre("call `acme:bank/bank@1.0.0.open`", "call `acme:tax/lib@2.0.0.open`"));
  const Result<std::size_t> total = find("acme:tax/lib.total()");
  ASSERT_FALSE(total);
  EXPECT_THAT(total.error()[0].message, HasSubstr("exports 2 functions `acme:tax/lib.total`"));
}

TEST(FindExportedFunction, SuggestsSimilarNames) {
  const auto hint = [](const char* text) {
    const Result<std::size_t> match = find(text);
    EXPECT_FALSE(match) << text;
    EXPECT_EQ(match.error()[0].code, "run-no-function");
    return match.error()[0].hints[0];
  };
  EXPECT_EQ(hint("totl()"), "did you mean `total`?");
  EXPECT_EQ(hint("[acount.close]()"), "did you mean `[account.close]`?");
  EXPECT_EQ(hint("bank.opne()"), "did you mean `bank.open`?");
  EXPECT_EQ(hint("bank.total()"),
            "did you mean `acme:tax/lib@1.2.0.total` or `acme:tax/lib@2.0.0.total`?");
  EXPECT_EQ(hint("acme:bank/bank@1.1.0.open()"),
            "did you mean `acme:bank/bank@1.0.0.open` or `acme:tax/lib@2.0.0.open`?");
  EXPECT_THAT(hint("bank.frobnicate()"),
              HasSubstr("name one of the interface's functions: `bank.["));
  EXPECT_THAT(hint("frobnicate()"), HasSubstr("name one of the exported functions: `acme:bank/"));
}

TEST(FindExportedFunction, ReportsThatNothingIsExported) {
  const Result<std::size_t> match = find("run()", {});
  ASSERT_FALSE(match);
  EXPECT_THAT(match.error()[0].hints, ElementsAre(HasSubstr("`export_all`")));
}

}  // namespace
}  // namespace tenon::link::exports_test
