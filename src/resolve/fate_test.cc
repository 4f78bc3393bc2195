// What a plan says about units that end together.
#include <fmt/core.h>

#include "resolve/plan_test_support.h"

namespace tenon::resolve::fate_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kUnits = R"(
  unit app { import x:y/lib { enum reason { down, bad } f() g() -> result<u32, string>
                              h() -> result<u32, reason> } export run() }
  unit lib in far { export x:y/lib { enum reason { down, bad } f() g() -> result<u32, string>
                                     h() -> result<u32, reason> } })";

std::vector<std::string> notes_of(Inputs inputs) {
  const Result<LinkPlan> plan = resolve_units(std::move(inputs));
  std::vector<std::string> notes;
  if (!plan) return {plan.error().front().message};
  for (const Diagnostic& note : plan->shown.notes)
    if (note.code == "ends-with-provider") notes.push_back(note.message);
  return notes;
}

TEST(Fate, FunctionsThatCannotReturnAnErrorAreNoted) {
  EXPECT_THAT(notes_of(read_units(kUnits, "app")),
              ElementsAre("`app` ends with `lib` if `lib` dies in a call of `x:y/lib`: `f`, `h` "
                          "cannot return an error"));
}

TEST(Fate, AWireNamesTheCase) {
  Inputs inputs = read_units(kUnits, "app");
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].on_failure = "down";
  EXPECT_THAT(notes_of(std::move(inputs)),
              ElementsAre("`app` ends with `lib` if `lib` dies in a call of `x:y/lib`: `f` cannot "
                          "return an error"));
}

TEST(Fate, ACaseThatNoErrorTypeHasIsAProblem) {
  Inputs inputs = read_units(kUnits, "app");
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].on_failure = "dawn";
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              AllOf(HasSubstr("`on-failure = \"dawn\"`"), HasSubstr("fits no function of")));
}

TEST(Fate, ConsumersOfOneDomainAgree) {
  const std::string lib = "import x:y/lib { enum reason { down, bad } h() -> result<u32, reason> }";
  const auto units = [&](std::string_view other) {
    return read_units(fmt::format(R"(
      unit app {{ {0} import o:o/o {{ g() }} export run() }}
      unit other {1} {{ {0} export o:o/o {{ g() }} }}
      unit lib in far {{ export x:y/lib {{ enum reason {{ down, bad }}
                                           h() -> result<u32, reason> }} }})",
                                  lib, other),
                      "app");
  };
  const auto wires = [](Inputs inputs, const char* app, const char* other) {
    inputs.policy.wires = {wire("x:y/lib=lib"), wire("x:y/lib=lib")};
    inputs.policy.wires[0].consumer = "app";
    inputs.policy.wires[1].consumer = "other";
    if (*app != 0) inputs.policy.wires[0].on_failure = app;
    if (*other != 0) inputs.policy.wires[1].on_failure = other;
    return inputs;
  };
  EXPECT_THAT(problem_text(wires(units(""), "down", "bad"), "resolve-wire-type"),
              AllOf(HasSubstr("`on-failure = \"bad\"`"),
                    HasSubstr("disagrees with `app`, which has `\"down\"`"),
                    HasSubstr("are in the domain `main`")));
  EXPECT_THAT(problem_text(wires(units(""), "down", ""), "resolve-wire-type"),
              HasSubstr("disagrees with `other`, which has none"));
  EXPECT_THAT(notes_of(wires(units(""), "down", "down")), IsEmpty());
  // In two domains each has its own.
  EXPECT_THAT(notes_of(wires(units("in near"), "down", "bad")),
              ElementsAre(HasSubstr("`app` ends with `other`")));
}

TEST(Fate, AWireNamesTheProviderToo) {
  Inputs inputs = read_units(kUnits, "app");
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].provider.clear();
  inputs.policy.wires[0].target = Wire::Target::Open;
  inputs.policy.wires[0].on_failure = "down";
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              HasSubstr("has no effect: the wire names no provider"));
}

TEST(Fate, UnitsOfOneDomainShareIt) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/lib { f() } export run() }
    unit lib { export x:y/lib { f() } })",
                             "app");
  EXPECT_THAT(notes_of(inputs), IsEmpty());
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].on_failure = "down";
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"), HasSubstr("share a domain"));
}

}  // namespace
}  // namespace tenon::resolve::fate_test
