#include "cli/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "cli/font_width.h"
#include "cli/plan_names.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

constexpr int kBoxPadX = 18;
constexpr int kBoxPadY = 10;
constexpr int kLeastBoxWidth = 92;
constexpr int kLabelPadX = 7;
constexpr int kLabelPadY = 3;
constexpr int kPillPadX = 16;
constexpr int kPillPadY = 6;

constexpr std::size_t kNameColumns = 36;
constexpr std::size_t kInterfaceColumns = 48;
constexpr std::size_t kMostItems = 6;  // interfaces on one label
constexpr std::size_t kFunctionColumns = 40;

TextLine make_line(std::string_view text, TextRole role, std::size_t columns) {
  return {truncate_text(text, columns, Charset::Utf8), role};
}

Shape make_shape(Shape::Kind kind, std::vector<TextLine> lines, int pad_x, int pad_y) {
  Shape shape;
  shape.kind = kind;
  for (const TextLine& line : lines) {
    shape.rect.width = std::max(shape.rect.width, measure_line(line));
    shape.rect.height += get_line_height(line.role);
  }
  shape.rect.width += 2 * pad_x;
  shape.rect.height += 2 * pad_y;
  shape.lines = std::move(lines);
  return shape;
}

Shape make_node_shape(const Graph& graph, std::size_t index) {
  const GraphNode& node = graph.nodes[index];
  std::vector<TextLine> lines{make_line(node.name, TextRole::Name, kNameColumns)};
  std::vector<std::string> details;
  if (!node.version.empty()) details.push_back(node.version);
  if (node.kind != UnitKind::Component && node.kind != UnitKind::Wasi)
    details.emplace_back(get_name(node.kind));
  if (node.hidden > 0) details.push_back(fmt::format("+{} more", node.hidden));
  if (!details.empty())
    lines.push_back(
        make_line(fmt::format("{}", fmt::join(details, ", ")), TextRole::Detail, kNameColumns));
  const Shape::Kind kind = index == graph.root          ? Shape::Kind::Root
                           : node.cluster == kNoCluster ? Shape::Kind::Outside
                                                        : Shape::Kind::Unit;
  Shape shape = make_shape(kind, std::move(lines), kBoxPadX, kBoxPadY);
  shape.rect.width = std::max(shape.rect.width, kLeastBoxWidth);
  return shape;
}

// Functions, as many as fit on each line.
void add_functions(const GraphItem& item, std::vector<TextLine>& lines) {
  std::string text;
  for (const std::string& function : item.functions) {
    if (!text.empty() && text.size() + function.size() + 2 > kFunctionColumns) {
      lines.push_back(make_line(text, TextRole::Function, kFunctionColumns));
      text.clear();
    }
    text += (text.empty() ? "" : ", ") + function;
  }
  if (!text.empty()) lines.push_back(make_line(text, TextRole::Function, kFunctionColumns));
}

Shape make_label(const GraphEdge& edge) {
  std::vector<TextLine> lines;
  for (std::size_t i = 0; i < edge.items.size() && i < kMostItems; ++i) {
    lines.push_back(make_line(edge.items[i].import, TextRole::Interface, kInterfaceColumns));
    add_functions(edge.items[i], lines);
  }
  if (edge.items.size() > kMostItems)
    lines.push_back({fmt::format("+{} more", edge.items.size() - kMostItems), TextRole::Function});
  return make_shape(Shape::Kind::Label, std::move(lines), kLabelPadX, kLabelPadY);
}

// Shapes first, then where they go.
class PictureMaker {
 public:
  explicit PictureMaker(const Graph& graph) : graph_(graph) {
    picture_.title = graph.title;
    input_.groups = std::max<std::size_t>(1, graph.clusters.size());
  }

  Picture make() {
    for (std::size_t node = 0; node < graph_.nodes.size(); ++node) add_node(node);
    add_exports();
    for (const GraphOpen& open : graph_.open) add_open(open);
    for (const GraphEdge& edge : graph_.edges) add_edge(edge);
    take_places(lay_out(input_));
    return std::move(picture_);
  }

 private:
  std::size_t get_group(std::size_t node) const {
    const std::size_t cluster = graph_.nodes[node].cluster;
    if (cluster != kNoCluster) return cluster;
    // The engine's WASI stands below its first consumer's domain.
    for (const GraphEdge& edge : graph_.edges)
      if (edge.provider == node && graph_.nodes[edge.consumer].cluster != kNoCluster)
        return graph_.nodes[edge.consumer].cluster;
    return 0;
  }

  void add_box(Shape shape, LayoutBox box) {
    box.width = shape.rect.width;
    box.height = shape.rect.height;
    input_.boxes.push_back(box);
    picture_.shapes.push_back(std::move(shape));
  }

  void add_node(std::size_t node) {
    LayoutBox box;
    box.group = get_group(node);
    box.is_framed = graph_.nodes[node].cluster != kNoCluster;
    if (!box.is_framed) box.layer = LayoutBox::Layer::Last;
    add_box(make_node_shape(graph_, node), box);
  }

  void add_line(std::size_t from, std::size_t to, const Shape& label, Line line) {
    input_.edges.push_back({from, to, label.rect.width, label.rect.height});
    picture_.lines.push_back(std::move(line));
    picture_.labels.push_back(label);
  }

  // All exports of one unit are one shape above it.
  void add_exports() {
    std::map<std::size_t, std::vector<TextLine>> names;
    for (const GraphExport& exported : graph_.exports)
      names[exported.node].push_back(
          make_line(exported.name, TextRole::Interface, kInterfaceColumns));
    for (auto& [node, lines] : names) {
      LayoutBox box;
      box.group = get_group(node);
      box.is_framed = false;
      box.layer = LayoutBox::Layer::First;
      add_line(picture_.shapes.size(), node, {}, {EdgeKind::Direct, true, {}});
      add_box(make_shape(Shape::Kind::Export, std::move(lines), kPillPadX, kPillPadY), box);
    }
  }

  void add_open(const GraphOpen& open) {
    LayoutBox box;
    box.group = open.nodes.empty() ? 0 : get_group(open.nodes.front());
    box.is_framed = false;
    box.layer = LayoutBox::Layer::Last;
    for (const std::size_t node : open.nodes)
      add_line(node, picture_.shapes.size(), {}, {EdgeKind::Direct, true, {}});
    add_box(make_shape(Shape::Kind::Open,
                       {make_line(open.name, TextRole::Interface, kInterfaceColumns)}, kPillPadX,
                       kPillPadY),
            box);
  }

  void add_edge(const GraphEdge& edge) {
    add_line(edge.consumer, edge.provider, make_label(edge), {edge.kind, false, {}});
  }

  void take_places(Layout layout) {
    picture_.width = layout.width;
    picture_.height = layout.height;
    for (std::size_t i = 0; i < picture_.shapes.size(); ++i)
      picture_.shapes[i].rect = layout.boxes[i];
    for (std::size_t i = 0; i < picture_.lines.size(); ++i) {
      picture_.lines[i].path = std::move(layout.paths[i]);
      picture_.labels[i].rect = layout.labels[i];
    }
    std::erase_if(picture_.labels, [](const Shape& label) { return label.rect.width == 0; });
    for (std::size_t i = 0; i < graph_.clusters.size(); ++i)
      if (layout.frames[i].width > 0)
        picture_.frames.push_back(
            {layout.frames[i],
             make_line("domain " + graph_.clusters[i].name, TextRole::FrameTitle, kNameColumns)});
  }

  const Graph& graph_;
  Picture picture_;
  LayoutInput input_;
};

}  // namespace

int get_font_size(TextRole role) {
  switch (role) {
    case TextRole::Name:
      return 14;
    case TextRole::Detail:
    case TextRole::Interface:
    case TextRole::FrameTitle:
      return 11;
    case TextRole::Function:
      return 10;
  }
  return 0;
}

int get_line_height(TextRole role) {
  switch (role) {
    case TextRole::Name:
      return 18;
    case TextRole::Detail:
    case TextRole::Interface:
    case TextRole::FrameTitle:
      return 15;
    case TextRole::Function:
      return 13;
  }
  return 0;
}

int measure_line(const TextLine& line) {
  const FontWeight weight = line.role == TextRole::Name ? FontWeight::Bold : FontWeight::Regular;
  return measure_text(line.text, get_font_size(line.role), weight);
}

Picture make_picture(const Graph& graph) { return PictureMaker(graph).make(); }

}  // namespace tenon::cli
