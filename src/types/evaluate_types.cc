// Type definitions: value types, functions, resources, instance types and component types.

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "support/limits.h"
#include "support/try.h"
#include "types/evaluation.h"
#include "types/interface_name.h"

namespace tenon::types {

namespace {

std::vector<std::string> copy_labels(const std::vector<std::string_view>& labels) {
  return {labels.begin(), labels.end()};
}

std::string_view label_of(std::string_view label) { return label; }
std::string_view label_of(const binary::LabelledType& field) { return field.label; }
std::string_view label_of(const binary::CaseType& alternative) { return alternative.label; }

// The rule of Binary.md that fields, cases, flags or parameters break; empty if they break none.
template <class Member>
std::string find_bad_member(const std::vector<Member>& members, std::string_view what) {
  std::unordered_set<std::string> known;
  for (const Member& member : members) {
    const std::string_view label = label_of(member);
    if (!is_label(label)) return fmt::format("`{}` is not the name of a {}", label, what);
    if (!known.insert(label_key(label)).second)
      return fmt::format("duplicate {} `{}`", what, label);
  }
  return {};
}

// The same for a type that must have members. type: "a record", "flags".
template <class Member>
std::string find_bad_type(const std::vector<Member>& members, std::string_view type,
                          std::string_view what) {
  if (members.empty())
    return fmt::format("{} {} at least one {}", type, what == "flag" ? "need" : "needs", what);
  return find_bad_member(members, what);
}

}  // namespace

// valtype ::= typeidx | primvaltype
Result<TypeId> Evaluation::value_type(const binary::ValType& type) {
  if (const auto* primitive = std::get_if<Primitive>(&type))
    return types_.arena().primitive(*primitive);
  return value_type_at(std::get<std::uint32_t>(type));
}

Result<std::optional<TypeId>> Evaluation::value_type(const std::optional<binary::ValType>& type) {
  if (!type) return std::optional<TypeId>();
  TENON_TRY(const TypeId id, value_type(*type));
  return std::optional<TypeId>(id);
}

Result<std::vector<Field>> Evaluation::fields(const std::vector<binary::LabelledType>& labelled) {
  std::vector<Field> converted;
  converted.reserve(labelled.size());
  for (const binary::LabelledType& field : labelled) {
    TENON_TRY(const TypeId id, value_type(field.type));
    converted.push_back({std::string(field.label), id});
  }
  return converted;
}

Result<Type> Evaluation::make_value_type(const binary::RecordDef& def) {
  if (const std::string why = find_bad_type(def.fields, "a record", "field"); !why.empty())
    return problem(Code::TypeName, "{}", why);
  TENON_TRY(std::vector<Field> converted, fields(def.fields));
  return Type{Record{std::move(converted)}};
}

Result<Type> Evaluation::make_value_type(const binary::VariantDef& def) {
  if (const std::string why = find_bad_type(def.cases, "a variant", "case"); !why.empty())
    return problem(Code::TypeName, "{}", why);
  Variant variant;
  variant.cases.reserve(def.cases.size());
  for (const binary::CaseType& alternative : def.cases) {
    TENON_TRY(const std::optional<TypeId> id, value_type(alternative.type));
    variant.cases.push_back({std::string(alternative.label), id});
  }
  return Type{std::move(variant)};
}

Result<Type> Evaluation::make_value_type(const binary::ListDef& def) {
  if (def.length == 0U) return problem(Code::TypeName, "a list of fixed length needs an element");
  TENON_TRY(const TypeId element, value_type(def.element));
  return Type{List{element, def.length}};
}

Result<Type> Evaluation::make_value_type(const binary::MapDef& def) {
  TENON_TRY(const TypeId key, value_type(def.key));
  TENON_TRY(const TypeId value, value_type(def.value));
  return Type{Map{key, value}};
}

Result<Type> Evaluation::make_value_type(const binary::TupleDef& def) {
  if (def.types.empty()) return problem(Code::TypeName, "a tuple needs at least one type");
  Tuple tuple;
  tuple.types.reserve(def.types.size());
  for (const binary::ValType& part : def.types) {
    TENON_TRY(const TypeId id, value_type(part));
    tuple.types.push_back(id);
  }
  return Type{std::move(tuple)};
}

Result<Type> Evaluation::make_value_type(const binary::FlagsDef& def) {
  if (const std::string why = find_bad_type(def.labels, "flags", "flag"); !why.empty())
    return problem(Code::TypeName, "{}", why);
  if (def.labels.size() > limits::kFlags)
    return problem(Code::TypeTooLarge, "a type has {} flags, more than {}", def.labels.size(),
                   limits::kFlags);
  return Type{Flags{copy_labels(def.labels)}};
}

Result<Type> Evaluation::make_value_type(const binary::EnumDef& def) {
  if (const std::string why = find_bad_type(def.labels, "an enum", "case"); !why.empty())
    return problem(Code::TypeName, "{}", why);
  return Type{Enum{copy_labels(def.labels)}};
}

Result<Type> Evaluation::make_value_type(const binary::OptionDef& def) {
  TENON_TRY(const TypeId id, value_type(def.type));
  return Type{Option{id}};
}

Result<Type> Evaluation::make_value_type(const binary::ResultDef& def) {
  TENON_TRY(const std::optional<TypeId> ok, value_type(def.ok));
  TENON_TRY(const std::optional<TypeId> error, value_type(def.error));
  return Type{ResultType{ok, error}};
}

Result<Type> Evaluation::make_value_type(const binary::OwnDef& def) {
  TENON_TRY(const ResourceId resource, resource_at(def.type_index));
  return Type{Own{resource}};
}

Result<Type> Evaluation::make_value_type(const binary::BorrowDef& def) {
  TENON_TRY(const ResourceId resource, resource_at(def.type_index));
  return Type{Borrow{resource}};
}

Result<Type> Evaluation::make_value_type(const binary::StreamDef& def) {
  TENON_TRY(const std::optional<TypeId> id, value_type(def.type));
  return Type{Stream{id}};
}

Result<Type> Evaluation::make_value_type(const binary::FutureDef& def) {
  TENON_TRY(const std::optional<TypeId> id, value_type(def.type));
  return Type{Future{id}};
}

// functype
Result<FunctionId> Evaluation::make_function(const binary::FuncDef& def) {
  if (const std::string why = find_bad_member(def.params, "parameter"); !why.empty())
    return problem(Code::TypeName, "{}", why);
  Function function;
  function.is_async = def.is_async;
  TENON_TRY(function.params, fields(def.params));
  TENON_TRY(function.result, value_type(def.result));
  return types_.add(std::move(function));
}

// resourcetype: a new resource each time.
Result<TypeEntry> Evaluation::make_resource(const binary::ResourceDef& def) {
  if (scope().kind != Scope::Kind::Component)
    return problem(Code::TypeMismatch,
                   "a resource can be defined only in a component, not in a type");
  if (def.destructor) TENON_TRY_VOID(check_index(binary::Sort::CoreFunc, *def.destructor));
  const ResourceId resource = types_.arena().resources.add({});
  scope().shape.type.defined.push_back(resource);
  return TypeEntry{resource};
}

// instancetype, componenttype
Result<ShapeIndex> Evaluation::make_shape(Scope::Kind kind,
                                          const std::vector<binary::TypeDecl>& declarations) {
  if (scopes_.size() > limits::kNestingDepth)
    return problem(Code::TypeTooLarge, "types are nested more than {} levels deep",
                   limits::kNestingDepth);
  scopes_.push_back(std::make_unique<Scope>());
  scope().kind = kind;
  scope().shape.kind =
      kind == Scope::Kind::InstanceType ? Shape::Kind::Instance : Shape::Kind::Component;
  for (const binary::TypeDecl& declaration : declarations) {
    TENON_TRY_VOID(std::visit([&](const auto& def) { return define(def); }, declaration));
    TENON_TRY_VOID(check_size());
  }
  Shape shape = std::move(scope().shape);
  scopes_.pop_back();
  return types_.add(std::move(shape));
}

Result<TypeEntry> Evaluation::make_type(const binary::TypeDef& def) {
  return std::visit(
      [&](const auto& kind) -> Result<TypeEntry> {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, binary::ResourceDef>) {
          return make_resource(kind);
        } else if constexpr (std::is_same_v<Kind, binary::FuncDef>) {
          TENON_TRY(const FunctionId id, make_function(kind));
          return TypeEntry{id};
        } else if constexpr (std::is_same_v<Kind, binary::InstanceTypeDef>) {
          TENON_TRY(const ShapeIndex id, make_shape(Scope::Kind::InstanceType, kind.declarations));
          return TypeEntry{id};
        } else if constexpr (std::is_same_v<Kind, binary::ComponentTypeDef>) {
          TENON_TRY(const ShapeIndex id, make_shape(Scope::Kind::ComponentType, kind.declarations));
          return TypeEntry{id};
        } else if constexpr (std::is_same_v<Kind, Primitive>) {
          return TypeEntry{types_.add(Type{kind})};
        } else {
          TENON_TRY(Type type, make_value_type(kind));
          return TypeEntry{types_.add(std::move(type))};
        }
      },
      def.type);
}

Result<void> Evaluation::define(const binary::TypeDef& def) {
  at_ = def.span.begin;
  TENON_TRY(const TypeEntry type, make_type(def));
  scope().types.push_back(type);
  return {};
}

Result<void> Evaluation::define(const std::unique_ptr<binary::TypeDef>& def) {
  return define(*def);
}

}  // namespace tenon::types
