// The press application from units to one component, by the rules of resolve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "compose/embed.h"
#include "compose/test_composition.h"
#include "resolve/plan.h"

namespace tenon::compose::end_to_end_test {
namespace {

using ::testing::ElementsAre;

constexpr const char* kHandler = "press:web/handler@1.0.0";
constexpr const char* kStore = "press:kv/store@0.1.0";
constexpr const char* kBackup = "press:kv/backup@0.1.0";

std::vector<std::string> press_units() {
  return {"accesslog", "archive", "cache",    "cli", "highlighter",
          "journal",   "kv",      "markdown", "site"};
}

Wire chain(std::string import, std::vector<std::string> via) {
  Wire wire;
  wire.import = std::move(import);
  wire.via = std::move(via);
  return wire;
}

// journal is in front of kv: all units that need a store get it from journal.
resolve::Policy press_policy() {
  resolve::Policy policy;
  policy.unresolved = resolve::Policy::Unresolved::Open;
  policy.root = "cli";
  policy.wires.push_back(chain(kHandler, {"accesslog", "cache"}));
  policy.wires.push_back(chain(kStore, {"journal"}));
  policy.exports.push_back({.unit = "accesslog", .item = kHandler, .as = {}, .where = {}});
  policy.exports.push_back({.unit = "archive", .item = kBackup, .as = {}, .where = {}});
  return policy;
}

std::vector<std::uint8_t> compose_press(const std::vector<std::string>& names,
                                        const EmbedOptions& options) {
  resolve::Inputs inputs;
  inputs.policy = press_policy();
  std::map<std::string, std::vector<std::uint8_t>> files;
  for (const std::string& name : names) {
    files[name] = read_guest(name);
    resolve::Unit unit;
    unit.name = name;
    unit.type = *types::evaluate_component(*binary::read_component(files[name]), inputs.types);
    inputs.units.push_back(std::move(unit));
  }
  const Result<resolve::LinkPlan> plan = resolve::resolve_units(std::move(inputs));
  if (!plan) {
    ADD_FAILURE() << plan.error().front().message;
    return {};
  }
  UnitBytes bytes;
  for (const resolve::Unit& unit : plan->units) bytes.push_back(files[unit.name]);
  Result<Composed> composed = embed(*plan, bytes, options);
  if (!composed) {
    ADD_FAILURE() << composed.error().front().message;
    return {};
  }
  return std::move(composed->bytes);
}

TEST(EndToEnd, ComposesThePressApplication) {
  const Composition composition(compose_press(press_units(), {}));
  // The store is exported too, because the backup uses its bucket.
  EXPECT_THAT(composition.uses(kBackup),
              ElementsAre("bucket of press:kv/store@0.1.0", "error of press:kv/store@0.1.0"));
  EXPECT_THAT(composition.uses(kHandler),
              ElementsAre("request of press:web/types@1.0.0", "response of press:web/types@1.0.0",
                          "error of press:web/types@1.0.0"));
}

TEST(EndToEnd, DoesNotDependOnTheOrderOfUnits) {
  std::vector<std::string> names = press_units();
  const std::vector<std::uint8_t> flat = compose_press(names, {});
  const EmbedOptions grouped{.limits = {1000, 40}};
  const std::vector<std::uint8_t> nested = compose_press(names, grouped);
  for (int i = 0; i < 2; ++i) {
    std::next_permutation(names.begin(), names.end());
    std::rotate(names.begin(), names.begin() + 4, names.end());
    EXPECT_TRUE(flat == compose_press(names, {}));
    EXPECT_TRUE(nested == compose_press(names, grouped));
  }
}

}  // namespace
}  // namespace tenon::compose::end_to_end_test
