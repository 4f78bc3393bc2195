// Places boxes and edges on a plane by Graphviz, whose program `dot` runs as a process.
//
// Knows nothing of plans. Only sizes and numbers are passed to `dot`, so that no name in a plan can
// be read as DOT, and everything that it returns is checked.
// Source: graphviz.org, "DOT Language", "Attributes" and "JSON" (output format `json0`).
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::render {

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
  std::size_t from = 0;  // index of a box; less than `to`, except in cycles
  std::size_t to = 0;
  bool has_arrow = true;
};

// The boxes, frames and edges to lay out. Sizes are in pixels.
struct LayoutRequest {
  std::vector<LayoutBox> boxes;
  std::vector<LayoutEdge> edges;
  std::vector<Size> frames;  // the sizes of their titles; each frame has a box
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

// A start point, then for each cubic Bezier curve two control points and its end.
using Curve = std::vector<Point>;

// The point at `t`, from 0 to 1, of the cubic curve that begins at index `first`.
[[nodiscard]] Point find_point(const Curve& curve, std::size_t first, double t);

struct Layout {
  Size size;
  std::vector<Rect> boxes;
  std::vector<Curve> curves;  // by edge; the end is the tip of the arrow
  std::vector<Rect> frames;
};

// Places the boxes so that edges run downwards, or to the right if that makes the longest side
// shorter.
// Errors: config-usage (`dot` is not installed, or failed).
[[nodiscard]] Result<Layout> lay_out(const LayoutRequest& request);

// The request to `dot`, in the DOT language.
[[nodiscard]] std::string write_dot(const LayoutRequest& request, Direction direction);
// The layout in the answer of `dot`. Errors: config-usage (`json` is not an answer to `request`).
[[nodiscard]] Result<Layout> read_layout(const LayoutRequest& request, std::string_view json);

// The first executable file `name` in the folders of PATH. Empty if there is none, or if the
// process has raised privileges. Relative folders are skipped.
[[nodiscard]] std::string find_program(std::string_view name);

// A call of another program: text in, text out.
struct ProgramCall {
  std::string path;                    // of the program; PATH is not searched
  std::vector<std::string> arguments;  // without the name of the program
  std::string input;                   // for its standard input
  std::chrono::milliseconds time{0};   // when the program takes longer, it is killed
};

struct ProgramFailure {
  std::string reason;  // follows the name of the program: "cannot be started: ..."
};

// Returns the standard output of the program if it exits with 0. No shell is involved.
[[nodiscard]] Result<std::string, ProgramFailure> run_program(const ProgramCall& call);

}  // namespace tenon::render
