// Grants, limits and denials, with real guests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/extension.h"
#include "tenon/host.h"
#include "tests/support/extension_stores.h"

namespace tenon::extension_grants_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kGuests = TENON_SOURCE_DIR "/tests/guests/wasm/";

// A library whose `f` returns the number of variables in its own environment.
constexpr std::string_view kCounter = R"((component
  (import "wasi:cli/environment@0.2.0" (instance $env
    (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $m (instantiate $memory))
  (core func $get (canon lower (func $env "get-environment")
    (memory $m "memory") (realloc (func $m "realloc"))))
  (core module $main
    (import "e" "get" (func $get (param i32)))
    (import "e" "memory" (memory 1))
    (func (export "f") (param i32) (result i32)
      (call $get (i32.const 16))
      (i32.load (i32.const 20))))
  (core instance $c (instantiate $main (with "e" (instance
    (export "get" (func $get)) (export "memory" (memory $m "memory"))))))
  (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $i (export "f" (func $f)))
  (export "acme:count/lib@1.0.0" (instance $i))))";

// A library whose `f` never returns. TRAP is replaced by the body of its start function.
constexpr std::string_view kLoop = R"((component
  (core module $m
    (func $begin TRAP)
    (start $begin)
    (func (export "f") (param i32) (result i32) (loop $again (br $again)) (unreachable)))
  (core instance $c (instantiate $m))
  (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $i (export "f" (func $f)))
  (export "acme:low/lib@1.0.0" (instance $i))))";

std::string looping_library(std::string_view start) {
  std::string text(kLoop);
  return text.replace(text.find("TRAP"), 4, start);
}

class ExtensionGrants : public ExtensionStores {
 protected:
  ExtensionGrants() { reopen({}); }

  void reopen(std::vector<std::string> guarded) {
    store_ = ExtensionStore({.folder = place("store"),
                             .cache_dir = place("cache"),
                             .project_dir = place("project"),
                             .private_dir = place("private"),
                             .variables = {{"SECRET", "1"}, {"OTHER", "2"}},
                             .add_host = add_host_,
                             .guarded = std::move(guarded)});
  }
  struct RunOutcome {
    int code = -1;
    std::vector<Denial> denials;
  };
  RunOutcome run(std::string_view name, const std::vector<std::string>& args) {
    Result<CompositionBuilder> builder = store_.link(name);
    EXPECT_TRUE(builder) << outcome(builder);
    if (!builder) return {};
    builder->grants().args = args;
    Result<Composition> running = builder->build();
    EXPECT_TRUE(running) << outcome(running);
    if (!running) return {};
    const CallResult<int> code = running->run_command();
    return {code ? *code : -1, running->denials()};
  }
  std::string add_with_grants(const std::string& source, const std::vector<std::string>& grants) {
    return outcome(store_.add({{.source = source, .grants = grants}}));
  }

  std::function<void(CompositionBuilder&)> add_host_;
};

TEST_F(ExtensionGrants, EverythingIsDeniedWithoutAGrant) {
  const std::string hello = std::string(kGuests) + "hello.wasm";
  write("project/in.txt", "found");
  ASSERT_EQ(add_with_grants(hello, {}), "fine");
  const RunOutcome denied = run("hello", {"read:" + place("project/in.txt")});
  EXPECT_EQ(denied.code, 3);
  const Denial output{"hello", Denial::Kind::Output};  // the test does not inherit the streams
  EXPECT_THAT(denied.denials, ElementsAre(Denial{"hello", Denial::Kind::Directory},
                                          Denial{"hello", Denial::Kind::Environment}, output));
  ASSERT_EQ(outcome(store_.grant("hello", {"fs=ro:$PROJECT::/here", "env=SEC*"})), "fine");
  const RunOutcome granted = run("hello", {"read:/here/in.txt"});
  EXPECT_EQ(granted.code, 0);
  EXPECT_THAT(granted.denials, ElementsAre(output));
  EXPECT_EQ(run("hello", {"write:/here/out.txt=x"}).code, 3);
  ASSERT_EQ(outcome(store_.revoke("hello", {"fs=ro:$PROJECT::/here"})), "fine");
  EXPECT_EQ(run("hello", {"read:/here/in.txt"}).code, 3);
}

TEST_F(ExtensionGrants, EachExtensionHasAPrivateFolder) {
  ASSERT_EQ(add_with_grants(std::string(kGuests) + "hello.wasm", {"fs=rw:$CACHE::/keep"}), "fine");
  EXPECT_FALSE(fs::exists(place("private")));
  EXPECT_EQ(run("hello", {"write:/keep/a=1"}).code, 0);
  // It is inside of a folder that belongs to this store.
  const fs::path of_store = fs::directory_iterator(place("private"))->path();
  EXPECT_TRUE(fs::exists(of_store / "hello/a"));
  EXPECT_EQ(fs::status(of_store).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(of_store / "hello").permissions(), fs::perms(0700));
  ASSERT_EQ(outcome(store_.remove({"hello"}, {.purge = true})), "fine");
  EXPECT_FALSE(fs::exists(of_store / "hello"));
}

// In a store that others can write to, the index says what is installed, and a file of the user
// what it is granted.
TEST_F(ExtensionGrants, GrantsOfAProjectComeFromTheUser) {
  const std::string grants_file = place("state/tenon/grants.toml");
  const auto open = [&](const std::string& file) {
    return ExtensionStore({.folder = place("store"), .grants_file = file});
  };
  const std::string component = std::string(kGuests) + "hello.wasm";
  ASSERT_EQ(add_with_grants(component, {"env=STOLEN"}), "fine");
  const auto grants_of = [&](const std::string& file) {
    const Result<Extension> extension = open(file).find("hello");
    return extension ? extension->grants : std::vector<std::string>{outcome(extension)};
  };
  EXPECT_THAT(grants_of(""), ElementsAre("env=STOLEN"));
  EXPECT_THAT(grants_of(grants_file), IsEmpty());
  ASSERT_EQ(outcome(open(grants_file).grant("hello", {"env=MINE"})), "fine");
  EXPECT_THAT(grants_of(grants_file), ElementsAre("env=MINE"));
  EXPECT_EQ(fs::status(grants_file).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(fs::path(grants_file).parent_path()).permissions(), fs::perms(0700));
  // Neither the index nor ext.lock contains grants.
  for (const char* file : {"store/index.json", "store/ext.lock"}) {
    std::ifstream opened(place(file));
    const std::string text{std::istreambuf_iterator<char>(opened), {}};
    EXPECT_THAT(text, Not(HasSubstr("MINE"))) << file;
    EXPECT_THAT(text, Not(HasSubstr("STOLEN"))) << file;
  }
  // Another component of that name gets none of the grants.
  Result<std::vector<AddedExtension>> replaced =
      open(grants_file)
          .add({{.source = std::string(kGuests) + "adder.wasm", .name = "hello"}},
               {.replace = true});
  ASSERT_TRUE(replaced) << outcome(replaced);
  EXPECT_THAT(grants_of(grants_file), IsEmpty());
  // A grants file that others can write is rejected.
  fs::permissions(grants_file, fs::perms(0666));
  EXPECT_THAT(outcome(open(grants_file).find("hello")), HasSubstr("config-untrusted"));
}

// The grants of a project's store are not in its index, which is the same before and after a revocation.
TEST_F(ExtensionGrants, ARevocationDuringAnotherChangeIsKept) {
  const auto open = [&] {
    return ExtensionStore({.folder = place("store"),
                           .cache_dir = place("cache"),
                           .grants_file = place("state/tenon/grants.toml")});
  };
  ExtensionStore first = open();
  ASSERT_EQ(outcome(first.add({{.source = std::string(kGuests) + "hello.wasm",
                                .grants = {"env=KEPT", "env=REVOKED"}}})),
            "fine");
  ExtensionStore second = open();
  int revoked = 0;
  AddOptions options;
  options.on_compile = [&](const CompileStep&) {
    if (revoked++ == 0) {
      EXPECT_EQ(outcome(second.revoke("hello", {"env=REVOKED"})), "fine");
    }
  };
  const std::string low = write("low.wat", component("acme:low/lib@1.0.0", 1));
  ASSERT_EQ(outcome(first.add({{.source = low}}, options)), "fine");
  EXPECT_GT(revoked, 0);
  EXPECT_THAT(open().find("hello")->grants, ElementsAre("env=KEPT"));
  EXPECT_EQ(outcome(open().find("low")), "fine");
}

TEST_F(ExtensionGrants, FoldersCanBeVariables) {
  ASSERT_EQ(add_with_grants(std::string(kGuests) + "hello.wasm", {}), "fine");
  EXPECT_THAT(outcome(store_.grant("hello", {"fs=ro:$NOWHERE"})),
              HasSubstr("unknown variable `$NOWHERE` in `fs=ro:$NOWHERE`"));
  // HOME is not among the variables.
  EXPECT_THAT(outcome(store_.grant("hello", {"fs=ro:$HOME/x"})), HasSubstr("has no value here"));
  EXPECT_THAT(outcome(store_.grant("hello", {"host=lib"})), HasSubstr("config-value"));
  EXPECT_EQ(outcome(store_.grant("hello", {"host=acme:db/*"})), "fine");
}

TEST_F(ExtensionGrants, ADependencyDoesNotInheritGrants) {
  ASSERT_EQ(add({write("count.wat", kCounter),
                 write("top.wat", component("acme:top/api", 100, {"acme:count/lib@1.0.0"}))}),
            "fine");
  ASSERT_EQ(outcome(store_.grant("top", {"env=*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "100");
  ASSERT_EQ(outcome(store_.grant("count", {"env=*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "102");
}

TEST_F(ExtensionGrants, LimitsApplyToDependencies) {
  write("low/low.wat", looping_library(""));
  write("low/extension.toml",
        "[extension]\nname = \"low\"\nversion = \"1.0.0\"\ncomponent = \"low.wat\"\n"
        "[limits]\nfuel = 10000\n");
  ASSERT_EQ(
      add({place("low"), write("top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}))}),
      "fine");
  EXPECT_THAT(call("top", "acme:top/api"), HasSubstr("fuel"));
  // The limits of the root are those that its caller can narrow.
  Result<CompositionBuilder> builder = store_.link("low");
  ASSERT_TRUE(builder);
  EXPECT_EQ(builder->limits().fuel, 10000U);
}

TEST_F(ExtensionGrants, LazyDependenciesStartWhenCalled) {
  const std::string low = write("low.wat", looping_library("unreachable"));
  write("top/top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}));
  for (const bool is_lazy : {false, true}) {
    write("top/extension.toml", fmt::format("[extension]\nname = \"top\"\nversion = \"1.0.0\"\n"
                                            "component = \"top.wat\"\n[dependencies]\n"
                                            "\"acme:low/lib\" = {{ version = \"*\", lazy = {} }}\n",
                                            is_lazy));
    ASSERT_EQ(add({low, place("top")}, {.replace = true}), "fine");
    Result<CompositionBuilder> builder = store_.link("top");
    ASSERT_TRUE(builder);
    EXPECT_EQ(static_cast<bool>(builder->build()), is_lazy);
    EXPECT_THAT(call("top", "acme:top/api"), HasSubstr("unreachable"));
  }
}

TEST_F(ExtensionGrants, DeniedNetworkAccessIsReported) {
  ASSERT_EQ(add_with_grants(std::string(kGuests) + "connect.wasm", {}), "fine");
  const RunOutcome denied = run("connect", {"127.0.0.1:9"});
  EXPECT_NE(denied.code, 0);
  EXPECT_THAT(denied.denials, testing::Contains(Denial{"connect", Denial::Kind::Network}));
}

TEST_F(ExtensionGrants, GuardedHostInterfacesNeedAGrant) {
  add_host_ = [](CompositionBuilder& builder) {
    builder.add_host_function("acme:db/sql", "f", [](std::uint32_t a) { return a + 7; });
  };
  reopen({"*"});
  ASSERT_EQ(add({write("top.wat", component("acme:top/api", 100, {"acme:db/sql"}))}), "fine");
  EXPECT_EQ(store_.find("top")->wants.host, std::vector<std::string>{"acme:db/sql"});
  EXPECT_THAT(
      call("top", "acme:top/api"),
      HasSubstr("ext-unmet: `top` needs `acme:db/sql` from the host, which is not granted"));
  ASSERT_EQ(outcome(store_.grant("top", {"host=acme:db/*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "108");
  reopen({});
  ASSERT_EQ(outcome(store_.revoke("top", {"host=acme:db/*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "108");
}

}  // namespace
}  // namespace tenon::extension_grants_test
