#include "packr/graph_codec.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "packr/guest_names.h"
#include "packr/value_types.h"
#include "support/check.h"
#include "value/scalar_kind.h"

namespace tenon::packr {

namespace {

using abi::Layout;
using abi::LayoutId;
using abi::LayoutPart;

ValueProblem malformed_message(const GraphError& error) {
  return {.path = {}, .message = "malformed CGRF: " + describe(error)};
}

}  // namespace

// Reads the nodes of a message into an arena. The recursion is bounded by the depth of the types.
//
// A message can refer to a node many times, so a short message can stand for a huge tree. Therefore
// the number of nodes that are read is limited.
class GraphToArena final {
 public:
  GraphToArena(const GraphCodec& codec, abi::ValueArena& arena, PassedBuffers* buffers)
      : codec_(codec), layouts_(codec.layout().layouts), arena_(arena), buffers_(buffers) {}

  Result<std::uint32_t, ValueProblem> read_params(NodeView root) {
    kinds_ = codec_.shape_->param_kinds;
    const Layout& params = layouts_[codec_.layout().params];
    const std::vector<std::string>& labels = params.labels->labels();
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
    kinds_ = codec_.shape_->result_kinds;
    const LayoutId id = *codec_.layout().result;
    const Layout& result = layouts_[id];
    const std::optional<std::uint32_t> address = allocate(result.size, result.align);
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

  // Returns zeroed memory.
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

  bool read_part(NodeView node, const LayoutPart& part, ValuePath::Part step, std::uint32_t at) {
    const ValuePath::Step here(path_, step);
    return read(node, *part.layout, at + part.offset);
  }

  bool read(NodeView node, LayoutId id, std::uint32_t at) {
    if (!budget_.visit(node.payload_size())) return fail("the values need too much memory");
    const Layout& type = layouts_[id];
    const GraphCodec::WireType& wire = codec_.wire_[id.index];
    if (value::is_scalar(type.kind)) {
      if (node.kind() != wire.type.kind) return mismatch(kind_word(wire.type.kind), node);
      store_bytes(at, node.bits(), type.size);
      return true;
    }
    if (type.kind == TypeKind::String)
      return node.kind() == NodeKind::String ? read_string(node.string(), at)
                                             : mismatch("string", node);
    if (type.kind == TypeKind::List) return read_list(node, type, at);
    if (type.kind == TypeKind::Map) return read_map(node, type, at);
    if (type.kind == TypeKind::Record) return read_record(node, type, wire, at);
    if (type.kind == TypeKind::Tuple) return read_tuple(node, type, at);
    if (type.kind == TypeKind::Variant || type.kind == TypeKind::Enum)
      return read_variant(node, type, at);
    if (type.kind == TypeKind::Flags)
      return node.kind() == NodeKind::Flags ? read_flags(node.flags(), type, at)
                                            : mismatch("flags", node);
    if (type.kind == TypeKind::Option) return read_option(node, type, at);
    if (type.kind == TypeKind::Result) return read_result_value(node, type, at);
    if (type.kind == TypeKind::Own && buffers_ != nullptr) return read_buffer(node, at);
    // `resolve` rejects all other types at the edges of packages.
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

  // The layout of the elements of a list, or of the entries of a map.
  [[nodiscard]] const Layout& element_of(const Layout& type) const {
    return layouts_[*type.parts[0].layout];
  }

  // The address of the elements of a list that is stored at `at`.
  std::optional<std::uint32_t> allocate_elements(const Layout& type, std::uint32_t count,
                                                 std::uint32_t at) {
    if (type.shape == abi::Shape::FixedList) {
      if (type.count == count) return at;
      fail(fmt::format("expected a list of {} elements, found {}", type.count, count));
      return std::nullopt;
    }
    if (count == 0) return at;
    const Layout& element = element_of(type);
    const std::optional<std::uint32_t> address =
        allocate(std::uint64_t{count} * element.size, element.align);
    if (!address) return std::nullopt;
    store(at, *address);
    store(at + 4, count);
    return address;
  }

  bool read_list(NodeView node, const Layout& type, std::uint32_t at) {
    if (node.kind() == NodeKind::Array) return read_array(node.array(), type, at);
    const LayoutPart& element = type.parts[0];
    const bool has_pairs =
        element_of(type).kind == TypeKind::Tuple && element_of(type).parts.size() == 2;
    if (node.kind() == NodeKind::Map && has_pairs) return read_map(node, type, at);
    const std::optional<NodeSequence> items = find_items(node);
    if (!items) return mismatch("list", node);
    const std::optional<std::uint32_t> first = allocate_elements(type, items->size(), at);
    if (!first) return false;
    const std::uint32_t size = element_of(type).size;
    for (std::uint32_t i = 0; i < items->size(); ++i)
      if (!read_part((*items)[i], element, ValuePath::element(i), *first + i * size)) return false;
    return true;
  }

  bool read_array(const ArrayView& array, const Layout& type, std::uint32_t at) {
    const Layout& element = element_of(type);
    const NodeKind expected = codec_.wire_[type.parts[0].layout->index].type.kind;
    // An empty list can have any element type on the wire.
    if (array.element != expected && array.count != 0)
      return fail(fmt::format("expected a list of {}, found one of {}", kind_word(expected),
                              kind_word(array.element)));
    const std::optional<std::uint32_t> first = allocate_elements(type, array.count, at);
    if (!first) return false;
    if (element.kind == TypeKind::Flags || element.kind == TypeKind::Bool) {
      for (std::uint32_t i = 0; i < array.count; ++i) {
        const std::uint32_t to = *first + i * element.size;
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

  bool read_map(NodeView node, const Layout& type, std::uint32_t at) {
    const std::optional<EntrySequence> entries = EntrySequence::find(node);
    if (!entries) return mismatch("map", node);
    const std::optional<std::uint32_t> first = allocate_elements(type, entries->size(), at);
    if (!first) return false;
    const Layout& entry = element_of(type);
    for (std::uint32_t i = 0; i < entries->size(); ++i) {
      const auto pair = entries->at(i);
      if (!pair) return fail(fmt::format("expected a pair at [{}]", i));
      const std::uint32_t to = *first + i * entry.size;
      if (!read_part(pair->first, entry.parts[0], ValuePath::element(i, "key"), to) ||
          !read_part(pair->second, entry.parts[1], ValuePath::element(i, "value"), to))
        return false;
    }
    return true;
  }

  bool read_record(NodeView node, const Layout& type, const GraphCodec::WireType& wire,
                   std::uint32_t at) {
    if (node.kind() != NodeKind::Record) return mismatch("record", node);
    FieldFinder fields(node, budget_);
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
      const std::string& label = type.labels->labels()[i];
      const auto field = fields.find(wire.labels[i], label);
      if (!field) return fail(fmt::format("the field `{}` is missing", label));
      if (!read_part(*field, type.parts[i], ValuePath::label(label), at)) return false;
    }
    return true;
  }

  bool read_tuple(NodeView node, const Layout& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Tuple) return mismatch("tuple", node);
    if (node.tuple().size() != type.parts.size())
      return fail(
          fmt::format("expected {} values, found {}", type.parts.size(), node.tuple().size()));
    for (std::uint32_t i = 0; i < type.parts.size(); ++i)
      if (!read_part(node.tuple()[i], type.parts[i], ValuePath::position(i), at)) return false;
    return true;
  }

  // number: of the case
  bool read_case(NodeView payload, const Layout& type, std::uint32_t number, ValuePath::Part step,
                 std::uint32_t at) {
    store_bytes(at, number, type.discriminant_size);
    return read_part(payload, type.parts[number], step, at);
  }

  bool read_variant(NodeView node, const Layout& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Variant) return mismatch("variant", node);
    const VariantView variant = node.variant();
    const std::vector<std::string>& cases = type.labels->labels();
    if (variant.tag >= cases.size())
      return fail(fmt::format("there is no case {} of {}", variant.tag, cases.size()));
    store_bytes(at, variant.tag, type.discriminant_size);
    if (!type.parts[variant.tag].layout) return true;
    if (variant.payload.size() != 1)
      return fail(fmt::format("`{}` needs one payload, found {}", cases[variant.tag],
                              variant.payload.size()));
    return read_case(variant.payload[0], type, variant.tag, ValuePath::label(cases[variant.tag]),
                     at);
  }

  bool read_option(NodeView node, const Layout& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Option) return mismatch("option", node);
    const std::optional<NodeView> value = node.option().value;
    return !value || read_case(*value, type, 1, ValuePath::label("some"), at);
  }

  bool read_result_value(NodeView node, const Layout& type, std::uint32_t at) {
    if (node.kind() != NodeKind::Result) return mismatch("result", node);
    const ResultView result = node.result();
    const std::uint32_t number = result.side == ResultSide::Ok ? 0 : 1;
    store_bytes(at, number, type.discriminant_size);
    if (!type.parts[number].layout) return true;
    return read_case(result.value, type, number, ValuePath::label(number == 0 ? "ok" : "err"), at);
  }

  bool read_buffer(NodeView node, std::uint32_t at) {
    const std::optional<std::uint64_t> handle = find_handle(node);
    if (!handle) return mismatch("a buffer", node);
    // All handles of the function are of one resource.
    const std::optional<abi::ResourceToken> own = buffers_->make_own(*handle, *kinds_.front());
    if (!own) return fail(fmt::format("it passed the buffer {}, which it does not have", *handle));
    store(at, arena_.add_resource(*own));
    return true;
  }

  bool read_flags(std::uint64_t mask, const Layout& type, std::uint32_t at) {
    const std::size_t count = std::min<std::size_t>(type.labels->labels().size(), 64);
    if (count < 64 && mask >> count != 0)
      return fail(fmt::format("there is no flag {}", std::bit_width(mask) - 1));
    store_bytes(at, mask, std::min<std::uint32_t>(type.size, sizeof(mask)));
    return true;
  }

  const GraphCodec& codec_;
  const Arena<Layout>& layouts_;
  abi::ValueArena& arena_;
  PassedBuffers* buffers_;
  std::span<const runtime::ResourceKind* const> kinds_;  // by number of a handle
  TreeBudget budget_;
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

// Writes values in an arena as a message. The values were checked when they were copied into the
// arena. The recursion is bounded by the depth of the types.
class ArenaToGraph final {
 public:
  ArenaToGraph(const GraphCodec& codec, const abi::ValueArena& arena, GraphWriter& writer,
               PassedBuffers* buffers)
      : codec_(codec),
        layouts_(codec.layout().layouts),
        memory_(arena.bytes()),
        handles_(arena.resources()),
        writer_(writer),
        buffers_(buffers) {
    writer_.clear();
  }

  void write_params(std::uint32_t at) {
    const Layout& params = layouts_[codec_.layout().params];
    // A single argument is passed directly.
    if (params.parts.size() == 1) return write_part(params.parts[0], at);
    write_parts(params, at);
  }
  void write_result(std::uint32_t at) {
    if (codec_.has_result())
      write(*codec_.layout().result, at);
    else
      write_nothing();
  }

  Result<std::span<const std::uint8_t>, ValueProblem> finish() {
    if (is_full_) return ValueProblem{.path = {}, .message = "there are too many buffers"};
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
  void write_part(const LayoutPart& part, std::uint32_t at) {
    write(*part.layout, at + part.offset);
  }
  void write_parts(const Layout& type, std::uint32_t at) {
    writer_.begin_tuple();
    for (const LayoutPart& part : type.parts) write_part(part, at);
    writer_.end();
  }

  void write(LayoutId id, std::uint32_t at) {
    const Layout& type = layouts_[id];
    const GraphCodec::WireType& wire = codec_.wire_[id.index];
    if (value::is_scalar(type.kind))
      return writer_.add_scalar(wire.type.kind, load_bits(at, type.size));
    const auto word = [&](std::uint32_t offset) { return load<std::uint32_t>(at + offset); };
    if (type.kind == TypeKind::String) {
      const auto text = bytes_at(word(0), word(4));
      return writer_.add_string({reinterpret_cast<const char*>(text.data()), text.size()});
    }
    if (type.kind == TypeKind::List)
      return type.shape == abi::Shape::FixedList ? write_list(type, at, type.count)
                                                 : write_list(type, word(0), word(4));
    if (type.kind == TypeKind::Map) return write_map(type, word(0), word(4));
    if (type.kind == TypeKind::Record) return write_record(type, wire, at);
    if (type.kind == TypeKind::Tuple) return write_parts(type, at);
    if (type.kind == TypeKind::Variant || type.kind == TypeKind::Enum)
      return write_variant(type, wire, at);
    if (type.kind == TypeKind::Flags) return writer_.add_flags(load_bits(at, type.size));
    if (type.kind == TypeKind::Option) return write_option(type, at);
    if (type.kind == TypeKind::Own) return write_buffer(word(0));
    // `resolve` rejects all other types at the edges of packages.
    TENON_CHECK(type.kind == TypeKind::Result);
    write_result_value(type, at);
  }

  // index: in the handles of the arena
  void write_buffer(std::uint32_t index) {
    TENON_CHECK(buffers_ != nullptr && index < handles_.size() && handles_[index]);
    const std::optional<std::uint32_t> handle = buffers_->add_handle(*handles_[index]);
    is_full_ |= !handle;
    write_handle(writer_, handle.value_or(0));
  }

  void write_record(const Layout& type, const GraphCodec::WireType& wire, std::uint32_t at) {
    writer_.begin_record(wire.type.name);
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
      writer_.field(wire.labels[i]);
      write_part(type.parts[i], at);
    }
    writer_.end();
  }

  void write_variant(const Layout& type, const GraphCodec::WireType& wire, std::uint32_t at) {
    const auto tag = static_cast<std::uint32_t>(load_bits(at, type.discriminant_size));
    writer_.begin_variant(wire.type.name, wire.labels[tag], tag);
    if (type.parts[tag].layout) write_part(type.parts[tag], at);
    writer_.end();
  }

  void write_option(const Layout& type, std::uint32_t at) {
    writer_.begin_option(type_of(type.parts[1]));
    if (load_bits(at, type.discriminant_size) == 1) write_part(type.parts[1], at);
    writer_.end();
  }

  void write_result_value(const Layout& type, std::uint32_t at) {
    const bool is_ok = load_bits(at, type.discriminant_size) == 0;
    writer_.begin_result(type_of(type.parts[0]), type_of(type.parts[1]),
                         is_ok ? ResultSide::Ok : ResultSide::Err);
    const LayoutPart& payload = type.parts[is_ok ? 0 : 1];
    if (payload.layout)
      write_part(payload, at);
    else
      write_nothing();
    writer_.end();
  }

  GraphType type_of(const LayoutPart& part) const {
    return part.layout ? codec_.wire_[part.layout->index].type : GraphType();
  }

  void write_list(const Layout& type, std::uint32_t first, std::uint32_t count) {
    const LayoutPart& part = type.parts[0];
    const Layout& element = layouts_[*part.layout];
    const GraphType& wire = codec_.wire_[part.layout->index].type;
    if (value::is_scalar(element.kind))
      return writer_.add_array(wire.kind, bytes_at(first, std::uint64_t{count} * element.size));
    writer_.begin_list(wire);
    for (std::uint32_t i = 0; i < count; ++i) write_part(part, first + i * element.size);
    writer_.end();
  }

  void write_map(const Layout& type, std::uint32_t first, std::uint32_t count) {
    const Layout& entry = layouts_[*type.parts[0].layout];
    writer_.begin_map(type_of(entry.parts[0]), type_of(entry.parts[1]));
    for (std::uint32_t i = 0; i < count; ++i) {
      writer_.begin_entry();
      for (const LayoutPart& part : entry.parts) write_part(part, first + i * entry.size);
      writer_.end_entry();
    }
    writer_.end();
  }

  const GraphCodec& codec_;
  const Arena<Layout>& layouts_;
  std::span<const std::uint8_t> memory_;
  std::span<const std::optional<abi::ResourceToken>> handles_;
  GraphWriter& writer_;
  PassedBuffers* buffers_;
  bool is_full_ = false;  // a table cannot have all of the buffers
};

GraphCodec::GraphCodec(std::shared_ptr<const call::FunctionShape> shape, const types::Types& types,
                       const std::unordered_map<types::TypeId, std::string>& names)
    : shape_(std::move(shape)) {
  const ValueTypes value_types{types, names};
  for (const Layout& type : layout().layouts) {
    WireType& wire = wire_.emplace_back();
    if (!type.type.is_valid()) continue;
    wire.type = value_types.wire_type(type.type);
    if (!type.labels) continue;
    for (const std::string& label : type.labels->labels())
      wire.labels.push_back(type.kind == TypeKind::Record ? wire_field(label) : wire_case(label));
  }
}

Result<std::uint32_t, ValueProblem> GraphCodec::read_params(std::span<const std::uint8_t> message,
                                                            abi::ValueArena& arena,
                                                            PassedBuffers* buffers) const {
  GraphOpening graph;
  const auto root = graph.open(message);
  if (!root) return malformed_message(root.error());
  return GraphToArena(*this, arena, buffers).read_params(*root);
}

Result<std::uint32_t, ValueProblem> GraphCodec::read_result(std::span<const std::uint8_t> message,
                                                            abi::ValueArena& arena,
                                                            PassedBuffers* buffers) const {
  GraphOpening graph;
  const auto root = graph.open(message);
  if (!root) return malformed_message(root.error());
  return GraphToArena(*this, arena, buffers).read_result(*root);
}

Result<std::span<const std::uint8_t>, ValueProblem> GraphCodec::write_params(
    const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer,
    PassedBuffers* buffers) const {
  ArenaToGraph to(*this, arena, writer, buffers);
  to.write_params(address);
  return to.finish();
}

Result<std::span<const std::uint8_t>, ValueProblem> GraphCodec::write_result(
    const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer,
    PassedBuffers* buffers) const {
  ArenaToGraph to(*this, arena, writer, buffers);
  to.write_result(address);
  return to.finish();
}

}  // namespace tenon::packr
