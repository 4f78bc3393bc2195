// Boxes and edges on a plane, placed by Graphviz: its program `dot` runs as a process.
//
// Only sizes and numbers are passed on, so that no name in a plan can be read as DOT; what comes
// back is checked. Knows nothing of plans.
// Source: graphviz.org, "DOT Language", "Attributes" and "JSON" (output format `json0`).
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::cli {

inline constexpr std::size_t kNoFrame = std::numeric_limits<std::size_t>::max();

struct Size {
  int width = 0;
  int height = 0;
};

struct LayoutBox {
  Size size;
  std::size_t frame = kNoFrame;
};

struct LayoutEdge {
  std::size_t from = 0;  // index of a box; before `to` unless edges run in a circle
  std::size_t to = 0;
  bool has_arrow = true;
};

// The boxes, frames and edges to lay out. Sizes are in pixels.
struct LayoutRequest {
  std::vector<LayoutBox> boxes;
  std::vector<LayoutEdge> edges;
  std::vector<Size> frames;  // each the size of its title, which is at the top; none is empty
};

enum class Direction { Down, Right };

struct Point {
  double x = 0;
  double y = 0;
};

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  [[nodiscard]] int right() const { return x + width; }
  [[nodiscard]] int bottom() const { return y + height; }
};

// A curve: where it begins, then for each cubic Bezier curve two control points and its end.
using Curve = std::vector<Point>;

// The point at `t`, from 0 to 1, of the cubic curve that begins at index `first`.
[[nodiscard]] Point find_point(const Curve& curve, std::size_t first, double t);

struct Layout {
  Size size;
  std::vector<Rect> boxes;
  std::vector<Curve> curves;  // by edge; an arrow's tip is the end
  std::vector<Rect> frames;
};

// Consumers stand above their providers, or left of them if that makes the longest side shorter.
// Errors: config-usage (`dot` is not installed, or failed).
[[nodiscard]] Result<Layout> lay_out(const LayoutRequest& request);

// The two halves of it. write_dot: text in the DOT language.
[[nodiscard]] std::string write_dot(const LayoutRequest& request, Direction direction);
// Errors: config-usage (not what dot would answer to `request`).
[[nodiscard]] Result<Layout> read_layout(const LayoutRequest& request, std::string_view json);

}  // namespace tenon::cli
