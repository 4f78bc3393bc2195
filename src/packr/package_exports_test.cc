// The exports in the metadata of a package, compared with those of its module.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "packr/package_types.h"
#include "pact/package_file.h"
#include "support/files.h"
#include "tests/support/package_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::package_exports_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// `interface.name: func(n: s64) -> s64`
packr::PackageFunctionType numbers(std::string interface, std::string name) {
  const packr::PackageType s64{.tag = packr::TypeTag::S64};
  return {std::move(interface), std::move(name), {{"n", s64}}, {s64}};
}

// A package whose metadata lists `listed`, and whose module exports a function under each of
// `names` that returns its argument.
Bytes package_of(const std::vector<packr::PackageFunctionType>& listed,
                 const std::vector<std::string>& names) {
  packr::PackageTypes types;
  types.exports = listed;
  const auto metadata = packr::write_package_types(types);
  EXPECT_TRUE(metadata);
  std::string data;
  for (const std::uint8_t byte : *metadata) data += fmt::format("\\{:02x}", byte);
  std::string exports;
  for (const std::string& name : names)
    exports += fmt::format("(export \"{}\" (func $same))", name);
  const std::size_t pages = metadata->size() / 65'536 + 2;
  const auto composition =
      engine::wat_to_wasm("package.wat", fmt::format(R"((module
    (memory (export "memory") {0})
    (data (i32.const 65536) "{1}")
    (global $top (mut i32) (i32.const 4096))
    (func (export "__pack_alloc") (param i32) (result i32)
      (global.set $top (i32.add (global.get $top) (local.get 0)))
      (i32.sub (global.get $top) (local.get 0)))
    (func (export "__pack_free") (param i32 i32))
    (func (export "__pack_types") (param i32 i32) (result i32)
      (i32.store (local.get 0) (i32.const 65536))
      (i32.store (local.get 1) (i32.const {2}))
      (i32.const 0))
    (func $same (param i32 i32 i32 i32) (result i32)
      (i32.store (local.get 2) (local.get 0))
      (i32.store (local.get 3) (local.get 1))
      (i32.const 0))
    {3}))",
                                                     pages, data, metadata->size(), exports));
  EXPECT_TRUE(composition) << whole_text(composition.error());
  return *composition;
}

std::vector<std::string> notes_of(CompositionBuilder& builder) {
  const Result<Plan> plan = builder.plan();
  if (!plan) return {whole_text(plan.error())};
  std::vector<std::string> notes;
  for (const Diagnostic& note : plan->notes)
    if (note.code == "missing-export")
      notes.push_back(fmt::format("{}: {}", note.where.unit, note.message));
  return notes;
}

TEST(PackageExports, EachNameOfTheModuleIsFound) {
  for (const char* const name :
       {"math.test-it", "math.test_it", "math#test-it", "test-it", "test_it"}) {
    CompositionBuilder builder;
    builder.add_package("math", package_of({numbers("math", "test-it")}, {name}));
    EXPECT_THAT(notes_of(builder), IsEmpty()) << name;
    const Result<Composition> composition = builder.build();
    ASSERT_TRUE(composition) << whole_text(composition.error());
    EXPECT_EQ(call_unit(*composition, "math", "math#test-it", Value::s64(3)), "3") << name;
  }
}

TEST(PackageExports, AnExportThatTheModuleLacksIsNoted) {
  CompositionBuilder builder;
  builder.add_package(
      "math", package_of({numbers("math", "double"), numbers("math", "triple"), numbers("", "run")},
                         {"math.double"}));
  EXPECT_THAT(notes_of(builder),
              ElementsAre("math: its metadata declares the export `math.triple`, which the module "
                          "does not have",
                          "math: its metadata declares the export `run`, which the module does "
                          "not have"));
  // Everything else works.
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  EXPECT_EQ(call_unit(*composition, "math", "math#double", Value::s64(4)), "4");
  EXPECT_THAT(call_unit(*composition, "math", "math#triple", Value::s64(4)),
              HasSubstr("run-no-function"));
}

TEST(PackageExports, AnImportOfAMissingExportIsReportedWithBothSides) {
  CompositionBuilder builder;
  builder.add_package("math", package_of({numbers("math", "double")}, {"math.half"}));
  builder.add_package("adder", package_guest("0.21.0", "adder"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("`adder`"), HasSubstr("`math`"),
                    HasSubstr("missing-export: its metadata declares the export `math.double`, "
                              "which the module does not have; rebuild the package")));
}

TEST(PackageExports, TwoExportsCannotBeOneFunctionOfTheModule) {
  CompositionBuilder builder;
  builder.add_package(
      "math", package_of({numbers("math", "double"), numbers("sums", "double")}, {"double"}));
  EXPECT_THAT(notes_of(builder), SizeIs(1));
}

TEST(PackageExports, VerifyCallsItAnError) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "math.wasm").string();
  const Bytes bytes = package_of({numbers("math", "triple")}, {"math.double"});
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  const Result<std::string> verified = pact::verify_file(RealFiles(), path);
  ASSERT_FALSE(verified);
  EXPECT_THAT(whole_text(verified.error()),
              AllOf(HasSubstr("pack-metadata"), HasSubstr("`math.triple`")));
}

TEST(PackageExports, TheTestGuestsExportWhatTheyList) {
  for (const char* const name : {"adder", "math", "kinds", "actor", "sexpr", "generic_provider"}) {
    CompositionBuilder builder;
    builder.add_package("guest", package_guest("0.21.0", name));
    builder.allow_unresolved();
    EXPECT_THAT(notes_of(builder), IsEmpty()) << name;
  }
}

// If each export cost a search of all others, this would take minutes.
TEST(PackageExports, ManyExportsTakeLinearTime) {
  constexpr int kMany = 20'000;
  std::vector<packr::PackageFunctionType> listed;
  std::vector<std::string> names;
  for (int i = 0; i < kMany; ++i) {
    listed.push_back(numbers("math", fmt::format("f-{}", i)));
    names.push_back(fmt::format("f_{}", kMany - i));
  }
  CompositionBuilder builder;
  builder.add_package("math", package_of(listed, names));
  EXPECT_THAT(notes_of(builder), SizeIs(1));  // `f-0`
}

}  // namespace
}  // namespace tenon::package_exports_test
