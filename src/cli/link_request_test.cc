#include "cli/link_request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace tenon::cli::link_request_test {

namespace {

using Words = std::vector<std::string>;

Wire get_wire(std::string_view text) {
  Result<Wire> wire = parse_wire(text);
  EXPECT_TRUE(wire.has_value()) << text;
  return wire ? *wire : Wire{};
}

}  // namespace

TEST(ParseWire, InterfaceWithoutConsumer) {
  const Wire wire = get_wire("acme:tax/lib@1.2.0=tax");
  EXPECT_EQ(wire.consumer, "");
  EXPECT_EQ(wire.import, "acme:tax/lib@1.2.0");
  EXPECT_EQ(wire.provider, "tax");
  EXPECT_EQ(wire.export_name, "");
}

TEST(ParseWire, TwoColonsBeforeTheSlashMeanAConsumer) {
  const Wire wire = get_wire("cart:acme:tax/lib=tax");
  EXPECT_EQ(wire.consumer, "cart");
  EXPECT_EQ(wire.import, "acme:tax/lib");
}

TEST(ParseWire, WithoutSlashTheTextBeforeTheColonIsTheConsumer) {
  EXPECT_EQ(get_wire("cart:log=audit").consumer, "cart");
  EXPECT_EQ(get_wire("cart:log=audit").import, "log");
  EXPECT_EQ(get_wire("log=audit").consumer, "");
}

TEST(ParseWire, ProviderWithExport) {
  const Wire wire = get_wire("acme:tax/lib=tax:acme:tax/lib@1.3.1");
  EXPECT_EQ(wire.provider, "tax");
  EXPECT_EQ(wire.export_name, "acme:tax/lib@1.3.1");
}

TEST(ParseWire, RejectsMissingParts) {
  for (const char* text : {"", "=", "acme:tax/lib", "acme:tax/lib=", "=tax", ":log=audit",
                           "cart:=a", "log=audit:", "log=:x"}) {
    const Result<Wire> wire = parse_wire(text);
    ASSERT_FALSE(wire.has_value()) << text;
    EXPECT_EQ(wire.error()[0].code, "config-usage");
  }
}

TEST(ParseVia, ReadsTheChain) {
  const Result<Wire> wire = parse_via("cart:press:web/handler=log,cache");
  ASSERT_TRUE(wire.has_value());
  EXPECT_EQ(wire->consumer, "cart");
  EXPECT_EQ(wire->via, (Words{"log", "cache"}));
  EXPECT_EQ(wire->provider, "");
  EXPECT_FALSE(parse_via("a:b/c=").has_value());
  EXPECT_FALSE(parse_via("a:b/c=x,,y").has_value());
}

TEST(ParseOptional, ReadsTheImport) {
  const Result<Wire> wire = parse_optional("cart:acme:log/sink@^1");
  ASSERT_TRUE(wire.has_value());
  EXPECT_EQ(wire->consumer, "cart");
  EXPECT_EQ(wire->import, "acme:log/sink@^1");
  EXPECT_TRUE(wire->optional);
  EXPECT_EQ(parse_optional("acme:log/*")->consumer, "");
  EXPECT_FALSE(parse_optional("").has_value());
  EXPECT_FALSE(parse_optional("cart:").has_value());
}

TEST(AddLinkFlags, FlagsTakeOneValueEach) {
  CommandLine line("", "tenon");
  LinkFlags flags;
  Words components;
  line.add_option("components", components, "");
  add_link_flags(line, flags);
  ASSERT_TRUE(line.parse({"--wire", "a=b", "x.wasm", "--wire", "c=d", "--hide", "u:i", "y.wasm",
                          "--export-all", "--root", "u"}));
  EXPECT_EQ(flags.wires, (Words{"a=b", "c=d"}));
  EXPECT_EQ(flags.hides, (Words{"u:i"}));
  EXPECT_EQ(components, (Words{"x.wasm", "y.wasm"}));
  EXPECT_TRUE(flags.export_all);
  EXPECT_EQ(flags.root, "u");
  EXPECT_FALSE(flags.allow_unresolved);
}

TEST(AddLinkFlags, IsolateAppliesToAllOrNamedUnits) {
  CommandLine line("", "tenon");
  LinkFlags flags;
  Words components;
  line.add_option("components", components, "");
  add_link_flags(line, flags);
  ASSERT_TRUE(line.parse({"--isolate", "x.wasm", "--isolate=tax,log", "y.wasm"}));
  EXPECT_EQ(flags.isolated, (Words{"*", "tax,log"}));
  EXPECT_EQ(components, (Words{"x.wasm", "y.wasm"}));
  CompositionBuilder builder;
  EXPECT_TRUE(apply_link_flags(flags, builder).has_value());
  flags.isolated = {"tax,", ""};
  const Result<void> refused = apply_link_flags(flags, builder);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().size(), 2U);
}

}  // namespace tenon::cli::link_request_test
