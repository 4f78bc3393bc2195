#include "support/stays_inside.h"

#include <cstddef>

namespace tenon {

bool stays_inside(std::string_view path) {
  if (path.empty() || path[0] == '/') return false;
  int depth = 0;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    if (part == "..") --depth;
    if (part != ".." && part != "." && !part.empty()) ++depth;
    if (depth < 0) return false;
  }
  return true;
}

}  // namespace tenon
