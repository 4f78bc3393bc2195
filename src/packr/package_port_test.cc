// Functions of packages called with C++ types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/record.h"
#include "tenon/task.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_port_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct TypedItem {
  std::string name;
  std::optional<double> price;
  std::vector<std::string> tags;
  bool operator==(const TypedItem&) const = default;
};
TENON_RECORD(TypedItem, name, price, tags)

// expr of `sexpr`, tree of `tree`, cons of `cons`.
struct Expr;
struct Expr : std::variant<std::string, std::int64_t, std::string, std::vector<Expr>, std::string> {
  using variant::variant;
};
TENON_VARIANT(Expr, sym, num, str, lst, err)

// expr without `str`.
struct Short;
struct Short : std::variant<std::string, std::int64_t, std::vector<Short>, std::string> {
  using variant::variant;
};
TENON_VARIANT(Short, sym, num, lst, err)

struct Tree;
using TreeBox = std::unique_ptr<Tree>;
struct Tree : std::variant<std::int64_t, std::pair<TreeBox, TreeBox>> {
  using variant::variant;
};
TENON_VARIANT(Tree, leaf, node)

struct Cons {
  std::int64_t head = 0;
  std::optional<std::unique_ptr<Cons>> tail = {};
};
TENON_RECORD(Cons, head, tail)

// A record whose parts are of every kind, for functions that take any value.
enum class Color { Red, DarkBlue };
TENON_ENUM(Color, Red, DarkBlue)
struct Access {
  bool read = false, write = false;
  bool operator==(const Access&) const = default;
};
TENON_FLAGS(Access, read, write)
struct Part {
  std::string part_name;
  std::vector<Part> parts = {};
  Color color = Color::Red;
  Access access = {};
  std::map<std::string, std::uint8_t> counts = {};
  std::optional<Expected<std::int32_t, std::string>> outcome = {};
  std::tuple<float, char32_t> pair = {};
  std::array<std::uint16_t, 2> sizes = {};
  bool operator==(const Part&) const = default;
};
TENON_RECORD(Part, part_name, parts, color, access, counts, outcome, pair, sizes)

Cons make_list(std::int64_t length) {
  Cons list{.head = length};
  while (--length > 0) {
    Cons longer{.head = length};
    longer.tail = std::make_unique<Cons>(std::move(list));
    list = std::move(longer);
  }
  return list;
}

Composition built_package(std::string_view version, std::string_view name) {
  CompositionBuilder builder;
  builder.add_package(name, package_guest(version, name));
  return built(builder);
}

TEST(PackagePort, ValuesHaveTheirCppTypes) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    const Composition composition = built_package(version, "kinds");
    const Result<Unit> kinds = composition.unit("kinds");
    ASSERT_TRUE(kinds);
    constexpr std::string_view kSame = "acme:kinds/same";
    const auto number = kinds->function<std::int64_t(std::int64_t)>(kSame, "same-s64");
    ASSERT_TRUE(number) << whole_text(number.error());
    EXPECT_EQ(*(*number)(-7), -7);
    EXPECT_EQ(*(*number)(8), 8);
    const auto text = kinds->function<std::string(std::string_view)>(kSame, "same-string");
    ASSERT_TRUE(text) << whole_text(text.error());
    EXPECT_EQ(*(*text)("tea"), "tea");
    const auto items =
        kinds->function<std::vector<TypedItem>(std::vector<TypedItem>)>(kSame, "same-items");
    ASSERT_TRUE(items) << whole_text(items.error());
    const std::vector<TypedItem> two = {{"tea", 2.5, {"hot", "green"}}, {"cup", {}, {}}};
    EXPECT_EQ(*(*items)(two), two);
  }
}

TEST(PackagePort, RecursiveTypesThroughVectors) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    const Composition composition = built_package(version, "sexpr");
    const auto evaluate = composition.unit("sexpr")->function<Expr(const Expr&)>("", "evaluate");
    ASSERT_TRUE(evaluate) << whole_text(evaluate.error());
    const auto num = [](std::int64_t n) { return Expr(std::in_place_index<1>, n); };
    const auto sym = [](const char* text) { return Expr(std::in_place_index<0>, text); };
    const auto lst = [](std::vector<Expr> parts) {
      return Expr(std::in_place_index<3>, std::move(parts));
    };
    // (+ 1 (* 2 3))
    const CallResult<Expr> seven =
        (*evaluate)(lst({sym("+"), num(1), lst({sym("*"), num(2), num(3)})}));
    ASSERT_TRUE(seven) << seven.error().message;
    EXPECT_EQ(std::get<1>(*seven), 7);
    const CallResult<Expr> list = (*evaluate)(lst({sym("list"), num(1), lst({sym("list")})}));
    ASSERT_TRUE(list) << list.error().message;
    ASSERT_EQ(list->index(), 3u);
    EXPECT_EQ(std::get<3>(*list).size(), 2u);
  }
}

TEST(PackagePort, RecursiveTypesThroughPointers) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    const Composition composition = built_package(version, "tree");
    const Unit tree = *composition.unit("tree");
    const auto build = tree.function<Tree(std::uint32_t)>("", "build");
    const auto sum = tree.function<std::int64_t(const Tree&)>("", "sum");
    ASSERT_TRUE(build) << whole_text(build.error());
    ASSERT_TRUE(sum) << whole_text(sum.error());
    const CallResult<Tree> built_tree = (*build)(6);
    ASSERT_TRUE(built_tree) << built_tree.error().message;
    EXPECT_EQ(*(*sum)(*built_tree), 63 * 64 / 2);
    // Not a value: the box is empty.
    const CallResult<std::int64_t> refused =
        (*sum)(Tree(std::in_place_index<1>, std::make_unique<Tree>(std::int64_t{1}), TreeBox()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, CallFailure::Kind::BadCall);
    EXPECT_THAT(refused.error().message, HasSubstr("a std::unique_ptr is null"));
    EXPECT_EQ(refused.error().problems.front().where.item, "$.of.node[1]");
  }
}

TEST(PackagePort, RecursiveTypesThroughOptions) {
  const Composition composition = built_package("0.21.0", "cons");
  const Unit cons = *composition.unit("cons");
  const auto reverse = cons.function<Cons(const Cons&)>("", "reverse");
  const auto total = cons.function<std::int64_t(const Cons&)>("", "total");
  ASSERT_TRUE(reverse) << whole_text(reverse.error());
  ASSERT_TRUE(total) << whole_text(total.error());
  const CallResult<Cons> reversed = (*reverse)(make_list(3));
  ASSERT_TRUE(reversed) << reversed.error().message;
  EXPECT_EQ(reversed->head, 3);
  EXPECT_EQ((*(*reversed->tail)->tail)->head, 1);
  EXPECT_EQ(*(*total)(make_list(100)), 5050);
  // In a task.
  Task<CallResult<std::int64_t>> started = total->start(make_list(10));
  const auto ended = std::move(started).wait();
  ASSERT_TRUE(ended);
  EXPECT_EQ(**ended, 55);
}

// A link is two levels: a record and an option.
TEST(PackagePort, RecursiveValuesHaveALimit) {
  const Composition composition = built_package("0.21.0", "cons");
  const auto total = composition.unit("cons")->function<std::int64_t(const Cons&)>("", "total");
  ASSERT_TRUE(total);
  EXPECT_EQ(*(*total)(make_list(200)), 200 * 201 / 2);
  const CallResult<std::int64_t> refused = (*total)(make_list(10'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, CallFailure::Kind::BadCall);
  EXPECT_THAT(refused.error().message, HasSubstr("nested more than 500 levels deep"));
  EXPECT_EQ(*(*total)(make_list(2)), 3);
}

// `echo` takes any value, so no WIT type gives the labels.
TEST(PackagePort, AFunctionOfAnyValueTakesARecursiveType) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    const Composition composition = built_package(version, "echo");
    const auto echo = composition.unit("echo")->function<Part(const Part&)>("", "echo");
    ASSERT_TRUE(echo) << whole_text(echo.error());
    const Part inner{.part_name = "inner",
                     .parts = {},
                     .color = Color::DarkBlue,
                     .access = {.read = false, .write = true},
                     .counts = {{"a", 1}, {"b", 2}},
                     .outcome = Unexpected(std::string("none")),
                     .pair = {1.5F, U'x'},
                     .sizes = {3, 4}};
    Part outer{.part_name = "outer", .parts = {inner, inner}};
    const CallResult<Part> same = (*echo)(outer);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(*same, outer);
    // The value is not an expression: the package goes on.
    const auto other = composition.unit("echo")->function<Expr(const Part&)>("", "echo");
    ASSERT_TRUE(other);
    const CallResult<Expr> wrong = (*other)(outer);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().kind, CallFailure::Kind::BadCall);
    EXPECT_THAT(wrong.error().message, HasSubstr("$result"));
    EXPECT_EQ(*(*echo)(inner), inner);
  }
}

// A type that is both a parameter and the result has each of its problems once, with both places.
TEST(PackagePort, AMissingCaseIsReportedOnce) {
  const Composition composition = built_package("0.21.0", "sexpr");
  const auto wrong = composition.unit("sexpr")->function<Short(const Short&)>("", "evaluate");
  ASSERT_FALSE(wrong);
  std::size_t missing = 0;
  for (const Diagnostic& problem : wrong.error()) {
    if (problem.message.find("lacks the case `str") == std::string::npos) continue;
    ++missing;
    EXPECT_FALSE(problem.where.item.empty());
    ASSERT_FALSE(problem.notes.empty());
    EXPECT_EQ(problem.notes.front().text, "the same at `$result`");
  }
  EXPECT_EQ(missing, 1u) << whole_text(wrong.error());
}

TEST(PackagePort, ATypeThatIsNotRecursiveAsItShouldBeIsRejected) {
  const Composition composition = built_package("0.21.0", "cons");
  const auto wrong = composition.unit("cons")->function<Tree(const Cons&)>("", "reverse");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(whole_text(wrong.error()),
              AllOf(HasSubstr("type-signature"), HasSubstr("`Tree` in C++ does not fit")));
}

TEST(PackagePort, FunctionsOfTheProgramTakeRecursiveTypes) {
  CompositionBuilder builder;
  builder.add_package("chain", package_guest("0.21.0", "chain"));
  builder.add_host_function("next", "call", [](const Cons& list) {
    Cons longer{.head = -1};
    longer.tail = std::make_unique<Cons>(Cons{.head = list.head});
    return longer;
  });
  builder.restart("chain", {.max = 10});
  const Composition composition = built(builder);
  EXPECT_EQ(call_text_of(composition, "chain", "call({head: 7, tail: none})"),
            "{head: -1, tail: some({head: 7})}");
  EXPECT_THAT(call_text_of(composition, "chain", "call({head: true, tail: none})"),
              AllOf(HasSubstr("trap: "), HasSubstr("$[0].head: expected s64, found bool")));
  EXPECT_EQ(call_text_of(composition, "chain", "call({head: 8, tail: none})"),
            "{head: -1, tail: some({head: 8})}");
}

TEST(PackagePort, ATypeWithoutACppFormIsRejected) {
  const Composition composition = built_package("0.21.0", "sexpr");
  const auto evaluate =
      composition.unit("sexpr")->function<std::int64_t(std::int64_t)>("", "evaluate");
  ASSERT_FALSE(evaluate);
  EXPECT_THAT(whole_text(evaluate.error()), HasSubstr("type-unsupported-value"));
  const Composition typed = built_package("0.21.0", "kinds");
  const auto wrong =
      typed.unit("kinds")->function<std::string(std::int64_t)>("acme:kinds/same", "same-s64");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(whole_text(wrong.error()), HasSubstr("type-signature"));
}

TEST(PackagePort, FailuresAreTheSameAsForOtherCalls) {
  CompositionBuilder builder;
  builder.add_package("failing", package_guest("0.5.4", "failing"));
  std::optional<Composition> composition = built(builder);
  const auto crashes = composition->unit("failing")->function<std::int64_t()>("", "crashes");
  ASSERT_TRUE(crashes) << whole_text(crashes.error());
  const CallResult<std::int64_t> crashed = (*crashes)();
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(crashed.error().function, "crashes");
  composition.reset();
  const CallResult<std::int64_t> gone = (*crashes)();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, CallFailure::Kind::BadCall);
  EXPECT_THAT(gone.error().message, HasSubstr("is gone"));
}

}  // namespace
}  // namespace tenon::package_port_test
