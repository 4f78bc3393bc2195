// Codecs: how values of a C++ type are written to and read from a call buffer or flat values. There
// is one `Codec<T>` for each type; this header has those of scalars, strings, lists and handles,
// and tenon/detail/codec_rows.h and codec_cases.h those of composed types.
//
// A codec has these members:
//   layout, type      constants: size, alignment and more; the description to compare with WIT
//   store(buffer, value, at, handle)   writes the value to an address whose bytes are zero;
//                     handle: number of its first handle. Returns false if the buffer has a problem
//   load(buffer, at, handle)           reads a value; bytes from a guest were validated before
//   put_flat(value, to), take_flat(from)   the same for flat values, for types without a buffer
//   is_bitwise        whether its bytes can be copied, provided that has_same_bytes() is true
//
// Contents that cannot be passed, such as text that is not UTF-8, are detected when the values are
// copied to the guest.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/call_port.h"
#include "tenon/detail/codec_layout.h"
#include "tenon/record.h"

namespace tenon::detail {

static_assert(std::endian::native == std::endian::little, "tenon: guests are little-endian");

template <class T>
constexpr CodecLayout refuse_type() {
  static_assert(
      !std::same_as<T, T>,
      "tenon: this C++ type has no equivalent in the component model; a struct or an enum "
      "needs TENON_RECORD, TENON_ENUM, TENON_FLAGS or TENON_VARIANT in its own namespace");
  return {};
}
template <class T>
struct Codec {
  static constexpr CodecLayout layout = refuse_type<T>();
};

// True if the type itself has a codec; its parts may lack one.
template <class T>
concept HasCodec = requires { Codec<T>::is_bitwise; };

template <class T>
concept CodecInteger =
    (std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
     !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> && !std::same_as<T, char16_t> &&
     !std::same_as<T, char32_t> && sizeof(T) <= 8) ||
    std::same_as<T, std::byte>;
template <class T>
concept CodecScalar = CodecInteger<T> || std::same_as<T, bool> || std::same_as<T, char32_t> ||
                      std::same_as<T, float> || std::same_as<T, double>;

template <CodecScalar T>
constexpr CppKind scalar_kind() {
  if constexpr (std::same_as<T, bool>) return CppKind::Bool;
  if constexpr (std::same_as<T, char32_t>) return CppKind::Char;
  if constexpr (std::same_as<T, float>) return CppKind::F32;
  if constexpr (std::same_as<T, double>) return CppKind::F64;
  constexpr bool kSigned = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 1) return kSigned ? CppKind::S8 : CppKind::U8;
  if constexpr (sizeof(T) == 2) return kSigned ? CppKind::S16 : CppKind::U16;
  if constexpr (sizeof(T) == 4) return kSigned ? CppKind::S32 : CppKind::U32;
  return kSigned ? CppKind::S64 : CppKind::U64;
}

template <CodecScalar T>
struct Codec<T> {
  static constexpr CodecLayout layout{.size = sizeof(T), .align = sizeof(T), .flat = 1};
  static constexpr CppType type{.kind = scalar_kind<T>()};
  static constexpr bool is_bitwise = true;
  static bool has_same_bytes() { return true; }

  static bool store(CallBuffer& buffer, T value, std::uint32_t at, std::uint32_t /*handle*/) {
    put_bytes(buffer.data() + at, value);
    return true;
  }
  static T load(CallBuffer& buffer, std::uint32_t at, std::uint32_t /*handle*/) {
    if constexpr (std::same_as<T, bool>)
      return buffer.data()[at] != 0;
    else
      return get_bytes<T>(buffer.data() + at);
  }
  static void put_flat(T value, std::uint64_t* to) {
    if constexpr (std::same_as<T, float>)
      *to = std::bit_cast<std::uint32_t>(value);
    else if constexpr (std::same_as<T, double>)
      *to = std::bit_cast<std::uint64_t>(value);
    else if constexpr (sizeof(T) == 8)
      *to = static_cast<std::uint64_t>(value);
    else
      *to = static_cast<std::uint32_t>(value);
  }
  static T take_flat(const std::uint64_t* from) {
    if constexpr (std::same_as<T, float>)
      return std::bit_cast<float>(static_cast<std::uint32_t>(*from));
    else if constexpr (std::same_as<T, double>)
      return std::bit_cast<double>(*from);
    else if constexpr (std::same_as<T, bool>)
      return static_cast<std::uint32_t>(*from) != 0;
    else
      return static_cast<T>(*from);
  }
};

inline void put_pair(CallBuffer& buffer, std::uint32_t at, std::uint32_t address,
                     std::size_t length) {
  put_bytes(buffer.data() + at, address);
  put_bytes(buffer.data() + at + 4, static_cast<std::uint32_t>(length));
}

// An address and a length in the buffer.
struct AddressPair {
  std::uint32_t address = 0;
  std::uint32_t length = 0;
};
[[nodiscard]] inline AddressPair get_pair(CallBuffer& buffer, std::uint32_t at) {
  return {get_bytes<std::uint32_t>(buffer.data() + at),
          get_bytes<std::uint32_t>(buffer.data() + at + 4)};
}

template <class Text, CppKind kKind>
struct TextCodec {
  static constexpr CodecLayout layout = [] {
    CodecLayout result = kPairLayout;
    result.is_view = kKind == CppKind::StringView;
    return result;
  }();
  static constexpr CppType type{.kind = kKind};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, std::string_view text, std::uint32_t at,
                    std::uint32_t /*handle*/) {
    if (text.empty()) return true;
    std::uint32_t address = 0;
    if (!buffer.allocate_array(text.size(), 1, 1, address)) return false;
    std::memcpy(buffer.data() + address, text.data(), text.size());
    put_pair(buffer, at, address, text.size());
    return true;
  }
  static Text load(CallBuffer& buffer, std::uint32_t at, std::uint32_t /*handle*/) {
    const AddressPair text = get_pair(buffer, at);
    return Text(reinterpret_cast<const char*>(buffer.data()) + text.address, text.length);
  }
};
template <>
struct Codec<std::string> : TextCodec<std::string, CppKind::String> {};
template <>
struct Codec<std::string_view> : TextCodec<std::string_view, CppKind::StringView> {};

// Stores the elements of a range one after the other.
template <class T, class Range>
bool store_elements(CallBuffer& buffer, const Range& elements, std::uint32_t at,
                    std::uint32_t handle) {
  if constexpr (Codec<T>::is_bitwise && requires { elements.data(); }) {
    if (Codec<T>::has_same_bytes()) {
      if (elements.size() > 0)
        std::memcpy(buffer.data() + at, elements.data(), elements.size() * sizeof(T));
      return true;
    }
  }
  for (auto&& element : elements) {
    if (!Codec<T>::store(buffer, element, at, handle)) return false;
    at += Codec<T>::layout.size;
  }
  return true;
}

// Stores the elements of a range as a list: a block of elements, and its address and length at
// `at`.
template <class T, class Range>
bool store_list(CallBuffer& buffer, const Range& elements, std::uint32_t at, std::uint32_t handle) {
  constexpr CodecLayout kElement = Codec<T>::layout;
  if (elements.size() == 0) return true;
  std::uint32_t address = 0;
  if (!buffer.allocate_array(elements.size(), kElement.size, kElement.align, address)) return false;
  // Bytes that no element writes, such as padding and unused payloads, must be zero.
  if constexpr (!CodecScalar<T>)
    std::memset(buffer.data() + address, 0, elements.size() * kElement.size);
  put_pair(buffer, at, address, elements.size());
  return store_elements<T>(buffer, elements, address, handle);
}

// The layout of a list of such elements.
constexpr CodecLayout list_layout(const CodecLayout& element, bool is_view) {
  CodecLayout result = kPairLayout;
  result.handles = element.handles;
  result.is_view = is_view || element.is_view;
  return result;
}

template <class T>
inline constexpr std::array<CppPart, 1> kElementPart = {CppPart{.type = &Codec<T>::type}};

template <class T, class Allocator>
struct Codec<std::vector<T, Allocator>> {
  using List = std::vector<T, Allocator>;
  static constexpr CodecLayout layout = list_layout(Codec<T>::layout, false);
  static constexpr CppType type{.kind = CppKind::Vector, .parts = kElementPart<T>};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const List& list, std::uint32_t at, std::uint32_t handle) {
    return store_list<T>(buffer, list, at, handle);
  }
  static List load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    const AddressPair pair = get_pair(buffer, at);
    List list;
    if constexpr (Codec<T>::is_bitwise && !std::same_as<T, bool>) {
      if (Codec<T>::has_same_bytes()) {
        list.resize(pair.length);
        if (pair.length > 0)
          std::memcpy(list.data(), buffer.data() + pair.address, pair.length * sizeof(T));
        return list;
      }
    }
    list.reserve(pair.length);
    std::uint32_t element = pair.address;
    for (std::uint32_t i = 0; i < pair.length; ++i, element += Codec<T>::layout.size)
      list.push_back(Codec<T>::load(buffer, element, handle));
    return list;
  }
};

template <class T>
struct Codec<std::span<const T>> {
  static constexpr CodecLayout layout = list_layout(Codec<T>::layout, true);
  static constexpr CppType type{.kind = CppKind::Span, .parts = kElementPart<T>};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, std::span<const T> list, std::uint32_t at,
                    std::uint32_t handle) {
    return store_list<T>(buffer, list, at, handle);
  }
  // Returns a view of the buffer; its blocks have the alignment of their elements.
  static std::span<const T> load(CallBuffer& buffer, std::uint32_t at, std::uint32_t /*handle*/) {
    static_assert(CodecScalar<T>,
                  "tenon: a host function can take a std::span of numbers only; take a "
                  "std::vector of other types");
    const AddressPair pair = get_pair(buffer, at);
    return {reinterpret_cast<const T*>(buffer.data() + pair.address), pair.length};
  }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
  using Array = std::array<T, N>;
  static constexpr CodecLayout layout = [] {
    CodecLayout result = Codec<T>::layout;
    result.size *= static_cast<std::uint32_t>(N);
    result.flat =
        static_cast<std::uint32_t>(std::min<std::size_t>(result.flat * N, kMaxFlatParams + 1));
    return result;
  }();
  static constexpr CppType type{.kind = CppKind::Array, .parts = kElementPart<T>, .length = N};
  static constexpr bool is_bitwise = Codec<T>::is_bitwise && sizeof(Array) == layout.size;
  static bool has_same_bytes() { return Codec<T>::has_same_bytes(); }

  static bool store(CallBuffer& buffer, const Array& array, std::uint32_t at,
                    std::uint32_t handle) {
    return store_elements<T>(buffer, array, at, handle);
  }
  static Array load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Array{Codec<T>::load(
          buffer, at + static_cast<std::uint32_t>(I) * Codec<T>::layout.size, handle)...};
    }(std::make_index_sequence<N>());
  }
  static void put_flat(const Array& array, std::uint64_t* to) {
    for (const T& element : array) {
      Codec<T>::put_flat(element, to);
      to += Codec<T>::layout.flat;
    }
  }
  static Array take_flat(const std::uint64_t* from) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Array{Codec<T>::take_flat(from + I * Codec<T>::layout.flat)...};
    }(std::make_index_sequence<N>());
  }
};

// A resource of a guest.
template <class Held, CppKind kKind>
struct HandleCodec {
  static constexpr CodecLayout layout = [] {
    CodecLayout result = kHandleLayout;
    result.is_view = kKind == CppKind::Borrow;
    return result;
  }();
  static constexpr CppType type{.kind = kKind};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const Held& held, std::uint32_t at, std::uint32_t handle) {
    std::uint32_t index = 0;
    if (!buffer.give(held.handle(), {handle, kKind == CppKind::Own}, index)) return false;
    put_bytes(buffer.data() + at, index);
    return true;
  }
};
template <>
struct Codec<Resource> : HandleCodec<Resource, CppKind::Own> {
  static Resource load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return Resource(buffer.take(get_bytes<std::uint32_t>(buffer.data() + at), {handle, true}));
  }
};
template <>
struct Codec<Borrow> : HandleCodec<Borrow, CppKind::Borrow> {};
// A class of `tenon bindgen cpp`, made of a resource and its functions.
template <class T>
  requires(std::derived_from<T, Resource> && !std::same_as<T, Resource>)
struct Codec<T> : HandleCodec<Resource, CppKind::Own> {
  static constexpr CppType type{.kind = CppKind::Own, .name = T::resource_name};

  static T load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return T(Codec<Resource>::load(buffer, at, handle), buffer.functions());
  }
};

}  // namespace tenon::detail
