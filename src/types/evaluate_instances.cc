// Instances: instantiation, inline exports, and instances of declared types.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "support/terminal_text.h"
#include "support/try.h"
#include "types/evaluation.h"

namespace tenon::types {

ResourceId Evaluation::make_fresh(ResourceId pattern) {
  types_.charge(1);
  Resource copy = types_.arena().resources[pattern];
  return types_.arena().resources.add(std::move(copy));
}

Instance Evaluation::copy_exports(Substitution& substitution, ShapeIndex shape) {
  Instance copy;
  const std::size_t count = patterns_.shapes[shape.value].type.exports.size();
  copy.exports.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    // By value: `apply` may add shapes, which moves the vector.
    const Item item = patterns_.shapes[shape.value].type.exports[i].item;
    const Item replaced = substitution.is_empty() ? item : substitution.apply(item);
    copy.add_export(patterns_.shapes[shape.value].type.exports[i].name, replaced);
  }
  return copy;
}

// An instance of a declared type, with new resources. Adds these to `fresh`.
InstanceId Evaluation::attach(ShapeIndex shape, std::vector<ResourceId>& fresh) {
  Substitution substitution(types_, patterns_);
  for (const ResourceId defined : patterns_.shapes[shape.value].type.defined) {
    fresh.push_back(make_fresh(defined));
    substitution.replace(defined, fresh.back());
  }
  return types_.add(copy_exports(substitution, shape));
}

// Replaces the types and resources of an import by those in the same place of the argument for it.
Result<void> Evaluation::bind(Substitution& substitution, std::string_view name, const Item& import,
                              const Item& argument) {
  types_.charge(1);
  if (sort_of(import) != sort_of(argument))
    return problem(Code::TypeMismatch, "argument `{}` has the wrong sort: expected {}, found {}",
                   sanitize_text(name), sort_text(sort_of(import)), sort_text(sort_of(argument)));
  if (const auto* bound = std::get_if<TypeBound>(&import)) {
    const auto* replacement = std::get_if<TypeBound>(&argument);
    if (replacement == nullptr || bound->type.index() != replacement->type.index())
      return problem(Code::TypeMismatch,
                     "argument `{}` and its import must both be resources or both be value types",
                     sanitize_text(name));
    if (const auto* resource = std::get_if<ResourceId>(&bound->type)) {
      substitution.replace(*resource, std::get<ResourceId>(replacement->type));
      return {};
    }
    const TypeId passed = std::get<TypeId>(replacement->type);
    const TypeId first = substitution.replace(std::get<TypeId>(bound->type), passed);
    if (first != passed) scope().same.tie(types_.arena(), passed, first);
    return {};
  }
  const auto* instance = std::get_if<InstanceId>(&import);
  if (instance == nullptr) return {};
  const Types& arena = types_.arena();
  const Instance& provided = arena.instances[std::get<InstanceId>(argument)];
  for (const NamedItem& item : arena.instances[*instance].exports) {
    const NamedItem* counterpart = provided.find_export(item.name);
    if (counterpart == nullptr)
      return problem(Code::TypeMismatch, "argument `{}` does not export `{}`", sanitize_text(name),
                     sanitize_text(item.name));
    TENON_TRY_VOID(bind(substitution, item.name, item.item, counterpart->item));
  }
  return {};
}

// A component can use one type of its imports in several places, and get a type with a definition of
// its own for each: two exports of another unit that do not use each other's types, but repeat them.
// Afterwards one of them is mentioned in its imports and exports, because others may have no name there.
void Evaluation::unify(ComponentType& type, const SameTypes& same) {
  Substitution substitution(types_, patterns_);
  for (const auto& [other, representative] : same.replacements())
    substitution.replace(other, substitution.apply(representative));
  if (substitution.is_empty()) return;
  for (std::vector<RootItem>* list : {&type.imports, &type.exports})
    for (RootItem& item : *list) item.item = substitution.apply(item.item);
}

// Instantiates a component: copies its exports, with the types of its imports replaced by those of
// the arguments, and with new resources instead of those that it defines.
Result<InstanceId> Evaluation::instantiate(const binary::InstanceDef& def) {
  TENON_TRY_VOID(check_index(binary::Sort::Component, *def.component));
  const ShapeIndex shape = scope().components[*def.component];
  std::unordered_map<std::string_view, Item> arguments;
  for (const binary::InstantiateArg& arg : def.args) {
    TENON_TRY(const Item item, item_at(arg.item));
    if (!arguments.emplace(arg.name, item).second)
      return problem(Code::TypeName, "duplicate argument `{}`", sanitize_text(arg.name));
  }
  Substitution substitution(types_, patterns_);
  for (const RootItem& import : patterns_.shapes[shape.value].type.imports) {
    const auto argument = arguments.find(import.name);
    if (argument == arguments.end())
      return problem(Code::TypeMismatch, "component {} imports `{}`, but no argument provides it",
                     *def.component, sanitize_text(import.name));
    TENON_TRY_VOID(bind(substitution, import.name, import.item, argument->second));
  }
  for (const ResourceId defined : patterns_.shapes[shape.value].type.defined) {
    const ResourceId fresh = make_fresh(defined);
    scope().shape.type.defined.push_back(fresh);
    substitution.replace(defined, fresh);
  }
  return types_.add(copy_exports(substitution, shape));
}

// An instance made of inline exports, which are existing items.
Result<InstanceId> Evaluation::make_inline_instance(const binary::InstanceDef& def) {
  Instance instance;
  instance.exports.reserve(def.exports.size());
  std::unordered_set<std::string> names;
  for (const binary::InlineExport& item : def.exports) {
    TENON_TRY(const Item exported, item_at(item.item));
    TENON_TRY(std::string key, key_of(item.name));
    if (!names.insert(std::move(key)).second)
      return problem(Code::TypeName, "duplicate export `{}` in an instance",
                     sanitize_text(item.name.text));
    instance.add_export(std::string(item.name.text), exported);
  }
  return types_.add(std::move(instance));
}

Result<void> Evaluation::define(const binary::InstanceDef& def) {
  at_ = def.span.begin;
  TENON_TRY(const InstanceId instance,
            def.component ? instantiate(def) : make_inline_instance(def));
  scope().instances.push_back(instance);
  return {};
}

}  // namespace tenon::types
