// A union-find with path halving and union by size, and three additions.
//
// `definition` of a root is the one definition of its class. A union of two classes that both have
// one is refused, so the classes are consistent at all times and an error names exactly one pair.
//
// `find_split` answers "what if all of these ties were made" without making them, with a union-find
// over just the classes that the ties touch: a candidate has several ties, and they can split a
// resource together although each alone would not.
//
// `watchers` are candidates to be tested again when a class changes. A union notifies only those
// that it could rule out, which is what keeps the rounds of choose.cc linear.
#include "resolve/identity.h"

#include <deque>
#include <numeric>
#include <unordered_map>

#include "support/check.h"

namespace tenon::resolve {

ResourceClasses::ResourceClasses(std::size_t resources)
    : parents_(resources), sizes_(resources, 1), classes_(resources) {
  std::iota(parents_.begin(), parents_.end(), 0U);
}

ResourceId ResourceClasses::find_class(ResourceId id) const {
  TENON_CHECK(id.index < parents_.size());
  std::uint32_t root = id.index;
  while (parents_[root] != root) {
    parents_[root] = parents_[parents_[root]];
    root = parents_[root];
  }
  return ResourceId{root};
}

std::optional<ResourceId> ResourceClasses::find_definition(ResourceId id) const {
  return classes_[find_class(id).index].definition;
}

std::optional<ResourceId> ResourceClasses::define(ResourceId id) {
  ResourceClass& own = classes_[find_class(id).index];
  if (own.definition) return own.definition;
  own.definition = id;
  mark_watchers(own);
  return std::nullopt;
}

void ResourceClasses::mark_watchers(const ResourceClass& changed) {
  dirty_.insert(dirty_.end(), changed.watchers.begin(), changed.watchers.end());
}

std::optional<SplitPair> ResourceClasses::find_split(std::span<const Tie> ties) const {
  // No path compression: the chains are as short as the list of ties.
  struct Local {
    std::uint32_t parent = 0;
    std::optional<ResourceId> definition;
  };
  std::unordered_map<std::uint32_t, std::uint32_t> position;
  std::vector<Local> locals;
  const auto find_local = [&](ResourceId id) {
    const ResourceId root = find_class(id);
    const auto [at, is_first] =
        position.emplace(root.index, static_cast<std::uint32_t>(locals.size()));
    if (is_first) locals.push_back({at->second, classes_[root.index].definition});
    std::uint32_t local = at->second;
    while (locals[local].parent != local) local = locals[local].parent;
    return local;
  };
  for (const Tie& tie : ties) {
    // Both are found before either is referred to: find_local can grow the list.
    const std::uint32_t imported = find_local(tie.expected);
    const std::uint32_t exported = find_local(tie.actual);
    if (imported == exported) continue;
    const std::optional<ResourceId>& a = locals[imported].definition;
    const std::optional<ResourceId>& b = locals[exported].definition;
    if (a && b) return SplitPair{*a, *b};
    if (!b) locals[exported].definition = a;
    locals[imported].parent = exported;
  }
  return std::nullopt;
}

std::optional<SplitPair> ResourceClasses::tie(Tie tie, TieCause cause) {
  std::uint32_t small = find_class(tie.expected).index;
  std::uint32_t large = find_class(tie.actual).index;
  if (small == large) return std::nullopt;
  if (classes_[small].definition && classes_[large].definition)
    return SplitPair{*classes_[small].definition, *classes_[large].definition};
  steps_.push_back({tie, cause});

  if (sizes_[small] > sizes_[large]) std::swap(small, large);
  ResourceClass& merged = classes_[small];
  ResourceClass& kept = classes_[large];
  // The union can rule out a candidate in two ways. A class that it watches gains a definition: all
  // watchers of the class without one are notified. Or it watches both classes, which its own ties
  // would unite with others: such a candidate is in both lists, so the shorter one is enough.
  if (merged.definition.has_value() != kept.definition.has_value()) {
    mark_watchers(merged.definition ? kept : merged);
  } else {
    mark_watchers(merged.watchers.size() < kept.watchers.size() ? merged : kept);
  }
  if (merged.definition) kept.definition = merged.definition;
  if (merged.watchers.size() > kept.watchers.size()) std::swap(merged.watchers, kept.watchers);
  kept.watchers.insert(kept.watchers.end(), merged.watchers.begin(), merged.watchers.end());
  merged = {};
  sizes_[large] += sizes_[small];
  parents_[small] = large;
  return std::nullopt;
}

void ResourceClasses::watch(ResourceId id, std::uint32_t candidate) {
  classes_[find_class(id).index].watchers.push_back(candidate);
}

std::vector<std::uint32_t> ResourceClasses::take_dirty() { return std::exchange(dirty_, {}); }

std::vector<TieStep> ResourceClasses::find_path(ResourceId from, ResourceId to,
                                                std::span<const TieStep> extra) const {
  std::vector<TieStep> steps(extra.begin(), extra.end());
  steps.insert(steps.end(), steps_.begin(), steps_.end());
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> steps_at;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    steps_at[steps[i].tie.expected.index].push_back(i);
    steps_at[steps[i].tie.actual.index].push_back(i);
  }
  std::unordered_map<std::uint32_t, std::uint32_t> arrived_by;
  std::deque<std::uint32_t> queue{from.index};
  arrived_by.emplace(from.index, UINT32_MAX);
  while (!queue.empty() && !arrived_by.contains(to.index)) {
    const std::uint32_t here = queue.front();
    queue.pop_front();
    for (const std::uint32_t step : steps_at[here]) {
      const Tie& tie = steps[step].tie;
      const std::uint32_t there =
          tie.expected.index == here ? tie.actual.index : tie.expected.index;
      if (arrived_by.emplace(there, step).second) queue.push_back(there);
    }
  }
  std::vector<TieStep> path;
  if (!arrived_by.contains(to.index)) return path;
  for (std::uint32_t here = to.index; here != from.index;) {
    const TieStep& step = steps[arrived_by.at(here)];
    path.push_back(step);
    here = step.tie.expected.index == here ? step.tie.actual.index : step.tie.expected.index;
  }
  return {path.rbegin(), path.rend()};
}

}  // namespace tenon::resolve
