#include "http/program_answer.h"

#include <cstdint>
#include <new>
#include <utility>

#include "engine/http_message.h"
#include "http/message.h"
#include "support/try.h"

namespace tenon::http {

namespace {

constexpr std::uint16_t kInternalError = 500;
constexpr std::uint16_t kTimeout = 504;

}  // namespace

std::shared_ptr<ProgramAnswer> ProgramAnswer::begin(const runtime::ProgramHandler& handler,
                                                    engine::HttpRequest request, Pass pass,
                                                    OnEnd on_end) {
  const std::shared_ptr<ProgramAnswer> answer(
      new ProgramAnswer(std::move(request), std::move(on_end)));
  answer->start(handler, std::move(pass));
  return answer;
}

void ProgramAnswer::start(const runtime::ProgramHandler& handler, Pass pass) {
  runtime::HandledRequest handled{.message = engine::take(request_),
                                  .peer = request_.peer(),
                                  .number = request_.number(),
                                  .next = {}};
  // The handler can keep it for longer than its answer takes.
  if (pass != nullptr)
    handled.next = [link = weak_from_this(), pass = std::move(pass)](
                       engine::HttpMessage message) -> CallResult<runtime::ReceiveResponse> {
      const std::shared_ptr<const ProgramAnswer> answer = link.lock();
      if (answer == nullptr || answer->has_ended_)
        return runtime::make_failure(CallFailure::Kind::Ended, "the request was answered before");
      return answer->pass_on(pass, std::move(message));
    };
  task_.emplace(handler(std::move(handled)));
  // Its client has left meanwhile.
  if (has_ended_) return task_.reset();
  if (task_->is_done()) return finish();
  task_->on_done([link = weak_from_this()] {
    if (const std::shared_ptr<ProgramAnswer> answer = link.lock()) answer->finish();
  });
}

CallResult<runtime::ReceiveResponse> ProgramAnswer::pass_on(const Pass& pass,
                                                            engine::HttpMessage message) const {
  Result<engine::HttpPassed> passed = engine::pass_on(std::move(message), request_);
  if (!passed) return refuse_call(std::move(passed).error());
  return pass(*std::move(passed));
}

CallResult<void> ProgramAnswer::give() {
  try {
    TENON_TRY(engine::HttpMessage response, runtime::take_answer(*task_));
    const Result<void> sent = engine::answer(request_, std::move(response));
    if (!sent) return refuse_call(sent.error());
    return {};
  } catch (const std::bad_alloc&) {
    return runtime::no_memory();
  }
}

void ProgramAnswer::finish() {
  const CallResult<void> given = give();
  if (given) return end(runtime::HttpEnd::Answered, nullptr);
  const CallFailure& failure = given.error();
  request_.refuse(failure.kind == CallFailure::Kind::Deadline ? kTimeout : kInternalError);
  end(runtime::HttpEnd::Failed, &failure);
}

void ProgramAnswer::leave() { end(runtime::HttpEnd::Left, nullptr); }

void ProgramAnswer::end_with_client(const std::shared_ptr<runtime::Inbox>& inbox) {
  const engine::Wake wake = runtime::make_wake(inbox, [link = std::weak_ptr(link_)] {
    if (const auto held = link.lock()) (*held)->leave();
  });
  if (engine::is_over(request_, wake)) leave();
}

void ProgramAnswer::end(runtime::HttpEnd end, const CallFailure* failure) {
  if (std::exchange(has_ended_, true)) return;
  const std::shared_ptr<ProgramAnswer> self = shared_from_this();
  task_.reset();
  on_end_(end, failure);
}

ProgramAnswers::~ProgramAnswers() {
  for (const auto& [number, answer] : std::exchange(*answers_, {})) answer->leave();
}

void ProgramAnswers::begin(const runtime::ProgramHandler& handler, engine::HttpRequest request,
                           ProgramAnswer::Pass pass) {
  const std::uint64_t number = ++last_;
  auto on_end = [answers = std::weak_ptr(answers_), report = report_, number](
                    runtime::HttpEnd end, const CallFailure* failure) {
    if (const auto held = answers.lock()) held->erase(number);
    if (end == runtime::HttpEnd::Failed) report(*failure);
  };
  const std::shared_ptr<ProgramAnswer> answer =
      ProgramAnswer::begin(handler, std::move(request), std::move(pass), std::move(on_end));
  if (answer->has_ended()) return;
  answers_->emplace(number, answer);
  try {
    answer->end_with_client(inbox_);
  } catch (const std::bad_alloc&) {
    answer->leave();
    throw;
  }
}

}  // namespace tenon::http
