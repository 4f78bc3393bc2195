// Binary WIT packages. Such a package is a component whose exports are component types. Each of
// these wraps one interface (its only export is an instance) or one world (its only export is a
// component).

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "support/terminal_text.h"
#include "support/try.h"
#include "types/evaluate.h"
#include "types/evaluation.h"
#include "types/substitute.h"
#include "types/uses.h"

namespace tenon::types {

namespace {

Diagnostic not_a_package(const RootItem& item, std::string_view reason) {
  Diagnostic problem =
      make_diagnostic(Code::TypeMismatch, "export `{}` is not a WIT interface or world: {}",
                      sanitize_text(item.name), reason);
  problem.where.offset = item.span.begin;
  return problem;
}

// The package of an interface: "acme:tax@1.2.0" for "acme:tax/lib@1.2.0".
std::string package_of(std::string_view interface) {
  const std::size_t slash = interface.find('/');
  const std::size_t at = interface.find('@', slash);
  std::string package(interface.substr(0, slash));
  if (at != std::string_view::npos) package += interface.substr(at);
  return package;
}

// The shape of an item that is a component type; null for other items.
const Shape* find_pattern(const Patterns& patterns, const Item& item) {
  const auto* other = std::get_if<Unsupported>(&item);
  if (other == nullptr || other->detail >= patterns.details.size()) return nullptr;
  const auto* shape = std::get_if<ShapeIndex>(&patterns.details[other->detail]);
  if (shape == nullptr) return nullptr;
  const Shape& pattern = patterns.shapes[shape->value];
  return pattern.kind == Shape::Kind::Component ? &pattern : nullptr;
}

// Adds the interface or world that an export wraps.
Result<void> add_export(const Patterns& patterns, const RootItem& item, WitPackageTypes& package) {
  const Shape* wrapper = find_pattern(patterns, item.item);
  if (wrapper == nullptr) return not_a_package(item, "it is not a component type");
  if (wrapper->type.exports.size() != 1)
    return not_a_package(item, "its type must have exactly one export");
  const RootItem& content = wrapper->type.exports.front();
  if (package.name.empty()) package.name = package_of(content.name);
  if (const auto* instance = std::get_if<InstanceId>(&content.item)) {
    package.interfaces.push_back({content.name, *instance, wrapper->type.imports});
    return {};
  }
  const Shape* world = find_pattern(patterns, content.item);
  if (world == nullptr) return not_a_package(item, "it contains neither an interface nor a world");
  package.worlds.push_back({content.name, world->type});
  return {};
}

// The part of a full name between `/` and `@`.
std::string_view own_name(std::string_view full) {
  const std::size_t slash = full.find('/');
  const std::string_view rest = slash == std::string_view::npos ? full : full.substr(slash + 1);
  return rest.substr(0, rest.find('@'));
}

}  // namespace

const NamedWorld* WitPackageTypes::find_world(std::string_view requested) const {
  for (const NamedWorld& world : worlds) {
    const std::string_view full = world.name;
    if (full == requested || full.substr(0, full.find('@')) == requested ||
        own_name(full) == requested)
      return &world;
  }
  return nullptr;
}

bool is_wit_package(const binary::Component& component) {
  bool has_exports = false;
  std::vector<bool> is_component;  // the type index space
  for (const binary::Definition& definition : component.definitions) {
    if (const auto* type = std::get_if<binary::TypeDef>(&definition)) {
      is_component.push_back(std::holds_alternative<binary::ComponentTypeDef>(type->type));
      continue;
    }
    if (std::holds_alternative<binary::CustomSection>(definition)) continue;
    const auto* exported = std::get_if<binary::ExportDef>(&definition);
    if (exported == nullptr || exported->item.sort != binary::Sort::Type ||
        exported->item.index >= is_component.size() || !is_component[exported->item.index])
      return false;
    is_component.push_back(true);
    has_exports = true;
  }
  return has_exports;
}

Result<WitPackageTypes> evaluate_wit_package(const binary::Component& component, Types& arena) {
  Evaluation evaluation(arena, component.span.size());
  TENON_TRY(const Shape shape, evaluation.evaluate(component));
  WitPackageTypes package;
  Diagnostics problems;
  for (const RootItem& item : shape.type.exports) {
    Result<void> added = add_export(evaluation.patterns(), item, package);
    if (!added) problems.push_back(std::move(added.error().front()));
  }
  if (!problems.empty()) return problems;
  for (const NamedInterface& interface : package.interfaces)
    name_resources(arena, interface.name, interface.instance);
  for (NamedWorld& world : package.worlds) finish_type(arena, world.type);
  return package;
}

ComponentType export_interfaces(std::span<const NamedInterface> interfaces, Types& arena) {
  std::unordered_map<std::string, ResourceId> by_path;
  for (const NamedInterface& interface : interfaces)
    for (const Slot& slot : resource_slots(arena, interface.name, interface.instance))
      by_path.try_emplace(slot.path, slot.resource);
  // The resources that an interface uses, and those of the interfaces that it uses them from.
  ResourceReplacement::Resources sources;
  std::unordered_set<ResourceId> foreign;
  for (const NamedInterface& interface : interfaces)
    for (const RootItem& import : interface.imports)
      for (const Slot& slot : resource_slots(arena, import.name, import.item)) {
        const auto source = by_path.find(slot.path);
        if (source == by_path.end())
          foreign.insert(slot.resource);
        else if (source->second != slot.resource)
          sources.try_emplace(slot.resource, source->second);
      }
  // That interface may use it from a third one. Malformed packages can have cycles.
  for (auto& [used, source] : sources)
    for (std::size_t steps = 0; steps < sources.size() && sources.contains(source); ++steps)
      source = sources.at(source);
  ResourceReplacement replacement(arena, sources);
  ComponentType type;
  for (const NamedInterface& interface : interfaces) {
    RootItem exported;
    exported.name = interface.name;
    exported.item = replacement.apply(Item(interface.instance));
    for (const Slot& slot : resource_slots(arena, exported.name, exported.item))
      if (!foreign.contains(slot.resource)) type.defined.push_back(slot.resource);
    type.exports.push_back(std::move(exported));
  }
  std::ranges::sort(type.defined);
  const auto repeated = std::ranges::unique(type.defined);
  type.defined.erase(repeated.begin(), repeated.end());
  return type;
}

}  // namespace tenon::types
