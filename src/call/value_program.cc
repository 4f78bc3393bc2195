#include "call/value_program.h"

#include <unordered_map>
#include <utility>
#include <variant>

#include "support/check.h"
#include "value/type_graph.h"

namespace tenon::call {

namespace {

using abi::Layout;
using abi::LayoutId;
using types::TypeId;

// Makes the node of each type once. Recursion is bounded: the types have a layout, which nests at
// most limits::kNestingDepth deep.
class Builder {
 public:
  Builder(value::TypeGraphPtr graph, const Arena<Layout>& layouts, Arena<ValueNode>& nodes)
      : graph_(std::move(graph)), tables_(graph_->types), layouts_(layouts), nodes_(nodes) {}

  ValueNodeId make(TypeId type, LayoutId layout_id) {
    const auto found = done_.find(type);
    if (found != done_.end()) return found->second;
    const Layout& layout = layouts_[layout_id];
    const Type view = value::make_type(graph_, type);
    ValueNode node{.kind = view.kind(),
                   .type = type,
                   .discriminant_size = layout.discriminant_size,
                   .size = layout.size,
                   .align = layout.align,
                   .resource = view.resource()};
    if (has_labels(node.kind)) node.labels = tables_.get(type);
    std::visit([&](const auto& kind) { add_parts(kind, layout, node); },
               graph_->types.types[type].kind);
    return done_.emplace(type, nodes_.add(std::move(node))).first->second;
  }

  ValueNodeId make_params(const std::vector<types::Field>& params, LayoutId layout_id) {
    const Layout& layout = layouts_[layout_id];
    ValueNode node{.kind = TypeKind::Tuple, .size = layout.size, .align = layout.align};
    for (std::size_t i = 0; i < params.size(); ++i) add_part(params[i].type, layout.parts[i], node);
    return nodes_.add(std::move(node));
  }

 private:
  static bool has_labels(TypeKind kind) {
    return kind == TypeKind::Record || kind == TypeKind::Variant || kind == TypeKind::Enum ||
           kind == TypeKind::Flags;
  }
  void add_part(const std::optional<TypeId>& type, const abi::LayoutPart& part, ValueNode& node) {
    ValuePart made{.offset = part.offset, .handles = part.handles};
    if (type) made.node = make(*type, *part.layout);
    node.parts.push_back(made);
  }

  void add_parts(const types::Record& kind, const Layout& layout, ValueNode& node) {
    for (std::size_t i = 0; i < kind.fields.size(); ++i)
      add_part(kind.fields[i].type, layout.parts[i], node);
  }
  void add_parts(const types::Tuple& kind, const Layout& layout, ValueNode& node) {
    for (std::size_t i = 0; i < kind.types.size(); ++i)
      add_part(kind.types[i], layout.parts[i], node);
  }
  void add_parts(const types::Variant& kind, const Layout& layout, ValueNode& node) {
    for (std::size_t i = 0; i < kind.cases.size(); ++i)
      add_part(kind.cases[i].type, layout.parts[i], node);
  }
  void add_parts(const types::Option& kind, const Layout& layout, ValueNode& node) {
    add_part(std::nullopt, layout.parts[0], node);
    add_part(kind.type, layout.parts[1], node);
  }
  void add_parts(const types::ResultType& kind, const Layout& layout, ValueNode& node) {
    add_part(kind.ok, layout.parts[0], node);
    add_part(kind.error, layout.parts[1], node);
  }
  void add_parts(const types::List& kind, const Layout& layout, ValueNode& node) {
    node.length = kind.length;
    set_element(layout, node);
    add_part(kind.element, layout.parts[0], node);
  }
  void add_parts(const types::Map& kind, const Layout& layout, ValueNode& node) {
    const Layout& entry = layouts_[*layout.parts[0].layout];
    set_element(layout, node);
    add_part(kind.key, entry.parts[0], node);
    add_part(kind.value, entry.parts[1], node);
  }
  template <class Kind>
  void add_parts(const Kind& /*kind*/, const Layout& /*layout*/, ValueNode& /*node*/) {}

  void set_element(const Layout& layout, ValueNode& node) {
    const Layout& element = layouts_[*layout.parts[0].layout];
    node.element_size = element.size;
    node.element_align = element.align;
  }

  value::TypeGraphPtr graph_;
  value::LabelTables tables_;
  const Arena<Layout>& layouts_;
  Arena<ValueNode>& nodes_;
  std::unordered_map<TypeId, ValueNodeId> done_;
};

}  // namespace

ValueProgram ValueProgram::make(FunctionType type, const abi::FunctionLayout& layout) {
  ValueProgram made(std::move(type));
  const value::TypeGraphPtr& graph = value::graph_of(made.type_);
  const types::Function& function = graph->types.functions[value::id_of(made.type_)];
  TENON_CHECK(layout.layouts[layout.params].parts.size() == function.params.size());
  TENON_CHECK(layout.result.has_value() == function.result.has_value());
  Builder builder(graph, layout.layouts, made.nodes_);
  made.params_ = builder.make_params(function.params, layout.params);
  if (function.result) made.result_ = builder.make(*function.result, *layout.result);
  return made;
}

}  // namespace tenon::call
