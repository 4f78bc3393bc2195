// Requests that a handler of the program answers. Thread: that of the composition.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

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
  // From now on, it ends when nobody wants the response any more.
  void end_with_client(const std::shared_ptr<runtime::Inbox>& inbox);

  void leave() override;

 private:
  using AnswerTask = Task<CallResult<engine::HttpMessage>>;

  ProgramAnswer(engine::HttpRequest request, OnEnd on_end)
      : request_(std::move(request)), on_end_(std::move(on_end)) {}

  void start(const runtime::ProgramHandler& handler, Pass pass);
  [[nodiscard]] CallResult<runtime::ReceiveResponse> pass_on(const Pass& pass,
                                                             engine::HttpMessage message) const;
  // Gives the answer of the task.
  [[nodiscard]] CallResult<void> give();
  void finish();
  void end(runtime::HttpEnd end, const CallFailure* failure);

  const engine::HttpRequest request_;
  OnEnd on_end_;
  std::optional<AnswerTask> task_;
  bool has_ended_ = false;
  std::shared_ptr<runtime::HttpCallInProgress*> link_ =
      std::make_shared<runtime::HttpCallInProgress*>(this);
};

// The answers in progress to requests that guests send. They end with it.
class ProgramAnswers final {
 public:
  using Report = std::function<void(CallFailure)>;

  // report: gets the failures of handlers, because the guests do not.
  ProgramAnswers(std::shared_ptr<runtime::Inbox> inbox, Report report)
      : inbox_(std::move(inbox)), report_(std::move(report)) {}
  ProgramAnswers(const ProgramAnswers&) = delete;
  ProgramAnswers& operator=(const ProgramAnswers&) = delete;
  ~ProgramAnswers();

  // pass: as of `ProgramAnswer::begin`.
  void begin(const runtime::ProgramHandler& handler, engine::HttpRequest request,
             ProgramAnswer::Pass pass);

 private:
  using Answers = std::unordered_map<std::uint64_t, std::shared_ptr<ProgramAnswer>>;

  std::shared_ptr<runtime::Inbox> inbox_;
  const Report report_;
  std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
  std::uint64_t last_ = 0;
};

}  // namespace tenon::http
