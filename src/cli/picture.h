// A graph as shapes on a plane: what an SVG file says, before it is written down.
#pragma once

#include <string>
#include <vector>

#include "cli/graph.h"
#include "cli/layout.h"

namespace tenon::cli {

// What a line of text is, which decides its size, weight and colour.
enum class TextRole { Name, Detail, Interface, Function, FrameTitle };

struct TextLine {
  std::string text;
  TextRole role = TextRole::Name;
};

// Size of letters and height of a line, in pixels.
[[nodiscard]] int get_font_size(TextRole role);
[[nodiscard]] int get_line_height(TextRole role);
// Width of the line, as measure_text.
[[nodiscard]] int measure_line(const TextLine& line);

// A rectangle with lines of text in it, centred.
struct Shape {
  enum class Kind { Unit, Root, Outside, Export, Open, Label };
  Kind kind = Kind::Unit;
  Rect rect;
  std::vector<TextLine> lines;
};

struct Line {
  EdgeKind kind = EdgeKind::Direct;
  bool is_export = false;  // from the composition's export to its unit
  std::vector<Point> path;
};

struct Frame {
  Rect rect;
  TextLine title;
};

struct Picture {
  std::string title;
  int width = 0;
  int height = 0;
  std::vector<Frame> frames;
  std::vector<Line> lines;
  std::vector<Shape> shapes;  // boxes of units, then exports and open imports
  std::vector<Shape> labels;
};

[[nodiscard]] Picture make_picture(const Graph& graph);

}  // namespace tenon::cli
