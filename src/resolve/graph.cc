#include "resolve/graph.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <unordered_map>

namespace tenon::resolve {

namespace {

constexpr std::uint32_t kUnseen = UINT32_MAX;

}  // namespace

// Tarjan's algorithm, with a stack of its own.
std::vector<std::uint32_t> find_components(const Graph& graph) {
  struct Frame {
    std::uint32_t node = 0;
    std::size_t next = 0;
  };
  std::vector<std::uint32_t> component(graph.size(), kUnseen);
  std::vector<std::uint32_t> seen_at(graph.size(), kUnseen);
  std::vector<std::uint32_t> low(graph.size(), 0);
  std::vector<std::uint32_t> path;
  std::vector<Frame> frames;
  std::uint32_t seen = 0;
  std::uint32_t components = 0;
  for (std::uint32_t start = 0; start < graph.size(); ++start) {
    if (seen_at[start] != kUnseen) continue;
    frames.push_back({start});
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const std::uint32_t node = frame.node;
      if (frame.next == 0) {
        seen_at[node] = low[node] = seen++;
        path.push_back(node);
      }
      if (frame.next < graph[node].size()) {
        const std::uint32_t to = graph[node][frame.next++];
        if (seen_at[to] == kUnseen)
          frames.push_back({to});
        else if (component[to] == kUnseen)
          low[node] = std::min(low[node], seen_at[to]);
        continue;
      }
      if (low[node] == seen_at[node]) {
        std::uint32_t member = 0;
        do {
          member = path.back();
          path.pop_back();
          component[member] = components;
        } while (member != node);
        ++components;
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[node]);
    }
  }
  return component;
}

std::vector<std::uint32_t> find_way(const Graph& graph, const std::vector<std::uint32_t>& component,
                                    std::uint32_t from, std::uint32_t to) {
  std::unordered_map<std::uint32_t, std::uint32_t> came_from{{from, from}};
  std::deque<std::uint32_t> queue{from};
  while (!queue.empty() && !came_from.contains(to)) {
    const std::uint32_t here = queue.front();
    queue.pop_front();
    for (const std::uint32_t next : graph[here])
      if (component[next] == component[from] && came_from.emplace(next, here).second)
        queue.push_back(next);
  }
  std::vector<std::uint32_t> way{to};
  while (way.back() != from) way.push_back(came_from.at(way.back()));
  std::reverse(way.begin(), way.end());
  return way;
}

std::vector<std::uint32_t> order_nodes(const Graph& graph) {
  Graph users(graph.size());
  std::vector<std::size_t> missing(graph.size());
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t node = 0; node < graph.size(); ++node) {
    missing[node] = graph[node].size();
    if (graph[node].empty()) ready.push(node);
    for (const std::uint32_t needed : graph[node]) users[needed].push_back(node);
  }
  std::vector<std::uint32_t> order;
  while (!ready.empty()) {
    const std::uint32_t node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const std::uint32_t user : users[node])
      if (--missing[user] == 0) ready.push(user);
  }
  return order;
}

}  // namespace tenon::resolve
