#include "binary/read_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binary/custom_sections.h"
#include "binary/hand_encoded.h"

namespace tenon::binary::read_module_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Module> read(const Bytes& bytes) { return read_module(bytes, {0, bytes.size()}); }

// Imports of every kind, two defined tables, and one defined item of every other kind.
Bytes every_kind() {
  return module({section(1, {2, 0x60, 0, 0, 0x4e, 2, 0x60, 1, 0x7f, 0, 0x5f, 0}),
                 section(2, {5,                                 //
                             1, 'm', 1, 'f', 0x00, 0,           //
                             1, 'm', 1, 't', 0x01, 0x70, 0, 1,  //
                             1, 'm', 1, 'y', 0x02, 0x01, 1, 2,  //
                             1, 'm', 1, 'g', 0x03, 0x7f, 1,     //
                             1, 'm', 1, 'e', 0x04, 0,    1}),
                 section(3, {1, 1}),
                 section(4, {2, 0x6f, 0x04, 1,  //
                             0x40, 0x00, 0x70, 0, 1, 0xd0, 0x70, 0x0b}),
                 section(5, {1, 0x00, 1}), section(13, {1, 0, 0}),
                 section(6, {1, 0x7e, 0, 0x42, 0x80, 0x7f, 0x0b}), section(7, {5,                //
                                                                               1, 'a', 0x00, 1,  //
                                                                               1, 'b', 0x01, 0,  //
                                                                               1, 'c', 0x02, 1,  //
                                                                               1, 'd', 0x03, 1,  //
                                                                               1, 'e', 0x04, 9}),
                 section(10, {0}), section(0, join({name("name"), {0x00, 2, 1, 'm'}}))});
}

TEST(ReadModule, EveryKindOfItem) {
  const Bytes bytes = every_kind();
  const Result<Module> module = read(bytes);
  ASSERT_TRUE(module) << module.error().front().message;
  ASSERT_EQ(module->types.size(), 2U);
  EXPECT_EQ(module->types[1].count, 2U);
  ASSERT_EQ(module->imports.size(), 5U);
  EXPECT_EQ(module->imports[0].module, "m");
  EXPECT_EQ(module->imports[2].item.kind, CoreExtern::Kind::Memory);
  EXPECT_EQ(module->imports[2].item.type.size(), 3U);
  EXPECT_EQ(module->imports[4].item.type_index, 1U);
  EXPECT_THAT(module->functions, ElementsAre(1U));
  ASSERT_EQ(module->tables.size(), 2U);
  EXPECT_EQ(module->tables[1].size(), 3U);
  EXPECT_EQ(module->memories.size(), 1U);
  EXPECT_EQ(module->globals.size(), 1U);
  EXPECT_THAT(module->tags, ElementsAre(0U));
  EXPECT_EQ(module->exports.size(), 5U);
  EXPECT_EQ(module->sections.size(), 10U);
  EXPECT_EQ(module->sections[8].name, "code");
  EXPECT_EQ(module->sections[9].name, "name");
  EXPECT_EQ(read_metadata(bytes, module->custom_sections).names.self, "m");
}

TEST(ReadModule, FindsTheTypeOfAnExport) {
  const Bytes bytes = every_kind();
  const Result<Module> module = read(bytes);
  ASSERT_TRUE(module);
  const auto type_of = [&](std::size_t i) { return find_export_type(*module, module->exports[i]); };
  EXPECT_EQ(type_of(0)->type_index, 1U);           // defined, after one import
  EXPECT_EQ(type_of(1), module->imports[1].item);  // an import
  EXPECT_EQ(type_of(2)->type, module->memories[0]);
  EXPECT_EQ(type_of(3)->type, module->globals[0]);
  EXPECT_EQ(type_of(4), std::nullopt);  // its index is out of range
}

TEST(ReadModule, CompactImports) {
  const Bytes bytes = module({section(2, {2,                                                 //
                                          1, 'm', 0, 0x7f, 2, 1, 'a', 0, 1,   1, 'b', 0, 2,  //
                                          1, 'n', 0, 0x7e, 0, 3, 2,   1, 'c', 1, 'd'})});
  const Result<Module> read_back = read(bytes);
  ASSERT_TRUE(read_back) << read_back.error().front().message;
  ASSERT_EQ(read_back->imports.size(), 4U);
  EXPECT_EQ(read_back->imports[1].module, "m");
  EXPECT_EQ(read_back->imports[1].name, "b");
  EXPECT_EQ(read_back->imports[1].item.type_index, 2U);
  EXPECT_EQ(read_back->imports[3].name, "d");
  EXPECT_EQ(read_back->imports[3].item.type_index, 3U);
}

TEST(ReadModule, ConstantExpressions) {
  const std::initializer_list<Bytes> expressions = {
      {0x41, 0xff, 0xff, 0xff, 0xff, 0x07},
      {0x43, 1, 2, 3, 4},
      {0x44, 1, 2, 3, 4, 5, 6, 7, 8},
      {0x23, 0},
      {0xd2, 0},
      {0xd0, 0x70},
      {0xd0, 3},
      {0x41, 1, 0x41, 2, 0x6a},
      {0xfb, 0, 3},
      {0xfb, 8, 3, 2},
      {0x41, 1, 0xfb, 28},
      {0xfd, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
  for (const Bytes& expression : expressions) {
    const Bytes bytes = module({section(6, join({{1, 0x7f, 0}, expression, {0x0b}}))});
    const Result<Module> result = read(bytes);
    EXPECT_TRUE(result) << result.error().front().message;
  }
}

TEST(ReadModule, Malformed) {
  const std::initializer_list<std::pair<Bytes, std::string>> rows = {
      {module({section(14, {})}), "section of the core module"},
      {module({section(1, {1, 0x61})}), "core type in `core:rectype`"},
      {module({section(3, {1, 0, 0})}), "1 unexpected byte after its contents"},
      {module({section(6, {1, 0x7f, 0, 0x00, 0x0b})}), "not allowed in a constant expression"},
      {module({section(6, {1, 0x7f, 0, 0xfb, 2, 0x0b})}), "not allowed in a constant expression"},
      {module({section(6, {1, 0x7f, 4, 0x0b})}), "mutability"},
      {module({section(7, {1, 0, 0x05, 0})}), "kind in `core:export`"},
      {module({section(13, {1, 1, 0})}), "attribute"},
      {module({section(2, {0xff, 0xff, 0xff, 0xff, 0x0f})}), "a count of 4294967295"},
      {component({}), "magic, version and layer"}};
  for (const auto& [bytes, says] : rows) {
    // With another section after it, the mistake is not at the end of the file.
    const Result<Module> result = read(join({bytes, section(0, {1, 'x'})}));
    ASSERT_FALSE(result) << says;
    EXPECT_EQ(result.error().front().code, "read-malformed");
    EXPECT_THAT(result.error().front().message, HasSubstr(says));
  }
}

TEST(ReadModule, CutAnywhere) {
  const Bytes bytes = every_kind();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
    const Result<Module> result = read(cut);
    if (!result) {
      EXPECT_EQ(result.error().front().code, "read-truncated") << size;
    }
  }
}

}  // namespace
}  // namespace tenon::binary::read_module_test
