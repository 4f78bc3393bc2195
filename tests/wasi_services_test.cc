// Tests of what tenon itself provides to units: `wasi:config` and `wasi:logging`
// (src/program/built_in.h), with the guest tests/guests/bundles/services, which is made by
// wit-bindgen.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tests/support/bundle_app.h"

namespace tenon::wasi_services_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

// Passes on `get` and `get-all` of an interface of the configuration.
std::vector<std::uint8_t> reader(std::string_view interface) {
  const std::string text = fmt::format(R"((component
  (import "{}" (instance $store
    (type $error' (variant (case "upstream" string) (case "io" string)))
    (export "error" (type $error (eq $error')))
    (export "get" (func (param "key" string) (result (result (option string) (error $error)))))
    (export "get-all" (func (result (result (list (tuple string string)) (error $error)))))))
  (alias export $store "error" (type $error))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at)
        (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $get (canon lower (func $store "get") (memory $memory) (realloc $realloc)))
  (core func $all (canon lower (func $store "get-all") (memory $memory) (realloc $realloc)))
  (core module $code
    (import "" "get" (func $get (param i32 i32 i32)))
    (import "" "all" (func $all (param i32)))
    (func (export "get") (param i32 i32) (result i32)
      (call $get (local.get 0) (local.get 1) (i32.const 512))
      (i32.const 512))
    (func (export "all") (result i32)
      (call $all (i32.const 512))
      (i32.const 512)))
  (core instance $code (instantiate $code
    (with "" (instance (export "get" (func $get)) (export "all" (func $all))))))
  (func (export "read") (param "key" string) (result (result (option string) (error $error)))
    (canon lift (core func $code "get") (memory $memory) (realloc $realloc)))
  (func (export "read-all") (result (result (list (tuple string string)) (error $error)))
    (canon lift (core func $code "all") (memory $memory) (realloc $realloc)))))",
                                       interface);
  Result<std::vector<std::uint8_t>> bytes = engine::wat_to_wasm("reader.wat", text);
  EXPECT_TRUE(bytes) << problems_text(bytes.error());
  return *std::move(bytes);
}

// `one` and `two` in one domain.
CompositionBuilder make_two(std::string_view interface) {
  CompositionBuilder builder;
  builder.add_component("one", reader(interface)).add_component("two", reader(interface));
  builder.set_root("one").export_item("two", "read-all", "two-read-all");
  return builder;
}

Composition build(CompositionBuilder& builder, const BuildOptions& options = {}) {
  Result<Composition> built = builder.build(options);
  EXPECT_TRUE(built) << problems_text(built.error());
  return *std::move(built);
}

std::string problems_of(CompositionBuilder& builder) {
  const Result<Plan> plan = builder.plan();
  return plan ? std::string() : problems_text(plan.error());
}

TEST(UnitConfig, IsThatOfTheUnit) {
  for (const char* const interface :
       {"wasi:config/store@0.2.0-rc.1", "wasi:config/store@0.2.0-draft", "wasi:config/store",
        "wasi:config/runtime@0.2.0-draft"}) {
    CompositionBuilder builder = make_two(interface);
    builder.set_config("one", "greeting", "hello").set_config("one", "size", "9");
    builder.set_config("two", "greeting", "good morning");
    const Composition app = build(builder);
    EXPECT_EQ(call_app(app, "read", {Value::string("greeting")}), R"(some("hello"))") << interface;
    EXPECT_EQ(call_app(app, "read", {Value::string("absent")}), "none");
    EXPECT_EQ(call_app(app, "read-all", {}), R"([("greeting", "hello"), ("size", "9")])");
    EXPECT_EQ(call_app(app, "two-read-all", {}), R"([("greeting", "good morning")])");
  }
}

TEST(UnitConfig, HasTheVariablesOfTheDomain) {
  CompositionBuilder builder = make_two("wasi:config/store@0.2.0-rc.1");
  builder.set_config("one", "LOG", "own");
  builder.grants().env = {{"LOG", "info"}, {"TZ", "UTC"}, {"TZ", "CET"}};
  EXPECT_EQ(call_app(build(builder), "read-all", {}), R"([("LOG", "own"), ("TZ", "CET")])");
  // Those of another domain are not visible.
  builder.isolate("two");
  EXPECT_EQ(call_app(build(builder), "two-read-all", {}), "[]");
}

TEST(UnitConfig, IsChecked) {
  CompositionBuilder builder = make_two("wasi:config/store@0.2.0-rc.1");
  builder.set_config("on", "key", "value");
  EXPECT_THAT(problems_of(builder), HasSubstr("`on.key` is for `on`, and there is no such unit"));
  CompositionBuilder other;
  other.add_component("app", *engine::wat_to_wasm("app.wat", "(component)"))
      .set_config("app", "key", "value");
  EXPECT_THAT(problems_of(other),
              HasSubstr("`app` has a configuration, and does not import `wasi:config/store`"));
}

TEST(UnitConfig, IsLeftToAUnitThatProvidesIt) {
  CompositionBuilder builder;
  builder.add_component("app", reader("wasi:config/store@0.2.0-rc.1"));
  builder.add_host_function("wasi:config/store", "get", [](std::string_view key) {
    return Expected<std::optional<std::string>, std::variant<std::string, std::string>>(
        std::optional("the program's " + std::string(key)));
  });
  builder.add_host_function("wasi:config/store", "get-all", [] {
    return Expected<std::vector<std::pair<std::string, std::string>>,
                    std::variant<std::string, std::string>>(
        std::vector<std::pair<std::string, std::string>>());
  });
  EXPECT_EQ(call_app(build(builder), "read", {Value::string("key")}),
            R"(some("the program's key"))");
}

TEST(UnitConfig, ReachesANestedComposition) {
  CompositionBuilder nested;
  nested.add_component("inner", reader("wasi:config/store@0.2.0-rc.1"));
  CompositionBuilder builder;
  builder.add_composition("app", std::move(nested)).set_root("app");
  builder.set_config("app", "greeting", "hello");
  EXPECT_EQ(call_app(build(builder), "read-all", {}), R"([("greeting", "hello")])");
}

class Services : public testing::Test {
 protected:
  static CompositionBuilder make_builder() { return bundle_app("services", "keyvalue-sqlite", {}); }
  Composition start(CompositionBuilder builder) {
    BuildOptions options;
    options.on_log = [this](std::string_view line) { lines_.emplace_back(line); };
    return build(builder, options);
  }
  static std::string log(const Composition& app, std::string_view level, std::string context,
                         std::string message) {
    return call_app(app, "log",
                    {Value::enumerator(std::string(level)), Value::string(std::move(context)),
                     Value::string(std::move(message))});
  }

  std::vector<std::string> lines_;
};

TEST_F(Services, AGuestOfAPublicToolchainReadsItsConfiguration) {
  CompositionBuilder builder = make_builder();
  builder.set_config("app", "greeting", "hello");
  const Composition app = start(std::move(builder));
  EXPECT_EQ(call_app(app, "config", {Value::string("greeting")}), R"(some("hello"))");
  EXPECT_EQ(call_app(app, "config", {Value::string("")}), "none");
  EXPECT_EQ(call_app(app, "whole-config", {}), R"([("greeting", "hello")])");
}

TEST_F(Services, LinesHaveLevelUnitAndContext) {
  CompositionBuilder builder = make_builder();
  builder.grants().stdio = Stdio::Output;
  const Composition app = start(std::move(builder));
  for (const char* const level : {"trace", "debug", "info", "warn", "error", "critical"})
    EXPECT_EQ(log(app, level, "cart", "three items"), "ok");
  EXPECT_EQ(log(app, "info", "", "no context"), "ok");
  EXPECT_THAT(lines_, ElementsAre("trace: app: cart: three items", "debug: app: cart: three items",
                                  "info: app: cart: three items", "warn: app: cart: three items",
                                  "error: app: cart: three items",
                                  "critical: app: cart: three items", "info: app: no context"));
}

TEST_F(Services, AMessageIsOneLineOfLimitedSize) {
  CompositionBuilder builder = make_builder();
  builder.grants().stdio = Stdio::Output;
  const Composition app = start(std::move(builder));
  EXPECT_EQ(log(app, "info", "a\nb", "text\ncritical: other: forged\x1b[2J"), "ok");
  EXPECT_EQ(call_app(app, "log-size", {Value::u32(10'000'000)}), "ok");
  ASSERT_THAT(lines_, SizeIs(2));
  EXPECT_EQ(lines_[0], R"(info: app: a\nb: text\ncritical: other: forged\x1b[2J)");
  EXPECT_THAT(lines_[1], AllOf(SizeIs(11 + (16 << 10) + 3), EndsWith("xxx...")));
}

TEST_F(Services, ADomainWithoutStandardErrorLogsNothing) {
  const Composition app = start(make_builder());
  EXPECT_EQ(log(app, "critical", "", "text"), "ok");
  EXPECT_THAT(lines_, SizeIs(0));
}

TEST_F(Services, AnImportOfAnotherTypeIsRefused) {
  CompositionBuilder builder;
  builder.add_component("app", *engine::wat_to_wasm("app.wat", R"((component
    (import "wasi:logging/logging" (instance
      (export "log" (func (param "level" u32) (param "context" string) (param "message" string)))))
  ))"));
  EXPECT_THAT(problems_of(builder), HasSubstr("does not match `app`"));
}

}  // namespace
}  // namespace tenon::wasi_services_test
