#include "packr/buffers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "packr/graph_format.h"
#include "packr/graph_value.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"

namespace tenon::packr::buffers_test {
namespace {

Buffer make_buffer(std::uint8_t byte) {
  return std::make_shared<tenon::Buffer>(std::vector<std::uint8_t>(4, byte));
}

GraphValue number(std::uint64_t n) { return {GraphScalar{NodeKind::U64, n}}; }
GraphValue record(std::string_view type, std::string_view field, GraphValue value) {
  return {GraphRecord{std::string(type), {{std::string(field), std::move(value)}}}};
}
GraphValue handle(std::uint64_t n) { return record("tenon:buffer", "handle", number(n)); }

std::vector<std::uint8_t> bytes_of(const GraphValue& value) {
  GraphWriter writer;
  write_value(value, writer);
  const auto bytes = writer.finish();
  EXPECT_TRUE(bytes);
  return {bytes->begin(), bytes->end()};
}

GraphValue value_of(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint32_t> index(*GraphView::count_nodes(bytes));
  return *read_value(GraphView::open(bytes, index)->root());
}

class BufferTables : public testing::Test {
 protected:
  BufferTables() {
    for (const std::uint8_t byte : std::initializer_list<std::uint8_t>{10, 20, 30})
      (void)sender.add(make_buffer(byte));
    (void)receiver.add(make_buffer(99));
  }

  BufferTable sender;
  BufferTable receiver;
};

TEST_F(BufferTables, LimitTheBytesOfTheirBuffers) {
  BufferTable table(10);
  EXPECT_EQ(table.add(make_buffer(1)), 1U);
  EXPECT_EQ(table.add(make_buffer(2)), 2U);
  EXPECT_EQ(table.add(make_buffer(3)), std::nullopt);
  EXPECT_TRUE(table.grow(2));
  EXPECT_FALSE(table.grow(1));
  EXPECT_TRUE(table.drop(1));
  EXPECT_EQ(table.add(make_buffer(4)), 3U);
  table.clear();
  EXPECT_TRUE(table.grow(10));
}

TEST_F(BufferTables, HandlesStartAtOneAndAreNotReused) {
  EXPECT_EQ(sender.find(0), nullptr);
  EXPECT_EQ(sender.find(1)->bytes().front(), 10);
  EXPECT_EQ(sender.find(4), nullptr);
  EXPECT_EQ(sender.find((std::uint64_t{1} << 32U) + 1), nullptr);
  EXPECT_TRUE(sender.drop(2));
  EXPECT_FALSE(sender.drop(2));
  EXPECT_FALSE(sender.drop((std::uint64_t{1} << 32U) + 1));
  EXPECT_EQ(*sender.add(make_buffer(40)), 4u);
  sender.clear();
  EXPECT_EQ(sender.size(), 0u);
  EXPECT_EQ(*sender.add(make_buffer(50)), 5u);
}

TEST_F(BufferTables, ReplacesAllHandlesInAMessage) {
  const GraphValue inner = {GraphTuple{{{std::string("x")}, handle(3), number(7)}}};
  const GraphValue value = {
      GraphList{GraphType::of(NodeKind::Tuple),
                {{GraphOption{GraphType::of(NodeKind::String), GraphBox(handle(1))}},
                 {GraphRecord{"outer", {{"a", inner}, {"b", number(1)}}}},
                 {GraphVariant{"v", "Case", 0, {handle(1)}}}}}};
  std::vector<std::uint8_t> message = bytes_of(value);
  EXPECT_TRUE(has_buffers(message));
  ASSERT_TRUE(pass_buffers(message, sender, receiver));

  const GraphValue passed_inner = {GraphTuple{{{std::string("x")}, handle(3), number(7)}}};
  const GraphValue passed = {
      GraphList{GraphType::of(NodeKind::Tuple),
                {{GraphOption{GraphType::of(NodeKind::String), GraphBox(handle(2))}},
                 {GraphRecord{"outer", {{"a", passed_inner}, {"b", number(1)}}}},
                 {GraphVariant{"v", "Case", 0, {handle(4)}}}}}};
  EXPECT_TRUE(value_of(message) == passed);
  // Buffers are shared, not copied, and each occurrence gets a handle of its own.
  EXPECT_EQ(receiver.find(2), sender.find(1));
  EXPECT_EQ(receiver.find(3), sender.find(3));
  EXPECT_EQ(receiver.find(4), sender.find(1));
  EXPECT_EQ(sender.size(), 3u);
}

TEST_F(BufferTables, LeavesOtherRecordsUnchanged) {
  const GraphValue values[] = {
      record("tenon:buffers", "handle", number(1)),
      record("", "handle", number(1)),
      record("tenon:buffer", "handles", number(1)),
      record("tenon:buffer", "handle", {GraphScalar{NodeKind::U32, 1}}),
      {GraphRecord{"tenon:buffer", {{"handle", number(1)}, {"other", number(1)}}}},
      {GraphRecord{"tenon:buffer", {}}},
      {std::string("tenon:buffer")}};
  for (const GraphValue& value : values) {
    std::vector<std::uint8_t> message = bytes_of(value);
    ASSERT_TRUE(pass_buffers(message, sender, receiver));
    EXPECT_TRUE(value_of(message) == value);
  }
  EXPECT_EQ(receiver.size(), 1u);
}

TEST_F(BufferTables, AnUnknownHandleLeavesTheReceiverWithoutHandles) {
  std::vector<std::uint8_t> message =
      bytes_of({GraphTuple{{handle(1), handle(2), handle(4711), handle(3)}}});
  const auto passed = pass_buffers(message, sender, receiver);
  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().handle, 4711u);
  EXPECT_FALSE(passed.error().is_full);
  EXPECT_EQ(receiver.size(), 1u);
}

// A message without handles is unchanged. A rejected message adds no handles to the receiver.
void expect_whole_or_nothing(std::vector<std::uint8_t> message, const BufferTable& sender) {
  const std::vector<std::uint8_t> before = message;
  const bool had_buffers = has_buffers(message);
  BufferTable receiver;
  const Result<void, BufferError> passed = pass_buffers(message, sender, receiver);
  if (!passed) {
    EXPECT_TRUE(had_buffers);
    EXPECT_EQ(sender.find(passed.error().handle), nullptr);
    EXPECT_EQ(receiver.size(), 0u);
  } else if (!had_buffers) {
    EXPECT_EQ(message, before);
    EXPECT_EQ(receiver.size(), 0u);
  }
}

TEST_F(BufferTables, DamagedMessagesArePassedCompletelyOrNotAtAll) {
  const std::vector<std::uint8_t> good = bytes_of({GraphTuple{{handle(1), handle(2)}}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto end = good.begin() + static_cast<std::ptrdiff_t>(size);
    expect_whole_or_nothing({good.begin(), end}, sender);
  }
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const std::uint8_t flipped : std::initializer_list<std::uint8_t>{0x01, 0x80, 0xff}) {
      std::vector<std::uint8_t> damaged = good;
      damaged[at] ^= flipped;
      expect_whole_or_nothing(damaged, sender);
    }
}

}  // namespace
}  // namespace tenon::packr::buffers_test
