// Types with many parts that one unit passes to another. The adapters of other engines support 1000 in one
// layer, and `compose` warns of more (resolve/adapters.cc).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"

namespace tenon::large_type_test {
namespace {

using testing::IsEmpty;

std::string repeat(std::size_t count, std::string_view part) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += fmt::format(fmt::runtime(part), i);
  return text;
}

// A definition with `count` parts in one layer.
std::string define(std::string_view kind, std::size_t count) {
  if (kind == "enum") return fmt::format("(enum {})", repeat(count, " \"c{}\""));
  if (kind == "variant")
    return fmt::format("(variant (case \"first\" u8) {})", repeat(count - 1, "(case \"c{}\")"));
  if (kind == "record") return fmt::format("(record {})", repeat(count, "(field \"f{}\" u8)"));
  if (kind == "tuple") return fmt::format("(tuple{})", repeat(count, " u8"));
  if (kind == "fixed list") return fmt::format("(list u8 {})", count);
  ADD_FAILURE() << kind;
  return {};
}

// Types by definitions, of which the last is passed, in a list.
struct Units {
  std::vector<std::string> types;

  // The definitions at the root, or in an instance type, and the exports that name them.
  [[nodiscard]] std::string define_all(std::string_view export_form) const {
    std::string text;
    for (std::size_t i = 0; i < types.size(); ++i) {
      text += fmt::format("(type $d{} {})\n", i, types[i]);
      text += fmt::format(fmt::runtime(export_form), i);
    }
    return text;
  }
  [[nodiscard]] std::string last() const { return fmt::format("$t{}", types.size() - 1); }

  [[nodiscard]] std::vector<std::uint8_t> provider() const {
    return assemble(fmt::format(R"((component
(component $c
  {}
  (core module $m (memory (export "memory") 2) (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
    (func (export "f") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "f") (param "p" (list {})) (result (list {}))
    (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc")))))
(instance $o (instantiate $c))
(export "t:large/x" (instance $o))))",
                                define_all("(export $t{0} \"t{0}\" (type $d{0}))\n"), last(),
                                last()));
  }
  [[nodiscard]] std::vector<std::uint8_t> consumer() const {
    return assemble(fmt::format(R"((component
(import "t:large/x" (instance $x
  {}
  (export "f" (func (param "p" (list {})) (result (list {}))))))
(core module $lib (memory (export "memory") 2)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
(core instance $l (instantiate $lib))
(core func $f (canon lower (func $x "f") (memory $l "memory") (realloc (func $l "realloc"))))
(core module $m (import "" "f" (func $f (param i32 i32 i32))) (import "" "memory" (memory 1))
  (func (export "g") (result i32)
    (call $f (i32.const 1024) (i32.const 1) (i32.const 16)) (i32.load (i32.const 20))))
(core instance $i (instantiate $m (with "" (instance (export "f" (func $f))
  (export "memory" (memory $l "memory"))))))
(func (export "g") (result u32) (canon lift (core func $i "g")))))",
                                define_all("(export \"t{0}\" (type $t{0} (eq $d{0})))\n"), last(),
                                last()));
  }

  static std::vector<std::uint8_t> assemble(const std::string& text) {
    auto bytes = engine::wat_to_wasm("unit.wat", text);
    EXPECT_TRUE(bytes) << bytes.error().front().message << text.substr(0, 2000);
    return bytes ? *std::move(bytes) : std::vector<std::uint8_t>();
  }

  void add_to(CompositionBuilder& builder) const {
    builder.add_component("consumer", consumer());
    builder.add_component("provider", provider());
  }
};

std::string run(CompositionBuilder& builder) {
  const Result<Composition> composition = builder.build();
  return composition ? call_text(*composition, "g()")
                     : fmt::format("{}: {}", composition.error().front().code,
                                   composition.error().front().message);
}

struct Outcome {
  std::string direct;
  std::string isolated;
  std::string composed;                    // the call of the composed component
  std::vector<std::string> compose_notes;  // codes
};

Outcome outcome_of(const Units& units) {
  Outcome outcome;
  CompositionBuilder direct;
  units.add_to(direct);
  outcome.direct = run(direct);
  CompositionBuilder isolated;
  units.add_to(isolated);
  isolated.isolate("provider");
  outcome.isolated = run(isolated);
  CompositionBuilder composing;
  units.add_to(composing);
  Diagnostics notes;
  const auto bytes = composing.compose({.notes = &notes});
  EXPECT_TRUE(bytes) << bytes.error().front().message;
  if (!bytes) return outcome;
  for (const Diagnostic& note : notes) outcome.compose_notes.emplace_back(note.code);
  CompositionBuilder composed;
  composed.add_component("composed", *bytes);
  outcome.composed = run(composed);
  return outcome;
}

void expect_that_all_pass(const Units& units, bool is_large) {
  SCOPED_TRACE(units.types.back().substr(0, 80));
  const Outcome outcome = outcome_of(units);
  EXPECT_EQ(outcome.direct, "1");
  EXPECT_EQ(outcome.isolated, "1");
  EXPECT_EQ(outcome.composed, "1");
  if (is_large)
    EXPECT_THAT(outcome.compose_notes, testing::ElementsAre("large-type"));
  else
    EXPECT_THAT(outcome.compose_notes, IsEmpty());
}

TEST(LargeTypes, Pass) {
  for (const char* const kind : {"enum", "variant", "record", "tuple", "fixed list"})
    for (const std::size_t count : {1000U, 1001U, 1424U})
      expect_that_all_pass({{define(kind, count)}}, count > 1000);
}

// The engine permits no larger ones, except fixed-length lists.
TEST(LargeTypes, OfTheMostPartsPass) {
  for (const char* const kind : {"enum", "variant", "record", "tuple"})
    expect_that_all_pass({{define(kind, 10'000)}}, true);
  expect_that_all_pass({{define("fixed list", 60'000)}}, true);
}

TEST(LargeTypes, CountEachLayerForItself) {
  const std::string inner = define("enum", 600);
  expect_that_all_pass(
      {{inner, "(record (field \"a\" $t0) (field \"b\" $t0) (field \"c\" (list $t0)))"}}, false);
}

TEST(LargeTypes, PassInsideOfOthers) {
  const std::string large = define("enum", 1424);
  for (const char* const outer :
       {"(option $t0)", "(tuple u8 $t0)", "(record (field \"a\" (list (option $t0))))",
        "(variant (case \"a\") (case \"b\" $t0))", "(list $t0 2)"})
    expect_that_all_pass({{large, outer}}, true);
}

}  // namespace
}  // namespace tenon::large_type_test
