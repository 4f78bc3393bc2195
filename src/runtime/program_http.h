// Requests of the program, and its handlers (engine/http_message.h). Thread: that of the composition.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "engine/http_message.h"
#include "runtime/http_call.h"
#include "runtime/shared.h"
#include "tenon/result.h"
#include "tenon/task.h"

namespace tenon::runtime {

// What becomes of the call of a handler, which can fail after it has returned its response.
class HttpFate final {
 public:
  // A call has begun. It can end within that.
  void begin() { is_in_progress_ = true; }
  // failure: null: it succeeded
  void end(const CallFailure* failure) {
    is_in_progress_ = false;
    if (failure != nullptr) keep(*failure);
    if (engine::Wake wake = std::exchange(on_end_, nullptr)) wake();
  }
  [[nodiscard]] bool is_in_progress() const { return is_in_progress_; }
  // Nothing: it has not failed, so far.
  [[nodiscard]] const std::optional<CallFailure>& failure() const { return failure_; }
  void wait(engine::Wake on_end) { on_end_ = std::move(on_end); }

 private:
  void keep(const CallFailure& failure) {
    try {
      failure_ = failure;
    } catch (const std::bad_alloc&) {
      failure_ = no_memory();
    }
  }

  bool is_in_progress_ = false;
  std::optional<CallFailure> failure_;
  engine::Wake on_end_;
};
using HttpFatePtr = std::shared_ptr<HttpFate>;

struct HttpReceived {
  engine::HttpMessage message;
  HttpFatePtr fate;  // why its body breaks off
};
// Gives the response, once. Nothing: it has to wait, and `wake` is called.
using ReceiveResponse =
    std::function<std::optional<CallResult<HttpReceived>>(const engine::Wake& wake)>;

// The response to a request that was sent.
// fate: of its handler, whose failure takes the place of the response with which it is refused.
// Failures: those of the handler; Ended, if nobody is left to answer.
[[nodiscard]] ReceiveResponse receive_response(engine::HttpSent sent, HttpFatePtr fate);

// Lets a handler answer a request of the program. If the result is destroyed before it gave the response, the client
// has left.
[[nodiscard]] ReceiveResponse pass_to_handler(const std::shared_ptr<const HttpHandler>& handler,
                                              engine::HttpPassed passed);

// A request for a handler of the program, and where it can pass it on; that can be null.
// Failures of the call: BadCall with http-message; Ended.
using PassOn = std::function<CallResult<ReceiveResponse>(engine::HttpMessage)>;
struct HandledRequest {
  engine::HttpMessage message;
  std::string peer;
  std::uint64_t number = 0;
  PassOn next;
};
// The task can throw.
using ProgramHandler = std::function<Task<CallResult<engine::HttpMessage>>(HandledRequest)>;

// The outcome of such a task; what it threw becomes a failure. REQUIRES: it is done
[[nodiscard]] CallResult<engine::HttpMessage> take_answer(
    Task<CallResult<engine::HttpMessage>>& task);

}  // namespace tenon::runtime
