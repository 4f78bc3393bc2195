#include "linker/package_edge.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "linker/arena_function.h"
#include "linker/exports.h"
#include "linker/no_handles.h"
#include "linker/package_import.h"
#include "support/check.h"
#include "support/limits.h"
#include "support/try.h"
#include "value/arena_value.h"

namespace tenon::linker {

namespace {

using abi::AbiError;
using engine::CallError;

// function: empty: the item is one by itself.
std::string show_function(const std::string& item, std::string_view function) {
  return function.empty() ? item : shown_name(item, function);
}

// Of a component: values come from its memory, and go to the package in packr's form.
class PackageEdgeFunction final : public ArenaFunction {
 public:
  explicit PackageEdgeFunction(PackageEdgeParts parts)
      : ArenaFunction(parts.shape, *parts.caller, parts.callee.function().name()),
        callee_(std::move(parts.callee)),
        values_(value::ValueProgram::make(callee_.type(), parts.shape->program.layout())),
        on_failure_(parts.on_failure),
        observer_(std::move(parts.observer)) {}

  Result<void, CallError> call(engine::HostCall& call) override {
    std::optional<CallFailure> failure;
    if (observer_ == nullptr) return pass(call, failure);
    observer_->begin(call);
    Result<void, CallError> passed = pass(call, failure);
    if (!passed && !failure) failure.emplace().message = kNotTaken;
    observer_->end(failure ? &*failure : nullptr);
    return passed;
  }

 private:
  // failure: that of the package, for the observer; none: there was none, or nobody looks on.
  Result<void, CallError> pass(engine::HostCall& call, std::optional<CallFailure>& failure) {
    runtime::Transit transit(caller().shared());
    runtime::EngineGuest guest(caller(), call.caller(), shape().param_kinds, shape().result_kinds,
                               transit);
    abi::ValueArena arena;
    NoHandles handles;
    const Result<std::uint32_t, AbiError> lifted =
        shape().program.lift_params(params_of(call, guest), arena);
    if (!lifted) return guest.take_error(lifted.error());
    if (!values_.params_fit(*lifted, arena, limits::kReadValueBytes))
      return trap(fmt::format("its params would take more than {} bytes of memory",
                              limits::kReadValueBytes));
    const std::vector<Value> params = values_.read_params(*lifted, arena, handles);
    CallResult<std::optional<Value>> result = callee_.call(params);
    if (!result) {
      if (observer_ != nullptr) failure = result.error();
      return fail(std::move(result).error(), call, guest);
    }
    if (!*result) return {};
    arena.clear();
    const Result<std::uint32_t> written = values_.write_result(**result, arena, handles);
    if (!written)
      return trap(fmt::format("its result cannot be passed: {}", written.error().front().message));
    if (observer_ != nullptr) observer_->see_value(**result, arena.bytes().size());
    return give_result(abi::From::memory(arena, *written), call, guest);
  }

  [[nodiscard]] std::string_view owner() const override { return "of a package"; }

  // As a value, if the result can carry it.
  Result<void, CallError> fail(CallFailure failure, engine::HostCall& call,
                               runtime::EngineGuest& guest) {
    const std::string message = failure.message;
    if (on_failure_ && is_of_provider(failure)) {
      abi::ValueArena arena;
      const auto written =
          runtime::write_failure(shape().program.layout(), *on_failure_, message, arena);
      if (written) return give_result(abi::From::memory(arena, *written), call, guest);
    }
    return CallError::make(message, caller().shared().failures.keep(std::move(failure)));
  }

  PackageCallee callee_;
  value::ValueProgram values_;
  std::optional<runtime::FailureValue> on_failure_;
  std::unique_ptr<TracedFunction> observer_;
};

}  // namespace

Result<void> define_package_function(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, PackageEdgeParts parts) {
  const engine::FlatCounts counts = runtime::flat_counts(parts.shape->program.layout());
  return engine::define_host_function(linker, interface, name, counts,
                                      std::make_unique<PackageEdgeFunction>(std::move(parts)));
}

packr::PackageFunction find_package_function(CallTable& calls, resolve::UnitExport from,
                                             std::string_view function) {
  const resolve::Unit& unit = calls.plan().units[from.unit];
  const std::string& item = unit.type.exports[from.index].name;
  return {calls.domain_of(from.unit), unit.name, show_function(item, function)};
}

Result<std::unique_ptr<runtime::Body>> make_package_body(
    Running& running, std::shared_ptr<const engine::CompiledModule> code,
    const resolve::SplitPlan& split, resolve::DomainIndex i, CallTable& calls) {
  const resolve::DomainPlan& domain = split.domains[i];
  const resolve::UnitIndex unit = domain.units.front();
  packr::PackageParts parts;
  parts.unit = calls.plan().units[unit].name;
  parts.code = std::move(code);
  const std::shared_ptr<const Package> package = calls.package_of(unit);
  for (const Package::Function& function : package->exports)
    parts.exports.emplace(show_function(function.item, function.function), function.field);
  std::unordered_map<std::string_view, const resolve::BridgedImport*> imports;
  for (const resolve::BridgedImport& import : domain.imports) imports.emplace(import.name, &import);
  for (const Package::Function& function : package->imports) {
    packr::PackageParts::Import made{function.module, function.field, nullptr, {}};
    if (const auto import = imports.find(function.item); import != imports.end()) {
      TENON_TRY(made, meet_import(running, calls, unit, function, *import->second));
    }
    parts.imports.push_back(std::move(made));
  }
  std::unique_ptr<runtime::Body> body =
      std::make_unique<packr::PackageBody>(*running.domains[i], std::move(parts));
  return body;
}

}  // namespace tenon::linker
