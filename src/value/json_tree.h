// JSON text as a tree of its parts, before a type says what they mean.
//
// Nodes stand in the order of the text: the parts of node i begin at i + 1, and `next` of a node is
// the index after its last part. Numbers keep their digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::value {

struct JsonNode {
  enum class Kind : std::uint8_t {
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,  // parts are keys (String) and values in turn
  };
  Kind kind = Kind::Null;
  std::uint32_t begin = 0;  // Number, String: bytes of JsonTree::text
  std::uint32_t size = 0;
  std::uint32_t next = 0;
  std::uint32_t parts = 0;  // how many
};

struct JsonTree {
  std::vector<JsonNode> nodes;
  std::string text;  // of numbers and strings, decoded

  [[nodiscard]] std::string_view text_of(const JsonNode& node) const {
    return std::string_view(text).substr(node.begin, node.size);
  }
};

// Reads one value: the whole of `text`. Depth is bounded by what a value of
// limits::kNestingDepth needs. Errors: value-syntax, one problem, with its place.
[[nodiscard]] Result<JsonTree> read_json_tree(std::string_view text);

}  // namespace tenon::value
