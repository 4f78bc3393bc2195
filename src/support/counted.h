// Counts something for the time of a scope, such as the calls in progress of an object.
#pragma once

namespace tenon {

// One of them. Not copyable or movable.
template <class Count>
class Counted final {
 public:
  explicit Counted(Count& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  Count& count_;
};

}  // namespace tenon
