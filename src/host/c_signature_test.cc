#include "host/c_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "host/c_call_test_support.h"
#include "host/c_plan.h"

namespace tenon::host::c_signature_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The problems of a function; empty if it can be called.
std::string by_type(std::string_view type) {
  const auto made = make_signature(value::function_of(type), nullptr);
  return made ? std::string() : describe(made.error());
}
std::string by_entry(std::string_view type, const EntryText& text) {
  const CFunctionEntry entry = make_entry(text);
  const auto made = make_signature(value::function_of(type), &entry);
  return made ? std::string() : describe(made.error());
}

TEST(CSignature, TypesThatCCannotExpressNeedAnAdapter) {
  constexpr std::string_view kHint =
      "; write an adapter: `tenon bindgen host-cpp --wit wit -o src` generates its source\n";
  const auto of_param = [&](std::string_view reason) {
    return fmt::format(
        "host-wit-mismatch@x.wit: `f` cannot be called as a plain C function: parameter `x` "
        "cannot be passed to C: {}{}",
        reason, kHint);
  };
  EXPECT_EQ(by_type("(x: list<string>)"),
            of_param("a list of elements other than numbers is not plain data"));
  EXPECT_EQ(by_type("(x: variant{a(u8), b})"),
            of_param("a variant with payloads is not plain data"));
  EXPECT_EQ(by_type("(x: map<u8, u8>)"), of_param("a map is not plain data"));
  EXPECT_EQ(by_type("(x: result<u8>)"), of_param("a result is not plain data"));
  EXPECT_EQ(by_type("(x: option<option<u8>>)"), of_param("an option is not plain data"));
  EXPECT_EQ(by_type("(x: record{bytes: list<u8>})"), of_param("a list is not plain data"));
  EXPECT_EQ(by_type("(x: record{text: string})"), of_param("a string is not plain data"));
  EXPECT_EQ(by_type("(x: record{r: own<r>})"), of_param("a handle is not plain data"));
  EXPECT_EQ(by_type("(x: list<u64, 9000>)"),
            of_param("its struct is larger than the limit of 65536 bytes"));
  EXPECT_THAT(by_type("() -> list<list<u8>>"), HasSubstr("its result cannot be returned from C"));
  EXPECT_THAT(by_type("() -> option<option<u8>>"), HasSubstr("an option is not plain data"));
  // All problems are reported at once.
  EXPECT_THAT(by_type("(x: map<u8, u8>, y: list<string>) -> result<variant{a(u8)}, map<u8, u8>>"),
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
  const auto made = make_c_signature({.types = types,
                                      .function = function,
                                      .name = "f",
                                      .where = {},
                                      .wit = "wit",
                                      .entry = nullptr});
  ASSERT_FALSE(made);
  EXPECT_THAT(describe(made.error()),
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
  EXPECT_EQ(by_entry("(x: u8)", {.args = {"x.len"}}),
            error("`x.len` is neither a string nor a list of numbers; remove `.ptr` and `.len`"));
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

TEST(CPlan, DefaultSymbolsAreNamesInSnakeCase) {
  EXPECT_EQ(default_symbol("example:zlib/checksum", "crc32"), "example_zlib_checksum_crc32");
  EXPECT_EQ(default_symbol("a:b/c-d", "e-f"), "a_b_c_d_e_f");
  EXPECT_EQ(default_symbol("a:b/c", "[method]my-stream.read-all"),
            "a_b_c_method_my_stream_read_all");
  EXPECT_EQ(default_symbol("a:b/c", "[static]s.open"), "a_b_c_static_s_open");
  EXPECT_EQ(default_symbol("a:b/c", "[constructor]s"), "a_b_c_constructor_s");
  EXPECT_EQ(default_symbol("", "HTTP-get"), "http_get");
  EXPECT_EQ(drop_name("s"), "[resource-drop]s");
}

TEST(CPlan, EntriesMustNameWitFunctionsAndOnlyOnce) {
  types::Types types;
  WantedItems wanted;
  for (const char* const name : {"twice", "[method]r-s.t", "[method]r.s-t"})
    wanted.functions.push_back(
        {.interface = "a:b/c", .name = name, .function = types.functions.add({})});
  wanted.resources.push_back(
      {.interface = "a:b/c", .name = "r", .resource = types.resources.add({})});
  Manifest manifest;
  manifest.name = "host";
  CFunctionEntry entry{.interface = "a:b/c", .name = "twise", .symbol = "x"};
  entry.where.line = 3;
  manifest.functions.push_back(entry);
  entry.name = "twice";
  manifest.functions.push_back(entry);
  manifest.functions.push_back(entry);
  entry.name = "[resource-drop]r";
  entry.returns = {"int", {}};
  manifest.functions.push_back(entry);
  const auto made = plan_c_library(manifest, wanted, types, "wit");
  ASSERT_FALSE(made);
  EXPECT_EQ(
      describe(made.error()),
      "config-value@: in `[[function]]`, the WIT of `host` has no `a:b/c.twise`; did you mean "
      "`a:b/c.twice`?\n"
      "config-value@: in `[[function]]`, duplicate entry for `a:b/c.twice`; remove it, or the "
      "first entry in "
      "line 3\n"
      "host-wit-mismatch@: `a:b/c#[method]r-s.t` and `a:b/c#[method]r.s-t` have the same default C "
      "symbol, `a_b_c_method_r_s_t`; choose another: `[[function]]` with `wit = "
      "\"a:b/c.[method]r.s-t\"`\n"
      "config-value@: in `[[function]]`, `a:b/c.[resource-drop]r` is a destructor, which always "
      "takes one pointer and whose return value is ignored; remove all keys except `wit` and "
      "`symbol`\n");
}

TEST(CPlan, TwoVersionsOfAnInterfaceShareEqualFunctions) {
  types::Types types;
  WantedItems wanted;
  const types::FunctionId function = types.functions.add({});
  for (const std::uint64_t signature : {1U, 1U, 2U})
    wanted.functions.push_back(
        {.interface = "a:b/c", .name = "f", .signature = signature, .function = function});
  for (int i = 0; i < 2; ++i)
    wanted.resources.push_back(
        {.interface = "a:b/c", .name = "r", .resource = types.resources.add({})});
  const auto made = plan_c_library(Manifest(), wanted, types, "wit");
  ASSERT_FALSE(made);
  EXPECT_EQ(
      describe(made.error()),
      "host-wit-mismatch@: `a:b/c#f` has different types in two versions of its interface, "
      "which share one C symbol; export only one of the versions, and make another bundle for "
      "the other\n");
  wanted.functions.pop_back();
  const auto equal = plan_c_library(Manifest(), wanted, types, "wit");
  ASSERT_TRUE(equal);
  EXPECT_EQ(equal->functions.size(), 1U);
  ASSERT_EQ(equal->resources.size(), 2U);
  EXPECT_EQ(equal->resources[1].symbol, "a_b_c_r_drop");
}

}  // namespace
}  // namespace tenon::host::c_signature_test
