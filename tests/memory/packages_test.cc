// Packr packages and their values in the C++ API whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/packr.h"
#include "tenon/record.h"
#include "tests/memory/small_units.h"
#include "tests/support/failing_memory.h"
#include "tests/support/package_test.h"

namespace tenon::memory_test::packages_test {
namespace {

using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::stride;

const std::string kLong = "a text that is longer than a short string";

void build_value(GraphBuilder& builder) {
  builder.begin_record("item");
  builder.field("name");
  builder.add_string(kLong);
  builder.field("kinds");
  builder.begin_list({.kind = GraphKind::Variant, .name = "kind"});
  builder.begin_variant("kind", "small", 1);
  builder.add_u32(7);
  builder.end();
  builder.end();
  builder.field("bytes");
  builder.add_array(GraphKind::U8, std::vector<std::uint8_t>(100, 7));
  builder.field("numbers");
  builder.begin_tuple();
  builder.add_bool(true);
  builder.add_u8(1);
  builder.add_u16(2);
  builder.add_u64(3);
  builder.add_s8(-1);
  builder.add_s16(-2);
  builder.add_s32(-3);
  builder.add_s64(-4);
  builder.add_f32(0.5F);
  builder.add_f64(0.25);
  builder.add_char(U'x');
  builder.add_flags(5);
  builder.end();
  builder.field("counts");
  builder.begin_map({.kind = GraphKind::String}, {.kind = GraphKind::U32});
  builder.add_string(kLong);
  builder.add_u32(7);
  builder.end();
  builder.field("names");
  builder.begin_set({.kind = GraphKind::String});
  builder.add_string(kLong);
  builder.end();
  builder.field("price");
  builder.begin_option({.kind = GraphKind::F64});
  builder.add_f64(2.5);
  builder.end();
  builder.field("outcome");
  builder.begin_result({.kind = GraphKind::Record, .name = kLong}, {.kind = GraphKind::String},
                       false);
  builder.add_string(kLong);
  builder.end();
  builder.end();
}

TEST(GraphsInCpp, AreBuiltAndRead) {
  fail_each([]() -> Result<void> {
    GraphBuilder builder;
    build_value(builder);
    const auto finished = builder.finish();
    if (!finished) return finished.error();
    return {};
  });
  // One that had no memory can be cleared.
  GraphBuilder builder;
  fail_each(
      [&]() -> Result<void> {
        build_value(builder);
        const auto finished = builder.finish();
        if (!finished) return finished.error();
        return {};
      },
      {.clean = [&] { builder.clear(); }});
  build_value(builder);
  const auto bytes = builder.finish();
  ASSERT_TRUE(bytes) << bytes.error().front().message;
  fail_each([&] { return GraphView::open(*bytes); });
  fail_each([] { return GraphView::open(std::vector<std::uint8_t>{1, 2, 3}); },
            {.expected = "read-malformed: "});
  const Result<GraphView> view = GraphView::open(*bytes);
  ASSERT_TRUE(view);
  expect_no_allocation([&] {
    EXPECT_EQ(view->root().field("name")->string(), kLong);
    EXPECT_EQ(view->root().field("numbers")->part(9)->number(), 0.25);
    EXPECT_EQ(view->root().field("counts")->part(1)->unsigned_integer(), 7U);
    EXPECT_EQ(view->root().field("outcome")->part(0)->string(), kLong);
  });
}

TEST(GraphsInCpp, HaveProblems) {
  const auto finish = [](auto&& build) -> Result<void> {
    GraphBuilder builder;
    build(builder);
    const auto finished = builder.finish();
    if (!finished) return finished.error();
    return {};
  };
  const auto add_bad_text = [](GraphBuilder& builder) { builder.add_string("\xff"); };
  fail_each([&] { return finish(add_bad_text); }, {.expected = "value-type: "});
  const auto mix_elements = [](GraphBuilder& builder) {
    builder.begin_list({.kind = GraphKind::S32});
    builder.add_string(kLong);
  };
  fail_each([&] { return finish(mix_elements); }, {.expected = "value-type: "});
  const auto nest = [](GraphBuilder& builder) {
    for (int i = 0; i < 1001; ++i) builder.begin_tuple();
    builder.add_u8(7);
  };
  fail_each([&] { return finish(nest); }, {.expected = "value-too-large: "});
}

class PackagesInCpp : public testing::Test {
 protected:
  PackagesInCpp() {
    CompositionBuilder builder;
    builder.add_package("adder", package_guest("0.21.0", "adder"))
        .add_package("math", package_guest("0.21.0", "math"));
    composition_.emplace(build_again(builder));
  }

  std::optional<Composition> composition_;
};

TEST_F(PackagesInCpp, AreCalled) {
  const Result<Unit> adder = composition_->unit("adder");
  ASSERT_TRUE(adder);
  fail_each([&] { return adder->call("process", Value::s64(5)); });
  fail_each([&] { return adder->call("process", Value::string(kLong)); },
            {.expected = "value-type: "});
  fail_each([&] { return adder->type(); });
  fail_each([&] { return adder->function<std::int64_t(std::int64_t)>("", "process"); });
  const auto process = adder->function<std::int64_t(std::int64_t)>("", "process");
  ASSERT_TRUE(process) << process.error().front().message;
  fail_each([&] { return (*process)(5); });
  fail_each([&] { return process->start(5).wait(); });
  GraphBuilder builder;
  builder.add_s64(5);
  const auto params = builder.finish();
  ASSERT_TRUE(params);
  const Result<Function> function = adder->find_function("", "process");
  ASSERT_TRUE(function);
  std::vector<std::uint8_t> result;
  fail_each([&] { return function->call_encoded(*params, result); });
}

TEST_F(PackagesInCpp, AreBuilt) {
  CompositionBuilder builder;
  builder.add_package("adder", package_guest("0.21.0", "adder"))
      .add_package("math", package_guest("0.21.0", "math"));
  fail_each([&] { return builder.plan(); }, {.stride = stride(61)});
  fail_each([&] { return builder.build(); }, {.stride = stride(211)});
}

// expr of `sexpr`, cons of `cons`.
struct Expr;
struct Expr : std::variant<std::string, std::int64_t, std::string, std::vector<Expr>, std::string> {
  using variant::variant;
};
TENON_VARIANT(Expr, sym, num, str, lst, err)

struct Cons {
  std::int64_t head = 0;
  std::optional<std::unique_ptr<Cons>> tail = {};
};
TENON_RECORD(Cons, head, tail)

Cons make_pair_of(std::int64_t first, std::int64_t second) {
  Cons list{.head = first};
  list.tail = std::make_unique<Cons>(Cons{.head = second});
  return list;
}

Composition build_package(const char* name) {
  CompositionBuilder builder;
  builder.add_package(name, package_guest("0.21.0", name));
  return build_again(builder);
}

TEST(RecursiveTypesInCpp, ArePassedThroughVectors) {
  const Composition composition = build_package("sexpr");
  const Result<Unit> sexpr = composition.unit("sexpr");
  ASSERT_TRUE(sexpr);
  fail_each([&] { return sexpr->function<Expr(const Expr&)>("", "evaluate"); });
  fail_each([&] { return sexpr->function<Expr(const Cons&)>("", "evaluate"); },
            {.expected = "type-signature: "});
  const auto evaluate = sexpr->function<Expr(const Expr&)>("", "evaluate");
  ASSERT_TRUE(evaluate) << whole_text(evaluate.error());
  const Expr text(std::in_place_index<2>, kLong);
  const Expr list(std::in_place_index<3>,
                  std::vector<Expr>{Expr(std::in_place_index<0>, "list"), text, text});
  fail_each([&] { return (*evaluate)(list); });
  fail_each([&] { return evaluate->start(list).wait(); });
  fail_each([&] {
    std::optional<CallResult<Expr>> answer;
    evaluate->start_then([&](CallResult<Expr> result) { answer.emplace(std::move(result)); }, list);
    EXPECT_TRUE(answer) << "it was not called";
    return answer;
  });
  const CallResult<Expr> texts = (*evaluate)(list);
  ASSERT_TRUE(texts) << texts.error().message;
  EXPECT_EQ(std::get<2>(std::get<3>(*texts)[1]), kLong);
}

TEST(RecursiveTypesInCpp, ArePassedThroughPointers) {
  const Composition composition = build_package("cons");
  const auto reverse = composition.unit("cons")->function<Cons(const Cons&)>("", "reverse");
  ASSERT_TRUE(reverse) << whole_text(reverse.error());
  const Cons list = make_pair_of(1, 2);
  fail_each([&] { return (*reverse)(list); });
  fail_each([&] { return reverse->start(list).wait(); });
  Cons with_null;
  with_null.tail = std::unique_ptr<Cons>();
  fail_each([&] { return (*reverse)(with_null); }, {.expected = "value-type: "});
  const CallResult<Cons> reversed = (*reverse)(list);
  ASSERT_TRUE(reversed) << reversed.error().message;
  EXPECT_EQ(reversed->head, 2);
}

// `call` of `chain` passes any value on.
TEST(HostFunctionsOfPackages, AreCalled) {
  using Encoded = std::span<const std::uint8_t>;
  const HostFunction functions[] = {
      host_function("next", "call",
                    [](const Cons& list) { return make_pair_of(list.head, list.head); }),
      host_function("next", "call",
                    RawFunction([](Encoded params) { return RawBytes::view(params); })),
      host_function("next", "call", RawFunction([](Encoded params) -> RawBytes {
                      return std::vector(params.begin(), params.end());
                    }))};
  for (const HostFunction& next : functions) {
    CompositionBuilder builder;
    builder.add_package("chain", package_guest("0.21.0", "chain"));
    builder.add_host_function(next);
    const Composition composition = build_again(builder);
    const auto call = composition.unit("chain")->function<Cons(const Cons&)>("", "call");
    ASSERT_TRUE(call) << whole_text(call.error());
    const Cons list = make_pair_of(1, 2);
    fail_each([&] { return (*call)(list); });
    const CallResult<Cons> result = (*call)(list);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->head, 1);
  }
}

}  // namespace
}  // namespace tenon::memory_test::packages_test
