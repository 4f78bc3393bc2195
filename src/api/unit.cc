#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "api/functions.h"
#include "engine/engine.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/detail/call_port.h"

namespace tenon {

namespace {

Diagnostic gone_problem(const std::string& unit) {
  return make_diagnostic(Code::RunNoFunction, "the composition of `{}` is gone", unit);
}

// Looked up once for each spelling of the names.
Result<Function> find_called(const Unit::Impl& unit, std::string_view interface,
                             std::string_view name) {
  const auto running = unit.running.lock();
  if (running == nullptr) return gone_problem(unit.name);
  const std::lock_guard tables(running->tables);
  link::CallTable& calls = link::call_table(*running);
  if (const Function* known = calls.find_called(unit.index, interface, name)) return *known;
  TENON_TRY(Function function, api::find_function(running, calls.functions_of(unit.index),
                                                  unit.name, api::make_call(interface, name)));
  calls.keep_called(unit.index, interface, name, function);
  return function;
}

}  // namespace

const std::string& Unit::name() const { return impl_->name; }

std::vector<Function> Unit::functions() const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return {};
  const std::lock_guard tables(running->tables);
  return api::make_functions(running, link::call_table(*running).functions_of(impl_->index));
}

Result<Function> Unit::find_function(std::string_view interface, std::string_view name) const {
  return find_function(api::make_call(interface, name));
}

Result<Function> Unit::find_function(const WaveCall& call) const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return gone_problem(name());
  const std::lock_guard tables(running->tables);
  return api::find_function(running, link::call_table(*running).functions_of(impl_->index), name(),
                            call);
}

CallResult<std::optional<Value>> Unit::call(std::string_view interface, std::string_view name,
                                            std::span<const Value> arguments) const {
  return api::call_function(find_called(*impl_, interface, name), interface, name, arguments);
}

CallResult<std::optional<Value>> Unit::call_by_name(std::string_view function,
                                                    std::span<const Value> arguments) const {
  const std::size_t mark = function.find('#');
  if (mark == function.npos) return call("", function, arguments);
  return call(function.substr(0, mark), function.substr(mark + 1), arguments);
}

std::string UnitFunction::wit() const { return shown_name(interface, type.wit(name)); }

UnitType Unit::type() const {
  const auto running = impl_->running.lock();
  if (running == nullptr) return {};
  const std::lock_guard tables(running->tables);
  link::CallTable& calls = link::call_table(*running);
  const resolve::Unit& unit = calls.plan().units[impl_->index];
  return {api::list_functions(calls.types().graph(), unit.type.imports),
          api::list_functions(calls.types().graph(), unit.type.exports), unit.import_hashes,
          unit.export_hashes};
}

namespace api {

namespace {

Unit make_unit(const std::shared_ptr<link::Running>& running, resolve::UnitIndex index,
               const std::string& name) {
  return Unit(std::make_shared<const Unit::Impl>(Unit::Impl{running, index, name}));
}

// Whether every export of a unit can be called.
bool is_reached(const resolve::Unit& unit) {
  return resolve::has_domain(unit) && (unit.is_isolated || unit.is_reachable);
}

}  // namespace

std::vector<UnitFunction> list_functions(const value::TypeGraphPtr& graph,
                                         const std::vector<types::RootItem>& items) {
  std::vector<UnitFunction> functions;
  const auto add = [&](const std::string& interface, const std::string& name,
                       const types::Item& item) {
    if (const auto* function = std::get_if<types::FunctionId>(&item))
      functions.push_back({interface, name, value::make_function_type(graph, *function)});
  };
  for (const types::RootItem& root : items) {
    add("", root.name, root.item);
    if (const auto* instance = std::get_if<types::InstanceId>(&root.item))
      for (const types::NamedItem& part : graph->types.instances[*instance].exports)
        add(root.name, part.name, part.item);
  }
  return functions;
}

std::vector<Function> make_functions(const std::shared_ptr<link::Running>& running,
                                     const std::vector<link::ExportedItem>& items) {
  std::vector<Function> functions;
  for (const link::ExportedItem& item : items) functions.push_back(make_function(running, item));
  return functions;
}

WaveCall make_call(std::string_view interface, std::string_view name) {
  WaveCall call;
  call.interface = interface;
  call.functions = {std::string(name)};
  return call;
}

Result<Function> find_function(const std::shared_ptr<link::Running>& running,
                               const std::vector<link::ExportedItem>& items, std::string_view owner,
                               const WaveCall& call) {
  TENON_TRY_VOID(engine::recheck_signal_handlers());
  TENON_TRY(const std::size_t position, link::find_exported_function(items, owner, call));
  return make_function(running, items[position]);
}

CallResult<std::optional<Value>> call_function(const Result<Function>& function,
                                               std::string_view interface, std::string_view name,
                                               std::span<const Value> arguments) {
  if (function) return function->call(arguments);
  return detail::refuse_call(shown_name(interface, name), function.error());
}

Result<Unit> find_unit(const std::shared_ptr<link::Running>& running, std::string_view name) {
  const std::vector<resolve::Unit>& units = link::call_table(*running).plan().units;
  std::vector<std::string> names;
  for (resolve::UnitIndex i = 0; i < units.size(); ++i) {
    if (is_reached(units[i])) {
      if (units[i].name == name) return make_unit(running, i, units[i].name);
      names.push_back(units[i].name);
    } else if (units[i].name == name) {
      Diagnostic problem = make_diagnostic(
          Code::RunNoUnit, "the exports of `{}` cannot be called by the program", name);
      problem.hints.emplace_back(
          units[i].is_running
              ? "it belongs to another composition: call it through that one"
              : "isolate it, or add it with `{.reachable = tenon::Reachable::Yes}`");
      return problem;
    }
  }
  Diagnostic problem = make_diagnostic(Code::RunNoUnit, "there is no unit `{}`", name);
  problem.hints.push_back(suggest_name(std::string(name), std::move(names), "units to be called"));
  return problem;
}

std::vector<Unit> list_units(const std::shared_ptr<link::Running>& running) {
  std::vector<Unit> matches;
  const std::vector<resolve::Unit>& units = link::call_table(*running).plan().units;
  for (resolve::UnitIndex i = 0; i < units.size(); ++i)
    if (is_reached(units[i])) matches.push_back(make_unit(running, i, units[i].name));
  return matches;
}

}  // namespace api

}  // namespace tenon
