// What extensions may do, and what they are denied: real guests, and their neighbours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

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

// A library whose `count` tells how many variables its own environment has.
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

// A library whose `f` never ends; with TRAP one that does not even start.
constexpr std::string_view kLoop = R"((component
  (core module $m
    (func $begin TRAP)
    (start $begin)
    (func (export "f") (param i32) (result i32) (loop $again (br $again)) (unreachable)))
  (core instance $c (instantiate $m))
  (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $i (export "f" (func $f)))
  (export "acme:low/lib@1.0.0" (instance $i))))";

std::string loop_that(std::string_view begins) {
  std::string text(kLoop);
  return text.replace(text.find("TRAP"), 4, begins);
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
  struct Ran {
    int code = -1;
    std::vector<Denial> denials;
  };
  Ran run(std::string_view name, const std::vector<std::string>& args) {
    Result<CompositionBuilder> builder = store_.link(name);
    EXPECT_TRUE(builder) << told(builder);
    if (!builder) return {};
    builder->grants().args = args;
    Result<Composition> running = builder->build();
    EXPECT_TRUE(running) << told(running);
    if (!running) return {};
    const CallResult<int> code = running->run_command();
    return {code ? *code : -1, running->denials()};
  }
  std::string add_granted(const std::string& source, const std::vector<std::string>& grants) {
    return told(store_.add({{.source = source, .grants = grants}}));
  }

  std::function<void(CompositionBuilder&)> add_host_;
};

TEST_F(ExtensionGrants, NothingIsOpenThatIsNotGranted) {
  const std::string hello = std::string(kGuests) + "hello.wasm";
  write("project/in.txt", "found");
  ASSERT_EQ(add_granted(hello, {}), "fine");
  const Ran denied = run("hello", {"read:" + place("project/in.txt")});
  EXPECT_EQ(denied.code, 3);
  const Denial output{"hello", Denial::Kind::Output};  // the test does not inherit the streams
  EXPECT_THAT(denied.denials, ElementsAre(Denial{"hello", Denial::Kind::Directory},
                                          Denial{"hello", Denial::Kind::Environment}, output));
  ASSERT_EQ(told(store_.grant("hello", {"fs=ro:$PROJECT::/here", "env=SEC*"})), "fine");
  const Ran granted = run("hello", {"read:/here/in.txt"});
  EXPECT_EQ(granted.code, 0);
  EXPECT_THAT(granted.denials, ElementsAre(output));
  EXPECT_EQ(run("hello", {"write:/here/out.txt=x"}).code, 3);
  ASSERT_EQ(told(store_.revoke("hello", {"fs=ro:$PROJECT::/here"})), "fine");
  EXPECT_EQ(run("hello", {"read:/here/in.txt"}).code, 3);
}

TEST_F(ExtensionGrants, EachKeepsAFolderOfItsOwn) {
  ASSERT_EQ(add_granted(std::string(kGuests) + "hello.wasm", {"fs=rw:$CACHE::/keep"}), "fine");
  EXPECT_FALSE(fs::exists(place("private")));
  EXPECT_EQ(run("hello", {"write:/keep/a=1"}).code, 0);
  // Below a folder of the store, whose extensions alone it is of.
  const fs::path of_store = fs::directory_iterator(place("private"))->path();
  EXPECT_TRUE(fs::exists(of_store / "hello/a"));
  EXPECT_EQ(fs::status(of_store).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(of_store / "hello").permissions(), fs::perms(0700));
  ASSERT_EQ(told(store_.remove({"hello"}, {.purge = true})), "fine");
  EXPECT_FALSE(fs::exists(of_store / "hello"));
}

// A store that others write too: its index says what is there, the user's file what that may do.
TEST_F(ExtensionGrants, OfAProjectAreTheUsers) {
  const std::string grants_file = place("state/tenon/grants.toml");
  const auto open = [&](const std::string& file) {
    return ExtensionStore({.folder = place("store"), .grants_file = file});
  };
  const std::string component = std::string(kGuests) + "hello.wasm";
  ASSERT_EQ(add_granted(component, {"env=STOLEN"}), "fine");
  const auto grants_of = [&](const std::string& file) {
    const Result<Extension> found = open(file).find("hello");
    return found ? found->grants : std::vector<std::string>{told(found)};
  };
  EXPECT_THAT(grants_of(""), ElementsAre("env=STOLEN"));
  EXPECT_THAT(grants_of(grants_file), IsEmpty());
  ASSERT_EQ(told(open(grants_file).grant("hello", {"env=MINE"})), "fine");
  EXPECT_THAT(grants_of(grants_file), ElementsAre("env=MINE"));
  EXPECT_EQ(fs::status(grants_file).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(fs::path(grants_file).parent_path()).permissions(), fs::perms(0700));
  // Neither the index nor ext.lock has it.
  for (const char* file : {"store/index.json", "store/ext.lock"}) {
    std::ifstream opened(place(file));
    const std::string text{std::istreambuf_iterator<char>(opened), {}};
    EXPECT_THAT(text, Not(HasSubstr("MINE"))) << file;
    EXPECT_THAT(text, Not(HasSubstr("STOLEN"))) << file;
  }
  // Another component of that name has none of them.
  Result<std::vector<AddedExtension>> replaced =
      open(grants_file)
          .add({{.source = std::string(kGuests) + "adder.wasm", .name = "hello"}},
               {.replace = true});
  ASSERT_TRUE(replaced) << told(replaced);
  EXPECT_THAT(grants_of(grants_file), IsEmpty());
  // A grants file that others can write is refused.
  fs::permissions(grants_file, fs::perms(0666));
  EXPECT_THAT(told(open(grants_file).find("hello")), HasSubstr("config-untrusted"));
}

TEST_F(ExtensionGrants, FoldersAreKnownByName) {
  ASSERT_EQ(add_granted(std::string(kGuests) + "hello.wasm", {}), "fine");
  EXPECT_THAT(told(store_.grant("hello", {"fs=ro:$NOWHERE"})),
              HasSubstr("`$NOWHERE` of `fs=ro:$NOWHERE` is not known"));
  // There is no HOME among the variables.
  EXPECT_THAT(told(store_.grant("hello", {"fs=ro:$HOME/x"})), HasSubstr("is nothing here"));
  EXPECT_THAT(told(store_.grant("hello", {"host=lib"})), HasSubstr("config-value"));
  EXPECT_EQ(told(store_.grant("hello", {"host=acme:db/*"})), "fine");
}

TEST_F(ExtensionGrants, ADependencyHasNothingOfThem) {
  ASSERT_EQ(add({write("count.wat", kCounter),
                 write("top.wat", component("acme:top/api", 100, {"acme:count/lib@1.0.0"}))}),
            "fine");
  ASSERT_EQ(told(store_.grant("top", {"env=*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "100");
  ASSERT_EQ(told(store_.grant("count", {"env=*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "102");
}

TEST_F(ExtensionGrants, LimitsHoldForDependenciesToo) {
  write("low/low.wat", loop_that(""));
  write("low/extension.toml",
        "[extension]\nname = \"low\"\nversion = \"1.0.0\"\ncomponent = \"low.wat\"\n"
        "[limits]\nfuel = 10000\n");
  ASSERT_EQ(
      add({place("low"), write("top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}))}),
      "fine");
  EXPECT_THAT(call("top", "acme:top/api"), HasSubstr("fuel"));
  // Whoever runs it finds the limits of its own in the place that he narrows.
  Result<CompositionBuilder> builder = store_.link("low");
  ASSERT_TRUE(builder);
  EXPECT_EQ(builder->limits().fuel, 10000U);
}

TEST_F(ExtensionGrants, WhatIsLazyStartsWhenItIsCalled) {
  const std::string low = write("low.wat", loop_that("unreachable"));
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

TEST_F(ExtensionGrants, ANetworkThatIsAskedForIsTold) {
  ASSERT_EQ(add_granted(std::string(kGuests) + "connect.wasm", {}), "fine");
  const Ran denied = run("connect", {"127.0.0.1:9"});
  EXPECT_NE(denied.code, 0);
  EXPECT_THAT(denied.denials, testing::Contains(Denial{"connect", Denial::Kind::Network}));
}

TEST_F(ExtensionGrants, GuardedInterfacesOfTheHostAreGranted) {
  add_host_ = [](CompositionBuilder& builder) {
    builder.add_host_function("acme:db/sql", "f", [](std::uint32_t a) { return a + 7; });
  };
  reopen({"*"});
  ASSERT_EQ(add({write("top.wat", component("acme:top/api", 100, {"acme:db/sql"}))}), "fine");
  EXPECT_EQ(store_.find("top")->wants.host, std::vector<std::string>{"acme:db/sql"});
  EXPECT_THAT(call("top", "acme:top/api"),
              AllOf(HasSubstr("ext-unmet: `top` needs `acme:db/sql` of the host"),
                    HasSubstr("is not granted it")));
  ASSERT_EQ(told(store_.grant("top", {"host=acme:db/*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "108");
  reopen({});
  ASSERT_EQ(told(store_.revoke("top", {"host=acme:db/*"})), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "108");
}

}  // namespace
}  // namespace tenon::extension_grants_test
