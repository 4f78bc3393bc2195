// Test support: builds a graph node by node, with shared nodes, which no writer produces.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/graph_format.h"

namespace tenon::packr {

class SharedGraph {
 public:
  using Node = std::uint32_t;
  using Bytes = std::vector<std::uint8_t>;

  Node text(std::string_view value) {
    Bytes payload;
    put_text(payload, value);
    return add(NodeKind::String, payload);
  }
  // A list of records or variants.
  Node list_of(NodeKind element, const std::vector<Node>& items) {
    Bytes payload;
    payload.push_back(static_cast<std::uint8_t>(element));
    put_text(payload, "");
    put_nodes(payload, items);
    return add(NodeKind::List, payload);
  }
  Node record(const std::vector<std::pair<std::string, Node>>& fields) {
    Bytes payload;
    put_text(payload, "record");
    put_u32(payload, fields.size());
    for (const auto& [name, node] : fields) put_text(payload, name);
    for (const auto& [name, node] : fields) put_u32(payload, node);
    return add(NodeKind::Record, payload);
  }
  Node variant(std::uint32_t tag, const std::vector<Node>& payload_nodes) {
    Bytes payload;
    put_text(payload, "variant");
    put_text(payload, "case");
    put_u32(payload, tag);
    put_nodes(payload, payload_nodes);
    return add(NodeKind::Variant, payload);
  }
  Node tuple(const std::vector<Node>& items) {
    Bytes payload;
    put_nodes(payload, items);
    return add(NodeKind::Tuple, payload);
  }
  // A map from texts to texts, which only version 3 has (`finish`).
  Node empty_map() {
    Bytes payload(2, static_cast<std::uint8_t>(NodeKind::String));
    put_nodes(payload, {});
    return add(NodeKind::Map, payload);
  }
  Node u64(std::uint64_t value) {
    Bytes payload;
    for (int shift = 0; shift < 64; shift += 8)
      payload.push_back(static_cast<std::uint8_t>(value >> shift));
    return add(NodeKind::U64, payload);
  }

  [[nodiscard]] Bytes finish(Node root, GraphVersion version = GraphVersion::V2) const {
    Bytes bytes(kGraphMagic.begin(), kGraphMagic.end());
    put_u32(bytes, static_cast<std::size_t>(version));
    put_u32(bytes, count_);
    put_u32(bytes, root);
    bytes.insert(bytes.end(), nodes_.begin(), nodes_.end());
    return bytes;
  }

 private:
  static void put_u32(Bytes& bytes, std::size_t value) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  static void put_text(Bytes& bytes, std::string_view text) {
    put_u32(bytes, text.size());
    for (const char c : text) bytes.push_back(static_cast<std::uint8_t>(c));
  }
  static void put_nodes(Bytes& bytes, std::span<const Node> nodes) {
    put_u32(bytes, nodes.size());
    for (const Node node : nodes) put_u32(bytes, node);
  }
  Node add(NodeKind kind, const Bytes& payload) {
    put_u32(nodes_, static_cast<std::size_t>(kind));
    put_u32(nodes_, payload.size());
    nodes_.insert(nodes_.end(), payload.begin(), payload.end());
    return count_++;
  }

  Bytes nodes_;
  Node count_ = 0;
};

}  // namespace tenon::packr
