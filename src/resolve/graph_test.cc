// Cycles and orders of graphs, without units.
#include "resolve/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tenon::resolve::graph_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Every node needs every node, itself too.
Graph make_complete(std::uint32_t count) {
  Graph graph(count);
  for (std::vector<std::uint32_t>& needed : graph)
    for (std::uint32_t node = 0; node < count; ++node) needed.push_back(node);
  return graph;
}

TEST(Graph, OrdersWhatIsNeededFirst) {
  EXPECT_THAT(order_nodes({{2}, {}, {3}, {}}), ElementsAre(1, 3, 2, 0));
  EXPECT_THAT(order_nodes({}), IsEmpty());
  // 0 and 1 need each other, and 2 needs them.
  EXPECT_THAT(order_nodes({{1}, {0}, {0}, {}}), ElementsAre(3));
}

TEST(Graph, ListsACycleForEachEdge) {
  const std::vector<CycleSet> sets = find_cycles({{4}, {2}, {1, 3}, {1}, {0}, {5}, {0}});
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_THAT(sets[0].members, ElementsAre(0, 4));
  EXPECT_THAT(sets[0].cycles, ElementsAre(ElementsAre(0, 4)));
  EXPECT_THAT(sets[1].members, ElementsAre(1, 2, 3));
  EXPECT_THAT(sets[1].cycles, ElementsAre(ElementsAre(1, 2), ElementsAre(1, 2, 3)));
  EXPECT_THAT(sets[2].cycles, ElementsAre(ElementsAre(5)));
}

TEST(Graph, ListsAtMostTenCyclesOfASet) {
  const std::vector<CycleSet> sets = find_cycles(make_complete(20));
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].members.size(), 20U);
  EXPECT_EQ(sets[0].cycles.size(), 10U);
  EXPECT_TRUE(sets[0].has_more);
  EXPECT_FALSE(find_cycles(make_complete(3)).front().has_more);
}

TEST(Graph, HandlesLongChains) {
  constexpr std::uint32_t kCount = 10'000;
  Graph graph(kCount);
  for (std::uint32_t node = 1; node < kCount; ++node) graph[node].push_back(node - 1);
  EXPECT_THAT(find_cycles(graph), IsEmpty());
  EXPECT_EQ(order_nodes(graph).size(), kCount);
  graph[0].push_back(kCount - 1);
  EXPECT_EQ(find_cycles(graph).front().cycles.front().size(), kCount);
  EXPECT_THAT(order_nodes(graph), IsEmpty());
}

}  // namespace
}  // namespace tenon::resolve::graph_test
