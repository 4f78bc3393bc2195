// How a component becomes types.
//
// A component binary is a list of definitions, and each adds items to the index spaces of its
// scope: a type definition adds a type, an import or alias adds an item of its sort, `instantiate`
// adds an instance. Evaluation walks over the list once and keeps, for every index, the id of the
// type that it refers to (`Scope`). A nested component or an instance type opens another scope on a
// stack. At the end, the imports and exports of the outermost scope are the result.
//
// The hard part is identity: which of all the types in the imports and exports are the same one.
//   - Every resource definition and every `sub resource` bound makes a new ResourceId. Aliases,
//     `eq` bounds, exports and re-exports only pass ids on, so equal ids mean the same resource.
//   - A nested component is evaluated once, where it is defined, to a `Shape`: its imports and
//     exports in terms of ids of its own. Each instantiation makes a copy of the exports in which
//     the ids of the imports are replaced by those of the arguments (`bind`), and the ids of
//     resources that the component defines by new ones, because every instance has its own
//     resources (`Substitution`). A declared instance type is a shape too, and each import or
//     export of that type is a copy.
//   - The parts of a type that do not contain a replaced id keep their ids. That is how `use`
//     survives the shim components of wit-component, and it keeps copies small.
//   - Value types with several definitions become one if a component gets them for one type of its
//     imports (`unify`).
//
// Copies of copies grow exponentially with the depth of nesting, so all additions go through
// `BoundedTypes`, and the evaluation stops with type-too-large when it reports an exceeded limit.
//
// This file has the walk; the definitions are in evaluate_types.cc, evaluate_items.cc and
// evaluate_instances.cc.
#include "types/evaluate.h"

#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "support/limits.h"
#include "support/try.h"
#include "types/evaluation.h"
#include "types/passed_imports.h"
#include "types/uses.h"

namespace tenon::types {

using binary::Sort;

void name_resources(Types& arena, std::string_view name, const Item& item) {
  if (const auto* bound = std::get_if<TypeBound>(&item)) {
    const auto* resource = std::get_if<ResourceId>(&bound->type);
    if (resource != nullptr && arena.resources[*resource].name.empty())
      arena.resources[*resource].name = name;
  } else if (const auto* instance = std::get_if<InstanceId>(&item)) {
    for (const NamedItem& part : arena.instances[*instance].exports)
      name_resources(arena, part.name, part.item);
  }
}

void finish_type(Types& arena, ComponentType& type) {
  for (const RootItem& item : type.imports) name_resources(arena, item.name, item.item);
  for (const RootItem& item : type.exports) name_resources(arena, item.name, item.item);
  if (type.defined.empty()) return;
  std::unordered_set<ResourceId> mentioned;
  for (const RootItem& item : type.exports)
    for (const ResourceId resource : mentioned_resources(arena, item.item))
      mentioned.insert(resource);
  std::erase_if(type.defined, [&](ResourceId id) { return !mentioned.contains(id); });
}

// The budget grows with the size of the file, so a component of thousands of units is fine, and
// types that multiply beyond that are not.
Evaluation::Evaluation(Types& arena, std::uint64_t bytes)
    : types_(arena, patterns_, limits::kTypeNodes + bytes / 2) {}

Result<void> Evaluation::check_size() const {
  if (const auto rule = types_.too_large())
    return problem(Code::TypeTooLarge, "the types of the component are too large: {}", *rule);
  return {};
}

Result<Shape> Evaluation::evaluate(const binary::Component& component) {
  if (scopes_.size() > limits::kNestingDepth)
    return problem(Code::TypeTooLarge, "components are nested more than {} levels deep",
                   limits::kNestingDepth);
  scopes_.push_back(std::make_unique<Scope>());
  for (const binary::Definition& definition : component.definitions) {
    TENON_TRY_VOID(std::visit([&](const auto& def) { return define(def); }, definition));
    TENON_TRY_VOID(check_size());
  }
  Shape shape = std::move(scope().shape);
  unify(shape.type, scope().same);
  TENON_TRY_VOID(check_size());
  scopes_.pop_back();
  return shape;
}

Result<void> Evaluation::define(const std::unique_ptr<binary::Component>& component) {
  at_ = component->span.begin;
  TENON_TRY(Shape shape, evaluate(*component));
  scope().components.push_back(types_.add(std::move(shape)));
  return {};
}

Result<void> Evaluation::define(const binary::CoreModuleDef&) {
  ++scope().counts[static_cast<std::size_t>(Sort::CoreModule)];
  return {};
}

Result<void> Evaluation::define(const binary::CoreInstanceDef& def) {
  at_ = def.span.begin;
  if (def.module) TENON_TRY_VOID(check_index(Sort::CoreModule, *def.module));
  for (const binary::InstantiateArg& arg : def.args)
    TENON_TRY_VOID(check_index(arg.item.sort, arg.item.index));
  for (const binary::InlineExport& item : def.exports)
    TENON_TRY_VOID(check_index(item.item.sort, item.item.index));
  ++scope().counts[static_cast<std::size_t>(Sort::CoreInstance)];
  return {};
}

Result<void> Evaluation::define(const binary::CoreTypeDef& def) {
  scope().counts[static_cast<std::size_t>(Sort::CoreType)] += def.count;
  return {};
}

// canon: `lift` defines a component function, all others a core function.
Result<void> Evaluation::define(const binary::CanonDef& def) {
  at_ = def.span.begin;
  if (!def.is_lift()) {
    ++scope().counts[static_cast<std::size_t>(Sort::CoreFunc)];
    return {};
  }
  TENON_TRY_VOID(check_index(Sort::CoreFunc, def.index));
  TENON_TRY(const FunctionId function, function_type_at(def.type_index));
  scope().functions.push_back(function);
  return {};
}

Result<void> Evaluation::define(const binary::StartDef& def) {
  TENON_TRY_VOID(check_index(Sort::Func, def.func));
  for (const std::uint32_t arg : def.args) TENON_TRY_VOID(check_index(Sort::Value, arg));
  scope().counts[static_cast<std::size_t>(Sort::Value)] += def.results;
  return {};
}

Result<void> Evaluation::define(const binary::ValueDef& def) {
  at_ = def.span.begin;
  ++scope().counts[static_cast<std::size_t>(Sort::Value)];
  return {};
}

Result<void> Evaluation::define(const binary::CustomSection&) { return {}; }

Result<ComponentType> evaluate_component(const binary::Component& component, Types& arena) {
  Evaluation evaluation(arena, component.span.size());
  TENON_TRY(Shape shape, evaluation.evaluate(component));
  finish_type(arena, shape.type);
  std::vector<std::vector<std::uint32_t>> passed = find_passed_imports(component);
  for (std::size_t i = 0; i < shape.type.exports.size(); ++i)
    if (!passed[i].empty() && !is_types_only(arena, shape.type.exports[i].item))
      shape.type.exports[i].passed_imports = std::move(passed[i]);
  return std::move(shape.type);
}

}  // namespace tenon::types
