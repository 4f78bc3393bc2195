// Packages as providers of components, and components and the program as providers of packages:
// every kind of value that both support, and refused cases.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"
#include "value/random_values.h"

namespace tenon::package_components_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct KindOfValue {
  std::string_view name;  // of the function, after `same-`
  std::string_view type;  // in the text format
  std::string_view flat;  // its core params
  bool is_flat = true;    // as a result too
};

constexpr KindOfValue kKinds[] = {{"bool", "bool", "i32"},
                                  {"s8", "s8", "i32"},
                                  {"u8", "u8", "i32"},
                                  {"s16", "s16", "i32"},
                                  {"u16", "u16", "i32"},
                                  {"s32", "s32", "i32"},
                                  {"u32", "u32", "i32"},
                                  {"s64", "s64", "i64"},
                                  {"u64", "u64", "i64"},
                                  {"f32", "f32", "f32"},
                                  {"f64", "f64", "f64"},
                                  {"char", "char", "i32"},
                                  {"string", "string", "i32 i32", false},
                                  {"bytes", "(list u8)", "i32 i32", false},
                                  {"items", "(list $item)", "i32 i32", false},
                                  {"pair", "(tuple u8 string)", "i32 i32 i32", false},
                                  {"item", "$item", "i32 i32 i32 f64 i32 i32", false},
                                  {"keep", "$keep", "i32 i32 i32", false},
                                  {"color", "$color", "i32"},
                                  {"access", "$access", "i32"},
                                  {"option", "(option string)", "i32 i32 i32", false},
                                  {"nested", "(option (option u8))", "i32 i32 i32", false},
                                  {"result", "(result u32 (error string))", "i32 i32 i32", false}};

// A component that exports each function of `acme:kinds/same` under `test:relay/same` and forwards
// calls to its import.
std::string relay_text() {
  std::string imports;
  std::string aliases;
  std::string core;
  std::string bodies;
  std::string arguments;
  std::string lifted;
  std::string exported;
  for (const KindOfValue& kind : kKinds) {
    const std::string function = fmt::format("same-{}", kind.name);
    const std::size_t count = static_cast<std::size_t>(std::ranges::count(kind.flat, ' ')) + 1;
    std::string passed;
    for (std::size_t i = 0; i < count; ++i) passed += fmt::format(" (local.get {})", i);
    bodies += fmt::format(
        "(func (export \"{0}\") (param {1}) (result {2}) (call $i-{0} {3} {4}) {4})\n", function,
        kind.flat, kind.is_flat ? kind.flat : "i32", passed, kind.is_flat ? "" : "(i32.const 8)");
    imports += fmt::format("(export \"{}\" (func (param \"value\" {}) (result {})))\n", function,
                           kind.type, kind.type);
    aliases += fmt::format(
        "(core func ${0} (canon lower (func $in \"{0}\") (memory $memory) (realloc $realloc)))\n",
        function);
    core += fmt::format("(import \"in\" \"{0}\" (func $i-{0} (param {1}{2}) {3}))\n", function,
                        kind.flat, kind.is_flat ? "" : " i32",
                        kind.is_flat ? fmt::format("(result {})", kind.flat) : "");
    arguments += fmt::format("(export \"{0}\" (func ${0}))", function);
    lifted += fmt::format(
        "(func $l-{0} (param \"value\" {1}) (result {1}) (canon lift (core func $code \"{0}\")\n"
        "  (memory $memory) (realloc $realloc)))\n",
        function, kind.type);
    exported += fmt::format("(export \"{0}\" (func $l-{0}))", function);
  }
  return fmt::format(
      R"((component
  (import "acme:kinds/same" (instance $in
    (type $item' (record (field "name" string) (field "price" (option f64))
                         (field "tags" (list string))))
    (export "item" (type $item (eq $item')))
    (type $keep' (variant (case "forever") (case "days" u32) (case "until" string)))
    (export "keep" (type $keep (eq $keep')))
    (type $color' (enum "red" "green" "ok"))
    (export "color" (type $color (eq $color')))
    (type $access' (flags "read" "write" "none"))
    (export "access" (type $access (eq $access')))
    {imports}))
  (alias export $in "item" (type $item)) (alias export $in "keep" (type $keep))
  (alias export $in "color" (type $color)) (alias export $in "access" (type $access))
  (core module $memory-code
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $free (i32.and (i32.const -8) (i32.add (global.get $free) (i32.const 7))))
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3)))
      (loop $grow
        (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
          (then (drop (memory.grow (i32.const 1))) (br $grow))))))
  (core instance $host (instantiate $memory-code))
  (alias core export $host "memory" (core memory $memory))
  (alias core export $host "realloc" (core func $realloc))
  {aliases}
  (core module $relay {core} {bodies})
  (core instance $code (instantiate $relay (with "in" (instance {given}))))
  {lifted}
  (instance $out {exported})
  (export "test:relay/same" (instance $out))))",
      fmt::arg("imports", imports), fmt::arg("aliases", aliases), fmt::arg("core", core),
      fmt::arg("bodies", bodies), fmt::arg("given", arguments), fmt::arg("lifted", lifted),
      fmt::arg("exported", exported));
}

class PackageComponents : public UnitsTest {
 protected:
  static std::string kinds_component() {
    return fmt::format("{}/tests/guests/kinds/kinds.wat", TENON_SOURCE_DIR);
  }
  // Calls each function of an interface with random values and expects them back.
  static void pass_all(const std::vector<Function>& functions, std::uint64_t seed) {
    value::RandomValues values(seed);
    std::size_t passed = 0;
    for (const Function& function : functions) {
      const std::vector<TypeField> params = function.type().params();
      if (params.size() != 1 || !function.type().result()) continue;
      ++passed;
      for (int i = 0; i < 40; ++i) {
        // The metadata of a package does not list the flags.
        const bool is_flags = params[0].type.labels().size() == 64;
        const std::vector<Value> arguments = {is_flags ? Value::flags({"b0", "b2"})
                                                       : values.make_value(params[0].type)};
        const auto result = function.call(arguments);
        ASSERT_TRUE(result) << function.name() << ": " << describe_outcome(result);
        EXPECT_TRUE(**result == arguments[0]) << function.name() << ": " << print_wave(arguments[0])
                                              << " is " << describe_outcome(result);
      }
    }
    EXPECT_GE(passed, 8u);
  }
};

TEST_F(PackageComponents, TheProgramPassesEveryKindToAPackage) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("kinds", package_guest(set, "kinds"));
    const Composition composition = built(builder);
    pass_all(composition.unit("kinds")->functions(), 1);
  }
}

TEST_F(PackageComponents, APackagePassesThemToAnother) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("client", package_guest(set, "kinds_client"));
    builder.add_package("kinds", package_guest(set, "kinds"));
    const Composition composition = built(builder);
    pass_all(composition.unit("client")->functions(), 2);
  }
}

TEST_F(PackageComponents, AComponentProvidesTheImportsOfAPackage) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("client", package_guest(set, "kinds_client"));
    builder.add_component("kinds", kinds_component());
    builder.wire({.consumer = "client",
                  .import = "acme:kinds/same",
                  .provider = "kinds",
                  .export_name = "acme:kinds/same@1.2.0"});
    const Composition composition = built(builder);
    pass_all(composition.unit("client")->functions(), 3);
  }
}

TEST_F(PackageComponents, TheProgramProvidesTheImportsOfAPackage) {
  CompositionBuilder builder;
  builder.add_package("client", package_guest("0.21.0", "kinds_client"));
  for (const char* const name :
       {"string", "bytes", "items", "pair", "keep", "color", "access", "option"})
    builder.add_host_function("acme:kinds/same", fmt::format("same-{}", name),
                              [](std::span<const Value> values) { return values[0]; });
  const Composition composition = built(builder);
  pass_all(composition.unit("client")->functions(), 4);
}

TEST_F(PackageComponents, APackageProvidesTheImportsOfAComponent) {
  const std::string relay = write("relay", relay_text());
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_component("relay", relay);
    builder.add_package("kinds", package_guest(set, "kinds"));
    EXPECT_EQ(problems_of_plan(builder), "");
    const Composition composition = built(builder);
    pass_all(composition.functions(), 5);
  }
}

// A wire of one function: the package exports a bare function, which becomes an interface.
TEST_F(PackageComponents, AnExportedFunctionIsWiredToAComponentAndToAComposition) {
  const std::string app = write("app", R"((component
  (import "math" (instance $math (export "double" (func (param "n" s64) (result s64)))))
  (core func $double (canon lower (func $math "double")))
  (core module $code
    (import "math" "double" (func $double (param i64) (result i64)))
    (func (export "twice") (param i64) (result i64) (call $double (call $double (local.get 0)))))
  (core instance $i (instantiate $code (with "math" (instance (export "double" (func $double))))))
  (func (export "twice") (param "n" s64) (result s64) (canon lift (core func $i "twice")))))");
  for (const bool is_nested : {false, true}) {
    CompositionBuilder builder;
    CompositionBuilder inner;
    (is_nested ? inner : builder).add_component("app", app);
    inner.allow_unresolved();
    if (is_nested) builder.add_composition("app", std::move(inner));
    builder.isolate("app");
    builder.add_package("doubler", package_guest("0.5.4", "doubler_typed"));
    builder.wire({.consumer = "app",
                  .import = "math.double",
                  .provider = "doubler",
                  .export_name = "double"});
    const Composition composition = built(builder);
    EXPECT_EQ(call_unit(composition, "app", "twice", Value::s64(5)), "20");
  }
}

// Chains: a component between two packages, and a package between two components.
TEST_F(PackageComponents, ChainsContainBoth) {
  const std::string relay = write("relay", relay_text());
  CompositionBuilder builder;
  builder.add_package("client", package_guest("0.21.0", "kinds_client"));
  builder.add_component("relay", relay);
  builder.add_package("kinds", package_guest("0.5.4", "kinds"));
  builder.wire({.consumer = "client",
                .import = "acme:kinds/same",
                .provider = "relay",
                .export_name = "test:relay/same"});
  const Composition composition = built(builder);
  pass_all(composition.unit("client")->functions(), 6);
}

TEST_F(PackageComponents, TypedFunctionsOfTheProgramTakeRecordsAndVariants) {
  CompositionBuilder builder;
  builder.add_package("client", package_guest("0.5.4", "kinds_client"));
  using Pair = std::tuple<std::uint8_t, std::string>;
  builder.add_host_function("acme:kinds/same", "same-pair", [](const Pair& pair) {
    return Pair(static_cast<std::uint8_t>(std::get<0>(pair) + 1), std::get<1>(pair) + "!");
  });
  builder.add_host_function("acme:kinds/same", "same-bytes",
                            [](std::span<const std::uint8_t> bytes) {
                              return std::vector<std::uint8_t>(bytes.rbegin(), bytes.rend());
                            });
  builder.add_host_function("acme:kinds/same", "same-option",
                            [](const std::optional<std::string>& text) {
                              return text ? std::optional<std::string>() : "none";
                            });
  builder.add_host_function("acme:kinds/same", "same-string",
                            [](std::string_view text) { return std::string(text) + "?"; });
  for (const char* const name : {"items", "keep", "color", "access"})
    builder.add_host_function("acme:kinds/same", fmt::format("same-{}", name),
                              [](std::span<const Value> values) { return values[0]; });
  const Composition composition = built(builder);
  EXPECT_EQ(call_text_of(composition, "client", "pair((3, \"x\"))"), "(4, \"x!\")");
  EXPECT_EQ(call_text_of(composition, "client", "bytes([1, 2, 3])"), "[3, 2, 1]");
  EXPECT_EQ(call_text_of(composition, "client", "option(none)"), "some(\"none\")");
  EXPECT_EQ(call_text_of(composition, "client", "option(some(\"x\"))"), "none");
  EXPECT_EQ(call_text_of(composition, "client", "string(\"x\")"), "\"x?\"");
}

TEST_F(PackageComponents, KebabAndSnakeCaseNamesMatch) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("kinds", package_guest(set, "kinds"));
    const Composition composition = built(builder);
    EXPECT_EQ(call_text_of(composition, "kinds", "same-note({last-msg: \"x\", read-count: 3})"),
              "{last-msg: \"x\", read-count: 3}");
  }
}

// The package has an enum; packr's wire form does not distinguish it from a variant without
// payloads.
TEST_F(PackageComponents, AVariantWithoutPayloadsMatchesAnEnum) {
  const auto text = [](std::string_view kind, std::string_view cases) {
    return fmt::format(R"((component
      (import "acme:kinds/same" (instance $same
        (type $color' ({} {}))
        (export "color" (type $color (eq $color')))
        (export "same-color" (func (param "value" $color) (result $color)))))
      (alias export $same "color" (type $color))
      (core func $same-color (canon lower (func $same "same-color")))
      (core module $code
        (import "same" "color" (func $color (param i32) (result i32)))
        (func (export "turn") (param i32) (result i32) (call $color (local.get 0))))
      (core instance $i (instantiate $code
        (with "same" (instance (export "color" (func $same-color))))))
      (export $shown "color" (type $color))
      (func (export "turn") (param "of" $shown) (result $shown)
        (canon lift (core func $i "turn")))))",
                       kind, cases);
  };
  constexpr std::string_view kCases = R"((case "red") (case "green") (case "ok"))";
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_component("client", write("client", text("variant", kCases)),
                          {.reachable = Reachable::Yes});
    builder.add_package("kinds", package_guest(set, "kinds"));
    const Composition composition = built(builder);
    for (const char* const color : {"red", "green", "%ok"})
      EXPECT_EQ(call_text_of(composition, "client", fmt::format("turn({})", color)),
                fmt::format("{}", color));
  }
  CompositionBuilder builder;
  builder.add_component(
      "client", write("client", text("variant", R"((case "red") (case "ok") (case "green"))")));
  builder.add_package("kinds", package_guest("0.21.0", "kinds"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`client`"), HasSubstr("`kinds`"),
                    HasSubstr("green")));
}

TEST_F(PackageComponents, AFunctionOfTheProgramThatDoesNotFitIsRefused) {
  CompositionBuilder builder;
  builder.add_package("adder", package_guest("0.21.0", "adder"));
  builder.add_host_function("math", "double", [](std::string_view text) { return text.size(); });
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("type-signature"), HasSubstr("`math#double`"), HasSubstr("s64")));
}

// A component that imports `sum` of trees, in a form that WIT can express.
constexpr std::string_view kWantsSum = R"((component
  (type $tree' (variant (case "leaf" s64) (case "node" (tuple string string))))
  (import "tree" (type $tree (eq $tree')))
  (import "sum" (func $sum (param "of" {}) (result s64)))
  (core module $m (memory (export "memory") 1))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (core func $f (canon lower (func $sum) (memory $memory)))))";

TEST_F(PackageComponents, RecursiveTypesAreRejectedWithTheirNames) {
  const auto problems = [&](std::string_view type) {
    CompositionBuilder builder;
    builder.add_component("wants", write("wants", fmt::format(fmt::runtime(kWantsSum), type)));
    builder.add_package("trees", package_guest("0.21.0", "tree"));
    return problems_of_plan(builder);
  };
  EXPECT_THAT(problems("$tree"),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`trees` exports `sum`"),
                    HasSubstr("`of.node.0`: `tree` contains itself or a value of any type, which "
                              "WIT cannot express")));
  EXPECT_THAT(problems("(list string)"),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`trees` exports `sum`"),
                    HasSubstr("node(tuple<value, value>)")));
}

}  // namespace
}  // namespace tenon::package_components_test
