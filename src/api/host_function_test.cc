// Functions and resources of a C++ program, called by real guests.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/call_test.h"
#include "tests/support/domain_types.h"
#include "tests/support/test_units.h"

namespace tenon::host_function_test {
namespace {

using demo::Counter;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view kLib = "demo:domains/lib";
constexpr std::string_view kKeeper = "demo:domains/keeper";

class HostFunctions : public testing::Test {
 protected:
  // All functions of the guest `lib`, in C++.
  void add_lib(CompositionBuilder& builder) {
    const auto add = [&](std::string_view name, auto function) {
      builder.add_host_function(kLib, name, std::move(function));
    };
    add("add", [](std::uint32_t a, std::uint32_t b) { return a + b; });
    add("echo", [](std::string_view text) { return std::string(text); });
    add("echo-bytes", [](std::vector<std::uint8_t> bytes) { return bytes; });
    add("echo-points", [](std::vector<demo::Point> points) { return points; });
    add("echo-named", [](std::vector<demo::Named> named) { return named; });
    add("echo-mixed", [](std::optional<std::string> a, Expected<std::uint8_t, std::string> b,
                         std::tuple<char32_t, bool, std::int64_t> c, demo::Trouble d,
                         demo::Marks e) { return demo::Mixed(a, b, c, d, e); });
    add("calls", [this] { return ++calls_; });
    add("boom", []() -> HostResult<void> { return Trap{"it went off"}; });
    add("spin", [] { throw std::runtime_error("it never ends"); });
    add("grow", [](std::uint32_t) { return std::uint32_t{0}; });
    add("check-text", [](std::uint32_t n) -> Expected<std::uint32_t, std::string> {
      if (n == 0) return Unexpected("zero");
      return n;
    });
    add("check-trouble",
        [](std::uint32_t n) -> Expected<std::uint32_t, demo::Trouble> { return n; });
    add("check-reason", [](std::uint32_t n) -> Expected<std::uint32_t, demo::Reason> {
      if (n == 0) return Unexpected(demo::Reason::Bad);
      return n;
    });
    add("alive", [this] { return static_cast<std::uint32_t>(alive_); });
    add("consume", [](std::shared_ptr<Counter> counter) { return counter->count(); });
    add("make-bad", [this] { return make(7); });

    HostResource<Counter> counter(kLib, "counter");
    counter.constructor([this](std::uint32_t start) { return make(start); })
        .method("next",
                [this](Counter& self) {
                  if (before_next_) before_next_();
                  return self.next();
                })
        .method("peek", &Counter::peek)
        .static_function("merge", [this](std::shared_ptr<Counter> a, std::shared_ptr<Counter> b) {
          return make(a->count() + b->count());
        });
    builder.add_host_resource(counter);
  }

  std::shared_ptr<Counter> make(std::uint32_t start) {
    return std::make_shared<Counter>(start, alive_);
  }

  static Composition build(CompositionBuilder& builder) {
    builder.set_root("front");
    return built(builder);
  }
  static std::vector<std::string> problems(CompositionBuilder& builder) {
    builder.set_root("front");
    const Result<Plan> plan = builder.plan();
    if (plan) return {};
    std::vector<std::string> messages;
    for (const Diagnostic& problem : plan.error())
      messages.push_back(std::string(problem.code) + ": " + problem.message);
    return messages;
  }

  static std::vector<std::string> texts(const std::vector<Note>& notes) {
    std::vector<std::string> messages;
    for (const Note& note : notes) messages.push_back(note.text);
    return messages;
  }
  // The problems with one code.
  static std::vector<Diagnostic> select(std::span<const Diagnostic> all, std::string_view code) {
    std::vector<Diagnostic> selected;
    for (const Diagnostic& problem : all)
      if (problem.code == code) selected.push_back(problem);
    return selected;
  }

  int alive_ = 0;
  std::uint32_t calls_ = 0;
  std::function<void()> before_next_ = {};  // called before `next` of a counter
};

// `lib` is a guest in a domain of its own, and `keep` of the program keeps its counters.
CompositionBuilder keeping(std::vector<Resource>& kept) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("lib", domain_guest("lib"));
  builder.isolate("lib");
  builder.add_host_function(kKeeper, "keep",
                            [&kept](Resource counter) { kept.push_back(std::move(counter)); });
  return builder;
}

Composition build_guests() {
  CompositionBuilder builder;
  for (const char* name : {"front", "keeper", "lib"})
    builder.add_component(name, domain_guest(name));
  builder.set_root("front");
  return *builder.build();
}

TEST_F(HostFunctions, CanReplaceAGuestInOneDomainAndInMany) {
  const Composition guests = build_guests();
  for (const bool isolates : {false, true}) {
    calls_ = 0;
    CompositionBuilder builder;
    add_lib(builder);
    for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
    if (isolates) builder.isolate_all();
    const Composition composition = build(builder);
    std::vector<EdgeKind> kinds;
    for (const PlanEdge& edge : composition.plan().edges) kinds.push_back(edge.kind);
    using enum EdgeKind;
    EXPECT_THAT(kinds, ElementsAre(Native, isolates ? Bridged : Direct, Native));
    EXPECT_EQ(composition.plan().domains.size(), isolates ? 2 : 1);
    const Composition fresh = build_guests();
    for (const std::string_view text : kFrontCalls)
      EXPECT_EQ(call_front(composition, text), call_front(fresh, text)) << text;
    EXPECT_GT(alive_, 0);
  }
  // The resources that the guests held were dropped with them.
  EXPECT_EQ(alive_, 0);
}

TEST_F(HostFunctions, AreInThePlan) {
  CompositionBuilder builder;
  add_lib(builder);
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.add_component("lib", domain_guest("lib"));
  builder.set_root("front");
  const Result<Plan> plan = builder.plan();
  ASSERT_TRUE(plan) << plan.error().front().message;
  EXPECT_EQ(plan->edges[0].provider, "program");
  EXPECT_EQ(plan->edges[0].reason, EdgeReason::HostFunction);
  EXPECT_EQ(plan->edges[0].export_name, "demo:domains/lib@1.0.0");
  EXPECT_THAT(plan->domains, ElementsAre(testing::Field(&PlanDomain::name, "main")));
  EXPECT_THAT(plan->order, testing::Not(Contains("program")));
  // The component that they hide is reported.
  EXPECT_THAT(plan->notes, Contains(testing::Field(&Diagnostic::code, "shadowed")));
}

TEST_F(HostFunctions, AWireTakesPrecedence) {
  CompositionBuilder builder;
  for (const char* name : {"front", "keeper", "lib"})
    builder.add_component(name, domain_guest(name));
  add_lib(builder);
  builder.wire({.import = std::string(kLib), .provider = "lib"});
  const Composition composition = build(builder);
  EXPECT_EQ(call_front(composition, "calls()"), "1");
  EXPECT_EQ(calls_, 0);
}

TEST_F(HostFunctions, AFailureIsATrapOfTheCallerWithTheReason) {
  CompositionBuilder builder;
  add_lib(builder);
  for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
  const Composition composition = build(builder);
  EXPECT_THAT(call_front(composition, "boom()"),
              HasSubstr("`demo:domains/lib@1.0.0#boom` of the program: it went off"));
  EXPECT_THAT(call_front(composition, "calls()"), HasSubstr("has ended"));
  CompositionBuilder again;
  add_lib(again);
  for (const char* name : {"front", "keeper"}) again.add_component(name, domain_guest(name));
  const Composition other = build(again);
  EXPECT_THAT(call_front(other, "spin()"), HasSubstr("it never ends"));
}

TEST_F(HostFunctions, ObjectsAreDroppedOnceHoweverTheirHolderEnds) {
  CompositionBuilder builder;
  add_lib(builder);
  for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
  builder.isolate("keeper");
  {
    const Composition composition = build(builder);
    EXPECT_EQ(call_front(composition, "keep-all([1, 2, 3])"), "3");
    EXPECT_EQ(alive_, 3);
    EXPECT_EQ(call_front(composition, "hold(4)"), "()");
    EXPECT_EQ(alive_, 4);
    // The keeper ends with its resources, and so does the caller.
    EXPECT_THAT(call_front(composition, "swallow(5)"), HasSubstr("unreachable"));
    EXPECT_EQ(alive_, 0);
  }
  EXPECT_EQ(alive_, 0);
}

TEST_F(HostFunctions, CanKeepResourcesOfGuests) {
  std::vector<Resource> kept;
  std::optional<Composition> composition;
  CompositionBuilder builder = keeping(kept);
  builder.add_host_function(kKeeper, "take", [&]() -> std::optional<Resource> {
    if (kept.empty()) return std::nullopt;
    Resource last = std::move(kept.back());
    kept.pop_back();
    return last;
  });
  builder.add_host_function(kKeeper, "keep-all", [&](std::vector<Resource> all) {
    for (Resource& resource : all) kept.push_back(std::move(resource));
    return static_cast<std::uint32_t>(kept.size());
  });
  builder.add_host_function(kKeeper, "sum", [&](const Resource& a, Borrow b) -> std::uint32_t {
    const auto next = composition->function<std::uint32_t(Borrow)>(kLib, "[method]counter.next");
    return *(*next)(a) + *(*next)(b);
  });
  builder.add_host_function(kKeeper, "swallow",
                            [&](Resource) -> HostResult<void> { return Trap{"swallowed"}; });
  builder.export_item("lib", kLib);
  composition.emplace(build(builder));
  EXPECT_EQ(call_front(*composition, "keep(5)"), "()");
  EXPECT_EQ(call_front(*composition, "keep-all([7, 8, 9])"), "4");
  EXPECT_EQ(call_front(*composition, "alive()"), "4");
  EXPECT_EQ(call_front(*composition, "take()"), "some(10)");
  EXPECT_EQ(call_front(*composition, "alive()"), "3");
  EXPECT_EQ(call_front(*composition, "sum(1, 2)"), "5");
  EXPECT_EQ(call_front(*composition, "alive()"), "3");
  kept.clear();
  EXPECT_EQ(call_front(*composition, "alive()"), "0");
  EXPECT_EQ(call_front(*composition, "take()"), "none");
  EXPECT_THAT(call_front(*composition, "swallow(1)"), HasSubstr("swallowed"));
}

TEST_F(HostFunctions, ResourcesOfAnotherCompositionAreRefused) {
  std::vector<Resource> kept;
  std::optional<Composition> single;
  std::string lent_to_one;
  CompositionBuilder builder = keeping(kept);
  builder.add_host_function(kKeeper, "take",
                            [&]() -> std::optional<Resource> { return std::move(kept.front()); });
  builder.add_host_function(kKeeper, "keep-all", [](std::vector<Resource>) { return 0U; });
  builder.add_host_function(kKeeper, "sum", [&](const Resource& a, Borrow) {
    const auto next = single->function<std::uint32_t(Borrow)>(kLib, "[method]counter.next");
    const auto called = (*next)(a);
    lent_to_one = called ? "" : called.error().problems.front().message;
    return 0U;
  });
  builder.add_host_function(kKeeper, "swallow", [](Resource) {});
  builder.export_item("lib", kLib);
  single.emplace(build(builder));
  const Composition other = build(builder);
  EXPECT_EQ(call_front(*single, "keep(5)"), "()");
  EXPECT_THAT(call_front(other, "take()"), HasSubstr(">` belongs to another composition"));
  EXPECT_EQ(call_front(*single, "alive()"), "0");
  // Also one that is borrowed for a call.
  EXPECT_EQ(call_front(*single, "keep(5)"), "()");
  const Composition third = build(builder);
  EXPECT_EQ(call_front(third, "sum(1, 2)"), "0");
  EXPECT_THAT(lent_to_one, HasSubstr(">` belongs to another composition"));
}

TEST_F(HostFunctions, TakeAndReturnValues) {
  std::vector<Value> seen;
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  add_lib(builder);
  // The exact version is more specific than the typed entry for all versions.
  using Values = std::span<const Value>;
  builder.add_host_function("demo:domains/lib@1.0.0", "echo-mixed", [&](Values params) {
    seen.assign(params.begin(), params.end());
    return Value::tuple(seen);
  });
  builder.add_host_function("demo:domains/lib@1.0.0", "consume",
                            [&](Values params) -> HostResult<Value> {
                              seen.assign(params.begin(), params.end());
                              return Value::u32(77);
                            });
  builder.add_host_function("demo:domains/lib@1.0.0", "calls", [](Values) -> std::optional<Value> {
    return Value::string("no number");
  });
  const Composition composition = build(builder);
  const std::string_view text =
      R"(echo-mixed(some("x"), err("e"), ('c', true, -5), gone("g"), {red, blue}))";
  EXPECT_EQ(call_front(composition, text),
            R"((some("x"), err("e"), ('c', true, -5), gone("g"), {red, blue}))");
  EXPECT_EQ(call_front(composition, "consume(9)"), "77");
  EXPECT_EQ(alive_, 1);
  seen.clear();
  EXPECT_EQ(alive_, 0);
  EXPECT_THAT(call_front(composition, "calls()"), HasSubstr("its result cannot be passed"));
}

TEST_F(HostFunctions, EachMismatchIsReported) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  add_lib(builder);
  builder.add_host_function("demo:domains/lib@^1", "add",
                            [](std::uint32_t a, std::uint64_t) { return a; });
  builder.add_host_function("demo:domains/lib@^1", "echo", [](std::int32_t n) { return n; });
  HostResource<std::string> other("demo:domains/lib@^1", "counter");
  builder.add_host_resource(other);
  const std::vector<std::string> reported = problems(builder);
  EXPECT_THAT(reported, Contains(HasSubstr("type-signature: `demo:domains/lib@1.0.0#add` of the "
                                           "program does not match `front`")));
  EXPECT_THAT(reported, Contains(HasSubstr("#echo` of the program does not match")));
  EXPECT_THAT(reported, Contains(HasSubstr("a resource of another class")));
}

TEST_F(HostFunctions, AnObjectCannotReplaceAResourceOfAGuest) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  add_lib(builder);
  builder.add_host_function("demo:domains/lib@^1", "consume", [](Resource) { return 1U; });
  EXPECT_THAT(problems(builder), Contains(HasSubstr("is a resource of the program")));
}

TEST_F(HostFunctions, MissingAndInvalidNamesAreReported) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.add_host_function(kLib, "add", [](std::uint32_t a, std::uint32_t b) { return a + b; });
  builder.set_root("front");
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  std::vector<std::string> consumers;
  for (const Diagnostic& problem : plan.error()) {
    consumers.push_back(problem.where.unit);
    EXPECT_EQ(problem.code, "resolve-type-mismatch");
    EXPECT_THAT(problem.message, HasSubstr("imports `demo:domains/lib@1.0.0`"));
    EXPECT_THAT(texts(problem.notes), Contains(HasSubstr("`program`")));
    EXPECT_THAT(
        problem.hints,
        Contains("in the program, provide every function of `demo:domains/lib@1.0.0` that `" +
                 problem.where.unit + "` imports"));
  }
  EXPECT_THAT(consumers, ElementsAre("front", "keeper"));
  builder.add_host_function("no interface", "f", [] {});
  builder.add_host_function(kLib, "Not A Name", [] {});
  builder.add_host_function(kLib, "add", [](std::uint32_t a, std::uint32_t) { return a; });
  const std::vector<std::string> reported = problems(builder);
  EXPECT_THAT(reported, SizeIs(3));
  EXPECT_THAT(reported, Contains(HasSubstr("`no interface` is not the name of an interface")));
  EXPECT_THAT(reported, Contains(HasSubstr("`Not A Name` is not the name of a function")));
  EXPECT_THAT(reported, Contains(HasSubstr("it is provided twice")));
}

TEST_F(HostFunctions, AHintShowsHowToTakeAnObject) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  add_lib(builder);
  // A parameter that is not a handle, and a resource of guests.
  builder.add_host_function("demo:domains/lib@^1", "consume", [](std::uint32_t n) { return n; });
  builder.add_host_function("demo:domains/lib@1.0.0", "[method]counter.next",
                            [](const Resource&) { return 1U; });
  builder.set_root("front");
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  const std::vector<Diagnostic> reported = select(plan.error(), "type-signature");
  std::vector<std::string> messages;
  for (const Diagnostic& problem : reported) {
    messages.push_back(problem.message);
    EXPECT_THAT(problem.hints,
                ElementsAre("take its object: `T&` for borrow, `std::shared_ptr<T>` for own"))
        << problem.message;
  }
  EXPECT_THAT(messages, Contains(HasSubstr("#consume` of the program does not match")));
  EXPECT_THAT(messages, Contains(HasSubstr("counter.next` of the program does not match")));
}

TEST_F(HostFunctions, AUnitCalledProgramClashesWithThem) {
  CompositionBuilder builder;
  add_lib(builder);
  for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
  builder.add_component("program", domain_guest("lib"));
  builder.set_root("front");
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  const std::vector<Diagnostic> reported = select(plan.error(), "resolve-unit-name");
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_EQ(reported[0].message, "2 units are called `program`");
  EXPECT_THAT(
      texts(reported[0].notes),
      testing::UnorderedElementsAre("one of them is the set of host functions of the program",
                                    "one of them is `" + domain_guest("lib") + "`"));
  EXPECT_THAT(reported[0].hints, ElementsAre(HasSubstr("give it a name of its own: `program-")));
}

// A part that no unit imports is reported with the import that it may be meant for.
TEST_F(HostFunctions, AMisspelledFunctionIsNoted) {
  constexpr std::string_view kUnused = "unused-host-function";
  HostResource<Counter> misspelt(kLib, "conuter");
  misspelt.constructor([this](std::uint32_t start) { return make(start); })
      .method("next", &Counter::next)
      .method("peek", &Counter::peek);
  const auto expect_notes = [&](std::span<const Diagnostic> all) {
    const std::vector<Diagnostic> reported = select(all, kUnused);
    ASSERT_EQ(reported.size(), 3U);
    EXPECT_EQ(reported[0].severity, Severity::Note);
    EXPECT_EQ(reported[0].message,
              "no unit imports `demo:domains/lib#conuter`, which the program provides");
    EXPECT_THAT(reported[0].hints, ElementsAre("did you mean `demo:domains/lib#counter`?"));
    EXPECT_EQ(reported[1].message,
              "no unit imports `demo:domains/lib#ehco`, which the program provides");
    EXPECT_THAT(reported[1].hints, ElementsAre("did you mean `demo:domains/lib#echo`?"));
    EXPECT_EQ(reported[2].message,
              "no unit imports `demo:domains/lib@1.0.0#consmue`, which the program provides");
    EXPECT_THAT(reported[2].hints, ElementsAre("did you mean `demo:domains/lib@1.0.0#consume`?"));
  };
  for (const bool works : {true, false}) {
    CompositionBuilder builder;
    for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
    if (works) builder.add_component("lib", domain_guest("lib"));
    builder.add_host_function(kLib, "ehco",
                              [](std::string_view text) { return std::string(text); });
    builder.add_host_function("demo:domains/lib@1.0.0", "consmue",
                              [](std::shared_ptr<Counter> counter) { return counter->count(); });
    builder.add_host_resource(misspelt);
    builder.set_root("front");
    const Result<Plan> plan = builder.plan();
    ASSERT_EQ(plan.has_value(), works);
    expect_notes(works ? plan->notes : plan.error());
    if (!works) {
      EXPECT_NE(plan.error().front().severity, Severity::Note);
    }
  }
}

TEST_F(HostFunctions, AMisspelledFunctionIsNotedAlongWithTypeMismatches) {
  CompositionBuilder builder;
  add_lib(builder);
  for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
  builder.add_host_function("demo:domains/lib@^1", "add",
                            [](std::uint32_t a, std::uint64_t) { return a; });
  builder.add_host_function(kKeeper, "swalow", [](std::shared_ptr<Counter>) {});
  const std::vector<std::string> reported = problems(builder);
  ASSERT_FALSE(reported.empty());
  EXPECT_THAT(reported.front(), StartsWith("type-signature: "));
  EXPECT_THAT(reported,
              Contains("unused-host-function: no unit imports `demo:domains/keeper#swalow`, "
                       "which the program provides"));
}

// A program can provide more than its plugins use.
TEST_F(HostFunctions, AFunctionUnlikeAllImportsIsNotNoted) {
  HostResource<Counter> other(kLib, "stopwatch");
  other.method("next", &Counter::next);
  for (const bool works : {true, false}) {
    CompositionBuilder builder;
    for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
    if (works) builder.add_component("lib", domain_guest("lib"));
    builder.add_host_function(kLib, "publish", [](std::string_view) {});
    builder.add_host_function("demo:else/where", "echo", [](std::string_view) {});
    builder.add_host_resource(other);
    builder.set_root("front");
    const Result<Plan> plan = builder.plan();
    ASSERT_EQ(plan.has_value(), works);
    EXPECT_THAT(select(works ? plan->notes : plan.error(), "unused-host-function"), IsEmpty());
  }
}

TEST_F(HostFunctions, ObjectsArePassedToExports) {
  CompositionBuilder builder;
  add_lib(builder);
  builder.add_component("keeper", domain_guest("keeper"));
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const auto keep = composition->function<void(std::shared_ptr<Counter>)>(kKeeper, "keep");
  const auto take =
      composition->function<std::optional<std::shared_ptr<Counter>>()>(kKeeper, "take");
  const auto sum = composition->function<std::uint32_t(Counter&, Counter&)>(kKeeper, "sum");
  const auto swallow = composition->function<void(std::shared_ptr<Counter>)>(kKeeper, "swallow");
  ASSERT_TRUE(keep) << keep.error().front().message;
  ASSERT_TRUE(take) << take.error().front().message;
  ASSERT_TRUE(sum) << sum.error().front().message;
  std::shared_ptr<Counter> counter = make(5);
  ASSERT_TRUE((*keep)(counter));
  EXPECT_EQ(counter.use_count(), 2);
  // The same object comes back.
  EXPECT_EQ((*take)()->value(), counter);
  EXPECT_EQ(counter.use_count(), 1);
  EXPECT_EQ(*(*sum)(counter, make(7)), 6U + 8U);
  EXPECT_EQ(*(*sum)(counter, counter), 7U + 8U);
  EXPECT_EQ(counter.use_count(), 1);
  EXPECT_EQ(alive_, 1);
  // With values, it is a number that the program can pass on.
  ASSERT_TRUE((*keep)(counter));
  const auto taken = composition->call(kKeeper, "take", {});
  ASSERT_TRUE(taken);
  EXPECT_EQ(counter.use_count(), 2);
  const Value* const handle = (*taken)->get_if<ValueOption>()->payload.get();
  ASSERT_NE(handle, nullptr);
  EXPECT_TRUE(composition->call(kKeeper, "keep", std::span(handle, 1)));
  EXPECT_FALSE(composition->call(kKeeper, "keep", std::span(handle, 1)));
  EXPECT_EQ(counter.use_count(), 2);
  // A guest that ends drops it, and a guest that is not called never had it.
  EXPECT_FALSE((*swallow)(counter));
  EXPECT_EQ(counter.use_count(), 1);
  EXPECT_FALSE((*keep)(counter));
  EXPECT_EQ(counter.use_count(), 1);
  EXPECT_FALSE((*keep)(nullptr));
  const auto wrong = composition->function<void(Resource)>(kKeeper, "keep");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().front().message, HasSubstr("is a resource of the program"));
}

// The types of the units have other ids after a swap.
TEST_F(HostFunctions, AFunctionThatWasFoundBeforeASwapTakesObjects) {
  constexpr std::string_view kAside = R"((component {}
    (core module $code (func (export "f")))
    (core instance $i (instantiate $code))
    (func (export "aside") (canon lift (core func $i "f")))))";
  const auto aside = [&](int resources) {
    std::string types;
    for (int i = 0; i < resources; ++i) types += "(type (resource (rep i32)))";
    return *engine::wat_to_wasm("aside.wat", fmt::format(fmt::runtime(kAside), types));
  };
  CompositionBuilder builder;
  builder.add_component("aside", aside(20));
  builder.add_component("keeper", domain_guest("keeper"));
  add_lib(builder);
  builder.isolate_all();
  builder.set_root("keeper");
  builder.export_item("aside", "aside");
  Composition composition = built(builder);
  const Function keep = *composition.find_function(kKeeper, "keep");
  const Function take = *composition.find_function(kKeeper, "take");
  const Result<void> swapped = composition.swap("aside", aside(0));
  ASSERT_TRUE(swapped) << swapped.error().front().message;
  const auto keeps = TypedFunction<void(std::shared_ptr<Counter>)>::make(keep);
  ASSERT_TRUE(keeps) << keeps.error().front().message;
  const auto takes = TypedFunction<std::optional<std::shared_ptr<Counter>>()>::make(take);
  ASSERT_TRUE(takes) << takes.error().front().message;
  const std::shared_ptr<Counter> counter = make(5);
  ASSERT_TRUE((*keeps)(counter));
  EXPECT_EQ((*takes)()->value(), counter);
}

// A nested call that is refused drops its own objects, not those of the outer call.
TEST_F(HostFunctions, ObjectsAreBorrowedUntilTheirOwnCallEnds) {
  CompositionBuilder builder;
  add_lib(builder);
  for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
  builder.isolate_all();
  std::function<void()> in_call;
  before_next_ = [&] { in_call(); };
  const Composition composition = build(builder);
  const auto sum =
      composition.unit("keeper")->function<std::uint32_t(Counter&, Counter&)>(kKeeper, "sum");
  ASSERT_TRUE(sum) << sum.error().front().message;
  const std::shared_ptr<Counter> a = make(5);
  const std::shared_ptr<Counter> b = make(7);
  int calls = 0;
  in_call = [&] {
    if (++calls != 1) return;
    const CallResult<std::uint32_t> again = (*sum)(a, b);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, CallFailure::Kind::Reentrance);
    // New objects, which would reuse the places of dropped ones.
    EXPECT_EQ(call_front(composition, "hold(70)"), "()");
    EXPECT_EQ(call_front(composition, "hold(80)"), "()");
  };
  const CallResult<std::uint32_t> result = (*sum)(a, b);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, 6U + 8U);
  EXPECT_EQ(b->count(), 8U);
  EXPECT_EQ(call_front(composition, "next()"), "81");
}

TEST_F(HostFunctions, ABadCallReportsEveryArgument) {
  CompositionBuilder builder;
  add_lib(builder);
  for (const char* name : {"front", "keeper"}) builder.add_component(name, domain_guest(name));
  const Composition composition = build(builder);
  const Value bad[] = {Value::string("x"), Value::boolean(true)};
  const auto called = composition.call("front", "add", bad);
  ASSERT_FALSE(called);
  ASSERT_EQ(called.error().problems.size(), 2U);
  const Diagnostic problem = failure_diagnostic(called.error());
  EXPECT_EQ(problem.code, "value-type");
  EXPECT_THAT(problem.message, HasSubstr("#add` was not called: "));
  ASSERT_EQ(problem.notes.size(), 1U);
  EXPECT_EQ(problem.notes[0].text, "and `" + called.error().problems[1].where.item +
                                       "`: " + called.error().problems[1].message);
  EXPECT_EQ(problem.where.item, called.error().problems[0].where.item);
}

TEST_F(HostFunctions, ComposeLeavesThemOpen) {
  CompositionBuilder builder;
  add_lib(builder);
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.set_root("front");
  const Result<std::vector<std::uint8_t>> bytes = builder.compose();
  ASSERT_TRUE(bytes) << bytes.error().front().message;
  // The program can provide the imports that the component leaves open.
  CompositionBuilder again;
  add_lib(again);
  again.add_component("front", *bytes);
  const Composition composition = build(again);
  EXPECT_EQ(call_front(composition, "keep-all([1, 2])"), "2");
  EXPECT_EQ(call_front(composition, "alive()"), "2");
}

// Units of one function `f` each, and a program that provides it to them.
class ProvidedUnits : public UnitsTest {};

TEST_F(ProvidedUnits, ComposeKeepsAChainThatLeadsToThem) {
  constexpr std::string_view kPrice = "test:u/price";
  for (const char* const consumer : {"cart", ""}) {
    start_over();
    add("cart", function_unit(kPrice, "test:u/cart", "(call $f (local.get 0))"));
    add("add", function_unit(kPrice, kPrice, "(i32.add (call $f (local.get 0)) (i32.const 100))"));
    add("double", function_unit(kPrice, kPrice, "(i32.mul (call $f (local.get 0)) (i32.const 2))"));
    CompositionBuilder builder = make_builder("cart");
    builder.add_host_function(kPrice, "f", [](std::uint32_t n) { return n + 1; });
    builder.wire({.consumer = consumer,
                  .import = std::string(kPrice),
                  .provider = "program",
                  .via = {"add", "double"}});
    EXPECT_EQ(describe_outcome(call(built(builder), "test:u/cart", 7)), "116");
    const Result<std::vector<std::uint8_t>> bytes = builder.compose();
    ASSERT_TRUE(bytes) << bytes.error().front().message;
    CompositionBuilder again;
    again.add_component("cart", *bytes);
    again.add_host_function(kPrice, "f", [](std::uint32_t n) { return n + 1; });
    EXPECT_EQ(describe_outcome(call(built(again), "test:u/cart", 7)), "116");
  }
}

// Calls an imported `f`: a bare function, or from `interface` if it is not empty.
std::string asking_unit(std::string_view interface, std::string_view wit, std::string_view core,
                        std::string_view exported) {
  const std::string type = fmt::format(R"((func (param "n" {0}) (result {0})))", wit);
  const std::string import =
      interface.empty()
          ? fmt::format(R"((import "f" {}) (core func $f (canon lower (func 0))))", type)
          : fmt::format(R"((import "{}" (instance $needs (export "f" {})))
                           (core func $f (canon lower (func $needs "f"))))",
                        interface, type);
  return fmt::format(R"((component {0}
    (core module $code
      (import "needs" "f" (func $f (param {2}) (result {2})))
      (func (export "f") (param {2}) (result {2}) (call $f (local.get 0))))
    (core instance $i (instantiate $code (with "needs" (instance (export "f" (func $f))))))
    (func $out (param "n" {1}) (result {1}) (canon lift (core func $i "f")))
    (instance $given (export "f" (func $out)))
    (export "{3}" (instance $given))))",
                     import, wit, core, exported);
}

TEST_F(ProvidedUnits, HaveTheTypeOfTheFirstUnitByName) {
  for (const std::string_view interface : {"", "test:u/price"}) {
    std::vector<std::vector<std::string>> reported;
    for (const bool turns : {false, true}) {
      const std::string first = asking_unit(interface, "u32", "i32", "test:u/one");
      const std::string two = asking_unit(interface, "u64", "i64", "test:u/two");
      CompositionBuilder builder;
      const auto add_file = [&](std::string_view name, const std::string& text) {
        builder.add_component(name, write(name, text));
      };
      if (turns) add_file("two", two);
      add_file("one", first);
      if (!turns) add_file("two", two);
      builder.add_host_function(interface, "f",
                                [](std::span<const Value> params) { return params[0]; });
      builder.set_root("one");
      const Result<Plan> plan = builder.plan();
      ASSERT_FALSE(plan);
      reported.push_back(texts(plan.error()));
    }
    EXPECT_EQ(reported[0], reported[1]);
    EXPECT_THAT(reported[0], ElementsAre(HasSubstr("resolve-type-mismatch: `two` imports `")));
  }
}

TEST_F(ProvidedUnits, DoNotDecideTheTypeIfAWireNamesAnotherUnit) {
  constexpr std::string_view kPrice = "test:u/price";
  const std::string one = asking_unit(kPrice, "u32", "i32", "test:u/one");
  CompositionBuilder builder;
  builder.add_component("one", write("one", one));
  builder.add_component("two", write("two", asking_unit(kPrice, "u64", "i64", "test:u/two")));
  builder.add_component("three", write("three", asking_unit("", "u32", "i32", kPrice)));
  builder.add_host_function(kPrice, "f", [](std::uint64_t n) { return n + 1; });
  builder.add_host_function("", "f", [](std::uint32_t n) { return n + 2; });
  builder.set_root("one").export_item("two", "test:u/two");
  EXPECT_THAT(texts(builder.plan().error()),
              ElementsAre(HasSubstr("type-signature: `test:u/price#f` of the program does not "
                                    "match `one`")));
  builder.wire({.consumer = "one", .import = "test:u/*", .provider = "three"});
  const Composition all = built(builder);
  EXPECT_EQ(describe_outcome(call(all, "test:u/one", 7)), "9");
  EXPECT_EQ(print_wave(**all.call("test:u/two", "f", std::array{Value::u64(7)})), "8");
}

TEST_F(ProvidedUnits, TheFirstOfTwoGlobsByItsTextProvides) {
  add("cart", function_unit("test:u/price", "test:u/cart", "(call $f (local.get 0))"));
  for (const bool turns : {false, true}) {
    CompositionBuilder builder = make_builder("cart");
    const auto provide = [&](std::string_view pattern, std::uint32_t answer) {
      builder.add_host_function(pattern, "f", [answer](std::uint32_t) { return answer; });
    };
    if (turns) provide("test:u/*", 2);
    provide("test:*/price", 1);
    if (!turns) provide("test:u/*", 2);
    EXPECT_EQ(describe_outcome(call(built(builder), "test:u/cart", 7)), "1");
    // The more specific entry takes precedence.
    provide("test:u/price", 3);
    EXPECT_EQ(describe_outcome(call(built(builder), "test:u/cart", 7)), "3");
  }
}

// The stub is inside the component of the domain, so the import from the program needs a name for `mode`.
TEST_F(HostFunctions, CanHaveTypesOfAStub) {
  constexpr std::string_view kText = R"((component
    (import "t:a/types" (instance $types
      (type $f' (flags "on" "off")) (export "mode" (type $f (eq $f')))
      (type $v' (variant (case "plain") (case "with" $f))) (export "state" (type (eq $v')))
      (export "unused" (func))))
    (alias export $types "state" (type $state))
    (import "t:a/api" (instance $api
      (export "state" (type $s (eq $state)))
      (export "next" (func (param "s" $s) (result $s)))))
    (export "t:a/api" (instance $api)))
  )";
  CompositionBuilder builder;
  builder.add_component("app", *engine::wat_to_wasm("app.wat", kText));
  builder.add_host_function("t:a/api", "next",
                            [](std::span<const Value> arguments) { return arguments[0]; });
  builder.wire({.consumer = "app", .import = "t:a/types", .target = Wire::Target::Trap});
  const Result<Composition> composition = builder.build({.cache_dir = {}});
  ASSERT_TRUE(composition) << composition.error().front().message;
  const auto answer = composition->call("t:a/api", "next", std::array{Value::variant("plain")});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(print_wave(**answer), "plain");
}

TEST(UnitImports, AreListedWithTheirTypes) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front")).add_component("lib", domain_guest("lib"));
  // The functions of the program are compared when the composition is planned.
  builder.add_host_function(kLib, "add", [](std::string_view) {});
  const Result<std::vector<UnitImport>> imports = builder.imports();
  ASSERT_TRUE(imports);
  std::vector<std::string> texts;
  for (const UnitImport& import : *imports)
    texts.push_back(import.unit + ": " + import.function.wit());
  EXPECT_THAT(texts, Contains("front: demo:domains/lib@1.0.0#add: func(a: u32, b: u32) -> u32;"));
  EXPECT_THAT(texts, Contains("front: demo:domains/lib@1.0.0#echo-named: "
                              "func(named: list<named>) -> list<named>;"));
}

}  // namespace
}  // namespace tenon::host_function_test
