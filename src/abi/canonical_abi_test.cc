// Property: values of any type come back unchanged from a real guest, in every pair of string
// encodings: in calls by tenon, through another guest in the same domain, and over a bridge, also
// to another composition. The reference is the engine's own representation of values.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/value.h"
#include "tests/support/echo_text.h"
#include "tests/support/engine_values.h"
#include "tests/support/test_scale.h"
#include "value/random_values.h"
#include "value/type_graph.h"

namespace tenon::canonical_abi_test {
namespace {

constexpr std::string_view kEncodings[] = {"utf8", "utf16", "latin1+utf16"};
constexpr std::string_view kEcho = "test:abi/echo";
constexpr std::string_view kRelay = "test:abi/relay";

using Bytes = std::vector<std::uint8_t>;

Bytes assemble(const std::string& text) {
  Result<Bytes> wasm = engine::wat_to_wasm("guest.wat", text);
  if (!wasm) ADD_FAILURE() << wasm.error().front().message << "\n" << text;
  return wasm ? *std::move(wasm) : Bytes();
}

// The results of `f` for each call, as text.
std::vector<std::string> results(const Composition& composition, std::string_view interface,
                                 const std::vector<std::vector<Value>>& calls) {
  std::vector<std::string> all;
  for (const std::vector<Value>& arguments : calls) {
    const CallResult<std::optional<Value>> result = composition.call(interface, "f", arguments);
    if (!result) {
      all.push_back("failed: " + failure_diagnostic(result.error()).message);
      break;
    }
    all.push_back(**result == Value::tuple(arguments) ? "same" : print_wave(**result));
  }
  return all;
}

class Seed final {
 public:
  Seed(std::uint32_t seed, EngineCaller& engine) : engine_(engine), seed_(seed), random_(seed) {}

  void run() {
    auto graph = std::make_shared<value::TypeGraph>();
    std::vector<types::TypeId> params;
    std::vector<TypeField> fields;
    for (std::uint32_t i = 1 + seed_ / 9 % 3; i > 0; --i)
      params.push_back(random_.add_type(graph->types, seed_ % 4));
    for (const types::TypeId param : params) fields.push_back({"", value::make_type(graph, param)});
    std::vector<std::vector<Value>> calls(3);
    for (std::vector<Value>& arguments : calls)
      for (const TypeField& field : fields) arguments.push_back(random_.make_value(field.type));

    const std::string_view ours = kEncodings[seed_ % 3];
    const std::string_view theirs = kEncodings[seed_ / 3 % 3];
    const Bytes echo = assemble(EchoText(graph->types, params, theirs).write(EchoPart::Echo));
    const Bytes relay = assemble(EchoText(graph->types, params, ours).write(EchoPart::Relay));
    SCOPED_TRACE(fmt::format("{} calls {}", ours, theirs));

    const std::vector<Value> expected = engine_.call(echo, kEcho, "f", calls, fields);
    ASSERT_EQ(expected.size(), calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i)
      ASSERT_EQ(expected[i], Value::tuple(calls[i])) << print_wave(Value::tuple(calls[i]));

    const std::vector<std::string> same(calls.size(), "same");
    EXPECT_EQ(results(build({}, echo, false), kEcho, calls), same);
    EXPECT_EQ(results(build(relay, echo, false), kRelay, calls), same);
    const Composition isolated = build(relay, echo, true);
    EXPECT_EQ(results(isolated, kRelay, calls), same);
    EXPECT_EQ(results(build_around(relay, *isolated.unit("echo")), kRelay, calls), same);
  }

 private:
  static Composition build(const Bytes& relay, const Bytes& echo, bool isolates) {
    CompositionBuilder builder;
    builder.add_component("echo", echo);
    if (!relay.empty()) builder.add_component("relay", relay);
    if (isolates) builder.isolate_all();
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    for (const PlanEdge& edge : built->plan().edges)
      EXPECT_EQ(edge.kind, isolates ? EdgeKind::Bridged : EdgeKind::Direct);
    return *std::move(built);
  }

  static Composition build_around(const Bytes& relay, const Unit& echo) {
    CompositionBuilder builder;
    builder.add_component("relay", relay);
    builder.add_unit("echo", echo);
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    return *std::move(built);
  }

  EngineCaller& engine_;
  std::uint32_t seed_;
  value::RandomValues random_;
};

TEST(CanonicalAbi, RandomValuesComeBackFromGuestsInEveryEncoding) {
  EngineCaller engine;
  for (std::uint32_t seed = 0; seed < repetitions(400); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Seed(seed, engine).run();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tenon::canonical_abi_test
