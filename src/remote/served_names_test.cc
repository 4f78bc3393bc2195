#include "remote/served_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "remote/server.h"

namespace tenon::remote {
namespace {

using testing::ElementsAre;
using testing::Pair;

class ServedNamesTest : public testing::Test {
 protected:
  ServedNamesTest() {
    const auto add = [&](const char* instance, const char* function) {
      functions_.push_back({.instance = instance,
                            .function = function,
                            .name = {},
                            .shape = nullptr,
                            .callee = nullptr,
                            .type = {}});
    };
    add("acme:tax/lib@1.4.0", "rate");
    add("acme:tax/lib@1.10.0", "rate");
    add("acme:tax/lib@1.4.0", "[method]account.close");
    add("acme:tax/lib@0.2.3", "rate");
    add("acme:tax/lib@0.0.3", "rate");
    add("acme:tax/lib@3.0.0-rc.1", "rate");
    add("acme:tax/plain", "rate");
    add("", "main");
  }
  // The instance of the function that is found; "*" if its version is another one; empty: none.
  static std::string find(const ServedNames& names, const char* instance, const char* function) {
    const ServedNames::Found found = names.find(instance, function);
    if (found.function == nullptr) return {};
    return found.function->instance + (found.is_exact ? "" : "*");
  }
  std::vector<ServedFunction> functions_;
};

TEST_F(ServedNamesTest, AnExactVersionWinsOverTheNewestOfItsTrack) {
  const ServedNames names(functions_);
  EXPECT_EQ(find(names, "acme:tax/lib@1.4.0", "rate"), "acme:tax/lib@1.4.0");
  EXPECT_EQ(find(names, "acme:tax/lib@1.0.0", "rate"), "acme:tax/lib@1.10.0*");
  EXPECT_EQ(find(names, "acme:tax/lib@1.99.0", "rate"), "acme:tax/lib@1.10.0*");
  EXPECT_EQ(find(names, "acme:tax/lib@1.10.0", "account.close"), "acme:tax/lib@1.4.0*");
  EXPECT_EQ(find(names, "acme:tax/lib@0.2.0", "rate"), "acme:tax/lib@0.2.3*");
  for (const char* const other :
       {"acme:tax/lib@2.0.0", "acme:tax/lib@0.3.0", "acme:tax/lib@0.0.4", "acme:tax/lib",
        "acme:tax/plain@1.0.0", "acme:tax/lob@1.4.0", "not a name", "@", ""})
    EXPECT_EQ(find(names, other, "rate"), "") << other;
}

class ServedLabels : public testing::Test {
 protected:
  void add(const char* instance, const char* implements) {
    functions_.push_back({.instance = instance,
                          .implements = implements,
                          .function = "open",
                          .name = {},
                          .shape = nullptr,
                          .callee = nullptr,
                          .type = {}});
  }
  std::vector<ServedFunction> functions_;
};

TEST_F(ServedLabels, AreFoundByTheirLabelAndByTheInterface) {
  add("primary", "t:kv/store@1.2.0");
  const ServedNames names(functions_);
  EXPECT_EQ(names.find("primary", "open").function, functions_.data());
  const ServedNames::Found exact = names.find("t:kv/store@1.2.0", "open");
  EXPECT_EQ(exact.function, functions_.data());
  EXPECT_TRUE(exact.is_exact);
  EXPECT_FALSE(exact.must_choose);
  const ServedNames::Found older = names.find("t:kv/store@1.0.0", "open");
  EXPECT_EQ(older.function, functions_.data());
  EXPECT_FALSE(older.is_exact);
  EXPECT_EQ(names.find("t:kv/store@2.0.0", "open").function, nullptr);
  EXPECT_EQ(names.find("t:kv/store", "open").function, nullptr);
  EXPECT_THAT(names.subjects("x", true),
              ElementsAre("x.wrpc.0.0.1.primary.open", "x.wrpc.0.0.1.t:kv/store@1.*.*.open"));
  EXPECT_THAT(names.read_subject("wrpc.0.0.1.t:kv/store@1.0.0.open"),
              testing::Optional(Pair("t:kv/store@1.0.0", "open")));
}

TEST_F(ServedLabels, OfOneInterfaceNeedAChoice) {
  add("primary", "t:kv/store@1.2.0");
  add("back-up", "t:kv/store@1.0.0");
  const ServedNames::Found found = ServedNames(functions_).find("t:kv/store@1.0.0", "open");
  EXPECT_TRUE(found.must_choose);
  EXPECT_EQ(found.function, &functions_[1]) << "the same version";
  EXPECT_EQ(found.labelled.size(), 2U);
  EXPECT_THAT(ServedNames::explain_choice(found, "t:kv/store@1.0.0"),
              testing::HasSubstr("served here as `back-up` and `primary`"));
}

TEST_F(ServedLabels, GiveWayToTheInterfaceItself) {
  add("primary", "t:kv/store");
  add("back-up", "t:kv/store");
  add("t:kv/store", "");
  const ServedNames::Found found = ServedNames(functions_).find("t:kv/store", "open");
  EXPECT_EQ(found.function, &functions_[2]);
  EXPECT_FALSE(found.must_choose);
  EXPECT_EQ(found.labelled.size(), 2U) << "for a note or a handle";
}

TEST_F(ServedNamesTest, TheRootHasTheNamesOfItsWorlds) {
  ServedNames names(functions_);
  EXPECT_EQ(names.find("", "main").function, &functions_.back());
  EXPECT_EQ(names.find("acme:app/app@1.0.0", "main").function, nullptr);
  names.add_world("acme:app/app@1.0.0");
  EXPECT_EQ(names.find("acme:app/app@1.0.0", "main").function, &functions_.back());
  EXPECT_EQ(names.find("acme:app/app@1.0.0", "rate").function, nullptr);
}

TEST_F(ServedNamesTest, SubjectsMatchTheVersionsOfATrack) {
  ServedNames names(functions_);
  names.add_world("acme:app/app@1.0.0");
  EXPECT_THAT(names.subjects("shop", true),
              ElementsAre("shop.wrpc.0.0.1.acme:app/app@1.0.0.main",
                          "shop.wrpc.0.0.1.acme:tax/lib@0.0.3.rate",
                          "shop.wrpc.0.0.1.acme:tax/lib@0.2.*.rate",
                          "shop.wrpc.0.0.1.acme:tax/lib@1.*.*.account.close",
                          "shop.wrpc.0.0.1.acme:tax/lib@1.*.*.rate",
                          "shop.wrpc.0.0.1.acme:tax/lib@3.0.0-rc.1.rate",
                          "shop.wrpc.0.0.1.acme:tax/plain.rate", "shop.wrpc.0.0.1.main"));
  EXPECT_EQ(names.subjects("", false).size(), 9U);
  EXPECT_EQ(names.subjects("", false).front(), "wrpc.0.0.1.acme:app/app@1.0.0.main");
}

TEST_F(ServedNamesTest, ASubjectNamesAFunction) {
  ServedNames names(functions_);
  names.add_world("acme:app/app@1.0.0");
  using Names = std::pair<const char*, std::pair<const char*, const char*>>;
  for (const auto& [subject, name] : {
           Names{"wrpc.0.0.1.acme:tax/lib@1.0.7.rate", {"acme:tax/lib@1.0.7", "rate"}},
           {"wrpc.0.0.1.acme:tax/lib@1.0.7.account.close", {"acme:tax/lib@1.0.7", "account.close"}},
           {"wrpc.0.0.1.acme:tax/lib@3.0.0-rc.1.rate", {"acme:tax/lib@3.0.0-rc.1", "rate"}},
           {"wrpc.0.0.1.main", {"", "main"}},
           {"wrpc.0.0.1.acme:app/app@1.0.0.main", {"acme:app/app@1.0.0", "main"}},
           {"wrpc.0.0.1.tenon:wrpc/handles@0.1.0.renew", {"tenon:wrpc/handles@0.1.0", "renew"}},
       }) {
    const auto found = names.read_subject(subject);
    ASSERT_TRUE(found) << subject;
    EXPECT_THAT(*found, Pair(name.first, name.second));
  }
  for (const char* const other :
       {"", "wrpc.0.0.1", "wrpc.0.0.1.", "wrpc.0.0.1.rate", "wrpc.0.0.1..rate", "rate",
        "wrpc.0.0.1.acme:tax/lib@2.0.0.rate", "wrpc.0.0.2.main", "wrpc.0.0.1.x.main",
        "wrpc.0.0.1.acme:tax/lib@1.0.7.close"})
    EXPECT_FALSE(names.read_subject(other)) << other;
}

}  // namespace
}  // namespace tenon::remote
