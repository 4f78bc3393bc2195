// Units that export what they import from another unit, native code or the program, to other domains,
// to the program and to other compositions. Imports from remote units: tests/golden/run/remote_reexported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "binary/read_component.h"
#include "compose/passage.h"
#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/bundle_test.h"
#include "tests/support/call_test.h"
#include "types/evaluate.h"

namespace tenon::relay_test {
namespace {

using testing::HasSubstr;

// The interface of `lib`, without its version.
constexpr std::string_view kLib = "demo:domains/lib";

// A unit that imports the interface that `lib` exports, and exports it under a name.
std::vector<std::uint8_t> passing_unit(const std::string& as = {}) {
  std::ifstream file(domain_guest("lib"), std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  types::Types arena;
  const types::ComponentType lib =
      *types::evaluate_component(*binary::read_component(bytes), arena);
  compose::Passage passage;
  for (const types::RootItem& item : lib.exports) {
    if (!item.name.starts_with(kLib)) continue;
    passage.imports.push_back({item.name, item.item});
    passage.exports.push_back({.name = as.empty() ? item.name : as});
  }
  EXPECT_EQ(passage.imports.size(), 1U);
  return compose::write_passage(arena, passage);
}

void add_units(CompositionBuilder& builder) {
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.add_component("lib", domain_guest("lib"));
  builder.set_root("front");
}

// Gives `lib` to `front` and `keeper` through units that pass it on under names of their own.
void pass_lib_through(CompositionBuilder& builder, const std::vector<std::string>& names) {
  std::string provider = "lib";
  std::string exported(kLib);
  const auto wire = [&](const std::string& consumer) {
    builder.wire({.consumer = consumer,
                  .import = std::string(kLib),
                  .provider = provider,
                  .export_name = exported});
  };
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const std::string as = "passed:" + *name + "/lib";
    builder.add_component(*name, passing_unit(as));
    wire(*name);
    provider = *name;
    exported = as;
  }
  wire("front");
  wire("keeper");
}

void add_passing_units(CompositionBuilder& builder, const std::vector<std::string>& names) {
  add_units(builder);
  pass_lib_through(builder, names);
}

std::vector<std::string> call_all(const Composition& composition) {
  std::vector<std::string> results;
  for (const std::string_view call : kFrontCalls) results.push_back(call_front(composition, call));
  return results;
}

std::vector<std::string> results_of(CompositionBuilder& builder) {
  const Result<Composition> composition = builder.build();
  EXPECT_TRUE(composition) << composition.error().front().message;
  return composition ? call_all(*composition) : std::vector<std::string>();
}

TEST(Relays, PassEveryTypeBetweenDomains) {
  CompositionBuilder plain;
  add_units(plain);
  const std::vector<std::string> expected = results_of(plain);
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"mid"}, std::vector<std::string>{"outer", "inner"}}) {
    CompositionBuilder isolated;
    add_passing_units(isolated, names);
    isolated.isolate_all();
    EXPECT_EQ(results_of(isolated), expected);
    // The provider alone, or the consumers alone, in another domain.
    CompositionBuilder far_provider;
    add_passing_units(far_provider, names);
    far_provider.isolate("lib");
    EXPECT_EQ(results_of(far_provider), expected);
    CompositionBuilder far_consumers;
    add_passing_units(far_consumers, names);
    for (const char* const unit : {"front", "keeper"}) far_consumers.place(unit, "far");
    EXPECT_EQ(results_of(far_consumers), expected);
  }
}

TEST(Relays, FreeTheirMemoryAfterEachCall) {
  CompositionBuilder builder;
  add_passing_units(builder, {"mid"});
  builder.isolate_all();
  builder.limits("mid").memory = 4 << 20;
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const std::string text(300'000, 'x');
  for (int i = 0; i < 40; ++i)
    ASSERT_EQ(call_front(*composition, "echo(\"" + text + "\")"), "\"" + text + "\"");
}

TEST(Relays, PassOnToTheProgramUnderAnotherName) {
  CompositionBuilder builder;
  builder.add_component("lib", domain_guest("lib"));
  builder.add_component("mid", passing_unit("other:name/passed"));
  builder.set_root("mid");
  builder.isolate_all();
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(call_text(*composition, "passed.echo(\"hello\")"), "\"hello\"");
  EXPECT_EQ(call_text(*composition, "passed.add(2, 3)"), "5");
  EXPECT_THAT(call_text(*composition, "passed.check-reason(3)"), HasSubstr("ok("));
}

TEST(Relays, PassOnFunctionsOfTheProgram) {
  CompositionBuilder builder;
  const auto bytes = engine::wat_to_wasm("mid.wat", R"((component
    (import "t:host/x" (instance $x
      (export "twice" (func (param "text" string) (result string)))))
    (export "t:mid/x" (instance $x))))");
  ASSERT_TRUE(bytes);
  builder.add_component("mid", *bytes);
  builder.add_host_function("t:host/x", "twice",
                            [](const std::string& text) { return text + text; });
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(call_text(*composition, "x.twice(\"ab\")"), "\"abab\"");
}

// With every type, and handles of native resources.
TEST_F(Bundles, ArePassedOnByUnits) {
  const std::vector<std::string> expected = call_all(build(make_builder()));
  CompositionBuilder one = make_builder();
  pass_lib_through(one, {"mid"});
  EXPECT_EQ(call_all(build(std::move(one))), expected);
  CompositionBuilder isolated = make_builder();
  pass_lib_through(isolated, {"mid"});
  isolated.isolate_all();
  EXPECT_EQ(call_all(build(std::move(isolated))), expected);
}

TEST(Relays, AreInComposedComponents) {
  CompositionBuilder builder;
  builder.add_component("mid", passing_unit());
  builder.allow_unresolved();
  const Result<std::vector<std::uint8_t>> bytes = builder.compose();
  ASSERT_TRUE(bytes) << bytes.error().front().message;
  types::Types arena;
  const auto type = types::evaluate_component(*binary::read_component(*bytes), arena);
  ASSERT_TRUE(type);
  ASSERT_EQ(type->exports.size(), 1U);
  EXPECT_FALSE(type->exports.front().passed_imports);
}

}  // namespace
}  // namespace tenon::relay_test
