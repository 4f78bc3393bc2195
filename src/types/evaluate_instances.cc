// Instances: instantiation, bags of exports, and declared types that become someone's.

#include <string>
#include <unordered_map>
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
  Instance made;
  const std::size_t count = patterns_.shapes[shape.value].type.exports.size();
  made.exports.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    // Substitution adds to the patterns, which moves them.
    const Item item = patterns_.shapes[shape.value].type.exports[i].item;
    const Item replaced = substitution.is_empty() ? item : substitution.apply(item);
    made.add_export(patterns_.shapes[shape.value].type.exports[i].name, replaced);
  }
  return made;
}

// A declared instance type becomes that of an instance: with resources of its own.
InstanceId Evaluation::attach(ShapeIndex shape, std::vector<ResourceId>& fresh) {
  Substitution substitution(types_, patterns_);
  for (const ResourceId defined : patterns_.shapes[shape.value].type.defined) {
    fresh.push_back(make_fresh(defined));
    substitution.replace(defined, fresh.back());
  }
  return types_.add(copy_exports(substitution, shape));
}

// Finds what an import's types and resources are in the argument that is given for it.
Result<void> Evaluation::bind(Substitution& arguments, std::string_view name, const Item& wanted,
                              const Item& given) {
  types_.charge(1);
  if (sort_of(wanted) != sort_of(given))
    return problem(Code::TypeMismatch, "the argument `{}` is a {}, and the import is a {}",
                   sanitize_text(name), sort_text(sort_of(given)), sort_text(sort_of(wanted)));
  if (const auto* bound = std::get_if<TypeBound>(&wanted)) {
    const auto* found = std::get_if<TypeBound>(&given);
    if (found == nullptr || bound->type.index() != found->type.index())
      return problem(Code::TypeMismatch,
                     "the argument `{}` and its import are not both resources or both value types",
                     sanitize_text(name));
    if (const auto* resource = std::get_if<ResourceId>(&bound->type))
      arguments.replace(*resource, std::get<ResourceId>(found->type));
    else
      arguments.replace(std::get<TypeId>(bound->type), std::get<TypeId>(found->type));
    return {};
  }
  const auto* instance = std::get_if<InstanceId>(&wanted);
  if (instance == nullptr) return {};
  const Types& arena = types_.arena();
  const Instance& found = arena.instances[std::get<InstanceId>(given)];
  for (const NamedItem& item : arena.instances[*instance].exports) {
    const NamedItem* counterpart = found.find_export(item.name);
    if (counterpart == nullptr)
      return problem(Code::TypeMismatch, "the argument `{}` lacks `{}`", sanitize_text(name),
                     sanitize_text(item.name));
    TENON_TRY_VOID(bind(arguments, item.name, item.item, counterpart->item));
  }
  return {};
}

// instantiate: the component's exports, with its imports replaced by the arguments, and with new
// resources for those that it defines.
Result<InstanceId> Evaluation::instantiate(const binary::InstanceDef& def) {
  TENON_TRY_VOID(check_index(binary::Sort::Component, *def.component));
  const ShapeIndex shape = scope().components[*def.component];
  std::unordered_map<std::string_view, Item> given;
  for (const binary::InstantiateArg& arg : def.args) {
    TENON_TRY(const Item item, item_at(arg.item));
    if (!given.emplace(arg.name, item).second)
      return problem(Code::TypeName, "the argument `{}` is given twice", sanitize_text(arg.name));
  }
  Substitution substitution(types_, patterns_);
  for (const RootItem& import : patterns_.shapes[shape.value].type.imports) {
    const auto found = given.find(import.name);
    if (found == given.end())
      return problem(Code::TypeMismatch, "component {} imports `{}`, and no argument gives it",
                     *def.component, sanitize_text(import.name));
    TENON_TRY_VOID(bind(substitution, import.name, import.item, found->second));
  }
  for (const ResourceId defined : patterns_.shapes[shape.value].type.defined) {
    const ResourceId fresh = make_fresh(defined);
    scope().shape.type.defined.push_back(fresh);
    substitution.replace(defined, fresh);
  }
  return types_.add(copy_exports(substitution, shape));
}

// A bag of exports: the items as they are.
Result<InstanceId> Evaluation::bundle(const binary::InstanceDef& def) {
  Instance made;
  made.exports.reserve(def.exports.size());
  for (const binary::InlineExport& item : def.exports) {
    TENON_TRY(const Item found, item_at(item.item));
    if (made.find_export(item.name.text) != nullptr)
      return problem(Code::TypeName, "`{}` stands twice among the exports of one instance",
                     sanitize_text(item.name.text));
    made.add_export(std::string(item.name.text), found);
  }
  return types_.add(std::move(made));
}

Result<void> Evaluation::define(const binary::InstanceDef& def) {
  at_ = def.span.begin;
  TENON_TRY(const InstanceId made, def.component ? instantiate(def) : bundle(def));
  scope().instances.push_back(made);
  return {};
}

}  // namespace tenon::types
