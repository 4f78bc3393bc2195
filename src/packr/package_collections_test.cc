// Maps and sets between packages of both versions of the wire form, components and the program.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/packr.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_collections_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kVersions[] = {"0.21.0", "0.24.1"};

// Whether packages of this version of packr have maps and sets; those of others have lists.
bool has_maps(std::string_view version) { return version == "0.24.1"; }

// Calls functions of a unit that are written as text: "counts([])".
class UnitCalls final {
 public:
  UnitCalls(CompositionBuilder& builder, std::string_view unit)
      : composition_(built(builder)), unit_(unit) {}

  std::string operator()(std::string_view text) const {
    return call_text_of(composition_, unit_, text);
  }

 private:
  Composition composition_;
  std::string unit_;
};

void add_words(CompositionBuilder& builder, std::string_view version) {
  builder.add_package("words", package_guest(version, "collections"));
}

// A composition of `collections` alone.
Composition build_words(std::string_view version) {
  CompositionBuilder builder;
  add_words(builder, version);
  return built(builder);
}

// most: the word with the highest count, which differs between the providers below.
void expect_client_gets_fixed_values(const UnitCalls& client, std::string_view most) {
  EXPECT_EQ(client(R"(most(["a", "z"]))"), most);
  EXPECT_EQ(client(R"(joined(["b", "a", "b"], []))"), R"(["a", "b"])");
  EXPECT_EQ(client(R"(lengths(["x"]))"), "[5]");
  EXPECT_EQ(client(R"(smallest(["x"]))"), "3");
}

void add_text(CompositionBuilder& builder, std::string_view name, std::string_view text) {
  const auto bytes = engine::wat_to_wasm("component.wat", text);
  ASSERT_TRUE(bytes) << whole_text(bytes.error());
  builder.add_component(std::string(name), *bytes, {.reachable = Reachable::Yes});
}

void expect_client_works(const UnitCalls& call) {
  EXPECT_EQ(call(R"(most(["b", "a", "c", "a"]))"), R"("a")");
  EXPECT_EQ(call("most([])"), R"("")");
  EXPECT_EQ(call(R"(joined(["b", "a"], ["a", "c"]))"), R"(["a", "b", "c"])");
  EXPECT_EQ(call(R"(lengths(["a", "bb", "cc", ""]))"), "[0, 1, 2]");
  EXPECT_EQ(call(R"(smallest(["cb", "d"]))"), "98");
}

TEST(PackageCollections, PassBetweenPackagesOfBothVersions) {
  for (const std::string_view client : kVersions) {
    for (const std::string_view provider : kVersions) {
      SCOPED_TRACE(fmt::format("{} calls {}", client, provider));
      CompositionBuilder builder;
      builder.add_package("client", package_guest(client, "collections_client"));
      add_words(builder, provider);
      expect_client_works({builder, "client"});
    }
  }
}

// A package whose functions take any value has no types that say what is a map.
TEST(PackageCollections, PassAsAnyValue) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Composition composition = build_words(version);
    const Value map = Value::map({{Value::string("a"), Value::s64(1)}});
    EXPECT_EQ(call_unit(composition, "words", "same", map),
              has_maps(version) ? R"({"a": 1})" : R"([("a", 1)])");
  }
}

TEST(PackageCollections, AreValuesOfTheProgram) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    CompositionBuilder builder;
    add_words(builder, version);
    const UnitCalls call(builder, "words");
    const bool maps = has_maps(version);
    EXPECT_EQ(call(R"(words#counts(["b", "a", "b"]))"),
              maps ? R"({"a": 1, "b": 2})" : R"([("a", 1), ("b", 2)])");
    EXPECT_EQ(
        call(maps ? R"(words#invert({"a": 1, "b": 2}))" : R"(words#invert([("a", 1), ("b", 2)]))"),
        maps ? R"({1: "a", 2: "b"})" : R"([(1, "a"), (2, "b")])");
    EXPECT_EQ(call(R"(words#union(["b", "a", "b"], ["c"]))"), R"(["a", "b", "c"])");
    EXPECT_EQ(call(R"(words#by-length(["a", "bb", "b"]))"),
              maps ? R"({1: ["a", "b"], 2: ["bb"]})" : R"([(1, ["a", "b"]), (2, ["bb"])])");
    EXPECT_EQ(call(R"(words#bytes(["ba"]))"), "[97, 98]");
  }
}

// A recursive type with a map of itself: metadata has `value` there.
TEST(PackageCollections, ContainThemselves) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Composition composition = build_words(version);
    const CallResult<std::optional<Value>> folder =
        composition.unit("words")->call("make-folder", Value::u32(2));
    ASSERT_TRUE(folder) << describe_outcome(folder);
    EXPECT_EQ(call_unit(composition, "words", "count-files", **folder), "14");
    const std::string_view inner =
        has_maps(version) ? R"({files: [], folders: {:}})" : R"({files: [], folders: []})";
    const std::string outer = has_maps(version) ? fmt::format(R"({{"x": {}}})", inner)
                                                : fmt::format(R"([("x", {})])", inner);
    EXPECT_EQ(call_text_of(composition, "words",
                           fmt::format(R"(count-files({{files: ["f"], folders: {}}}))", outer)),
              "1");
  }
}

TEST(PackageCollections, AreCppContainers) {
  const Composition composition = build_words("0.24.1");
  using Words = std::vector<std::string>;
  auto counts =
      composition.unit("words")->function<std::map<std::string, std::int64_t>(const Words&)>(
          "words", "counts");
  ASSERT_TRUE(counts) << whole_text(counts.error());
  EXPECT_EQ(*(*counts)({"b", "a", "b"}), (std::map<std::string, std::int64_t>{{"a", 1}, {"b", 2}}));
  auto distinct = composition.unit("words")->function<Words(const Words&)>("words", "distinct");
  ASSERT_TRUE(distinct) << whole_text(distinct.error());
  EXPECT_EQ(*(*distinct)({"b", "a", "b"}), (Words{"a", "b"}));
}

// The program provides `words` with lists, pairs and values.
void provide_words(CompositionBuilder& builder) {
  using Words = std::vector<std::string>;
  using Counts = std::vector<std::pair<std::string, std::int64_t>>;
  builder.add_host_function("words", "counts", [](const Words& words) {
    return Counts{{words.empty() ? std::string() : words.back(), 7}};
  });
  builder.add_host_function("words", "union", [](const Words& left, const Words&) { return left; });
  builder.add_host_function("words", "by-length", [](const Words& words) {
    return std::map<std::uint32_t, Words>{{5, words}};
  });
  builder.add_host_function("words", "bytes",
                            [](const Words&) { return std::vector<std::uint8_t>{9, 3, 9}; });
  // The bytes of a value of version 2 or 3, as the package passes them.
  builder.add_host_function(
      "words", "invert", RawFunction([](std::span<const std::uint8_t> params) -> RawBytes {
        const Result<GraphView> view = GraphView::open(params);
        const GraphNode root = view->root();
        const bool is_map = root.kind() == GraphKind::Map;
        const GraphNode pair = is_map ? root : *root.part(0);
        GraphBuilder inverted;
        inverted.begin_map({GraphKind::S64}, {GraphKind::String});
        inverted.add_s64(*pair.part(1)->signed_integer());
        inverted.add_string(*pair.part(0)->string());
        inverted.end();
        const auto bytes = inverted.finish();
        return RawBytes(std::vector<std::uint8_t>(bytes->begin(), bytes->end()));
      }));
}

TEST(PackageCollections, AreProvidedByTheProgram) {
  CompositionBuilder builder;
  builder.add_package("client", package_guest("0.24.1", "collections_client"));
  provide_words(builder);
  expect_client_gets_fixed_values({builder, "client"}, R"("z")");
}

// A component like `collections`, which knows lists alone: `invert` and the sets give back what they
// take, and `counts` has the count 7 for the word "x".
constexpr std::string_view kWords = R"((component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 8) "x")
    (data (i32.const 32) "\08\00\00\00\01\00\00\00\07\00\00\00\00\00\00\00")
    (data (i32.const 64) "\07\00\00\00\00\00\00\00\08\00\00\00\01\00\00\00")
    (data (i32.const 96) "\05\00\00\00\00\00\00\00\00\00\00\00")
    (data (i32.const 128) "\09\03\09")
    (data (i32.const 136) "\20\00\00\00\01\00\00\00")
    (data (i32.const 144) "\40\00\00\00\01\00\00\00")
    (data (i32.const 152) "\60\00\00\00\01\00\00\00")
    (data (i32.const 160) "\80\00\00\00\03\00\00\00")
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    (func (export "counts") (param i32 i32) (result i32) (i32.const 136))
    (func (export "union") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 168) (local.get 0))
      (i32.store (i32.const 172) (local.get 1))
      (i32.const 168))
    (func (export "by-length") (param i32 i32) (result i32) (i32.const 152))
    (func (export "bytes") (param i32 i32) (result i32) (i32.const 160))
    (func (export "invert") (param i32 i32) (result i32)
      (if (i32.ne (local.get 1) (i32.const 1)) (then unreachable))
      (i32.const 144)))
  (core instance $i (instantiate $code))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (type $words (list string))
  (type $counts (list (tuple string s64)))
  (type $inverted (list (tuple s64 string)))
  (type $lengths (list (tuple u32 $words)))
  (func $counts (param "words" $words) (result $counts)
    (canon lift (core func $i "counts") (memory $memory) (realloc $realloc)))
  (func $union (param "left" $words) (param "right" $words) (result $words)
    (canon lift (core func $i "union") (memory $memory) (realloc $realloc)))
  (func $by-length (param "words" $words) (result $lengths)
    (canon lift (core func $i "by-length") (memory $memory) (realloc $realloc)))
  (func $bytes (param "words" $words) (result (list u8))
    (canon lift (core func $i "bytes") (memory $memory) (realloc $realloc)))
  (func $invert (param "counts" $counts) (result $inverted)
    (canon lift (core func $i "invert") (memory $memory) (realloc $realloc)))
  (instance $exports
    (export "counts" (func $counts)) (export "union" (func $union))
    (export "by-length" (func $by-length)) (export "bytes" (func $bytes))
    (export "invert" (func $invert)))
  (export "words" (instance $exports))))";

TEST(PackageCollections, AreListsOfAComponentThatProvidesThem) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    CompositionBuilder builder;
    builder.add_package("client", package_guest(version, "collections_client"));
    add_text(builder, "words", kWords);
    expect_client_gets_fixed_values({builder, "client"}, R"("x")");
  }
}

// A component that imports two functions of `words` as lists, and passes on what it gets.
constexpr std::string_view kWordsClient = R"((component
  (type $words (list string))
  (type $counts (list (tuple string s64)))
  (type $inverted (list (tuple s64 string)))
  (import "words" (instance $words
    (alias outer 1 $words (type $w)) (alias outer 1 $counts (type $c))
    (alias outer 1 $inverted (type $v))
    (export "union" (func (param "left" $w) (param "right" $w) (result $w)))
    (export "invert" (func (param "counts" $c) (result $v)))))
  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $mem))
  (alias core export $m "realloc" (core func $realloc))
  (core func $union (canon lower (func $words "union") (memory $mem) (realloc $realloc)))
  (core func $invert (canon lower (func $words "invert") (memory $mem) (realloc $realloc)))
  (core module $code
    (import "words" "union" (func $union (param i32 i32 i32 i32 i32)))
    (import "words" "invert" (func $invert (param i32 i32 i32)))
    (func (export "union") (param i32 i32 i32 i32) (result i32)
      (call $union (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16))
      (i32.const 16))
    (func (export "invert") (param i32 i32) (result i32)
      (call $invert (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16)))
  (core instance $i (instantiate $code
    (with "words" (instance (export "union" (func $union)) (export "invert" (func $invert))))))
  (func (export "union") (param "left" $words) (param "right" $words) (result $words)
    (canon lift (core func $i "union") (memory $mem) (realloc $realloc)))
  (func (export "invert") (param "counts" $counts) (result $inverted)
    (canon lift (core func $i "invert") (memory $mem) (realloc $realloc)))))";

TEST(PackageCollections, AreListsOfAComponentThatImportsThem) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    CompositionBuilder builder;
    add_words(builder, version);
    add_text(builder, "client", kWordsClient);
    const UnitCalls call(builder, "client");
    EXPECT_EQ(call(R"(union(["b", "a", "b"], ["c"]))"), R"(["a", "b", "c"])");
    EXPECT_EQ(call(R"(invert([("a", 2), ("b", 1)]))"), R"([(1, "b"), (2, "a")])");
    EXPECT_EQ(call("invert([])"), "[]");
  }
}

// A component holds the form of the messages of the package that it calls.
TEST(PackageCollections, ASwapThatWouldChangeTheirFormIsRefused) {
  CompositionBuilder builder;
  add_words(builder, "0.21.0");
  add_text(builder, "client", kWordsClient);
  Composition composition = built(builder);
  constexpr std::string_view kCall = R"(invert([("a", 2), ("b", 1)]))";
  constexpr std::string_view kInverted = R"([(1, "b"), (2, "a")])";
  EXPECT_EQ(call_text_of(composition, "client", kCall), kInverted);
  const Result<void> swapped = composition.swap("words", package_guest("0.24.1", "collections"));
  ASSERT_FALSE(swapped);
  EXPECT_THAT(whole_text(swapped.error()),
              AllOf(HasSubstr("run-swap: `words` cannot be swapped: the type of `words#"),
                    HasSubstr("it would be `func("), HasSubstr("map<"),
                    HasSubstr("`client` calls it with its current type")));
  EXPECT_EQ(call_text_of(composition, "client", kCall), kInverted);
  // As the hint says.
  const Result<void> both = composition.swap(std::vector<SwapUnit>{
      {.name = "words", .path = package_guest("0.24.1", "collections")},
      {.name = "client", .bytes = *engine::wat_to_wasm("component.wat", kWordsClient)}});
  ASSERT_TRUE(both) << whole_text(both.error());
  EXPECT_EQ(call_text_of(composition, "client", kCall), kInverted);
}

// The bytes of either version are for packages of both.
TEST(PackageCollections, AreEncodedValuesOfBothVersions) {
  for (const std::string_view version : kVersions) {
    SCOPED_TRACE(version);
    const Composition composition = build_words(version);
    const auto function = composition.unit("words")->find_function("words", "invert");
    ASSERT_TRUE(function) << whole_text(function.error());
    GraphBuilder map;
    map.begin_map({GraphKind::String}, {GraphKind::S64});
    map.add_string("a");
    map.add_s64(5);
    map.end();
    GraphBuilder pairs;
    pairs.begin_list({GraphKind::Tuple, "", {{GraphKind::String}, {GraphKind::S64}}});
    pairs.begin_tuple();
    pairs.add_string("a");
    pairs.add_s64(5);
    pairs.end();
    pairs.end();
    for (GraphBuilder* const builder_of_bytes : {&map, &pairs}) {
      std::vector<std::uint8_t> result;
      const CallResult<void> called = function->call_encoded(*builder_of_bytes->finish(), result);
      ASSERT_TRUE(called) << called.error().message;
      const Result<GraphView> view = GraphView::open(result);
      ASSERT_TRUE(view);
      EXPECT_EQ(view->root().kind(), has_maps(version) ? GraphKind::Map : GraphKind::List);
    }
  }
}

// Only metadata says which version a package reads.
TEST(PackageCollections, AVersionIsFoundWithoutMetadata) {
  for (const std::string_view client : kVersions) {
    for (const std::string_view provider : kVersions) {
      SCOPED_TRACE(fmt::format("{} calls {}", client, provider));
      CompositionBuilder builder;
      builder.add_package("client", package_guest(client, "versioned_client"))
          .add_package("math", package_guest(provider, "versioned_math_1"));
      const Composition composition = built(builder);
      for (const std::int64_t n : {5, 6})
        EXPECT_EQ(call_unit(composition, "client", "process", Value::s64(n)),
                  fmt::format("{}", 2 * n + 1));
    }
  }
}

}  // namespace
}  // namespace tenon::package_collections_test
