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

RemoteFunction::RemoteFunction(RemoteFunctionParts parts, runtime::Shared& shared)
    : parts_(std::move(parts)),
      function_on_wire_(function_on_wire(parts_.function)),
      shared_(shared) {}

class RemoteFunction::RemoteCall final : public runtime::LateAnswer {
 public:
  RemoteCall(RemoteFunction& function, call::Call& call)
      : LateAnswer(call, function.shared_),
        function_(function),
        outgoing_(std::make_shared<OutgoingCall>(function.parts_, function.function_on_wire_,
                                                 function.shared_)) {}

  void run() {
    const abi::From* const params = call().params();
    if (params == nullptr) return end();
    abi::ValueArena arena;
    const auto lifted = function_.parts_.shape->program.lift_params(*params, arena);
    if (!lifted) {
      call().break_off(lifted.error());
      return end();
    }
    outgoing_->start(arena, *lifted, reporter());
    if (outgoing_->is_done()) return give();
    wait();
  }

 private:
  ~RemoteCall() override { outgoing_->finish(); }

  bool is_complete() override { return outgoing_->is_done(); }

  void give() override {
    if (outgoing_->failure()) return end(*outgoing_->failure());
    if (!function_.parts_.shape->program.layout().result) return end();
    const auto passed = call().give_result(outgoing_->result(), outgoing_->result_address());
    if (passed || call().is_broken_off()) return end();
    end(outgoing_->fail("its result cannot be passed: " + abi::describe(passed.error())));
  }

  RemoteFunction& function_;
  std::shared_ptr<OutgoingCall> outgoing_;
};

void RemoteFunction::start(call::Call& call) { (new RemoteCall(*this, call))->run(); }

}  // namespace tenon::remote
