// The order of names, labels, `implements` and versions, by enumeration. The expected answer is computed
// from the rule of docs/resolve.md, section 3, as it is stated in `expect` below.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/plan.h"
#include "resolve/plan_test_support.h"
#include "resolve/unit_text_test_support.h"

namespace tenon::resolve::name_order_test {
namespace {

// An import or export: a label, a version of the interface `t:kv/store`, or both.
struct Item {
  std::string label;
  bool has_interface = false;
  std::string version;  // of the interface; empty: none

  bool operator==(const Item&) const = default;

  [[nodiscard]] std::string interface() const {
    return version.empty() ? "t:kv/store" : "t:kv/store@" + version;
  }
  [[nodiscard]] std::string name() const { return label.empty() ? interface() : label; }
  [[nodiscard]] std::string text() const {
    return name() + (!label.empty() && has_interface ? " implements " + interface() : "") +
           " { id() -> u32 }";
  }
  [[nodiscard]] std::string track() const { return version.substr(0, version.find('.')); }
};

struct Export {
  std::string unit;
  Item item;
};

std::vector<Item> all_items(const std::vector<std::string>& labels) {
  std::vector<Item> items;
  for (const std::string& label : labels) {
    if (!label.empty()) items.push_back({label, false, ""});
    for (const std::string version : {"", "1.0.0", "1.1.0", "2.0.0"})
      items.push_back({label, true, version});
  }
  return items;
}

constexpr std::string_view kUnmet = "unmet";
constexpr std::string_view kAmbiguous = "ambiguous";

// The whole rule.
std::string expect(const Item& import, const std::vector<Export>& exports) {
  std::vector<Export> left;
  for (const Export& candidate : exports) {
    const Item& item = candidate.item;
    // Interfaces must agree if both have one, and labels if one has none.
    const bool is_match = import.has_interface && item.has_interface
                              ? import.track() == item.track()
                              : !import.label.empty() && import.label == item.label;
    if (is_match) left.push_back(candidate);
  }
  // An export under the own name of the import beats the others.
  const auto is_own = [&](const Export& candidate) { return candidate.item.label == import.label; };
  if (std::ranges::any_of(left, is_own)) std::erase_if(left, std::not_fn(is_own));
  if (left.empty()) return std::string(kUnmet);
  // Versions of the interface under its own name, in one unit, leave nothing to choose.
  const bool are_versions = std::ranges::all_of(left, [&](const Export& candidate) {
    return candidate.unit == left.front().unit && candidate.item.label.empty();
  });
  if (left.size() > 1 && !are_versions) return std::string(kAmbiguous);
  const Export& best = *std::ranges::max_element(left, {}, [&](const Export& candidate) {
    return std::pair(candidate.item.version == import.version, candidate.item.version);
  });
  return best.unit + " " + best.item.name();
}

std::string units_text(const std::vector<Item>& imports, const std::vector<Export>& exports) {
  std::string text = "unit c {";
  for (const Item& import : imports) text += " import " + import.text();
  text += " }";
  std::map<std::string, std::string> units;
  for (const Export& exported : exports) units[exported.unit] += " export " + exported.item.text();
  for (const auto& [unit, body] : units) text += " unit " + unit + " {" + body + " }";
  return text;
}

// What each import gets. Problems of other kinds are errors of the test.
std::vector<std::string> link(const std::string& text, const std::vector<Item>& imports,
                              const std::vector<Wire>& wires, Diagnostics& problems) {
  Inputs inputs = read_units(text, "c");
  inputs.policy.wires = wires;
  const Result<LinkPlan> plan = resolve_units(std::move(inputs));
  std::vector<std::string> results;
  if (!plan) problems = plan.error();
  for (const Item& import : imports) {
    if (plan) {
      results.push_back(provider_of(*plan, "c", import.name()));
      continue;
    }
    std::string result = "fine";
    for (const Diagnostic& problem : plan.error()) {
      if (problem.where.item != import.name()) continue;
      result = problem.code == "resolve-ambiguous" ? kAmbiguous : kUnmet;
      EXPECT_TRUE(result == kAmbiguous || problem.code == "resolve-no-provider" ||
                  problem.code == "resolve-version-track")
          << text_of(problem);
    }
    results.push_back(result);
  }
  return results;
}

// The wires that the hints of a problem propose.
std::vector<Wire> proposed_wires(const Diagnostic& problem) {
  std::vector<Wire> wires;
  const std::string_view flag = "--wire ";
  for (const Hint& hint : problem.hints)
    if (hint.ways.command.starts_with(flag))
      wires.push_back(wire(hint.ways.command.substr(flag.size())));
  return wires;
}

// Checks one import against the exports, and each wire that an ambiguity proposes.
void check(const Item& import, const std::vector<Export>& exports) {
  const std::string text = units_text({import}, exports);
  const std::string expected = expect(import, exports);
  Diagnostics problems;
  ASSERT_EQ(link(text, {import}, {}, problems).front(), expected) << text << text_of(problems);
  if (expected != kAmbiguous) return;
  ASSERT_EQ(problems.size(), 1) << text;
  const std::vector<Wire> wires = proposed_wires(problems.front());
  ASSERT_GE(wires.size(), 2) << text << text_of(problems);
  std::vector<std::string> chosen;
  for (const Wire& proposed : wires) {
    Diagnostics others;
    chosen.push_back(link(text, {import}, {proposed}, others).front());
    EXPECT_TRUE(others.empty() ||
                codes_of(others) == std::vector<std::string>{"resolve-unused-unit"})
        << text << text_of(others);
  }
  std::ranges::sort(chosen);
  EXPECT_EQ(std::ranges::adjacent_find(chosen), chosen.end()) << text << text_of(problems);
}

// Calls `visit` with every set of `count` exports of a unit, no two of one name.
template <class Visit>
void each_set(const std::vector<Item>& items, const std::string& unit, std::size_t count,
              Visit visit, std::vector<Export> chosen = {}, std::size_t from = 0) {
  if (count == 0) return visit(chosen);
  for (std::size_t i = from; i < items.size(); ++i) {
    const bool is_taken = std::ranges::any_of(
        chosen, [&](const Export& other) { return other.item.name() == items[i].name(); });
    if (is_taken) continue;
    std::vector<Export> more = chosen;
    more.push_back({unit, items[i]});
    each_set(items, unit, count - 1, visit, std::move(more), i + 1);
  }
}

TEST(NameOrder, OfTheExportsOfOneUnit) {
  const std::vector<Item> exports = all_items({"", "primary", "back-up"});
  for (const Item& import : all_items({"", "primary"}))
    for (const std::size_t count : {1U, 2U, 3U})
      each_set(exports, "p", count,
               [&](const std::vector<Export>& chosen) { check(import, chosen); });
}

TEST(NameOrder, OfTheExportsOfTwoUnits) {
  const std::vector<Item> exports = all_items({"", "primary", "back-up"});
  for (const Item& import : all_items({"", "primary"}))
    for (const std::size_t count : {1U, 2U})
      each_set(exports, "p", count, [&](std::vector<Export> chosen) {
        for (const Item& other : exports) {
          chosen.push_back({"q", other});
          check(import, chosen);
          chosen.pop_back();
        }
      });
}

// A wire that a message proposes for one import changes no other import of the unit.
TEST(NameOrder, WiresOfOneImportLeaveTheOthers) {
  std::vector<Item> imports;
  for (const std::string label : {"", "primary", "back-up"})
    imports.push_back({label, true, "1.0.0"});
  std::vector<Item> exports = imports;
  exports.push_back({"third", true, "1.0.0"});
  for (const std::size_t of_p : {1U, 2U, 3U, 4U})
    each_set(exports, "p", of_p, [&](const std::vector<Export>& chosen) {
      for (const std::size_t of_q : {0U, 1U, 2U})
        each_set(exports, "q", of_q, [&](const std::vector<Export>& others) {
          std::vector<Export> all = chosen;
          all.insert(all.end(), others.begin(), others.end());
          const std::string text = units_text(imports, all);
          std::vector<std::string> expected;
          for (const Item& import : imports) expected.push_back(expect(import, all));
          Diagnostics problems;
          const std::vector<std::string> first = link(text, imports, {}, problems);
          std::vector<Wire> wires;
          for (const Diagnostic& problem : problems) {
            if (problem.code != "resolve-ambiguous") continue;
            wires.push_back(proposed_wires(problem).front());
          }
          const std::vector<std::string> second = link(text, imports, wires, problems);
          for (std::size_t i = 0; i < imports.size(); ++i) {
            if (expected[i] == kAmbiguous) {
              EXPECT_EQ(first[i], kAmbiguous) << text;
              EXPECT_NE(second[i], kAmbiguous) << text;
            } else {
              EXPECT_TRUE(first[i] == expected[i] || first[i] == "fine") << text;
              EXPECT_EQ(second[i], expected[i]) << text;
            }
          }
        });
    });
}

}  // namespace
}  // namespace tenon::resolve::name_order_test
