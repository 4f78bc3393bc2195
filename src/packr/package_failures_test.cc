// Failures that a package receives as values: in a `result` with a text, or in the case that a wire
// names.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_failures_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PackageFailures : public testing::Test {
 protected:
  void SetUp() override {
    builder_.add_package("asks", package_guest("c", "asks"));
    builder_.restart("asks", {.max = 100});
    builder_.limits("asks").call_timeout = 60s;
  }
  void add_answers(const Restart& restart = {.max = 100}) {
    builder_.add_package("answers", package_guest("c", "answers"));
    builder_.restart("answers", restart);
    builder_.limits("answers").call_timeout = kShortCall;
  }
  static std::string ask(const Composition& composition, std::string_view function,
                         std::int64_t n) {
    return call_unit(composition, "asks", function, Value::s64(n));
  }

  CompositionBuilder builder_;
};

TEST_F(PackageFailures, AResultWithATextCarriesEachFailure) {
  add_answers();
  const Composition composition = built(builder_);
  EXPECT_EQ(ask(composition, "ask", 7), "ok(7)");
  EXPECT_THAT(ask(composition, "ask", 0), AllOf(HasSubstr("err("), HasSubstr("unreachable")));
  EXPECT_EQ(ask(composition, "ask", 1), "err(\"one is too few\")");
  EXPECT_THAT(ask(composition, "ask", 2), AllOf(HasSubstr("err("), HasSubstr("deadline")));
  EXPECT_EQ(ask(composition, "ask", 8), "ok(8)");
}

TEST_F(PackageFailures, AnEndedProviderIsReported) {
  add_answers({.max = 0});
  const Composition composition = built(builder_);
  EXPECT_THAT(ask(composition, "ask", 0), HasSubstr("err("));
  EXPECT_THAT(ask(composition, "ask", 7), AllOf(HasSubstr("err("), HasSubstr("has ended")));
}

TEST_F(PackageFailures, FailuresWithoutAPlaceEndTheConsumer) {
  add_answers();
  const Composition composition = built(builder_);
  EXPECT_EQ(ask(composition, "plain", 7), "7");
  EXPECT_THAT(ask(composition, "plain", 0), HasSubstr("trap: answers#"));
  EXPECT_THAT(ask(composition, "plain", 1),
              HasSubstr("guest error: answers#answer#plain: one is too few"));
  EXPECT_THAT(ask(composition, "plain", 2), HasSubstr("deadline: answers#"));
  EXPECT_THAT(ask(composition, "try", 1), HasSubstr("guest error: answers#"));
  EXPECT_EQ(ask(composition, "plain", 7), "7");
}

TEST_F(PackageFailures, AWireNamesTheCaseOfAnEnumOrAVariant) {
  add_answers();
  builder_.wire({.consumer = "asks",
                 .import = "answer.try",
                 .provider = "answers",
                 .export_name = "answer.try",
                 .on_failure = "provider-died"});
  builder_.wire({.consumer = "asks",
                 .import = "answer.test",
                 .provider = "answers",
                 .export_name = "answer.test",
                 .on_failure = "died"});
  const Composition composition = built(builder_);
  EXPECT_EQ(ask(composition, "try", 7), "ok(7)");
  EXPECT_EQ(ask(composition, "try", 0), "err(provider-died)");
  EXPECT_EQ(ask(composition, "try", 1), "err(provider-died)");
  EXPECT_EQ(ask(composition, "test", 7), "ok(7)");
  EXPECT_EQ(ask(composition, "test", 1), "err(died(\"one is too few\"))");
  EXPECT_THAT(ask(composition, "test", 2), AllOf(HasSubstr("err(died("), HasSubstr("deadline")));
}

TEST_F(PackageFailures, AnUnknownCaseIsRejected) {
  add_answers();
  builder_.wire({.consumer = "asks",
                 .import = "answer.try",
                 .provider = "answers",
                 .export_name = "answer.try",
                 .on_failure = "provder-died"});
  EXPECT_THAT(problems_of_plan(builder_),
              AllOf(HasSubstr("resolve-"), HasSubstr("provder-died"), HasSubstr("provider-died")));
}

TEST_F(PackageFailures, FunctionsOfTheProgramFailInTheSameWay) {
  builder_.add_host_function(
      "answer", "ask", [](std::int64_t n) -> HostResult<Expected<std::int64_t, std::string>> {
        if (n == 0) return Trap{"not today"};
        if (n == 2) return Trap{"not \xff text"};
        if (n == 1) return Expected<std::int64_t, std::string>(Unexpected(std::string("too few")));
        return Expected<std::int64_t, std::string>(2 * n);
      });
  builder_.add_host_function("answer", "try",
                             [](std::span<const Value> values) { return Value::ok(values[0]); });
  builder_.add_host_function(
      "answer", "test", [](std::span<const Value>) { return Value::err(Value::variant("none")); });
  builder_.add_host_function("answer", "plain", [](std::int64_t n) { return -n; });
  const Composition composition = built(builder_);
  EXPECT_EQ(ask(composition, "ask", 7), "ok(14)");
  EXPECT_EQ(ask(composition, "ask", 1), "err(\"too few\")");
  EXPECT_THAT(ask(composition, "ask", 0), AllOf(HasSubstr("err("), HasSubstr("not today")));
  EXPECT_THAT(ask(composition, "ask", 2),
              AllOf(HasSubstr("err("), HasSubstr("not \xef\xbf\xbd text")));
  EXPECT_EQ(ask(composition, "try", 7), "ok(7)");
  EXPECT_EQ(ask(composition, "test", 7), "err(%none)");
  EXPECT_EQ(ask(composition, "plain", 7), "-7");
}

}  // namespace
}  // namespace tenon::package_failures_test
