// Runs the steps of an object that does not like to be entered twice: items of a stream can run a guest on
// the stack, which waits, and so lets everything go on that is ready.
#pragma once

#include <utility>

namespace tenon::remote {

class Steps final {
 public:
  // Calls `step`, or lets the call in progress do it once more.
  template <class Step>
  void run(Step&& step) {
    is_wanted_ = true;
    if (is_running_) return;
    is_running_ = true;
    while (std::exchange(is_wanted_, false)) step();
    is_running_ = false;
  }

 private:
  bool is_running_ = false;
  bool is_wanted_ = false;
};

}  // namespace tenon::remote
