#include "runtime/program_http.h"

#include <exception>
#include <new>
#include <utility>

#include "runtime/domain.h"

namespace tenon::runtime {

namespace {

// A call that a handler answers, as long as somebody waits for its response.
class AwaitedCall final {
 public:
  AwaitedCall(std::shared_ptr<Inbox> inbox, std::weak_ptr<HttpCallInProgress*> call)
      : inbox_(std::move(inbox)), leave_([call = std::move(call)] {
          if (const auto held = call.lock()) (*held)->leave();
        }) {}
  AwaitedCall(const AwaitedCall&) = delete;
  AwaitedCall& operator=(const AwaitedCall&) = delete;
  // The guest of the call can be on the stack.
  ~AwaitedCall() {
    if (!has_response_) inbox_->post(std::move(leave_));
  }

  void note_response() { has_response_ = true; }

 private:
  std::shared_ptr<Inbox> inbox_;
  Scheduler::Posting leave_;
  bool has_response_ = false;
};

CallFailure threw(const std::string& what) {
  return make_failure(CallFailure::Kind::Trap, "the handler of the program threw " + what);
}

}  // namespace

ReceiveResponse receive_response(engine::HttpSent sent, HttpFatePtr fate) {
  struct Awaited {
    engine::HttpSent sent;
    std::optional<CallResult<engine::HttpMessage>> response = {};
  };
  auto awaited = std::make_shared<Awaited>(std::move(sent));
  return [awaited, fate = std::move(fate)](
             const engine::Wake& wake) -> std::optional<CallResult<HttpReceived>> {
    auto& response = awaited->response;
    if (!response) response = awaited->sent.poll(wake);
    if (!response) return std::nullopt;
    const bool is_refusal = *response && (*response)->is_refusal;
    // A guest that computes on a thread of its own is refused before its failure is known.
    if (is_refusal && fate->is_in_progress()) {
      fate->wait(wake);
      return std::nullopt;
    }
    if (!*response) return std::move(*response).error();
    if (is_refusal && fate->failure()) return *fate->failure();
    return HttpReceived{**std::move(response), fate};
  };
}

ReceiveResponse pass_to_handler(const std::shared_ptr<const HttpHandler>& handler,
                                engine::HttpPassed passed) {
  // A call that is destroyed without an end had no memory.
  struct Ending {
    ~Ending() {
      const CallFailure failure = no_memory();
      if (fate->is_in_progress()) fate->end(&failure);
    }
    HttpFatePtr fate = std::make_shared<HttpFate>();
  };
  auto ending = std::make_shared<Ending>();
  HttpFatePtr fate = ending->fate;
  fate->begin();
  auto call =
      answer_http(*handler, std::move(passed.request),
                  [ending = std::move(ending), handler](HttpEnd end, const CallFailure* why) {
                    ending->fate->end(end == HttpEnd::Failed ? why : nullptr);
                  });
  auto awaited = std::make_shared<AwaitedCall>(handler->domain.shared().inbox, std::move(call));
  return [awaited, receive = receive_response(std::move(passed.sent), std::move(fate))](
             const engine::Wake& wake) {
    std::optional<CallResult<HttpReceived>> response = receive(wake);
    if (response) awaited->note_response();
    return response;
  };
}

CallResult<engine::HttpMessage> take_answer(Task<CallResult<engine::HttpMessage>>& task) {
  try {
    return task.take();
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::exception& thrown) {
    return threw(thrown.what());
  } catch (...) {
    return threw("something that is not a std::exception");
  }
}

}  // namespace tenon::runtime
