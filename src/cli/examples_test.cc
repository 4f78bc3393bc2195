// Runs the examples in the help of each verb, in a folder with the components that they use.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/session.h"
#include "tests/support/component_file.h"
#include "tests/support/temporary_folder.h"

namespace tenon::cli::examples_test {

struct ExampleVerb {
  std::string_view name;
  int (*run)(Session& session, Words words);
};

namespace {

constexpr std::string_view kTax = R"((component
  (core module $m (func (export "rate") (result i32) i32.const 19))
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "acme:tax/lib@1.0.0" (instance $lib))))";

// Its run returns ok if the rate is 19.
constexpr std::string_view kApp = R"((component
  (import "acme:tax/lib@1.0.0" (instance $tax (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $tax "rate")))
  (core module $m
    (import "tax" "rate" (func $rate (result i32)))
    (func (export "run") (result i32) (i32.ne (call $rate) (i32.const 19))))
  (core instance $i (instantiate $m
    (with "tax" (instance (export "rate" (func $rate))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $cli))))";

constexpr ExampleVerb kVerbs[] = {
    {"run", run_command},         {"call", call_command},
    {"shell", shell_command},     {"plan", plan_command},
    {"compose", compose_command}, {"graph", graph_command},
    {"inspect", inspect_command}, {"check", check_command},
    {"explain", explain_command}, {"completions", completions_command},
    {"version", version_command},
};

// The lines of the help that begin with `tenon`, as the words after it.
std::vector<Words> find_examples(const ExampleVerb& verb) {
  std::string footer;
  Session session;
  session.describe = [&](const CommandLine& line) { footer = line.footer(); };
  verb.run(session, {});
  std::vector<Words> examples;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  tenon ")) continue;
    std::istringstream words(line.substr(8));
    examples.emplace_back(std::istream_iterator<std::string>(words),
                          std::istream_iterator<std::string>());
  }
  return examples;
}

}  // namespace

class Examples : public testing::TestWithParam<ExampleVerb> {
 protected:
  void SetUp() override {
    ::setenv("TENON_CACHE_DIR", (folder_.path() / "cache").c_str(), 1);
    // The shell reads an empty input.
    ASSERT_NE(std::freopen("/dev/null", "r", stdin), nullptr);
    write_component("tax.wasm", kTax);
    write_component("new-tax.wasm", kTax);
    write_component("app.wasm", kApp);
  }

  void TearDown() override { ::unsetenv("TENON_CACHE_DIR"); }

 private:
  WorkingFolder folder_;
};

TEST_P(Examples, AreTwoThatSucceed) {
  const std::vector<Words> examples = find_examples(GetParam());
  EXPECT_EQ(examples.size(), 2U);
  for (const Words& example : examples) {
    ASSERT_FALSE(example.empty());
    EXPECT_EQ(example.front(), GetParam().name);
    Session session;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = GetParam().run(session, {example.begin() + 1, example.end()});
    testing::internal::GetCapturedStdout();
    const std::string problems = testing::internal::GetCapturedStderr();
    EXPECT_EQ(code, 0) << problems;
  }
}

INSTANTIATE_TEST_SUITE_P(Verbs, Examples, testing::ValuesIn(kVerbs),
                         [](const testing::TestParamInfo<ExampleVerb>& verb) {
                           return std::string(verb.param.name);
                         });

}  // namespace tenon::cli::examples_test
