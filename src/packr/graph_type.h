// A type as values carry it, as a tree of its own.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "packr/graph_format.h"

namespace tenon::packr {

struct GraphType {
  NodeKind kind = NodeKind::Tuple;  // never Array; as it is, the unit type
  std::string name = {};            // of a record or variant; may be empty
  // The element of a list or option; ok and err of a result; the parts of a tuple.
  std::vector<GraphType> parts = {};

  static GraphType named(NodeKind kind, std::string name) { return {kind, std::move(name), {}}; }
  static GraphType of(NodeKind kind, std::vector<GraphType> parts = {}) {
    return {kind, {}, std::move(parts)};
  }

  bool operator==(const GraphType& other) const;
};

// Adds the descriptor of a type.
void append_type(std::vector<std::uint8_t>& bytes, const GraphType& type);

}  // namespace tenon::packr
