// Property: any text in packr's notation is either refused with a place and a reason, or read as a
// value. Its exact text, and its wire form, are read as an equal value.
#include "packr/graph_text.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::packr;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_graph_value(text, 16U << 20U);
  if (!value) {
    require(!value.error().message.empty() && value.error().offset <= size &&
            value.error().line > 0 && value.error().column > 0);
    return 0;
  }
  const std::string exact = print_graph_value(*value, GraphTextForm::Exact);
  const auto again = parse_graph_value(exact);
  require(again && *again == *value);
  require(print_graph_value(*again, GraphTextForm::Exact) == exact);
  require(!print_graph_value(*value).empty());

  GraphWriter writer;
  write_value(*value, writer);
  const auto bytes = writer.finish();
  require(bytes.has_value());
  std::vector<std::uint32_t> index(*GraphView::count_nodes(*bytes));
  const auto view = GraphView::open(*bytes, index);
  require(view && *read_value(view->root()) == *value);
  return 0;
}
