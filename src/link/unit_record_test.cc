#include "link/unit_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tenon/builder.h"
#include "tests/support/temporary_folder.h"
#include "types/archive_types.h"
#include "types/copy_types.h"

namespace tenon::link::unit_record_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnits[] = {"accesslog", "archive", "cache",    "cli", "highlighter",
                                  "journal",   "kv",      "markdown", "site"};

std::string path_of(const std::string& unit) {
  return TENON_SOURCE_DIR "/examples/press/wasm/" + unit + ".wasm";
}

// The type of a unit in an arena of its own, as bytes.
std::vector<std::uint8_t> type_bytes(const UnitContent& content, const types::Types& types) {
  types::Types own;
  const types::ComponentType type = types::TypeCopier(types, own).copy(content.unit.type);
  ArchiveWriter out;
  out(own, type);
  return {out.bytes().begin(), out.bytes().end()};
}

TEST(UnitRecords, SayWhatTheBinarySays) {
  const TemporaryFolder temporary;
  const auto folder = engine::CacheFolder::open(temporary.path() / "cache");
  ASSERT_TRUE(folder);
  for (const std::string unit : kUnits) {
    const Bytes bytes = *RealFiles().read(path_of(unit), limits::kFileBytes, NamedBy::User);
    types::Types types;
    Result<UnitContent> content = read_unit_content(UnitKind::Component, unit, path_of(unit), bytes,
                                                    {}, PackageAbi::Detect, types);
    ASSERT_TRUE(content);
    types::Types again;
    Diagnostics warnings;
    EXPECT_FALSE(find_unit_record(&*folder, unit, again, warnings));
    keep_unit_record(&*folder, unit, bytes, *content, types);
    const std::optional<UnitContent> known = find_unit_record(&*folder, unit, again, warnings);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->unit.version, content->unit.version);
    EXPECT_EQ(known->concurrency, content->concurrency);
    EXPECT_EQ(type_bytes(*known, again), type_bytes(*content, types));
    EXPECT_EQ(known->form->bytes, content->form->bytes);
    EXPECT_EQ(known->form->modules, content->form->modules);
    EXPECT_TRUE(warnings.empty());
    // A record belongs to one binary.
    EXPECT_FALSE(find_unit_record(&*folder, unit + "x", again, warnings));
  }
}

// A second copy of a unit takes no types, unless they have resources: those of two units differ.
TEST(Inputs, CopiesOfAUnitShareTypesWithoutResources) {
  const auto read = [](const std::string& path, bool with_copy) {
    Request request;
    for (const char* const name : {"a", "b"}) {
      UnitRequest copy;
      copy.name = name;
      copy.path = path;
      request.units.push_back(std::move(copy));
      if (!with_copy) break;
    }
    (void)load_units(request, RealFiles());
    return *read_inputs(request, RealFiles());
  };
  const auto count = [&](const std::string& path, bool with_copy) {
    const types::Types types = read(path, with_copy).units.types;
    return types.types.size() + types.functions.size() + types.instances.size();
  };
  const std::string adder = TENON_SOURCE_DIR "/tests/guests/wasm/adder.wasm";
  EXPECT_EQ(count(adder, true), count(adder, false));
  EXPECT_GT(count(path_of("kv"), true), count(path_of("kv"), false));
  const Inputs copies = read(path_of("kv"), true);
  const types::ComponentType& a = copies.units.units[0].type;
  const types::ComponentType& b = copies.units.units[1].type;
  ASSERT_FALSE(a.defined.empty());
  EXPECT_NE(a.defined, b.defined);
}

TEST(UnitRecords, DamagedOnesAreNotUsed) {
  const Bytes bytes = *RealFiles().read(path_of("kv"), limits::kFileBytes, NamedBy::User);
  const TemporaryFolder temporary;
  const auto folder = engine::CacheFolder::open(temporary.path() / "cache");
  types::Types types;
  UnitContent content = *read_unit_content(UnitKind::Component, "kv", path_of("kv"), bytes, {},
                                           PackageAbi::Detect, types);
  keep_unit_record(&*folder, "kv", bytes, content, types);
  const Bytes record = print_unit_record(content, types, "key");
  ASSERT_TRUE(parse_unit_record(record, "key", types));
  EXPECT_FALSE(parse_unit_record(record, "another key", types));
  for (std::size_t size = 0; size < record.size(); size += 7)
    EXPECT_FALSE(parse_unit_record(std::span(record).first(size), "key", types)) << size;
  for (std::size_t i = 0; i < record.size(); ++i) {
    Bytes other = record;
    other[i] ^= 0x41;
    types::Types arena;
    const std::optional<UnitContent> read = parse_unit_record(other, "key", arena);
    if (!read) continue;
    // Everything in it refers to something.
    (void)type_bytes(*read, arena);
    (void)compose::place_form(*read->form, 1,
                              std::vector<std::uint32_t>(read->form->modules.size()));
  }
}

TEST(UnitRecords, GiveTheSamePlan) {
  const TemporaryFolder temporary;
  const auto plan = [&](const std::string& root) {
    CompositionBuilder builder;
    for (const std::string unit : kUnits)
      if (unit != "journal" && unit != "accesslog" && unit != "cache")
        builder.add_component(unit, path_of(unit));
    builder.set_root(root);
    const Result<Composition> composition =
        builder.build({.cache_dir = (temporary.path() / "cache").string()});
    EXPECT_TRUE(composition);
    return composition->plan();
  };
  const Plan first = plan("cli");
  // Another root is another link, whose units are known.
  EXPECT_NE(plan("site").root, first.root);
  for (const fs::directory_entry& entry : fs::directory_iterator(temporary.path() / "cache"))
    if (entry.path().extension() == ".link") fs::remove(entry.path());
  EXPECT_EQ(plan("cli"), first);
}

}  // namespace
}  // namespace tenon::link::unit_record_test
