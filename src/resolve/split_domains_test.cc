// The plans of domains, without binaries. src/compose/split_test.cc writes their components.
#include "resolve/split_domains.h"

#include <algorithm>
#include <random>

#include "resolve/plan_test_support.h"

namespace tenon::resolve::split_domains_test {
namespace {

using testing::ElementsAre;

std::string chain_text(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "unit u" + std::to_string(i) + " { export x:y/l" + std::to_string(i) +
            " { record r { n: u32 } f() -> r } ";
    if (i + 1 < count)
      text += "import x:y/l" + std::to_string(i + 1) + " { record r { n: u32 } f() -> r } ";
    text += "} ";
  }
  return text;
}

TEST(SplitDomains, ManyDomainsShareTheirTypes) {
  constexpr int kCount = 200;
  Inputs inputs = read_units(chain_text(kCount), "u0");
  inputs.policy.isolation = Policy::Isolation::All;
  const LinkPlan plan = plan_of(std::move(inputs));
  const SplitPlan split = split_domains(plan);
  ASSERT_EQ(split.domains.size(), static_cast<std::size_t>(kCount));
  for (const DomainPlan& domain : split.domains) {
    EXPECT_EQ(domain.link->types, split.domains.front().link->types);
    EXPECT_EQ(domain.link->resource_class, plan.resource_class);
    EXPECT_EQ(domain.link->units.size(), 1U);
    EXPECT_LE(domain.link->imports.size(), 1U);
  }
  EXPECT_LE(split.domains.front().link->types->types.size(), plan.types->types.size() + kCount);
  EXPECT_LE(split.domains.front().link->types->instances.size(),
            plan.types->instances.size() + kCount);
}

TEST(SplitDomains, OneDomainSharesThePlansOwnTypes) {
  const LinkPlan plan = plan_of(read_units(chain_text(3), "u0"));
  const SplitPlan split = split_domains(plan);
  ASSERT_EQ(split.domains.size(), 1U);
  EXPECT_EQ(split.domains[0].link->types, plan.types);
  EXPECT_EQ(split.domains[0].name, "main");
  EXPECT_THAT(split.domains[0].units, ElementsAre(0U, 1U, 2U));
  EXPECT_EQ(split.exports.size(), plan.exports.size());
}

// An open import can have a name like those that the split makes.
TEST(SplitDomains, NamesThatAreTakenAreSkipped) {
  Inputs inputs = read_units(R"(
    unit a { import I0() import x:y/b { f() } export e0() }
    unit b in far { export x:y/b { f() } }
    unit c { export x:y/c { f() } }
    unit d in other { import x:y/c { f() } })",
                             "a");
  inputs.policy.unresolved = Policy::Unresolved::Open;
  inputs.policy.exports.push_back({"c", "x:y/c", "E1", {}});
  const SplitPlan split = split_domains(plan_of(std::move(inputs)));
  const auto domain = std::ranges::find(split.domains, "main", &DomainPlan::name);
  ASSERT_NE(domain, split.domains.end());
  ASSERT_EQ(domain->imports.size(), 1U);
  EXPECT_EQ(domain->imports[0].name, "i1");
  EXPECT_EQ(domain->imports[0].export_name, "e0");
  ASSERT_EQ(domain->exports.size(), 1U);
  EXPECT_EQ(domain->exports[0].name, "e2");
}

// The provider of a lazy edge can be in a domain that starts later.
TEST(SplitDomains, ALazyEdgeCrossesToALaterDomain) {
  Inputs inputs = read_units(R"(
    unit a { import x:y/b { f() } export x:y/a { f() } export run() }
    unit b in far { import x:y/a { f() } export x:y/b { f() } })",
                             "a");
  inputs.policy.wires = {wire("b:x:y/a=a")};
  inputs.policy.wires[0].lazy = true;
  const SplitPlan split = split_domains(plan_of(std::move(inputs)));
  ASSERT_EQ(split.domains.size(), 2U);
  EXPECT_EQ(split.domains[0].name, "far");
  EXPECT_EQ(split.domains[0].imports.at(0).provider, 1U);
  EXPECT_EQ(split.domains[0].imports.at(0).export_name, "e0");
  EXPECT_EQ(split.domains[1].imports.at(0).provider, 0U);
}

}  // namespace
}  // namespace tenon::resolve::split_domains_test
