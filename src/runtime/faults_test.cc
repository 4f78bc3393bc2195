// Known faults of other composers of components, by their line in the list of faults. Each test has
// the case and the correct behavior. Lines about asynchronous calls (3, 4) and other formats are
// left out.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tests/support/call_test.h"
#include "tests/support/test_scale.h"
#include "tests/support/test_units.h"

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

// Counts allocations of the whole program. Sanitizers replace these functions.
#if !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* freed) noexcept { std::free(freed); }
[[gnu::noinline]] void operator delete(void* freed, std::size_t /*size*/) noexcept {
  std::free(freed);
}
#endif

namespace tenon::faults_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr std::string_view kIsolated = "isolated = true";
constexpr std::string_view kPass = "(call $f (local.get 0))";
constexpr std::string_view kAddOne = "(i32.add (local.get 0) (i32.const 1))";
// f(0) is 7; else f(n) calls its import with n - 1.
constexpr std::string_view kPingPong =
    "(if (result i32) (i32.eqz (local.get 0)) (then (i32.const 7))"
    " (else (call $f (i32.sub (local.get 0) (i32.const 1)))))";

class Faults : public UnitsTest {
 protected:
  // The guests of tests/guests/domains: `front` calls `lib` and `keeper`, `keeper` calls `lib`.
  Composition build_guests(std::string_view settings = kIsolated) {
    start_over();
    for (const std::string_view name : {"front", "keeper", "lib"})
      say(fmt::format("[components.{}]\npath = \"{}\"\n{}", name, domain_guest(name), settings));
    return build("front");
  }
  static CallResultOfValue ask(const Composition& all, std::string_view name,
                               const std::vector<Value>& arguments = {}) {
    return all.call("demo:domains/front", name, arguments);
  }
  static Value numbers(std::vector<std::uint32_t> all) { return Value::list(std::move(all)); }
};

// 1. A call that comes back to its caller waits forever, although composing succeeded.
TEST_F(Faults, Line1ACycleOfDirectEdgesIsAnErrorOfTheLink) {
  add("a", function_unit("test:f/b", "test:f/a", kPingPong));
  add("b", function_unit("test:f/a", "test:f/b", kPingPong));
  EXPECT_THAT(texts(problems("a")), ElementsAre(StartsWith("resolve-cycle: ")));
}
TEST_F(Faults, Line1ACallThatReentersIsAnErrorThatNamesThePath) {
  add("a", function_unit("test:f/b", "test:f/a", kPingPong), kIsolated);
  add("b", function_unit("test:f/a", "test:f/b", kPingPong), kIsolated);
  say("[[wire]]\nimport = \"test:f/b\"\nprovider = \"b\"\nlazy = true");
  const Composition ring = build("a");
  if (has_async_guests()) {
    // It is legal while the first call waits.
    EXPECT_EQ(describe_outcome(call(ring, "test:f/a", 2)), "7");
    return;
  }
  EXPECT_EQ(describe_outcome(call(ring, "test:f/a", 0)), "7");
  EXPECT_EQ(describe_outcome(call(ring, "test:f/a", 1)), "7");
  EXPECT_THAT(describe_outcome(call(ring, "test:f/a", 2)),
              AllOf(StartsWith("reentrance: "), HasSubstr("a -> b -> a")));
}

// 2. A consumer whose start function calls its import starts only sometimes.
TEST_F(Faults, Line2StartFunctionsFindTheirProvidersEachTime) {
  if (has_async_guests()) GTEST_SKIP() << "a start function cannot wait for an async call";
  constexpr std::string_view kStart = "(global.set $state (call $f (i32.const 41)))";
  // Their names sort opposite to their order of start.
  add("a", function_unit("test:f/b", "test:f/a", "(global.get $state)", kStart), kIsolated);
  add("b", function_unit("test:f/c", "test:f/b", kPass, kStart));
  add("c", function_unit("", "test:f/c", kAddOne), kIsolated);
  for (int i = 0; i < 20; ++i) {
    Result<Composition> built = make_builder("a").build();
    ASSERT_TRUE(built) << built.error().front().message;
    EXPECT_EQ(describe_outcome(call(*built, "test:f/a", 0)), "42");
  }
}

// 5. Destructors never run, and at 100,000 handles the owner traps permanently.
TEST_F(Faults, Line5DestructorsRunAndAMillionHandlesDoNotGrowAnything) {
  for (const std::string_view settings : {std::string_view(), kIsolated}) {
    const Composition all = build_guests(settings);
    EXPECT_EQ(describe_outcome(ask(all, "churn", {Value::u32(repetitions(1'000'000))})), "0")
        << settings;
    // An own handle that is returned.
    EXPECT_TRUE(ask(all, "keep", {Value::u32(5)}));
    EXPECT_EQ(describe_outcome(ask(all, "alive")), "1");
    EXPECT_EQ(**ask(all, "take"), Value::some(Value::u32(6)));
    EXPECT_EQ(describe_outcome(ask(all, "alive")), "0");
  }
}

// 6. A borrow passed on to a third unit, an own handle from a third unit, a resource outside of
//    interfaces: composing succeeds and the call traps.
TEST_F(Faults, Line6ThirdUnitsPassAndReceiveResources) {
  for (const std::string_view settings : {std::string_view(), kIsolated}) {
    const Composition all = build_guests(settings);
    EXPECT_EQ(describe_outcome(ask(all, "sum", {Value::u32(1), Value::u32(2)})), "5");
    EXPECT_TRUE(ask(all, "keep", {Value::u32(8)}));
    EXPECT_EQ(**ask(all, "take"), Value::some(Value::u32(9)));
    EXPECT_EQ(describe_outcome(ask(all, "alive")), "0");
  }
}
TEST_F(Faults, Line6ResourcesOutsideOfInterfacesWork) {
  constexpr std::string_view kMaker = R"((component
    (core module $dropping
      (global $alive (mut i32) (i32.const 0))
      (func (export "drop") (param i32)
        (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
      (func (export "add") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
      (func (export "alive") (result i32) (global.get $alive)))
    (core instance $dropping (instantiate $dropping))
    (type $thing' (resource (rep i32) (dtor (func $dropping "drop"))))
    (core func $new (canon resource.new $thing'))
    (core module $code
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "add" (func $add))
      (func (export "make") (param i32) (result i32) (call $add) (call $new (local.get 0)))
      (func (export "get") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $code (with "" (instance
      (export "new" (func $new)) (export "add" (func $dropping "add"))))))
    (export $thing "thing" (type $thing'))
    (func (export "make") (param "n" u32) (result (own $thing)) (canon lift (core func $i "make")))
    (func (export "get") (param "t" (borrow $thing)) (result u32) (canon lift (core func $i "get")))
    (func (export "alive") (result u32) (canon lift (core func $dropping "alive")))))";
  constexpr std::string_view kUser = R"((component
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (param "n" u32) (result (own $thing))))
    (import "get" (func $get (param "t" (borrow $thing)) (result u32)))
    (import "alive" (func $alive (result u32)))
    (core func $make' (canon lower (func $make)))
    (core func $get' (canon lower (func $get)))
    (core func $alive' (canon lower (func $alive)))
    (core func $drop (canon resource.drop $thing))
    (core module $code
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "get" (func $get (param i32) (result i32)))
      (import "" "alive" (func $alive (result i32)))
      (import "" "drop" (func $drop (param i32)))
      ;; What it made holds, ten times how many live then, a hundred times how many live after.
      (func (export "f") (param i32) (result i32) (local $t i32) (local $sum i32)
        (local.set $t (call $make (local.get 0)))
        (local.set $sum (i32.add (call $get (local.get $t))
          (i32.mul (call $alive) (i32.const 10))))
        (call $drop (local.get $t))
        (i32.add (local.get $sum) (i32.mul (call $alive) (i32.const 100)))))
    (core instance $i (instantiate $code (with "" (instance (export "make" (func $make'))
      (export "get" (func $get')) (export "alive" (func $alive')) (export "drop" (func $drop))))))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))";
  for (const std::string_view settings : {std::string_view(), kIsolated}) {
    start_over();
    add("user", kUser, settings);
    add("maker", kMaker);
    const Composition all = build("user");
    EXPECT_EQ(describe_outcome(call(all, "", 7)), "17") << settings;
    EXPECT_EQ(describe_outcome(call(all, "", 8)), "18") << settings;
  }
}

// 7. A trap in a provider makes it unusable for every consumer; the message names no component.
TEST_F(Faults, Line7ATrapEndsOnlyTheCallersAndNamesThePlace) {
  constexpr std::string_view kPicky =
      "(if (i32.eqz (local.get 0)) (then unreachable)) (local.get 0)";
  add("one", function_unit("test:f/picky", "test:f/one", kPass), kIsolated);
  add("two", function_unit("test:f/picky", "test:f/two", kPass), kIsolated);
  add("picky", function_unit("", "test:f/picky", kPicky), kIsolated);
  say("[domains.picky]\nrestart = { on-trap = true, max = 3, within = \"1h\" }");
  say("[[export]]\nunit = \"two\"\nitem = \"test:f/two\"");
  const Composition all = build("one");
  const auto failed = call(all, "test:f/one", 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().unit, "picky");
  EXPECT_EQ(failed.error().function, "test:f/picky#f");
  ASSERT_EQ(failed.error().backtrace.size(), 2U);
  EXPECT_EQ(failed.error().backtrace[0].unit, "picky");
  EXPECT_EQ(failed.error().backtrace[1].unit, "one");
  EXPECT_EQ(describe_outcome(call(all, "test:f/two", 4)), "4");
  EXPECT_THAT(describe_outcome(call(all, "test:f/one", 4)), StartsWith("ended: the domain `one`"));
}

// 8. Newer versions are not accepted; four different mistakes give the same text, and only the
//    first one is reported.
TEST_F(Faults, Line8NewerVersionsOfATrackAreTaken) {
  for (const std::string_view version : {"1.2.0", "1.2.1", "1.3.0"}) {
    start_over();
    add("user", function_unit("test:f/lib@1.2.0", "test:f/user", kPass));
    add("lib", function_unit("", fmt::format("test:f/lib@{}", version), kAddOne));
    EXPECT_EQ(describe_outcome(call(build("user"), "test:f/user", 1)), "2") << version;
  }
}
TEST_F(Faults, Line8EachMistakeHasItsOwnTextAndAllAreReported) {
  if (has_async_guests()) GTEST_SKIP() << "its units are written for synchronous types";
  add("user", R"((component
    (import "test:f/absent" (instance (export "f" (func))))
    (import "test:f/hidden" (instance (export "f" (func (param "n" u32) (result u32)))))
    (import "test:f/poor" (instance (export "f" (func (param "n" u32) (result u32)))
                                    (export "g" (func))))
    (import "test:f/old@2.0.0" (instance (export "f" (func (param "n" u32) (result u32)))))))");
  add("hidden", function_unit("", "test:f/hidden", kAddOne), "hide = [\"test:f/hidden\"]");
  add("poor", function_unit("", "test:f/poor", kAddOne));
  add("old", function_unit("", "test:f/old@1.0.0", kAddOne));
  EXPECT_THAT(
      texts(problems("user")),
      UnorderedElementsAre(AllOf(StartsWith("resolve-no-provider: "), HasSubstr("test:f/absent")),
                           AllOf(StartsWith("resolve-hidden: "), HasSubstr("test:f/hidden")),
                           AllOf(StartsWith("resolve-type-mismatch: "), HasSubstr("test:f/poor")),
                           AllOf(StartsWith("resolve-version-track: "), HasSubstr("test:f/old"))));
}

// 9. u64 for u32 composes, and fails at the first call.
TEST_F(Faults, Line9TypesAreCheckedWhenLinking) {
  add("user", R"((component
    (import "test:f/lib" (instance (export "f" (func (param "n" u64) (result u32)))))))");
  add("lib", function_unit("", "test:f/lib", kAddOne));
  const Diagnostics reported = problems("user");
  EXPECT_THAT(texts(reported), ElementsAre(StartsWith("resolve-type-mismatch: ")));
  const Note& note = reported.front().notes.front();
  EXPECT_THAT(fmt::format("{}\n{}", note.text, fmt::join(note.excerpt.lines, "\n")),
              AllOf(HasSubstr("u32"), HasSubstr("u64")));
}

// 10. A hint does not resolve an ambiguity; a hint for a unit without the export is ignored; hiding
//    an unknown item is accepted.
TEST_F(Faults, Line10HintsAreAppliedOrRejected) {
  const auto add_all = [&] {
    start_over();
    add("user", function_unit("test:f/lib", "test:f/user", kPass));
    add("one", function_unit("", "test:f/lib", "(i32.const 1)"));
    add("two", function_unit("", "test:f/lib", "(i32.const 2)"));
    add("other", function_unit("", "test:f/other", "(i32.const 3)"));
  };
  add_all();
  EXPECT_THAT(texts(problems("user")), Contains(StartsWith("resolve-ambiguous: ")));
  add_all();
  say("[[wire]]\nimport = \"test:f/lib\"\nprovider = \"two\"");
  EXPECT_EQ(describe_outcome(call(build("user"), "test:f/user", 0)), "2");
  add_all();
  say("[[wire]]\nimport = \"test:f/lib\"\nprovider = \"other\"");
  EXPECT_THAT(texts(problems("user")), Contains(HasSubstr("`other`")));
  start_over();
  add("user", function_unit("test:f/lib", "test:f/user", kPass));
  add("one", function_unit("", "test:f/lib", "(i32.const 1)"), "hide = [\"test:f/libs\"]");
  EXPECT_THAT(texts(problems("user")), ElementsAre(StartsWith("resolve-filter-unused: ")));
}

// 11. A middleware without another provider gives "Exporter not found".
TEST_F(Faults, Line11TheMessageSaysThatAMiddlewareExportsTheInterfaceItself) {
  add("user", function_unit("test:f/lib", "test:f/user", kPass));
  add("audit", function_unit("test:f/lib", "test:f/lib", kPass));
  const Diagnostics reported = problems("user");
  std::string all;
  for (const Diagnostic& problem : reported) {
    all += problem.message + "\n";
    for (const Note& note : problem.notes) all += note.text + "\n";
  }
  EXPECT_EQ(reported.front().code, "resolve-no-provider");
  EXPECT_THAT(all, AllOf(HasSubstr("audit"), HasSubstr("itself")));
}

// 12. A composition with open imports cannot be nested, and there are no limits.
TEST_F(Faults, Line12ACompositionWithOpenImportsCanBeNested) {
  add("user", function_unit("test:f/lib", "test:f/user", kPass));
  add("lib", function_unit("test:f/base", "test:f/lib", kPass));
  CompositionBuilder inner = make_builder("user");
  inner.allow_unresolved();
  const Result<std::vector<std::uint8_t>> composed = inner.compose();
  ASSERT_TRUE(composed) << composed.error().front().message;
  for (const bool isolates : {false, true}) {
    CompositionBuilder outer;
    outer.add_component("inner", *composed);
    outer.add_component(
        "base", *engine::wat_to_wasm("base.wat", function_unit("", "test:f/base", kAddOne)));
    if (isolates) outer.isolate_all();
    const Result<Composition> all = outer.build();
    ASSERT_TRUE(all) << all.error().front().message;
    EXPECT_EQ(describe_outcome(call(*all, "test:f/user", 1)), "2");
  }
}
TEST_F(Faults, Line12FuelTimeAndMemoryAreLimited) {
  const std::pair<std::string_view, std::string_view> limits[] = {
      {"fuel = 1000", "trap: "}, {"call-timeout = \"50ms\"", "deadline: "}};
  for (const auto& [limit, expected] : limits) {
    start_over();
    add("spin", function_unit("", "test:f/spin", "(loop (br 0)) (local.get 0)"));
    say(fmt::format("[domains.main]\n{}", limit));
    EXPECT_THAT(describe_outcome(call(build("spin"), "test:f/spin", 0)), StartsWith(expected));
  }
  start_over();
  add("grow", R"((component
    (core module $code (memory 1)
      (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))
    (core instance $i (instantiate $code))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))");
  say("[domains.main]\nmemory = \"1MiB\"");
  const Composition all = build("grow");
  EXPECT_EQ(describe_outcome(call(all, "", 15)), "1");
  EXPECT_EQ(describe_outcome(call(all, "", 1)), "4294967295");
}

// Cases that worked there.
TEST_F(Faults, AChainOfAThousandUnitsRuns) {
  constexpr int kUnits = 1000;
  // Too long to be inlined; otherwise the code of each unit would contain much of the chain behind
  // it.
  std::string body;
  for (int i = 0; i < 40; ++i) body += "(local.set 0 (i32.xor (local.get 0) (i32.const 9)))";
  for (int i = 0; i < kUnits; ++i) {
    const std::string next = i + 1 < kUnits ? fmt::format("test:f/u{}", i + 1) : "";
    add(fmt::format("u{}", i),
        function_unit(next, fmt::format("test:f/u{}", i),
                      fmt::format("{}{}", body, next.empty() ? kAddOne : kPass)));
  }
  EXPECT_EQ(describe_outcome(call(build("u0"), "test:f/u0", 1)), "2");
}
TEST_F(Faults, InterfacesWithOnlyTypesAreImported) {
  constexpr std::string_view kTypes = R"((component
    (type $p' (record (field "x" u32)))
    (instance $types (export "p" (type $p')))
    (export "test:f/types" (instance $types))))";
  constexpr std::string_view kUser = R"((component
    (import "test:f/types" (instance $types
      (type $p' (record (field "x" u32)))
      (export "p" (type $p (eq $p')))))
    (alias export $types "p" (type $p))
    (core module $code (func (export "f") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $code))
    (func (export "f") (param "p" $p) (result u32) (canon lift (core func $i "f")))))";
  for (const std::string_view settings : {std::string_view(), kIsolated}) {
    start_over();
    add("user", kUser, settings);
    add("types", kTypes);
    const Value p = Value::record({{"x", Value::u32(4)}});
    EXPECT_EQ(describe_outcome(build("user").call("", "f", std::span(&p, 1))), "4");
  }
}

// 27. Nested stores share one native stack: deep calls abort the process.
TEST_F(Faults, Line27DeepCallsThroughDomainsTrapAndDoNotAbort) {
  if (has_async_guests()) GTEST_SKIP() << "async calls are not on one stack";
  // More than all stacks of a chain have room for (deep_calls_test.cc has chains that fit): each uses
  // most of the stack that the engine gives a guest, then calls the next one.
  constexpr std::string_view kDig = R"(
    (if (i32.lt_u (global.get $state) (i32.const 20000)) (then
      (global.set $state (i32.add (global.get $state) (i32.const 1)))
      (return (i32.add (call $self (local.get 0)) (i32.const 1)))))
    (call $f (local.get 0)))";
  constexpr int kUnits = 300;
  for (int i = 0; i < kUnits; ++i) {
    add(fmt::format("u{}", i),
        function_unit(fmt::format("test:f/u{}", i + 1), fmt::format("test:f/u{}", i), kDig),
        kIsolated);
  }
  add(fmt::format("u{}", kUnits), function_unit("", fmt::format("test:f/u{}", kUnits), kAddOne));
  const Composition all = build("u0");
  CallResultOfValue failed = CallFailure();
  // Its stack is always bounded.
  std::thread([&] { failed = call(all, "test:f/u0", 0); }).join();
  ASSERT_FALSE(failed);
  EXPECT_EQ(describe_outcome(failed), "trap: calls from domain to domain nest too deep");
  EXPECT_FALSE(failed.error().backtrace.empty());
}

// 28. A mebibyte of values takes a million allocations.
TEST_F(Faults, Line28BytesAreOneAllocation) {
  const Composition all = build_guests();
  const std::vector<Value> bytes = {Value::list(std::vector<std::uint8_t>(1 << 20, 7))};
  ASSERT_EQ(**ask(all, "echo-bytes", bytes), bytes.front());
  const std::size_t before = allocations;
  const auto echoed = ask(all, "echo-bytes", bytes);
  EXPECT_LT(allocations - before, 200U);
  EXPECT_EQ(**echoed, bytes.front());
  EXPECT_NE((*echoed)->get_if<ValueList>()->get_if<std::uint8_t>(), nullptr);
}

}  // namespace
}  // namespace tenon::faults_test
