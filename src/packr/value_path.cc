#include "packr/value_path.h"

#include <fmt/core.h>

#include <ranges>
#include <vector>

namespace tenon::packr {

std::string ValuePath::print() const {
  std::vector<const Step*> steps;
  for (const Step* step = innermost_; step != nullptr; step = step->outer_) steps.push_back(step);
  std::string text = "$";
  for (const Step* const step : std::views::reverse(steps)) {
    const Part& part = step->part_;
    if (part.kind == Part::Kind::Position) text += fmt::format(".{}", part.index);
    if (part.kind == Part::Kind::Element) text += fmt::format("[{}]", part.index);
    if (!part.label.empty()) text += fmt::format(".{}", part.label);
  }
  return text;
}

}  // namespace tenon::packr
