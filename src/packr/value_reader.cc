// One walk over two trees: the value on the wire, and the type that the interface states.
//
// The type leads. `take` enters a node, counts it against the budgets (memory, nodes, depth: a shared node
// counts each time it is referred to, so that a small message cannot become a large value), and visits the
// kind of the type, one overload of TypedRead for each. Each overload asks whether the node can be that kind
// and reads its parts by their types; the tags that the value carries itself are not believed. Only where the
// type is a Dynamic does the node lead (`take_any`), with the enclosing types at hand for the labels of cases.
//
// The first problem wins. It is stored with the path to the value, and everything returns nothing from there.
#include "packr/value_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <utility>
#include <variant>

#include "packr/guest_names.h"
#include "packr/scalar_values.h"
#include "packr/value_checker.h"

namespace tenon::packr {

namespace {

using types::Primitive;
using types::TypeId;

std::vector<std::string> flag_labels(std::uint64_t mask) {
  std::vector<std::string> labels;
  for (unsigned bit = 0; bit < 64; ++bit)
    if ((mask >> bit & 1U) != 0) labels.push_back(fmt::format("b{}", bit));
  return labels;
}

}  // namespace

std::nullopt_t ValueReader::fail(std::string message) {
  if (!problem_) problem_ = ValueProblem{path_.print(), std::move(message)};
  return std::nullopt;
}

bool ValueReader::spend(std::uint64_t bytes) {
  const std::uint64_t all = sizeof(Value) + bytes;
  if (all > left_) {
    fail("the values need too much memory");
    return false;
  }
  left_ -= all;
  return true;
}

bool ValueReader::enter() {
  if (depth_ == kMaxValueDepth)
    fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
  else if (nodes_left_-- == 0)
    fail("the values need too much memory");
  else
    return spend(0);
  return false;
}

// Reads a value by its type: one overload for each kind of type.
struct TypedRead {
  ValueReader& in;
  NodeView node;
  TypeId id;

  std::nullopt_t mismatch(std::string_view expected) const {
    return in.fail(fmt::format("expected {}, found {}", expected, kind_word(node.kind())));
  }
  std::optional<Value> part(ValuePath::Part part, NodeView held, TypeId type) const {
    const ValuePath::Step step(in.path_, part);
    return in.take(held, type);
  }

  std::optional<Value> operator()(const Primitive& kind) const {
    const NodeKind expected = kind_of_primitive(kind);
    if (node.kind() != expected) return mismatch(kind_word(expected));
    if (expected != NodeKind::String) return scalar_value(expected, node.bits());
    if (!in.spend(node.string().size())) return std::nullopt;
    return Value::string(std::string(node.string()));
  }
  std::optional<Value> operator()(const types::List& kind) const {
    if (const auto count = count_items(node); count && kind.length && *count != *kind.length)
      return in.fail(fmt::format("expected a list of {} elements, found {}", *kind.length, *count));
    if (node.kind() == NodeKind::Map)
      if (const auto pair = in.types_.pair_of(kind.element)) return pairs(*pair);
    if (!find_items(node) && node.kind() != NodeKind::Array) return mismatch("list");
    return in.take_list(node, kind.element);
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
      auto key = part(ValuePath::element(i, "key"), pair->first, kind.key);
      if (!key) return false;
      auto value = part(ValuePath::element(i, "value"), pair->second, kind.value);
      if (!value) return false;
      add(*std::move(key), *std::move(value));
    }
    return true;
  }
  std::optional<Value> operator()(const types::Map& kind) const {
    std::vector<std::pair<Value, Value>> entries;
    const bool is_read = each_entry(kind, [&](Value key, Value value) {
      entries.emplace_back(std::move(key), std::move(value));
    });
    return is_read ? std::optional(Value::map(std::move(entries))) : std::nullopt;
  }
  // A map where the type is a list of pairs.
  std::optional<Value> pairs(const types::Map& kind) const {
    std::vector<Value> elements;
    bool is_within = true;
    const bool is_read = each_entry(kind, [&](Value key, Value value) {
      is_within &= in.spend(0);
      elements.push_back(Value::tuple({std::move(key), std::move(value)}));
    });
    return is_read && is_within ? std::optional(Value::list(std::move(elements))) : std::nullopt;
  }
  std::optional<Value> operator()(const types::Record& kind) const {
    if (node.kind() != NodeKind::Record) return mismatch("record");
    const RecordView record = node.record();
    const Enclosed enclosed(in.enclosing_, id);
    std::vector<std::pair<std::string, Value>> fields;
    for (const types::Field& field : kind.fields) {
      if (!in.spend(field.label.size())) return std::nullopt;
      auto held = record.fields.find(wire_field(field.label));
      if (!held) held = record.fields.find(field.label);
      if (!held) return in.fail(fmt::format("the field `{}` is missing", field.label));
      auto value = part(ValuePath::label(field.label), *held, field.type);
      if (!value) return std::nullopt;
      fields.emplace_back(field.label, *std::move(value));
    }
    return Value::record(std::move(fields));
  }
  std::optional<Value> operator()(const types::Variant& kind) const {
    if (node.kind() != NodeKind::Variant) return mismatch("variant");
    const VariantView variant = node.variant();
    if (variant.tag >= kind.cases.size())
      return in.fail(fmt::format("there is no case {} of {}", variant.tag, kind.cases.size()));
    const types::Case& variant_case = kind.cases[variant.tag];
    if (!variant_case.type) return Value::variant(variant_case.label);
    if (variant.payload.size() != 1)
      return in.fail(fmt::format("`{}` needs one payload, found {}", variant_case.label,
                                 variant.payload.size()));
    const Enclosed enclosed(in.enclosing_, id);
    auto payload =
        part(ValuePath::label(variant_case.label), variant.payload[0], *variant_case.type);
    if (!payload) return std::nullopt;
    return Value::variant(variant_case.label, *std::move(payload));
  }
  std::optional<Value> operator()(const types::Enum& kind) const {
    if (node.kind() != NodeKind::Variant) return mismatch("variant");
    const std::uint32_t tag = node.variant().tag;
    if (tag >= kind.labels.size())
      return in.fail(fmt::format("there is no case {} of {}", tag, kind.labels.size()));
    return Value::enumerator(kind.labels[tag]);
  }
  std::optional<Value> operator()(const types::Tuple& kind) const {
    if (node.kind() != NodeKind::Tuple) return mismatch("tuple");
    if (node.tuple().size() != kind.types.size())
      return in.fail(
          fmt::format("expected {} values, found {}", kind.types.size(), node.tuple().size()));
    std::vector<Value> values;
    for (std::uint32_t i = 0; i < kind.types.size(); ++i) {
      auto value = part(ValuePath::position(i), node.tuple()[i], kind.types[i]);
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
    }
    return Value::tuple(std::move(values));
  }
  std::optional<Value> operator()(const types::Flags& kind) const {
    if (node.kind() != NodeKind::Flags) return mismatch("flags");
    return in.take_flags(node.flags(), kind);
  }
  std::optional<Value> operator()(const types::Option& kind) const {
    if (node.kind() != NodeKind::Option) return mismatch("option");
    const OptionView option = node.option();
    if (!option.value) return Value::none();
    auto value = part(ValuePath::label("some"), *option.value, kind.type);
    if (!value) return std::nullopt;
    return Value::some(*std::move(value));
  }
  std::optional<Value> operator()(const types::ResultType& kind) const {
    if (node.kind() != NodeKind::Result) return mismatch("result");
    const ResultView result = node.result();
    const bool is_ok = result.side == ResultSide::Ok;
    const std::optional<TypeId>& type = is_ok ? kind.ok : kind.error;
    ValuePayload payload;
    const bool is_empty = type && result.value.kind() == NodeKind::Tuple &&
                          result.value.tuple().size() == 0 &&
                          in.types_.may_be_empty(*type, result.side);
    if (type && !is_empty) {
      auto value = part(ValuePath::label(is_ok ? "ok" : "err"), result.value, *type);
      if (!value) return std::nullopt;
      payload = *std::move(value);
    }
    return is_ok ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
  }
  std::optional<Value> operator()(const types::Dynamic& /*kind*/) const {
    return in.take_any(node);
  }
  template <class Unpassable>
  std::optional<Value> operator()(const Unpassable& /*kind*/) const {
    return mismatch("a value that packr has");
  }
};

std::optional<Value> ValueReader::take(NodeView node, TypeId id) {
  if (!enter()) return std::nullopt;
  ++depth_;
  std::optional<Value> value = std::visit(TypedRead{*this, node, id}, types_.types.types[id].kind);
  --depth_;
  return value;
}

std::optional<Value> ValueReader::take_flags(std::uint64_t mask, const types::Flags& kind) {
  const std::size_t count = std::min<std::size_t>(kind.labels.size(), 64);
  if (count < 64 && mask >> count != 0)
    return fail(fmt::format("there is no flag {}", std::bit_width(mask) - 1));
  std::vector<std::string> labels;
  for (std::size_t bit = 0; bit < count; ++bit)
    if ((mask >> bit & 1U) != 0) labels.push_back(kind.labels[bit]);
  return Value::flags(std::move(labels));
}

std::optional<Value> ValueReader::take_all_flags(const ArrayView& array, const types::Flags& kind) {
  std::vector<Value> elements;
  for (std::uint32_t i = 0; i < array.count; ++i) {
    if (!spend(0)) return std::nullopt;
    const ValuePath::Step step(path_, ValuePath::element(i));
    auto flags = take_flags(array.bits(i), kind);
    if (!flags) return std::nullopt;
    elements.push_back(*std::move(flags));
  }
  return Value::list(std::move(elements));
}

std::optional<Value> ValueReader::take_array(const ArrayView& array) {
  if (!spend(array.bytes.size())) return std::nullopt;
  if (auto packed = packed_value(array)) return packed;
  std::vector<Value> elements;
  for (std::uint32_t i = 0; i < array.count; ++i) {
    if (!spend(0)) return std::nullopt;
    elements.push_back(Value::flags(flag_labels(array.bits(i))));
  }
  return Value::list(std::move(elements));
}

std::optional<Value> ValueReader::take_list(NodeView node, TypeId element) {
  if (node.kind() == NodeKind::Array) {
    const ArrayView array = node.array();
    // An empty list can have any element type on the wire.
    if (array.count == 0) return Value::list(std::vector<Value>());
    const bool is_any = std::holds_alternative<types::Dynamic>(types_.types.types[element].kind);
    const NodeKind expected = types_.wire_type(element).kind;
    if (!is_any && expected != array.element)
      return fail(fmt::format("expected a list of {}, found one of {}", kind_word(expected),
                              kind_word(array.element)));
    const auto* const flags = std::get_if<types::Flags>(&types_.types.types[element].kind);
    return flags != nullptr ? take_all_flags(array, *flags) : take_array(array);
  }
  std::vector<Value> elements;
  std::size_t i = 0;
  const NodeSequence items = *find_items(node);
  for (const NodeView item : items) {
    const ValuePath::Step step(path_, ValuePath::element(i++));
    auto value = take(item, element);
    if (!value) return std::nullopt;
    elements.push_back(*std::move(value));
  }
  return Value::list(std::move(elements));
}

std::optional<Value> ValueReader::take_any_variant(NodeView node) {
  const VariantView variant = node.variant();
  if (const auto type = find_enclosing_variant(types_, enclosing_, variant)) {
    ++nodes_left_;  // `take` counts the node again
    return take(node, *type);
  }
  const std::string label = label_of_case(variant.case_name);
  if (!spend(label.size())) return std::nullopt;
  std::vector<Value> payload;
  for (const NodeView item : variant.payload) {
    auto value = take_any(item);
    if (!value) return std::nullopt;
    payload.push_back(*std::move(value));
  }
  if (payload.empty()) return Value::variant(label, {}, variant.tag);
  return Value::variant(
      label, payload.size() == 1 ? std::move(payload.front()) : Value::tuple(std::move(payload)),
      variant.tag);
}

std::optional<Value> ValueReader::take_buffer(NodeView node) const {
  const std::optional<std::uint64_t> handle =
      buffers_ == nullptr ? std::nullopt : find_handle(node);
  if (!handle) return std::nullopt;
  Buffer buffer = buffers_->find(*handle);
  return buffer == nullptr ? std::nullopt : std::optional(make_value(std::move(buffer)));
}

std::optional<Value> ValueReader::take_any(NodeView node) {
  if (!enter()) return std::nullopt;
  struct Deeper {
    explicit Deeper(std::uint32_t& level) : depth(++level) {}
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { --depth; }
    std::uint32_t& depth;
  };
  const Deeper deeper(depth_);
  const auto take_all = [&](const NodeSequence& nodes) -> std::optional<std::vector<Value>> {
    std::vector<Value> values;
    for (const NodeView item : nodes) {
      auto value = take_any(item);
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
    }
    return values;
  };
  switch (node.kind()) {
    case NodeKind::String:
      if (!spend(node.string().size())) return std::nullopt;
      return Value::string(std::string(node.string()));
    case NodeKind::Flags:
      return Value::flags(flag_labels(node.flags()));
    case NodeKind::Array:
      return take_array(node.array());
    case NodeKind::List:
    case NodeKind::Set: {
      auto values = take_all(*find_items(node));
      return values ? std::optional(Value::list(*std::move(values))) : std::nullopt;
    }
    case NodeKind::Map: {
      const MapView map = node.map();
      std::vector<std::pair<Value, Value>> entries;
      for (std::uint32_t i = 0; i < map.size(); ++i) {
        auto key = take_any(map.key_at(i));
        if (!key) return std::nullopt;
        auto value = take_any(map.value_at(i));
        if (!value) return std::nullopt;
        entries.emplace_back(*std::move(key), *std::move(value));
      }
      return Value::map(std::move(entries));
    }
    case NodeKind::Tuple: {
      auto values = take_all(node.tuple());
      return values ? std::optional(Value::tuple(*std::move(values))) : std::nullopt;
    }
    case NodeKind::Record: {
      if (auto buffer = take_buffer(node)) return buffer;
      std::vector<std::pair<std::string, Value>> fields;
      for (const FieldView field : node.record().fields) {
        if (!spend(field.name.size())) return std::nullopt;
        auto value = take_any(field.value);
        if (!value) return std::nullopt;
        fields.emplace_back(label_of_field(field.name), *std::move(value));
      }
      return Value::record(std::move(fields));
    }
    case NodeKind::Variant:
      return take_any_variant(node);
    case NodeKind::Option: {
      const OptionView option = node.option();
      if (!option.value) return Value::none();
      auto value = take_any(*option.value);
      return value ? std::optional(Value::some(*std::move(value))) : std::nullopt;
    }
    case NodeKind::Result: {
      const ResultView result = node.result();
      auto value = take_any(result.value);
      if (!value) return std::nullopt;
      return result.side == ResultSide::Ok ? Value::ok(*std::move(value))
                                           : Value::err(*std::move(value));
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
      return scalar_value(node);
  }
  return std::nullopt;
}

Result<Value, ValueProblem> ValueReader::read(NodeView node, TypeId id) {
  if (auto value = take(node, id)) return *std::move(value);
  return *std::move(problem_);
}

Result<std::vector<Value>, ValueProblem> ValueReader::read_arguments(
    NodeView node, const std::vector<types::Field>& params) {
  std::vector<Value> values;
  const auto add = [&](NodeView held, const types::Field& param) {
    const ValuePath::Step step(path_, ValuePath::label(param.label));
    auto value = take(held, param.type);
    if (!value) return false;
    values.push_back(*std::move(value));
    return true;
  };
  if (params.size() == 1) {
    if (!add(node, params.front())) return *std::move(problem_);
    return values;
  }
  if (node.kind() != NodeKind::Tuple || node.tuple().size() < params.size()) {
    if (params.empty()) return values;
    fail(fmt::format("expected {} arguments", params.size()));
    return *std::move(problem_);
  }
  for (std::uint32_t i = 0; i < params.size(); ++i)
    if (!add(node.tuple()[i], params[i])) return *std::move(problem_);
  return values;
}

}  // namespace tenon::packr
