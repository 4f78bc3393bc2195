#include "link/call_table.h"

#include <utility>
#include <vector>

#include "call/canonical_values.h"
#include "packr/encoded_values.h"
#include "types/print_type.h"

namespace tenon::link {

namespace {

// The names of the types of all functions that the program can call. The composition does not export those of an isolated
// unit. An export can mention types that only the imports of its unit name.
types::TypeNames find_call_names(const resolve::LinkPlan& plan, const packr::Packages& packages) {
  std::vector<bool> is_called(plan.units.size());
  for (const resolve::CompositionExport& exported : plan.exports)
    is_called[exported.from.unit] = true;
  types::TypeNames names;
  for (resolve::UnitIndex i = 0; i < plan.units.size(); ++i) {
    const resolve::Unit& unit = plan.units[i];
    if (!is_called[i] && !unit.is_isolated && !unit.is_reachable) continue;
    for (const auto* const side : {&unit.type.imports, &unit.type.exports})
      for (const types::RootItem& item : *side)
        types::add_names(*plan.types, names, item.name, item.item);
  }
  types::TypeNames others = find_type_names(plan, packages);
  names.types.merge(others.types);
  names.resources.merge(others.resources);
  return names;
}

}  // namespace

CallTable::CallTable(const resolve::LinkPlan& plan, const StartPlan& start,
                     const ForeignKinds& foreign, const KnownUnits& units,
                     const program::HostTable& host, ResourceKinds& kinds,
                     const std::vector<std::unique_ptr<runtime::Domain>>& domains)
    : plan_(plan),
      start_(start),
      units_(units),
      domains_(domains),
      domain_of_(domains_of_units(start, plan.units.size())),
      names_(find_call_names(plan, units.packages)),
      kinds_(kinds),
      finder_(plan, *plan.types, domain_of_, foreign, units, host),
      types_(
          plan.types, names_,
          [this](types::ResourceId resource) -> const auto& { return find_kind(resource); },
          [this] { return finder_.find_origins(); }) {}

const runtime::ResourceKind& CallTable::find_kind(types::ResourceId resource) {
  const runtime::ResourceKind*& known = known_kinds_[resource];
  if (known == nullptr) known = &add_kind(kinds_, finder_.find(resource), domains_);
  return *known;
}

const DomainRow& CallTable::row_of(resolve::UnitIndex unit) const {
  return start_.domains[domain_of_[unit]];
}

const Function* CallTable::find_called(resolve::UnitIndex unit, std::string_view interface,
                                       std::string_view name) const {
  const auto called = called_.find(std::tuple(unit, interface, name));
  return called == called_.end() ? nullptr : &called->second;
}

void CallTable::keep_called(resolve::UnitIndex unit, std::string_view interface,
                            std::string_view name, const Function& function) {
  called_.insert_or_assign(std::tuple(unit, std::string(interface), std::string(name)), function);
}

std::shared_ptr<const packr::Package> CallTable::package_of(resolve::UnitIndex unit) const {
  const auto package = units_.packages.find(plan_.units[unit].name);
  return package == units_.packages.end() ? nullptr : package->second;
}

const std::vector<ExportedItem>& CallTable::functions() {
  if (!functions_) functions_ = list_exported_functions(plan_);
  return *functions_;
}

const std::vector<ExportedItem>& CallTable::functions_of(resolve::UnitIndex unit) {
  const auto [functions, is_new] = unit_functions_.try_emplace(unit);
  if (is_new) functions->second = list_unit_functions(plan_, row_of(unit), unit);
  return functions->second;
}

const std::shared_ptr<const call::FunctionShape>& CallTypes::encoded_shape() {
  if (encoded_shape_ == nullptr) encoded_shape_ = packr::encoded_shape();
  return encoded_shape_;
}

std::shared_ptr<const call::ValueForm> CallTypes::make_values(
    std::shared_ptr<const call::FunctionShape> shape, types::FunctionId function) {
  return std::make_shared<const call::CanonicalValues>(value::make_function_type(graph(), function),
                                                       std::move(shape));
}

const value::TypeGraphPtr& CallTypes::graph() {
  if (graph_ == nullptr)
    graph_ = std::make_shared<const value::TypeGraph>(
        value::TypeGraph{types(), names_, find_origins_()});
  return graph_;
}

}  // namespace tenon::link
