// hosts.toml, [hosts.NAME] of tenon.toml, and what a program says of all bundles.
#include <cstdint>
#include <cstdlib>

#include "tenon/host.h"
#include "tenon/host_bundle.h"
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
  // `front` and `keeper`, which need a `lib`.
  static CompositionBuilder guests() {
    CompositionBuilder made;
    made.add_component("front", domain_guest("front"));
    made.add_component("keeper", domain_guest("keeper"));
    made.set_root("front");
    return made;
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

TEST_F(HostOffers, AreUnitsOfWhatNeedsThem) {
  CompositionBuilder made = guests();
  read(made, write("hosts.toml", kLib));
  const Composition built = build(std::move(made));
  EXPECT_EQ(call_front(built, "calls()"), "41");

  CompositionBuilder other;
  other.add_component("adder", std::string_view(TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm"));
  read(other, write("hosts.toml", kLib));
  EXPECT_THAT(unit_names(std::move(other)), Not(testing::Contains("lib")));
}

TEST_F(HostOffers, ThatAreBrokenAreTheirConcernWhoNeedThem) {
  const std::string file = write("hosts.toml", "[[host]]\nname = \"lib\"\nbundle = \"nowhere\"\n");
  CompositionBuilder other;
  other.add_component("adder", std::string_view(TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm"));
  read(other, file);
  EXPECT_EQ(problems(std::move(other)), "");
  CompositionBuilder made = guests();
  read(made, file);
  EXPECT_THAT(problems(std::move(made)), AllOf(HasSubstr("host-bundle-not-found"),
                                               HasSubstr("looked in " + folder_.string())));
}

TEST_F(HostOffers, AComponentComesFirst) {
  CompositionBuilder made = guests();
  made.add_component("own", domain_guest("lib"));
  read(made, write("hosts.toml", kLib));
  EXPECT_THAT(unit_names(std::move(made)), ElementsAre("front", "keeper", "own"));
}

TEST_F(HostOffers, AWireAsksForOne) {
  CompositionBuilder made = guests();
  made.add_component("own", domain_guest("lib"));
  read(made, write("hosts.toml", kLib));
  made.wire({.import = "demo:domains/lib", .provider = "lib"});
  made.hide("own", "demo:domains/lib");
  EXPECT_THAT(unit_names(std::move(made)), testing::Contains("lib"));
}

TEST_F(HostOffers, TheLastFileCounts) {
  CompositionBuilder made = guests();
  read(made, write("hosts.toml", kLib));
  std::string other(kLib);
  other.replace(other.find("40"), 2, "70");
  read(made, write("more/hosts.toml", other));
  made.set_host_config("lib", "fault", "none");
  const Composition built = build(std::move(made));
  EXPECT_EQ(call_front(built, "calls()"), "71");
}

TEST_F(HostOffers, HaveALibraryAndWitOfTheirOwn) {
  ASSERT_TRUE(fs::exists(copy("plain")));
  const std::string file = write("hosts.toml",
                                 "[[host]]\nname = \"lib\"\nwit = \"plain/wit\"\n"
                                 "lib = \"plain/lib/libdomains_host.so\"\n"
                                 "world = \"lib-unit\"\n"
                                 "config = { start = \"5\", unheard = true }\n");
  CompositionBuilder made = guests();
  read(made, file);
  const Composition built = build(std::move(made));
  EXPECT_EQ(call_front(built, "calls()"), "6");
}

TEST_F(HostOffers, PathsOfTheirConfigurationAreBesideTheFile) {
  std::string text(kLib);
  text.replace(text.find("start = 40"), 10, "log = \"logs\"");
  CompositionBuilder made = guests();
  read(made, write("hosts.toml", text));
  {
    const Composition built = build(std::move(made));
    EXPECT_EQ(call_front(built, "add(1, 2)"), "3");
  }
  EXPECT_TRUE(fs::exists(folder_ / "logs"));
}

TEST_F(HostOffers, OfferTheirInterfacesAlone) {
  std::string text(kLib);
  text += "interfaces = [\"demo:domains/other\"]\n";
  CompositionBuilder made = guests();
  read(made, write("hosts.toml", text));
  EXPECT_THAT(problems(std::move(made)), HasSubstr("demo:domains/other"));
}

TEST_F(HostOffers, AManifestHasSome) {
  ASSERT_TRUE(fs::exists(copy("one")));
  const std::string file =
      write("tenon.toml", fmt::format("schema = 1\n[components.front]\npath = \"{}\"\n"
                                      "[components.keeper]\npath = \"{}\"\n"
                                      "[hosts.lib]\nbundle = \"./one\"\n"
                                      "config = {{ start = 6 }}\n[project]\nroot = \"front\"\n",
                                      domain_guest("front"), domain_guest("keeper")));
  CompositionBuilder made;
  const Result<void> manifest = made.read_manifest(file);
  ASSERT_TRUE(manifest) << whole_text(manifest.error());
  made.trust();
  EXPECT_EQ(call_front(build(std::move(made)), "calls()"), "7");
}

TEST_F(HostOffers, PinsAreRequired) {
  CompositionBuilder made = builder();
  made.require_pins();
  EXPECT_THAT(problems(std::move(made)),
              AllOf(HasSubstr("host-pin: the library of `lib` is not pinned"),
                    HasSubstr("write `sha256 = ")));
  CompositionBuilder wrong = guests();
  read(wrong,
       write("hosts.toml", std::string(kLib) + "sha256 = \"" + std::string(64, 'a') + "\"\n"));
  wrong.require_pins();
  EXPECT_THAT(problems(std::move(wrong)), HasSubstr("expected sha256 aaaa"));
}

TEST_F(HostOffers, NativeCodeIsForbidden) {
  CompositionBuilder made = builder();
  made.forbid_native();
  EXPECT_THAT(problems(std::move(made)), HasSubstr("host-forbidden: `lib` is native code"));
  CompositionBuilder offered = guests();
  read(offered, write("hosts.toml", kLib));
  offered.forbid_native();
  EXPECT_THAT(problems(std::move(offered)),
              AllOf(HasSubstr("resolve-no-provider"), Not(HasSubstr("host-"))));
}

TEST_F(HostOffers, ATrustedPathMayBeAnybodys) {
  const std::string open = copy("open");
  fs::permissions(open + "/lib", fs::perms::all);
  CompositionBuilder trusted = builder(open);
  trusted.trust_path(open + "/lib");
  EXPECT_EQ(problems(std::move(trusted)), "");
  CompositionBuilder other = builder(open);
  other.trust_path(open + "/li");
  EXPECT_THAT(problems(std::move(other)), HasSubstr("host-untrusted"));
}

TEST_F(HostOffers, VariablesOfTheProcessAreSetOnce) {
  const std::string one = copy("one");
  replace(one + "/host.toml", "[config]",
          "[host.env]\nTENON_TEST_HOME = \"${config.fault}/x\"\nTENON_TEST_LOG = "
          "\"${config.log}\"\n[config]");
  bool may_set = false;
  const auto with_fault = [&](std::string_view fault) {
    CompositionBuilder made = builder(one);
    made.set_host_config("lib", "fault", fault);
    if (may_set) made.allow_setenv();
    return problems(std::move(made));
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
  const auto asked_for = builder().compose();
  ASSERT_TRUE(asked_for);
  EXPECT_EQ(*composed, *asked_for);
}

TEST_F(HostOffers, ALockHoldsForWhatIsComposed) {
  const std::string file = write("tenon.lock", "");
  std::ofstream(file) << *builder().make_lock(file);
  CompositionBuilder made = builder();
  ASSERT_TRUE(made.require_lock(file));
  const auto composed = made.compose();
  EXPECT_TRUE(composed) << whole_text(composed.error());
}

TEST_F(HostOffers, ACompositionInsideHasNone) {
  CompositionBuilder inner = builder();
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

TEST_F(HostOffers, AreLookedAtWithoutALink) {
  const std::string file =
      write("hosts.toml", "[global]\nrequire_pins = true\n" + std::string(kLib).substr(10));
  HostSearch search{.configs = {file}, .variables = variables()};
  search.folders = {variables().at("BUNDLES")};
  const Result<HostBundle> inspected = inspect_host_bundle("domains", search);
  ASSERT_TRUE(inspected) << whole_text(inspected.error());
  EXPECT_EQ(inspected->library, bundle() + "/lib/libdomains_host.so");
  EXPECT_EQ(inspected->digest.size(), 64U);
  const auto told = [&] {
    const Result<HostBundle> checked = check_host_bundle("domains", search);
    return checked ? "fine" : whole_text(checked.error());
  };
  EXPECT_THAT(told(), HasSubstr("host-pin: the library of `lib` is not pinned"));
  search.configs.clear();
  EXPECT_EQ(told(), "fine");
  search.forbid_native = true;
  EXPECT_THAT(told(), HasSubstr("host-forbidden"));
}

TEST_F(HostOffers, ABuilderSaysWhatItsHostHas) {
  EXPECT_THAT(guests().host_interfaces(), testing::IsEmpty());
  CompositionBuilder made = guests();
  read(made, write("hosts.toml", kLib));
  made.add_host_function("acme:log/*", "write", [](std::uint32_t) {});
  made.add_host_function("acme:log/*", "flush", [] {});
  made.add_host_function("", "alone", [] {});
  const HostResource<int> counter("acme:kv/store@1.0.0", "counter");
  made.add_host_resource(counter);
  EXPECT_THAT(made.host_interfaces(),
              ElementsAre("acme:kv/store@1.0.0", "acme:log/*", "demo:domains/lib@^1.0.0"));
  // What cannot be read is not there, nor what a file leaves out, nor what is forbidden.
  made.add_host_bundle("other", (folder_ / "nothing").string());
  read(made, write("none.toml", std::string(kLib) + "interfaces = [\"demo:domains/other\"]\n"));
  EXPECT_THAT(made.host_interfaces(), ElementsAre("acme:kv/store@1.0.0", "acme:log/*"));
  CompositionBuilder bundles;
  bundles.add_host_bundle("", bundle());
  EXPECT_THAT(bundles.host_interfaces(), ElementsAre("demo:domains/lib@^1.0.0"));
  bundles.forbid_native();
  EXPECT_THAT(bundles.host_interfaces(), testing::IsEmpty());
}

}  // namespace
}  // namespace tenon::host_offers_test
