// A tree of WAVE text and a type, to a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/value.h"
#include "tenon/value_text.h"
#include "value/labels.h"
#include "value/problems.h"
#include "value/type_graph.h"
#include "value/wave_tree.h"

namespace tenon::value {

// Reads parts of one tree; what does not fit becomes a problem with its place.
class WaveReader {
 public:
  // Lifetime: all must outlive the reader.
  WaveReader(const TypeGraphPtr& graph, std::string_view text, const WaveTree& tree,
             const ValueTextOptions& options);

  // The value at `node`; nothing if there was a problem, which is then in `problems`. The parts of
  // a value are all looked at.
  [[nodiscard]] std::optional<Value> read(types::TypeId id, std::uint32_t node);

  // What problems are of, such as a parameter; it becomes Location::item.
  void set_item(std::string item) { item_ = std::move(item); }
  // Adds a problem with the place of `node`.
  template <class Make>
  void add_problem(std::uint32_t node, Make&& make);
  [[nodiscard]] Problems& problems() { return problems_; }

 private:
  void place(Diagnostic& problem, const WaveNode& node) const;
  void add_mismatch(types::TypeId id, std::uint32_t node);
  [[nodiscard]] std::string_view text_of(const WaveNode& node) const;
  [[nodiscard]] std::string describe(const WaveNode& node) const;
  // A label without payload: its text, `%` included; empty for other nodes.
  [[nodiscard]] std::string_view bare_label(const WaveNode& node) const;
  [[nodiscard]] std::string_view written_label(const WaveNode& node) const;
  [[nodiscard]] std::string decode(const WaveNode& node) const;
  // Calls `visit` with the index of each part.
  template <class Visit>
  void for_each_part(std::uint32_t node, Visit&& visit) const;

  template <class T>
  std::optional<T> read_number_as(types::TypeId id, types::Primitive kind, std::uint32_t node);
  template <class T>
  std::optional<Value> read_numbers(types::TypeId id, types::Primitive kind, std::uint32_t node);
  // Specialised for each kind of type.
  template <class Kind>
  std::optional<Value> read_as(const Kind& kind, types::TypeId id, std::uint32_t node);

  // Of the kind that the text says by itself: wave_dynamic.cc.
  std::optional<Value> read_dynamic(types::TypeId id, std::uint32_t node);
  std::optional<Value> read_dynamic_label(types::TypeId id, std::uint32_t node);

  std::optional<Value> read_handle(types::TypeId id, std::uint32_t node);
  std::optional<Value> refuse(types::TypeId id, std::uint32_t node);
  // The position of the case that `node` names, if it is one.
  std::optional<std::uint32_t> read_case(types::TypeId id, std::uint32_t node);
  // Reads the payload of a label; false if there was a problem.
  bool read_payload(const std::optional<types::TypeId>& type, std::uint32_t node,
                    ValuePayload& payload);
  // False for options and results: they are never meant where their payload could be.
  [[nodiscard]] bool can_be_bare(types::TypeId id) const;

  const TypeGraphPtr& graph_;
  const types::Types& types_;
  std::string_view text_;
  const WaveTree& tree_;
  const ValueTextOptions& options_;
  LabelTables tables_;
  std::string item_;
  Problems problems_;
};

template <class Make>
void WaveReader::add_problem(std::uint32_t node, Make&& make) {
  problems_.add([&] {
    Diagnostic problem = make();
    place(problem, tree_[node]);
    return problem;
  });
}

template <class Visit>
void WaveReader::for_each_part(std::uint32_t node, Visit&& visit) const {
  std::uint32_t part = node + 1;
  for (std::uint32_t i = 0; i < tree_[node].parts; ++i, part = tree_[part].next) visit(part);
}

}  // namespace tenon::value
