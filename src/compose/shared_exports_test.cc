// Several units that export one chain of interfaces, each of which uses the types of the one before
// it. The composition exports each interface once, and the other exports use the types of that one.
// The engine checks that the result is valid; the `use`s in its WIT show which types are the same.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compose/embed.h"
#include "compose/test_composition.h"
#include "engine/code.h"
#include "engine/wat.h"
#include "resolve/plan.h"

namespace tenon::compose::shared_exports_test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// How each link of a chain is made from the type of the link before it.
using Kinds = std::vector<std::string>;

std::string define(const std::string& kind, const std::string& part) {
  if (kind == "record") return fmt::format("(record (field \"p\" {}))", part);
  if (kind == "variant") return fmt::format("(variant (case \"p\" {}) (case \"q\"))", part);
  if (kind == "list") return fmt::format("(list {})", part);
  if (kind == "option") return fmt::format("(option {})", part);
  if (kind == "tuple") return fmt::format("(tuple {} u8)", part);
  ADD_FAILURE() << kind;
  return {};
}

// The interface of a link; the links are in two packages.
std::string link_name(std::size_t link) {
  return link % 2 == 0 ? fmt::format("t:even/l{}@1.0.0", link) : fmt::format("t:odd/l{}", link);
}

// A unit of the chain, as text.
struct Chain {
  Kinds kinds;
  std::size_t imported = 0;  // the first links are imported
  std::size_t exported = 0;  // the links from there to this one, exclusive, are exported
  // Exports `t:p/NAME` with `f: func(p: list<T>) -> T`, where T is the type of the link before
  // `exported`, and names no other link's type.
  std::string api = {};
  bool renames = false;  // api calls the type `renamed`

  [[nodiscard]] std::string text() const {
    std::string out = "(component\n";
    for (std::size_t link = 0; link < exported; ++link) {
      const std::string definition =
          define(kinds[link], link == 0 ? std::string("u8") : fmt::format("$x{}", link - 1));
      if (link < imported) {
        const std::string used =
            link == 0
                ? std::string()
                : fmt::format(
                      "(alias outer 1 $x{0} (type $u)) (export \"t{0}\" (type $x{0} (eq $u)))",
                      link - 1);
        out += fmt::format(
            "(import \"{0}\" (instance $e{1} {2} (type $d {3}) (export \"t{1}\" (type (eq "
            "$d)))))\n",
            link_name(link), link, used, definition);
      } else {
        const std::string used =
            link == 0 ? std::string() : fmt::format("(export \"t{0}\" (type $x{0}))", link - 1);
        out += fmt::format(
            "(type $d{1} {3}) (instance $i{1} {2} (export \"t{1}\" (type $d{1})))\n"
            "(export $e{1} \"{0}\" (instance $i{1}))\n",
            link_name(link), link, used, definition);
      }
      out += fmt::format("(alias export $e{0} \"t{0}\" (type $x{0}))\n", link);
    }
    if (!api.empty())
      out += fmt::format(
          R"((core module $m (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "f") (param i32 i32) (result i32) unreachable))
(core instance $c (instantiate $m))
(func $f (param "p" (list $x{0})) (result (list $x{0})) (canon lift (core func $c "f")
  (memory $c "memory") (realloc (func $c "realloc"))))
(instance $api (export "{1}" (type $x{0})) (export "f" (func $f)))
(export "t:p/{2}" (instance $api))
)",
          exported - 1, renames ? std::string("renamed") : fmt::format("t{}", exported - 1), api);
    return out + ")";
  }
};

using Files = std::map<std::string, std::vector<std::uint8_t>>;

// A unit of each text or binary, by name.
resolve::Inputs read(const std::map<std::string, std::string>& texts, Files& files) {
  resolve::Inputs inputs;
  for (const auto& [name, text] : texts) {
    const auto bytes = engine::wat_to_wasm("unit.wat", text);
    EXPECT_TRUE(bytes) << bytes.error().front().message << text;
    if (!bytes) return inputs;
    files[name] = *bytes;
    const auto valid = engine::validate_component(*bytes);
    EXPECT_TRUE(valid) << valid.error().front().message << text;
    resolve::Unit unit;
    unit.name = name;
    unit.type = *types::evaluate_component(*binary::read_component(*bytes), inputs.types);
    inputs.units.push_back(std::move(unit));
  }
  return inputs;
}

resolve::Inputs read(const std::map<std::string, Chain>& chains, Files& files) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, chain] : chains) texts.emplace(name, chain.text());
  return read(texts, files);
}

// The plan of a request, composed. Empty: there are problems, which are added to `problems`.
std::vector<std::uint8_t> compose(resolve::Inputs inputs, const Files& files,
                                  std::vector<std::string>& problems) {
  const Result<resolve::LinkPlan> plan = resolve::resolve_units(std::move(inputs));
  if (!plan) {
    for (const Diagnostic& problem : plan.error())
      problems.push_back(fmt::format("{}: {}", problem.code, problem.message));
    return {};
  }
  UnitBytes bytes;
  for (const resolve::Unit& unit : plan->units) bytes.emplace_back(files.at(unit.name));
  Result<Composed> composed = embed(*plan, bytes, {});
  if (!composed) {
    problems.push_back(composed.error().front().message);
    return {};
  }
  if (const auto valid = engine::validate_component(composed->bytes); !valid)
    problems.push_back("the engine: " + valid.error().front().message);
  return std::move(composed->bytes);
}

resolve::ExportRequest request(std::string unit, std::string item) {
  return {.unit = std::move(unit), .item = std::move(item), .as = {}, .where = {}};
}

// The requests that make a composition export `t:p/api` of `b` and links of both.
std::vector<resolve::Policy> policies(const Chain& first) {
  std::vector<resolve::Policy> all;
  resolve::Policy policy;
  policy.root = "a";
  policy.exports = {request("b", "t:p/api")};
  all.push_back(policy);
  policy.root = "b";
  policy.exports.clear();
  for (std::size_t link = first.imported; link < first.exported; ++link)
    policy.exports.push_back(request("a", link_name(link)));
  all.push_back(policy);
  // As in a `.wac` file: only what is listed.
  policy.root = "b";
  policy.export_mode = resolve::Policy::Exports::Listed;
  policy.exports.push_back(request("b", "t:p/api"));
  all.push_back(policy);
  for (const char* const root : {"a", "b"}) {
    resolve::Policy whole;
    whole.root = root;
    whole.export_mode = resolve::Policy::Exports::All;
    all.push_back(whole);
  }
  return all;
}

// Whether `t:p/api` takes the type of the last link from the interface of that link.
void expect_shared(const std::vector<std::uint8_t>& bytes, const Chain& second) {
  const Composition composition(bytes);
  EXPECT_THAT(composition.export_names(), Contains("t:p/api"));
  const std::size_t last = second.exported - 1;
  EXPECT_THAT(composition.uses("t:p/api"),
              Contains(fmt::format(
                  "{} of {}", second.renames ? std::string("renamed") : fmt::format("t{}", last),
                  link_name(last))));
  for (std::size_t link = 1; link < second.exported; ++link)
    if (std::ranges::count(composition.export_names(), link_name(link)) != 0) {
      EXPECT_THAT(composition.uses(link_name(link)),
                  Contains(fmt::format("t{} of {}", link - 1, link_name(link - 1))));
    }
}

void expect_valid(const Chain& first, const Chain& second) {
  for (const resolve::Policy& policy : policies(first)) {
    Files files;
    resolve::Inputs inputs = read({{"a", first}, {"b", second}}, files);
    ASSERT_EQ(inputs.units.size(), 2U);
    inputs.policy = policy;
    std::vector<std::string> problems;
    const std::vector<std::uint8_t> bytes = compose(std::move(inputs), files, problems);
    EXPECT_THAT(problems, IsEmpty()) << first.text() << second.text();
    if (!problems.empty()) return;
    expect_shared(bytes, second);
  }
}

std::vector<Kinds> chains() {
  std::vector<Kinds> all;
  const Kinds kinds = {"record", "variant", "list", "option", "tuple"};
  for (const char* const first : {"record", "variant"})
    for (const std::string& second : kinds) {
      all.push_back({first, second});
      for (const char* const third : {"record", "variant", "list"})
        all.push_back({first, second, third});
    }
  all.push_back({"record", "record", "variant", "list", "record"});
  return all;
}

TEST(SharedExports, OfTwoUnitsThatExportTheSameLinks) {
  for (const Kinds& kinds : chains())
    for (std::size_t exported = 1; exported <= kinds.size(); ++exported)
      for (const bool renames : {false, true})
        expect_valid({.kinds = kinds, .exported = exported},
                     {.kinds = kinds, .exported = kinds.size(), .api = "api", .renames = renames});
}

// Either unit can import the first links: the other one provides them, or nothing does.
TEST(SharedExports, OfUnitsThatImportTheFirstLinks) {
  const Kinds kinds = {"record", "variant", "list", "record"};
  for (std::size_t a = 0; a < kinds.size(); ++a)
    for (std::size_t exported = a + 1; exported <= kinds.size(); ++exported)
      for (std::size_t b = 0; b < kinds.size(); ++b)
        expect_valid({.kinds = kinds, .imported = a, .exported = exported},
                     {.kinds = kinds, .imported = b, .exported = kinds.size(), .api = "api"});
}

TEST(SharedExports, OfThreeUnits) {
  const Kinds kinds = {"record", "variant", "record"};
  for (std::size_t a = 1; a <= kinds.size(); ++a)
    for (std::size_t c = 1; c <= kinds.size(); ++c) {
      Files files;
      resolve::Inputs inputs =
          read({{"a", {.kinds = kinds, .exported = a}},
                {"b", {.kinds = kinds, .exported = kinds.size(), .api = "api"}},
                {"c", {.kinds = kinds, .exported = c, .api = "other"}}},
               files);
      ASSERT_EQ(inputs.units.size(), 3U);
      inputs.policy.export_mode = resolve::Policy::Exports::All;
      std::vector<std::string> problems;
      const auto bytes = compose(std::move(inputs), files, problems);
      ASSERT_THAT(problems, IsEmpty());
      const Composition composition(bytes);
      EXPECT_EQ(composition.uses("t:p/api").back(), "t2 of " + link_name(2));
      EXPECT_EQ(composition.uses("t:p/other").back(),
                fmt::format("t{} of {}", c - 1, link_name(c - 1)));
    }
}

// A unit passes its import on, and another export has used one of the types before. The interface defines all
// of its types, not only those that no export has used.
TEST(SharedExports, OfAUnitThatPassesItsImportOn) {
  const std::string import = R"((component
    (import "t:p/types" (instance $types
      (type $d (enum "x")) (export "part" (type $part (eq $d)))
      (type $e (record (field "p" $part))) (export "whole" (type (eq $e)))
      (export "f" (func))))
    (alias export $types "whole" (type $whole))
    )";
  Files files;
  resolve::Inputs inputs = read(
      std::map<std::string, std::string>{
          {"maker", import + R"((instance $api (export "whole" (type $whole)))
                                (export "t:p/api" (instance $api))))"},
          {"passer", import + R"((export "t:p/types" (instance $types))))"}},
      files);
  ASSERT_EQ(inputs.units.size(), 2U);
  inputs.policy.root = "maker";
  inputs.policy.exports = {request("passer", "t:p/types")};
  for (const char* const consumer : {"maker", "passer"})
    inputs.policy.wires.push_back(
        {.consumer = consumer, .import = "t:p/types", .target = Wire::Target::Open});
  std::vector<std::string> problems;
  const std::vector<std::uint8_t> bytes = compose(std::move(inputs), files, problems);
  ASSERT_THAT(problems, IsEmpty());
  const Composition composition(bytes);
  EXPECT_THAT(composition.export_names(), Contains("t:p/types"));
  EXPECT_THAT(composition.uses("t:p/types"), IsEmpty());
}

// An interface is imported, and exported with one of its types alone being that of the import.
TEST(SharedExports, DefineATypeWhosePartsAreOfTheImport) {
  Files files;
  resolve::Inputs inputs = read(std::map<std::string, std::string>{{"a", R"((component
    (import "t:p/types" (instance $types
      (type $d (enum "x")) (export "part" (type $part (eq $d)))
      (type $e (record (field "p" $part))) (export "whole" (type (eq $e)))
      (export "f" (func))))
    (alias export $types "whole" (type $whole))
    (type $other (enum "x"))
    (instance $out (export "part" (type $other)) (export "whole" (type $whole)))
    (export "t:p/types" (instance $out))))"}},
                                files);
  ASSERT_EQ(inputs.units.size(), 1U);
  inputs.policy.unresolved = resolve::Policy::Unresolved::Open;
  std::vector<std::string> problems;
  compose(std::move(inputs), files, problems);
  EXPECT_THAT(problems, IsEmpty());
}

// Equal names do not make types equal.
TEST(SharedExports, AreRefusedIfTheTypesDiffer) {
  const Chain first = {.kinds = {"variant", "record"}, .exported = 2};
  const Chain second = {.kinds = {"record", "record"}, .exported = 2, .api = "api"};
  for (const resolve::Policy& policy : policies(first)) {
    Files files;
    resolve::Inputs inputs = read({{"a", first}, {"b", second}}, files);
    inputs.policy = policy;
    std::vector<std::string> problems;
    compose(std::move(inputs), files, problems);
    // Nothing uses the types of `a`, so `--export-all` can pass them over.
    if (policy.root == "b" && policy.export_mode == resolve::Policy::Exports::All)
      EXPECT_THAT(problems, IsEmpty());
    else
      EXPECT_THAT(problems, Contains(::testing::HasSubstr("resolve-export-clash: ")));
  }
}

}  // namespace
}  // namespace tenon::compose::shared_exports_test
