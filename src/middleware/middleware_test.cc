#include "middleware/middleware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "abi/layout.h"
#include "support/diagnostics.h"

namespace tenon::middleware::middleware_test {
namespace {

using testing::HasSubstr;
using Kind = tenon::Middleware::Kind;
using Settings = tenon::Middleware;

std::string problem_of(const Settings& settings) {
  const Result<void> checked = check_settings("few", settings);
  return checked ? std::string() : checked.error().front().message;
}

TEST(MiddlewareSettings, FitTheirKind) {
  EXPECT_EQ(problem_of({.kind = Kind::Log}), "");
  EXPECT_EQ(problem_of({.kind = Kind::Log, .file = "log.txt"}), "");
  EXPECT_EQ(problem_of({.kind = Kind::Limit, .concurrency = 1}), "");
  EXPECT_EQ(problem_of({.kind = Kind::Cache, .lifetime = std::chrono::seconds(1)}), "");
  EXPECT_EQ(problem_of({.kind = Kind::Mock, .file = "calls.jsonl"}), "");
  EXPECT_THAT(problem_of({.kind = Kind::Mock}), HasSubstr("has no file"));
  EXPECT_THAT(problem_of({.kind = Kind::Record}), HasSubstr("has no file"));
  EXPECT_THAT(problem_of({.kind = Kind::Cache, .file = "x"}), HasSubstr("has a `file`"));
  EXPECT_THAT(problem_of({.kind = Kind::Limit}), HasSubstr("limits nothing"));
  EXPECT_THAT(problem_of({.kind = Kind::Cache, .entries = 0}), HasSubstr("keeps no results"));
  EXPECT_THAT(problem_of({.kind = Kind::Log, .concurrency = 1}),
              HasSubstr("`concurrency`, which is a setting of `limit`"));
  EXPECT_THAT(problem_of({.kind = Kind::Limit, .size = 1, .lifetime = std::chrono::seconds(1)}),
              HasSubstr("`lifetime`, which is a setting of `cache`"));
}

TEST(MiddlewareSettings, AreReportedTogether) {
  const Result<void> checked =
      check_settings("few", {.kind = Kind::Mock, .rate = CallRate(), .concurrency = 2});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().size(), 3U);
  for (const Diagnostic& problem : checked.error())
    EXPECT_EQ(problem.code, code_text(Code::ConfigValue));
}

TEST(CallRates, AreANumberAndAUnit) {
  const Result<CallRate> rate = CallRate::parse("30/m");
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->calls, 30U);
  EXPECT_EQ(rate->per, std::chrono::minutes(1));
  for (const char* const text :
       {"", "30", "/s", "0/s", "-1/s", "1.5/s", "30/d", "30/ s", "18446744073709551616/s"})
    EXPECT_FALSE(CallRate::parse(text)) << text;
}

// A function without parameters and result.
std::shared_ptr<const call::FunctionShape> make_shape() {
  auto layout = abi::lay_out_function(types::Types(), types::Function());
  return std::make_shared<const call::FunctionShape>(
      call::FunctionShape{.program = abi::CopyProgram::make(*std::move(layout))});
}

// A call of it, which waits on the stack.
class FakeCall final : public call::Call {
 public:
  explicit FakeCall(const call::FunctionShape& shape) : Call(shape, {}, {}, nullptr) {}

  [[nodiscard]] const abi::From* params() override { return nullptr; }

  // "done", or why it failed.
  std::string outcome;

 private:
  Result<void, abi::AbiError> take_result(const abi::From& /*result*/) override { return {}; }
  void keep_break(const abi::AbiError& error) override { outcome = error.message; }
  void end(CallFailure* failure) override { outcome = failure ? failure->message : "done"; }
};

class FakeCallee final : public call::Callee {
 public:
  explicit FakeCallee(std::function<void()> run) : run_(std::move(run)) {}
  void start(call::Call& call) override {
    run_();
    call.finish();
  }

 private:
  std::function<void()> run_;
};

class CallLimits : public testing::Test {
 protected:
  // A function behind a limit. run: what each call does.
  std::unique_ptr<call::Callee> wrap(Middleware& limit, std::function<void()> run) {
    return *limit.wrap({"cart", "tax", "acme:tax/lib#rate", shape_, nullptr},
                       std::make_unique<FakeCallee>(std::move(run)));
  }
  static std::unique_ptr<Middleware> make_limit(const Settings& settings) {
    return *make("few", settings, {});
  }
  std::string call(call::Callee& callee) {
    FakeCall call(*shape_);
    callee.start(call);
    return call.outcome;
  }

  const std::shared_ptr<const call::FunctionShape> shape_ = make_shape();
};

TEST_F(CallLimits, CountCallsAtTheSameTimeOverAllEdges) {
  const auto limit = make_limit({.kind = Kind::Limit, .concurrency = 2});
  std::string inner;
  const auto other = wrap(*limit, [] {});
  std::unique_ptr<call::Callee> nested;
  int depth = 0;
  nested = wrap(*limit, [&] {
    if (++depth < 2)
      EXPECT_EQ(call(*nested), "done");
    else
      inner = call(*other);
  });
  EXPECT_EQ(call(*nested), "done");
  EXPECT_EQ(inner, "`few` allows 2 calls at the same time");
  // The calls have ended.
  EXPECT_EQ(call(*other), "done");
}

TEST_F(CallLimits, CountCallsInATime) {
  const auto limit = make_limit({.kind = Kind::Limit, .rate = CallRate{2, std::chrono::hours(1)}});
  int calls = 0;
  const auto callee = wrap(*limit, [&] { ++calls; });
  EXPECT_EQ(call(*callee), "done");
  EXPECT_EQ(call(*callee), "done");
  EXPECT_EQ(call(*callee), "`few` allows 2 calls in 1h");
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace tenon::middleware::middleware_test
