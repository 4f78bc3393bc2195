#include "cli/render_svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "cli/picture.h"
#include "cli/plan_names.h"

namespace tenon::cli {

namespace {

constexpr int kMargin = 24;
constexpr int kLegendHeight = 30;
constexpr int kLegendLine = 34;
constexpr int kLegendGap = 22;

// The page has a colour of its own, so that text never depends on what the file is shown on.
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
    .label { fill: #f6f8fb; }
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
      .label { fill: #151b23; }
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
      return "label";
  }
  return {};
}

int get_radius(const Shape& shape) {
  if (shape.kind == Shape::Kind::Export || shape.kind == Shape::Kind::Open)
    return std::min(shape.rect.height / 2, 14);
  return shape.kind == Shape::Kind::Label ? 5 : 8;
}

// An interface's own name stands out from its package and version.
std::string write_interface(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return escape_xml(name);
  const std::size_t at = std::min(name.find('@', slash), name.size());
  return fmt::format("<tspan class=\"dim\">{}</tspan>{}<tspan class=\"dim\">{}</tspan>",
                     escape_xml(name.substr(0, slash + 1)),
                     escape_xml(name.substr(slash + 1, at - slash - 1)),
                     escape_xml(name.substr(at)));
}

std::string write_text(const TextLine& line, int x, int y) {
  return fmt::format(
      "    <text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n", get_class(line.role), x, y,
      line.role == TextRole::Interface ? write_interface(line.text) : escape_xml(line.text));
}

std::string write_rect(const Rect& rect, std::string_view css, int radius) {
  return fmt::format(
      "    <rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>\n", css,
      rect.x, rect.y, rect.width, rect.height, radius);
}

std::string write_shape(const Shape& shape) {
  std::string text = write_rect(shape.rect, get_class(shape.kind), get_radius(shape));
  int height = 0;
  for (const TextLine& line : shape.lines) height += get_line_height(line.role);
  int y = shape.rect.y + (shape.rect.height - height) / 2;
  for (const TextLine& line : shape.lines) {
    // Letters stand on a baseline about a third of their size below the middle of the line.
    const int baseline = y + (get_line_height(line.role) + get_font_size(line.role) * 7 / 10) / 2;
    text += write_text(line, shape.rect.x + shape.rect.width / 2, baseline);
    y += get_line_height(line.role);
  }
  return text;
}

std::string write_frame(const Frame& frame) { return write_rect(frame.rect, "frame", 12); }

// Over the lines, on a ground of its own: an edge into a domain may pass here.
std::string write_title(const Frame& frame) {
  const Rect ground{frame.rect.x + 8, frame.rect.y + 6, measure_line(frame.title) + 12, 18};
  return write_rect(ground, "label", 5) + write_text(frame.title, ground.x + 6, frame.rect.y + 19);
}

std::string write_line(const Line& line) {
  if (line.path.empty()) return {};
  std::string path = fmt::format("M{} {}", line.path[0].x, line.path[0].y);
  for (std::size_t i = 1; i + 2 < line.path.size(); i += 3)
    path += fmt::format("C{} {} {} {} {} {}", line.path[i].x, line.path[i].y, line.path[i + 1].x,
                        line.path[i + 1].y, line.path[i + 2].x, line.path[i + 2].y);
  return fmt::format("    <path class=\"line {}\" d=\"{}\" marker-end=\"url(#arrow)\"/>\n",
                     line.is_export ? "plain" : get_name(line.kind), path);
}

// What each line means, where there is more than one sort.
std::string write_legend(const Picture& picture, int y) {
  constexpr std::array kKinds{EdgeKind::Direct, EdgeKind::Bridged, EdgeKind::Native,
                              EdgeKind::Remote, EdgeKind::Packr,   EdgeKind::Wasi};
  std::string text;
  int x = 0;
  int kinds = 0;
  for (const EdgeKind kind : kKinds) {
    const bool is_used =
        std::any_of(picture.lines.begin(), picture.lines.end(),
                    [&](const Line& line) { return line.kind == kind && !line.is_export; });
    if (!is_used) continue;
    const TextLine name{std::string(get_name(kind)), TextRole::FrameTitle};
    text += fmt::format("    <path class=\"line {}\" d=\"M{} {}h{}\"/>\n", get_name(kind), x, y,
                        kLegendLine);
    text += write_text(name, x + kLegendLine + 8, y + 4);
    x += kLegendLine + 8 + measure_line(name) + kLegendGap;
    ++kinds;
  }
  return kinds > 1 ? text : std::string();
}

}  // namespace

std::string render_graph_svg(const Graph& graph) {
  const Picture picture = make_picture(graph);
  const std::string legend = write_legend(picture, picture.height + kLegendHeight - 6);
  const int width = std::max(picture.width, legend.empty() ? 0 : 420) + 2 * kMargin;
  const int height = picture.height + 2 * kMargin + (legend.empty() ? 0 : kLegendHeight);
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
  for (const Frame& frame : picture.frames) text += write_frame(frame);
  for (const Line& line : picture.lines) text += write_line(line);
  for (const Frame& frame : picture.frames) text += write_title(frame);
  for (const Shape& label : picture.labels) text += write_shape(label);
  for (const Shape& shape : picture.shapes) text += write_shape(shape);
  return text + legend + "  </g>\n</svg>\n";
}

}  // namespace tenon::cli
