// ExtensionStore with components that are written as text.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/extension.h"
#include "tenon/host.h"
#include "tenon/value.h"
#include "tests/support/extension_stores.h"

namespace tenon::extension_store_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(ExtensionStores, LinkInstalledExtensions) {
  EXPECT_THAT(names(), IsEmpty());
  const std::string low = write("low.wat", component("acme:low/lib@1.0.0", 1));
  const std::string mid =
      write("mid.wat", component("acme:mid/lib@1.2.0", 10, {"acme:low/lib@1.0.0"}));
  const std::string top = write("top.wat", component("acme:top/api", 100, {"acme:mid/lib@1.0.0"}));
  // Alone the consumer lacks a provider; together with its providers it can be added.
  EXPECT_THAT(add({top}),
              HasSubstr("`top` needs `acme:mid/lib@1.0.0`, which no extension provides"));
  EXPECT_EQ(everything(), "");
  EXPECT_EQ(add({top, low, mid}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.0.0", "mid 1.2.0", "top 0.0.0"));
  EXPECT_EQ(call("top", "acme:top/api"), "112");
  EXPECT_EQ(call("mid", "acme:mid/lib"), "12");
  const auto order = store_.load_order("top");
  ASSERT_TRUE(order);
  EXPECT_EQ(order->front().name, "low");
  EXPECT_EQ(order->back().name, "top");
  EXPECT_EQ(outcome(store_.check()), "fine");
  const auto libraries = store_.libraries("acme:*");
  ASSERT_TRUE(libraries);
  ASSERT_EQ(libraries->size(), 3U);
  EXPECT_THAT((*libraries)[0].users, ElementsAre("mid"));
  EXPECT_EQ((*libraries)[2].why_not, "the policy does not allow it");
}

TEST_F(ExtensionStores, ListTheUsersOfEachTrack) {
  std::string two_tracks = component("x:low/lib@1.0.0", 1);
  two_tracks.insert(two_tracks.rfind(')'), "(export \"x:low/lib@2.0.0\" (instance $e))");
  ASSERT_EQ(add({write("low.wat", two_tracks),
                 write("top.wat", component("x:top/lib", 1, {"x:low/lib@1.0.0"}))}),
            "fine");
  const auto libraries = store_.libraries("x:low/*");
  ASSERT_TRUE(libraries) << outcome(libraries);
  ASSERT_EQ(libraries->size(), 2U);
  EXPECT_THAT((*libraries)[0].users, ElementsAre("top"));
  EXPECT_THAT((*libraries)[1].users, IsEmpty());
}

TEST_F(ExtensionStores, RemoveUnusedExtensions) {
  ASSERT_EQ(add({write("low.wat", component("acme:low/lib@1.0.0", 1)),
                 write("mid.wat", component("acme:mid/lib@1.0.0", 10, {"acme:low/lib@1.0.0"})),
                 write("top.wat", component("acme:top/api", 100, {"acme:mid/lib@1.0.0"}))}),
            "fine");
  EXPECT_EQ(
      outcome(store_.remove({"low"})),
      "ext-in-use: `low` is needed by other extensions; `mid` needs its `acme:low/lib@1.0.0`\n");
  EXPECT_THAT(outcome(store_.remove({"nothing"})), HasSubstr("ext-none"));
  EXPECT_THAT(names(), testing::SizeIs(3));
  EXPECT_EQ(outcome(store_.remove({"top"})), "fine");
  EXPECT_EQ(outcome(store_.remove({"low"}, {.cascade = true})), "fine");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(everything(), Not(HasSubstr(".wasm\n")));
}

TEST_F(ExtensionStores, AnUpgradeThatBreaksATypeIsRejected) {
  ASSERT_EQ(add({write("low.wat", component("acme:low/lib@1.0.0", 1)),
                 write("top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}))}),
            "fine");
  const std::string before = everything();
  // The same name and a newer version, whose `f` has another type.
  const std::string broken =
      write("new/low.wat",
            component("acme:low/lib@1.1.0", 2, {}, R"((func (param "a" s32) (result u32)))"));
  EXPECT_THAT(add({broken}), AllOf(HasSubstr("acme:low/lib@1.0.0"), HasSubstr("resolve-")));
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(call("top", "acme:top/api"), "102");
  EXPECT_EQ(add({write("better/low.wat", component("acme:low/lib@1.1.0", 3))}), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "104");
  EXPECT_THAT(names(), ElementsAre("low 1.1.0", "top 0.0.0"));
}

TEST_F(ExtensionStores, HaveOneVersionOfEachTrack) {
  const auto low = [&](const char* version, int number) {
    return write(fmt::format("{}-{}/low.wat", version, number),
                 component(fmt::format("acme:low/lib@{}", version), number));
  };
  ASSERT_EQ(add({low("1.1.0", 1)}), "fine");
  EXPECT_THAT(add({low("1.0.0", 1)}),
              HasSubstr("`low` 1.1.0 is already installed, and 1.0.0 is older"));
  EXPECT_THAT(add({low("1.1.0", 2)}), HasSubstr("is already installed with another component"));
  EXPECT_THAT(add({low("2.0.0", 2), low("2.1.0", 2)}), HasSubstr("`low` is added twice"));
  EXPECT_EQ(add({low("1.1.0", 1)}), "fine");
  EXPECT_EQ(add({low("2.0.0", 2)}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.1.0", "low 2.0.0"));
  EXPECT_EQ(add({low("1.0.0", 5)}, {.replace = true}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.0.0", "low 2.0.0"));
  // Both tracks in one closure.
  ASSERT_EQ(add({write("both.wat", component("acme:both/api", 100,
                                             {"acme:low/lib@1.0.0", "acme:low/lib@2.0.0"}))}),
            "fine");
  EXPECT_EQ(call("both", "acme:both/api"), "108");
}

TEST_F(ExtensionStores, AnAtSelectsAVersion) {
  for (const char* const version : {"1.1.0", "2.0.0"})
    ASSERT_EQ(add({write(fmt::format("{}/low.wat", version),
                         component(fmt::format("acme:low/lib@{}", version), 1))}),
              "fine");
  EXPECT_EQ(store_.find("low")->version, "2.0.0");
  EXPECT_EQ(store_.find("low@1.1.0")->version, "1.1.0");
  const auto unknown = store_.find("low@1.0.0");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error()[0].code, "ext-none");
  EXPECT_THAT(unknown.error()[0].hints, ElementsAre("installed: `low@1.1.0`, `low@2.0.0`"));
  EXPECT_THAT(outcome(store_.find("log@1.1.0")), HasSubstr("ext-none: "));
  EXPECT_EQ(call("low@1.1.0", "acme:low/lib"), "2");
  EXPECT_EQ(store_.load_order("low@1.1.0")->front().version, "1.1.0");

  EXPECT_EQ(outcome(store_.grant("low@1.1.0", {"env=OLD"})), "fine");
  EXPECT_EQ(outcome(store_.grant("low", {"env=ALL"})), "fine");
  EXPECT_THAT(store_.find("low@1.1.0")->grants, ElementsAre("env=OLD", "env=ALL"));
  EXPECT_THAT(store_.find("low@2.0.0")->grants, ElementsAre("env=ALL"));
  EXPECT_THAT(outcome(store_.revoke("low@2.0.0", {"env=OLD"})),
              HasSubstr("does not have the grant"));
  EXPECT_EQ(outcome(store_.revoke("low", {"env=OLD"})), "fine");

  const auto unclear = store_.remove({"low"});
  ASSERT_FALSE(unclear);
  EXPECT_EQ(unclear.error()[0].code, "ext-conflict");
  EXPECT_THAT(unclear.error()[0].hints, ElementsAre("choose one: `low@1.1.0`, `low@2.0.0`"));
  // A consumer of one version does not need the other.
  ASSERT_EQ(add({write("top.wat", component("acme:top/api", 100, {"acme:low/lib@2.0.0"}))}),
            "fine");
  EXPECT_THAT(outcome(store_.remove({"low@2.0.0"})), HasSubstr("ext-in-use: "));
  EXPECT_EQ(outcome(store_.remove({"low@1.1.0"}, {.cascade = true})), "fine");
  EXPECT_THAT(names(), ElementsAre("low 2.0.0", "top 0.0.0"));
  EXPECT_EQ(outcome(store_.remove({"low"}, {.cascade = true})), "fine");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ExtensionStores, CyclesAreRejected) {
  EXPECT_THAT(add({write("a.wat", component("x:a/lib", 1, {"x:b/lib"})),
                   write("b.wat", component("x:b/lib", 1, {"x:a/lib"}))}),
              HasSubstr("ext-cycle: Circular dependency detected: a -> b -> a"));
  EXPECT_EQ(everything(), "");
}

TEST_F(ExtensionStores, ManifestsMustMatchTheirComponents) {
  write("square/square.wat", component("acme:square/lib@1.0.0", 1));
  const auto add_manifest = [&](std::string_view rest) {
    write("square/extension.toml",
          fmt::format("[extension]\nname = \"square\"\nversion = \"1.0.0\"\n"
                      "component = \"square.wat\"\n{}",
                      rest));
    return add({place("square")});
  };
  EXPECT_THAT(add_manifest("[libraries]\nprovides = [\"acme:sqare/lib\"]\n"),
              AllOf(HasSubstr("ext-manifest: `provides` names `acme:sqare/lib`"),
                    HasSubstr("it exports `acme:square/lib`")));
  EXPECT_THAT(add_manifest("[command]\n"), HasSubstr("`export` names `wasi:cli/run`"));
  EXPECT_THAT(add_manifest("[dependencies]\n\"a:b/lib\" = \"1\"\n"),
              HasSubstr("the component does not import it"));
  EXPECT_EQ(add_manifest("[libraries]\nprovides = []\n"), "fine");
  EXPECT_THAT(store_.find("square")->libraries, IsEmpty());
  EXPECT_EQ(add_manifest("[command]\nexport = \"acme:square/lib.f\"\naliases = [\"sq\"]\n"),
            "fine");
  EXPECT_EQ(store_.find("sq")->name, "square");
}

TEST_F(ExtensionStores, OnlyComponentsAreInstalled) {
  EXPECT_THAT(add({write("m.wat", "(module)")}), HasSubstr("ext-not-component: "));
  EXPECT_THAT(add({place("nothing.wasm")}), HasSubstr("read-file"));
  EXPECT_THAT(add({write("text.wasm", "hello")}), HasSubstr("read-not-wasm"));
  write("empty/extension.toml", "[extension]\nname = \"a\"\nversion = \"1.0.0\"\n");
  EXPECT_THAT(add({place("empty")}), HasSubstr("ext-source: "));
  const auto wrong = store_.add(
      {{.source = write("a.wat", component("x:a/lib", 1)), .sha256 = std::string(64, '0')}});
  EXPECT_THAT(outcome(wrong), HasSubstr("ext-digest: "));
  EXPECT_EQ(everything(), "");
}

TEST_F(ExtensionStores, GrantsBelongToOneExtension) {
  ASSERT_EQ(add({write("low.wat", component("acme:low/lib@1.0.0", 1))}), "fine");
  EXPECT_EQ(outcome(store_.grant("low", {"fs=ro:/tmp", "env=HOME"})), "fine");
  EXPECT_THAT(store_.find("low")->grants, ElementsAre("fs=ro:/tmp", "env=HOME"));
  EXPECT_THAT(outcome(store_.grant("low", {"disk=/tmp"})), HasSubstr("`disk=/tmp` is not a grant"));
  EXPECT_THAT(outcome(store_.grant("low", {"fs=ro:/tmp/nowhere-at-all"})),
              HasSubstr("folder `/tmp/nowhere-at-all` of the grant"));
  EXPECT_THAT(outcome(store_.revoke("low", {"env=HOM"})), HasSubstr("does not have the grant"));
  EXPECT_EQ(outcome(store_.revoke("low", {"env=HOME"})), "fine");
  EXPECT_THAT(store_.find("low")->grants, ElementsAre("fs=ro:/tmp"));
  // A newer version keeps the grants.
  ASSERT_EQ(add({write("new/low.wat", component("acme:low/lib@1.1.0", 1))}), "fine");
  EXPECT_THAT(store_.find("low")->grants, ElementsAre("fs=ro:/tmp"));
}

TEST_F(ExtensionStores, LinkedExtensionsAreReadAtEachUse) {
  const std::string path = write("low.wat", component("acme:low/lib@1.0.0", 1));
  ASSERT_EQ(add({path}, {.link = true}), "fine");
  EXPECT_EQ(call("low", "acme:low/lib"), "2");
  write("low.wat", component("acme:low/lib@1.0.0", 5));
  EXPECT_EQ(call("low", "acme:low/lib"), "6");
}

TEST_F(ExtensionStores, LinkedExtensionsHaveTheVersionOfTheirSource) {
  write("low/low.wat", component("acme:low/lib@1.0.0", 1));
  const auto write_manifest = [&](std::string_view version) {
    return write("low/extension.toml",
                 fmt::format("schema = 1\n[extension]\nname = \"low\"\nversion = \"{}\"\n"
                             "component = \"low.wat\"\n",
                             version));
  };
  write_manifest("0.2.1");
  ASSERT_EQ(add({place("low")}, {.link = true}), "fine");
  ASSERT_EQ(outcome(store_.grant("low", {"env=HOME"})), "fine");
  write_manifest("0.3.0");
  EXPECT_EQ(store_.find("low")->version, "0.3.0");
  EXPECT_EQ(store_.find("low@0.3.0")->version, "0.3.0");
  EXPECT_FALSE(store_.find("low@0.2.1"));
  EXPECT_THAT(store_.find("low")->grants, ElementsAre("env=HOME"));
  EXPECT_THAT(*store_.list(), testing::SizeIs(1));
  EXPECT_EQ(outcome(store_.check()), "fine");
  // Linking it again does not add a second one.
  write_manifest("0.4.0");
  ASSERT_EQ(add({place("low")}, {.link = true}), "fine");
  EXPECT_THAT(*store_.list(), testing::SizeIs(1));
  write_manifest("0.5.0");
  ASSERT_TRUE(store_.remove({"low@0.5.0"}));
  EXPECT_THAT(*store_.list(), testing::IsEmpty());
}

TEST_F(ExtensionStores, ADryRunWritesNothing) {
  const std::string path = write("low.wat", component("acme:low/lib@1.0.0", 1));
  EXPECT_EQ(add({path}, {.dry_run = true}), "fine");
  EXPECT_EQ(everything(), "");
}

TEST_F(ExtensionStores, ConcurrentAdditionsBothSucceed) {
  constexpr int kEach = 6;
  const auto add_some = [&](const char* prefix) {
    ExtensionStore own = open();
    for (int k = 0; k < kEach; ++k) {
      const std::string path = write(fmt::format("{}{}.wat", prefix, k),
                                     component(fmt::format("x:{}{}/lib", prefix, k), k));
      const auto added = own.add({{.source = path}}, {.compile = false});
      EXPECT_TRUE(added) << outcome(added);
    }
  };
  auto other = std::async(std::launch::async, [&] { add_some("a"); });
  add_some("b");
  other.get();
  EXPECT_THAT(names(), testing::SizeIs(2 * kEach));
  EXPECT_EQ(outcome(store_.check()), "fine");
}

TEST_F(ExtensionStores, ModifiedStoresAreDetected) {
  ASSERT_EQ(add({write("low.wat", component("acme:low/lib@1.0.0", 1))}), "fine");
  for (const auto& entry : fs::recursive_directory_iterator(place("store/blobs")))
    if (entry.is_regular_file()) std::ofstream(entry.path(), std::ios::app) << "x";
  EXPECT_THAT(outcome(store_.check()),
              HasSubstr("ext-digest: the component of `low` was modified"));
  EXPECT_THAT(call("low", "acme:low/lib"), HasSubstr("ext-digest: the component of `low`"));
  write("store/index.json", "{");
  EXPECT_THAT(outcome(store_.list()), HasSubstr("ext-store: "));
}

// An index that was not written by tenon.
TEST_F(ExtensionStores, AForeignIndexDoesNotCrash) {
  ASSERT_EQ(add({write("low.wat", component("x:low/lib", 1)),
                 write("top.wat", component("x:top/lib", 1, {"x:low/lib"}))}),
            "fine");
  std::stringstream content;
  content << std::ifstream(place("store/index.json")).rdbuf();
  const auto change = [&](std::string_view from, std::string_view to) {
    std::string text = content.str();
    const std::size_t at = text.find(from);
    ASSERT_NE(at, text.npos);
    write("store/index.json", text.replace(at, from.size(), to));
  };
  // A provider that is not installed is looked for again.
  change("\"from\":\"low\"", "\"from\":\"gone\"");
  EXPECT_EQ(call("top", "x:top/lib"), "3");
  change("\"from\":\"low\"", "\"from\":\"top\"");
  EXPECT_THAT(call("top", "x:top/lib"), HasSubstr("ext-cycle: "));
  change("\"sha256\":\"", "\"sha256\":\"../../");
  EXPECT_THAT(outcome(store_.check()), HasSubstr("is damaged"));
}

TEST_F(ExtensionStores, APolicyCanComeFromTheProgram) {
  const std::string low = write("low.wat", component("acme:low/plugin@1.0.0", 1));
  const std::string top =
      write("top.wat", component("acme:top/api", 100, {"acme:low/plugin@1.0.0"}));
  EXPECT_THAT(add({low, top}), HasSubstr("ext-library-rule: `top` imports"));
  store_ = ExtensionStore({.folder = place("store"),
                           .cache_dir = place("cache"),
                           .policy = ExtensionPolicy{{"acme:*/plugin"}}});
  EXPECT_EQ(add({low, top}), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "102");
}

TEST_F(ExtensionStores, APolicyCanComeFromTheStore) {
  write("store/policy.toml", "library-interfaces = [\"acme:*/plugin\", \"x:*\"]\n");
  EXPECT_EQ(add({write("low.wat", component("acme:low/plugin@1.0.0", 1)),
                 write("top.wat", component("acme:top/api", 100, {"acme:low/plugin@1.0.0"}))}),
            "fine");
  write("store/policy.toml", "library-interfaces = [\"lib\"]\nlibs = 3\n");
  EXPECT_THAT(outcome(store_.libraries()), AllOf(HasSubstr("has `lib`, which is not a pattern"),
                                                 HasSubstr("config-unknown-key")));
}

TEST_F(ExtensionStores, ANarrowedPolicyAppliesToInstalledExtensions) {
  constexpr std::string_view kWide = "library-interfaces = [\"*:*/lib\", \"acme:*/plugin\"]\n";
  constexpr std::string_view kProblem =
      "ext-library-rule: `mid` imports interfaces of other extensions that are not libraries; "
      "`acme:low/plugin@1.0.0` does not match *:*/lib\n";
  write("store/policy.toml", kWide);
  ASSERT_EQ(add({write("low.wat", component("acme:low/plugin@1.0.0", 1)),
                 write("mid.wat", component("acme:mid/lib@1.0.0", 10, {"acme:low/plugin@1.0.0"})),
                 write("top.wat", component("acme:top/lib", 100, {"acme:mid/lib@1.0.0"})),
                 write("other.wat", component("acme:other/lib", 7))}),
            "fine");
  fs::remove(place("store/policy.toml"));
  EXPECT_EQ(outcome(store_.check()), kProblem);
  EXPECT_EQ(call("mid", "acme:mid/lib"), kProblem);
  EXPECT_EQ(call("top", "acme:top/lib"), kProblem);
  // Extensions that do not use the interface can still be run.
  EXPECT_EQ(call("other", "acme:other/lib"), "8");
  EXPECT_EQ(call("low", "acme:low/plugin"), "2");
  // A program can narrow its policy as well.
  const ExtensionStore narrow({.folder = place("store"), .policy = ExtensionPolicy{{"x:*"}}});
  EXPECT_THAT(outcome(narrow.link("top")),
              AllOf(HasSubstr("`top` imports interfaces"), HasSubstr("`mid` imports interfaces")));
  // An interface that the program provides does not link two extensions, so the policy allows it.
  const ExtensionStore hosting({.folder = place("store"), .add_host = [](CompositionBuilder& host) {
                                  host.add_host_function("acme:low/plugin@1.0.0", "f",
                                                         [](std::uint32_t a) { return a + 1000; });
                                }});
  const Result<Composition> hosted = hosting.link("top")->build();
  ASSERT_TRUE(hosted) << outcome(hosted);
  EXPECT_EQ(print_wave(**hosted->call("acme:top/lib", "f", std::vector{Value::u32(1)})), "1111");
  write("store/policy.toml", kWide);
  EXPECT_EQ(call("top", "acme:top/lib"), "112");
}

// low and mid, of which mid breaks the policy after it was narrowed.
TEST_F(ExtensionStores, ABrokenExtensionDoesNotPreventOtherAdditions) {
  constexpr std::string_view kWide = "library-interfaces = [\"*:*/lib\", \"acme:*/plugin\"]\n";
  constexpr std::string_view kProblem =
      "ext-library-rule: `mid` imports interfaces of other extensions that are not libraries; "
      "`acme:low/plugin@1.0.0` does not match *:*/lib\n";
  const auto write_low = [&](std::string_view version, int number) {
    std::string low = component("acme:low/plugin@1.0.0", number);
    low.insert(low.rfind(')'), "(export \"acme:low/lib@1.0.0\" (instance $e))");
    write("low/low.wat", low);
    write("low/extension.toml", fmt::format("[extension]\nname = \"low\"\nversion = \"{}\"\n"
                                            "component = \"low.wat\"\n",
                                            version));
    return place("low");
  };
  write("store/policy.toml", kWide);
  ASSERT_EQ(add({write_low("1.0.0", 1),
                 write("mid.wat", component("acme:mid/lib@1.0.0", 10, {"acme:low/plugin@1.0.0"}))}),
            "fine");
  fs::remove(place("store/policy.toml"));
  EXPECT_EQ(add({write("other.wat", component("acme:other/lib@1.0.0", 7))}), "fine");
  EXPECT_EQ(call("other", "acme:other/lib@1.0.0"), "8");
  EXPECT_EQ(add({write("user.wat", component("x:user/lib", 100, {"acme:low/lib@1.0.0"}))}), "fine");
  EXPECT_EQ(call("user", "x:user/lib"), "102");
  // An extension that needs it, directly or through others, cannot be added.
  const std::string top = write("top.wat", component("x:top/lib", 100, {"acme:mid/lib@1.0.0"}));
  EXPECT_EQ(add({top}), kProblem);
  EXPECT_EQ(add({write("high.wat", component("x:high/lib", 1, {"x:top/lib"})), top}), kProblem);
  // It stays as it was, also if its provider is upgraded.
  EXPECT_EQ(outcome(store_.check()), kProblem);
  EXPECT_EQ(add({write_low("1.1.0", 2)}), "fine");
  EXPECT_EQ(call("user", "x:user/lib"), "103");
  EXPECT_EQ(call("mid", "acme:mid/lib@1.0.0"), kProblem);
  write("store/policy.toml", kWide);
  EXPECT_EQ(add({write_low("1.2.0", 3)}), "fine");
  EXPECT_EQ(call("mid", "acme:mid/lib@1.0.0"), "14");
  EXPECT_EQ(outcome(store_.check()), "fine");
  EXPECT_EQ(add({top}), "fine");
  EXPECT_EQ(call("top", "x:top/lib"), "114");
  // An installed one that is added again is not one that was broken before.
  fs::remove(place("store/policy.toml"));
  EXPECT_EQ(add({place("mid.wat")}, {.replace = true}), kProblem);
}

TEST_F(ExtensionStores, APackageOfWasiThatTheEngineLacksCanBeOptional) {
  write("app/app.wat", component("acme:app/lib", 1, {"wasi:keyvalue/store@0.2.0"}));
  constexpr std::string_view kManifest =
      "[extension]\nname = \"app\"\nversion = \"1.0.0\"\ncomponent = \"app.wat\"\n";
  write("app/extension.toml", kManifest);
  EXPECT_THAT(add({place("app")}), HasSubstr("tenon does not provide `wasi:keyvalue`"));
  write("app/extension.toml",
        fmt::format("{}[dependencies]\n\"wasi:keyvalue/store\" = {{ version = "
                    "\"*\", optional = true }}\n",
                    kManifest));
  EXPECT_EQ(add({place("app")}), "fine");
  EXPECT_THAT(call("app", "acme:app/lib"), HasSubstr("wasi:keyvalue/store@0.2.0"));
}

TEST_F(ExtensionStores, TheWayToRemoveABrokenExtensionIsNamed) {
  write("store/policy.toml", "library-interfaces = [\"*:*/lib\", \"acme:*/plugin\"]\n");
  ASSERT_EQ(add({write("low.wat", component("acme:low/plugin@1.0.0", 1)),
                 write("mid.wat", component("acme:mid/lib@1.0.0", 10, {"acme:low/plugin@1.0.0"})),
                 write("top.wat", component("acme:top/lib", 100, {"acme:mid/lib@1.0.0"}))}),
            "fine");
  fs::remove(place("store/policy.toml"));
  const Result<void> checked = store_.check();
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().front().hints,
              Contains("or remove it: `tenon ext remove --cascade mid`"));
  ASSERT_TRUE(store_.remove({"top"}));
  EXPECT_THAT(store_.check().error().front().hints,
              Contains("or remove it: `tenon ext remove mid`"));
  // An extension that is not installed cannot be removed.
  const auto added = store_.add(
      {{.source = write("new.wat", component("x:new/a", 1, {"acme:low/plugin@1.0.0"}))}});
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().front().hints, SizeIs(1));
  ASSERT_TRUE(store_.remove({"mid"}));
  EXPECT_EQ(outcome(store_.check()), "fine");
}

TEST_F(ExtensionStores, ALinkThatHasChangedDoesNotAffectOthers) {
  ASSERT_EQ(add({write("low.wat", component("acme:low/lib@1.0.0", 1))}), "fine");
  for (const char* const name : {"a.wat", "b.wat"})
    ASSERT_EQ(add({write(name, component(fmt::format("x:{}/lib@1.0.0", name[0]), 10,
                                         {"acme:low/lib@1.0.0"}))},
                  {.link = true}),
              "fine");
  write("a.wat", component("x:a/lib@1.0.0", 10, {"acme:gone/lib@1.0.0"}));
  EXPECT_THAT(call("a", "x:a/lib@1.0.0"), HasSubstr("ext-unmet: `a` needs `acme:gone/lib@1.0.0`"));
  EXPECT_EQ(call("b", "x:b/lib@1.0.0"), "12");
  EXPECT_EQ(add({write("c.wat", component("x:c/lib", 100, {"x:b/lib@1.0.0"}))}), "fine");
  EXPECT_EQ(call("c", "x:c/lib"), "112");
  EXPECT_THAT(add({write("d.wat", component("x:d/lib", 100, {"x:a/lib@1.0.0"}))}),
              HasSubstr("ext-unmet: `a` needs `acme:gone/lib@1.0.0`"));
  // Two links that need each other.
  write("a.wat", component("x:a/lib@1.0.0", 10, {"x:b/lib@1.0.0"}));
  write("b.wat", component("x:b/lib@1.0.0", 10, {"x:a/lib@1.0.0"}));
  EXPECT_THAT(call("a", "x:a/lib@1.0.0"), HasSubstr("ext-cycle"));
  EXPECT_EQ(call("low", "acme:low/lib@1.0.0"), "2");
  EXPECT_EQ(add({write("e.wat", component("x:e/lib", 5, {"acme:low/lib@1.0.0"}))}, {.link = true}),
            "fine");
  EXPECT_EQ(call("e", "x:e/lib"), "7");
  EXPECT_THAT(add({place("d.wat")}), HasSubstr("ext-cycle"));
}

TEST_F(ExtensionStores, HostInterfacesAreNotProvidedByExtensions) {
  ExtensionOptions options = {.folder = place("store"), .cache_dir = place("cache")};
  options.add_host = [](CompositionBuilder& builder) {
    builder.add_host_function("acme:app/lib@1.0.0", "f", [](std::uint32_t a) { return a + 1000; });
  };
  store_ = ExtensionStore(options);
  // It makes no difference whether an extension exports the interface as well.
  const std::string user = write("user.wat", component("acme:user/lib", 1, {"acme:app/lib@1.0.0"}));
  ASSERT_EQ(add({user}), "fine");
  EXPECT_EQ(call("user", "acme:user/lib"), "1002");
  ASSERT_EQ(add({write("app.wat", component("acme:app/lib@1.0.0", 1))}), "fine");
  EXPECT_EQ(call("user", "acme:user/lib"), "1002");
  EXPECT_THAT(store_.find("user")->needs, IsEmpty());
  EXPECT_EQ(outcome(store_.check()), "fine");
  const auto libraries = store_.libraries("acme:app/*");
  ASSERT_TRUE(libraries) << outcome(libraries);
  EXPECT_EQ(libraries->front().why_not, "the program provides it to all extensions");
  EXPECT_EQ(outcome(store_.remove({"app"})), "fine");
  // The program provides this version only.
  EXPECT_THAT(add({write("newer.wat", component("x:newer/lib", 1, {"acme:app/lib@2.0.0"}))}),
              HasSubstr("`newer` needs `acme:app/lib@2.0.0`, which no extension provides"));
  // An optional import is met by the program, and is a trap in a store whose program lacks it.
  write("maybe/maybe.wat", component("acme:maybe/lib", 1, {"acme:app/lib@1.0.0"}));
  write("maybe/extension.toml",
        "[extension]\nname = \"maybe\"\nversion = \"1.0.0\"\ncomponent = \"maybe.wat\"\n"
        "[dependencies]\n\"acme:app/lib\" = { version = \"1\", optional = true }\n");
  ASSERT_EQ(add({place("maybe")}), "fine");
  EXPECT_EQ(call("maybe", "acme:maybe/lib"), "1002");
  store_ = open();
  EXPECT_THAT(call("maybe", "acme:maybe/lib"),
              HasSubstr("`acme:app/lib@1.0.0#f`, which no unit provides"));
  EXPECT_THAT(outcome(store_.check()), HasSubstr("`user` needs `acme:app/lib@1.0.0`"));
}

// A tree in which each extension needs its parent.
TEST_F(ExtensionStores, HoldTwoHundredExtensions) {
  constexpr int kCount = 200;
  const auto library = [](int k, const char* version = "1.0.0") {
    return fmt::format("x:e{:03}/lib@{}", k, version);
  };
  const auto above = [](int k) { return (k - 1) / 2; };
  std::vector<std::string> sources;
  for (int k = 0; k < kCount; ++k)
    sources.push_back(
        write(fmt::format("e{:03}.wat", k),
              component(library(k), 1,
                        k == 0 ? std::vector<std::string>() : std::vector{library(above(k))})));
  const AddOptions uncompiled = {.compile = false};
  // One missing provider prevents the whole addition.
  EXPECT_THAT(add({sources.begin() + 1, sources.end()}, uncompiled),
              AllOf(HasSubstr("`e001` needs `x:e000/lib@1.0.0`"),
                    HasSubstr("`e002` needs `x:e000/lib@1.0.0`"), Not(HasSubstr("`e003`"))));
  EXPECT_EQ(everything(), "");
  ASSERT_EQ(add(sources, uncompiled), "fine");
  EXPECT_THAT(names(), testing::SizeIs(kCount));

  const auto closure = store_.load_order("e199");
  ASSERT_TRUE(closure) << outcome(closure);
  std::vector<std::string> chain;
  for (const Extension& extension : *closure) chain.push_back(extension.name);
  EXPECT_THAT(chain, ElementsAre("e000", "e002", "e005", "e011", "e024", "e049", "e099", "e199"));
  EXPECT_EQ(call("e199", library(199)), "9");
  EXPECT_THAT(*store_.load_order(""), testing::SizeIs(kCount));
  EXPECT_THAT(*store_.libraries("x:e01?/lib"), testing::SizeIs(10));
  EXPECT_EQ(outcome(store_.check()), "fine");

  EXPECT_EQ(
      outcome(store_.remove({"e003"})),
      "ext-in-use: `e003` is needed by other extensions; `e007` needs its `x:e003/lib@1.0.0`; "
      "`e008` needs its `x:e003/lib@1.0.0`\n");
  const std::string broken =
      write("broken/e000.wat",
            component(library(0, "1.1.0"), 2, {}, R"((func (param "a" s32) (result u32)))"));
  EXPECT_THAT(add({broken}, uncompiled),
              AllOf(HasSubstr("`e001`"), HasSubstr("`e002`"), HasSubstr("x:e000/lib@1.0.0")));
  EXPECT_EQ(store_.find("e000")->version, "1.0.0");
  ASSERT_EQ(add({write("better/e000.wat", component(library(0, "1.1.0"), 11))}, uncompiled),
            "fine");
  EXPECT_EQ(call("e199", library(199)), "19");

  // The subtree of e003: e007 and e008, and so on, down to e127 .. e158.
  const auto removed = store_.remove({"e003"}, {.cascade = true});
  ASSERT_TRUE(removed) << outcome(removed);
  EXPECT_THAT(*removed, testing::SizeIs(1 + 2 + 4 + 8 + 16 + 32));
  EXPECT_EQ(outcome(store_.check()), "fine");
}

// From a registry in wkg's layout, found through wkg's configuration.
TEST_F(ExtensionStores, InstallFromARegistry) {
  write("config/wasm-pkg/config.toml",
        fmt::format("default_registry = \"here\"\n[registry.here]\ntype = \"local\"\n"
                    "local = {{ root = \"{}\" }}\n",
                    place("packages")));
  const HostVariables variables = {{"XDG_CONFIG_HOME", place("config")}};
  store_ = ExtensionStore(
      {.folder = place("store"), .cache_dir = place("cache"), .variables = variables});
  const auto publish = [&](const char* version, int number) {
    write("low/low.wat", component(fmt::format("acme:low/lib@{}", version), number));
    write("low/extension.toml",
          fmt::format("[extension]\nname = \"low\"\nversion = \"{}\"\ncomponent = \"low.wat\"\n"
                      "description = \"Adds {}\"\n",
                      version, number));
    return outcome(publish_extension(place("low"), "acme:low", variables));
  };
  ASSERT_EQ(publish("1.0.0", 1), "fine");
  ASSERT_EQ(publish("1.0.0", 1), "fine");
  EXPECT_THAT(publish("1.0.0", 2), HasSubstr("ext-publish"));
  EXPECT_THAT(outcome(publish_extension(place("low"), "low", variables)), HasSubstr("ext-source"));
  EXPECT_EQ(add({"acme:low@^1"}, {.offline = true}), "fine");
  EXPECT_EQ(call("low", "acme:low/lib"), "2");
  EXPECT_THAT(add({"acme:low@^3"}), HasSubstr("ext-not-found"));
  EXPECT_THAT(add({"acme:lov"}), HasSubstr("ext-not-found"));
  const auto upgraded = store_.upgrade({});
  ASSERT_TRUE(upgraded) << outcome(upgraded);
  EXPECT_THAT(*upgraded, IsEmpty());
  ASSERT_EQ(publish("1.3.0", 3), "fine");
  ASSERT_EQ(publish("2.0.0", 4), "fine");
  const auto again = store_.upgrade({"low"});
  ASSERT_TRUE(again) << outcome(again);
  ASSERT_THAT(*again, testing::SizeIs(1));
  EXPECT_EQ(again->front().replaced, "1.0.0");
  EXPECT_EQ(again->front().extension.version, "1.3.0");
  EXPECT_EQ(call("low", "acme:low/lib"), "4");
  // Both tracks come from the same source.
  ASSERT_EQ(add({"acme:low"}), "fine");
  ASSERT_EQ(publish("2.1.0", 5), "fine");
  for (const char* const range : {"acme:low@<2", "acme:low"}) ASSERT_EQ(add({range}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.3.0", "low 2.1.0"));
  ASSERT_EQ(publish("2.2.0", 6), "fine");
  const auto both = store_.upgrade({});
  ASSERT_TRUE(both) << outcome(both);
  EXPECT_THAT(names(), ElementsAre("low 1.3.0", "low 2.2.0"));
  const auto matches = search_extensions({.text = "LOW"}, variables);
  ASSERT_TRUE(matches) << outcome(matches);
  ASSERT_THAT(matches->packages, testing::SizeIs(1));
  const FoundExtension& match = matches->packages.front();
  EXPECT_EQ(match.package, "acme:low");
  EXPECT_THAT(match.versions, ElementsAre("1.0.0", "1.3.0", "2.0.0", "2.1.0", "2.2.0"));
  EXPECT_EQ(match.description, "Adds 6");
  const auto by_interface = search_extensions({.interface = "acme:*/lib@2.*"}, variables);
  ASSERT_TRUE(by_interface) << outcome(by_interface);
  ASSERT_THAT(by_interface->packages, testing::SizeIs(1));
  EXPECT_THAT(by_interface->packages.front().exports, ElementsAre("acme:low/lib@2.2.0"));
  EXPECT_THAT(search_extensions({.interface = "acme:low/ops"}, variables)->packages, IsEmpty());
}

// The guests of examples/press, in C, C++ and Rust.
TEST_F(ExtensionStores, GuestsInSeveralLanguagesAreLinked) {
  write("store/policy.toml", "library-interfaces = [\"press:*\"]\n");
  std::vector<std::string> sources;
  for (const char* const name : {"cli", "site", "markdown", "highlighter", "kv", "archive"})
    sources.push_back(fmt::format("{}/examples/press/wasm/{}.wasm", TENON_SOURCE_DIR, name));
  ASSERT_EQ(add(sources), "fine");
  const auto order = store_.load_order("cli");
  ASSERT_TRUE(order);
  EXPECT_EQ(order->back().name, "cli");
  EXPECT_THAT(*order, testing::SizeIs(6));
  Result<CompositionBuilder> builder = store_.link("cli");
  ASSERT_TRUE(builder) << outcome(builder);
  builder->grants().args = {"PUT /a=# One", "GET /a", "GET /"};
  Result<Composition> running = builder->build();
  ASSERT_TRUE(running) << outcome(running);
  const CallResult<int> code = running->run_command();
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(*code, 0);
}

}  // namespace
}  // namespace tenon::extension_store_test
