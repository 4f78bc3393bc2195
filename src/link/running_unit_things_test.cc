// Resources of a unit that go from hand to hand between several compositions. The thread sanitizer runs this.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/test_units.h"

namespace tenon::running_unit_things_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr std::string_view kMaker = "t:t/maker";
constexpr std::string_view kDesk = "t:t/desk";
constexpr std::string_view kNext = "t:t/next";

// `get`, `put` and `look` for things, and a count of the existing ones.
std::string maker_text() {
  return R"((component
  (core module $count
    (global $alive (mut i32) (i32.const 0))
    (func (export "born") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
    (func (export "drop") (param i32)
      (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
    (func (export "look") (param i32) (result i32) (local.get 0))
    (func (export "alive") (result i32) (global.get $alive)))
  (core instance $count (instantiate $count))
  (type $thing (resource (rep i32) (dtor (func $count "drop"))))
  (core func $new (canon resource.new $thing))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "count" "born" (func $born))
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "get") (param i32) (result i32) (call $born) (call $new (local.get 0))))
  (core instance $code (instantiate $code (with "count" (instance $count))
    (with "" (instance (export "new" (func $new))))))
  (func $get (param "n" u32) (result (own $thing)) (canon lift (core func $code "get")))
  (func $put (param "thing" (own $thing)) (canon lift (core func $drop)))
  (func $look (param "thing" (borrow $thing)) (result u32) (canon lift (core func $count "look")))
  (func $alive (result u32) (canon lift (core func $count "alive")))
  (component $shape
    (import "thing" (type $t (sub resource)))
    (import "get" (func $get (param "n" u32) (result (own $t))))
    (import "put" (func $put (param "thing" (own $t))))
    (import "look" (func $look (param "thing" (borrow $t)) (result u32)))
    (import "alive" (func $alive (result u32)))
    (export $e "thing" (type $t))
    (export "get" (func $get) (func (param "n" u32) (result (own $e))))
    (export "put" (func $put) (func (param "thing" (own $e))))
    (export "look" (func $look) (func (param "thing" (borrow $e)) (result u32)))
    (export "alive" (func $alive)))
  (instance $out (instantiate $shape (with "thing" (type $thing)) (with "get" (func $get))
    (with "put" (func $put)) (with "look" (func $look)) (with "alive" (func $alive))))
  (export "t:t/maker" (instance $out))))";
}

// An asynchronous function, which makes its domain concurrent.
constexpr std::string_view kNap = R"(
  (core func $rest (canon task.return))
  (core module $nap-code (import "" "rest" (func $rest)) (func (export "nap") (call $rest)))
  (core instance $napper (instantiate $nap-code (with "" (instance (export "rest" (func $rest))))))
  (func $nap async (canon lift (core func $napper "nap") async))
  (export "nap" (func $nap)))";

// Functions that call functions of the same name in the interface `from`. Its own interface does
// not name the resource, whose type it imports from the maker.
// more: other fields of the component.
std::string desk_text(std::string_view from, std::string_view exported,
                      std::string_view more = {}) {
  constexpr std::string_view kFunctions = R"(
    (export "get" (func (param "n" u32) (result (own $thing))))
    (export "put" (func (param "thing" (own $thing))))
    (export "look" (func (param "thing" (borrow $thing)) (result u32))))";
  constexpr std::string_view kThing = R"((export "thing" (type $thing (sub resource))))";
  const std::string imports = from == kMaker
                                  ? fmt::format(R"((import "{}" (instance $from {} {}))
  (alias export $from "thing" (type $thing)))",
                                                from, kThing, kFunctions)
                                  : fmt::format(R"((import "t:t/maker" (instance $maker {}))
  (alias export $maker "thing" (type $thing))
  (import "{}" (instance $from {})))",
                                                kThing, from, kFunctions);
  return fmt::format(R"((component
  {}
  (core func $get (canon lower (func $from "get")))
  (core func $put (canon lower (func $from "put")))
  (core func $look (canon lower (func $from "look")))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "" "get" (func $get (param i32) (result i32)))
    (import "" "put" (func $put (param i32)))
    (import "" "look" (func $look (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "get") (param i32) (result i32) (call $get (local.get 0)))
    (func (export "put") (param i32) (call $put (local.get 0)))
    ;; After it gave it away.
    (func (export "put-twice") (param i32) (call $put (local.get 0)) (call $put (local.get 0)))
    (func (export "look") (param i32) (result i32)
      (call $look (local.get 0))
      (call $drop (local.get 0))))
  (core instance $i (instantiate $code (with "" (instance (export "get" (func $get))
    (export "put" (func $put)) (export "look" (func $look)) (export "drop" (func $drop))))))
  (func $out-get (param "n" u32) (result (own $thing)) (canon lift (core func $i "get")))
  (func $out-put (param "thing" (own $thing)) (canon lift (core func $i "put")))
  (func $out-twice (param "thing" (own $thing)) (canon lift (core func $i "put-twice")))
  (func $out-look (param "thing" (borrow $thing)) (result u32) (canon lift (core func $i "look")))
  (instance $out (export "get" (func $out-get)) (export "put" (func $out-put))
    (export "look" (func $out-look)) (export "put-twice" (func $out-twice)))
  (export "{}" (instance $out))
  {}))",
                     imports, exported, more);
}

class RunningUnitsAndThings : public UnitsTest {
 protected:
  using Get = CallResult<Resource>(std::uint32_t);

  // A composition of one unit, which can be shared.
  CompositionBuilder make(std::string_view name, std::string_view text) {
    CompositionBuilder builder;
    builder.set_name(name);
    builder.add_component(name, write(name, text));
    builder.isolate(name);
    builder.restart(name, {.max = 9});
    builder.set_root(name);
    return builder;
  }
  // The unit of the composition with that name.
  static void lend(CompositionBuilder& to, const Composition& from, std::string_view name) {
    to.add_unit(name, *from.unit(name));
  }
  // A desk for the maker, or for another desk.
  Composition build_desk(
      std::string_view name, std::string_view from, std::string_view exported,
      std::initializer_list<std::pair<const Composition*, const char*>> running) {
    CompositionBuilder builder = make(name, desk_text(from, exported));
    for (const auto& [composition, unit] : running) lend(builder, *composition, unit);
    return built(std::move(builder));
  }

  Composition build_maker() { return built(make("maker", maker_text())); }
  Composition build_desk(const Composition& maker, std::string_view name = "desk") {
    return build_desk(name, kMaker, kDesk, {{&maker, "maker"}});
  }
  // A maker, and a gate whose calls wait in the program until `inside` is 2.
  CompositionBuilder make_with_gate(std::atomic<int>& inside) {
    CompositionBuilder builder = make("maker", maker_text());
    builder.add_component("gate", write("gate", function_unit("test:u/host", "test:u/gate",
                                                              "(call $f (local.get 0))")));
    builder.isolate("gate");
    builder.export_all();
    builder.add_host_function("test:u/host", "f", [&inside](std::uint32_t n) {
      ++inside;
      while (inside < 2) std::this_thread::yield();
      return n;
    });
    return builder;
  }

  static Resource get(const Composition& desk, std::string_view interface, std::uint32_t n) {
    CallResult<Resource> resource = (*desk.function<Resource(std::uint32_t)>(interface, "get"))(n);
    EXPECT_TRUE(resource);
    return *std::move(resource);
  }
  // "7", or the failure.
  static std::string look(const Composition& desk, std::string_view interface,
                          const Resource& thing) {
    const auto seen = (*desk.function<std::uint32_t(Borrow)>(interface, "look"))(thing);
    return seen ? fmt::format("{}", *seen) : failure_diagnostic(seen.error()).message;
  }
  static std::string put(const Composition& desk, std::string_view interface, Resource thing,
                         std::string_view function = "put") {
    const auto taken = (*desk.function<void(Resource)>(interface, function))(std::move(thing));
    return taken ? "()" : failure_diagnostic(taken.error()).message;
  }
  static std::uint32_t alive(const Composition& maker) {
    return *(**maker.call(kMaker, "alive", {})).get_if<std::uint32_t>();
  }
};

TEST_F(RunningUnitsAndThings, CanBeHeldByTheProgram) {
  const Composition maker = build_maker();
  std::optional<Composition> desk = build_desk(maker);
  Resource thing = get(*desk, kDesk, 7);
  EXPECT_EQ(thing.handle().resource, "t:t/maker.thing");
  EXPECT_EQ(alive(maker), 1U);
  EXPECT_EQ(look(*desk, kDesk, thing), "7");
  const ValueHandle copy = thing.handle();
  EXPECT_EQ(put(*desk, kDesk, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
  EXPECT_THAT(look(*desk, kDesk, Resource(copy)), HasSubstr("was dropped or given away"));
  {
    const Resource other = get(*desk, kDesk, 8);
    EXPECT_EQ(alive(maker), 1U);
  }
  EXPECT_EQ(alive(maker), 0U);
  // It drops no resource twice.
  const Resource late = get(*desk, kDesk, 9);
  EXPECT_EQ(alive(maker), 1U);
  desk.reset();
  EXPECT_EQ(alive(maker), 0U);
}

TEST_F(RunningUnitsAndThings, BelongToCompositionsThatShareTheirUnit) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  const Composition second = build_maker();
  const Composition other = build_desk(second);
  const Resource thing = get(desk, kDesk, 7);
  EXPECT_THAT(look(other, kDesk, thing), HasSubstr("belongs to another composition"));
  EXPECT_THAT(look(second, kMaker, thing), HasSubstr("belongs to another composition"));
  EXPECT_EQ(look(desk, kDesk, thing), "7");
}

TEST_F(RunningUnitsAndThings, PassToTheCompositionOfTheirUnit) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  Resource thing = get(desk, kDesk, 7);
  EXPECT_EQ(look(maker, kMaker, thing), "7");
  EXPECT_EQ(look(desk, kDesk, thing), "7");
  const ValueHandle copy = thing.handle();
  EXPECT_EQ(put(maker, kMaker, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
  EXPECT_THAT(look(desk, kDesk, Resource(copy)), HasSubstr("was dropped or given away"));
  EXPECT_THAT(look(maker, kMaker, Resource(copy)), HasSubstr("was dropped or given away"));
}

TEST_F(RunningUnitsAndThings, PassBetweenTwoThatUseTheirUnit) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  const Composition other = build_desk(maker, "other");
  Resource thing = get(desk, kDesk, 7);
  EXPECT_EQ(look(other, kDesk, thing), "7");
  EXPECT_EQ(look(desk, kDesk, thing), "7");
  EXPECT_EQ(put(other, kDesk, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
}

TEST_F(RunningUnitsAndThings, PassFromTheCompositionOfTheirUnit) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  Resource thing = get(maker, kMaker, 7);
  EXPECT_EQ(look(desk, kDesk, thing), "7");
  EXPECT_EQ(look(maker, kMaker, thing), "7");
  const ValueHandle copy = thing.handle();
  EXPECT_EQ(put(desk, kDesk, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
  EXPECT_THAT(look(desk, kDesk, Resource(copy)), HasSubstr("was dropped or given away"));
  EXPECT_THAT(look(maker, kMaker, Resource(copy)), HasSubstr("was dropped or given away"));
  // A call that fails drops it.
  EXPECT_THAT(put(desk, kDesk, get(maker, kMaker, 8), "put-twice"), HasSubstr("handle index"));
  EXPECT_EQ(alive(maker), 0U);
  // Dynamic calls, and a call that is not made.
  const Resource other = get(maker, kMaker, 9);
  const auto look_value = desk.find_function(kDesk, "look");
  const auto put_value = desk.find_function(kDesk, "put");
  const Value handle = Value::handle(other.handle());
  EXPECT_EQ(**look_value->call(std::vector{handle}), Value::u32(9));
  EXPECT_EQ(alive(maker), 1U);
  EXPECT_FALSE(put_value->call(std::vector{handle, handle}));
  EXPECT_TRUE(put_value->call(std::vector{handle}));
  EXPECT_EQ(alive(maker), 0U);
}

TEST_F(RunningUnitsAndThings, PassFromACompositionThatPassesThemOn) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  const Composition next = build_desk("next", kDesk, kNext, {{&desk, "desk"}});
  Resource thing = get(desk, kDesk, 7);
  EXPECT_EQ(look(next, kNext, thing), "7");
  EXPECT_EQ(look(desk, kDesk, thing), "7");
  EXPECT_EQ(put(next, kNext, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
}

TEST_F(RunningUnitsAndThings, AreStaleInAnotherCompositionToo) {
  Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  const Resource thing = get(maker, kMaker, 7);
  EXPECT_TRUE(
      maker.swap("maker", write("maker", maker_text()), {.handles = SwapHandles::MakeStale}));
  EXPECT_THAT(look(desk, kDesk, thing), HasSubstr("is stale: the domain `maker` ended"));
  EXPECT_EQ(look(desk, kDesk, get(maker, kMaker, 8)), "8");
}

TEST_F(RunningUnitsAndThings, AreAbsentAfterBeingGivenAway) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  EXPECT_THAT(put(desk, kDesk, get(desk, kDesk, 7), "put-twice"), HasSubstr("handle index"));
  EXPECT_EQ(alive(maker), 0U);
  EXPECT_EQ(put(desk, kDesk, get(desk, kDesk, 7)), "()");
}

// The desk passes on resources of the maker; users of the desk receive the maker's things.
TEST_F(RunningUnitsAndThings, PassThroughAnotherComposition) {
  const Composition maker = build_maker();
  std::vector<std::uint64_t> handles;
  BuildOptions options;
  options.trace_calls = [&](const TraceCall& call) { handles.push_back(call.handles); };
  CompositionBuilder between = make("desk", desk_text(kMaker, kDesk));
  lend(between, maker, "maker");
  std::optional<Composition> desk = *between.build(options);
  const Composition next = build_desk("next", kDesk, kNext, {{&*desk, "desk"}});
  Resource thing = get(next, kNext, 7);
  EXPECT_EQ(thing.handle().resource, "t:t/maker.thing");
  EXPECT_EQ(look(next, kNext, thing), "7");
  EXPECT_EQ(alive(maker), 1U);
  EXPECT_EQ(put(next, kNext, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
  // Handles of the three calls; in the second one it was borrowed.
  EXPECT_EQ(handles, (std::vector<std::uint64_t>{1, 1, 0}));
  desk.reset();
  {
    const Resource other = get(next, kNext, 8);
    EXPECT_EQ(alive(maker), 1U);
  }
  EXPECT_EQ(alive(maker), 0U);
}

// Its guest takes a call in a later turn, and reads the borrowed handle then.
TEST_F(RunningUnitsAndThings, AreLentToAConcurrentDesk) {
  const Composition maker = build_maker();
  CompositionBuilder between = make("desk", desk_text(kMaker, kDesk, kNap));
  lend(between, maker, "maker");
  const Composition desk = built(std::move(between));
  const Composition next = build_desk("next", kDesk, kNext, {{&desk, "desk"}});
  Resource thing = get(next, kNext, 7);
  EXPECT_EQ(look(next, kNext, thing), "7");
  EXPECT_EQ(look(next, kNext, thing), "7");
  EXPECT_EQ(put(next, kNext, std::move(thing)), "()");
  EXPECT_EQ(alive(maker), 0U);
}

TEST_F(RunningUnitsAndThings, AreLeftOpenByCompose) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  CompositionBuilder builder = make("next", desk_text(kDesk, kNext));
  lend(builder, desk, "desk");
  const Result<std::vector<std::uint8_t>> bytes = builder.compose();
  ASSERT_TRUE(bytes) << bytes.error().front().message;
  CompositionBuilder around;
  around.add_component("next", *bytes);
  around.set_root("next");
  lend(around, desk, "desk");
  const Composition next = built(std::move(around));
  EXPECT_EQ(put(next, kNext, get(next, kNext, 7)), "()");
  EXPECT_EQ(alive(maker), 0U);
}

TEST_F(RunningUnitsAndThings, KeepTheirIdentityOnEveryPath) {
  const Composition maker = build_maker();
  const Composition desk = build_desk(maker);
  CompositionBuilder builder = make("both", desk_text(kMaker, "t:t/both"));
  builder.add_component("next", write("next", desk_text(kDesk, kNext)));
  builder.isolate("next");
  builder.export_all();
  lend(builder, maker, "maker");
  lend(builder, desk, "desk");
  std::optional<Composition> both = built(std::move(builder));
  Resource direct = get(*both, "t:t/both", 7);
  Resource around = get(*both, kNext, 8);
  EXPECT_EQ(alive(maker), 2U);
  EXPECT_EQ(look(*both, kNext, direct), "7");
  EXPECT_EQ(look(*both, "t:t/both", around), "8");
  EXPECT_EQ(put(*both, kNext, std::move(direct)), "()");
  EXPECT_EQ(put(*both, "t:t/both", std::move(around)), "()");
  EXPECT_EQ(alive(maker), 0U);
  const Resource late = get(*both, kNext, 8);
  both.reset();
  EXPECT_EQ(alive(maker), 0U);
}

struct Thing {
  std::uint32_t n = 0;
  std::atomic<int>* alive = nullptr;

  Thing(std::uint32_t number, std::atomic<int>& counted) : n(number), alive(&counted) { ++*alive; }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;
  ~Thing() { --*alive; }
};

// The program makes things in place of the maker.
template <class Get>
void provide_things(CompositionBuilder& builder, Get get) {
  builder.add_host_resource(HostResource<Thing>(kMaker, "thing"));
  builder.add_host_function(kMaker, "get", std::move(get));
  builder.add_host_function(kMaker, "put", [](std::shared_ptr<Thing> thing) { thing.reset(); });
  builder.add_host_function(kMaker, "look", [](const Thing& thing) { return thing.n; });
}

// The program makes the resource in the other composition.
TEST_F(RunningUnitsAndThings, CanBeObjectsOfTheOtherProgram) {
  std::atomic<int> alive = 0;
  CompositionBuilder lends = make("desk", desk_text(kMaker, kDesk));
  provide_things(lends, [&](std::uint32_t n) { return std::make_shared<Thing>(n, alive); });
  const Composition desk = built(std::move(lends));
  std::optional<Composition> next = build_desk("next", kDesk, kNext, {{&desk, "desk"}});
  Resource thing = get(*next, kNext, 7);
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(look(*next, kNext, thing), "7");
  EXPECT_EQ(put(*next, kNext, std::move(thing)), "()");
  EXPECT_EQ(alive, 0);
  const Resource held = get(*next, kNext, 8);
  EXPECT_EQ(alive, 1);
  next.reset();
  EXPECT_EQ(alive, 0);
}

// The program destroys the requesting composition while it makes the resource.
TEST_F(RunningUnitsAndThings, EndWithACompositionThatIsDestroyedInACall) {
  std::atomic<int> alive = 0;
  std::optional<Composition> next;
  CompositionBuilder lends = make("desk", desk_text(kMaker, kDesk));
  provide_things(lends, [&](std::uint32_t n) {
    if (n == 1) next.reset();
    return std::make_shared<Thing>(n, alive);
  });
  const Composition desk = built(std::move(lends));
  next = build_desk("next", kDesk, kNext, {{&desk, "desk"}});
  const Resource thing = get(*next, kNext, 7);
  EXPECT_EQ(alive, 1);
  const auto get = *next->function<Resource(std::uint32_t)>(kNext, "get");
  const CallResult<Resource> late = get(1);
  EXPECT_EQ(alive, 0);
}

// A drop does not wait for the thread that is in the composition.
TEST_F(RunningUnitsAndThings, AreDroppedWithoutWaiting) {
  std::atomic<int> inside = 0;
  const Composition maker = built(make_with_gate(inside));
  std::optional<Composition> desk = build_desk(maker);
  std::optional<Resource> thing = get(*desk, kDesk, 7);
  const Resource other = get(*desk, kDesk, 8);
  EXPECT_EQ(alive(maker), 2U);
  std::thread thread([&] { EXPECT_EQ(describe_outcome(call(maker, "test:u/gate", 7)), "7"); });
  while (inside < 1) std::this_thread::yield();
  thing.reset();
  desk.reset();
  ++inside;
  thread.join();
  EXPECT_EQ(alive(maker), 0U);
}

// The handle of a call that could not enter in time is dropped later.
TEST_F(RunningUnitsAndThings, OfARefusedCallAreDropped) {
  std::atomic<int> inside = 0;
  CompositionBuilder lends = make_with_gate(inside);
  lends.limits("maker").call_timeout = std::chrono::hours(1);
  const Composition maker = built(std::move(lends));
  CompositionBuilder uses = make("desk", desk_text(kMaker, kDesk));
  lend(uses, maker, "maker");
  uses.limits().call_timeout = std::chrono::milliseconds(50);
  const Composition desk = built(std::move(uses));
  Resource thing = get(desk, kDesk, 7);
  std::thread thread([&] { EXPECT_EQ(describe_outcome(call(maker, "test:u/gate", 7)), "7"); });
  while (inside < 1) std::this_thread::yield();
  EXPECT_THAT(put(desk, kDesk, std::move(thing)), HasSubstr("another thread was in `maker`"));
  ++inside;
  thread.join();
  EXPECT_EQ(alive(maker), 0U);
}

// A resource and bare functions that are exported without an interface.
TEST_F(RunningUnitsAndThings, CanBeExportedWithoutAnInterface) {
  const Composition maker = built(make("maker", R"((component
  (core module $code
    (global $dropped (mut i32) (i32.const 0))
    (func (export "drop") (param i32)
      (global.set $dropped (i32.add (global.get $dropped) (i32.const 1))))
    (func (export "n") (param i32) (result i32) (local.get 0))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $code (instantiate $code))
  (type $inner (resource (rep i32) (dtor (func $code "drop"))))
  (export $thing "thing" (type $inner))
  (core func $new (canon resource.new $inner))
  (func (export "[constructor]thing") (param "n" u32) (result (own $thing))
    (canon lift (core func $new)))
  (func (export "[method]thing.n") (param "self" (borrow $thing)) (result u32)
    (canon lift (core func $code "n")))
  (func (export "dropped") (result u32) (canon lift (core func $code "dropped")))))"));
  CompositionBuilder uses = make("user", R"((component
  (import "thing" (type $thing (sub resource)))
  (import "[constructor]thing" (func $make (param "n" u32) (result (own $thing))))
  (import "[method]thing.n" (func $n (param "self" (borrow $thing)) (result u32)))
  (core func $make (canon lower (func $make)))
  (core func $n (canon lower (func $n)))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "n" (func $n (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "f") (param i32) (result i32)
      (local $thing i32)
      (local.set $thing (call $make (local.get 0)))
      (call $n (local.get $thing))
      (call $drop (local.get $thing))))
  (core instance $code (instantiate $code (with "" (instance (export "make" (func $make))
    (export "n" (func $n)) (export "drop" (func $drop))))))
  (func (export "f") (param "n" u32) (result u32) (canon lift (core func $code "f")))))");
  lend(uses, maker, "maker");
  const Composition user = built(std::move(uses));
  EXPECT_EQ(describe_outcome(call(user, "", 7)), "7");
  EXPECT_EQ(describe_outcome(call(user, "", 8)), "8");
  EXPECT_EQ(describe_outcome(maker.call("", "dropped", {})), "2");
}

TEST_F(RunningUnitsAndThings, OfWasiStayInTheirDomain) {
  constexpr std::string_view kImport = R"((component
  (import "wasi:io/error@0.2.0" (instance $wasi (export "error" (type (sub resource)))))
  (alias export $wasi "error" (type $error)))";
  CompositionBuilder lends = make("log", fmt::format(R"({}
  (core func $drop (canon resource.drop $error))
  (func $f (param "e" (own $error)) (canon lift (core func $drop)))
  (instance $out (export "f" (func $f)))
  (export "t:t/log" (instance $out))))",
                                                     kImport));
  const Composition log = built(std::move(lends));
  CompositionBuilder uses = make("app", fmt::format(R"({}
  (import "t:t/log" (instance $log (export "f" (func (param "e" (own $error))))))))",
                                                    kImport));
  lend(uses, log, "log");
  const Result<Plan> plan = uses.plan();
  ASSERT_FALSE(plan);
  EXPECT_THAT(texts(plan.error()),
              Contains("resolve-placement: `app` imports `t:t/log` from `log`, which is in another "
                       "composition, and `f` cannot be called across compositions: it needs "
                       "`error`, a resource of WASI, and each domain has its own"));
}

}  // namespace
}  // namespace tenon::running_unit_things_test
