// Index spaces: the items behind the indices of a component, component type or instance type during
// its evaluation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "binary/component.h"
#include "types/same_types.h"
#include "types/type.h"

namespace tenon::types {

// The cost of walks over a type that visit shared parts each time.
struct Measure {
  std::uint64_t size = 1;
  std::uint32_t depth = 1;
  // The number of an instance and its exports at any depth, and the bytes of their paths in it.
  std::uint64_t items = 1;
  std::uint64_t path_bytes = 0;
};

// The type of a component, or a declared instance type. It is a pattern: each use (an import, an
// export, an instantiation) is a copy with new resources.
struct Shape {
  enum class Kind : std::uint8_t { Component, Instance };
  Kind kind = Kind::Component;
  // For an instance type only exports. `type.defined` are the resources that are new in each copy.
  ComponentType type;
  // For a component the resources of its imports, which an instantiation replaces by those of its
  // arguments.
  std::vector<ResourceId> imported;
  Measure measure;  // set by BoundedTypes::add
};

// A position in `Patterns::shapes`.
struct ShapeIndex {
  std::uint32_t value = 0;

  bool operator==(const ShapeIndex&) const = default;
};

// An entry of a type index space.
using TypeEntry = std::variant<TypeId, ResourceId, FunctionId, ShapeIndex>;

// The patterns of one evaluation, and the items that `Unsupported::detail` refers to.
struct Patterns {
  std::vector<Shape> shapes;
  std::vector<TypeEntry> details;
};

// One level of nesting, with its index spaces.
struct Scope {
  enum class Kind : std::uint8_t { Component, ComponentType, InstanceType };
  Kind kind = Kind::Component;

  std::vector<TypeEntry> types;
  std::vector<FunctionId> functions;
  std::vector<InstanceId> instances;
  std::vector<ShapeIndex> components;
  // Core items and values are only counted. Indexed by binary::Sort.
  std::array<std::uint64_t, 13> counts{};

  // The result so far.
  Shape shape;
  // The size of its imports and exports (BoundedTypes::count_item).
  std::uint64_t size = 0;
  // The types that were passed for one type of a component.
  SameTypes same;
  // The uniqueness keys of the names so far.
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
