// Packr packages and their values in the C++ API whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/packr.h"
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
  expect_no_allocation([&] { EXPECT_EQ(view->root().field("name")->string(), kLong); });
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

}  // namespace
}  // namespace tenon::memory_test::packages_test
