// Test support: random values of every kind, with arbitrary names and types. Equal seeds give equal
// values.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "packr/graph_value.h"
#include "support/utf8.h"

namespace tenon::packr {

class RandomGraphValues {
 public:
  // version: of the wire form that has the values.
  explicit RandomGraphValues(std::uint64_t seed, GraphVersion version = GraphVersion::V3)
      : engine_(seed), has_collections_(version == GraphVersion::V3) {}

  GraphValue make_value(std::uint32_t depth) {
    if (depth == 0 || below(4) == 0) return make_leaf();
    switch (below(has_collections_ ? 9 : 7)) {
      case 0:
        return {GraphTuple{make_values(depth)}};
      case 1:
        return make_list(depth);
      case 2: {
        GraphRecord record{make_name(), {}};
        for (GraphValue& value : make_values(depth))
          record.fields.push_back({make_name(), std::move(value)});
        return {std::move(record)};
      }
      case 3: {
        const auto tag = static_cast<std::uint32_t>(below(3) == 0 ? engine_() : below(3));
        return {GraphVariant{make_name(), make_name(), tag, make_values(depth)}};
      }
      case 4: {
        GraphOption option{make_type(2), std::nullopt};
        if (below(3) != 0) option.value = GraphBox(make_value(depth - 1));
        return {std::move(option)};
      }
      case 5:
        return {GraphResult{make_type(2), make_type(2),
                            below(2) == 0 ? ResultSide::Ok : ResultSide::Err,
                            make_value(depth - 1)}};
      case 7: {
        GraphMap map{make_type(2), make_type(2), {}};
        for (std::uint64_t i = 2 * below(3); i > 0; --i) map.parts.push_back(make_value(depth - 1));
        return {std::move(map)};
      }
      case 8:
        return {GraphSet{make_type(2), make_values(depth)}};
      default:
        return make_array();
    }
  }

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

 private:
  static constexpr std::array kScalars{NodeKind::Bool, NodeKind::S32, NodeKind::S64, NodeKind::F32,
                                       NodeKind::F64,  NodeKind::U8,  NodeKind::U16, NodeKind::U32,
                                       NodeKind::U64,  NodeKind::S8,  NodeKind::S16, NodeKind::Char,
                                       NodeKind::Flags};

  std::uint32_t make_code() {
    constexpr std::array<std::uint32_t, 12> kCodes{0,    '\n', '\t', '"',    '\'',    '\\',
                                                   0x1b, 0x7f, 0xe9, 0x202e, 0x1f980, 0x10ffff};
    return below(3) == 0 ? kCodes[below(kCodes.size())]
                         : static_cast<std::uint32_t>('a' + below(26));
  }

  std::string make_text() {
    std::string text;
    for (std::uint64_t i = below(6); i > 0; --i) append_utf8(text, make_code());
    return text;
  }

  std::string make_name() {
    constexpr std::array<const char*, 14> kNames{"point", "a",     "last-msg", "x_1",  "some",
                                                 "true",  "f32",   "flags",    "list", "variant",
                                                 "tuple", "größe", "",         "1st"};
    return below(5) == 0 ? make_text() : kNames[below(kNames.size())];
  }

  std::uint64_t make_bits(NodeKind kind) {
    if (kind == NodeKind::Bool) return below(2);
    if (kind == NodeKind::Char) return make_code();
    constexpr std::array<std::uint64_t, 8> kBits{
        0,          1,          ~std::uint64_t{0}, 0x8000000080000000, 0x7ff0000000000000,
        0xffc12345, 0x7f800000, 0x3ff0000000000000};
    const std::uint64_t unused = 64 - 8 * fixed_width(kind);
    return (below(2) == 0 ? engine_() : kBits[below(kBits.size())]) << unused >> unused;
  }

  GraphValue make_leaf() {
    if (below(4) == 0) return {make_text()};
    if (below(5) == 0) return make_array();
    const NodeKind kind = kScalars[below(kScalars.size())];
    return {GraphScalar{kind, make_bits(kind)}};
  }

  std::vector<GraphValue> make_values(std::uint32_t depth) {
    std::vector<GraphValue> values;
    for (std::uint64_t i = below(4); i > 0; --i) values.push_back(make_value(depth - 1));
    return values;
  }

  GraphValue make_list(std::uint32_t depth) {
    GraphType element = make_type(2);
    while (fixed_width(element.kind) != 0) element = make_type(2);
    return {GraphList{std::move(element), make_values(depth)}};
  }

  GraphValue make_array() {
    GraphArray array{kScalars[below(kScalars.size())], {}};
    for (std::uint64_t i = below(5); i > 0; --i) {
      const std::uint64_t bits = make_bits(array.element);
      for (std::size_t k = 0; k < fixed_width(array.element); ++k)
        array.bytes.push_back(static_cast<std::uint8_t>(bits >> (8 * k)));
    }
    return {std::move(array)};
  }

  GraphType make_type(std::uint32_t depth) {
    if (depth == 0 || below(3) == 0)
      return GraphType::of(below(4) == 0 ? NodeKind::String : kScalars[below(kScalars.size())]);
    switch (below(has_collections_ ? 8 : 6)) {
      case 0:
        return GraphType::of(NodeKind::List, {make_type(depth - 1)});
      case 1:
        return GraphType::of(NodeKind::Option, {make_type(depth - 1)});
      case 2:
        return GraphType::of(NodeKind::Result, {make_type(depth - 1), make_type(depth - 1)});
      case 3: {
        std::vector<GraphType> parts;
        for (std::uint64_t i = below(3); i > 0; --i) parts.push_back(make_type(depth - 1));
        return GraphType::of(NodeKind::Tuple, std::move(parts));
      }
      case 4:
        return GraphType::named(NodeKind::Record, make_name());
      case 6:
        return GraphType::of(NodeKind::Map, {make_type(depth - 1), make_type(depth - 1)});
      case 7:
        return GraphType::of(NodeKind::Set, {make_type(depth - 1)});
      default:
        return GraphType::named(NodeKind::Variant, make_name());
    }
  }

  std::mt19937_64 engine_;
  bool has_collections_;
};

}  // namespace tenon::packr
