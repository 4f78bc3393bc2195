// Host bundles of a user's hosts.toml: offers, which are units of a composition that needs them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "linker/request.h"
#include "resolve/unit.h"
#include "types/type.h"

namespace tenon::linker {

// What units import and none of them provides, and which hosts are asked for by name.
class OfferNeeds final {
 public:
  OfferNeeds(const Request& request, const std::vector<resolve::Unit>& units,
             const types::Types& types);

  // Whether its manifest and WIT have to be read at all. With none needed, an offer that is broken
  // is nobody's concern.
  [[nodiscard]] bool may_need(const host::HostEntry& offer) const;
  [[nodiscard]] bool needs(const resolve::Unit& host) const;

 private:
  std::set<std::string, std::less<>> hosts_;       // by name
  std::set<std::string, std::less<>> interfaces_;  // without version
};

// Of two of one name the later counts.
void add_offers(host::HostsFile file, HostSettings& settings);

// The unit that an offer becomes.
[[nodiscard]] UnitRequest take_offer(const std::shared_ptr<const host::HostEntry>& offer);

// From here on the offers that were taken are units of the request, and there are no others:
// whatever files say later.
void adopt_offers(std::vector<UnitRequest> taken, Request& request);

// The filters that `interfaces` of an entry means.
void add_interface_filters(const host::HostEntry& entry, std::vector<resolve::Filter>& filters);

}  // namespace tenon::linker
