// Ctrl-C in the shell, while no line is edited.
#pragma once

#include <signal.h>

#include "tenon/composition.h"

namespace tenon::cli {

// While one lives, Ctrl-C does not end the process at once: it interrupts the call that is in
// progress, and a second one ends the process. Without a call it does nothing. One at a time.
class CallInterrupter final {
 public:
  CallInterrupter();
  CallInterrupter(const CallInterrupter&) = delete;
  CallInterrupter& operator=(const CallInterrupter&) = delete;
  ~CallInterrupter();

  // While one lives, calls into a composition are in progress. It is not moved meanwhile.
  class Call final {
   public:
    explicit Call(Composition& composition);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();
  };

 private:
  struct sigaction before_{};
};

}  // namespace tenon::cli
