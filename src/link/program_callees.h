// The functions of the program as callees: with `Value`s, with C++ types, with encoded values, as handlers of
// HTTP requests.
#pragma once

#include <memory>
#include <string>

#include "call/call.h"
#include "call/function_shape.h"
#include "call/value_form.h"
#include "link/call_table.h"
#include "link/running.h"
#include "link/start_plan.h"
#include "packr/encoded_values.h"
#include "packr/graph_codec.h"
#include "program/http_function.h"
#include "runtime/program_http.h"
#include "tenon/host.h"
#include "tenon/result.h"

namespace tenon::link {

// Lifetime: refers to the arguments of its constructor.
class ProgramCallees final {
 public:
  ProgramCallees(Running& running, CallTypes& types) : running_(running), types_(types) {}

  // False for functions of other providers.
  [[nodiscard]] bool takes_values(const EdgeFunction& target) const;
  [[nodiscard]] bool takes_encoded(const EdgeFunction& target) const;

  // shape: that of the call. values: null if the function does not take `Value`s.
  // Errors: http-handler, and those of HostFunction::BindShape. REQUIRES: the provider is the program
  [[nodiscard]] Result<std::unique_ptr<call::Callee>> make(
      const EdgeFunction& target, const std::shared_ptr<const call::FunctionShape>& shape,
      std::shared_ptr<const call::ValueForm> values) const;
  // messages: null if the caller passes values, which `codec` converts. codec: null if it passes messages.
  // REQUIRES: takes_encoded(target)
  [[nodiscard]] std::unique_ptr<call::Callee> make_raw(
      const EdgeFunction& target, std::shared_ptr<const packr::EncodedValues> messages,
      std::shared_ptr<const packr::GraphCodec> codec) const;

 private:
  [[nodiscard]] const HostFunction& find(const EdgeFunction& target) const;
  [[nodiscard]] Result<std::unique_ptr<call::Callee>> make_http(
      const EdgeFunction& target, const detail::HttpFunctionPart& part,
      const std::shared_ptr<const call::FunctionShape>& shape) const;
  // Reports failures of a handler to a server or, if there is none, to the log.
  [[nodiscard]] program::HttpFunction::Report make_report(const EdgeFunction& target) const;
  // Passes requests on to the unit behind a handler of the program; null: there is none. Errors: http-handler.
  [[nodiscard]] Result<std::shared_ptr<const runtime::HttpHandler>> find_next_handler(
      const std::string& unit) const;

  Running& running_;
  CallTypes& types_;
};

}  // namespace tenon::link
