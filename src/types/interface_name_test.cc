#include "types/interface_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenon::types::interface_name_test {
namespace {

ItemName parse(std::string_view text, std::optional<std::string_view> suffix = std::nullopt) {
  Result<ItemName> name = parse_item_name(text, suffix);
  if (name) return *std::move(name);
  ADD_FAILURE() << name.error().front().message;
  return {};
}

std::string problem_of(std::string_view text,
                       std::optional<std::string_view> suffix = std::nullopt) {
  Result<ItemName> name = parse_item_name(text, suffix);
  if (name) return "";
  EXPECT_EQ(name.error().front().code, "type-name");
  return name.error().front().message;
}

TEST(InterfaceName, ParsesAnInterface) {
  const ItemName name = parse("acme:tax/lib@1.2.0");
  EXPECT_EQ(name.kind, NameKind::Interface);
  EXPECT_EQ(name.ns, "acme");
  EXPECT_EQ(name.package, "tax");
  EXPECT_EQ(name.interface, "lib");
  EXPECT_EQ(name.path, "acme:tax/lib");
  EXPECT_EQ(name.track, "1");
  EXPECT_EQ(name.full_text(), "acme:tax/lib@1.2.0");
}

TEST(InterfaceName, HasNoTrackWithoutVersion) {
  const ItemName name = parse("acme:tax/lib");
  EXPECT_EQ(name.path, "acme:tax/lib");
  EXPECT_FALSE(name.version);
  EXPECT_EQ(name.track, "");
}

TEST(InterfaceName, CompletesACanonicalVersion) {
  const ItemName name = parse("acme:tax/lib@1", ".2.3");
  EXPECT_TRUE(name.is_canonical);
  EXPECT_EQ(name.track, "1");
  EXPECT_EQ(name.full_text(), "acme:tax/lib@1.2.3");
  EXPECT_EQ(name.text, "acme:tax/lib@1");
}

TEST(InterfaceName, ParsesFunctionsOfAResource) {
  const ItemName method = parse("[method]account.close");
  EXPECT_EQ(method.kind, NameKind::Method);
  EXPECT_EQ(method.resource, "account");
  EXPECT_EQ(method.function, "close");
  EXPECT_EQ(parse("[static]account.open").kind, NameKind::Static);
  EXPECT_EQ(parse("[constructor]account").resource, "account");
  EXPECT_TRUE(parse("[constructor]account").is_resource_function());
}

TEST(InterfaceName, ParsesNamesThatAreNotLinked) {
  EXPECT_EQ(parse("a:b:c/d").kind, NameKind::NestedName);
  EXPECT_EQ(parse("a:b/c/d").kind, NameKind::NestedName);
  EXPECT_EQ(parse("unlocked-dep=<a:b@{>=1.0.0}>").kind, NameKind::Dependency);
  EXPECT_EQ(parse("locked-dep=<a:b@1.0.0>").kind, NameKind::Dependency);
  EXPECT_EQ(parse("url=<https://x>").kind, NameKind::Url);
  EXPECT_EQ(parse("integrity=<sha256-x>").kind, NameKind::Integrity);
  EXPECT_FALSE(parse("a:b/c/d").is_supported());
  EXPECT_TRUE(parse("run").is_supported());
}

TEST(InterfaceName, AcceptsWordsOfOneCase) {
  EXPECT_TRUE(is_label("run"));
  EXPECT_TRUE(is_label("get-URL2"));
  EXPECT_TRUE(is_label("a-2b"));
  EXPECT_FALSE(is_label(""));
  EXPECT_FALSE(is_label("-a"));
  EXPECT_FALSE(is_label("a-"));
  EXPECT_FALSE(is_label("a--b"));
  EXPECT_FALSE(is_label("2a"));
  EXPECT_FALSE(is_label("camelCase"));
  EXPECT_FALSE(is_label("snake_case"));
}

TEST(InterfaceName, ReportsTheRuleThatANameBreaks) {
  EXPECT_THAT(problem_of("Camel"), testing::HasSubstr("one case"));
  EXPECT_THAT(problem_of("acme:tax"), testing::HasSubstr("expected `/`"));
  EXPECT_THAT(problem_of("a/b:c"), testing::HasSubstr("before the `/`"));
  EXPECT_THAT(problem_of("ACME:tax/lib"), testing::HasSubstr("lowercase"));
  EXPECT_THAT(problem_of("acme:tax/lib@1.02.0"), testing::HasSubstr("leading zero"));
  EXPECT_THAT(problem_of("acme:tax/lib@"), testing::HasSubstr("version"));
  EXPECT_THAT(problem_of("[method]account"), testing::HasSubstr("joined by `.`"));
  EXPECT_THAT(problem_of("run", ".2"), testing::HasSubstr("suffix"));
  EXPECT_THAT(problem_of("acme:tax/lib", ".2.3"), testing::HasSubstr("suffix"));
}

TEST(InterfaceName, StripsTheSignsOfKeywords) {
  EXPECT_EQ(strip_escapes("%list"), "list");
  EXPECT_EQ(strip_escapes("run"), "run");
  EXPECT_EQ(strip_escapes("example:%interface/%import@1.0.0"), "example:interface/import@1.0.0");
  EXPECT_EQ(strip_escapes("%use:%type/lib.%func"), "use:type/lib.func");
  EXPECT_EQ(strip_escapes("[method]%own.%borrow"), "[method]own.borrow");
  // Anything else stays, and is not a name.
  for (const std::string_view text : {"", "%", "%1", "a%b", "a-%b", "list%", "%-a", "%*"})
    EXPECT_EQ(strip_escapes(text), text);
}

TEST(InterfaceName, EscapesHostileNames) {
  EXPECT_THAT(problem_of("\x1b[2J"), testing::Not(testing::HasSubstr("\x1b")));
}

TEST(InterfaceName, ExcludesNamesThatDifferOnlyInCase) {
  EXPECT_EQ(uniqueness_key(parse("LOG")), uniqueness_key(parse("log")));
  EXPECT_EQ(uniqueness_key(parse("[method]a.b")), uniqueness_key(parse("[static]A.b")));
  EXPECT_EQ(uniqueness_key(parse("[method]a.a")), uniqueness_key(parse("a")));
  EXPECT_NE(uniqueness_key(parse("[constructor]a")), uniqueness_key(parse("a")));
  EXPECT_NE(uniqueness_key(parse("a:b/c")), uniqueness_key(parse("a:b/C")));
  EXPECT_EQ(*make_uniqueness_key("LOG"), "log");
  EXPECT_FALSE(make_uniqueness_key("Log"));
}

}  // namespace
}  // namespace tenon::types::interface_name_test
