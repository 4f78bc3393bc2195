// What is said beforehand of the fate that units share.
#include "resolve/plan_test_support.h"

namespace tenon::resolve {
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

TEST(Fate, FunctionsThatCannotTellAreNoted) {
  EXPECT_THAT(notes_of(read_units(kUnits, "app")),
              ElementsAre("`app` ends with `lib` if that dies in a call of `x:y/lib`: `f`, `h` "
                          "cannot return an error"));
}

TEST(Fate, AWireNamesTheCase) {
  Inputs inputs = read_units(kUnits, "app");
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].on_failure = "down";
  EXPECT_THAT(notes_of(std::move(inputs)),
              ElementsAre("`app` ends with `lib` if that dies in a call of `x:y/lib`: `f` cannot "
                          "return an error"));
}

TEST(Fate, ACaseThatNoErrorTypeHasIsAProblem) {
  Inputs inputs = read_units(kUnits, "app");
  inputs.policy.wires = {wire("x:y/lib=lib")};
  inputs.policy.wires[0].on_failure = "dawn";
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              AllOf(HasSubstr("`on-failure = \"dawn\"`"), HasSubstr("fits no function of")));
}

TEST(Fate, InOneDomainItIsShared) {
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
}  // namespace tenon::resolve
