// Signatures: for a C++ function type, the layout of its parameters and result, whether they are
// flat, and how they are written and read. See tenon/detail/codec.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tenon/detail/codec_cases.h"
#include "tenon/detail/codec_rows.h"

namespace tenon::detail {

// The type as which a parameter is passed: `const std::vector<T>&` is a std::vector<T>, `const
// Resource&` a Borrow.
template <class A>
struct WireOf : std::type_identity<std::remove_cvref_t<A>> {};
template <>
struct WireOf<const Resource&> : std::type_identity<Borrow> {};
template <class A>
using Wire = typename WireOf<A>::type;

template <class R, class... Wires>
struct Signature {
  static constexpr std::size_t kCount = sizeof...(Wires);
  static constexpr RecordPlaces<kCount> kPlaces =
      lay_out_record(std::array<CodecLayout, kCount>{Codec<Wires>::layout...});
  static constexpr CodecLayout kParams = kPlaces.whole;
  static constexpr CodecLayout kResult = [] {
    if constexpr (std::is_void_v<R>)
      return CodecLayout();
    else
      return Codec<R>::layout;
  }();
  static constexpr bool kFlatParams = kParams.flat <= kMaxFlatParams && !kParams.needs_buffer;
  static constexpr bool kFlatResult = kResult.flat <= kMaxFlatResults && !kResult.needs_buffer;
  static constexpr std::array<const CppType*, kCount> kParamTypes = {&Codec<Wires>::type...};
  static constexpr CppSignature kSignature{
      .params = kParamTypes,
      .result = payload_type<R>(),
      .params_at = kFlatParams ? ValuesAt::Flat : ValuesAt::Buffer,
      .result_at = kFlatResult ? ValuesAt::Flat : ValuesAt::Buffer};
  // Has at least one element, since arrays of size 0 have no data.
  using FlatParams =
      std::array<std::uint64_t, (kFlatParams && kParams.flat > 0 ? kParams.flat : 1)>;

  static void put_flat_params(FlatParams& to, const Wires&... params) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (Codec<Wires>::put_flat(params, to.data() + kPlaces.parts[I].flat_offset), ...);
    }(std::index_sequence_for<Wires...>());
  }

  // Stores the parameters as a record in a new block of the buffer.
  [[nodiscard]] static bool store_params(CallBuffer& buffer, std::uint32_t& at,
                                         const Wires&... params) {
    if (!buffer.allocate(kParams.size, kParams.align, at)) return false;
    std::memset(buffer.data() + at, 0, kParams.size);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (Codec<Wires>::store(buffer, params, at + kPlaces.parts[I].offset,
                                  kPlaces.parts[I].handles) &&
              ...);
    }(std::index_sequence_for<Wires...>());
  }
  // Braces guarantee that the parameters are read in order.
  static std::tuple<Wires...> load_params(CallBuffer& buffer, std::uint32_t at) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<Wires...>{
          Codec<Wires>::load(buffer, at + kPlaces.parts[I].offset, kPlaces.parts[I].handles)...};
    }(std::index_sequence_for<Wires...>());
  }
  static std::tuple<Wires...> take_flat_params(const std::uint64_t* from) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<Wires...>{Codec<Wires>::take_flat(from + kPlaces.parts[I].flat_offset)...};
    }(std::index_sequence_for<Wires...>());
  }
};

}  // namespace tenon::detail
