// The text of a value as a tree, before a type says what its parts mean.
//
// WAVE (wave_syntax.h) and JSON (json_syntax.h) are parsed into the same tree, so that one reader
// (text_reader.h) can go down a tree and a type together. Nodes are in the order of the text: a
// node is followed by its parts.
//
//   {name: "tea", tags: [1]}          WAVE
//   {"name": "tea", "tags": [1]}      JSON
//
//   0  Fields            parts 4, next 6
//   1    Label  `name`            next 2
//   2    String `tea`             next 3
//   3    Label  `tags`            next 4
//   4    List            parts 1, next 6
//   5      Number `1`             next 6
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::value {

// JSON has Number, String, List (its arrays), Fields (its objects) and Label: the keys of objects,
// `true`, `false`, and `null`, which becomes the label `none`.
enum class TextKind : std::uint8_t {
  Number,
  Char,
  String,
  Handle,  // `$3`
  Label,   // `days`, `true`; the payload is its part, if it has one
  Tuple,   // at least one part; the arguments of a call can be empty
  List,
  Flags,   // parts: labels without payload
  Fields,  // parts: keys and values in turn
};

struct TextNode {
  TextKind kind = TextKind::Flags;
  // Label: it cannot be a keyword, because it is written with `%` or is the key of a JSON object.
  bool is_escaped = false;
  // The characters of a leaf in TextTree::text: digits, a decoded string, a label without `%`, a
  // handle with `$`.
  std::uint32_t text_begin = 0;
  std::uint32_t text_size = 0;
  // The place of the node in TextTree::source, in bytes.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t next = 0;   // the index of the first node that is not inside of this one
  std::uint32_t parts = 0;  // the number of nodes directly inside; Fields: of keys and values
};

struct TextTree {
  std::vector<TextNode> nodes;
  std::string text;  // the characters of all leaves
  // The text that was parsed, for excerpts in messages. Nothing for JSON: its parser does not
  // report the places of nodes.
  std::optional<std::string_view> source;

  // Adds a node without parts.
  void add_leaf(TextNode node, std::string_view characters) {
    node.text_begin = static_cast<std::uint32_t>(text.size());
    node.text_size = static_cast<std::uint32_t>(characters.size());
    node.next = static_cast<std::uint32_t>(nodes.size() + 1);
    text += characters;
    nodes.push_back(node);
  }

  [[nodiscard]] std::string_view text_of(const TextNode& node) const {
    return std::string_view(text).substr(node.text_begin, node.text_size);
  }
  // The text of a label that can be a keyword, such as `none`; empty for all other nodes.
  [[nodiscard]] std::string_view word_of(const TextNode& node) const {
    return node.kind == TextKind::Label && !node.is_escaped ? text_of(node) : std::string_view();
  }
  [[nodiscard]] std::string_view source_of(const TextNode& node) const {
    return source.value_or(std::string_view()).substr(node.begin, node.end - node.begin);
  }

  // Calls `visit(i, part)` with the number and the index of each part of `nodes[node]`.
  template <class Visit>
  void for_each_part(std::uint32_t node, Visit&& visit) const {
    std::uint32_t part = node + 1;
    for (std::uint32_t i = 0; i < nodes[node].parts; ++i, part = nodes[part].next) visit(i, part);
  }
  // Calls `visit(key, value)` with the indices of each entry of Fields. A key is a leaf.
  template <class Visit>
  void for_each_entry(std::uint32_t node, Visit&& visit) const {
    std::uint32_t key = node + 1;
    for (std::uint32_t i = 0; i < nodes[node].parts; i += 2, key = nodes[key + 1].next)
      visit(key, key + 1);
  }
};

}  // namespace tenon::value
