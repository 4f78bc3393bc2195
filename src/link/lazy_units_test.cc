// Units that only lazy edges lead to: they are read for their types, and compiled by their first call.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/test_units.h"

namespace tenon::link::lazy_units_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LazyUnits : public UnitsTest {
 protected:
  // `top` calls `low` if its argument is not zero, lazily.
  void add_units(std::string_view low, std::string_view low_settings = {}) {
    add("low", low, fmt::format("isolated = true\n{}", low_settings));
    add("top", function_unit("test:u/low", "test:u/top", R"(
      (if (result i32) (i32.eqz (local.get 0))
        (then (i32.const 1)) (else (call $f (local.get 0)))))"));
    say("[[wire]]\nconsumer = \"top\"\nimport = \"test:u/low\"\nprovider = \"low\"\nlazy = true");
  }
  Composition build_cached() {
    CompositionBuilder builder = make_builder("top");
    Result<Composition> made =
        builder.build({.cache_dir = cache_, .link_form = LinkForm::Reference});
    EXPECT_TRUE(made) << made.error().front().message;
    return *std::move(made);
  }
  [[nodiscard]] std::size_t count(std::string_view extension) const {
    std::size_t files = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(cache_))
      if (entry.path().extension() == extension) ++files;
    return files;
  }
  void remove(std::string_view extension) const {
    for (const fs::directory_entry& entry : fs::directory_iterator(cache_))
      if (entry.path().extension() == extension) fs::remove(entry.path());
  }
  static std::string ask(const Composition& composition, std::uint32_t n) {
    return describe_outcome(call(composition, "test:u/top", n));
  }

  TemporaryFolder folder_;
  std::string cache_ = (folder_.path() / "cache").string();
};

constexpr std::string_view kAddOne = "(i32.add (local.get 0) (i32.const 1))";

TEST_F(LazyUnits, AreCompiledByTheirFirstCall) {
  add_units(function_unit("", "test:u/low", kAddOne));
  {
    const Composition composition = build_cached();
    EXPECT_EQ(count(".code"), 2U);  // the root of `top` and its module
    EXPECT_EQ(count(".unit"), 2U);
    EXPECT_EQ(ask(composition, 0), "1");
    EXPECT_EQ(count(".code"), 2U);
    EXPECT_EQ(ask(composition, 5), "6");
    EXPECT_EQ(count(".code"), 4U);
  }
  // A known link finds the code at the first call, and compiles it again if it is gone.
  EXPECT_EQ(count(".link"), 1U);
  {
    const Composition composition = build_cached();
    ASSERT_EQ(composition.times().front().phase, "load");
    EXPECT_EQ(ask(composition, 5), "6");
  }
  const Composition composition = build_cached();
  remove(".code");
  EXPECT_EQ(ask(composition, 0), "1");
  EXPECT_EQ(ask(composition, 5), "6");
  EXPECT_EQ(count(".code"), 2U);
}

TEST_F(LazyUnits, AreCompiledWithoutACache) {
  add_units(function_unit("", "test:u/low", kAddOne));
  const Composition composition = build("top");
  EXPECT_EQ(ask(composition, 0), "1");
  EXPECT_EQ(ask(composition, 5), "6");
}

// A function of many kilobytes, which takes longer to compile than to call.
std::string large_unit() {
  std::string code;
  for (int i = 0; i < 2000; ++i)
    code +=
        fmt::format("(local.set 0 (i32.mul (i32.xor (local.get 0) (i32.const {})) (i32.const {})))",
                    7919 * i + 1, 2 * i + 1);
  return function_unit("", "test:u/low", code + kAddOne.data());
}

TEST_F(LazyUnits, CompilingDoesNotCountTowardsTheTimeOfACall) {
  add("low", large_unit(), "domain = \"low\"");
  add("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"));
  say("[[wire]]\nconsumer = \"top\"\nimport = \"test:u/low\"\nprovider = \"low\"\nlazy = true\n"
      "[domains.low]\ncall-timeout = \"1ms\"");
  const Composition composition = build("top");
  EXPECT_THAT(ask(composition, 1), testing::Not(HasSubstr("deadline")));
}

TEST_F(LazyUnits, OtherThreadsWaitUntilTheUnitIsCompiled) {
  add_units(large_unit());
  CompositionBuilder builder = make_builder("top");
  builder.set_threads(4);
  const Composition composition = built(builder);
  std::vector<std::string> outcomes(4);
  std::vector<std::thread> threads;
  for (std::string& outcome : outcomes)
    threads.emplace_back([&composition, &outcome] { outcome = ask(composition, 3); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(outcomes, testing::Each(outcomes.front()));
  EXPECT_THAT(outcomes.front(), testing::MatchesRegex("[0-9]+"));
}

TEST_F(LazyUnits, InvalidCodeIsReportedByTheFirstCall) {
  add_units(function_unit("", "test:u/low", "(i64.const 1)"));
  const Composition composition = build("top");
  EXPECT_EQ(ask(composition, 0), "1");
  EXPECT_THAT(ask(composition, 5), HasSubstr("type mismatch"));
}

}  // namespace
}  // namespace tenon::link::lazy_units_test
