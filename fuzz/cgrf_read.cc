// Property: any bytes are either rejected as a packr value, or opened with memory that their size
// bounds. An opened value is read as a tree within a memory budget, and the tree is written as
// bytes that read as an equal tree.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "packr/graph_value.h"
#include "require.h"

namespace {

using namespace tenon::packr;

constexpr std::uint64_t kBudget = 16U << 20U;

void check(std::span<const std::uint8_t> bytes, const GraphLimits& limits) {
  const auto count = GraphView::count_nodes(bytes, limits);
  if (!count) return require(!describe(count.error()).empty());
  require(*count <= bytes.size() / kNodeHeaderBytes);
  std::vector<std::uint32_t> index(*count);
  const auto view = GraphView::open(bytes, index, limits);
  if (!view) return require(!describe(view.error()).empty());
  require(view->bytes().size() == bytes.size());
  const auto value = read_value(view->root(), kBudget);
  if (!value) return;

  GraphWriter writer;
  write_value(*value, writer);
  const auto written = writer.finish();
  require(written.has_value());
  std::vector<std::uint32_t> again_index(*GraphView::count_nodes(*written));
  const auto again = GraphView::open(*written, again_index);
  require(again.has_value());
  const auto same = read_value(again->root(), 2 * kBudget);
  require(same && *same == *value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  check(bytes, kLimits021);
  check(bytes, {200, 8, 64, 3, 2});
  std::vector<std::uint32_t> index(size / kNodeHeaderBytes);
  const auto prefix = GraphView::open_prefix(bytes, index);
  require(!prefix || prefix->bytes().size() <= size);
  return 0;
}
