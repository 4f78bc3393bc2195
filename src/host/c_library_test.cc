#include "host/c_library.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "host/c_test_support.h"

namespace tenon::host::c_library_test {
namespace {

TEST(CPlan, DefaultSymbolsAreNamesInSnakeCase) {
  EXPECT_EQ(default_symbol("example:zlib/checksum", "crc32"), "example_zlib_checksum_crc32");
  EXPECT_EQ(default_symbol("a:b/c-d", "e-f"), "a_b_c_d_e_f");
  EXPECT_EQ(default_symbol("a:b/c", "[method]my-stream.read-all"),
            "a_b_c_method_my_stream_read_all");
  EXPECT_EQ(default_symbol("a:b/c", "[static]s.open"), "a_b_c_static_s_open");
  EXPECT_EQ(default_symbol("a:b/c", "[constructor]s"), "a_b_c_constructor_s");
  EXPECT_EQ(default_symbol("", "HTTP-get"), "http_get");
  EXPECT_EQ(drop_name("s"), "[resource-drop]s");
}

TEST(CPlan, EntriesMustNameWitFunctionsAndOnlyOnce) {
  types::Types types;
  RequiredItems required;
  for (const char* const name : {"twice", "[method]r-s.t", "[method]r.s-t"})
    required.functions.push_back(
        {.interface = "a:b/c", .name = name, .function = types.functions.add({})});
  required.resources.push_back(
      {.interface = "a:b/c", .name = "r", .resource = types.resources.add({})});
  Manifest manifest;
  manifest.name = "host";
  CFunctionEntry entry{.interface = "a:b/c", .name = "twise", .symbol = "x"};
  entry.where.line = 3;
  manifest.functions.push_back(entry);
  entry.name = "twice";
  manifest.functions.push_back(entry);
  manifest.functions.push_back(entry);
  entry.name = "[resource-drop]r";
  entry.returns = {"int", {}};
  manifest.functions.push_back(entry);
  const auto plan = plan_c_library(manifest, required, types, "wit");
  ASSERT_FALSE(plan);
  EXPECT_EQ(
      describe(plan.error()),
      "config-value@: in `[[function]]`, the WIT of `host` has no `a:b/c.twise`; did you mean "
      "`a:b/c.twice`?\n"
      "config-value@: in `[[function]]`, duplicate entry for `a:b/c.twice`; remove it, or the "
      "first entry in "
      "line 3\n"
      "host-wit-mismatch@: `a:b/c#[method]r-s.t` and `a:b/c#[method]r.s-t` have the same default C "
      "symbol, `a_b_c_method_r_s_t`; choose another: `[[function]]` with `wit = "
      "\"a:b/c.[method]r.s-t\"`\n"
      "config-value@: in `[[function]]`, `a:b/c.[resource-drop]r` is a destructor, which always "
      "takes one pointer and whose return value is ignored; remove all keys except `wit` and "
      "`symbol`\n");
}

TEST(CPlan, TwoVersionsOfAnInterfaceShareEqualFunctions) {
  types::Types types;
  RequiredItems required;
  const types::FunctionId function = types.functions.add({});
  for (const std::uint64_t signature : {1U, 1U, 2U})
    required.functions.push_back(
        {.interface = "a:b/c", .name = "f", .signature = signature, .function = function});
  for (int i = 0; i < 2; ++i)
    required.resources.push_back(
        {.interface = "a:b/c", .name = "r", .resource = types.resources.add({})});
  const auto plan = plan_c_library(Manifest(), required, types, "wit");
  ASSERT_FALSE(plan);
  EXPECT_EQ(
      describe(plan.error()),
      "host-wit-mismatch@: `a:b/c#f` has different types in two versions of its interface, "
      "which share one C symbol; export only one of the versions, and make another bundle for "
      "the other\n");
  required.functions.pop_back();
  const auto equal = plan_c_library(Manifest(), required, types, "wit");
  ASSERT_TRUE(equal);
  EXPECT_EQ(equal->functions.size(), 1U);
  ASSERT_EQ(equal->resources.size(), 2U);
  EXPECT_EQ(equal->resources[1].symbol, "a_b_c_r_drop");
}

}  // namespace
}  // namespace tenon::host::c_library_test
