// The file format of known links: the facts that a start needs, and the types of the bridges
// between the domains.
//
// Fields follow each other without gaps; strings and lists begin with their lengths. A type comes
// before the types that contain it, and they refer to it by its index. There is one encoding of
// each link: a file whose content encodes to other bytes is rejected.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "link/known_link.h"
#include "support/files.h"

namespace tenon::link {

// Nothing if a part of the link cannot be encoded.
[[nodiscard]] std::optional<Bytes> write_known_link(const KnownLink& link, const std::string& key);

// Nothing if the bytes have another key or version.
[[nodiscard]] std::optional<KnownLink> read_known_link(std::span<const std::uint8_t> bytes,
                                                       const std::string& key);

namespace known_link_format {

inline constexpr std::string_view kMagic = "tenon-link-4";

// The kinds of types::Type that have a layout.
enum class Kind : std::uint8_t {
  Primitive,
  Record,
  Variant,
  List,
  Map,
  Tuple,
  Flags,
  Enum,
  Option,
  Result,
  Own,
  Borrow
};
enum class Sort : std::uint8_t { Function, Instance, Resource, Type };

}  // namespace known_link_format

}  // namespace tenon::link
