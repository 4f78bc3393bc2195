// Codecs of records, tuples and maps, whose parts follow each other in memory. See
// tenon/detail/codec.h.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/codec.h"
#include "tenon/record.h"

namespace tenon::detail {

template <class T>
concept DeclaredRecord = requires { tenon_record(std::type_identity<T>()); };

// Codec of records and tuples. `Access` has get<I>(whole) and make(parts...).
template <class Whole, class Access, class... Parts>
struct RowCodec {
  static constexpr std::size_t kCount = sizeof...(Parts);
  static constexpr RecordPlaces<kCount> kPlaces =
      lay_out_record(std::array<CodecLayout, kCount>{Codec<Parts>::layout...});
  static constexpr CodecLayout layout = kPlaces.whole;
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const Whole& whole, std::uint32_t at,
                    std::uint32_t handle) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (Codec<Parts>::store(buffer, Access::template get<I>(whole),
                                  at + kPlaces.parts[I].offset,
                                  handle + kPlaces.parts[I].handles) &&
              ...);
    }(std::make_index_sequence<kCount>());
  }
  static Whole load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Access::make([&] {
        return Codec<Parts>::load(buffer, at + kPlaces.parts[I].offset,
                                  handle + kPlaces.parts[I].handles);
      }...);
    }(std::make_index_sequence<kCount>());
  }
  static void put_flat(const Whole& whole, std::uint64_t* to) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (Codec<Parts>::put_flat(Access::template get<I>(whole), to + kPlaces.parts[I].flat_offset),
       ...);
    }(std::make_index_sequence<kCount>());
  }
  static Whole take_flat(const std::uint64_t* from) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Access::make(
          [&] { return Codec<Parts>::take_flat(from + kPlaces.parts[I].flat_offset); }...);
    }(std::make_index_sequence<kCount>());
  }
};

template <class T>
struct RecordAccess {
  static constexpr auto kInfo = tenon_record(std::type_identity<T>());

  template <std::size_t I>
  static const auto& get(const T& record) {
    return record.*(std::get<I>(kInfo.fields).member);
  }
  template <class... Load>
  static T make(Load&&... load) {
    static_assert(std::default_initializable<T>,
                  "tenon: a struct of TENON_RECORD needs a default constructor");
    T record{};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((record.*(std::get<I>(kInfo.fields).member) = load()), ...);
    }(std::index_sequence_for<Load...>());
    return record;
  }
};

template <class T, class Info>
struct RecordCodec;
template <class T, class... Owners, class... Members>
struct RecordCodec<T, RecordInfo<RecordField<Owners, Members>...>>
    : RowCodec<T, RecordAccess<T>, Members...> {
  using Row = RowCodec<T, RecordAccess<T>, Members...>;
  static constexpr auto kParts = std::apply(
      [](const auto&... fields) {
        return std::array<CppPart, sizeof...(Members)>{
            CppPart{.label = fields.name, .type = &Codec<Members>::type}...};
      },
      RecordAccess<T>::kInfo.fields);
  static constexpr CppType type{
      .kind = CppKind::Record, .name = RecordAccess<T>::kInfo.name, .parts = kParts};
  // True if neither side has padding. has_same_bytes() then checks that C++ declares the members in
  // the same order.
  static constexpr bool is_bitwise =
      std::is_trivially_copyable_v<T> && (Codec<Members>::is_bitwise && ...) &&
      sizeof(T) == Row::layout.size && (sizeof(Members) + ... + 0) == sizeof(T);
  static bool has_same_bytes() {
    if constexpr (is_bitwise) {
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        const T record{};
        const auto* start = reinterpret_cast<const char*>(&record);
        return ((Codec<Members>::has_same_bytes() &&
                 reinterpret_cast<const char*>(&RecordAccess<T>::template get<I>(record)) ==
                     start + Row::kPlaces.parts[I].offset) &&
                ...);
      }(std::make_index_sequence<Row::kCount>());
    }
    return false;
  }
};
template <DeclaredRecord T>
struct Codec<T>
    : RecordCodec<T, std::remove_const_t<decltype(tenon_record(std::type_identity<T>()))>> {};

template <class Tuple>
struct TupleAccess {
  template <std::size_t I>
  static const auto& get(const Tuple& tuple) {
    return std::get<I>(tuple);
  }
  // Braces guarantee that the parts are read in order.
  template <class... Load>
  static Tuple make(Load&&... load) {
    return Tuple{load()...};
  }
};
template <class... Parts>
inline constexpr std::array<CppPart, sizeof...(Parts)> kTupleParts = {
    CppPart{.type = &Codec<Parts>::type}...};

template <class... Parts>
struct Codec<std::tuple<Parts...>>
    : RowCodec<std::tuple<Parts...>, TupleAccess<std::tuple<Parts...>>, Parts...> {
  static constexpr CppType type{.kind = CppKind::Tuple, .parts = kTupleParts<Parts...>};
};
template <class First, class Second>
struct Codec<std::pair<First, Second>>
    : RowCodec<std::pair<First, Second>, TupleAccess<std::pair<First, Second>>, First, Second> {
  static constexpr CppType type{.kind = CppKind::Pair, .parts = kTupleParts<First, Second>};
};

// Used for lists of pairs and for maps, which have the same layout.
template <class Key, class Mapped, class Allocator>
struct Codec<std::vector<std::pair<Key, Mapped>, Allocator>> {
  using List = std::vector<std::pair<Key, Mapped>, Allocator>;
  using Entry = std::pair<Key, Mapped>;
  static constexpr CodecLayout layout = list_layout(Codec<Entry>::layout, false);
  static constexpr CppType type{.kind = CppKind::PairVector, .parts = kTupleParts<Key, Mapped>};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const List& list, std::uint32_t at, std::uint32_t handle) {
    return store_list<Entry>(buffer, list, at, handle);
  }
  static List load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    const AddressPair pair = get_pair(buffer, at);
    List list;
    list.reserve(pair.length);
    std::uint32_t entry = pair.address;
    for (std::uint32_t i = 0; i < pair.length; ++i, entry += Codec<Entry>::layout.size)
      list.push_back(Codec<Entry>::load(buffer, entry, handle));
    return list;
  }
};

// If a guest returns several entries with the same key, the last one is kept.
template <class Key, class Mapped, class Compare, class Allocator>
struct Codec<std::map<Key, Mapped, Compare, Allocator>> {
  using Map = std::map<Key, Mapped, Compare, Allocator>;
  using Entry = std::pair<Key, Mapped>;
  using EntryCodec = RowCodec<std::pair<const Key, Mapped>,
                              TupleAccess<std::pair<const Key, Mapped>>, Key, Mapped>;
  static constexpr CodecLayout layout = list_layout(Codec<Entry>::layout, false);
  static constexpr CppType type{.kind = CppKind::Map, .parts = kTupleParts<Key, Mapped>};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const Map& map, std::uint32_t at, std::uint32_t handle) {
    if (map.empty()) return true;
    constexpr CodecLayout kEntry = EntryCodec::layout;
    std::uint32_t address = 0;
    if (!buffer.allocate_array(map.size(), kEntry.size, kEntry.align, address)) return false;
    std::memset(buffer.data() + address, 0, map.size() * kEntry.size);
    put_pair(buffer, at, address, map.size());
    for (const auto& entry : map) {
      if (!EntryCodec::store(buffer, entry, address, handle)) return false;
      address += kEntry.size;
    }
    return true;
  }
  static Map load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    const AddressPair pair = get_pair(buffer, at);
    Map map;
    std::uint32_t address = pair.address;
    for (std::uint32_t i = 0; i < pair.length; ++i, address += EntryCodec::layout.size) {
      Entry entry = Codec<Entry>::load(buffer, address, handle);
      map.insert_or_assign(std::move(entry.first), std::move(entry.second));
    }
    return map;
  }
};

}  // namespace tenon::detail
