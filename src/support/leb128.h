// LEB128, the variable-length integers of WebAssembly: 7 bits per byte, low bits first; the high bit
// of a byte says that another follows.
//
// Source: WebAssembly core specification, "Integers".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace tenon {

template <class Integer>
struct Leb128 {
  enum class Fault : std::uint8_t {
    None,
    Short,  // the bytes end within the integer
    Long,   // it has more bytes than its type needs
    Wide,   // it does not fit in its type
  };
  Fault fault = Fault::None;
  Integer value = 0;
  std::size_t size = 0;  // in bytes
};

// Reads the integer at the beginning of `bytes`. The last byte that it may have can carry more bits
// than are left: these must be zero, or, in a signed integer, copies of the sign bit.
// bits: the width of the encoded integer, which fits in `Integer`.
template <class Integer>
[[nodiscard]] Leb128<Integer> read_leb128(std::span<const std::uint8_t> bytes,
                                          int bits = 8 * static_cast<int>(sizeof(Integer))) {
  using Fault = typename Leb128<Integer>::Fault;
  std::uint64_t value = 0;
  std::size_t size = 0;
  for (int shift = 0; shift < bits; shift += 7) {
    if (size == bytes.size()) return {Fault::Short};
    const std::uint8_t byte = bytes[size++];
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) != 0) continue;
    const int used = bits - shift;  // bits of this byte that belong to the integer, if below 7
    if (used < 7) {
      const unsigned unused = (byte & 0x7fU) >> (std::is_signed_v<Integer> ? used - 1 : used);
      const unsigned all = 0x7fU >> (std::is_signed_v<Integer> ? used - 1 : used);
      if (unused != 0 && !(std::is_signed_v<Integer> && unused == all)) return {Fault::Wide};
    }
    const int width = shift + 7;
    if (std::is_signed_v<Integer> && (byte & 0x40) != 0 && width < 64)
      value |= ~std::uint64_t{0} << width;
    return {Fault::None, static_cast<Integer>(value), size};
  }
  return {Fault::Long};
}

// Appends the shortest form.
template <class Integer>
void append_leb128(std::vector<std::uint8_t>& out, Integer value) {
  const auto is_last = [&] {
    if constexpr (std::is_signed_v<Integer>)
      return value >= -64 && value < 64;
    else
      return value < 0x80;
  };
  while (!is_last()) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value = static_cast<Integer>(value >> 7);
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7f));
}

}  // namespace tenon
