// The file format of known links: the facts that a start needs, and the types of the bridges
// between the domains.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "link/known_link.h"
#include "support/files.h"

namespace tenon::link {

// Nothing if a part of the link cannot be kept: streams, async functions, warnings.
[[nodiscard]] std::optional<Bytes> write_known_link(const KnownLink& link, const std::string& key);

// Nothing if the bytes have another key or version, or are malformed.
[[nodiscard]] std::optional<KnownLink> read_known_link(std::span<const std::uint8_t> bytes,
                                                       const std::string& key);

}  // namespace tenon::link
