#include "extension/needs.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "extension/index.h"

namespace tenon::extension::needs_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const LibraryPolicy kPolicy({"*:*/lib"});

Extension make_extension(std::string name, std::string version, std::vector<std::string> libraries,
                         std::vector<std::string> imports = {}) {
  Extension extension;
  extension.name = std::move(name);
  extension.version = std::move(version);
  extension.exports = libraries;
  extension.libraries = std::move(libraries);
  extension.imports = std::move(imports);
  return extension;
}

Index index_of(std::vector<Extension> all) {
  Index index{std::move(all)};
  index.sort();
  return index;
}

std::string whole_text(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += fmt::format("{}: {}", problem.code, problem.message);
    for (const Note& note : problem.notes) text += "; " + note.text;
    text += '\n';
  }
  return text;
}

// "multiply 1.2.0 acme:math/lib@1.2.0" for each need.
std::vector<std::string> needs_of(const Index& index, std::string_view name) {
  std::vector<std::string> needs;
  for (const ExtensionNeed& need : index.find(name)->needs)
    needs.push_back(fmt::format("{} {} {}", need.from, need.version, need.exported));
  return needs;
}

std::vector<std::string> names_of(const std::vector<const Extension*>& all) {
  std::vector<std::string> names;
  for (const Extension* const extension : all) names.push_back(extension->name);
  return names;
}

TEST(Needs, AreMetByTheNewestOfTheirTrack) {
  Index index = index_of(
      {make_extension("a", "1.0.0", {"acme:math/lib@1.2.0"}),
       make_extension("b", "1.0.0", {"acme:math/lib@1.3.0"}),
       make_extension("c", "1.0.0", {"acme:math/lib@2.0.0"}),
       make_extension("user", "1.0.0", {}, {"acme:math/lib@1.2.5", "wasi:cli/run@0.2.0"})});
  EXPECT_THAT(meet_needs(index, kPolicy, Preference::Newest), IsEmpty());
  EXPECT_THAT(needs_of(index, "user"), ElementsAre("b 1.0.0 acme:math/lib@1.3.0"));
}

TEST(Needs, AreMetByTheSameVersionOfOneExtension) {
  Index index =
      index_of({make_extension("a", "1.0.0", {"acme:math/lib@1.3.0", "acme:math/lib@1.2.0"}),
                make_extension("user", "1.0.0", {}, {"acme:math/lib@1.2.0"})});
  for (const Preference preference : {Preference::Newest, Preference::Locked}) {
    EXPECT_THAT(meet_needs(index, kPolicy, preference), IsEmpty());
    EXPECT_THAT(needs_of(index, "user"), ElementsAre("a 1.0.0 acme:math/lib@1.2.0"));
  }
}

TEST(Needs, KeepEarlierChoices) {
  Index index = index_of({make_extension("a", "1.0.0", {"acme:math/lib@1.2.0"}),
                          make_extension("user", "1.0.0", {}, {"acme:math/lib@1.2.0"})});
  EXPECT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  index.extensions.push_back(make_extension("b", "1.0.0", {"acme:math/lib@1.9.0"}));
  index.sort();
  EXPECT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  EXPECT_THAT(needs_of(index, "user"), ElementsAre("a 1.0.0 acme:math/lib@1.2.0"));
  EXPECT_THAT(meet_needs(index, kPolicy, Preference::Newest), IsEmpty());
  EXPECT_THAT(needs_of(index, "user"), ElementsAre("b 1.0.0 acme:math/lib@1.9.0"));
}

TEST(Needs, FollowTheDependenciesTable) {
  Extension user = make_extension("user", "1.0.0", {}, {"acme:math/lib@1.0.0"});
  const auto chosen = [&](std::vector<ExtensionDependency> rows) {
    user.dependencies = std::move(rows);
    Index index = index_of({make_extension("a", "1.0.0", {"acme:math/lib@1.2.0"}),
                            make_extension("b", "1.4.0", {"acme:math/lib@1.8.0"}), user});
    const Diagnostics problems = meet_needs(index, kPolicy, Preference::Newest);
    return problems.empty() ? needs_of(index, "user").front() : whole_text(problems);
  };
  EXPECT_EQ(chosen({}), "b 1.4.0 acme:math/lib@1.8.0");
  EXPECT_EQ(chosen({{.name = "acme:math/lib", .range = "<1.5"}}), "a 1.0.0 acme:math/lib@1.2.0");
  EXPECT_EQ(chosen({{.name = "acme:math/lib", .from = "a"}}), "a 1.0.0 acme:math/lib@1.2.0");
  EXPECT_EQ(chosen({{.name = "a"}}), "a 1.0.0 acme:math/lib@1.2.0");
  EXPECT_EQ(chosen({{.name = "b", .range = "^1.5"}}).substr(0, 9), "ext-unmet");
  EXPECT_THAT(chosen({{.name = "acme:math/lib", .range = "^1.9"}}),
              AllOf(HasSubstr("`user` needs `acme:math/lib@1.0.0`, which no extension provides"),
                    HasSubstr("`user` requires `acme:math/lib` ^1.9"),
                    HasSubstr("a 1.0.0 provides `acme:math/lib@1.2.0`: `user` requires ^1.9"),
                    HasSubstr("b 1.4.0 provides `acme:math/lib@1.8.0`: `user` requires ^1.9")));
  EXPECT_THAT(chosen({{.name = "c"}}), HasSubstr("`user` needs the extension `c` *"));
}

TEST(Needs, CanBeOptional) {
  Extension user = make_extension("user", "1.0.0", {}, {"acme:log/lib@1.0.0"});
  user.dependencies = {{.name = "acme:log/lib", .is_optional = true},
                       {.name = "x", .is_optional = true}};
  Index index = index_of({user});
  EXPECT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  EXPECT_THAT(needs_of(index, "user"), IsEmpty());
}

TEST(Needs, AreMetByLibrariesOnly) {
  Extension provider = make_extension("provider", "1.0.0", {}, {});
  provider.exports = {"acme:math/ops@1.0.0"};
  Index index = index_of(
      {provider, make_extension("user", "1.0.0", {}, {"acme:math/ops@1.0.0", "other:thing/here"})});
  EXPECT_EQ(
      whole_text(meet_needs(index, kPolicy, Preference::Locked)),
      "ext-library-rule: `user` imports interfaces of other extensions that are not libraries; "
      "`acme:math/ops@1.0.0` does not match *:*/lib\n");
}

TEST(Needs, IgnoreHostInterfaces) {
  LibraryPolicy policy({"*:*/lib"});
  policy.set_host_interfaces({"acme:log/lib", "acme:sql/lib@^1.0.0", "editor:*", "no name/@@"});
  Index index =
      index_of({make_extension("a", "1.0.0", {"acme:log/lib@1.2.0", "acme:sql/lib@2.1.0"}),
                make_extension("user", "1.0.0", {},
                               {"acme:log/lib@1.0.0", "acme:sql/lib@1.4.0", "acme:sql/lib@2.0.0",
                                "editor:app/lib@1.0.0"})});
  EXPECT_EQ(whole_text(meet_needs(index, policy, Preference::Newest)), "");
  EXPECT_THAT(needs_of(index, "user"), ElementsAre("a 1.0.0 acme:sql/lib@2.1.0"));
}

TEST(Needs, ReportNearMisses) {
  Index index = index_of({make_extension("a", "1.0.0", {"acme:math/lib@1.2.0"}),
                          make_extension("user", "1.0.0", {}, {"acme:maths/lib@1.2.0"})});
  EXPECT_THAT(whole_text(meet_needs(index, kPolicy, Preference::Locked)),
              HasSubstr("similar: `acme:math/lib@1.2.0`"));
  // Versions do not make names less similar.
  index.extensions.back().imports = {"acme:mathss/lib@20.30.40"};
  EXPECT_THAT(whole_text(meet_needs(index, kPolicy, Preference::Locked)),
              HasSubstr("similar: `acme:math/lib@1.2.0`"));
}

TEST(Needs, AreNotMetByTheExtensionItself) {
  Index index =
      index_of({make_extension("user", "1.0.0", {"acme:math/lib@1.2.0"}, {"acme:math/lib@1.2.0"})});
  EXPECT_THAT(whole_text(meet_needs(index, kPolicy, Preference::Locked)), HasSubstr("ext-unmet"));
}

TEST(Needs, OrderProvidersFirstThenByName) {
  Index index = index_of(
      {make_extension("a", "1.0.0", {}, {"x:z/lib"}), make_extension("z", "1.0.0", {"x:z/lib"}),
       make_extension("m", "1.0.0", {"x:m/lib"}, {"x:z/lib"}), make_extension("b", "1.0.0", {}),
       make_extension("q", "1.0.0", {}, {"x:m/lib"})});
  ASSERT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  EXPECT_THAT(names_of(load_order(index)), ElementsAre("b", "z", "a", "m", "q"));
  EXPECT_THAT(names_of(closure_of(index, *index.find("q"))), ElementsAre("z", "m", "q"));
  EXPECT_THAT(names_of(closure_of(index, *index.find("b"))), ElementsAre("b"));
}

TEST(Needs, ReportEveryCycle) {
  Index index = index_of({make_extension("a", "1.0.0", {"x:a/lib"}, {"x:b/lib"}),
                          make_extension("b", "1.0.0", {"x:b/lib"}, {"x:c/lib"}),
                          make_extension("c", "1.0.0", {"x:c/lib"}, {"x:a/lib"}),
                          make_extension("p", "1.0.0", {"x:p/lib"}, {"x:q/lib", "x:a/lib"}),
                          make_extension("q", "1.0.0", {"x:q/lib"}, {"x:p/lib"})});
  ASSERT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  EXPECT_EQ(whole_text(find_cycles(index)),
            "ext-cycle: Circular dependency detected: a -> b -> c -> a; a -> b by `x:b/lib`; "
            "b -> c by `x:c/lib`; c -> a by `x:a/lib`\n"
            "ext-cycle: Circular dependency detected: p -> q -> p; p -> q by `x:q/lib`; "
            "q -> p by `x:p/lib`\n");
  // A lazy edge breaks a cycle.
  for (Extension& extension : index.extensions)
    if (extension.name == "c" || extension.name == "q")
      extension.dependencies = {
          {.name = extension.name == "c" ? "x:a/lib" : "x:p/lib", .is_lazy = true}};
  ASSERT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  EXPECT_THAT(find_cycles(index), IsEmpty());
  EXPECT_THAT(names_of(closure_of(index, *index.find("a"))), ElementsAre("c", "b", "a"));
}

TEST(Needs, ReportUnprovidedImports) {
  Extension odd =
      make_extension("odd", "1.0.0", {}, {"x:b/api@1.0.0", "x:c/tool", "wasi:cli/stdout@0.2.0"});
  odd.dependencies = {{.name = "x:c/tool", .is_optional = true}};
  const Index index = index_of({odd});
  EXPECT_EQ(whole_text(find_unprovided(index, {&index.extensions.front()}, kPolicy)),
            "ext-unmet: `odd` needs `x:b/api@1.0.0`, which neither the program nor an extension "
            "provides; extensions are linked by interfaces that match *:*/lib\n");
  // An extension does not provide for itself.
  const Index own = index_of({make_extension("own", "1.0.0", {"x:d/api"}, {"x:d/api"})});
  EXPECT_THAT(whole_text(find_unprovided(own, {&own.extensions.front()}, kPolicy)),
              HasSubstr("`own` needs `x:d/api`"));
  LibraryPolicy hosted({"*:*/lib"});
  hosted.set_host_interfaces({"x:b/api"});
  EXPECT_THAT(find_unprovided(index, {&index.extensions.front()}, hosted), IsEmpty());
}

TEST(Needs, HandleLongChains) {
  std::vector<Extension> all;
  constexpr int kCount = 5000;
  for (int k = 0; k < kCount; ++k) {
    std::vector<std::string> imports;
    if (k > 0) imports.push_back(fmt::format("x:n{}/lib", k - 1));
    all.push_back(
        make_extension(fmt::format("n{}", k), "1.0.0", {fmt::format("x:n{}/lib", k)}, imports));
  }
  Index index = index_of(std::move(all));
  ASSERT_THAT(meet_needs(index, kPolicy, Preference::Newest), IsEmpty());
  EXPECT_THAT(find_cycles(index), IsEmpty());
  EXPECT_EQ(closure_of(index, *index.find("n4999")).size(), 5000U);
}

TEST(Needs, ListDependents) {
  Index index = index_of(
      {make_extension("a", "1.0.0", {"x:a/lib"}), make_extension("b", "1.0.0", {}, {"x:a/lib"})});
  ASSERT_THAT(meet_needs(index, kPolicy, Preference::Locked), IsEmpty());
  const std::vector<Dependent> dependents = dependents_of(index, *index.find("a"));
  ASSERT_EQ(dependents.size(), 1U);
  EXPECT_EQ(dependents.front().consumer->name, "b");
  EXPECT_EQ(dependents.front().interface, "x:a/lib");
}

}  // namespace
}  // namespace tenon::extension::needs_test
