// Requests that a handler of the program answers. Thread: that of the composition.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "runtime/http_call.h"
#include "runtime/program_http.h"

namespace tenon::http {

class ProgramAnswer final : public runtime::HttpCallInProgress,
                            public std::enable_shared_from_this<ProgramAnswer> {
 public:
  // Passes a request on: to a unit, or a folder.
  using Pass = std::function<runtime::ReceiveResponse(engine::HttpPassed passed)>;
  // As of `runtime::answer_http`.
  using OnEnd = std::function<void(runtime::HttpEnd end, const CallFailure* failure)>;

  // pass: null: there is nothing behind the handler. on_end: after that, this object is not needed.
  [[nodiscard]] static std::shared_ptr<ProgramAnswer> begin(const runtime::ProgramHandler& handler,
                                                            engine::HttpRequest request, Pass pass,
                                                            OnEnd on_end);
  [[nodiscard]] std::weak_ptr<runtime::HttpCallInProgress*> link() const { return link_; }
  [[nodiscard]] bool has_ended() const { return has_ended_; }

  void leave() override;

 private:
  using AnswerTask = Task<CallResult<engine::HttpMessage>>;

  ProgramAnswer(engine::HttpRequest request, OnEnd on_end)
      : request_(std::move(request)), on_end_(std::move(on_end)) {}

  void start(const runtime::ProgramHandler& handler, Pass pass);
  [[nodiscard]] CallResult<runtime::ReceiveResponse> pass_on(const Pass& pass,
                                                             engine::HttpMessage message) const;
  void finish();
  void end(runtime::HttpEnd end, const CallFailure* failure);

  const engine::HttpRequest request_;
  OnEnd on_end_;
  std::optional<AnswerTask> task_;
  bool has_ended_ = false;
  std::shared_ptr<runtime::HttpCallInProgress*> link_ =
      std::make_shared<runtime::HttpCallInProgress*>(this);
};

}  // namespace tenon::http
