#include "host/c_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "host/c_test_support.h"

namespace tenon::host::c_signature_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The problems of a function; empty if it can be called.
std::string by_type(std::string_view type) {
  const auto signature = make_signature(value::function_of(type), nullptr);
  return signature ? std::string() : describe(signature.error());
}
std::string by_entry(std::string_view type, const EntryText& text) {
  const CFunctionEntry entry = make_entry(text);
  const auto signature = make_signature(value::function_of(type), &entry);
  return signature ? std::string() : describe(signature.error());
}

TEST(CSignature, TypesThatCCannotExpressNeedAnAdapter) {
  constexpr std::string_view kHint =
      "; write an adapter: `tenon bindgen host-cpp --wit wit -o src` generates its header\n";
  const auto of_param = [&](std::string_view reason) {
    return fmt::format(
        "host-wit-mismatch@x.wit: `f` cannot be called as a plain C function: parameter `x` "
        "cannot be passed to C: {}{}",
        reason, kHint);
  };
  EXPECT_EQ(by_type("(x: list<string>)"),
            of_param("the elements of a list must be plain data: a string is not plain data"));
  EXPECT_EQ(by_type("(x: variant{a(string), b})"), of_param("a string is not plain data"));
  EXPECT_EQ(by_type("(x: map<u8, u8>)"), of_param("a map is not plain data"));
  EXPECT_EQ(by_type("(x: result<u8>)"), of_param("a result is not plain data"));
  EXPECT_EQ(by_type("(x: option<option<u8>>)"), of_param("an option is not plain data"));
  EXPECT_EQ(by_type("(x: record{bytes: list<u8>})"), of_param("a list is not plain data"));
  EXPECT_EQ(by_type("(x: record{text: string})"), of_param("a string is not plain data"));
  EXPECT_EQ(by_type("(x: record{r: own<r>})"), of_param("a handle is not plain data"));
  EXPECT_EQ(by_type("(x: variant{a(list<u8, 65534>), b})"),
            of_param("its struct is larger than the limit of 65536 bytes"));
  EXPECT_EQ(by_type("(x: list<u64, 9000>)"),
            of_param("its struct is larger than the limit of 65536 bytes"));
  EXPECT_THAT(by_type("() -> list<list<u8>>"), HasSubstr("its result cannot be returned from C"));
  EXPECT_THAT(by_type("() -> option<option<u8>>"), HasSubstr("an option is not plain data"));
  // All problems are reported at once.
  EXPECT_THAT(
      by_type("(x: map<u8, u8>, y: list<string>) -> result<variant{a(string)}, map<u8, u8>>"),
      AllOf(HasSubstr("parameter `x`"), HasSubstr("parameter `y`")));
  std::string flags = "flags{";
  for (int i = 0; i < 65; ++i) flags += fmt::format("{}f{}", i == 0 ? "" : ", ", i);
  EXPECT_THAT(by_type(fmt::format("(x: {}}})", flags)), HasSubstr("65 or more labels"));
}

TEST(CSignature, DeeplyNestedStructsAreLimited) {
  // Each tuple holds the previous one twice: 2^70 numbers.
  types::Types types;
  types::TypeId type = types.primitive(types::Primitive::U8);
  for (int i = 0; i < 70; ++i) type = types.types.add({types::Tuple{{type, type}}});
  types::Function function;
  function.params.push_back({"x", type});
  const auto signature = make_c_signature({.types = types,
                                           .function = function,
                                           .name = "f",
                                           .where = {},
                                           .wit = "wit",
                                           .entry = nullptr});
  ASSERT_FALSE(signature);
  EXPECT_THAT(describe(signature.error()),
              HasSubstr("its struct is larger than the limit of 65536 bytes"));
}

TEST(CSignature, TooManyArgumentsAreRefused) {
  std::string params;
  for (int i = 0; i < 33; ++i) params += fmt::format("{}p{}: string", i == 0 ? "" : ", ", i);
  EXPECT_THAT(by_type(fmt::format("({})", params)),
              HasSubstr("it has 66 C arguments, the limit is 64"));
}

TEST(CSignature, EntriesThatDoNotFitTheTypeAreRejected) {
  const auto error = [](std::string_view message) {
    return fmt::format("config-value@host.toml: in `[[function]]`, {}\n", message);
  };
  EXPECT_EQ(by_entry("(seed: u32)", {.args = {"sed"}}),
            error("`sed`: `f` has no parameter `sed`; did you mean `seed`?"));
  EXPECT_EQ(
      by_entry("(seed: u32)", {.args = {}}),
      error("`args` leaves out the parameter `seed` of `f`; add it to `args`, or remove it from "
            "the WIT"));
  EXPECT_EQ(
      by_entry("(x: string)", {.args = {"x:int"}}),
      error("`x:int` cannot be passed as `s32`; an integer can be passed as another integer type, "
            "and a float as another float type"));
  EXPECT_THAT(by_entry("(x: f64)", {.args = {"x:long"}}),
              HasSubstr("`x:long` cannot be passed as `s64`"));
  EXPECT_EQ(by_entry("(x: u8)", {.args = {"x:cstring"}}),
            error("`x:cstring` is not a string; remove `:cstring`"));
  EXPECT_EQ(
      by_entry("(x: u8)", {.args = {"x.len"}}),
      error("`x.len` is neither a string nor a list of plain data; remove `.ptr` and `.len`"));
  EXPECT_THAT(by_entry("(x: string)", {.args = {"x.ptr"}}), HasSubstr("`x.ptr` needs `x.len`"));
  EXPECT_THAT(by_entry("(x: string)", {.args = {"x.ptr", "x.len:double"}}),
              HasSubstr("cannot be a floating-point number"));
}

TEST(CSignature, EntriesMustProvideTheResult) {
  EXPECT_THAT(by_entry("() -> string", {.args = {}}),
              HasSubstr("`f`: nothing provides its result"));
  EXPECT_THAT(by_entry("()", {.returns = "int"}),
              HasSubstr("`f`: `returns` has a value, but the WIT function has no result"));
  EXPECT_THAT(by_entry("()", {.args = {"out:int"}}), HasSubstr("the WIT result has no value"));
  EXPECT_THAT(by_entry("() -> u8", {.args = {"out:int", "out:int"}, .returns = "void"}),
              HasSubstr("2 C values cannot form the WIT result"));
  EXPECT_THAT(by_entry("() -> string", {.args = {"out:int"}, .returns = "void"}),
              HasSubstr("its result is not a number that `s32` can hold"));
  EXPECT_THAT(by_entry("() -> u8", {.returns = "status"}),
              HasSubstr("neither a `result` nor an `option`"));
  EXPECT_THAT(by_entry("() -> result<u8>", {.returns = "void"}), HasSubstr("`returns` is `void`"));
  EXPECT_THAT(by_entry("() -> result<u8>", {.returns = "int"}),
              HasSubstr("the WIT result is an `option` or a `result`"));
  EXPECT_THAT(by_entry("() -> result<_, string>", {.returns = "status"}),
              HasSubstr("nothing provides its error"));
  EXPECT_THAT(by_entry("() -> result<_, list<u8>>", {.returns = "errno"}),
              HasSubstr("`errno` is a number or its message"));
  EXPECT_THAT(by_entry("() -> result<u8, s32>", {.returns = "errno:uint"}),
              HasSubstr("never negative"));
  EXPECT_THAT(by_entry("() -> u8", {.returns = "len"}), HasSubstr("there is no `out.ptr`"));
  EXPECT_THAT(by_entry("() -> u8", {.args = {"err:int"}, .returns = "u8"}),
              HasSubstr("no error value"));
  EXPECT_THAT(by_entry("() -> own<r>", {.args = {"out:cstring"}, .returns = "void"}),
              HasSubstr("its result is not a string"));
}

TEST(CSignature, UnusedKeysAreRejected) {
  EXPECT_THAT(by_entry("() -> string", {.returns = "cstring", .error = "text"}),
              HasSubstr("`error` is unused"));
  EXPECT_THAT(by_entry("() -> u8", {.returns = "u8", .free = "free"}),
              HasSubstr("`free` is unused"));
  EXPECT_THAT(by_entry("() -> string", {.args = {"out.ptr"}, .returns = "void"}),
              HasSubstr("`out.ptr` needs `room`"));
  EXPECT_THAT(by_entry("() -> u8", {.args = {}, .returns = "u8", .room = "5"}),
              HasSubstr("need an `out.ptr`"));
  EXPECT_THAT(by_entry("() -> string", {.args = {"out.ptr"}, .returns = "void", .room = "moist"}),
              HasSubstr("`f` has no parameter `moist`"));
  EXPECT_THAT(by_entry("(x: f64) -> string", {.args = {"out.ptr"}, .returns = "void", .room = "x"}),
              HasSubstr("is a size, and its type is not an integer"));
  EXPECT_THAT(
      by_entry("() -> string", {.args = {"out.ptr", "out.ptr"}, .returns = "void", .room = "5"}),
      HasSubstr("is the second `out.ptr`"));
}

}  // namespace
}  // namespace tenon::host::c_signature_test
