#include "binary/custom_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binary/hand_encoded.h"
#include "binary/read_component.h"

namespace tenon::binary::custom_sections_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ByteSpan all_of(const Bytes& bytes) { return {0, bytes.size()}; }

Bytes write_bytes(const auto& value, auto write) {
  ByteWriter out;
  write(value, out);
  return std::move(out).take_bytes();
}

TEST(Producers, ReadsWhatItWrites) {
  const Producers producers = {{"language", {{"C++", "20"}, {"Rust", ""}}},
                               {"processed-by", {{"clang", "19.1"}}}};
  const Bytes bytes = write_bytes(producers, write_producers);
  EXPECT_EQ(read_producers(bytes, all_of(bytes)), producers);
}

TEST(Producers, ABrokenSectionIsEmpty) {
  Bytes bytes = write_bytes(Producers{{"sdk", {{"a", "1"}}}}, write_producers);
  while (!bytes.empty()) {
    bytes.pop_back();
    EXPECT_THAT(read_producers(bytes, all_of(bytes)), IsEmpty());
  }
  const Bytes bomb = {0xff, 0xff, 0xff, 0xff, 0x0f};
  EXPECT_THAT(read_producers(bomb, all_of(bomb)), IsEmpty());
}

TEST(DebugNames, ReadsWhatItWrites) {
  const DebugNames names = {
      .self = "shop",
      .items = {{Sort::CoreFunc, {{0, "main"}}}, {Sort::Instance, {{2, "cart"}, {300, "tax"}}}}};
  const Bytes bytes = write_bytes(names, write_component_names);
  const DebugNames read = read_component_names(bytes, all_of(bytes));
  EXPECT_EQ(read.self, names.self);
  EXPECT_EQ(read.items, names.items);
  EXPECT_EQ(read.find({Sort::Instance, 300}), "tax");
  EXPECT_EQ(read.find({Sort::Instance, 1}), "");
  EXPECT_EQ(read.find({Sort::Func, 0}), "");
}

TEST(DebugNames, KeepsTheNamesBeforeAMistake) {
  const Bytes bytes = {0x00, 2, 1,    'a',        // own name
                       0x07, 1, 0xff,             // an unknown subsection
                       0x01, 4, 0x05, 1,   9, 0,  // an instance with an empty name
                       0x01, 3, 0x06, 1,   0,     // an unknown sort
                       0x01, 4, 0x01, 1,   1, 0};
  const DebugNames names = read_component_names(bytes, all_of(bytes));
  EXPECT_EQ(names.self, "a");
  EXPECT_THAT(names.items, ElementsAre(SortNames{Sort::Instance, {{9, ""}}}));
}

TEST(DebugNames, ReadsTheNameOfAModule) {
  const Bytes bytes = {0x00, 2, 1, 'm', 0x01, 2, 0, 0};
  EXPECT_EQ(read_module_names(bytes, all_of(bytes)).self, "m");
}

TEST(Metadata, CollectsKnownSections) {
  const Bytes bytes = component({section(0, join({name("version"), {'1', '.', '2'}})),
                                 section(0, join({name("something"), {'x'}})),
                                 section(0, join({name("description"), {0xff}})),
                                 section(0, join({name("producers"), {1}, name("sdk"), {0}})),
                                 section(0, join({name("component-name"), {0x00, 2, 1, 'a'}}))});
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read);
  const Metadata metadata = read_metadata(bytes, *read);
  EXPECT_EQ(metadata.names.self, "a");
  EXPECT_THAT(metadata.producers, ElementsAre(ProducerField{"sdk", {}}));
  EXPECT_THAT(metadata.texts, ElementsAre(MetadataText{"version", "1.2"}));
}

}  // namespace
}  // namespace tenon::binary::custom_sections_test
