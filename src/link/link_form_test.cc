// The two forms of a link: embedded and by reference.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/test_units.h"

namespace tenon::link::link_form_test {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr LinkForm kForms[] = {LinkForm::Embedded, LinkForm::Reference};

class LinkForms : public UnitsTest {
 protected:
  Result<Composition> try_build(std::string_view root, LinkForm form, const fs::path& cache = {}) {
    return make_builder(root).build({.cache_dir = cache, .link_form = form});
  }
  // The result of the function `f` of an interface in each form.
  std::vector<std::string> outcomes(std::string_view root, std::string_view interface) {
    std::vector<std::string> all;
    for (const LinkForm form : kForms) {
      const Result<Composition> composition = try_build(root, form);
      all.push_back(composition ? describe_outcome(call(*composition, interface, 5))
                                : composition.error().front().message);
    }
    return all;
  }

  [[nodiscard]] std::size_t count_code(const fs::path& cache) const {
    std::size_t count = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(cache))
      if (entry.path().extension() == ".code") ++count;
    return count;
  }

  TemporaryFolder cache_folder_;
  fs::path cache_ = cache_folder_.path() / "code";
};

// A unit whose function is in a component that is nested `depth` deep.
std::string nested_unit(int depth) {
  std::string component = R"((component $inner
    (core module $m (func (export "f") (param i32) (result i32)
      (i32.add (local.get 0) (i32.const 3))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))";
  for (int i = 1; i < depth; ++i)
    component = fmt::format(R"((component $inner
      (core module (func (export "g")))
      (core instance (instantiate 0))
      {}
      (instance $i (instantiate $inner))
      (export "f" (func $i "f"))))",
                            component);
  return fmt::format(R"((component
    {}
    (instance $i (instantiate $inner))
    (instance $exported (export "f" (func $i "f")))
    (export "test:u/nested" (instance $exported))))",
                     component);
}

TEST_F(LinkForms, NestedModulesAreLinked) {
  for (const int depth : {1, 2, 3}) {
    start_over();
    add("nested", nested_unit(depth));
    add("top", function_unit("test:u/nested", "test:u/top",
                             "(i32.add (call $f (local.get 0)) (i32.const 1))"));
    EXPECT_THAT(outcomes("top", "test:u/top"), ElementsAre("9", "9"));
  }
}

std::vector<std::string> steps_of(const CompositionBuilder& builder) {
  std::vector<std::string> steps;
  for (const UnitTime& time : builder.unit_times())
    steps.push_back(fmt::format("{} {}", time.unit, time.step));
  return steps;
}

// The steps of units, and what is compiled, are told.
TEST_F(LinkForms, TellTheirSteps) {
  add("low", nested_unit(1));
  add("top", function_unit("test:u/nested", "test:u/top", "(call $f (local.get 0))"));
  CompositionBuilder builder = make_builder("top");
  builder.set_plan_cache(cache_.string());
  ASSERT_TRUE(builder.plan());
  EXPECT_THAT(steps_of(builder), ElementsAre("low read", "low types", "top read", "top types"));
  ASSERT_TRUE(builder.plan());
  EXPECT_THAT(steps_of(builder),
              ElementsAre("low read", "low known types", "top read", "top known types"));
  std::mutex mutex;
  std::set<std::string> compiled;
  std::set<std::size_t> numbers;
  BuildOptions options{.cache_dir = cache_.string(), .link_form = LinkForm::Reference};
  options.on_compile = [&](const CompileStep& step) {
    const std::lock_guard lock(mutex);
    compiled.insert(step.unit);
    numbers.insert(step.number);
    EXPECT_GT(step.bytes, 0U);
    EXPECT_EQ(step.count, 3U);
  };
  ASSERT_TRUE(builder.build(options));
  EXPECT_THAT(compiled, ElementsAre("low", "main", "top"));
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
  EXPECT_THAT(steps_of(builder),
              testing::IsSupersetOf({"low compile", "main compile", "top compile"}));
  compiled.clear();
  ASSERT_TRUE(builder.build(options));
  EXPECT_TRUE(compiled.empty());
}

// Everything that a core module can import and export, with types that refer to each other.
constexpr std::string_view kEveryKind = R"(
  (core module $library
    (type $plain (func (param i32) (result i32)))
    (rec (type $node (struct (field i32) (field (ref null $node)))) (type $other (array i8)))
    (type $makes (func (param i32) (result (ref $node))))
    (func $add (export "add") (type $plain) (i32.add (local.get 0) (global.get $step)))
    (func (export "make") (type $makes) (struct.new $node (local.get 0) (ref.null $node)))
    (table (export "table") 2 funcref)
    (table (export "typed") 1 (ref null $plain))
    (memory (export "memory") 1 3)
    (memory (export "more") i64 1)
    (global $step (export "step") (mut i32) (i32.const 1))
    (global (export "root") (ref null $node) (ref.null $node))
    (tag (export "tag") (param i32))
    (elem (table 0) (i32.const 0) func $add)
    (data (memory 0) (i32.const 8) "\07"))
  (core module $code
    (type $plain (func (param i32) (result i32)))
    (rec (type $node (struct (field i32) (field (ref null $node)))) (type $other (array i8)))
    (type $makes (func (param i32) (result (ref $node))))
    (import "l" "add" (func $add (type $plain)))
    (import "l" "make" (func $make (type $makes)))
    (import "l" "table" (table $table 1 funcref))
    (import "l" "typed" (table $typed 1 (ref null $plain)))
    (import "l" "memory" (memory $memory 1))
    (import "l" "more" (memory $more i64 1))
    (import "l" "step" (global $step (mut i32)))
    (import "l" "root" (global $root (ref null $node)))
    (import "l" "tag" (tag $tag (param i32)))
    (func (export "f") (param i32) (result i32)
      (global.set $step (i32.const 10))
      (i32.add
        (i32.add (call $add (local.get 0))
                 (struct.get $node 0 (call $make (i32.const 100))))
        (i32.add (call_indirect $table (type $plain) (i32.const 0) (i32.const 0))
                 (i32.load8_u (i32.const 8))))))
  (core instance $library-instance (instantiate $library))
  (core instance $i (instantiate $code (with "l" (instance $library-instance)))))";

TEST_F(LinkForms, ModulesOfEveryKindAreLinked) {
  add("kinds", core_unit(kEveryKind, "test:u/kinds"));
  add("top", function_unit("test:u/kinds", "test:u/top", "(call $f (local.get 0))"));
  EXPECT_THAT(outcomes("top", "test:u/top"), ElementsAre("132", "132"));
}

TEST_F(LinkForms, FailuresNameUnitsAndOffsets) {
  add("low", function_unit("", "test:u/low", R"(
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.add (i32.const 1) (call $self (i32.sub (local.get 0) (i32.const 1)))))"));
  add("top", function_unit("test:u/low", "test:u/top", R"(
    (if (i32.eqz (local.get 0)) (then (return (call $f (i32.const 2)))))
    (i32.add (i32.const 1) (call $self (i32.sub (local.get 0) (i32.const 1)))))"));
  std::vector<CallFailure> failures;
  for (const LinkForm form : kForms) {
    const Result<Composition> composition = try_build("top", form);
    ASSERT_TRUE(composition);
    const auto result = call(*composition, "test:u/top", 1);
    ASSERT_FALSE(result);
    failures.push_back(result.error());
    std::erase_if(failures.back().backtrace,
                  [](const CallFailure::Frame& frame) { return frame.unit.empty(); });
  }
  // In embedded code, calls between units are inlined, so frames in the middle differ.
  for (const CallFailure& failure : failures) {
    EXPECT_EQ(failure.unit, "low");
    EXPECT_EQ(failure.message, failures[0].message);
    EXPECT_EQ(failure.backtrace.front().offset, failures[0].backtrace.front().offset);
    EXPECT_EQ(failure.backtrace.back().unit, "top");
  }
}

// A unit with the module `library`, which calls what it gets, and with code of its own.
std::string library_user(std::string_view imported, std::string_view exported,
                         std::string_view body) {
  const bool imports = !imported.empty();
  return core_unit(
      fmt::format(R"({0}
  (core module $library
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32)
      (i32.add (call $f (local.get 0)) (call $f (local.get 0)))))
  (core module $own
    {1}
    (func (export "f") (param i32) (result i32) {2}))
  (core instance $own-instance (instantiate $own {3}))
  (core instance $library-instance (instantiate $library
    (with "" (instance (export "f" (func $own-instance "f"))))))
  (core instance $i (export "f" (func $library-instance "twice"))))",
                  imports ? fmt::format(R"((import "{}" (instance $needs
    (export "f" (func (param "n" u32) (result u32)))))
  (core func $f (canon lower (func $needs "f"))))",
                                        imported)
                          : "",
                  imports ? R"((import "needs" "f" (func $f (param i32) (result i32))))" : "", body,
                  imports ? R"((with "needs" (instance (export "f" (func $f)))))" : ""),
      exported);
}

TEST_F(LinkForms, AModuleOfTwoUnitsIsCompiledOnce) {
  add("low", library_user("", "test:u/low", "unreachable"));
  add("top", library_user("test:u/low", "test:u/top", "(call $f (local.get 0))"));
  const Result<Composition> composition = try_build("top", LinkForm::Reference, cache_);
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(count_code(cache_), 4U);  // the root, the library, and the code of each
  const auto result = call(*composition, "test:u/top", 1);
  ASSERT_FALSE(result);
  // Both units have the library. Each of its frames belongs to the unit of the frame beside it.
  std::vector<std::string> units;
  for (const CallFailure::Frame& frame : result.error().backtrace)
    if (!frame.unit.empty()) units.push_back(frame.unit);
  EXPECT_THAT(units, ElementsAre("low", "low", "top", "top"));
}

TEST_F(LinkForms, ChangedCodeOfAnEqualTypeNeedsNoNewRoot) {
  const auto build_with = [&](int step) {
    start_over();
    add("low", function_unit("", "test:u/low",
                             fmt::format("(i32.add (local.get 0) (i32.const {}))", step)));
    add("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"));
    const Result<Composition> composition = try_build("top", LinkForm::Reference, cache_);
    EXPECT_TRUE(composition);
    return describe_outcome(call(*composition, "test:u/top", 5));
  };
  EXPECT_EQ(build_with(1), "6");
  EXPECT_EQ(count_code(cache_), 3U);
  EXPECT_EQ(build_with(2), "7");
  EXPECT_EQ(count_code(cache_), 4U);
}

TEST_F(LinkForms, EmbeddedCodeIsPreferredOnceItIsThere) {
  add("low", function_unit("", "test:u/low", "(i32.add (local.get 0) (i32.const 1))"));
  add("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"));
  ASSERT_TRUE(try_build("top", LinkForm::Reference, cache_));
  EXPECT_EQ(count_code(cache_), 3U);
  ASSERT_TRUE(try_build("top", LinkForm::Embedded, cache_));
  EXPECT_EQ(count_code(cache_), 4U);
  // Without the other form, both start.
  for (const fs::directory_entry& entry : fs::directory_iterator(cache_))
    if (entry.path().extension() == ".link") fs::remove(entry.path());
  for (const LinkForm form : {LinkForm::Auto, LinkForm::Embedded, LinkForm::Reference}) {
    const Result<Composition> composition = try_build("top", form, cache_);
    ASSERT_TRUE(composition);
    EXPECT_EQ(describe_outcome(call(*composition, "test:u/top", 5)), "6");
  }
  EXPECT_EQ(count_code(cache_), 4U);
}

TEST_F(LinkForms, InvalidUnitsAreNamedInBothForms) {
  add("broken", core_unit(R"(
  (core module $code (func (export "f") (param i32) (result i32) (i64.const 1)))
  (core instance $i (instantiate $code)))",
                          "test:u/broken"));
  add("top", function_unit("test:u/broken", "test:u/top", "(call $f (local.get 0))"));
  std::vector<std::string> messages;
  for (const LinkForm form : {LinkForm::Auto, LinkForm::Embedded, LinkForm::Reference}) {
    const Result<Composition> composition = try_build("top", form, cache_);
    ASSERT_FALSE(composition);
    const Diagnostic& problem = composition.error().front();
    EXPECT_EQ(problem.where.unit, "broken");
    messages.push_back(fmt::format("{} at {}: {}", problem.code, problem.where.offset.value_or(0),
                                   problem.message));
  }
  EXPECT_THAT(messages, Each(messages.front()));
  EXPECT_THAT(messages.front(), HasSubstr("read-invalid"));
}

}  // namespace
}  // namespace tenon::link::link_form_test
