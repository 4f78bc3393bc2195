// Why values could not be copied.
#pragma once

#include <cstdint>
#include <string>

namespace tenon::abi {

enum class AbiErrorKind : std::uint8_t {
  // The side that gives the values breaks the Canonical ABI.
  OutOfBounds,      // an address and length that are not within its memory
  Misaligned,       // an address that is not a multiple of what its type needs
  TooLong,          // a string or list longer than is allowed
  BadDiscriminant,  // a number that is no case of a variant
  BadChar,          // a number that is no Unicode scalar value
  BadText,          // bytes that are no text in the encoding of that side
  // The side that takes them does.
  BadAllocation,  // realloc returned an address that is misaligned or not within its memory
  // Neither.
  Guest,    // a function of a side failed: a trap in realloc, a handle; that side knows why
  Limit,    // limits::kCopiedBytes, or the bound of an arena
  BadCall,  // places that do not fit the function's type, or two sides with one memory
};

struct AbiError {
  AbiErrorKind kind = AbiErrorKind::BadCall;
  // Without the path; names in backticks, no full stop.
  std::string message = {};
  // Where in the params or in the result: "items[3].price", "shape.circle", empty for all of it.
  std::string path = {};

  bool operator==(const AbiError&) const = default;
};

}  // namespace tenon::abi
