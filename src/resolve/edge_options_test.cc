// The option `stream-buffer` of wires; fate_test.cc has the cases that `on-failure` shares with it.
#include <fmt/core.h>

#include "resolve/plan_test_support.h"

namespace tenon::resolve::edge_options_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

// `app` imports a function of `lib`, which is in another domain, by a wire with a buffer.
Inputs with_buffer(std::string_view function, std::uint64_t buffer) {
  Inputs inputs = read_units(fmt::format("unit app {{ import x:y/lib {{ {0} }} export run() }}\n"
                                         "unit lib in far {{ export x:y/lib {{ {0} }} }}",
                                         function),
                             "app");
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].stream_buffer = buffer;
  return inputs;
}

TEST(StreamBuffer, IsPartOfTheEdge) {
  const LinkPlan plan = plan_of(with_buffer("f(s: stream<u8>)", 65536));
  const PlanEdge* const edge = find_edge(plan, "app", "x:y/lib");
  ASSERT_NE(edge, nullptr);
  EXPECT_EQ(edge->stream_buffer, 65536U);
  EXPECT_THAT(edge->notes, Contains("stream buffer 64KiB"));
  const LinkPlan off = plan_of(with_buffer("f(s: stream<u8>)", 0));
  EXPECT_THAT(find_edge(off, "app", "x:y/lib")->notes, Contains("stream buffer 0B"));
}

TEST(StreamBuffer, NeedsAStreamThatHasOne) {
  for (const std::string_view function :
       {"f(s: stream<u8>)", "f() -> option<stream<u8>>", "f(s: stream<pair<u8 option<bool>>>)",
        "f(s: stream<string>) g() -> stream<bool>", "f(s: stream<stream<u8>>)"})
    EXPECT_NE(find_edge(plan_of(with_buffer(function, 1)), "app", "x:y/lib"), nullptr) << function;
  for (const std::string_view function :
       {"f(s: u8)", "f(s: stream<string>)", "f(s: stream<pair<u8 list<u8>>>)"})
    EXPECT_THAT(problem_text(with_buffer(function, 1024), "resolve-wire-type"),
                AllOf(HasSubstr("`stream-buffer = \"1KiB\"` of the wire `x:y/lib=lib`"),
                      HasSubstr("no function of `x:y/lib` passes a stream of items without"),
                      HasSubstr("hint: remove `stream-buffer`")))
        << function;
}

TEST(StreamBuffer, NeedsABridgedEdge) {
  Inputs inputs = with_buffer("f(s: stream<u8>)", 1);
  for (Unit& unit : inputs.units) unit.domain = "main";
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              AllOf(HasSubstr("has no effect: `app` and `lib` share a domain"),
                    HasSubstr("place one of them in another domain, or remove `stream-buffer`")));
}

TEST(StreamBuffer, IsOneForTheConsumersOfADomain) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/lib { f(s: stream<u8>) } import o:o/o { g() } export run() }
    unit other { import x:y/lib { f(s: stream<u8>) } export o:o/o { g() } }
    unit lib in far { export x:y/lib { f(s: stream<u8>) } })",
                             "app");
  inputs.policy.wires = {wire("app:x:y/lib=lib"), wire("other:x:y/lib=lib")};
  inputs.policy.wires[0].stream_buffer = 1;
  inputs.policy.wires[1].stream_buffer = 2;
  EXPECT_THAT(problem_text(inputs, "resolve-wire-type"),
              AllOf(HasSubstr("`stream-buffer = \"2B\"`"),
                    HasSubstr("disagrees with `app`, which has `\"1B\"`")));
  inputs.policy.wires[1].stream_buffer = 1;
  EXPECT_EQ(find_edge(plan_of(inputs), "other", "x:y/lib")->stream_buffer, 1U);
}

}  // namespace
}  // namespace tenon::resolve::edge_options_test
