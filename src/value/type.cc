#include "tenon/type.h"

#include <set>
#include <utility>
#include <variant>

#include "value/labels.h"
#include "value/type_graph.h"

namespace tenon {

namespace value {

struct TypeAccess {
  static Type make(TypeGraphPtr graph, types::TypeId id) { return {std::move(graph), id.index}; }
  static FunctionType make(TypeGraphPtr graph, types::FunctionId id) {
    return {std::move(graph), id.index};
  }
  template <class View>
  static const TypeGraphPtr& graph(const View& view) {
    return view.graph_;
  }
  template <class View>
  static std::uint32_t id(const View& view) {
    return view.id_;
  }
};

Type make_type(TypeGraphPtr graph, types::TypeId id) {
  return TypeAccess::make(std::move(graph), id);
}
FunctionType make_function_type(TypeGraphPtr graph, types::FunctionId id) {
  return TypeAccess::make(std::move(graph), id);
}
const TypeGraphPtr& graph_of(const Type& type) { return TypeAccess::graph(type); }
types::TypeId id_of(const Type& type) { return {TypeAccess::id(type)}; }
const TypeGraphPtr& graph_of(const FunctionType& function) { return TypeAccess::graph(function); }
types::FunctionId id_of(const FunctionType& function) { return {TypeAccess::id(function)}; }

}  // namespace value

namespace {

using types::Borrow;
using types::Case;
using types::Dynamic;
using types::Enum;
using types::Field;
using types::Flags;
using types::Function;
using types::FunctionId;
using types::Future;
using types::List;
using types::Map;
using types::Option;
using types::Own;
using types::Primitive;
using types::Record;
using types::ResourceId;
using types::ResultType;
using types::Stream;
using types::Tuple;
using types::TypeBound;
using types::TypeId;
using types::Variant;

TypeKind kind_of(const Primitive& kind) {
  switch (kind) {
    case Primitive::Bool:
      return TypeKind::Bool;
    case Primitive::S8:
      return TypeKind::S8;
    case Primitive::U8:
      return TypeKind::U8;
    case Primitive::S16:
      return TypeKind::S16;
    case Primitive::U16:
      return TypeKind::U16;
    case Primitive::S32:
      return TypeKind::S32;
    case Primitive::U32:
      return TypeKind::U32;
    case Primitive::S64:
      return TypeKind::S64;
    case Primitive::U64:
      return TypeKind::U64;
    case Primitive::F32:
      return TypeKind::F32;
    case Primitive::F64:
      return TypeKind::F64;
    case Primitive::Char:
      return TypeKind::Char;
    case Primitive::String:
      return TypeKind::String;
    case Primitive::ErrorContext:
      return TypeKind::ErrorContext;
  }
  return TypeKind::ErrorContext;
}
TypeKind kind_of(const Record& /*kind*/) { return TypeKind::Record; }
TypeKind kind_of(const Variant& /*kind*/) { return TypeKind::Variant; }
TypeKind kind_of(const List& /*kind*/) { return TypeKind::List; }
TypeKind kind_of(const Map& /*kind*/) { return TypeKind::Map; }
TypeKind kind_of(const Tuple& /*kind*/) { return TypeKind::Tuple; }
TypeKind kind_of(const Flags& /*kind*/) { return TypeKind::Flags; }
TypeKind kind_of(const Enum& /*kind*/) { return TypeKind::Enum; }
TypeKind kind_of(const Option& /*kind*/) { return TypeKind::Option; }
TypeKind kind_of(const ResultType& /*kind*/) { return TypeKind::Result; }
TypeKind kind_of(const Own& /*kind*/) { return TypeKind::Own; }
TypeKind kind_of(const Borrow& /*kind*/) { return TypeKind::Borrow; }
TypeKind kind_of(const Stream& /*kind*/) { return TypeKind::Stream; }
TypeKind kind_of(const Future& /*kind*/) { return TypeKind::Future; }
TypeKind kind_of(const Dynamic& /*kind*/) { return TypeKind::Dynamic; }

// Are two types equal? Each pair of types is compared once, so that the cost is not exponential
// where types share their parts.
class Equality {
 public:
  // same: compares resources; null: two graphs have no resource in common.
  Equality(const value::TypeGraph& a, const value::TypeGraph& b,
           const value::SameResource* same = nullptr)
      : a_(a), b_(b), same_(same) {}

  bool compare(TypeId a, TypeId b) {
    if (&a_ == &b_ && a == b) return true;
    // A pair that was seen is equal, or the result is `false` in any case.
    if (!seen_.emplace(a, b).second) return true;
    const auto& kind = a_.types.types[a].kind;
    const auto& other = b_.types.types[b].kind;
    if (kind.index() != other.index()) return false;
    return std::visit(
        [&]<class Kind>(const Kind& held) { return parts(held, std::get<Kind>(other)); }, kind);
  }
  bool compare(const std::optional<TypeId>& a, const std::optional<TypeId>& b) {
    return a.has_value() == b.has_value() && (!a || compare(*a, *b));
  }
  template <class Member>
  bool compare(const std::vector<Member>& a, const std::vector<Member>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!is_same_member(a[i], b[i])) return false;
    return true;
  }

 private:
  bool is_same_resource(ResourceId a, ResourceId b) const {
    return same_ != nullptr ? (*same_)(a, b) : &a_ == &b_ && a == b;
  }
  bool is_same_member(const TypeId& a, const TypeId& b) { return compare(a, b); }
  template <class Labelled>
  bool is_same_member(const Labelled& a, const Labelled& b) {
    return a.label == b.label && compare(a.type, b.type);
  }

  static bool parts(const Primitive& a, const Primitive& b) { return a == b; }
  bool parts(const Record& a, const Record& b) { return compare(a.fields, b.fields); }
  bool parts(const Variant& a, const Variant& b) { return compare(a.cases, b.cases); }
  bool parts(const List& a, const List& b) {
    return a.length == b.length && compare(a.element, b.element);
  }
  bool parts(const Map& a, const Map& b) {
    return compare(a.key, b.key) && compare(a.value, b.value);
  }
  bool parts(const Tuple& a, const Tuple& b) { return compare(a.types, b.types); }
  static bool parts(const Flags& a, const Flags& b) { return a.labels == b.labels; }
  static bool parts(const Enum& a, const Enum& b) { return a.labels == b.labels; }
  bool parts(const Option& a, const Option& b) { return compare(a.type, b.type); }
  bool parts(const ResultType& a, const ResultType& b) {
    return compare(a.ok, b.ok) && compare(a.error, b.error);
  }
  bool parts(const Own& a, const Own& b) { return is_same_resource(a.resource, b.resource); }
  bool parts(const Borrow& a, const Borrow& b) { return is_same_resource(a.resource, b.resource); }
  bool parts(const Stream& a, const Stream& b) { return compare(a.type, b.type); }
  bool parts(const Future& a, const Future& b) { return compare(a.type, b.type); }
  static bool parts(const Dynamic& a, const Dynamic& b) { return a.parameter == b.parameter; }

  const value::TypeGraph& a_;
  const value::TypeGraph& b_;
  const value::SameResource* same_;
  std::set<std::pair<TypeId, TypeId>> seen_;
};

bool are_equal(const FunctionType& a, const FunctionType& b, const value::SameResource* same) {
  const value::TypeGraph& graph = *value::graph_of(a);
  const value::TypeGraph& other = *value::graph_of(b);
  const Function& first = graph.types.functions[value::id_of(a)];
  const Function& second = other.types.functions[value::id_of(b)];
  Equality equality(graph, other, same);
  return first.is_async == second.is_async && equality.compare(first.params, second.params) &&
         equality.compare(first.result, second.result);
}

const auto& node_of(const Type& type) {
  return value::graph_of(type)->types.types[value::id_of(type)].kind;
}
Type part_of(const Type& type, TypeId id) { return value::make_type(value::graph_of(type), id); }
std::optional<Type> part_of(const Type& type, const std::optional<TypeId>& id) {
  return id ? std::optional(part_of(type, *id)) : std::nullopt;
}

}  // namespace

TypeKind Type::kind() const {
  return std::visit([](const auto& kind) { return kind_of(kind); }, node_of(*this));
}

std::string Type::name() const {
  const auto found = graph_->names.types.find(TypeId{id_});
  return found == graph_->names.types.end() ? std::string() : found->second;
}

std::string Type::wit() const { return print_type(graph_->types, graph_->names, TypeId{id_}); }

std::vector<std::string> Type::declaration() const {
  return print_named_type(graph_->types, graph_->names, name(), TypeBound{TypeId{id_}});
}

std::vector<TypeField> Type::fields() const {
  std::vector<TypeField> fields;
  if (const auto* record = std::get_if<Record>(&node_of(*this)))
    for (const Field& field : record->fields)
      fields.push_back({field.label, part_of(*this, field.type)});
  return fields;
}

std::vector<TypeCase> Type::cases() const {
  std::vector<TypeCase> cases;
  if (const auto* variant = std::get_if<Variant>(&node_of(*this))) {
    for (const Case& alternative : variant->cases)
      cases.push_back({alternative.label, part_of(*this, alternative.type)});
  } else if (const auto* option = std::get_if<Option>(&node_of(*this))) {
    cases = {{"none", std::nullopt}, {"some", part_of(*this, option->type)}};
  } else if (const auto* result = std::get_if<ResultType>(&node_of(*this))) {
    cases = {{"ok", part_of(*this, result->ok)}, {"err", part_of(*this, result->error)}};
  }
  return cases;
}

std::vector<std::string> Type::labels() const {
  if (const auto* record = std::get_if<Record>(&node_of(*this)))
    return value::labels_of(record->fields);
  if (const auto* variant = std::get_if<Variant>(&node_of(*this)))
    return value::labels_of(variant->cases);
  if (const auto* flags = std::get_if<Flags>(&node_of(*this))) return flags->labels;
  if (const auto* names = std::get_if<Enum>(&node_of(*this))) return names->labels;
  return {};
}

std::vector<Type> Type::elements() const {
  std::vector<Type> elements;
  if (const auto* tuple = std::get_if<Tuple>(&node_of(*this)))
    for (const TypeId part : tuple->types) elements.push_back(part_of(*this, part));
  return elements;
}

std::optional<Type> Type::element() const {
  if (const auto* list = std::get_if<List>(&node_of(*this))) return part_of(*this, list->element);
  if (const auto* map = std::get_if<Map>(&node_of(*this))) return part_of(*this, map->value);
  if (const auto* option = std::get_if<Option>(&node_of(*this)))
    return part_of(*this, option->type);
  if (const auto* stream = std::get_if<Stream>(&node_of(*this)))
    return part_of(*this, stream->type);
  if (const auto* future = std::get_if<Future>(&node_of(*this)))
    return part_of(*this, future->type);
  return std::nullopt;
}

std::optional<Type> Type::key() const {
  const auto* map = std::get_if<Map>(&node_of(*this));
  return map != nullptr ? std::optional(part_of(*this, map->key)) : std::nullopt;
}

std::optional<std::uint32_t> Type::length() const {
  const auto* list = std::get_if<List>(&node_of(*this));
  return list != nullptr ? list->length : std::nullopt;
}

std::string Type::resource() const {
  const auto* own = std::get_if<Own>(&node_of(*this));
  const auto* borrow = std::get_if<Borrow>(&node_of(*this));
  if (own == nullptr && borrow == nullptr) return {};
  const ResourceId id = own != nullptr ? own->resource : borrow->resource;
  const auto found = graph_->names.resources.find(id);
  return found == graph_->names.resources.end() ? graph_->types.resources[id].name : found->second;
}

bool Type::operator==(const Type& other) const {
  return Equality(*graph_, *other.graph_).compare(TypeId{id_}, TypeId{other.id_});
}

std::vector<TypeField> FunctionType::params() const {
  std::vector<TypeField> params;
  for (const Field& param : graph_->types.functions[FunctionId{id_}].params)
    params.push_back({param.label, value::make_type(graph_, param.type)});
  return params;
}

std::optional<Type> FunctionType::result() const {
  const std::optional<TypeId>& id = graph_->types.functions[FunctionId{id_}].result;
  return id ? std::optional(value::make_type(graph_, *id)) : std::nullopt;
}

bool FunctionType::is_async() const { return graph_->types.functions[FunctionId{id_}].is_async; }

std::string FunctionType::wit(std::string_view name) const {
  std::string text = print_function(graph_->types, graph_->names, name, FunctionId{id_});
  if (name.empty()) text.pop_back();  // a type alone has no `;`
  return text;
}

bool FunctionType::operator==(const FunctionType& other) const {
  return are_equal(*this, other, nullptr);
}

bool value::is_same_function(const FunctionType& a, const FunctionType& b,
                             const SameResource& same) {
  return are_equal(a, b, &same);
}

}  // namespace tenon
