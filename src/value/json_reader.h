// A tree of JSON text and a type, to a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/value.h"
#include "tenon/value_text.h"
#include "value/json_tree.h"
#include "value/labels.h"
#include "value/path.h"
#include "value/problems.h"
#include "value/type_graph.h"

namespace tenon::value {

// Reads parts of one tree; what does not fit becomes a problem with its path.
class JsonReader {
 public:
  // Lifetime: all must outlive the reader.
  JsonReader(const TypeGraphPtr& graph, const JsonTree& tree, const ValueTextOptions& options);

  // The value at `node`; nothing if there was a problem, which is then in `problems`. The parts of
  // a value are all looked at.
  [[nodiscard]] std::optional<Value> read(types::TypeId id, std::uint32_t node);
  [[nodiscard]] Problems& problems() { return problems_; }

 private:
  template <class Make>
  void add_problem(Make&& make);
  void add_mismatch(types::TypeId id, std::uint32_t node);
  [[nodiscard]] std::string describe(const JsonNode& node) const;
  template <class Visit>
  void for_each_part(std::uint32_t node, Visit&& visit) const;
  // Calls `visit` with the key and the index of each value.
  template <class Visit>
  void for_each_entry(std::uint32_t node, Visit&& visit) const;

  template <class T>
  std::optional<T> read_number_as(types::TypeId id, types::Primitive kind, std::uint32_t node);
  template <class T>
  std::optional<Value> read_numbers(types::TypeId id, types::Primitive kind, std::uint32_t node);
  std::optional<Value> read_bytes(types::TypeId id, std::uint32_t node);
  std::optional<Value> read_elements(const types::List& kind, std::uint32_t node);
  // Specialised for each kind of type.
  template <class Kind>
  std::optional<Value> read_as(const Kind& kind, types::TypeId id, std::uint32_t node);

  // Of the kind that the text says by itself.
  std::optional<Value> read_dynamic(types::TypeId id, std::uint32_t node);

  std::optional<Value> read_handle(types::TypeId id, std::uint32_t node);
  std::optional<Value> refuse(types::TypeId id);
  // The one key of an object; nothing, and a problem, for anything else.
  std::optional<std::string_view> read_single_key(types::TypeId id, std::uint32_t node);
  // Reads the value behind the one key of an object; false if there was a problem.
  bool read_payload(std::string_view label, const std::optional<types::TypeId>& type,
                    std::uint32_t node, ValuePayload& payload);

  const TypeGraphPtr& graph_;
  const types::Types& types_;
  const JsonTree& tree_;
  const ValueTextOptions& options_;
  LabelTables tables_;
  Path path_;
  Problems problems_;
};

template <class Visit>
void JsonReader::for_each_part(std::uint32_t node, Visit&& visit) const {
  std::uint32_t part = node + 1;
  for (std::size_t i = 0; i < tree_.nodes[node].parts; ++i, part = tree_.nodes[part].next)
    visit(i, part);
}

template <class Visit>
void JsonReader::for_each_entry(std::uint32_t node, Visit&& visit) const {
  std::string_view key;
  for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    if (i % 2 == 0)
      key = tree_.text_of(tree_.nodes[part]);
    else
      visit(key, part);
  });
}

}  // namespace tenon::value
