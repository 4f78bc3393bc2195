// The answer of native code to a call that can end after native code has returned: a task of the
// program, or a deferred call of a host bundle.
//
// Thread: that of the composition, unless a function says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "call/call.h"
#include "runtime/domain.h"

namespace tenon::runtime {

// Owns itself until the call has ended, or its caller abandons it.
class LateAnswer : public call::PendingCall {
 public:
  LateAnswer(const LateAnswer&) = delete;
  LateAnswer& operator=(const LateAnswer&) = delete;

  void abandon() override { delete this; }

  // Lets an answer begin, which `run` does.
  // Throws: std::bad_alloc; then there is no answer, and the call has not ended.
  template <class Answer, class... Arguments>
  static void begin(Answer* answer, const Arguments&... arguments) {
    try {
      answer->run(arguments...);
    } catch (...) {
      delete static_cast<LateAnswer*>(answer);
      throw;
    }
  }

 protected:
  LateAnswer(call::Call& call, Shared& shared) : call_(call), shared_(shared) {}
  ~LateAnswer() override = default;

  [[nodiscard]] call::Call& call() { return call_; }

  // The function that reports the answer, or a part of it. It can be called within anything, and on
  // any thread while the call has not ended.
  [[nodiscard]] std::function<void()> reporter();
  // Lets the caller wait until the answer was reported and is complete; then calls `give`, outside of
  // all guests. May destroy this object.
  void wait();
  // Called after each report: whether `give` can be called. If not, another report follows.
  [[nodiscard]] virtual bool is_complete() { return true; }
  // Gives the answer, and ends the call by `end`.
  virtual void give() = 0;

  // Ends the call, and destroys this object.
  void end() {
    call_.finish();
    delete this;
  }
  void end(CallFailure failure) {
    call_.finish(std::move(failure));
    delete this;
  }

 private:
  call::Call& call_;
  Shared& shared_;
  bool is_reported_ = false;
  std::optional<Scheduler::OutsideWork> work_;  // while the caller waits
  // This object, as long as it exists.
  std::shared_ptr<LateAnswer*> link_ = std::make_shared<LateAnswer*>(this);
};

}  // namespace tenon::runtime
