#include "engine/failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/test_components.h"

namespace tenon::engine::failure_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two units in an outer component. The provider's function calls itself twice and traps. The engine
// inlines the outermost call into the consumer, together with its adapter, but not the recursive
// calls.
constexpr std::string_view kNested = R"((component
  (component $provider
    (core module $deep
      (global $fallen (mut i32) (i32.const 0))
      (func $fall (export "fall") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (global.set $fallen (i32.const 7)) unreachable))
        (i32.add (i32.const 77) (call $fall (i32.sub (local.get 0) (i32.const 1))))))
    (core instance $core (instantiate $deep))
    (func (export "fall") (param "n" u32) (result u32) (canon lift (core func $core "fall"))))
  (component $consumer
    (import "fall" (func $fall (param "n" u32) (result u32)))
    (core func $fall_core (canon lower (func $fall)))
    (core module $shallow
      (import "" "fall" (func $fall (param i32) (result i32)))
      (func $run (export "run") (result i32) (call $fall (i32.const 2))))
    (core instance $core (instantiate $shallow
      (with "" (instance (export "fall" (func $fall_core))))))
    (func (export "run") (result (result)) (canon lift (core func $core "run"))))
  (instance $p (instantiate $provider))
  (instance $c (instantiate $consumer (with "fall" (func $p "fall"))))
  (instance $commands (export "run" (func $c "run")))
  (export "wasi:cli/run@0.2.3" (instance $commands))))";

// The offset of `code` in the component, which must contain it exactly once.
std::uint64_t find_once(const Bytes& component, const Bytes& code) {
  const auto position = std::search(component.begin(), component.end(), code.begin(), code.end());
  EXPECT_NE(position, component.end());
  EXPECT_EQ(std::search(position + 1, component.end(), code.begin(), code.end()), component.end());
  return static_cast<std::uint64_t>(position - component.begin());
}

TEST(Failure, FramesPointIntoTheOutermostComponent) {
  const Bytes component = assemble(kNested);
  for (const EngineConfig& config : {kSync, kAsync}) {
    const Failure failure = run(config, component).failure();
    ASSERT_EQ(failure.frames.size(), 3u);
    const std::uint64_t trap = find_once(component, {0x41, 0x07, 0x24, 0x00}) + 4;  // global.set
    const std::uint64_t call = find_once(component, {0x6b, 0x10, 0x00}) + 1;  // i32.sub call 0
    for (const std::size_t i : {0u, 1u}) {
      const GuestFrame& frame = failure.frames[i];
      EXPECT_EQ(frame.function, "fall");
      EXPECT_EQ(frame.module, "deep");
      EXPECT_EQ(frame.component_offset, i == 0 ? trap : call);
      EXPECT_EQ(frame.inlined, Inlined::No);
    }
  }
}

TEST(Failure, AFrameWithInlinedCodeIsMarked) {
  const Bytes component = assemble(kNested);
  const Failure failure = run(kSync, component).failure();
  ASSERT_EQ(failure.frames.size(), 3u);
  const GuestFrame& frame = failure.frames[2];
  EXPECT_EQ(frame.function, "run");
  EXPECT_EQ(frame.module, "shallow");
  EXPECT_EQ(frame.inlined, Inlined::Yes);
  const std::uint64_t body = find_once(component, {0x41, 0x02, 0x10, 0x00, 0x0b});  // call $fall
  ASSERT_TRUE(frame.component_offset.has_value());
  EXPECT_GE(*frame.component_offset, body - 1);
  EXPECT_LE(*frame.component_offset, body + 5);
}

TEST(Failure, NamesAreDemangled) {
  const Bytes component = assemble(R"((component
    (core module $code
      (func $_ZN4acme4fallEi (export "run") (result i32) unreachable))
    (core instance $core (instantiate $code))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))");
  const Failure failure = run(kSync, component).failure();
  ASSERT_EQ(failure.frames.size(), 1u);
  EXPECT_EQ(failure.frames[0].function, "acme::fall(int)");
}

TEST(Failure, RealGuestsHaveNames) {
  const Failure failure = run_guest(kSync, "hello", {.args = {"hello", "trap"}}).failure();
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  EXPECT_TRUE(std::any_of(failure.frames.begin(), failure.frames.end(),
                          [](const GuestFrame& frame) { return frame.function == "fall_over"; }));
}

TEST(Failure, DeepRecursionIsATrap) {
  const Bytes component = assemble(R"((component
    (core module $code
      (func $down (result i32) (i32.add (call $down) (i32.const 1)))
      (func (export "run") (result i32) (call $down)))
    (core instance $core (instantiate $code))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))");
  const Failure failure = run(kSync, component).failure();
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  EXPECT_THAT(failure.message, HasSubstr("call stack exhausted"));
  EXPECT_LE(failure.frames.size(), 64u);
  EXPECT_FALSE(failure.frames.empty());
}

}  // namespace
}  // namespace tenon::engine::failure_test
