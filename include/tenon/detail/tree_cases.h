// Conversions of options, boxes, variants, results, enums and flags. See tenon/detail/tree_codec.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/detail/tree_codec.h"
#include "tenon/record.h"
#include "tenon/value.h"

namespace tenon::detail {

template <class T>
struct TreeCodec<std::optional<T>> {
  static constexpr CppType type = tree_type<T>(CppKind::Optional);

  static std::optional<Value> put(TreeContext& context, const std::optional<T>& option) {
    if (!option) return Value::none();
    std::optional<Value> value = put_tree<T>(context, *option);
    if (value) return Value::some(*std::move(value));
    context.fail_below(".some");
    return std::nullopt;
  }
  static std::optional<std::optional<T>> take(TreeContext& context, const Value& value) {
    const auto* const option = value.get_if<ValueOption>();
    if (option == nullptr) {
      context.mismatch("option", value);
      return std::nullopt;
    }
    if (option->payload.get() == nullptr) return std::optional<std::optional<T>>(std::in_place);
    std::optional<T> held = take_tree<T>(context, *option->payload.get());
    if (held) return std::optional<std::optional<T>>(std::in_place, std::move(held));
    context.fail_below(".some");
    return std::nullopt;
  }
};

template <BoxedType T>
struct TreeCodec<std::unique_ptr<T>> {
  static constexpr const CppType& type = TreeCodec<T>::type;

  static std::optional<Value> put(TreeContext& context, const std::unique_ptr<T>& box) {
    if (box != nullptr) return TreeCodec<T>::put(context, *box);
    context.fail("value-type",
                 "a std::unique_ptr is null; use std::optional<std::unique_ptr<T>> for an option");
    return std::nullopt;
  }
  static std::optional<std::unique_ptr<T>> take(TreeContext& context, const Value& value) {
    std::optional<T> held = TreeCodec<T>::take(context, value);
    if (!held) return std::nullopt;
    return std::make_unique<T>(*std::move(held));
  }
};

// The case of a value: its number, and the payload. Nothing after a problem.
struct TakenCase {
  std::size_t number = 0;
  const Value* payload = nullptr;
};
[[nodiscard]] inline std::optional<TakenCase> take_case(TreeContext& context, const CppType& type,
                                                        const Value& value) {
  const auto* const variant = value.get_if<ValueVariant>();
  const auto* const plain = value.get_if<ValueEnum>();
  if (variant == nullptr && plain == nullptr) {
    context.mismatch("variant", value);
    return std::nullopt;
  }
  const std::string& label = variant != nullptr ? variant->label : plain->label;
  TakenCase taken;
  if (variant != nullptr) taken.payload = variant->payload.get();
  for (std::size_t i = 0; i < type.parts.size(); ++i) {
    const bool is_numbered = variant != nullptr && variant->number == i;
    if (!is_numbered && !context.is_label(type, i, type.parts[i].label, label)) continue;
    taken.number = i;
    return taken;
  }
  context.fail("value-label", "there is no case `" + label + "`");
  return std::nullopt;
}

// Whole: a std::variant of the parts or a struct derived from it. Self: its TreeCodec.
template <class Self, class Whole, class... Parts>
struct VariantTreeCodec {
  static std::optional<Value> put(TreeContext& context, const Whole& variant) {
    const std::size_t index = variant.index();
    if (index >= sizeof...(Parts)) {
      context.fail("value-type", "a std::variant is valueless");
      return std::nullopt;
    }
    const CppType& type = Self::type;
    std::string label = context.label(type, index, type.parts[index].label);
    std::optional<ValuePayload> payload;
    const auto put_part = [&]<class Part>(const Part* part) {
      if (part == nullptr) return;
      if constexpr (std::is_same_v<Part, std::monostate>) {
        payload.emplace();
      } else if (std::optional<Value> value = put_tree<Part>(context, *part)) {
        payload.emplace(*std::move(value));
      } else {
        context.fail_below("." + label);
      }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (put_part(std::get_if<I>(&variant)), ...);
    }(std::index_sequence_for<Parts...>());
    if (!payload) return std::nullopt;
    if (!context.has_unknown()) return Value::variant(std::move(label), *std::move(payload));
    return Value::variant(std::move(label), *std::move(payload), static_cast<std::uint32_t>(index));
  }
  static std::optional<Whole> take(TreeContext& context, const Value& value) {
    const std::optional<TakenCase> taken = take_case(context, Self::type, value);
    if (!taken) return std::nullopt;
    std::optional<Whole> whole;
    const auto take_part = [&]<std::size_t I>(std::integral_constant<std::size_t, I> /*index*/) {
      using Part = std::variant_alternative_t<I, std::variant<Parts...>>;
      if (taken->number != I) return;
      constexpr bool kCarries = !std::is_same_v<Part, std::monostate>;
      if (kCarries != (taken->payload != nullptr)) {
        context.fail("value-type",
                     kCarries ? "the case needs a payload" : "the case does not have a payload");
      } else if constexpr (!kCarries) {
        whole.emplace(std::in_place_index<I>);
      } else if (std::optional<Part> part = take_tree<Part>(context, *taken->payload)) {
        whole.emplace(std::in_place_index<I>, *std::move(part));
      }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (take_part(std::integral_constant<std::size_t, I>()), ...);
    }(std::index_sequence_for<Parts...>());
    return whole;
  }
};
template <class... Parts>
struct TreeCodec<std::variant<Parts...>>
    : VariantTreeCodec<TreeCodec<std::variant<Parts...>>, std::variant<Parts...>, Parts...> {
  static constexpr CppType type = tree_type<Parts...>(CppKind::Variant);
};
template <class T, class Base>
struct NamedVariantTreeCodec;
template <class T, class... Parts>
struct NamedVariantTreeCodec<T, std::variant<Parts...>>
    : VariantTreeCodec<NamedVariantTreeCodec<T, std::variant<Parts...>>, T, Parts...> {
  static constexpr auto kInfo = tenon_variant(std::type_identity<T>());
  static_assert(kInfo.cases.size() == sizeof...(Parts),
                "tenon: TENON_VARIANT needs a label for each alternative of the std::variant");
  static constexpr std::array<CppPart, sizeof...(Parts)> kParts =
      []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<CppPart, sizeof...(Parts)>{
            CppPart{.label = kInfo.cases[I], .type = tree_payload<Parts>()}...};
      }(std::index_sequence_for<Parts...>());
  static constexpr CppType type{.kind = CppKind::NamedVariant,
                                .name = kInfo.name,
                                .parts = {kParts.data(), sizeof...(Parts)}};
};
template <DeclaredVariant T>
struct TreeCodec<T> : NamedVariantTreeCodec<T, typename VariantForm<T>::Alternatives> {
  static_assert(std::is_same_v<typename VariantForm<T>::Access, VariantAccess<T>>,
                "tenon: a recursive variant must be derived from std::variant");
};

template <class T, class E>
struct TreeCodec<Expected<T, E>> {
  static constexpr CppType type = tree_type<T, E>(CppKind::Expected);

  static std::optional<Value> put(TreeContext& context, const Expected<T, E>& expected) {
    std::optional<ValuePayload> payload =
        expected ? put_side<T>(context, [&]() -> const auto& { return *expected; })
                 : put_side<E>(context, [&]() -> const auto& { return expected.error(); });
    if (!payload) return std::nullopt;
    return expected ? Value::ok(*std::move(payload)) : Value::err(*std::move(payload));
  }
  static std::optional<Expected<T, E>> take(TreeContext& context, const Value& value) {
    const auto* const result = value.get_if<ValueResult>();
    if (result == nullptr) {
      context.mismatch("result", value);
      return std::nullopt;
    }
    return result->is_ok ? take_side<0, T>(context, result->payload.get())
                         : take_side<1, E>(context, result->payload.get());
  }

 private:
  template <class Side, class Get>
  static std::optional<ValuePayload> put_side(TreeContext& context, Get&& get) {
    if constexpr (std::is_void_v<Side>) {
      return ValuePayload();
    } else {
      std::optional<Value> value = put_tree<Side>(context, get());
      if (!value) return std::nullopt;
      return ValuePayload(*std::move(value));
    }
  }
  template <std::size_t I, class Side>
  static std::optional<Expected<T, E>> take_side(TreeContext& context, const Value* payload) {
    if constexpr (std::is_void_v<Side>) {
      return Expected<T, E>(std::in_place_index<I>);
    } else if (payload == nullptr) {
      context.fail("value-type", "the result needs a payload");
      return std::nullopt;
    } else {
      std::optional<Side> side = take_tree<Side>(context, *payload);
      if (!side) return std::nullopt;
      return Expected<T, E>(std::in_place_index<I>, *std::move(side));
    }
  }
};

template <DeclaredEnum T>
struct TreeCodec<T> {
  static constexpr auto kInfo = tenon_enum(std::type_identity<T>());
  static constexpr const CppType& type = Codec<T>::type;

  static std::optional<Value> put(TreeContext& context, T value) {
    for (std::size_t i = 0; i < kInfo.enumerators.size(); ++i)
      if (kInfo.enumerators[i].value == value) {
        std::string label = context.label(type, i, kInfo.enumerators[i].name);
        if (!context.has_unknown()) return Value::enumerator(std::move(label));
        return Value::variant(std::move(label), {}, static_cast<std::uint32_t>(i));
      }
    context.fail("value-label", "a value of `" + std::string(kInfo.name) +
                                    "` is not an enumerator that TENON_ENUM lists");
    return std::nullopt;
  }
  static std::optional<T> take(TreeContext& context, const Value& value) {
    const std::optional<TakenCase> taken = take_case(context, type, value);
    if (!taken) return std::nullopt;
    return kInfo.enumerators[taken->number].value;
  }
};

template <DeclaredFlags T>
struct TreeCodec<T> {
  static constexpr auto kInfo = tenon_flags(std::type_identity<T>());
  static constexpr const CppType& type = Codec<T>::type;

  static std::optional<Value> put(TreeContext& context, const T& flags) {
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < kInfo.flags.size(); ++i)
      if (flags.*(kInfo.flags[i].member))
        labels.push_back(context.label(type, i, kInfo.flags[i].name) +
                         (context.has_unknown() ? "#" + std::to_string(i) : ""));
    return Value::flags(std::move(labels));
  }
  static std::optional<T> take(TreeContext& context, const Value& value) {
    const auto* const held = value.get_if<ValueFlags>();
    if (held == nullptr) {
      context.mismatch("flags", value);
      return std::nullopt;
    }
    T flags{};
    for (const std::string& label : held->labels) {
      bool is_known = false;
      for (std::size_t i = 0; i < kInfo.flags.size(); ++i) {
        if (!context.is_label(type, i, kInfo.flags[i].name, label) &&
            label != "b" + std::to_string(i))
          continue;
        flags.*(kInfo.flags[i].member) = true;
        is_known = true;
        break;
      }
      if (is_known) continue;
      context.fail("value-label", "there is no flag `" + label + "`");
      return std::nullopt;
    }
    return flags;
  }
};

}  // namespace tenon::detail
