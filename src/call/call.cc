#include "call/call.h"

namespace tenon::call {

void Call::finish_with_hooks(CallResult<void> outcome) {
  for (CallHook* hook = hooks_; hook != nullptr; hook = hook->next_)
    hook->change_outcome(*this, outcome);
  end(std::move(outcome));
  for (CallHook* hook = hooks_; hook != nullptr;) {
    CallHook* const next = hook->next_;
    hook->see_end(*this);
    hook = next;
  }
}

}  // namespace tenon::call
