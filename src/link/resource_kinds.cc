#include "link/resource_kinds.h"

#include <fmt/format.h>

#include <utility>

#include "tenon/buffer.h"
#include "tenon/detail/host_codec.h"
#include "types/uses.h"
#include "types/wasi_handle.h"

namespace tenon::link {

namespace {

// Both are the rows of support/wasi_handles.def.
engine::WasiKind kind_of(types::WasiHandle handle) { return static_cast<engine::WasiKind>(handle); }

}  // namespace

const runtime::ResourceKind& add_kind(ResourceKinds& kinds, const KindRow& row,
                                      std::span<const std::unique_ptr<runtime::Domain>> domains) {
  const auto [entry, is_new] = kinds.try_emplace(row.key);
  runtime::ResourceKind& kind = entry->second;
  if (!is_new) return kind;
  kind.number = static_cast<std::uint32_t>(kinds.size());
  kind.name = row.name;
  kind.unit = row.unit;
  if (row.home != resolve::kOutside) kind.home = domains[row.home].get();
  kind.host_class = row.host_class;
  kind.is_hosted = row.is_hosted;
  kind.origin = row.origin;
  kind.wasi = row.wasi;
  return kind;
}

KindFinder::KindFinder(const resolve::LinkPlan& plan, const types::Types& types,
                       const std::vector<resolve::DomainIndex>& domain_of,
                       const ForeignKinds& foreign, const KnownUnits& units,
                       const program::HostTable& host)
    : plan_(plan),
      types_(types),
      domain_of_(domain_of),
      foreign_(foreign),
      units_(units),
      host_(host) {
  find_makers();
}

types::ResourceId KindFinder::class_of(types::ResourceId resource) const {
  const std::vector<types::ResourceId>& classes = *plan_.resource_class;
  return resource.index < classes.size() ? classes[resource.index] : resource;
}

void KindFinder::find_makers() {
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

const KindFinder::WasiResource* KindFinder::find_wasi(types::ResourceId resource) {
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

KindRow KindFinder::describe_made(const Maker& maker) const {
  const resolve::Unit& unit = plan_.units[maker.unit];
  KindRow row{.key = {}, .name = maker.name, .home = domain_of_[maker.unit]};
  const auto foreign = foreign_.find(maker.resource);
  if (foreign != foreign_.end()) {
    row.origin = foreign->second;
    row.name = row.origin->name;
    row.key = fmt::format("{}", fmt::ptr(row.origin));
  } else {
    row.key = fmt::format("{} {}", unit.name, row.name);
  }
  row.is_hosted = units_.bundles.contains(unit.name) || resolve::is_remote(unit.kind);
  row.unit = unit.name;
  if (resolve::row_of(unit.kind).types == resolve::TypesOf::Consumer) {
    row.host_class = program::find_host_class(host_, unit, types_, maker.resource);
    if (row.host_class == detail::host_class<Buffer>()) row.unit = "tenon";
  }
  return row;
}

value::ResourceOrigins KindFinder::find_origins() const {
  value::ResourceOrigins origins;
  for (std::uint32_t i = 0; i < types_.resources.size(); ++i) {
    const auto maker = makers_.find(class_of(types::ResourceId{i}));
    if (maker == makers_.end()) continue;
    KindRow row = describe_made(maker->second);
    origins.emplace(types::ResourceId{i},
                    value::ResourceOrigin{std::move(row.name), std::move(row.unit)});
  }
  return origins;
}

KindRow KindFinder::find(types::ResourceId resource) {
  const types::ResourceId representative = class_of(resource);
  if (const auto maker = makers_.find(representative); maker != makers_.end())
    return describe_made(maker->second);
  if (const WasiResource* const wasi = find_wasi(representative))
    return {.key = fmt::format("wasi {}", wasi->name), .name = wasi->name, .wasi = wasi->kind};
  const std::string& name = types_.resources[representative].name;
  return {.key = fmt::format("{} {}", representative.index, name), .name = name};
}

}  // namespace tenon::link
