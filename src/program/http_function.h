// A handler of the program, as a function that units import:
//
//   wasi:http/incoming-handler@0.2   handle: the response goes to a `response-outparam`
//   wasi:http/handler@0.3            handle: it is the result
//   wasi:http/client@0.3             send: the same
//   wasi:http/outgoing-handler@0.2   handle: the result is a `future-incoming-response`, at once
#pragma once

#include <functional>
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
  // Lets the handler answer a request, within this call or later.
  using SendRequest = std::function<void(engine::HttpRequest)>;
  // Gets a failure that a guest does not get.
  using Report = std::function<void(CallFailure)>;

  struct Parts {
    runtime::ProgramHandler handler;
    runtime::PassOn next;  // null: none
    SendRequest send;      // of `outgoing-handler`; otherwise null
    Report report;         // null unless units send requests by it
    std::shared_ptr<const call::FunctionShape> shape;
    std::shared_ptr<const call::ValueForm> values;
    std::weak_ptr<runtime::Owner> owner;
    std::string name;  // for messages, as of ProgramFunction
    Caller caller;
  };
  HttpFunction(Parts parts, runtime::Shared& shared) : parts_(std::move(parts)), shared_(shared) {}

  // Failures are those of the handler, and end the guest that called it. For a guest that sends a request, they are an
  // error in place of the response, and reported.
  void start(call::Call& call) override;

 private:
  class Answer;

  Parts parts_;
  runtime::Shared& shared_;
};

}  // namespace tenon::program
