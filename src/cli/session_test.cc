#include "cli/session.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tenon::cli::session_test {
namespace {

TEST(ExitCode, FollowsTheConventionOfTheVerb) {
  const auto choose = [](ExitConvention convention, std::string_view code) {
    Diagnostic problem;
    problem.code = code;
    return to_int(choose_exit_code(convention, {problem}));
  };
  EXPECT_EQ(choose(ExitConvention::Tool, "config-usage"), 2);
  EXPECT_EQ(choose(ExitConvention::Tool, "config-value"), 1);
  EXPECT_EQ(choose(ExitConvention::Tool, "resolve-cycle"), 1);
  EXPECT_EQ(choose(ExitConvention::Run, "config-usage"), 125);
  EXPECT_EQ(choose(ExitConvention::Run, "config-syntax"), 125);
  EXPECT_EQ(choose(ExitConvention::Run, "run-engine"), 125);
  EXPECT_EQ(choose(ExitConvention::Run, "read-not-wasm"), 126);
  EXPECT_EQ(choose(ExitConvention::Run, "type-mismatch"), 126);
  EXPECT_EQ(choose(ExitConvention::Run, "resolve-cycle"), 126);
  EXPECT_EQ(choose(ExitConvention::Run, "compose-invalid"), 126);
  EXPECT_EQ(choose(ExitConvention::Run, "read-file"), 127);
  EXPECT_EQ(choose(ExitConvention::Run, "run-no-command"), 127);
  EXPECT_EQ(choose(ExitConvention::Run, "run-trap"), 134);
  EXPECT_EQ(choose(ExitConvention::Run, "run-open-import"), 134);
}

TEST(UnitTimes, AreAddedAndSorted) {
  const UnitTime times[] = {{"tax", "read", 0.5},
                            {"cart", "read", 1},
                            {"tax", "known types", 0.25},
                            {"tax", "compile", 12},
                            {"cart", "types", 2}};
  EXPECT_EQ(render_unit_times(times),
            "  tax       12.75 ms  read 0.50 ms, known types 0.25 ms, compile 12.00 ms\n"
            "  cart       3.00 ms  read 1.00 ms, types 2.00 ms\n");
  EXPECT_EQ(render_unit_times({}), "");
}

}  // namespace
}  // namespace tenon::cli::session_test
