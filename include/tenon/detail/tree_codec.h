// Values of recursive C++ types, which have no layout in memory that a guest shares: they are
// converted to `Value`s. Only packr packages have such types (docs/packr.md, "Recursive types in
// C++").
//
// A type is recursive if it contains itself through std::vector, std::optional<std::unique_ptr> and
// the like; a std::unique_ptr to a declared type stands for the type itself. Inside of a recursive
// type, metadata says `value`, so a WIT type is known at the first level only. The labels of a
// record or variant that is met there (`TreeLabels`) also hold further down. Where no WIT type is
// met at all, labels are made from the C++ names, and cases and flags are passed with their numbers.
//
// This header has what all conversions share, and those of scalars and strings; tenon/detail/tree_rows.h has lists,
// maps, tuples and records, tenon/detail/tree_cases.h options, variants, results, enums and flags.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/detail/host_codec.h"
#include "tenon/detail/signature.h"
#include "tenon/record.h"
#include "tenon/value.h"

namespace tenon::detail {

// A std::unique_ptr of such a type is a value, of other classes an object of the program.
template <class T>
concept BoxedType = DeclaredRecord<T> || DeclaredVariant<T>;

// --- Which types are recursive ---

// The types of the parts of a type, as a std::tuple<std::type_identity<..>..>.
template <class... Parts>
using PartTypes = std::tuple<std::type_identity<Parts>...>;
template <class T>
struct PartsOf : std::type_identity<PartTypes<>> {};
template <class Info>
struct FieldsOf;
template <class... Owners, class... Members>
struct FieldsOf<RecordInfo<RecordField<Owners, Members>...>>
    : std::type_identity<PartTypes<Members...>> {};
template <DeclaredRecord T>
struct PartsOf<T> : FieldsOf<std::remove_const_t<decltype(tenon_record(std::type_identity<T>()))>> {
};
template <class... Parts>
struct PartsOf<std::variant<Parts...>> : std::type_identity<PartTypes<Parts...>> {};
template <class T, class Alternatives>
struct CasesOf;
template <class T, class... Parts>
struct CasesOf<T, std::variant<Parts...>>
    : std::type_identity<PartTypes<typename VariantForm<T>::template Payload<Parts>...>> {};
template <DeclaredVariant T>
struct PartsOf<T> : CasesOf<T, typename VariantForm<T>::Alternatives> {};
template <class T, class Allocator>
struct PartsOf<std::vector<T, Allocator>> : std::type_identity<PartTypes<T>> {};
template <class T>
struct PartsOf<std::span<const T>> : std::type_identity<PartTypes<T>> {};
template <class T, std::size_t N>
struct PartsOf<std::array<T, N>> : std::type_identity<PartTypes<T>> {};
template <class T>
struct PartsOf<std::optional<T>> : std::type_identity<PartTypes<T>> {};
template <class T, class E>
struct PartsOf<Expected<T, E>> : std::type_identity<PartTypes<T, E>> {};
template <class... Parts>
struct PartsOf<std::tuple<Parts...>> : std::type_identity<PartTypes<Parts...>> {};
template <class First, class Second>
struct PartsOf<std::pair<First, Second>> : std::type_identity<PartTypes<First, Second>> {};
template <class Key, class Mapped, class Compare, class Allocator>
struct PartsOf<std::map<Key, Mapped, Compare, Allocator>>
    : std::type_identity<PartTypes<Key, Mapped>> {};

template <class T>
inline constexpr bool kIsBox = false;
template <BoxedType T>
inline constexpr bool kIsBox<std::unique_ptr<T>> = true;

// Whether a type contains itself or a box. Outer: the types around it.
template <class T, class... Outer>
consteval bool is_tree() {
  if constexpr (kIsBox<T> || (std::is_same_v<T, Outer> || ...))
    return true;
  else
    return []<class... Parts>(std::type_identity<std::tuple<std::type_identity<Parts>...>>) {
      return (is_tree<Parts, T, Outer...>() || ...);
    }(std::type_identity<typename PartsOf<T>::type>());
}
template <class R, class... Params>
inline constexpr bool kIsTreeSignature =
    is_tree<std::remove_cvref_t<R>>() || (is_tree<std::remove_cvref_t<Params>>() || ...);

// --- Conversion ---

// Whether a name in C++ means a label: letters' case, `_` and `-` apart.
[[nodiscard]] bool is_same_label(std::string_view name, std::string_view label);
// The label that a name in C++ would have: "unit-price" of `unit_price` and `UnitPrice`.
[[nodiscard]] std::string make_label(std::string_view name);

// How deep values can be nested, as in other calls of packages.
inline constexpr std::uint32_t kMaxTreeDepth = 500;

// One conversion. The path of a problem is put together while the conversion is left.
class TreeContext final {
 public:
  explicit TreeContext(const TreeLabels& labels) : labels_(labels) {}

  // The label of field or case i, of a type whose own name for it is `name`.
  [[nodiscard]] std::string label(const CppType& type, std::size_t i, std::string_view name) const {
    const std::vector<std::string>* const known = labels_.find(type);
    return known != nullptr && i < known->size() ? (*known)[i] : make_label(name);
  }
  [[nodiscard]] bool is_label(const CppType& type, std::size_t i, std::string_view name,
                              std::string_view label) const {
    const std::vector<std::string>* const known = labels_.find(type);
    return known != nullptr && i < known->size() ? (*known)[i] == label
                                                 : is_same_label(name, label);
  }
  [[nodiscard]] bool is_map(const CppType& type) const { return labels_.find(type) != nullptr; }
  // Cases and flags have numbers where a type can be unknown.
  [[nodiscard]] bool has_unknown() const { return labels_.has_unknown(); }

  bool fail(std::string_view code, std::string message) {
    problem_.code = code;
    problem_.message = std::move(message);
    return false;
  }
  bool mismatch(std::string_view expected, const Value& value) {
    return fail("value-type", "expected " + std::string(expected) + ", found " +
                                  std::string(kind_text(value.kind())));
  }
  // For failures of a part.
  bool fail_below(std::string_view step) {
    path_.insert(0, step);
    return false;
  }
  bool fail_below(std::size_t element) { return fail_below("[" + std::to_string(element) + "]"); }
  // root: "$", "$result".
  [[nodiscard]] Diagnostic take_problem(std::string_view root) {
    problem_.where.item = std::string(root) + path_;
    return std::move(problem_);
  }

  // One level of nesting, for a scope.
  class Level final {
   public:
    explicit Level(TreeContext& context) : context_(context) {
      is_in_ = context.depth_++ < kMaxTreeDepth ||
               context.fail("value-type", "it is nested more than " +
                                              std::to_string(kMaxTreeDepth) + " levels deep");
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --context_.depth_; }

    [[nodiscard]] bool is_in() const { return is_in_; }

   private:
    TreeContext& context_;
    bool is_in_ = false;
  };

 private:
  const TreeLabels& labels_;
  std::uint32_t depth_ = 0;
  Diagnostic problem_;
  std::string path_;
};

// put(context, value) returns the `Value`, take(context, value) the C++ value; nothing after a
// problem. `type` is as that of a Codec. The types of a recursive type refer to each other, so their
// parts are plain arrays, whose addresses are known before their elements.
template <class T>
struct TreeCodec;

template <class T>
constexpr const CppType* tree_payload() {
  if constexpr (std::is_void_v<T> || std::is_same_v<T, std::monostate>)
    return nullptr;
  else
    return &TreeCodec<T>::type;
}
template <class... Parts>
inline constexpr CppPart kTreeParts[] = {CppPart{.label = {}, .type = tree_payload<Parts>()}...};
template <class... Parts>
constexpr CppType tree_type(CppKind kind, std::size_t length = 0) {
  return {.kind = kind, .parts = {kTreeParts<Parts...>, sizeof...(Parts)}, .length = length};
}

template <class T>
[[nodiscard]] std::optional<Value> put_tree(TreeContext& context, const T& value) {
  const TreeContext::Level level(context);
  if (!level.is_in()) return std::nullopt;
  return TreeCodec<T>::put(context, value);
}
template <class T>
[[nodiscard]] std::optional<T> take_tree(TreeContext& context, const Value& value) {
  const TreeContext::Level level(context);
  if (!level.is_in()) return std::nullopt;
  return TreeCodec<T>::take(context, value);
}

// The std::int64_t of a `long long`, the std::uint8_t of a std::byte.
template <CodecScalar T>
[[nodiscard]] constexpr auto scalar_of(T value) {
  if constexpr (!CodecInteger<T>)
    return value;
  else if constexpr (sizeof(T) == 1)
    return static_cast<std::conditional_t<std::is_signed_v<T>, std::int8_t, std::uint8_t>>(value);
  else if constexpr (sizeof(T) == 2)
    return static_cast<std::conditional_t<std::is_signed_v<T>, std::int16_t, std::uint16_t>>(value);
  else if constexpr (sizeof(T) == 4)
    return static_cast<std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>>(value);
  else
    return static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value);
}
template <CodecScalar T>
using ScalarOf = decltype(scalar_of(T()));

template <CodecScalar T>
struct TreeCodec<T> {
  using Scalar = ScalarOf<T>;
  static constexpr const CppType& type = Codec<T>::type;

  static std::optional<Value> put(TreeContext& /*context*/, T value) {
    return make_scalar_value<Scalar>(static_cast<Scalar>(value));
  }
  static std::optional<T> take(TreeContext& context, const Value& value) {
    if (const auto* const held = value.get_if<Scalar>()) return static_cast<T>(*held);
    context.mismatch(kind_text(make_scalar_value<Scalar>(Scalar()).kind()), value);
    return std::nullopt;
  }
};

template <class Text>
struct TextTreeCodec {
  static constexpr const CppType& type = Codec<Text>::type;

  static std::optional<Value> put(TreeContext& /*context*/, std::string_view text) {
    return Value::string(std::string(text));
  }
  static std::optional<Text> take(TreeContext& context, const Value& value) {
    if (const auto* const held = value.get_if<std::string>()) return Text(*held);
    context.mismatch("string", value);
    return std::nullopt;
  }
};
template <>
struct TreeCodec<std::string> : TextTreeCodec<std::string> {};
template <>
struct TreeCodec<std::string_view> : TextTreeCodec<std::string_view> {};

// --- Signatures ---

template <class R, class... Params>
struct TreeSignature {
  static constexpr std::array<const CppType*, sizeof...(Params)> kParamTypes = {
      &TreeCodec<std::remove_cvref_t<Params>>::type...};
  static constexpr CppSignature kSignature{.params = kParamTypes, .result = tree_payload<R>()};
};

}  // namespace tenon::detail
