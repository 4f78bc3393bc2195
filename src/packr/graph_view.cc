#include "packr/graph_view.h"

#include "support/check.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

std::uint64_t load_bits(const std::uint8_t* at, std::size_t width) {
  switch (width) {
    case 1:
      return *at;
    case 2:
      return load<std::uint16_t>(at);
    case 4:
      return load_u32(at);
    default:
      return load<std::uint64_t>(at);
  }
}

}  // namespace

NodeView GraphView::root() const {
  return {bytes_.data(), index_, load_u32(bytes_.data() + kGraphHeaderBytes - 4)};
}

bool GraphView::has_collections() const {
  const auto version = version_of(bytes_);
  if (version == GraphVersion::V2) return false;
  for (std::uint32_t node = 0; node < load_u32(bytes_.data() + 8); ++node) {
    const std::uint8_t* const header = bytes_.data() + index_[node];
    const NodeKind kind = static_cast<NodeKind>(*header);
    if (kind == NodeKind::Map || kind == NodeKind::Set) return true;
    int types = kind == NodeKind::List || kind == NodeKind::Option ? 1 : 0;
    if (kind == NodeKind::Result) types = 2;
    // Nodes that the root does not reach can be malformed.
    PayloadReader in({header + kNodeHeaderBytes, load_u32(header + 4)});
    for (; types > 0; --types) {
      const std::uint8_t* const begin = header + kNodeHeaderBytes + in.offset();
      if (!check_type(in, kMaxGraphDepth, *version)) break;
      if (packr::has_collections(TypeView::at(begin))) return true;
    }
  }
  return false;
}

const NodeView& NodeView::expect(NodeKind expected) const {
  TENON_CHECK(kind() == expected);
  return *this;
}

std::uint64_t NodeView::bits() const {
  const std::size_t width = fixed_width(kind());
  TENON_CHECK(width != 0);
  return load_bits(payload(), width);
}

std::uint64_t NodeView::unsigned_integer() const {
  TENON_CHECK(kind() >= NodeKind::U8 && kind() <= NodeKind::U64);
  return bits();
}

std::int64_t NodeView::signed_integer() const {
  const NodeKind node_kind = kind();
  TENON_CHECK(node_kind == NodeKind::S8 || node_kind == NodeKind::S16 ||
              node_kind == NodeKind::S32 || node_kind == NodeKind::S64);
  const std::size_t unused = 64 - 8 * fixed_width(node_kind);
  return static_cast<std::int64_t>(bits() << unused) >> unused;
}

float NodeView::f32() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(expect(NodeKind::F32).bits()));
}

char32_t NodeView::character() const {
  return static_cast<char32_t>(expect(NodeKind::Char).bits());
}

std::string_view NodeView::string() const { return load_text(expect(NodeKind::String).payload()); }

NodeSequence NodeView::sequence(const std::uint8_t* at) const {
  return {*this, at + 4, load_u32(at)};
}

NodeSequence NodeView::tuple() const { return sequence(expect(NodeKind::Tuple).payload()); }

ListView NodeView::list() const {
  const TypeView element = TypeView::at(expect(NodeKind::List).payload());
  return {element, sequence(payload() + element.bytes().size())};
}

ArrayView NodeView::array() const {
  const std::uint8_t* const at = expect(NodeKind::Array).payload();
  const NodeKind element = static_cast<NodeKind>(*at);
  const std::uint32_t count = load_u32(at + 1);
  return {element, count, {at + 5, count * fixed_width(element)}};
}

MapView NodeView::map() const {
  const TypeView key = TypeView::at(expect(NodeKind::Map).payload());
  const TypeView value = TypeView::at(payload() + key.bytes().size());
  const std::uint8_t* const count = payload() + key.bytes().size() + value.bytes().size();
  return {key, value, {*this, count + 4, 2 * load_u32(count)}};
}

ListView NodeView::set() const {
  const TypeView element = TypeView::at(expect(NodeKind::Set).payload());
  return {element, sequence(payload() + element.bytes().size())};
}

std::uint64_t ArrayView::bits(std::uint32_t i) const {
  TENON_CHECK(i < count);
  const std::size_t width = fixed_width(element);
  const std::uint64_t loaded = load_bits(bytes.data() + i * width, width);
  return element == NodeKind::Bool ? std::uint64_t{loaded != 0} : loaded;
}

RecordView NodeView::record() const {
  const std::uint8_t* at = expect(NodeKind::Record).payload();
  const std::string_view type_name = load_text(at);
  at += 4 + type_name.size();
  const std::uint32_t count = load_u32(at);
  const std::uint8_t* const names = at + 4;
  // The children are at the end of the payload.
  const std::uint8_t* const end = payload() + load_u32(header() + 4);
  return {type_name, {names, {*this, end - std::size_t{4} * count, count}}};
}

VariantView NodeView::variant() const {
  const std::uint8_t* at = expect(NodeKind::Variant).payload();
  const std::string_view type_name = load_text(at);
  at += 4 + type_name.size();
  const std::string_view case_name = load_text(at);
  at += 4 + case_name.size();
  return {type_name, case_name, load_u32(at), sequence(at + 4)};
}

OptionView NodeView::option() const {
  const TypeView inner = TypeView::at(expect(NodeKind::Option).payload());
  const std::uint8_t* const presence = payload() + inner.bytes().size();
  if (*presence != 1) return {inner, std::nullopt};
  return {inner, child(presence + 1)};
}

ResultView NodeView::result() const {
  const TypeView ok = TypeView::at(expect(NodeKind::Result).payload());
  const TypeView err = TypeView::at(payload() + ok.bytes().size());
  const std::uint8_t* const tag = payload() + ok.bytes().size() + err.bytes().size();
  return {ok, err, load_u32(tag) == 0 ? ResultSide::Ok : ResultSide::Err, child(tag + 5)};
}

NodeView NodeSequence::operator[](std::uint32_t i) const {
  TENON_CHECK(i < count_);
  return parent_.child(at_ + std::size_t{4} * i);
}

NodeSequence::Iterator NodeSequence::begin() const { return {*this, 0}; }
NodeSequence::Iterator NodeSequence::end() const { return {*this, count_}; }

FieldSequence::Iterator FieldSequence::begin() const { return {names_, values_, 0}; }
FieldSequence::Iterator FieldSequence::end() const { return {names_, values_, size()}; }

std::optional<NodeView> FieldSequence::find(std::string_view name) const {
  for (const FieldView field : *this)
    if (field.name == name) return field.value;
  return std::nullopt;
}

std::optional<NodeView> FieldFinder::find(std::string_view name, std::string_view other) {
  if (is_in_order_ && next_ != fields_.end() && (*next_).name == name) {
    const NodeView value = (*next_).value;
    ++next_;
    return value;
  }
  is_in_order_ = false;
  // Names are compared several times as fast as other payloads are read.
  budget_.take_bytes(size_ / 4);
  const std::optional<NodeView> found = fields_.find(name);
  return found ? found : fields_.find(other);
}

std::optional<EntrySequence> EntrySequence::find(NodeView node) {
  const NodeKind kind = node.kind();
  if (kind == NodeKind::Map) return EntrySequence(node.map().parts, Form::Map);
  if (kind == NodeKind::List) return EntrySequence(node.list().items, Form::Pairs);
  if (kind == NodeKind::Array && node.array().count == 0) return EntrySequence();
  if (kind == NodeKind::Record && node.record().fields.size() == 0) return EntrySequence();
  return std::nullopt;
}

std::uint32_t EntrySequence::size() const {
  if (!nodes_) return 0;
  return form_ == Form::Map ? nodes_->size() / 2 : nodes_->size();
}

std::optional<std::pair<NodeView, NodeView>> EntrySequence::at(std::uint32_t i) const {
  if (form_ == Form::Map) return std::pair((*nodes_)[2 * i], (*nodes_)[2 * i + 1]);
  const NodeView item = (*nodes_)[i];
  if (item.kind() != NodeKind::Tuple || item.tuple().size() != 2) return std::nullopt;
  return std::pair(item.tuple()[0], item.tuple()[1]);
}

std::optional<NodeSequence> find_items(NodeView node) {
  if (node.kind() == NodeKind::List) return node.list().items;
  if (node.kind() == NodeKind::Set) return node.set().items;
  return std::nullopt;
}

std::optional<std::uint32_t> count_items(NodeView node) {
  if (node.kind() == NodeKind::Array) return node.array().count;
  if (node.kind() == NodeKind::Map) return node.map().size();
  const std::optional<NodeSequence> items = find_items(node);
  return items ? std::optional(items->size()) : std::nullopt;
}

Result<NodeView, GraphError> GraphOpening::open(std::span<const std::uint8_t> bytes) {
  view_ = GraphView::open_number(bytes, {&number_index_, 1});
  if (view_) return view_->root();
  TENON_TRY(const std::uint32_t count, GraphView::count_nodes(bytes));
  if (index_.size() < count) index_.resize(count);
  TENON_TRY(view_, GraphView::open(bytes, index_));
  return view_->root();
}

}  // namespace tenon::packr
