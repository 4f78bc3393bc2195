#include <algorithm>

#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "support/diagnostics.h"
#include "support/utf8.h"
#include "tenon/packr.h"

namespace tenon {

struct GraphAccess {
  static packr::NodeView view(const GraphNode& node) {
    return {node.bytes_, node.index_, node.node_};
  }
  static GraphNode node(packr::NodeView view) { return {view.bytes_, view.index_, view.node_}; }
  static std::uint32_t number(packr::NodeView view) { return view.node_; }
};

namespace {

using packr::NodeKind;
using packr::NodeView;

static_assert(static_cast<std::uint8_t>(GraphKind::Bool) ==
              static_cast<std::uint8_t>(NodeKind::Bool));
static_assert(static_cast<std::uint8_t>(GraphKind::Set) ==
              static_cast<std::uint8_t>(NodeKind::Set));

// The node, if it has the kind.
std::optional<NodeView> view_as(const GraphNode& node, NodeKind kind) {
  const NodeView view = GraphAccess::view(node);
  return view.kind() == kind ? std::optional(view) : std::nullopt;
}

// The parts of a node whose parts have positions.
std::optional<packr::NodeSequence> find_sequence(NodeView node) {
  if (node.kind() == NodeKind::List) return node.list().items;
  if (node.kind() == NodeKind::Set) return node.set().items;
  if (node.kind() == NodeKind::Map) return node.map().parts;
  if (node.kind() == NodeKind::Tuple) return node.tuple();
  if (node.kind() == NodeKind::Record) return node.record().fields.values();
  if (node.kind() == NodeKind::Variant) return node.variant().payload;
  return std::nullopt;
}

packr::GraphType type_of(const GraphType& type) {
  packr::GraphType result = packr::GraphType::named(static_cast<NodeKind>(type.kind), type.name);
  for (const GraphType& part : type.parts) result.parts.push_back(type_of(part));
  return result;
}

}  // namespace

GraphKind GraphNode::kind() const {
  return static_cast<GraphKind>(GraphAccess::view(*this).kind());
}

std::optional<bool> GraphNode::boolean() const {
  const auto view = view_as(*this, NodeKind::Bool);
  return view ? std::optional(view->boolean()) : std::nullopt;
}

std::optional<std::uint64_t> GraphNode::unsigned_integer() const {
  const NodeView view = GraphAccess::view(*this);
  if (view.kind() < NodeKind::U8 || view.kind() > NodeKind::U64) return std::nullopt;
  return view.unsigned_integer();
}

std::optional<std::int64_t> GraphNode::signed_integer() const {
  constexpr NodeKind kSigned[] = {NodeKind::S8, NodeKind::S16, NodeKind::S32, NodeKind::S64};
  const NodeView view = GraphAccess::view(*this);
  if (std::ranges::find(kSigned, view.kind()) == std::end(kSigned)) return std::nullopt;
  return view.signed_integer();
}

std::optional<double> GraphNode::number() const {
  const NodeView view = GraphAccess::view(*this);
  if (view.kind() == NodeKind::F32) return view.f32();
  if (view.kind() == NodeKind::F64) return view.f64();
  return std::nullopt;
}

std::optional<char32_t> GraphNode::character() const {
  const auto view = view_as(*this, NodeKind::Char);
  return view ? std::optional(view->character()) : std::nullopt;
}

std::optional<std::uint64_t> GraphNode::flags() const {
  const auto view = view_as(*this, NodeKind::Flags);
  return view ? std::optional(view->flags()) : std::nullopt;
}

std::optional<std::string_view> GraphNode::string() const {
  const auto view = view_as(*this, NodeKind::String);
  return view ? std::optional(view->string()) : std::nullopt;
}

std::optional<GraphArray> GraphNode::array() const {
  const auto view = view_as(*this, NodeKind::Array);
  if (!view) return std::nullopt;
  const packr::ArrayView array = view->array();
  return GraphArray{static_cast<GraphKind>(array.element), array.count, array.bytes};
}

std::uint32_t GraphNode::size() const {
  const NodeView view = GraphAccess::view(*this);
  if (view.kind() == NodeKind::Result) return 1;
  if (view.kind() == NodeKind::Option) return view.option().value ? 1 : 0;
  const auto parts = find_sequence(view);
  return parts ? parts->size() : 0;
}

std::optional<GraphNode> GraphNode::part(std::uint32_t i) const {
  const NodeView view = GraphAccess::view(*this);
  if (i >= size()) return std::nullopt;
  if (view.kind() == NodeKind::Result) return GraphAccess::node(view.result().value);
  if (view.kind() == NodeKind::Option) return GraphAccess::node(*view.option().value);
  return GraphAccess::node((*find_sequence(view))[i]);
}

std::optional<GraphNode> GraphNode::field(std::string_view name) const {
  const auto view = view_as(*this, NodeKind::Record);
  const std::optional<NodeView> value = view ? view->record().fields.find(name) : std::nullopt;
  return value ? std::optional(GraphAccess::node(*value)) : std::nullopt;
}

std::string_view GraphNode::field_name(std::uint32_t i) const {
  const auto view = view_as(*this, NodeKind::Record);
  if (!view) return {};
  for (const packr::FieldView field : view->record().fields)
    if (i-- == 0) return field.name;
  return {};
}

std::string_view GraphNode::type_name() const {
  const NodeView view = GraphAccess::view(*this);
  if (view.kind() == NodeKind::Record) return view.record().type_name;
  return view.kind() == NodeKind::Variant ? view.variant().type_name : std::string_view();
}

std::string_view GraphNode::case_name() const {
  const auto view = view_as(*this, NodeKind::Variant);
  return view ? view->variant().case_name : std::string_view();
}

std::optional<std::uint32_t> GraphNode::case_number() const {
  const auto view = view_as(*this, NodeKind::Variant);
  return view ? std::optional(view->variant().tag) : std::nullopt;
}

std::optional<bool> GraphNode::is_ok() const {
  const auto view = view_as(*this, NodeKind::Result);
  if (!view) return std::nullopt;
  return view->result().side == packr::ResultSide::Ok;
}

Result<GraphView> GraphView::open(std::span<const std::uint8_t> bytes) {
  const auto refuse = [](const packr::GraphError& error) {
    return make_diagnostic(Code::ReadMalformed, "malformed CGRF: {}", packr::describe(error));
  };
  GraphView view;
  const auto count = packr::GraphView::count_nodes(bytes);
  if (!count) return refuse(count.error());
  view.index_.resize(*count);
  const auto opened = packr::GraphView::open(bytes, view.index_);
  if (!opened) return refuse(opened.error());
  view.bytes_ = bytes;
  view.root_ = GraphAccess::number(opened->root());
  return view;
}

struct GraphBuilder::State {
  packr::GraphWriter writer;
  std::optional<Diagnostic> problem = {};  // the first one that the writer does not find

  // Returns whether the value can be written.
  bool check(bool is_valid, std::string_view why) {
    if (!is_valid && !problem) problem = make_diagnostic(Code::ValueType, "{}", why);
    return !problem;
  }
  bool check_text(std::string_view text) { return check(is_utf8(text), "a text is not UTF-8"); }
};

GraphBuilder::GraphBuilder() : state_(std::make_unique<State>()) {}
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder& GraphBuilder::operator=(GraphBuilder&&) noexcept = default;
GraphBuilder::~GraphBuilder() = default;

void GraphBuilder::add_bool(bool value) { state_->writer.add_bool(value); }
void GraphBuilder::add_u8(std::uint8_t value) { state_->writer.add_u8(value); }
void GraphBuilder::add_u16(std::uint16_t value) { state_->writer.add_u16(value); }
void GraphBuilder::add_u32(std::uint32_t value) { state_->writer.add_u32(value); }
void GraphBuilder::add_u64(std::uint64_t value) { state_->writer.add_u64(value); }
void GraphBuilder::add_s8(std::int8_t value) { state_->writer.add_s8(value); }
void GraphBuilder::add_s16(std::int16_t value) { state_->writer.add_s16(value); }
void GraphBuilder::add_s32(std::int32_t value) { state_->writer.add_s32(value); }
void GraphBuilder::add_s64(std::int64_t value) { state_->writer.add_s64(value); }
void GraphBuilder::add_f32(float value) { state_->writer.add_f32(value); }
void GraphBuilder::add_f64(double value) { state_->writer.add_f64(value); }

// After a problem, values are added in place of those that cannot be written, so that containers
// stay complete.
void GraphBuilder::add_char(char32_t value) {
  const bool is_valid =
      state_->check(is_scalar_value(value), "a char32_t is not a Unicode scalar value");
  state_->writer.add_char(is_valid ? value : U'?');
}

void GraphBuilder::add_flags(std::uint64_t bits) { state_->writer.add_flags(bits); }

void GraphBuilder::add_string(std::string_view text) {
  state_->writer.add_string(state_->check_text(text) ? text : std::string_view());
}

void GraphBuilder::add_array(GraphKind element, std::span<const std::uint8_t> bytes) {
  const std::size_t width = packr::fixed_width(static_cast<NodeKind>(element));
  const bool is_valid = state_->check(width != 0, "the elements of an array have no fixed width") &&
                        state_->check(bytes.size() % width == 0,
                                      "the bytes of an array are not a multiple of its elements");
  if (is_valid)
    state_->writer.add_array(static_cast<NodeKind>(element), bytes);
  else
    state_->writer.add_array(NodeKind::U8, {});
}

void GraphBuilder::begin_tuple() { state_->writer.begin_tuple(); }
void GraphBuilder::begin_list(const GraphType& element) {
  state_->writer.begin_list(type_of(element));
}
void GraphBuilder::begin_map(const GraphType& key, const GraphType& value) {
  state_->writer.begin_map(type_of(key), type_of(value));
}
void GraphBuilder::begin_set(const GraphType& element) {
  state_->writer.begin_set(type_of(element));
}
void GraphBuilder::begin_record(std::string_view type_name) {
  state_->writer.begin_record(state_->check_text(type_name) ? type_name : std::string_view());
}
void GraphBuilder::field(std::string_view name) {
  state_->writer.field(state_->check_text(name) ? name : std::string_view());
}
void GraphBuilder::begin_variant(std::string_view type_name, std::string_view case_name,
                                 std::uint32_t number) {
  const bool is_valid = state_->check_text(type_name) && state_->check_text(case_name);
  state_->writer.begin_variant(is_valid ? type_name : "", is_valid ? case_name : "", number);
}
void GraphBuilder::begin_option(const GraphType& inner) {
  state_->writer.begin_option(type_of(inner));
}
void GraphBuilder::begin_result(const GraphType& ok, const GraphType& err, bool is_ok) {
  state_->writer.begin_result(type_of(ok), type_of(err),
                              is_ok ? packr::ResultSide::Ok : packr::ResultSide::Err);
}
void GraphBuilder::end() { state_->writer.end(); }

Result<std::span<const std::uint8_t>> GraphBuilder::finish() {
  const auto bytes = state_->writer.finish();
  if (state_->problem) return *state_->problem;
  if (bytes) return *bytes;
  const bool is_wrong = bytes.error().kind == packr::GraphErrorKind::InvalidEncoding;
  return make_diagnostic(is_wrong ? Code::ValueType : Code::ValueTooLarge, "{}",
                         packr::describe(bytes.error()));
}

void GraphBuilder::clear() {
  state_->writer.clear();
  state_->problem.reset();
}

}  // namespace tenon
