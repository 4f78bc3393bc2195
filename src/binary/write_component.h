// Writes component binaries.
//
// Every call appends one definition and returns its index. Adjacent definitions of the same kind
// share a section. The same calls always give the same bytes.
//
//   ComponentWriter out;
//   TypeWriter lib(TypeWriter::Kind::Instance);
//   const std::uint32_t func = lib.add_type(FuncDef{.result = Primitive::U32});
//   lib.export_item({"rate"}, {.kind = ExternDesc::Kind::Func, .index = func});
//
//   const std::uint32_t type = out.add_type(lib);
//   const std::uint32_t tax = out.import_item(
//       {"acme:tax/lib@1.2.0"}, {.kind = ExternDesc::Kind::Instance, .index = type});
//   const std::uint32_t cart = out.add_component(bytes, "cart");
//   const std::uint32_t unit =
//       out.instantiate(cart, {{"acme:tax/lib@1.2.0", {Sort::Instance, tax}}}, "cart");
//   const std::uint32_t api = out.alias_export(unit, Sort::Instance, "acme:cart/api@1.0.0");
//   out.export_item({"acme:cart/api@1.0.0"}, {Sort::Instance, api});
//   EncodedComponent component = std::move(out).finish();
//
// Indices, names and types are not validated. Text is copied by each call.
//
// Source: component-model Binary.md (docs/spec_versions.md).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "binary/custom_sections.h"
#include "binary/opcodes.h"
#include "support/byte_writer.h"

namespace tenon::binary {

inline constexpr std::size_t kSortCount = 13;

// The sizes of the index spaces of one scope.
class IndexSpaces {
 public:
  // Adds one item; returns its index.
  std::uint32_t add(Sort sort) { return sizes_[static_cast<std::size_t>(sort)]++; }
  void add(Sort sort, std::uint32_t count) { sizes_[static_cast<std::size_t>(sort)] += count; }
  [[nodiscard]] std::uint32_t size(Sort sort) const {
    return sizes_[static_cast<std::size_t>(sort)];
  }

 private:
  std::array<std::uint32_t, kSortCount> sizes_{};
};

class TypeWriter;

// A scope that type definitions can be added to: a component, a component type or an instance type.
// Indices are local to the scope; `alias_outer` refers to the scopes around it.
class TypeScope {
 public:
  virtual ~TypeScope() = default;

  // type ::= deftype. Returns the index in the scope's type index space.
  virtual std::uint32_t add_type(const TypeExpr& type) = 0;
  // Adds an instance or component type with all its declarations.
  virtual std::uint32_t add_type(const TypeWriter& type) = 0;
  // Returns the index in the index space of `sort`.
  virtual std::uint32_t alias_export(std::uint32_t instance, Sort sort, std::string_view name) = 0;
  // count: number of scopes outward; 0 is this scope.
  virtual std::uint32_t alias_outer(Sort sort, std::uint32_t count, std::uint32_t index) = 0;
  // REQUIRES: the scope is not an instance type; those have no imports.
  virtual std::uint32_t import_item(const Name& name, const ExternDesc& desc) = 0;

  [[nodiscard]] virtual const IndexSpaces& spaces() const = 0;
  [[nodiscard]] virtual KeepLabels keeps_labels() const = 0;
};

// An instancetype or componenttype under construction.
class TypeWriter final : public TypeScope {
 public:
  enum class Kind { Instance, Component };
  explicit TypeWriter(Kind kind, KeepLabels keep = KeepLabels::No);

  std::uint32_t add_type(const TypeExpr& type) override;
  std::uint32_t add_type(const TypeWriter& type) override;
  std::uint32_t alias_export(std::uint32_t instance, Sort sort, std::string_view name) override;
  std::uint32_t alias_outer(Sort sort, std::uint32_t count, std::uint32_t index) override;
  std::uint32_t import_item(const Name& name, const ExternDesc& desc) override;

  // exportdecl. Returns the index in the index space of the item's sort.
  std::uint32_t export_item(const Name& name, const ExternDesc& desc);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const IndexSpaces& spaces() const override { return spaces_; }
  [[nodiscard]] KeepLabels keeps_labels() const override { return body_.keeps_labels(); }

  // Writes the whole type (0x41 or 0x42, the count, the declarations).
  void write_to(ByteWriter& out) const;

 private:
  Kind kind_;
  IndexSpaces spaces_;
  std::uint32_t count_ = 0;
  ByteWriter body_;
};

// The position of a nested component or core module in the bytes. It maps the offset of a trap to a
// unit.
struct NestedBinary {
  std::uint32_t index = 0;  // in its component or core module index space
  ByteSpan span;            // includes the preamble

  bool operator==(const NestedBinary&) const = default;
};

struct EncodedComponent {
  std::vector<std::uint8_t> bytes;
  std::vector<NestedBinary> components;    // in the order of the calls
  std::vector<NestedBinary> core_modules;  // in the order of the calls
  std::vector<ByteLabel> labels;           // empty with KeepLabels::No; see `dump`
};

// A component under construction.
class ComponentWriter final : public TypeScope {
 public:
  explicit ComponentWriter(KeepLabels keep = KeepLabels::No);

  // debug_name: for the `component-name` section; may be empty. `bytes` is copied.
  std::uint32_t add_core_module(std::span<const std::uint8_t> bytes,
                                std::string_view debug_name = {});
  std::uint32_t add_component(std::span<const std::uint8_t> bytes,
                              std::string_view debug_name = {});
  // type: a core:deftype, such as a core:moduletype.
  std::uint32_t add_core_type(std::span<const std::uint8_t> type);
  // The same for the result of another writer, with its labels.
  std::uint32_t add_component(const EncodedComponent& component, std::string_view debug_name = {});

  std::uint32_t add_type(const TypeExpr& type) override;
  std::uint32_t add_type(const TypeWriter& type) override;
  std::uint32_t alias_export(std::uint32_t instance, Sort sort, std::string_view name) override;
  std::uint32_t alias_core_export(std::uint32_t core_instance, Sort sort, std::string_view name);
  std::uint32_t alias_outer(Sort sort, std::uint32_t count, std::uint32_t index) override;

  // Returns the index of the item in its sort's index space.
  std::uint32_t import_item(const Name& name, const ExternDesc& desc) override;
  // Returns the index that the export adds. For types, and for items with types, later definitions
  // must refer to this index and not to the original one.
  std::uint32_t export_item(const Name& name, SortIndex item,
                            const std::optional<ExternDesc>& ascription = std::nullopt);

  std::uint32_t instantiate(std::uint32_t component, const std::vector<InstantiateArg>& args,
                            std::string_view debug_name = {});
  // An instance that consists of existing items.
  std::uint32_t add_instance(const std::vector<InlineExport>& exports,
                             std::string_view debug_name = {});

  // Adds a definition that was read from `file`. Core modules, nested components, core types,
  // canonical functions and custom sections are copied as bytes, all others are encoded again.
  void copy_definition(const Definition& definition, std::span<const std::uint8_t> file);

  void add_custom_section(std::string_view name, std::span<const std::uint8_t> contents);
  // Set the name of the component, or of one of its items, for the `component-name` section.
  void set_debug_name(std::string_view name);
  void set_debug_name(SortIndex item, std::string_view name);
  // Sets the contents of the `producers` section.
  void set_producers(const Producers& producers);

  [[nodiscard]] const IndexSpaces& spaces() const override { return spaces_; }
  [[nodiscard]] KeepLabels keeps_labels() const override { return out_.keeps_labels(); }

  // Completes the component. The sections of names and producers, if any, come last.
  EncodedComponent finish() &&;

 private:
  struct Copier;

  ByteWriter& item(Section section);
  void flush();
  void write_section(Section section, const ByteWriter& contents);
  ByteSpan nest(Section section, std::span<const std::uint8_t> bytes,
                std::span<const ByteLabel> labels);
  std::uint32_t nest_component(std::span<const std::uint8_t> bytes,
                               std::span<const ByteLabel> labels, std::string_view debug_name);
  std::uint32_t append_instance(const InstanceDef& instance, std::string_view debug_name);
  void write_debug_names();

  ByteWriter out_;
  IndexSpaces spaces_;
  // The section under construction, the number of its definitions, and their bytes.
  Section section_ = Section::Custom;
  std::uint32_t count_ = 0;
  ByteWriter body_;
  std::vector<NestedBinary> components_;
  std::vector<NestedBinary> core_modules_;
  std::string debug_name_;
  std::array<std::map<std::uint32_t, std::string>, kSortCount> debug_names_;
  ByteWriter producers_;
};

}  // namespace tenon::binary
