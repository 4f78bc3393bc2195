#include "compose/level.h"

#include <utility>
#include <variant>

#include "compose/trap_stub.h"
#include "support/diagnostics.h"

namespace tenon::compose {

binary::Sort sort_of(const types::Item& item) {
  if (std::holds_alternative<types::FunctionId>(item)) return binary::Sort::Func;
  if (std::holds_alternative<types::InstanceId>(item)) return binary::Sort::Instance;
  return binary::Sort::Type;
}

Level::Level(const Context& shared, std::uint32_t depth)
    : context(shared), out(shared.labels), places(out), depth_(depth) {}

void Level::instantiate(resolve::UnitIndex unit) {
  const resolve::Unit& added = context.plan.units[unit];
  std::vector<binary::InstantiateArg> args;
  for (std::uint32_t import = 0; import < added.type.imports.size(); ++import)
    args.push_back({added.type.imports[import].name, argument(unit, import)});
  const std::uint32_t component = add_component(unit);
  const std::uint32_t instance = out.instantiate(component, args, context.debug_name(added.name));
  instances_.emplace(unit, places.at({binary::Sort::Instance, instance}));
  for (std::uint32_t index = 0; index < added.type.exports.size(); ++index) {
    const types::RootItem& item = added.type.exports[index];
    if (std::holds_alternative<types::FunctionId>(item.item)) continue;
    TypeTable named;
    name_types(find({unit, index}), item.name, item.item, named);
    // A value type can be written again by its structure; only a resource must be this very one.
    defined.resources.merge(named.resources);
  }
}

binary::Name root_name(std::string_view name, const Rare<std::string>& implements) {
  binary::Name root{.text = name};
  if (implements) root.implements = *implements;
  return root;
}

PlaceId Level::find(resolve::UnitExport from) {
  const auto [place, is_new] = exports.try_emplace(from);
  if (is_new) {
    const types::RootItem& item = context.plan.units[from.unit].type.exports[from.index];
    place->second = places.inside(instances_.at(from.unit), sort_of(item.item), item.name);
  }
  return place->second;
}

PlaceId Level::find_import(std::uint32_t import) {
  const auto known = imports.find(import);
  if (known != imports.end()) return known->second;
  const auto late = std::ranges::find(late_stubs, import, &LateStub::import);
  if (late == late_stubs.end())
    return imports.emplace(import, write_trap_stub(*this, import)).first->second;
  const std::vector<types::ResourceId> made = std::move(late->defined);
  late_stubs.erase(late);
  const PlaceId place = write_trap_stub(*this, import, made);
  // The type of an import cannot mention a value type of an instance inside.
  TypeTable named;
  const resolve::CompositionImport& stubbed_import = context.plan.imports[import];
  name_types(place, stubbed_import.name, stubbed_import.item, named);
  defined.resources.merge(named.resources);
  return imports.emplace(import, place).first->second;
}

binary::SortIndex Level::resource(types::ResourceId resource) {
  const types::ResourceId wanted = context.classes.of(resource);
  const auto late = std::ranges::find_if(late_stubs, [&](const LateStub& stub) {
    return std::ranges::find(stub.defined, wanted) != stub.defined.end();
  });
  if (late != late_stubs.end()) (void)find_import(late->import);
  const auto known = defined.resources.find(wanted);
  if (known != defined.resources.end()) return places.item(known->second.place);
  problems.push_back(make_diagnostic(Code::ComposeNotOneDomain,
                                     "the resource `{}` is needed before anything defines it",
                                     context.plan.types->resources[resource].name));
  return {binary::Sort::Type, 0};
}

TypeEncoder Level::encoder(std::vector<const TypeTable*> tables,
                           std::unordered_set<types::TypeId> own) {
  return TypeEncoder(*context.plan.types, context.classes, places, std::move(tables),
                     std::move(own));
}

void Level::name_types(PlaceId place, std::string_view name, const types::Item& item,
                       TypeTable& table) {
  compose::name_types(*context.plan.types, context.classes, places, place, name, item, table);
}

binary::SortIndex Level::value_type(types::TypeId type) {
  TypeEncoder written = encoder({&defined});
  const std::uint32_t index = written.type_index(type);
  for (const types::ResourceId unknown : written.unnamed()) (void)resource(unknown);
  return {binary::Sort::Type, index};
}

std::uint32_t Level::add_component(resolve::UnitIndex unit) {
  const auto [component, is_new] = components.try_emplace(context.keys[unit]);
  if (is_new) {
    const NestedForm& form = context.forms[context.keys[unit]];
    const std::string_view name = context.debug_name(context.plan.units[unit].name);
    component->second =
        form.reference == nullptr
            ? out.add_component(form.bytes, name)
            : out.add_component(place_form(*form.reference, depth_ + 1, form.root_modules), name);
    nested.push_back({unit, component->second});
  }
  return component->second;
}

binary::SortIndex Level::argument(resolve::UnitIndex unit, std::uint32_t import) {
  const resolve::Argument& passed = context.plan.arguments[unit][import];
  if (const auto* other = std::get_if<resolve::FromUnit>(&passed))
    return places.item(find(other->from));
  if (const auto* outer = std::get_if<resolve::FromImport>(&passed))
    return places.item(find_import(outer->import));
  return argument_of_types(context.plan.units[unit].type.imports[import].item);
}

binary::SortIndex Level::argument_of_types(const types::Item& item) {
  if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    std::vector<binary::InlineExport> exports_of_types;
    for (const types::NamedItem& inner : context.plan.types->instances[*instance].exports)
      exports_of_types.push_back({{.text = inner.name}, argument_of_types(inner.item)});
    return {binary::Sort::Instance, out.add_instance(exports_of_types)};
  }
  const auto& type = std::get<types::TypeBound>(item).type;
  if (const auto* resource = std::get_if<types::ResourceId>(&type))
    return this->resource(*resource);
  return value_type(std::get<types::TypeId>(type));
}

}  // namespace tenon::compose
