#include "packr/graph_type.h"

#include <fmt/core.h>

#include <algorithm>

#include "support/check.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

bool has_one_part(NodeKind kind) {
  return kind == NodeKind::List || kind == NodeKind::Option || kind == NodeKind::Set;
}
bool has_two_parts(NodeKind kind) { return kind == NodeKind::Result || kind == NodeKind::Map; }
bool has_name(NodeKind kind) { return kind == NodeKind::Record || kind == NodeKind::Variant; }
bool is_collection(NodeKind kind) { return kind == NodeKind::Map || kind == NodeKind::Set; }

// The size of the descriptor at `at` without its parts: the tag, and a count or a name.
std::size_t prefix_size(const std::uint8_t* at) {
  const NodeKind kind = static_cast<NodeKind>(*at);
  if (has_name(kind)) return 5 + std::size_t{load_u32(at + 1)};
  return kind == NodeKind::Tuple ? 5 : 1;
}

// The end of the descriptor at `at`.
const std::uint8_t* find_type_end(const std::uint8_t* at) {
  // left: descriptors still to be read.
  for (std::uint64_t left = 1; left > 0; --left) {
    const NodeKind kind = static_cast<NodeKind>(*at);
    if (has_one_part(kind))
      left += 1;
    else if (has_two_parts(kind))
      left += 2;
    else if (kind == NodeKind::Tuple)
      left += load_u32(at + 1);
    at += prefix_size(at);
  }
  return at;
}

// Reads the bytes between the tag and the nested types. Returns the number of nested types.
Result<std::uint32_t, GraphError> check_tag(NodeKind kind, PayloadReader& in) {
  if (has_one_part(kind)) return 1U;
  if (has_two_parts(kind)) return 2U;
  if (kind == NodeKind::Tuple) {
    if (!in.has(4)) return in.too_small(4);
    return in.take_u32();
  }
  if (has_name(kind)) TENON_TRY_VOID(check_text(in, "Invalid UTF-8 in type name"));
  return 0U;
}

void append_u32(std::vector<std::uint8_t>& bytes, std::size_t value) {
  bytes.resize(bytes.size() + 4);
  store(bytes.data() + bytes.size() - 4, static_cast<std::uint32_t>(value));
}

}  // namespace

TypeView TypeView::at(const std::uint8_t* at) { return TypeView({at, find_type_end(at)}); }

std::string_view TypeView::name() const {
  TENON_CHECK(has_name(kind()));
  return load_text(bytes_.data() + 1);
}

std::uint32_t TypeView::part_count() const {
  if (has_one_part(kind())) return 1;
  if (has_two_parts(kind())) return 2;
  return kind() == NodeKind::Tuple ? load_u32(bytes_.data() + 1) : 0;
}

TypeView TypeView::part(std::uint32_t i) const {
  TENON_CHECK(i < part_count());
  const std::uint8_t* at = bytes_.data() + prefix_size(bytes_.data());
  for (; i > 0; --i) at = find_type_end(at);
  return TypeView::at(at);
}

Result<void, GraphError> check_type(PayloadReader& in, std::uint32_t max_depth,
                                    GraphVersion version) {
  // The parts still to be read of each enclosing type. Not initialized, because most types are
  // flat.
  std::uint32_t left[kMaxGraphDepth + 1];
  std::uint32_t depth = 0;
  left[0] = 1;
  for (;;) {
    while (left[depth] == 0) {
      if (depth == 0) return {};
      --depth;
    }
    --left[depth];
    if (!in.has(1)) return in.too_small(1);
    const std::uint8_t tag = in.take_byte();
    if (!is_type_tag(tag, version)) return invalid_tag(tag);
    TENON_TRY(const std::uint32_t parts, check_tag(static_cast<NodeKind>(tag), in));
    if (parts == 0) continue;
    if (depth == max_depth || depth == kMaxGraphDepth)
      return GraphError{GraphErrorKind::TooDeep,
                        fmt::format("a type of more than {} levels", max_depth)};
    left[++depth] = parts;
  }
}

bool GraphType::operator==(const GraphType& other) const = default;

bool has_collections(TypeView type) {
  const std::uint8_t* const end = type.bytes().data() + type.bytes().size();
  for (const std::uint8_t* at = type.bytes().data(); at != end; at += prefix_size(at))
    if (is_collection(static_cast<NodeKind>(*at))) return true;
  return false;
}

bool has_collections(const GraphType& type) {
  return is_collection(type.kind) || std::ranges::any_of(type.parts, [](const GraphType& part) {
           return has_collections(part);
         });
}

// The parts of a type follow its tag in both forms, so only the tags change.
void append_with_lists(std::vector<std::uint8_t>& bytes, TypeView type) {
  const std::uint8_t* const end = type.bytes().data() + type.bytes().size();
  for (const std::uint8_t* at = type.bytes().data(); at != end; at += prefix_size(at)) {
    const NodeKind kind = static_cast<NodeKind>(*at);
    if (!is_collection(kind)) {
      bytes.insert(bytes.end(), at, at + prefix_size(at));
      continue;
    }
    bytes.push_back(static_cast<std::uint8_t>(NodeKind::List));
    if (kind == NodeKind::Set) continue;
    bytes.push_back(static_cast<std::uint8_t>(NodeKind::Tuple));
    append_u32(bytes, 2);
  }
}

void append_type(std::vector<std::uint8_t>& bytes, const GraphType& type, GraphVersion version) {
  if (version == GraphVersion::V2 && type.kind == NodeKind::Map)
    return append_type(bytes,
                       GraphType::of(NodeKind::List, {GraphType::of(NodeKind::Tuple, type.parts)}),
                       version);
  if (version == GraphVersion::V2 && type.kind == NodeKind::Set)
    return append_type(bytes, GraphType::of(NodeKind::List, type.parts), version);
  bytes.push_back(static_cast<std::uint8_t>(type.kind));
  if (type.kind == NodeKind::Record || type.kind == NodeKind::Variant) {
    append_u32(bytes, type.name.size());
    bytes.insert(bytes.end(), type.name.begin(), type.name.end());
  } else if (type.kind == NodeKind::Tuple) {
    append_u32(bytes, type.parts.size());
  }
  for (const GraphType& part : type.parts) append_type(bytes, part, version);
}

}  // namespace tenon::packr
