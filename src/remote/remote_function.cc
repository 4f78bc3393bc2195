#include "remote/remote_function.h"

#include <optional>
#include <utility>

#include "remote/outgoing_call.h"
#include "runtime/late_answer.h"

namespace tenon::remote {

std::string function_on_wire(std::string_view function) {
  // A constructor has the name of its resource; methods and static functions have it before a dot.
  const std::size_t bracket = function.starts_with('[') ? function.find(']') : function.npos;
  return std::string(bracket == function.npos ? function : function.substr(bracket + 1));
}

// Connects a call of the composition with the call on the wire, which can outlive it.
class RemoteFunction::RemoteCall final : public runtime::LateAnswer {
 public:
  RemoteCall(RemoteFunction& function, call::Call& call)
      : LateAnswer(call, function.shared_),
        outgoing_(std::make_shared<OutgoingCall>(function.parts_, function.shared_)) {}

  void run(const call::FunctionShape& shape) {
    const abi::From* const params = call().params();
    if (params == nullptr) return end();
    abi::ValueArena arena;
    arena.take_views();
    const auto lifted = shape.program.lift_params(*params, arena);
    if (!lifted) {
      call().break_off(lifted.error());
      return end();
    }
    std::optional<call::Clock::time_point> deadline;
    if (call().bounds() != nullptr && call().bounds()->deadline)
      deadline = call().bounds()->deadline->at;
    outgoing_->start(arena, params->guest, *lifted, deadline, reporter());
    if (outgoing_->is_done()) return give();
    wait();
  }

 private:
  ~RemoteCall() override { outgoing_->finish(); }

  bool is_complete() override { return outgoing_->is_done(); }

  void give() override {
    if (outgoing_->failure()) return end(*outgoing_->failure());
    const std::optional<std::uint32_t> result = outgoing_->result_address();
    if (!result) return end();
    const auto passed = call().give_result(outgoing_->result(), *result);
    if (passed || call().is_broken_off()) return end();
    end(outgoing_->fail("its result cannot be passed: " + abi::describe(passed.error())));
  }

  std::shared_ptr<OutgoingCall> outgoing_;
};

void RemoteFunction::start(call::Call& call) {
  RemoteCall::begin(new RemoteCall(*this, call), *parts_->shape);
}

}  // namespace tenon::remote
