#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "render/graph.h"
#include "render/picture.h"

namespace tenon::render {

namespace {

constexpr int kMargin = 24;
constexpr int kLegendHeight = 30;
constexpr int kLegendSample = 34;
constexpr int kLegendGap = 22;

// The page has a color of its own, so that the text is legible on any background.
constexpr std::string_view kStyle = R"css(  <style>
    text {
      font-family: ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
      text-anchor: middle;
    }
    .page { fill: #ffffff; }
    .frame { fill: #f6f8fb; stroke: #c9d3e0; stroke-width: 1.2; }
    .unit { fill: #ffffff; stroke: #8797ad; stroke-width: 1.3; }
    .root { fill: #e8edff; stroke: #4f63d8; stroke-width: 2; }
    .outside { fill: #f1f3f6; stroke: #8797ad; stroke-width: 1.3; stroke-dasharray: 5 3; }
    .export { fill: #e3f6ec; stroke: #2e9d68; stroke-width: 1.3; }
    .open { fill: #fff3dc; stroke: #c98a1b; stroke-width: 1.3; stroke-dasharray: 5 3; }
    .line { fill: none; stroke: #6b7c93; stroke-width: 1.5; }
    .arrow { fill: #6b7c93; }
    .bridged, .packr { stroke-dasharray: 7 4; }
    .remote, .wasi { stroke-dasharray: 1.5 4; stroke-linecap: round; }
    .native { stroke-width: 3; }
    .name { font-size: 14px; font-weight: 700; fill: #16202e; }
    .detail { font-size: 11px; fill: #5b6b80; }
    .interface { font-size: 11px; fill: #16202e; }
    .function { font-size: 10px; fill: #5b6b80; }
    .title { font-size: 11px; fill: #5b6b80; text-anchor: start; }
    .dim { fill: #66768c; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      .frame { fill: #151b23; stroke: #3a4658; }
      .unit { fill: #1f2733; stroke: #728197; }
      .root { fill: #26305e; stroke: #8fa0ff; }
      .outside { fill: #181f29; stroke: #728197; }
      .export { fill: #12301f; stroke: #4cc38a; }
      .open { fill: #33260c; stroke: #e0a93f; }
      .line { stroke: #93a3b8; }
      .arrow { fill: #93a3b8; }
      .name, .interface { fill: #eef2f7; }
      .detail, .function, .title, .dim { fill: #a9b6c6; }
    }
  </style>
)css";

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string_view get_class(TextRole role) {
  switch (role) {
    case TextRole::Name:
      return "name";
    case TextRole::Detail:
      return "detail";
    case TextRole::Interface:
      return "interface";
    case TextRole::Function:
      return "function";
    case TextRole::FrameTitle:
      return "title";
  }
  return {};
}

// The class of the border. A label has no border.
std::string_view get_class(Shape::Kind kind) {
  switch (kind) {
    case Shape::Kind::Unit:
      return "unit";
    case Shape::Kind::Root:
      return "root";
    case Shape::Kind::Outside:
      return "outside";
    case Shape::Kind::Export:
      return "export";
    case Shape::Kind::Open:
      return "open";
    case Shape::Kind::Label:
      return {};
  }
  return {};
}

int get_radius(const Shape& shape) {
  const bool is_pill = shape.kind == Shape::Kind::Export || shape.kind == Shape::Kind::Open;
  return is_pill ? std::min(shape.rect.height / 2, 14) : 8;
}

// Dims the package and version of an interface, so that its own name stands out.
std::string write_interface(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return escape_xml(name);
  const std::size_t at = std::min(name.find('@', slash), name.size());
  return fmt::format("<tspan class=\"dim\">{}</tspan>{}<tspan class=\"dim\">{}</tspan>",
                     escape_xml(name.substr(0, slash + 1)),
                     escape_xml(name.substr(slash + 1, at - slash - 1)),
                     escape_xml(name.substr(at)));
}

// A number with at most one decimal.
std::string write_number(double number) {
  const long tenths = std::lround(number * 10);
  const std::string whole = fmt::format("{}{}", tenths < 0 ? "-" : "", std::abs(tenths) / 10);
  return tenths % 10 == 0 ? whole : fmt::format("{}.{}", whole, std::abs(tenths) % 10);
}

std::string write_point(const Point& point) {
  return fmt::format("{} {}", write_number(point.x), write_number(point.y));
}

std::string write_text(const TextLine& line, double x, double y) {
  return fmt::format(
      "    <text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n", get_class(line.role), write_number(x),
      write_number(y),
      line.role == TextRole::Interface ? write_interface(line.text) : escape_xml(line.text));
}

std::string write_rect(const Rect& rect, std::string_view css, int radius) {
  return fmt::format(
      "    <rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>\n", css,
      rect.x, rect.y, rect.width, rect.height, radius);
}

std::string write_shape(const Shape& shape) {
  std::string text;
  if (shape.kind != Shape::Kind::Label)
    text = write_rect(shape.rect, get_class(shape.kind), get_radius(shape));
  int height = 0;
  for (const TextLine& line : shape.lines) height += get_line_height(line.role);
  int y = shape.rect.y + (shape.rect.height - height) / 2;
  for (const TextLine& line : shape.lines) {
    // The baseline is about a third of the font size below the middle of the line.
    const int baseline = y + (get_line_height(line.role) + get_font_size(line.role) * 7 / 10) / 2;
    text += write_text(line, shape.rect.x + shape.rect.width / 2.0, baseline);
    y += get_line_height(line.role);
  }
  return text;
}

std::string write_frame(const DomainFrame& frame) {
  return write_rect(frame.rect, "frame", 12) +
         write_text(frame.title, frame.title_x, frame.rect.y + kTitleBaseline);
}

// Browsers show the title as a tooltip.
std::string write_line(const EdgeLine& line) {
  std::string path;
  for (const Curve& curve : line.curves) {
    path += "M" + write_point(curve[0]);
    for (std::size_t i = 1; i + 2 < curve.size(); i += 3)
      path += fmt::format("C{} {} {}", write_point(curve[i]), write_point(curve[i + 1]),
                          write_point(curve[i + 2]));
  }
  return fmt::format(
      "    <path class=\"line {}\" d=\"{}\" marker-end=\"url(#arrow)\"><title>{}</title></path>\n",
      line.is_export ? "plain" : get_name(line.kind), path, escape_xml(line.title));
}

struct Legend {
  std::string text;  // empty: none
  int width = 0;
};

// Explains the frames and the kinds of lines in the picture.
Legend write_legend(const Picture& picture, int y) {
  constexpr std::array kKinds{EdgeKind::Direct, EdgeKind::Bridged, EdgeKind::Native,
                              EdgeKind::Remote, EdgeKind::Packr,   EdgeKind::Wasi};
  Legend legend;
  int x = 0;
  const auto add_entry = [&](const std::string& sample, std::string_view name) {
    const TextLine line{std::string(name), TextRole::FrameTitle};
    const int at = x + kLegendSample + 8;
    legend.text += sample + write_text(line, at, y + 4);
    legend.width = at + measure_line(line);
    x = legend.width + kLegendGap;
  };
  if (!picture.frames.empty())
    add_entry(write_rect({x, y - 7, kLegendSample, 14}, "frame", 4), "domain");
  for (const EdgeKind kind : kKinds) {
    const bool is_used =
        std::any_of(picture.lines.begin(), picture.lines.end(),
                    [&](const EdgeLine& line) { return line.kind == kind && !line.is_export; });
    if (is_used)
      add_entry(fmt::format("    <path class=\"line {}\" d=\"M{} {}h{}\"/>\n", get_name(kind), x, y,
                            kLegendSample),
                get_name(kind));
  }
  return legend;
}

}  // namespace

Result<std::string> render_graph_svg(const Graph& graph) {
  const Result<Picture> picture = make_picture(graph);
  if (!picture) return picture.error();
  const Legend legend = write_legend(*picture, picture->size.height + kLegendHeight - 6);
  const int width = std::max(picture->size.width, legend.width) + 2 * kMargin;
  const int height = picture->size.height + 2 * kMargin + (legend.text.empty() ? 0 : kLegendHeight);
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" role=\"img\">\n  <title>{2}</title>\n",
      width, height, escape_xml(graph.title));
  text += kStyle;
  text +=
      "  <defs>\n    <marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" "
      "markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
      "<path class=\"arrow\" d=\"M0 0.6L8 4L0 7.4z\"/></marker>\n  </defs>\n";
  text +=
      fmt::format("  <rect class=\"page\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n", width, height);
  text += fmt::format("  <g transform=\"translate({0} {0})\">\n", kMargin);
  for (const DomainFrame& frame : picture->frames) text += write_frame(frame);
  for (const EdgeLine& line : picture->lines) text += write_line(line);
  for (const Shape& shape : picture->shapes) text += write_shape(shape);
  return text + legend.text + "  </g>\n</svg>\n";
}

}  // namespace tenon::render
