#include "render/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "render/graph.h"
#include "support/terminal_text.h"

namespace tenon::render {

namespace {

constexpr int kBoxPadX = 18;
constexpr int kBoxPadY = 10;
constexpr int kLeastBoxWidth = 92;
constexpr int kLabelPadX = 7;
constexpr int kLabelPadY = 3;
constexpr int kPillPadX = 16;
constexpr int kPillPadY = 6;
constexpr int kTitleHeight = 18;
constexpr int kTitleInset = 12;  // from the left side of a frame to its title
constexpr int kTitleSpace = 5;   // between a title and a line beside it

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
  if (node.shows_kind()) details.emplace_back(node.shown_kind());
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

// Adds the functions of an item, as many as fit on each line.
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
    lines.push_back(make_line(edge.items[i].label(), TextRole::Interface, kInterfaceColumns));
    if (!edge.items[i].via.empty())
      lines.push_back(make_line("via " + edge.items[i].via, TextRole::Function, kFunctionColumns));
    add_functions(edge.items[i], lines);
  }
  if (edge.items.size() > kMostItems)
    lines.push_back({fmt::format("+{} more", edge.items.size() - kMostItems), TextRole::Function});
  return make_shape(Shape::Kind::Label, std::move(lines), kLabelPadX, kLabelPadY);
}

// Whether the curve at index `first` has no point in the rectangle. A Bezier curve stays in the
// convex hull of its four points, so it is enough that these are all on one side.
bool is_outside(const Curve& curve, std::size_t first, const Rect& rect) {
  const auto all = [&](auto is_beyond) {
    return std::all_of(&curve[first], &curve[first] + 4, is_beyond);
  };
  return all([&](const Point& at) { return at.x < rect.x; }) ||
         all([&](const Point& at) { return at.x > rect.right(); }) ||
         all([&](const Point& at) { return at.y < rect.y; }) ||
         all([&](const Point& at) { return at.y > rect.bottom(); });
}

// The x coordinates at which lines pass through the rectangle, sampled closely.
std::vector<double> find_crossings(const std::vector<EdgeLine>& lines, const Rect& rect) {
  constexpr int kSteps = 64;
  std::vector<double> crossings;
  for (const EdgeLine& line : lines) {
    for (const Curve& curve : line.curves) {
      for (std::size_t i = 0; i + 3 < curve.size(); i += 3) {
        if (is_outside(curve, i, rect)) continue;
        for (int step = 0; step <= kSteps; ++step) {
          const Point at = find_point(curve, i, static_cast<double>(step) / kSteps);
          if (at.y >= rect.y && at.y <= rect.bottom()) crossings.push_back(at.x);
        }
      }
    }
  }
  return crossings;
}

// The leftmost x at the top of the frame where no line passes through the title; the left end if
// there is no such place.
double place_title(const DomainFrame& frame, const std::vector<EdgeLine>& lines) {
  const double first = frame.rect.x + kTitleInset;
  const double last = frame.rect.right() - kTitleInset - measure_line(frame.title);
  std::vector<double> crossings = find_crossings(
      lines, {frame.rect.x, frame.rect.y, frame.rect.width, kTitleBaseline + kTitleSpace});
  std::sort(crossings.begin(), crossings.end());
  double place = first;
  for (const double x : crossings) {
    if (x + kTitleSpace <= place) continue;
    if (x - kTitleSpace >= place + measure_line(frame.title)) break;
    place = x + kTitleSpace;
  }
  return place <= last ? place : first;
}

// Makes the shapes, requests a layout, and moves the shapes to their places.
//
// Labels are boxes of the layout too: an edge with a label becomes two edges of the layout, one to
// the label and one from it. Therefore nothing is drawn over a label, and no label covers an edge.
class PictureMaker {
 public:
  explicit PictureMaker(const Graph& graph) : graph_(graph) { picture_.title = graph.title; }

  Result<Picture> make() {
    for (const GraphCluster& cluster : graph_.clusters)
      titles_.push_back(make_line(cluster.name, TextRole::FrameTitle, kNameColumns));
    for (const TextLine& title : titles_)
      request_.frames.push_back({measure_line(title), kTitleHeight});
    for (std::size_t node = 0; node < graph_.nodes.size(); ++node)
      add_shape(make_node_shape(graph_, node), graph_.nodes[node].cluster);
    add_exports();
    for (const GraphOpen& open : graph_.open) add_open(open);
    for (const GraphEdge& edge : graph_.edges) add_edge(edge);
    Result<Layout> layout = lay_out(request_);
    if (!layout) return std::move(layout).error();
    take_places(*layout);
    return std::move(picture_);
  }

 private:
  static_assert(kNoFrame == kNoCluster);

  // Returns the index of the shape, which is also the index of its box.
  std::size_t add_shape(Shape shape, std::size_t frame = kNoFrame) {
    request_.boxes.push_back({{shape.rect.width, shape.rect.height}, frame});
    picture_.shapes.push_back(std::move(shape));
    return picture_.shapes.size() - 1;
  }

  // boxes: the boxes that the line connects, in order.
  void add_line(EdgeKind kind, bool is_export, const std::vector<std::size_t>& boxes) {
    EdgeLine line{kind, is_export, {}, {}};
    line.title = fmt::format("{} \u2192 {}", picture_.shapes[boxes.front()].lines[0].text,
                             picture_.shapes[boxes.back()].lines[0].text);
    line.curves.resize(boxes.size() - 1);
    picture_.lines.push_back(std::move(line));
    for (std::size_t i = 1; i < boxes.size(); ++i)
      request_.edges.push_back({boxes[i - 1], boxes[i], i + 1 == boxes.size()});
  }

  // The exports of one unit share a shape.
  void add_exports() {
    std::map<std::size_t, std::vector<TextLine>> names;
    for (const GraphExport& exported : graph_.exports)
      names[exported.node].push_back(
          make_line(exported.name, TextRole::Interface, kInterfaceColumns));
    for (auto& [node, lines] : names) {
      const std::size_t box =
          add_shape(make_shape(Shape::Kind::Export, std::move(lines), kPillPadX, kPillPadY));
      add_line(EdgeKind::Direct, true, {box, node});
    }
  }

  void add_open(const GraphOpen& open) {
    const std::size_t box = add_shape(make_shape(
        Shape::Kind::Open, {make_line(open.label(), TextRole::Interface, kInterfaceColumns)},
        kPillPadX, kPillPadY));
    for (const std::size_t node : open.nodes) add_line(EdgeKind::Direct, true, {node, box});
  }

  // The label of an edge within a domain is inside the frame.
  void add_edge(const GraphEdge& edge) {
    if (edge.items.empty()) return add_line(edge.kind, false, {edge.consumer, edge.provider});
    const std::size_t from = graph_.nodes[edge.consumer].cluster;
    const std::size_t to = graph_.nodes[edge.provider].cluster;
    const std::size_t label = add_shape(make_label(edge), from == to ? from : kNoFrame);
    add_line(edge.kind, false, {edge.consumer, label, edge.provider});
  }

  void take_places(Layout& layout) {
    picture_.size = layout.size;
    for (std::size_t i = 0; i < picture_.shapes.size(); ++i)
      picture_.shapes[i].rect = layout.boxes[i];
    auto curve = layout.curves.begin();
    for (EdgeLine& line : picture_.lines)
      for (Curve& part : line.curves) part = std::move(*curve++);
    for (std::size_t i = 0; i < titles_.size(); ++i) {
      DomainFrame frame{layout.frames[i], titles_[i], 0};
      frame.title_x = place_title(frame, picture_.lines);
      picture_.frames.push_back(std::move(frame));
    }
  }

  const Graph& graph_;
  Picture picture_;
  LayoutRequest request_;
  std::vector<TextLine> titles_;  // by frame
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

Result<Picture> make_picture(const Graph& graph) { return PictureMaker(graph).make(); }

namespace {

// Advance widths of the ASCII characters from the space on, in thousandths of the font size. They
// are those of DejaVu Sans 2.37, the widest of the sans-serif fonts in common use.
constexpr std::array<std::uint16_t, 95> kRegularAdvance = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838,
};

constexpr std::array<std::uint16_t, 95> kBoldAdvance = {
    348,  456, 521, 838, 696, 1002, 872, 306,  457, 457, 523, 838, 380, 415,  380, 365,
    696,  696, 696, 696, 696, 696,  696, 696,  696, 696, 400, 400, 838, 838,  838, 580,
    1000, 774, 762, 734, 830, 683,  683, 821,  837, 372, 372, 775, 637, 995,  837, 850,
    733,  850, 770, 720, 682, 812,  774, 1103, 771, 724, 725, 457, 365, 457,  838, 500,
    500,  675, 716, 593, 716, 678,  435, 716,  712, 343, 343, 665, 343, 1042, 712, 687,
    716,  716, 493, 595, 478, 712,  652, 924,  645, 652, 582, 712, 365, 712,  838,
};

// The width of any other character: a full-width character is as wide as it is high.
constexpr std::size_t kOtherAdvance = 1000;

}  // namespace

int measure_text(std::string_view text, int size, FontWeight weight) {
  const auto& advances = weight == FontWeight::Bold ? kBoldAdvance : kRegularAdvance;
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < ' ' + advances.size())
      width += advances[byte - ' '];
    else if ((byte & 0xc0U) != 0x80)  // not a continuation byte of UTF-8
      width += kOtherAdvance;
  }
  return static_cast<int>((width * static_cast<std::size_t>(size) + 999) / 1000);
}

}  // namespace tenon::render
