#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/diagnostics.h"
#include "tenon/detail/signature.h"
#include "tenon/value.h"
#include "value/cpp_type.h"
#include "value/test_types.h"

namespace acme::check {

struct Item {
  std::string name;
  float price = 0;
};
TENON_RECORD(Item, name, price)

enum class Colour { Red, Blue };
TENON_ENUM(Colour, Red, Blue)

struct Shape : std::variant<double, std::monostate> {
  using variant::variant;
};
TENON_VARIANT(Shape, circle, nothing)

}  // namespace acme::check

namespace tenon::check_signature_test {
namespace {

using ::testing::ElementsAre;

template <class R, class... Params>
std::vector<std::string> problems_of(const char* type) {
  std::vector<std::string> texts;
  for (const Diagnostic& problem : detail::check_signature(
           detail::Signature<R, detail::Wire<Params>...>::kSignature, value::function_of(type))) {
    EXPECT_EQ(problem.code, code_text(Code::TypeSignature));
    EXPECT_FALSE(problem.hints.empty());
    texts.push_back(problem.where.item + ": " + problem.message);
    if (!problem.hints.empty()) texts.back() += "; " + problem.hints[0].text;
  }
  return texts;
}

TEST(CheckSignature, EveryMismatchHasItsPath) {
  EXPECT_THAT(
      (problems_of<std::string, std::vector<std::optional<int>>, std::uint8_t>(
          "(a: list<option<u32>>, b: char) -> result<string, u8>")),
      ElementsAre("$.a[].some: `std::int32_t` in C++ does not fit `u32`; use `std::uint32_t`",
                  "$.b: `std::uint8_t` in C++ does not fit `char`; use `char32_t`",
                  "$result: `std::string` in C++ does not fit `result<string, u8>`; "
                  "use `tenon::Expected<std::string, std::uint8_t>`"));
  EXPECT_THAT(
      (problems_of<void, std::map<std::string, int>, std::array<int, 3>>(
          "(a: map<string, u8>, b: list<s32, 4>)")),
      ElementsAre("$.a[].value: `std::int32_t` in C++ does not fit `u8`; use `std::uint8_t`",
                  "$.b: `std::array<std::int32_t, 3>` has 3 elements, and `list<s32, 4>` has "
                  "4; use `std::array<std::int32_t, 4>`"));
  EXPECT_THAT((problems_of<void, std::pair<int, int>>("(a: tuple<s32, s64, u8>)")),
              ElementsAre("$.a: `std::pair<std::int32_t, std::int32_t>` has 2 parts, and "
                          "`tuple<s32, s64, u8>` has 3; "
                          "use `std::tuple<std::int32_t, std::int64_t, std::uint8_t>`",
                          "$.a[1]: `std::int32_t` in C++ does not fit `s64`; use `std::int64_t`"));
}

TEST(CheckSignature, ParamsAndResultsAreCounted) {
  EXPECT_THAT(
      (problems_of<void, int>("(a: s32, b: s32) -> u8")),
      ElementsAre("$: the function takes 2 parameters, and the C++ signature has 1; its type "
                  "is `func(a: s32, b: s32) -> u8`",
                  "$result: the function returns `u8`, and the C++ signature nothing; use "
                  "`std::uint8_t`"));
  EXPECT_THAT((problems_of<int>("()")),
              ElementsAre("$result: the function returns nothing, and the C++ signature "
                          "`std::int32_t`; return `void`"));
}

TEST(CheckSignature, NamesAreComparedByWord) {
  EXPECT_TRUE(value::is_same_word("unit_price", "unit-price"));
  EXPECT_TRUE(value::is_same_word("UnitPrice", "unit-price"));
  EXPECT_TRUE(value::is_same_word("default_", "default"));
  EXPECT_TRUE(value::is_same_word("http3", "HTTP3"));
  EXPECT_FALSE(value::is_same_word("unit", "unit-price"));
  EXPECT_FALSE(value::is_same_word("prise", "price"));
}

TEST(CheckSignature, MembersAreThoseOfTheType) {
  using acme::check::Colour;
  using acme::check::Item;
  using acme::check::Shape;
  EXPECT_THAT((problems_of<void, Item>("(a: record{name: string, price: f32})")), ElementsAre());
  EXPECT_THAT((problems_of<void, Item>("(a: record{name: string, prize: f64})")),
              ElementsAre(testing::HasSubstr("has no field `price`; did you mean `prize`?"),
                          testing::HasSubstr("`Item` lacks the field `prize: f64`")));
  EXPECT_THAT((problems_of<void, Item>("(a: record{price: f64, name: string})")),
              ElementsAre(testing::HasSubstr("$.a.price: `float` in C++ does not fit `f64`"),
                          testing::HasSubstr("the fields of `Item` stand in another order")));
  EXPECT_THAT((problems_of<void, Item>("(a: u8)")),
              ElementsAre("$.a: `Item` in C++ does not fit `u8`; use `std::uint8_t`"));
  EXPECT_THAT((problems_of<void, Colour>("(a: enum{blue, red})")),
              ElementsAre(testing::HasSubstr("the cases of `Colour` stand in another order")));
  EXPECT_THAT((problems_of<void, Shape>("(a: variant{circle(f64), nothing})")), ElementsAre());
  EXPECT_THAT((problems_of<void, Shape>("(a: variant{circle, nothing(u8)})")),
              ElementsAre(testing::HasSubstr("`circle` carries nothing, and `double` in C++"),
                          testing::HasSubstr("`nothing` carries `u8`, and nothing in C++")));
  EXPECT_THAT((problems_of<void, std::variant<double>>("(a: variant{circle(f64), nothing})")),
              ElementsAre(testing::HasSubstr("`std::variant<double>` has 1 case, and")));
}

TEST(CheckSignature, HandlesAreOwnOrBorrow) {
  EXPECT_THAT((problems_of<Resource, const Resource&>("(a: borrow<r>) -> own<r>")), ElementsAre());
  EXPECT_THAT((problems_of<void, Resource>("(a: borrow<r>)")),
              ElementsAre("$.a: `tenon::Resource` in C++ does not fit `borrow<r>`; use "
                          "`tenon::Borrow`"));
}

}  // namespace
}  // namespace tenon::check_signature_test
