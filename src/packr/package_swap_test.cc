// Swaps of packages in a running composition: their effect on callers, and refused swaps.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "packr/graph_writer.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_swap_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A number in packr's wire form, as a string of the text format. It ends with the eight bytes of
// the number.
std::string escaped_number(std::int64_t n) {
  packr::GraphWriter writer;
  writer.add_s64(n);
  const auto bytes = writer.finish();
  EXPECT_TRUE(bytes);
  std::string text;
  for (const std::uint8_t byte : *bytes) text += fmt::format("\\{:02x}", byte);
  return text;
}

// A package without metadata that counts its calls, beginning at `start`. exports: the names of the
// counting function. more: additional text.
Bytes counter(std::int64_t start, const std::vector<std::string_view>& exports,
              std::string_view more = "") {
  const std::string number = escaped_number(start);
  const std::size_t size = number.size() / 3;
  std::string names;
  for (const std::string_view name : exports)
    names += fmt::format("(export \"{}\" (func $count))", name);
  const auto composition =
      engine::wat_to_wasm("counter.wat", fmt::format(R"((module
    (memory (export "memory") 1)
    (data (i32.const 1024) "{0}")
    (global $top (mut i32) (i32.const 4096))
    (func (export "__pack_alloc") (param i32) (result i32)
      (global.set $top (i32.add (global.get $top) (local.get 0)))
      (i32.sub (global.get $top) (local.get 0)))
    (func (export "__pack_free") (param i32 i32))
    (func $count (param i32 i32 i32 i32) (result i32)
      (i64.store (i32.const {1}) (i64.add (i64.load (i32.const {1})) (i64.const 1)))
      (i32.store (local.get 2) (i32.const 1024))
      (i32.store (local.get 3) (i32.const {2}))
      (i32.const 0))
    {3} {4}))",
                                                     number, 1024 + size - 8, size, names, more));
  EXPECT_TRUE(composition) << whole_text(composition.error());
  return *composition;
}

// times: its operation on a number. more: additional items of the instance.
std::string math_component(int times, std::string_view more = "", std::string_view type = "s64") {
  return fmt::format(R"((component
    (core module $code (func (export "double") (param i64) (result i64)
      (i64.mul (local.get 0) (i64.const {0}))))
    (core instance $i (instantiate $code))
    (func $double (param "n" {2}) (result {2}) (canon lift (core func $i "double")))
    (instance $math (export "double" (func $double)) {1})
    (export "math" (instance $math))))",
                     times, more, type);
}

class PackageSwap : public UnitsTest {
 protected:
  // `forward` calls `counter`.
  void add_counter(const Bytes& bytes, std::string_view function = "count") {
    builder_.add_package("counter", bytes);
    builder_.add_package("forward", package_guest("c", "forward"));
    builder_.wire({.consumer = "forward",
                   .import = "next.pass",
                   .provider = "counter",
                   .export_name = std::string(function)});
    builder_.set_root("forward");
  }
  void add_math(std::string_view package) {
    builder_.add_package("adder", package_guest("0.21.0", "adder"));
    builder_.add_package("math", package);
  }
  static std::string count(const Composition& composition) {
    return call_unit(composition, "counter", "count", Value::u32(0));
  }
  static std::string forward(const Composition& composition) {
    return call_unit(composition, "forward", "pass", Value::u32(0));
  }
  static std::string process(const Composition& composition, std::int64_t n) {
    return call_unit(composition, "adder", "process", Value::s64(n));
  }
  // Returns the problem; empty if the swap succeeded.
  template <class... New>
  static std::string swap(Composition& composition, std::string_view unit,
                          const New&... replacement) {
    const Result<void> swapped = composition.swap(unit, replacement...);
    return swapped ? std::string() : whole_text(swapped.error());
  }
  static Function find(const Composition& composition, std::string_view unit,
                       std::string_view function) {
    const Result<Function> looked_up =
        composition.unit(unit)->find_function(*parse_wave_call(fmt::format("{}()", function)));
    EXPECT_TRUE(looked_up) << whole_text(looked_up.error());
    return *looked_up;
  }
  static std::string call(const Function& function) {
    return tenon::describe_outcome(function.call(std::vector{Value::u32(0)}));
  }

  CompositionBuilder builder_;
};

TEST_F(PackageSwap, ANewLifeBeginsForAllCallers) {
  add_counter(counter(0, {"count"}));
  Composition composition = built(builder_);
  const Function held = find(composition, "counter", "count");
  EXPECT_EQ(count(composition), "1");
  EXPECT_EQ(forward(composition), "2");
  EXPECT_EQ(call(held), "3");
  EXPECT_EQ(swap(composition, "counter", counter(100, {"count"})), "");
  EXPECT_EQ(call(held), "101");
  EXPECT_EQ(forward(composition), "102");
  EXPECT_EQ(count(composition), "103");
  // Again: nothing is left of either life.
  EXPECT_EQ(swap(composition, "counter", counter(0, {"count"})), "");
  EXPECT_EQ(forward(composition), "1");
  EXPECT_EQ(call(held), "2");
}

// A swap after the package ended gives the same new life as a swap while it runs.
TEST_F(PackageSwap, APackageThatHasEndedIsReplaced) {
  constexpr std::string_view kBoom =
      R"((func (export "boom") (param i32 i32 i32 i32) (result i32) (unreachable)))";
  add_counter(counter(0, {"count"}, kBoom));
  Composition composition = built(builder_);
  EXPECT_EQ(count(composition), "1");
  EXPECT_THAT(call_unit(composition, "counter", "boom", Value::u32(0)), HasSubstr("unreachable"));
  EXPECT_THAT(count(composition), HasSubstr("has ended"));
  EXPECT_EQ(swap(composition, "counter", counter(50, {"count"}, kBoom)), "");
  EXPECT_EQ(count(composition), "51");
  EXPECT_EQ(count(composition), "52");
}

TEST_F(PackageSwap, TheConsumerOfOthersIsReplaced) {
  add_math(package_guest("0.21.0", "math"));
  Composition composition = built(builder_);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(swap(composition, "adder", package_guest("0.5.4", "adder")), "");
  EXPECT_EQ(process(composition, 6), "13");
}

TEST_F(PackageSwap, APackageOfAnotherVersionCanReplaceIt) {
  add_math(package_guest("0.21.0", "math"));
  Composition composition = built(builder_);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(swap(composition, "math", package_guest("0.5.4", "math")), "");
  EXPECT_EQ(process(composition, 6), "13");
}

TEST_F(PackageSwap, AComponentCallsTheNewOne) {
  builder_.add_component("adder", write("adder", kAdderComponent), {.reachable = Reachable::Yes});
  builder_.add_package("math", package_guest("0.21.0", "math"));
  Composition composition = built(builder_);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(swap(composition, "math", package_guest("0.5.4", "math")), "");
  EXPECT_EQ(process(composition, 6), "13");
}

TEST_F(PackageSwap, APackageCallsTheComponentThatReplacesAnother) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"));
  builder_.add_component("math", write("math", math_component(2)));
  Composition composition = built(builder_);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(swap(composition, "math", write("math3", math_component(3))), "");
  EXPECT_EQ(process(composition, 5), "16");
}

// Packages of different versions call one function by different names.
TEST_F(PackageSwap, AFunctionCanHaveAnotherNameInTheModule) {
  add_counter(counter(0, {"sums.count"}), "sums.count");
  Composition composition = built(builder_);
  const Function held = find(composition, "counter", "sums.count");
  EXPECT_EQ(forward(composition), "1");
  EXPECT_EQ(call(held), "2");
  EXPECT_EQ(swap(composition, "counter", counter(100, {"sums#count"})), "");
  EXPECT_EQ(forward(composition), "101");
  EXPECT_EQ(call(held), "102");
}

// --- Other exports ---

TEST_F(PackageSwap, FunctionsOfOtherExportsAreRefusedUntilLookedUpAgain) {
  add_counter(counter(0, {"sums.count", "sums.tally"}), "sums.count");
  Composition composition = built(builder_);
  const Function count = find(composition, "counter", "sums.count");
  const Function tally = find(composition, "counter", "sums.tally");
  EXPECT_EQ(call(tally), "1");
  EXPECT_EQ(swap(composition, "counter", counter(10, {"sums.count"})), "");
  for (const Function* const function : {&count, &tally})
    EXPECT_THAT(call(*function),
                AllOf(StartsWith("bad call"), HasSubstr("run-no-function"),
                      HasSubstr("was looked up before `counter` was swapped: look it up again")));
  EXPECT_EQ(call(find(composition, "counter", "sums.count")), "11");
  EXPECT_EQ(forward(composition), "12");
  EXPECT_THAT(call_unit(composition, "counter", "tally", Value::u32(0)),
              HasSubstr("run-no-function"));
}

TEST_F(PackageSwap, ExportsInUseHaveToStay) {
  add_counter(counter(0, {"count", "tally"}));
  Composition composition = built(builder_);
  EXPECT_EQ(forward(composition), "1");
  EXPECT_THAT(swap(composition, "counter", counter(10, {"tally"})),
              AllOf(HasSubstr("`counter`"), HasSubstr("count")));
  EXPECT_EQ(forward(composition), "2");
}

// --- Other types ---

TEST_F(PackageSwap, IncompatibleTypesAreReportedAndTheOldPackageContinues) {
  add_math(package_guest("0.21.0", "math"));
  Composition composition = built(builder_);
  // It has one `double`, for any value, and no `math`.
  EXPECT_THAT(swap(composition, "math", package_guest("0.21.0", "echo")),
              AllOf(HasSubstr("resolve-"), HasSubstr("`adder`"), HasSubstr("`math`")));
  EXPECT_EQ(process(composition, 5), "11");
}

// They would fit, but its consumers hold the old types and check results by them.
TEST_F(PackageSwap, OtherCompatibleTypesAreRefusedWithTheDifference) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"));
  builder_.add_package("doubler", package_guest("0.21.0", "doubler_typed"));
  builder_.wire({.consumer = "adder",
                 .import = "math.double",
                 .provider = "doubler",
                 .export_name = "double"});
  Composition composition = built(builder_);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_THAT(swap(composition, "doubler", package_guest("0.21.0", "doubler")),
              AllOf(HasSubstr("run-swap"), HasSubstr("the type of `double` would change"),
                    HasSubstr("it is `func(n: s64) -> s64`"), HasSubstr("it would be `func("),
                    HasSubstr("value"), HasSubstr("`adder` calls it with its current type")));
  EXPECT_EQ(process(composition, 6), "13");
}

// Only the program calls it, and the program can look up its types again.
TEST_F(PackageSwap, OtherTypesOfUnusedFunctionsAreAccepted) {
  builder_.add_package("doubler", package_guest("0.21.0", "doubler_typed"));
  builder_.add_package("echo", package_guest("0.21.0", "echo"));
  builder_.set_root("echo");
  Composition composition = built(builder_);
  const Function held = find(composition, "doubler", "double");
  EXPECT_EQ(swap(composition, "doubler", package_guest("0.21.0", "doubler")), "");
  EXPECT_THAT(tenon::describe_outcome(held.call(std::vector{Value::s64(1)})),
              HasSubstr("run-no-function"));
  EXPECT_EQ(call_unit(composition, "doubler", "double", Value::s64(21)), "42");
  EXPECT_EQ(call_unit(composition, "doubler", "double", Value::string("x")), "\"x\"");
}

// A package passes values by the types of the component that it calls.
TEST_F(PackageSwap, AComponentCanExportMoreThanBefore) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"));
  builder_.add_component("math", write("math", math_component(2)));
  Composition composition = built(builder_);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(swap(composition, "math",
                 write("more", math_component(3, R"((export "half" (func $double)))"))),
            "");
  EXPECT_EQ(process(composition, 5), "16");
  EXPECT_THAT(swap(composition, "math", write("none", math_component(3, "", "u64"))),
              AllOf(HasSubstr("`adder`"), HasSubstr("s64"), HasSubstr("u64")));
  EXPECT_EQ(process(composition, 6), "19");
}

// --- A component and a package cannot replace each other ---

TEST_F(PackageSwap, APackageIsNotReplacedByAComponent) {
  add_math(package_guest("0.21.0", "math"));
  Composition composition = built(builder_);
  EXPECT_THAT(swap(composition, "math", write("math", math_component(2))),
              AllOf(HasSubstr("run-swap: `math` cannot be swapped: it is a packr package, and the "
                              "replacement is a component"),
                    HasSubstr("build a new composition")));
  EXPECT_EQ(process(composition, 5), "11");
}

TEST_F(PackageSwap, AComponentIsNotReplacedByAPackage) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"));
  builder_.add_component("math", write("math", math_component(2)));
  Composition composition = built(builder_);
  EXPECT_THAT(swap(composition, "math", package_guest("0.21.0", "math")),
              AllOf(HasSubstr("run-swap: `math` cannot be swapped: it is a component, and the "
                              "replacement is a packr package"),
                    HasSubstr("build a new composition")));
  EXPECT_EQ(process(composition, 5), "11");
}

TEST_F(PackageSwap, DamagedFilesAreRejectedAndTheOldPackageContinues) {
  add_counter(counter(0, {"count"}));
  Composition composition = built(builder_);
  EXPECT_EQ(count(composition), "1");
  const Bytes whole = counter(100, {"count"});
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{4}, std::size_t{8}, whole.size() / 2, whole.size() - 1})
    EXPECT_NE(swap(composition, "counter", Bytes(whole.data(), whole.data() + size)), "") << size;
  EXPECT_THAT(swap(composition, "counter", package_guest("c", "broken_metadata")),
              HasSubstr("pack-metadata"));
  EXPECT_THAT(swap(composition, "counter", package_guest("c", "imports_memory")),
              HasSubstr("pack-module"));
  EXPECT_THAT(swap(composition, "counter", write("nothing", "") + ".not-there"),
              HasSubstr("read-file"));
  // It is valid but fails to start.
  EXPECT_THAT(swap(composition, "counter",
                   counter(100, {"count"}, "(func $start unreachable) (start $start)")),
              HasSubstr("run-trap"));
  EXPECT_EQ(count(composition), "2");
  EXPECT_EQ(forward(composition), "3");
}

TEST_F(PackageSwap, IsRefusedDuringACall) {
  std::optional<Composition> composition;
  std::string swapped;
  builder_.add_package("logger", package_guest("0.21.0", "logger"));
  builder_.add_host_function("host", "log", [&](std::string_view) {
    swapped = swap(*composition, "logger", package_guest("0.5.4", "logger"));
  });
  composition.emplace(built(builder_));
  EXPECT_EQ(call_unit(*composition, "logger", "process", Value::string("x")), "\"x\"");
  EXPECT_THAT(swapped, AllOf(HasSubstr("run-swap"), HasSubstr("a call of it is in progress")));
  EXPECT_EQ(swap(*composition, "logger", package_guest("0.5.4", "logger")), "");
  EXPECT_EQ(call_unit(*composition, "logger", "process", Value::string("y")), "\"y\"");
}

}  // namespace
}  // namespace tenon::package_swap_test
