#include "render/picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "render/graph.h"
#include "render/sample_plans.h"

namespace tenon::render::picture_test {

namespace {

bool overlap(const Rect& a, const Rect& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

bool contains(const Rect& outer, const Rect& inner) {
  return inner.x >= outer.x && inner.right() <= outer.right() && inner.y >= outer.y &&
         inner.bottom() <= outer.bottom();
}

void expect_no_overlap(const Picture& picture) {
  const std::vector<Shape>& shapes = picture.shapes;
  for (std::size_t a = 0; a < shapes.size(); ++a)
    for (std::size_t b = a + 1; b < shapes.size(); ++b)
      EXPECT_FALSE(overlap(shapes[a].rect, shapes[b].rect))
          << shapes[a].lines[0].text << " and " << shapes[b].lines[0].text;
}

void expect_text_inside(const Picture& picture) {
  for (const Shape& shape : picture.shapes) {
    int height = 0;
    for (const TextLine& line : shape.lines) {
      EXPECT_LE(measure_line(line), shape.rect.width) << line.text;
      height += get_line_height(line.role);
    }
    EXPECT_LE(height, shape.rect.height);
  }
}

void expect_frames_around_units(const Graph& graph, const Picture& picture) {
  for (std::size_t i = 0; i < picture.frames.size(); ++i) {
    for (std::size_t j = i + 1; j < picture.frames.size(); ++j)
      EXPECT_FALSE(overlap(picture.frames[i].rect, picture.frames[j].rect));
    for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
      const Rect& unit = picture.shapes[node].rect;
      if (graph.nodes[node].cluster == i)
        EXPECT_TRUE(contains(picture.frames[i].rect, unit)) << graph.nodes[node].name;
      else
        EXPECT_FALSE(overlap(picture.frames[i].rect, unit)) << graph.nodes[node].name;
    }
  }
}

// No line runs through a box or a label. It can touch the borders of its own boxes.
void expect_lines_around_shapes(const Picture& picture) {
  constexpr int kTouch = 3;
  constexpr int kSteps = 20;
  for (const EdgeLine& line : picture.lines) {
    for (const Curve& curve : line.curves) {
      for (std::size_t i = 0; i < (curve.size() - 1) / 3 * kSteps; ++i) {
        const Point point =
            find_point(curve, i / kSteps * 3, static_cast<double>(i % kSteps) / kSteps);
        for (const Shape& shape : picture.shapes) {
          const Rect& box = shape.rect;
          const bool is_inside = point.x > box.x + kTouch && point.x < box.right() - kTouch &&
                                 point.y > box.y + kTouch && point.y < box.bottom() - kTouch;
          EXPECT_FALSE(is_inside) << line.title << " runs through " << shape.lines[0].text;
        }
      }
    }
  }
}

void expect_inside_page(const Picture& picture) {
  const Rect page{0, 0, picture.size.width, picture.size.height};
  for (const Shape& shape : picture.shapes) EXPECT_TRUE(contains(page, shape.rect));
}

void expect_good(const Plan& plan) {
  GraphOptions options;
  options.wasi = ShowWasi::Yes;
  options.functions = ShowFunctions::Yes;
  const Graph graph = make_graph(plan, options);
  const Result<Picture> drawn = make_picture(graph);
  ASSERT_TRUE(drawn) << drawn.error()[0].message;
  const Picture& picture = *drawn;
  ASSERT_GE(picture.shapes.size(), graph.nodes.size() + graph.edges.size());
  expect_no_overlap(picture);
  expect_text_inside(picture);
  expect_frames_around_units(graph, picture);
  expect_lines_around_shapes(picture);
  expect_inside_page(picture);
}

}  // namespace

TEST(Picture, TenUnitShopIsLegible) { expect_good(make_ten_unit_shop()); }

TEST(Picture, PressIsLegible) { expect_good(make_press()); }

TEST(Picture, DomainsDoNotOverlap) { expect_good(make_domains()); }

TEST(Picture, RandomGraphsAreLegible) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    expect_good(make_random_plan(seed, 3 + seed % 22));
  }
}

TEST(Picture, CycleIsDrawn) {
  Plan plan = make_random_plan(7, 5);
  PlanEdge back = plan.edges.front();
  std::swap(back.consumer, back.provider);
  plan.edges.push_back(back);
  expect_good(plan);
}

TEST(Picture, EmptyPlanIsDrawn) { expect_good(Plan{}); }

TEST(Picture, IsDeterministic) {
  const Graph graph = make_graph(make_random_plan(11, 20), {});
  const Result<std::string> picture = render_graph_svg(graph);
  ASSERT_TRUE(picture);
  EXPECT_EQ(*picture, *render_graph_svg(graph));
}

TEST(Picture, LinesRunFromConsumersThroughLabelsToProviders) {
  const Result<Picture> picture = make_picture(make_graph(make_shop(), {}));
  ASSERT_TRUE(picture);
  ASSERT_EQ(picture->lines.size(), 3U);
  EXPECT_EQ(picture->lines[0].title, "acme:cart/api@1.0.0 \u2192 cart");
  EXPECT_EQ(picture->lines[0].curves.size(), 1U);
  EXPECT_EQ(picture->lines[1].title, "cart \u2192 tax");
  EXPECT_EQ(picture->lines[1].curves.size(), 2U);
  EXPECT_EQ(picture->lines[2].kind, EdgeKind::Bridged);
}

TEST(Picture, TitlesDoNotOverlapLines) {
  const Result<Picture> picture = make_picture(make_graph(make_domains(), {}));
  ASSERT_TRUE(picture);
  for (const DomainFrame& frame : picture->frames) {
    const double end = frame.title_x + measure_line(frame.title);
    EXPECT_GE(frame.title_x, frame.rect.x);
    EXPECT_LE(end, frame.rect.right());
    for (const EdgeLine& line : picture->lines)
      for (const Curve& curve : line.curves)
        for (const Point& point : curve)
          EXPECT_FALSE(point.x > frame.title_x && point.x < end && point.y > frame.rect.y &&
                       point.y < frame.rect.y + kTitleBaseline)
              << line.title << " runs through " << frame.title.text;
  }
}

TEST(FontWidth, CountsCharactersNotBytes) {
  EXPECT_EQ(measure_text("", 10, FontWeight::Regular), 0);
  EXPECT_GT(measure_text("WWW", 10, FontWeight::Regular),
            measure_text("iii", 10, FontWeight::Regular));
  EXPECT_GT(measure_text("abc", 10, FontWeight::Bold),
            measure_text("abc", 10, FontWeight::Regular));
  EXPECT_EQ(measure_text("\xe2\x80\xa6", 10, FontWeight::Regular), 10);
}

}  // namespace tenon::render::picture_test
