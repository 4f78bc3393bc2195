#include "link/running_unit.h"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <tuple>
#include <utility>
#include <variant>

#include "link/inputs.h"
#include "link/running.h"
#include "link/unit_record.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/substitute.h"

namespace tenon::link {

namespace {

std::map<std::string, RunningUnit::Export, std::less<>> list_exports(const CallTable& calls,
                                                                     resolve::UnitIndex unit) {
  std::map<std::string, RunningUnit::Export, std::less<>> listed;
  const resolve::LinkPlan& plan = calls.plan();
  const std::vector<types::RootItem>& exports = plan.units[unit].type.exports;
  for (std::uint32_t i = 0; i < exports.size(); ++i) {
    const resolve::UnitExport from{unit, i};
    const std::string* const name = find_export_name(calls.row_of(unit), from);
    const auto hidden = plan.hidden.find(from);
    const bool is_hidden = hidden != plan.hidden.end();
    if (name == nullptr || (is_hidden && hidden->second.is_whole)) continue;
    RunningUnit::Export& export_entry = listed[exports[i].name];
    export_entry.component_export = *name;
    if (is_hidden) export_entry.missing = hidden->second.functions;
  }
  return listed;
}

// The functions of a package have names of their own in each composition, so they are listed by their
// names in the module.
std::set<std::string, std::less<>> list_hidden_fields(const resolve::LinkPlan& plan,
                                                      resolve::UnitIndex unit,
                                                      const packr::Package* package) {
  std::set<std::string, std::less<>> fields;
  if (package == nullptr) return fields;
  for (const auto& [from, hidden] : plan.hidden) {
    if (from.unit != unit) continue;
    const std::string& item = plan.units[unit].type.exports[from.index].name;
    for (const packr::Package::Function& function : package->exports)
      if (function.item == item &&
          (hidden.is_whole || std::ranges::binary_search(hidden.functions, function.function)))
        fields.insert(function.field);
  }
  return fields;
}

// Calls `visit(where, resource)` for each resource in the type of a unit; `where` is a key of
// RunningUnit::resources.
template <class Visit>
void visit_resources(const types::Types& types, const types::ComponentType& unit, Visit&& visit) {
  const auto visit_all = [&](types::Side side, const std::vector<types::RootItem>& items) {
    for (const types::RootItem& item : items)
      for (types::Slot& slot : types::resource_slots(types, item.name, item.item))
        visit(std::pair(side, std::move(slot.path)), slot.resource);
  };
  visit_all(types::Side::Import, unit.imports);
  visit_all(types::Side::Export, unit.exports);
}

decltype(RunningUnit::resources) list_resources(CallTable& calls, resolve::UnitIndex unit) {
  decltype(RunningUnit::resources) listed;
  const types::ComponentType& type = calls.plan().units[unit].type;
  visit_resources(calls.types().types(), type, [&](auto where, types::ResourceId resource) {
    const runtime::ResourceKind& kind = calls.types().kind_of(resource);
    const bool is_own = std::ranges::find(type.defined, resource) != type.defined.end();
    if (kind.can_cross() && !kind.wasi)
      listed.emplace(std::move(where), RunningUnit::Resource{&kind, is_own});
  });
  return listed;
}

// Maps the resources of a unit, whose type was read again, to those in `foreign`.
types::ResourceReplacement::Resources find_foreign(const UnitRequest& request,
                                                   const types::ComponentType& unit,
                                                   types::Types& types, ForeignResources& foreign) {
  using Maker = ForeignResources::Maker;
  const auto& resources = request.as<RunningUnit>()->resources;
  types::ResourceReplacement::Resources replaced;
  visit_resources(types, unit, [&](const auto& where, types::ResourceId resource) {
    const auto known = resources.find(where);
    if (known == resources.end()) return;
    const auto& [kind, is_own] = known->second;
    replaced.emplace(resource,
                     foreign.add(*kind, request.name, is_own ? Maker::Yes : Maker::No, types));
  });
  return replaced;
}

types::Item narrow(types::Types& types, const types::Item& item,
                   const std::vector<std::string>& missing) {
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr || missing.empty()) return item;
  types::Instance merged;
  for (const types::NamedItem& part : types.instances[*instance].exports)
    if (!std::ranges::binary_search(missing, part.name)) merged.add_export(part.name, part.item);
  return types.instances.add(std::move(merged));
}

// Removes the functions of a package that its own composition hides.
void remove_hidden(const RunningUnit& running, const packr::Package& package, types::Types& types,
                   std::vector<types::RootItem>& exports) {
  std::map<std::string, std::vector<std::string>, std::less<>> hidden;  // functions by items
  std::map<std::string, std::size_t, std::less<>> visible;
  for (const packr::Package::Function& function : package.exports) {
    if (running.hidden_fields.contains(function.field))
      hidden[function.item].push_back(function.function);
    else
      ++visible[function.item];
  }
  std::erase_if(exports, [&](const types::RootItem& item) {
    return hidden.contains(item.name) && !visible.contains(item.name);
  });
  for (types::RootItem& item : exports) {
    const auto functions = hidden.find(item.name);
    if (functions == hidden.end()) continue;
    std::ranges::sort(functions->second);
    item.item = narrow(types, item.item, functions->second);
  }
}

}  // namespace

Result<std::shared_ptr<const RunningUnit>> share_unit(const std::shared_ptr<Running>& running,
                                                      resolve::UnitIndex index,
                                                      const std::string& name) {
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  const auto requested = std::ranges::find(running->request.units, name, &UnitRequest::name);
  TENON_CHECK(requested != running->request.units.end());
  std::shared_ptr<const Bytes> bytes = requested->bytes;
  if (types::Types unused;
      bytes == nullptr && (requested->record == nullptr ||
                           !parse_unit_record(*requested->record, *requested->digest, unused))) {
    TENON_TRY(bytes, read_late_unit(*requested, RealFiles()));
  }
  const std::lock_guard tables(running->tables);
  CallTable& calls = call_table(*running);
  runtime::Domain& domain = calls.domain_of(index);
  if (std::ranges::find(running->in_swap, &domain) != running->in_swap.end())
    return make_diagnostic(
        Code::RunSwap, "`{}` cannot be a unit of another composition while it is swapped", name);
  auto shared = std::make_shared<const RunningUnit>(RunningUnit{
      .composition = running,
      .domain = &domain,
      .name = name,
      .kind = requested->kind,
      .file = requested->path,
      .bytes = std::move(bytes),
      .record = requested->record,
      .digest = requested->digest,
      .can_interrupt = running->engines.can_interrupt(),
      .exports = list_exports(calls, index),
      .hidden_fields = list_hidden_fields(calls.plan(), index, calls.package_of(index).get()),
      .resources = list_resources(calls, index)});
  std::erase_if(running->shared_units, [](const auto& other) { return other.expired(); });
  running->shared_units.push_back(shared);
  running->shared.lock->share();
  // A thread that is in two compositions must not wait for threads of one of them.
  running->shared.scheduler.pool().set_size(0);
  for (runtime::Domain* const of : list_domains(*running)) of->place().give_up_thread();
  return shared;
}

Result<resolve::Unit> read_running_unit(const UnitRequest& request, std::span<const Wire> wires,
                                        types::Types& types, ForeignResources& foreign,
                                        std::shared_ptr<const packr::Package>& package) {
  const RunningUnit& running = *request.as<RunningUnit>();
  resolve::Unit unit;
  unit.name = request.name;
  unit.kind = running.kind;
  unit.file = running.file;
  unit.domain = fmt::format("{}:{}", running.domain->shared().composition, running.domain->name());
  unit.is_running = true;
  UnitContent content;
  if (running.bytes == nullptr) {
    content = *parse_unit_record(*running.record, *running.digest, types);
  } else {
    TENON_TRY(content, read_unit_content(unit.kind, unit.name, unit.file, *running.bytes, wires,
                                         PackageAbi::CalleeBuffer, types));
  }
  unit.type = std::move(content.unit.type);
  unit.version = std::move(content.unit.version);
  unit.export_hashes = std::move(content.unit.export_hashes);
  if (content.package != nullptr) {
    unit.type.imports.clear();
    remove_hidden(running, *content.package, types, unit.type.exports);
    package = std::move(content.package);
    return unit;
  }
  types::ResourceReplacement replacement(types, find_foreign(request, unit.type, types, foreign));
  unit.type.imports.clear();
  unit.type.defined.clear();
  std::erase_if(unit.type.exports,
                [&](const types::RootItem& item) { return !running.exports.contains(item.name); });
  for (types::RootItem& item : unit.type.exports)
    item.item = narrow(types, replacement.apply(item.item),
                       running.exports.find(item.name)->second.missing);
  return unit;
}

void translate_kinds(const RunningUnit& unit, call::FunctionShape& shape) {
  const auto translate = [&](std::vector<const runtime::ResourceKind*>& kinds) {
    for (const runtime::ResourceKind*& kind : kinds) {
      const auto there = std::ranges::find_if(unit.resources, [&](const auto& resource) {
        return &resource.second.kind->source() == &kind->source();
      });
      TENON_CHECK(there != unit.resources.end());
      kind = there->second.kind;
    }
  };
  translate(shape.param_kinds);
  translate(shape.result_kinds);
}

Diagnostics check_running_units(const Request& request) {
  Diagnostics problems;
  if (!Engines(request).can_interrupt()) return problems;
  for (const UnitRequest& unit : request.units) {
    const RunningUnit* const running = unit.as<RunningUnit>();
    if (running == nullptr || running->can_interrupt) continue;
    Diagnostic problem = make_diagnostic(Code::ConfigValue,
                                         "neither a deadline nor an interrupt can end the calls of "
                                         "`{}`: its composition `{}` allows "
                                         "neither, so its calls run to completion",
                                         unit.name, running->domain->shared().composition);
    problem.where.unit = unit.name;
    problem.hints.push_back(
        "give that composition a deadline (`limits().call_timeout`), or call `allow_interrupt`");
    problems.push_back(std::move(problem));
  }
  return problems;
}

const RunningUnit* find_running_unit(const Request& request, const std::string& name) {
  const auto unit = std::ranges::find(request.units, name, &UnitRequest::name);
  return unit == request.units.end() ? nullptr : unit->as<RunningUnit>();
}

types::ResourceId ForeignResources::add(const runtime::ResourceKind& kind, const std::string& unit,
                                        Maker maker, types::Types& types) {
  const runtime::ResourceKind& source = kind.source();
  const auto [at, is_new] = resources_.try_emplace(&source);
  Resource& resource = at->second;
  if (is_new) {
    // "acme:kv/store.bucket"
    resource = {types.resources.add({source.name.substr(source.name.rfind('.') + 1)}), unit, maker};
  } else if (std::tuple(resource.maker == Maker::No, resource.unit) >
             std::tuple(maker == Maker::No, unit)) {
    resource.unit = unit;
    resource.maker = maker;
  }
  return resource.id;
}

void ForeignResources::define(std::vector<resolve::Unit>& units) const {
  for (const auto& [kind, resource] : resources_) {
    const auto unit = std::ranges::find(units, resource.unit, &resolve::Unit::name);
    if (unit != units.end()) unit->type.defined.push_back(resource.id);
  }
  for (resolve::Unit& unit : units)
    if (unit.is_running) std::ranges::sort(unit.type.defined);
}

ForeignKinds ForeignResources::kinds() const {
  ForeignKinds kinds;
  for (const auto& [kind, resource] : resources_) kinds.emplace(resource.id, kind);
  return kinds;
}

}  // namespace tenon::link
