// Codecs of variants, options, results, enums and flags. Variants, options and results share
// `CaseCodec`: a discriminant, then the payload of the current case at one common offset. See
// tenon/detail/codec.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "tenon/detail/codec.h"
#include "tenon/record.h"

namespace tenon::detail {

template <class T>
concept DeclaredEnum = requires { tenon_enum(std::type_identity<T>()); };
template <class T>
concept DeclaredFlags = requires { tenon_flags(std::type_identity<T>()); };
template <class T>
concept DeclaredVariant = requires { tenon_variant(std::type_identity<T>()); };

// The layout and type of a case's payload; `void`: no payload.
template <class Part>
constexpr std::optional<CodecLayout> payload_layout() {
  if constexpr (std::is_void_v<Part>)
    return std::nullopt;
  else
    return Codec<Part>::layout;
}
template <class Part>
constexpr const CppType* payload_type() {
  if constexpr (std::is_void_v<Part>)
    return nullptr;
  else
    return &Codec<Part>::type;
}

// Codec of a value with cases. `Access` has index(whole), get<I>(whole), make<I>(payload) and
// make<I>().
template <class Whole, class Access, class... Parts>
struct CaseCodec {
  static constexpr std::size_t kCount = sizeof...(Parts);
  static constexpr CasePlaces<kCount> kPlaces =
      lay_out_cases(std::array<std::optional<CodecLayout>, kCount>{payload_layout<Parts>()...});
  static constexpr CodecLayout layout = kPlaces.whole;
  static constexpr bool is_bitwise = false;
  template <std::size_t I>
  using Part = std::tuple_element_t<
      I, std::tuple<std::conditional_t<std::is_void_v<Parts>, std::monostate, Parts>...>>;
  template <std::size_t I>
  static constexpr bool kCarries = !std::is_void_v<
      typename std::tuple_element_t<I, std::tuple<std::type_identity<Parts>...>>::type>;

  static bool store(CallBuffer& buffer, const Whole& whole, std::uint32_t at,
                    std::uint32_t handle) {
    const std::size_t index = Access::index(whole);
    if (index >= kCount) return buffer.fail("value-type", "a std::variant is valueless");
    const auto number = static_cast<std::uint32_t>(index);
    std::memcpy(buffer.data() + at, &number, kPlaces.discriminant_size);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((I != index || store_case<I>(buffer, whole, at, handle)) && ...);
    }(std::make_index_sequence<kCount>());
  }
  static Whole load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    std::uint32_t number = 0;
    std::memcpy(&number, buffer.data() + at, kPlaces.discriminant_size);
    return make<0>(number, [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      return Codec<Part<I>>::load(buffer, at + kPlaces.payload_offset, handle + kPlaces.handles[I]);
    });
  }
  // All cases share the flat values after the discriminant; those that a case does not use are
  // zero.
  static void put_flat(const Whole& whole, std::uint64_t* to) {
    const std::size_t index = Access::index(whole);
    std::fill_n(to, layout.flat, 0);
    *to = static_cast<std::uint32_t>(index);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == index ? put_flat_case<I>(whole, to + 1) : void()), ...);
    }(std::make_index_sequence<kCount>());
  }
  static Whole take_flat(const std::uint64_t* from) {
    return make<0>(static_cast<std::uint32_t>(*from),
                   [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
                     return Codec<Part<I>>::take_flat(from + 1);
                   });
  }

 private:
  template <std::size_t I>
  static bool store_case(CallBuffer& buffer, const Whole& whole, std::uint32_t at,
                         std::uint32_t handle) {
    if constexpr (kCarries<I>)
      return Codec<Part<I>>::store(buffer, Access::template get<I>(whole),
                                   at + kPlaces.payload_offset, handle + kPlaces.handles[I]);
    return true;
  }
  template <std::size_t I>
  static void put_flat_case(const Whole& whole, std::uint64_t* to) {
    if constexpr (kCarries<I>) Codec<Part<I>>::put_flat(Access::template get<I>(whole), to);
  }
  template <std::size_t I, class Load>
  static Whole make(std::uint32_t number, Load&& load) {
    if constexpr (I + 1 < kCount)
      if (number != I) return make<I + 1>(number, std::forward<Load>(load));
    if constexpr (kCarries<I>)
      return Access::template make<I>(load(std::integral_constant<std::size_t, I>()));
    else
      return Access::template make<I>();
  }
};

template <class T>
struct OptionalAccess {
  static std::size_t index(const std::optional<T>& option) { return option ? 1 : 0; }
  template <std::size_t I>
  static const T& get(const std::optional<T>& option) {
    return *option;
  }
  template <std::size_t I, class... Payload>
  static std::optional<T> make(Payload&&... payload) {
    if constexpr (I == 0)
      return std::nullopt;
    else
      return std::optional<T>(std::forward<Payload>(payload)...);
  }
};
template <class T>
struct Codec<std::optional<T>> : CaseCodec<std::optional<T>, OptionalAccess<T>, void, T> {
  static constexpr CppType type{.kind = CppKind::Optional, .parts = kElementPart<T>};
};

template <class T, class E>
struct ExpectedAccess {
  static std::size_t index(const Expected<T, E>& expected) { return expected ? 0 : 1; }
  template <std::size_t I>
  static const auto& get(const Expected<T, E>& expected) {
    if constexpr (I == 0)
      return *expected;
    else
      return expected.error();
  }
  template <std::size_t I, class... Payload>
  static Expected<T, E> make(Payload&&... payload) {
    return Expected<T, E>(std::in_place_index<I>, std::forward<Payload>(payload)...);
  }
};
template <class T, class E>
struct Codec<Expected<T, E>> : CaseCodec<Expected<T, E>, ExpectedAccess<T, E>, T, E> {
  static constexpr std::array<CppPart, 2> kParts = {CppPart{"ok", payload_type<T>()},
                                                    CppPart{"err", payload_type<E>()}};
  static constexpr CppType type{.kind = CppKind::Expected, .parts = kParts};
};

// Whole: std::variant<Parts...> or a struct derived from it.
template <class Whole>
struct VariantAccess {
  static std::size_t index(const Whole& variant) { return variant.index(); }
  template <std::size_t I>
  static const auto& get(const Whole& variant) {
    return *std::get_if<I>(&variant);
  }
  template <std::size_t I, class... Payload>
  static Whole make(Payload&&... payload) {
    return Whole(std::in_place_index<I>, std::forward<Payload>(payload)...);
  }
};
template <class Part>
using CasePart = std::conditional_t<std::is_same_v<Part, std::monostate>, void, Part>;

template <class... Parts>
struct Codec<std::variant<Parts...>>
    : CaseCodec<std::variant<Parts...>, VariantAccess<std::variant<Parts...>>, CasePart<Parts>...> {
  static constexpr std::array<CppPart, sizeof...(Parts)> kParts = {
      CppPart{.type = payload_type<CasePart<Parts>>()}...};
  static constexpr CppType type{.kind = CppKind::Variant, .parts = kParts};
};

// The payload of a case that is a struct: its `value`.
template <class Case>
struct PayloadOf : std::type_identity<void> {};
template <class Case>
  requires requires(const Case& one) { one.value; }
struct PayloadOf<Case> : std::type_identity<decltype(Case::value)> {};

// Whole: a struct whose member `which` is a std::variant of such cases.
template <class Whole>
struct WhichAccess {
  using Which = decltype(Whole::which);

  static std::size_t index(const Whole& variant) { return variant.which.index(); }
  template <std::size_t I>
  static const auto& get(const Whole& variant) {
    return std::get_if<I>(&variant.which)->value;
  }
  template <std::size_t I, class... Payload>
  static Whole make(Payload&&... payload) {
    using Case = std::variant_alternative_t<I, Which>;
    Whole whole;
    whole.which = Case{std::forward<Payload>(payload)...};
    return whole;
  }
};

template <class... Parts>
std::type_identity<std::variant<Parts...>> variant_base(const std::variant<Parts...>&);

// The alternatives of a declared variant, and how they are reached.
template <class T>
struct VariantForm {
  using Alternatives = typename decltype(variant_base(std::declval<const T&>()))::type;
  using Access = VariantAccess<T>;
  template <class Part>
  using Payload = CasePart<Part>;
};
template <class T>
  requires requires { &T::which; }
struct VariantForm<T> {
  using Alternatives = decltype(T::which);
  using Access = WhichAccess<T>;
  template <class Part>
  using Payload = typename PayloadOf<Part>::type;
};

template <class T, class Alternatives>
struct NamedVariantCodec;
template <class T, class... Parts>
struct NamedVariantCodec<T, std::variant<Parts...>>
    : CaseCodec<T, typename VariantForm<T>::Access,
                typename VariantForm<T>::template Payload<Parts>...> {
  static constexpr auto kInfo = tenon_variant(std::type_identity<T>());
  static_assert(kInfo.cases.size() == sizeof...(Parts),
                "tenon: TENON_VARIANT needs a label for each alternative of the std::variant");
  static constexpr std::array<CppPart, sizeof...(Parts)> kParts =
      []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<CppPart, sizeof...(Parts)>{CppPart{
            kInfo.cases[I], payload_type<typename VariantForm<T>::template Payload<Parts>>()}...};
      }(std::index_sequence_for<Parts...>());
  static constexpr CppType type{.kind = CppKind::NamedVariant, .name = kInfo.name, .parts = kParts};
};
template <DeclaredVariant T>
struct Codec<T> : NamedVariantCodec<T, typename VariantForm<T>::Alternatives> {};

// Makes parts of labels without types.
template <class Labelled, std::size_t N>
constexpr std::array<CppPart, N> label_parts(const std::array<Labelled, N>& labelled) {
  std::array<CppPart, N> parts;
  for (std::size_t i = 0; i < N; ++i) parts[i].label = labelled[i].name;
  return parts;
}

template <DeclaredEnum T>
struct Codec<T> {
  static constexpr auto kInfo = tenon_enum(std::type_identity<T>());
  static constexpr std::size_t kCount = kInfo.enumerators.size();
  static constexpr auto kParts = label_parts(kInfo.enumerators);
  static constexpr std::uint32_t kBytes = discriminant_size(kCount);
  static constexpr CodecLayout layout{.size = kBytes, .align = kBytes, .flat = 1};
  static constexpr CppType type{.kind = CppKind::Enum, .name = kInfo.name, .parts = kParts};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, T value, std::uint32_t at, std::uint32_t /*handle*/) {
    const std::uint32_t number = find(value);
    if (number == kNone)
      return buffer.fail("value-label", "a value of `" + std::string(kInfo.name) +
                                            "` is not an enumerator that TENON_ENUM lists");
    std::memcpy(buffer.data() + at, &number, kBytes);
    return true;
  }
  static T load(CallBuffer& buffer, std::uint32_t at, std::uint32_t /*handle*/) {
    std::uint32_t number = 0;
    std::memcpy(&number, buffer.data() + at, kBytes);
    return kInfo.enumerators[number].value;
  }
  static void put_flat(T value, std::uint64_t* to) { *to = find(value); }
  static T take_flat(const std::uint64_t* from) { return kInfo.enumerators[*from].value; }

 private:
  // Not a valid case: rejected when the value is copied to the guest.
  static constexpr std::uint32_t kNone = UINT32_MAX;

  static std::uint32_t find(T value) {
    for (std::size_t i = 0; i < kCount; ++i)
      if (kInfo.enumerators[i].value == value) return static_cast<std::uint32_t>(i);
    return kNone;
  }
};

template <DeclaredFlags T>
struct Codec<T> {
  static constexpr auto kInfo = tenon_flags(std::type_identity<T>());
  static constexpr std::size_t kCount = kInfo.flags.size();
  static constexpr auto kParts = label_parts(kInfo.flags);
  static constexpr CodecLayout layout = lay_out_flags(kCount);
  static constexpr CppType type{.kind = CppKind::Flags, .name = kInfo.name, .parts = kParts};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const T& flags, std::uint32_t at,
                    std::uint32_t /*handle*/) {
    for (std::size_t i = 0; i < kCount; ++i)
      if (flags.*(kInfo.flags[i].member))
        buffer.data()[at + i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
    return true;
  }
  static T load(CallBuffer& buffer, std::uint32_t at, std::uint32_t /*handle*/) {
    T flags{};
    for (std::size_t i = 0; i < kCount; ++i)
      flags.*(kInfo.flags[i].member) = (buffer.data()[at + i / 8] >> (i % 8) & 1) != 0;
    return flags;
  }
  static void put_flat(const T& flags, std::uint64_t* to) {
    std::fill_n(to, layout.flat, 0);
    for (std::size_t i = 0; i < kCount; ++i)
      if (flags.*(kInfo.flags[i].member)) to[i / 32] |= std::uint64_t{1} << (i % 32);
  }
  static T take_flat(const std::uint64_t* from) {
    T flags{};
    for (std::size_t i = 0; i < kCount; ++i)
      flags.*(kInfo.flags[i].member) = (from[i / 32] >> (i % 32) & 1) != 0;
    return flags;
  }
};

}  // namespace tenon::detail
