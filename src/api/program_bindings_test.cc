// Code of `tenon bindgen cpp` (tests/bindings/gen) in calls to units, and by units to the program: values of
// all types, and resources.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compose/passage.h"
#include "engine/wat.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/host.h"
#include "tests/bindings/gen/counters.h"
#include "tests/bindings/gen/keeper.h"
#include "tests/bindings/gen/values.h"
#include "tests/bindings/gen/visitor.h"
#include "tests/support/async_gate.h"
#include "tests/support/bundle_test.h"
#include "wit/read_wit.h"

namespace tenon::program_bindings_test {
namespace {

// A unit that exports an interface of a bundle of tests/bundles, and imports it.
std::vector<std::uint8_t> passing_unit(const std::string& bundle, std::string_view interface) {
  types::Types arena;
  const auto package = wit::read_wit(
      RealFiles(), TENON_SOURCE_DIR "/tests/bundles/" + bundle + "/wit", NamedBy::User, {}, arena);
  compose::Passage passage;
  for (const types::RootItem& item : package->types.worlds.front().type.exports) {
    if (item.name != interface) continue;
    passage.imports.push_back({item.name, item.item});
    passage.exports.push_back({.name = item.name});
  }
  return compose::write_passage(arena, passage);
}

constexpr std::string_view kAll = "demo:kinds/all@1.0.0";

class ProgramBindings : public Bundles {
 protected:
  // A composition whose root passes on what a bundle provides.
  static Composition make(const std::string& name, std::string_view interface) {
    CompositionBuilder builder;
    builder.add_host_bundle(name, bundle(name));
    builder.add_component("unit", passing_unit(name, interface));
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << whole_text(built ? Diagnostics() : built.error());
    return *std::move(built);
  }
};

template <class T>
T need(CallResult<T> result) {
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return *std::move(result);
}
template <class T>
void expect_same(CallResult<T> result, const T& expected) {
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(*result == expected);
}

// instance: with the functions of demo:kinds/all. The types are those of the namespace in `kinds`.
#define EXPECT_ALL_KINDS(all, kinds)                                                           \
  do {                                                                                         \
    for (const bool value : {false, true}) expect_same(all.same_bool(value), value);           \
    expect_same<std::int8_t>(all.same_s8(-128), -128);                                         \
    expect_same<std::uint8_t>(all.same_u8(255), 255);                                          \
    expect_same<std::int16_t>(all.same_s16(-32768), -32768);                                   \
    expect_same<std::uint16_t>(all.same_u16(65535), 65535);                                    \
    expect_same<std::int32_t>(all.same_s32(INT32_MIN), INT32_MIN);                             \
    expect_same<std::uint32_t>(all.same_u32(UINT32_MAX), UINT32_MAX);                          \
    expect_same<std::int64_t>(all.same_s64(INT64_MIN), INT64_MIN);                             \
    expect_same<std::uint64_t>(all.same_u64(UINT64_MAX), UINT64_MAX);                          \
    expect_same<std::uint64_t>(all.same_id(7), 7);                                             \
    expect_same(all.same_f32(-0.5F), -0.5F);                                                   \
    EXPECT_TRUE(std::isnan(need(all.same_f64(std::numeric_limits<double>::quiet_NaN()))));     \
    expect_same(all.same_char(U'\U0010ffff'), U'\U0010ffff');                                  \
    for (const std::string value : {"", "tea", "\xf0\x9f\xa6\x80"})                            \
      expect_same(all.same_string(value), value);                                              \
    expect_same(all.same_bools({true, false, true}), {true, false, true});                     \
    const std::vector<std::uint8_t> bytes(100'000, 7);                                         \
    expect_same(all.same_bytes(bytes), bytes);                                                 \
    expect_same(all.same_bytes({}), {});                                                       \
    expect_same(all.same_shorts(std::vector<std::int16_t>{-1, 2}), {-1, 2});                   \
    expect_same(all.same_longs(std::vector<std::uint64_t>{UINT64_MAX}), {UINT64_MAX});         \
    expect_same(all.same_floats(std::vector<float>{0.5F}), {0.5F});                            \
    expect_same(all.same_doubles(std::vector<double>{1e300}), {1e300});                        \
    expect_same(all.same_chars(std::vector<char32_t>{U'a'}), {U'a'});                          \
    const std::vector<std::string> words = {"a", "", "bc"};                                    \
    expect_same(all.same_strings(words), words);                                               \
    expect_same(all.same_words(words), words);                                                 \
    const std::vector<std::vector<std::string>> deep = {{"a"}, {}, words};                     \
    expect_same(all.same_deep(deep), deep);                                                    \
    const std::vector<std::vector<std::uint8_t>> blobs = {{1, 2}, {}};                         \
    expect_same(all.same_blobs(blobs), blobs);                                                 \
    expect_same(all.same_quad({1, 2, 3, 4}), {1, 2, 3, 4});                                    \
    expect_same(all.same_twins({"a", "b"}), {"a", "b"});                                       \
    const std::vector<std::pair<std::string, std::uint32_t>> map = {{"a", 1}, {"b", 2}};       \
    expect_same(all.same_map(map), map);                                                       \
    expect_same<std::optional<std::string>>(all.same_option("x"), "x");                        \
    expect_same<std::optional<std::string>>(all.same_option(std::nullopt), std::nullopt);      \
    using Nested = std::optional<std::optional<std::uint32_t>>;                                \
    for (const Nested& value : {Nested(), Nested(std::in_place), Nested(3)})                   \
      expect_same(all.same_options(value), value);                                             \
    using Outcome = Expected<std::vector<std::uint8_t>, std::string>;                          \
    for (const Outcome& value : {Outcome(blobs[0]), Outcome(Unexpected("no"))})                \
      expect_same(all.same_result(value), value);                                              \
    expect_same(all.same_fine(Unexpected()), Expected<std::string, void>(Unexpected()));       \
    const Expected<void, kinds::color> bad = Unexpected(kinds::color::blue);                   \
    expect_same(all.same_bad(bad), bad);                                                       \
    expect_same(all.same_outcome({}), Expected<void, void>());                                 \
    const std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>,                     \
                     std::optional<char32_t>>                                                  \
        tuple = {"t", -1, {1, 2}, U'z'};                                                       \
    expect_same(all.same_tuple(tuple), tuple);                                                 \
    const kinds::item item = {"tea", 2.5, {"hot"}, {1}, {true}};                               \
    expect_same(all.same_item(item), item);                                                    \
    using Shape = kinds::shape;                                                                \
    for (const Shape& value : {Shape(Shape::empty{}), Shape(Shape::number{1.5}),               \
                               Shape(Shape::text{"a"}), Shape(Shape::other_text{"a"}),         \
                               Shape(Shape::items{{item, item}}), Shape(Shape::letter{U'x'})}) \
      expect_same(all.same_shape(value), value);                                               \
    EXPECT_EQ(need(all.same_shape(Shape::text{"a"})).which_case(), Shape::cases::text);        \
    expect_same(all.same_color(kinds::color::green), kinds::color::green);                     \
    expect_same(all.same_colors(std::vector{kinds::color::blue}), {kinds::color::blue});       \
    kinds::access access;                                                                      \
    access.write = access.last = true;                                                         \
    expect_same(all.same_access(access), access);                                              \
    const kinds::pair pair = {Shape::other_text{"b"}, {kinds::color::red, access}};            \
    expect_same(all.same_pair(pair), pair);                                                    \
  } while (false)

TEST_F(ProgramBindings, AllKindsOfValuesArePassedToUnits) {
  const Composition composition = make("kinds", kAll);
  const Result<values::instance> found = values::instance::find(composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  EXPECT_ALL_KINDS(found->all, values::exports::all);
}

TEST_F(ProgramBindings, ResourcesOfUnitsAreObjects) {
  CompositionBuilder builder;
  builder.add_component("lib", domain_guest("lib"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.export_item("lib", "demo:domains/lib@1.0.0");
  builder.export_item("keeper", "demo:domains/keeper@1.0.0");
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<counters::instance> found = counters::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  const counters::exports::lib::functions& lib = found->lib;
  {
    counters::exports::lib::counter a = need(lib.make_counter(3));
    counters::exports::lib::counter b = need(lib.make_counter(40));
    const std::uint32_t first = need(a.next());
    EXPECT_EQ(need(a.next()), first + 1);
    EXPECT_TRUE(b.peek(a));
    EXPECT_EQ(need(lib.alive()), 2U);
    counters::exports::lib::counter merged = need(lib.counter_merge(std::move(a), std::move(b)));
    EXPECT_TRUE(a.is_empty());
    EXPECT_EQ(need(lib.alive()), 1U);
    EXPECT_TRUE(lib.consume(std::move(merged)));
    const counters::exports::lib::counter last = need(lib.make_counter(1));
    EXPECT_EQ(need(lib.alive()), 1U);

    // As parts of other values.
    std::vector<counters::exports::lib::counter> all;
    for (const std::uint32_t start : {5U, 7U}) all.push_back(need(lib.make_counter(start)));
    EXPECT_TRUE(found->keeper.keep_all(std::move(all)));
    ASSERT_TRUE(found->keeper.keep(need(lib.make_counter(9))));
    std::optional<counters::exports::lib::counter> taken = need(found->keeper.take());
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->next());
    while (need(found->keeper.take())) {
    }
  }
  EXPECT_EQ(need(lib.alive()), 0U);
  const CallResult<std::uint32_t> nothing = counters::exports::lib::counter().next();
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(nothing.error().function, "demo:domains/lib@1.0.0#[method]counter.next");
}

// Returns its arguments.
class Same final : public values::all::host {
 public:
  std::int8_t same_s8(std::int8_t value) override { return value; }
  std::int16_t same_s16(std::int16_t value) override { return value; }
  std::int32_t same_s32(std::int32_t value) override { return value; }
  std::int64_t same_s64(std::int64_t value) override { return value; }
  float same_f32(float value) override { return value; }
  char32_t same_char(char32_t value) override { return value; }
  bool same_bool(bool value) override { return value; }
  std::uint8_t same_u8(std::uint8_t value) override { return value; }
  std::uint16_t same_u16(std::uint16_t value) override { return value; }
  std::uint32_t same_u32(std::uint32_t value) override { return value; }
  std::uint64_t same_u64(std::uint64_t value) override { return value; }
  double same_f64(double value) override { return value; }
  std::string same_string(std::string_view value) override { return std::string(value); }
  std::uint64_t same_id(std::uint64_t value) override { return value; }
  std::vector<bool> same_bools(std::vector<bool> value) override { return value; }
  std::vector<std::uint8_t> same_bytes(std::span<const std::uint8_t> value) override {
    return copy(value);
  }
  std::vector<std::int16_t> same_shorts(std::span<const std::int16_t> value) override {
    return copy(value);
  }
  std::vector<std::uint64_t> same_longs(std::span<const std::uint64_t> value) override {
    return copy(value);
  }
  std::vector<float> same_floats(std::span<const float> value) override { return copy(value); }
  std::vector<double> same_doubles(std::span<const double> value) override { return copy(value); }
  std::vector<char32_t> same_chars(std::span<const char32_t> value) override { return copy(value); }
  std::vector<std::string> same_strings(std::vector<std::string> value) override { return value; }
  values::all::words same_words(values::all::words value) override { return value; }
  std::vector<std::vector<std::string>> same_deep(
      std::vector<std::vector<std::string>> value) override {
    return value;
  }
  std::vector<std::vector<std::uint8_t>> same_blobs(
      std::vector<std::vector<std::uint8_t>> value) override {
    return value;
  }
  std::array<std::uint8_t, 4> same_quad(std::array<std::uint8_t, 4> value) override {
    return value;
  }
  std::array<std::string, 2> same_twins(std::array<std::string, 2> value) override { return value; }
  std::vector<std::pair<std::string, std::uint32_t>> same_map(
      std::vector<std::pair<std::string, std::uint32_t>> value) override {
    return value;
  }
  std::optional<std::string> same_option(std::optional<std::string> value) override {
    return value;
  }
  std::optional<std::optional<std::uint32_t>> same_options(
      std::optional<std::optional<std::uint32_t>> value) override {
    return value;
  }
  Expected<std::vector<std::uint8_t>, std::string> same_result(
      Expected<std::vector<std::uint8_t>, std::string> value) override {
    return value;
  }
  Expected<std::string, void> same_fine(Expected<std::string, void> value) override {
    return value;
  }
  Expected<void, values::all::color> same_bad(Expected<void, values::all::color> value) override {
    return value;
  }
  Expected<void, void> same_outcome(Expected<void, void> value) override { return value; }
  std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>
  same_tuple(
      std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>
          value) override {
    return value;
  }
  values::all::item same_item(values::all::item value) override { return value; }
  values::all::shape same_shape(values::all::shape value) override { return value; }
  values::all::color same_color(values::all::color value) override { return value; }
  std::vector<values::all::color> same_colors(std::vector<values::all::color> value) override {
    return value;
  }
  values::all::access same_access(values::all::access value) override { return value; }
  values::all::pair same_pair(values::all::pair value) override { return value; }

 private:
  template <class T>
  static std::vector<T> copy(std::span<const T> value) {
    return {value.begin(), value.end()};
  }
};

class Counter final : public keeper::lib::counter {
 public:
  explicit Counter(std::uint32_t value) : value_(value) {}
  std::uint32_t next() override { return ++value_; }
  std::uint32_t peek(counter& other) override { return other.next(); }

 private:
  std::uint32_t value_;
};

// Provides the imports of tests/guests/domains/keeper.
class Counters final : public keeper::lib::host {
 public:
  using Pointer = std::shared_ptr<keeper::lib::counter>;
  Pointer make_counter(std::uint32_t start) override { return std::make_shared<Counter>(start); }
  Pointer counter_merge(Pointer a, Pointer /*b*/) override { return a; }
  std::uint32_t add(std::uint32_t a, std::uint32_t b) override { return a + b; }
  std::string echo(std::string_view s) override { return std::string(s); }
  std::vector<std::uint8_t> echo_bytes(std::span<const std::uint8_t> /*bytes*/) override {
    return {};
  }
  std::vector<keeper::lib::point> echo_points(std::vector<keeper::lib::point> points) override {
    return points;
  }
  std::vector<keeper::lib::named> echo_named(std::vector<keeper::lib::named> named) override {
    return named;
  }
  std::tuple<std::optional<std::string>, Expected<std::uint8_t, std::string>,
             std::tuple<char32_t, bool, std::int64_t>, keeper::lib::trouble, keeper::lib::marks>
  echo_mixed(std::optional<std::string> a, Expected<std::uint8_t, std::string> b,
             std::tuple<char32_t, bool, std::int64_t> c, keeper::lib::trouble d,
             keeper::lib::marks e) override {
    return {a, b, c, d, e};
  }
  std::uint32_t calls() override { return 0; }
  void boom() override { throw std::runtime_error("boom"); }
  void spin() override {}
  std::uint32_t grow(std::uint32_t pages) override { return pages; }
  Expected<std::uint32_t, std::string> check_text(std::uint32_t n) override { return n; }
  Expected<std::uint32_t, keeper::lib::trouble> check_trouble(std::uint32_t n) override {
    return n;
  }
  Expected<std::uint32_t, keeper::lib::reason> check_reason(std::uint32_t n) override { return n; }
  std::uint32_t alive() override { return 0; }
  std::uint32_t consume(Pointer c) override { return c->next(); }
  Pointer make_bad() override { return nullptr; }
};

TEST_F(ProgramBindings, AllKindsOfValuesArePassedToTheProgram) {
  CompositionBuilder builder;
  values::all::provide(builder, std::make_shared<Same>());
  builder.add_component("unit", passing_unit("kinds", kAll));
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<values::instance> found = values::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  EXPECT_ALL_KINDS(found->all, values::exports::all);
}

TEST_F(ProgramBindings, ResourcesOfTheProgramAreItsObjects) {
  CompositionBuilder builder;
  keeper::lib::provide(builder, std::make_shared<Counters>(), {"keeper"});
  builder.add_component("keeper", domain_guest("keeper"));
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<keeper::instance> found = keeper::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  const keeper::exports::keeper::functions& units = found->keeper;
  const auto kept = std::make_shared<Counter>(1);
  ASSERT_TRUE(units.keep(kept));
  EXPECT_EQ(need(units.kept()), 1U);
  EXPECT_EQ(need(units.take()), std::optional<std::shared_ptr<keeper::lib::counter>>(kept));
  EXPECT_GT(need(units.sum(kept, std::make_shared<Counter>(5))), 0U);
  const std::vector<std::shared_ptr<keeper::lib::counter>> two = {kept,
                                                                  std::make_shared<Counter>(9)};
  EXPECT_TRUE(units.keep_all(two));
}

class Holder final : public visitor::world::host {
 public:
  Task<std::uint32_t> hold(std::uint32_t number) override { co_return number + 1; }
};

TEST_F(ProgramBindings, AsyncFunctionsAreTasks) {
  CompositionBuilder builder;
  visitor::world::provide(builder, std::make_shared<Holder>());
  builder.add_component("visitor", *engine::wat_to_wasm("visitor.wat", kVisitor));
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<visitor::instance> found = visitor::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  Task<CallResult<std::uint32_t>> visit = found->world.visit(41);
  EXPECT_EQ(need(*visit.wait()), 42U);
}

TEST_F(ProgramBindings, AllProblemsAreReportedAtOnce) {
  const Composition composition = make("kinds", kAll);
  const Result<counters::instance> found = counters::instance::find(composition);
  ASSERT_FALSE(found);
  EXPECT_GE(found.error().size(), 20U);
  EXPECT_EQ(found.error().front().code, "run-no-function");
}

}  // namespace
}  // namespace tenon::program_bindings_test
