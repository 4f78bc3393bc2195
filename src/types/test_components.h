// Builders for small components and types, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binary/read_component.h"
#include "binary/write_component.h"
#include "types/evaluate.h"
#include "types/type.h"

namespace tenon::types {

using Bytes = std::vector<std::uint8_t>;

inline constexpr binary::ExternDesc kSubResource{.kind = binary::ExternDesc::Kind::SubResource};
inline binary::ExternDesc eq(std::uint32_t type) {
  return {.kind = binary::ExternDesc::Kind::TypeEq, .index = type};
}
inline binary::ExternDesc func(std::uint32_t type) {
  return {.kind = binary::ExternDesc::Kind::Func, .index = type};
}
inline binary::ExternDesc instance(std::uint32_t type) {
  return {.kind = binary::ExternDesc::Kind::Instance, .index = type};
}

inline Result<ComponentType> evaluate_bytes(const Bytes& bytes, Types& types) {
  Result<binary::Component> component = binary::read_component(bytes);
  if (!component) return std::move(component).error();
  return evaluate_component(*component, types);
}

inline Result<ComponentType> evaluate(binary::ComponentWriter writer, Types& types) {
  return evaluate_bytes(std::move(writer).finish().bytes, types);
}

// The code of the first error; "" for a success.
template <class T>
std::string code_of(const Result<T>& result) {
  if (result) return "";
  return std::string(const_cast<Result<T>&>(result).error().front().code);
}

// A component of the source tree, such as "examples/press/wasm/site.wasm".
inline Bytes read_example(const std::string& path) {
  std::ifstream file(std::string(TENON_SOURCE_DIR) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The item of a root import or export. Fails the test if there is none with that name.
inline Item item_named(const std::vector<RootItem>& list, std::string_view name) {
  for (const RootItem& item : list)
    if (item.name == name) return item.item;
  ADD_FAILURE() << "no item " << name;
  return Unsupported{};
}

inline Item export_of(const Types& types, const Item& item, std::string_view name) {
  const auto* instance = std::get_if<InstanceId>(&item);
  const NamedItem* exported =
      instance == nullptr ? nullptr : types.instances[*instance].find_export(name);
  if (exported != nullptr) return exported->item;
  ADD_FAILURE() << "no export " << name;
  return Unsupported{};
}

inline ResourceId resource_of(const Item& item) {
  const auto* bound = std::get_if<TypeBound>(&item);
  const auto* id = bound == nullptr ? nullptr : std::get_if<ResourceId>(&bound->type);
  if (id != nullptr) return *id;
  ADD_FAILURE() << "not a resource";
  return {};
}

inline TypeId type_of(const Item& item) {
  const auto* bound = std::get_if<TypeBound>(&item);
  const auto* id = bound == nullptr ? nullptr : std::get_if<TypeId>(&bound->type);
  if (id != nullptr) return *id;
  ADD_FAILURE() << "not a value type";
  return {};
}

// An instance type with these exports.
inline InstanceId make_instance(Types& types, std::vector<NamedItem> exports) {
  Instance instance;
  for (NamedItem& item : exports) instance.add_export(std::move(item.name), item.item);
  return types.instances.add(std::move(instance));
}

inline FunctionId make_function(Types& types, std::vector<Field> params,
                                std::optional<TypeId> result = std::nullopt) {
  return types.functions.add({.params = std::move(params), .result = result});
}

}  // namespace tenon::types
