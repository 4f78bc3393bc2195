// Values of recursive C++ types, which have no layout in memory that a guest shares: they are
// converted to `Value`s. Only packr packages have such types (docs/packr.md, "Recursive types in
// C++").
//
// A type is recursive if it contains itself through std::vector, std::optional<std::unique_ptr> and
// the like; a std::unique_ptr to a declared type stands for the type itself. Inside of a recursive
// type, metadata says `value`, so a WIT type is known at the first level only. The labels of a
// record or variant that is met there (`TreeLabels`) also hold further down. Where no WIT type is
// met at all, labels are made from the C++ names, and cases and flags are passed with their numbers.
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

// A range of elements as a list. A `std::vector` of pairs or a map can also be a map.
template <class T, class Range>
std::optional<Value> put_tree_list(TreeContext& context, const Range& range) {
  if constexpr (CodecScalar<T>) {
    using Scalar = ScalarOf<T>;
    std::vector<Scalar> elements;
    elements.reserve(range.size());
    for (const T element : range) elements.push_back(static_cast<Scalar>(element));
    return Value::list(std::move(elements));
  } else {
    std::vector<Value> elements;
    elements.reserve(range.size());
    for (const auto& element : range) {
      std::optional<Value> value = put_tree<T>(context, element);
      if (!value) {
        context.fail_below(elements.size());
        return std::nullopt;
      }
      elements.push_back(*std::move(value));
    }
    return Value::list(std::move(elements));
  }
}
// Calls `add` with each element of a list.
template <class T, class Add>
bool take_tree_list(TreeContext& context, const Value& value, Add&& add) {
  const auto* const list = value.get_if<ValueList>();
  if (list == nullptr) return context.mismatch("list", value);
  bool is_taken = true;
  std::size_t i = 0;
  list->for_each([&](const Value& element) {
    if (!is_taken) return;
    std::optional<T> taken = take_tree<T>(context, element);
    is_taken = taken ? (add(*std::move(taken)), true) : context.fail_below(i);
    ++i;
  });
  return is_taken;
}

template <class T, class Allocator>
struct TreeCodec<std::vector<T, Allocator>> {
  using List = std::vector<T, Allocator>;
  static constexpr CppType type = tree_type<T>(CppKind::Vector);

  static std::optional<Value> put(TreeContext& context, const List& list) {
    return put_tree_list<T>(context, list);
  }
  static std::optional<List> take(TreeContext& context, const Value& value) {
    List list;
    if (!take_tree_list<T>(context, value, [&](T element) { list.push_back(std::move(element)); }))
      return std::nullopt;
    return list;
  }
};
template <class T>
struct TreeCodec<std::span<const T>> {
  static constexpr CppType type = tree_type<T>(CppKind::Span);

  static std::optional<Value> put(TreeContext& context, std::span<const T> list) {
    return put_tree_list<T>(context, list);
  }
};
template <class T, std::size_t N>
struct TreeCodec<std::array<T, N>> {
  using Array = std::array<T, N>;
  static constexpr CppType type = tree_type<T>(CppKind::Array, N);

  static std::optional<Value> put(TreeContext& context, const Array& array) {
    return put_tree_list<T>(context, array);
  }
  static std::optional<Array> take(TreeContext& context, const Value& value) {
    Array array{};
    std::size_t count = 0;
    if (!take_tree_list<T>(context, value, [&](T element) {
          if (count < N) array[count] = std::move(element);
          ++count;
        }))
      return std::nullopt;
    if (count == N) return array;
    context.fail("value-type", "expected a list of " + std::to_string(N) + " elements, found " +
                                   std::to_string(count));
    return std::nullopt;
  }
};

// Lists of pairs and maps. They are maps where their WIT type is one.
template <CppKind kKind, class Entries, class Key, class Mapped>
struct EntriesTreeCodec {
  static constexpr CppType type = tree_type<Key, Mapped>(kKind);

  static std::optional<Value> put(TreeContext& context, const Entries& entries) {
    if (!context.is_map(type)) return put_tree_list<std::pair<Key, Mapped>>(context, entries);
    std::vector<std::pair<Value, Value>> values;
    for (const auto& [key, mapped] : entries) {
      std::optional<Value> key_value = put_tree<Key>(context, key);
      std::optional<Value> value = key_value ? put_tree<Mapped>(context, mapped) : std::nullopt;
      if (!value) {
        context.fail_below(values.size());
        return std::nullopt;
      }
      values.emplace_back(*std::move(key_value), *std::move(value));
    }
    return Value::map(std::move(values));
  }
  static std::optional<Entries> take(TreeContext& context, const Value& value) {
    Entries entries;
    const auto add = [&](std::pair<Key, Mapped> entry) {
      if constexpr (requires { entries.insert_or_assign(entry.first, std::move(entry.second)); })
        entries.insert_or_assign(std::move(entry.first), std::move(entry.second));
      else
        entries.push_back(std::move(entry));
    };
    const auto* const map = value.get_if<ValueMap>();
    if (map == nullptr) {
      if (!take_tree_list<std::pair<Key, Mapped>>(context, value, add)) return std::nullopt;
      return entries;
    }
    for (std::size_t i = 0; i < map->entries.size(); ++i) {
      std::optional<Key> key = take_tree<Key>(context, map->entries[i].first);
      std::optional<Mapped> mapped =
          key ? take_tree<Mapped>(context, map->entries[i].second) : std::nullopt;
      if (!mapped) {
        context.fail_below(i);
        return std::nullopt;
      }
      add({*std::move(key), *std::move(mapped)});
    }
    return entries;
  }
};
template <class Key, class Mapped, class Allocator>
struct TreeCodec<std::vector<std::pair<Key, Mapped>, Allocator>>
    : EntriesTreeCodec<CppKind::PairVector, std::vector<std::pair<Key, Mapped>, Allocator>, Key,
                       Mapped> {};
template <class Key, class Mapped, class Compare, class Allocator>
struct TreeCodec<std::map<Key, Mapped, Compare, Allocator>>
    : EntriesTreeCodec<CppKind::Map, std::map<Key, Mapped, Compare, Allocator>, Key, Mapped> {};

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

template <CppKind kKind, class Tuple, class... Parts>
struct TupleTreeCodec {
  static constexpr CppType type = tree_type<Parts...>(kKind);

  static std::optional<Value> put(TreeContext& context, const Tuple& tuple) {
    std::vector<Value> values;
    values.reserve(sizeof...(Parts));
    const auto add = [&]<class Part>(const Part& part) {
      std::optional<Value> value = put_tree<Part>(context, part);
      if (!value) return context.fail_below(values.size());
      values.push_back(*std::move(value));
      return true;
    };
    const bool is_put = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (add(std::get<I>(tuple)) && ...);
    }(std::index_sequence_for<Parts...>());
    if (!is_put) return std::nullopt;
    return Value::tuple(std::move(values));
  }
  static std::optional<Tuple> take(TreeContext& context, const Value& value) {
    const auto* const tuple = value.get_if<ValueTuple>();
    if (tuple == nullptr) {
      context.mismatch("tuple", value);
      return std::nullopt;
    }
    if (tuple->values.size() != sizeof...(Parts)) {
      context.fail("value-type", "expected " + std::to_string(sizeof...(Parts)) +
                                     " values, found " + std::to_string(tuple->values.size()));
      return std::nullopt;
    }
    std::tuple<std::optional<Parts>...> taken;
    const bool is_taken = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (((std::get<I>(taken) = take_tree<Parts>(context, tuple->values[I])).has_value() ||
               context.fail_below(I)) &&
              ...);
    }(std::index_sequence_for<Parts...>());
    if (!is_taken) return std::nullopt;
    return std::apply(
        [](auto&... part) { return std::optional<Tuple>(std::in_place, *std::move(part)...); },
        taken);
  }
};
template <class... Parts>
struct TreeCodec<std::tuple<Parts...>>
    : TupleTreeCodec<CppKind::Tuple, std::tuple<Parts...>, Parts...> {};
template <class First, class Second>
struct TreeCodec<std::pair<First, Second>>
    : TupleTreeCodec<CppKind::Pair, std::pair<First, Second>, First, Second> {};

template <class... Owners, class... Members>
constexpr std::array<CppPart, sizeof...(Members)> field_parts(
    const RecordInfo<RecordField<Owners, Members>...>& info) {
  return std::apply(
      [](const auto&... fields) {
        return std::array<CppPart, sizeof...(Members)>{
            CppPart{.label = fields.name, .type = &TreeCodec<Members>::type}...};
      },
      info.fields);
}

template <DeclaredRecord T>
struct TreeCodec<T> {
  static constexpr auto kInfo = tenon_record(std::type_identity<T>());
  static constexpr std::size_t kCount = std::tuple_size_v<decltype(kInfo.fields)>;
  static constexpr std::array<CppPart, kCount> kParts = field_parts(kInfo);
  static constexpr CppType type{
      .kind = CppKind::Record, .name = kInfo.name, .parts = {kParts.data(), kCount}};
  static_assert(std::default_initializable<T>,
                "tenon: a struct of TENON_RECORD needs a default constructor");

  static std::optional<Value> put(TreeContext& context, const T& record) {
    std::vector<std::pair<std::string, Value>> fields;
    fields.reserve(kCount);
    const auto add = [&]<class Owner, class Member>(const RecordField<Owner, Member>& field) {
      std::string label = context.label(type, fields.size(), field.name);
      std::optional<Value> value = put_tree<Member>(context, record.*(field.member));
      if (!value) return context.fail_below("." + label);
      fields.emplace_back(std::move(label), *std::move(value));
      return true;
    };
    if (!std::apply([&](const auto&... field) { return (add(field) && ...); }, kInfo.fields))
      return std::nullopt;
    return Value::record(std::move(fields));
  }
  static std::optional<T> take(TreeContext& context, const Value& value) {
    const auto* const record = value.get_if<ValueRecord>();
    if (record == nullptr) {
      context.mismatch("record", value);
      return std::nullopt;
    }
    T taken{};
    std::size_t i = 0;
    const auto take_field = [&]<class Owner, class Member>(
                                const RecordField<Owner, Member>& field) {
      const Value* const held = find(context, *record, i++, field.name);
      if (held == nullptr)
        return context.fail("value-type", "the field `" + make_label(field.name) + "` is missing");
      std::optional<Member> member = take_tree<Member>(context, *held);
      if (!member) return context.fail_below("." + make_label(field.name));
      taken.*(field.member) = *std::move(member);
      return true;
    };
    if (!std::apply([&](const auto&... field) { return (take_field(field) && ...); }, kInfo.fields))
      return std::nullopt;
    return taken;
  }

 private:
  static const Value* find(TreeContext& context, const ValueRecord& record, std::size_t i,
                           std::string_view name) {
    for (std::size_t at = 0; at < record.labels().size(); ++at)
      if (context.is_label(type, i, name, record.labels()[at])) return &record.values()[at];
    return nullptr;
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
        expected
            ? put_side<T>(context, expected, [&]() -> const auto& { return *expected; })
            : put_side<E>(context, expected, [&]() -> const auto& { return expected.error(); });
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
  static std::optional<ValuePayload> put_side(TreeContext& context,
                                              const Expected<T, E>& /*expected*/, Get&& get) {
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

// --- Signatures ---

template <class R, class... Params>
struct TreeSignature {
  static constexpr std::array<const CppType*, sizeof...(Params)> kParamTypes = {
      &TreeCodec<std::remove_cvref_t<Params>>::type...};
  static constexpr CppSignature kSignature{.params = kParamTypes, .result = tree_payload<R>()};
};

}  // namespace tenon::detail
