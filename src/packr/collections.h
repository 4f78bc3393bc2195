// Maps and sets in both of their forms: as nodes of their own in version 3 of the wire form, and as
// lists in version 2. All that reads values takes either form, whatever the version, because a
// function may have been declared with the other one.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "packr/graph_view.h"

namespace tenon::packr {

// The entries of a map.
class EntrySequence final {
 public:
  // Returns nothing unless the node is a Map, a List, or an Array without elements; or a Record
  // without fields, as which text without a type has an empty map.
  static std::optional<EntrySequence> find(NodeView node) {
    if (node.kind() == NodeKind::Map) return EntrySequence(node.map().parts, Form::Map);
    if (node.kind() == NodeKind::List) return EntrySequence(node.list().items, Form::Pairs);
    if (node.kind() == NodeKind::Array && node.array().count == 0) return EntrySequence();
    if (node.kind() == NodeKind::Record && node.record().fields.size() == 0) return EntrySequence();
    return std::nullopt;
  }

  [[nodiscard]] std::uint32_t size() const {
    if (!nodes_) return 0;
    return form_ == Form::Map ? nodes_->size() / 2 : nodes_->size();
  }
  // A key and a value; nothing if the item of a list is not a pair. REQUIRES: i < size()
  [[nodiscard]] std::optional<std::pair<NodeView, NodeView>> at(std::uint32_t i) const {
    if (form_ == Form::Map) return std::pair((*nodes_)[2 * i], (*nodes_)[2 * i + 1]);
    const NodeView item = (*nodes_)[i];
    if (item.kind() != NodeKind::Tuple || item.tuple().size() != 2) return std::nullopt;
    return std::pair(item.tuple()[0], item.tuple()[1]);
  }

 private:
  enum class Form : std::uint8_t { Map, Pairs };

  EntrySequence() = default;
  EntrySequence(const NodeSequence& nodes, Form form) : nodes_(nodes), form_(form) {}

  std::optional<NodeSequence> nodes_;
  Form form_ = Form::Pairs;
};

// The items of a List or a Set; nothing for other nodes, also for an Array.
[[nodiscard]] inline std::optional<NodeSequence> find_items(NodeView node) {
  if (node.kind() == NodeKind::List) return node.list().items;
  if (node.kind() == NodeKind::Set) return node.set().items;
  return std::nullopt;
}

}  // namespace tenon::packr
