#include "resolve/type_classes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

namespace tenon::resolve {

namespace {

// The item that is passed for an import, or that names the same types. Null: compose makes it from
// the import's own type.
const types::Item* find_argument(const LinkPlan& plan, const Argument& argument) {
  const auto export_item = [&](UnitExport from) {
    return &plan.units[from.unit].type.exports[from.index].item;
  };
  if (const auto* unit = std::get_if<FromUnit>(&argument)) return export_item(unit->from);
  if (const auto* types = std::get_if<FromTypes>(&argument); types && types->named_by)
    return export_item(*types->named_by);
  if (const auto* import = std::get_if<FromImport>(&argument))
    return &plan.imports[import->import].item;
  return nullptr;
}

}  // namespace

TypeClasses::TypeClasses(const LinkPlan& plan) : plan_(plan) {
  for (std::size_t unit = 0; unit < plan.arguments.size(); ++unit) {
    for (std::size_t import = 0; import < plan.arguments[unit].size(); ++import) {
      if (const types::Item* passed = find_argument(plan, plan.arguments[unit][import]))
        tie(plan.units[unit].type.imports[import].item, *passed);
    }
  }
  const auto item = [&](UnitExport from) -> const types::Item& {
    return plan.units[from.unit].type.exports[from.index].item;
  };
  for (const CompositionExport& exported : plan.exports)
    for (const UnitExport same : exported.same_types) tie(item(same), item(exported.from));
  same_.flatten();
}

types::TypeId TypeClasses::of(types::TypeId type) const { return same_.representative(type); }

types::ResourceId TypeClasses::of(types::ResourceId resource) const {
  const std::vector<types::ResourceId>& classes = *plan_.resource_class;
  return resource.index < classes.size() ? classes[resource.index] : resource;
}

bool TypeClasses::can_be_named(types::TypeId type) const {
  const auto* primitive = std::get_if<types::Primitive>(&plan_.types->types[type].kind);
  return primitive == nullptr ||
         plan_.types->primitives[static_cast<std::size_t>(*primitive)] != type;
}

std::optional<UnitExport> TypeClasses::find_naming_export(types::TypeId type) const {
  for (UnitIndex unit = 0; unit < plan_.units.size(); ++unit) {
    const std::vector<types::RootItem>& exports = plan_.units[unit].type.exports;
    for (std::uint32_t index = 0; index < exports.size(); ++index)
      if (names_class(exports[index].item, of(type))) return UnitExport{unit, index};
  }
  return std::nullopt;
}

bool TypeClasses::names_class(const types::Item& item, types::TypeId type_class) const {
  if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
    const auto* const type = std::get_if<types::TypeId>(&bound->type);
    return type != nullptr && of(*type) == type_class;
  }
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  return instance != nullptr &&
         std::ranges::any_of(plan_.types->instances[*instance].exports,
                             [&](const auto& part) { return names_class(part.item, type_class); });
}

void TypeClasses::tie(const types::Item& consumer, const types::Item& provider) {
  std::vector<std::pair<const types::Item*, const types::Item*>> pairs{{&consumer, &provider}};
  while (!pairs.empty()) {
    const auto [imported, exported] = pairs.back();
    pairs.pop_back();
    if (imported->index() != exported->index()) continue;
    if (const auto* bound = std::get_if<types::TypeBound>(imported)) {
      const auto* a = std::get_if<types::TypeId>(&bound->type);
      const auto* b = std::get_if<types::TypeId>(&std::get<types::TypeBound>(*exported).type);
      if (a != nullptr && b != nullptr) same_.tie(*plan_.types, *a, *b);
    } else if (const auto* instance = std::get_if<types::InstanceId>(imported)) {
      const types::Instance& other = plan_.types->instances[std::get<types::InstanceId>(*exported)];
      for (const types::NamedItem& item : plan_.types->instances[*instance].exports) {
        if (std::holds_alternative<types::FunctionId>(item.item)) continue;
        if (const types::NamedItem* same = other.find_export(item.name))
          pairs.emplace_back(&item.item, &same->item);
      }
    }
  }
}

}  // namespace tenon::resolve
