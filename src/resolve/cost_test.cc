// Planning is linear: ten times the units, at most 13 times the work. Work is counted, not timed;
// see docs/resolve.md section 13.
#include "resolve/passes.h"
#include "resolve/plan_test_support.h"

namespace tenon::resolve::cost_test {
namespace {

struct Counts {
  std::size_t compared = 0;
  std::size_t judged = 0;
};

Counts count_work(Inputs inputs) {
  Draft draft(std::move(inputs));
  EXPECT_EQ(decide_imports(draft), Names::Fine);
  EXPECT_THAT(draft.problems, testing::IsEmpty()) << text_of(draft.problems);
  return {draft.work.compared, draft.work.judged};
}

constexpr std::string_view kStore = "s:s/store { resource r  f() -> r }";

Inputs chain(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += "unit u" + std::to_string(i) + " { export x:y/l" + std::to_string(i) +
            " { f() } import x:y/l" + std::to_string(i + 1) + " { f() } } ";
  text += "unit last { export x:y/l" + std::to_string(count) + " { f() } }";
  return read_units(text);
}

Inputs many_providers(int count) {
  std::string text = "unit app { import " + std::string(kStore) + " } ";
  for (int i = 0; i < count; ++i)
    text += "unit p" + std::to_string(i) + " { export " + std::string(kStore) + " } ";
  Inputs inputs = read_units(text);
  inputs.policy.wires = {wire("app:s:s/store=p0")};
  return inputs;
}

// The store of each unit is decided one round after that of the unit before it.
Inputs round_by_round(int count) {
  std::string text = "unit a0 { import " + std::string(kStore) +
                     " export b:b/b0 { use r from s:s/store  g(r: r) } } ";
  for (int i = 1; i < count; ++i)
    text += "unit a" + std::to_string(i) + " { import " + std::string(kStore) + " import b:b/b" +
            std::to_string(i - 1) + " { use r from s:s/store  g(r: r) } export b:b/b" +
            std::to_string(i) + " { use r from s:s/store  g(r: r) } } ";
  for (int i = 0; i < 3; ++i)
    text += "unit p" + std::to_string(i) + " { export " + std::string(kStore) + " } ";
  Inputs inputs = read_units(text);
  inputs.policy.wires = {wire("a0:s:s/store=p1")};
  return inputs;
}

TEST(Cost, OfAChainIsLinear) {
  EXPECT_LE(count_work(chain(100)).compared, 13 * count_work(chain(10)).compared);
}

TEST(Cost, AWiredImportIsComparedWithNoOtherProvider) {
  EXPECT_EQ(count_work(many_providers(100)).compared, 1U);
}

TEST(Cost, OfRoundsIsLinear) {
  const Counts small = count_work(round_by_round(10));
  const Counts large = count_work(round_by_round(100));
  EXPECT_LE(large.compared, 13 * small.compared);
  EXPECT_LE(large.judged, 13 * small.judged);
}

}  // namespace
}  // namespace tenon::resolve::cost_test
