#include "runtime/http_call.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "engine/event_loop.h"
#include "runtime/calls.h"
#include "runtime/domain.h"
#include "runtime/instance_pool.h"
#include "runtime/scheduler.h"
#include "runtime/trace.h"
#include "support/diagnostics.h"

namespace tenon::runtime {

namespace {

constexpr std::uint16_t kInternalError = 500;
constexpr std::uint16_t kTimeout = 504;

// The trace of a request; null if calls are not traced.
std::unique_ptr<TracedRequest> trace_request(const HttpHandler& handler, Domain& domain,
                                             const engine::HttpRequest& request,
                                             const TraceContext& cause) {
  Trace* const trace = domain.shared().trace;
  if (trace == nullptr || !trace->has_calls()) return nullptr;
  return std::make_unique<TracedRequest>(*trace, cause,
                                         TracedEdge{.side = TraceCall::Side::Server,
                                                    .consumer = request.peer(),
                                                    .provider = handler.unit,
                                                    .function = handler.interface + ".handle"},
                                         fmt::format("{} {}", request.method(), request.target()));
}

// The context of the client, if its request has one.
TraceContext find_cause(const engine::HttpRequest& request) {
  const std::optional<std::string> parent = request.field("traceparent");
  return parent ? parse_traceparent(*parent).value_or(TraceContext()) : TraceContext();
}

using OnEnd = std::function<void(HttpEnd, const CallFailure*)>;

// Waits in the queue of its domain until that takes it, and then on its loop until the guest is done.
class HttpCall final : public engine::LoopCall, public QueuedCall, public HttpCallInProgress {
 public:
  // cause: of the request. trace: can be null.
  HttpCall(const HttpHandler& handler, Domain& domain, engine::HttpRequest request,
           const TraceContext& cause, std::unique_ptr<TracedRequest> trace, OnEnd on_end)
      : engine::LoopCall(
            std::bit_cast<engine::CallTag>(trace == nullptr ? cause : trace->context())),
        handler_(handler),
        domain_(domain),
        trace_(std::move(trace)),
        request_(std::move(request)),
        on_end_(std::move(on_end)),
        bounds_(domain.bounds_of_call(nullptr)) {}

  static std::weak_ptr<HttpCallInProgress*> begin(std::unique_ptr<HttpCall> owned) {
    std::weak_ptr<HttpCallInProgress*> link = owned->link_;
    Calls& calls = owned->domain_.calls();
    calls.end_if_over();
    if (calls.are_held())
      calls.queue(std::move(owned));
    else
      enter(std::move(owned));
    return link;
  }

  void run(std::unique_ptr<QueuedCall> self) override {
    if (has_ended_) return;
    (void)self.release();
    Domain& domain = domain_;
    try {
      enter(std::unique_ptr<HttpCall>(this));
    } catch (const std::bad_alloc&) {
      // The call is gone, and its request was answered with that.
      domain.put_back();
    }
  }

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ && is_awaited() ? &*bounds_ : nullptr;
  }
  [[nodiscard]] bool is_awaited() const override { return !is_late_ && !has_left_; }
  void end_wait() override {
    is_late_ = true;
    const CallFailure late = late_failure(*bounds_);
    if (!is_in_life_) return end(late);
    // The end of its life ends it.
    request_.refuse(kTimeout);
    domain_.calls().note_late(late);
  }
  void leave() override {
    if (has_ended_ || !is_awaited()) return;
    has_left_ = true;
    // Otherwise it ends when it would begin.
    if (!is_in_life_) return;
    // Without a loop, the life is ending.
    if (is_shared() && domain_.calls().has_loop()) domain_.calls().loop().cancel(*this);
    domain_.calls().note_left(make_failure(CallFailure::Kind::Ended, "its client has left"));
  }
  void explain(CallFailure& failure) const override {
    if (failure.function.empty()) failure.function = handler_.interface + "#handle";
  }
  void end(const CallFailure& failure) override {
    if (has_left_) return end_with(HttpEnd::Left, nullptr);
    const CallFailure passed = explained(failure);
    // Of a life that several calls share, one can have ended it at its deadline.
    const bool is_late = failure.kind == CallFailure::Kind::Deadline &&
                         (!bounds_ || is_late_ || bounds_->are_reached());
    request_.refuse(is_late ? kTimeout : kInternalError);
    end_with(HttpEnd::Failed, &passed);
  }

  Result<void, engine::CallError> lower(engine::GuestSide& /*callee*/,
                                        std::span<engine::FlatValue> /*params*/) override {
    return {};
  }
  void finish(std::unique_ptr<engine::LoopResult> /*result*/) override {
    const CallPtr self = domain_.calls().remove(*this);
    end_with(has_left_ ? HttpEnd::Left : HttpEnd::Answered, nullptr);
  }
  // The guest has ended without a response, or with an error in place of one.
  void fail(engine::Failure failure) override {
    const CallPtr self = domain_.calls().remove(*this);
    end(describe(failure));
  }
  void end_cancelled() override {}  // followed by `finish`
  void drop() override {}           // followed by `end`

 private:
  // The engine ends calls, through which no exception can pass.
  [[nodiscard]] CallFailure describe(const engine::Failure& failure) const {
    try {
      CallFailure described = domain_.describe(failure);
      described.problems = {make_diagnostic(Code::HttpResponse,
                                            "the handler of `{}` gave no response: {}",
                                            domain_.name(), described.message)};
      return described;
    } catch (const std::bad_alloc&) {
      return no_memory();
    }
  }

  [[nodiscard]] bool is_shared() const { return domain_.calls_of_life().at_once > 1; }

  static void enter(std::unique_ptr<HttpCall> owned) {
    HttpCall& call = *owned;
    Domain& domain = call.domain_;
    if (call.has_left_) return call.end_with(HttpEnd::Left, nullptr);
    // A guest that is on a stack finds the call in its next turn.
    if (!domain.calls().has_loop())
      if (const auto failure = domain.make_ready()) return call.end(*failure);
    call.label_output();
    Calls& calls = domain.calls();
    const engine::HttpHandler& handler = calls.http_handler(call.handler_.track);
    calls.add(std::move(owned));
    call.is_in_life_ = true;
    // The last one waits for whatever its life has left to do.
    using Sharing = engine::EventLoop::Sharing;
    const Sharing sharing = call.is_shared() && !calls.is_last() ? Sharing::Shared : Sharing::Alone;
    calls.loop().handle(handler, call.request_, sharing, call);
    if (!domain.place().computes()) calls.take_turn();
  }

  // What the guest writes could belong to any of the requests that share its life. Requests that did not come from a
  // client of the server have no number.
  void label_output() {
    if (is_shared() || request_.number() == 0) return;
    label_ = domain_.output_label();
    if (label_ != nullptr) label_->set(fmt::format("request {}: ", request_.number()));
  }

  void end_with(HttpEnd end, const CallFailure* failure) {
    if (std::exchange(has_ended_, true)) return;
    if (label_ != nullptr) label_->set({});
    note_trace(failure);
    on_end_(end, failure);
  }

  void note_trace(const CallFailure* failure) {
    try {
      if (trace_ != nullptr) trace_->end(failure);
    } catch (const std::bad_alloc&) {
      // The trace lacks the end.
    }
  }

  const HttpHandler& handler_;
  Domain& domain_;
  const std::unique_ptr<TracedRequest> trace_;
  std::shared_ptr<const engine::OutputLabel> label_;  // null: its output has none, or it waits
  const engine::HttpRequest request_;
  const OnEnd on_end_;
  const std::optional<call::Bounds> bounds_;
  const std::shared_ptr<HttpCallInProgress*> link_ = std::make_shared<HttpCallInProgress*>(this);
  bool is_in_life_ = false;  // otherwise it waits in the queue
  bool is_late_ = false;
  bool has_left_ = false;
  bool has_ended_ = false;
};

Domain& pick_domain(Domain& first) {
  InstancePool* const pool = first.pool();
  return pool == nullptr ? first : pool->at(pool->pick());
}

}  // namespace

std::weak_ptr<HttpCallInProgress*> answer_http(const HttpHandler& handler,
                                               engine::HttpRequest request, OnEnd on_end) {
  Domain& domain = pick_domain(handler.domain);
  try {
    const TraceContext cause = find_cause(request);
    std::unique_ptr<TracedRequest> trace = trace_request(handler, domain, request, cause);
    return HttpCall::begin(std::make_unique<HttpCall>(handler, domain, std::move(request), cause,
                                                      std::move(trace), std::move(on_end)));
  } catch (const std::bad_alloc&) {
    domain.put_back();
    throw;
  }
}

}  // namespace tenon::runtime
