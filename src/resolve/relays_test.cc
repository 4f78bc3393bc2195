// Exports that are imports, in domains and at the root.
#include "resolve/relays.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "resolve/plan_test_support.h"
#include "resolve/split_domains.h"
#include "resolve/unit_text_test_support.h"

namespace tenon::resolve::relays_test {
namespace {

using ::testing::HasSubstr;

// Each unit passes on what the next one exports; the last one is `source`.
// domains: of app, outer, inner.
Inputs chain(const std::string& app, const std::string& outer, const std::string& inner,
             const std::string& source, const std::string& function = "f(a: u32)") {
  Inputs inputs = read_units(fmt::format(R"(
    unit app in {1} {{ import a:b/x {{ {0} }} }}
    unit outer in {2} {{ import c:d/x {{ {0} }} export a:b/x {{ {0} }} }}
    unit inner in {3} {{ import e:f/x {{ {0} }} export c:d/x {{ {0} }} }}
    {4} {{ export e:f/x {{ {0} }} }})",
                                         function, app, outer, inner, source),
                             "app");
  for (Unit& unit : inputs.units)
    if (unit.name == "outer" || unit.name == "inner")
      unit.type.exports[0].passed_imports = std::vector<std::uint32_t>{0};
  return inputs;
}

// The domains that export through a relay, such as "b c".
std::string relaying(const LinkPlan& plan) {
  std::string domains;
  for (const DomainPlan& part : split_domains(plan).domains)
    for (const CompositionExport& exported : part.link->exports)
      if (exported.is_relayed) domains += (domains.empty() ? "" : " ") + part.name;
  return domains;
}

TEST(Relays, AreWhereAnImportLeavesADomainAgain) {
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "c", "unit source in d"))), "c b");
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "c", "unit source in c"))), "b");
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "b", "unit source in d"))), "b");
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "b", "unit source in b"))), "");
  EXPECT_EQ(relaying(plan_of(chain("a", "a", "a", "unit source in d"))), "");
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "b", "bundle source"))), "b");
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "b", "remote source"))), "b");
  EXPECT_EQ(relaying(plan_of(chain("a", "b", "b", "wasi wasi"))), "b");
}

TEST(Relays, AreForExportsOfTheComposition) {
  for (const char* const source :
       {"unit source in d", "bundle source", "remote source", "wasi wasi"}) {
    Inputs inputs = chain("a", "b", "b", source);
    inputs.policy.exports.push_back({.unit = "outer", .item = "a:b/x", .as = {}, .where = {}});
    const LinkPlan plan = plan_of(std::move(inputs));
    ASSERT_EQ(plan.exports.size(), 1U);
    EXPECT_TRUE(plan.exports.front().is_relayed) << source;
  }
  Inputs inside = chain("a", "a", "a", "unit source in a");
  inside.policy.exports.push_back({.unit = "outer", .item = "a:b/x", .as = {}, .where = {}});
  EXPECT_FALSE(plan_of(std::move(inside)).exports.front().is_relayed);
}

TEST(Relays, OfAsyncFunctionsAreRefused) {
  const std::string function = "async f(a: u32)";
  EXPECT_THAT(problem_text(chain("a", "b", "b", "unit source in d", function), "resolve-placement"),
              HasSubstr("cannot be passed on (`f`: it is `async`"));
  Inputs exported = chain("a", "a", "a", "wasi wasi", function);
  exported.policy.exports.push_back({.unit = "outer", .item = "a:b/x", .as = {}, .where = {}});
  EXPECT_THAT(problem_text(std::move(exported), "resolve-placement"),
              HasSubstr("the engine cannot export an import"));
  // Inside of a domain it is called directly.
  EXPECT_EQ(relaying(plan_of(chain("a", "a", "a", "unit source in d", function))), "");
}

// The provider need not export its interface then, which would have the same name.
TEST(Relays, NameTheTypesThatOtherExportsUse) {
  const std::string store = "resource bucket record entry { n: u8 } open() -> bucket";
  const std::string uses =
      "use bucket from s:s/store use entry from s:s/store "
      "find(e: entry) -> bucket";
  Inputs inputs = read_units(fmt::format(R"(
    unit app {{ import s:s/store {{ {0} }}
               export s:s/store {{ use bucket from s:s/store use entry from s:s/store open() -> bucket }}
               export s:s/api {{ {1} }} }}
    unit kv in b {{ export s:s/store {{ {0} }} }})",
                                         store, uses),
                             "app");
  inputs.units[0].type.exports[0].passed_imports = std::vector<std::uint32_t>{0};
  Inputs renamed = inputs;
  const LinkPlan plan = plan_of(std::move(inputs));
  ASSERT_EQ(plan.exports.size(), 2U);
  EXPECT_EQ(plan.exports[0].name, "s:s/store");
  EXPECT_TRUE(plan.exports[0].is_relayed);
  EXPECT_EQ(plan.exports[1].name, "s:s/api");
  renamed.policy.exports.push_back({.unit = "app", .item = "s:s/store", .as = "kept", .where = {}});
  EXPECT_EQ(plan_of(std::move(renamed)).exports.size(), 2U);
}

TEST(Relays, NameTheTypesOfAnInterfaceOfTypesAlone) {
  const std::string definition = "resource bucket record entry { n: u8 }";
  const std::string use = "use bucket from s:s/types use entry from s:s/types";
  Inputs inputs = read_units(
      fmt::format("unit app {{ import s:s/types {{ {0} }} export s:s/types {{ {1} }} }} "
                  "unit middle {{ import s:s/types {{ {0} }} export s:s/types {{ {1} }} }} "
                  "unit kv {{ export s:s/types {{ {0} }} }}",
                  definition, use),
      "app");
  inputs.policy.wires = {wire("app:s:s/types=middle"), wire("middle:s:s/types=kv")};
  const LinkPlan plan = plan_of(std::move(inputs));
  ASSERT_EQ(plan.exports.size(), 1U);
  EXPECT_EQ(plan.exports[0].name, "s:s/types");
}

// Two exports use types of one interface, each by another unit of a chain that passes it on.
TEST(Relays, LeadToOneExportOfTheTypes) {
  const std::string store = "record entry { n: u8 } get() -> entry";
  const auto unit = [&](std::string_view name, std::string_view exported) {
    return fmt::format(
        "unit {} {{ import s:s/store {{ {} }} export {} {{ use entry from s:s/store get() -> entry "
        "}} }} ",
        name, store, exported);
  };
  Inputs inputs = read_units(unit("app", "s:s/api") + unit("other", "s:s/more") +
                                 unit("outer", "s:s/store") + unit("inner", "s:s/store") +
                                 fmt::format("unit source {{ export s:s/store {{ {} }} }}", store),
                             "app");
  for (Unit& passing : inputs.units)
    if (passing.name == "outer" || passing.name == "inner")
      passing.type.exports[0].passed_imports = std::vector<std::uint32_t>{0};
  inputs.policy.wires = {wire("app:s:s/store=outer"), wire("outer:s:s/store=inner"),
                         wire("other:s:s/store=inner"), wire("inner:s:s/store=source")};
  inputs.policy.exports.push_back({.unit = "other", .item = "s:s/more", .as = {}, .where = {}});
  const LinkPlan plan = plan_of(std::move(inputs));
  ASSERT_EQ(plan.shown.exports.size(), 3U);
  EXPECT_EQ(plan.shown.exports[0].unit, "source");
  EXPECT_TRUE(plan.shown.exports[0].implied);
}

// A function that a filter hides is not passed on.
TEST(Relays, DoWithoutHiddenFunctions) {
  Inputs inputs = chain("a", "a", "a", "unit source in d", "f(a: u32) async g(a: u32)");
  inputs.policy.exports.push_back({.unit = "inner", .item = "c:d/x", .as = {}, .where = {}});
  EXPECT_THAT(problem_text(inputs, "resolve-placement"), HasSubstr("`g`: it is `async`"));
  Inputs hidden = read_units(R"(
    unit inner { import e:f/x { f(a: u32) async g(a: u32) } export c:d/x { f(a: u32) async g(a: u32) } }
    wasi wasi { export e:f/x { f(a: u32) async g(a: u32) } })");
  hidden.units[0].type.exports[0].passed_imports = std::vector<std::uint32_t>{0};
  hidden.policy.filters = {{"inner", Filter::Kind::Hide, "c:d/x.g", {}}};
  const LinkPlan plan = plan_of(std::move(hidden));
  EXPECT_TRUE(plan.exports.front().is_relayed);
}

}  // namespace
}  // namespace tenon::resolve::relays_test
