#include "packr/graph_writer.h"

#include <fmt/core.h>

#include <cstring>
#include <limits>

#include "packr/graph_format.h"
#include "support/check.h"
#include "support/limits.h"

namespace tenon::packr {

namespace {

constexpr std::uint64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();
// The tag of the elements and their count.
constexpr std::size_t kArrayPrefix = 5;

GraphError too_large(std::string_view what) {
  return {GraphErrorKind::TooLarge, std::string(what)};
}

}  // namespace

void GraphWriter::clear() {
  if (bytes_.capacity() > limits::kKeptArenaBytes) bytes_ = {};
  bytes_.resize(kGraphHeaderBytes);
  staged_.clear();
  children_.clear();
  open_.clear();
  node_count_ = 0;
  has_collections_ = false;
  error_.reset();
}

bool GraphWriter::accepts_node(std::uint64_t payload) {
  if (error_) return false;
  if (!open_.empty() && open_.back().kind == NodeKind::Array) {
    error_ = invalid_encoding(
        "List with primitive elem_type contains non-matching items; fix the elem_type or the "
        "items");
  } else if (open_.size() > kMaxGraphDepth) {
    error_ =
        GraphError{GraphErrorKind::TooDeep, fmt::format("more than {} levels", kMaxGraphDepth)};
  } else if (payload > kMaxU32) {
    error_ = too_large("a node of 4 GiB or more");
  } else if (node_count_ == kMaxU32) {
    error_ = too_large("2^32 nodes");
  }
  return !error_;
}

void GraphWriter::put_bytes(const void* bytes, std::size_t size) {
  const auto* const first = static_cast<const std::uint8_t*>(bytes);
  bytes_.insert(bytes_.end(), first, first + size);
}

void GraphWriter::put_u32(std::uint32_t value) {
  std::uint8_t bytes[4];
  store(bytes, value);
  put_bytes(bytes, sizeof bytes);
}

void GraphWriter::put_header(NodeKind kind, std::size_t payload) {
  std::uint8_t header[kNodeHeaderBytes] = {static_cast<std::uint8_t>(kind)};
  store(header + 4, static_cast<std::uint32_t>(payload));
  put_bytes(header, sizeof header);
  children_.push_back(static_cast<std::uint32_t>(node_count_++));
}

void GraphWriter::add_scalar(NodeKind kind, std::uint64_t bits) {
  const std::size_t width = fixed_width(kind);
  TENON_CHECK(width != 0);
  std::uint8_t value[8];
  store(value, bits);
  if (!error_ && !open_.empty() && open_.back().kind == NodeKind::Array &&
      open_.back().element == kind)
    return put_bytes(value, width);
  if (!accepts_node(width)) return;
  put_header(kind, width);
  put_bytes(value, width);
}

void GraphWriter::add_string(std::string_view text) {
  const std::uint64_t size = std::uint64_t{4} + text.size();
  if (!accepts_node(size)) return;
  put_header(NodeKind::String, static_cast<std::size_t>(size));
  put_u32(static_cast<std::uint32_t>(text.size()));
  put_bytes(text.data(), text.size());
}

void GraphWriter::add_array(NodeKind element, std::span<const std::uint8_t> bytes) {
  const std::size_t width = fixed_width(element);
  TENON_CHECK(width != 0 && bytes.size() % width == 0);
  if (!accepts_node(std::uint64_t{kArrayPrefix} + bytes.size())) return;
  put_header(NodeKind::Array, kArrayPrefix + bytes.size());
  bytes_.push_back(static_cast<std::uint8_t>(element));
  put_u32(static_cast<std::uint32_t>(bytes.size() / width));
  put_bytes(bytes.data(), bytes.size());
}

void GraphWriter::begin(NodeKind kind) {
  if (!accepts_node(0)) return;
  has_collections_ |= kind == NodeKind::Map || kind == NodeKind::Set;
  open_.push_back({kind, {}, staged_.size(), 0, children_.size(), 0});
}

// No other node is written until the array ends, so its elements are written in place.
void GraphWriter::begin_array(NodeKind element) {
  if (!accepts_node(0)) return;
  const std::size_t begin = bytes_.size();
  put_header(NodeKind::Array, 0);
  bytes_.push_back(static_cast<std::uint8_t>(element));
  put_u32(0);
  open_.push_back({NodeKind::Array, element, begin, 0, children_.size(), 0});
}

void GraphWriter::begin_entry() {
  if (writes_lists()) return begin_tuple();
  if (!error_) TENON_CHECK(!open_.empty() && open_.back().kind == NodeKind::Map);
}

void GraphWriter::end_entry() {
  if (writes_lists()) end();
}

void GraphWriter::begin_record(std::string_view type_name) {
  begin(NodeKind::Record);
  stage_text(type_name);
  if (error_) return;
  open_.back().field_count_at = staged_.size();
  stage_u32(0);
}

void GraphWriter::field(std::string_view name) {
  if (error_) return;
  TENON_CHECK(!open_.empty() && open_.back().kind == NodeKind::Record);
  OpenContainer& container = open_.back();
  TENON_CHECK(children_.size() - container.first_child == container.field_count);
  ++container.field_count;
  stage_text(name);
}

void GraphWriter::begin_variant(std::string_view type_name, std::string_view case_name,
                                std::uint32_t tag) {
  begin(NodeKind::Variant);
  stage_text(type_name);
  stage_text(case_name);
  stage_u32(tag);
}

void GraphWriter::end() {
  if (error_) return;
  TENON_CHECK(!open_.empty());
  const OpenContainer container = open_.back();
  open_.pop_back();
  if (container.kind == NodeKind::Array) return end_array(container);
  const std::size_t count = children_.size() - container.first_child;
  if (container.kind == NodeKind::Option) {
    TENON_CHECK(count <= 1);
    stage_byte(static_cast<std::uint8_t>(count));
  } else if (container.kind == NodeKind::Result) {
    TENON_CHECK(count == 1);
  } else if (container.kind == NodeKind::Record) {
    TENON_CHECK(count == container.field_count);
    store(staged_.data() + container.field_count_at, container.field_count);
  } else if (container.kind == NodeKind::Map) {
    TENON_CHECK(count % 2 == 0);
    stage_u32(count / 2);
  } else {
    stage_u32(count);
  }
  const std::size_t staged = staged_.size() - container.begin;
  if (!accepts_node(staged + std::uint64_t{4} * count)) return;
  // The node replaces its children in the list of open children.
  const std::size_t payload = staged + 4 * count;
  const std::size_t at = bytes_.size() + kNodeHeaderBytes;
  put_header(container.kind, payload);
  bytes_.resize(at + payload);
  std::memcpy(bytes_.data() + at, staged_.data() + container.begin, staged);
  for (std::size_t i = 0; i < count; ++i)
    store(bytes_.data() + at + staged + 4 * i, children_[container.first_child + i]);
  staged_.resize(container.begin);
  children_[container.first_child] = children_.back();
  children_.resize(container.first_child + 1);
}

void GraphWriter::end_array(const OpenContainer& container) {
  const std::size_t payload = bytes_.size() - container.begin - kNodeHeaderBytes;
  if (payload > kMaxU32) {
    error_ = too_large("a node of 4 GiB or more");
    return;
  }
  store(bytes_.data() + container.begin + 4, static_cast<std::uint32_t>(payload));
  const std::size_t count = (payload - kArrayPrefix) / fixed_width(container.element);
  store(bytes_.data() + container.begin + kNodeHeaderBytes + 1, static_cast<std::uint32_t>(count));
}

void GraphWriter::stage_type(TypeView type) {
  if (error_) return;
  const bool has_own = packr::has_collections(type);
  if (has_own && writes_lists()) return append_with_lists(staged_, type);
  has_collections_ |= has_own;
  staged_.insert(staged_.end(), type.bytes().begin(), type.bytes().end());
}

void GraphWriter::stage_type(const GraphType& type) {
  if (error_) return;
  has_collections_ |= !writes_lists() && packr::has_collections(type);
  append_type(staged_, type, writes_lists() ? GraphVersion::V2 : GraphVersion::V3);
}

void GraphWriter::stage_u32(std::size_t value) {
  if (error_) return;
  staged_.resize(staged_.size() + 4);
  store(staged_.data() + staged_.size() - 4, static_cast<std::uint32_t>(value));
}

void GraphWriter::stage_text(std::string_view text) {
  if (error_) return;
  stage_u32(text.size());
  staged_.insert(staged_.end(), text.begin(), text.end());
}

Result<std::span<const std::uint8_t>, GraphError> GraphWriter::finish() {
  if (error_) return *error_;
  TENON_CHECK(open_.empty() && children_.size() == 1);
  std::memcpy(bytes_.data(), kGraphMagic.data(), kGraphMagic.size());
  const GraphVersion lowest = has_collections_ ? GraphVersion::V3 : GraphVersion::V2;
  store(bytes_.data() + kGraphVersionAt, static_cast<std::uint16_t>(version_.value_or(lowest)));
  store(bytes_.data() + 6, std::uint16_t{0});
  store(bytes_.data() + 8, static_cast<std::uint32_t>(node_count_));
  store(bytes_.data() + 12, children_[0]);
  return std::span<const std::uint8_t>(bytes_);
}

}  // namespace tenon::packr
