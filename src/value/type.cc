#include "tenon/type.h"

#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "types/labels.h"
#include "types/uses.h"
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

using types::Case;
using types::Dynamic;
using types::Field;
using types::Function;
using types::FunctionId;
using types::Future;
using types::List;
using types::Map;
using types::Option;
using types::Record;
using types::ResourceId;
using types::ResultType;
using types::Stream;
using types::Tuple;
using types::TypeBound;
using types::TypeId;
using types::Variant;

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
    const types::Type& first = a_.types.types[a];
    const types::Type& second = b_.types.types[b];
    return types::kind_of(first) == types::kind_of(second) &&
           length_of(first) == length_of(second) && parameter_of(first) == parameter_of(second) &&
           types::labels_of(first) == types::labels_of(second) &&
           is_same_resource(types::handled_resource(a_.types, a),
                            types::handled_resource(b_.types, b)) &&
           compare_all(types::parts_of(first), types::parts_of(second));
  }
  bool compare(const std::optional<TypeId>& a, const std::optional<TypeId>& b) {
    return a.has_value() == b.has_value() && (!a || compare(*a, *b));
  }
  bool compare(const std::vector<Field>& a, const std::vector<Field>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (a[i].label != b[i].label || !compare(a[i].type, b[i].type)) return false;
    return true;
  }

 private:
  bool compare_all(const std::vector<std::optional<TypeId>>& a,
                   const std::vector<std::optional<TypeId>>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!compare(a[i], b[i])) return false;
    return true;
  }
  bool is_same_resource(const std::optional<ResourceId>& a,
                        const std::optional<ResourceId>& b) const {
    if (!a || !b) return a.has_value() == b.has_value();
    return same_ != nullptr ? (*same_)(*a, *b) : &a_ == &b_ && *a == *b;
  }
  static std::optional<std::uint32_t> length_of(const types::Type& type) {
    const auto* list = std::get_if<List>(&type.kind);
    return list != nullptr ? list->length : std::nullopt;
  }
  static std::string_view parameter_of(const types::Type& type) {
    const auto* dynamic = std::get_if<Dynamic>(&type.kind);
    return dynamic != nullptr ? std::string_view(dynamic->parameter) : std::string_view();
  }

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

const types::Type& type_of(const Type& view) {
  return value::graph_of(view)->types.types[value::id_of(view)];
}
const auto& node_of(const Type& type) { return type_of(type).kind; }
Type part_of(const Type& type, TypeId id) { return value::make_type(value::graph_of(type), id); }
std::optional<Type> part_of(const Type& type, const std::optional<TypeId>& id) {
  return id ? std::optional(part_of(type, *id)) : std::nullopt;
}

}  // namespace

TypeKind Type::kind() const { return types::kind_of(type_of(*this)); }

std::string Type::name() const {
  const auto name = graph_->names.types.find(TypeId{id_});
  return name == graph_->names.types.end() ? std::string() : name->second;
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
  return types::labels_of(type_of(*this)).value_or(std::vector<std::string>());
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
  const std::optional<ResourceId> id = types::handled_resource(graph_->types, TypeId{id_});
  if (!id) return {};
  const auto name = graph_->names.resources.find(*id);
  return name == graph_->names.resources.end() ? graph_->types.resources[*id].name : name->second;
}

namespace {

// Null if the type is not a handle, or the origin of its resource is not known.
const value::ResourceOrigin* find_origin(const Type& type) {
  const value::TypeGraph& graph = *value::graph_of(type);
  const std::optional<ResourceId> id = types::handled_resource(graph.types, value::id_of(type));
  if (!id) return nullptr;
  const auto origin = graph.origins.find(*id);
  return origin == graph.origins.end() ? nullptr : &origin->second;
}

}  // namespace

std::string Type::resource_path() const {
  const value::ResourceOrigin* const origin = find_origin(*this);
  return origin != nullptr ? origin->path : resource();
}

std::string Type::owner() const {
  const value::ResourceOrigin* const origin = find_origin(*this);
  return origin != nullptr ? origin->unit : std::string();
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
