#include "link/program_callees.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/http_message.h"
#include "http/message.h"
#include "http/program_answer.h"
#include "link/http_domains.h"
#include "program/program_function.h"
#include "program/program_unit.h"
#include "resolve/http_interfaces.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "value/type_graph.h"

namespace tenon::link {

namespace {

using CalleePtr = std::unique_ptr<call::Callee>;
using ShapePtr = std::shared_ptr<const call::FunctionShape>;

bool is_of_program(const EdgeFunction& target) {
  return target.edge.kind == UnitKind::HostFunctions;
}

Caller caller_of(const EdgeFunction& target) {
  return {target.edge.consumer, target.caller_domain};
}

// handler (in both functions): null if there is none.
http::ProgramAnswer::Pass pass_to(std::shared_ptr<const runtime::HttpHandler> handler) {
  if (handler == nullptr) return nullptr;
  return [handler = std::move(handler)](engine::HttpPassed passed) {
    return runtime::pass_to_handler(handler, std::move(passed));
  };
}

runtime::PassOn pass_on_to(std::shared_ptr<const runtime::HttpHandler> handler, std::string peer) {
  if (handler == nullptr) return nullptr;
  return [handler = std::move(handler), peer = std::move(peer)](
             engine::HttpMessage message) -> CallResult<runtime::ReceiveResponse> {
    Result<engine::HttpPassed> passed = engine::pass_on(std::move(message), peer);
    if (!passed) return http::refuse_call(std::move(passed).error());
    return runtime::pass_to_handler(handler, *std::move(passed));
  };
}

}  // namespace

bool ProgramCallees::takes_values(const EdgeFunction& target) const {
  if (!is_of_program(target)) return false;
  const HostFunction& function = find(target);
  return function.dynamic != nullptr || function.tree != nullptr;
}

bool ProgramCallees::takes_encoded(const EdgeFunction& target) const {
  return is_of_program(target) && find(target).raw != nullptr;
}

Result<CalleePtr> ProgramCallees::make(const EdgeFunction& target, const ShapePtr& shape,
                                       std::shared_ptr<const call::ValueForm> values) const {
  HostFunction function = find(target);
  if (function.raw != nullptr)
    return make_raw(
        target, nullptr,
        std::make_shared<const packr::GraphCodec>(shape, types_.types(), packr::TypeNamesOnWire()));
  if (function.tree != nullptr) {
    auto labels = std::make_shared<detail::TreeLabels>();
    (void)function.check(values->type(), nullptr, nullptr, labels.get());  // fits, by the plan
    function.dynamic =
        std::make_shared<const HostFunction::Dynamic>((*function.tree)(std::move(labels)));
  }
  if (function.bind != nullptr) {
    const EdgeRow& edge = target.edge;
    TENON_TRY(
        detail::BoundCallable bound,
        (*function.bind)({.shape = shape,
                          .owner = running_.weak_from_this(),
                          .unit = edge.consumer,
                          .interface = target.is_bare() ? std::string() : edge.imported,
                          .name = target.is_bare() ? edge.imported : target.row.name,
                          .type = value::make_function_type(types_.graph(), target.row.type)}));
    function.typed = std::move(bound.callable);
    function.signature = bound.signature;
  }
  if (function.http != nullptr) return make_http(target, *function.http, shape);
  if (function.dynamic == nullptr) values = nullptr;
  return CalleePtr(std::make_unique<program::ProgramFunction>(
      function, shape, std::move(values), running_.weak_from_this(), running_.shared, target.name(),
      caller_of(target)));
}

CalleePtr ProgramCallees::make_raw(const EdgeFunction& target,
                                   std::shared_ptr<const packr::EncodedValues> messages,
                                   std::shared_ptr<const packr::GraphCodec> codec) const {
  return std::make_unique<program::RawProgramFunction>(
      program::RawProgramFunction::Parts{.call = find(target).raw,
                                         .name = target.name(),
                                         .caller = caller_of(target),
                                         .messages = std::move(messages),
                                         .codec = std::move(codec)});
}

const HostFunction& ProgramCallees::find(const EdgeFunction& target) const {
  const EdgeRow& edge = target.edge;
  const HostFunction* const function =
      target.is_bare() ? running_.host.find_root_function(edge.exported, edge.consumer)
                       : running_.host.find_function(edge.exported, target.row.name, edge.consumer);
  TENON_CHECK(function != nullptr);
  return *function;
}

Result<CalleePtr> ProgramCallees::make_http(const EdgeFunction& target,
                                            const detail::HttpFunctionPart& part,
                                            const ShapePtr& shape) const {
  TENON_TRY(std::shared_ptr<const runtime::HttpHandler> next, find_next_handler(part.next));
  runtime::ProgramHandler handler = http::adapt_handler(part.handler, running_.weak_from_this());
  const std::string& interface = target.edge.exported;
  program::HttpFunction::SendRequest send;
  program::HttpFunction::Report report;
  if (resolve::is_http_client(interface)) report = make_report(target);
  if (interface.starts_with(resolve::kHttpClients.back()))
    send = [answers = std::make_shared<http::ProgramAnswers>(running_.shared.inbox, report),
            handler, next](engine::HttpRequest request) {
      answers->begin(handler, std::move(request), pass_to(next));
    };
  return CalleePtr(std::make_unique<program::HttpFunction>(
      program::HttpFunction::Parts{.handler = std::move(handler),
                                   .next = pass_on_to(std::move(next), target.caller_domain),
                                   .send = std::move(send),
                                   .report = std::move(report),
                                   .shape = shape,
                                   .values = types_.make_values(shape, target.row.type),
                                   .owner = running_.weak_from_this(),
                                   .name = target.name(),
                                   .caller = caller_of(target)},
      running_.shared));
}

program::HttpFunction::Report ProgramCallees::make_report(const EdgeFunction& target) const {
  return [&running = running_, name = target.name(),
          consumer = target.edge.consumer](CallFailure failure) {
    if (failure.unit.empty()) failure.unit = program::kUnitName;
    if (failure.function.empty()) failure.function = name;
    const auto& on_failure = running.shared.on_handler_failure;
    if (on_failure != nullptr && on_failure(failure)) return;
    if (running.on_log)
      running.on_log(fmt::format("a request of `{}` was not answered: {}", consumer,
                                 failure_diagnostic(failure).message));
  };
}

Result<std::shared_ptr<const runtime::HttpHandler>> ProgramCallees::find_next_handler(
    const std::string& unit) const {
  if (unit.empty()) return std::shared_ptr<const runtime::HttpHandler>();
  if (running_.request.http_instances == 0) {
    Diagnostic problem = make_diagnostic(
        Code::HttpHandler,
        "`{}` cannot be behind a handler of the program: the composition was built without "
        "instances for requests",
        unit);
    problem.hints.emplace_back("call `CompositionBuilder::prepare_http` before `build`");
    return problem;
  }
  const std::vector<DomainRow>& rows = running_.start->domains;
  const auto row = std::ranges::find(rows, unit, &DomainRow::http_unit);
  TENON_CHECK(row != rows.end());  // by the plan
  return std::make_shared<const runtime::HttpHandler>(
      make_handler(*row, *running_.domains[static_cast<std::size_t>(row - rows.begin())]));
}

}  // namespace tenon::link
