// A handler of the program, as the function `handle` that units import: of `wasi:http/incoming-handler@0.2`, whose
// response goes to a `response-outparam`, or of `wasi:http/handler@0.3`.
#pragma once

#include <memory>
#include <string>

#include "call/call.h"
#include "call/value_form.h"
#include "runtime/domain.h"
#include "runtime/program_http.h"
#include "tenon/host.h"

namespace tenon::program {

class HttpFunction final : public call::Callee {
 public:
  struct Parts {
    runtime::ProgramHandler handler;
    runtime::PassOn next;  // null: none
    std::shared_ptr<const call::FunctionShape> shape;
    std::shared_ptr<const call::ValueForm> values;
    std::weak_ptr<runtime::Owner> owner;
    std::string name;  // for messages, as of ProgramFunction
    Caller caller;
  };
  HttpFunction(Parts parts, runtime::Shared& shared) : parts_(std::move(parts)), shared_(shared) {}

  // Failures are those of the handler, and end the guest that called it.
  void start(call::Call& call) override;

 private:
  class Answer;

  Parts parts_;
  runtime::Shared& shared_;
};

}  // namespace tenon::program
