// Host bundles as units.
#include "tests/support/bundle_test.h"

#include "tenon/tenon_host.h"

// tests/bundles/domains, linked into this program.
extern "C" const tenon_host_module* tenon_host_module_domains();

namespace tenon::bundle_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Bundles, BehaveLikeTheSameComponent) {
  CompositionBuilder components;
  for (const std::string_view name : {"front", "keeper", "lib"})
    components.add_component(name, domain_guest(name));
  components.set_root("front");
  const Composition expected = build(std::move(components));
  const Composition single = build(make_builder());
  CompositionBuilder isolated = make_builder();
  isolated.isolate_all();
  const Composition many = build(std::move(isolated));
  const Composition cpp = build(make_builder(bundle("domains_cpp")));
  CompositionBuilder in_process = make_builder();
  in_process.run_in_process("lib");
  const Composition process = build(std::move(in_process));
  for (const std::string_view call : kFrontCalls) {
    const std::string expected_result = call_front(expected, call);
    EXPECT_EQ(call_front(single, call), expected_result) << call;
    EXPECT_EQ(call_front(many, call), expected_result) << call;
    EXPECT_EQ(call_front(cpp, call), expected_result) << call;
    EXPECT_EQ(call_front(process, call), expected_result) << call;
  }
}

// Uses the header of `tenon bindgen host-cpp`.
TEST_F(Bundles, CppBundlesDropTheSameResources) {
  {
    CompositionBuilder builder = make_builder(bundle("domains_cpp"));
    builder.set_host_config("lib", "log", log());
    const Composition all = build(std::move(builder));
    EXPECT_EQ(call_front(all, "churn(2)"), "0");
    EXPECT_EQ(call_front(all, "merge(3, 4)"), "8");
    EXPECT_EQ(call_front(all, "keep(10)"), "()");
    EXPECT_EQ(call_front(all, "keep(20)"), "()");
    EXPECT_EQ(call_front(all, "hold(30)"), "()");
    EXPECT_EQ(call_front(all, "alive()"), "3");
  }
  EXPECT_THAT(logged(), ElementsAre("create 0", "drop 0", "drop 1", "drop 8", "drop 30", "drop 20",
                                    "drop 10", "destroy 0"));
}

TEST_F(Bundles, CppExceptionsAreTraps) {
  const std::pair<const char*, const char*> faults[] = {
      {"throw", "of host `lib`: no adding"},
      {"throw-number", "of host `lib`: it threw an exception that is not a std::exception"},
  };
  for (const auto& [fault, message] : faults) {
    CompositionBuilder builder = make_builder(bundle("domains_cpp"));
    builder.set_host_config("lib", "fault", fault);
    const Composition all = build(std::move(builder));
    EXPECT_THAT(call_front(all, "add(1, 2)"), HasSubstr(message));
    EXPECT_THAT(call_front(all, "add(1, 2)"), HasSubstr("has ended"));
  }
  CompositionBuilder builder = make_builder(bundle("domains_cpp"));
  builder.set_host_config("lib", "fault", "null");
  EXPECT_THAT(call_front(build(std::move(builder)), "churn(1)"),
              HasSubstr("of host `lib`: it returned a null resource"));
}

TEST_F(Bundles, CppBundlesThatCannotStartReportTheReason) {
  const std::pair<const char*, const char*> faults[] = {
      {"create", "host-create: the host `lib` cannot start: it was told to fail"},
      {"create-throw", "host-create: the host `lib` cannot start: it was told to throw"},
      {"create-null", "host-create: the host `lib` cannot start: `create` returned null"},
  };
  for (const auto& [fault, message] : faults) {
    CompositionBuilder builder = make_builder(bundle("domains_cpp"));
    builder.set_host_config("lib", "fault", fault);
    EXPECT_THAT(problems(std::move(builder)), HasSubstr(message));
  }
}

TEST_F(Bundles, ALongCppCallIsAskedToStopAtItsDeadline) {
  CompositionBuilder builder = make_builder(bundle("domains_cpp"));
  builder.limits().call_timeout = std::chrono::milliseconds(100);
  EXPECT_THAT(call_front(build(std::move(builder)), "spin()"), HasSubstr("deadline"));
}

TEST_F(Bundles, AreShownInThePlan) {
  const Result<Plan> plan = make_builder().plan();
  ASSERT_TRUE(plan) << whole_text(plan.error());
  ASSERT_EQ(plan->units.size(), 3U);
  EXPECT_EQ(plan->units[2].name, "lib");
  EXPECT_EQ(plan->units[2].kind, UnitKind::HostBundle);
  EXPECT_EQ(plan->units[2].version, "1.0.0");
  EXPECT_EQ(plan->units[2].domain, "");
  for (const PlanEdge& edge : plan->edges)
    if (edge.provider == "lib") {
      EXPECT_EQ(edge.kind, EdgeKind::Native);
    }
}

TEST_F(Bundles, HaveTheNameOfTheirManifestByDefault) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.add_host_bundle("", bundle());
  builder.set_root("front");
  EXPECT_EQ(call_front(build(std::move(builder)), "add(1, 2)"), "3");
}

TEST_F(Bundles, EachHasItsOwnConfiguration) {
  CompositionBuilder twenty = make_builder();
  twenty.set_host_config("lib", "start", "20");
  const Composition a = build(std::move(twenty));
  const Composition b = build(make_builder());
  EXPECT_EQ(call_front(a, "calls()"), "21");
  EXPECT_EQ(call_front(b, "calls()"), "1");
  EXPECT_EQ(call_front(a, "calls()"), "22");
}

TEST_F(Bundles, ConfigurationsAreChecked) {
  CompositionBuilder builder = make_builder();
  builder.set_host_config("lib", "strat", "1");
  builder.set_host_config("lib", "start", "many");
  builder.set_host_config("libs", "start", "1");
  EXPECT_EQ(
      problems(std::move(builder)),
      "host-config: expected a value of type integer for the key `start` of `lib`, found `many`; "
      "write it like "
      "`start = 1`\n"
      "host-config: `lib` has no configuration key `strat`; known keys: `fault` (string), `log` "
      "(path), `start` (integer); did you mean `start`?\n"
      "host-config: `libs.start` configures the host bundle `libs`, which does not exist; "
      "did you mean `lib`?\n");
}

TEST_F(Bundles, ResourcesAreDroppedOnceInReverseOrder) {
  {
    CompositionBuilder builder = make_builder();
    builder.set_host_config("lib", "log", log());
    const Composition all = build(std::move(builder));
    EXPECT_EQ(call_front(all, "churn(2)"), "0");
    // Merging consumes both; its result is dropped.
    EXPECT_EQ(call_front(all, "merge(3, 4)"), "8");
    EXPECT_EQ(call_front(all, "keep(10)"), "()");
    EXPECT_EQ(call_front(all, "keep(20)"), "()");
    EXPECT_EQ(call_front(all, "hold(30)"), "()");
    EXPECT_EQ(call_front(all, "alive()"), "3");
  }
  EXPECT_THAT(logged(), ElementsAre("create 0", "drop 0", "drop 1", "drop 8", "drop 30", "drop 20",
                                    "drop 10", "destroy 0"));
}

TEST_F(Bundles, ResourcesAreDroppedWhenTheirDomainEnds) {
  CompositionBuilder builder = make_builder();
  builder.set_host_config("lib", "log", log());
  const Composition all = build(std::move(builder));
  EXPECT_EQ(call_front(all, "keep(7)"), "()");
  EXPECT_THAT(call_front(all, "boom()"), HasSubstr("boom"));
  EXPECT_THAT(logged(), ElementsAre("create 0", "drop 7"));
}

TEST_F(Bundles, ManyHandlesTakeNoMemory) {
  const Composition all = build(make_builder());
  EXPECT_EQ(call_front(all, "churn(200000)"), "0");
}

TEST_F(Bundles, ATrapHasItsTextAndTheFunction) {
  const Composition all = build(make_builder());
  EXPECT_THAT(call_front(all, "boom()"),
              HasSubstr("`demo:domains/lib@1.0.0#boom` of host `lib`: boom"));
}

// A fault, and its message.
struct Fault {
  const char* fault;
  const char* call;
  const char* message;
};

TEST_F(Bundles, InvalidResultsEndOnlyTheCaller) {
  const Fault faults[] = {
      {"silent", "add(1, 2)", "of host `lib`: it returned 7 without a message"},
      {"trap", "add(1, 2)", "of host `lib`: no adding 1 and 2"},
      {"kind", "add(1, 2)",
       "of host `lib`: it returned an invalid value at result: expected u32, found s32"},
      {"range", "add(1, 2)",
       "of host `lib`: it returned an invalid value at result: 1099511627776 is out of range for "
       "u32"},
      {"text", "echo(\"x\")",
       "of host `lib`: it returned an invalid value at result: the string is not valid UTF-8 at "
       "byte 0"},
      {"null", "echo(\"x\")",
       "of host `lib`: it returned an invalid value at result: expected 3 elements, found NULL"},
      {"kind", "echo(\"x\")",
       "of host `lib`: it returned an invalid value at result: expected string, found list"},
      {"memory", "echo(\"x\")", "of host `lib`: its result exceeds the memory limit of a call"},
      {"case", "echo-mixed(none, ok(7), ('a', false, 9), other, {})",
       "of host `lib`: it returned an invalid value at result.3: case 9 does not exist, the type "
       "has 2 cases"},
  };
  for (const Fault& fault : faults) {
    CompositionBuilder builder = make_builder();
    builder.set_host_config("lib", "fault", fault.fault);
    const Composition all = build(std::move(builder));
    EXPECT_THAT(call_front(all, fault.call), HasSubstr(fault.message)) << fault.fault;
    EXPECT_THAT(call_front(all, fault.call), HasSubstr("has ended")) << fault.fault;
  }
}

TEST_F(Bundles, ABundleThatCannotStartReportsTheReason) {
  CompositionBuilder builder = make_builder();
  builder.set_host_config("lib", "fault", "create");
  EXPECT_THAT(problems(std::move(builder)),
              HasSubstr("host-create: the host `lib` cannot start: it was told to fail"));
  CompositionBuilder silent = make_builder();
  silent.set_host_config("lib", "fault", "create-silent");
  EXPECT_THAT(problems(std::move(silent)),
              HasSubstr("host-create: the host `lib` cannot start: `create` returned 3"));
}

TEST_F(Bundles, ALongCallIsAskedToStopAtItsDeadline) {
  CompositionBuilder builder = make_builder();
  builder.limits().call_timeout = std::chrono::milliseconds(100);
  const Composition all = build(std::move(builder));
  EXPECT_THAT(call_front(all, "spin()"), HasSubstr("deadline"));
}

TEST_F(Bundles, AllDifferencesOfTheWitAreReported) {
  const std::string path = copy("differs");
  replace(path + "/wit/domains.wit", "alive: func() -> u32;", "alife: func() -> u32;");
  replace(path + "/wit/domains.wit", "consume: func(c: counter) -> u32;", "");
  // The guests import a function that the WIT no longer has, which resolving reports first.
  EXPECT_THAT(problems(make_builder(path)), HasSubstr("resolve-"));
}

TEST_F(Bundles, AMissingBundleLibraryOrSymbolIsReported) {
  EXPECT_THAT(problems(make_builder((folder_ / "none").string())), HasSubstr("read-file"));
  const std::string gone = copy("gone");
  fs::remove(gone + "/lib/libdomains_host.so");
  EXPECT_THAT(problems(make_builder(gone)),
              AllOf(HasSubstr("host-library"), HasSubstr("there is no such file")));
  const std::string text = copy("text");
  fs::remove(text + "/lib/libdomains_host.so");
  std::ofstream(text + "/lib/libdomains_host.so") << "no library";
  EXPECT_THAT(problems(make_builder(text)),
              HasSubstr("host-library: the library of `lib` cannot be "
                        "loaded"));
}

TEST_F(Bundles, FilesThatOthersCanChangeAreNotLoaded) {
  const std::string open = copy("open");
  fs::permissions(open + "/lib", fs::perms::all);
  EXPECT_THAT(problems(make_builder(open)),
              AllOf(HasSubstr("host-untrusted"), HasSubstr("drwxrwxrwx"), HasSubstr("/open/lib")));
  fs::permissions(open + "/lib", fs::perms::owner_all);
  fs::permissions(open + "/lib/libdomains_host.so", fs::perms::all);
  EXPECT_THAT(problems(make_builder(open)), HasSubstr("-rwxrwxrwx"));
  fs::permissions(open + "/lib/libdomains_host.so", fs::perms::owner_all);
  EXPECT_EQ(problems(make_builder(open)), "");
}

TEST_F(Bundles, ALibraryStaysInItsBundle) {
  const std::string linked = copy("linked");
  fs::remove(linked + "/lib/libdomains_host.so");
  fs::create_symlink(bundle() + "/lib/libdomains_host.so", linked + "/lib/libdomains_host.so");
  EXPECT_THAT(problems(make_builder(linked)),
              AllOf(HasSubstr("host-library"), HasSubstr("outside the bundle")));
}

TEST_F(Bundles, APinIsChecked) {
  const std::string pinned = copy("pinned");
  replace(pinned + "/host.toml", "lib = \"lib/libdomains_host.so\"\n", "");
  replace(pinned + "/host.toml", "[config]",
          "[host.lib]\nlinux-x86_64 = { path = \"lib/libdomains_host.so\", sha256 = \"" +
              std::string(64, '0') + "\" }\n[config]");
  EXPECT_THAT(
      problems(make_builder(pinned)),
      AllOf(HasSubstr("host-pin"), HasSubstr("expected sha256 0000"), HasSubstr("found    ")));
}

TEST_F(Bundles, ComposeLeavesTheirImportsOpen) {
  CompositionBuilder builder = make_builder();
  const auto composed = builder.compose();
  ASSERT_TRUE(composed) << whole_text(composed.error());
}

TEST_F(Bundles, CanBeLinkedIntoAProgram) {
  const auto test = [](const HostModule& module) {
    CompositionBuilder builder;
    builder.add_component("front", domain_guest("front"));
    builder.add_component("keeper", domain_guest("keeper"));
    builder.add_host_module("lib", module);
    builder.set_host_config("lib", "start", "7");
    builder.set_root("front");
    builder.require_pins().forbid_native();
    const Composition built = build(std::move(builder));
    EXPECT_EQ(call_front(built, "calls()"), "8");
    EXPECT_EQ(call_front(built, "merge(3, 4)"), "8");
  };
  test({.module = tenon_host_module_domains(), .folder = bundle()});
  const auto read = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  test({.module = tenon_host_module_domains(),
        .manifest = read(bundle() + "/host.toml"),
        .wit = read(bundle() + "/wit/domains.wit")});
}

TEST_F(Bundles, LinkedBundlesCanHaveWitText) {
  const auto report = [](const std::string& manifest, const std::string& wit) {
    CompositionBuilder builder;
    builder.add_host_module(
        "lib", {.module = tenon_host_module_domains(), .manifest = manifest, .wit = wit});
    return problems(std::move(builder));
  };
  EXPECT_THAT(report("", ""), HasSubstr("config-value: `host` is missing"));
  EXPECT_THAT(report("[host]\nname = \"a\"\nlib = \"x\"\nwit = \"y\"\n", "interface {"),
              HasSubstr("wit-syntax"));
}

}  // namespace
}  // namespace tenon::bundle_test
