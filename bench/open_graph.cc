// The cost of opening and writing packr's values: a tree of 100,000 nodes, a list of
// bytes, and the argument of a call.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <span>
#include <vector>

#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "support/check.h"

namespace tenon::bench {
namespace {

using namespace packr;

const GraphType kTree = GraphType::named(NodeKind::Variant, "tree");

// Nested variants: an inner node has a list of two nodes, and a leaf has an integer. Two in five
// nodes of the graph are the integers of leaves.
void add_tree(GraphWriter& writer, std::uint32_t levels) {
  if (levels == 0) {
    writer.begin_variant("tree", "leaf", 0);
    writer.add_s32(7);
    return writer.end();
  }
  writer.begin_variant("tree", "node", 1);
  writer.begin_list(kTree);
  add_tree(writer, levels - 1);
  add_tree(writer, levels - 1);
  writer.end();
  writer.end();
}

// 4 * 2^levels - 2 nodes.
constexpr std::uint32_t kLevels = 15;

std::vector<std::uint8_t> make_tree() {
  GraphWriter writer;
  add_tree(writer, kLevels);
  const auto bytes = writer.finish();
  TENON_CHECK(bytes.has_value());
  return {bytes->begin(), bytes->end()};
}

void open(benchmark::State& state, std::span<const std::uint8_t> bytes) {
  std::vector<std::uint32_t> index(*GraphView::count_nodes(bytes));
  for (auto _ : state) {
    const auto view = GraphView::open(bytes, index);
    TENON_CHECK(view.has_value());
    benchmark::DoNotOptimize(view->root());
  }
  state.counters["nodes"] = static_cast<double>(index.size());
  state.counters["bytes"] = static_cast<double>(bytes.size());
}

void open_tree(benchmark::State& state) { open(state, make_tree()); }
BENCHMARK(open_tree)->Unit(benchmark::kMillisecond);

void write_tree(benchmark::State& state) {
  GraphWriter writer;
  for (auto _ : state) {
    writer.clear();
    add_tree(writer, kLevels);
    TENON_CHECK(writer.finish().has_value());
  }
}
BENCHMARK(write_tree)->Unit(benchmark::kMillisecond);

void open_string_of_1_mb(benchmark::State& state) {
  GraphWriter writer;
  writer.add_string(std::string(1'000'000, 'x'));
  open(state, *writer.finish());
}
BENCHMARK(open_string_of_1_mb)->Unit(benchmark::kMicrosecond);

void open_argument(benchmark::State& state) {
  GraphWriter writer;
  writer.add_s64(5);
  open(state, *writer.finish());
}
BENCHMARK(open_argument);

void write_argument(benchmark::State& state) {
  GraphWriter writer;
  for (auto _ : state) {
    writer.clear();
    writer.add_s64(5);
    benchmark::DoNotOptimize(writer.finish());
  }
}
BENCHMARK(write_argument);

}  // namespace
}  // namespace tenon::bench
