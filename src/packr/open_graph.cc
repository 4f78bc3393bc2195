// Checks a graph in one pass over hostile bytes, with a fixed amount of stack.
//
// While the part that the root reaches is visited, each word of the index has one of three
// meanings: the offset of a node that has not been visited; kOnPath, for a node on the path from
// the root to the current node; or, with the bit kDone, the height of a node that has been checked.
// A child that is on the path closes a cycle. A child that is done is not visited again, however
// many nodes share it: its height is enough to check the depth. At the end, the index is filled
// with the offsets again.
#include <fmt/core.h>

#include <algorithm>

#include "packr/graph_view.h"
#include "support/check.h"
#include "support/try.h"
#include "support/utf8.h"

namespace tenon::packr {

// The positions of the children of a node. Not in the unnamed namespace, because GraphOpener, a
// friend of GraphView, has a member of this type.
struct ChildSpan {
  const std::uint8_t* at;
  std::uint32_t count;
};

namespace {

constexpr std::uint32_t kDone = 0x8000'0000;  // combined with the height
constexpr std::uint32_t kOnPath = 0xffff'ffff;

enum class Extent : std::uint8_t { Whole, Prefix };

struct GraphHeader {
  GraphVersion version;
  std::uint32_t node_count;
  std::uint32_t root;
};

Result<GraphHeader, GraphError> read_header(std::span<const std::uint8_t> bytes,
                                            const GraphLimits& limits, Extent extent) {
  if (extent == Extent::Whole && bytes.size() > std::min(limits.max_buffer, kMaxGraphBytes))
    return invalid_encoding("Buffer too large");
  PayloadReader in(bytes);
  if (!in.has(4)) return in.too_small(4);
  if (!std::ranges::equal(in.take(4), kGraphMagic)) return invalid_encoding("Invalid magic");
  if (!in.has(2)) return in.too_small(2);
  in.take(2);
  const std::optional<GraphVersion> version = version_of(bytes);
  if (!version) return invalid_encoding("Unsupported version");
  if (!in.has(2)) return in.too_small(2);
  in.take(2);
  if (!in.has(4)) return in.too_small(4);
  const std::uint32_t node_count = in.take_u32();
  if (node_count > limits.max_nodes) return invalid_encoding("Node count exceeds limit");
  if (!in.has(4)) return in.too_small(4);
  return GraphHeader{*version, node_count, in.take_u32()};
}

// Checks the headers of all nodes and returns the end of the last node. Stores their offsets in
// `index`, if it is not null.
Result<std::size_t, GraphError> read_nodes(std::span<const std::uint8_t> bytes,
                                           const GraphHeader& header, const GraphLimits& limits,
                                           std::uint32_t* index) {
  const std::uint64_t most = std::min(limits.max_buffer, kMaxGraphBytes);
  PayloadReader in(bytes);
  in.take(kGraphHeaderBytes);
  for (std::uint32_t i = 0; i < header.node_count; ++i) {
    const std::size_t begin = in.offset();
    if (!in.has(1)) return in.too_small(1);
    const std::uint8_t kind = in.take_byte();
    if (!is_node_kind(kind, header.version)) return invalid_tag(kind);
    for (const std::size_t size : {1U, 2U, 4U}) {
      if (!in.has(size)) return in.too_small(size);
      in.take(size);
    }
    const std::uint32_t payload = load_u32(bytes.data() + begin + 4);
    if (payload > limits.max_payload) return invalid_encoding("Payload too large");
    if (!in.has(payload)) return in.too_small(payload);
    in.take(payload);
    if (in.offset() > most) return invalid_encoding("Buffer too large");
    if (index != nullptr) index[i] = static_cast<std::uint32_t>(begin);
  }
  return in.offset();
}

// Reads the header, and checks that the nodes can fit into the buffer.
Result<GraphHeader, GraphError> read_fitting_header(std::span<const std::uint8_t> bytes,
                                                    const GraphLimits& limits, Extent extent) {
  TENON_TRY(const GraphHeader header, read_header(bytes, limits, extent));
  // If they cannot fit, the error is that of the first node that is cut off.
  if (header.node_count > (bytes.size() - kGraphHeaderBytes) / kNodeHeaderBytes)
    TENON_TRY_VOID(read_nodes(bytes, header, limits, nullptr));
  return header;
}

Result<std::uint32_t, GraphError> count(std::span<const std::uint8_t> bytes,
                                        const GraphLimits& limits, Extent extent) {
  TENON_TRY(const GraphHeader header, read_fitting_header(bytes, limits, extent));
  return header.node_count;
}

bool is_container(NodeKind kind) {
  return (kind >= NodeKind::List && kind <= NodeKind::Tuple) || kind == NodeKind::Result ||
         kind == NodeKind::Map || kind == NodeKind::Set;
}

Result<ChildSpan, GraphError> take_children(PayloadReader& in, std::uint64_t count) {
  if (!in.has(4 * count)) {
    // Report the first missing child, as a reader that takes them one by one would.
    while (in.has(4)) in.take(4);
    return in.too_small(4);
  }
  return ChildSpan{in.take(static_cast<std::size_t>(4 * count)).data(),
                   static_cast<std::uint32_t>(count)};
}

Result<ChildSpan, GraphError> take_counted_children(PayloadReader& in) {
  if (!in.has(4)) return in.too_small(4);
  const std::uint32_t count = in.take_u32();
  return take_children(in, count);
}

}  // namespace

class GraphOpener {
 public:
  static Result<GraphView, GraphError> open(std::span<const std::uint8_t> bytes,
                                            std::span<std::uint32_t> index,
                                            const GraphLimits& limits, Extent extent) {
    TENON_TRY(const GraphHeader header, read_fitting_header(bytes, limits, extent));
    TENON_CHECK(index.size() >= header.node_count);
    TENON_TRY(const std::size_t end, read_nodes(bytes, header, limits, index.data()));
    if (header.root >= header.node_count) return invalid_encoding("Root index out of range");
    if (extent == Extent::Whole && end != bytes.size()) return invalid_encoding("Trailing bytes");

    GraphOpener opener(bytes, index.data(), header, limits);
    for (std::uint32_t node = 0; node < header.node_count; ++node)
      TENON_TRY_VOID(opener.check_node(node));
    TENON_TRY_VOID(opener.check_reached(header.root));
    opener.fill_index();
    return GraphView(bytes.first(end), index.data());
  }

 private:
  // A node on the path from the root, whose children are being visited.
  struct PathNode {
    std::uint32_t node;
    std::uint32_t height;  // one more than the height of the highest child so far
    ChildSpan left;        // children still to be visited
  };

  GraphOpener(std::span<const std::uint8_t> bytes, std::uint32_t* index, const GraphHeader& header,
              const GraphLimits& limits)
      : bytes_(bytes),
        index_(index),
        version_(header.version),
        node_count_(header.node_count),
        limits_(limits),
        max_depth_(std::min(limits.max_depth, kMaxGraphDepth)) {}

  [[nodiscard]] const std::uint8_t* header(std::uint32_t node) const {
    return bytes_.data() + index_[node];
  }
  // REQUIRES: the word of the node is its offset
  [[nodiscard]] NodeKind kind(std::uint32_t node) const {
    return static_cast<NodeKind>(*header(node));
  }
  [[nodiscard]] std::span<const std::uint8_t> payload(std::uint32_t node) const {
    const std::uint8_t* const at = header(node);
    return {at + kNodeHeaderBytes, load_u32(at + 4)};
  }

  // Checks a node that need not be reachable: a scalar, string, tuple or array.
  Result<void, GraphError> check_node(std::uint32_t node) {
    PayloadReader in(payload(node));
    const NodeKind node_kind = kind(node);
    if (const std::size_t width = fixed_width(node_kind); width != 0) {
      if (!in.has(width)) return in.too_small(width);
      const std::uint8_t* const at = in.take(width).data();
      if (node_kind == NodeKind::Bool && *at > 1) return invalid_node("Invalid bool payload", node);
      if (node_kind == NodeKind::Char && !is_scalar_value(load_u32(at)))
        return invalid_node("Invalid char scalar", node);
    } else if (node_kind == NodeKind::String) {
      TENON_TRY_VOID(check_string(in, node));
    } else if (node_kind == NodeKind::Tuple) {
      TENON_TRY_VOID(check_tuple(in, node));
    } else if (node_kind == NodeKind::Array) {
      TENON_TRY_VOID(check_array(in, node));
    } else {
      return {};
    }
    return expect_end(in, node);
  }

  static Result<void, GraphError> expect_end(const PayloadReader& in, std::uint32_t node) {
    if (!in.at_end()) return invalid_node("Trailing payload bytes", node);
    return {};
  }

  static Result<void, GraphError> check_string(PayloadReader& in, std::uint32_t node) {
    Result<void, GraphError> checked = check_text(in, "");
    if (!checked && checked.error().kind == GraphErrorKind::InvalidEncoding)
      return invalid_node("Invalid UTF-8 string", node);
    return checked;
  }

  [[nodiscard]] Result<std::uint32_t, GraphError> take_count(PayloadReader& in,
                                                             std::uint32_t node) const {
    if (!in.has(4)) return in.too_small(4);
    const std::uint32_t count = in.take_u32();
    if (count > limits_.max_sequence) return invalid_node("Sequence too large", node);
    return count;
  }

  Result<void, GraphError> check_tuple(PayloadReader& in, std::uint32_t node) const {
    TENON_TRY(const std::uint32_t count, take_count(in, node));
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!in.has(4)) return in.too_small(4);
      if (in.take_u32() >= node_count_) return invalid_node("Child index out of range", node);
    }
    return {};
  }

  Result<void, GraphError> check_array(PayloadReader& in, std::uint32_t node) const {
    if (!in.has(1)) return in.too_small(1);
    const std::uint8_t element = in.take_byte();
    if (!is_type_tag(element, version_)) return invalid_tag(element);
    const std::size_t width = fixed_width(static_cast<NodeKind>(element));
    if (width == 0) return invalid_node("Non-primitive element type in Array", node);
    TENON_TRY(const std::uint32_t count, take_count(in, node));
    if (!in.has(std::uint64_t{count} * width)) return in.too_small(std::uint64_t{count} * width);
    in.take(count * width);
    return {};
  }

  // Checks a container that the root reaches, and returns its children.
  Result<ChildSpan, GraphError> enter(std::uint32_t node) const {
    PayloadReader in(payload(node));
    TENON_TRY(const ChildSpan children, take_container(kind(node), in));
    TENON_TRY_VOID(expect_end(in, node));
    return children;
  }

  [[nodiscard]] Result<ChildSpan, GraphError> take_container(NodeKind kind,
                                                             PayloadReader& in) const {
    if (kind == NodeKind::List) return take_list(in);
    if (kind == NodeKind::Map) return take_map(in);
    if (kind == NodeKind::Set) return take_set(in);
    if (kind == NodeKind::Variant) return take_variant(in);
    if (kind == NodeKind::Record) return take_record(in);
    if (kind == NodeKind::Option) return take_option(in);
    if (kind == NodeKind::Result) return take_result(in);
    return take_counted_children(in);
  }

  [[nodiscard]] Result<ChildSpan, GraphError> take_list(PayloadReader& in) const {
    if (!in.has(1)) return in.too_small(1);
    PayloadReader element = in;
    const std::uint8_t tag = element.take_byte();
    TENON_TRY_VOID(take_type(in));
    if (fixed_width(static_cast<NodeKind>(tag)) != 0)
      return invalid_encoding("List node with primitive elem_type; expected Array node");
    return take_counted_children(in);
  }

  [[nodiscard]] Result<void, GraphError> take_type(PayloadReader& in) const {
    return check_type(in, max_depth_, version_);
  }

  // The children are the keys and values in turn.
  [[nodiscard]] Result<ChildSpan, GraphError> take_map(PayloadReader& in) const {
    TENON_TRY_VOID(take_type(in));
    TENON_TRY_VOID(take_type(in));
    if (!in.has(4)) return in.too_small(4);
    const std::uint32_t count = in.take_u32();
    return take_children(in, std::uint64_t{2} * count);
  }

  [[nodiscard]] Result<ChildSpan, GraphError> take_set(PayloadReader& in) const {
    TENON_TRY_VOID(take_type(in));
    return take_counted_children(in);
  }

  [[nodiscard]] static Result<ChildSpan, GraphError> take_variant(PayloadReader& in) {
    TENON_TRY_VOID(check_text(in, "Invalid UTF-8 in type name"));
    TENON_TRY_VOID(check_text(in, "Invalid UTF-8 in case name"));
    if (!in.has(4)) return in.too_small(4);
    in.take(4);
    return take_counted_children(in);
  }

  [[nodiscard]] static Result<ChildSpan, GraphError> take_record(PayloadReader& in) {
    TENON_TRY_VOID(check_text(in, "Invalid UTF-8 in type name"));
    if (!in.has(4)) return in.too_small(4);
    const std::uint32_t count = in.take_u32();
    for (std::uint32_t i = 0; i < count; ++i)
      TENON_TRY_VOID(check_text(in, "Invalid UTF-8 in field name"));
    return take_children(in, count);
  }

  [[nodiscard]] Result<ChildSpan, GraphError> take_option(PayloadReader& in) const {
    TENON_TRY_VOID(take_type(in));
    if (!in.has(1)) return in.too_small(1);
    return take_children(in, in.take_byte() == 1 ? 1 : 0);
  }

  [[nodiscard]] Result<ChildSpan, GraphError> take_result(PayloadReader& in) const {
    TENON_TRY_VOID(take_type(in));
    TENON_TRY_VOID(take_type(in));
    if (!in.has(4)) return in.too_small(4);
    in.take(4);
    if (!in.has(1)) return in.too_small(1);
    if (in.take_byte() != 1) return invalid_encoding("Result must have payload");
    return take_children(in, 1);
  }

  // Checks an array of chars that the root reaches. packr does not check others.
  [[nodiscard]] Result<void, GraphError> check_characters(std::uint32_t node) const {
    const std::span<const std::uint8_t> bytes = payload(node);
    if (static_cast<NodeKind>(bytes[0]) != NodeKind::Char) return {};
    for (std::size_t at = 5; at < bytes.size(); at += 4)
      if (!is_scalar_value(load_u32(bytes.data() + at)))
        return invalid_encoding("Invalid char in array");
    return {};
  }

  [[nodiscard]] Result<void, GraphError> check_depth(std::uint32_t depth,
                                                     std::uint32_t node) const {
    if (depth <= max_depth_) return {};
    return GraphError{GraphErrorKind::TooDeep,
                      fmt::format("more than {} levels at node {}", max_depth_, node)};
  }

  // Visits each node that the root reaches once, depth first. `path` replaces recursion.
  Result<void, GraphError> check_reached(std::uint32_t root) {
    PathNode path[kMaxGraphDepth + 1];  // not initialized, because most values are flat
    std::uint32_t depth = 0;            // used length of the path
    TENON_TRY_VOID(visit(root, path, depth));
    while (depth > 0) {
      PathNode& parent = path[depth - 1];
      if (parent.left.count == 0) {
        index_[parent.node] = kDone | parent.height;
        if (--depth > 0) raise(path[depth - 1], parent.height);
        continue;
      }
      const std::uint32_t child = load_u32(parent.left.at);
      parent.left.at += 4;
      --parent.left.count;
      if (child >= node_count_)
        return invalid_encoding(fmt::format("Node index {} out of range", child));
      const std::uint32_t word = index_[child];
      if (word == kOnPath) return invalid_encoding("Cycle detected in graph buffer");
      if ((word & kDone) != 0) {
        const std::uint32_t height = word & ~kDone;
        TENON_TRY_VOID(check_depth(depth + height, child));
        raise(parent, height);
      } else {
        TENON_TRY_VOID(check_depth(depth, child));
        raise(parent, 0);
        TENON_TRY_VOID(visit(child, path, depth));
      }
    }
    return {};
  }

  static void raise(PathNode& parent, std::uint32_t height) {
    parent.height = std::max(parent.height, height + 1);
  }

  // Checks a node. One with children is added to the path; any other is done.
  Result<void, GraphError> visit(std::uint32_t node, PathNode* path, std::uint32_t& depth) {
    const NodeKind node_kind = kind(node);
    if (is_container(node_kind)) {
      TENON_TRY(const ChildSpan children, enter(node));
      if (children.count > 0) {
        path[depth++] = {node, 0, children};
        index_[node] = kOnPath;
        return {};
      }
    } else if (node_kind == NodeKind::Array) {
      TENON_TRY_VOID(check_characters(node));
    }
    index_[node] = kDone;
    return {};
  }

  void fill_index() {
    std::size_t at = kGraphHeaderBytes;
    for (std::uint32_t node = 0; node < node_count_; ++node) {
      index_[node] = static_cast<std::uint32_t>(at);
      at += kNodeHeaderBytes + load_u32(bytes_.data() + at + 4);
    }
  }

  std::span<const std::uint8_t> bytes_;
  std::uint32_t* index_;
  GraphVersion version_;
  std::uint32_t node_count_;
  const GraphLimits& limits_;
  std::uint32_t max_depth_;
};

Result<std::uint32_t, GraphError> GraphView::count_nodes(std::span<const std::uint8_t> bytes,
                                                         const GraphLimits& limits) {
  return count(bytes, limits, Extent::Whole);
}

Result<std::uint32_t, GraphError> GraphView::count_prefix_nodes(std::span<const std::uint8_t> bytes,
                                                                const GraphLimits& limits) {
  return count(bytes, limits, Extent::Prefix);
}

Result<GraphView, GraphError> GraphView::open(std::span<const std::uint8_t> bytes,
                                              std::span<std::uint32_t> index,
                                              const GraphLimits& limits) {
  return GraphOpener::open(bytes, index, limits, Extent::Whole);
}

std::optional<GraphView> GraphView::open_number(std::span<const std::uint8_t> bytes,
                                                std::span<std::uint32_t> index) {
  constexpr std::size_t kPayload = kGraphHeaderBytes + kNodeHeaderBytes;
  if (index.empty() || bytes.size() <= kPayload) return std::nullopt;
  const std::uint8_t* const node = bytes.data() + kGraphHeaderBytes;
  const bool is_one =
      version_of(bytes) && load_u32(bytes.data() + 8) == 1 && load_u32(bytes.data() + 12) == 0;
  if (!is_one || !is_node_kind(*node, GraphVersion::V2)) return std::nullopt;
  const auto kind = static_cast<NodeKind>(*node);
  const std::size_t width = fixed_width(kind);
  const bool has_rule = kind == NodeKind::Bool || kind == NodeKind::Char;
  if (width == 0 || has_rule || load_u32(node + 4) != width || bytes.size() != kPayload + width)
    return std::nullopt;
  index[0] = kGraphHeaderBytes;
  return GraphView(bytes, index.data());
}

Result<GraphView, GraphError> GraphView::open_prefix(std::span<const std::uint8_t> bytes,
                                                     std::span<std::uint32_t> index,
                                                     const GraphLimits& limits) {
  return GraphOpener::open(bytes, index, limits, Extent::Prefix);
}

}  // namespace tenon::packr
