// Values of recursive types and of unknown types through packages.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_values_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// --- Recursive types ---

// A valid number, text or list of expressions.
class Expressions {
 public:
  explicit Expressions(std::uint64_t seed) : engine_(seed) {}

  static Value symbol(std::string name) {
    return Value::variant("sym", Value::string(std::move(name)));
  }
  static Value number(std::int64_t n) { return Value::variant("num", Value::s64(n)); }
  static Value list(std::vector<Value> items) {
    return Value::variant("lst", Value::list(std::move(items)));
  }

  // An expression of numbers, and its value.
  std::pair<Value, std::int64_t> make_sum(int depth) {
    if (depth == 0 || engine_() % 4 == 0) {
      const auto n = static_cast<std::int64_t>(engine_() % 2000) - 1000;
      return {number(n), n};
    }
    constexpr std::array<std::string_view, 4> kNames = {"+", "-", "*", "if"};
    const std::string_view name = kNames[engine_() % 4];
    std::vector<Value> items = {symbol(std::string(name))};
    std::vector<std::uint64_t> parts;
    const std::uint64_t count = name == "if" ? 3 : 1 + engine_() % 4;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto [item, n] = make_sum(depth - 1);
      items.push_back(std::move(item));
      parts.push_back(static_cast<std::uint64_t>(n));
    }
    std::uint64_t result = parts[0];
    if (name == "if") {
      result = parts[0] != 0 ? parts[1] : parts[2];
    } else {
      for (std::size_t i = 1; i < parts.size(); ++i)
        result = name == "+"   ? result + parts[i]
                 : name == "-" ? result - parts[i]
                               : result * parts[i];
    }
    return {list(std::move(items)), static_cast<std::int64_t>(result)};
  }

  Value make_tree(int depth, std::int64_t& sum) {
    if (depth == 0 || engine_() % 8 == 0) {
      const auto n = static_cast<std::int64_t>(engine_() % 1000);
      sum += n;
      return Value::variant("leaf", Value::s64(n));
    }
    Value left = make_tree(depth - 1, sum);
    return Value::variant("node", Value::tuple({std::move(left), make_tree(depth - 1, sum)}));
  }

 private:
  std::mt19937_64 engine_;
};

class RecursivePackages : public testing::TestWithParam<std::string_view> {
 protected:
  static Composition build(std::string_view name) {
    CompositionBuilder builder;
    builder.add_package("a", package_guest(GetParam(), name));
    return built(builder);
  }
};

INSTANTIATE_TEST_SUITE_P(Sets, RecursivePackages, testing::Values("0.5.4", "0.21.0", "0.24.1", "c"),
                         [](const auto& set) {
                           std::string name(set.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST_P(RecursivePackages, ExpressionsAreEvaluated) {
  const Composition composition = build("sexpr");
  Expressions random(3);
  for (int i = 0; i < 300; ++i) {
    const auto [expression, sum] = random.make_sum(6);
    const auto result = composition.unit("a")->call("evaluate", expression);
    ASSERT_TRUE(result) << describe_outcome(result);
    EXPECT_TRUE(**result == Expressions::number(sum))
        << describe_outcome(result) << " for " << print_wave(expression);
  }
}

TEST_P(RecursivePackages, ListsOfExpressionsComeBack) {
  const Composition composition = build("sexpr");
  EXPECT_EQ(call_text_of(composition, "a",
                         "evaluate(lst([sym(\"list\"), num(1), str(\"x\"), "
                         "lst([sym(\"quote\"), lst([num(2), lst([])])])]))"),
            "lst([num(1), str(\"x\"), lst([num(2), lst([])])])");
  EXPECT_THAT(call_text_of(composition, "a", "evaluate(lst([num(1)]))"),
              HasSubstr("a list starts with a symbol"));
}

TEST_P(RecursivePackages, TreesAreSummedAndMirrored) {
  const Composition composition = build("tree");
  Expressions random(4);
  for (int i = 0; i < 100; ++i) {
    std::int64_t sum = 0;
    const Value tree = random.make_tree(9, sum);
    EXPECT_EQ(call_unit(composition, "a", "sum", tree), fmt::format("{}", sum));
    const auto mirrored = composition.unit("a")->call("mirror", tree);
    ASSERT_TRUE(mirrored) << describe_outcome(mirrored);
    const auto again = composition.unit("a")->call("mirror", **mirrored);
    ASSERT_TRUE(again) << describe_outcome(again);
    EXPECT_TRUE(**again == tree);
  }
  const auto built = composition.unit("a")->call("build", Value::u32(12));
  ASSERT_TRUE(built) << describe_outcome(built);
  EXPECT_EQ(call_unit(composition, "a", "sum", **built), fmt::format("{}", 4096 * 4095 / 2));
}

TEST_P(RecursivePackages, TooDeepValuesAreRejectedAndNoPackageEnds) {
  const Composition composition = build("tree");
  Value tree = Value::variant("leaf", Value::s64(1));
  for (int i = 0; i < 600; ++i)
    tree = Value::variant("node",
                          Value::tuple({std::move(tree), Value::variant("leaf", Value::s64(1))}));
  EXPECT_THAT(call_unit(composition, "a", "sum", tree),
              AllOf(HasSubstr("bad call: "), HasSubstr("deep")));
  EXPECT_EQ(call_unit(composition, "a", "sum", Value::variant("leaf", Value::s64(1))), "1");
}

TEST_P(RecursivePackages, AnInnerValueOfAWrongTypeIsRejected) {
  const Composition composition = build("tree");
  EXPECT_THAT(call_unit(composition, "a", "sum",
                        Value::variant("node", Value::tuple({Value::variant("leaf", Value::s64(1)),
                                                             Value::variant("twig")}))),
              AllOf(HasSubstr("bad call: "), HasSubstr("twig")));
}

TEST(RecursiveRecords, ALinkedListIsReversed) {
  CompositionBuilder builder;
  builder.add_package("a", package_guest("0.21.0", "cons"));
  const Composition composition = built(builder);
  const std::string_view list =
      "{head: 1, tail: some({head: 2, tail: some({head: 3, tail: none})})}";
  EXPECT_EQ(call_text_of(composition, "a", fmt::format("total({})", list)), "6");
  EXPECT_EQ(call_text_of(composition, "a", fmt::format("reverse({})", list)),
            "{head: 3, tail: some({head: 2, tail: some({head: 1})})}");
}

// --- Values without a type ---

TEST(UntypedValues, VariantsAndFlagsHaveNumbers) {
  for (const std::string_view guest :
       {"0.5.4/echo", "0.21.0/echo", "0.24.1/echo", "c/no_metadata"}) {
    CompositionBuilder builder;
    const std::size_t slash = guest.find('/');
    builder.add_package("a", package_guest(guest.substr(0, slash), guest.substr(slash + 1)));
    const Composition composition = built(builder);
    const std::string_view name = guest[0] == 'c' ? "pass" : "echo";
    const auto echo = [&](std::string_view text) {
      return call_text_of(composition, "a", fmt::format("{}({})", name, text));
    };
    for (const std::string_view text :
         {"circle#1(1.5)", "red#0", "[red#0, http-error#12((1, \"a\"))]", "{shape: %ok#3(none)}"})
      EXPECT_EQ(echo(text), text) << guest;
    EXPECT_EQ(echo("{read#0, b5, write#1}"), "{b0, b1, b5}") << guest;
    EXPECT_THAT(echo("circle(1.5)"), HasSubstr("write it with its number, as `circle#0`"));
    EXPECT_THAT(echo("{read}"), HasSubstr("with its bit as `read#0`"));
    EXPECT_THAT(echo("{read#64}"), HasSubstr("the bit of the flag `read#64` is unknown"));
    const Value circle = Value::variant("circle", Value::f64(1.5), 1);
    const auto same = composition.unit("a")->call(name, circle);
    ASSERT_TRUE(same) << describe_outcome(same);
    EXPECT_TRUE(**same == circle);
    EXPECT_EQ((*same)->get_if<ValueVariant>()->number, 1u);
    EXPECT_FALSE(**same == Value::variant("circle", Value::f64(1.5), 2));
    EXPECT_TRUE(**same == Value::variant("circle", Value::f64(1.5)));
    // As JSON.
    const Type any = composition.unit("a")->find_function("", name)->type().params()[0].type;
    for (const std::string_view json :
         {R"({"circle#1":1.5})", R"({"red#0":null})", R"([{"a#2":{"b#0":[]}}])"}) {
      const Result<Value> value = parse_json(json, any);
      ASSERT_TRUE(value) << json;
      const auto echoed = composition.unit("a")->call(name, *value);
      ASSERT_TRUE(echoed) << describe_outcome(echoed);
      EXPECT_EQ(print_json(**echoed), json);
    }
  }
}

}  // namespace
}  // namespace tenon::package_values_test
