// What the writer and the reader of a known link's file agree on.
#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::linker::known_link_format {

inline constexpr std::string_view kMagic = "tenon-link-3";

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

}  // namespace tenon::linker::known_link_format
