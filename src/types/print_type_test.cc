#include "types/print_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "types/test_components.h"

namespace tenon::types::print_type_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PrintTypeTest : public testing::Test {
 protected:
  TypeId add(Type type) { return types.types.add(std::move(type)); }
  std::string print(Type type) { return print_type(types, names, add(std::move(type))); }

  Types types;
  TypeNames names;
  const TypeId u32 = types.primitive(Primitive::U32);
  const TypeId text = types.primitive(Primitive::String);
};

TEST_F(PrintTypeTest, WritesTypesAsWitDoes) {
  const ResourceId bucket = types.resources.add({"bucket"});
  EXPECT_EQ(print({List{u32, {}}}), "list<u32>");
  EXPECT_EQ(print({List{u32, 4}}), "list<u32, 4>");
  EXPECT_EQ(print({Map{text, u32}}), "map<string, u32>");
  EXPECT_EQ(print({Tuple{{u32, text}}}), "tuple<u32, string>");
  EXPECT_EQ(print({Option{u32}}), "option<u32>");
  EXPECT_EQ(print({ResultType{}}), "result");
  EXPECT_EQ(print({ResultType{u32, {}}}), "result<u32>");
  EXPECT_EQ(print({ResultType{{}, text}}), "result<_, string>");
  EXPECT_EQ(print({ResultType{u32, text}}), "result<u32, string>");
  EXPECT_EQ(print({Own{bucket}}), "bucket");
  EXPECT_EQ(print({Borrow{bucket}}), "borrow<bucket>");
  EXPECT_EQ(print({Stream{u32}}), "stream<u32>");
  EXPECT_EQ(print({Stream{}}), "stream");
  EXPECT_EQ(print({Future{text}}), "future<string>");
  EXPECT_EQ(print({Primitive::ErrorContext}), "error-context");
  EXPECT_EQ(print({Record{{{"a", u32}, {"b", text}}}}), "record { a: u32, b: string }");
  EXPECT_EQ(print({Variant{{{"a", u32}, {"b", {}}}}}), "variant { a(u32), b }");
  EXPECT_EQ(print({Enum{{"a", "b"}}}), "enum { a, b }");
}

TEST_F(PrintTypeTest, UsesTheNamesOfTheInstance) {
  const TypeId rate = add({Record{{{"percent", u32}}}});
  const InstanceId instance =
      make_instance(types, {{"rate", TypeBound{rate}}, {"price", TypeBound{rate}}});
  names = names_of_instance(types, instance);
  EXPECT_EQ(print({List{rate, {}}}), "list<rate>");
  EXPECT_THAT(print_item(types, {}, "lib", instance),
              ElementsAre("lib: interface {", "  record rate {", "    percent: u32,", "  }",
                          "  type price = rate;", "}"));
}

TEST_F(PrintTypeTest, WritesFunctions) {
  const ResourceId account = types.resources.add({"account"});
  const TypeId self = add({Borrow{account}});
  const FunctionId plain = make_function(types, {{"country", text}}, u32);
  const FunctionId method = make_function(types, {{"self", self}, {"sum", u32}});
  const FunctionId make = make_function(types, {{"name", text}}, add({Own{account}}));
  EXPECT_EQ(print_function(types, names, "lookup", plain), "lookup: func(country: string) -> u32;");
  EXPECT_EQ(print_function(types, names, "", plain), "func(country: string) -> u32;");
  EXPECT_EQ(print_function(types, names, "[method]account.pay", method), "pay: func(sum: u32);");
  EXPECT_EQ(print_function(types, names, "[static]account.open", plain),
            "open: static func(country: string) -> u32;");
  EXPECT_EQ(print_function(types, names, "[constructor]account", make),
            "constructor(name: string);");
  const FunctionId asynchronous = make_function(types, {});
  types.functions[asynchronous].is_async = true;
  EXPECT_EQ(print_function(types, names, "wait", asynchronous), "wait: async func();");
}

TEST_F(PrintTypeTest, WritesNamedTypes) {
  const ResourceId bucket = types.resources.add({"bucket"});
  const auto print_named = [&](Type type) {
    return print_named_type(types, names, "t", TypeBound{add(std::move(type))});
  };
  EXPECT_THAT(print_named({Flags{{"read", "write"}}}),
              ElementsAre("flags t {", "  read,", "  write,", "}"));
  EXPECT_THAT(print_named({Variant{{{"ok", u32}, {"none", {}}}}}),
              ElementsAre("variant t {", "  ok(u32),", "  none,", "}"));
  EXPECT_THAT(print_named({Primitive::U64}), ElementsAre("type t = u64;"));
  EXPECT_THAT(print_named_type(types, names, "bucket", TypeBound{bucket}),
              ElementsAre("resource bucket;"));
}

TEST_F(PrintTypeTest, MarksKeywords) {
  EXPECT_EQ(print_label("type"), "%type");
  EXPECT_EQ(print_label("types"), "types");
  EXPECT_EQ(print({Record{{{"list", u32}}}}), "record { %list: u32 }");
}

TEST_F(PrintTypeTest, EscapesHostileNames) {
  const std::string evil = "a\x1b[2J\nb";
  EXPECT_THAT(print({Enum{{evil}}}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(print_function(types, names, evil, make_function(types, {{evil, u32}})),
              Not(HasSubstr("\n")));
}

TEST_F(PrintTypeTest, CutsLongTypes) {
  TypeId top = u32;
  for (int i = 0; i < 60; ++i) top = add({Tuple{{top, top}}});
  const std::string printed = print_type(types, names, top);
  EXPECT_LT(printed.size(), 2 * kMaxPrintedType);
  EXPECT_THAT(printed, testing::EndsWith("..."));
  const TypeId flags = add({Flags{std::vector<std::string>(5000, "x")}});
  EXPECT_LE(print_named_type(types, names, "f", TypeBound{flags}).size(), kMaxPrintedLines + 2);
}

}  // namespace
}  // namespace tenon::types::print_type_test
