#include "runtime/http_call.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "engine/event_loop.h"
#include "runtime/calls.h"
#include "runtime/domain.h"
#include "runtime/instance_pool.h"
#include "runtime/scheduler.h"
#include "support/diagnostics.h"

namespace tenon::runtime {

namespace {

constexpr std::uint16_t kInternalError = 500;
constexpr std::uint16_t kTimeout = 504;

// Waits in the queue of its domain until that is free, and then on its loop until the guest is done.
class HttpCall final : public engine::LoopCall, public QueuedCall {
 public:
  HttpCall(const HttpHandler& handler, Domain& domain, engine::HttpRequest request,
           std::function<void(const CallFailure*)> on_end)
      : handler_(handler),
        domain_(domain),
        request_(std::move(request)),
        on_end_(std::move(on_end)),
        bounds_(domain.bounds_of_call(nullptr)) {}

  static void begin(std::unique_ptr<HttpCall> owned) {
    Calls& calls = owned->domain_.calls();
    calls.end_if_over();
    if (calls.are_held()) return calls.queue(std::move(owned));
    enter(std::move(owned));
  }

  void run(std::unique_ptr<QueuedCall> self) override {
    if (has_ended_) return;
    (void)self.release();
    enter(std::unique_ptr<HttpCall>(this));
  }

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ && !is_late_ ? &*bounds_ : nullptr;
  }
  [[nodiscard]] bool is_awaited() const override { return !is_late_; }
  void end_wait() override {
    is_late_ = true;
    const CallFailure late = late_failure(*bounds_);
    if (!in_life_) return end(late);
    // The end of its life ends it.
    request_.refuse(kTimeout);
    domain_.calls().note_late(late);
  }
  void explain(CallFailure& failure) const override {
    if (failure.function.empty()) failure.function = handler_.interface + "#handle";
  }
  void end(const CallFailure& failure) override {
    CallFailure explained = failure;
    explain(explained);
    request_.refuse(failure.kind == CallFailure::Kind::Deadline ? kTimeout : kInternalError);
    end_with(&explained);
  }

  Result<void, engine::CallError> lower(engine::GuestSide& /*callee*/,
                                        std::span<engine::FlatValue> /*params*/) override {
    return {};
  }
  void finish(std::unique_ptr<engine::LoopResult> /*result*/) override {
    const CallPtr self = domain_.calls().remove(*this);
    end_with(nullptr);
  }
  // The guest has ended without a response, or with an error in place of one.
  void fail(engine::Failure failure) override {
    const CallPtr self = domain_.calls().remove(*this);
    CallFailure described = domain_.describe(failure);
    described.problems = {make_diagnostic(Code::HttpResponse,
                                          "the handler of `{}` gave no response: {}",
                                          domain_.name(), described.message)};
    end(described);
  }
  void end_cancelled() override {}  // it is not cancelled
  void drop() override {}           // followed by `end`

 private:
  static void enter(std::unique_ptr<HttpCall> owned) {
    HttpCall& call = *owned;
    Domain& domain = call.domain_;
    if (const auto failure = domain.make_ready()) return call.end(*failure);
    call.in_life_.emplace(domain.instance(), call.handler_.track);
    domain.calls().add(std::move(owned));
    domain.calls().loop().handle(*call.in_life_, call.request_, call);
    if (!domain.place().computes()) domain.calls().take_turn();
  }

  void end_with(const CallFailure* failure) {
    if (std::exchange(has_ended_, true)) return;
    on_end_(failure);
  }

  const HttpHandler& handler_;
  Domain& domain_;
  const engine::HttpRequest request_;
  const std::function<void(const CallFailure*)> on_end_;
  const std::optional<call::Bounds> bounds_;
  std::optional<engine::HttpHandler> in_life_;  // absent while it waits in the queue
  bool is_late_ = false;
  bool has_ended_ = false;
};

Domain& pick_domain(Domain& first) {
  InstancePool* const pool = first.pool();
  return pool == nullptr ? first : pool->at(pool->pick());
}

}  // namespace

void answer_http(const HttpHandler& handler, engine::HttpRequest request,
                 std::function<void(const CallFailure* failure)> on_end) {
  HttpCall::begin(std::make_unique<HttpCall>(handler, pick_domain(handler.domain),
                                             std::move(request), std::move(on_end)));
}

}  // namespace tenon::runtime
