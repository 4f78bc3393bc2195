// Views of valid and of hostile bytes.
#include "packr/graph_view.h"

#include <gtest/gtest.h>

#include <chrono>

#include "packr/compare_view.h"
#include "packr/test_vectors.h"

namespace tenon::packr::graph_view_test {
namespace {

constexpr std::string_view kExample =
    "4347524602000000030000000200000"
    "00c0000000100000001"
    "06000000060000000200000068690"
    "b0000000c000000020000000000000001000000";

TEST(GraphView, ReadsTheExampleOfTheFormat) {
  const Bytes bytes = from_hex(kExample);
  ASSERT_EQ(bytes.size(), 59U);
  const OpenGraph graph(bytes);
  ASSERT_TRUE(graph.view);
  EXPECT_EQ(graph.index, (std::vector<std::uint32_t>{16, 25, 39}));
  const NodeSequence items = graph.view->root().tuple();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].unsigned_integer(), 1U);
  EXPECT_EQ(items[1].string(), "hi");
}

TEST(GraphView, StringsPointIntoTheBytes) {
  const OpenGraph graph(from_hex(kExample));
  const std::string_view text = graph.view->root().tuple()[1].string();
  EXPECT_EQ(reinterpret_cast<const std::uint8_t*>(text.data()), graph.bytes.data() + 16 + 9 + 12);
}

TEST(GraphView, FindsFieldsByName) {
  const auto bytes = encode({GraphRecord{"r",
                                         {{"a", {GraphScalar{NodeKind::U8, 1}}},
                                          {"", {GraphScalar{NodeKind::U8, 2}}},
                                          {"a", {GraphScalar{NodeKind::U8, 3}}}}}});
  const OpenGraph graph(*bytes);
  const FieldSequence fields = graph.view->root().record().fields;
  EXPECT_EQ(fields.find("a")->unsigned_integer(), 1U);
  EXPECT_EQ(fields.find("")->unsigned_integer(), 2U);
  EXPECT_FALSE(fields.find("b"));
  EXPECT_EQ(fields.values()[2].unsigned_integer(), 3U);
}

TEST(GraphView, OpensAValueBeforeOtherBytes) {
  const Bytes example = from_hex(kExample);
  Bytes longer = example;
  longer.insert(longer.end(), {1, 2, 3});
  EXPECT_EQ(*OpenGraph(longer).error, invalid_encoding("Trailing bytes"));
  std::vector<std::uint32_t> index(*GraphView::count_prefix_nodes(longer));
  const auto view = GraphView::open_prefix(longer, index);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->bytes().size(), example.size());
  EXPECT_EQ(view->root().tuple()[1].string(), "hi");
}

TEST(GraphView, LimitsApplyToThePrefixOnly) {
  Bytes longer = from_hex(kExample);
  const std::size_t size = longer.size();
  longer.resize(1000);
  std::vector<std::uint32_t> index(3);
  GraphLimits limits = kDefaultLimits;
  limits.max_buffer = size;
  EXPECT_TRUE(GraphView::open_prefix(longer, index, limits));
  limits.max_buffer = size - 1;
  EXPECT_EQ(GraphView::open_prefix(longer, index, limits).error(),
            invalid_encoding("Buffer too large"));
}

TEST(GraphView, ReadingAsAnotherKindEndsTheProcess) {
  const OpenGraph graph(from_hex(kExample));
  const NodeView root = graph.view->root();
  EXPECT_DEATH(static_cast<void>(root.string()), "");
  EXPECT_DEATH(static_cast<void>(root.bits()), "");
  EXPECT_DEATH(static_cast<void>(root.tuple()[2]), "");
}

TEST(GraphView, TheNodeCountIsCheckedAgainstTheBytes) {
  Bytes bytes = from_hex(kExample);
  bytes[8] = 0x80;
  bytes[9] = 0x96;
  bytes[10] = 0x98;  // 10,000,000: as many as are allowed
  EXPECT_EQ(GraphView::count_nodes(bytes).error(), buffer_too_small(60, 59));
}

TEST(GraphView, TypesAreReadPartByPart) {
  const GraphType type = GraphType::of(
      NodeKind::Result, {GraphType::of(NodeKind::Tuple, {GraphType::of(NodeKind::U8),
                                                         GraphType::named(NodeKind::Record, "p")}),
                         GraphType::of(NodeKind::List, {GraphType::of(NodeKind::String)})});
  const auto bytes = encode({GraphOption{type, std::nullopt}});
  const OpenGraph graph(*bytes);
  const TypeView view = graph.view->root().option().inner;
  EXPECT_TRUE(is_same_type(view, type));
  EXPECT_EQ(view.part(0).part(1).name(), "p");
  EXPECT_EQ(make_type(view), type);
}

TEST(GraphView, TheDepthLimitIncludesSharedNodes) {
  EXPECT_TRUE(OpenGraph(make_nested_tuples(kMaxGraphDepth)).view);
  EXPECT_EQ(OpenGraph(make_nested_tuples(kMaxGraphDepth + 1)).error->kind, GraphErrorKind::TooDeep);

  // Two halves, each of which the root also reaches directly. Together they are too deep.
  std::vector<TestNode> nodes{{0x0c, {7}}};
  for (std::uint32_t i = 0; i < 700; ++i) nodes.push_back(tuple_node({i}));
  const auto lower = static_cast<std::uint32_t>(nodes.size() - 1);
  nodes.push_back(tuple_node({lower}));
  for (std::uint32_t i = 0; i < 298; ++i)
    nodes.push_back(tuple_node({static_cast<std::uint32_t>(nodes.size() - 1)}));
  const auto upper = static_cast<std::uint32_t>(nodes.size() - 1);
  nodes.push_back(tuple_node({lower, upper}));
  EXPECT_TRUE(OpenGraph(make_graph(nodes, upper + 1)).view);
  nodes.push_back(tuple_node({upper + 1}));
  nodes.push_back(tuple_node({lower, upper + 2}));
  EXPECT_EQ(OpenGraph(make_graph(nodes, upper + 3)).error->kind, GraphErrorKind::TooDeep);
}

TEST(GraphView, TheDepthLimitCanBeLower) {
  GraphLimits limits = kDefaultLimits;
  limits.max_depth = 3;
  EXPECT_TRUE(OpenGraph(make_nested_tuples(3), limits).view);
  EXPECT_EQ(OpenGraph(make_nested_tuples(4), limits).error->kind, GraphErrorKind::TooDeep);
  limits.max_depth = 5'000;
  EXPECT_EQ(OpenGraph(make_nested_tuples(1'001), limits).error->kind, GraphErrorKind::TooDeep);
}

TEST(GraphView, FindsACycleBehindSharedNodes) {
  // 0 -> 1, 2; 1 -> 2; 2 -> 3; 3 -> 1
  const Bytes bytes =
      make_graph({tuple_node({1, 2}), tuple_node({2}), tuple_node({3}), tuple_node({1})}, 0);
  EXPECT_EQ(*OpenGraph(bytes).error, invalid_encoding("Cycle detected in graph buffer"));
}

TEST(GraphView, OpensADoublingGraphInLinearTime) {
  const auto started = std::chrono::steady_clock::now();
  const OpenGraph graph(make_doubling_graph(60));
  ASSERT_TRUE(graph.view);
  EXPECT_FALSE(read_value(graph.view->root(), 1'000'000));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
}

TEST(GraphView, RejectsTruncationAnywhere) {
  for (const Json& row : read_vectors("cgrf.jsonl")) {
    const Bytes bytes = from_hex(text_of(row, "hex"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const OpenGraph cut(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
      ASSERT_TRUE(cut.error) << row["name"] << " cut after " << size;
      ASSERT_EQ(cut.error->kind, GraphErrorKind::BufferTooSmall);
    }
  }
}

// If a changed buffer can be opened, its value can be written and read back.
TEST(GraphView, AcceptsOrRejectsAnyChangedByte) {
  std::size_t opened = 0;
  for (const Json& row : read_vectors("cgrf.jsonl")) {
    const Bytes bytes = from_hex(text_of(row, "hex"));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int change : {0x01, 0x02, 0x04, 0x80, 0xff}) {
        Bytes changed = bytes;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
        const OpenGraph graph(changed);
        if (!graph.view) continue;
        ++opened;
        const std::optional<GraphValue> value = read_value(graph.view->root());
        ASSERT_TRUE(value);
        ASSERT_TRUE(is_same(graph.view->root(), *value)) << row["name"] << " at " << i;
        const OpenGraph again(*encode(*value));
        ASSERT_TRUE(again.view);
        ASSERT_EQ(*read_value(again.view->root()), *value) << row["name"] << " at " << i;
      }
    }
  }
  EXPECT_GT(opened, 0U);
}

TEST(GraphView, OpensANumberLikeTheCompletePass) {
  std::vector<std::uint32_t> index(1);
  const std::vector<std::uint8_t> seven = {0x43, 0x47, 0x52, 0x46, 2, 0, 0, 0, 1, 0, 0,
                                           0,    0,    0,    0,    0, 3, 0, 0, 0, 8, 0,
                                           0,    0,    7,    0,    0, 0, 0, 0, 0, 0};
  const auto number = GraphView::open_number(seven, index);
  ASSERT_TRUE(number);
  EXPECT_EQ(number->root().kind(), NodeKind::S64);
  EXPECT_EQ(number->root().bits(), 7U);
  EXPECT_FALSE(GraphView::open_number(seven, {}));
  // For other values with each byte changed, it agrees with the complete pass or returns nothing.
  std::size_t opened = 0;
  for (std::size_t i = 0; i < seven.size(); ++i)
    for (int changed = 0; changed < 256; ++changed) {
      std::vector<std::uint8_t> bytes = seven;
      bytes[i] = static_cast<std::uint8_t>(changed);
      const auto fast = GraphView::open_number(bytes, index);
      if (!fast) continue;
      ++opened;
      std::vector<std::uint32_t> own(1);
      const auto whole = GraphView::open(bytes, own);
      ASSERT_TRUE(whole) << i << " " << changed;
      EXPECT_EQ(fast->root().kind(), whole->root().kind());
      EXPECT_EQ(fast->root().bits(), whole->root().bits());
    }
  // At least the unchanged bytes, and any value of the eight bytes of the number.
  EXPECT_GE(opened, seven.size() - 8 + 8 * 256);
  for (std::size_t size = 0; size < seven.size(); ++size)
    EXPECT_FALSE(GraphView::open_number(std::span(seven).first(size), index));
}

}  // namespace
}  // namespace tenon::packr::graph_view_test
