// Functions of the program for certain units, and functions that ask who calls.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::host_callers_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Exports under a name of its own the `f` of `x:y/lib` that the program provides, plus 0.
std::string unit_text(std::string_view name) {
  return fmt::format(R"((component
  (import "x:y/lib" (instance $lib (export "f" (func (param "n" u32) (result u32)))))
  (core func $f (canon lower (func $lib "f")))
  (core module $code
    (import "lib" "f" (func $f (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $f (local.get 0))))
  (core instance $run (instantiate $code (with "lib" (instance (export "f" (func $f))))))
  (func $up (param "n" u32) (result u32) (canon lift (core func $run "f")))
  (instance $own (export "f" (func $up)))
  (export "x:y/{}" (instance $own)))
)",
                     name);
}

class HostCallers : public testing::Test {
 protected:
  CompositionBuilder units(std::vector<std::string> names) {
    CompositionBuilder builder;
    for (const std::string& name : names)
      builder.add_component(name, folder_.write(name + ".wat", unit_text(name)));
    builder.export_all();
    return builder;
  }
  template <class F>
  static void add(CompositionBuilder& builder, F function,
                  std::vector<std::string> consumers = {}) {
    HostFunction host = host_function("x:y/lib", "f", std::move(function));
    host.consumers = std::move(consumers);
    builder.add_host_function(std::move(host));
  }
  static std::string call(CompositionBuilder& builder, std::string_view unit) {
    Result<Composition> built = builder.build();
    if (!built) return built.error().front().message;
    return call_text(*built, fmt::format("x:y/{}.f(7)", unit));
  }

  TemporaryFolder folder_;
};

TEST_F(HostCallers, UnitsHaveFunctionsOfTheirOwn) {
  CompositionBuilder builder = units({"cart", "shop", "tax"});
  add(builder, [](std::uint32_t n) { return n + 1; });
  add(builder, [](std::uint32_t n) { return n * 10; }, {"tax"});
  add(builder, [count = std::uint32_t{0}](std::uint32_t n) mutable { return n + 100 * ++count; },
      {"shop"});
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "x:y/cart.f(7)"), "8");
  EXPECT_EQ(call_text(*built, "x:y/tax.f(7)"), "70");
  EXPECT_EQ(call_text(*built, "x:y/shop.f(7)"), "107");
  EXPECT_EQ(call_text(*built, "x:y/shop.f(7)"), "207");
}

TEST_F(HostCallers, AFunctionLearnsWhoCalls) {
  std::vector<std::string> callers;
  CompositionBuilder builder = units({"cart", "tax"});
  builder.isolate("tax");
  add(builder, [&](const Caller& caller, std::uint32_t n) {
    callers.push_back(fmt::format("{} in {}", caller.unit, caller.domain));
    return n;
  });
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "x:y/cart.f(7)"), "7");
  EXPECT_EQ(call_text(*built, "x:y/tax.f(7)"), "7");
  EXPECT_THAT(callers, ElementsAre("cart in main", "tax in tax"));
}

TEST_F(HostCallers, SoDoTasksAndDynamicValues) {
  std::vector<std::string> callers;
  CompositionBuilder builder = units({"cart", "tax"});
  add(builder,
      [&](const Caller& caller, std::span<const Value> values) {
        callers.push_back(caller.unit);
        return values[0];
      },
      {"cart"});
  add(builder,
      [&](const Caller& caller, std::uint32_t n) -> Task<std::uint32_t> {
        callers.push_back(caller.unit);
        co_return n;
      },
      {"tax"});
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "x:y/cart.f(7)"), "7");
  EXPECT_EQ(call_text(*built, "x:y/tax.f(7)"), "7");
  EXPECT_THAT(callers, ElementsAre("cart", "tax"));
}

TEST_F(HostCallers, OtherUnitsDoNotSeeTheFunction) {
  CompositionBuilder builder = units({"cart", "tax"});
  add(builder, [](std::uint32_t n) { return n; }, {"tax"});
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().front().code, "resolve-no-provider");
  EXPECT_THAT(plan.error().front().message, HasSubstr("`cart` imports `x:y/lib`"));
}

TEST_F(HostCallers, ConsumersMustExistAndHaveOneFunction) {
  CompositionBuilder unknown = units({"cart"});
  add(unknown, [](std::uint32_t n) { return n; }, {"card"});
  EXPECT_EQ(call(unknown, "cart"),
            "`x:y/lib#f` cannot be provided: it is for `card`, and there is no such unit");
  CompositionBuilder twice = units({"cart", "tax"});
  add(twice, [](std::uint32_t n) { return n; }, {"cart", "tax"});
  add(twice, [](std::uint32_t n) { return n; }, {"tax"});
  EXPECT_EQ(call(twice, "cart"), "`x:y/lib#f` cannot be provided: it is provided twice for `tax`");
}

class Pen {
 public:
  explicit Pen(std::string color) : color_(std::move(color)) {}
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(color_.size()); }

 private:
  std::string color_;
};

// A resource has one identity, and the functions that its units are to have.
TEST_F(HostCallers, ResourcesAreForUnitsToo) {
  constexpr std::string_view kUser = R"((component
  (import "x:y/pens" (instance $pens
    (export "pen" (type $pen (sub resource)))
    (export "[constructor]pen" (func (result (own $pen))))
    (export "[method]pen.size" (func (param "self" (borrow $pen)) (result u32)))))
  (core func $make (canon lower (func $pens "[constructor]pen")))
  (core func $size (canon lower (func $pens "[method]pen.size")))
  (core module $code
    (import "pens" "make" (func $make (result i32)))
    (import "pens" "size" (func $size (param i32) (result i32)))
    (func (export "f") (result i32) (call $size (call $make))))
  (core instance $run (instantiate $code
    (with "pens" (instance (export "make" (func $make)) (export "size" (func $size))))))
  (func $up (result u32) (canon lift (core func $run "f")))
  (export "NAME" (func $up)))
)";
  CompositionBuilder builder;
  for (const std::string name : {"cart", "tax"}) {
    std::string text(kUser);
    text.replace(text.find("NAME"), 4, name);
    builder.add_component(name, folder_.write(name + ".wat", text));
    HostResource<Pen> pen("x:y/pens", "pen");
    pen.constructor([name] { return std::make_unique<Pen>(name); }).method("size", &Pen::size);
    HostResourceParts parts = pen.parts();
    parts.consumers = {name};
    builder.add_host_resource(parts);
  }
  builder.export_all();
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  EXPECT_EQ(call_text(*built, "cart()"), "4");
  EXPECT_EQ(call_text(*built, "tax()"), "3");
}

}  // namespace
}  // namespace tenon::host_callers_test
