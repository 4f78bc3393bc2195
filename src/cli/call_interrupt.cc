#include "cli/call_interrupt.h"

#include <atomic>

namespace tenon::cli {

namespace {

// A signal handler can reach nothing else.
std::atomic<Composition*> in_call = nullptr;  // null: none
std::atomic<bool> was_interrupted = false;    // the call that is in progress

void interrupt_call(int signal) {
  Composition* const composition = in_call;
  if (composition == nullptr) return;
  if (!was_interrupted.exchange(true)) {
    composition->interrupt();
    return;
  }
  // It is delivered when this handler returns.
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

CallInterrupter::CallInterrupter() {
  struct sigaction action{};
  action.sa_handler = interrupt_call;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &before_);
}

CallInterrupter::~CallInterrupter() { ::sigaction(SIGINT, &before_, nullptr); }

CallInterrupter::Call::Call(Composition& composition) {
  was_interrupted = false;
  in_call = &composition;
}

CallInterrupter::Call::~Call() { in_call = nullptr; }

}  // namespace tenon::cli
