// Conversions of lists, maps, tuples and records, which have several parts. See tenon/detail/tree_codec.h.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/tree_codec.h"
#include "tenon/record.h"
#include "tenon/value.h"

namespace tenon::detail {

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

}  // namespace tenon::detail
