#include "compose/type_classes.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace tenon::compose {

namespace {

// What is passed for an import, or names the same types; null: compose makes it from the import's
// own type.
const types::Item* find_argument(const resolve::LinkPlan& plan, const resolve::Argument& argument) {
  const auto export_item = [&](resolve::UnitExport from) {
    return &plan.units[from.unit].type.exports[from.index].item;
  };
  if (const auto* unit = std::get_if<resolve::FromUnit>(&argument)) return export_item(unit->from);
  if (const auto* types = std::get_if<resolve::FromTypes>(&argument); types && types->named_by)
    return export_item(*types->named_by);
  if (const auto* import = std::get_if<resolve::FromImport>(&argument))
    return &plan.imports[import->import].item;
  return nullptr;
}

}  // namespace

TypeClasses::TypeClasses(const resolve::LinkPlan& plan) : plan_(plan) {
  for (std::size_t unit = 0; unit < plan.arguments.size(); ++unit) {
    for (std::size_t import = 0; import < plan.arguments[unit].size(); ++import) {
      if (const types::Item* passed = find_argument(plan, plan.arguments[unit][import]))
        tie(plan.units[unit].type.imports[import].item, *passed);
    }
  }
  for (auto& [index, parent] : parent_) parent = find_root(parent);
}

types::TypeId TypeClasses::of(types::TypeId type) const {
  const auto tied = parent_.find(type.index);
  return tied == parent_.end() ? type : types::TypeId{tied->second};
}

types::ResourceId TypeClasses::of(types::ResourceId resource) const {
  const std::vector<types::ResourceId>& classes = *plan_.resource_class;
  return resource.index < classes.size() ? classes[resource.index] : resource;
}

bool TypeClasses::can_be_named(types::TypeId type) const {
  const auto* primitive = std::get_if<types::Primitive>(&plan_.types->types[type].kind);
  return primitive == nullptr ||
         plan_.types->primitives[static_cast<std::size_t>(*primitive)] != type;
}

void TypeClasses::tie(const types::Item& consumer, const types::Item& provider) {
  // Instances within instances are few and bounded in depth, but a list costs no more than a call.
  std::vector<std::pair<const types::Item*, const types::Item*>> pairs{{&consumer, &provider}};
  while (!pairs.empty()) {
    const auto [wanted, found] = pairs.back();
    pairs.pop_back();
    if (wanted->index() != found->index()) continue;
    if (const auto* bound = std::get_if<types::TypeBound>(wanted)) {
      const auto* a = std::get_if<types::TypeId>(&bound->type);
      const auto* b = std::get_if<types::TypeId>(&std::get<types::TypeBound>(*found).type);
      if (a != nullptr && b != nullptr) tie(*a, *b);
    } else if (const auto* instance = std::get_if<types::InstanceId>(wanted)) {
      const types::Instance& other = plan_.types->instances[std::get<types::InstanceId>(*found)];
      for (const types::NamedItem& item : plan_.types->instances[*instance].exports) {
        if (std::holds_alternative<types::FunctionId>(item.item)) continue;
        if (const types::NamedItem* same = other.find_export(item.name))
          pairs.emplace_back(&item.item, &same->item);
      }
    }
  }
}

void TypeClasses::tie(types::TypeId a, types::TypeId b) {
  if (!can_be_named(a) || !can_be_named(b)) return;
  const std::uint32_t first = find_root(a.index);
  const std::uint32_t second = find_root(b.index);
  // The smaller index stays: the answer does not depend on the order of ties.
  if (first != second) parent_[std::max(first, second)] = std::min(first, second);
}

std::uint32_t TypeClasses::find_root(std::uint32_t index) {
  for (auto at = parent_.find(index); at != parent_.end(); at = parent_.find(index)) {
    if (const auto above = parent_.find(at->second); above != parent_.end())
      at->second = above->second;
    index = at->second;
  }
  return index;
}

}  // namespace tenon::compose
