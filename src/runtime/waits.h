// Lists which task of a composition waits for which other, for reports of deadlocks and deadlines.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/channel.h"
#include "runtime/domain.h"

namespace tenon::runtime {

// Sentences such as "`total` of `cart` waits for `acme:tax/lib#rate` of `tax`", sorted.
// Thread: that of the composition.
[[nodiscard]] std::vector<std::string> list_waits(std::span<Domain* const> domains,
                                                  const ChannelList& channels);

}  // namespace tenon::runtime
