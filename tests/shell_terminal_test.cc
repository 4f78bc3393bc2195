// The shell at a terminal: prompt, editing, completion, history, Ctrl-C and Ctrl-D.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/support/at_terminal.h"

namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kKinds = TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat";

class ShellAtTerminal : public tenon::AtTerminal {
 protected:
  void start_shell(const char* color = "never") {
    start({"shell", "--no-cache", "--color", color, kKinds});
  }
  [[nodiscard]] std::filesystem::path history() const {
    return folder_.path() / "state" / "tenon" / "history";
  }
};

constexpr std::string_view kPrompt = "tenon> ";
constexpr std::string_view kMorePrompt = "  ...> ";
constexpr std::string_view kControlC = "\x03";
constexpr std::string_view kControlD = "\x04";
constexpr std::string_view kUp = "\x1b[A";

TEST_F(ShellAtTerminal, CallsFunctionsAndEnds) {
  start_shell();
  wait_for(kPrompt);
  type("add(40, 2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("add(\r");
  wait_for(kMorePrompt);
  type("\r");
  wait_for("1 error");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0) << "the user has seen the error";
}

TEST_F(ShellAtTerminal, ContinuesACallUntilItsParenthesesAreClosed) {
  start_shell();
  wait_for(kPrompt);
  type("add(40,\r");
  wait_for(kMorePrompt);
  type("2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("add(1,\r");
  wait_for(kMorePrompt);
  type(kControlC);
  wait_for(kPrompt);
  type("add(1, 2)\r");
  EXPECT_THAT(wait_for("\r\n3\r\n"), Not(HasSubstr("error"))) << "Ctrl-C dropped the first line";
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellAtTerminal, ClearsTheLineAtControlC) {
  start_shell();
  wait_for(kPrompt);
  type("frobnicate");
  wait_for("frobnicate");
  type(kControlC);
  wait_for(kPrompt);
  type("add(40, 2)\r");
  EXPECT_THAT(wait_for("\r\n42\r\n"), Not(HasSubstr("error")));
  wait_for(kPrompt);
  type("quit\r");
  EXPECT_EQ(end().code, 0);
}

// A component with a resource `thing`, whose instances are numbered from 1.
std::string make_things(std::string_view package) {
  std::string text = R"((component
  (type $thing' (resource (rep i32)))
  (core func $new (canon resource.new $thing'))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (global $count (mut i32) (i32.const 0))
    (func (export "make") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (call $new (global.get $count)))
    (func (export "get") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing')) (canon lift (core func $i "make")))
  (func $get (param "self" (borrow $thing')) (result u32) (canon lift (core func $i "get")))
  (component $shim
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make (result (own $t))))
    (import "get" (func $get (param "self" (borrow $t)) (result u32)))
    (export $thing "thing" (type $t))
    (export "[constructor]thing" (func $make) (func (result (own $thing))))
    (export "[method]thing.get" (func $get) (func (param "self" (borrow $thing)) (result u32))))
  (instance $things (instantiate $shim (with "thing" (type $thing'))
    (with "make" (func $make)) (with "get" (func $get))))
  (export "acme:NAME/things" (instance $things)))
)";
  return text.replace(text.find("NAME"), 4, package);
}

class ShellOfTwoDomains : public ShellAtTerminal {
 protected:
  // order: the argument of `hello`, which says what it does. It runs in the domain of `a`.
  void start_shell(std::string_view order) {
    folder_.write("a.wat", make_things("a"));
    folder_.write("b.wat", make_things("b"));
    folder_.write("tenon.toml", fmt::format(R"(schema = 1
[components]
a = {{ path = "a.wat", domain = "first" }}
b = {{ path = "b.wat", isolated = true }}
hello = {{ path = "{}/tests/guests/wasm/hello.wasm", domain = "first" }}
[domains.first]
args = ["{}"]
)",
                                            TENON_SOURCE_DIR, order));
    start({"shell", "--no-cache", "--color", "never", folder_.path(), "--export-all"});
    wait_for(kPrompt);
  }
  // Calls `run` and returns when the guest has started.
  void run_hello() {
    type("run()\r");
    wait_for("argument 1: ");
  }
  void type_line(std::string_view line) {
    type(std::string(line) + "\r");
    wait_for(line);
  }
};

TEST_F(ShellOfTwoDomains, ControlCEndsACallAndItsDomainOnly) {
  start_shell("loop");
  type_line("acme:a/things.[thing]()");
  wait_for("$1 = <acme:a/things.thing #1>");
  type_line("acme:b/things.[thing]()");
  wait_for("$2 = <acme:b/things.thing #2>");
  for (int i = 0; i < 2; ++i) {
    run_hello();
    type(kControlC);
    EXPECT_THAT(wait_for("restarts at the next call; `$1` is stale"),
                HasSubstr("error[run-interrupted]: `hello` was stopped in "
                          "`wasi:cli/run@0.2.12#run`: the call was interrupted"));
    wait_for(kPrompt);
  }
  // Without a call in progress, Ctrl-C ends nothing.
  type(kControlC);
  wait_for(kPrompt);
  type_line("acme:a/things.[thing.get]($1)");
  wait_for("is stale: the domain `first` ended after it was made");
  type_line("list");
  wait_for("$1 = <acme:a/things.thing #1> (stale: its domain has ended)");
  wait_for("$2 = <acme:b/things.thing #2>\r\n");
  // The other domain has not ended.
  type_line("acme:b/things.[thing.get]($2)");
  wait_for("\r\n1\r\n");
  type_line("acme:b/things.[thing]()");
  wait_for("$3");
  type_line("acme:b/things.[thing.get]($3)");
  wait_for("\r\n2\r\n");
  type_line("acme:a/things.[thing]()");
  wait_for("$4");
  type_line("acme:a/things.[thing.get]($4)");
  wait_for("\r\n1\r\n");
  type_line("quit");
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellOfTwoDomains, SecondControlCEndsTheProcess) {
  // A guest that waits in the host is not interrupted before the host returns.
  start_shell("sleep:600");
  run_hello();
  // Two signals at once can be delivered as one, so send them until the process ends.
  while (is_running()) type(kControlC);
  EXPECT_EQ(end().code, 128 + SIGINT);
}

TEST_F(ShellAtTerminal, CompletesFunctions) {
  start_shell();
  wait_for(kPrompt);
  type("wear\t");
  wait_for("-out(");
  type(")\r");
  wait_for("\r\n1\r\n");
  wait_for(kPrompt);
  type("same-s\t");
  const std::string shown = wait_for("same-string(");
  EXPECT_THAT(shown, HasSubstr("same-s8("));
  type("tr\t");
  wait_for("ing(");
  type("\"\xc3\xa4\")\r");
  wait_for("\r\n\"\xc3\xa4\"\r\n");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellAtTerminal, KeepsItsHistory) {
  start_shell();
  wait_for(kPrompt);
  type("add(40, 2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("quit\r");
  EXPECT_EQ(end().code, 0);

  using std::filesystem::perms;
  const auto others = perms::group_all | perms::others_all;
  EXPECT_EQ(std::filesystem::status(history()).permissions() & others, perms::none);
  EXPECT_EQ(std::filesystem::status(history().parent_path()).permissions() & others, perms::none);
  std::ifstream file(history());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(text, HasSubstr("add(40,"));

  start_shell();
  wait_for(kPrompt);
  type(kUp);
  type(kUp);
  wait_for("add(40, 2)");
  type("\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellAtTerminal, ColorsItsPrompt) {
  start_shell("always");
  wait_for("\x1b[1mtenon>\x1b[0m ");
  type("quit\r");
  EXPECT_EQ(end().code, 0);
}

}  // namespace
