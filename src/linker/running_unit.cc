#include "linker/running_unit.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <variant>

#include "binary/custom_sections.h"
#include "binary/read_component.h"
#include "linker/functions.h"
#include "linker/link.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/evaluate.h"

namespace tenon::linker {

namespace {

std::map<std::string, RunningUnit::Export, std::less<>> list_exports(const Told& told,
                                                                     resolve::UnitIndex unit) {
  std::map<std::string, RunningUnit::Export, std::less<>> listed;
  const std::vector<types::RootItem>& exports = told.plan.units[unit].type.exports;
  for (std::uint32_t i = 0; i < exports.size(); ++i) {
    const resolve::UnitExport from{unit, i};
    std::optional<std::string> name = resolve::find_export_name(told.split, from);
    if (!name) continue;
    RunningUnit::Export& made = listed[exports[i].name];
    made.component_export = *std::move(name);
    const auto exported =
        std::ranges::find(told.plan.exports, from, &resolve::CompositionExport::from);
    if (exported != told.plan.exports.end()) made.missing = exported->hidden_functions;
  }
  return listed;
}

types::Item narrow(types::Types& types, const types::Item& item,
                   const std::vector<std::string>& missing) {
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr || missing.empty()) return item;
  types::Instance made;
  for (const types::NamedItem& part : types.instances[*instance].exports)
    if (!std::ranges::binary_search(missing, part.name)) made.add_export(part.name, part.item);
  return types.instances.add(std::move(made));
}

}  // namespace

Result<std::shared_ptr<const RunningUnit>> lend_unit(const Unit::Impl& unit) {
  const auto running = unit.running.lock();
  if (running == nullptr)
    return make_diagnostic(Code::RunNoUnit, "the composition of `{}` is gone", unit.name);
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  const auto asked = std::ranges::find(running->request.units, unit.name, &UnitRequest::name);
  // Of what was read from a pipe, nothing is kept.
  if (asked == running->request.units.end() || asked->bytes == nullptr)
    return make_diagnostic(Code::RunNoUnit, "the component of `{}` is no file, and was not kept",
                           unit.name);
  const std::lock_guard tables(running->tables);
  runtime::Domain& domain = call_table(*running).domain_of(unit.index);
  if (running->in_swap == &domain)
    return make_diagnostic(Code::RunSwap,
                           "`{}` cannot be a unit of another composition while it is swapped",
                           unit.name);
  auto made = std::make_shared<const RunningUnit>(
      RunningUnit{.composition = running,
                  .domain = &domain,
                  .name = unit.name,
                  .kind = asked->kind,
                  .file = asked->path,
                  .bytes = asked->bytes,
                  .can_interrupt = running->engines.has_deadlines(),
                  .exports = list_exports(tell(*running), unit.index)});
  std::erase_if(running->lent, [](const auto& one) { return one.expired(); });
  running->lent.push_back(made);
  running->shared.lock->share(running->request.name);
  return made;
}

Result<resolve::Unit> read_running_unit(const UnitRequest& request, types::Types& types) {
  const RunningUnit& running = *request.running;
  resolve::Unit unit;
  unit.name = request.name;
  unit.kind = running.kind;
  unit.file = running.file;
  unit.domain = fmt::format("{}:{}", running.domain->shared().composition, running.domain->name());
  unit.is_running = true;
  TENON_TRY(const binary::Component component, binary::read_component(*running.bytes));
  TENON_TRY(unit.type, types::evaluate_component(component, types));
  for (const binary::MetadataText& text : binary::read_metadata(*running.bytes, component).texts)
    if (text.key == "version") unit.version = std::string(text.value);
  unit.type.imports.clear();
  std::erase_if(unit.type.exports,
                [&](const types::RootItem& item) { return !running.exports.contains(item.name); });
  for (types::RootItem& item : unit.type.exports)
    item.item = narrow(types, item.item, running.exports.find(item.name)->second.missing);
  return unit;
}

Diagnostics check_running_units(const Request& request) {
  Diagnostics problems;
  if (!Engines(request).has_deadlines()) return problems;
  for (const UnitRequest& unit : request.units) {
    if (unit.running == nullptr || unit.running->can_interrupt) continue;
    Diagnostic problem = make_diagnostic(
        Code::ConfigValue,
        "a deadline cannot end the calls of `{}`: its composition `{}` has none, and runs to its "
        "end what it has begun",
        unit.name, unit.running->domain->shared().composition);
    problem.where.unit = unit.name;
    problem.hints.push_back("give that composition a deadline too: `limits().call_timeout`");
    problems.push_back(std::move(problem));
  }
  return problems;
}

const RunningUnit* find_running_unit(const Request& request, const std::string& name) {
  const auto found = std::ranges::find(request.units, name, &UnitRequest::name);
  return found == request.units.end() ? nullptr : found->running.get();
}

}  // namespace tenon::linker
