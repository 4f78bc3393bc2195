// The evaluation of one component: its stack of scopes, and one function for each kind of
// definition.
//
// evaluate.cc explains how it works and has the walk. evaluate_types.cc has type definitions,
// evaluate_items.cc imports, exports, aliases and everything that refers to an index,
// evaluate_instances.cc instantiation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "binary/component.h"
#include "support/diagnostics.h"
#include "tenon/result.h"
#include "types/bounded_types.h"
#include "types/scope.h"
#include "types/substitute.h"
#include "types/type.h"

namespace tenon::types {

class Evaluation final {
 public:
  // bytes: the size of the binary; the budget for types depends on it.
  Evaluation(Types& arena, std::uint64_t bytes);
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // Evaluates a component inside of the current scopes.
  [[nodiscard]] Result<Shape> evaluate(const binary::Component& component);

  [[nodiscard]] const Patterns& patterns() const { return patterns_; }

 private:
  // Each adds one definition to the current scope.
  Result<void> define(const binary::CoreModuleDef& def);
  Result<void> define(const binary::CoreInstanceDef& def);
  Result<void> define(const binary::CoreTypeDef& def);
  Result<void> define(const std::unique_ptr<binary::Component>& component);
  Result<void> define(const binary::InstanceDef& def);
  Result<void> define(const binary::AliasDef& def);
  Result<void> define(const binary::TypeDef& def);
  Result<void> define(const std::unique_ptr<binary::TypeDef>& def);
  Result<void> define(const binary::CanonDef& def);
  Result<void> define(const binary::StartDef& def);
  Result<void> define(const binary::ImportDef& def);
  Result<void> define(const binary::ExportDef& def);
  Result<void> define(const binary::ValueDef& def);
  Result<void> define(const binary::CustomSection& section);
  // Declarations of instance and component types.
  Result<void> define(const binary::ImportDecl& def);
  Result<void> define(const binary::ExportDecl& def);
  Result<void> define_import(const binary::Name& name, const binary::ExternDesc& desc,
                             const binary::ByteSpan& span);

  // evaluate_types.cc
  Result<TypeEntry> make_type(const binary::TypeDef& def);
  Result<TypeEntry> make_resource(const binary::ResourceDef& def);
  Result<FunctionId> make_function(const binary::FuncDef& def);
  Result<ShapeIndex> make_shape(Scope::Kind kind,
                                const std::vector<binary::TypeDecl>& declarations);
  Result<Type> make_value_type(const binary::RecordDef& def);
  Result<Type> make_value_type(const binary::VariantDef& def);
  Result<Type> make_value_type(const binary::ListDef& def);
  Result<Type> make_value_type(const binary::MapDef& def);
  Result<Type> make_value_type(const binary::TupleDef& def);
  Result<Type> make_value_type(const binary::FlagsDef& def);
  Result<Type> make_value_type(const binary::EnumDef& def);
  Result<Type> make_value_type(const binary::OptionDef& def);
  Result<Type> make_value_type(const binary::ResultDef& def);
  Result<Type> make_value_type(const binary::OwnDef& def);
  Result<Type> make_value_type(const binary::BorrowDef& def);
  Result<Type> make_value_type(const binary::StreamDef& def);
  Result<Type> make_value_type(const binary::FutureDef& def);
  Result<TypeId> value_type(const binary::ValType& type);
  Result<std::optional<TypeId>> value_type(const std::optional<binary::ValType>& type);
  Result<std::vector<Field>> fields(const std::vector<binary::LabelledType>& labelled);

  // evaluate_items.cc
  Result<void> check_index(binary::Sort sort, std::uint64_t index) const;
  Result<TypeEntry> type_at(std::uint32_t index) const;
  Result<TypeId> value_type_at(std::uint32_t index) const;
  Result<ResourceId> resource_at(std::uint32_t index) const;
  Result<FunctionId> function_type_at(std::uint32_t index) const;
  Result<ShapeIndex> shape_at(std::uint32_t index, Shape::Kind kind) const;
  Result<Item> item_at(binary::SortIndex item);
  Item item_of(const TypeEntry& entry);
  Item item_of_component(ShapeIndex component);
  // The item that an externtype describes. New resources are added to `fresh`.
  Result<Item> bounded_item(const binary::ExternDesc& desc, std::vector<ResourceId>& fresh);
  // Gives an item the next index of its sort.
  void push(const Item& item);
  Result<void> alias_export(const binary::AliasDef& def);
  Result<void> alias_outer(const binary::AliasDef& def);
  // The key of `make_uniqueness_key`. Its problem is at the current definition.
  [[nodiscard]] Result<std::string> key_of(const binary::Name& name) const;
  Result<void> add_root_item(std::vector<RootItem>& list, std::unordered_set<std::string>& names,
                             const binary::Name& name, const Item& item, binary::ByteSpan span);

  // evaluate_instances.cc
  Result<InstanceId> instantiate(const binary::InstanceDef& def);
  Result<InstanceId> make_inline_instance(const binary::InstanceDef& def);
  InstanceId attach(ShapeIndex shape, std::vector<ResourceId>& fresh);
  Result<void> bind(Substitution& substitution, std::string_view name, const Item& import,
                    const Item& argument);
  // Replaces types that are one by one of them.
  void unify(ComponentType& type, const SameTypes& same);
  ResourceId make_fresh(ResourceId pattern);
  Instance copy_exports(Substitution& substitution, ShapeIndex shape);

  [[nodiscard]] Scope& scope() { return *scopes_.back(); }
  [[nodiscard]] const Scope& scope() const { return *scopes_.back(); }
  Result<void> check_size() const;

  // A diagnostic at the offset of the current definition.
  template <class... Args>
  Diagnostic problem(Code code, fmt::format_string<Args...> format, Args&&... args) const {
    Diagnostic diagnostic = make_diagnostic(code, format, std::forward<Args>(args)...);
    diagnostic.where.offset = at_;
    return diagnostic;
  }

  Patterns patterns_;
  BoundedTypes types_;
  std::vector<std::unique_ptr<Scope>> scopes_;  // outermost first
  std::uint64_t at_ = 0;                        // offset of the current definition
};

// Names the resources in an item that have no name yet.
void name_resources(Types& arena, std::string_view name, const Item& item);

// Names the resources of a component type, and drops defined resources that no export mentions.
void finish_type(Types& arena, ComponentType& type);

// The name of a sort in messages, such as "function" or "core memory".
[[nodiscard]] std::string_view sort_text(binary::Sort sort);
[[nodiscard]] binary::Sort sort_of(const Item& item);

}  // namespace tenon::types
