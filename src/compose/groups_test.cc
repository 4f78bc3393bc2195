#include "compose/groups.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "compose/test_composition.h"
#include "compose/test_link.h"
#include "compose/test_units.h"

namespace tenon::compose::groups_test {
namespace {

// kv, first, and a chain of `count` relays. Each needs the resource of kv and the link before it.
void add_chain(TestLink& link, int count, std::string_view digest) {
  link.add("kv", store_unit());
  link.add("u0", first_unit());
  link.pass("u0", kStore, "kv");
  std::string last = "u0";
  for (int i = 1; i <= count; ++i) {
    const std::string name = fmt::format("u{}", i);
    link.add(name, relay_unit(static_cast<std::uint8_t>(i)), std::string(digest));
    link.pass(name, kStore, "kv");
    link.pass(name, kLink, last);
    last = name;
  }
  link.export_item("kv", kStore);
  link.export_item(last, kLink);
}

void expect_same_exports(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  types::Types types;
  const types::ComponentType first = *types::evaluate_component(*binary::read_component(a), types);
  const types::ComponentType second = *types::evaluate_component(*binary::read_component(b), types);
  ASSERT_EQ(first.exports.size(), second.exports.size());
  types::Subtyping relation(types);
  for (std::size_t i = 0; i < first.exports.size(); ++i) {
    EXPECT_EQ(first.exports[i].name, second.exports[i].name);
    EXPECT_TRUE(relation.compare(first.exports[i].item, second.exports[i].item).fits());
    EXPECT_TRUE(relation.compare(second.exports[i].item, first.exports[i].item).fits());
  }
  EXPECT_EQ(first.defined.size(), second.defined.size());
}

TEST(Groups, HaveTheSameTypeAsOneLevel) {
  TestLink flat;
  add_chain(flat, 20, "");
  TestLink nested;
  add_chain(nested, 20, "");
  const Composed one = flat.embed({});
  const Composed many = nested.embed({.limits = {12, 12}});
  EXPECT_EQ(Composition(one.bytes).components, 22U);
  EXPECT_LT(Composition(many.bytes).components, 12U);
  expect_same_exports(one.bytes, many.bytes);
}

TEST(Groups, SpansPointIntoThem) {
  TestLink link;
  add_chain(link, 20, "");
  const Composed composed = link.embed({.limits = {12, 12}});
  for (std::size_t unit = 2; unit < composed.units.size(); ++unit) {
    const binary::ByteSpan span = composed.units[unit].bytes;
    const std::vector<std::uint8_t> nested(
        composed.bytes.begin() + static_cast<std::ptrdiff_t>(span.begin),
        composed.bytes.begin() + static_cast<std::ptrdiff_t>(span.end));
    EXPECT_EQ(nested, relay_unit(static_cast<std::uint8_t>(unit - 1)));
  }
}

TEST(Groups, ShareABinary) {
  TestLink link;
  add_chain(link, 20, "one digest");
  const Composed composed = link.embed({.limits = {12, 12}});
  for (std::size_t unit = 3; unit < composed.units.size(); ++unit)
    EXPECT_EQ(composed.units[unit].bytes, composed.units[2].bytes);
}

TEST(Groups, HoldTwelveHundredUnitsThatShareAResource) {
  TestLink link;
  add_chain(link, 1198, "one digest");
  const Composed composed = link.embed({});
  const Composition composition(composed.bytes);
  EXPECT_EQ(composition.type.exports.size(), 2U);
  EXPECT_EQ(composition.type.defined.size(), 1U);
  EXPECT_GT(composition.components, 2U);
}

TEST(Groups, ReceiveImportsAndRootItems) {
  const auto compose = [](const EmbedOptions& options) {
    TestLink link;
    link.add("asked", asked_unit());
    link.add("asking", asking_unit());
    link.add("relay", relay_unit());
    link.add("other", relay_unit());
    link.pass("asking", "mood", "asked");
    link.pass("asking", "ask", "asked");
    link.pass("other", kLink, "relay");
    link.export_item("asking", "mood");
    link.export_item("asking", "ask");
    link.export_item("other", kLink);
    return link.embed(options).bytes;
  };
  const std::vector<std::uint8_t> nested = compose({.limits = {1, 1000}});
  EXPECT_EQ(Composition(nested).components, 4U);
  expect_same_exports(compose({}), nested);
}

TEST(Groups, CannotHoldAUnitThatIsTooLarge) {
  TestLink link;
  add_chain(link, 2, "");
  const Result<Composed> result = link.try_embed({.limits = {4, 4}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "compose-not-one-domain");
}

}  // namespace
}  // namespace tenon::compose::groups_test
