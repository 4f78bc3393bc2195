// Custom sections that a linker shows or writes: names for debugging, producers, and the texts of
// the tool conventions (`version`, `description`, ...). They do not affect execution, so a
// malformed section is not an error: it is read up to the mistake.
//
// Lifetime: names are views into the bytes that were read, or into the caller's text.
// Source: component-model Binary.md, "Name Section"; tool-conventions ProducersSection.md; the core
// specification, appendix "Name Section".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "support/byte_writer.h"

namespace tenon::binary {

struct ProducerValue {
  std::string_view name;     // such as "rustc"
  std::string_view version;  // may be empty

  bool operator==(const ProducerValue&) const = default;
};

// One field: "language", "processed-by" or "sdk".
struct ProducerField {
  std::string_view name;
  std::vector<ProducerValue> values;

  bool operator==(const ProducerField&) const = default;
};

using Producers = std::vector<ProducerField>;

// The contents of a `producers` section.
// producers ::= vec(field:<name> vec(value:<name> version:<name>))
Producers read_producers(std::span<const std::uint8_t> file, ByteSpan contents);
void write_producers(const Producers& producers, ByteWriter& out);

struct ItemName {
  std::uint32_t index = 0;
  std::string_view name;

  bool operator==(const ItemName&) const = default;
};

// The names of items of one sort.
struct SortNames {
  Sort sort = Sort::Func;
  std::vector<ItemName> names;

  bool operator==(const SortNames&) const = default;
};

// The contents of a `component-name` section, or of a module's `name` section (only its own name).
struct DebugNames {
  std::string_view self;         // the own name; may be empty
  std::vector<SortNames> items;  // in file order

  // The name of an item; empty if it has none.
  [[nodiscard]] std::string_view find(SortIndex item) const;
};

DebugNames read_component_names(std::span<const std::uint8_t> file, ByteSpan contents);
DebugNames read_module_names(std::span<const std::uint8_t> file, ByteSpan contents);
void write_component_names(const DebugNames& names, ByteWriter& out);

// A custom section that contains text: "authors", "description", "homepage", "licenses",
// "revision", "source", "version".
struct MetadataText {
  std::string_view key;
  std::string_view value;

  bool operator==(const MetadataText&) const = default;
};

struct Metadata {
  DebugNames names;
  Producers producers;
  std::vector<MetadataText> texts;  // in file order
};

// The metadata of one component or module, without that of nested ones.
Metadata read_metadata(std::span<const std::uint8_t> file, const Component& component);
Metadata read_metadata(std::span<const std::uint8_t> file, std::span<const CustomSection> sections);

}  // namespace tenon::binary
