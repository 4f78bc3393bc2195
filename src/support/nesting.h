// Counts the calls of an object that are in progress, one inside of the other.
#pragma once

#include <cstddef>

namespace tenon {

// One of them. Not copyable or movable.
class Nesting final {
 public:
  explicit Nesting(std::size_t& depth) : depth_(depth) { ++depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting() { --depth_; }

 private:
  std::size_t& depth_;
};

}  // namespace tenon
