// A graph as shapes on a plane: what an SVG file says, before it is written down.
#pragma once

#include <string>
#include <vector>

#include "cli/graph.h"
#include "cli/graphviz.h"
#include "tenon/result.h"

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

// From the top of a frame to the line that its title stands on.
inline constexpr int kTitleBaseline = 19;

// A rectangle with lines of text in it, centred.
struct Shape {
  enum class Kind { Unit, Root, Outside, Export, Open, Label };  // a label has no border
  Kind kind = Kind::Unit;
  Rect rect;
  std::vector<TextLine> lines;
};

struct Line {
  EdgeKind kind = EdgeKind::Direct;
  bool is_export = false;     // from the composition's export to its unit
  std::string title;          // "cart → tax"
  std::vector<Curve> curves;  // the second, if there is one, begins behind the label
};

struct Frame {
  Rect rect;
  TextLine title;
  double title_x = 0;  // of its left end
};

struct Picture {
  std::string title;
  Size size;
  std::vector<Frame> frames;
  std::vector<Line> lines;
  std::vector<Shape> shapes;  // boxes of units, then exports and open imports, then labels
};

// Errors: config-usage (as lay_out).
[[nodiscard]] Result<Picture> make_picture(const Graph& graph);

}  // namespace tenon::cli
