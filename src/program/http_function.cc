#include "program/http_function.h"

#include <fmt/core.h>

#include <optional>
#include <utility>
#include <vector>

#include "call/arena_buffer.h"
#include "engine/http_message.h"
#include "program/handle_exchange.h"
#include "program/program_function.h"
#include "runtime/late_answer.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::program {

// A call of a guest, until the handler has answered.
class HttpFunction::Answer final : public runtime::LateAnswer {
 public:
  Answer(HttpFunction& function, call::Call& call)
      : LateAnswer(call, function.shared_),
        function_(function),
        transit_(function.shared_.resources),
        exchange_(function.parts_.owner, *function.parts_.shape, HandlesAre::Numbers),
        in_call_(exchange_, function.shared_, transit_),
        buffer_(exchange_) {}

  void run() {
    const abi::From* const params = call().params();
    if (params == nullptr) return end();
    const Parts& parts = function_.parts_;
    const Result<std::uint32_t, abi::AbiError> lifted =
        parts.shape->program.lift_params(*params, buffer_.arena());
    if (!lifted) {
      call().break_off(lifted.error());
      return end();
    }
    Result<engine::HttpMessage> request = take_request(*lifted);
    if (!request) return fail(request.error());
    if (parts.send) return send(*std::move(request));
    task_.emplace(parts.handler({.message = *std::move(request),
                                 .peer = parts.caller.domain,
                                 .number = 0,
                                 .next = parts.next}));
    if (task_->is_done()) return give();
    task_->on_done(reporter());
    wait();
  }

 private:
  ~Answer() override { task_.reset(); }

  Result<engine::HttpMessage> take_request(std::uint32_t address) {
    TENON_TRY(const std::vector<Value> params,
              function_.parts_.values->read_params(address, buffer_.arena(), exchange_));
    std::vector<engine::WasiResource> resources;
    for (const Value& param : params) {
      const auto* const option = param.get_if<ValueOption>();
      const Value* const value = option == nullptr ? &param : option->payload.get();
      if (value == nullptr) continue;
      TENON_TRY(engine::WasiResource resource,
                take_wasi_resource(function_.shared_, *value->get_if<ValueHandle>()));
      resources.push_back(std::move(resource));
    }
    // The other parameter of a client is for timeouts of the network.
    if (resources.size() > 1 && !is_client()) out_ = std::move(resources[1]);
    return engine::read_request(std::move(resources.front()));
  }

  void send(engine::HttpMessage message) {
    const Parts& parts = function_.parts_;
    Result<engine::HttpPassed> passed = engine::pass_on(std::move(message), parts.caller.domain);
    if (!passed) return fail(passed.error());
    const Result<void> given = give_resource(engine::make_future_response(std::move(passed->sent)));
    if (!given) return fail(given.error());
    parts.send(std::move(passed->request));
    end();
  }

  void give() override {
    CallResult<engine::HttpMessage> response = runtime::take_answer(*task_);
    if (!response) return fail(std::move(response).error());
    const Result<void> given =
        out_ ? engine::set_response(*std::exchange(out_, {}), *std::move(response))
             : give_resource(engine::make_response(*std::move(response)));
    if (!given) return fail(given.error());
    end();
  }

  Result<void> give_resource(Result<engine::WasiResource> resource) {
    if (!resource) return std::move(resource).error();
    const Parts& parts = function_.parts_;
    return give_result(Value::ok(
        Value::handle(make_wasi_handle(parts.owner, function_.shared_,
                                       *parts.shape->result_kinds.front(), *std::move(resource)))));
  }

  // Units send requests by it.
  [[nodiscard]] bool is_client() const { return function_.parts_.report != nullptr; }

  // Gives the guest an `error-code` in place of the response. It is not told why: that is the program's business.
  bool give_error(CallFailure::Kind why) {
    return give_result(
               Value::err(why == CallFailure::Kind::Deadline
                              ? Value::variant("HTTP-response-timeout")
                              : Value::variant("internal-error",
                                               Value::some(Value::string("the handler failed")))))
        .has_value();
  }

  Result<void> give_result(const Value& result) {
    const Parts& parts = function_.parts_;
    call::ArenaBuffer buffer(exchange_);
    TENON_TRY(const std::uint32_t written,
              parts.values->write_result(result, buffer.arena(), exchange_));
    const Result<void, abi::AbiError> passed =
        call().give_result(abi::From::memory(buffer.arena(), written));
    if (passed || call().is_broken_off()) return {};
    return make_diagnostic(Code::HttpMessage, "the response cannot be passed: {}",
                           abi::describe(passed.error()));
  }

  void fail(CallFailure failure) {
    if (!is_client() || !give_error(failure.kind)) return end(std::move(failure));
    function_.parts_.report(std::move(failure));
    end();
  }
  void fail(const Diagnostics& problems) {
    CallFailure failure;
    failure.function = function_.parts_.name;
    failure.message =
        fmt::format("`{}` of the program: {}", function_.parts_.name, describe_first(problems));
    failure.problems = problems;
    fail(std::move(failure));
  }

  HttpFunction& function_;
  runtime::Transit transit_;
  NativeExchange exchange_;
  NativeExchange::Call in_call_;
  call::ArenaBuffer buffer_;                 // the parameters
  std::optional<engine::WasiResource> out_;  // of 0.2
  std::optional<Task<CallResult<engine::HttpMessage>>> task_;
};

void HttpFunction::start(call::Call& call) { Answer::begin(new Answer(*this, call)); }

}  // namespace tenon::program
