// What calls with C++ types have in common, whoever is called: values go by arenas, one for each
// call that is under way.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "linker/link.h"
#include "runtime/owner_lock.h"
#include "support/diagnostics.h"
#include "tenon/detail/call_port.h"
#include "tenon/function.h"
#include "value/arena_buffer.h"

namespace tenon::linker {

// Why a function that was found cannot be called any more: run-no-function.
[[nodiscard]] inline Diagnostic gone_problem(const std::string& function) {
  return make_diagnostic(Code::RunNoFunction, "the composition of `{}` is gone", function);
}
[[nodiscard]] inline Diagnostic change_problem(const std::string& function,
                                               const std::string& unit) {
  return make_diagnostic(Code::RunNoFunction,
                         "`{}` was found before `{}` was swapped: find it again", function, unit);
}

class ArenaPort : public detail::CallPort {
 public:
  // Lifetime: refers to `handles`, which is not used before the first call.
  ArenaPort(Function function, const std::shared_ptr<Running>& running,
            value::HandleExchange& handles)
      : function_(std::move(function)),
        running_(running),
        lock_(running->shared.lock),
        handles_(handles) {
    buffers_.emplace_back(handles_);
  }

  [[nodiscard]] const FunctionType& type() const final { return function_.type(); }

  [[nodiscard]] CallResult<void> enter() final {
    CallResult<void> entered = lock_->enter();
    if (!entered) return name_function(std::move(entered).error());
    if (auto refused = refuse()) {
      lock_->leave();
      return *std::move(refused);
    }
    begin_call();
    if (buffers_.size() < ++depth_) buffers_.emplace_back(handles_);
    return {};
  }
  void leave() final {
    end_call();
    --depth_;
    lock_->leave();
  }
  [[nodiscard]] detail::CallBuffer& empty_buffer() final {
    buffer().clear();
    return buffer();
  }

 protected:
  // Why it cannot be called now: its composition is gone, or its unit has other exports.
  // REQUIRES: in the composition
  [[nodiscard]] virtual std::optional<CallFailure> refuse() const = 0;
  virtual void begin_call() {}
  virtual void end_call() {}

  [[nodiscard]] CallFailure name_function(CallFailure failure) const {
    failure.function = name();
    return failure;
  }
  [[nodiscard]] const Function& function() const { return function_; }
  // Its composition does not go while its lock is held.
  [[nodiscard]] std::shared_ptr<Running> running() const { return running_.lock(); }
  [[nodiscard]] bool is_gone() const { return running_.expired(); }
  [[nodiscard]] runtime::OwnerLock& lock() { return *lock_; }
  // Of the innermost call.
  [[nodiscard]] value::ArenaBuffer& buffer() { return buffers_[depth_ == 0 ? 0 : depth_ - 1]; }

 private:
  Function function_;  // keeps what is called
  std::weak_ptr<Running> running_;
  std::shared_ptr<runtime::OwnerLock> lock_;
  value::HandleExchange& handles_;
  std::deque<value::ArenaBuffer> buffers_;  // at least one
  std::size_t depth_ = 0;                   // calls with values in buffers, one in another
};

}  // namespace tenon::linker
