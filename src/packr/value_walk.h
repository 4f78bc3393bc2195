// One walk over two trees: the value on the wire, and the type that the interface states.
//
// The type leads. `take` enters a node, counts it against the budgets (memory, nodes, depth: a shared node
// counts each time it is referred to, so that a small message cannot become a large value), and visits the
// kind of the type, one overload of Typed for each. Each overload asks whether the node can be that kind
// and takes its parts by their types; the tags that the value carries itself are not believed. Only where the
// type is a Dynamic does the node lead (`take_any`), with the enclosing types at hand for the labels of cases.
//
// The first problem wins. It is stored with the path to the value, and everything returns nothing from there.
//
// A sink decides what is made of the values: ValueSink makes `Value`s, CheckSink nothing (value_reader.cc). It has:
//
//   Made                     what one value becomes
//   Parts, Fields, Entries   those of a list or tuple, a record and a map, with `emplace_back`
//   kKeeps                   false: a value of any type is not looked at, unless it can have an enclosing type
//   kTooMany                 the message for too many nodes
//   spend, and a function for each kind of value
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "packr/graph_view.h"
#include "packr/guest_names.h"
#include "packr/value_types.h"
#include "tenon/result.h"

namespace tenon::packr {

template <class Sink>
class ValueWalk final {
 public:
  using Made = typename Sink::Made;
  using Parts = typename Sink::Parts;

  // Lifetime: refers to both arguments.
  ValueWalk(const ValueTypes& types, Sink& sink) : types_(types), sink_(sink) {}

  // Errors: the first part that does not match its type.
  [[nodiscard]] Result<Made, ValueProblem> run(NodeView node, types::TypeId id) {
    if (auto made = take(node, id)) return *std::move(made);
    return *std::move(problem_);
  }

  // The arguments of a call: a single one is passed directly, any other number as a tuple.
  [[nodiscard]] Result<Parts, ValueProblem> run_arguments(NodeView node,
                                                          const std::vector<types::Field>& params) {
    Parts arguments;
    const bool is_tuple = node.kind() == NodeKind::Tuple && node.tuple().size() >= params.size();
    if (params.size() > 1 && !is_tuple) {
      fail(fmt::format("expected {} arguments", params.size()));
      return *std::move(problem_);
    }
    for (std::uint32_t i = 0; i < params.size(); ++i) {
      const NodeView held = params.size() == 1 ? node : node.tuple()[i];
      auto made = part(ValuePath::label(params[i].label), held, params[i].type);
      if (!made) return *std::move(problem_);
      arguments.emplace_back(*std::move(made));
    }
    return arguments;
  }

 private:
  using Outcome = std::optional<Made>;
  struct Typed;

  std::nullopt_t fail(std::string message) {
    if (!problem_) problem_ = ValueProblem{path_.print(), std::move(message)};
    return std::nullopt;
  }
  // Takes the memory of a value, and `bytes` for its contents, from the budget.
  bool spend(std::uint64_t bytes) {
    if (sink_.spend(bytes)) return true;
    fail("the values need too much memory");
    return false;
  }
  // Takes a node from the budgets, for a scope.
  class Level final {
   public:
    Level(ValueWalk& walk, NodeView node) : walk_(walk) {
      if (walk.depth_ == kMaxValueDepth)
        walk.fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
      else if (!walk.budget_.visit(node.payload_size()))
        walk.fail(Sink::kTooMany);
      else
        is_entered_ = walk.spend(0);
      ++walk.depth_;
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --walk_.depth_; }
    [[nodiscard]] bool is_entered() const { return is_entered_; }

   private:
    ValueWalk& walk_;
    bool is_entered_ = false;
  };

  Outcome take(NodeView node, types::TypeId id) {
    const Level level(*this, node);
    if (!level.is_entered()) return std::nullopt;
    return std::visit(Typed{*this, node, id}, types_.types.types[id].kind);
  }
  Outcome part(ValuePath::Part part, NodeView node, types::TypeId id) {
    const ValuePath::Step step(path_, part);
    return take(node, id);
  }

  Outcome take_flags(std::uint64_t mask, const types::Flags& kind) {
    const std::size_t count = std::min<std::size_t>(kind.labels.size(), 64);
    if (count < 64 && mask >> count != 0)
      return fail(fmt::format("there is no flag {}", std::bit_width(mask) - 1));
    return sink_.flags(mask, &kind);
  }
  // kind: of flags; null: they have no type.
  Outcome take_all_flags(const ArrayView& array, const types::Flags* kind) {
    Parts elements;
    for (std::uint32_t i = 0; i < array.count; ++i) {
      if (!spend(0)) return std::nullopt;
      const ValuePath::Step step(path_, ValuePath::element(i));
      Outcome made = kind == nullptr ? Outcome(sink_.flags(array.bits(i), nullptr))
                                     : take_flags(array.bits(i), *kind);
      if (!made) return std::nullopt;
      elements.emplace_back(*std::move(made));
    }
    return sink_.list(std::move(elements));
  }
  Outcome take_array(const ArrayView& array) {
    if (!spend(array.bytes.size())) return std::nullopt;
    if (Outcome packed = sink_.packed(array)) return packed;
    return take_all_flags(array, nullptr);
  }
  Outcome take_typed_array(const ArrayView& array, types::TypeId element) {
    // An empty list can have any element type on the wire.
    if (array.count == 0) return sink_.list(Parts());
    const auto& kind = types_.types.types[element].kind;
    const NodeKind expected = types_.wire_type(element).kind;
    if (!std::holds_alternative<types::Dynamic>(kind) && expected != array.element)
      return fail(fmt::format("expected a list of {}, found one of {}", kind_word(expected),
                              kind_word(array.element)));
    const auto* const flags = std::get_if<types::Flags>(&kind);
    return flags != nullptr ? take_all_flags(array, flags) : take_array(array);
  }

  // Takes every node as a value of any type. Returns nothing if one is wrong.
  std::optional<Parts> take_all(const NodeSequence& nodes) {
    Parts parts;
    for (const NodeView item : nodes) {
      Outcome made = take_any(item);
      if (!made) return std::nullopt;
      parts.emplace_back(*std::move(made));
    }
    return parts;
  }
  Outcome take_any_map(const MapView& map) {
    typename Sink::Entries entries;
    for (std::uint32_t i = 0; i < map.size(); ++i) {
      Outcome key = take_any(map.key_at(i));
      if (!key) return std::nullopt;
      Outcome value = take_any(map.value_at(i));
      if (!value) return std::nullopt;
      entries.emplace_back(*std::move(key), *std::move(value));
    }
    return sink_.map(std::move(entries));
  }
  Outcome take_any_record(NodeView node) {
    if (Outcome buffer = sink_.buffer(node)) return buffer;
    typename Sink::Fields fields;
    for (const FieldView field : node.record().fields) {
      if (!spend(field.name.size())) return std::nullopt;
      Outcome value = take_any(field.value);
      if (!value) return std::nullopt;
      fields.emplace_back(label_of_field(field.name), *std::move(value));
    }
    return sink_.record(std::move(fields));
  }
  // Within a recursive type, a variant can have an enclosing type, and is taken by it.
  Outcome take_any_variant(NodeView node) {
    const VariantView variant = node.variant();
    if (const auto type = find_enclosing_variant(types_, enclosing_, variant)) {
      budget_.give_back();  // `take` counts the node again
      return take(node, *type);
    }
    const std::string label = label_of_case(variant.case_name);
    if (!spend(label.size())) return std::nullopt;
    std::optional<Parts> payload = take_all(variant.payload);
    if (!payload) return std::nullopt;
    return sink_.any_variant(label, variant.tag, *std::move(payload));
  }
  Outcome take_any(NodeView node) {
    if constexpr (!Sink::kKeeps)
      if (enclosing_.empty()) return Made();
    const Level level(*this, node);
    if (!level.is_entered()) return std::nullopt;
    switch (node.kind()) {
      case NodeKind::String:
        if (!spend(node.string().size())) return std::nullopt;
        return sink_.string(node.string());
      case NodeKind::Flags:
        return sink_.flags(node.flags(), nullptr);
      case NodeKind::Array:
        return take_array(node.array());
      case NodeKind::List:
      case NodeKind::Set: {
        std::optional<Parts> parts = take_all(*find_items(node));
        return parts ? Outcome(sink_.list(*std::move(parts))) : std::nullopt;
      }
      case NodeKind::Map:
        return take_any_map(node.map());
      case NodeKind::Tuple: {
        std::optional<Parts> parts = take_all(node.tuple());
        return parts ? Outcome(sink_.tuple(*std::move(parts))) : std::nullopt;
      }
      case NodeKind::Record:
        return take_any_record(node);
      case NodeKind::Variant:
        return take_any_variant(node);
      case NodeKind::Option: {
        const OptionView option = node.option();
        if (!option.value) return sink_.none();
        Outcome value = take_any(*option.value);
        return value ? Outcome(sink_.some(*std::move(value))) : std::nullopt;
      }
      case NodeKind::Result: {
        const ResultView result = node.result();
        Outcome value = take_any(result.value);
        return value ? Outcome(sink_.result(result.side, std::move(value))) : std::nullopt;
      }
      case NodeKind::Bool:
      case NodeKind::S8:
      case NodeKind::S16:
      case NodeKind::S32:
      case NodeKind::S64:
      case NodeKind::U8:
      case NodeKind::U16:
      case NodeKind::U32:
      case NodeKind::U64:
      case NodeKind::F32:
      case NodeKind::F64:
      case NodeKind::Char:
        return sink_.scalar(node.kind(), node.bits());
    }
    return std::nullopt;
  }

  const ValueTypes& types_;
  Sink& sink_;
  TreeBudget budget_;
  EnclosingTypes enclosing_;
  std::uint32_t depth_ = 0;
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

// Takes a value by its type: one overload for each kind of type.
template <class Sink>
struct ValueWalk<Sink>::Typed {
  ValueWalk& in;
  NodeView node;
  types::TypeId id;

  std::nullopt_t mismatch(std::string_view expected) const {
    return in.fail(fmt::format("expected {}, found {}", expected, kind_word(node.kind())));
  }
  std::nullopt_t no_case(std::uint32_t tag, std::size_t count) const {
    return in.fail(fmt::format("there is no case {} of {}", tag, count));
  }

  Outcome operator()(const types::Primitive& kind) const {
    const NodeKind expected = kind_of_primitive(kind);
    if (node.kind() != expected) return mismatch(kind_word(expected));
    if (expected != NodeKind::String) return in.sink_.scalar(expected, node.bits());
    if (!in.spend(node.string().size())) return std::nullopt;
    return in.sink_.string(node.string());
  }
  Outcome operator()(const types::List& kind) const {
    if (const auto count = count_items(node); count && kind.length && *count != *kind.length)
      return in.fail(fmt::format("expected a list of {} elements, found {}", *kind.length, *count));
    if (node.kind() == NodeKind::Array) return in.take_typed_array(node.array(), kind.element);
    if (node.kind() == NodeKind::Map)
      if (const auto pair = in.types_.pair_of(kind.element)) return pairs(*pair);
    const std::optional<NodeSequence> items = find_items(node);
    if (!items) return mismatch("list");
    Parts elements;
    std::size_t i = 0;
    for (const NodeView item : *items) {
      Outcome made = in.part(ValuePath::element(i++), item, kind.element);
      if (!made) return std::nullopt;
      elements.emplace_back(*std::move(made));
    }
    return in.sink_.list(std::move(elements));
  }
  // Calls `add` with each entry of a map.
  template <class Add>
  bool each_entry(const types::Map& kind, Add&& add) const {
    const std::optional<EntrySequence> map = EntrySequence::find(node);
    if (!map) {
      mismatch("map");
      return false;
    }
    for (std::uint32_t i = 0; i < map->size(); ++i) {
      const auto pair = map->at(i);
      if (!pair) {
        in.fail(fmt::format("expected a pair at [{}]", i));
        return false;
      }
      Outcome key = in.part(ValuePath::element(i, "key"), pair->first, kind.key);
      if (!key) return false;
      Outcome value = in.part(ValuePath::element(i, "value"), pair->second, kind.value);
      if (!value) return false;
      add(*std::move(key), *std::move(value));
    }
    return true;
  }
  Outcome operator()(const types::Map& kind) const {
    typename Sink::Entries entries;
    const bool is_taken = each_entry(kind, [&](Made key, Made value) {
      entries.emplace_back(std::move(key), std::move(value));
    });
    return is_taken ? Outcome(in.sink_.map(std::move(entries))) : std::nullopt;
  }
  // A map where the type is a list of pairs.
  Outcome pairs(const types::Map& kind) const {
    Parts elements;
    bool is_within = true;
    const bool is_taken = each_entry(kind, [&](Made key, Made value) {
      is_within &= in.spend(0);
      Parts pair;
      pair.emplace_back(std::move(key));
      pair.emplace_back(std::move(value));
      elements.emplace_back(in.sink_.tuple(std::move(pair)));
    });
    return is_taken && is_within ? Outcome(in.sink_.list(std::move(elements))) : std::nullopt;
  }
  Outcome operator()(const types::Record& kind) const {
    if (node.kind() != NodeKind::Record) return mismatch("record");
    const Enclosed enclosed(in.enclosing_, id);
    FieldFinder held_fields(node, in.budget_);
    typename Sink::Fields fields;
    for (const types::Field& field : kind.fields) {
      if (!in.spend(field.label.size())) return std::nullopt;
      const auto held = held_fields.find(wire_field(field.label), field.label);
      if (!held) return in.fail(fmt::format("the field `{}` is missing", field.label));
      Outcome value = in.part(ValuePath::label(field.label), *held, field.type);
      if (!value) return std::nullopt;
      fields.emplace_back(field.label, *std::move(value));
    }
    return in.sink_.record(std::move(fields));
  }
  Outcome operator()(const types::Variant& kind) const {
    if (node.kind() != NodeKind::Variant) return mismatch("variant");
    const VariantView variant = node.variant();
    if (variant.tag >= kind.cases.size()) return no_case(variant.tag, kind.cases.size());
    const types::Case& variant_case = kind.cases[variant.tag];
    if (!variant_case.type) return in.sink_.variant(variant_case.label, {});
    if (variant.payload.size() != 1)
      return in.fail(fmt::format("`{}` needs one payload, found {}", variant_case.label,
                                 variant.payload.size()));
    const Enclosed enclosed(in.enclosing_, id);
    Outcome payload =
        in.part(ValuePath::label(variant_case.label), variant.payload[0], *variant_case.type);
    if (!payload) return std::nullopt;
    return in.sink_.variant(variant_case.label, std::move(payload));
  }
  Outcome operator()(const types::Enum& kind) const {
    if (node.kind() != NodeKind::Variant) return mismatch("variant");
    const std::uint32_t tag = node.variant().tag;
    if (tag >= kind.labels.size()) return no_case(tag, kind.labels.size());
    return in.sink_.enumerator(kind.labels[tag]);
  }
  Outcome operator()(const types::Tuple& kind) const {
    if (node.kind() != NodeKind::Tuple) return mismatch("tuple");
    const NodeSequence items = node.tuple();
    if (items.size() != kind.types.size())
      return in.fail(fmt::format("expected {} values, found {}", kind.types.size(), items.size()));
    Parts parts;
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      Outcome made = in.part(ValuePath::position(i), items[i], kind.types[i]);
      if (!made) return std::nullopt;
      parts.emplace_back(*std::move(made));
    }
    return in.sink_.tuple(std::move(parts));
  }
  Outcome operator()(const types::Flags& kind) const {
    if (node.kind() != NodeKind::Flags) return mismatch("flags");
    return in.take_flags(node.flags(), kind);
  }
  Outcome operator()(const types::Option& kind) const {
    if (node.kind() != NodeKind::Option) return mismatch("option");
    const OptionView option = node.option();
    if (!option.value) return in.sink_.none();
    Outcome value = in.part(ValuePath::label("some"), *option.value, kind.type);
    return value ? Outcome(in.sink_.some(*std::move(value))) : std::nullopt;
  }
  Outcome operator()(const types::ResultType& kind) const {
    if (node.kind() != NodeKind::Result) return mismatch("result");
    const ResultView result = node.result();
    const bool is_ok = result.side == ResultSide::Ok;
    const std::optional<types::TypeId>& type = is_ok ? kind.ok : kind.error;
    const bool is_empty = type && result.value.kind() == NodeKind::Tuple &&
                          result.value.tuple().size() == 0 &&
                          in.types_.may_be_empty(*type, result.side);
    if (!type || is_empty) return in.sink_.result(result.side, {});
    Outcome value = in.part(ValuePath::label(is_ok ? "ok" : "err"), result.value, *type);
    return value ? Outcome(in.sink_.result(result.side, std::move(value))) : std::nullopt;
  }
  Outcome operator()(const types::Dynamic& /*kind*/) const { return in.take_any(node); }
  // packr has no handles, streams and futures.
  template <types::HandleKind Handle>
  Outcome operator()(const Handle& /*kind*/) const {
    return mismatch("a value that packr has");
  }
};

}  // namespace tenon::packr
