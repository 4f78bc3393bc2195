// Test support: vectors that packr generated, and values in the JSON form of these vectors.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packr/graph_value.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "support/test_vectors.h"
#include "support/try.h"

namespace tenon::packr {

using Bytes = std::vector<std::uint8_t>;
using Json = nlohmann::json;

// The kind of a type that is called so.
inline NodeKind kind_of_word(std::string_view word) {
  for (std::uint8_t tag = 1; tag <= kLastNodeKind; ++tag)
    if (kind_word(static_cast<NodeKind>(tag)) == word) return static_cast<NodeKind>(tag);
  ADD_FAILURE() << word;
  return NodeKind::Bool;
}

inline GraphType type_of_json(const Json& json) {
  if (json.is_string()) return GraphType::of(kind_of_word(json.get<std::string>()));
  const std::string key = json.begin().key();
  const Json& value = *json.begin();
  const NodeKind kind = kind_of_word(key);
  if (value.is_string() && (kind == NodeKind::Record || kind == NodeKind::Variant))
    return GraphType::named(kind, value.get<std::string>());
  if (kind == NodeKind::List || kind == NodeKind::Option || kind == NodeKind::Set)
    return GraphType::of(kind, {type_of_json(value)});
  std::vector<GraphType> parts;
  for (const Json& part : value) parts.push_back(type_of_json(part));
  return GraphType::of(kind, std::move(parts));
}

inline GraphValue value_of_json(const Json& json);

inline std::vector<GraphValue> values_of_json(const Json& json) {
  std::vector<GraphValue> values;
  for (const Json& item : json) values.push_back(value_of_json(item));
  return values;
}

inline std::uint64_t bits_of_json(NodeKind kind, const Json& json) {
  if (json.is_boolean()) return std::uint64_t{json.get<bool>()};
  const std::uint64_t unused = 64 - 8 * fixed_width(kind);
  std::uint64_t bits = 0;
  if (!json.is_string())
    bits = static_cast<std::uint64_t>(json.get<std::int64_t>());
  else if (json.get<std::string>().starts_with('-'))
    bits = static_cast<std::uint64_t>(std::stoll(json.get<std::string>()));
  else  // decimal, or hexadecimal after 0x
    bits = std::stoull(json.get<std::string>(), nullptr, 0);
  return bits << unused >> unused;
}

inline GraphValue list_of_json(const Json& json) {
  GraphType element = type_of_json(json["elem"]);
  const std::size_t width = fixed_width(element.kind);
  std::vector<GraphValue> items = values_of_json(json["items"]);
  Bytes bytes;
  for (const GraphValue& item : items) {
    const auto* const scalar = std::get_if<GraphScalar>(&item.of);
    if (scalar == nullptr || scalar->kind != element.kind)
      return {GraphList{std::move(element), std::move(items)}};
    for (std::size_t i = 0; i < width; ++i)
      bytes.push_back(static_cast<std::uint8_t>(scalar->bits >> (8 * i)));
  }
  if (width != 0) return {GraphArray{element.kind, std::move(bytes)}};
  return {GraphList{std::move(element), std::move(items)}};
}

inline GraphValue value_of_json(const Json& json) {
  const std::string key = json.begin().key();
  const Json& value = *json.begin();
  if (key == "string") return {value.get<std::string>()};
  if (key == "tuple") return {GraphTuple{values_of_json(value)}};
  if (key == "list") return list_of_json(value);
  if (key == "map")
    return {GraphMap{type_of_json(value["key"]), type_of_json(value["value"]),
                     values_of_json(value["parts"])}};
  if (key == "set") return {GraphSet{type_of_json(value["elem"]), values_of_json(value["items"])}};
  if (key == "option") {
    GraphOption option{type_of_json(value["inner"]), std::nullopt};
    if (!value["value"].is_null()) option.value = GraphBox(value_of_json(value["value"]));
    return {std::move(option)};
  }
  if (key == "result") {
    const bool is_ok = value.contains("ok");
    return {GraphResult{type_of_json(value["ok_type"]), type_of_json(value["err_type"]),
                        is_ok ? ResultSide::Ok : ResultSide::Err,
                        value_of_json(is_ok ? value["ok"] : value["err"])}};
  }
  if (key == "record") {
    GraphRecord record{value["type"], {}};
    for (const Json& field : value["fields"])
      record.fields.push_back({field[0], value_of_json(field[1])});
    return {std::move(record)};
  }
  if (key == "variant")
    return {GraphVariant{value["type"], value["case"],
                         static_cast<std::uint32_t>(value["tag"].get<std::uint64_t>()),
                         values_of_json(value["payload"])}};
  const NodeKind kind = kind_of_word(key);
  return {GraphScalar{kind, bits_of_json(kind, value)}};
}

// A view with its index.
struct OpenGraph {
  Bytes bytes;
  std::vector<std::uint32_t> index;
  std::optional<GraphView> view;
  std::optional<GraphError> error;

  explicit OpenGraph(Bytes from, const GraphLimits& limits = kDefaultLimits)
      : bytes(std::move(from)) {
    const Result<std::uint32_t, GraphError> count = GraphView::count_nodes(bytes, limits);
    if (!count) {
      error = count.error();
      return;
    }
    EXPECT_LE(*count, bytes.size() / kNodeHeaderBytes);
    index.resize(*count);
    const Result<GraphView, GraphError> opened = GraphView::open(bytes, index, limits);
    if (opened)
      view = *opened;
    else
      error = opened.error();
  }
};

inline Result<Bytes, GraphError> encode(const GraphValue& value,
                                        std::optional<GraphVersion> version = {}) {
  GraphWriter writer(version);
  write_value(value, writer);
  TENON_TRY(const std::span<const std::uint8_t> bytes, writer.finish());
  return Bytes(bytes.begin(), bytes.end());
}

// Builds a buffer from nodes with their kinds and payloads.
struct TestNode {
  std::uint8_t kind;
  Bytes payload;
};

inline void append_word(Bytes& bytes, std::uint32_t word) {
  for (const unsigned shift : {0U, 8U, 16U, 24U})
    bytes.push_back(static_cast<std::uint8_t>(word >> shift));
}

inline Bytes make_graph(const std::vector<TestNode>& nodes, std::uint32_t root,
                        GraphVersion version = GraphVersion::V2) {
  Bytes bytes{'C', 'G', 'R', 'F', static_cast<std::uint8_t>(version), 0, 0, 0};
  append_word(bytes, static_cast<std::uint32_t>(nodes.size()));
  append_word(bytes, root);
  for (const TestNode& node : nodes) {
    bytes.insert(bytes.end(), {node.kind, 0, 0, 0});
    append_word(bytes, static_cast<std::uint32_t>(node.payload.size()));
    bytes.insert(bytes.end(), node.payload.begin(), node.payload.end());
  }
  return bytes;
}

inline TestNode tuple_node(const std::vector<std::uint32_t>& children) {
  TestNode node{0x0b, {}};
  append_word(node.payload, static_cast<std::uint32_t>(children.size()));
  for (const std::uint32_t child : children) append_word(node.payload, child);
  return node;
}

// `levels` tuples around a u8 of 7.
inline Bytes make_nested_tuples(std::uint32_t levels) {
  std::vector<TestNode> nodes{{0x0c, {7}}};
  for (std::uint32_t i = 0; i < levels; ++i) nodes.push_back(tuple_node({i}));
  return make_graph(nodes, levels);
}

// `levels` tuples, each with the one below it twice: 2^levels leaves.
inline Bytes make_doubling_graph(std::uint32_t levels) {
  std::vector<TestNode> nodes{{0x0c, {7}}};
  for (std::uint32_t i = 0; i < levels; ++i) nodes.push_back(tuple_node({i, i}));
  return make_graph(nodes, levels);
}

}  // namespace tenon::packr
