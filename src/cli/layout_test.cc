#include "cli/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "cli/font_width.h"
#include "cli/graph.h"
#include "cli/layout_order.h"
#include "cli/layout_ranks.h"
#include "cli/layout_slots.h"
#include "cli/layout_spread.h"
#include "cli/picture.h"
#include "cli/render_svg.h"
#include "cli/sample_plans.h"

namespace tenon::cli::layout_test {

namespace {

bool overlap(const Rect& a, const Rect& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

bool contains(const Rect& outer, const Rect& inner) {
  return inner.x >= outer.x && inner.right() <= outer.right() && inner.y >= outer.y &&
         inner.bottom() <= outer.bottom();
}

std::vector<Shape> list_shapes(const Picture& picture) {
  std::vector<Shape> shapes = picture.shapes;
  shapes.insert(shapes.end(), picture.labels.begin(), picture.labels.end());
  return shapes;
}

void expect_no_overlap(const Picture& picture) {
  const std::vector<Shape> shapes = list_shapes(picture);
  for (std::size_t a = 0; a < shapes.size(); ++a)
    for (std::size_t b = a + 1; b < shapes.size(); ++b)
      EXPECT_FALSE(overlap(shapes[a].rect, shapes[b].rect))
          << shapes[a].lines[0].text << " and " << shapes[b].lines[0].text;
}

void expect_text_inside(const Picture& picture) {
  for (const Shape& shape : list_shapes(picture)) {
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

Point find_on_curve(const std::vector<Point>& path, std::size_t at, double t) {
  const auto mix = [&](auto get) {
    const double u = 1 - t;
    return static_cast<int>(u * u * u * get(path[at]) + 3 * u * u * t * get(path[at + 1]) +
                            3 * u * t * t * get(path[at + 2]) + t * t * t * get(path[at + 3]));
  };
  return {mix([](Point p) { return p.x; }), mix([](Point p) { return p.y; })};
}

// No edge runs through a box; at its own boxes it touches the border.
void expect_lines_around_boxes(const Picture& picture) {
  for (const Line& line : picture.lines) {
    for (std::size_t i = 0; i + 3 < line.path.size(); i += 3) {
      for (int step = 0; step <= 20; ++step) {
        const Point point = find_on_curve(line.path, i, step / 20.0);
        for (const Shape& shape : picture.shapes) {
          const Rect& box = shape.rect;
          const bool is_inside = point.x > box.x && point.x < box.right() && point.y > box.y + 1 &&
                                 point.y < box.bottom() - 1;
          EXPECT_FALSE(is_inside) << shape.lines[0].text;
        }
      }
    }
  }
}

void expect_inside_page(const Picture& picture) {
  const Rect page{0, 0, picture.width, picture.height};
  for (const Shape& shape : list_shapes(picture)) EXPECT_TRUE(contains(page, shape.rect));
}

void expect_good(const Plan& plan) {
  GraphOptions options;
  options.wasi = ShowWasi::Yes;
  options.functions = ShowFunctions::Yes;
  const Graph graph = make_graph(plan, options);
  const Picture picture = make_picture(graph);
  ASSERT_GE(picture.shapes.size(), graph.nodes.size());
  expect_no_overlap(picture);
  expect_text_inside(picture);
  expect_frames_around_units(graph, picture);
  expect_lines_around_boxes(picture);
  expect_inside_page(picture);
}

}  // namespace

TEST(Layout, TenUnitShopIsLegible) { expect_good(make_ten_unit_shop()); }

TEST(Layout, PressIsLegible) { expect_good(make_press()); }

TEST(Layout, DomainsStandApart) { expect_good(make_domains()); }

TEST(Layout, RandomGraphsAreLegible) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    expect_good(make_random_plan(seed, 3 + seed % 22));
  }
}

TEST(Layout, CircleIsDrawn) {
  Plan plan = make_random_plan(7, 5);
  PlanEdge back = plan.edges.front();
  std::swap(back.consumer, back.provider);
  plan.edges.push_back(back);
  expect_good(plan);
}

TEST(Layout, EmptyPlanIsDrawn) { expect_good(Plan{}); }

TEST(Layout, IsTheSameEachTime) {
  const Graph graph = make_graph(make_random_plan(11, 20), {});
  EXPECT_EQ(render_graph_svg(graph), render_graph_svg(graph));
}

TEST(Layout, ConsumersStandAboveProviders) {
  const LayoutInput input{{{10, 10, 0}, {10, 10, 0}, {10, 10, 0}}, {{0, 1}, {1, 2}, {0, 2}}, 1};
  const Layout layout = lay_out(input);
  EXPECT_LT(layout.boxes[0].bottom(), layout.boxes[1].y);
  EXPECT_LT(layout.boxes[1].bottom(), layout.boxes[2].y);
}

TEST(LayoutRanks, SourceStandsNearItsProvider) {
  // 0 -> 1 -> 2 -> 3, and 4 -> 3: nothing holds 4 at the top.
  LayoutInput input;
  input.boxes.resize(5);
  input.edges = {{0, 1}, {1, 2}, {2, 3}, {4, 3}};
  EXPECT_EQ(assign_ranks(input).of_box, (std::vector<std::size_t>{0, 1, 2, 3, 2}));
}

TEST(LayoutOrder, RemovesCrossingsThatNeedNotBe) {
  // Two pairs, given crosswise.
  LayoutInput input;
  input.boxes.resize(4);
  input.edges = {{0, 3}, {1, 2}};
  Layers layers = make_layers(input, assign_ranks(input));
  std::swap(layers.rows[0][0], layers.rows[0][1]);
  ASSERT_EQ(count_crossings(layers), 1U);
  order_layers(layers);
  EXPECT_EQ(count_crossings(layers), 0U);
}

TEST(LayoutSpread, KeepsGapsAndStaysNearTheWishes) {
  EXPECT_EQ(spread({{0, 1, 0}, {100, 1, 10}}), (std::vector<std::int64_t>{0, 100}));
  EXPECT_EQ(spread({{50, 1, 0}, {50, 1, 20}}), (std::vector<std::int64_t>{40, 60}));
  EXPECT_EQ(spread({{50, 3, 0}, {50, 1, 20}}), (std::vector<std::int64_t>{45, 65}));
}

TEST(FontWidth, CountsCharactersNotBytes) {
  EXPECT_EQ(measure_text("", 10, FontWeight::Regular), 0);
  EXPECT_GT(measure_text("WWW", 10, FontWeight::Regular),
            measure_text("iii", 10, FontWeight::Regular));
  EXPECT_GT(measure_text("abc", 10, FontWeight::Bold),
            measure_text("abc", 10, FontWeight::Regular));
  EXPECT_EQ(measure_text("\xe2\x80\xa6", 10, FontWeight::Regular), 10);
}

}  // namespace tenon::cli::layout_test
