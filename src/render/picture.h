// A graph as an SVG file: boxes, lines and labels on a plane, legible on light and dark pages.
//
// make_picture gives every node, label and export a box, asks Graphviz where the boxes go
// (graphviz.h), and returns shapes with their places. render_svg.cc writes these as SVG.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/graph.h"
#include "render/graphviz.h"
#include "tenon/result.h"

namespace tenon::render {

// The role of a line of text, which decides its size, weight and color.
enum class TextRole { Name, Detail, Interface, Function, FrameTitle };

struct TextLine {
  std::string text;
  TextRole role = TextRole::Name;
};

// Size of letters and height of a line, in pixels.
[[nodiscard]] int get_font_size(TextRole role);
[[nodiscard]] int get_line_height(TextRole role);
// Width of the line in pixels, as by measure_text.
[[nodiscard]] int measure_line(const TextLine& line);

// Distance in pixels from the top of a frame to the baseline of its title.
inline constexpr int kTitleBaseline = 19;

// A rectangle with centered lines of text.
struct Shape {
  enum class Kind { Unit, Root, Outside, Export, Open, Label };  // a label has no border
  Kind kind = Kind::Unit;
  Rect rect;
  std::vector<TextLine> lines;
};

// The line of an edge, or from an export of the composition to its unit.
struct EdgeLine {
  EdgeKind kind = EdgeKind::Direct;
  bool is_export = false;
  std::string title;          // "cart → tax"
  std::vector<Curve> curves;  // one; or two, to the label and from there
};

// The frame around a domain.
struct DomainFrame {
  Rect rect;
  TextLine title;
  double title_x = 0;  // left end of the title
};

struct Picture {
  std::string title;
  Size size;
  std::vector<DomainFrame> frames;
  std::vector<EdgeLine> lines;
  std::vector<Shape> shapes;  // boxes of units, then exports and open imports, then labels
};

// Errors: those of lay_out.
[[nodiscard]] Result<Picture> make_picture(const Graph& graph);

enum class FontWeight { Regular, Bold };

// The width in pixels, rounded up, of UTF-8 text in a sans-serif font of `size` pixels. No font is
// read: the result is an upper bound for the sans-serif fonts in common use.
[[nodiscard]] int measure_text(std::string_view text, int size, FontWeight weight);

// A picture with more nodes is not readable, and the time of the layout grows with their square.
inline constexpr std::size_t kMostPictureNodes = 500;

// The picture as the text of an SVG file. REQUIRES: at most kMostPictureNodes nodes.
// Errors: config-usage (Graphviz is not installed, or failed).
[[nodiscard]] Result<std::string> render_graph_svg(const Graph& graph);

}  // namespace tenon::render
