// Turns a parsed text into a value of a type.
//
//   const Result<TextTree> tree = parse_wave_tree(text);
//   TextReader reader(graph, wave_syntax(), *tree, options);
//   std::optional<Value> value = reader.read(type, 0);
//   if (!value) return reader.problems().take();
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/value.h"
#include "types/labels.h"
#include "value/problems.h"
#include "value/text_syntax.h"
#include "value/text_tree.h"
#include "value/type_graph.h"

namespace tenon::value {

// Goes down a tree and a type together. Every part that does not fit becomes a problem: with its
// place if the tree knows its source (WAVE), otherwise with its path (JSON).
class TextReader {
 public:
  // Lifetime: all must outlive the reader.
  TextReader(const TypeGraphPtr& graph, const TextSyntax& syntax, const TextTree& tree,
             const ValueTextOptions& options);

  // The value at `node`; nothing if there was a problem, which is then in `problems`. All parts of
  // a value are read, even after a problem.
  [[nodiscard]] std::optional<Value> read(types::TypeId id, std::uint32_t node);

  // The parameter that is being read. With WAVE it becomes Location::item of problems.
  void set_parameter(std::string label) { parameter_ = std::move(label); }
  // Adds a problem at `node`.  make: returns a Diagnostic; called only if it is kept.
  template <class Make>
  void add_problem(std::uint32_t node, Make&& make);
  [[nodiscard]] Problems& problems() { return problems_; }

 private:
  void place(Diagnostic& problem, std::uint32_t node) const;
  void add_mismatch(types::TypeId id, std::uint32_t node);
  [[nodiscard]] const TextNode& node_at(std::uint32_t node) const { return tree_.nodes[node]; }

  template <class T>
  std::optional<T> read_number_as(types::TypeId id, types::Primitive kind, std::uint32_t node);
  template <class T>
  std::optional<Value> read_numbers(types::TypeId id, types::Primitive kind, std::uint32_t node);
  std::optional<Value> read_elements(const types::List& kind, std::uint32_t node);
  std::optional<Value> read_base64(types::TypeId id, std::uint32_t node, std::string_view text);
  // Specialized for each kind of type.
  template <class Kind>
  std::optional<Value> read_as(const Kind& kind, types::TypeId id, std::uint32_t node);

  std::optional<Value> read_handle(types::TypeId id, std::uint32_t node);
  std::optional<Value> refuse(types::TypeId id, std::uint32_t node);
  // The position of the case `written` in the type.
  std::optional<std::uint32_t> find_case(types::TypeId id, std::uint32_t node,
                                         const std::optional<CaseText>& written);
  // Reads the payload of a case; false if there was a problem.
  bool read_payload(const CaseText& written, const std::optional<types::TypeId>& type,
                    std::uint32_t node, ValuePayload& payload);

  // text_dynamic.cc: for a type that takes any value. The text alone shows the kind of the value.
  std::optional<Value> read_dynamic(types::TypeId id, std::uint32_t node);
  std::optional<Value> read_dynamic_label(types::TypeId id, std::uint32_t node);
  std::optional<Value> read_dynamic_fields(types::TypeId id, std::uint32_t node);
  // The values of all parts; nothing if a part has a problem.
  std::optional<std::vector<Value>> read_dynamic_parts(types::TypeId id, std::uint32_t node);

  const TypeGraphPtr& graph_;
  const types::Types& types_;
  const TextSyntax& syntax_;
  const TextKinds kinds_;
  const TextTree& tree_;
  const ValueTextOptions& options_;
  types::LabelTables tables_;
  std::string parameter_;
  Path path_;
  Problems problems_;
};

template <class Make>
void TextReader::add_problem(std::uint32_t node, Make&& make) {
  problems_.add([&] {
    Diagnostic problem = make();
    place(problem, node);
    return problem;
  });
}

}  // namespace tenon::value
