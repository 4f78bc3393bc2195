#include "packr/graph_value.h"

#include <gtest/gtest.h>

#include "packr/compare_view.h"
#include "packr/random_graph_values.h"
#include "packr/test_vectors.h"

namespace tenon::packr::graph_value_test {
namespace {

TEST(GraphValue, RandomValuesAreWrittenAndReadBack) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RandomGraphValues random(seed);
    const GraphValue value = random.make_value(5);
    const Result<Bytes, GraphError> bytes = encode(value);
    ASSERT_TRUE(bytes) << seed;
    const OpenGraph graph(*bytes);
    ASSERT_TRUE(graph.view) << seed << ": " << describe(*graph.error);
    EXPECT_TRUE(is_same(graph.view->root(), value)) << seed;
    const std::optional<GraphValue> again = read_value(graph.view->root());
    ASSERT_TRUE(again) << seed;
    EXPECT_EQ(*again, value) << seed;
    EXPECT_EQ(*encode(*again), *bytes) << seed;
  }
}

TEST(GraphValue, RandomValuesDiffer) {
  std::size_t equal = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const GraphValue one = RandomGraphValues(seed).make_value(4);
    const GraphValue other = RandomGraphValues(seed + 1).make_value(4);
    const bool has_equal_bytes = *encode(one) == *encode(other);
    EXPECT_EQ(one == other, has_equal_bytes) << seed;
    if (has_equal_bytes) ++equal;
  }
  EXPECT_LT(equal, 30U);
}

TEST(GraphValue, SharedNodesAreCopiedWithinTheBudget) {
  const OpenGraph graph(make_doubling_graph(10));
  const std::optional<GraphValue> value = read_value(graph.view->root());
  ASSERT_TRUE(value);
  const OpenGraph tree(*encode(*value));
  EXPECT_EQ(tree.index.size(), 2047U);
  EXPECT_FALSE(read_value(graph.view->root(), 2000 * sizeof(GraphValue)));
  EXPECT_TRUE(read_value(graph.view->root(), 2047 * sizeof(GraphValue)));
}

TEST(GraphValue, SharedTextCountsForEachReference) {
  std::vector<TestNode> nodes{{0x06, {}}};
  append_word(nodes[0].payload, 100'000);
  nodes[0].payload.resize(100'004, 'x');
  nodes.push_back(tuple_node(std::vector<std::uint32_t>(1000, 0)));
  const OpenGraph graph(make_graph(nodes, 1));
  ASSERT_TRUE(graph.view);
  EXPECT_FALSE(read_value(graph.view->root(), 50'000'000));
}

TEST(GraphValue, TypesCountToo) {
  TestNode list{0x0a, {0x0b}};
  append_word(list.payload, 100'000);
  list.payload.insert(list.payload.end(), 100'000, 0x0c);
  list.payload.push_back(0);
  const OpenGraph graph(make_graph({list}, 0));
  ASSERT_TRUE(graph.view);
  EXPECT_FALSE(read_value(graph.view->root(), 1'000'000));
  EXPECT_TRUE(read_value(graph.view->root(), 100'000'000));
}

TEST(GraphValue, DeepValuesAreReadAndWritten) {
  const Bytes bytes = make_nested_tuples(kMaxGraphDepth);
  const OpenGraph graph(bytes);
  GraphValue value = *read_value(graph.view->root());
  EXPECT_EQ(*encode(value), bytes);
  for (int i = 0; i < 20; ++i) value = {GraphTuple{{value}}};
  EXPECT_EQ(encode(value).error().kind, GraphErrorKind::TooDeep);
}

TEST(GraphValue, NaNsKeepTheirBitsAndAreEqual) {
  const GraphValue nan{GraphScalar{NodeKind::F32, 0xffc12345}};
  const OpenGraph graph(*encode(nan));
  EXPECT_EQ(*read_value(graph.view->root()), nan);
  EXPECT_NE(*read_value(graph.view->root()), (GraphValue{GraphScalar{NodeKind::F32, 0x7fc00000}}));
}

TEST(GraphValue, ListsOfFixedWidthAreWrittenAsArrays) {
  const GraphType element = GraphType::of(NodeKind::U8);
  const GraphValue list{GraphList{element, {{GraphScalar{NodeKind::U8, 7}}}}};
  const OpenGraph graph(*encode(list));
  EXPECT_EQ(*read_value(graph.view->root()), (GraphValue{GraphArray{NodeKind::U8, {7}}}));
}

}  // namespace
}  // namespace tenon::packr::graph_value_test
