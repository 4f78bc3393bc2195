#include "host/c_notation.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "host/c_test_support.h"

namespace tenon::host::c_notation_test {
namespace {

std::string normal(std::string_view text) {
  const auto read = parse_c_argument(text);
  if (!read) return fmt::format("{}; {}", read.error().message, read.error().hint);
  const std::string printed = print_c_argument(*read);
  const auto again = parse_c_argument(printed);
  EXPECT_TRUE(again && *again == *read) << printed;
  return printed;
}

TEST(CNotation, ParsesAndPrintsArguments) {
  EXPECT_EQ(normal("seed"), "seed");
  EXPECT_EQ(normal("seed:ulong"), sizeof(unsigned long) == 8 ? "seed:u64" : "seed:u32");
  EXPECT_EQ(normal("x:double"), "x:double");
  EXPECT_EQ(normal("path:cstring"), "path:cstring");
  EXPECT_EQ(normal("data.ptr"), "data.ptr");
  EXPECT_EQ(normal("data.len"), "data.len");
  EXPECT_EQ(normal("data.len:uint"), "data.len:u32");
  EXPECT_EQ(normal("const:0"), "const:0:s32");
  EXPECT_EQ(normal("const:-1:s64"), "const:-1:s64");
  EXPECT_EQ(normal("const:null"), "const:null");
  EXPECT_EQ(normal("out:int"), "out:s32");
  EXPECT_EQ(normal("out:buffer"), "out:buffer");
  EXPECT_EQ(normal("out:pointer:drop"), "out:pointer:drop");
  EXPECT_EQ(normal("err:cstring"), "err:cstring");
  EXPECT_EQ(normal("out.ptr"), "out.ptr");
  EXPECT_EQ(normal("out.len:ulong"), "out.len:u64");
  EXPECT_EQ(normal("out.room:size"), "out.room:u64");
  // Parameters with the name of a keyword.
  EXPECT_EQ(normal("%out:uint"), "%out:u32");
  EXPECT_EQ(normal("%out.ptr"), "%out.ptr");
  EXPECT_EQ(normal("out"), "%out");
}

TEST(CNotation, RejectsMalformedArguments) {
  EXPECT_EQ(normal("seed:ulang"),
            "has the unknown C type `ulang`; did you mean `ulong` or `long`?");
  EXPECT_EQ(normal(""), "does not name a parameter; write `x`, `x:ulong`, `x.ptr` or `x.len:uint`");
  EXPECT_EQ(normal("%"), normal(""));
  EXPECT_EQ(normal("data.size"),
            "has the unknown suffix `.size`; write `data.ptr` or `data.len:uint`");
  EXPECT_EQ(normal("data.ptr:int"),
            "has the unknown suffix `.ptr:int`; write `data.ptr` or `data.len:uint`");
  EXPECT_EQ(
      normal("const:many"),
      "needs an integer that fits in 64 bits, found `many`; write `const:0`, `const:0:size` or "
      "`const:null`");
  EXPECT_EQ(
      normal("const:-1:uint"),
      "has the constant -1, which does not fit in `u32`; use an integer type that can hold it");
  EXPECT_EQ(
      normal("const:1:double"),
      "has the constant 1, which does not fit in `double`; use an integer type that can hold it");
  EXPECT_EQ(normal("const:99999999999999999999"),
            "needs an integer that fits in 64 bits, found `99999999999999999999`; write `const:0`, "
            "`const:0:size` or `const:null`");
  EXPECT_EQ(normal("out:int:drop"),
            "has the unexpected suffix `:drop`; only `out:pointer` takes a suffix: "
            "`out:pointer:drop`");
  EXPECT_EQ(normal("out.size"),
            "has the unknown part `out.size`; write `out.ptr`, `out.len:ulong` or `out.room:size`");
  EXPECT_EQ(normal("x:\x1b[1m").substr(0, 34), "has the unknown C type `\\x1b[1m`; ");
}

std::string returned(std::string_view text) {
  const auto read = parse_c_return(text);
  if (!read) return fmt::format("{}; {}", read.error().message, read.error().hint);
  constexpr std::string_view kForms[] = {"void", "value", "status", "errno", "len"};
  constexpr std::string_view kTargets[] = {"", " cstring", " pointer"};
  const auto target = static_cast<std::size_t>(read->target.kind);
  const std::string_view form = kForms[static_cast<std::size_t>(read->form)];
  if (read->form == CReturnForm::Nothing) return std::string(form);
  return fmt::format(
      "{}{}", form,
      target == 0 ? fmt::format(" {}", name_of(read->target.type)) : std::string(kTargets[target]));
}

TEST(CNotation, ParsesReturns) {
  EXPECT_EQ(returned("void"), "void");
  EXPECT_EQ(returned("uint"), "value u32");
  EXPECT_EQ(returned("cstring"), "value cstring");
  EXPECT_EQ(returned("pointer"), "value pointer");
  EXPECT_EQ(returned("status"), "status s32");
  EXPECT_EQ(returned("status:long"), "status s64");
  EXPECT_EQ(returned("errno"), "errno s32");
  EXPECT_EQ(returned("errno:pointer"), "errno pointer");
  EXPECT_EQ(returned("len:ssize"), "len s64");
  EXPECT_EQ(returned("status:pointer"),
            "has the type `pointer`, which `status` does not allow; write `status:int`, or another "
            "integer type");
  EXPECT_EQ(
      returned("len:double"),
      "has the type `double`, which `len` does not allow; write `len:int`, or another integer "
      "type");
  EXPECT_THAT(returned("buffer"), testing::StartsWith("has the unknown C type `buffer`; "));
  EXPECT_EQ(returned("vod"), "has the unknown C type `vod`; did you mean `void`?");
}

}  // namespace
}  // namespace tenon::host::c_notation_test
