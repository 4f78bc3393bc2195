// Offers: the host bundles of a user's hosts.toml, which become units of a composition that needs
// them.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "host/bundle_unit.h"
#include "host/hosts_file.h"
#include "resolve/unit.h"
#include "tenon/host.h"
#include "types/type.h"

namespace tenon::host {

// The interfaces that units import and no unit provides, and the hosts that are requested by name.
class OfferNeeds final {
 public:
  // functions: those that the program provides.
  OfferNeeds(const resolve::Policy& policy, std::span<const HostFunction> functions,
             std::span<const resolve::Unit> units, const types::Types& types);

  // Whether the manifest and WIT of an offer have to be read. A broken offer is reported only if it
  // may be needed.
  [[nodiscard]] bool may_need(const HostEntry& offer) const;
  [[nodiscard]] bool needs(const resolve::Unit& host) const;

 private:
  std::set<std::string, std::less<>> hosts_;       // by name
  std::set<std::string, std::less<>> interfaces_;  // without version
};

// If two offers have the same name, the later one counts.
void add_offers(HostsFile file, HostSettings& settings);

// The request for the bundle of an offer.
[[nodiscard]] BundleRequest take_offer(const std::shared_ptr<const HostEntry>& offer);

// Adds the filters for the key `interfaces` of an entry.
void add_interface_filters(const HostEntry& entry, std::vector<resolve::Filter>& filters);

}  // namespace tenon::host
