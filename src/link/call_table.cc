#include "link/call_table.h"

#include <fmt/format.h>

#include <utility>
#include <variant>
#include <vector>

#include "call/canonical_values.h"
#include "link/program_unit.h"
#include "packr/encoded_values.h"
#include "support/check.h"
#include "support/try.h"
#include "types/print_type.h"
#include "types/uses.h"
#include "types/wasi_handle.h"

namespace tenon::link {

namespace {

constexpr std::uint32_t kFirstStreamNumber = std::uint32_t{1} << 31;

// The names that the exports of the composition give to types.
types::TypeNames names_of_exports(const resolve::LinkPlan& plan) {
  types::TypeNames names;
  const auto add = [&](const std::string& name, const types::Item& item) {
    if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
      if (const auto* type = std::get_if<types::TypeId>(&bound->type))
        names.types.try_emplace(*type, name);
      else
        names.resources.try_emplace(std::get<types::ResourceId>(bound->type), name);
    } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      types::TypeNames inner = types::names_of_instance(*plan.types, *instance);
      names.types.merge(inner.types);
      names.resources.merge(inner.resources);
    }
  };
  for (const resolve::CompositionExport& exported : plan.exports) {
    add(exported.name, plan.units[exported.from.unit].type.exports[exported.from.index].item);
  }
  return names;
}

engine::WasiKind kind_of(types::WasiHandle handle) {
  switch (handle) {
    case types::WasiHandle::InputStream:
      return engine::WasiKind::InputStream;
    case types::WasiHandle::OutputStream:
      return engine::WasiKind::OutputStream;
    case types::WasiHandle::Pollable:
      return engine::WasiKind::Pollable;
    case types::WasiHandle::Descriptor:
      return engine::WasiKind::Descriptor;
    case types::WasiHandle::Error:
      break;
  }
  return engine::WasiKind::Error;
}

}  // namespace

CallTable::CallTable(const resolve::LinkPlan& plan, const resolve::SplitPlan& split,
                     const ForeignKinds& foreign, const KnownUnits& units, const HostTable& host,
                     ResourceKinds& kinds, packr::BufferTable& program_buffers,
                     const std::vector<std::unique_ptr<runtime::Domain>>& domains)
    : plan_(plan),
      split_(split),
      foreign_(foreign),
      units_(units),
      host_(host),
      types_(*split.types),
      classes_(*split.resource_class),
      domains_(domains),
      domain_of_(plan.units.size()),
      kinds_(kinds),
      program_buffers_(program_buffers),
      shapes_(types_, [this](types::ResourceId resource) -> const runtime::ResourceKind& {
        return kind_of(resource);
      }) {
  for (resolve::DomainIndex i = 0; i < split.domains.size(); ++i)
    for (const resolve::UnitIndex unit : split.domains[i].units) domain_of_[unit] = i;
  find_makers();
}

types::ResourceId CallTable::class_of(types::ResourceId resource) const {
  if (resource.index >= classes_.size()) return resource;
  return classes_[resource.index];
}

void CallTable::find_makers() {
  for (resolve::UnitIndex i = 0; i < plan_.units.size(); ++i) {
    const types::ComponentType& type = plan_.units[i].type;
    for (const types::ResourceId defined : type.defined)
      makers_.try_emplace(class_of(defined), Maker{i, defined, types_.resources[defined].name});
    for (const types::RootItem& exported : type.exports) {
      for (const types::Slot& slot : types::resource_slots(types_, exported.name, exported.item)) {
        const auto maker = makers_.find(class_of(slot.resource));
        if (maker != makers_.end() && maker->second.name == types_.resources[slot.resource].name)
          maker->second.name = slot.path;
      }
    }
  }
}

runtime::Domain* CallTable::find_home(types::ResourceId representative) const {
  const auto home = split_.homes.find(representative);
  if (home == split_.homes.end() || home->second == resolve::kOutside) return nullptr;
  return domains_[home->second].get();
}

const CallTable::WasiResource* CallTable::find_wasi(types::ResourceId resource) {
  if (!plan_.wasi) return nullptr;
  if (!wasi_) {
    wasi_.emplace();
    for (const types::RootItem& exported : plan_.wasi->type.exports)
      for (const types::Slot& slot : types::resource_slots(types_, exported.name, exported.item))
        if (const auto handle = types::find_wasi_handle(slot.path))
          wasi_->try_emplace(class_of(slot.resource),
                             WasiResource{slot.path, link::kind_of(*handle)});
  }
  const auto wasi = wasi_->find(resource);
  return wasi == wasi_->end() ? nullptr : &wasi->second;
}

const runtime::ResourceKind& CallTable::kind_of(types::ResourceId resource) {
  const types::ResourceId representative = class_of(resource);
  const auto maker = makers_.find(representative);
  const bool is_made = maker != makers_.end();
  const auto foreign = is_made ? foreign_.find(maker->second.resource) : foreign_.end();
  const runtime::ResourceKind* const origin = foreign == foreign_.end() ? nullptr : foreign->second;
  const WasiResource* const wasi = is_made ? nullptr : find_wasi(representative);
  const std::string& name = origin != nullptr ? origin->name
                            : is_made         ? maker->second.name
                            : wasi != nullptr ? wasi->name
                                              : types_.resources[representative].name;
  const std::string key = origin != nullptr ? fmt::format("{}", fmt::ptr(origin))
                          : wasi != nullptr ? fmt::format("wasi {}", name)
                          : is_made
                              ? fmt::format("{} {}", plan_.units[maker->second.unit].name, name)
                              : fmt::format("{} {}", representative.index, name);
  const auto [kind, is_new] = kinds_.try_emplace(key);
  if (is_new) {
    kind->second.number = static_cast<std::uint32_t>(kinds_.size());
    kind->second.name = name;
    kind->second.home = find_home(representative);
    kind->second.origin = origin;
    if (wasi != nullptr) kind->second.wasi = wasi->kind;
    if (is_made) {
      const resolve::Unit& made_by = plan_.units[maker->second.unit];
      kind->second.is_hosted =
          units_.bundles.contains(made_by.name) || made_by.kind == UnitKind::Remote;
      if (resolve::row_of(made_by.kind).types == resolve::TypesOf::Consumer)
        kind->second.host_class = find_host_class(host_, made_by, types_, maker->second.resource);
    }
  }
  return kind->second;
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

const host::Bundle& CallTable::bundle_of(resolve::UnitIndex unit) const {
  const auto bundle = units_.bundles.find(plan_.units[unit].name);
  TENON_CHECK(bundle != units_.bundles.end());
  return *bundle->second;
}

const std::shared_ptr<const call::FunctionShape>& CallTable::encoded_shape() {
  if (encoded_shape_ == nullptr) encoded_shape_ = packr::encoded_shape();
  return encoded_shape_;
}

std::shared_ptr<const call::ValueForm> CallTable::make_values(
    std::shared_ptr<const call::FunctionShape> shape, types::FunctionId function) {
  return std::make_shared<const call::CanonicalValues>(value::make_function_type(graph(), function),
                                                       std::move(shape));
}

const value::TypeGraphPtr& CallTable::graph() {
  if (graph_ == nullptr) {
    types::TypeNames names = names_of_exports(plan_);
    for (const auto& [unit, package] : units_.packages)
      names.types.insert(package->names.begin(), package->names.end());
    graph_ = std::make_shared<const value::TypeGraph>(value::TypeGraph{types_, std::move(names)});
  }
  return graph_;
}

const std::vector<ExportedItem>& CallTable::functions() {
  if (!functions_) functions_ = list_exported_functions(plan_);
  return *functions_;
}

const std::vector<ExportedItem>& CallTable::functions_of(resolve::UnitIndex unit) {
  const auto [functions, is_new] = unit_functions_.try_emplace(unit);
  if (is_new) functions->second = list_unit_functions(plan_, split_, unit);
  return functions->second;
}

Result<std::shared_ptr<const call::FunctionShape>> ShapeTable::shape_of(
    types::FunctionId function, const runtime::StreamOptions& streams) {
  std::weak_ptr<const call::FunctionShape>& known = shapes_[{function, streams}];
  if (auto shape = known.lock()) return shape;
  TENON_TRY(const std::shared_ptr<const call::FunctionShape> shape,
            make_shape(types_.functions[function], streams));
  known = shape;
  return shape;
}

Result<std::shared_ptr<call::FunctionShape>> ShapeTable::make_shape(
    const types::Function& function, const runtime::StreamOptions& options) {
  TENON_TRY(abi::FunctionLayout layout, abi::lay_out_function(types_, function));
  std::vector<StreamKindPtr> streams;
  TENON_TRY(auto params, kinds_of(layout.param_handles, options, streams));
  TENON_TRY(auto results, kinds_of(layout.result_handles, options, streams));
  // Not make_shared: tables keep weak references, which would keep the whole block alive.
  return std::shared_ptr<call::FunctionShape>(
      new call::FunctionShape{.program = abi::CopyProgram::make(std::move(layout)),
                              .param_kinds = std::move(params),
                              .result_kinds = std::move(results),
                              .streams = std::move(streams)});
}

Result<std::vector<const runtime::ResourceKind*>> ShapeTable::kinds_of(
    const std::vector<abi::HandleType>& handles, const runtime::StreamOptions& options,
    std::vector<StreamKindPtr>& streams) {
  std::vector<const runtime::ResourceKind*> kinds;
  for (const abi::HandleType& handle : handles) {
    if (!handle.transmitted.is_valid()) {
      kinds.push_back(&kind_of(handle.resource));
      continue;
    }
    TENON_TRY(StreamKindPtr stream, stream_kind(handle.transmitted, options));
    kinds.push_back(&stream->handle);
    streams.push_back(std::move(stream));
  }
  return kinds;
}

// Streams of streams recurse as deep as types nest.
Result<ShapeTable::StreamKindPtr> ShapeTable::stream_kind(types::TypeId type,
                                                          const runtime::StreamOptions& options) {
  std::weak_ptr<const runtime::StreamKind>& known = streams_[{type, options}];
  if (StreamKindPtr kind = known.lock()) return kind;
  const auto& kind = types_.types[type].kind;
  const auto* const stream = std::get_if<types::Stream>(&kind);
  const std::optional<types::TypeId> payload =
      stream != nullptr ? stream->type : std::get<types::Future>(kind).type;
  std::shared_ptr<const call::FunctionShape> item;
  if (payload) {
    types::Function function;
    function.params.push_back({.label = "item", .type = *payload});
    TENON_TRY(const std::shared_ptr<call::FunctionShape> shape, make_shape(function, options));
    // Items are read and written alike.
    shape->result_kinds = shape->param_kinds;
    item = shape;
  }
  // Numbers of resources are counted from 1.
  auto made = std::make_shared<const runtime::StreamKind>(
      types::print_type(types_, {}, type), kFirstStreamNumber + stream_count_++,
      stream != nullptr ? runtime::StreamKind::Is::Stream : runtime::StreamKind::Is::Future,
      std::move(item), options);
  known = made;
  return made;
}

}  // namespace tenon::link
