// Random types and values, for tests of properties. Equal seeds give equal types and values.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "support/utf8.h"
#include "tenon/value.h"
#include "value/numbers.h"
#include "value/type_graph.h"

namespace tenon::value {

class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

  // A type without handles, nested at most `depth` levels deep.
  Type make_type_of_depth(std::uint32_t depth) {
    auto graph = std::make_shared<TypeGraph>();
    const types::TypeId id = add_type(graph->types, depth);
    return make_type(std::move(graph), id);
  }

  // The same, added to an arena.
  types::TypeId add_type(types::Types& types, std::uint32_t depth) {
    if (depth == 0 || below(4) == 0) return add_primitive(types);
    const auto part = [&] { return add_type(types, depth - 1); };
    const auto maybe = [&] {
      return below(3) == 0 ? std::nullopt : std::optional<types::TypeId>(part());
    };
    switch (below(10)) {
      case 0: {
        types::Record record;
        for (const std::string& label : make_labels()) record.fields.push_back({label, part()});
        return types.types.add({std::move(record)});
      }
      case 1: {
        types::Variant variant;
        for (const std::string& label : make_labels()) variant.cases.push_back({label, maybe()});
        return types.types.add({std::move(variant)});
      }
      case 2:
        return types.types.add({types::List{part(), {}}});
      case 3:
        return types.types.add({types::List{part(), static_cast<std::uint32_t>(1 + below(3))}});
      case 4: {
        types::Tuple tuple;
        for (std::uint64_t i = 1 + below(3); i > 0; --i) tuple.types.push_back(part());
        return types.types.add({std::move(tuple)});
      }
      case 5:
        return types.types.add({types::Flags{make_labels(below(4) == 0 ? 32 : 4)}});
      case 6:
        return types.types.add({types::Enum{make_labels(below(4) == 0 ? 300 : 4)}});
      case 7:
        return types.types.add({types::Option{part()}});
      case 8:
        return types.types.add({types::ResultType{maybe(), maybe()}});
      default: {
        using types::Primitive;
        constexpr std::array kKeys = {Primitive::Bool, Primitive::S8, Primitive::U64,
                                      Primitive::Char, Primitive::String};
        const types::TypeId key = types.primitive(kKeys[below(kKeys.size())]);
        return types.types.add({types::Map{key, part()}});
      }
    }
  }

  Value make_value(const Type& type) { return make(graph_of(type)->types, id_of(type)); }

 private:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  types::TypeId add_primitive(types::Types& types) {
    return types.primitive(static_cast<types::Primitive>(below(13)));
  }
  std::vector<std::string> make_labels(std::uint64_t most = 4) {
    std::vector<std::string> all = {"a",          "none", "some", "ok",        "err",
                                    "true",       "nan",  "inf",  "two-words", "HTTP3",
                                    "x-42-2A-5d", "func", "false"};
    std::shuffle(all.begin(), all.end(), engine_);
    const std::size_t count = 1 + below(most);
    while (all.size() < count) all.push_back(std::string("n").append(std::to_string(all.size())));
    all.resize(count);
    return all;
  }

  char32_t make_character() {
    constexpr std::array<char32_t, 18> kSpecial = {U'"', U'\'', U'\\', U'\n',   U'\r',    U'\t',
                                                   0,    0x7f,  0x85,  0x202e,  0xfeff,   0xffff,
                                                   0xe9, U'/',  U'{',  0x1f30a, 0x10ffff, U' '};
    if (below(2) == 0) return static_cast<char32_t>('a' + below(26));
    if (below(2) == 0) return kSpecial[below(kSpecial.size())];
    const auto code = static_cast<std::uint32_t>(below(0x110000));
    return is_scalar_value(code) ? static_cast<char32_t>(code) : U'?';
  }
  std::string make_text() {
    std::string text;
    for (std::uint64_t i = below(12); i > 0; --i) append_utf8(text, make_character());
    return text;
  }
  template <class T>
  T make_number() {
    if constexpr (std::is_floating_point_v<T>) {
      constexpr std::array<T, 9> kSpecial = {T(0),
                                             -T(0),
                                             std::numeric_limits<T>::infinity(),
                                             -std::numeric_limits<T>::infinity(),
                                             T(0.1),
                                             T(1),
                                             std::numeric_limits<T>::max(),
                                             std::numeric_limits<T>::denorm_min(),
                                             std::numeric_limits<T>::quiet_NaN()};
      if (below(2) == 0) return kSpecial[below(kSpecial.size())];
      using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
      return std::bit_cast<T>(static_cast<Bits>(engine_()));
    } else {
      if (below(4) == 0) return std::numeric_limits<T>::min();
      if (below(4) == 0) return std::numeric_limits<T>::max();
      return static_cast<T>(engine_() >> below(64));
    }
  }

  ValuePayload make_payload(const types::Types& types, const std::optional<types::TypeId>& id) {
    return id ? ValuePayload(make(types, *id)) : ValuePayload();
  }
  Value make(const types::Types& types, types::TypeId id) {
    return std::visit([&](const auto& kind) { return make_as(types, kind); }, types.types[id].kind);
  }
  Value make_as(const types::Types& /*types*/, const types::Primitive& kind) {
    Value value = Value::boolean(below(2) == 0);
    const bool is_number = visit_number(kind, [&]<class T>(std::type_identity<T>) {
      value = make_scalar_value<T>(make_number<T>());
    });
    if (is_number || kind == types::Primitive::Bool) return value;
    return kind == types::Primitive::Char ? Value::character(make_character())
                                          : Value::string(make_text());
  }
  Value make_as(const types::Types& types, const types::Record& kind) {
    std::vector<std::pair<std::string, Value>> fields;
    for (const types::Field& field : kind.fields)
      fields.emplace_back(field.label, make(types, field.type));
    return Value::record(std::move(fields));
  }
  Value make_as(const types::Types& types, const types::Variant& kind) {
    const types::Case& alternative = kind.cases[below(kind.cases.size())];
    return Value::variant(alternative.label, make_payload(types, alternative.type));
  }
  Value make_as(const types::Types& types, const types::List& kind) {
    std::vector<Value> elements;
    for (std::uint64_t i = kind.length ? *kind.length : below(4); i > 0; --i)
      elements.push_back(make(types, kind.element));
    return Value::list(std::move(elements));
  }
  Value make_as(const types::Types& types, const types::Map& kind) {
    std::vector<std::pair<Value, Value>> entries;
    for (std::uint64_t i = below(4); i > 0; --i) {
      Value key = make(types, kind.key);
      const bool is_new = std::none_of(entries.begin(), entries.end(),
                                       [&](const auto& entry) { return entry.first == key; });
      if (is_new) entries.emplace_back(std::move(key), make(types, kind.value));
    }
    return Value::map(std::move(entries));
  }
  Value make_as(const types::Types& types, const types::Tuple& kind) {
    std::vector<Value> values;
    for (const types::TypeId part : kind.types) values.push_back(make(types, part));
    return Value::tuple(std::move(values));
  }
  Value make_as(const types::Types& /*types*/, const types::Flags& kind) {
    std::vector<std::string> set;
    for (const std::string& label : kind.labels)
      if (below(2) == 0) set.push_back(label);
    return Value::flags(std::move(set));
  }
  Value make_as(const types::Types& /*types*/, const types::Enum& kind) {
    return Value::enumerator(kind.labels[below(kind.labels.size())]);
  }
  Value make_as(const types::Types& types, const types::Option& kind) {
    return below(2) == 0 ? Value::none() : Value::some(make(types, kind.type));
  }
  Value make_as(const types::Types& types, const types::ResultType& kind) {
    return below(2) == 0 ? Value::ok(make_payload(types, kind.ok))
                         : Value::err(make_payload(types, kind.error));
  }
  template <class Handle>
  Value make_as(const types::Types& /*types*/, const Handle& /*kind*/) {
    return Value::handle({});
  }

  std::mt19937_64 engine_;
};

}  // namespace tenon::value
