// Calls, types and values of the C++ API whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/type.h"
#include "tenon/value.h"
#include "tests/memory/small_units.h"
#include "tests/support/async_gate.h"
#include "tests/support/call_test.h"
#include "tests/support/domain_types.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::calls_test {
namespace {

using namespace std::chrono_literals;
using demo::Marks;
using demo::Named;
using demo::Point;
using demo::Reason;
using demo::Trouble;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::stride;

constexpr const char* kLib = "demo:domains/lib";
const std::string kLong = "a text that is longer than a short string";
const std::string kLabel = "a-label-longer-than-a-short-string";

Composition build_guest(const char* name) {
  CompositionBuilder builder;
  builder.add_component(name, domain_guest(name));
  return build_again(builder);
}

class CallsInCpp : public testing::Test {
 protected:
  template <class F>
  TypedFunction<F> find(const char* name) {
    auto function = lib_.function<F>(kLib, name);
    EXPECT_TRUE(function) << function.error().front().message;
    return *std::move(function);
  }

  const Composition lib_ = build_guest("lib");
};

TEST_F(CallsInCpp, AreFound) {
  fail_each([&] { return lib_.functions(); });
  fail_each([&] { return lib_.find_function(kLib, "echo"); });
  fail_each([&] { return lib_.find_function(kLib, "ech"); }, {.expected = "run-no-function: "});
  fail_each(
      [&] { return lib_.function<std::vector<Point>(std::vector<Point>)>(kLib, "echo-points"); });
  fail_each([&] { return lib_.function<void(std::string)>(kLib, "echo-points"); },
            {.expected = "type-signature: "});
  fail_each([&] { return lib_.units(); });
  fail_each([&] { return lib_.unit("lib"); }, {.expected = "run-no-unit: "});
  fail_each([&] { return lib_.denials(); });
  fail_each([&] { return lib_.remotes(); });
  // The plan is made at the first call.
  std::optional<Composition> fresh(build_guest("lib"));
  fail_each([&] { (void)fresh->plan(); },
            {.clean = [&] { fresh.emplace(build_guest("lib")); }, .stride = stride(97)});
}

TEST_F(CallsInCpp, HaveTypes) {
  const Result<Function> function = lib_.find_function(kLib, "echo-mixed");
  ASSERT_TRUE(function);
  const FunctionType& type = function->type();
  fail_each([&] { return type.wit("echo-mixed"); });
  fail_each([&] { return type.params(); });
  fail_each([&] {
    for (const TypeField& param : type.params()) {
      (void)param.type.wit();
      (void)param.type.elements();
      (void)param.type.cases();
      (void)param.type.labels();
    }
  });
  // Those of two compositions are compared part by part.
  const Composition other = build_guest("lib");
  const Result<Function> same = other.find_function(kLib, "echo-mixed");
  ASSERT_TRUE(same);
  fail_each([&] { EXPECT_TRUE(type == same->type()); });
  fail_each([&] { EXPECT_TRUE(type.params() == same->type().params()); });
}

constexpr const char* kNames = R"((component
  (component $names
    (type $item' (record (field "a-field-with-a-long-name" u32)))
    (export $item "an-item-with-a-long-name" (type $item'))
    (type $counter' (resource (rep i32)))
    (export $counter "a-counter-with-a-long-name" (type $counter'))
    (core func $new (canon resource.new $counter'))
    (core module $code
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
    (core instance $core (instantiate $code (with "" (instance (export "new" (func $new))))))
    (func (export "make") (param "item" $item) (result (own $counter))
      (canon lift (core func $core "make"))))
  (instance $names (instantiate $names))
  (export "acme:memory/names" (instance $names))))";

TEST(TypesInCpp, HaveNames) {
  CompositionBuilder builder;
  builder.add_component("a-unit-with-a-long-name", assemble(kNames));
  const Composition names = build_again(builder);
  const Result<Function> make = names.find_function("acme:memory/names", "make");
  ASSERT_TRUE(make);
  const Type item = make->type().params()[0].type;
  const std::optional<Type> counter = make->type().result();
  ASSERT_TRUE(counter);
  fail_each([&] { EXPECT_EQ(item.name(), "an-item-with-a-long-name"); });
  fail_each([&] { EXPECT_EQ(item.declaration().size(), 3U); });
  fail_each([&] { EXPECT_EQ(item.fields()[0].label, "a-field-with-a-long-name"); });
  fail_each([&] { EXPECT_EQ(counter->resource(), "a-counter-with-a-long-name"); });
  fail_each(
      [&] { EXPECT_EQ(counter->resource_path(), "acme:memory/names.a-counter-with-a-long-name"); });
  fail_each([&] { EXPECT_EQ(counter->owner(), "a-unit-with-a-long-name"); });
}

TEST_F(CallsInCpp, TakeCppTypes) {
  const auto add = find<std::uint32_t(std::uint32_t, std::uint32_t)>("add");
  ASSERT_TRUE(add(3, 4));
  expect_no_allocation([&] { EXPECT_EQ(*add(3, 4), 7U); });
  const auto echo = find<std::string(std::string)>("echo");
  fail_each([&] { return echo(kLong); });
  const auto points = find<std::vector<Point>(std::vector<Point>)>("echo-points");
  fail_each([&] { return points({{1, 2, 0.5}, {3, 4, -0.5}}); });
  const auto named = find<std::vector<Named>(std::vector<Named>)>("echo-named");
  const std::vector<Named> items = {{1, kLong, 0.5}, {2, kLong, 1.5}};
  fail_each([&] { return named(items); });
  const auto checked = find<Expected<std::uint32_t, std::string>(std::uint32_t)>("check-text");
  fail_each([&] { return checked(3); });
  fail_each([&] { return find<void()>("boom")(); }, {.expected = "run-trap: "});
}

TEST_F(CallsInCpp, TakeTypesWithCases) {
  using Triple = std::tuple<char32_t, bool, std::int64_t>;
  using Checked = Expected<std::uint8_t, std::string>;
  using Mixed = std::tuple<std::optional<std::string>, Checked, Triple, Trouble, Marks>;
  const auto mixed =
      find<Mixed(std::optional<std::string>, Checked, Triple, Trouble, Marks)>("echo-mixed");
  const Trouble gone(kLong);
  const auto call = [&](char32_t character) {
    return mixed(kLong, Unexpected(kLong), {character, true, -5}, gone, {.red = true});
  };
  fail_each([&] { return call(U'c'); });
  fail_each([&] { return call(0xd800); }, {.expected = "value-type: "});
  const auto reason = find<Expected<std::uint32_t, Reason>(std::uint32_t)>("check-reason");
  fail_each([&] { return reason(3); });
}

TEST(CallsOfMapsInCpp, TakeCppTypes) {
  using Map = std::map<std::string, std::uint32_t>;
  CompositionBuilder builder;
  builder.add_component("maps", TENON_SOURCE_DIR "/tests/golden/call/empty_map/echo.wat");
  const Composition maps = build_again(builder);
  const auto echo = maps.function<Map(Map)>("t:map/x", "f");
  ASSERT_TRUE(echo) << echo.error().front().message;
  const Map map = {{"a", 1}, {kLong, 2}};
  fail_each([&] { return (*echo)(map); });
  EXPECT_EQ(*(*echo)(map), map);
}

// A resource is dropped once, whatever fails.
TEST_F(CallsInCpp, TakeResources) {
  const auto make = find<Resource(std::uint32_t)>("[constructor]counter");
  const auto next = find<std::uint32_t(Borrow)>("[method]counter.next");
  const auto consume = find<std::uint32_t(Resource)>("consume");
  const auto alive = find<std::uint32_t()>("alive");
  const auto expect_none = [&] { EXPECT_EQ(*alive(), 0U); };
  fail_each([&] { return make(1); }, {.clean = expect_none});
  std::optional<CallResult<Resource>> counter(make(1));
  ASSERT_TRUE(*counter);
  fail_each([&] { return next(**counter); });
  const auto remake = [&] {
    counter.reset();
    expect_none();
    counter.emplace(make(1));
  };
  fail_each([&] { return consume(std::move(**counter)); }, {.clean = remake});
  fail_each([&] { counter.reset(); }, {.clean = remake});
  expect_no_allocation([&] { EXPECT_FALSE(lib_.is_stale((**counter).handle())); });
  EXPECT_FALSE(find<void()>("boom")());
  expect_no_allocation([&] { EXPECT_TRUE(lib_.is_stale((**counter).handle())); });
}

TEST_F(CallsInCpp, TakeValues) {
  const Result<Function> named = lib_.find_function(kLib, "echo-named");
  ASSERT_TRUE(named);
  const std::string text = "[{id: 1, name: \"" + kLong + "\", weight: 0.5}]";
  const Type type = named->type().params()[0].type;
  fail_each([&] { return parse_wave(text, type); });
  fail_each([&] { return parse_wave("[{id: 1}]", type); }, {.expected = "value-type: "});
  const Result<Value> value = parse_wave(text, type);
  ASSERT_TRUE(value);
  fail_each([&] { return Value(*value); });
  fail_each([&] { return print_wave(*value); });
  fail_each([&] { return print_json(*value); });
  const std::string json = print_json(*value);
  fail_each([&] { return parse_json(json, type); });
  fail_each([&] { return parse_json("[{\"id\": 1}]", type); }, {.expected = "value-type: "});
  fail_each([&] { return parse_json("[", type); }, {.expected = "value-syntax: "});
  fail_each([&] { return check_value(*value, type); });
  fail_each([&] { return check_value(Value::string(kLong), type); }, {.expected = "value-type: "});
  const std::vector<Value> arguments = {*value};
  fail_each([&] { return named->call(arguments); });
  fail_each([&] { return named->call({}); }, {.expected = "value-type: "});
  fail_each([&] { return lib_.call(kLib, "echo-named", arguments); });
}

TEST_F(CallsInCpp, AreText) {
  const Result<Function> add = lib_.find_function(kLib, "add");
  ASSERT_TRUE(add);
  constexpr const char* kText = "demo:domains/lib.add(1, 2)";
  fail_each([&] { return parse_wave_call(kText); });
  fail_each([&] { return parse_wave_call("add"); }, {.expected = "value-syntax: "});
  const Result<WaveCall> call = parse_wave_call(kText);
  const Result<WaveCall> empty = parse_wave_call("demo:domains/lib.add()");
  ASSERT_TRUE(call && empty);
  fail_each([&] { return lib_.find_function(*call); });
  fail_each([&] { return parse_wave_arguments(*call, add->type()); });
  fail_each([&] { return parse_wave_arguments(*empty, add->type()); },
            {.expected = "value-type: "});
  const std::vector<ArgumentText> texts = {{"1", ArgumentText::Form::Wave, "first.wave"},
                                           {"2", ArgumentText::Form::Json, "second.json"}};
  fail_each([&] { return parse_arguments(texts, add->type()); });
  fail_each([&] { return parse_arguments({}, add->type()); }, {.expected = "value-type: "});
  fail_each([&] { return print_call_name(kLib, "[method]counter.next"); });
}

TEST_F(CallsInCpp, TakeHandlesFromText) {
  const Result<Function> next = lib_.find_function(kLib, "[method]counter.next");
  ASSERT_TRUE(next);
  const Type type = next->type().params()[0].type;
  const auto counter = lib_.call(kLib, "[constructor]counter", std::vector{Value::u32(1)});
  ASSERT_TRUE(counter);
  const ValueTextOptions options = {
      .file = "call.wave",
      .find_handle = [&](std::uint64_t id, const Type& /*type*/) -> std::optional<Value> {
        return id == 1 ? *counter : std::nullopt;
      }};
  fail_each([&] { return parse_wave("$1", type, options); });
  fail_each([&] { return parse_json("{\"$handle\": 1}", type, options); });
  fail_each([&] { return parse_wave("$2", type, options); }, {.expected = "value-handle: "});
  fail_each([&] { return parse_wave("$1", type); }, {.expected = "value-handle: "});
  const std::vector<Value> arguments = {**counter};
  fail_each([&] { return next->call(arguments); });
}

// Values of each kind that has parts.
std::vector<Value> make_values() {
  const Value text = Value::string(kLong);
  return {Value::list({text, text}),  Value::list(std::vector<std::uint8_t>(100, 7)),
          Value::map({{text, text}}), Value::record({{kLabel, text}, {"b", text}}),
          Value::tuple({text}),       Value::variant(kLabel, text),
          Value::enumerator(kLabel),  Value::option(text),
          Value::some(text),          Value::ok(text),
          Value::err(text),           Value::flags({kLabel, "b", kLabel})};
}

TEST(ValuesInCpp, AreMadeAndPrinted) {
  fail_each([] { (void)make_values(); });
  for (const Value& value : make_values()) {
    fail_each([&] { return Value(value); });
    fail_each([&] { return print_wave(value); });
    fail_each([&] { return print_json(value, JsonBytes::Base64); });
  }
  expect_no_allocation([] {
    (void)Value::none();
    (void)Value::ok();
    (void)Value::u32(1);
  });
}

TEST(ValuesInCpp, HaveParts) {
  const ValueList list(std::vector{Value::string(kLong)});
  fail_each([&] { EXPECT_EQ(*list[0].get_if<std::string>(), kLong); });
  const auto labels =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{kLabel, "b"});
  fail_each([&] { return Value(ValueRecord(labels, {Value::string(kLong), Value::u8(1)})); });
  const Value record(ValueRecord(labels, {Value::u8(1), Value::u8(2)}));
  expect_no_allocation([&] { EXPECT_NE(record.get_if<ValueRecord>()->find(kLabel), nullptr); });
  // In another order, they are equal, too.
  const Value turned_record = Value::record({{"b", Value::u8(2)}, {kLabel, Value::u8(1)}});
  fail_each([&] { EXPECT_TRUE(record == turned_record); });
  const Value flags = Value::flags({kLabel, "b"});
  const Value turned_flags = Value::flags({"b", kLabel});
  fail_each([&] { EXPECT_TRUE(flags == turned_flags); });
}

TEST_F(CallsInCpp, AreStarted) {
  const auto echo = find<std::string(std::string)>("echo");
  fail_each([&] { return echo.start(kLong).wait(); });
  fail_each([&] {
    std::optional<CallResult<std::string>> answer;
    echo.start_then([&](CallResult<std::string> text) { answer = std::move(text); }, kLong);
    return answer;
  });
  const Result<Function> function = lib_.find_function(kLib, "echo");
  ASSERT_TRUE(function);
  const std::vector<Value> arguments = {Value::string(kLong)};
  fail_each([&] { return function->start(arguments).wait(); });
  CompositionBuilder builder;
  builder.add_component("gate", assemble(kGate));
  const Composition gate = build_again(builder);
  const auto hold = gate.function<std::uint32_t(std::uint32_t)>("", "hold");
  const auto release = gate.function<std::uint32_t()>("", "release");
  ASSERT_TRUE(hold && release);
  using Held = std::optional<Task<CallResult<std::uint32_t>>>;
  Held held;
  const auto lets_go = [&] {
    EXPECT_TRUE((*release)());
    EXPECT_TRUE(!held || held->wait(10s));
    held.reset();
  };
  fail_each([&] { held.emplace(hold->start(1)); }, {.clean = lets_go});
  held.emplace(hold->start(1));
  const auto restart = [&] {
    lets_go();
    held.emplace(hold->start(1));
  };
  // The end of a call, while the thread waits for another one.
  fail_each([&] { return (*release)(); }, {.clean = restart});
  fail_each([&] { (void)held->wait(0ns); }, {.clean = restart});
  std::stop_source stop;
  fail_each([&] { (void)held->cancel_on(stop.get_token()); }, {.clean = restart});
  fail_each([&] { held->cancel(); }, {.clean = restart});
  fail_each([&] { held.reset(); }, {.clean = restart});
  lets_go();
}

// `run` calls `drop`. `dropped` has a digit for each counter that was dropped.
constexpr const char* kDropped = R"((component
  (import "drop" (func $drop))
  (core module $counters
    (global $dropped (mut i32) (i32.const 0))
    (func (export "drop") (param i32)
      (global.set $dropped
        (i32.add (i32.mul (global.get $dropped) (i32.const 10)) (local.get 0))))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $counters (instantiate $counters))
  (type $counter' (resource (rep i32) (dtor (func $counters "drop"))))
  (export $counter "counter" (type $counter'))
  (core func $drop (canon lower (func $drop)))
  (core func $new (canon resource.new $counter'))
  (core module $code
    (import "" "drop" (func $drop))
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "run") (call $drop))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
  (core instance $code (instantiate $code (with "" (instance
    (export "drop" (func $drop)) (export "new" (func $new))))))
  (func (export "run") (canon lift (core func $code "run")))
  (func (export "make") (param "n" u32) (result (own $counter)) (canon lift (core func $code "make")))
  (func (export "dropped") (result u32) (canon lift (core func $counters "dropped")))))";

// A destructor cannot run while its guest does, and the program cannot be told that it will not.
TEST(ResourcesOfGuests, AreDroppedLaterWithoutMemory) {
  std::vector<Value> counters;
  CompositionBuilder builder;
  builder.add_component("counters", assemble(kDropped));
  builder.add_host_function("", "drop", [&] { expect_no_allocation([&] { counters.clear(); }); });
  const Composition composition = build_again(builder);
  const auto make = [&](std::uint32_t n) {
    const auto counter = composition.call("", "make", std::vector{Value::u32(n)});
    ASSERT_TRUE(counter) << counter.error().message;
    counters.push_back(**counter);
  };
  for (const std::uint32_t n : {1U, 2U, 3U}) make(n);
  ASSERT_TRUE(composition.call("", "run", {}));
  EXPECT_EQ(**composition.call("", "dropped", {}), Value::u32(123));
  // The destructor needs memory to be called. Without it, it is called later.
  fail_each([&] { counters.clear(); }, {.clean = [&] { make(4); }});
}

// A coroutine of the program, whose frame and whose calls need memory.
Task<CallResult<std::string>> echo_twice(const TypedFunction<std::string(std::string)>& echo) {
  CallResult<std::string> once = co_await echo.start(kLong);
  if (!once) co_return std::move(once).error();
  co_return co_await echo.start(*std::move(once));
}

TEST_F(CallsInCpp, AreAwaited) {
  const auto echo = find<std::string(std::string)>("echo");
  fail_each([&] { return echo_twice(echo).wait(); });
}

TEST(UnitsInCpp, AreCalled) {
  CompositionBuilder builder = make_pair();
  builder.isolate("lib");
  const Composition composition = build_again(builder);
  const Result<Unit> unit = composition.unit("lib");
  ASSERT_TRUE(unit);
  fail_each([&] { return composition.unit("lib"); });
  fail_each([&] { return composition.unit("lb"); }, {.expected = "run-no-unit: "});
  fail_each([&] { return unit->functions(); });
  fail_each([&] { return unit->type(); });
  fail_each([&] { return unit->type().exports.front().wit(); });
  fail_each([&] { return unit->call("twice", Value::u32(3)); });
}

}  // namespace
}  // namespace tenon::memory_test::calls_test
