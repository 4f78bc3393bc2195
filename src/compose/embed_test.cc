#include "compose/embed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compose/test_composition.h"
#include "compose/test_link.h"
#include "compose/test_units.h"
#include "support/limits.h"

namespace tenon::compose::embed_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kHandler = "press:web/handler@1.0.0";
constexpr std::string_view kPressStore = "press:kv/store@0.1.0";
constexpr std::string_view kBackup = "press:kv/backup@0.1.0";

void add_guests(TestLink& link, std::initializer_list<const char*> names) {
  for (const char* name : names) link.add(name, read_guest(name));
}

// site needs a store and a backup, and the backup needs the same store.
TestLink& link_site(TestLink& link, std::string_view store) {
  link.pass("markdown", "press:text/syntax@0.2.1", "highlighter");
  link.pass("archive", kPressStore, store);
  link.pass("site", kPressStore, store);
  link.pass("site", kBackup, "archive");
  link.pass("site", "press:text/markdown@0.2.1", "markdown");
  return link;
}

TEST(Embed, SpansAreThePositionsOfUnits) {
  TestLink link;
  link.add("kv", store_unit());
  link.add("first", first_unit());
  link.pass("first", kStore, "kv");
  link.export_item("first", kLink);
  const Composed composed = link.embed({});
  ASSERT_EQ(composed.units.size(), 2U);
  EXPECT_EQ(composed.units[1].unit, "first");
  const binary::ByteSpan span = composed.units[1].bytes;
  const std::vector<std::uint8_t> nested(
      composed.bytes.begin() + static_cast<std::ptrdiff_t>(span.begin),
      composed.bytes.begin() + static_cast<std::ptrdiff_t>(span.end));
  EXPECT_EQ(nested, first_unit());
}

TEST(Embed, NestsABinaryOnceForAllItsUnits) {
  TestLink link;
  link.add("kv", store_unit(), "one digest");
  link.add("other", store_unit(), "one digest");
  link.export_item("kv", kStore);
  link.export_item("other", kStore, "other");
  const Composed composed = link.embed({});
  const Composition composition(composed.bytes);
  EXPECT_EQ(composition.components, 1U);
  EXPECT_EQ(composed.units[0].bytes, composed.units[1].bytes);
  // Two instances of one binary define two resources.
  EXPECT_EQ(composition.type.defined.size(), 2U);
}

TEST(Embed, KeepsUsesOfExportedInterfaces) {
  TestLink link;
  link.add("kv", store_unit());
  link.add("first", first_unit());
  link.pass("first", kStore, "kv");
  link.export_item("kv", kStore);
  link.export_item("first", kLink);
  const Composition composition(link.embed({}).bytes);
  EXPECT_THAT(composition.export_names(), ElementsAre(std::string(kStore), std::string(kLink)));
  EXPECT_THAT(composition.uses(kLink), ElementsAre("bucket of t:kv/store@1.0.0"));
}

TEST(Embed, ComposesThePressApplication) {
  TestLink link;
  add_guests(link, {"highlighter", "markdown", "kv", "journal", "archive", "site", "cache",
                    "accesslog", "cli"});
  link_site(link, "journal");
  link.pass("journal", kPressStore, "kv");
  link.pass("cache", kPressStore, "journal");
  link.pass("cache", kHandler, "site");
  link.pass("accesslog", kHandler, "cache");
  link.pass("cli", kHandler, "accesslog");
  link.export_item("cli", "wasi:cli/run@0.2.6");
  link.export_item("accesslog", kHandler);
  link.export_item("journal", kPressStore);
  link.export_item("archive", kBackup);
  const Composition composition(link.embed({}).bytes);
  EXPECT_THAT(composition.export_names(),
              ElementsAre("wasi:cli/run@0.2.6", std::string(kHandler), std::string(kPressStore),
                          std::string(kBackup)));
  EXPECT_THAT(composition.uses(kHandler),
              ElementsAre("request of press:web/types@1.0.0", "response of press:web/types@1.0.0",
                          "error of press:web/types@1.0.0"));
  EXPECT_THAT(composition.uses(kBackup),
              ElementsAre("bucket of press:kv/store@0.1.0", "error of press:kv/store@0.1.0"));
}

TEST(Embed, MakesArgumentsOfTypesThatNothingProvides) {
  TestLink link;
  add_guests(link, {"highlighter", "markdown", "kv", "archive", "site", "cli"});
  link_site(link, "kv").pass("cli", kHandler, "site");
  link.from_types("site", "press:web/types@1.0.0");
  link.from_types("cli", "press:web/types@1.0.0");
  link.export_item("cli", "wasi:cli/run@0.2.6");
  const Composition composition(link.embed({}).bytes);
  const std::vector<std::string> imports = composition.import_names();
  EXPECT_EQ(std::count(imports.begin(), imports.end(), "press:web/types@1.0.0"), 0);
}

TEST(Embed, MakesAResourceArgumentFromItsDefinition) {
  TestLink link;
  link.add("kv", store_unit());
  link.add("first", first_unit());
  link.pass("first", kStore, "kv");
  link.export_item("first", kLink);
  // As if `first` imported only the type; its bucket is tied to that of `kv` in another way.
  ASSERT_TRUE(link.try_embed({}));
  link.plan.arguments[1][0] = resolve::FromTypes{};
  types::Instance types_only;
  types::RootItem& import = link.plan.units[1].type.imports[0];
  const types::Instance& store = link.types.instances[std::get<types::InstanceId>(import.item)];
  types_only.add_export("bucket", store.find_export("bucket")->item);
  import.item = link.types.instances.add(types_only);
  link.plan.types = std::make_shared<const types::Types>(link.types);
  const UnitBytes bytes(2);
  EXPECT_TRUE(embed(link.plan, bytes, {}));

  std::swap(link.plan.order[0], link.plan.order[1]);
  const Result<Composed> too_early = embed(link.plan, bytes, {});
  ASSERT_FALSE(too_early);
  EXPECT_EQ(too_early.error().front().code, "compose-not-one-domain");
}

TEST(Embed, NarrowsAnExportWithHiddenFunctions) {
  TestLink link;
  link.add("kv", store_unit());
  link.add("first", first_unit());
  link.pass("first", kStore, "kv");
  link.export_item("kv", kStore);
  link.export_item("first", kLink);
  link.plan.exports[0].hidden_functions = {"open"};
  const Composition composition(link.embed({}).bytes);
  const types::Instance& store =
      composition.types.instances[std::get<types::InstanceId>(composition.type.exports[0].item)];
  EXPECT_EQ(store.find_export("open"), nullptr);
  EXPECT_NE(store.find_export("bucket"), nullptr);
  EXPECT_THAT(composition.uses(kLink), ElementsAre("bucket of t:kv/store@1.0.0"));
}

TEST(Embed, ExportsRootTypesBeforeTheFunctionsThatUseThem) {
  TestLink link;
  link.add("asked", asked_unit());
  link.add("asking", asking_unit());
  link.pass("asking", "mood", "asked");
  link.pass("asking", "ask", "asked");
  link.export_item("asking", "mood");
  link.export_item("asking", "ask");
  const Composition composition(link.embed({}).bytes);
  EXPECT_THAT(composition.export_names(), ElementsAre("mood", "ask"));
  const auto& function =
      composition.types.functions[std::get<types::FunctionId>(composition.type.exports[1].item)];
  const auto& mood = std::get<types::TypeBound>(composition.type.exports[0].item);
  EXPECT_EQ(function.result, std::get<types::TypeId>(mood.type));
}

TEST(Embed, WritesImplementsOfImportsAndExports) {
  TestLink link;
  link.add("first", first_unit());
  link.export_item("first", kLink, "primary");
  link.plan.exports[0].implements = std::string(kLink);
  const Composition composition(link.embed({}).bytes);
  EXPECT_EQ(composition.type.exports[0].implements, std::string(kLink));
}

TEST(Embed, BytesDoNotDependOnTheOrderOfReading) {
  enum class Read { Forwards, Backwards };
  const auto compose = [](Read read, const EmbedOptions& options) {
    TestLink link;
    add_guests(link, {"highlighter", "markdown", "kv", "journal", "archive", "site"});
    link.trap("press:text/syntax@0.2.1");
    link_site(link, "journal").pass("journal", kPressStore, "kv");
    link.unpass("markdown", "press:text/syntax@0.2.1");
    link.export_item("journal", kPressStore);
    link.export_item("archive", kBackup);
    link.export_item("site", kHandler);
    if (read == Read::Backwards) link.evaluate_backwards();
    return link.embed(options).bytes;
  };
  const std::vector<std::uint8_t> flat = compose(Read::Forwards, {});
  EXPECT_TRUE(flat == compose(Read::Backwards, {}));
  const EmbedOptions grouped{.limits = {1000, 36}};
  const std::vector<std::uint8_t> nested = compose(Read::Forwards, grouped);
  EXPECT_FALSE(flat == nested);
  EXPECT_TRUE(nested == compose(Read::Backwards, grouped));
}

TEST(Embed, WritesNamesAndProducers) {
  TestLink link;
  link.add("kv", store_unit());
  link.export_item("kv", kStore);
  const Composed composed = link.embed({.version = "1.2.3"});
  const Composition composition(composed.bytes);
  EXPECT_EQ(composition.metadata.names.self, "test");
  EXPECT_EQ(composition.metadata.names.find({binary::Sort::Instance, 0}), "kv");
  EXPECT_EQ(composition.metadata.producers,
            (binary::Producers{{"processed-by", {{"tenon", "1.2.3"}}}}));
}

TEST(Embed, StripsSectionsOfUnitsAndOfTheResult) {
  TestLink link;
  add_guests(link, {"kv"});
  link.export_item("kv", kPressStore);
  const Composed kept = link.embed({});
  const Composed stripped = link.embed({.sections = Sections::Strip});
  EXPECT_LT(stripped.bytes.size(), kept.bytes.size());
  const Composition composition(stripped.bytes);
  EXPECT_TRUE(composition.metadata.names.self.empty());
  EXPECT_TRUE(composition.metadata.producers.empty());
  EXPECT_EQ(composition.export_names(), Composition(kept.bytes).export_names());
}

TEST(Embed, DumpsItsBytes) {
  TestLink link;
  link.add("kv", store_unit());
  link.export_item("kv", kStore);
  EXPECT_THAT(link.embed({.labels = KeepLabels::Yes}).dump, HasSubstr("t:kv/store@1.0.0"));
}

TEST(Embed, RefusesAVersionSuffix) {
  TestLink link;
  link.add("kv", store_unit());
  link.plan.units[0].type.exports[0].version_suffix = ".2.3";
  const Result<Composed> result = link.try_embed({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "compose-unsupported-name");
  EXPECT_EQ(result.error().front().where.unit, "kv");
}

TEST(Embed, RefusesAUnitThatIsNotAComponent) {
  TestLink link;
  link.add("kv", store_unit());
  link.plan.units[0].kind = UnitKind::Package;
  const Result<Composed> result = link.try_embed({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "compose-not-one-domain");
}

TEST(Embed, RefusesAnImportThatNeedsAResourceOfAUnit) {
  TestLink link;
  link.add("kv", store_unit());
  link.add("relay", relay_unit());
  link.pass("relay", kStore, "kv");
  const Result<Composed> result = link.try_embed({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "compose-not-one-domain");
  EXPECT_THAT(result.error().front().message, HasSubstr("`kv`"));
}

// -- strip_custom_sections

TEST(Strip, DropsCustomSectionsAtAnyDepth) {
  binary::ComponentWriter with;
  with.add_component(relay_unit(1));
  binary::ComponentWriter without;
  Result<std::vector<std::uint8_t>> inner = strip_custom_sections(relay_unit(1));
  ASSERT_TRUE(inner);
  EXPECT_LT(inner->size(), relay_unit(1).size());
  without.add_component(*inner);
  const Result<std::vector<std::uint8_t>> stripped =
      strip_custom_sections(std::move(with).finish().bytes);
  ASSERT_TRUE(stripped);
  EXPECT_EQ(*stripped, std::move(without).finish().bytes);
}

TEST(Strip, CopiesAComponentWithoutCustomSections) {
  const Result<std::vector<std::uint8_t>> stripped = strip_custom_sections(store_unit());
  ASSERT_TRUE(stripped);
  EXPECT_EQ(*stripped, store_unit());
}

TEST(Strip, AcceptsOrRefusesEveryTruncation) {
  const std::vector<std::uint8_t> whole = store_unit();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result<std::vector<std::uint8_t>> stripped =
        strip_custom_sections(std::span(whole).first(size));
    // A component that is cut between two sections is a shorter component.
    if (stripped) {
      EXPECT_LE(stripped->size(), size);
    }
  }
}

TEST(Strip, RefusesDeepNesting) {
  std::vector<std::uint8_t> nested = store_unit();
  for (std::uint32_t depth = 0; depth <= limits::kNestingDepth; ++depth) {
    binary::ComponentWriter around;
    around.add_component(nested);
    nested = std::move(around).finish().bytes;
  }
  const Result<std::vector<std::uint8_t>> stripped = strip_custom_sections(nested);
  ASSERT_FALSE(stripped);
  EXPECT_EQ(stripped.error().front().code, "read-limit");
}

}  // namespace
}  // namespace tenon::compose::embed_test
