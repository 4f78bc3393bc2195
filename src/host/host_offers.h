// Host bundles of a user's hosts.toml: offers, which are units of a composition that needs them.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "host/bundle_unit.h"
#include "host/hosts_file.h"
#include "resolve/unit.h"
#include "tenon/host_function.h"
#include "types/type.h"

namespace tenon::host {

// What units import and none of them provides, and which hosts are asked for by name.
class OfferNeeds final {
 public:
  // functions: those that the program provides.
  OfferNeeds(const resolve::Policy& policy, std::span<const HostFunction> functions,
             std::span<const resolve::Unit> units, const types::Types& types);

  // Whether its manifest and WIT have to be read at all. With none needed, an offer that is broken
  // is nobody's concern.
  [[nodiscard]] bool may_need(const HostEntry& offer) const;
  [[nodiscard]] bool needs(const resolve::Unit& host) const;

 private:
  std::set<std::string, std::less<>> hosts_;       // by name
  std::set<std::string, std::less<>> interfaces_;  // without version
};

// Of two of one name the later counts.
void add_offers(HostsFile file, HostSettings& settings);

// The request for the bundle of an offer.
[[nodiscard]] BundleRequest take_offer(const std::shared_ptr<const HostEntry>& offer);

// The filters that `interfaces` of an entry means.
void add_interface_filters(const HostEntry& entry, std::vector<resolve::Filter>& filters);

}  // namespace tenon::host
