// Each domain of a plan becomes a component. An edge between two domains is an import of one
// component and an export of the other. The engine's validator accepts every component.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compose/embed.h"
#include "engine/code.h"
#include "link/link.h"
#include "resolve/split_domains.h"
#include "support/memory_files.h"
#include "support/names.h"
#include "types/uses.h"

namespace tenon::link::split_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Binding = resolve::CompositionImport::Binding;

struct Split {
  PlannedLink planned;
  resolve::SplitPlan split;
  std::vector<compose::Composed> composed;

  [[nodiscard]] const resolve::DomainPlan& domain(std::string_view name) const {
    for (const resolve::DomainPlan& domain : split.domains)
      if (domain.name == name) return domain;
    ADD_FAILURE() << "no domain " << name;
    return split.domains.front();
  }
  [[nodiscard]] std::vector<std::string> domains() const {
    std::vector<std::string> names;
    for (const resolve::DomainPlan& domain : split.domains) names.push_back(domain.name);
    return names;
  }
  // "i0 <- kv e0" for each bridged import, "i0 <- kv" for one that only has resources.
  [[nodiscard]] std::vector<std::string> bridges(std::string_view name) const {
    std::vector<std::string> names;
    for (const resolve::BridgedImport& import : domain(name).imports) {
      names.push_back(import.name + " <- " + split.domains[import.provider].name);
      if (!import.export_name.empty()) names.back() += " " + import.export_name;
    }
    return names;
  }
  // All imports of the component.
  [[nodiscard]] std::vector<std::string> imports(std::string_view name) const {
    std::vector<std::string> names;
    for (const resolve::CompositionImport& import : domain(name).link->imports)
      names.push_back(import.name);
    return names;
  }
  [[nodiscard]] std::vector<std::string> exports(std::string_view name) const {
    std::vector<std::string> names;
    for (const resolve::CompositionExport& exported : domain(name).link->exports)
      names.push_back(exported.name);
    return names;
  }
  // The number of resources in all bridged imports.
  [[nodiscard]] std::size_t resources(std::string_view name) const {
    std::set<types::ResourceId> all;
    for (const resolve::BridgedImport& import : domain(name).imports)
      for (const types::ResourceId id : types::mentioned_resources(*split.types, import.item))
        all.insert(id);
    return all.size();
  }
  // Functions and types of a bridged import.
  [[nodiscard]] std::vector<std::string> parts(std::string_view name, std::size_t import) const {
    std::vector<std::string> names;
    const resolve::LinkPlan& link = *domain(name).link;
    const types::Item& item = domain(name).imports.at(import).item;
    for (const types::NamedItem& part :
         link.types->instances[std::get<types::InstanceId>(item)].exports)
      names.push_back(part.name);
    return names;
  }
};

// Checks that both ends of every bridge are where the split says, which the runtime relies on.
void check_ends(const Split& split_plan) {
  for (const resolve::DomainPlan& domain : split_plan.split.domains) {
    EXPECT_EQ(domain.link->types, split_plan.split.domains.front().link->types);
    EXPECT_EQ(domain.link->resource_class, split_plan.split.domains.front().link->resource_class);
    for (const resolve::BridgedImport& import : domain.imports) {
      const auto imports = split_plan.imports(domain.name);
      EXPECT_NE(std::ranges::find(imports, import.name), imports.end());
      if (import.export_name.empty()) continue;
      const auto exports = split_plan.exports(split_plan.split.domains[import.provider].name);
      EXPECT_NE(std::ranges::find(exports, import.export_name), exports.end());
    }
  }
  for (const resolve::SplitExport& exported : split_plan.split.exports) {
    const auto exports = split_plan.exports(split_plan.split.domains[exported.domain].name);
    EXPECT_NE(std::ranges::find(exports, exported.name), exports.end());
  }
}

Split split_plan(PlannedLink planned) {
  Split split_plan;
  split_plan.planned = std::move(planned);
  split_plan.split = resolve::split_domains(split_plan.planned.plan);
  for (const resolve::DomainPlan& domain : split_plan.split.domains) {
    compose::UnitBytes bytes;
    for (const resolve::Unit& unit : domain.link->units)
      bytes.push_back(*split_plan.planned.binaries.find(unit.name)->second.bytes);
    for (const std::size_t most : {std::size_t{1000}, std::size_t{40}}) {
      Result<compose::Composed> composed =
          compose::embed(*domain.link, bytes, {.limits = {1000, most}});
      if (!composed) {
        if (most < 1000 && domain.units.size() < 2) continue;  // one unit needs more
        ADD_FAILURE() << domain.name << ": " << composed.error().front().message;
        return split_plan;
      }
      const Result<void> valid = engine::validate_component(composed->bytes);
      EXPECT_TRUE(valid) << domain.name << ": " << valid.error().front().message;
      if (most == 1000) split_plan.composed.push_back(*std::move(composed));
    }
  }
  check_ends(split_plan);
  return split_plan;
}

class Splitting : public testing::Test {
 protected:
  void add(const std::string& name, std::string_view wat, std::string_view domain = {}) {
    files_.add(name + ".wat", wat);
    UnitRequest unit;
    unit.name = name;
    unit.path = name + ".wat";
    unit.is_isolated = domain.empty();
    if (!domain.empty()) unit.domain = domain;
    request_.units.push_back(std::move(unit));
  }
  void wire(std::string consumer, std::string import, std::string provider, std::string item = {}) {
    Wire wire;
    wire.consumer = std::move(consumer);
    wire.import = std::move(import);
    wire.provider = std::move(provider);
    if (!item.empty()) wire.export_name = std::move(item);
    request_.policy.wires.push_back(std::move(wire));
  }
  Split split() {
    request_.name = "test";
    PhaseClock clock;
    Result<PlannedLink> planned = plan_link(request_, files_, clock);
    if (planned) return split_plan(*std::move(planned));
    for (const Diagnostic& problem : planned.error()) ADD_FAILURE() << problem.message;
    return {};
  }

  MemoryFiles files_;
  Request request_;
};

constexpr std::string_view kKv = R"((component
  (core module $m
    (func (export "open") (result i32) i32.const 1)
    (func (export "get") (param i32) (result i32) local.get 0))
  (core instance $i (instantiate $m))
  (type $b (resource (rep i32)))
  (func $open (result (own $b)) (canon lift (core func $i "open")))
  (func $get (param "self" (borrow $b)) (result u32) (canon lift (core func $i "get")))
  (component $shape
    (import "b" (type $b (sub resource)))
    (import "open" (func $open (result (own $b))))
    (import "get" (func $get (param "self" (borrow $b)) (result u32)))
    (export $e "bucket" (type $b))
    (export "open" (func $open) (func (result (own $e))))
    (export "[method]bucket.get" (func $get) (func (param "self" (borrow $e)) (result u32))))
  (instance $store (instantiate $shape
    (with "b" (type $b)) (with "open" (func $open)) (with "get" (func $get))))
  (export "t:kv/store@1.0.0" (instance $store))))";

// Returns the bucket that it is passed.
constexpr std::string_view kArchive = R"((component
  (import "t:kv/store@1.0.0" (instance $store
    (export "bucket" (type $b (sub resource)))
    (export "[method]bucket.get" (func (param "self" (borrow $b)) (result u32)))))
  (alias export $store "bucket" (type $b))
  (core module $m (func (export "copy") (param i32) (result i32) local.get 0))
  (core instance $i (instantiate $m))
  (func $copy (param "b" (own $b)) (result (own $b)) (canon lift (core func $i "copy")))
  (instance $backup (export "bucket" (type $b)) (export "copy" (func $copy)))
  (export "t:kv/backup@1.0.0" (instance $backup))))";

// Uses one bucket through two interfaces.
constexpr std::string_view kSite = R"((component $site
  (import "t:kv/store@1.0.0" (instance $store
    (export "bucket" (type $b (sub resource)))
    (export "open" (func (result (own $b))))))
  (alias export $store "bucket" (type $b))
  (import "t:kv/backup@1.0.0" (instance $backup
    (alias outer $site $b (type $o))
    (export "bucket" (type $e (eq $o)))
    (export "copy" (func (param "b" (own $e)) (result (own $e))))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run")))))";

TEST_F(Splitting, AResourceCrossesThreeDomains) {
  add("kv", kKv);
  add("archive", kArchive);
  add("site", kSite);
  const Split split_plan = split();
  EXPECT_THAT(split_plan.domains(), ElementsAre("kv", "archive", "site"));
  EXPECT_THAT(split_plan.exports("kv"), ElementsAre("e0"));
  EXPECT_THAT(split_plan.bridges("archive"), ElementsAre("i0 <- kv e0"));
  EXPECT_THAT(split_plan.exports("archive"), ElementsAre("e0"));
  EXPECT_THAT(split_plan.bridges("site"), UnorderedElementsAre("i0 <- archive e0", "i1 <- kv e0"));
  EXPECT_THAT(split_plan.exports("site"), ElementsAre("run"));
  // Only the imported functions, not all that exist.
  EXPECT_THAT(split_plan.parts("archive", 0), ElementsAre("bucket", "[method]bucket.get"));
  EXPECT_THAT(split_plan.parts("site", 1), ElementsAre("bucket", "open"));
  EXPECT_EQ(split_plan.resources("site"), 1U);
  ASSERT_EQ(split_plan.split.exports.size(), 1U);
  EXPECT_EQ(split_plan.split.exports[0].domain, 2U);
}

TEST_F(Splitting, UsersInOneDomainShareAnImport) {
  add("kv", kKv, "far");
  add("archive", kArchive, "main");
  add("site", kSite, "main");
  const Split split_plan = split();
  EXPECT_THAT(split_plan.domains(), ElementsAre("far", "main"));
  EXPECT_THAT(split_plan.bridges("main"), ElementsAre("i0 <- far e0"));
  EXPECT_THAT(split_plan.parts("main", 0), ElementsAre("bucket", "[method]bucket.get", "open"));
}

TEST_F(Splitting, AResourceOfTheDomainItselfIsExported) {
  add("kv", kKv, "far");
  add("archive", kArchive, "far");
  add("site", kSite, "main");
  const Split split_plan = split();
  EXPECT_THAT(split_plan.exports("far"), ElementsAre("e0", "e1"));
  EXPECT_THAT(split_plan.bridges("main"), UnorderedElementsAre("i0 <- far e1", "i1 <- far e0"));
}

TEST_F(Splitting, ADiamondIsOneResource) {
  add("kv", kKv);
  add("one", kArchive);
  std::string other(kArchive);
  other.replace(other.find("backup@1"), 8, "mirror@1");
  add("two", other);
  std::string site(kSite);
  site.insert(site.find("  (core module"), R"(  (import "t:kv/mirror@1.0.0" (instance
    (alias outer $site $b (type $o))
    (export "bucket" (type $e (eq $o)))
    (export "copy" (func (param "b" (own $e)) (result (own $e))))))
)");
  add("site", site);
  const Split split_plan = split();
  EXPECT_THAT(split_plan.domains(), ElementsAre("kv", "one", "two", "site"));
  EXPECT_EQ(split_plan.bridges("site").size(), 3U);
  EXPECT_EQ(split_plan.resources("site"), 1U);
}

TEST_F(Splitting, AProviderUnderTwoNamesIsOneImport) {
  add("kv", kKv);
  add("app", R"((component
    (import "first" (instance $a (export "bucket" (type $b (sub resource)))
                                 (export "open" (func (result (own $b))))))
    (alias export $a "bucket" (type $b))
    (import "second" (instance (export "bucket" (type $b (sub resource)))
      (export "[method]bucket.get" (func (param "self" (borrow $b)) (result u32)))))
    (core module $m (func (export "run")))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run")))))");
  wire("app", "first", "kv", "t:kv/store@1.0.0");
  wire("app", "second", "kv", "t:kv/store@1.0.0");
  const Split split_plan = split();
  EXPECT_THAT(split_plan.bridges("app"), ElementsAre("i0 <- kv e0"));
  EXPECT_THAT(split_plan.parts("app", 0), ElementsAre("bucket", "open", "[method]bucket.get"));
}

TEST_F(Splitting, BareFunctionsBringTheirTypes) {
  add("rates", R"((component
    (type $r (record (field "percent" f64) (field "kind" u32)))
    (type $l (list $r))
    (export $rate "rate" (type $r))
    (core module $m (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
      (func (export "put") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func $put (param "all" (list $rate))
      (canon lift (core func $i "put") (memory $i "memory") (realloc (func $i "realloc"))))
    (export "put" (func $put))))");
  add("app", R"((component
    (type $r (record (field "percent" f64) (field "kind" u32)))
    (import "rate" (type $rate (eq $r)))
    (import "put" (func (param "all" (list $rate))))
    (core module $m (func (export "run")))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run")))))");
  request_.policy.root = "app";
  const Split split_plan = split();
  EXPECT_THAT(split_plan.bridges("app"), ElementsAre("i0 <- rates e0"));
  EXPECT_THAT(split_plan.imports("app"), ElementsAre("t0", "i0"));
  EXPECT_THAT(split_plan.imports("rates"), ElementsAre()) << "a type is exported where it is named";
}

TEST_F(Splitting, RootResourcesCross) {
  add("blobs", R"((component
    (type $own (resource (rep i32)))
    (export $blob "blob" (type $own))
    (core module $m (func (export "size") (param i32) (result i32) i32.const 7)
                    (func (export "make") (result i32) i32.const 7))
    (core instance $i (instantiate $m))
    (func $size (param "self" (borrow $blob)) (result u32) (canon lift (core func $i "size")))
    (func $make (result (own $blob)) (canon lift (core func $i "make")))
    (export "[method]blob.size" (func $size))
    (export "make" (func $make))))");
  add("app", R"((component
    (import "blob" (type $blob (sub resource)))
    (import "[method]blob.size" (func (param "self" (borrow $blob)) (result u32)))
    (import "make" (func (result (own $blob))))
    (core module $m (func (export "run")))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run")))))");
  request_.policy.root = "app";
  const Split split_plan = split();
  EXPECT_THAT(split_plan.bridges("app"),
              ElementsAre("i0 <- blobs e0", "i1 <- blobs e1", "i2 <- blobs e2"));
}

// No unit exports `shelf`: its bucket is that of `kv`, because `copy` ties them.
TEST_F(Splitting, AResourceThatOnlyTypesUseIsImportedAlone) {
  add("kv", kKv, "far");
  std::string archive(kArchive);
  archive.replace(archive.find("  (instance $backup"), std::string::npos,
                  R"(  (export "copy" (func $copy))))");
  add("archive", archive, "far");
  add("site", R"((component
    (import "t:kv/shelf" (instance $shelf (export "bucket" (type $b (sub resource)))))
    (alias export $shelf "bucket" (type $b))
    (import "copy" (func (param "b" (own $b)) (result (own $b))))
    (core module $m (func (export "run")))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run")))))",
      "main");
  request_.policy.root = "site";
  const Split split_plan = split();
  EXPECT_THAT(split_plan.domains(), ElementsAre("far", "main"));
  EXPECT_THAT(split_plan.bridges("main"), ElementsAre("i0 <- far", "i1 <- far e1"));
  EXPECT_EQ(split_plan.split.domains[1].imports[0].from.unit, 1U);  // kv makes it
  // The resource is named before the function that uses it.
  EXPECT_THAT(split_plan.exports("far"), ElementsAre("e0", "e1"));
}

// `dot` is in no export by its name, and `hue` is by that of another export.
TEST_F(Splitting, ATypeWithoutANameInItsExportContainsOneOfAnotherExport) {
  const std::string types = R"((import "x:y/types" (instance $types
      (type $hue' (enum "red" "blue")) (export "hue" (type $hue (eq $hue')))
      (type $dot' (record (field "hue" $hue))) (export "dot" (type $dot (eq $dot')))))
    (alias export $types "hue" (type $hue))
    (alias export $types "dot" (type $dot)))";
  add("lib", "(component " + types + R"(
    (core module $code
      (func (export "f") (param i32) (result i32) (local.get 0))
      (func (export "g") (param i32 i32)))
    (core instance $core (instantiate $code))
    (type $maybe (option $dot))
    (func $f (param "h" $hue) (result $hue) (canon lift (core func $core "f")))
    (func $g (param "d" $maybe) (canon lift (core func $core "g")))
    (component $one
      (type $hue' (enum "red" "blue")) (import "hue" (type $hue (eq $hue')))
      (import "f" (func $f (param "h" $hue) (result $hue)))
      (export $named "hue" (type $hue))
      (export "f" (func $f) (func (param "h" $named) (result $named))))
    (instance $one (instantiate $one (with "hue" (type $hue)) (with "f" (func $f))))
    (export "x:y/one" (instance $one))
    (component $two
      (type $hue' (enum "red" "blue")) (import "hue" (type $hue (eq $hue')))
      (type $dot' (record (field "hue" $hue))) (import "dot" (type $dot (eq $dot')))
      (type $maybe (option $dot))
      (import "g" (func $g (param "d" $maybe)))
      (export $named "maybe" (type $maybe))
      (export "g" (func $g) (func (param "d" $named))))
    (instance $two
      (instantiate $two (with "hue" (type $hue)) (with "dot" (type $dot)) (with "g" (func $g))))
    (export "x:y/two" (instance $two))))",
      "far");
  add("app", "(component " + types + R"(
    (type $maybe (option $dot))
    (import "x:y/one" (instance
      (export "hue" (type $named (eq $hue)))
      (export "f" (func (param "h" $named) (result $named)))))
    (import "x:y/two" (instance
      (export "maybe" (type $named (eq $maybe)))
      (export "g" (func (param "d" $named)))))))",
      "main");
  request_.policy.root = "app";
  const Split split_plan = split();
  EXPECT_THAT(split_plan.bridges("main"), ElementsAre("i0 <- far e0", "i1 <- far e1"));
}

// Two units export a function each whose result holds a resource of an interface beside it. With the
// other units they fill more than one group.
TEST_F(Splitting, BareFunctionsLeaveGroupsWithTheirResources) {
  for (const std::string name : {"one", "two"}) {
    std::string maker(R"((component
      (component $makes
        (core module $m (func (export "open") (result i32) i32.const 1))
        (core instance $i (instantiate $m))
        (type $own (resource (rep i32)))
        (export $key "key" (type $own))
        (type $record (record (field "key" (own $key))))
        (export $held "held" (type $record))
        (func (export "open") (result $held) (canon lift (core func $i "open"))))
      (instance $keys (instantiate $makes))
      (export "t:keys/NAME" (instance $keys))
      (export "open-NAME" (func $keys "open"))))");
    while (maker.find("NAME") != std::string::npos) maker.replace(maker.find("NAME"), 4, name);
    add(name, maker, "main");
  }
  for (int i = 0; i < 40; ++i)
    add("relay" + std::to_string(i), R"((component
      (import "t:keys/one" (instance (export "key" (type (sub resource)))))))",
        "main");
  add("user", R"((component
    (import "t:keys/one" (instance $one (export "key" (type $key (sub resource)))
      (type $record (record (field "key" (own $key)))) (export "held" (type (eq $record)))))
    (import "t:keys/two" (instance $two (export "key" (type $key (sub resource)))
      (type $record (record (field "key" (own $key)))) (export "held" (type (eq $record)))))
    (alias export $one "held" (type $held-one))
    (alias export $two "held" (type $held-two))
    (import "open-one" (func $open-one (result $held-one)))
    (import "open-two" (func $open-two (result $held-two)))
    (export "one" (func $open-one))
    (export "two" (func $open-two))))",
      "main");
  request_.policy.root = "user";
  EXPECT_THAT(split().domains(), ElementsAre("main"));
}

TEST_F(Splitting, HiddenFunctionsAndOtherNamesCross) {
  add("kv", kKv);
  std::string archive(kArchive);
  while (archive.find("t:kv/store@1.0.0") != std::string::npos)
    archive.replace(archive.find("t:kv/store@1.0.0"), 16, "a:b/shelf");
  add("archive", archive);
  wire("archive", "a:b/shelf", "kv", "t:kv/store@1.0.0");
  request_.policy.filters.push_back({"kv", resolve::Filter::Kind::Hide, "t:kv/store.open", {}});
  request_.policy.root = "archive";
  const Split split_plan = split();
  EXPECT_THAT(split_plan.bridges("archive"), ElementsAre("i0 <- kv e0"));
  EXPECT_EQ(split_plan.split.exports.size(), split_plan.planned.plan.exports.size());
}

TEST_F(Splitting, EachDomainHasItsOpenImports) {
  const std::string_view open = R"((component
    (import "x:y/open@1.0.0" (instance (export "f" (func)) (export "NAME" (func))))
    (core module $m (func (export "run")))
    (core instance $i (instantiate $m))
    (func $run (canon lift (core func $i "run")))
    (instance $own (export "run" (func $run)))
    (export "x:y/NAME" (instance $own))))";
  for (const std::string name : {"a", "b"}) {
    std::string text(open);
    while (text.find("NAME") != std::string::npos) text.replace(text.find("NAME"), 4, name);
    add(name, text);
  }
  add("app", R"((component
    (import "x:y/a" (instance (export "run" (func))))
    (import "x:y/b" (instance (export "run" (func))))
    (core module $m (func (export "run")))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run")))))");
  request_.policy.unresolved = resolve::Policy::Unresolved::Open;
  const Split split_plan = split();
  EXPECT_THAT(split_plan.imports("a"), ElementsAre("x:y/open@1.0.0"));
  EXPECT_THAT(split_plan.imports("b"), ElementsAre("x:y/open@1.0.0"));
  EXPECT_THAT(split_plan.imports("app"), ElementsAre("i0", "i1"));
  const types::Types& types = *split_plan.domain("a").link->types;
  const auto item = std::get<types::InstanceId>(split_plan.domain("a").link->imports[0].item);
  EXPECT_EQ(types.instances[item].exports.size(), 2U);  // not the imports of `b`
}

TEST_F(Splitting, OneDomainIsThePlanItself) {
  add("kv", kKv, "main");
  add("archive", kArchive, "main");
  add("site", kSite, "main");
  const Split split_plan = split();
  ASSERT_EQ(split_plan.split.domains.size(), 1U);
  EXPECT_THAT(split_plan.bridges("main"), IsEmpty());
  compose::UnitBytes bytes;
  for (const resolve::Unit& unit : split_plan.planned.plan.units)
    bytes.push_back(*split_plan.planned.binaries.find(unit.name)->second.bytes);
  EXPECT_EQ(compose::embed(split_plan.planned.plan, bytes, {})->bytes,
            split_plan.composed[0].bytes);
}

TEST(Placing, IsRequestedFromTheBuilder) {
  CompositionBuilder builder;
  const std::string folder = TENON_SOURCE_DIR "/tests/golden/graph/dot/";
  for (const std::string name : {"app", "tax", "book"})
    builder.add_component(name, folder + name + ".wat");
  builder.isolate_all();
  builder.place("tax", "money");
  builder.place("book", "money");
  builder.grants().stdio = Stdio::Inherit;
  builder.grants("money").net = {"*"};
  Result<Plan> plan = builder.plan();
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->domains.size(), 2U);
  EXPECT_EQ(plan->domains[0].name, "money");
  EXPECT_THAT(plan->domains[0].units, ElementsAre("book", "tax"));
  EXPECT_THAT(plan->domains[0].grants.net, ElementsAre("*"));
  EXPECT_EQ(plan->domains[0].grants.stdio, Stdio::None);
  EXPECT_EQ(plan->domains[1].name, "app");
  EXPECT_EQ(plan->domains[1].grants.stdio, Stdio::Inherit);
  EXPECT_EQ(builder.compose().error().front().code, "compose-not-one-domain");

  builder.isolate("toll");
  (void)builder.grants("mony");
  plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().size(), 2U);
}

// Every golden link that can be split with each unit in a domain of its own.
TEST(SplittingAll, LinksOfTheGoldenTests) {
  namespace fs = std::filesystem;
  std::size_t split = 0;
  for (const char* area : {"resolve", "compose", "graph", "run"}) {
    const fs::path root = fs::path(TENON_SOURCE_DIR) / "tests/golden" / area;
    for (const fs::directory_entry& folder : fs::directory_iterator(root)) {
      Request request;
      for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
        if (file.path().extension() != ".wat") continue;
        UnitRequest unit;
        unit.path = file.path().string();
        unit.name = unit_name_of(unit.path);
        request.units.push_back(std::move(unit));
      }
      if (request.units.size() < 2) continue;
      request.name = folder.path().filename().string();
      request.policy.isolation = resolve::Policy::Isolation::All;
      request.policy.unresolved = resolve::Policy::Unresolved::Open;
      PhaseClock clock;
      Result<PlannedLink> planned = plan_link(request, RealFiles(), clock);
      if (!planned) continue;
      SCOPED_TRACE(request.name);
      EXPECT_GT(split_plan(*std::move(planned)).split.domains.size(), 1U);
      ++split;
    }
  }
  EXPECT_GE(split, 10U);
}

// The example `press`, fully split and in every possible pair of domains.
TEST(SplittingAll, ThePress) {
  const std::vector<std::string> names = {"accesslog",   "archive", "cache",    "cli",
                                          "highlighter", "kv",      "markdown", "site"};
  Request request;
  request.name = "press";
  request.policy.root = "cli";
  Wire chain;
  chain.import = "press:web/handler";
  chain.via = {"accesslog", "cache"};
  request.policy.wires.push_back(chain);
  for (const std::string& name : names) {
    UnitRequest unit;
    unit.name = name;
    unit.path = TENON_SOURCE_DIR "/examples/press/wasm/" + name + ".wasm";
    request.units.push_back(std::move(unit));
  }
  std::size_t split = 0;
  for (std::size_t mask = 0; mask <= 1U << names.size(); mask += 8) {
    request.policy.placements.clear();
    request.policy.isolation = resolve::Policy::Isolation::AsPlaced;
    if (mask == 1U << names.size()) request.policy.isolation = resolve::Policy::Isolation::All;
    for (std::size_t i = 0; i < names.size(); ++i)
      if ((mask >> i & 1U) != 0) request.policy.placements.push_back({names[i], "far", {}});
    PhaseClock clock;
    Result<PlannedLink> planned = plan_link(request, RealFiles(), clock);
    if (!planned) {
      for (const Diagnostic& problem : planned.error())
        EXPECT_EQ(problem.code, "resolve-placement");
      continue;
    }
    SCOPED_TRACE(mask);
    split_plan(*std::move(planned));
    ++split;
  }
  EXPECT_GE(split, 5U);
}

}  // namespace
}  // namespace tenon::link::split_test
