#include "linker/known_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>

#include "tests/support/temporary_folder.h"

namespace tenon::linker {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

Request make_request() {
  Request request;
  request.name = "shop";
  request.units.resize(2);
  request.units[0].name = "cart";
  request.units[0].digest = std::make_shared<const std::string>("c0");
  request.units[1].name = "tax";
  request.units[1].digest = std::make_shared<const std::string>("7a");
  request.policy.wires.push_back({.consumer = "cart",
                                  .import = "acme:tax/lib",
                                  .provider = "tax",
                                  .export_name = {},
                                  .via = {},
                                  .target = {},
                                  .lazy = false,
                                  .on_failure = {},
                                  .where = {}});
  return request;
}

TEST(LinkKey, IsOfWhatThePlanDependsOn) {
  const std::vector<std::function<void(Request&)>> changes = {
      [](Request&) {},
      [](Request& request) { request.name = "store"; },
      [](Request& request) { request.units[1].digest = std::make_shared<const std::string>("7b"); },
      [](Request& request) { request.units[1].name = "vat"; },
      [](Request& request) { request.units[1].origin = UnitOrigin::ByHand; },
      [](Request& request) { request.units[1].domain = "other"; },
      [](Request& request) { request.units[1].is_isolated = true; },
      [](Request& request) { request.policy.placements.push_back({"tax", {}, {}}); },
      [](Request& request) { request.policy.placements.push_back({"tax", "x", {}}); },
      [](Request& request) { request.policy.isolation = resolve::Policy::Isolation::All; },
      [](Request& request) { request.policy.domains.push_back({"x", {}}); },
      [](Request& request) { request.policy.wires[0].lazy = true; },
      [](Request& request) { request.policy.wires[0].on_failure = "x"; },
      [](Request& request) { request.domains["x"]; },
      [](Request& request) { request.domains["x"].grants.env = {{"A", "b"}}; },
      [](Request& request) { request.domains["x"].memory = 1; },
      [](Request& request) { request.domains["x"].tables = 1; },
      [](Request& request) { request.domains["x"].fuel = 1; },
      [](Request& request) { request.domains["x"].restart = Restart(); },
      [](Request& request) { request.wishes["x"].limits.memory = 1; },
      [](Request& request) { request.wishes["x"].restart = Restart(); },
      [](Request& request) { request.limits.memory = 1; },
      [](Request& request) { request.limits.fuel = 1; },
      [](Request& request) { request.limits.timeout = std::chrono::seconds(1); },
      [](Request& request) { request.units.pop_back(); },
      [](Request& request) { request.policy.root = "cart"; },
      [](Request& request) { request.policy.wires.clear(); },
      [](Request& request) { request.policy.wires[0].via = {"log"}; },
      [](Request& request) { request.policy.wires[0].provider.reset(); },
      [](Request& request) { request.policy.wires[0].target = resolve::Wire::Target::Open; },
      [](Request& request) { request.policy.unresolved = resolve::Policy::Unresolved::Open; },
      [](Request& request) { request.policy.export_mode = resolve::Policy::Exports::All; },
      [](Request& request) {
        request.policy.filters.push_back({"tax", resolve::Filter::Kind::Hide, "lib", {}});
      },
      [](Request& request) {
        request.policy.filters.push_back({"tax", resolve::Filter::Kind::Expose, "lib", {}});
      },
      [](Request& request) { request.policy.exports.push_back({"tax", "lib", {}, {}}); },
      [](Request& request) { request.policy.exports.push_back({"tax", "lib", "lib2", {}}); },
  };
  std::set<std::string> keys;
  for (const auto& change : changes) {
    Request request = make_request();
    change(request);
    keys.insert(make_link_key(request).value());
  }
  EXPECT_EQ(keys.size(), changes.size());
}

TEST(LinkKey, IsNotOfTheOrderOfUnits) {
  Request request = make_request();
  const std::optional<std::string> key = make_link_key(request);
  std::swap(request.units[0], request.units[1]);
  EXPECT_EQ(make_link_key(request), key);
}

TEST(LinkKey, IsNoneWhereSomethingHasToBeSaid) {
  Request request = make_request();
  request.notes.emplace_back();
  EXPECT_FALSE(make_link_key(request));
  request = make_request();
  request.problems.emplace_back();
  EXPECT_FALSE(make_link_key(request));
  request = make_request();
  request.units[0].digest.reset();
  EXPECT_FALSE(make_link_key(request));
}

class KnownLinks : public testing::Test {
 protected:
  KnownLinks() { keep_known_link(folder_, key_, link_); }

  [[nodiscard]] fs::path file() const { return folder_ / (key_ + ".link"); }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  const std::string key_ = std::string(64, 'a');
  const KnownLink link_{.code_key = std::string(64, 'b'),
                        .concurrency = Concurrency::Yes,
                        .needs_wasi = true,
                        .program = "cli.wasm",
                        .command = "wasi:cli/run@0.2.6",
                        .domain = "shop"};
};

TEST_F(KnownLinks, AreFound) {
  EXPECT_EQ(find_known_link(folder_, key_), link_);
  EXPECT_FALSE(find_known_link(folder_, std::string(64, 'c')));
  EXPECT_FALSE(find_known_link({}, key_));
}

TEST_F(KnownLinks, AreOfOneKey) {
  fs::rename(file(), folder_ / (std::string(64, 'c') + ".link"));
  EXPECT_FALSE(find_known_link(folder_, std::string(64, 'c')));
}

TEST_F(KnownLinks, AreNotTakenFromAFileThatOthersMayWrite) {
  fs::permissions(file(), fs::perms(0620));
  EXPECT_FALSE(find_known_link(folder_, key_));
}

TEST_F(KnownLinks, AreNotTakenFromAFolderThatOthersMayEnter) {
  fs::permissions(folder_, fs::perms(0755));
  EXPECT_FALSE(find_known_link(folder_, key_));
}

TEST_F(KnownLinks, AreNotTakenInParts) {
  for (std::uintmax_t size = fs::file_size(file()); size > 0; --size) {
    fs::resize_file(file(), size - 1);
    EXPECT_FALSE(find_known_link(folder_, key_)) << size;
  }
}

TEST_F(KnownLinks, AreNotTakenWithMore) {
  std::ofstream(file(), std::ios::app) << "more";
  EXPECT_FALSE(find_known_link(folder_, key_));
}

TEST_F(KnownLinks, AreNotKeptOfNamesWithLineBreaks) {
  fs::remove(file());
  KnownLink odd = link_;
  odd.program = "a\nb";
  keep_known_link(folder_, key_, odd);
  EXPECT_FALSE(fs::exists(file()));
}

// A composition from the guests of the tests, with the phases of its link.
struct Linked {
  std::vector<std::string> phases;
  CallResult<int> end;
  std::size_t units;
};

Linked link_and_run(const fs::path& cache, std::vector<std::string> args) {
  CompositionBuilder builder;
  builder.add_component("hello", TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm");
  builder.grants().args = std::move(args);
  Result<Composition> made = builder.build({.cache_dir = cache});
  EXPECT_TRUE(made);
  Linked linked{{}, made->run_command(), 0};
  for (const PhaseTime& time : made->times()) linked.phases.push_back(time.phase);
  EXPECT_TRUE(made->notes().empty());
  linked.units = made->plan().units.size();
  return linked;
}

TEST_F(KnownLinks, AreNotPlannedAgainAndFailAsBefore) {
  const Linked first = link_and_run(folder_, {"trap"});
  const Linked again = link_and_run(folder_, {"trap"});
  EXPECT_THAT(first.phases, ElementsAre("read", "resolve", "compose", "load", "instantiate"));
  EXPECT_THAT(again.phases, ElementsAre("load", "instantiate"));
  ASSERT_FALSE(first.end);
  ASSERT_FALSE(again.end);
  EXPECT_EQ(failure_diagnostic(first.end.error()), failure_diagnostic(again.end.error()));
  EXPECT_EQ(again.end.error().unit, "hello");
  EXPECT_EQ(first.units, again.units);
}

TEST_F(KnownLinks, ArePlannedAgainWithoutTheirCode) {
  link_and_run(folder_, {});
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
    if (entry.path().extension() == ".code") fs::remove(entry.path());
  EXPECT_EQ(link_and_run(folder_, {}).phases.size(), 5U);
}

}  // namespace
}  // namespace tenon::linker
