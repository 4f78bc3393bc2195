#include "packr/graph_codec.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "packr/value_path.h"
#include "packr/wire_names.h"
#include "support/check.h"
#include "support/limits.h"
#include "support/utf8.h"
#include "value/scalar_kind.h"
#include "value/type_graph.h"

namespace tenon::packr {

namespace {

using call::ValueNode;
using call::ValueNodeId;
using call::ValuePart;

// The node kind of a scalar type; nothing for other types.
std::optional<NodeKind> kind_of_scalar_type(TypeKind kind) {
  std::optional<NodeKind> found;
  value::visit_scalar(kind, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_same_v<T, bool>) found = NodeKind::Bool;
    if constexpr (std::is_same_v<T, char32_t>) found = NodeKind::Char;
    if constexpr (std::is_same_v<T, std::int8_t>) found = NodeKind::S8;
    if constexpr (std::is_same_v<T, std::int16_t>) found = NodeKind::S16;
    if constexpr (std::is_same_v<T, std::int32_t>) found = NodeKind::S32;
    if constexpr (std::is_same_v<T, std::int64_t>) found = NodeKind::S64;
    if constexpr (std::is_same_v<T, std::uint8_t>) found = NodeKind::U8;
    if constexpr (std::is_same_v<T, std::uint16_t>) found = NodeKind::U16;
    if constexpr (std::is_same_v<T, std::uint32_t>) found = NodeKind::U32;
    if constexpr (std::is_same_v<T, std::uint64_t>) found = NodeKind::U64;
    if constexpr (std::is_same_v<T, float>) found = NodeKind::F32;
    if constexpr (std::is_same_v<T, double>) found = NodeKind::F64;
  });
  return found;
}

// A message, with the index that its view needs.
class OpenMessage final {
 public:
  Result<NodeView, ValueProblem> open(std::span<const std::uint8_t> bytes) {
    if (const auto number = GraphView::open_number(bytes, small_)) return number->root();
    const auto count = GraphView::count_nodes(bytes);
    if (!count) return malformed(count.error());
    index_.resize(*count);
    const auto view = GraphView::open(bytes, index_);
    if (!view) return malformed(view.error());
    return view->root();
  }

 private:
  static ValueProblem malformed(const GraphError& error) {
    return {.path = {}, .message = "malformed CGRF: " + packr::describe(error)};
  }

  std::array<std::uint32_t, 1> small_ = {};
  std::vector<std::uint32_t> index_;
};

}  // namespace

// Reads the nodes of a message into an arena. Recursion is bounded by the depth of types.
//
// A message may refer to one node from many places, so that a short one stands for a huge tree:
// every node that is read counts against the memory of an arena, also if it takes none.
class GraphToArena final {
 public:
  GraphToArena(const GraphCodec& codec, abi::ValueArena& arena)
      : codec_(codec), nodes_(codec.program_.nodes()), arena_(arena) {}

  Result<std::uint32_t, ValueProblem> read_params(NodeView root) {
    const ValueNode& params = nodes_[codec_.program_.params()];
    const std::vector<std::string>& labels = codec_.wire_[codec_.program_.params().index].labels;
    const std::optional<std::uint32_t> address = allocate(params.size, params.align);
    if (!address) return *std::move(problem_);
    bool is_read = true;
    if (params.parts.size() == 1) {
      is_read = read_part(root, params.parts[0], ValuePath::label(labels[0]), *address);
    } else if (!params.parts.empty()) {
      if (root.kind() != NodeKind::Tuple || root.tuple().size() < params.parts.size())
        is_read = fail(fmt::format("expected {} arguments", params.parts.size()));
      for (std::uint32_t i = 0; is_read && i < params.parts.size(); ++i)
        is_read =
            read_part(root.tuple()[i], params.parts[i], ValuePath::label(labels[i]), *address);
    }
    if (!is_read) return *std::move(problem_);
    return *address;
  }

  Result<std::uint32_t, ValueProblem> read_result(NodeView root) {
    const ValueNodeId id = codec_.program_.result();
    const std::optional<std::uint32_t> address = allocate(nodes_[id].size, nodes_[id].align);
    if (!address || !read(root, id, *address)) return *std::move(problem_);
    return *address;
  }

 private:
  bool fail(std::string message) {
    if (!problem_) problem_ = ValueProblem{path_.print(), std::move(message)};
    return false;
  }
  bool mismatch(std::string_view expected, NodeView node) {
    return fail(fmt::format("expected {}, found {}", expected, kind_word(node.kind())));
  }

  // Zeroed.
  std::optional<std::uint32_t> allocate(std::uint64_t bytes, std::uint32_t align) {
    const auto address = bytes > UINT32_MAX
                             ? Result<std::uint32_t, abi::AbiError>(abi::AbiError{})
                             : arena_.allocate(static_cast<std::uint32_t>(bytes), align);
    if (!address) {
      fail("the values need too much memory");
      return std::nullopt;
    }
    if (bytes > 0) std::memset(arena_.memory().data() + *address, 0, bytes);
    return *address;
  }
  template <class T>
  void store(std::uint32_t at, T value) {
    std::memcpy(arena_.memory().data() + at, &value, sizeof(value));
  }
  void store_bytes(std::uint32_t at, std::uint64_t bits, std::uint32_t size) {
    std::memcpy(arena_.memory().data() + at, &bits, size);
  }

  bool read_part(NodeView node, const ValuePart& part, ValuePath::Part step, std::uint32_t at) {
    const ValuePath::Step here(path_, step);
    return read(node, part.node, at + part.offset);
  }

  bool read(NodeView node, ValueNodeId id, std::uint32_t at) {
    if (left_-- == 0) return fail("the values need too much memory");
    const ValueNode& type = nodes_[id];
    const std::vector<std::string>& labels = codec_.wire_[id.index].labels;
    if (const auto scalar = kind_of_scalar_type(type.kind)) {
      if (node.kind() != *scalar) return mismatch(kind_word(*scalar), node);
      store_bytes(at, node.bits(), type.size);
      return true;
    }
    if (type.kind == TypeKind::String)
      return node.kind() == NodeKind::String ? read_string(node.string(), at)
                                             : mismatch("string", node);
    if (type.kind == TypeKind::List) return read_list(node, type, at);
    if (type.kind == TypeKind::Map) return read_map(node, type, at);
    if (type.kind == TypeKind::Record) return read_record(node, type, labels, at);
    if (type.kind == TypeKind::Tuple) return read_tuple(node, type, at);
    if (type.kind == TypeKind::Variant || type.kind == TypeKind::Enum)
      return read_variant(node, type, at);
    if (type.kind == TypeKind::Flags)
      return node.kind() == NodeKind::Flags ? read_flags(node.flags(), type, at)
                                            : mismatch("flags", node);
    if (type.kind == TypeKind::Option) return read_option(node, type, at);
    if (type.kind == TypeKind::Result) return read_result_value(node, type, at);
    // `resolve` lets no other type meet a package.
    return fail("packr has no values of this type");
  }

  bool read_string(std::string_view text, std::uint32_t at) {
    if (text.empty()) return true;
    const std::optional<std::uint32_t> address = allocate(text.size(), 1);
    if (!address) return false;
    std::memcpy(arena_.memory().data() + *address, text.data(), text.size());
    store(at, *address);
    store(at + 4, static_cast<std::uint32_t>(text.size()));
    return true;
  }

  // The address of the elements of a list, whose place is `at`.
  std::optional<std::uint32_t> allocate_elements(const ValueNode& type, std::uint32_t count,
                                                 std::uint32_t at) {
    if (type.length) {
      if (*type.length == count) return at;
      fail(fmt::format("expected a list of {} elements, found {}", *type.length, count));
      return std::nullopt;
    }
    if (count == 0) return at;
    const std::optional<std::uint32_t> address =
        allocate(std::uint64_t{count} * type.element_size, type.element_align);
    if (!address) return std::nullopt;
    store(at, *address);
    store(at + 4, count);
    return address;
  }

  bool read_list(NodeView node, const ValueNode& type, std::uint32_t at) {
    const ValuePart& part = type.parts[0];
    if (node.kind() == NodeKind::Array) return read_array(node.array(), type, at);
    if (node.kind() != NodeKind::List) return mismatch("list", node);
    const NodeSequence items = node.list().items;
    const std::optional<std::uint32_t> first = allocate_elements(type, items.size(), at);
    if (!first) return false;
    for (std::uint32_t i = 0; i < items.size(); ++i)
      if (!read_part(items[i], part, ValuePath::element(i), *first + i * type.element_size))
        return false;
    return true;
  }

  bool read_array(const ArrayView& array, const ValueNode& type, std::uint32_t at) {
    const ValueNode& element = nodes_[type.parts[0].node];
    const NodeKind expected = codec_.wire_[type.parts[0].node.index].type.kind;
    // An empty list may say that it holds anything.
    if (array.element != expected && array.count != 0)
      return fail(fmt::format("expected a list of {}, found one of {}", kind_word(expected),
                              kind_word(array.element)));
    const std::optional<std::uint32_t> first = allocate_elements(type, array.count, at);
    if (!first) return false;
    if (element.kind == TypeKind::Flags || element.kind == TypeKind::Bool) {
      for (std::uint32_t i = 0; i < array.count; ++i) {
        const std::uint32_t to = *first + i * type.element_size;
        const ValuePath::Step here(path_, ValuePath::element(i));
        if (element.kind == TypeKind::Bool)
          store_bytes(to, array.bits(i), 1);
        else if (!read_flags(array.bits(i), element, to))
          return false;
      }
      return true;
    }
    if (!array.bytes.empty())
      std::memcpy(arena_.memory().data() + *first, array.bytes.data(), array.bytes.size());
    return true;
  }

  bool read_map(NodeView node, const ValueNode& type, std::uint32_t at) {
    if (node.kind() == NodeKind::Array && node.array().count == 0) return true;
    if (node.kind() != NodeKind::List) return mismatch("list", node);
    const NodeSequence items = node.list().items;
    const std::optional<std::uint32_t> first = allocate_elements(type, items.size(), at);
    if (!first) return false;
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      const NodeView item = items[i];
      if (item.kind() != NodeKind::Tuple || item.tuple().size() != 2)
        return fail(fmt::format("expected a pair at [{}]", i));
      const std::uint32_t to = *first + i * type.element_size;
      if (!read_part(item.tuple()[0], type.parts[0], ValuePath::element(i, "key"), to) ||
          !read_part(item.tuple()[1], type.parts[1], ValuePath::element(i, "value"), to))
        return false;
    }
    return true;
  }

  bool read_record(NodeView node, const ValueNode& type, const std::vector<std::string>& labels,
                   std::uint32_t at) {
    if (node.kind() != NodeKind::Record) return mismatch("record", node);
    const FieldSequence fields = node.record().fields;
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
      const std::string& label = type.labels->labels()[i];
      auto field = fields.find(labels[i]);
      if (!field) field = fields.find(label);
      if (!field) return fail(fmt::format("the field `{}` is missing", label));
      if (!read_part(*field, type.parts[i], ValuePath::label(label), at)) return false;
    }
    return true;
  }

  bool read_tuple(NodeView node, const ValueNode& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Tuple) return mismatch("tuple", node);
    if (node.tuple().size() != type.parts.size())
      return fail(
          fmt::format("expected {} values, found {}", type.parts.size(), node.tuple().size()));
    for (std::uint32_t i = 0; i < type.parts.size(); ++i)
      if (!read_part(node.tuple()[i], type.parts[i], ValuePath::position(i), at)) return false;
    return true;
  }

  // number: of the case.
  bool read_case(NodeView payload, const ValueNode& type, std::uint32_t number,
                 ValuePath::Part step, std::uint32_t at) {
    store_bytes(at, number, type.discriminant_size);
    return read_part(payload, type.parts[number], step, at);
  }

  bool read_variant(NodeView node, const ValueNode& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Variant) return mismatch("variant", node);
    const VariantView variant = node.variant();
    const std::vector<std::string>& cases = type.labels->labels();
    if (variant.tag >= cases.size())
      return fail(fmt::format("there is no case {} of {}", variant.tag, cases.size()));
    store_bytes(at, variant.tag, type.discriminant_size);
    if (type.parts.empty() || !type.parts[variant.tag].node.is_valid()) return true;
    if (variant.payload.size() != 1)
      return fail(fmt::format("`{}` needs one payload, found {}", cases[variant.tag],
                              variant.payload.size()));
    return read_case(variant.payload[0], type, variant.tag, ValuePath::label(cases[variant.tag]),
                     at);
  }

  bool read_option(NodeView node, const ValueNode& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Option) return mismatch("option", node);
    const std::optional<NodeView> value = node.option().value;
    return !value || read_case(*value, type, 1, ValuePath::label("some"), at);
  }

  bool read_result_value(NodeView node, const ValueNode& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Result) return mismatch("result", node);
    const ResultView result = node.result();
    const std::uint32_t number = result.side == ResultSide::Ok ? 0 : 1;
    store_bytes(at, number, type.discriminant_size);
    if (!type.parts[number].node.is_valid()) return true;
    return read_case(result.value, type, number, ValuePath::label(number == 0 ? "ok" : "err"), at);
  }

  bool read_flags(std::uint64_t mask, const ValueNode& type, std::uint32_t at) {
    const std::size_t count = std::min<std::size_t>(type.labels->labels().size(), 64);
    if (count < 64 && mask >> count != 0)
      return fail(fmt::format("there is no flag {}", std::bit_width(mask) - 1));
    store_bytes(at, mask, std::min<std::uint32_t>(type.size, sizeof(mask)));
    return true;
  }

  const GraphCodec& codec_;
  const Arena<ValueNode>& nodes_;
  abi::ValueArena& arena_;
  std::uint64_t left_ = limits::kArenaBytes;  // nodes that may still be read
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

// Writes values in an arena as a message. The program that copied them there has checked them, and
// types bound the recursion.
class ArenaToGraph final {
 public:
  ArenaToGraph(const GraphCodec& codec, const abi::ValueArena& arena, GraphWriter& writer)
      : codec_(codec), nodes_(codec.program_.nodes()), memory_(arena.bytes()), writer_(writer) {
    writer_.clear();
  }

  void write_params(std::uint32_t at) {
    const ValueNode& params = nodes_[codec_.program_.params()];
    // One argument is passed alone.
    if (params.parts.size() == 1) return write_part(params.parts[0], at);
    write_parts(params, at);
  }
  void write_result(std::uint32_t at) {
    if (codec_.has_result())
      write(codec_.program_.result(), at);
    else
      write_nothing();
  }

  Result<std::span<const std::uint8_t>, ValueProblem> finish() {
    const auto bytes = writer_.finish();
    if (bytes) return *bytes;
    return ValueProblem{.path = {},
                        .message = "packr cannot represent it: " + packr::describe(bytes.error())};
  }

 private:
  template <class T>
  T load(std::uint32_t at) const {
    TENON_CHECK(std::uint64_t{at} + sizeof(T) <= memory_.size());
    T value;
    std::memcpy(&value, memory_.data() + at, sizeof(value));
    return value;
  }
  std::uint64_t load_bits(std::uint32_t at, std::uint32_t size) const {
    std::uint64_t bits = 0;
    const std::uint32_t bytes = std::min<std::uint32_t>(size, sizeof(bits));
    TENON_CHECK(std::uint64_t{at} + bytes <= memory_.size());
    std::memcpy(&bits, memory_.data() + at, bytes);
    return bits;
  }
  std::span<const std::uint8_t> bytes_at(std::uint32_t at, std::uint64_t size) const {
    TENON_CHECK(at + size <= memory_.size());
    return memory_.subspan(at, size);
  }

  void write_nothing() {
    writer_.begin_tuple();
    writer_.end();
  }
  void write_part(const ValuePart& part, std::uint32_t at) { write(part.node, at + part.offset); }
  void write_parts(const ValueNode& type, std::uint32_t at) {
    writer_.begin_tuple();
    for (const ValuePart& part : type.parts) write_part(part, at);
    writer_.end();
  }

  void write(ValueNodeId id, std::uint32_t at) {
    const ValueNode& type = nodes_[id];
    const GraphCodec::WireNode& wire = codec_.wire_[id.index];
    if (const auto scalar = kind_of_scalar_type(type.kind))
      return writer_.add_scalar(*scalar, load_bits(at, type.size));
    const auto word = [&](std::uint32_t offset) { return load<std::uint32_t>(at + offset); };
    if (type.kind == TypeKind::String) {
      const auto text = bytes_at(word(0), word(4));
      return writer_.add_string({reinterpret_cast<const char*>(text.data()), text.size()});
    }
    if (type.kind == TypeKind::List)
      return type.length ? write_list(type, at, *type.length) : write_list(type, word(0), word(4));
    if (type.kind == TypeKind::Map) return write_map(type, word(0), word(4));
    if (type.kind == TypeKind::Record) return write_record(type, wire, at);
    if (type.kind == TypeKind::Tuple) return write_parts(type, at);
    if (type.kind == TypeKind::Variant || type.kind == TypeKind::Enum)
      return write_variant(type, wire, at);
    if (type.kind == TypeKind::Flags) return writer_.add_flags(load_bits(at, type.size));
    if (type.kind == TypeKind::Option) return write_option(type, at);
    // `resolve` lets no other type meet a package.
    TENON_CHECK(type.kind == TypeKind::Result);
    write_result_value(type, at);
  }

  void write_record(const ValueNode& type, const GraphCodec::WireNode& wire, std::uint32_t at) {
    writer_.begin_record(wire.type.name);
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
      writer_.field(wire.labels[i]);
      write_part(type.parts[i], at);
    }
    writer_.end();
  }

  void write_variant(const ValueNode& type, const GraphCodec::WireNode& wire, std::uint32_t at) {
    const auto tag = static_cast<std::uint32_t>(load_bits(at, type.discriminant_size));
    writer_.begin_variant(wire.type.name, wire.labels[tag], tag);
    if (!type.parts.empty() && type.parts[tag].node.is_valid()) write_part(type.parts[tag], at);
    writer_.end();
  }

  void write_option(const ValueNode& type, std::uint32_t at) {
    writer_.begin_option(type_of(type.parts[1]));
    if (load_bits(at, type.discriminant_size) == 1) write_part(type.parts[1], at);
    writer_.end();
  }

  void write_result_value(const ValueNode& type, std::uint32_t at) {
    const bool is_ok = load_bits(at, type.discriminant_size) == 0;
    writer_.begin_result(type_of(type.parts[0]), type_of(type.parts[1]),
                         is_ok ? ResultSide::Ok : ResultSide::Err);
    const ValuePart& payload = type.parts[is_ok ? 0 : 1];
    if (payload.node.is_valid())
      write_part(payload, at);
    else
      write_nothing();
    writer_.end();
  }

  GraphType type_of(const ValuePart& part) const {
    return part.node.is_valid() ? codec_.wire_[part.node.index].type : GraphType();
  }

  void write_list(const ValueNode& type, std::uint32_t first, std::uint32_t count) {
    const ValuePart& element = type.parts[0];
    if (const auto scalar = kind_of_scalar_type(nodes_[element.node].kind))
      return writer_.add_array(*scalar, bytes_at(first, std::uint64_t{count} * type.element_size));
    writer_.begin_list(type_of(element));
    for (std::uint32_t i = 0; i < count; ++i) write_part(element, first + i * type.element_size);
    writer_.end();
  }

  void write_map(const ValueNode& type, std::uint32_t first, std::uint32_t count) {
    writer_.begin_list(
        GraphType::of(NodeKind::Tuple, {type_of(type.parts[0]), type_of(type.parts[1])}));
    for (std::uint32_t i = 0; i < count; ++i) write_parts(type, first + i * type.element_size);
    writer_.end();
  }

  const GraphCodec& codec_;
  const Arena<ValueNode>& nodes_;
  std::span<const std::uint8_t> memory_;
  GraphWriter& writer_;
};

GraphCodec::GraphCodec(FunctionType type, const abi::FunctionLayout& layout,
                       const std::unordered_map<types::TypeId, std::string>& names)
    : program_(call::ValueProgram::make(std::move(type), layout)) {
  const value::TypeGraphPtr& graph = value::graph_of(program_.type());
  const ValueTypes types{graph->types, names};
  const Arena<ValueNode>& nodes = program_.nodes();
  wire_.resize(nodes.size());
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    const ValueNode& node = nodes[ValueNodeId{i}];
    if (!node.type.is_valid()) continue;
    wire_[i].type = types.wire_type(node.type);
    if (!node.labels) continue;
    for (const std::string& label : node.labels->labels())
      wire_[i].labels.push_back(node.kind == TypeKind::Record ? wire_field(label)
                                                              : wire_case(label));
  }
  for (const types::Field& param : graph->types.functions[value::id_of(program_.type())].params)
    wire_[program_.params().index].labels.push_back(param.label);
}

Result<std::uint32_t, ValueProblem> GraphCodec::read_params(std::span<const std::uint8_t> message,
                                                            abi::ValueArena& arena) const {
  OpenMessage open;
  const auto root = open.open(message);
  if (!root) return root.error();
  return GraphToArena(*this, arena).read_params(*root);
}

Result<std::uint32_t, ValueProblem> GraphCodec::read_result(std::span<const std::uint8_t> message,
                                                            abi::ValueArena& arena) const {
  OpenMessage open;
  const auto root = open.open(message);
  if (!root) return root.error();
  return GraphToArena(*this, arena).read_result(*root);
}

Result<std::span<const std::uint8_t>, ValueProblem> GraphCodec::write_params(
    const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer) const {
  ArenaToGraph to(*this, arena, writer);
  to.write_params(address);
  return to.finish();
}

Result<std::span<const std::uint8_t>, ValueProblem> GraphCodec::write_result(
    const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer) const {
  ArenaToGraph to(*this, arena, writer);
  to.write_result(address);
  return to.finish();
}

}  // namespace tenon::packr
