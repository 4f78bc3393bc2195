// Reads composed bytes back and evaluates them, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "binary/custom_sections.h"
#include "binary/read_component.h"
#include "types/evaluate.h"
#include "types/uses.h"

namespace tenon::compose {

struct Composition {
  explicit Composition(const std::vector<std::uint8_t>& bytes) {
    const Result<binary::Component> read = binary::read_component(bytes);
    if (!read) {
      ADD_FAILURE() << read.error().front().message;
      return;
    }
    for (const binary::Definition& definition : read->definitions)
      if (std::holds_alternative<std::unique_ptr<binary::Component>>(definition)) ++components;
    const Result<types::ComponentType> evaluated = types::evaluate_component(*read, types);
    if (evaluated)
      type = *evaluated;
    else
      ADD_FAILURE() << evaluated.error().front().message;
    metadata = binary::read_metadata(bytes, *read);
  }

  [[nodiscard]] std::vector<std::string> import_names() const { return names(type.imports); }
  [[nodiscard]] std::vector<std::string> export_names() const { return names(type.exports); }
  static std::vector<std::string> names(const std::vector<types::RootItem>& items) {
    std::vector<std::string> names;
    for (const types::RootItem& item : items) names.push_back(item.name);
    return names;
  }
  types::RootRef find_export(std::string_view name) const {
    for (std::uint32_t i = 0; i < type.exports.size(); ++i)
      if (type.exports[i].name == name) return {types::Side::Export, i};
    ADD_FAILURE() << "no export " << name;
    return {types::Side::Export, 0};
  }
  // "request of press:web/types@1.0.0", for each type that an export uses.
  std::vector<std::string> uses(std::string_view export_name) const {
    std::vector<std::string> names;
    for (const types::Use& use : types::UseIndex(types, type).uses_of(find_export(export_name)))
      if (!use.name.empty())
        names.push_back(use.name + " of " + types::root_item(type, use.from).name);
    return names;
  }

  types::Types types;
  types::ComponentType type;
  binary::Metadata metadata;
  std::size_t components = 0;
};

// A component of the example application.
inline std::vector<std::uint8_t> read_guest(const std::string& name) {
  std::ifstream file(TENON_SOURCE_DIR "/examples/press/wasm/" + name + ".wasm", std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tenon::compose
