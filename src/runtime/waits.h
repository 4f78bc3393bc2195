// What the tasks of a composition wait for, for a deadlock or a late call.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/channel.h"
#include "runtime/domain.h"

namespace tenon::runtime {

// Sentences such as "`total` of `cart` waits for `acme:tax/lib#rate` of `tax`", sorted.
// Thread: that of the composition.
[[nodiscard]] std::vector<std::string> list_waits(std::span<const std::unique_ptr<Domain>> domains,
                                                  const ChannelList& channels);

}  // namespace tenon::runtime
