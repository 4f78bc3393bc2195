#include "cli/layout_route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cli/layout_spread.h"

namespace tenon::cli {

namespace {

constexpr int kPortGap = 16;
constexpr int kPortMargin = 14;      // from a port to the corner of its box
constexpr int kBendTolerance = 6;    // how far an edge may stray from its slot inside a layer
constexpr std::int64_t kUnit = 256;  // slopes are in 1/256: x per y
constexpr std::int64_t kMostSlope = 2 * kUnit;

// One end of an edge at a box.
struct Port {
  std::size_t edge = 0;
  int wish = 0;  // x of what the edge goes to next
};

struct Ports {
  std::vector<int> upper;  // by edge: x where it leaves its upper box
  std::vector<int> lower;  // by edge: x where it reaches its lower box
};

// x of each port on one side of a box: near what its edge goes to, from left to right in the order
// of those, so that edges do not cross at the box.
void place_ports(std::vector<Port> ports, const Rect& box, std::vector<int>& x_of_edge) {
  std::stable_sort(ports.begin(), ports.end(),
                   [](const Port& a, const Port& b) { return a.wish < b.wish; });
  const int margin = std::min(kPortMargin, box.width / 2);
  const int room = box.width - 2 * margin;
  const int count = static_cast<int>(ports.size());
  const int gap = count > 1 ? std::min(kPortGap, room / (count - 1)) : 0;
  std::vector<Wish> wishes;
  for (int i = 0; i < count; ++i) {
    // Room is left for the ports on either side.
    const int least = box.x + margin + i * gap;
    const int most = box.right() - margin - (count - 1 - i) * gap;
    wishes.push_back({std::clamp(ports[static_cast<std::size_t>(i)].wish, least, most), 1, gap});
  }
  const std::vector<std::int64_t> positions = spread(wishes);
  for (std::size_t i = 0; i < ports.size(); ++i)
    x_of_edge[ports[i].edge] = static_cast<int>(positions[i]);
}

Ports place_all_ports(const Layers& layers, const std::vector<Rect>& boxes) {
  std::vector<std::vector<Port>> bottoms(boxes.size());
  std::vector<std::vector<Port>> tops(boxes.size());
  for (std::size_t edge = 0; edge < layers.chains.size(); ++edge) {
    const std::vector<std::size_t>& chain = layers.chains[edge];
    if (chain.empty()) continue;
    bottoms[chain.front()].push_back({edge, layers.slots[chain[1]].x});
    tops[chain.back()].push_back({edge, layers.slots[chain[chain.size() - 2]].x});
  }
  Ports ports{std::vector<int>(layers.chains.size()), std::vector<int>(layers.chains.size())};
  for (std::size_t box = 0; box < boxes.size(); ++box) {
    place_ports(bottoms[box], boxes[box], ports.upper);
    place_ports(tops[box], boxes[box], ports.lower);
  }
  return ports;
}

// A point that a curve passes, and its slope there.
struct Knot {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t slope = 0;
};

std::int64_t get_secant(const Knot& a, const Knot& b) {
  return kUnit * (b.x - a.x) / std::max<std::int64_t>(1, b.y - a.y);
}

// The slope at `at` that makes x a monotone function of y between three points: zero at a turn,
// else the harmonic mean of both sides (Fritsch and Butland, 1984).
std::int64_t choose_slope(const Knot& before, const Knot& at, const Knot& after) {
  const std::int64_t a = get_secant(before, at);
  const std::int64_t b = get_secant(at, after);
  if ((a > 0) != (b > 0) || a == 0 || b == 0) return 0;
  return 2 * a * b / (a + b);
}

// Crosses a layer in a straight line of limited slope: what stands beside the slot is not touched.
void add_crossing(const Slot& slot, const LayerSpan& span, std::int64_t slope,
                  std::vector<Knot>& knots) {
  const std::int64_t half = (span.bottom - span.top) / 2;
  const std::int64_t stray =
      slot.kind == Slot::Kind::Label ? std::max(kBendTolerance, slot.width / 4) : kBendTolerance;
  const std::int64_t limit = half == 0 ? kMostSlope : std::min(kMostSlope, kUnit * stray / half);
  slope = std::clamp(slope, -limit, limit);
  if (half > 0) knots.push_back({slot.x - slope * half / kUnit, span.top, slope});
  knots.push_back({slot.x + slope * half / kUnit, span.bottom, slope});
}

// Cubic curves from knot to knot.
std::vector<Point> draw(const std::vector<Knot>& knots) {
  const auto make_point = [](std::int64_t x, std::int64_t y) {
    return Point{static_cast<int>(x), static_cast<int>(y)};
  };
  std::vector<Point> path{make_point(knots.front().x, knots.front().y)};
  for (std::size_t i = 1; i < knots.size(); ++i) {
    const Knot& a = knots[i - 1];
    const Knot& b = knots[i];
    // A vertical end reaches half way, so that the curve leaves a box gently.
    const std::int64_t height = b.y - a.y;
    const std::int64_t reach_a = a.slope == 0 ? height / 2 : height / 3;
    const std::int64_t reach_b = b.slope == 0 ? height / 2 : height / 3;
    path.push_back(make_point(a.x + a.slope * reach_a / kUnit, a.y + reach_a));
    path.push_back(make_point(b.x - b.slope * reach_b / kUnit, b.y - reach_b));
    path.push_back(make_point(b.x, b.y));
  }
  return path;
}

// Inside a layer an edge keeps to its slot; between layers it curves, where nothing else stands.
std::vector<Point> route(const Layers& layers, const std::vector<LayerSpan>& spans,
                         const std::vector<Rect>& boxes, const Ports& ports, std::size_t edge) {
  const std::vector<std::size_t>& chain = layers.chains[edge];
  if (chain.empty()) return {};
  const Rect& upper = boxes[chain.front()];
  const Rect& lower = boxes[chain.back()];
  std::vector<Knot> middles{
      {ports.upper[edge], spans[layers.slots[chain.front()].layer].bottom, 0}};
  for (std::size_t i = 1; i + 1 < chain.size(); ++i) {
    const LayerSpan& span = spans[layers.slots[chain[i]].layer];
    middles.push_back({layers.slots[chain[i]].x, (span.top + span.bottom) / 2, 0});
  }
  middles.push_back({ports.lower[edge], spans[layers.slots[chain.back()].layer].top, 0});

  std::vector<Knot> knots{{ports.upper[edge], upper.bottom(), 0}};
  if (middles.front().y > upper.bottom()) knots.push_back(middles.front());
  for (std::size_t i = 1; i + 1 < chain.size(); ++i)
    add_crossing(layers.slots[chain[i]], spans[layers.slots[chain[i]].layer],
                 choose_slope(middles[i - 1], middles[i], middles[i + 1]), knots);
  if (middles.back().y < lower.y) knots.push_back(middles.back());
  knots.push_back({ports.lower[edge], lower.y, 0});
  return draw(knots);
}

}  // namespace

std::vector<std::vector<Point>> route_edges(const Layers& layers,
                                            const std::vector<LayerSpan>& spans,
                                            const std::vector<Rect>& boxes) {
  const Ports ports = place_all_ports(layers, boxes);
  std::vector<std::vector<Point>> paths;
  for (std::size_t edge = 0; edge < layers.chains.size(); ++edge)
    paths.push_back(route(layers, spans, boxes, ports, edge));
  return paths;
}

}  // namespace tenon::cli
