// Layouts of the Canonical ABI for C++ types, computed at compile time: size, alignment, flat
// values, and the offsets of fields and payloads.
// Source: component-model CanonicalABI.md, "Alignment", "Element Size", "Flattening".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tenon::detail {

inline constexpr std::uint32_t kMaxFlatParams = 16;
inline constexpr std::uint32_t kMaxFlatResults = 1;

struct CodecLayout {
  std::uint32_t size = 0;  // bytes, a multiple of `align`
  std::uint32_t align = 1;
  std::uint32_t flat = 0;     // number of flat values; kMaxFlatParams + 1 means that or more
  std::uint32_t handles = 0;  // number of handles in the type
  bool needs_buffer = false;  // contains strings, lists or handles
  bool is_view = false;       // contains a view of other memory: not allowed in results
};

struct PartPlace {
  std::uint32_t offset = 0;       // bytes from the start of the value
  std::uint32_t flat_offset = 0;  // flat values from the first one
  std::uint32_t handles = 0;      // handles before this part
};

template <std::size_t N>
struct RecordPlaces {
  CodecLayout whole;
  std::array<PartPlace, N> parts = {};
};

constexpr std::uint32_t align_to(std::uint32_t offset, std::uint32_t align) {
  return (offset + align - 1) / align * align;
}

constexpr void add_traits(CodecLayout& whole, const CodecLayout& part) {
  whole.align = std::max(whole.align, part.align);
  whole.handles += part.handles;
  whole.needs_buffer |= part.needs_buffer;
  whole.is_view |= part.is_view;
}

template <std::size_t N>
constexpr RecordPlaces<N> lay_out_record(const std::array<CodecLayout, N>& parts) {
  RecordPlaces<N> result;
  for (std::size_t i = 0; i < N; ++i) {
    result.whole.size = align_to(result.whole.size, parts[i].align);
    result.parts[i] = {result.whole.size, result.whole.flat, result.whole.handles};
    result.whole.size += parts[i].size;
    result.whole.flat = std::min(result.whole.flat + parts[i].flat, kMaxFlatParams + 1);
    add_traits(result.whole, parts[i]);
  }
  result.whole.size = align_to(result.whole.size, result.whole.align);
  return result;
}

template <std::size_t N>
struct CasePlaces {
  CodecLayout whole;
  std::uint32_t discriminant_size = 1;
  std::uint32_t payload_offset = 0;
  std::array<std::uint32_t, N> handles = {};  // handles before each case
};

constexpr std::uint32_t discriminant_size(std::size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

// parts: the payload of each case, or nothing.
template <std::size_t N>
constexpr CasePlaces<N> lay_out_cases(const std::array<std::optional<CodecLayout>, N>& parts) {
  CasePlaces<N> result;
  result.discriminant_size = discriminant_size(N);
  std::uint32_t align = 1;
  for (std::size_t i = 0; i < N; ++i) {
    result.handles[i] = result.whole.handles;
    if (!parts[i]) continue;
    align = std::max(align, parts[i]->align);
    result.whole.size = std::max(result.whole.size, parts[i]->size);
    result.whole.flat = std::max(result.whole.flat, parts[i]->flat);
    add_traits(result.whole, *parts[i]);
  }
  result.payload_offset = align_to(result.discriminant_size, align);
  result.whole.align = std::max(result.whole.align, result.discriminant_size);
  result.whole.size = align_to(result.payload_offset + result.whole.size, result.whole.align);
  result.whole.flat = std::min(result.whole.flat + 1, kMaxFlatParams + 1);
  return result;
}

constexpr CodecLayout lay_out_flags(std::uint32_t labels) {
  const std::uint32_t words = (labels + 31) / 32;
  const std::uint32_t align = labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
  return {.size = labels <= 16 ? align : 4 * words,
          .align = align,
          .flat = std::min(words, kMaxFlatParams + 1)};
}

// An address and a length.
inline constexpr CodecLayout kPairLayout{.size = 8, .align = 4, .flat = 2, .needs_buffer = true};
inline constexpr CodecLayout kHandleLayout{
    .size = 4, .align = 4, .flat = 1, .handles = 1, .needs_buffer = true};

}  // namespace tenon::detail
