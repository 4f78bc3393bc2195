// Index spaces: what each index of a component, component type or instance type stands for while it
// is evaluated.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "binary/component.h"
#include "types/type.h"

namespace tenon::types {

// The type of a component, or of an instance that is declared and not yet anyone's: a pattern. Each
// use of it (an import, an export, an instantiation) is a copy with resources of its own.
struct Shape {
  enum class Kind : std::uint8_t { Component, Instance };
  Kind kind = Kind::Component;
  // Of an instance: only exports. `type.defined` are the resources that a use makes anew.
  ComponentType type;
  // Of a component: the resources of its imports, which an instantiation replaces by its
  // arguments'.
  std::vector<ResourceId> imported;
};

// Position in the evaluation's list of shapes.
struct ShapeIndex {
  std::uint32_t value = 0;

  bool operator==(const ShapeIndex&) const = default;
};

// What stands in a type index space.
using TypeEntry = std::variant<TypeId, ResourceId, FunctionId, ShapeIndex>;

// One level of nesting.
struct Scope {
  enum class Kind : std::uint8_t { Component, ComponentType, InstanceType };
  Kind kind = Kind::Component;

  std::vector<TypeEntry> types;
  std::vector<FunctionId> functions;
  std::vector<InstanceId> instances;
  std::vector<ShapeIndex> components;
  // The sorts that are counted, not judged: those of core, and values. By binary::Sort.
  std::array<std::uint64_t, 13> counts{};

  // What is collected on the way.
  Shape shape;
  // Parts of the imports and exports so far (BoundedTypes::count_item).
  std::uint64_t size = 0;
  // make_uniqueness_key of each.
  std::unordered_set<std::string> export_names;
  std::unordered_set<std::string> import_names;

  [[nodiscard]] std::uint64_t count(binary::Sort sort) const {
    switch (sort) {
      case binary::Sort::Func:
        return functions.size();
      case binary::Sort::Type:
        return types.size();
      case binary::Sort::Component:
        return components.size();
      case binary::Sort::Instance:
        return instances.size();
      case binary::Sort::CoreFunc:
      case binary::Sort::CoreTable:
      case binary::Sort::CoreMemory:
      case binary::Sort::CoreGlobal:
      case binary::Sort::CoreTag:
      case binary::Sort::CoreType:
      case binary::Sort::CoreModule:
      case binary::Sort::CoreInstance:
      case binary::Sort::Value:
        return counts[static_cast<std::size_t>(sort)];
    }
    return 0;
  }
};

}  // namespace tenon::types
