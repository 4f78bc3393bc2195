// Stores, registries and templates of extensions in the C++ API whose allocations fail.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tenon/extension.h"
#include "tests/memory/prepared_call.h"
#include "tests/support/extension_stores.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::extensions_test {
namespace {

using failing_memory::fail_each;
using failing_memory::stride;
using testing::AnyOf;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;

const std::vector<std::string> kGrants = {"net=example.org:443"};

class ExtensionsInCpp : public ExtensionStores {
 protected:
  // The same version of an extension with each number.
  std::string write_lib(int number = 1) const {
    return write("lib.wat", component("acme:math/lib@1.0.0", number));
  }
  void add_lib() { ASSERT_EQ(add({write_lib()}, options_), "fine"); }
  [[nodiscard]] std::string digest() const { return store_.find("lib")->digest; }

  const AddOptions options_{.compile = false};
};

TEST_F(ExtensionsInCpp, AreMissing) {
  fail_each([&] { return store_.list(); });
  fail_each([&] { return store_.libraries(); });
  fail_each([&] { return store_.find("square"); }, {.expected = "ext-none: "});
  fail_each([&] { return store_.remove({"square"}); }, {.expected = "ext-none: "});
  fail_each([&] { return store_.grant("square", kGrants); }, {.expected = "ext-none: "});
  fail_each([&] { return store_.revoke("square", kGrants); }, {.expected = "ext-none: "});
  fail_each([&] { return store_.upgrade({"square"}, options_); }, {.expected = "ext-none: "});
  fail_each([&] { return store_.link("square"); }, {.expected = "ext-none: "});
  fail_each([&] { return store_.check(); });
}

TEST_F(ExtensionsInCpp, AreRead) {
  add_lib();
  ASSERT_EQ(outcome(store_.check()), "fine");
  const Belongings before = list_belongings();
  fail_each([&] { return store_.list(); });
  fail_each([&] { return store_.libraries(); });
  fail_each([&] { return store_.find("lib"); });
  fail_each([&] { return store_.load_order(""); });
  fail_each([&] { return store_.print_wit("lib"); }, {.stride = stride(3)});
  fail_each([&] { return store_.link("lib"); });
  fail_each([&] { return store_.check(); }, {.stride = stride(3)});
  expect_no_more(before);
}

TEST_F(ExtensionsInCpp, AreAdded) {
  add_lib();
  ASSERT_EQ(outcome(store_.remove({"lib"})), "fine");
  const std::string empty = everything();
  const Belongings before = list_belongings();
  const std::vector<ExtensionRequest> requests = {{.source = write_lib(), .grants = kGrants}};
  AddOptions trial = options_;
  trial.dry_run = true;
  fail_each([&] { return store_.add(requests, trial); },
            {.clean = [&] { EXPECT_EQ(everything(), empty); }, .stride = stride(31)});
  fail_each([&] { return store_.add(requests, options_); },
            {.clean =
                 [&] {
                   EXPECT_EQ(outcome(store_.check()), "fine");
                   if (names().empty()) return;
                   EXPECT_EQ(store_.find("lib")->grants, kGrants);
                   EXPECT_EQ(outcome(store_.remove({"lib"})), "fine");
                 },
             .stride = stride(31)});
  // Without files that were left unfinished.
  EXPECT_EQ(everything(), empty);
  expect_no_more(before);
}

TEST_F(ExtensionsInCpp, AreRemoved) {
  add_lib();
  fail_each([&] { return store_.remove({"lib"}); }, {.clean =
                                                         [&] {
                                                           if (names().empty()) add_lib();
                                                           EXPECT_THAT(names(),
                                                                       ElementsAre("lib 1.0.0"));
                                                         },
                                                     .stride = stride(7)});
}

TEST_F(ExtensionsInCpp, AreGrantedPermissions) {
  add_lib();
  fail_each(
      [&]() -> Result<void> {
        Result<void> granted = store_.grant("lib", kGrants);
        return granted ? store_.revoke("lib", kGrants) : granted;
      },
      {.clean = [&] { EXPECT_THAT(store_.find("lib")->grants, AnyOf(IsEmpty(), Eq(kGrants))); },
       .stride = stride(7)});
}

TEST_F(ExtensionsInCpp, AreUpgraded) {
  add_lib();
  const std::string first = digest();
  write_lib(2);
  const auto upgraded = store_.upgrade({"lib"}, options_);
  ASSERT_TRUE(upgraded && upgraded->size() == 1) << outcome(upgraded);
  const std::string second = digest();
  ASSERT_NE(second, first);
  write_lib(1);
  fail_each([&] { return store_.upgrade({"lib"}, options_); },
            {.clean =
                 [&] {
                   EXPECT_THAT(digest(), AnyOf(first, second));
                   EXPECT_EQ(outcome(store_.check()), "fine");
                   write_lib(digest() == first ? 2 : 1);
                 },
             .stride = stride(31)});
}

// ext.lock, policy.toml and the file with the grants of the user.
TEST_F(ExtensionsInCpp, HaveTomlFiles) {
  add_lib();
  AddOptions locked = options_;
  locked.locked = true;
  ASSERT_EQ(add({}, locked), "fine");
  fail_each([&] { return store_.add({}, locked); }, {.stride = stride(31)});
  const std::vector<ExtensionRequest> requests = {{.source = write_lib(), .grants = kGrants}};
  write("store/policy.toml", "library-interfaces = [\"*:*/lib\"]\n");
  ASSERT_EQ(outcome(store_.add(requests, options_)), "fine");
  fail_each([&] { return store_.add(requests, options_); }, {.stride = stride(31)});
  ExtensionStore other({.folder = place("other"), .grants_file = place("private/grants.toml")});
  ASSERT_EQ(outcome(other.add(requests, options_)), "fine");
  fail_each([&] { return other.add(requests, options_); }, {.stride = stride(31)});
}

TEST_F(ExtensionsInCpp, AreInRegistries) {
  fail_each([&] { return search_extensions({.text = "math"}, {}); },
            {.expected = "ext-not-found: "});
  fail_each([&] { return publish_extension("/no/such/file.wasm", "acme:math", {}); },
            {.expected = "read-file: "});
  const std::string source = write_lib();
  fail_each([&] { return publish_extension(source, "acme:lib", {}); },
            {.expected = "ext-not-found: ", .stride = stride(31)});
  write("config/wasm-pkg/config.toml",
        fmt::format("default_registry = \"here\"\n[registry.here]\ntype = \"local\"\n"
                    "local = {{ root = \"{}\" }}\n",
                    place("packages")));
  const HostVariables variables = {{"XDG_CONFIG_HOME", place("config")}};
  ASSERT_EQ(outcome(publish_extension(source, "acme:lib", variables)), "fine");
  ASSERT_EQ(outcome(search_extensions({.text = "lib"}, variables)), "fine");
  fail_each([&] { return publish_extension(source, "acme:lib", variables); },
            {.stride = stride(31)});
  fail_each([&] { return search_extensions({.text = "lib"}, variables); }, {.stride = stride(31)});
}

TEST(ExtensionTemplates, AreFilled) {
  const std::vector<UsedLibrary> uses = {
      {.interface = "acme:words/lib@0.1.0",
       .provider = "words",
       .wit = "package root:component;\nworld root { export acme:words/lib@0.1.0; }\n"}};
  for (const ExtensionLanguage language :
       {ExtensionLanguage::C, ExtensionLanguage::Cpp, ExtensionLanguage::Rust,
        ExtensionLanguage::JavaScript}) {
    fail_each(
        [&] { return make_extension_skeleton("acme:square", ExtensionKind::Library, language); },
        {.stride = stride(3)});
    fail_each(
        [&] { return make_extension_skeleton("square", ExtensionKind::Command, language, uses); },
        {.stride = stride(3)});
  }
  fail_each(
      [] {
        return make_extension_skeleton("not a name", ExtensionKind::Command, ExtensionLanguage::C);
      },
      {.expected = "config-usage: "});
}

}  // namespace
}  // namespace tenon::memory_test::extensions_test
