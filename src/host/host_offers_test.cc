// hosts.toml, [hosts.NAME] of tenon.toml, and a program's settings for all bundles.
#include <cstdint>
#include <cstdlib>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tenon/inspect.h"
#include "tests/support/bundle_test.h"

namespace tenon::host_offers_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class HostOffers : public Bundles {
 protected:
  std::string write(std::string_view name, std::string_view text) const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }
  // `front` and `keeper`, which import from a `lib`.
  static CompositionBuilder guests() {
    CompositionBuilder builder;
    builder.add_component("front", domain_guest("front"));
    builder.add_component("keeper", domain_guest("keeper"));
    builder.set_root("front");
    return builder;
  }
  static HostVariables variables() {
    return {{"BUNDLES", fmt::format("{}/bundles", TENON_BINARY_DIR)}};
  }
  static void read(CompositionBuilder& builder, const std::string& file) {
    const Result<void> read = builder.read_hosts(file, variables());
    EXPECT_TRUE(read) << whole_text(read.error());
  }
  static std::vector<std::string> unit_names(CompositionBuilder builder) {
    const Result<Plan> plan = builder.plan();
    EXPECT_TRUE(plan) << whole_text(plan.error());
    std::vector<std::string> names;
    if (plan)
      for (const PlanUnit& unit : plan->units) names.push_back(unit.name);
    return names;
  }
};

constexpr std::string_view kLib = R"(
[global]
search_paths = ["${BUNDLES}"]
[[host]]
name = "lib"
bundle = "domains"
config = { start = 40 }
)";

TEST_F(HostOffers, BecomeUnitsOfCompositionsThatNeedThem) {
  CompositionBuilder builder = guests();
  read(builder, write("hosts.toml", kLib));
  const Composition built = build(std::move(builder));
  EXPECT_EQ(call_front(built, "calls()"), "41");

  CompositionBuilder other;
  other.add_component("adder", std::string_view(TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm"));
  read(other, write("hosts.toml", kLib));
  EXPECT_THAT(unit_names(std::move(other)), Not(testing::Contains("lib")));
}

// Their composition cannot be planned again from memory, so it keeps its plan.
TEST_F(HostOffers, AreNotReadAgain) {
  fs::copy(fmt::format("{}/bundles/domains", TENON_BINARY_DIR), folder_ / "domains",
           fs::copy_options::recursive);
  std::string own(kLib);
  own.replace(own.find("${BUNDLES}"), 10, folder_.string());
  CompositionBuilder builder = guests();
  read(builder, write("hosts.toml", own));
  const Composition built = build(std::move(builder));
  fs::remove_all(folder_ / "domains");
  std::vector<std::string> names;
  for (const PlanUnit& unit : built.plan().units) names.push_back(unit.name);
  EXPECT_THAT(names, testing::Contains("lib"));
  EXPECT_EQ(call_front(built, "calls()"), "41");
}

TEST_F(HostOffers, BrokenOffersFailOnlyIfTheyAreNeeded) {
  const std::string file = write("hosts.toml", "[[host]]\nname = \"lib\"\nbundle = \"nowhere\"\n");
  CompositionBuilder other;
  other.add_component("adder", std::string_view(TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm"));
  read(other, file);
  EXPECT_EQ(problems(std::move(other)), "");
  CompositionBuilder builder = guests();
  read(builder, file);
  EXPECT_THAT(problems(std::move(builder)), AllOf(HasSubstr("host-bundle-not-found"),
                                                  HasSubstr("looked in " + folder_.string())));
}

TEST_F(HostOffers, AComponentTakesPrecedence) {
  CompositionBuilder builder = guests();
  builder.add_component("own", domain_guest("lib"));
  read(builder, write("hosts.toml", kLib));
  EXPECT_THAT(unit_names(std::move(builder)), ElementsAre("front", "keeper", "own"));
}

TEST_F(HostOffers, AWireCanRequestAnOffer) {
  CompositionBuilder builder = guests();
  builder.add_component("own", domain_guest("lib"));
  read(builder, write("hosts.toml", kLib));
  builder.wire({.import = "demo:domains/lib", .provider = "lib"});
  builder.hide("own", "demo:domains/lib");
  EXPECT_THAT(unit_names(std::move(builder)), testing::Contains("lib"));
}

TEST_F(HostOffers, TheLastFileCounts) {
  CompositionBuilder builder = guests();
  read(builder, write("hosts.toml", kLib));
  std::string other(kLib);
  other.replace(other.find("40"), 2, "70");
  read(builder, write("more/hosts.toml", other));
  builder.set_host_config("lib", "fault", "none");
  const Composition built = build(std::move(builder));
  EXPECT_EQ(call_front(built, "calls()"), "71");
}

TEST_F(HostOffers, CanOverrideLibraryAndWit) {
  ASSERT_TRUE(fs::exists(copy("plain")));
  const std::string file = write("hosts.toml",
                                 "[[host]]\nname = \"lib\"\nwit = \"plain/wit\"\n"
                                 "lib = \"plain/lib/libdomains_host.so\"\n"
                                 "world = \"lib-unit\"\n"
                                 "config = { start = \"5\", unheard = true }\n");
  CompositionBuilder builder = guests();
  read(builder, file);
  const Composition built = build(std::move(builder));
  EXPECT_EQ(call_front(built, "calls()"), "6");
}

TEST_F(HostOffers, PathsInTheirConfigurationAreRelativeToTheFile) {
  std::string text(kLib);
  text.replace(text.find("start = 40"), 10, "log = \"logs\"");
  CompositionBuilder builder = guests();
  read(builder, write("hosts.toml", text));
  {
    const Composition built = build(std::move(builder));
    EXPECT_EQ(call_front(built, "add(1, 2)"), "3");
  }
  EXPECT_TRUE(fs::exists(folder_ / "logs"));
}

TEST_F(HostOffers, OfferOnlyTheListedInterfaces) {
  std::string text(kLib);
  text += "interfaces = [\"demo:domains/other\"]\n";
  CompositionBuilder builder = guests();
  read(builder, write("hosts.toml", text));
  EXPECT_THAT(problems(std::move(builder)), HasSubstr("demo:domains/other"));
}

TEST_F(HostOffers, AManifestCanHaveOffers) {
  ASSERT_TRUE(fs::exists(copy("one")));
  const std::string file =
      write("tenon.toml", fmt::format("schema = 1\n[components.front]\npath = \"{}\"\n"
                                      "[components.keeper]\npath = \"{}\"\n"
                                      "[hosts.lib]\nbundle = \"./one\"\n"
                                      "config = {{ start = 6 }}\n[project]\nroot = \"front\"\n",
                                      domain_guest("front"), domain_guest("keeper")));
  CompositionBuilder builder;
  const Result<void> manifest = builder.read_manifest(file);
  ASSERT_TRUE(manifest) << whole_text(manifest.error());
  builder.trust();
  EXPECT_EQ(call_front(build(std::move(builder)), "calls()"), "7");
}

TEST_F(HostOffers, PinsAreRequired) {
  CompositionBuilder builder = make_builder();
  builder.require_pins();
  EXPECT_THAT(problems(std::move(builder)),
              AllOf(HasSubstr("host-pin: the library of `lib` is not pinned"),
                    HasSubstr("write `sha256 = ")));
  CompositionBuilder wrong = guests();
  read(wrong,
       write("hosts.toml", std::string(kLib) + "sha256 = \"" + std::string(64, 'a') + "\"\n"));
  wrong.require_pins();
  EXPECT_THAT(problems(std::move(wrong)), HasSubstr("expected sha256 aaaa"));
}

TEST_F(HostOffers, NativeCodeCanBeForbidden) {
  CompositionBuilder builder = make_builder();
  builder.forbid_native();
  EXPECT_THAT(problems(std::move(builder)), HasSubstr("host-forbidden: `lib` is a host bundle"));
  CompositionBuilder offered = guests();
  read(offered, write("hosts.toml", kLib));
  offered.forbid_native();
  EXPECT_THAT(problems(std::move(offered)),
              AllOf(HasSubstr("resolve-no-provider"), Not(HasSubstr("host-"))));
}

TEST_F(HostOffers, ATrustedPathCanBelongToAnyUser) {
  const std::string open = copy("open");
  fs::permissions(open + "/lib", fs::perms::all);
  CompositionBuilder trusted = make_builder(open);
  trusted.trust_path(open + "/lib");
  EXPECT_EQ(problems(std::move(trusted)), "");
  CompositionBuilder other = make_builder(open);
  other.trust_path(open + "/li");
  EXPECT_THAT(problems(std::move(other)), HasSubstr("host-untrusted"));
}

TEST_F(HostOffers, VariablesOfTheProcessAreSetOnce) {
  const std::string first = copy("one");
  replace(first + "/host.toml", "[config]",
          "[host.env]\nTENON_TEST_HOME = \"${config.fault}/x\"\nTENON_TEST_LOG = "
          "\"${config.log}\"\n[config]");
  bool may_set = false;
  const auto with_fault = [&](std::string_view fault) {
    CompositionBuilder builder = make_builder(first);
    builder.set_host_config("lib", "fault", fault);
    if (may_set) builder.allow_setenv();
    return problems(std::move(builder));
  };
  EXPECT_THAT(with_fault("quiet"), AllOf(HasSubstr("host-config: host 'lib' needs the environment "
                                                   "variable TENON_TEST_HOME to be `quiet/x`"),
                                         HasSubstr("allow_setenv")));
  EXPECT_EQ(std::getenv("TENON_TEST_HOME"), nullptr);
  may_set = true;
  EXPECT_EQ(with_fault("quiet"), "");
  EXPECT_STREQ(std::getenv("TENON_TEST_HOME"), "quiet/x");
  EXPECT_EQ(std::getenv("TENON_TEST_LOG"), nullptr);
  EXPECT_EQ(with_fault("quiet"), "");
  EXPECT_THAT(with_fault("loud"), AllOf(HasSubstr("host-config: host 'lib' needs the environment "
                                                  "variable TENON_TEST_HOME to be `loud/x`"),
                                        HasSubstr("it is `quiet/x`, set for host 'lib'")));
}

TEST_F(HostOffers, ComposeLeavesTheirImportsOpen) {
  const std::string file = write("hosts.toml", kLib);
  CompositionBuilder offered = guests();
  read(offered, file);
  const auto composed = offered.compose();
  ASSERT_TRUE(composed) << whole_text(composed.error());
  const auto asked_for = make_builder().compose();
  ASSERT_TRUE(asked_for);
  EXPECT_EQ(*composed, *asked_for);
}

TEST_F(HostOffers, ALockAppliesToComposing) {
  const std::string file = write("tenon.lock", "");
  std::ofstream(file) << *make_builder().make_lock(file);
  CompositionBuilder builder = make_builder();
  ASSERT_TRUE(builder.require_lock(file));
  const auto composed = builder.compose();
  EXPECT_TRUE(composed) << whole_text(composed.error());
}

TEST_F(HostOffers, ANestedCompositionHasNoOffers) {
  CompositionBuilder inner = make_builder();
  CompositionBuilder offered = guests();
  read(offered, write("hosts.toml", kLib));
  for (CompositionBuilder* nested : {&inner, &offered}) {
    CompositionBuilder outer;
    outer.add_composition("inside", std::move(*nested));
    EXPECT_THAT(problems(std::move(outer)),
                HasSubstr("the composition `inside` is a unit, and so it cannot have host bundles; "
                          "add them to the enclosing composition"));
  }
}

TEST_F(HostOffers, CanBeInspectedWithoutALink) {
  const std::string file =
      write("hosts.toml", "[global]\nrequire_pins = true\n" + std::string(kLib).substr(10));
  HostSearch search{.configs = {file}, .variables = variables()};
  search.folders = {variables().at("BUNDLES")};
  const Result<HostBundle> inspected = inspect_host_bundle("domains", search);
  ASSERT_TRUE(inspected) << whole_text(inspected.error());
  EXPECT_EQ(inspected->library, bundle() + "/lib/libdomains_host.so");
  EXPECT_EQ(inspected->digest.size(), 64U);
  const auto report = [&] {
    const Result<HostBundle> checked = check_host_bundle("domains", search);
    return checked ? "fine" : whole_text(checked.error());
  };
  EXPECT_THAT(report(), HasSubstr("host-pin: the library of `lib` is not pinned"));
  search.configs.clear();
  EXPECT_EQ(report(), "fine");
  search.forbid_native = true;
  EXPECT_THAT(report(), HasSubstr("host-forbidden"));
}

TEST_F(HostOffers, ABuilderDescribesItsHosts) {
  EXPECT_THAT(guests().host_interfaces(), testing::IsEmpty());
  CompositionBuilder builder = guests();
  read(builder, write("hosts.toml", kLib));
  builder.add_host_function("acme:log/*", "write", [](std::uint32_t) {});
  builder.add_host_function("acme:log/*", "flush", [] {});
  builder.add_host_function("", "alone", [] {});
  const HostResource<int> counter("acme:kv/store@1.0.0", "counter");
  builder.add_host_resource(counter);
  EXPECT_THAT(builder.host_interfaces(),
              ElementsAre("acme:kv/store@1.0.0", "acme:log/*", "demo:domains/lib@^1.0.0"));
  // Bundles that cannot be read, that a file leaves out, or that are forbidden are not listed.
  builder.add_host_bundle("other", (folder_ / "nothing").string());
  read(builder, write("none.toml", std::string(kLib) + "interfaces = [\"demo:domains/other\"]\n"));
  EXPECT_THAT(builder.host_interfaces(), ElementsAre("acme:kv/store@1.0.0", "acme:log/*"));
  CompositionBuilder bundles;
  bundles.add_host_bundle("", bundle());
  EXPECT_THAT(bundles.host_interfaces(), ElementsAre("demo:domains/lib@^1.0.0"));
  bundles.forbid_native();
  EXPECT_THAT(bundles.host_interfaces(), testing::IsEmpty());
}

}  // namespace
}  // namespace tenon::host_offers_test
