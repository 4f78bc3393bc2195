// Calls that the program has started, and who lets their composition run meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "call/arena_buffer.h"
#include "call/call.h"
#include "link/link.h"
#include "program/handle_exchange.h"
#include "runtime/program_call.h"
#include "tenon/result.h"
#include "tenon/task.h"

namespace tenon::api {

struct FoundFunction;

// A task that is done.
template <class T>
[[nodiscard]] Task<T> make_done_task(T value) {
  class Done final : public detail::TaskState<T> {
   public:
    void release() override { delete this; }
    [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return nullptr; }
  };
  auto* const state = new Done;
  state->set_value(std::move(value));
  return Task<T>(state);
}

// Runs what is due in a composition whenever there is something, on the executor.
[[nodiscard]] Result<void> run_on(Executor& executor,
                                  const std::shared_ptr<link::Running>& running);

// A call with its arguments and its result. Destroying it abandons the call.
// Thread: that of the composition.
class PendingCall final {
 public:
  // Lifetime: `shape` must outlive it.
  PendingCall(const std::weak_ptr<link::Running>& running, const call::FunctionShape& shape,
              program::HandlesAre handles);
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;
  ~PendingCall();

  // For the parameters, and then for the result.
  [[nodiscard]] call::ArenaBuffer& buffer() { return buffer_; }
  [[nodiscard]] program::ProgramExchange& exchange() { return exchange_; }
  [[nodiscard]] const std::shared_ptr<detail::Driver>& driver() const { return driver_; }

  // Begins the call. on_end: called once, outside of all guests: before this returns, if the call
  // ends at once. REQUIRES: the thread is in the composition
  void start(call::Callee& callee, runtime::Shared& shared, const abi::From& params,
             std::function<void()> on_end);
  // Gives back the handles among the parameters, for a call that is not started. The program can keep the call longer.
  void give_up();
  // Ends the call now, with a failure of kind Interrupted, if it has begun and not ended.
  void cancel();
  // The address or the flat value of the result; nothing if the function has none.
  // function: that was called, for failures. REQUIRES: `on_end` was called
  [[nodiscard]] CallResult<std::optional<std::uint32_t>> take_result(const FoundFunction& function);

 private:
  void note_end();
  void end_passes();

  std::weak_ptr<link::Running> running_;
  const call::FunctionShape& shape_;
  std::shared_ptr<detail::Driver> driver_;
  program::ProgramExchange exchange_;
  call::ArenaBuffer buffer_;
  std::optional<runtime::StartedCall> call_;
  std::function<void()> on_end_;
  runtime::Scheduler::Posting end_;  // calls it
  bool is_starting_ = false;
  bool is_passing_ = true;
  // This object, as long as it exists.
  std::shared_ptr<PendingCall*> link_ = std::make_shared<PendingCall*>(this);
};

}  // namespace tenon::api
