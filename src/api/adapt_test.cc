// Wires with `adapt = true`: components of two versions of an interface.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::adapt_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// `old` knows the levels `low` and `high`, and items of one field.
constexpr std::string_view kOld = R"((component
  (import "x:y/lib" (instance $lib
    (type $level' (enum "low" "high"))
    (export "level" (type $level (eq $level')))
    (type $item' (record (field "a" u32)))
    (export "item" (type $item (eq $item')))
    (export "rank" (func (param "l" $level) (result u32)))
    (export "next" (func (param "n" u32) (result $level)))
    (export "take" (func (param "i" $item) (result u32)))
    (export "plain" (func (param "n" u32) (result u32)))))
  (core func $rank (canon lower (func $lib "rank")))
  (core func $next (canon lower (func $lib "next")))
  (core func $take (canon lower (func $lib "take")))
  (core func $plain (canon lower (func $lib "plain")))
  (core module $code
    (import "lib" "rank" (func $rank (param i32) (result i32)))
    (import "lib" "next" (func $next (param i32) (result i32)))
    (import "lib" "take" (func $take (param i32) (result i32)))
    (import "lib" "plain" (func $plain (param i32) (result i32)))
    (func (export "rank") (param i32) (result i32) (call $rank (local.get 0)))
    (func (export "next") (param i32) (result i32) (call $next (local.get 0)))
    (func (export "take") (param i32) (result i32) (call $take (local.get 0)))
    (func (export "plain") (param i32) (result i32) (call $plain (local.get 0))))
  (core instance $run (instantiate $code (with "lib" (instance
    (export "rank" (func $rank)) (export "next" (func $next))
    (export "take" (func $take)) (export "plain" (func $plain))))))
  (func $rank-up (param "n" u32) (result u32) (canon lift (core func $run "rank")))
  (func $next-up (param "n" u32) (result u32) (canon lift (core func $run "next")))
  (func $take-up (param "n" u32) (result u32) (canon lift (core func $run "take")))
  (func $plain-up (param "n" u32) (result u32) (canon lift (core func $run "plain")))
  (export "rank" (func $rank-up))
  (export "next" (func $next-up))
  (export "take" (func $take-up))
  (export "plain" (func $plain-up)))
)";

// `new` has a level in front of the others, one behind them, and a second field.
constexpr std::string_view kNew = R"((component
  (core module $code
    (func (export "same") (param i32) (result i32) (local.get 0))
    (func (export "take") (param i32 i32 i32) (result i32)
      (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 1000)))))
  (core instance $run (instantiate $code))
  (type $level' (enum "idle" "low" "high" "urgent"))
  (export $level "level-type" (type $level'))
  (type $item' (record (field "a" u32) (field "color" (option u32))))
  (export $item "item-type" (type $item'))
  (func $rank (param "l" $level) (result u32) (canon lift (core func $run "same")))
  (func $next (param "n" u32) (result $level) (canon lift (core func $run "same")))
  (func $take (param "i" $item) (result u32) (canon lift (core func $run "take")))
  (func $plain (param "n" u32) (result u32) (canon lift (core func $run "same")))
  (instance $own
    (export "level" (type $level)) (export "item" (type $item))
    (export "rank" (func $rank)) (export "next" (func $next))
    (export "take" (func $take)) (export "plain" (func $plain)))
  (export "x:y/lib" (instance $own)))
)";

class Adapting : public testing::Test {
 protected:
  CompositionBuilder units(bool adapts) {
    CompositionBuilder builder;
    builder.add_component("old", folder_.write("old.wat", kOld));
    builder.add_component("new", folder_.write("new.wat", kNew));
    builder.set_root("old");
    builder.wire({.import = "x:y/lib", .provider = "new", .adapt = adapts});
    return builder;
  }

  TemporaryFolder folder_;
};

TEST_F(Adapting, ConvertsByName) {
  CompositionBuilder builder = units(true);
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "rank(0)"), "1");  // low
  EXPECT_EQ(call_text(*built, "rank(1)"), "2");  // high
  EXPECT_EQ(call_text(*built, "next(2)"), "1");  // high
  EXPECT_EQ(call_text(*built, "take(7)"), "7");  // color is none
  EXPECT_EQ(call_text(*built, "plain(7)"), "7");
  EXPECT_EQ(
      call_text(*built, "next(3)"),
      "a call of `x:y/lib#next` was refused: `result` is `urgent`, a case that the other side "
      "does not have");
}

// Types inside of others: `old` passes `some(high)`, `(low, 5)`, `a(7)` and `[low, high]`.
constexpr std::string_view kOldNested = R"((component
  (import "x:y/lib" (instance $lib
    (type $level' (enum "low" "high"))
    (export "level" (type $level (eq $level')))
    (type $shape' (variant (case "a" u32) (case "b")))
    (export "shape" (type $shape (eq $shape')))
    (export "mix" (func (param "o" (option $level)) (param "t" (tuple $level u32))
      (param "v" $shape) (param "r" (result $level (error u32))) (param "l" (list $level))
      (result u32)))))
  (core module $libc (memory (export "memory") 1) (data (i32.const 8) "\00\01"))
  (core instance $libc (instantiate $libc))
  (core func $mix (canon lower (func $lib "mix") (memory $libc "memory")))
  (core module $code
    (import "lib" "mix" (func $mix (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (func (export "mix") (result i32)
      (call $mix (i32.const 1) (i32.const 1)  (i32.const 0) (i32.const 5)
                 (i32.const 0) (i32.const 7)  (i32.const 0) (i32.const 1)
                 (i32.const 8) (i32.const 2))))
  (core instance $run (instantiate $code (with "lib" (instance (export "mix" (func $mix))))))
  (func (export "mix") (result u32) (canon lift (core func $run "mix"))))
)";
// Each number that it gets is a digit of its result.
constexpr std::string_view kNewNested = R"((component
  (core module $code
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
    (func $add (param i32 i32) (result i32)
      (i32.add (i32.mul (local.get 0) (i32.const 10)) (local.get 1)))
    (func (export "mix") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
      (local.get 1)
      (call $add (local.get 2)) (call $add (local.get 3))
      (call $add (local.get 4)) (call $add (local.get 5))
      (call $add (local.get 7))
      (call $add (i32.load8_u (local.get 8))) (call $add (i32.load8_u offset=1 (local.get 8)))))
  (core instance $run (instantiate $code))
  (type $level' (enum "idle" "low" "high"))
  (export $level "level-type" (type $level'))
  (type $shape' (variant (case "none") (case "b") (case "a" u32)))
  (export $shape "shape-type" (type $shape'))
  (func $mix (param "o" (option $level)) (param "t" (tuple $level u32)) (param "v" $shape)
    (param "r" (result $level (error u32))) (param "l" (list $level)) (result u32)
    (canon lift (core func $run "mix") (memory $run "memory") (realloc (func $run "realloc"))))
  (instance $own (export "level" (type $level)) (export "shape" (type $shape))
    (export "mix" (func $mix)))
  (export "x:y/lib" (instance $own)))
)";

TEST_F(Adapting, ConvertsInsideOfOtherTypes) {
  CompositionBuilder builder;
  builder.add_component("old", folder_.write("old.wat", kOldNested));
  builder.add_component("new", folder_.write("new.wat", kNewNested));
  builder.set_root("old");
  builder.wire({.import = "x:y/lib", .provider = "new", .adapt = true});
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "mix()"), "21527212");
}

// Consumers with two versions of a type share no result, though they share the cache.
TEST_F(Adapting, CachedResultsAreOfOneVersion) {
  CompositionBuilder builder = units(true);
  std::string text(kOld);
  const auto replace = [&](std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace(R"("low" "high")", R"("idle" "low" "high" "urgent")");
  replace(R"((field "a" u32))", R"((field "a" u32) (field "color" (option u32)))");
  replace("$take (param i32)", "$take (param i32 i32 i32)");
  replace("(call $take (local.get 0))", "(call $take (local.get 0) (i32.const 0) (i32.const 0))");
  builder.add_component("same", folder_.write("same.wat", text));
  builder.export_item("same", "next", "next-of-same");
  builder.add_middleware("kept", {.kind = Middleware::Kind::Cache});
  builder.wire({.import = "x:y/lib", .via = {"kept"}});
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(call_text(*built, "next(2)"), "1");
    EXPECT_EQ(call_text(*built, "next-of-same(2)"), "2");
  }
}

TEST_F(Adapting, IsNotOneComponentAndCanBeNested) {
  CompositionBuilder builder = units(true);
  const auto composed = builder.compose();
  ASSERT_FALSE(composed);
  EXPECT_THAT(composed.error().front().message,
              HasSubstr("calls of `x:y/lib` by `old` that are converted (`adapt = true`)"));
  CompositionBuilder outer;
  outer.add_composition("shop", units(true));
  outer.set_root("shop");
  Result<Composition> built = outer.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "rank(1)"), "2");
}

TEST_F(Adapting, ThePlanTellsWhatIsConverted) {
  CompositionBuilder builder = units(true);
  const Result<Plan> plan = builder.plan();
  ASSERT_TRUE(plan) << plan.error().front().message;
  ASSERT_EQ(plan->edges.size(), 1U);
  const PlanEdge& edge = plan->edges.front();
  EXPECT_EQ(edge.kind, EdgeKind::Bridged);
  EXPECT_THAT(edge.conversions,
              ElementsAre("rank: `l` is never `idle`", "rank: `l` is never `urgent`",
                          "take: `i.color` is `none`"));
  EXPECT_THAT(edge.failing, ElementsAre("next: `result` is `idle`", "next: `result` is `urgent`"));
  EXPECT_EQ(plan->notes.back().code, "adapted");
}

TEST_F(Adapting, IsProposedWhereItIsPossible) {
  CompositionBuilder builder = units(false);
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().front().code, "resolve-wire-type");
  EXPECT_THAT(plan.error().front().hints.back(),
              HasSubstr("let tenon convert the values: `wire` with `Wire::adapt`"));
}

}  // namespace
}  // namespace tenon::adapt_test
