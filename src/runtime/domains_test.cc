// Compositions in one domain and in several: they give the same results; and what happens when a
// domain ends.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/task.h"
#include "tests/support/async_gate.h"
#include "tests/support/call_test.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"

namespace tenon::domains_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Guests of tests/guests/domains: `front` calls `lib` and `keeper`, `keeper` calls `lib`.
class Domains : public testing::Test {
 protected:
  static std::string guest(std::string_view name) { return domain_guest(name); }

  // manifest: the tables for domains and wires of a tenon.toml.
  Composition build(std::string_view manifest) {
    const std::string file = folder_.write(
        "tenon.toml",
        fmt::format("schema = 1\n[project]\nname = \"test\"\nroot = \"front\"\n{}\n", manifest));
    CompositionBuilder builder;
    EXPECT_TRUE(builder.read_manifest(file));
    Result<Composition> built = builder.build();
    if (!built) ADD_FAILURE() << built.error().front().message;
    return *std::move(built);
  }
  // domains: the domain of each unit, as TOML.
  static std::string units(std::string_view front, std::string_view keeper, std::string_view lib) {
    std::string text;
    const std::pair<std::string_view, std::string_view> all[] = {
        {"front", front}, {"keeper", keeper}, {"lib", lib}};
    for (const auto& [name, placed] : all)
      text += fmt::format("[components.{}]\npath = \"{}\"\n{}\n", name, guest(name), placed);
    return text;
  }
  static std::string one_domain() { return units("", "", ""); }
  static std::string isolated() {
    return units("isolated = true", "isolated = true", "isolated = true");
  }

  static std::string domain(std::string_view name, std::string_view settings) {
    return fmt::format("[domains.{}]\n{}\n", name, settings);
  }
  static std::string restarts(std::string_view name, int max) {
    return domain(name,
                  fmt::format("restart = {{ on-trap = true, max = {}, within = \"1h\" }}", max));
  }

  static std::string call(const Composition& composition, std::string_view text) {
    return call_front(composition, text);
  }
  static CallFailure failure(const Composition& composition, std::string_view name,
                             const std::vector<Value>& arguments = {}) {
    CallResult<std::optional<Value>> result = composition.call("front", name, arguments);
    if (result) ADD_FAILURE() << name << " did not fail";
    return result ? CallFailure{} : result.error();
  }

  static std::vector<EdgeKind> kinds(const Composition& composition) {
    std::vector<EdgeKind> kinds;
    for (const PlanEdge& edge : composition.plan().edges) kinds.push_back(edge.kind);
    return kinds;
  }

  TemporaryFolder folder_;
};

TEST_F(Domains, GiveTheSameResultsAsOneDomain) {
  const Composition single = build(one_domain());
  const Composition many = build(isolated());
  const Composition two = build(units("", "domain = \"back\"", "domain = \"back\""));
  const Composition other = build(units("", "", "isolated = true"));
  using enum EdgeKind;
  EXPECT_THAT(kinds(single), ElementsAre(Direct, Direct, Direct));
  EXPECT_THAT(kinds(many), ElementsAre(Bridged, Bridged, Bridged));
  EXPECT_THAT(kinds(two), ElementsAre(Bridged, Bridged, Direct));
  EXPECT_THAT(kinds(other), ElementsAre(Bridged, Direct, Bridged));
  for (const std::string_view text : kFrontCalls) {
    const std::string expected = call(single, text);
    EXPECT_EQ(call(many, text), expected) << text;
    EXPECT_EQ(call(two, text), expected) << text;
    EXPECT_EQ(call(other, text), expected) << text;
  }
}

TEST_F(Domains, MoveAMegabyteAndAMillionHandles) {
  const Composition many = build(isolated());
  std::vector<std::uint8_t> bytes(1 << 20);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  const Value list = Value::list(bytes);
  const auto echoed = many.call("front", "echo-bytes", std::span(&list, 1));
  ASSERT_TRUE(echoed);
  EXPECT_EQ(**echoed, list);
  EXPECT_EQ(call(many, fmt::format("churn({})", repetitions(1'000'000))), "0");
}

TEST_F(Domains, ATrapNamesUnitFunctionAndEveryFrame) {
  const Composition many = build(isolated());
  const CallFailure failed = failure(many, "boom");
  EXPECT_EQ(failed.kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failed.unit, "lib");
  EXPECT_EQ(failed.function, "demo:domains/lib@1.0.0#boom");
  std::vector<std::string> frames;
  for (const CallFailure::Frame& frame : failed.backtrace) frames.push_back(frame.unit);
  EXPECT_THAT(frames, ElementsAre("lib", "front"));
  // Both have ended; the next call reports the reason.
  const CallFailure next = failure(many, "calls");
  EXPECT_EQ(next.kind, CallFailure::Kind::Ended);
  EXPECT_THAT(next.message, HasSubstr("unreachable"));
}

TEST_F(Domains, AFailureIsAValueWhereTheResultCanCarryIt) {
  const Composition many = build(isolated() + R"([[wire]]
consumer = "front"
import = "demo:domains/lib"
provider = "lib"
on-failure = "gone"
)");
  EXPECT_THAT(call(many, "check-text(0)"), HasSubstr("err(\"`lib` trapped in "));
  // The caller survives and gets this failure from now on.
  EXPECT_THAT(call(many, "check-text(1)"), HasSubstr("the domain `lib` has ended"));
  EXPECT_THAT(call(many, "check-trouble(0)"), HasSubstr("err(gone(\""));
}

TEST_F(Domains, AVariantThatLooksLikeAResultCarriesNoFailure) {
  const auto add = [&](CompositionBuilder& builder, const char* name, const char* text) {
    builder.add_component(name, folder_.write(fmt::format("{}.wat", name), text));
  };
  CompositionBuilder builder;
  add(builder, "lib", R"((component
    (core module $code (memory (export "memory") 1) (func (export "f") (result i32) unreachable))
    (core instance $i (instantiate $code))
    (type $v (variant (case "ok" u32) (case "error" string)))
    (func $f (result $v) (canon lift (core func $i "f") (memory $i "memory")))
    (component $shape
      (type $v (variant (case "ok" u32) (case "error" string)))
      (import "v" (type $named (eq $v)))
      (import "f" (func $f (result $named)))
      (export $e "v" (type $named))
      (export "f" (func $f) (func (result $e))))
    (instance $out (instantiate $shape (with "v" (type $v)) (with "f" (func $f))))
    (export "t:t/lib" (instance $out))))");
  add(builder, "user", R"((component
    (import "t:t/lib" (instance $lib
      (type $v (variant (case "ok" u32) (case "error" string)))
      (export "v" (type $e (eq $v)))
      (export "f" (func (result $e)))))
    (core module $libc (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $libc (instantiate $libc))
    (core func $f (canon lower (func $lib "f")
      (memory $libc "memory") (realloc (func $libc "realloc"))))
    (core module $code (import "" "f" (func $f (param i32)))
      (func (export "g") (call $f (i32.const 16))))
    (core instance $i (instantiate $code (with "" (instance (export "f" (func $f))))))
    (func (export "g") (canon lift (core func $i "g")))))");
  builder.isolate_all();
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  const auto called = built->call("", "g", {});
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().unit, "lib");
}

TEST_F(Domains, ARestartResetsTheState) {
  const Composition many = build(isolated() + restarts("lib", 2));
  EXPECT_EQ(call(many, "calls()"), "1");
  EXPECT_EQ(call(many, "calls()"), "2");
  EXPECT_EQ(call(many, "hold(5)"), "()");
  EXPECT_THAT(call(many, "check-text(0)"), HasSubstr("err("));
  EXPECT_EQ(call(many, "calls()"), "1");
  EXPECT_THAT(call(many, "check-text(0)"), HasSubstr("err("));
  EXPECT_EQ(call(many, "alive()"), "0");
  EXPECT_THAT(call(many, "check-text(0)"), HasSubstr("err("));
  EXPECT_THAT(call(many, "check-text(1)"), HasSubstr("has ended"));
}

TEST_F(Domains, ThePlanShowsReasonsAndLimits) {
  const Composition many = build(isolated() + restarts("lib", 2) +
                                 domain("keeper", "memory = \"4MiB\"\nthread = \"own\""));
  const PlanEdge* edge = nullptr;
  for (const PlanEdge& other : many.plan().edges)
    if (other.consumer == "keeper") edge = &other;
  ASSERT_NE(edge, nullptr);
  EXPECT_THAT(edge->notes, ElementsAre("lib is isolated", "lib restarts on trap"));
  for (const PlanDomain& domain : many.plan().domains) {
    EXPECT_EQ(domain.limits.restarts, domain.name == "lib" ? 2U : 0U);
    EXPECT_EQ(domain.limits.memory.has_value(), domain.name == "keeper");
    EXPECT_EQ(domain.owns_thread, domain.name == "keeper");
  }
}

TEST_F(Domains, AHandleOfAPreviousLifeIsStale) {
  const Composition many = build(isolated() + restarts("lib", 9) + restarts("front", 9));
  EXPECT_EQ(call(many, "hold(5)"), "()");
  EXPECT_THAT(call(many, "check-text(0)"), HasSubstr("err("));
  EXPECT_EQ(call(many, "calls()"), "1");
  const CallFailure failed = failure(many, "next");
  EXPECT_EQ(failed.kind, CallFailure::Kind::Trap);
  EXPECT_THAT(failed.message, HasSubstr("stale: the domain `lib` ended"));
  EXPECT_EQ(failed.unit, "front");
  // `front` made the mistake, so `lib` survives.
  EXPECT_EQ(call(many, "calls()"), "2");
}

TEST_F(Domains, ResourcesOfAnEndedDomainAreDropped) {
  const Composition many = build(isolated() + restarts("front", 9));
  EXPECT_EQ(call(many, "hold(5)"), "()");
  EXPECT_EQ(call(many, "keep-all([1, 2])"), "2");
  EXPECT_EQ(call(many, "alive()"), "3");
  // The keeper ends with three of them, and its caller `front` with one.
  EXPECT_THAT(call(many, "swallow(3)"), HasSubstr("`keeper` trapped"));
  EXPECT_EQ(call(many, "alive()"), "0");
}

TEST_F(Domains, ADestructorThatTrapsIsATrap) {
  const Composition many = build(isolated());
  const CallFailure failed = failure(many, "drop-bad");
  EXPECT_EQ(failed.kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failed.unit, "lib");
}

TEST_F(Domains, AnEndlessLoopEndsAtItsDeadline) {
  const Composition many = build(isolated() + domain("lib", "call-timeout = \"50ms\""));
  const CallFailure failed = failure(many, "spin");
  EXPECT_EQ(failed.kind, CallFailure::Kind::Deadline);
  EXPECT_EQ(failed.unit, "lib");
}

class Interrupts : public Domains {
 protected:
  Composition build_interruptible() {
    CompositionBuilder builder;
    for (const std::string_view name : {"front", "keeper", "lib"})
      builder.add_component(name, guest(name)).isolate(name);
    builder.set_root("front").restart_all({.max = 9}).allow_interrupt();
    Result<Composition> built = builder.build();
    if (!built) ADD_FAILURE() << built.error().front().message;
    return *std::move(built);
  }
};

TEST_F(Interrupts, EndTheCallsInProgress) {
  Composition many = build_interruptible();
  EXPECT_EQ(call(many, "calls()"), "1");
  // An interrupt before a call does not affect the call.
  many.interrupt();
  EXPECT_EQ(call(many, "calls()"), "2");
  const auto keep = many.call("front", "keep", std::vector{Value::u32(3)});
  ASSERT_TRUE(keep);
  std::atomic<bool> has_ended = false;
  std::jthread interrupter([&] {
    while (!has_ended) {
      many.interrupt();
      std::this_thread::yield();
    }
  });
  const CallFailure failed = failure(many, "spin");
  has_ended = true;
  interrupter.join();
  EXPECT_EQ(failed.kind, CallFailure::Kind::Interrupted);
  EXPECT_EQ(failed.unit, "lib");
  EXPECT_THAT(failed.limits, ElementsAre());
  const Diagnostic problem = failure_diagnostic(failed);
  EXPECT_EQ(problem.code, "run-interrupted");
  EXPECT_EQ(call(many, "calls()"), "1");
}

// A composition whose guest calls a function of the program.
template <class Function>
Composition build_relay(Function function) {
  const auto relay = engine::wat_to_wasm("relay.wat", R"((component
    (import "call" (func $call))
    (core func $lowered (canon lower (func $call)))
    (func (export "run") (canon lift (core func $lowered)))))");
  CompositionBuilder builder;
  builder.add_component("relay", *relay).allow_interrupt();
  builder.add_host_function("", "call", std::move(function));
  Result<Composition> built = builder.build();
  if (!built) ADD_FAILURE() << built.error().front().message;
  return *std::move(built);
}

TEST_F(Interrupts, EndCallsInsideOfAnotherComposition) {
  Composition inner = build_interruptible();
  std::optional<CallFailure> inside;
  Composition outer = build_relay([&] { inside = failure(inner, "spin"); });
  for (Composition* const interrupted : {&inner, &outer}) {
    inside.reset();
    std::atomic<bool> has_ended = false;
    std::jthread interrupter([&] {
      while (!has_ended) {
        interrupted->interrupt();
        std::this_thread::yield();
      }
    });
    (void)outer.call("", "run", {});
    has_ended = true;
    interrupter.join();
    ASSERT_TRUE(inside);
    EXPECT_EQ(inside->kind, CallFailure::Kind::Interrupted);
    EXPECT_EQ(inside->unit, "lib");
  }
  EXPECT_EQ(call(inner, "calls()"), "1");
}

// A call that was started inside of a call of another composition can outlive that composition.
TEST_F(Interrupts, OfACompositionThatIsGone) {
  CompositionBuilder builder;
  builder.add_component("gate", *engine::wat_to_wasm("gate.wat", kGate)).allow_interrupt();
  Result<Composition> inner = builder.build();
  ASSERT_TRUE(inner);
  std::optional<Task<CallResult<std::optional<Value>>>> held;
  {
    const Composition outer = build_relay(
        [&] { held.emplace(inner->find_function("", "hold")->start(std::vector{Value::u32(1)})); });
    ASSERT_TRUE(outer.call("", "run", {}));
  }
  ASSERT_TRUE(held);
  EXPECT_FALSE(held->wait(std::chrono::milliseconds(1)));
  inner->interrupt();
  inner->run_for(std::chrono::seconds(10));
  ASSERT_TRUE(held->is_done());
  const CallResult<std::optional<Value>> ended = held->take();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, CallFailure::Kind::Interrupted);
}

TEST_F(Interrupts, HaveNoEffectUnlessAllowed) {
  Composition many = build(isolated() + domain("front", "call-timeout = \"50ms\""));
  many.interrupt();
  std::atomic<bool> has_ended = false;
  std::jthread interrupter([&] {
    while (!has_ended) {
      many.interrupt();
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(failure(many, "spin").kind, CallFailure::Kind::Deadline);
  has_ended = true;
}

TEST_F(Interrupts, MakeHandlesStale) {
  Composition many = build_interruptible();
  const auto call_lib = [&](std::string_view name, const std::vector<Value>& arguments) {
    return many.call("demo:domains/lib", name, arguments);
  };
  const Value counter = **call_lib("[constructor]counter", {Value::u32(5)});
  const ValueHandle handle = *counter.get_if<ValueHandle>();
  EXPECT_FALSE(many.is_stale(handle));
  ASSERT_FALSE(call_lib("boom", {}));
  EXPECT_TRUE(many.is_stale(handle));
  EXPECT_EQ(**call_lib("alive", {}), Value::u32(0));
  EXPECT_TRUE(many.is_stale(handle));
}

TEST_F(Domains, ACallDoesNotOutlastTheDeadlineOfItsCaller) {
  const Composition many = build(isolated() + domain("front", "call-timeout = \"50ms\""));
  EXPECT_EQ(failure(many, "spin").kind, CallFailure::Kind::Deadline);
}

TEST_F(Domains, LimitsAreThoseOfTheDomain) {
  const Composition many = build(isolated() + domain("lib", "memory = \"4MiB\""));
  EXPECT_EQ(call(many, "grow(1000)"), "0");
  EXPECT_NE(call(many, "grow(1)"), "0");
}

TEST_F(Domains, AThousandRestartsLeaveNothingBehind) {
  const Composition many = build(isolated() + restarts("lib", 2000));
  const auto resident = [] {
    std::ifstream statm("/proc/self/statm");
    std::size_t size = 0;
    std::size_t pages = 0;
    statm >> size >> pages;
    return pages * 4096;
  };
  std::size_t after_hundred = 0;
  for (int i = 1; i <= 1000; ++i) {
    ASSERT_THAT(call(many, "check-text(0)"), HasSubstr("err("));
    if (i == 100) after_hundred = resident();
  }
  // The sanitizer delays the release of memory.
  constexpr std::size_t kMayGrow = (kHasAddressSanitizer ? 256 : 1) << 20;
  EXPECT_LT(resident(), after_hundred + kMayGrow);
}

TEST_F(Domains, AUnitIsSwappedWhileTheOthersRun) {
  Composition many = build(isolated());
  EXPECT_EQ(call(many, "calls()"), "1");
  EXPECT_EQ(call(many, "hold(5)"), "()");
  // A counter exists.
  Result<void> refused = many.swap("lib", guest("lib"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "run-swap");
  EXPECT_THAT(refused.error().front().message, HasSubstr("handles would be lost that are in use"));
  EXPECT_EQ(call(many, "calls()"), "2");
  ASSERT_TRUE(many.swap("lib", guest("lib"), {.handles = SwapHandles::MakeStale}));
  EXPECT_EQ(call(many, "calls()"), "1");
  EXPECT_EQ(call(many, "merge(3, 4)"), "8");
  EXPECT_THAT(failure(many, "next").message, HasSubstr("stale"));
}

TEST_F(Domains, HandlesOfAnEndedDomainDoNotPreventASwap) {
  Composition many = build(isolated());
  const Unit lib = *many.unit("lib");
  const auto counter = lib.call("", "[constructor]counter", std::vector{Value::u32(5)});
  ASSERT_TRUE(counter);
  ASSERT_FALSE(lib.call("", "boom", {}));
  const Result<void> swapped = many.swap("lib", guest("lib"));
  ASSERT_TRUE(swapped) << swapped.error().front().message;
  EXPECT_EQ(**lib.call("", "alive", {}), Value::u32(0));
}

// No unit makes `x` and `y`; `one` and `two` take them.
TEST_F(Domains, ASwapIdentifiesUndefinedResourcesByName) {
  const auto write = [&](const char* name, std::string_view text) {
    return folder_.write(fmt::format("{}.wat", name), text);
  };
  constexpr std::string_view kFirst = R"((component {}
    (core module $code (func (export "f")))
    (core instance $i (instantiate $code))
    (func (export "f") (canon lift (core func $i "f")))))";
  constexpr std::string_view kSecond = R"((component
    (import "t:t/open" (instance $open
      (export "x" (type $x (sub resource)))
      (export "y" (type $y (sub resource)))
      (export "f" (func (param "x" (borrow $x)) (param "y" (borrow $y))))))
    (alias export $open "x" (type $x))
    (alias export $open "y" (type $y))
    (core func $drop-x (canon resource.drop $x))
    (core func $drop-y (canon resource.drop $y))
    (func $one (param "n" (own $x)) (canon lift (core func $drop-x)))
    (func $two (param "n" (own $y)) (canon lift (core func $drop-y)))
    (instance $out (export "x" (type $x)) (export "y" (type $y))
      (export "one" (func $one)) (export "two" (func $two)))
    (export "t:t/second" (instance $out))))";
  CompositionBuilder builder;
  builder.add_component(
      "first", write("first", fmt::format(fmt::runtime(kFirst), "(type (resource (rep i32)))")));
  builder.add_component("second", write("second", kSecond));
  builder.isolate_all();
  builder.allow_unresolved();
  builder.set_root("second");
  builder.export_item("first", "f");
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  const Result<void> swapped =
      built->swap("first", write("fewer", fmt::format(fmt::runtime(kFirst), "")));
  EXPECT_TRUE(swapped) << swapped.error().front().message;
}

TEST_F(Domains, AnIncompatibleSwapIsRefusedAndChangesNothing) {
  Composition many = build(isolated());
  EXPECT_EQ(call(many, "calls()"), "1");
  const auto code = [&](std::string_view unit, std::string_view path) {
    const Result<void> swapped = many.swap(unit, path);
    return std::string(swapped ? "fine" : swapped.error().front().code);
  };
  EXPECT_EQ(code("lob", guest("lib")), "run-swap");
  EXPECT_EQ(code("lib", guest("keeper")), "resolve-no-provider");
  EXPECT_EQ(code("lib", guest("nothing")), "read-file");
  EXPECT_EQ(call(many, "calls()"), "2");
  Composition single = build(one_domain());
  const Result<void> shared = single.swap("lib", guest("lib"));
  ASSERT_FALSE(shared);
  EXPECT_THAT(shared.error().front().message, HasSubstr("shares its domain"));
}

// Exports functions `names` in that order; each returns its position.
std::string lister(std::vector<std::string_view> names) {
  std::string text = "(component (core module $code";
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("(func (export \"{}\") (result i32) (i32.const {}))", names[i], i);
  text += ") (core instance $i (instantiate $code))";
  for (const std::string_view name : names)
    text += fmt::format(
        "(func ${0} (result u32) (canon lift (core func $i \"{0}\")))"
        "(instance ${0}-out (export \"get\" (func ${0}))) (export \"t:t/{0}\" (instance ${0}-out))",
        name);
  return text + ")";
}

// Exports `result`, which calls what it imports.
std::string asker(std::string_view imported, std::string_view result) {
  return fmt::format(R"((component
    (import "t:t/{0}" (instance $needs (export "get" (func (result u32)))))
    (core func $call (canon lower (func $needs "get")))
    (core module $code (import "" "get" (func $get (result i32)))
      (func (export "get") (result i32) (call $get)))
    (core instance $i (instantiate $code (with "" (instance (export "get" (func $call))))))
    (func $out (result u32) (canon lift (core func $i "get")))
    (instance $given (export "get" (func $out)))
    (export "t:t/{1}" (instance $given))))",
                     imported, result);
}

TEST_F(Domains, ASwapCannotChangeTheCalleeOfACall) {
  CompositionBuilder builder;
  const auto add = [&](const char* name, const std::string& text) {
    builder.add_component(name, folder_.write(fmt::format("{}.wat", name), text));
  };
  add("lister", lister({"x", "y"}));
  add("first", asker("x", "first"));
  add("second", asker("y", "second"));
  builder.isolate_all();
  builder.set_root("first");
  builder.export_item("first", "t:t/first");
  builder.export_item("second", "t:t/second");
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(**built->call("t:t/second", "get", {}), Value::u32(1));
  folder_.write("other.wat", lister({"y", "x"}));
  const Result<void> swapped = built->swap("lister", (folder_.path() / "other.wat").string());
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().front().code, "run-swap");
  EXPECT_THAT(swapped.error().front().message,
              HasSubstr("the exports that `first` calls would change: from `t:t/x`"));
  EXPECT_EQ(**built->call("t:t/second", "get", {}), Value::u32(1));
  folder_.write("other.wat", lister({"x", "y", "z"}));
  EXPECT_TRUE(built->swap("lister", (folder_.path() / "other.wat").string()));
  EXPECT_EQ(**built->call("t:t/second", "get", {}), Value::u32(1));
}

TEST_F(Domains, ASwapCannotChangeTheTypeOfAnExport) {
  const auto unit = [&](std::string_view type, std::string_view core) {
    return folder_.write(
        fmt::format("{}.wat", type),
        fmt::format(
            R"((component (core module $code (func (export "f") (param {1}) (result {1})
              (local.get 0))) (core instance $i (instantiate $code))
              (func (export "f") (param "n" {0}) (result {0}) (canon lift (core func $i "f")))))",
            type, core));
  };
  CompositionBuilder builder;
  builder.add_component("unit", unit("u32", "i32"));
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  const Result<void> swapped = built->swap("unit", unit("s64", "i64"));
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().front().code, "run-swap");
  EXPECT_THAT(swapped.error().front().message, HasSubstr("the type of `f` would change"));
  EXPECT_EQ(swapped.error().front().notes.front().text, "it is `func(n: u32) -> u32`");
  const std::vector<Value> four = {Value::u32(4)};
  EXPECT_EQ(**built->call("", "f", four), Value::u32(4));
}

TEST_F(Domains, AFailedSwapDescribesTheNewComponent) {
  const auto write = [&](const char* name, const std::string& text) {
    return folder_.write(name, text);
  };
  CompositionBuilder builder;
  builder.add_component("unit", write("fine.wat", R"((component
    (core module $code (func (export "f")))
    (core instance $i (instantiate $code))
    (func (export "f") (canon lift (core func $i "f")))))"));
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  // It is longer than the first one and traps at its end.
  const std::string traps = fmt::format(R"((component
    (core module (memory 1) (data (i32.const 0) "{}"))
    (core module $code (func $start unreachable) (start $start) (func (export "f")))
    (core instance $i (instantiate $code))
    (func (export "f") (canon lift (core func $i "f")))))",
                                        std::string(5000, 'x'));
  const Result<void> swapped = built->swap("unit", write("traps.wat", traps));
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().front().code, "run-trap");
  EXPECT_EQ(swapped.error().front().where.unit, "unit");
  EXPECT_TRUE(built->call("", "f", {}));
}

// Two units that import each other: `a.go` calls `b.ping`, which calls `a.pong`.
std::string ring_unit(std::string_view needs, std::string_view gives, std::string_view function,
                      std::string_view other) {
  return fmt::format(R"((component
    (import "t:t/{0}" (instance $needs (export "{3}" (func (param "n" u32) (result u32)))))
    (core func $call (canon lower (func $needs "{3}")))
    (core module $code
      (import "needs" "call" (func $call (param i32) (result i32)))
      (func (export "go") (param i32) (result i32) (call $call (local.get 0)))
      (func (export "give") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
          (then (i32.const 7))
          (else (call $call (i32.sub (local.get 0) (i32.const 1)))))))
    (core instance $given (export "call" (func $call)))
    (core instance $i (instantiate $code (with "needs" (instance $given))))
    (func $give (param "n" u32) (result u32) (canon lift (core func $i "give")))
    (func (export "go") (param "n" u32) (result u32) (canon lift (core func $i "go")))
    (instance $out (export "{2}" (func $give)))
    (export "t:t/{1}" (instance $out))))",
                     needs, gives, function, other);
}

TEST_F(Domains, ALazyEdgeAllowsACircleAndACallThatReentersIsRefused) {
  folder_.write("a.wat", ring_unit("b", "a", "pong", "ping"));
  folder_.write("b.wat", ring_unit("a", "b", "ping", "pong"));
  folder_.write("tenon.toml", R"(schema = 1
[project]
name = "ring"
root = "a"
[components.a]
path = "a.wat"
isolated = true
[components.b]
path = "b.wat"
isolated = true
[[wire]]
import = "t:t/b"
provider = "b"
lazy = true
)");
  CompositionBuilder builder;
  ASSERT_TRUE(builder.read_manifest((folder_.path() / "tenon.toml").string()));
  const Result<Composition> ring = builder.build();
  ASSERT_TRUE(ring) << ring.error().front().message;
  // `b` answers without a call.
  const std::vector<Value> none = {Value::u32(0)};
  EXPECT_EQ(**ring->call("", "go", none), Value::u32(7));
  // `b` calls back.
  const std::vector<Value> once = {Value::u32(1)};
  const auto again = ring->call("", "go", once);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, CallFailure::Kind::Reentrance);
  EXPECT_THAT(again.error().message, HasSubstr("a -> b -> a"));
}

// The program's own handles.
TEST_F(Domains, TheProgramHoldsResources) {
  const Composition many = build(isolated());
  const auto call_lib = [&](std::string_view name, const std::vector<Value>& arguments) {
    return many.call("demo:domains/lib", name, arguments);
  };
  {
    auto created = call_lib("[constructor]counter", {Value::u32(5)});
    ASSERT_TRUE(created);
    const Value counter = **created;
    EXPECT_EQ(print_wave(counter), "<demo:domains/lib@1.0.0.counter #1>");
    EXPECT_EQ(**call_lib("[method]counter.next", {counter}), Value::u32(6));
    EXPECT_EQ(**call_lib("alive", {}), Value::u32(1));
    EXPECT_EQ(**call_lib("consume", {counter}), Value::u32(6));
    const auto again = call_lib("consume", {counter});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, CallFailure::Kind::BadCall);
    EXPECT_EQ(again.error().problems.front().code, "value-handle");
  }
  EXPECT_EQ(**call_lib("alive", {}), Value::u32(0));
  {
    const auto dropped = call_lib("[constructor]counter", {Value::u32(1)});
  }
  EXPECT_EQ(**call_lib("alive", {}), Value::u32(0));
}

TEST_F(Domains, AResourceThatComesBackHasAnotherHandle) {
  const Composition many = build(isolated());
  const Unit lib = *many.unit("lib");
  const Unit keeper = *many.unit("keeper");
  const auto next = [&](const Value& counter) {
    return lib.call("", "[method]counter.next", std::span(&counter, 1));
  };
  std::optional<Value> counter = **lib.call("", "[constructor]counter", std::vector{Value::u32(5)});
  ASSERT_TRUE(keeper.call("", "keep", std::span(&*counter, 1)));
  const auto taken = keeper.call("", "take", {});
  ASSERT_TRUE(taken);
  const Value back = *(*taken)->get_if<ValueOption>()->payload.get();
  EXPECT_EQ(print_wave(back), "<demo:domains/lib@1.0.0.counter #2>");
  const auto stale = next(*counter);
  ASSERT_FALSE(stale);
  EXPECT_THAT(stale.error().problems.front().message, HasSubstr("#1>` was dropped or given away"));
  // The program does not drop a handle that it gave away.
  counter.reset();
  EXPECT_EQ(**lib.call("", "alive", {}), Value::u32(1));
  EXPECT_EQ(**next(back), Value::u32(6));
}

TEST_F(Domains, AHandleIsGivenAwayOnceInACall) {
  const Composition many = build(isolated());
  const auto call_lib = [&](std::string_view name, const std::vector<Value>& arguments) {
    return many.call("demo:domains/lib", name, arguments);
  };
  const Value counter = **call_lib("[constructor]counter", {Value::u32(5)});
  const auto twice = call_lib("[static]counter.merge", {counter, counter});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, CallFailure::Kind::BadCall);
  ASSERT_EQ(twice.error().problems.size(), 1U);
  EXPECT_EQ(twice.error().problems.front().code, "value-handle");
  EXPECT_THAT(twice.error().problems.front().message, HasSubstr("passed twice"));
  const auto merge = many.find_function("demo:domains/lib", "[static]counter.merge");
  ASSERT_TRUE(merge);
  // Its task does not keep the handle.
  const Task<CallResult<std::optional<Value>>> refused =
      merge->start(std::vector{counter, counter});
  EXPECT_TRUE(refused.is_done());
  // The program still has it, and can pass it as a borrow twice.
  EXPECT_EQ(**call_lib("[method]counter.peek", {counter, counter}), Value::u32(10));
  EXPECT_EQ(**call_lib("consume", {counter}), Value::u32(5));
}

TEST_F(Domains, AHandleOfAnotherCompositionIsRefused) {
  constexpr std::string_view kLib = "demo:domains/lib";
  constexpr std::string_view kWhy =
      "`<demo:domains/lib@1.0.0.counter #1>` belongs to another composition";
  const auto expect_refused = [&](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, CallFailure::Kind::BadCall);
    EXPECT_EQ(result.error().problems.front().code, "value-handle");
    EXPECT_EQ(result.error().problems.front().message, kWhy);
  };
  for (const std::string& manifest : {one_domain(), isolated()}) {
    const Composition a = build(manifest);
    const Composition b = build(manifest);
    const auto call_lib = [&](const Composition& composition, std::string_view name,
                              const Value& argument) {
      return composition.call(kLib, name, std::span(&argument, 1));
    };
    const Value of_a = **call_lib(a, "[constructor]counter", Value::u32(5));
    const Value of_b = **call_lib(b, "[constructor]counter", Value::u32(100));
    EXPECT_EQ(of_a, of_b);
    expect_refused(call_lib(b, "[method]counter.next", of_a));
    expect_refused(call_lib(b, "consume", of_a));
    EXPECT_EQ(**call_lib(a, "[method]counter.next", of_a), Value::u32(6));
    EXPECT_EQ(**call_lib(b, "[method]counter.next", of_b), Value::u32(101));
    // Also with C++ types.
    Resource resource(*of_a.get_if<ValueHandle>());
    expect_refused((*b.function<std::uint32_t(Borrow)>(kLib, "[method]counter.next"))(resource));
    expect_refused((*b.function<std::uint32_t(Resource)>(kLib, "consume"))(std::move(resource)));
    EXPECT_EQ(**call_lib(a, "consume", of_a), Value::u32(6));
    EXPECT_EQ(**call_lib(b, "consume", of_b), Value::u32(101));
  }
}

TEST_F(Domains, AHandleOutlivesItsCompositionAndIsInvalidInOthers) {
  std::optional<Composition> a = build(isolated());
  const auto make = [](const Composition& composition) {
    const Value five = Value::u32(5);
    return **composition.call("demo:domains/lib", "[constructor]counter", std::span(&five, 1));
  };
  const Value of_a = make(*a);
  a.reset();
  const Composition b = build(isolated());
  const Value of_b = make(b);
  const auto called = b.call("demo:domains/lib", "[method]counter.next", std::span(&of_a, 1));
  ASSERT_FALSE(called);
  EXPECT_THAT(called.error().problems.front().message, HasSubstr("belongs to another composition"));
}

TEST_F(Domains, AHandleOfTheProgramReportsThatItIsStale) {
  const Composition many = build(isolated() + restarts("lib", 1));
  const auto call_lib = [&](std::string_view name, const std::vector<Value>& arguments) {
    return many.call("demo:domains/lib", name, arguments);
  };
  const Value counter = **call_lib("[constructor]counter", {Value::u32(5)});
  ASSERT_FALSE(call_lib("boom", {}));
  for (int i = 0; i < 2; ++i) {
    const auto stale = call_lib("[method]counter.next", {counter});
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().kind, CallFailure::Kind::BadCall);
    EXPECT_THAT(stale.error().problems.front().message,
                HasSubstr("#1>` is stale: the domain `lib` ended after it was made"));
    // Also in a domain that was restarted.
    EXPECT_EQ(**call_lib("alive", {}), Value::u32(0));
  }
}

// Nested calls of guests with 64 KiB stacks do not overflow the native stack.
TEST_F(Domains, SmallStacksAreNoticed) {
  const Composition many = build(isolated());
  std::string messages;
  std::thread([&] { messages = call(many, "add(1, 2)"); }).join();
  EXPECT_EQ(messages, "3");
}

TEST_F(Domains, AFunctionOutlivesItsComposition) {
  std::optional<Composition> many = build(isolated());
  const Result<Function> add = many->find_function("front", "add");
  ASSERT_TRUE(add);
  many.reset();
  const std::vector<Value> arguments = {Value::u32(1), Value::u32(2)};
  const auto called = add->call(arguments);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, CallFailure::Kind::BadCall);
}

}  // namespace
}  // namespace tenon::domains_test
