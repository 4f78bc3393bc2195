#include "host/host_offers.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "host/bundle_world.h"
#include "types/uses.h"

namespace tenon::host {

namespace {

bool is_wasi(std::string_view name) { return name.starts_with("wasi:"); }

}  // namespace

OfferNeeds::OfferNeeds(const resolve::Policy& policy, std::span<const HostFunction> functions,
                       std::span<const resolve::Unit> units, const types::Types& types) {
  std::set<std::string, std::less<>> provided;
  const auto add_names = [](const types::RootItem& item, auto& names) {
    names.insert(table_name(item.name));
    if (item.implements) names.insert(table_name(*item.implements));
  };
  for (const HostFunction& function : functions) provided.insert(table_name(function.interface));
  for (const resolve::Unit& unit : units)
    for (const types::RootItem& exported : unit.type.exports) add_names(exported, provided);
  for (const resolve::Unit& unit : units) {
    for (const types::RootItem& import : unit.type.imports) {
      if (is_wasi(import.name) || types::is_types_only(types, import.item)) continue;
      // `import primary: acme:db/sql` is provided by the host with that name, if there is one.
      if (import.implements) hosts_.insert(import.name);
      std::set<std::string, std::less<>> names;
      add_names(import, names);
      if (std::ranges::none_of(names, [&](const auto& name) { return provided.contains(name); }))
        interfaces_.merge(names);
    }
  }
  for (const Wire& wire : policy.wires) {
    if (!wire.provider.empty()) hosts_.insert(wire.provider);
    hosts_.insert(wire.via.begin(), wire.via.end());
  }
  for (const resolve::Filter& filter : policy.filters) hosts_.insert(filter.unit);
  for (const resolve::ExportRequest& exported : policy.exports) hosts_.insert(exported.unit);
}

bool OfferNeeds::may_need(const HostEntry& offer) const {
  return !interfaces_.empty() || hosts_.contains(offer.name);
}

bool OfferNeeds::needs(const resolve::Unit& host) const {
  return hosts_.contains(host.name) ||
         std::ranges::any_of(host.type.exports, [this](const types::RootItem& exported) {
           return interfaces_.contains(table_name(exported.name));
         });
}

void add_offers(HostsFile file, HostSettings& settings) {
  settings.require_pins |= file.require_pins;
  for (auto& offer : file.hosts) {
    const auto same = std::ranges::find(settings.offers, offer->name,
                                        [](const auto& known) { return known->name; });
    if (same == settings.offers.end())
      settings.offers.push_back(std::move(offer));
    else
      *same = std::move(offer);
  }
}

BundleRequest take_offer(const std::shared_ptr<const HostEntry>& offer) {
  return {.name = offer->name,
          .path = offer->bundle.empty() ? offer->library : offer->bundle,
          .where = std::make_shared<const Location>(offer->where),
          .entry = offer};
}

void add_interface_filters(const HostEntry& entry, std::vector<resolve::Filter>& filters) {
  for (const auto& [item, where] : entry.interfaces)
    filters.push_back({entry.name, resolve::Filter::Kind::Expose, item, where});
}

}  // namespace tenon::host
