#include "link/start_plan.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>
#include <span>

#include "link/link.h"
#include "link/link_key.h"
#include "support/diagnostics.h"
#include "tenon/value.h"
#include "tests/support/temporary_folder.h"

namespace tenon::link::start_plan_test {
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
                                  .stream_buffer = {},
                                  .where = {}});
  return request;
}

TEST(LinkKey, CoversEverythingThatThePlanDependsOn) {
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
      [](Request& request) { request.policy.wires[0].stream_buffer = 0; },
      [](Request& request) { request.policy.wires[0].stream_buffer = 1; },
      [](Request& request) { request.domains["x"]; },
      [](Request& request) { request.domains["x"].grants.env = {{"A", "b"}}; },
      [](Request& request) { request.domains["x"].memory = 1; },
      [](Request& request) { request.domains["x"].tables = 1; },
      [](Request& request) { request.domains["x"].fuel = 1; },
      [](Request& request) { request.domains["x"].restart = Restart(); },
      [](Request& request) { request.domains["x"].owns_thread = true; },
      [](Request& request) { request.domain_overrides["x"].limits.memory = 1; },
      [](Request& request) { request.domain_overrides["x"].restart = Restart(); },
      [](Request& request) { request.limits.memory = 1; },
      [](Request& request) { request.limits.fuel = 1; },
      [](Request& request) { request.limits.timeout = std::chrono::seconds(1); },
      [](Request& request) { request.units.pop_back(); },
      [](Request& request) { request.policy.root = "cart"; },
      [](Request& request) { request.policy.wires.clear(); },
      [](Request& request) { request.policy.wires[0].via = {"log"}; },
      [](Request& request) { request.policy.wires[0].provider.clear(); },
      [](Request& request) { request.policy.wires[0].target = Wire::Target::Open; },
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

TEST(LinkKey, DoesNotDependOnTheOrderOfUnits) {
  Request request = make_request();
  const std::optional<std::string> key = make_link_key(request);
  std::swap(request.units[0], request.units[1]);
  EXPECT_EQ(make_link_key(request), key);
}

TEST(LinkKey, IsAbsentIfProblemsHaveToBeReported) {
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

std::shared_ptr<const CodeKeys> make_keys(std::string embedded) {
  return std::make_shared<const CodeKeys>(CodeKeys{.embedded = std::move(embedded)});
}

class StartPlans : public testing::Test {
 protected:
  StartPlans() { keep(start_); }

  void keep(const StartPlan& start) const {
    const auto folder = engine::CacheFolder::open(folder_);
    ASSERT_TRUE(folder) << folder.error();
    keep_start_plan(*folder, key_, start);
  }
  [[nodiscard]] std::optional<StartPlan> find(const std::string& key) const {
    const auto folder = engine::CacheFolder::open(folder_);
    Diagnostics warnings;
    return find_start_plan(folder ? &*folder : nullptr, key, warnings);
  }

  [[nodiscard]] fs::path file() const { return folder_ / (key_ + ".link"); }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  const std::string key_ = std::string(64, 'a');
  const StartPlan start_ = make_start();

 private:
  // A start plan with two domains and every type that has a layout.
  static StartPlan make_start() {
    types::Types types;
    const types::ResourceId bucket = types.resources.add({"bucket"});
    const types::TypeId number = types.primitive(types::Primitive::U32);
    const types::TypeId text = types.primitive(types::Primitive::String);
    std::vector<types::Field> fields;
    const auto add = [&](auto kind) {
      fields.push_back({fmt::format("f{}", fields.size()), types.types.add({std::move(kind)})});
      return fields.back().type;
    };
    add(types::Record{{{"a", number}, {"b", text}}});
    add(types::Variant{{{"none", {}}, {"one", number}}});
    add(types::List{number, {}});
    add(types::List{number, 4});
    add(types::Map{text, number});
    add(types::Tuple{{number, text}});
    add(types::Flags{{"x", "y"}});
    add(types::Enum{{"red", "green"}});
    add(types::Option{add(types::Own{bucket})});
    add(types::Borrow{bucket});
    const types::TypeId result = add(types::ResultType{number, text});
    add(types::ResultType{});
    const types::FunctionId f = types.functions.add({.params = fields, .result = result});
    const types::FunctionId g = types.functions.add({.params = {}, .result = {}});
    StartPlan link;
    link.program = "cli.wasm";
    link.command = "wasi:cli/run@0.2.6";
    link.command_domain = 1;
    link.domain = "shop";
    link.kinds.emplace(bucket, KindRow{"kv bucket", "acme:kv/store.bucket", "kv", 0});
    link.domains.push_back(
        {.name = "kv", .declared = "kv", .code = make_keys(std::string(64, 'b'))});
    link.domains[0].exports.push_back({"e0", {0, 0}, ExportRow::User::Domains});
    link.domains.push_back({.name = "shop",
                            .declared = "main",
                            .code = make_keys(std::string(64, 'c')),
                            .concurrency = Concurrency::Yes,
                            .needs_wasi = true});
    link.domains[1].imports.push_back({.import = "i0",
                                       .functions = {{"f", f, f}, {"g", g, g}},
                                       .resources = {{"bucket", bucket}},
                                       .options = {.lazy = true, .on_failure = "gone"},
                                       .consumer = "shop",
                                       .imported = "acme:kv/store@1.0.0",
                                       .unit = "kv",
                                       .provider = 0,
                                       .export_name = "e0",
                                       .exported = "acme:kv/store@1.0.0"});
    Diagnostic note = make_diagnostic(Code::NoteEndsWithProvider, "`shop` ends with `kv`");
    note.where = {.file = "shop.wasm", .unit = "shop", .item = "acme:kv/store", .offset = 77};
    note.notes.push_back({"a note", {}, {}});
    note.hints.emplace_back("a hint");
    link.notes.push_back(std::move(note));
    link.types = std::make_shared<const types::Types>(std::move(types));
    return link;
  }
};

TEST_F(StartPlans, AreFound) {
  const std::optional<StartPlan> link = find(key_);
  ASSERT_TRUE(link);
  EXPECT_EQ(link->program, start_.program);
  EXPECT_EQ(link->command, start_.command);
  EXPECT_EQ(link->command_domain, 1U);
  EXPECT_EQ(link->domain, "shop");
  EXPECT_EQ(link->notes, start_.notes);
  ASSERT_EQ(link->kinds.size(), 1U);
  EXPECT_EQ(link->kinds.begin()->second.key, "kv bucket");
  ASSERT_EQ(link->domains.size(), 2U);
  EXPECT_EQ(link->domains[0].exports.front().name, "e0");
  EXPECT_EQ(link->domains[1].declared, "main");
  EXPECT_EQ(link->domains[1].concurrency, Concurrency::Yes);
  ASSERT_EQ(link->domains[1].imports.size(), 1U);
  const EdgeRow& edge = link->domains[1].imports.front();
  EXPECT_TRUE(edge.options.lazy);
  EXPECT_EQ(edge.options.on_failure, "gone");
  EXPECT_EQ(edge.exported, "acme:kv/store@1.0.0");
  ASSERT_EQ(edge.functions.size(), 2U);
  EXPECT_EQ(edge.functions[0].name, "f");
  EXPECT_EQ(link->types->functions[edge.functions[0].type].params.size(), 13U);
  ASSERT_EQ(edge.resources.size(), 1U);
  EXPECT_TRUE(link->kinds.contains(edge.resources[0].resource));
  EXPECT_FALSE(find(std::string(64, 'c')));
}

TEST_F(StartPlans, BelongToOneKey) {
  fs::rename(file(), folder_ / (std::string(64, 'c') + ".link"));
  EXPECT_FALSE(find(std::string(64, 'c')));
}

TEST_F(StartPlans, AreNotReadFromAFileThatOthersCanWrite) {
  fs::permissions(file(), fs::perms(0620));
  EXPECT_FALSE(find(key_));
}

TEST_F(StartPlans, AreNotReadFromAFolderThatOthersCanEnter) {
  fs::permissions(folder_, fs::perms(0755));
  EXPECT_FALSE(find(key_));
}

TEST_F(StartPlans, AreRejectedIfTruncated) {
  for (std::uintmax_t size = fs::file_size(file()); size > 0; --size) {
    fs::resize_file(file(), size - 1);
    EXPECT_FALSE(find(key_)) << size;
  }
}

TEST_F(StartPlans, AreRejectedWithTrailingBytes) {
  std::ofstream(file(), std::ios::app) << "more";
  EXPECT_FALSE(find(key_));
}

TEST_F(StartPlans, AreRejectedWithChangedBytes) {
  const Bytes whole = *print_start_plan(start_, key_);
  std::size_t refused = 0;
  std::size_t imports = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes other = whole;
    for (const std::uint8_t change : {std::uint8_t{0x01}, std::uint8_t{0x7f}}) {
      other[i] = static_cast<std::uint8_t>(whole[i] ^ change);
      // All its references are in range.
      const std::optional<StartPlan> read = parse_start_plan(other, key_);
      if (!read) {
        ++refused;
        continue;
      }
      for (const DomainRow& domain : read->domains)
        for (const EdgeRow& edge : domain.imports) {
          EXPECT_LT(edge.provider, read->domains.size());
          for (const FunctionRow& row : edge.functions)
            EXPECT_LT(row.type.index, read->types->functions.size());
          ++imports;
        }
    }
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(imports, 0U);
}

TEST_F(StartPlans, AreNotStoredIfTheyCannotBeEncoded) {
  fs::remove(file());
  StartPlan warned = start_;
  warned.notes.front().severity = Severity::Warning;
  keep(warned);
  EXPECT_FALSE(fs::exists(file()));
  StartPlan foreign = start_;
  foreign.kinds.clear();
  keep(foreign);
  EXPECT_FALSE(fs::exists(file()));
  StartPlan outside = start_;
  outside.domains[1].imports.front().provider = resolve::kOutside;
  keep(outside);
  EXPECT_FALSE(fs::exists(file()));
  StartPlan wrapped = start_;
  wrapped.domains[1].imports.front().options.middleware.emplace_back("log");
  keep(wrapped);
  EXPECT_FALSE(fs::exists(file()));
  types::Types types;
  const types::FunctionId function =
      types.functions.add({.is_async = true, .is_untyped = false, .params = {}, .result = {}});
  StartPlan async;
  async.domains = {{.name = "a", .declared = "a", .code = make_keys("b")}};
  async.domains[0].imports.push_back({.import = "i0",
                                      .functions = {{"", function, function}},
                                      .unit = "u",
                                      .provider = 0,
                                      .export_name = "e0",
                                      .exported = "f"});
  async.types = std::make_shared<const types::Types>(std::move(types));
  keep(async);
  EXPECT_FALSE(fs::exists(file()));
}

// Builds a composition from the test guests and records the phases of its link.
struct Linked {
  std::vector<std::string> phases;
  CallResult<int> end;
  std::size_t units;
};

Linked link_and_run(const fs::path& cache, std::vector<std::string> args) {
  CompositionBuilder builder;
  builder.add_component("hello", TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm");
  builder.grants().args = std::move(args);
  Result<Composition> composition = builder.build({.cache_dir = cache});
  EXPECT_TRUE(composition);
  Linked linked{{}, composition->run_command(), 0};
  for (const PhaseTime& time : composition->times()) linked.phases.push_back(time.phase);
  EXPECT_TRUE(composition->notes().empty());
  linked.units = composition->plan().units.size();
  return linked;
}

TEST_F(StartPlans, AreNotPlannedAgainAndFailAsBefore) {
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

TEST_F(StartPlans, ArePlannedAgainWithoutTheirCode) {
  link_and_run(folder_, {});
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
    if (entry.path().extension() == ".code") fs::remove(entry.path());
  EXPECT_EQ(link_and_run(folder_, {}).phases.size(), 5U);
}

// The example `press` with each unit in a domain of its own: resources cross domains and outlive
// calls.
struct Press {
  std::vector<std::string> phases;
  CallResult<int> end;
  std::vector<std::string> notes;
  std::size_t units;
};

Press run_press(const fs::path& cache, std::vector<std::string> args) {
  CompositionBuilder builder;
  for (const char* const name : {"cli", "site", "markdown", "highlighter", "kv", "archive"})
    builder.add_component(name,
                          fmt::format("{}/examples/press/wasm/{}.wasm", TENON_SOURCE_DIR, name));
  builder.set_root("cli");
  builder.isolate_all();
  builder.grants().args = std::move(args);
  Result<Composition> composition = builder.build({.cache_dir = cache});
  EXPECT_TRUE(composition);
  Press press{{}, composition->run_command(), {}, 0};
  for (const PhaseTime& time : composition->times()) press.phases.push_back(time.phase);
  for (const Diagnostic& note : composition->notes()) press.notes.push_back(note.message);
  press.units = composition->plan().units.size();
  EXPECT_EQ(composition->plan().notes.size(), press.notes.size());
  return press;
}

TEST_F(StartPlans, OfSeveralDomainsAreNotPlannedAgain) {
  const std::vector<std::string> args = {"PUT /a=# One", "GET /a", "GET /-/backup"};
  const Press first = run_press(folder_, args);
  const Press again = run_press(folder_, args);
  EXPECT_THAT(first.phases, ElementsAre("read", "resolve", "compose", "load", "instantiate"));
  EXPECT_THAT(again.phases, ElementsAre("load", "instantiate"));
  ASSERT_TRUE(first.end);
  ASSERT_TRUE(again.end) << again.end.error().message;
  EXPECT_EQ(*first.end, *again.end);
  EXPECT_FALSE(first.notes.empty());
  EXPECT_EQ(first.notes, again.notes);
  EXPECT_EQ(first.units, again.units);
}

TEST_F(StartPlans, OfAKnownLinkHaveTheRowsOfTheFirst) {
  const auto print_rows = [&] {
    Request request;
    request.name = "press";
    for (const std::string name : {"cli", "site", "markdown", "highlighter", "kv", "archive"}) {
      UnitRequest& unit = request.units.emplace_back();
      unit.name = name;
      unit.path = fmt::format("{}/examples/press/wasm/{}.wasm", TENON_SOURCE_DIR, name);
    }
    request.policy.root = "cli";
    request.policy.isolation = resolve::Policy::Isolation::All;
    PhaseClock clock;
    const auto running = run_link(std::move(request), RealFiles(), {.cache_dir = folder_}, clock);
    EXPECT_TRUE(running);
    const std::size_t phases = clock.times().size();
    return std::pair(phases, print_start_plan(*(*running)->start, "key"));
  };
  const auto [first_phases, first] = print_rows();
  const auto [again_phases, again] = print_rows();
  EXPECT_EQ(first_phases, 5U);
  EXPECT_EQ(again_phases, 2U);
  ASSERT_TRUE(first);
  EXPECT_EQ(first, again);
}

struct Edge {
  std::uint32_t user;
  std::uint32_t provider;
  bool is_lazy = false;
};

std::vector<std::size_t> lazy_domains(std::size_t count, std::initializer_list<Edge> edges) {
  std::vector<DomainRow> domains(count);
  for (const Edge& edge : edges) {
    EdgeRow& row = domains[edge.user].imports.emplace_back();
    row.provider = edge.provider;
    row.options.lazy = edge.is_lazy;
  }
  const std::vector<bool> is_lazy = find_lazy_domains(domains);
  std::vector<std::size_t> lazy;
  for (std::size_t i = 0; i < is_lazy.size(); ++i)
    if (is_lazy[i]) lazy.push_back(i);
  return lazy;
}

TEST(LazyDomains, AreThoseThatOnlyLazyEdgesLeadTo) {
  constexpr bool kLazy = true;
  EXPECT_THAT(lazy_domains(1, {}), ElementsAre());
  EXPECT_THAT(lazy_domains(2, {{0, 1}}), ElementsAre());
  EXPECT_THAT(lazy_domains(2, {{0, 1, kLazy}}), ElementsAre(1));
  EXPECT_THAT(lazy_domains(2, {{0, resolve::kOutside}, {0, 1, kLazy}}), ElementsAre(1));
  // A domain that only a lazy domain needs is lazy, too.
  EXPECT_THAT(lazy_domains(4, {{0, 1, kLazy}, {1, 2}, {2, 3}}), ElementsAre(1, 2, 3));
  // Another edge, direct or indirect, makes it start at once.
  EXPECT_THAT(lazy_domains(2, {{0, 1, kLazy}, {0, 1}}), ElementsAre());
  EXPECT_THAT(lazy_domains(4, {{0, 1, kLazy}, {1, 2}, {0, 3}, {3, 2}}), ElementsAre(1));
  // A domain without users starts at once, whichever domain is the root.
  EXPECT_THAT(lazy_domains(3, {{0, 1, kLazy}, {2, 1}}), ElementsAre());
  // The root, here 0, is lazy if only a lazy edge leads to it.
  EXPECT_THAT(lazy_domains(2, {{1, 0, kLazy}}), ElementsAre(0));
  EXPECT_THAT(lazy_domains(3, {{2, 0, kLazy}, {0, 1}}), ElementsAre(0, 1));
  // In a cycle, each domain has a user.
  EXPECT_THAT(lazy_domains(2, {{0, 1}, {1, 0, kLazy}}), ElementsAre(0, 1));
}

TEST_F(StartPlans, OfSeveralDomainsArePlannedWhenAsked) {
  for (const bool is_known : {false, true}) {
    CompositionBuilder builder;
    builder.add_component("markdown", TENON_SOURCE_DIR "/examples/press/wasm/markdown.wasm");
    builder.add_component("highlighter", TENON_SOURCE_DIR "/examples/press/wasm/highlighter.wasm");
    builder.isolate_all();
    builder.set_root("markdown");
    Result<Composition> composition = builder.build({.cache_dir = folder_});
    ASSERT_TRUE(composition);
    EXPECT_EQ(composition->times().front().phase == "load", is_known);
    const auto render = [&composition] {
      const Result<WaveCall> call =
          parse_wave_call("markdown.render(\"# A\\n```c\\nint x;\\n```\\n\", {})");
      EXPECT_TRUE(call);
      const Result<Function> function = composition->find_function(*call);
      EXPECT_TRUE(function);
      const auto arguments = parse_wave_arguments(*call, function->type());
      EXPECT_TRUE(arguments);
      const auto answer = function->call(*arguments);
      return answer ? print_wave(**answer) : answer.error().message;
    };
    EXPECT_THAT(render(), testing::HasSubstr("int"));
    EXPECT_FALSE(composition->functions().empty());
  }
}

}  // namespace
}  // namespace tenon::link::start_plan_test
