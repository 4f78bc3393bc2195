// Places boxes and labelled edges on a plane, in layers from top to bottom (Sugiyama's method):
// consumers above their providers, few crossings, no overlap.
//
//   ranks     every box gets a layer by its longest path; every label a layer between two of boxes
//   slots     an edge that passes a layer gets a place there, so that no box stands in its way
//   order     the order in each layer is improved by sweeps of barycentres
//   place     coordinates: as near to the neighbours as the order and the widths allow
//   route     edges: curves between the layers, nearly straight lines through them
//
// Knows nothing of plans. Deterministic: integers only, and ties are broken by the order of input.
// Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system
// structures", 1981.
#pragma once

#include <cstddef>
#include <vector>

namespace tenon::cli {

struct LayoutBox {
  enum class Layer {
    First,  // above all that are not
    Any,
    Last,  // below all that are not
  };
  int width = 0;
  int height = 0;
  std::size_t group = 0;  // less than LayoutInput::groups
  Layer layer = Layer::Any;
  bool is_framed = true;  // part of its group's frame
};

struct LayoutEdge {
  std::size_t from = 0;  // index of a box; above `to` unless edges run in a circle
  std::size_t to = 0;
  int label_width = 0;  // 0: no label
  int label_height = 0;
};

// Groups stand side by side, in the order of their indices, each in a frame of its own.
struct LayoutInput {
  std::vector<LayoutBox> boxes;
  std::vector<LayoutEdge> edges;
  std::size_t groups = 1;
};

struct Point {
  int x = 0;
  int y = 0;

  bool operator==(const Point&) const = default;
};

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  [[nodiscard]] int right() const { return x + width; }
  [[nodiscard]] int bottom() const { return y + height; }
};

struct Layout {
  int width = 0;
  int height = 0;
  std::vector<Rect> boxes;   // by box
  std::vector<Rect> labels;  // by edge; width 0: none
  // By edge: where it begins, then for each cubic Bezier curve two control points and its end.
  // Empty for an edge from a box to itself.
  std::vector<std::vector<Point>> paths;
  std::vector<Rect> frames;  // by group; width 0: a group without framed boxes
};

[[nodiscard]] Layout lay_out(const LayoutInput& input);

}  // namespace tenon::cli
