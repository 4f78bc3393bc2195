// Encoded values without decoding: functions of the program that take and return them, calls of
// packages with them, and the public view and builder.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tenon/packr.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::encoded_functions_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Bytes = std::vector<std::uint8_t>;
using Span = std::span<const std::uint8_t>;

Bytes encoded_s64(std::int64_t value) {
  GraphBuilder builder;
  builder.add_s64(value);
  const auto bytes = builder.finish();
  return {bytes->begin(), bytes->end()};
}

Bytes encoded_bytes(std::size_t size) {
  GraphBuilder builder;
  builder.add_array(GraphKind::U8, Bytes(size, 7));
  const auto bytes = builder.finish();
  return {bytes->begin(), bytes->end()};
}

std::int64_t s64_of(Span bytes) {
  const Result<GraphView> view = GraphView::open(bytes);
  return view ? view->root().signed_integer().value_or(-1) : -2;
}

class EncodedFunctions : public UnitsTest {
 protected:
  // `kAdderComponent` with an import that a program can provide.
  std::string adder_component() {
    std::string text(kAdderComponent);
    constexpr std::string_view kImport = "(import \"math\" (instance";
    text.replace(text.find(kImport), kImport.size(), "(import \"acme:math/ops\" (instance");
    return write("adder", text);
  }
  // `adder`, a package whose import `math.double` is `function`.
  Composition build_adder(RawFunction function) {
    CompositionBuilder builder;
    builder.add_package("adder", package_guest("0.21.0", "adder"));
    builder.restart("adder", {.max = 100});
    builder.add_host_function("math", "double", std::move(function));
    return built(builder);
  }
  static std::string process(const Composition& composition, std::int64_t n) {
    return call_unit(composition, "adder", "process", Value::s64(n));
  }
};

TEST_F(EncodedFunctions, GetTheBytesOfAPackage) {
  const Composition composition = build_adder(
      RawFunction([](Span params) -> RawBytes { return encoded_s64(2 * s64_of(params)); }));
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(process(composition, -1), "-1");
}

TEST_F(EncodedFunctions, CanReturnTheirParameters) {
  for (const std::string_view guest : {"forward", "caller_buffer"}) {
    CompositionBuilder builder;
    builder.add_package(
        "front", package_guest("c", guest),
        {.abi = guest == "forward" ? PackageAbi::Detect : PackageAbi::CallerBuffer});
    builder.add_host_function("next", "pass", RawFunction([](Span params) -> RawBytes {
                                return RawBytes::view(params);
                              }));
    const Composition composition = built(builder);
    const std::string_view function = guest == "forward" ? "pass" : "ask";
    for (const std::size_t size : {1U, 200U, 300U, 10000U}) {
      const Value value = Value::string(std::string(size, 'x'));
      const auto passed = composition.unit("front")->call(function, value);
      ASSERT_TRUE(passed) << describe_outcome(passed);
      EXPECT_TRUE(**passed == value);
    }
  }
}

TEST_F(EncodedFunctions, GetTheValuesOfAComponent) {
  CompositionBuilder builder;
  builder.add_component("adder", adder_component(), {.reachable = Reachable::Yes});
  builder.add_host_function("acme:math/ops", "double", RawFunction([](Span params) -> RawBytes {
                              return encoded_s64(2 * s64_of(params));
                            }));
  EXPECT_EQ(process(built(builder), 5), "11");
}

TEST_F(EncodedFunctions, LearnWhoCalls) {
  std::vector<std::string> callers;
  const auto twice = [&](const Caller& caller, Span params) -> RawBytes {
    callers.push_back(fmt::format("{} in {}", caller.unit, caller.domain));
    return encoded_s64(2 * s64_of(params));
  };
  EXPECT_EQ(process(build_adder(RawFunction(twice)), 5), "11");
  CompositionBuilder builder;
  builder.add_component("adder", adder_component(), {.reachable = Reachable::Yes});
  builder.add_host_function("acme:math/ops", "double", RawFunction(twice));
  EXPECT_EQ(process(built(builder), 5), "11");
  EXPECT_THAT(callers, ElementsAre("adder in adder", "adder in main"));
}

TEST_F(EncodedFunctions, WrongResultsTrap) {
  int calls = 0;
  const Composition composition = build_adder(RawFunction([&](Span) -> HostResult<RawBytes> {
    switch (calls++) {
      case 0:
        return Trap{"no luck"};
      case 1:
        throw std::runtime_error("thrown");
      case 2:
        return RawBytes(Bytes{1, 2, 3});
      case 3: {
        GraphBuilder builder;
        builder.add_bool(true);
        const auto bytes = builder.finish();
        return RawBytes(Bytes(bytes->begin(), bytes->end()));
      }
      default:
        return RawBytes(encoded_s64(20));
    }
  }));
  EXPECT_THAT(process(composition, 1), AllOf(HasSubstr("trap: "), HasSubstr("no luck")));
  EXPECT_THAT(process(composition, 1), AllOf(HasSubstr("trap: "), HasSubstr("it threw: thrown")));
  EXPECT_THAT(process(composition, 1),
              HasSubstr("its result does not match its type: malformed CGRF"));
  EXPECT_THAT(process(composition, 1), HasSubstr("expected s64, found bool"));
  EXPECT_EQ(process(composition, 1), "21");
}

TEST_F(EncodedFunctions, WrongResultsForAComponentTrap) {
  CompositionBuilder builder;
  builder.add_component("adder", adder_component(), {.reachable = Reachable::Yes});
  builder.add_host_function("acme:math/ops", "double",
                            RawFunction([](Span) -> RawBytes { return Bytes{1, 2, 3}; }));
  EXPECT_THAT(process(built(builder), 5),
              HasSubstr("its result does not match its type: malformed CGRF"));
}

TEST_F(EncodedFunctions, WrongParametersEndThePackage) {
  CompositionBuilder builder;
  builder.add_package("hostile", package_guest("c", "hostile_calls"));
  builder.restart("hostile", {.max = 100});
  int calls = 0;
  builder.add_host_function("next", "pass", RawFunction([&](Span params) -> RawBytes {
                              ++calls;
                              return RawBytes::view(params);
                            }));
  const Composition composition = built(builder);
  EXPECT_THAT(call_unit(composition, "hostile", "not-a-value", Value::s64(7)),
              HasSubstr("the values that it passed do not match its type: malformed CGRF"));
  EXPECT_EQ(calls, 0);
  for (const std::string_view name : {"fine", "slots-in-argument", "slots-unaligned", "tells"})
    EXPECT_EQ(call_unit(composition, "hostile", name, Value::s64(7)), "7") << name;
}

TEST_F(EncodedFunctions, TypesThatPackrDoesNotHaveAreRefused) {
  CompositionBuilder builder;
  constexpr std::string_view kOpens = R"((component
    (import "acme:kv/store" (instance
      (export "bucket" (type $bucket (sub resource)))
      (export "open" (func (result (own $bucket))))))))";
  builder.add_component("a", write("a", kOpens));
  builder.add_host_function("acme:kv/store", "open",
                            RawFunction([](Span params) { return RawBytes::view(params); }));
  EXPECT_THAT(problems_of_plan(builder), AllOf(HasSubstr("type-signature: "),
                                               HasSubstr("takes encoded values, but packr has no "
                                                         "type for a resource")));
}

TEST_F(EncodedFunctions, ProgramsCallPackagesWithBytes) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("doubler", package_guest(set, "doubler_typed"));
    const Composition composition = built(builder);
    const Result<Function> twice = composition.unit("doubler")->find_function("", "double");
    ASSERT_TRUE(twice);
    Bytes result;
    ASSERT_TRUE(twice->call_encoded(encoded_s64(21), result));
    EXPECT_EQ(s64_of(result), 42);
    // Nothing that is not a value of the type reaches the package.
    for (const Bytes& wrong : {Bytes{}, Bytes{1, 2, 3}, encoded_bytes(8)}) {
      const CallResult<void> refused = twice->call_encoded(wrong, result);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, CallFailure::Kind::BadCall);
      EXPECT_EQ(refused.error().problems.front().code, "value-type");
    }
    ASSERT_TRUE(twice->call_encoded(encoded_s64(4), result));
    EXPECT_EQ(s64_of(result), 8);
  }
}

TEST_F(EncodedFunctions, LargeValuesPassUnchanged) {
  CompositionBuilder builder;
  builder.add_package("sink", package_guest("c", "sink"));
  const Composition composition = built(builder);
  const Result<Function> pass = composition.unit("sink")->find_function("", "pass");
  ASSERT_TRUE(pass);
  Bytes result;
  for (const std::size_t size : {0U, 100U, 1U << 20U}) {
    const Bytes bytes = encoded_bytes(size);
    ASSERT_TRUE(pass->call_encoded(bytes, result));
    EXPECT_EQ(result, bytes);
  }
}

TEST_F(EncodedFunctions, ResultsOfTheWrongTypeEndThePackage) {
  CompositionBuilder builder;
  builder.add_package("hostile", package_guest("c", "hostile_results"));
  builder.restart("hostile", {.max = 100});
  const Composition composition = built(builder);
  Bytes result;
  const auto call = [&](std::string_view name) -> std::string {
    const Result<Function> function = composition.unit("hostile")->find_function("", name);
    if (!function) return whole_text(function.error());
    const CallResult<void> called = function->call_encoded(encoded_s64(1), result);
    return called ? "fine" : called.error().message;
  };
  EXPECT_THAT(call("lies"), HasSubstr("its result does not match its type: $: expected s64"));
  EXPECT_THAT(call("not-a-value"), HasSubstr("its result does not match its type"));
  EXPECT_THAT(call("not-utf8"), HasSubstr("bad "));
  // Shared nodes stay shared, so a value that is 2^60 numbers as a tree is passed as it is.
  EXPECT_EQ(call("doubles"), "fine");
}

TEST_F(EncodedFunctions, FunctionsOfComponentsTakeNoBytes) {
  CompositionBuilder builder;
  builder.add_component("adder", adder_component(), {.reachable = Reachable::Yes});
  builder.add_host_function("acme:math/ops", "double", [](std::int64_t n) { return n; });
  const Composition composition = built(builder);
  Bytes result;
  const CallResult<void> refused =
      composition.unit("adder")->find_function("", "process")->call_encoded(encoded_s64(1), result);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problems.front().code, "type-unsupported-value");
}

// --- The view and the builder ---

TEST(GraphValues, AreBuiltAndReadInPlace) {
  GraphBuilder builder;
  builder.begin_record("item");
  builder.field("name");
  builder.add_string("tea");
  builder.field("tags");
  builder.begin_list({GraphKind::String});
  builder.add_string("hot");
  builder.add_string("green");
  builder.end();
  builder.field("shape");
  builder.begin_variant("shape", "Circle", 2);
  builder.add_f64(1.5);
  builder.end();
  builder.field("price");
  builder.begin_option({GraphKind::U32});
  builder.add_u32(7);
  builder.end();
  builder.field("outcome");
  builder.begin_result({}, {GraphKind::String}, false);
  builder.add_string("no");
  builder.end();
  builder.field("bytes");
  builder.add_array(GraphKind::U16, Bytes{1, 0, 2, 0});
  builder.field("rest");
  builder.begin_tuple();
  builder.add_bool(true);
  builder.add_char(U'x');
  builder.add_flags(5);
  builder.add_s8(-1);
  builder.add_f32(0.5F);
  builder.end();
  builder.end();
  const auto bytes = builder.finish();
  ASSERT_TRUE(bytes) << whole_text(bytes.error());
  Result<GraphView> opened = GraphView::open(*bytes);
  ASSERT_TRUE(opened);
  const GraphView view = *std::move(opened);
  const GraphNode root = view.root();
  EXPECT_EQ(root.kind(), GraphKind::Record);
  EXPECT_EQ(root.type_name(), "item");
  ASSERT_EQ(root.size(), 7u);
  EXPECT_EQ(root.field_name(1), "tags");
  EXPECT_EQ(root.field_name(7), "");
  EXPECT_EQ(root.field("name")->string(), "tea");
  EXPECT_FALSE(root.field("nothing"));
  EXPECT_FALSE(root.string());
  EXPECT_FALSE(root.part(7));
  const GraphNode tags = *root.field("tags");
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags.part(1)->string(), "green");
  const GraphNode shape = *root.field("shape");
  EXPECT_EQ(shape.type_name(), "shape");
  EXPECT_EQ(shape.case_name(), "Circle");
  EXPECT_EQ(shape.case_number(), 2u);
  EXPECT_EQ(shape.part(0)->number(), 1.5);
  EXPECT_EQ(root.field("price")->part(0)->unsigned_integer(), 7u);
  EXPECT_EQ(root.field("outcome")->is_ok(), false);
  EXPECT_EQ(root.field("outcome")->part(0)->string(), "no");
  const std::optional<GraphArray> array = root.field("bytes")->array();
  ASSERT_TRUE(array);
  EXPECT_EQ(array->element, GraphKind::U16);
  EXPECT_EQ(array->count, 2u);
  EXPECT_EQ(array->bytes.size(), 4u);
  const GraphNode rest = *root.field("rest");
  EXPECT_EQ(rest.part(0)->boolean(), true);
  EXPECT_EQ(rest.part(1)->character(), U'x');
  EXPECT_EQ(rest.part(2)->flags(), 5u);
  EXPECT_EQ(rest.part(3)->signed_integer(), -1);
  EXPECT_EQ(rest.part(4)->number(), 0.5);
}

TEST(GraphValues, BadBytesAreRefused) {
  const Bytes good = encoded_bytes(20);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto view = GraphView::open(Span(good).first(size));
    ASSERT_FALSE(view) << size;
    EXPECT_EQ(view.error().front().code, "read-malformed");
  }
  // Each byte, with each of a few values: opened or refused, and what is opened can be read.
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int byte : {0x00, 0x07, 0x15, 0x7f, 0xff}) {
      Bytes bytes = good;
      bytes[at] = static_cast<std::uint8_t>(byte);
      const auto view = GraphView::open(bytes);
      if (!view) continue;
      (void)view->root().string();
      const auto array = view->root().array();
      EXPECT_LE(array ? array->bytes.size() : 0, bytes.size());
    }
}

TEST(GraphValues, WhatTheWireCannotRepresentIsAnErrorOfFinish) {
  const auto problem_of = [](auto&& build) -> std::string {
    GraphBuilder builder;
    build(builder);
    const auto bytes = builder.finish();
    if (bytes) return "fine";
    builder.clear();
    builder.add_u8(1);
    EXPECT_TRUE(builder.finish());
    return whole_text(bytes.error());
  };
  EXPECT_THAT(problem_of([](GraphBuilder& to) { to.add_string("\xff"); }),
              HasSubstr("value-type: a text is not UTF-8"));
  EXPECT_THAT(problem_of([](GraphBuilder& to) { to.add_char(0xd800); }), HasSubstr("value-type: "));
  EXPECT_THAT(problem_of([](GraphBuilder& to) { to.add_array(GraphKind::U32, Bytes(5)); }),
              HasSubstr("not a multiple"));
  EXPECT_THAT(problem_of([](GraphBuilder& to) { to.add_array(GraphKind::String, Bytes(4)); }),
              HasSubstr("no fixed width"));
  EXPECT_THAT(problem_of([](GraphBuilder& to) {
                to.begin_list({GraphKind::U8});
                to.add_u16(1);
                to.end();
              }),
              HasSubstr("value-type: "));
  EXPECT_THAT(problem_of([](GraphBuilder& to) {
                for (int i = 0; i < 1100; ++i) to.begin_tuple();
                for (int i = 0; i < 1100; ++i) to.end();
              }),
              HasSubstr("value-too-large: "));
}

}  // namespace
}  // namespace tenon::encoded_functions_test
